"""What was done and can be undone: one stack for everything the user changes."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias, cast

from PySide6.QtCore import QObject, Signal

from engine.errors import EngineError
from gui.workers import Task, Workers

_MOST = 100

Back: TypeAlias = Callable[[], object]
"""Takes a deed back, on a lane; what it returns, if it can be called, does the deed again. It may
be a job, whose return value counts."""


@dataclass(eq=False, slots=True)
class Deed:
    """Something done, or on its way: what to call it, and how it is taken back.

    `back` is set on the lane when it is done; None until then, and where nothing was changed.
    `title` names it among the running jobs while it is taken back, "" for what takes no time.
    """

    words: str
    back: Back | None
    lane: str = "tagging"
    title: str = ""


class History(QObject):
    """Undo and redo.

    A deed is on the stack from the moment it is begun: an undo that is pressed before it is done
    waits behind it on its lane, so that it never takes back an older one instead.

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
        deed = Deed(words, None, lane)
        task = self._workers.start(lane, "", partial(_kept, deed, work), kept=True)
        self._push(deed)
        task.succeeded.connect(partial(self._note, deed))
        task.failed.connect(self._tell)
        task.finished.connect(partial(self._drop_empty, deed))
        return task

    def did(self, deed: Deed) -> None:
        """Note what was done elsewhere, and say so with the way back."""
        self._push(deed)
        self.told.emit(deed.words, self.tr("Undo"), self.undo)

    def begin(self, deed: Deed) -> None:
        """Note what was just begun elsewhere; an undo waits behind it on its lane."""
        self._push(deed)

    def end(self, deed: Deed) -> None:
        """What was begun is over: say so with the way back, or forget it if nothing changed."""
        if deed.back is None:
            self.forget(deed)
        elif deed in self._done:
            self.told.emit(deed.words, self.tr("Undo"), self.undo)
            self.changed.emit()

    def remember(self, deed: Deed) -> None:
        """Note what was done before the window was opened, below all that was done since."""
        self._done.insert(0, deed)
        self.changed.emit()

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

    def _push(self, deed: Deed) -> None:
        self._done.append(deed)
        del self._done[:-_MOST]
        self._undone.clear()
        self.changed.emit()

    def _note(self, deed: Deed, back: object) -> None:
        if callable(back) and deed in self._done:
            self.told.emit(deed.words, self.tr("Undo"), self.undo)

    def _drop_empty(self, deed: Deed) -> None:
        """It failed, or changed nothing: there is no way back from it."""
        if deed.back is None:
            self.forget(deed)

    def _turn(self, deed: Deed, onto: list[Deed], *, undoing: bool) -> None:
        other = Deed(deed.words, None, deed.lane, deed.title)
        work = partial(_turned, deed, other)
        task = self._workers.start(deed.lane, deed.title, work, kept=not deed.title)
        if not deed.title:
            onto.append(other)
        task.succeeded.connect(partial(self._tell_turned, deed, other, onto, undoing))
        task.failed.connect(self._tell)
        task.finished.connect(partial(self._drop_empty, other))
        self.changed.emit()

    def _tell_turned(
        self, deed: Deed, other: Deed, onto: list[Deed], undoing: bool, _back: object
    ) -> None:
        if deed.back is None:
            return  # there was nothing to take back
        words = deed.words if not undoing else self.tr("Undone: %1").replace("%1", deed.words)
        if other.back is not None:
            if deed.title:
                onto.append(other)
            button, act = (self.tr("Redo"), self.redo) if undoing else (self.tr("Undo"), self.undo)
            self.told.emit(words, button, act)
        else:
            self.told.emit(words, "", None)
        self.changed.emit()

    def _tell(self, error: Exception) -> None:
        if isinstance(error, EngineError):
            self.told.emit(str(error), "", None)


def _kept(deed: Deed, work: Callable[[], object]) -> object:
    """On the lane: do something and keep the way back."""
    value = work()
    if isinstance(value, Generator):
        return _pulled(deed, cast("Generator[object, None, object]", value))
    deed.back = value if callable(value) else None
    return value


def _pulled(deed: Deed, job: Generator[object, None, object]) -> Generator[object, None, object]:
    value = yield from job
    deed.back = value if callable(value) else None
    return value


def _turned(deed: Deed, other: Deed) -> object:
    """On the lane, behind the deed itself: only now it is known whether there is a way back."""
    return _kept(other, deed.back) if deed.back is not None else None
