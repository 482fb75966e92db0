"""The watcher marks what changed, in settled batches, and notices when events fail."""

from __future__ import annotations

import os
import queue
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from engine.files import watch
from engine.files.scan import Excludes
from engine.files.watch import Watcher, compact, signature
from engine.settings import DEFAULT_EXCLUDES
from engine.types import DirtyFolder, WatchStatus

PATIENCE_S = 20.0
USUAL = Excludes(DEFAULT_EXCLUDES)

linux = pytest.mark.skipif(sys.platform != "linux", reason="inotify")


class Marks:
    """Collects batches and waits for marks."""

    def __init__(self) -> None:
        self._batches: queue.Queue[frozenset[DirtyFolder]] = queue.Queue()
        self.seen: list[frozenset[DirtyFolder]] = []

    def take(self, batch: frozenset[DirtyFolder]) -> None:
        self._batches.put(batch)

    def wait_for(self, *wanted: DirtyFolder) -> frozenset[DirtyFolder]:
        """All marks until the wanted ones were among them."""
        gathered: set[DirtyFolder] = set()
        deadline = monotonic() + PATIENCE_S
        while not gathered.issuperset(wanted):
            try:
                batch = self._batches.get(timeout=max(0.0, deadline - monotonic()))
            except queue.Empty:
                pytest.fail(f"not marked: {set(wanted) - gathered}; only {gathered}")
            self.seen.append(batch)
            gathered |= batch
        return frozenset(gathered)

    def keep_asking(self, photo: Path, wanted: DirtyFolder) -> None:
        """Change a photo again and again until that alone marks its folder."""
        deadline = monotonic() + PATIENCE_S
        while monotonic() < deadline:
            photo.write_bytes(b"x")
            try:
                if wanted in self._batches.get(timeout=0.5):
                    return
            except queue.Empty:
                continue
        pytest.fail(f"never marked: {wanted}")

    def rest(self) -> set[DirtyFolder]:
        """What came without waiting."""
        found: set[DirtyFolder] = set()
        while not self._batches.empty():
            found |= self._batches.get()
        return found


def shallow(path: Path) -> DirtyFolder:
    return DirtyFolder(path, recursive=False)


def deep(path: Path) -> DirtyFolder:
    return DirtyFolder(path, recursive=True)


@pytest.fixture
def marks() -> Marks:
    return Marks()


@pytest.fixture
def start(marks: Marks) -> Iterator[Callable[..., Watcher]]:
    """Start a quick watcher for some roots and wait until it is armed and said so."""
    with ExitStack() as stack:

        def start(*roots: Path, excludes: Excludes = USUAL, **how: Any) -> Watcher:
            knobs: dict[str, Any] = {"quiet_s": 0.05, "at_most_s": 0.5, "tick_s": 0.05}
            knobs |= {"poll_s": 0.05, **how}
            watcher = Watcher(marks.take, excludes, **knobs)
            stack.callback(watcher.stop)
            watcher.set_roots(roots)
            assert watcher.armed(PATIENCE_S)
            marks.wait_for(*(deep(root) for root in roots if root.exists()))
            return watcher

        before = set(threading.enumerate())
        yield start
    assert set(threading.enumerate()) <= before, "threads were left behind"


def test_a_new_photo_marks_its_folder(
    tmp_path: Path, start: Callable[..., Watcher], marks: Marks
) -> None:
    (tmp_path / "x").mkdir()
    watcher = start(tmp_path)
    assert watcher.status() == [WatchStatus(tmp_path, polling=False)]
    (tmp_path / "a.jpg").write_bytes(b"x")
    assert marks.wait_for(shallow(tmp_path)) == {shallow(tmp_path)}
    (tmp_path / "x" / "b.jpg").write_bytes(b"x")
    assert marks.wait_for(shallow(tmp_path / "x")) == {shallow(tmp_path / "x")}


def test_changing_moving_and_deleting_marks_too(
    tmp_path: Path, start: Callable[..., Watcher], marks: Marks
) -> None:
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
    photo = tmp_path / "x" / "a.jpg"
    photo.write_bytes(b"x")
    start(tmp_path)
    photo.write_bytes(b"other")
    marks.wait_for(shallow(tmp_path / "x"))
    photo.rename(tmp_path / "y" / "b.jpg")
    marks.wait_for(shallow(tmp_path / "x"), shallow(tmp_path / "y"))
    (tmp_path / "y" / "b.jpg").unlink()
    marks.wait_for(shallow(tmp_path / "y"))
    (tmp_path / "y" / "c.jpg.part").write_bytes(b"x")
    (tmp_path / "y" / "c.jpg.part").rename(tmp_path / "y" / "c.jpg")
    marks.wait_for(shallow(tmp_path / "y"))


