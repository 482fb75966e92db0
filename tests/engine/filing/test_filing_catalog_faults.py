"""The catalog's own disk is full, at every commit of a sort in turn: it is settled later."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from filing_sample import Sample, contents, leftovers, tree

from engine.catalog.store import Store
from engine.errors import DiskError, EngineError
from engine.file_types import SortMode


@contextmanager
def full_at(commit: int) -> Generator[list[int], None, None]:
    """Fail one of the outermost transactions after its statements, as a full disk does."""
    usual = Store._outermost  # pyright: ignore[reportPrivateUsage]
    calls = [0]

    def outermost(store: Store, durable: bool) -> Any:
        calls[0] += 1
        change = usual(store, durable)
        if calls[0] != commit:
            return (yield from change)
        db = next(change)
        try:
            yield db
            _fail()
        except BaseException as error:
            change.throw(error)
            raise

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "_outermost", outermost)
        yield calls


def _fail() -> None:
    raise DiskError("The catalog's disk is full.")


@pytest.mark.parametrize("undoing", [False, True], ids=["sort", "undo"])
@pytest.mark.parametrize("mode", [SortMode.MOVE, SortMode.COPY], ids=lambda mode: mode.value)
def test_every_commit_fails_once(tmp_path: Path, mode: SortMode, undoing: bool):
    sample = Sample(tmp_path)
    sample.into = sample.photos / "sorted"
    ids = sample.add("a.CR2", "a.JPG", "a.xmp", "b.jpg")
    before = tree(sample.photos)
    at, happened = 0, True
    while happened:
        at += 1
        if undoing:
            sample.apply(sample.plan(dict.fromkeys(ids, "x"), mode))
        plan = sample.plan(dict.fromkeys(ids, "x"), mode)
        told = ""
        with full_at(at) as calls:
            try:
                _ = sample.undo() if undoing else sample.apply(plan)
            except EngineError as error:
                told = str(error)
        happened = calls[0] >= at
        assert ("full" in told) == happened
        sample.filing.recover()
        assert sample.catalog.journal.open_steps() == []
        assert leftovers(sample.photos) == []
        if mode is SortMode.MOVE:
            assert contents(sample.photos) == sorted(data for data, _ in before.values())
        while any(run.can_undo for run in sample.filing.runs()):
            assert sample.undo().skipped == ()
        assert tree(sample.photos) == before
        assert set(sample.paths()) == set(ids)
        assert sample.read() == 0
    assert at > 4
    sample.close()
