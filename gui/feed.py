"""One answer kept fresh: asks again when told that it is stale, never twice at once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from engine.errors import EngineError
from gui.workers import Task, Workers


class Feed(QObject):
    """A question to the library whose newest answer is wanted on screen.

    Signals: answered(value) · failed(EngineError).
    """

    answered = Signal(object)
    failed = Signal(object)

    def __init__(
        self,
        workers: Workers,
        lane: str,
        question: Callable[[], object],
        *,
        rest_ms: int = 300,
        parent: QObject | None = None,
    ) -> None:
        """Args: rest_ms is the least time between an answer and the next question."""
        super().__init__(parent)
        self._workers = workers
        self._lane = lane
        self._question = question
        self._task: Task | None = None
        self._stale = False
        self._rest = QTimer(self, singleShot=True, interval=rest_ms)
        self._rest.timeout.connect(self._ask_if_stale)

    def refresh(self) -> None:
        """Say that the answer may have changed."""
        self._stale = True
        self._ask_if_stale()

    def refresh_now(self) -> None:
        """The same without the rest: the user has just done something and waits for it."""
        self._rest.stop()
        self.refresh()

    def _ask_if_stale(self) -> None:
        if not self._stale or self._task is not None or self._rest.isActive():
            return
        self._stale = False
        self._task = self._workers.start(self._lane, "", self._question)
        self._task.succeeded.connect(self.answered)
        self._task.failed.connect(self._tell)
        self._task.finished.connect(self._finish)

    def _tell(self, error: Exception) -> None:
        if isinstance(error, EngineError):
            self.failed.emit(error)

    def _finish(self) -> None:
        self._task = None
        self._rest.start()
