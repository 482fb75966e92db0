"""Photos of one run get each other's names: moved up, in a circle, with equal bytes, and back."""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from filing_sample import Sample, contents, leftovers, listed, tree, write
from hypothesis import given, settings
from hypothesis import strategies as st
from test_filing_faults import failing
from test_operation_faults import attempt

from engine.catalog.journal import PLACED
from engine.file_types import RunState
from engine.filing.turns import Change, in_turn
from engine.jobs import drain
from engine.types import PhotoId

WAYS = {
    "down": ("2", "3", "4", "5"),
    "up": ("4", "5", "6", "7"),
    "circle": ("4", "5", "6", "3"),
    "swap": ("4", "3", "6", "5"),
    "mirror": ("6", "5", "4", "3"),
}
FROM = ("3", "4", "5", "6")


def own(name: str) -> bytes:
    return name.encode() * int(name[0])


def equal(_name: str) -> bytes:
    return b"equal"


BYTES: dict[str, Callable[[str], bytes]] = {"of their own": own, "equal": equal}


def renaming(sample: Sample, ids: list[PhotoId], to: tuple[str, ...]) -> dict[PhotoId, str]:
    return dict(zip(ids, to, strict=True))


@pytest.mark.parametrize("to", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("data", BYTES.values(), ids=BYTES)
def test_names_are_handed_on_and_back(
    sample: Sample, to: tuple[str, ...], data: Callable[[str], bytes]
):
    names = [f"{name}.{end}" for name in FROM for end in ("jpg", "xmp")]
    ids = sample.add(*names, data=data)
    before, paths = tree(sample.photos), sample.paths()
    wanted = renaming(sample, ids, to)
    found = sample.filing.proposals(wanted)
    assert [(one.path.stem, one.name, one.companions, one.trouble) for one in found] == [
        (old, f"{new}.jpg", 1, "") for old, new in zip(FROM, to, strict=True)
    ]
    report = drain(sample.filing.rename(wanted))
    assert (report.photos, report.skipped) == (4, ())
    assert {i: p.name for i, p in sample.paths().items()} == {
        photo_id: f"{new}.jpg" for photo_id, new in wanted.items()
    }
    after = tree(sample.photos)
    for old, new in zip(FROM, to, strict=True):
        for end in ("jpg", "xmp"):
            was, now = (str(sample.photos / f"{stem}.{end}") for stem in (old, new))
            assert after[now] == before[was]
    assert len(after) == len(before)
    assert sample.catalog.photos.to_read() == []
    sample.close()
    sample.open()
    assert drain(sample.filing.undo(report.run_id)).photos == 4
    assert (tree(sample.photos), sample.paths()) == (before, paths)
    assert sample.filing.operations()[0].state is RunState.UNDONE


@pytest.mark.parametrize("number", [None, errno.EIO], ids=["killed", "EIO"])
@pytest.mark.parametrize("undoing", [False, True], ids=["there", "back"])
@pytest.mark.parametrize("to", [WAYS["down"], WAYS["swap"]], ids=["down", "swap"])
@pytest.mark.parametrize("data", BYTES.values(), ids=BYTES)
def test_every_change_fails_once_while_names_are_handed_on(
    sample: Sample,
    to: tuple[str, ...],
    data: Callable[[str], bytes],
    undoing: bool,
    number: int | None,
):
    ids = sample.add(*(f"{n}.jpg" for n in FROM), "4.xmp", data=data)
    before, paths = tree(sample.photos), sample.paths()
    at, happened = 0, True
    while happened:
        at += 1
        if undoing:
            assert attempt(lambda: sample.filing.rename(renaming(sample, ids, to))) == ""
        with failing(at, number) as fault:
            if undoing:
                attempt(lambda: sample.filing.undo(sample.filing.operations()[0].id))
            else:
                attempt(lambda: sample.filing.rename(renaming(sample, ids, to)))
        happened = fault.calls >= at
        sample.close()
        sample.open()
        sample.filing.recover()
        assert sample.catalog.journal.open_steps(*PLACED) == []
        assert contents(sample.photos) == sorted(data for data, _ in before.values())
        assert sorted(p.name for p in sample.paths().values()) == sorted(
            p.name for p in sample.photos.glob("*.jpg")
        )
        assert leftovers(sample.photos) == []
        run = sample.filing.operations()[0]
        if at % 2 and run.can_resume:
            drain(sample.filing.resume(run.id))
            if not sample.filing.operations()[0].skipped:
                assert {p.stem for p in sample.paths().values()} == set(to)
        if sample.filing.operations()[0].can_undo:
            report = drain(sample.filing.undo(run.id))
            assert (report.skipped, report.stopped) == ((), "")
        assert (tree(sample.photos), sample.paths()) == (before, paths)


def test_who_cannot_have_the_other_name_keeps_the_one_there_is(sample: Sample):
    a, b, c, d = sample.add("a.jpg", "b.jpg", "c.jpg", "c.mov", "d.jpg")
    write(sample.photos / "e.mov", b"another's")
    before, wanted = tree(sample.photos), {a: "c", c: "e", b: "a", d: "b"}
    found = sample.filing.proposals(wanted)
    assert [one.path.stem for one in found if one.trouble] == ["a", "c", "b", "d"]
    report = drain(sample.filing.rename(wanted))
    assert (report.photos, len(report.skipped)) == (0, 4)
    assert tree(sample.photos) == before


def test_a_photo_that_comes_between_stops_those_behind_it_only(sample: Sample):
    ids = sample.add("2.jpg", "3.jpg", "4.jpg", "6.jpg", "7.jpg")
    job = sample.filing.rename(renaming(sample, ids, ("1", "2", "3", "5", "6")))
    next(job)
    write(sample.photos / "1.jpg", b"of another program")
    report = drain(job)
    assert [(one.path.name, one.reason) for one in report.skipped] == [
        ("2.jpg", "there is another file called 1.jpg"),
        ("3.jpg", "there is another file called 2.jpg"),
        ("4.jpg", "there is another file called 3.jpg"),
    ]
    assert listed(sample.photos) == ["1.jpg", "2.jpg", "3.jpg", "4.jpg", "5.jpg", "6.jpg"]
    assert (sample.photos / "2.jpg").read_bytes() == b"the bytes of 2.jpg"


NAMES = st.sampled_from("abcdefg")


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(NAMES, st.tuples(st.none() | NAMES, st.sampled_from("xy")), min_size=1),
    st.booleans(),
)
def test_any_names_lose_nothing_and_go_back(
    wanted: dict[str, tuple[str | None, str]], killed: bool
):
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as scratch:
        sample = Sample(Path(scratch))
        ids = sample.add(
            *(f"{name}.jpg" for name in wanted), data=lambda name: wanted[name[0]][1].encode()
        )
        before, paths = tree(sample.photos), sample.paths()
        names = {i: to for i, (to, _) in zip(ids, wanted.values(), strict=True) if to is not None}
        told = {one.photo_id: one for one in sample.filing.proposals(names)}
        report = drain(sample.filing.rename(names))
        for photo_id, path in sample.paths().items():
            fine = photo_id in told and not told[photo_id].trouble
            assert path.name == (told[photo_id].name if fine else paths[photo_id].name)
        assert contents(sample.photos) == sorted(data for data, _ in before.values())
        stem = {photo_id: path.stem for photo_id, path in paths.items()}
        after = {**stem, **names}
        if len(set(after.values())) == len(after):  # no name twice: all of it can be
            assert not report.skipped
            assert {i: p.stem for i, p in sample.paths().items()} == after
        if report.run_id:
            drain(sample.filing.undo(report.run_id))
        assert (tree(sample.photos), sample.paths()) == (before, paths)
        sample.close()


