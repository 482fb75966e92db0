"""Between tag rows and values: paths of tags, snapshots to undo with, answers by content."""

from __future__ import annotations

import json
import sqlite3
import time
import unicodedata
from collections.abc import Collection, Iterable, Sequence

from engine.catalog.photo_rows import text
from engine.tag_types import CategoryId, TagId, TagUndo
from engine.types import PhotoId

IDS = "(SELECT value FROM json_each(?))"
LINK_COLUMNS = "source, run_id, score, added_at"
TAG_COLUMNS = "parent_id, name, folded_name, colour, by_file"
_WITHDRAWN = "run_id, photo_id, tag_id, source, earlier_run_id, score, added_at"
ANSWER_COLUMNS = "photo_id, accepted, answered_at"
_LONGEST = 200  # characters of a name
_DEEPEST = 8


def clean_name(name: str) -> str:
    """A name as it is kept: one form of each letter, no control signs, single spaces.

    Raises:
        ValueError: nothing is left, or too much; one sentence.
    """
    shown = "".join(
        " " if letter.isspace() else letter
        for letter in unicodedata.normalize("NFC", text(name))
        if letter.isspace() or unicodedata.category(letter) not in ("Cc", "Cf", "Cs")
        or letter == "\u200d"  # joins emoji
    )  # fmt: skip
    shown = " ".join(shown.split())
    if not shown:
        raise ValueError("A name needs at least one letter.")
    if len(shown) > _LONGEST:
        raise ValueError(f"A name can have {_LONGEST} letters at most.")
    return shown


def path_parts(path: str) -> list[str]:
    """The names of a tag's path, parents first. Raises ValueError in one sentence."""
    parts = [clean_name(part) for part in path.split("/") if part.strip()]
    if not parts:
        raise ValueError("A tag needs a name.")
    if len(parts) > _DEEPEST:
        raise ValueError(f"Tags can lie {_DEEPEST} deep at most.")
    return parts


def find_tag(db: sqlite3.Connection, parts: Sequence[str]) -> TagId | None:
    """The tag with this path, without regard to case."""
    found: TagId | None = None
    for part in parts:
        row = db.execute(
            "SELECT id FROM tag WHERE ifnull(parent_id, 0) = ? AND folded_name = ?",
            (found or 0, part.casefold()),
        ).fetchone()
        if row is None:
            return None
        found = row[0]
    return found


def ensure_tag(db: sqlite3.Connection, parts: Sequence[str]) -> tuple[TagId | None, list[TagId]]:
    """The tag with this path, made with its parents where they lack. Returns also the new ones."""
    found: TagId | None = None
    fresh: list[TagId] = []
    for part in parts:
        row = db.execute(
            "INSERT INTO tag(parent_id, name, folded_name) VALUES (?, ?, ?)"
            " ON CONFLICT DO NOTHING RETURNING id",
            (found, part, part.casefold()),
        ).fetchone()
        if row is not None:
            fresh.append(row[0])
        else:
            row = db.execute(
                "SELECT id FROM tag WHERE ifnull(parent_id, 0) = ? AND folded_name = ?",
                (found or 0, part.casefold()),
            ).fetchone()
        found = row[0]
    return found, fresh


def subtree(db: sqlite3.Connection, tags: Iterable[TagId]) -> list[TagId]:
    """These tags and all below them."""
    return [
        row[0]
        for row in db.execute(
            "WITH RECURSIVE below(id) AS (SELECT value FROM json_each(?)"
            " UNION SELECT t.id FROM tag t JOIN below b ON t.parent_id = b.id)"
            " SELECT id FROM below",
            (json.dumps(list(tags)),),
        )
    ]


def check_depth(db: sqlite3.Connection, tag_id: TagId, depth: int) -> None:
    """ValueError: with this tag at a depth, something below it would lie too deep."""
    deepest = db.execute(
        "WITH RECURSIVE below(id, depth) AS (VALUES (?1, ?2) UNION ALL SELECT t.id, b.depth + 1"
        " FROM tag t JOIN below b ON t.parent_id = b.id) SELECT max(depth) FROM below",
        (tag_id, depth),
    ).fetchone()[0]
    if deepest > _DEEPEST:
        raise ValueError(f"Tags can lie {_DEEPEST} deep at most.")


def paths(db: sqlite3.Connection) -> dict[TagId, str]:
    """The path of every tag."""
    rows = {row[0]: row[1:] for row in db.execute("SELECT id, parent_id, name FROM tag")}
    found: dict[TagId, str] = {}

    def path_of(tag_id: TagId) -> str:
        if tag_id not in found:
            parent, name = rows[tag_id]
            found[tag_id] = name if parent is None else f"{path_of(parent)}/{name}"
        return found[tag_id]

    for tag_id in rows:
        path_of(tag_id)
    return found


