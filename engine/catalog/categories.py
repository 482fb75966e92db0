"""Categories, their sets, and what the user answered to them."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from engine.catalog.photo_rows import text
from engine.catalog.store import Store
from engine.catalog.tag_rows import (
    answered,
    clean_name,
    ensure_tag,
    note_answers,
    path_parts,
    paths,
    snapshot_answers,
    together,
)
from engine.catalog.tags import put_links, take_links
from engine.tag_types import (
    Answer,
    Category,
    CategoryId,
    CategorySet,
    Mode,
    SetId,
    TagId,
    TagUndo,
)
from engine.types import Aspect, PhotoId

_SET = "id, name, exclusive, template, contrast"
_CATEGORY = "id, set_id, name, prompts, mode, threshold, colour, target, learning, tag_id"


class Categories:
    """What the user sorts by. Removed ones are kept out of sight, so that all can be undone."""

    def __init__(self, store: Store) -> None:
        self._store = store

    # ---- sets --------------------------------------------------------------------------------

    def sets(self) -> list[CategorySet]:
        """All sets, the oldest first."""
        with self._store.read() as db:
            rows = db.execute(
                f"SELECT {_SET} FROM category_set WHERE removed_at IS NULL ORDER BY id"  # noqa: S608
            ).fetchall()
        return [_set(row) for row in rows]

    def add_set(self, entry: CategorySet) -> CategorySet:
        """A new set; its `id` is given here. ValueError: there is one of this name."""
        with self._store.write() as db:
            row = _or_taken(
                db,
                entry.name,
                "INSERT INTO category_set(name, folded_name, exclusive, template, contrast)"
                " VALUES (?, ?, ?, ?, ?) RETURNING id",
                _set_row(entry),
            )
            self._store.changed((), Aspect.TAG)
        return replace(entry, id=row[0], name=clean_name(entry.name))

    def change_set(self, entry: CategorySet) -> None:
        """Keep what a set is now. ValueError: another one has this name."""
        with self._store.write() as db:
            _or_taken(
                db,
                entry.name,
                "UPDATE category_set SET (name, folded_name, exclusive, template, contrast)"
                " = (?, ?, ?, ?, ?) WHERE id = ? RETURNING id",
                (*_set_row(entry), entry.id),
            )
            self._store.changed((), Aspect.TAG)

    def remove_set(self, set_id: SetId) -> list[CategoryId]:
        """Take a set and its categories out of sight. Returns: the categories, for `restore`."""
        with self._store.write() as db:
            now = time.time()
            db.execute("UPDATE category_set SET removed_at = ? WHERE id = ?", (now, set_id))
            rows = db.execute(
                "UPDATE category SET removed_at = ? WHERE set_id = ? AND removed_at IS NULL"
                " RETURNING id",
                (now, set_id),
            ).fetchall()
            self._store.changed((), Aspect.TAG)
        return [row[0] for row in rows]

    # ---- categories --------------------------------------------------------------------------

    def all(self, set_id: SetId | None = None) -> list[Category]:
        """The categories of a set or of all, the oldest first."""
        with self._store.read() as db:
            rows = db.execute(
                f"SELECT {_CATEGORY} FROM category WHERE removed_at IS NULL"  # noqa: S608
                " AND (?1 IS NULL OR set_id = ?1) ORDER BY set_id, id",
                (set_id,),
            ).fetchall()
            examples: dict[CategoryId, list[PhotoId]] = {}
            for category_id, photo_id in db.execute(
                "SELECT category_id, photo_id FROM category_example ORDER BY photo_id"
            ):
                examples.setdefault(category_id, []).append(photo_id)
            by_id = paths(db)
        return [_category(row, examples.get(row[0], ()), by_id) for row in rows]

    def add(self, entry: Category) -> Category:
        """A new category; its `id` is given here, its tag is made.

        Raises:
            ValueError: there is one of this name, or a name that cannot be one.
        """
        with self._store.write() as db:
            name = clean_name(entry.name)
            tag_id, _ = ensure_tag(db, path_parts(entry.tag or name.replace("/", " ")))
            (category_id,) = _or_taken(
                db,
                name,
                "INSERT INTO category(set_id, name, folded_name, prompts, mode, threshold, colour,"
                " target, learning, tag_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                (entry.set_id, *_category_row(entry), tag_id),
            )
            _write_examples(db, category_id, entry.examples)
            self._store.changed((), Aspect.TAG)
        return next(found for found in self.all() if found.id == category_id)

    def change(self, entry: Category) -> None:
        """Keep what a category is now; with another `tag` it puts that from now on.

        Raises:
            ValueError: another one has this name, or a name that cannot be one.
        """
        with self._store.write() as db:
            name = clean_name(entry.name)
            tag_id, _ = ensure_tag(db, path_parts(entry.tag or name.replace("/", " ")))
            _or_taken(
                db,
                name,
                "UPDATE category SET (set_id, name, folded_name, prompts, mode, threshold, colour,"
                " target, learning, tag_id) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) WHERE id = ?"
                " RETURNING id",
                (entry.set_id, *_category_row(entry), tag_id, entry.id),
            )
            _write_examples(db, entry.id, entry.examples)
            self._store.changed((), Aspect.TAG)

    def remove(self, category_id: CategoryId) -> None:
        """Take a category out of sight; its tags stay on their photos."""
        with self._store.write() as db:
            db.execute(
                "UPDATE category SET removed_at = ? WHERE id = ?", (time.time(), category_id)
            )
            self._store.changed((), Aspect.TAG)

    def restore(self, ids: Sequence[CategoryId]) -> None:
        """Bring removed categories back, and their sets, with all answers."""
        with self._store.write() as db:
            for category_id in ids:
                row = db.execute("SELECT name FROM category WHERE id = ?", (category_id,))
                name = next((found[0] for found in row), "")
                db.execute(
                    "UPDATE category_set SET removed_at = NULL"
                    " WHERE id = (SELECT set_id FROM category WHERE id = ?)",
                    (category_id,),
                )
                _or_taken(
                    db,
                    name,
                    "UPDATE category SET removed_at = NULL WHERE id = ? RETURNING id",
                    (category_id,),
                )
            self._store.changed((), Aspect.TAG)

    # ---- answers -----------------------------------------------------------------------------

    def answers(self, category_id: CategoryId) -> list[Answer]:
        """What the user said of photos; of equal bytes all copies are told."""
        with self._store.read() as db:
            return [
                Answer(photo_id, bool(accepted), at)
                for photo_id, accepted, at in answered(db, category_id)
            ]

    def answer_counts(self) -> dict[CategoryId, tuple[int, int]]:
        """(accepted, rejected) of each category that has answers."""
        with self._store.read() as db:
            rows = db.execute(
                "SELECT category_id, sum(accepted), sum(NOT accepted) FROM answer"
                " GROUP BY category_id"
            ).fetchall()
        return {row[0]: (row[1], row[2]) for row in rows}

    def answer(
        self, category_id: CategoryId, ids: Sequence[PhotoId], accepted: bool | None
    ) -> TagUndo:
        """Note that photos belong to a category or do not.

        Accepted: they get its tag as the user's own. Rejected: they lose it, whoever put it.
        None: the answer is taken back, their tags stay as they are.
        """
        with self._store.write() as db:
            undo = note_answers(db, category_id, ids, accepted)
            row: tuple[TagId | None] | None = db.execute(
                "SELECT tag_id FROM category WHERE id = ?", (category_id,)
            ).fetchone()
            tag_id = row[0] if row else None
            if row is not None and tag_id is None and accepted:  # its tag was removed by hand
                tag_id, undo = _new_tag(db, category_id, undo)
            if tag_id is not None and accepted is not None:
                change = put_links if accepted else take_links
                undo = together(undo, change(db, ids, tag_id))
            self._store.changed(ids, Aspect.TAG)
        return undo

    def tag_of(self, category_id: CategoryId) -> TagId:
        """The tag that a category puts; made anew where it was removed by hand.

        Raises:
            ValueError: there is no such category.
        """
        with self._store.write() as db:
            row = db.execute("SELECT tag_id FROM category WHERE id = ?", (category_id,)).fetchone()
            if row is None:
                raise ValueError("It is not there any more.")
            if row[0] is not None:
                return row[0]
            tag_id, _ = _new_tag(db, category_id, TagUndo())
            assert tag_id is not None
            self._store.changed((), Aspect.TAG)
        return tag_id

    def forget_answers(self, category_id: CategoryId) -> TagUndo:
        """Take all answers back; tags stay as they are."""
        with self._store.write() as db:
            keys = db.execute(
                "SELECT category_id, content_hash FROM answer WHERE category_id = ?",
                (category_id,),
            ).fetchall()
            undo = TagUndo(answers=snapshot_answers(db, keys))
            db.execute("DELETE FROM answer WHERE category_id = ?", (category_id,))
            self._store.changed((), Aspect.TAG)
        return undo


def _new_tag(
    db: sqlite3.Connection, category_id: CategoryId, undo: TagUndo
) -> tuple[TagId | None, TagUndo]:
    (name,) = db.execute("SELECT name FROM category WHERE id = ?", (category_id,)).fetchone()
    tag_id, fresh = ensure_tag(db, path_parts(name.replace("/", " ")))
    db.execute("UPDATE category SET tag_id = ? WHERE id = ?", (tag_id, category_id))
    made = tuple((new, None) for new in fresh)
    return tag_id, together(undo, TagUndo(tags=made, categories=((category_id, None),)))


def _or_taken(
    db: sqlite3.Connection, name: str, sql: str, values: tuple[object, ...]
) -> tuple[Any, ...]:
    """The row that `sql` returns."""
    try:
        rows = db.execute(sql, values).fetchall()
    except sqlite3.IntegrityError as error:
        if "UNIQUE" not in str(error):
            raise
        raise ValueError(f"There is one called “{clean_name(name)}” already.") from error
    if not rows:
        raise ValueError("It is not there any more.")
    return rows[0]


def _set_row(entry: CategorySet) -> tuple[object, ...]:
    name = clean_name(entry.name)
    contrast = [text(prompt) for prompt in entry.contrast]
    return (
        name,
        name.casefold(),
        int(entry.exclusive),
        text(entry.template),
        json.dumps(contrast, ensure_ascii=False),
    )


def _set(row: tuple[Any, ...]) -> CategorySet:
    set_id, name, exclusive, template, contrast = row
    return CategorySet(set_id, name, bool(exclusive), template, tuple(json.loads(contrast)))


def _category_row(entry: Category) -> tuple[object, ...]:
    name = clean_name(entry.name)
    prompts = [text(prompt) for prompt in entry.prompts]
    return (
        name,
        name.casefold(),
        json.dumps(prompts, ensure_ascii=False),
        entry.mode.value,
        entry.threshold,
        text(entry.colour),
        text(entry.target),
        int(entry.learning),
    )


def _category(
    row: tuple[Any, ...], examples: Sequence[PhotoId], by_id: dict[TagId, str]
) -> Category:
    category_id, set_id, name, prompts, mode, threshold, colour, target, learning, tag_id = row
    return Category(
        id=category_id,
        set_id=set_id,
        name=name,
        prompts=tuple(json.loads(prompts)),
        examples=tuple(examples),
        mode=Mode(mode),
        threshold=threshold,
        colour=colour,
        target=target,
        learning=bool(learning),
        tag=by_id.get(tag_id, ""),
    )


def _write_examples(
    db: sqlite3.Connection, category_id: CategoryId, examples: Sequence[PhotoId]
) -> None:
    db.execute("DELETE FROM category_example WHERE category_id = ?", (category_id,))
    db.execute(
        "INSERT INTO category_example SELECT ?, id FROM photo"
        " WHERE id IN (SELECT value FROM json_each(?))",
        (category_id, json.dumps(list(examples))),
    )