def test_folders_are_marked_with_their_parent(
    tmp_path: Path, start: Callable[..., Watcher], marks: Marks
) -> None:
    start(tmp_path)
    (tmp_path / "x" / "y").mkdir(parents=True)
    marks.wait_for(shallow(tmp_path), deep(tmp_path / "x"))
    (tmp_path / "x").rename(tmp_path / "z")
    marks.wait_for(shallow(tmp_path), deep(tmp_path / "x"), deep(tmp_path / "z"))
    (tmp_path / "z" / "y" / "late.jpg").write_bytes(b"x")
    marks.wait_for(shallow(tmp_path / "z" / "y"))
    shutil.rmtree(tmp_path / "z")
    marks.wait_for(deep(tmp_path / "z"))


def test_what_is_no_photo_or_excluded_marks_nothing(
    tmp_path: Path, start: Callable[..., Watcher], marks: Marks
) -> None:
    for name in ("@eaDir/deep", ".hidden"):
        (tmp_path / name).mkdir(parents=True)
    start(tmp_path)
    for name in ("notes.txt", "@eaDir/deep/a.jpg", ".hidden/a.jpg", "._a.jpg", "a.jpg.tmp"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / ".new").mkdir()
    last = tmp_path / "last.jpg"
    last.write_bytes(b"x")
    assert marks.wait_for(shallow(tmp_path)) == {shallow(tmp_path)}


@linux
def test_reading_a_photo_marks_nothing(
    tmp_path: Path, start: Callable[..., Watcher], marks: Marks
) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "a.jpg").write_bytes(b"x")
    start(tmp_path)
    for _ in range(5):
        (tmp_path / "x" / "a.jpg").read_bytes()
        list((tmp_path / "x").iterdir())
    (tmp_path / "b.jpg").write_bytes(b"x")
    assert marks.wait_for(shallow(tmp_path)) == {shallow(tmp_path)}


@linux
def test_names_that_are_no_text(
    tmp_path: Path, start: Callable[..., Watcher], marks: Marks
) -> None:
    start(tmp_path)
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    marks.wait_for(deep(folder))
    (folder / os.fsdecode(b"\xff.jpg")).write_bytes(b"x")
    marks.wait_for(shallow(folder))


def test_a_burst_becomes_few_batches(
    tmp_path: Path, start: Callable[..., Watcher], marks: Marks
) -> None:
    folders = [tmp_path / str(n) for n in range(10)]
    for folder in folders:
        folder.mkdir()
    start(tmp_path, quiet_s=0.3, at_most_s=PATIENCE_S)
    marks.seen.clear()
    for number in range(2000):
        (folders[number % 10] / f"{number}.jpg").write_bytes(b"x")
    found = marks.wait_for(*(shallow(folder) for folder in folders))
    assert found == {shallow(folder) for folder in folders}
    assert len(marks.seen) == 1


def test_a_flood_does_not_keep_a_batch_waiting(
    tmp_path: Path, start: Callable[..., Watcher], marks: Marks
) -> None:
    start(tmp_path, quiet_s=PATIENCE_S, at_most_s=0.3)
    stop = threading.Event()

    def flood() -> None:
        number = 0
        while not stop.wait(0.005):
            (tmp_path / f"{number % 50}.jpg").write_bytes(b"x")
            number += 1

    thread = threading.Thread(target=flood)
    thread.start()
    try:
        began = monotonic()
        marks.wait_for(shallow(tmp_path))
        marks.wait_for(shallow(tmp_path))
        assert monotonic() - began < PATIENCE_S / 2
    finally:
        stop.set()
        thread.join()


@pytest.mark.expects_warnings
def test_more_marks_than_can_be_kept_mean_everywhere(
    tmp_path: Path, start: Callable[..., Watcher], marks: Marks
) -> None:
    start(tmp_path, max_pending=5, quiet_s=0.3)
    for number in range(20):
        (tmp_path / str(number)).mkdir()
    marks.wait_for(deep(tmp_path))


