"""Fetches what the inspector shows of the selection; the latest selection wins."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from engine.types import PhotoDetail, PhotoId
from gui.workers import Task, Workers

if TYPE_CHECKING:
    from engine import Library

_QUIET_MS = 60  # while one holds an arrow key down, the facts may wait


class Details(QObject):
    """Asks about what is selected, never on the GUI thread.

    Signals: detail_ready(PhotoDetail | None) · many_ready(Sequence[PhotoId], Summary) ·
    belonging_ready(PhotoId, list[Path]), files that go wherever the photo goes.
    """

    detail_ready = Signal(object)
    many_ready = Signal(object, object)
    belonging_ready = Signal(object, object)

    def __init__(self, library: Library, workers: Workers, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._workers = workers
        self.current: PhotoDetail | None = None  # of one photo, as it was told last
        self._ids: Sequence[PhotoId] = ()
        self._task: Task | None = None
        self._quiet = QTimer(self, singleShot=True, interval=_QUIET_MS)
        self._quiet.timeout.connect(self._ask)
        self.detail_ready.connect(self._keep)

    def show(self, ids: Sequence[PhotoId]) -> None:
        """Ask about these photos soon."""
        self._ids = ids
        self._quiet.start()

    def refresh(self, changed: frozenset[PhotoId]) -> None:
        """Ask again if what is shown has changed."""
        if not changed.isdisjoint(self._ids):
            self._quiet.start()

    @property
    def idle(self) -> bool:
        """Whether what is shown is what is selected."""
        return not self._quiet.isActive() and self._task is None

    def _keep(self, detail: PhotoDetail | None) -> None:
        self.current = detail

    def _forget(self, task: Task) -> None:
        if task is self._task:
            self._task = None

    def _ask(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        ids, library = self._ids, self._library
        if not ids:
            self.detail_ready.emit(None)
            return
        if len(ids) == 1:
            task = self._workers.start("page", "", lambda: library.detail(ids[0]))
            task.succeeded.connect(self.detail_ready)
            # The disk may be slow: what lies beside the photo is told when it is known.
            beside = self._workers.start("io", "", partial(library.filing.belonging, ids[0]))
            beside.succeeded.connect(partial(self.belonging_ready.emit, ids[0]))
        else:
            task = self._workers.start("page", "", partial(library.summary, ids))
            task.succeeded.connect(partial(self.many_ready.emit, ids))
        self._task = task
        task.finished.connect(partial(self._forget, task))
