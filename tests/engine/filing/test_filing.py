"""Applying a plan and taking it back: paths, bytes, times, companions, and the catalog's rows."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from filing_sample import Sample, leftovers, listed, tree, write

from engine.file_types import ByDate, RunState, SortMode, StepState
from engine.filing import Filing, FilingBusy
from engine.jobs import Skipped, drain
from engine.types import PhotoState

MODES = [SortMode.MOVE, SortMode.COPY, SortMode.LINK]


@pytest.mark.parametrize("mode", MODES, ids=lambda m: m.value)
def test_there_and_back(sample: Sample, mode: SortMode):
    ids = sample.add(
        "2024/a.jpg", "2024/a.xmp", "b.CR2", "b.JPG", "b.CR2.xmp", "c.jpg", "notes.txt"
    )
    before = tree(sample.photos)
    plan = sample.plan({ids[0]: "Sea", ids[1]: "Hills", ids[2]: "Hills", ids[3]: None}, mode)
    report = sample.apply(plan)
    assert (report.photos, report.files, report.skipped, report.stopped) == (3, 5, (), "")
    assert listed(sample.into) == [
        "Hills/b.CR2",
        "Hills/b.CR2.xmp",
        "Hills/b.JPG",
        "Sea/a.jpg",
        "Sea/a.xmp",
    ]
    if mode is SortMode.MOVE:
        assert listed(sample.photos) == ["c.jpg", "notes.txt"]
    else:
        assert tree(sample.photos) == before
    for path, (data, mtime_ns) in tree(sample.into).items():
        name = Path(path).name
        assert any(p.endswith(name) and found == (data, mtime_ns) for p, found in before.items())
    sample.close()
    sample.open()
    report = sample.undo()
    assert (report.photos, report.files, report.skipped) == (3, 5, ())
    assert tree(sample.photos) == before
    assert not sample.into.exists()
    assert sample.filing.runs()[0].state is RunState.UNDONE


def test_a_link_is_the_same_file(sample: Sample):
    (a,) = sample.add("a.jpg")
    sample.apply(sample.plan({a: "x"}, SortMode.LINK))
    assert (sample.into / "x" / "a.jpg").samefile(sample.photos / "a.jpg")


def test_permissions_and_attributes_are_copied(sample: Sample):
    (a,) = sample.add("a.jpg")
    source = sample.photos / "a.jpg"
    source.chmod(0o640)
    if hasattr(os, "setxattr"):
        os.setxattr(source, "user.rating", b"5")
    sample.apply(sample.plan({a: "x"}, SortMode.COPY))
    copy = sample.into / "x" / "a.jpg"
    assert copy.stat().st_mode & 0o777 == 0o640
    if hasattr(os, "getxattr"):
        assert os.getxattr(copy, "user.rating") == b"5"


def test_rows_follow_within_the_library_and_nothing_is_read_anew(sample: Sample):
    sample.into = sample.photos / "sorted"
    ids = sample.add("a.jpg", "b.CR2", "b.JPG")
    sample.apply(sample.plan(dict.fromkeys(ids, "x"), by_date=ByDate.MONTH))
    folder = sample.into / "x" / "2020" / "2020-09"
    assert sample.paths() == {
        i: folder / name for i, name in zip(ids, ["a.jpg", "b.CR2", "b.JPG"], strict=True)
    }
    sample.look()
    assert sample.read() == 0
    assert set(sample.paths()) == set(ids)
    sample.undo()
    assert sorted(sample.paths().values()) == sorted(
        sample.photos / n for n in ("a.jpg", "b.CR2", "b.JPG")
    )
    assert sample.read() == 0


def test_photos_that_leave_the_library_keep_all_that_is_known_of_them(sample: Sample):
    (a,) = sample.add("a.jpg")
    assert "not watched" in " ".join(sample.plan({a: "x"}).notes)
    sample.apply(sample.plan({a: "x"}))
    (row,) = sample.catalog.photos.known(sample.root_id())
    assert (row.photo_id, row.state) == (a, PhotoState.MISSING)
    assert row.content_hash is not None
    sample.look()
    sample.undo()
    assert sample.paths() == {a: sample.photos / "a.jpg"}
    assert sample.read() == 0
    sample.apply(sample.plan({a: "x"}))
    sample.catalog.roots.add(sample.into)  # or the user has its new place watched
    sample.look()
    assert sample.catalog.photos.find(sample.into / "x" / "a.jpg") == a


def test_copies_get_rows_of_their_own(sample: Sample):
    sample.into = sample.photos / "sorted"
    (a,) = sample.add("a.jpg")
    sample.apply(sample.plan({a: "x"}, SortMode.COPY))
    assert len(sample.paths()) == 2
    assert sample.read() == 1  # its bytes are known then; the vector is that of equal content
    sample.look()
    assert len(sample.paths()) == 2
    sample.undo()
    assert sample.paths() == {a: sample.photos / "a.jpg"}


# ---- what changed since --------------------------------------------------------------------------


def test_sources_that_changed_or_vanished_since_the_plan_stay(sample: Sample):
    ids = sample.add("a.jpg", "b.jpg", "c.jpg", "d.jpg", "d.xmp")
    plan = sample.plan(dict.fromkeys(ids, "x"))
    write(sample.photos / "a.jpg", b"edited meanwhile")
    (sample.photos / "b.jpg").unlink()
    os.utime(sample.photos / "c.jpg", (5, 5))  # touched, the same bytes
    write(sample.photos / "d.xmp", b"another rating")  # a sidecar is taken as it is
    write(sample.photos / "d.jpg.xmp", b"and a new one")
    report = sample.apply(plan)
    assert [(s.path.name, s.reason) for s in report.skipped] == [
        ("a.jpg", "was changed since it was looked at"),
        ("b.jpg", "is not there any more"),
    ]
    assert listed(sample.into) == ["x/c.jpg", "x/d.jpg", "x/d.jpg.xmp", "x/d.xmp"]
    states = {step.source.name: step.state for step in sample.filing.steps(report.run_id)}
    assert states["a.jpg"] is states["b.jpg"] is StepState.SKIPPED
    sample.undo()
    assert (sample.photos / "c.jpg").stat().st_mtime == 5


def test_a_photo_changed_since_is_left_and_named(sample: Sample):
    ids = sample.add("a.jpg", "b.jpg", "c.jpg", "c.xmp")
    sample.apply(sample.plan(dict.fromkeys(ids, "x")))
    write(sample.into / "x" / "a.jpg", b"edited in its new place")
    write(sample.photos / "b.jpg", b"a new photo of the old name")
    write(sample.into / "x" / "c.xmp", b"rated")
    report = sample.undo()
    assert {s.path.name: s.reason for s in report.skipped} == {
        "a.jpg": "was changed since",
        "b.jpg": "another file lies at its old place",
        "c.jpg": f"{sample.into / 'x' / 'c.xmp'}: was changed since",
    }
    assert (sample.photos / "b.jpg").read_bytes() == b"a new photo of the old name"
    assert listed(sample.into) == ["x/a.jpg", "x/b.jpg", "x/c.jpg", "x/c.xmp"]
    run = sample.filing.runs()[0]
    assert (run.left, run.can_undo) == (4, True)
    (sample.photos / "b.jpg").unlink()
    assert sample.undo().photos == 1  # tried again
    assert (sample.photos / "b.jpg").read_bytes() == b"the bytes of b.jpg"


def test_a_copy_goes_only_if_it_is_not_the_last(sample: Sample):
    ids = sample.add("a.jpg", "b.jpg", "c.jpg", "d.jpg")
    sample.apply(sample.plan(dict.fromkeys(ids, "x"), SortMode.COPY))
    copies = sample.into / "x"
    write(copies / "a.jpg", b"edited")
    (sample.photos / "b.jpg").unlink()
    write(sample.photos / "c.jpg", b"the original was edited")
    report = sample.undo()
    assert {s.path.name: s.reason for s in report.skipped} == {
        "a.jpg": "was changed since",
        "b.jpg": "the photo that it was made from is gone",
        "c.jpg": "the photo that it was made from was changed",
    }
    assert listed(copies) == ["a.jpg", "b.jpg", "c.jpg"]


def test_a_copy_whose_original_became_its_hard_link_is_kept(sample: Sample):
    (a,) = sample.add("a.jpg")
    sample.apply(sample.plan({a: "x"}, SortMode.COPY))
    copy = sample.into / "x" / "a.jpg"
    (sample.photos / "a.jpg").unlink()
    os.link(copy, sample.photos / "a.jpg")
    assert [s.reason for s in sample.undo().skipped] == ["is the photo itself"]
    assert copy.exists()


def test_several_runs_deep_and_in_any_order(sample: Sample):
    ids = sample.add("a.jpg", "a.xmp", "b.jpg", "c.jpg")
    before = tree(sample.photos)
    sample.into = sample.photos / "one"
    first = sample.apply(sample.plan(dict.fromkeys(ids, "x"))).run_id
    sample.into = sample.photos / "two"
    second = sample.apply(sample.plan({ids[0]: "y", ids[1]: "y"})).run_id
    third = sample.apply(sample.plan({ids[2]: "z"}, SortMode.COPY)).run_id
    report = drain(sample.filing.undo(first))
    assert {s.path.name: s.reason for s in report.skipped} == {
        "a.jpg": f"it was moved on by run {second}; undo that one first",
        "b.jpg": f"it was moved on by run {second}; undo that one first",
    }
    assert (sample.photos / "c.jpg").exists()
    assert drain(sample.filing.undo(third)).skipped == ()  # its original was moved back: found
    assert drain(sample.filing.undo(second)).skipped == ()
    assert drain(sample.filing.undo(first)).skipped == ()
    assert tree(sample.photos) == before
    assert [run.state for run in sample.filing.runs()] == [RunState.UNDONE] * 3
    assert set(sample.paths()) == set(ids)


@pytest.mark.parametrize("newest_first", [True, False])
def test_folders_that_two_runs_shared_go_with_the_last(sample: Sample, newest_first: bool):
    a, b = sample.add("a.jpg", "b.jpg")
    sample.into = sample.folder / "new" / "sorted"
    runs = [
        sample.apply(sample.plan({photo: name}, SortMode.COPY)).run_id
        for photo, name in ((a, "x"), (b, "x"), (b, "y"))
    ]
    for run_id in sorted(runs, reverse=newest_first):
        assert drain(sample.filing.undo(run_id)).skipped == ()
    assert not sample.into.parent.exists()


def test_a_copy_of_a_copy_goes_when_the_one_between_is_gone(sample: Sample):
    (a,) = sample.add("a.jpg")
    before = tree(sample.photos)
    sample.into = sample.photos / "one"
    first = sample.apply(sample.plan({a: "x"}, SortMode.COPY)).run_id
    sample.look()
    (copy,) = set(sample.paths()) - {a}
    sample.into = sample.photos / "two"
    second = sample.apply(sample.plan({copy: "x"}, SortMode.COPY)).run_id
    assert drain(sample.filing.undo(first)).skipped == ()
    assert drain(sample.filing.undo(second)).skipped == ()
    assert tree(sample.photos) == before


@pytest.mark.parametrize("mode", [SortMode.COPY, SortMode.LINK], ids=lambda m: m.value)
def test_copies_go_after_their_originals_went_home(sample: Sample, mode: SortMode):
    ids = sample.add("a.jpg", "a.xmp")
    before = tree(sample.photos)
    sample.into = sample.photos / "one"
    first = sample.apply(sample.plan({ids[0]: "x"})).run_id
    sample.into = sample.folder / "two"
    second = sample.apply(sample.plan({ids[0]: "y"}, mode)).run_id
    assert drain(sample.filing.undo(first)).skipped == ()
    assert drain(sample.filing.undo(second)).skipped == ()
    assert tree(sample.photos) == before
    assert not sample.into.exists()


@pytest.mark.parametrize("mode", [SortMode.COPY, SortMode.LINK], ids=lambda m: m.value)
def test_a_copy_that_was_moved_on_waits_for_the_later_run(sample: Sample, mode: SortMode):
    ids = sample.add("a.jpg", "a.MOV")
    before = tree(sample.photos)
    sample.into = sample.photos / "one"
    first = sample.apply(sample.plan({ids[0]: "x"}, mode)).run_id
    sample.look()
    (copy,) = set(sample.paths()) - {ids[0]}
    sample.into = sample.folder / "elsewhere"
    second = sample.apply(sample.plan({copy: "x"})).run_id
    (skipped,) = drain(sample.filing.undo(first)).skipped
    assert skipped.reason == f"it was moved on by run {second}; undo that one first"
    assert drain(sample.filing.undo(second)).skipped == ()
    assert drain(sample.filing.undo(first)).skipped == ()
    assert tree(sample.photos) == before
    assert not sample.into.exists()


def test_a_link_that_became_a_copy_of_its_own_goes(sample: Sample):
    """As after a move to another disk and back; nobody ever read the movie."""
    (a,) = sample.add("a.jpg", "a.MOV")
    before = tree(sample.photos)
    sample.apply(sample.plan({a: "x"}, SortMode.LINK))
    for name in ("a.jpg", "a.MOV"):
        link = sample.into / "x" / name
        data, stamp = link.read_bytes(), link.stat()
        link.unlink()
        write(link, data)
        os.utime(link, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert sample.undo().skipped == ()
    assert tree(sample.photos) == before
    assert not sample.into.exists()


def test_folders_that_nothing_came_into_are_not_left(sample: Sample):
    (a,) = sample.add("a.jpg")
    plan = sample.plan({a: "x"}, SortMode.COPY)
    write(sample.photos / "a.jpg", b"other bytes by now")
    assert sample.apply(plan).photos == 0
    assert not sample.into.exists()


def test_a_folder_that_was_ours_stays_while_somebody_uses_it(sample: Sample):
    a, b = sample.add("a.jpg", "b.jpg")
    first = sample.apply(sample.plan({a: "x"}, SortMode.COPY)).run_id
    second = sample.apply(sample.plan({b: "x"}, SortMode.COPY)).run_id
    write(sample.into / "mine.txt", b"mine")
    drain(sample.filing.undo(first))
    drain(sample.filing.undo(second))
    assert listed(sample.into) == ["mine.txt"]
    assert not (sample.into / "x").exists()


# ---- stopped, cancelled --------------------------------------------------------------------------


def test_a_cancelled_sort_can_be_resumed_or_undone(sample: Sample):
    ids = sample.add(*[f"{n}.jpg" for n in range(150)], *[f"{n}.xmp" for n in range(150)])
    before = tree(sample.photos)
    job = sample.filing.apply(sample.plan(dict.fromkeys(ids, "x")))
    next(job)
    progress = next(job)
    assert not isinstance(progress, Skipped)
    assert (progress.done, progress.total) == (64, 150)
    with pytest.raises(FilingBusy):
        sample.apply(sample.plan({ids[0]: "x"}))
    job.close()
    run = sample.filing.runs()[0]
    assert (run.state, run.done, run.planned) == (RunState.STOPPED, 128, 172)
    assert run.can_resume
    assert len(listed(sample.into)) == 128
    sample.close()
    sample.open()
    assert sample.filing.recover() == []
    assert drain(sample.filing.resume(run.id)).photos == 86
    assert sample.filing.runs()[0].state is RunState.APPLIED
    job = sample.filing.undo(run.id)
    next(job)
    next(job)
    job.close()
    assert sample.filing.runs()[0].state is RunState.UNDOING
    assert sample.undo().photos == 86
    assert tree(sample.photos) == before
    assert not drain(sample.filing.resume(run.id)).files


def test_an_interrupted_run_says_so_once(sample: Sample):
    ids = sample.add("a.jpg", "b.jpg")
    job = sample.filing.apply(sample.plan(dict.fromkeys(ids, "x")))
    next(job)
    other = Filing(sample.catalog, sample.filing._excludes, sample.folder)  # pyright: ignore[reportPrivateUsage]
    assert "interrupted" in other.recover()[0]
    assert other.recover() == []
    job.close()


def test_albums_touch_no_file(sample: Sample):
    ids = sample.add("a.jpg", "b.jpg", "b.xmp")
    before = tree(sample.folder / "photos")
    report = sample.apply(sample.plan(dict.fromkeys(ids, "Best"), SortMode.ALBUM))
    assert report.photos == 2
    assert sample.catalog.albums.all() == [("Best", sorted(ids))]
    assert tree(sample.photos) == before
    assert not sample.into.exists()
    sample.undo()
    assert sample.catalog.albums.all() == []


def test_no_leftover_anywhere(sample: Sample):
    ids = sample.add("a.jpg", "b.jpg")
    sample.apply(sample.plan(dict.fromkeys(ids, "x"), SortMode.COPY))
    assert leftovers(sample.folder) == []