def move_tags(db: sqlite3.Connection, old: PhotoId, new: PhotoId) -> bool:
    """Give `old` the tags and answers of `new`; what the user put wins. Returns: whether any."""
    moved = db.execute(
        "INSERT INTO photo_tag SELECT ?1, tag_id, source, run_id, score, added_at FROM photo_tag"
        " WHERE photo_id = ?2 ON CONFLICT DO UPDATE SET source = 'user', run_id = NULL,"
        " score = NULL, added_at = excluded.added_at"
        " WHERE excluded.source = 'user' AND source <> 'user' RETURNING tag_id",
        (old, new),
    ).fetchall()
    db.execute("UPDATE answer SET photo_id = ? WHERE photo_id = ?", (old, new))
    db.execute(
        "INSERT OR IGNORE INTO category_example SELECT category_id, ? FROM category_example"
        " WHERE photo_id = ?",
        (old, new),
    )
    return bool(moved)


# ---- answers -------------------------------------------------------------------------------------


def note_answers(
    db: sqlite3.Connection, category_id: CategoryId, ids: Sequence[PhotoId], accepted: bool | None
) -> TagUndo:
    """Note what the user said of photos; None takes answers back. Unread photos are left out."""
    contents: list[tuple[bytes, PhotoId]] = db.execute(
        "SELECT content_hash, min(id) FROM photo WHERE content_hash IS NOT NULL"  # noqa: S608
        f" AND id IN {IDS} GROUP BY content_hash",
        (json.dumps(list(ids)),),
    ).fetchall()
    keys = [(category_id, digest) for digest, _ in contents]
    if accepted is None:
        # an answer may also be held by the photo, its bytes having changed since
        held: list[bytes] = [
            row[0]
            for row in db.execute(
                f"SELECT content_hash FROM answer WHERE category_id = ? AND photo_id IN {IDS}",  # noqa: S608
                (category_id, json.dumps(list(ids))),
            )
        ]
        keys = [(category_id, digest) for digest in {*held, *(digest for _, digest in keys)}]
    before = snapshot_answers(db, keys)
    if accepted is None:
        db.executemany("DELETE FROM answer WHERE category_id = ? AND content_hash = ?", keys)
    else:
        now = time.time()
        db.executemany(
            "INSERT OR REPLACE INTO answer VALUES (?, ?, ?, ?, ?)",
            [(category_id, digest, photo_id, int(accepted), now) for digest, photo_id in contents],
        )
    return TagUndo(answers=before)


def snapshot_answers(
    db: sqlite3.Connection, keys: Sequence[tuple[CategoryId, bytes]]
) -> tuple[tuple[CategoryId, bytes, tuple[object, ...] | None], ...]:
    """These answers as they are."""
    return tuple(
        (
            *key,
            db.execute(
                f"SELECT {ANSWER_COLUMNS} FROM answer WHERE category_id = ? AND content_hash = ?",  # noqa: S608
                key,
            ).fetchone(),
        )
        for key in keys
    )


def answered(db: sqlite3.Connection, category_id: CategoryId) -> list[tuple[PhotoId, bool, float]]:
    """Every photo with an answer: of the same bytes, or the very photo after its bytes changed.

    Copies are all told; where both ways lead to an answer, that of the bytes holds.
    """
    return db.execute(
        "SELECT p.id, a.accepted, a.answered_at FROM answer a"
        " JOIN photo p ON p.content_hash = a.content_hash WHERE a.category_id = ?1"
        " UNION ALL SELECT p.id, a.accepted, a.answered_at FROM answer a"
        " JOIN photo p ON p.id = a.photo_id WHERE a.category_id = ?1"
        " AND p.content_hash IS NOT a.content_hash AND NOT EXISTS (SELECT 1 FROM answer o"
        "  WHERE o.category_id = ?1 AND o.content_hash = p.content_hash)",
        (category_id,),
    ).fetchall()


# ---- undo ----------------------------------------------------------------------------------------


def snapshot_links(
    db: sqlite3.Connection, tag_id: TagId, ids: Sequence[PhotoId] | None = None
) -> tuple[tuple[PhotoId, TagId, tuple[object, ...] | None], ...]:
    """The links of a tag to these photos, or to all that have it, as they are."""
    rows = db.execute(
        f"SELECT photo_id, {LINK_COLUMNS} FROM photo_tag WHERE tag_id = ?1"  # noqa: S608
        " AND (?2 IS NULL OR photo_id IN (SELECT value FROM json_each(?2)))",
        (tag_id, None if ids is None else json.dumps(list(ids))),
    ).fetchall()
    found: dict[PhotoId, tuple[object, ...]] = {row[0]: row[1:] for row in rows}
    asked: Collection[PhotoId] = found if ids is None else dict.fromkeys(ids)
    return tuple((photo_id, tag_id, found.get(photo_id)) for photo_id in asked)


