"""Keeps the catalog in step with the disk: watching, comparing, indexing, pausing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from engine.errors import EngineError
from engine.jobs import IndexReport, Job, Progress
from engine.types import DirtyFolder, RootId
from gui.bridge import Bridge
from gui.workers import Task, Workers

if TYPE_CHECKING:
    from engine import Library

_FULL_LOOK_EVERY_MS = 10 * 60 * 1000
_FOCUS_LOOK_AFTER_S = 60.0
_UNDISTURBED_S = 2.0  # an indexing run gets this long before new changes may interrupt it
_QUIET_MS = 400  # a task over sooner is not shown at all
_ASK_AGAIN_S = 1.0  # while it may not work; also the least time between two questions


class Held(Progress):
    """Indexing waits: `note` says for what. The numbers are those from before."""


class Inbox:
    """What is to be done next; filled on the GUI thread, emptied on the lane's thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._everything = False
        self._dirty: set[DirtyFolder] = set()
        self._calls: list[Callable[[], object]] = []
        self._index = False
        self._afresh = False
        self.anyway = False  # the user wants it done although it would wait
        self.woken = threading.Event()  # something was put in

    def want_look(self, dirty: Collection[DirtyFolder] | None) -> None:
        """Compare these folders with the catalog; None: all of them."""
        with self._lock:
            self._index = True
            if dirty is None:
                self._everything = True
            else:
                self._dirty.update(dirty)
        self.woken.set()

    def want_call(self, call: Callable[[], object]) -> None:
        """Something else that compares or writes, to be done when no other job runs."""
        with self._lock:
            self._calls.append(call)
            self._index = True
        self.woken.set()

    def want_index(self, *, afresh: bool = False) -> None:
        """Index; `afresh`: what runs is to begin again, for it would make the wrong vectors."""
        with self._lock:
            self._index = True
            self._afresh = self._afresh or afresh
        self.woken.set()

    def want_anyway(self) -> None:
        """Do not wait, until everything is done."""
        self.anyway = True
        self.woken.set()

    @property
    def look_wanted(self) -> bool:
        return self._everything or bool(self._dirty) or bool(self._calls)

    @property
    def afresh_wanted(self) -> bool:
        return self._afresh

    @property
    def index_wanted(self) -> bool:
        return self._index

    def take_calls(self) -> list[Callable[[], object]]:
        with self._lock:
            calls, self._calls = self._calls, []
            return calls

    def take_look(self) -> frozenset[DirtyFolder] | None:
        """What to compare; a look at everything swallows the single folders."""
        with self._lock:
            dirty = None if self._everything else frozenset(self._dirty)
            self._everything = False
            self._dirty.clear()
            return dirty

    def take_index(self) -> bool:
        with self._lock:
            wanted, self._index = self._index, False
            self._afresh = False
            return wanted


class Leave:
    """Whether indexing may go on, asked at most once a second. Called on the lane's thread."""

    def __init__(self, ask: Callable[[], tuple[bool, str]], inbox: Inbox) -> None:
        self._ask = ask
        self._inbox = inbox
        self._asked_at = -_ASK_AGAIN_S
        self._reason = ""

    def reason(self) -> str:
        """Why it has to wait; empty when it may go on."""
        if self._inbox.anyway:
            return ""
        now = time.monotonic()
        if now - self._asked_at >= _ASK_AGAIN_S:
            self._asked_at = now
            may, reason = self._ask()
            self._reason = "" if may else reason
        return self._reason


