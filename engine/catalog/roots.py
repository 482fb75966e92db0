"""The watched folders."""

from __future__ import annotations

import os
import time
from pathlib import Path

from engine.catalog.photo_rows import path_from, signed, text, unsigned
from engine.catalog.store import Store
from engine.types import Aspect, Root, RootId

_COLUMNS = "SELECT id, path, online, note, marker_dev, marker_ino FROM root"


class Roots:
    """Root folders in the order they were added. A forgotten one is hidden with its photos."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def all(self) -> list[Root]:
        """Every root that is not forgotten."""
        with self._store.read() as db:
            rows = db.execute(f"{_COLUMNS} WHERE forgotten_at IS NULL ORDER BY id").fetchall()
        return [
            Root(
                id=root_id,
                path=path_from(path),
                online=bool(online),
                note=note,
                marker=None if dev is None else (unsigned(dev), unsigned(ino)),
            )
            for root_id, path, online, note, dev, ino in rows
        ]

    def add(self, path: Path, marker: tuple[int, int] | None = None) -> Root:
        """Watch a folder. One that was forgotten comes back with its photos."""
        dev, ino = _marker_columns(marker)
        with self._store.write() as db:
            ((root_id,),) = db.execute(
                "INSERT INTO root(path, marker_dev, marker_ino) VALUES (?, ?, ?)"
                " ON CONFLICT(path) DO UPDATE SET online = 1, note = '', forgotten_at = NULL,"
                " marker_dev = coalesce(excluded.marker_dev, marker_dev),"
                " marker_ino = coalesce(excluded.marker_ino, marker_ino)"
                " RETURNING id",
                (os.fsencode(path), dev, ino),
            ).fetchall()
            self._store.changed((), Aspect.ROOT | Aspect.EXISTENCE)
            return next(root for root in self.all() if root.id == root_id)

    def forget(self, root_id: RootId) -> None:
        """Watch it no longer. Its rows are kept, hidden, so that adding it again costs nothing."""
        with self._store.write() as db:
            done = db.execute(
                "UPDATE root SET forgotten_at = ? WHERE id = ? AND forgotten_at IS NULL",
                (time.time(), root_id),
            )
            if done.rowcount:
                self._store.changed((), Aspect.ROOT | Aspect.EXISTENCE)

    def set_online(
        self,
        root_id: RootId,
        online: bool,
        note: str = "",
        marker: tuple[int, int] | None = None,
    ) -> None:
        """Note whether the folder is there. Without `marker` the last one is kept."""
        dev, ino = _marker_columns(marker)
        with self._store.write() as db:
            done = db.execute(
                "UPDATE root SET online = ?1, note = ?2, marker_dev = coalesce(?3, marker_dev),"
                " marker_ino = coalesce(?4, marker_ino) WHERE id = ?5"
                " AND (online, note, marker_dev, marker_ino) IS NOT"
                " (?1, ?2, coalesce(?3, marker_dev), coalesce(?4, marker_ino))",
                (int(online), text(note), dev, ino, root_id),
            )
            if done.rowcount:
                self._store.changed((), Aspect.ROOT)


def _marker_columns(marker: tuple[int, int] | None) -> tuple[int | None, int | None]:
    if marker is None:
        return None, None
    return signed(marker[0]), signed(marker[1])
