"""What the user marks photos with. It outweighs what their files say of themselves."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence
from typing import TypeAlias

from engine.catalog import given_facts
from engine.catalog.photo_rows import text
from engine.catalog.store import Store
from engine.mark_types import Flag, Marks, MarkUndo
from engine.types import Aspect, PhotoId

_IDS = "(SELECT value FROM json_each(?))"
Row: TypeAlias = tuple[PhotoId, str, tuple[object, ...] | None]


class MarkTable:
    """Rows of `mark`. A photo without one is as its file says."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, ids: Sequence[PhotoId]) -> dict[PhotoId, Marks]:
        """The marks of photos; one without any is left out. Cost: 1 ms for 200."""
        asked = json.dumps(list(ids))
        with self._store.read() as db:
            facts = db.execute(
                "SELECT photo_id, ifnull(json_extract(facts, '$.rating'), 0),"  # noqa: S608
                " ifnull(json_extract(facts, '$.caption'), ''),"
                " ifnull(json_extract(facts, '$.title'), '')"
                f" FROM metadata WHERE photo_id IN {_IDS}",
                (asked,),
            ).fetchall()
            said = db.execute(
                f"SELECT photo_id, name, value FROM mark WHERE photo_id IN {_IDS}",  # noqa: S608
                (asked,),
            ).fetchall()
        own: dict[PhotoId, dict[str, object]] = {}
        for photo_id, name, value in said:
            own.setdefault(photo_id, {})[name] = value
        told = {row[0]: row[1:] for row in facts if any(row[1:])}
        return {
            photo_id: _marks(told.get(photo_id, (0, "", "")), own.get(photo_id, {}))
            for photo_id in ids
            if photo_id in own or photo_id in told
        }

    def put(self, ids: Sequence[PhotoId], name: str, value: int | str | None) -> MarkUndo:
        """Mark photos; None: the user says nothing (any more). Ids that mean nothing are ignored.

        Cost: .2 s for 10,000.
        """
        asked = json.dumps(list(ids))
        with self._store.write() as db:
            undo = MarkUndo(marks=_rows(db, name, ids))
            if value is None:
                db.execute(
                    f"DELETE FROM mark WHERE name = ? AND photo_id IN {_IDS}",  # noqa: S608
                    (name, asked),
                )
            else:
                if isinstance(value, str):
                    value = text(value)
                db.execute(
                    "INSERT OR REPLACE INTO mark SELECT id, ?, ?, ? FROM photo"  # noqa: S608
                    f" WHERE id IN {_IDS}",
                    (name, value, time.time(), asked),
                )
            if name in given_facts.SAID:
                given_facts.said(db, ids)
            self._store.changed(ids, Aspect.MARK)
        return undo

    def restore(self, rows: Sequence[Row]) -> MarkUndo:
        """Bring rows back to how they were; of photos that are gone none come again."""
        by_name: dict[str, list[PhotoId]] = {}
        for photo_id, name, _ in rows:
            by_name.setdefault(name, []).append(photo_id)
        with self._store.write() as db:
            inverse = tuple(row for name, ids in by_name.items() for row in _rows(db, name, ids))
            db.executemany(
                "DELETE FROM mark WHERE photo_id = ? AND name = ?", [row[:2] for row in rows]
            )
            db.executemany(
                "INSERT INTO mark SELECT id, ?, ?, ? FROM photo WHERE id = ?",
                [(name, *row, photo_id) for photo_id, name, row in rows if row is not None],
            )
            facts = [i for name, ids in by_name.items() if name in given_facts.SAID for i in ids]
            given_facts.said(db, facts)
            self._store.changed({row[0] for row in rows}, Aspect.MARK)
        return MarkUndo(marks=inverse)


def move_marks(db: sqlite3.Connection, old: PhotoId, new: PhotoId) -> bool:
    """Give `old` the marks of `new` where it has none, and its albums. Returns: whether any."""
    moved = db.execute(
        "INSERT OR IGNORE INTO mark SELECT ?, name, value, said_at FROM mark WHERE photo_id = ?",
        (old, new),
    ).rowcount
    moved += db.execute(
        "UPDATE OR IGNORE album_photo SET photo_id = ? WHERE photo_id = ?", (old, new)
    ).rowcount
    given_facts.said(db, [old])
    return moved > 0


def _rows(db: sqlite3.Connection, name: str, ids: Sequence[PhotoId]) -> tuple[Row, ...]:
    """The marks of this name as they are now."""
    found: dict[PhotoId, tuple[object, ...]] = {
        row[0]: row[1:]
        for row in db.execute(
            f"SELECT photo_id, value, said_at FROM mark WHERE name = ? AND photo_id IN {_IDS}",  # noqa: S608
            (name, json.dumps(list(ids))),
        )
    }
    return tuple((photo_id, name, found.get(photo_id)) for photo_id in dict.fromkeys(ids))


def _marks(told: tuple[int, str, str], own: dict[str, object]) -> Marks:
    """What the file and the user say together; a file says with -1 stars that it is rejected."""
    rating, caption, title = told
    flag = own.get("flag", Flag.REJECTED.value if rating < 0 else Flag.NONE.value)
    return Marks(
        max(0, rating), Flag(flag), bool(own.get("favourite")), caption, title, frozenset(own)
    )
