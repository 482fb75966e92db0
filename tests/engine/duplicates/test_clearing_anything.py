"""Any groups, any choices: each content stays outside of the trash, and all comes back.

And what clearing has to do with the catalog's own disk, and with sorts.
"""

from __future__ import annotations

import os
import random
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from clearing_sample import ClearingSample, bytes_like
from filing_sample import leftovers, tree, write

from engine.catalog.store import Store
from engine.duplicate_types import Choice, DuplicateClass, GroupId
from engine.errors import DiskError, EngineError
from engine.file_types import SortMode
from engine.files.companions import is_content
from engine.jobs import drain


@contextmanager
def full_at(commit: int) -> Generator[list[int], None, None]:
    """Fail one of the outermost transactions after its statements, as a full disk does."""
    usual = Store._outermost  # pyright: ignore[reportPrivateUsage]
    calls = [0]

    def fail() -> None:
        raise DiskError("The catalog's disk is full.")

    def outermost(store: Store, durable: bool) -> Any:
        calls[0] += 1
        change = usual(store, durable)
        if calls[0] != commit:
            return (yield from change)
        db = next(change)
        try:
            yield db
            fail()
        except BaseException as error:
            change.throw(error)
            raise

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "_outermost", outermost)
        yield calls


@pytest.mark.parametrize("undoing", [False, True], ids=["clear", "undo"])
def test_every_commit_fails_once(sample: ClearingSample, undoing: bool):
    ids = sample.add("a.jpg", "z/a (1).jpg", "z/a (1).xmp", "b.jpg", "z/b (1).jpg", data=bytes_like)
    sample.catalog.tags.put([ids[1]], "Sea")
    before = tree(sample.photos)
    at, happened = 0, True
    while happened:
        at += 1
        if undoing:
            sample.clear()
        told = ""
        with full_at(at) as calls:
            try:
                _ = sample.take_back() if undoing else sample.clear()
            except EngineError as error:
                told = str(error)
        happened = calls[0] >= at
        assert ("full" in told) == happened
        sample.clearing.recover()
        assert sample.catalog.journal.open_steps("clearing") == []
        assert leftovers(sample.photos, sample.trash) == []
        held = [data for path, (data, _) in tree(sample.photos, sample.trash).items()
                if not path.endswith(".trashinfo")]  # fmt: skip
        assert sorted(held) == sorted(data for data, _ in before.values())
        for done in sample.clearing.clearings():
            assert drain(sample.clearing.undo(done.id)).left_alone == ()
        assert tree(sample.photos) == before
        assert sample.in_trash() == []
        assert set(sample.paths()) == set(ids)
        assert sample.read() == 0
        assert sample.catalog.tags.of([ids[0]]) == {}
    assert at > 3


@pytest.mark.parametrize("seed", range(24))
def test_any_tree_and_any_choices(sample: ClearingSample, seed: int):
    rng = random.Random(seed)
    for _ in range(rng.randrange(6, 30)):
        path = sample.photos / rng.choice("xyz") / f"{rng.randrange(9)}{rng.choice(_ENDINGS)}"
        others = [p for p in sample.photos.rglob("*.*") if p.suffix == path.suffix]
        if path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        if others and rng.random() < 0.08:
            os.link(rng.choice(others), path)
        elif others and rng.random() < 0.1:
            path.symlink_to(rng.choice(others))
        else:
            write(path, f"{rng.randrange(3)}{path.suffix}".encode(), rng.randrange(10**9))
    sample.look()
    links = {p: p.readlink() for p in sample.photos.rglob("*.*") if p.is_symlink()}
    before = tree(sample.photos)
    precious = {data for path, (data, _) in before.items() if is_content(Path(path).name)}
    for _ in range(rng.randrange(1, 4)):
        choices: list[Choice] = []
        for group in sample.groups(DuplicateClass.IDENTICAL):
            ids = [one.photo_id for one in group.members]
            rng.shuffle(ids)
            choices.append(Choice(GroupId(rng.randrange(9)), group.kind, ids[0], tuple(ids[1:])))
            if rng.random() < 0.1:  # and somebody who wants all of them gone
                choices.append(Choice(group.id, group.kind, ids[-1], tuple(ids)))
        sample.clear(choices)
        left = {data for data, _ in tree(sample.photos).values()}
        assert precious <= left, "the last copy outside of the trash is gone"
    for done in sample.clearing.clearings():
        assert drain(sample.clearing.undo(done.id)).left_alone == ()
    assert tree(sample.photos) == before
    assert {p: p.readlink() for p in links} == links
    assert sample.in_trash() == []


_ENDINGS = (*[".jpg"] * 8, ".JPG", ".png", ".CR2", ".xmp", ".mov", ".CR2.xmp")


def test_what_lies_in_the_trash_is_no_original_of_a_sort(sample: ClearingSample):
    """Undoing a sort that copied must not take copies whose originals were cleared."""
    (original,) = sample.add("a.jpg")
    sample.into = sample.photos / "sorted"
    sample.apply(sample.plan({original: "x"}, SortMode.COPY))
    sample.look()
    (copy,) = (i for i in sample.paths() if i != original)
    sample.clear([Choice(GroupId(0), DuplicateClass.IDENTICAL, copy, (original,))])
    report = sample.undo()
    assert (report.photos, len(report.skipped)) == (0, 1)
    assert "the photo that it was made from is gone" in report.skipped[0].reason
    assert (sample.into / "x" / "a.jpg").exists()
    sample.take_back()
    assert sample.undo().photos == 1
    assert list(sample.paths()) == [original]


def test_a_sort_says_which_clearing_has_its_photo(sample: ClearingSample):
    one, two = sample.add("a.jpg", "b/a (1).jpg", data=bytes_like)
    before = tree(sample.photos)
    sample.into = sample.photos / "sorted"
    sample.apply(sample.plan({one: "x"}, SortMode.MOVE))
    run = sample.clear([Choice(GroupId(0), DuplicateClass.IDENTICAL, two, (one,))]).run_id
    report = sample.undo()
    assert report.skipped[0].reason == f"it was moved on by run {run}; undo that one first"
    sample.take_back()
    assert sample.undo().photos == 1
    assert tree(sample.photos) == before


def test_why_nothing_can_come_back_is_a_whole_sentence(sample: ClearingSample):
    sample.add("a.jpg", "b/a (1).jpg", data=bytes_like)
    before = tree(sample.photos)
    sample.clear()
    (sample.photos / "b").rmdir()
    write(sample.photos / "b", b"a file of that name")
    assert _why_left(sample) == "A file lies where its folder was."
    (sample.photos / "b").unlink()
    away = sample.photos.rename(sample.folder / "away")
    assert _why_left(sample) == "Its old folder is not there; is its drive connected?"
    away.rename(sample.photos)
    assert sample.take_back().photos == 1
    assert tree(sample.photos) == before


def _why_left(sample: ClearingSample) -> str:
    report = sample.take_back()
    assert report.photos == 0
    (left,) = report.left_alone
    return left.reason
