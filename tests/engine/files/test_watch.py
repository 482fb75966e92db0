"""The watcher marks what changed, in settled batches, and nothing else."""

from __future__ import annotations

import os
import shutil
import sys
import threading
from pathlib import Path
from time import monotonic

import pytest
from watching import PATIENCE_S, USUAL, Marks, Start, deep, shallow

from engine.files.watch import Watcher, compact, signature
from engine.types import DirtyFolder, WatchStatus

linux = pytest.mark.skipif(sys.platform != "linux", reason="inotify")


def test_a_new_photo_marks_its_folder(tmp_path: Path, start: Start, marks: Marks) -> None:
    (tmp_path / "x").mkdir()
    watcher = start(tmp_path)
    assert watcher.status() == [WatchStatus(tmp_path, polling=False)]
    (tmp_path / "a.jpg").write_bytes(b"x")
    assert marks.wait_for(shallow(tmp_path)) == {shallow(tmp_path)}
    (tmp_path / "x" / "b.jpg").write_bytes(b"x")
    assert marks.wait_for(shallow(tmp_path / "x")) == {shallow(tmp_path / "x")}


def test_changing_moving_and_deleting_marks_too(tmp_path: Path, start: Start, marks: Marks) -> None:
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


def test_folders_are_marked_with_their_parent(tmp_path: Path, start: Start, marks: Marks) -> None:
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
    tmp_path: Path, start: Start, marks: Marks
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
def test_reading_a_photo_marks_nothing(tmp_path: Path, start: Start, marks: Marks) -> None:
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "a.jpg").write_bytes(b"x")
    start(tmp_path)
    for _ in range(5):
        (tmp_path / "x" / "a.jpg").read_bytes()
        list((tmp_path / "x").iterdir())
    (tmp_path / "b.jpg").write_bytes(b"x")
    assert marks.wait_for(shallow(tmp_path)) == {shallow(tmp_path)}


@linux
def test_names_that_are_no_text(tmp_path: Path, start: Start, marks: Marks) -> None:
    start(tmp_path)
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    folder.mkdir()
    marks.wait_for(deep(folder))
    (folder / os.fsdecode(b"\xff.jpg")).write_bytes(b"x")
    marks.wait_for(shallow(folder))


def test_a_burst_becomes_few_batches(tmp_path: Path, start: Start, marks: Marks) -> None:
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


def test_a_flood_does_not_keep_a_batch_waiting(tmp_path: Path, start: Start, marks: Marks) -> None:
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


def test_roots_come_and_go(tmp_path: Path, start: Start, marks: Marks) -> None:
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
def test_a_root_may_be_a_link(tmp_path: Path, start: Start, marks: Marks) -> None:
    real, root = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    root.symlink_to(real)
    start(root)
    (real / "a.jpg").write_bytes(b"x")
    marks.wait_for(shallow(root))


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
