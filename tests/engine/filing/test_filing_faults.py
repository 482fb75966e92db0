"""Each change to the disk fails once, with every cause: nothing is lost, split or left behind."""

from __future__ import annotations

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from filing_kills import second_disk
from filing_sample import Sample, contents, leftovers, tree

from engine.errors import EngineError
from engine.file_types import SortMode, StepState
from engine.files import writes

FAULTS = (errno.ENOSPC, errno.EIO, errno.EACCES)
NAMES = ("a/IMG.CR2", "a/IMG.JPG", "a/IMG.CR2.xmp", "b/IMG.jpg", "b/other.jpg", "b/other.mov")


class Killed(BaseException):
    """As if the process had ended: nothing of ours runs any more."""


class Fault:
    """Counts the changes to the disk and fails one of them."""

    def __init__(self, at: int, number: int | None) -> None:
        self.at, self.number, self.calls = at, number, 0
        self.dead = False

    def __call__(self, name: str, path: Path) -> None:
        self.calls += 1
        if self.dead:
            raise Killed
        if self.calls != self.at:
            return
        if self.number is None:
            self.dead = True
            raise Killed
        raise OSError(self.number, os.strerror(self.number), str(path))


@contextmanager
def failing(at: int, number: int | None) -> Generator[Fault, None, None]:
    fault = Fault(at, number)
    writes.before = fault
    try:
        yield fault
    finally:
        writes.before = None


@pytest.fixture(params=["same disk", "other disk"])
def target(request: pytest.FixtureRequest, home: Path) -> Generator[Path, None, None]:
    """A folder to sort into, on the photos' file system or on another."""
    if request.param == "same disk":
        yield home / "sorted"
        return
    with second_disk(16) as other:
        if other is None:
            pytest.skip("there is no second file system here")
        yield other / "sorted"


def whole(sample: Sample, before: dict[str, tuple[bytes, int]], mode: SortMode) -> None:
    """After recovery: each bundle on one side, each content there, no leftover."""
    assert sample.catalog.journal.open_steps() == []
    assert leftovers(sample.photos, sample.into) == []
    wanted = sorted(data for data, _ in before.values())
    if mode is SortMode.MOVE:
        assert contents(sample.photos, sample.into) == wanted
    else:
        assert tree(sample.photos) == before
    now = tree(sample.photos, sample.into)
    for run in sample.filing.runs()[:1]:
        sides: dict[int, set[bool]] = {}
        for step in sample.filing.steps(run.id):
            there = step.state in (StepState.DONE, StepState.LEFT)
            sides.setdefault(step.bundle, set()).add(there)
            assert (str(step.target) in now) == there
        assert all(len(side) == 1 for side in sides.values())


def attempt(sample: Sample, mode: SortMode, *, undoing: bool) -> str:
    """Sort or undo, whatever comes of it; returns the sentence that told of trouble."""
    try:
        if undoing:
            report = sample.undo()
        else:
            ids = {i: f"c{n}" for n, i in enumerate(sorted(sample.paths()))}
            report = sample.apply(sample.plan(ids, mode))
    except Killed:
        return "killed"
    except EngineError as error:
        return str(error)
    return report.stopped or "; ".join(skipped.reason for skipped in report.skipped)


MODES = [SortMode.MOVE, SortMode.COPY, SortMode.LINK]
CAUSES = pytest.mark.parametrize(
    "number", [*FAULTS, None], ids=[*(errno.errorcode[n] for n in FAULTS), "killed"]
)


def undone(sample: Sample, before: dict[str, tuple[bytes, int]]) -> None:
    """Whatever had happened: undoing all of it gives the tree as it was."""
    while any(run.can_undo for run in sample.filing.runs()):
        report = sample.undo()
        assert not report.skipped
        assert not report.stopped
    assert tree(sample.photos) == before
    assert tree(sample.into) == {}


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
@pytest.mark.parametrize("undoing", [False, True], ids=["sort", "undo"])
@CAUSES
def test_every_change_fails_once(
    home: Path, target: Path, mode: SortMode, number: int | None, undoing: bool
):
    if mode is SortMode.LINK and target.parent != home:
        return  # a plan has no such thing
    sample = Sample(home, target)
    sample.add(*NAMES)
    before = tree(sample.photos)
    at, happened = 0, True
    while happened:
        at += 1
        if undoing:
            assert attempt(sample, mode, undoing=False) == ""
        with failing(at, number) as fault:
            told = attempt(sample, mode, undoing=undoing)
        happened = fault.calls >= at
        if happened and number is None:  # the process is gone: open anew
            assert told in ("killed", "")
            sample.close()
            sample.open()
        sample.filing.recover()
        whole(sample, before, mode)
        undone(sample, before)
    sample.close()
    assert at > 8


@pytest.mark.parametrize("mode", [SortMode.MOVE, SortMode.COPY], ids=lambda mode: mode.value)
@pytest.mark.parametrize("undoing", [False, True], ids=["sort", "undo"])
@pytest.mark.parametrize("step", [9, pytest.param(1, marks=pytest.mark.slow)])
@CAUSES
def test_recovering_from_a_kill_fails_as_well(
    home: Path, target: Path, mode: SortMode, number: int | None, undoing: bool, step: int
):
    sample = Sample(home, target)
    sample.add("a/IMG.CR2", "a/IMG.JPG", "a/IMG.CR2.xmp")
    before = tree(sample.photos)
    at, happened = 0, True
    while happened:
        at += step
        again, failed = 0, True
        while failed:
            again += (step + 3) // 4
            if undoing:
                assert attempt(sample, mode, undoing=False) == ""
            with failing(at, None) as kill:
                attempt(sample, mode, undoing=undoing)
            happened = kill.calls >= at
            sample.close()
            sample.open()
            with failing(again, number) as fault, suppress(Killed):
                sample.filing.recover()
            failed = fault.calls >= again
            sample.close()
            sample.open()
            sample.filing.recover()
            whole(sample, before, mode)
            undone(sample, before)
    sample.close()
