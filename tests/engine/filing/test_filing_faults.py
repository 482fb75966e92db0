"""Each change to the disk fails once, with every cause: nothing is lost, split or left behind."""

from __future__ import annotations

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager
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
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Path, None, None]:
    """A folder to sort into, on the photos' file system or on another."""
    if request.param == "same disk":
        yield tmp_path / "sorted"
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


@pytest.mark.parametrize("mode", [SortMode.MOVE, SortMode.COPY], ids=lambda m: m.value)
@pytest.mark.parametrize("undoing", [False, True], ids=["sort", "undo"])
@pytest.mark.parametrize(
    "number", [*FAULTS, None], ids=[*(errno.errorcode[n] for n in FAULTS), "killed"]
)
def test_every_change_fails_once(
    tmp_path: Path, target: Path, mode: SortMode, number: int | None, undoing: bool
):
    at = 0
    sample = Sample(tmp_path, target)
    sample.add(*NAMES)
    before = tree(sample.photos)
    while True:
        at += 1
        if undoing:
            assert attempt(sample, mode, undoing=False) == ""
        with failing(at, number) as fault:
            told = attempt(sample, mode, undoing=undoing)
        happened = fault.calls >= at
        if number is None and happened:  # the process is gone: open anew
            sample.close()
            sample.open()
        sample.filing.recover()
        whole(sample, before, mode)
        if happened and number is None:
            assert told in ("killed", "")
        while any(run.can_undo for run in sample.filing.runs()):
            report = sample.undo()
            assert not report.skipped
            assert not report.stopped
        assert tree(sample.photos) == before
        assert tree(sample.into) == {}
        if not happened:
            break
    sample.close()
    assert at > 8
