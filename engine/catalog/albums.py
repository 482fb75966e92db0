"""Albums: the user's own collections of photos, which touch no file."""

from __future__ import annotations

import time
from collections.abc import Sequence

from engine.catalog.photo_rows import text
from engine.catalog.store import Store
from engine.file_types import RunId
from engine.types import Aspect, PhotoId


class Albums:
    """Names of albums are told apart without regard to case."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def add(self, name: str, photos: Sequence[PhotoId], run_id: RunId | None = None) -> None:
        """Put photos into an album, which is made where there is none of this name.

        Photos that are in it already stay as they are; with `run_id` the run can be taken back.
        """
        shown = text(name)
        with self._store.write() as db:
            db.execute(
                "INSERT OR IGNORE INTO album(name, folded_name, created_at) VALUES (?, ?, ?)",
                (shown, shown.casefold(), time.time()),
            )
            db.executemany(
                "INSERT OR IGNORE INTO album_photo SELECT a.id, p.id, ? FROM album a, photo p"
                " WHERE a.folded_name = ? AND p.id = ?",
                [(run_id, shown.casefold(), photo_id) for photo_id in photos],
            )
            self._store.changed(photos, Aspect.FILE)

    def take_back(self, photos: Sequence[PhotoId], run_id: RunId) -> None:
        """Take photos out of the albums that a run put them into; empty albums go."""
        with self._store.write() as db:
            db.executemany(
                "DELETE FROM album_photo WHERE photo_id = ? AND run_id = ?",
                [(photo_id, run_id) for photo_id in photos],
            )
            db.execute("DELETE FROM album WHERE id NOT IN (SELECT album_id FROM album_photo)")
            self._store.changed(photos, Aspect.FILE)

    def all(self) -> list[tuple[str, list[PhotoId]]]:
        """Each album with its photos, by name."""
        with self._store.read() as db:
            rows = db.execute(
                "SELECT a.name, p.photo_id FROM album a JOIN album_photo p ON p.album_id = a.id"
                " ORDER BY a.folded_name, p.photo_id"
            ).fetchall()
        found: dict[str, list[PhotoId]] = {}
        for name, photo_id in rows:
            found.setdefault(name, []).append(PhotoId(photo_id))
        return list(found.items())