@given(st.lists(st.tuples(st.sets(st.integers(0, 9)), st.sets(st.integers(0, 9))), max_size=9))
def test_each_has_one_turn_after_all_that_it_waits_for(
    given_names: list[tuple[set[int], set[int]]],
):
    changes = [Change(frozenset(old), frozenset(new)) for old, new in given_names]
    turns = in_turn(changes)
    assert sorted(turn.number for turn in turns if not turn.aside) == list(range(len(changes)))
    gone: set[int] = set()
    for turn in turns:
        change = changes[turn.number]
        if not turn.aside:
            waits = {
                n for n, other in enumerate(changes)
                if n != turn.number and n not in gone and other.old & change.new
            }  # fmt: skip
            assert not waits
        gone.add(turn.number)


def test_a_long_row_and_a_long_circle():
    row = [Change(frozenset([n]), frozenset([n + 1])) for n in range(20_000)]
    circle = [*row, Change(frozenset([20_000]), frozenset([0]))]
    assert [turn.number for turn in in_turn(row)] == list(range(20_000))[::-1]
    assert len(in_turn(circle)) == len(circle) + 1


def test_what_was_cut_short_promises_what_the_window_can_do(sample: Sample):
    ids = sample.add("2.jpg", "3.jpg")
    with failing(2, None):
        attempt(lambda: sample.filing.rename(renaming(sample, ids, ("1", "2"))))
    run = sample.filing.operations()[0]
    sample.catalog.journal.set_state(run.id, RunState.APPLYING)  # as a real kill leaves it
    sample.close()
    sample.open()
    assert sample.filing.recover() == [
        "Renaming photos was interrupted. What it did is kept, and can be undone."
    ]
