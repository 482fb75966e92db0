"""The watched folders of a library: adding, forgetting, following them live."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import RootError
from engine.files.scan import Excludes
from engine.types import DirtyFolder, Root, RootId, WatchStatus

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.files.watch import Watcher


class Folders:
    """Thread-safe as the catalog is; watching begins and ends on one thread.

    Args:
        catalog: knows the roots.
        own: the library's own data, which holds no photos.
        excludes: which names are left out, asked anew at each start of watching.
    """

    def __init__(self, catalog: Catalog, own: Path, excludes: Callable[[], Excludes]) -> None:
        self._catalog = catalog
        self._own = own
        self._excludes = excludes
        self._watcher: Watcher | None = None
        self._on_dirty: Callable[[frozenset[DirtyFolder]], None] = lambda _: None

    def all(self) -> list[Root]:
        return self._catalog.roots.all()

    def add(self, path: Path) -> Root:
        """See `Library.add_root`."""
        path = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow links
        if not os.path.isdir(path):  # noqa: PTH112 - never raises, whatever the name
            raise RootError(f"{path} is not a folder.")
        if not os.access(path, os.R_OK | os.X_OK):
            raise RootError(f"{path} cannot be read: no permission.")
        real, own = path.resolve(), self._own.resolve()
        if real == own or own in real.parents:
            raise RootError(f"{path} belongs to the library's own data and holds no photos.")
        for known in self.all():  # the same folder by another name
            if known.path.is_dir() and known.path.resolve() == real:
                path = known.path
        stat = path.stat()
        root = self._catalog.roots.add(path, (stat.st_dev, stat.st_ino))
        self._follow()
        return root

    def forget(self, root_id: RootId) -> None:
        self._catalog.roots.forget(root_id)
        self._follow()

    def watch(self, on_dirty: Callable[[frozenset[DirtyFolder]], None]) -> None:
        """See `Library.watch`."""
        from engine.files.watch import Watcher

        self._on_dirty = on_dirty
        if self._watcher is None:
            self._watcher = Watcher(on_dirty, self._excludes())
        self._follow()

    def unwatch(self) -> None:
        watcher, self._watcher = self._watcher, None
        if watcher is not None:
            watcher.stop()

    def watch_anew(self) -> None:
        """Other names are excluded from now on."""
        if self._watcher is not None:
            on_dirty = self._on_dirty
            self.unwatch()
            self.watch(on_dirty)

    def status(self) -> list[WatchStatus]:
        return self._watcher.status() if self._watcher else []

    def _follow(self) -> None:
        if self._watcher is not None:
            self._watcher.set_roots([root.path for root in self.all()])
