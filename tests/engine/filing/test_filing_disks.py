"""Disks that are full, read-only, without links or without a rename that refuses to overwrite."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest
from filing_kills import second_disk
from filing_sample import Sample, contents, leftovers, listed, tree, write

from engine.errors import DiskError
from engine.file_types import RunState, SortMode, StepState
from engine.files import writes
from engine.jobs import drain


@pytest.fixture
def sample(tmp_path: Path) -> Generator[Sample, None, None]:
    sample = Sample(tmp_path)
    yield sample
    sample.close()


@pytest.fixture
def small_disk() -> Generator[Path, None, None]:
    """A tmpfs of 3 MB."""
    with second_disk(3) as disk:
        if disk is None or disk.is_relative_to("/dev/shm"):
            pytest.skip("a small file system cannot be mounted here")
        yield disk


BIG = 150_000


def _unchecked(into: Path, steps: object) -> None:
    """Space enough."""


def big(name: str) -> bytes:
    return name.encode().ljust(BIG, b".")


def test_too_little_space_is_told_before_anything_is_begun(sample: Sample, small_disk: Path):
    sample.into = small_disk / "sorted"
    ids = sample.add(*[f"{n}.jpg" for n in range(30)], data=big)
    plan = sample.plan(dict.fromkeys(ids, "x"))
    assert plan.needed_bytes > plan.free_bytes
    with pytest.raises(DiskError, match=r"4\.5 MB are needed"):
        sample.apply(plan)
    assert sample.filing.runs() == []
    assert list(small_disk.iterdir()) == []


@pytest.mark.parametrize("mode", [SortMode.MOVE, SortMode.COPY], ids=lambda m: m.value)
def test_a_disk_that_fills_up_stops_the_run_and_keeps_what_was_done(
    sample: Sample, small_disk: Path, mode: SortMode
):
    sample.into = small_disk / "sorted"
    names = [n for i in range(15) for n in (f"{i:02}.jpg", f"{i:02}.mov")]
    ids = sample.add(*names[:18], data=big)
    before = tree(sample.photos)
    plan = sample.plan(dict.fromkeys(ids, "x"), mode)
    (small_disk / "somebody else's").write_bytes(b"." * 1_000_000)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.filing.runs.check_space", _unchecked)  # as if it came later
        report = sample.apply(plan)
    assert "no space left on the disk" in report.stopped
    assert 0 < report.photos < 9
    run = sample.filing.runs()[0]
    assert (run.state, run.note) == (RunState.STOPPED, report.stopped)
    assert leftovers(small_disk, sample.photos) == []
    assert len(listed(sample.into)) == 2 * report.photos
    assert sample.catalog.journal.open_steps() == []
    if mode is SortMode.MOVE:
        assert contents(sample.into, sample.photos) == sorted(d for d, _ in before.values())
    (small_disk / "somebody else's").unlink()
    assert drain(sample.filing.resume(run.id)).photos == 9 - report.photos
    sample.undo()
    assert tree(sample.photos) == before


def test_undoing_onto_a_full_disk_leaves_the_rest_for_later(sample: Sample, small_disk: Path):
    sample.photos = small_disk / "photos"
    sample.into = sample.folder / "sorted"
    ids = sample.add(*[f"{n}.jpg" for n in range(15)], data=big)
    before = tree(sample.photos)
    sample.apply(sample.plan(dict.fromkeys(ids, "x")))
    full = small_disk / "somebody else's"
    full.write_bytes(b"." * 1_500_000)
    report = sample.undo()
    assert "no space left on the disk" in report.stopped
    assert contents(sample.photos, sample.into) == sorted(d for d, _ in before.values())
    assert sample.filing.runs()[0].state is RunState.UNDOING
    full.unlink()
    assert sample.undo().stopped == ""
    assert tree(sample.photos) == before
    assert set(sample.paths()) == set(ids)


def test_a_read_only_disk_is_refused(sample: Sample, small_disk: Path):
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    (a,) = sample.add("a.jpg")
    sample.into = small_disk / "sorted"
    plan = sample.plan({a: "x"})
    assert plan.refusal == f"{small_disk} cannot be written to."
    with pytest.raises(DiskError, match="cannot be written to"):
        sample.apply(plan)


def test_photos_on_a_read_only_disk_can_be_copied_but_not_moved(sample: Sample, small_disk: Path):
    sample.photos = small_disk / "photos"
    ids = sample.add("a.jpg", "a.xmp", "b.jpg")
    before = tree(sample.photos)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    report = sample.apply(sample.plan(dict.fromkeys(ids, "x")))
    assert "the disk is read-only" in report.stopped
    assert tree(sample.photos) == before
    assert tree(sample.into) == {}
    assert sample.apply(sample.plan(dict.fromkeys(ids, "x"), SortMode.COPY)).photos == 2
    assert sample.undo().photos == 2
    assert tree(sample.photos) == before


def test_a_disk_that_is_away_at_the_next_start_is_waited_for(sample: Sample, small_disk: Path):
    sample.into = small_disk / "sorted"
    ids = sample.add("a.CR2", "a.JPG", "b.jpg")
    before = tree(sample.photos)
    plan = sample.plan(dict.fromkeys(ids, "x"))
    job = sample.filing.apply(plan)
    next(job)
    job.close()
    run = sample.filing.runs()[0]
    calls: list[str] = []

    class Dead(BaseException):
        pass

    def die_after_the_first_source(name: str, path: Path) -> None:
        calls.append(name)
        if calls.count("unlink") > 1:
            raise Dead

    writes.before = die_after_the_first_source
    try:
        with pytest.raises(Dead):
            list(sample.filing.resume(run.id))
    finally:
        writes.before = None
    sample.close()
    away = sample.folder / "away"
    away.mkdir()
    subprocess.run(["mount", "--move", str(small_disk), str(away)], check=True)
    try:
        sample.open()
        notes = sample.filing.recover()
        waiting = sample.catalog.journal.open_steps()
    finally:
        subprocess.run(["mount", "--move", str(away), str(small_disk)], check=True)
    assert any("waits for its drive" in note for note in notes)
    assert len(waiting) == 3
    sample.filing.recover()
    assert sample.catalog.journal.open_steps() == []
    assert contents(sample.photos, small_disk) == sorted(d for d, _ in before.values())
    sample.undo()
    assert tree(sample.photos) == before


# ---- poorer systems ------------------------------------------------------------------------------


@pytest.fixture(params=["no exclusive rename", "no links either"])
def poor_disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As old network drives and memory cards are."""

    def no_links(*_: object, **__: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(writes, "exclusive_rename", None)
    if request.param == "no links either":
        monkeypatch.setattr(writes.os, "link", no_links)


@pytest.mark.usefixtures("poor_disk")
def test_poor_disks_do_as_well(sample: Sample):
    ids = sample.add("a.jpg", "a.xmp", "b.jpg")
    before = tree(sample.photos)
    write(sample.into / "x" / "b.jpg", b"other")
    for mode in (SortMode.MOVE, SortMode.COPY):
        sample.apply(sample.plan(dict.fromkeys(ids, "x"), mode))
        assert listed(sample.into) == ["x/a.jpg", "x/a.xmp", "x/b (2).jpg", "x/b.jpg"]
        sample.undo()
        assert tree(sample.photos) == before
        assert listed(sample.into) == ["x/b.jpg"]


@pytest.mark.usefixtures("poor_disk")
def test_a_name_that_is_taken_is_refused_on_poor_disks_too(tmp_path: Path):
    source, target = write(tmp_path / "a", b"a"), write(tmp_path / "b", b"b")
    with pytest.raises(FileExistsError):
        writes.rename(source, target)
    assert (source.read_bytes(), target.read_bytes()) == (b"a", b"b")


def test_a_name_that_is_taken_is_refused(tmp_path: Path):
    source, target = write(tmp_path / "a", b"a"), write(tmp_path / "b", b"b")
    for call in (writes.rename, writes.link):
        with pytest.raises(FileExistsError):
            call(source, target)
    with pytest.raises(FileExistsError):
        writes.create(target)
    target.unlink()
    target.symlink_to(tmp_path / "nowhere")  # a broken link is a name, too
    for call in (writes.rename, writes.link):
        with pytest.raises(FileExistsError):
            call(source, target)
    assert source.read_bytes() == b"a"


# ---- power loss ----------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a second file system")
def test_a_source_goes_only_after_its_copy_is_on_the_disk(sample: Sample):
    with second_disk(16) as disk:
        if disk is None:
            pytest.skip("there is no second file system here")
        sample.into = disk / "sorted"
        ids = sample.add("a.jpg", "a.mov")
        plan = sample.plan(dict.fromkeys(ids, "x"))
        calls: list[tuple[str, str]] = []
        writes.before = lambda name, path: calls.append((name, path.name))
        try:
            sample.apply(plan)
        finally:
            writes.before = None
    at = {call: n for n, call in reversed(list(enumerate(calls)))}
    for name in ("a.jpg", "a.mov"):
        order = [("write", name), ("fsync", name), ("rename", name), ("unlink", name)]
        assert [at[call] for call in order] == sorted(at[call] for call in order)
        between = calls[at["rename", name] : at["unlink", name]]
        assert ("fsync folder", "x") in between
    assert at["rename", "a.mov"] < at["unlink", "a.jpg"]  # the whole bundle first


def test_the_journal_is_on_the_disk_before_a_file_is_touched(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
):
    ids = sample.add("a.jpg", "b.jpg")
    plan = sample.plan(dict.fromkeys(ids, "x"))
    order: list[str] = []
    start = sample.catalog.journal.start

    def noted(*arguments: object) -> None:
        start(*arguments)  # pyright: ignore[reportArgumentType]
        steps = sample.catalog.journal.open_steps()
        order.append("journal" if {s.state for s in steps} == {StepState.STARTED} else "?")

    monkeypatch.setattr(sample.catalog.journal, "start", noted)
    writes.before = lambda name, _: order.append(name)
    try:
        sample.apply(plan)
    finally:
        writes.before = None
    assert order[0] == "journal"
    assert order.count("rename") == 2


# ---- drives that are not connected ---------------------------------------------------------------


def unplugged(path: Path) -> Path:
    """What an unmounted drive leaves behind: an empty folder. Returns where the drive is now."""
    away = path.with_name(path.name + " in a drawer")
    path.rename(away)
    path.mkdir()
    return away


def plugged_in(path: Path, away: Path) -> None:
    path.rmdir()  # must still be empty
    away.rename(path)


@pytest.mark.parametrize("mode", [SortMode.MOVE, SortMode.COPY], ids=lambda m: m.value)
def test_a_target_whose_drive_is_away_is_neither_undone_nor_made_anew(
    sample: Sample, mode: SortMode
):
    drive = sample.folder / "drive"
    drive.mkdir()
    sample.into = drive / "sorted"
    ids = sample.add(*[f"{n}.jpg" for n in range(70)])
    before = tree(sample.photos)
    job = sample.filing.apply(sample.plan(dict.fromkeys(ids, "x"), mode))
    next(job)
    next(job)
    job.close()
    run = sample.filing.runs()[0]
    away = unplugged(drive)
    for job in (sample.filing.resume(run.id), sample.filing.undo(run.id)):
        with pytest.raises(DiskError, match="Is its drive connected"):
            drain(job)
    plugged_in(drive, away)
    drain(sample.filing.resume(run.id))
    assert len(listed(sample.into)) == 70
    drain(sample.filing.undo(run.id))
    assert tree(sample.photos) == before


def test_photos_are_not_put_back_below_an_empty_mount_point(sample: Sample):
    ids = sample.add("deep/a.jpg", "b.jpg")
    before = tree(sample.photos)
    sample.look()
    stat = sample.photos.stat()
    sample.catalog.roots.set_online(sample.root_id(), True, marker=(stat.st_dev, stat.st_ino))
    sample.apply(sample.plan(dict.fromkeys(ids, "x")))
    away = unplugged(sample.photos)
    report = sample.undo()
    assert {s.reason for s in report.skipped} == {
        "its old folder is not there; is its drive connected?"
    }
    plugged_in(sample.photos, away)
    assert sample.undo().skipped == ()
    assert tree(sample.photos) == before
