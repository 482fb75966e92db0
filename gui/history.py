"""What was done and can be undone: one stack for everything the user changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from PySide6.QtCore import QObject, Signal

from engine.errors import EngineError
from gui.workers import Task, Workers

_MOST = 100

Back: TypeAlias = Callable[[], object]
"""Takes a deed back, on a lane; what it returns, if it can be called, does the deed again. It may
be a job, whose return value counts."""


@dataclass(frozen=True, slots=True)
class Deed:
    """Something done: what to call it, and how it is taken back.

    `title` names it among the running jobs while it is taken back, "" for what takes no time.
    """

    words: str
    back: Back
    lane: str = "tagging"
    title: str = ""


class History(QObject):
    """Undo and redo.

    Signals:
        told(str, str, object): a sentence for the status bar, what its button says and does.
        changed(): what `undoable` and `redoable` say may differ from now on.
    """

    told = Signal(str, str, object)
    changed = Signal()

    def __init__(self, workers: Workers, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._workers = workers
        self._done: list[Deed] = []
        self._undone: list[Deed] = []

    @property
    def undoable(self) -> str:
        """What would be undone, or nothing."""
        return self._done[-1].words if self._done else ""

    @property
    def redoable(self) -> str:
        """What would be done again, or nothing."""
        return self._undone[-1].words if self._undone else ""

    def do(self, words: str, work: Callable[[], object], lane: str = "tagging") -> Task:
        """Do something that can be undone, and say so with the way back.

        Args:
            words: what was done, a sentence without its full stop: "12 photos accepted".
            work: done on the lane; returns what takes it back, or nothing if it changed nothing.
            lane: where, both ways; deeds of one lane keep their order.
        """
        task = self._workers.start(lane, "", work)
        task.succeeded.connect(partial(self._note, words, lane))
        task.failed.connect(self._tell)
        return task

    def did(self, deed: Deed) -> None:
        """Note what was done elsewhere, and say so with the way back."""
        self._done.append(deed)
        del self._done[:-_MOST]
        self._undone.clear()
        self.changed.emit()
        self.told.emit(deed.words, self.tr("Undo"), self.undo)

    def forget(self, deed: Deed) -> None:
        """It was taken back elsewhere, or cannot be taken back any more."""
        for deeds in (self._done, self._undone):
            if deed in deeds:
                deeds.remove(deed)
                self.changed.emit()

    def undo(self) -> None:
        """Take back the last deed."""
        if self._done:
            self._turn(self._done.pop(), self._undone, undoing=True)

    def redo(self) -> None:
        """Do again what was undone last."""
        if self._undone:
            self._turn(self._undone.pop(), self._done, undoing=False)

    # -- inside --------------------------------------------------------------------------------

    def _note(self, words: str, lane: str, back: object) -> None:
        if callable(back):
            self.did(Deed(words, back, lane))

    def _turn(self, deed: Deed, onto: list[Deed], *, undoing: bool) -> None:
        task = self._workers.start(deed.lane, deed.title, deed.back)
        task.succeeded.connect(partial(self._turned, deed, onto, undoing))
        task.failed.connect(self._tell)
        self.changed.emit()

    def _turned(self, deed: Deed, onto: list[Deed], undoing: bool, again: object) -> None:
        words = deed.words if not undoing else self.tr("Undone: %1").replace("%1", deed.words)
        if callable(again):
            onto.append(Deed(deed.words, again, deed.lane, deed.title))
            button, act = (self.tr("Redo"), self.redo) if undoing else (self.tr("Undo"), self.undo)
            self.told.emit(words, button, act)
        else:
            self.told.emit(words, "", None)
        self.changed.emit()

    def _tell(self, error: Exception) -> None:
        if isinstance(error, EngineError):
            self.told.emit(str(error), "", None)