def keep_up(
    library: Library,
    inbox: Inbox,
    *,
    index: bool = True,
    ask: Callable[[], tuple[bool, str]] = lambda: (True, ""),
    tell: Callable[[IndexReport], None] = lambda _report: None,
) -> Job[None]:
    """Compare and index until the inbox is empty.

    Changes that arrive while photos are indexed do not wait for the end: the run is closed (it
    loses nothing that was committed), the folders are compared, and it is taken up again. The
    numbers shown go on counting as if it had not been interrupted.

    With `index` off it compares only, and the wish to index stays in the inbox.

    Args:
        library: what is kept up.
        inbox: what is to be done; more may be put in meanwhile.
        index: whether to index at all.
        ask: whether indexing may go on, or why it waits; comparing always may.
        tell: told of every run that came to its end, on this thread.
    """
    before = 0  # photos done in runs that were interrupted
    shown: Progress | None = None
    leave = Leave(ask, inbox)
    while True:
        if inbox.look_wanted:
            for call in inbox.take_calls():
                call()
            dirty = inbox.take_look()
            if dirty is None or dirty:
                for event in library.reconcile(dirty):
                    yield shown if shown is not None and isinstance(event, Progress) else event
        elif index and inbox.index_wanted:
            if reason := leave.reason():
                yield from _wait(inbox, reason, shown)
                continue
            inbox.take_index()
            job = library.index()
            began = time.monotonic()
            done = 0
            try:
                while True:
                    event = next(job)
                    if isinstance(event, Progress):
                        done = event.done
                        total = None if event.total is None else before + event.total
                        event = shown = Progress(before + done, total, event.note)
                    yield event
                    undisturbed = time.monotonic() - began <= _UNDISTURBED_S
                    if inbox.afresh_wanted:
                        before, shown = 0, None
                        break
                    if (inbox.look_wanted and not undisturbed) or leave.reason():
                        inbox.want_index()
                        before += done
                        break
            except StopIteration as end:
                before, shown = 0, None
                if isinstance(end.value, IndexReport):
                    tell(end.value)
            finally:
                job.close()
        else:
            inbox.anyway = False
            return


def _wait(inbox: Inbox, reason: str, shown: Progress | None) -> Job[None]:
    """Say why, and wait a moment or until there is something else to do."""
    done, total = (shown.done, shown.total) if shown is not None else (0, None)
    inbox.woken.clear()
    yield Held(done, total, reason)
    inbox.woken.wait(_ASK_AGAIN_S / 2)


