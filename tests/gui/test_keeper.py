"""Keeping up with the disk: looks interrupt indexing, pauses are kept, nothing is forgotten."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from fake_library import FakeLibrary, photo
from pytestqt.qtbot import QtBot

from engine.jobs import Event, IndexReport, Job, Progress
from engine.types import DirtyFolder, RootId
from gui import keeper as keeper_module
from gui.bridge import Bridge
from gui.keeper import Inbox, Keeper, keep_up
from gui.workers import Task, Workers

if TYPE_CHECKING:
    from engine import Library

DIRTY = DirtyFolder(Path("/photos/new"), recursive=False)


class Slow(FakeLibrary):
    """Indexes ten photos, and waits before each for a permit."""

    def __init__(self) -> None:
        super().__init__([photo(1)])
        self.permits = threading.Semaphore(0)
        self.left = 10
        self.closed_early = 0

    def index(self) -> Job[IndexReport]:
        self.indexed += 1
        whole, done = self.left, 0
        try:
            while self.left:
                assert self.permits.acquire(timeout=10)
                self.left -= 1
                done += 1
                yield Progress(done, whole, "Indexing")
        except GeneratorExit:
            self.closed_early += 1
            raise
        return IndexReport(read=whole)


@pytest.fixture
def slow() -> Slow:
    return Slow()


def make(library: FakeLibrary, workers: Workers) -> Keeper:
    real = cast("Library", library)
    return Keeper(real, workers, Bridge(library))


def test_begin_looks_at_everything_then_indexes(qtbot: QtBot, workers: Workers) -> None:
    library = FakeLibrary([photo(1)])
    keeper = make(library, workers)
    with qtbot.waitSignal(keeper.settled):
        keeper.begin()
    assert library.reconciled == [None]
    assert library.indexed == 1
    assert not keeper.at_work


def test_batches_that_arrive_together_are_one_look(qtbot: QtBot, workers: Workers) -> None:
    library = FakeLibrary()
    keeper = make(library, workers)
    hold = threading.Event()
    workers.start("index", "", hold.wait)
    other = DirtyFolder(Path("/photos/other"), recursive=True)
    keeper.look([DIRTY])
    keeper.look([other])
    keeper.look([DIRTY])
    with qtbot.waitSignal(keeper.settled):
        hold.set()
    assert library.reconciled == [frozenset({DIRTY, other})]


def test_a_look_interrupts_indexing_and_the_numbers_go_on(
    slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeper_module, "_UNDISTURBED_S", -1.0)
    inbox = Inbox()
    inbox.want_index()
    slow.permits.release(100)
    job = keep_up(cast("Library", slow), inbox)
    events: list[Event] = [next(job) for _ in range(4)]
    inbox.want_look([DIRTY])
    events.extend(job)
    assert slow.closed_early == 1
    assert slow.indexed == 2
    assert slow.reconciled == [frozenset({DIRTY})]
    done = [event.done for event in events if isinstance(event, Progress)]
    assert done == sorted(done), "the numbers never fall"
    assert done[-1] == 10
    assert {event.total for event in events if isinstance(event, Progress)} == {10}


def test_a_new_run_is_left_alone_for_a_while(slow: Slow) -> None:
    inbox = Inbox()
    inbox.want_index()
    slow.permits.release(100)
    job = keep_up(cast("Library", slow), inbox)
    next(job)
    inbox.want_look([DIRTY])
    for _ in job:
        pass
    assert slow.closed_early == 0
    assert slow.reconciled == [frozenset({DIRTY})]


def test_paused_indexing_still_notices_changes_and_stays_paused(
    qtbot: QtBot, workers: Workers, slow: Slow
) -> None:
    keeper = make(slow, workers)
    tasks: list[Task] = []
    workers.task_started.connect(tasks.append)
    keeper.index()
    qtbot.waitUntil(lambda: bool(tasks))  # shown after a moment
    tasks[0].pause()
    slow.permits.release(1)
    qtbot.waitUntil(lambda: slow.settings.paused)
    with qtbot.waitSignal(keeper.settled, timeout=3000):
        keeper.look([DIRTY])
        slow.permits.release(1)
    qtbot.waitUntil(lambda: bool(tasks) and tasks[-1].paused)
    assert slow.reconciled == [frozenset({DIRTY})]
    assert slow.left >= 8
    slow.permits.release(100)
    with qtbot.waitSignal(keeper.settled):
        tasks[-1].resume()
    assert slow.left == 0
    qtbot.waitUntil(lambda: not slow.settings.paused)


def test_a_pause_of_last_week_is_kept(qtbot: QtBot, workers: Workers, slow: Slow) -> None:
    from dataclasses import replace

    slow.settings = replace(slow.settings, paused=True)
    keeper = make(slow, workers)
    tasks: list[Task] = []
    workers.task_started.connect(tasks.append)
    keeper.begin()
    qtbot.waitUntil(lambda: bool(tasks) and tasks[-1].paused)
    assert slow.reconciled == [None]
    assert slow.indexed == 0
    slow.permits.release(100)
    with qtbot.waitSignal(keeper.settled):
        tasks[-1].resume()
    assert slow.indexed == 1


def test_cancelled_indexing_waits_for_the_next_change(
    qtbot: QtBot, workers: Workers, slow: Slow
) -> None:
    keeper = make(slow, workers)
    tasks: list[Task] = []
    workers.task_started.connect(tasks.append)
    keeper.index()
    qtbot.waitUntil(lambda: bool(tasks))
    with qtbot.waitSignal(keeper.settled):
        tasks[0].cancel()
        slow.permits.release(1)
    assert slow.closed_early == 1
    assert not keeper.at_work
    slow.permits.release(100)
    with qtbot.waitSignal(keeper.settled):
        keeper.look([DIRTY])
    assert slow.left == 0


def test_accepting_missing_photos_waits_its_turn(qtbot: QtBot, workers: Workers) -> None:
    library = FakeLibrary()
    keeper = make(library, workers)
    with qtbot.waitSignal(keeper.settled):
        keeper.accept_missing(RootId(1))
    assert library.reconciled == [RootId(1)]
