"""Has sidecars written soon after something was said, without anybody waiting for it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from engine.errors import EngineError
from engine.sidecar_types import SidecarReport
from engine.types import Aspect, CatalogChange
from gui.engine_words import said
from gui.workers import Task, Workers

if TYPE_CHECKING:
    from engine import Library

_QUIET_MS = 2_000  # what is said in quick succession is written once
_SHOWN_AFTER_MS = 400  # a job over sooner is not shown at all
_SAID = Aspect.TAG | Aspect.MARK | Aspect.FILE | Aspect.EXISTENCE | Aspect.ROOT | Aspect.PROBLEM


class SidecarWork(QObject):
    """Writes what is due, where the settings say so.

    What is not written yet is in the catalog: closing the window loses nothing.

    Signals:
        noticed(str, str, object): a sentence, what its button says and does.
        idle(): nothing is being written now.
    """

    noticed = Signal(str, str, object)
    idle = Signal()

    def __init__(self, library: Library, workers: Workers, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._workers = workers
        self._task: Task | None = None
        self._again = False  # something was said while we wrote
        self._anew = False  # asked for while a cancelled job is about to end
        self._quiet = QTimer(self, singleShot=True, interval=_QUIET_MS)
        self._quiet.timeout.connect(self._start)

    @property
    def busy(self) -> bool:
        """Whether sidecars are written, or soon will be."""
        return self._task is not None or self._quiet.isActive()

    def follow(self, change: CatalogChange) -> None:
        """Something was changed: write it soon, if it is anything that sidecars tell."""
        if change.aspects & _SAID:
            self.soon()

    def soon(self) -> None:
        """Write what is due in a moment; without the switch nothing happens."""
        if not self._library.settings.write_sidecars:
            return
        if self._task is not None:
            self._again = True
        elif not self._quiet.isActive():  # not begun anew: indexing changes something all the time
            self._quiet.start()

    def follow_switch(self) -> None:
        """The settings were changed: begin at once, or stop at once."""
        if self._library.settings.write_sidecars:
            self.now()
            return
        self._anew = False
        self._quiet.stop()
        if self._task is not None:
            self._task.cancel()

    def now(self) -> None:
        """The same without the moment: the user has just asked for it."""
        self._quiet.stop()
        self._anew = self._task is not None and self._task.cancel_requested
        self._start()

    def _start(self) -> None:
        if self._task is not None or not self._library.settings.write_sidecars:
            return
        self._again = False
        self._task = task = self._workers.start(
            "sidecars", self.tr("Writing sidecars"), self._library.sidecars.write, announce=False
        )
        task.succeeded.connect(self._tell)
        task.failed.connect(self._complain)
        task.finished.connect(self._finish)
        QTimer.singleShot(_SHOWN_AFTER_MS, task, partial(self._show, task))

    def _show(self, task: Task) -> None:
        if task is self._task:
            self._workers.announce(task)

    def _tell(self, report: SidecarReport) -> None:
        self._again = self._again or report.held  # until the photos are where they go
        if report.skipped:
            words = self.tr("%Ln sidecar(s) could not be written.", "", len(report.skipped))
            first = report.skipped[0]
            if len(report.skipped) == 1:
                words = self.tr("The sidecar %1 %2.").replace("%1", first.path.name)
                words = words.replace("%2", said(first.reason))
            self.noticed.emit(words, "", None)

    def _complain(self, error: Exception) -> None:
        if isinstance(error, EngineError):
            self._again = False  # a full disk does not get emptier by trying at once
            self.noticed.emit(str(error), self.tr("Try again"), self.now)

    def _finish(self) -> None:
        task, self._task = self._task, None
        cancelled = task is not None and task.cancel_requested
        if self._anew or (self._again and not cancelled):
            self._quiet.start()
        self._again = self._anew = False
        if not self.busy:
            self.idle.emit()
