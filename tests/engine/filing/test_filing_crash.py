"""Killed at random points while sorting over two file systems; the long run is a script."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from filing_kills import torture
from filing_sample import Sample, tree

from engine.file_types import RunState, SortMode, StepState
from engine.files import writes
from engine.jobs import drain


@pytest.mark.skipif(sys.platform != "linux", reason="forks and kills")
def test_whatever_is_killed_every_content_is_there():
    figures = torture(photos=60, kills=20, seed=5, per_round=4)
    assert figures.kills >= 20
    assert figures.slowest_recover_s < 3


@pytest.mark.parametrize("mode", [SortMode.MOVE, SortMode.COPY, SortMode.LINK], ids=str)
def test_a_killed_undo_leaves_what_a_later_run_has(sample: Sample, mode: SortMode):
    ids = sample.add("a.jpg", "a.xmp", "b.jpg")
    before = tree(sample.photos)
    sample.into = sample.photos / "one"
    first = sample.apply(sample.plan({ids[0]: "x", ids[1]: "x"}, mode)).run_id
    sample.look()
    sample.into = sample.folder / "elsewhere"
    there = [i for i, path in sample.paths().items() if "one" in path.parts]
    second = sample.apply(sample.plan(dict.fromkeys(there, "y"))).run_id
    journal = sample.catalog.journal
    journal.start([replace(s, state=StepState.UNDOING) for s in journal.steps(first)])
    sample.close()  # and killed
    sample.open()
    sample.filing.recover()
    assert {s.state for s in sample.filing.steps(first)} == {StepState.LEFT}
    assert drain(sample.filing.undo(second)).skipped == ()
    assert drain(sample.filing.undo(first)).skipped == ()
    assert tree(sample.photos) == before


def test_an_undo_killed_at_its_very_end_is_ended(sample: Sample):
    (a,) = sample.add("a.jpg")
    sample.apply(sample.plan({a: "x"}, SortMode.COPY))
    changes = 0

    def die(name: str, path: Path) -> None:
        nonlocal changes
        changes += name == "rmdir"
        if changes:
            raise KeyboardInterrupt

    writes.before = die
    try:
        with pytest.raises(KeyboardInterrupt):
            sample.undo()
    finally:
        writes.before = None
    sample.close()
    sample.open()
    assert sample.filing.recover() == []
    assert sample.filing.runs()[0].state is RunState.UNDONE
    assert not sample.into.exists()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="forks and kills")
def test_three_hundred_kills_over_a_thousand_photos():
    assert torture(photos=1000, kills=300, seed=1, per_round=50).kills >= 300
