"""Background lanes: long work off the GUI thread, every outcome delivered on it."""

from __future__ import annotations

import logging
import queue
import sys
import threading
import time
from collections.abc import Callable, Generator
from functools import partial
from typing import Any, cast

from PySide6.QtCore import QObject, QThread, Signal, Slot

from engine.errors import EngineError
from engine.jobs import Progress, Skipped
from gui.post import Post

log = logging.getLogger(__name__)

LANES: dict[str, int] = {
    "query": 1, "index": 1, "page": 1, "thumbnail": 2, "picture": 1, "ahead": 1, "model": 1,
    "compare": 1, "download": 3, "io": 1, "tagging": 1, "tag run": 1, "sort": 1,
    "detection": 1, "detect run": 1, "duplicates": 1, "duplicate search": 1,
    "saved": 1, "why": 1, "sidecars": 1,
}  # fmt: skip
"""Lane names with their number of threads. Work of a one-thread lane never overlaps."""

_PROGRESS_EVERY_S = 0.05
_abandoned: list[QThread] = []  # destroying a running QThread aborts the process


class _Run:
    """What a lane's thread may touch of a task: no QObject, so none dies on a wrong thread."""

    __slots__ = ("done", "gate", "kept", "stop", "title", "work")

    def __init__(self, title: str, work: Callable[[], object], kept: bool) -> None:
        self.title = title
        self.kept = kept
        self.work: Callable[[], object] | None = work
        self.done = False
        self.stop = threading.Event()
        self.gate = threading.Event()  # open: may advance; closed: paused
        self.gate.set()


class Task(QObject):
    """One piece of running work as the GUI sees it; lives on the GUI thread until it finished.

    Signals: progressed(Progress), at most 20 a second · skipped(Skipped), every one ·
    succeeded(value) · failed(Exception) · cancelled() · paused_changed(bool) ·
    finished(), the last one whatever the outcome.
    """

    progressed = Signal(object)
    skipped = Signal(object)
    succeeded = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    paused_changed = Signal(bool)
    finished = Signal()

    def __init__(self, run: _Run, lane: str) -> None:
        super().__init__()
        self._run = run
        self.title = run.title
        self.lane = lane

    def cancel(self) -> None:
        """Stop at the next step. After this returns, `succeeded` is never emitted."""
        self._run.stop.set()
        self._run.gate.set()

    @property
    def cancel_requested(self) -> bool:
        return self._run.stop.is_set()

    @property
    def paused(self) -> bool:
        return not self._run.gate.is_set()

    def pause(self) -> None:
        """Stop advancing after the current step; the lane waits with it."""
        if not self.paused and not self.cancel_requested and not self._run.done:
            self._run.gate.clear()
            self.paused_changed.emit(True)

    def resume(self) -> None:
        if self.paused and not self._run.done:
            self._run.gate.set()
            self.paused_changed.emit(False)


class _Runner(QObject):
    """Takes runs from its lane's queue, one after the other, on its own thread."""

    def __init__(
        self, waiting: queue.SimpleQueue[_Run | None], pull: Callable[[_Run], None]
    ) -> None:
        super().__init__()
        self._waiting = waiting
        self._pull = pull

    @Slot()
    def loop(self) -> None:
        while (run := self._waiting.get()) is not None:
            self._pull(run)
            del run  # or the last job's closure would live until the next one comes
        QThread.currentThread().quit()


class _Lane:
    """A queue with its threads."""

    def __init__(self, name: str, threads: int, pull: Callable[[_Run], None]) -> None:
        self.waiting: queue.SimpleQueue[_Run | None] = queue.SimpleQueue()
        self.threads: list[QThread] = []
        self._runners: list[_Runner] = []
        for number in range(threads):
            thread = QThread()
            thread.setObjectName(f"{name} {number}")
            runner = _Runner(self.waiting, pull)
            runner.moveToThread(thread)
            thread.started.connect(runner.loop)
            thread.start()
            self.threads.append(thread)
            self._runners.append(runner)


