"""Every way in which events fall silent ends in a look at the disk."""

from __future__ import annotations

import os
import queue
import sys
import threading
from pathlib import Path

import pytest
from watching import PATIENCE_S, USUAL, Marks, Start, deep, shallow

from engine.files import watch
from engine.files.watch import Watcher
from engine.types import DirtyFolder, WatchStatus

linux = pytest.mark.skipif(sys.platform != "linux", reason="inotify")


@pytest.mark.expects_warnings
def test_more_marks_than_can_be_kept_mean_everywhere(
    tmp_path: Path, start: Start, marks: Marks
) -> None:
    start(tmp_path, max_pending=5, quiet_s=0.3)
    for number in range(20):
        (tmp_path / str(number)).mkdir()
    marks.wait_for(deep(tmp_path))


@linux
def test_an_overflow_of_the_kernels_queue_means_everything_below(
    tmp_path: Path, start: Start, marks: Marks
) -> None:
    from watchdog.observers.inotify_c import InotifyConstants, InotifyEvent, Mask, WatchDescriptor

    from engine.files.inotify import LinuxObserver
    from engine.files.notifier import Notifier

    (tmp_path / "x").mkdir()
    notifier = Notifier(tmp_path, USUAL, lambda dirty: marks.take(frozenset([dirty])), lambda: None)
    try:
        observer = notifier._observer  # pyright: ignore[reportPrivateUsage]
        assert isinstance(observer, LinuxObserver)
        lost = InotifyEvent(WatchDescriptor(-1), Mask(InotifyConstants.IN_Q_OVERFLOW), 0, b"")
        observer._watches_fd.handle_event(lost)  # pyright: ignore[reportPrivateUsage]
        marks.wait_for(deep(tmp_path))
        (tmp_path / "x" / "a.jpg").write_bytes(b"x")
        marks.wait_for(shallow(tmp_path / "x"))
    finally:
        notifier.stop()


@linux
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_reader_that_died_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.files import inotify
    from engine.files.notifier import Notifier

    def fail(*_: object) -> None:
        raise ValueError("a mistake in a library")

    telling = inotify._TellingFD  # pyright: ignore[reportPrivateUsage]
    monkeypatch.setattr(telling, "handle_event", fail)
    notifier = Notifier(tmp_path, USUAL, lambda dirty: None, lambda: None)
    try:
        assert notifier.alive()
        readers = [thread for thread in threading.enumerate() if isinstance(thread, telling)]
        (tmp_path / "a.jpg").write_bytes(b"x")
        for reader in readers:
            reader.join(PATIENCE_S)
        assert not notifier.alive()
    finally:
        notifier.stop()


@linux
def test_a_flood_of_twenty_thousand_files_loses_nothing(
    tmp_path: Path, start: Start, marks: Marks
) -> None:
    folders = [tmp_path / str(n) for n in range(20)]
    for folder in folders:
        folder.mkdir()
    start(tmp_path, quiet_s=0.5, at_most_s=PATIENCE_S)
    source = os.open(folders[0] / "0.jpg", os.O_CREAT)
    os.close(source)
    for number in range(20_000):
        os.link(folders[0] / "0.jpg", folders[number % 20] / f"{number + 1}.jpg")
    found: frozenset[DirtyFolder] = frozenset()
    for folder in folders:
        if {shallow(folder), deep(tmp_path)}.isdisjoint(found):
            found |= marks.wait_for(shallow(folder))


@linux
def test_too_few_watches_fall_back_to_looking_regularly(
    tmp_path: Path, start: Start, marks: Marks
) -> None:
    for number in range(60):
        (tmp_path / str(number)).mkdir()
    watcher = start(tmp_path, max_watches=30)
    assert watcher.status() == [WatchStatus(tmp_path, polling=True, note=watch.LIMIT)]
    (tmp_path / "59" / "a.jpg").write_bytes(b"x")
    marks.wait_for(deep(tmp_path))
    (tmp_path / "59" / "a.jpg").write_bytes(b"changed")
    marks.wait_for(deep(tmp_path))
    (tmp_path / "59" / "a.jpg").unlink()
    marks.wait_for(deep(tmp_path))


@linux
def test_a_root_that_cannot_be_watched_at_all_is_looked_through(
    tmp_path: Path, start: Start, marks: Marks
) -> None:
    assert start(tmp_path, max_watches=0).status()[0].polling
    (tmp_path / "a.jpg").write_bytes(b"x")
    marks.wait_for(deep(tmp_path))


@linux
def test_running_out_of_watches_later_is_noticed(
    tmp_path: Path, start: Start, marks: Marks
) -> None:
    watcher = start(tmp_path, max_watches=3)
    assert not watcher.status()[0].polling
    for number in range(6):
        (tmp_path / str(number)).mkdir()
    marks.wait_for(deep(tmp_path))
    assert watcher.status() == [WatchStatus(tmp_path, polling=True, note=watch.LIMIT)]


@linux
def test_excluded_folders_cost_no_watches(tmp_path: Path, start: Start, marks: Marks) -> None:
    for number in range(60):
        (tmp_path / ".cache" / str(number)).mkdir(parents=True)
    assert not start(tmp_path, max_watches=5).status()[0].polling


def test_a_network_drive_is_looked_through_regularly(
    tmp_path: Path, start: Start, marks: Marks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "is_network_drive", lambda path: True)  # pyright: ignore[reportUnknownLambdaType]
    watcher = start(tmp_path)
    assert watcher.status() == [WatchStatus(tmp_path, polling=True, note=watch.NETWORK)]
    (tmp_path / "a.jpg").write_bytes(b"x")
    marks.wait_for(deep(tmp_path))


def test_a_root_that_is_deleted_and_comes_back_is_watched_again(
    tmp_path: Path, start: Start, marks: Marks
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    watcher = start(root)
    root.rmdir()
    marks.wait_for(deep(root))
    root.mkdir()
    marks.wait_for(deep(root))
    marks.keep_asking(root / "a.jpg", shallow(root))
    assert watcher.status() == [WatchStatus(root, polling=False)]


def test_a_root_that_is_replaced_is_watched_again(
    tmp_path: Path, start: Start, marks: Marks
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    start(root)
    root.rename(tmp_path / "elsewhere")
    (tmp_path / "new").mkdir()
    (tmp_path / "new").rename(root)
    marks.wait_for(deep(root))
    marks.keep_asking(root / "a.jpg", shallow(root))


def test_a_root_that_is_not_there_is_waited_for(tmp_path: Path, start: Start, marks: Marks) -> None:
    root = tmp_path / "drive"
    watcher = start(root)
    assert watcher.status() == [WatchStatus(root, polling=False, note=watch.NOT_THERE)]
    assert not marks.rest()
    root.mkdir()
    marks.wait_for(deep(root))
    assert watcher.status() == [WatchStatus(root, polling=False)]


@pytest.mark.expects_warnings
def test_a_listener_that_fails_gets_the_next_batch(tmp_path: Path) -> None:
    calls: queue.Queue[frozenset[DirtyFolder]] = queue.Queue()

    def listen(batch: frozenset[DirtyFolder]) -> None:
        calls.put(batch)
        raise ValueError("a mistake elsewhere")

    watcher = Watcher(listen, USUAL, quiet_s=0.02, tick_s=0.05)
    try:
        watcher.set_roots([tmp_path])
        assert calls.get(timeout=PATIENCE_S) == {deep(tmp_path)}
        (tmp_path / "a.jpg").write_bytes(b"x")
        assert calls.get(timeout=PATIENCE_S) == {shallow(tmp_path)}
    finally:
        watcher.stop()
