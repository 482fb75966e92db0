"""The files that could not be read, or only in part."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence

from engine.catalog.photo_rows import FROM_PHOTO, VISIBLE_FOLDERS, place, text
from engine.catalog.store import Store
from engine.types import Aspect, PhotoId, Problem


class Problems:
    """A list that the user can look at; a row goes when its file is read, changes or vanishes.

    Sidecars that cannot be read are among them; their photos are well.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> list[Problem]:
        """Every problem of a file that is there, the newest first."""
        with self._store.read() as db:
            rows = db.execute(
                "SELECT b.photo_id, r.path, f.relpath, p.name, b.reason, b.damaged, b.tried_at "
                + FROM_PHOTO
                + " JOIN problem b ON b.photo_id = p.id"
                " WHERE p.state <> 'missing' AND r.forgotten_at IS NULL"
                # A sidecar is told of once, though several photos may share it.
                " UNION ALL SELECT min(p.id), r.path, f.relpath, s.name, s.trouble, 0,"
                " max(s.read_ns) / 1e9 "
                + FROM_PHOTO
                + " JOIN sidecar s INDEXED BY sidecar_trouble ON s.photo_id = p.id"
                " WHERE s.trouble <> '' AND s.read_ns IS NOT NULL"
                " AND p.state <> 'missing' AND r.forgotten_at IS NULL"
                " GROUP BY f.id, s.name ORDER BY 7 DESC, 1"
            ).fetchall()
        return [
            Problem(
                photo_id=photo_id,
                path=place(root, folder, name),
                reason=reason,
                damaged=bool(damaged),
                tried_at=tried_at,
            )
            for photo_id, root, folder, name, reason, damaged, tried_at in rows
        ]

    def retry_passing(self, older_than_s: float) -> int:
        """Have files read again that could not be opened some time ago.

        A permission, a drive or a network may have come back without any change to the file.

        Returns:
            How many will be tried again.
        """
        with self._store.read() as db:
            rows = db.execute(
                "SELECT photo_id FROM problem WHERE passing = 1 AND tried_at <= ?",
                (time.time() - older_than_s,),
            ).fetchall()
            rows += db.execute(
                "SELECT photo_id FROM sidecar WHERE trouble LIKE 'cannot be opened%'"
                " AND read_ns <= ?",
                ((time.time() - older_than_s) * 1e9,),
            ).fetchall()
        return self.retry([PhotoId(row[0]) for row in rows]) if rows else 0

    def retry(self, ids: Sequence[PhotoId] | None = None) -> int:
        """Put files back among those to be read.

        Args:
            ids: which; None is all of them.

        Returns:
            How many will be tried again.
        """
        chosen = None if ids is None else json.dumps(list(ids))
        with self._store.write() as db:
            rows = db.execute(
                "DELETE FROM problem WHERE photo_id IN (SELECT p.id FROM photo p"  # noqa: S608
                f" WHERE p.state <> 'missing' AND p.folder_id IN {VISIBLE_FOLDERS})"
                " AND (?1 IS NULL OR photo_id IN (SELECT value FROM json_each(?1)))"
                " RETURNING photo_id",
                (chosen,),
            ).fetchall()
            found = [PhotoId(row[0]) for row in rows]
            db.executemany("UPDATE photo SET state = 'present', read_ns = NULL WHERE id = ?", rows)
            sidecars = db.execute(
                "UPDATE sidecar SET read_ns = NULL WHERE trouble <> ''"
                " AND (?1 IS NULL OR photo_id IN (SELECT value FROM json_each(?1)))"
                " RETURNING photo_id",
                (chosen,),
            ).fetchall()
            found += sorted({PhotoId(row[0]) for row in sidecars} - set(found))
            if found:
                self._store.changed(found, Aspect.PROBLEM | Aspect.FILE | Aspect.EXISTENCE)
        return len(found)


def set_problem(
    db: sqlite3.Connection, photo_id: PhotoId, reason: str, *, damaged: bool, passing: bool = False
) -> None:
    """Note what is wrong with a file, in the place of what was."""
    db.execute(
        "INSERT OR REPLACE INTO problem(photo_id, reason, damaged, tried_at, passing)"
        " VALUES (?, ?, ?, ?, ?)",
        (photo_id, text(reason), int(damaged), time.time(), int(passing)),
    )


def clear_problems(db: sqlite3.Connection, ids: Sequence[PhotoId]) -> bool:
    """Forget what was wrong with these files. Returns: whether anything was."""
    done = db.executemany("DELETE FROM problem WHERE photo_id = ?", [(i,) for i in ids])
    return done.rowcount > 0
