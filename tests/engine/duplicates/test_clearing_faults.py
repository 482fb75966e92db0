"""Each change to the disk fails once, with every cause: a verified copy is always left."""

from __future__ import annotations

import errno
import os
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from clearing_sample import ClearingSample, bytes_like
from filing_kills import second_disk
from filing_sample import leftovers, tree

from engine.errors import EngineError
from engine.file_types import StepState
from engine.files import writes
from engine.jobs import drain

SLOW = [pytest.mark.slow]
CAUSES = pytest.mark.parametrize(
    "number",
    [
        pytest.param(errno.ENOSPC, id="ENOSPC"),
        pytest.param(errno.EIO, id="EIO"),
        pytest.param(errno.EACCES, id="EACCES", marks=SLOW),
        pytest.param(None, id="killed"),
    ],
)
NAMES = ("keep/a.jpg", "z/a (1).jpg", "z/a (1).xmp", "keep/b.jpg", "z/b (1).jpg")


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


@pytest.fixture(params=["trash", "quarantine", "other disk"])
def sample(request: pytest.FixtureRequest, home: Path) -> Generator[ClearingSample, None, None]:
    """Photos on a disk with a trash; without; and without, on another disk than our own."""
    with second_disk(16) as other:
        photos = None
        if request.param == "other disk":
            if other is None:
                pytest.skip("there is no second file system here")
            photos = other / "photos"
            (other / f".Trash-{os.getuid()}").write_bytes(b"in the way")
        sample = ClearingSample(home, photos)
        if request.param == "quarantine":
            sample.xdg.mkdir()
            sample.trash.write_bytes(b"in the way")
        sample.add(*NAMES, data=bytes_like)
        yield sample
        sample.close()


def attempt(sample: ClearingSample, *, undoing: bool) -> str:
    """Clear or undo, whatever comes of it; returns the sentence that told of trouble."""
    try:
        report = sample.take_back() if undoing else sample.clear()
    except Killed:
        return "killed"
    except EngineError as error:
        return str(error)
    return report.stopped or "; ".join(left.reason for left in report.left_alone)


def whole(sample: ClearingSample, before: dict[str, tuple[bytes, int]]) -> None:
    """Every file is at its place or in the trash, whole; each content verified at its keeper."""
    places = [folder for folder in (sample.trash, sample.quarantine) if folder.is_dir()]
    now = tree(sample.photos, *places)
    # A photo that was to go never takes the keeper with it.
    assert {path: now[path] for path in before if "/keep/" in path} == {
        path: held for path, held in before.items() if "/keep/" in path
    }
    assert leftovers(sample.photos, *places) == []
    assert sample.catalog.journal.open_steps("clearing") == []
    sides: dict[tuple[int, int], set[bool]] = {}
    for run in sample.catalog.journal.runs("clearing")[:1]:
        for step in sample.catalog.journal.steps(run.id):
            there = step.state in (StepState.DONE, StepState.LEFT)
            sides.setdefault((run.id, step.bundle), set()).add(there)
            if there:
                assert now[str(step.target)] == before[str(step.source)]
                assert str(step.source) not in now
            assert there == os.path.lexists(step.target)
    assert all(len(side) == 1 for side in sides.values()), "a photo was parted from its sidecar"
    there = {path for path in now if path.startswith(f"{sample.photos}/")}
    held = [now[path][0] for path in now if path not in there and ".trashinfo" not in path]
    assert sorted([now[path][0] for path in there] + held) == sorted(d for d, _ in before.values())


def undone(
    sample: ClearingSample, before: dict[str, tuple[bytes, int]], number: int | None
) -> None:
    """Whatever had happened: undoing all of it gives the tree as it was."""
    for done in sample.clearing.clearings():
        if not done.undone:
            report = drain(sample.clearing.undo(done.id))
            assert (report.left_alone, report.stopped) == ((), "")
    assert tree(sample.photos) == before
    assert len(sample.paths()) == 4
    held = [sample.trash / "files", sample.quarantine / "files"]
    if number is None:  # else a note may stay that could not be removed; it means nothing
        held += [sample.trash / "info", sample.quarantine / "info"]
    assert [*tree(*(folder for folder in held if folder.is_dir()))] == []


@pytest.mark.parametrize("undoing", [False, True], ids=["clear", "undo"])
@CAUSES
def test_every_change_fails_once(sample: ClearingSample, number: int | None, undoing: bool):
    before = tree(sample.photos)
    at, happened = 0, True
    while happened:
        at += 1
        if undoing:
            assert attempt(sample, undoing=False) == ""
        with failing(at, number) as fault:
            told = attempt(sample, undoing=undoing)
        happened = fault.calls >= at
        if happened and number is None:  # the process is gone: open anew
            assert told in ("killed", "")
            sample.close()
            sample.open()
        sample.clearing.recover()
        whole(sample, before)
        undone(sample, before, number)
    assert at > 5


@pytest.mark.parametrize("undoing", [False, True], ids=["clear", "undo"])
@pytest.mark.parametrize("step", [7, pytest.param(1, marks=SLOW)])
@CAUSES
def test_recovering_from_a_kill_fails_as_well(
    sample: ClearingSample, number: int | None, undoing: bool, step: int
):
    before = tree(sample.photos)
    at, happened = 0, True
    while happened:
        at += step
        again, failed = 0, True
        while failed:
            again += (step + 3) // 4
            if undoing:
                assert attempt(sample, undoing=False) == ""
            with failing(at, None) as kill:
                attempt(sample, undoing=undoing)
            happened = kill.calls >= at
            sample.close()
            sample.open()
            with failing(again, number) as fault, suppress(Killed):
                sample.clearing.recover()
            failed = fault.calls >= again
            sample.close()
            sample.open()
            sample.clearing.recover()
            whole(sample, before)
            undone(sample, before, number)