class Workers(QObject):
    """Named lanes of background threads.

    Signals: task_started(Task), for tasks that have a title.
    """

    task_started = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lanes: dict[str, _Lane] = {}
        self._tasks: dict[_Run, Task] = {}
        self._closed = False
        self._post = Post(self)

    def start(
        self,
        lane: str,
        title: str,
        work: Callable[[], object],
        *,
        announce: bool = True,
        paused: bool = False,
        kept: bool = False,
    ) -> Task:
        """Do `work` on a lane's thread; connect to the returned task afterwards, nothing is missed.

        Args:
            lane: a name in `LANES`.
            title: what the activity display shows; "" for work too small to be shown.
            work: called on the lane's thread. A generator it returns is pulled as a job and its
                return value delivered; any other value is delivered as it is.
            announce: False leaves it to the caller to call `announce` once the task is worth it.
            paused: nothing is done before `resume`.
            kept: what the user did; it is done even if the window closes before its turn comes.
        """
        run = _Run(title, work, kept)
        if paused:
            run.gate.clear()  # before the lane's thread can see it
        task = Task(run, lane)
        if self._closed:
            task.cancel()
            return task
        self._tasks[run] = task
        if lane not in self._lanes:
            self._lanes[lane] = _Lane(lane, LANES[lane], self._pull)
        self._lanes[lane].waiting.put(run)
        if title and announce:
            self.announce(task)
        return task

    def announce(self, task: Task) -> None:
        """Have a task shown in the activity display."""
        self.task_started.emit(task)

    @property
    def tasks(self) -> list[Task]:
        """Tasks that have not finished."""
        return list(self._tasks.values())

    def shutdown(self, wait_s: float = 5.0) -> bool:
        """Cancel everything, wait for one step of each lane; False when a thread did not end.

        What the user did and is kept is done before, as far as there is time.
        """
        self._closed = True
        deadline = time.monotonic() + wait_s
        for run, task in list(self._tasks.items()):
            if not run.kept:
                task.cancel()
        for lane in self._lanes.values():
            for _ in lane.threads:
                lane.waiting.put(None)
        ended = True
        for name, lane in self._lanes.items():
            for thread in lane.threads:
                left_ms = max(0, int((deadline - time.monotonic()) * 1000))
                if not thread.wait(left_ms):
                    log.info("Lane %r did not end within %.1f s", name, wait_s)
                    _abandoned.append(thread)
                    ended = False
        for task in self.tasks:
            task.cancel()  # nothing begins any more, and no window is there to be told
        self._post.flush()  # outcomes that came meanwhile
        return ended

    # -- on the lane's thread ------------------------------------------------------------------

    def _pull(self, run: _Run) -> None:
        outcome: Callable[[Task], None] | None = None
        try:
            run.gate.wait()
            work, run.work = run.work, None
            if work is not None and not run.stop.is_set():
                value = work()
                if isinstance(value, Generator):
                    outcome = self._advance(run, cast("Generator[object, None, object]", value))
                elif not run.stop.is_set():
                    outcome = partial(_succeed, value=value)
        except Exception as error:  # noqa: BLE001 - whatever it is, the GUI thread must hear of it
            outcome = partial(_fail, error=error)
        self._post.send(partial(self._finish, run, outcome))

    def _advance(
        self, run: _Run, events: Generator[object, None, object]
    ) -> Callable[[Task], None] | None:
        last = -1.0
        held_back: object = None
        try:
            while True:
                run.gate.wait()
                if run.stop.is_set() or self._closed:
                    return None
                event = next(events)
                now = time.monotonic()
                if isinstance(event, Skipped):
                    self._post.send(partial(self._tell_skipped, run, event))
                elif now - last >= _PROGRESS_EVERY_S or _is_whole(event):
                    last, held_back = now, None
                    self._post.send(partial(self._tell_progress, run, event))
                else:
                    held_back = event
        except StopIteration as end:
            if isinstance(held_back, Progress):
                self._post.send(partial(self._tell_progress, run, held_back))
            return partial(_succeed, value=end.value)
        finally:
            events.close()

    # -- on the GUI thread ---------------------------------------------------------------------

    def _tell_progress(self, run: _Run, event: Any) -> None:
        task = self._tasks.get(run)
        if task is not None and not task.cancel_requested:
            task.progressed.emit(event)

    def _tell_skipped(self, run: _Run, event: Skipped) -> None:
        task = self._tasks.get(run)
        if task is not None and not task.cancel_requested:
            task.skipped.emit(event)

    def _finish(self, run: _Run, outcome: Callable[[Task], None] | None) -> None:
        run.done = True
        task = self._tasks.pop(run)
        try:
            if outcome is None or (task.cancel_requested and not _is_bug(outcome)):
                task.cancelled.emit()
            else:
                outcome(task)
        finally:
            task.finished.emit()
            task.deleteLater()  # with its connections: they may hold the task itself


def _is_whole(event: object) -> bool:
    """All is done but the end: what still comes may take a while, so this is told at once."""
    return isinstance(event, Progress) and event.done == event.total


def _is_bug(outcome: Callable[[Task], None]) -> bool:
    error = outcome.keywords.get("error") if isinstance(outcome, partial) else None
    return error is not None and not isinstance(error, EngineError)


def _succeed(task: Task, value: object) -> None:
    task.succeeded.emit(value)


def _fail(task: Task, error: Exception) -> None:
    """Tell whoever listens; what is no fault of the world also reaches the crash dialog."""
    task.failed.emit(error)
    if isinstance(error, EngineError):
        log.info("%s: %s", task.title or task.lane, error)
    else:
        sys.excepthook(type(error), error, error.__traceback__)
