"""Each change to the disk by trash, rename and move fails once or is the last: nothing is lost."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Generator
from contextlib import suppress
from pathlib import Path

import pytest
from filing_kills import second_disk
from filing_sample import Sample, contents, leftovers, tree
from test_filing_faults import CAUSES, Killed, failing

from engine.catalog.journal import PLACED, TRASHING
from engine.errors import EngineError
from engine.file_types import FilingReport, StepState
from engine.jobs import Job, drain

NAMES = ("a/IMG.CR2", "a/IMG.JPG", "a/IMG.CR2.xmp", "b/one.jpg", "b/two.jpg", "b/two.mov")


def _trash(sample: Sample) -> Job[FilingReport]:
    return sample.filing.trash(sorted(sample.paths()))


def _rename(sample: Sample) -> Job[FilingReport]:
    return sample.filing.rename({i: f"new {i}" for i in sorted(sample.paths())})


def _move(sample: Sample) -> Job[FilingReport]:
    return sample.filing.move_to(sorted(sample.paths()), sample.photos / "x" / "y")


def _undo(sample: Sample) -> Job[FilingReport]:
    return sample.filing.undo(sample.filing.operations()[0].id)


ACTS = {"trash": _trash, "rename": _rename, "move": _move}
Act = Callable[[Sample], Job[FilingReport]]


@pytest.fixture(params=["own trash", "no trash", "other disk"])
def data_home(request: pytest.FixtureRequest, home: Path) -> Generator[Path, None, None]:
    """Where the trash is: on the photos' disk, nowhere, or the quarantine is on another disk."""
    if request.param == "own trash":
        yield home / "xdg"
        return
    if request.param == "no trash":
        (home / "xdg").mkdir()
        (home / "xdg" / "Trash").write_bytes(b"")
        yield home / "xdg"
        return
    with second_disk(16) as other:
        if other is None:
            pytest.skip("there is no second file system here")
        (other / "photos").mkdir()
        for name in (f".Trash-{os.getuid()}", ".Trash"):  # no trash on it either
            (other / name).write_bytes(b"")
        yield other


def made(home: Path, data_home: Path, monkeypatch: pytest.MonkeyPatch) -> Sample:
    elsewhere = data_home.parent != home
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "xdg" if elsewhere else data_home))
    sample = Sample(home)
    if elsewhere:
        sample.photos = data_home / "photos"
    return sample


def attempt(job: Callable[[], Job[FilingReport]]) -> str:
    """Whatever comes of it; returns the sentence that told of trouble."""
    try:
        report = drain(job())
    except Killed:
        return "killed"
    except EngineError as error:
        return str(error)
    return report.stopped or "; ".join(skipped.reason for skipped in report.skipped)


def places(sample: Sample) -> list[Path]:
    """All folders that photos may have come to."""
    found = [sample.photos, sample.folder / "data" / "trash" / "files"]
    return [*found, sample.folder / "xdg" / "Trash" / "files"]


def whole(sample: Sample, before: dict[str, tuple[bytes, int]]) -> None:
    """After recovery: each bundle on one side, each content there once, no leftover."""
    assert sample.catalog.journal.open_steps(*PLACED, TRASHING) == []
    assert leftovers(*places(sample)) == []
    assert contents(*places(sample)) == sorted(data for data, _ in before.values())
    now = tree(*places(sample))
    for run in sample.filing.operations()[:1]:
        sides: dict[int, set[bool]] = {}
        for step in sample.filing.steps(run.id):
            there = step.state in (StepState.DONE, StepState.LEFT)
            sides.setdefault(step.bundle, set()).add(there)
            assert (str(step.target) in now) == there
        assert all(len(side) == 1 for side in sides.values())
    for folder in places(sample)[1:]:
        if folder.is_dir():
            held = {path.name for path in folder.iterdir()}
            notes = {path.stem for path in (folder.parent / "info").glob("*")}
            # One that could not be removed means nothing without its file.
            assert held <= notes


def undone(sample: Sample, before: dict[str, tuple[bytes, int]], number: int | None) -> None:
    """Undoing all of it gives the tree and the rows as they were."""
    for run in sample.filing.operations():
        if run.can_undo:
            report = drain(sample.filing.undo(run.id))
            assert not report.skipped
            assert not report.stopped
    assert tree(sample.photos) == before
    if number is None:  # else a note may stay that could not be removed
        assert tree(*(folder.parent for folder in places(sample)[1:] if folder.is_dir())) == {}
    assert sorted(map(str, sample.paths().values())) == sorted(
        path for path in before if Path(path).suffix not in (".xmp", ".mov")
    )


def start(home: Path, data_home: Path, monkeypatch: pytest.MonkeyPatch) -> Sample:
    sample = made(home, data_home, monkeypatch)
    for number, name in enumerate(NAMES):
        path = sample.photos / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(name.encode())
        os.utime(path, (1_600_000_000 + number, 1_600_000_000 + number))
    sample.catalog.roots.add(sample.photos)
    sample.look()
    return sample


@pytest.mark.parametrize("undoing", [False, True], ids=["there", "back"])
@pytest.mark.parametrize("act", ACTS)
@CAUSES
def test_every_change_fails_once(
    home: Path, data_home: Path, act: str, number: int | None, undoing: bool,
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    if act != "trash" and (data_home.parent != home or data_home.joinpath("Trash").is_file()):
        return  # they never come near a trash
    sample = start(home, data_home, monkeypatch)
    do, before = ACTS[act], tree(sample.photos)
    at, happened = 0, True
    while happened:
        at += 1
        if undoing:
            assert attempt(lambda: do(sample)) == ""
        with failing(at, number) as fault:
            told = attempt(lambda: _undo(sample) if undoing else do(sample))
        happened = fault.calls >= at
        if happened and number is None:  # the process is gone: open anew
            assert told in ("killed", "")
            photos = sample.photos
            sample.close()
            sample.open()
            sample.photos = photos
        sample.filing.recover()
        whole(sample, before)
        undone(sample, before, number)
    sample.close()
    assert at > 6


@pytest.mark.parametrize("undoing", [False, True], ids=["there", "back"])
def test_recovering_the_trash_from_a_kill_fails_as_well(
    home: Path, data_home: Path, undoing: bool, monkeypatch: pytest.MonkeyPatch
):
    sample = start(home, data_home, monkeypatch)
    photos, before = sample.photos, tree(sample.photos)
    at, happened = 0, True
    while happened:
        at += 5
        again, failed = 0, True
        while failed:
            again += 2
            if undoing:
                assert attempt(lambda: _trash(sample)) == ""
            with failing(at, None) as kill:
                attempt(lambda: _undo(sample) if undoing else _trash(sample))
            happened = kill.calls >= at
            sample.close()
            sample.open()
            with failing(again, (None, errno.EIO)[again // 2 % 2]) as fault, suppress(Killed):
                sample.filing.recover()
            failed = fault.calls >= again
            sample.close()
            sample.open()
            sample.photos = photos
            sample.filing.recover()
            whole(sample, before)
            undone(sample, before, errno.EIO)
    sample.close()