@linux
def test_an_overflow_of_the_kernels_queue_means_everything_below(
    tmp_path: Path, start: Callable[..., Watcher], marks: Marks
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
def test_a_flood_of_twenty_thousand_files_loses_nothing(
    tmp_path: Path, start: Callable[..., Watcher], marks: Marks
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
    tmp_path: Path, start: Callable[..., Watcher], marks: Marks
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
    tmp_path: Path, start: Callable[..., Watcher], marks: Marks
) -> None:
    assert start(tmp_path, max_watches=0).status()[0].polling
    (tmp_path / "a.jpg").write_bytes(b"x")
    marks.wait_for(deep(tmp_path))


@linux
def test_running_out_of_watches_later_is_noticed(
    tmp_path: Path, start: Callable[..., Watcher], marks: Marks
) -> None:
    watcher = start(tmp_path, max_watches=3)
    assert not watcher.status()[0].polling
    for number in range(6):
        (tmp_path / str(number)).mkdir()
    marks.wait_for(deep(tmp_path))
    assert watcher.status() == [WatchStatus(tmp_path, polling=True, note=watch.LIMIT)]


@linux
def test_excluded_folders_cost_no_watches(
    tmp_path: Path, start: Callable[..., Watcher], marks: Marks
) -> None:
    for number in range(60):
        (tmp_path / ".cache" / str(number)).mkdir(parents=True)
    assert not start(tmp_path, max_watches=5).status()[0].polling


def test_a_network_drive_is_looked_through_regularly(
    tmp_path: Path, start: Callable[..., Watcher], marks: Marks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "is_network_drive", lambda path: True)  # pyright: ignore[reportUnknownLambdaType]
    watcher = start(tmp_path)
    assert watcher.status() == [WatchStatus(tmp_path, polling=True, note=watch.NETWORK)]
    (tmp_path / "a.jpg").write_bytes(b"x")
    marks.wait_for(deep(tmp_path))


def test_a_root_that_is_deleted_and_comes_back_is_watched_again(
    tmp_path: Path, start: Callable[..., Watcher], marks: Marks
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
    tmp_path: Path, start: Callable[..., Watcher], marks: Marks
) -> None:
    root = tmp_path / "root"
    root.mkdir()
    start(root)
    root.rename(tmp_path / "elsewhere")
    (tmp_path / "new").mkdir()
    (tmp_path / "new").rename(root)
    marks.wait_for(deep(root))
    (root / "x").mkdir()
    marks.wait_for(deep(root / "x"))


def test_a_root_that_is_not_there_is_waited_for(
    tmp_path: Path, start: Callable[..., Watcher], marks: Marks
) -> None:
    root = tmp_path / "drive"
    watcher = start(root)
    assert watcher.status() == [WatchStatus(root, polling=False, note=watch.NOT_THERE)]
    assert not marks.rest()
    root.mkdir()
    marks.wait_for(deep(root))
    assert watcher.status() == [WatchStatus(root, polling=False)]


def test_roots_come_and_go(tmp_path: Path, start: Callable[..., Watcher], marks: Marks) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    watcher = start(first)
    watcher.set_roots([second])
    marks.wait_for(deep(second))
    (first / "a.jpg").write_bytes(b"x")
    (second / "b.jpg").write_bytes(b"x")
    assert marks.wait_for(shallow(second)) == {shallow(second)}
    assert [status.path for status in watcher.status()] == [second]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_root_may_be_a_link(tmp_path: Path, start: Callable[..., Watcher], marks: Marks) -> None:
    real, root = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    root.symlink_to(real)
    start(root)
    (real / "a.jpg").write_bytes(b"x")
    marks.wait_for(shallow(root))


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


def test_stopping_from_within_the_listener_does_not_block(tmp_path: Path) -> None:
    stopped = threading.Event()

    def listen(_: frozenset[DirtyFolder]) -> None:
        watcher.stop()
        stopped.set()

    watcher = Watcher(listen, USUAL, quiet_s=0.02, tick_s=0.05)
    watcher.set_roots([tmp_path])
    assert stopped.wait(PATIENCE_S)
    watcher.stop()


def test_marks_below_a_deep_one_are_left_out() -> None:
    a, b = Path("/a"), Path("/b")
    batch = {deep(a), shallow(a), shallow(a / "x"), deep(a / "x"), shallow(b), deep(b / "y")}
    assert compact(batch) == {deep(a), shallow(b), deep(b / "y")}


def test_the_signature_tells_changes_of_photos_only(tmp_path: Path) -> None:
    photo = tmp_path / "a.jpg"
    photo.write_bytes(b"x")
    before = signature(tmp_path, USUAL)
    (tmp_path / "notes.txt").write_bytes(b"x")
    assert signature(tmp_path, USUAL) == before
    photo.rename(tmp_path / "b.jpg")
    renamed = signature(tmp_path, USUAL)
    assert renamed != before
    os.utime(tmp_path / "b.jpg", ns=(1, 1))
    assert signature(tmp_path, USUAL) != renamed
