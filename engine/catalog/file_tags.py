"""Keywords of files as tags: put when a file is read, gone with it, never against the user."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Collection, Iterable, Sequence

from engine.catalog.tag_rows import IDS, path_parts
from engine.tag_types import TagId
from engine.types import PhotoId

_FACTS = (
    "SELECT p.id, k.value FROM photo p LEFT JOIN own_facts o ON o.photo_id = p.id"
    " LEFT JOIN metadata m ON m.photo_id = p.id"
    " JOIN json_each(coalesce(o.facts, m.facts, '{}'), '$.keywords') k"
)


def carry(
    db: sqlite3.Connection,
    photo_id: PhotoId,
    keywords: Sequence[str],
    hidden: Sequence[str] = (),
    *,
    anew: bool = False,
) -> bool:
    """Have a photo carry the tags that its file says, less those that the user refused.

    The user's own tag stays the user's. A machine's becomes the file's: it is no guess any more.

    Args:
        db: the catalog, writing.
        photo_id: the photo.
        keywords: paths of tags, as its file and sidecars have them.
        hidden: of its file, which a sidecar outweighs.
        anew: they were just read: what the user refused and no file says any more is forgotten,
            so that it counts once it is said again.

    Returns:
        Whether anything changed.

    Cost: 5 µs for a photo without keywords, 15 µs for each keyword.
    """
    had = {
        row[0]
        for row in db.execute(
            "SELECT tag_id FROM photo_tag WHERE photo_id = ? AND source = 'file'", (photo_id,)
        )
    }
    if anew:
        db.execute(
            "DELETE FROM keyword_refused WHERE photo_id = ?"
            " AND keyword NOT IN (SELECT value FROM json_each(?))",
            (photo_id, json.dumps([word.casefold() for word in (*keywords, *hidden)])),
        )
    if not had and not keywords:
        return False
    refused = {
        row[0]
        for row in db.execute("SELECT keyword FROM keyword_refused WHERE photo_id = ?", (photo_id,))
    }
    asked = (resolve(db, word, make=True) for word in keywords if word.casefold() not in refused)
    wanted = {tag_id for tag_id in asked if tag_id is not None}
    changed = False
    for tag_id in wanted - had:
        changed |= db.execute(
            "INSERT INTO photo_tag VALUES (?, ?, 'file', NULL, NULL, ?) ON CONFLICT DO UPDATE"
            " SET source = 'file', run_id = NULL, score = NULL"
            " WHERE source IN ('zero_shot', 'detection')",
            (photo_id, tag_id, time.time()),
        ).rowcount > 0  # fmt: skip
    gone = had - wanted
    db.executemany(
        "DELETE FROM photo_tag WHERE photo_id = ? AND tag_id = ? AND source = 'file'",
        [(photo_id, tag_id) for tag_id in gone],
    )
    _prune(db, gone)
    return changed or bool(gone)


def resolve(db: sqlite3.Connection, keyword: str, *, make: bool) -> TagId | None:
    """The tag that a keyword means: of its path, or what the user made of that tag since.

    Returns:
        None for what can be no tag, and where there is none and none is made.
    """
    try:
        parts = path_parts(keyword)
    except ValueError:
        return None
    found: TagId | None = None
    for part in parts:
        below = (found or 0, part.casefold())
        row = db.execute(
            "SELECT id FROM tag WHERE ifnull(parent_id, 0) = ?1 AND folded_name = ?2"
            " UNION ALL SELECT tag_id FROM tag_alias WHERE parent_id = ?1 AND folded_name = ?2",
            below,
        ).fetchone()
        if row is None:
            if not make:
                return None
            row = db.execute(
                "INSERT INTO tag(parent_id, name, folded_name, by_file) VALUES (?, ?, ?, 1)"
                " RETURNING id",
                (found, part, below[1]),
            ).fetchone()
        found = row[0]
    return found


def follow_renamed(db: sqlite3.Connection, tag_id: TagId, into: TagId) -> None:
    """The user renames a tag or merges it into another: its keyword means that from now on.

    To be called before it is done.
    """
    db.execute(
        "INSERT OR REPLACE INTO tag_alias SELECT ifnull(parent_id, 0), folded_name, ? FROM tag"
        " WHERE id = ?",
        (into, tag_id),
    )
    db.execute("UPDATE tag_alias SET tag_id = ? WHERE tag_id = ?", (into, tag_id))


def refuse(
    db: sqlite3.Connection, tags: Iterable[TagId], ids: Iterable[PhotoId]
) -> tuple[tuple[PhotoId, str, bool], ...]:
    """The user takes tags off photos: keywords that mean these do not put them on again.

    Returns:
        What was refused before: photo, keyword, whether it was.

    Cost: 30 ms for 10,000 photos without keywords.
    """
    unwanted = set(tags)
    said: list[tuple[PhotoId, str]] = db.execute(
        f"{_FACTS} WHERE p.id IN {IDS}", (json.dumps(list(ids)),)
    ).fetchall()
    means = {word: resolve(db, word, make=False) in unwanted for word in {row[1] for row in said}}
    rows = [(photo_id, word.casefold()) for photo_id, word in said if means[word]]
    before = refused(db, rows)
    db.executemany("INSERT OR IGNORE INTO keyword_refused VALUES (?, ?)", rows)
    return before


def refused(
    db: sqlite3.Connection, keys: Iterable[tuple[PhotoId, str]]
) -> tuple[tuple[PhotoId, str, bool], ...]:
    """Whether these keywords are refused now."""
    return tuple(
        (
            *key,
            db.execute(
                "SELECT 1 FROM keyword_refused WHERE photo_id = ? AND keyword = ?", key
            ).fetchone()
            is not None,
        )
        for key in keys
    )


def set_refused(db: sqlite3.Connection, rows: Iterable[tuple[PhotoId, str, bool]]) -> None:
    """Make refusals what `rows` say; photos may be gone since."""
    for photo_id, keyword, is_refused in rows:
        if is_refused:
            db.execute(
                "INSERT OR IGNORE INTO keyword_refused SELECT id, ? FROM photo WHERE id = ?",
                (keyword, photo_id),
            )
        else:
            db.execute(
                "DELETE FROM keyword_refused WHERE photo_id = ? AND keyword = ?",
                (photo_id, keyword),
            )


def move_refused(db: sqlite3.Connection, old: PhotoId, new: PhotoId) -> None:
    """Give `old` what the user refused on `new`."""
    db.execute(
        "INSERT OR IGNORE INTO keyword_refused SELECT ?, keyword FROM keyword_refused"
        " WHERE photo_id = ?",
        (old, new),
    )


def _prune(db: sqlite3.Connection, tags: Collection[TagId]) -> None:
    """Forget tags that were made for keywords and that nobody uses, and their parents likewise."""
    waiting: list[TagId | None] = list(tags)
    while waiting:
        row = db.execute(
            "DELETE FROM tag WHERE id = ?1 AND by_file AND colour = ''"
            " AND NOT EXISTS (SELECT 1 FROM photo_tag WHERE tag_id = ?1)"
            " AND NOT EXISTS (SELECT 1 FROM tag WHERE parent_id = ?1)"
            " AND NOT EXISTS (SELECT 1 FROM tag_alias WHERE tag_id = ?1)"
            " AND NOT EXISTS (SELECT 1 FROM category WHERE tag_id = ?1)"
            " AND NOT EXISTS (SELECT 1 FROM merged_tag WHERE tag_id = ?1)"
            " AND NOT EXISTS (SELECT 1 FROM tag_run_removed WHERE tag_id = ?1)"
            " RETURNING parent_id",
            (waiting.pop(),),
        ).fetchone()
        if row is not None and row[0] is not None:
            waiting.append(row[0])