def snapshot_tags(db: sqlite3.Connection, tags: Iterable[TagId]) -> TagUndo:
    """These tags with all their links, which categories use them, and what runs took off."""
    tags = list(tags)
    packed = json.dumps(tags)
    rows: dict[TagId, tuple[object, ...]] = {
        row[0]: row[1:]
        for row in db.execute(f"SELECT id, {TAG_COLUMNS} FROM tag WHERE id IN {IDS}", (packed,))  # noqa: S608
    }
    return TagUndo(
        tags=tuple((tag_id, rows.get(tag_id)) for tag_id in tags),
        links=tuple(link for tag_id in tags for link in snapshot_links(db, tag_id)),
        categories=tuple(
            db.execute(f"SELECT id, tag_id FROM category WHERE tag_id IN {IDS}", (packed,))  # noqa: S608
        ),
        aliases=tuple(
            db.execute(
                "SELECT parent_id, folded_name, tag_id FROM tag_alias"  # noqa: S608
                f" WHERE tag_id IN {IDS} UNION SELECT ifnull(t.parent_id, 0), t.folded_name,"
                " (SELECT a.tag_id FROM tag_alias a WHERE a.parent_id = ifnull(t.parent_id, 0)"
                f"  AND a.folded_name = t.folded_name) FROM tag t WHERE t.id IN {IDS}",
                (packed, packed),
            )
        ),
        withdrawn=tuple(
            db.execute(f"SELECT {_WITHDRAWN} FROM tag_run_removed WHERE tag_id IN {IDS}", (packed,))  # noqa: S608
        ),
    )


def together(*parts: TagUndo) -> TagUndo:
    """Several steps as one; the first to speak of a row is the oldest and wins."""

    def first(rows: Iterable[tuple[object, ...]], key: int) -> tuple[tuple[object, ...], ...]:
        found: dict[tuple[object, ...], tuple[object, ...]] = {}
        for row in rows:
            found.setdefault(row[:key], row)
        return tuple(found.values())

    return TagUndo(
        tags=first((row for part in parts for row in part.tags), 1),  # pyright: ignore[reportArgumentType]
        links=first((row for part in parts for row in part.links), 2),  # pyright: ignore[reportArgumentType]
        answers=first((row for part in parts for row in part.answers), 2),  # pyright: ignore[reportArgumentType]
        categories=first((row for part in parts for row in part.categories), 1),  # pyright: ignore[reportArgumentType]
        refused=first((row for part in parts for row in part.refused), 2),  # pyright: ignore[reportArgumentType]
        aliases=first((row for part in parts for row in part.aliases), 2),  # pyright: ignore[reportArgumentType]
        withdrawn=first((row for part in parts for row in part.withdrawn), 3),
    )


def inverse_of(db: sqlite3.Connection, undo: TagUndo) -> TagUndo:
    """What is now in the places that `undo` will write."""
    by_tag: dict[TagId, list[PhotoId]] = {}
    for photo_id, tag_id, _ in undo.links:
        by_tag.setdefault(tag_id, []).append(photo_id)
    tags = snapshot_tags(db, [tag_id for tag_id, _ in undo.tags])
    new = {tag_id for tag_id, row in undo.tags if row is None}
    return together(
        TagUndo(
            tags=tags.tags,
            aliases=(*_aliases(db, undo), *tags.aliases),
            withdrawn=tags.withdrawn,
            links=tuple(
                link for tag_id, ids in by_tag.items() for link in snapshot_links(db, tag_id, ids)
            ),
            answers=snapshot_answers(db, [key[:2] for key in undo.answers]),
            categories=tuple(
                row
                for category_id, _ in undo.categories
                for row in db.execute(
                    "SELECT id, tag_id FROM category WHERE id = ?", (category_id,)
                )
            ),
        ),
        TagUndo(links=tuple(link for link in tags.links if link[1] in new)),
    )


def _aliases(db: sqlite3.Connection, undo: TagUndo) -> list[tuple[int, str, TagId | None]]:
    """Where these keywords lead now."""
    found: list[tuple[int, str, TagId | None]] = []
    for *key, _ in undo.aliases:
        row = db.execute(
            "SELECT tag_id FROM tag_alias WHERE parent_id = ? AND folded_name = ?", key
        ).fetchone()
        found.append((*key, row[0] if row else None))  # pyright: ignore[reportArgumentType]
    return found


