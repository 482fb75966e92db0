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
_AT_ONCE = 2000  # rows fetched in one step when many are selected


class Details(QObject):
    """Signals: detail_ready(PhotoDetail | None) · many_ready(count, bytes in all)."""

    detail_ready = Signal(object)
    many_ready = Signal(int, object)

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
        if len(self._ids) == 1 and self._ids[0] in changed:
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
        else:

            def weigh() -> int:
                total = 0
                for start in range(0, len(ids), _AT_ONCE):
                    rows = library.photos(ids[start : start + _AT_ONCE])
                    total += sum(photo.size for photo in rows)
                return total

            task = self._workers.start("page", "", weigh)
            task.succeeded.connect(partial(self.many_ready.emit, len(ids)))
        self._task = task
        task.finished.connect(partial(self._forget, task))
