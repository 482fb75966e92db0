"""Lanes: outcomes, order, cancelling, pausing, closing; nothing is left behind."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.errors import EngineError
from engine.jobs import Event, Job, Progress, Skipped
from gui.workers import Task, Workers


def count_to(n: int) -> Job[int]:
    for i in range(n):
        yield Progress(i, n)
    return n


def test_plain_result_is_delivered_on_the_gui_thread(qtbot: QtBot, workers: Workers) -> None:
    seen: list[tuple[object, bool]] = []
    work_thread: list[int] = []

    def work() -> str:
        work_thread.append(threading.get_ident())
        return "done"

    task = workers.start("io", "plain", work)

    def note(value: object) -> None:
        seen.append((value, threading.current_thread() is threading.main_thread()))

    task.succeeded.connect(note)
    with qtbot.waitSignal(task.finished):
        pass
    assert seen == [("done", True)]
    assert work_thread[0] != threading.get_ident()


def test_job_is_pulled_and_its_report_delivered(qtbot: QtBot, workers: Workers) -> None:
    task = workers.start("index", "job", lambda: count_to(5))
    events: list[Event] = []
    task.progressed.connect(events.append)
    with qtbot.waitSignal(task.succeeded) as report:
        pass
    assert report.args == [5]
    assert events[-1] == Progress(4, 5)  # throttled, but the last one always arrives


def test_three_thousand_tasks(qtbot: QtBot, workers: Workers) -> None:
    left = 3000
    reports: list[object] = []

    def one_less() -> None:
        nonlocal left
        left -= 1

    refs: list[weakref.ref[Task]] = []
    for _ in range(left):
        task = workers.start("query", "", lambda: count_to(5))
        task.succeeded.connect(reports.append)
        task.finished.connect(one_less)
        refs.append(weakref.ref(task))
        del task
    qtbot.waitUntil(lambda: left == 0, timeout=20_000)
    assert reports == [5] * 3000
    assert workers.tasks == []
    qtbot.waitUntil(lambda: all(ref() is None for ref in refs))


def test_a_task_that_its_own_connections_hold_is_freed(qtbot: QtBot, workers: Workers) -> None:
    task = workers.start("query", "", lambda: 1)
    seen: list[Task] = []

    def note(_: object, held: Task = task) -> None:
        seen.append(held)

    task.succeeded.connect(note)
    gone = weakref.ref(task)
    with qtbot.waitSignal(task.finished):
        pass
    del task, note
    seen.clear()
    qtbot.waitUntil(lambda: gone() is None)


def test_order_within_a_lane_is_kept(qtbot: QtBot, workers: Workers) -> None:
    done: list[int] = []
    tasks = [workers.start("page", "", lambda i=i: done.append(i)) for i in range(50)]
    with qtbot.waitSignal(tasks[-1].finished):
        pass
    assert done == list(range(50))


def test_engine_error_is_delivered(qtbot: QtBot, workers: Workers) -> None:
    def work() -> None:
        raise EngineError("The disk is full.")

    task = workers.start("io", "fails", work)
    with qtbot.waitSignal(task.failed) as failed:
        pass
    assert str(failed.args[0]) == "The disk is full."  # pyright: ignore[reportOptionalSubscript]


def test_bug_also_reaches_the_excepthook(
    qtbot: QtBot, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[type[BaseException]] = []

    def hook(kind: type[BaseException], *_: object) -> None:
        seen.append(kind)

    monkeypatch.setattr(sys, "excepthook", hook)

    def job() -> Job[None]:
        yield Progress(0, 1)
        raise ZeroDivisionError

    task = workers.start("index", "buggy", job)
    failed: list[object] = []
    task.failed.connect(failed.append)
    with qtbot.waitSignal(task.finished):
        pass
    assert isinstance(failed[0], ZeroDivisionError)
    assert seen == [ZeroDivisionError]
    again = workers.start("index", "the lane lives on", lambda: count_to(1))
    with qtbot.waitSignal(again.succeeded):
        pass


def test_cancelled_job_is_closed_and_never_succeeds(qtbot: QtBot, workers: Workers) -> None:
    started, closed = threading.Event(), threading.Event()

    def endless() -> Iterator[Event]:
        try:
            while True:
                started.set()
                yield Progress(0, None)
        finally:
            closed.set()

    task = workers.start("index", "endless", endless)
    outcomes: list[str] = []
    task.succeeded.connect(lambda: outcomes.append("succeeded"))
    task.cancelled.connect(lambda: outcomes.append("cancelled"))
    assert started.wait(5)
    with qtbot.waitSignal(task.finished):
        task.cancel()
    assert closed.is_set()
    assert outcomes == ["cancelled"]


def test_cancel_after_the_work_but_before_delivery(qtbot: QtBot, workers: Workers) -> None:
    ran = threading.Event()
    task = workers.start("query", "", ran.set)
    outcomes: list[str] = []
    task.succeeded.connect(lambda: outcomes.append("succeeded"))
    assert ran.wait(5)  # the outcome is posted or about to be; this thread has not run its loop
    task.cancel()
    with qtbot.waitSignal(task.finished):
        pass
    assert outcomes == []


def test_queued_task_that_is_cancelled_never_runs(qtbot: QtBot, workers: Workers) -> None:
    hold = threading.Event()
    first = workers.start("query", "", hold.wait)
    ran: list[int] = []
    second = workers.start("query", "", lambda: ran.append(1))
    second.cancel()
    hold.set()
    with qtbot.waitSignals([first.finished, second.finished]):
        pass
    assert ran == []


def test_pause_stops_and_resume_goes_on(qtbot: QtBot, workers: Workers) -> None:
    steps = 0

    def job() -> Job[str]:
        nonlocal steps
        while steps < 3:
            steps += 1
            yield Progress(steps, 3)
        return "end"

    hold = threading.Event()
    workers.start("index", "", hold.wait)
    task = workers.start("index", "paused before it began", job)
    task.pause()
    assert task.paused
    hold.set()
    other = workers.start("query", "", lambda: None)
    with qtbot.waitSignal(other.finished):
        pass
    assert steps == 0
    with qtbot.waitSignal(task.succeeded):
        task.resume()
    assert steps == 3


def test_a_task_can_begin_paused(qtbot: QtBot, workers: Workers) -> None:
    ran: list[int] = []
    task = workers.start("index", "", lambda: ran.append(1), paused=True)
    other = workers.start("query", "", lambda: None)
    with qtbot.waitSignal(other.finished):
        pass
    assert task.paused
    assert ran == []
    with qtbot.waitSignal(task.succeeded):
        task.resume()


def test_progress_is_throttled_and_skipped_is_not(qtbot: QtBot, workers: Workers) -> None:
    def job() -> Job[None]:
        for i in range(400):
            yield Progress(i, 400)
            yield Skipped(Path(f"{i}.jpg"), "broken")

    task = workers.start("index", "", job)
    progress: list[object] = []
    skipped: list[object] = []
    task.progressed.connect(progress.append)
    task.skipped.connect(skipped.append)
    began = time.monotonic()
    with qtbot.waitSignal(task.finished):
        pass
    assert len(skipped) == 400
    assert len(progress) <= (time.monotonic() - began) * 20 + 2
    assert progress[-1] == Progress(399, 400)


def test_only_titled_tasks_are_announced(qtbot: QtBot, workers: Workers) -> None:
    seen: list[str] = []

    def note(task: Task) -> None:
        seen.append(task.title)

    workers.task_started.connect(note)
    workers.start("io", "", lambda: None)
    last = workers.start("io", "Exporting", lambda: None)
    with qtbot.waitSignal(last.finished):
        pass
    assert seen == ["Exporting"]


def test_shutdown_cancels_everything(qtbot: QtBot) -> None:
    workers = Workers()
    closed = threading.Event()

    def endless() -> Iterator[Event]:
        try:
            while True:
                yield Progress(0, None)
        finally:
            closed.set()

    running = workers.start("index", "endless", endless)
    paused = workers.start("thumbnail", "paused", endless)
    paused.pause()
    outcomes: list[str] = []
    running.cancelled.connect(lambda: outcomes.append("running"))
    paused.cancelled.connect(lambda: outcomes.append("paused"))
    assert workers.shutdown(wait_s=5)
    assert sorted(outcomes) == ["paused", "running"]
    assert workers.tasks == []
    late = workers.start("index", "too late", lambda: 1)
    assert late.cancel_requested


def test_signals_survive_five_thousand_emits() -> None:
    """PySide6 6.12.0 on Python 3.11 aborts the process after some 500 emits."""
    script = (
        "from PySide6.QtCore import QCoreApplication, QObject, Signal\n"
        "class Source(QObject):\n"
        "    sent = Signal(object); flag = Signal(bool)\n"
        "app = QCoreApplication([]); source = Source(); seen = []\n"
        "source.sent.connect(seen.append); source.flag.connect(seen.append)\n"
        "for i in range(5000):\n"
        "    source.sent.emit(i); source.flag.emit(True)\n"
        "assert len(seen) == 10000\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
