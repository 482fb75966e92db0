"""From the engine's threads to the GUI thread: many commits become one signal."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from engine.types import Aspect, CatalogChange, DirtyFolder, PhotoId
from gui.post import Post

_MERGE_MS = 100


class Announces(Protocol):
    """The part of a library that tells what it committed."""

    def subscribe(self, listener: Callable[[CatalogChange], None]) -> Callable[[], None]: ...


class Bridge(QObject):
    """Merges the commits of 100 ms into one change, and carries the watcher's batches over.

    Signals: catalog_changed(CatalogChange) · folders_settled(frozenset[DirtyFolder]).
    Both are emitted on the GUI thread.
    """

    catalog_changed = Signal(object)
    folders_settled = Signal(object)

    def __init__(self, library: Announces, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._photos: set[PhotoId] = set()
        self._aspects = Aspect(0)
        self._timer = QTimer(self, singleShot=True, interval=_MERGE_MS)
        self._timer.timeout.connect(self._announce)
        self._post = Post(self)
        self._unsubscribe = library.subscribe(self._committed)

    def settle(self, folders: frozenset[DirtyFolder]) -> None:
        """Take a batch from the watcher; called on any thread, returns at once."""
        self._post.send(partial(self.folders_settled.emit, folders))

    def close(self) -> None:
        self._unsubscribe()
        self._timer.stop()

    def _committed(self, change: CatalogChange) -> None:
        """On whichever thread committed."""
        self._post.send(partial(self._collect, change))

    def _collect(self, change: CatalogChange) -> None:
        self._photos |= change.photos
        self._aspects |= change.aspects
        if not self._timer.isActive():  # never restarted: a steady stream still gets through
            self._timer.start()

    @Slot()
    def _announce(self) -> None:
        change = CatalogChange(frozenset(self._photos), self._aspects)
        self._photos = set()
        self._aspects = Aspect(0)
        self.catalog_changed.emit(change)