class Keeper(QObject):
    """Runs `keep_up` whenever there is something to do.

    Signals: failed(EngineError) · settled(), there is nothing to do now · limited(str), why a
    folder cannot be watched live · switched(str), the model that search changed to by itself ·
    stopped(str), why the next model could not be completed.
    """

    limited = Signal(str)
    failed = Signal(object)
    settled = Signal()
    switched = Signal(str)
    stopped = Signal(str)
    _indexed = Signal(object)  # emitted on the lane's thread

    def __init__(
        self,
        library: Library,
        workers: Workers,
        bridge: Bridge,
        input_idle_s: Callable[[], float] = lambda: 0.0,
        parent: QObject | None = None,
    ) -> None:
        """Args: input_idle_s tells how long the user has not touched anything, on any thread."""
        super().__init__(parent)
        self._library = library
        self._workers = workers
        self._bridge = bridge
        self._input_idle_s = input_idle_s
        self._inbox = Inbox()
        self._task: Task | None = None
        self._held = library.settings.paused  # the user paused indexing, perhaps last week
        self._making_room = False  # we cancelled the task, not the user
        self._look_again = False  # what was being compared is lost with that task
        self._last_look = time.monotonic()
        bridge.folders_settled.connect(self.look)
        self._indexed.connect(self._take_report)
        workers.task_started.connect(self.give_way)
        self._timer = QTimer(self, interval=_FULL_LOOK_EVERY_MS)
        self._timer.timeout.connect(self.look)

    def begin(self) -> None:
        """Watch the folders and look at all of them once."""
        watch = self._workers.start("io", "", self._watch)
        watch.succeeded.connect(self._tell_limits)
        watch.failed.connect(self._tell)
        self._timer.start()
        self.look()

    def _watch(self) -> list[str]:
        """On a lane: counting the watches of a large tree takes a while."""
        self._library.watch(self._bridge.settle)
        return [status.note for status in self._library.watch_status() if status.note]

    def _tell_limits(self, notes: list[str]) -> None:
        if notes:
            self.limited.emit(notes[0])

    def look(self, dirty: Collection[DirtyFolder] | None = None) -> None:
        """Compare folders with the catalog, all when None, then index what is new."""
        if dirty is None:
            self._last_look = time.monotonic()
        self._inbox.want_look(dirty)
        self._go_on()

    def accept_missing(self, root_id: RootId) -> None:
        """The user says that what vanished from this folder is really deleted."""
        self._inbox.want_call(partial(self._library.accept_missing, root_id))
        self._go_on()

    def look_on_focus(self) -> None:
        """The user comes back to the window: other programs may have been at work."""
        if time.monotonic() - self._last_look > _FOCUS_LOOK_AFTER_S:
            self.look()

    def index(self) -> None:
        """Index what is unread or has no vector in the active model."""
        self._inbox.want_index()
        self._go_on()

    def index_afresh(self) -> None:
        """The same where other vectors are wanted than those that are being made."""
        self._inbox.want_index(afresh=True)
        self._go_on()

    def index_anyway(self) -> None:
        """Do not wait for the mains or a quiet moment, this once."""
        self._inbox.want_anyway()

    def _may_work(self) -> tuple[bool, str]:
        """On the lane: the library asks the system for the battery."""
        return self._library.may_work(self._input_idle_s())

    @Slot(object)
    def _take_report(self, report: IndexReport) -> None:
        if report.switched_to:
            self.switched.emit(report.switched_to)
        if report.stopped:
            self.stopped.emit(report.stopped)

    def _go_on(self) -> None:
        """Start a task if none runs; a paused one makes room for a comparison."""
        if self._task is not None:
            if self._task.paused and self._inbox.look_wanted:
                self._making_room = True
                self._task.cancel()  # `_finish` goes on
            return
        if self._inbox.look_wanted:
            self._start(index=not self._held)
        elif self._inbox.index_wanted:
            self._start(index=True)

    def _start(self, *, index: bool) -> None:
        task = self._workers.start(
            "index",
            self.tr("Updating the library"),
            lambda: keep_up(
                self._library,
                self._inbox,
                index=index,
                ask=self._may_work,
                tell=self._indexed.emit,
            ),
            announce=False,
            paused=index and self._held,
        )
        self._task = task
        task.failed.connect(self._tell)
        task.paused_changed.connect(self._hold)
        task.finished.connect(self._finish)
        if index and self._held:
            self._workers.announce(task)
        else:
            # Theirs: after the window has closed nobody is told.
            QTimer.singleShot(_QUIET_MS, self._workers, lambda: self._show(task))

    def give_way(self, task: Task) -> None:
        """Something the user asked for needs the lane: it does not wait behind all photos."""
        if self._task is None or task is self._task or task.lane != "index":
            return
        self._making_room = self._look_again = True
        self._task.cancel()  # `_finish` goes on, behind the other

    def _show(self, task: Task) -> None:
        if task is self._task:
            self._workers.announce(task)

    def _tell(self, error: Exception) -> None:
        if isinstance(error, EngineError):
            self.failed.emit(error)

    def _hold(self, paused: bool) -> None:
        """Remember a pause over a restart."""
        self._held = paused
        library = self._library
        self._workers.start(
            "io", "", lambda: library.change_settings(replace(library.settings, paused=paused))
        )

    def _finish(self) -> None:
        task, self._task = self._task, None
        if self._making_room:
            self._making_room = False
            self._inbox.want_index()
            if self._look_again:
                self._look_again = False
                self._inbox.want_look(None)
        elif task is not None and task.cancel_requested:
            self._inbox.take_index()  # the user wants no indexing until something changes
        self._go_on()
        if self._task is None or self._task.paused:
            self.settled.emit()

    @property
    def at_work(self) -> bool:
        """Whether it compares or indexes at present; a paused task is not at work."""
        return self._task is not None and not self._task.paused