def write_back(db: sqlite3.Connection, undo: TagUndo) -> None:
    """Make all rows what `undo` says they were."""
    db.execute("PRAGMA defer_foreign_keys = ON")  # a child may come before its parent
    instead: dict[TagId | None, TagId | None] = {}  # a tag of that name was made meanwhile
    for tag_id, row in undo.tags:
        if row is not None:
            parent, *rest = row
            parent = instead.get(parent, parent)  # pyright: ignore[reportArgumentType, reportCallIssue]
            taken = db.execute(
                "SELECT id FROM tag WHERE ifnull(parent_id, 0) = ifnull(?, 0)"
                " AND folded_name = ? AND id <> ?",
                (parent, rest[1], tag_id),
            ).fetchone()
            if taken is not None and not _exists(db, tag_id):
                instead[tag_id] = taken[0]
                continue
            db.execute(
                f"INSERT INTO tag(id, {TAG_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT(id)"  # noqa: S608
                f" DO UPDATE SET ({TAG_COLUMNS}) = (excluded.parent_id, excluded.name,"
                " excluded.folded_name, excluded.colour, excluded.by_file)",
                (tag_id, parent, *rest),
            )
    for parent_id, name, tag_id in undo.aliases:
        key = (instead.get(TagId(parent_id), parent_id), name)
        db.execute("DELETE FROM tag_alias WHERE parent_id = ? AND folded_name = ?", key)
        db.execute(
            "INSERT INTO tag_alias SELECT ?, ?, id FROM tag WHERE id = ?",
            (*key, instead.get(tag_id, tag_id)),
        )
    for category_id, tag_id in undo.categories:
        db.execute(
            "UPDATE category SET tag_id = ? WHERE id = ?",
            (instead.get(tag_id, tag_id), category_id),
        )
    links = [(photo_id, instead.get(tag_id, tag_id), row) for photo_id, tag_id, row in undo.links]
    db.executemany(
        "DELETE FROM photo_tag WHERE photo_id = ? AND tag_id = ?",
        [link[:2] for link in links],
    )
    # Photos may be gone since, runs taken back: their rows do not come again.
    db.executemany(
        "INSERT INTO photo_tag SELECT ?1, ?2, ?3, ?4, ?5, ?6"
        " WHERE EXISTS (SELECT 1 FROM photo WHERE id = ?1)"
        " AND EXISTS (SELECT 1 FROM tag WHERE id = ?2)"
        " AND (?4 IS NULL OR EXISTS (SELECT 1 FROM tag_run WHERE id = ?4 AND undone_at IS NULL))",
        [(photo_id, tag_id, *row) for photo_id, tag_id, row in links if row is not None],
    )
    db.executemany(
        f"INSERT OR IGNORE INTO tag_run_removed({_WITHDRAWN}) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7"  # noqa: S608
        " WHERE EXISTS (SELECT 1 FROM tag_run WHERE id = ?1 AND undone_at IS NULL)"
        " AND EXISTS (SELECT 1 FROM photo WHERE id = ?2)"
        " AND EXISTS (SELECT 1 FROM tag WHERE id = ?3)",
        [(run, photo, instead.get(tag, tag), *rest) for run, photo, tag, *rest in undo.withdrawn],  # pyright: ignore[reportArgumentType, reportCallIssue]
    )
    db.executemany(
        "DELETE FROM answer WHERE category_id = ? AND content_hash = ?",
        [key[:2] for key in undo.answers],
    )
    db.executemany(
        "INSERT INTO answer SELECT ?1, ?2, (SELECT id FROM photo WHERE id = ?3), ?4, ?5"
        " WHERE EXISTS (SELECT 1 FROM category WHERE id = ?1)",
        [(*key, *row) for *key, row in undo.answers if row is not None],
    )
    for tag_id, row in reversed(undo.tags):
        if row is None:  # made by what is undone; kept where something else uses it now
            db.execute(
                "DELETE FROM tag WHERE id = ?1"
                " AND NOT EXISTS (SELECT 1 FROM photo_tag WHERE tag_id = ?1)"
                " AND NOT EXISTS (SELECT 1 FROM category WHERE tag_id = ?1)"
                " AND NOT EXISTS (SELECT 1 FROM tag WHERE parent_id = ?1)",
                (tag_id,),
            )


def _exists(db: sqlite3.Connection, tag_id: TagId) -> bool:
    return db.execute("SELECT 1 FROM tag WHERE id = ?", (tag_id,)).fetchone() is not None
