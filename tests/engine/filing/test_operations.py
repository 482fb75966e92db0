"""What a user does with chosen photos: move, copy, rename, trash; companions, rows, and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from filing_sample import Sample, leftovers, listed, tree, write

from engine.errors import DiskError
from engine.file_types import FilingReport, RunState, StepState
from engine.files.trash import origin_of
from engine.jobs import Job, Skipped, drain
from engine.types import PhotoId, PhotoState


@pytest.fixture(autouse=True)
def trash(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home's trash on the photos' disk."""
    monkeypatch.setenv("XDG_DATA_HOME", str(sample.folder / "xdg"))
    return sample.folder / "xdg" / "Trash"


def undo(sample: Sample, report: FilingReport) -> FilingReport:
    return drain(sample.filing.undo(report.run_id))


def reasons(report: FilingReport) -> list[tuple[str, str]]:
    return [(one.path.name, one.reason) for one in report.skipped]


def state(sample: Sample, photo_id: PhotoId) -> PhotoState:
    (row,) = sample.catalog.photos.page([photo_id], None)
    return row.state


FILES = ("IMG.CR2", "IMG.JPG", "IMG.CR2.xmp", "IMG.mov", "b/one.jpg", "b/one.xmp", "two.jpg")


def test_photos_are_moved_with_all_that_belongs_to_them_and_back(sample: Sample):
    raw, jpeg, one, two = sample.add(*FILES)
    before, paths = tree(sample.photos), sample.paths()
    report = drain(sample.filing.move_to([jpeg, raw, one], sample.photos / "new" / "er"))
    assert (report.photos, report.files, report.skipped) == (3, 6, ())
    assert listed(sample.photos / "new" / "er") == [
        "IMG.CR2", "IMG.CR2.xmp", "IMG.JPG", "IMG.mov", "one.jpg", "one.xmp",
    ]  # fmt: skip
    assert listed(sample.photos)[-1] == "two.jpg"
    assert sample.paths()[raw] == sample.photos / "new" / "er" / "IMG.CR2"
    assert sample.catalog.photos.to_read() == []
    (run,) = sample.filing.operations()
    assert (run.kind, run.state, run.rule["photos"]) == ("move", RunState.APPLIED, 2)
    assert sample.filing.runs() == []  # no sort
    sample.close()
    sample.open()
    assert undo(sample, report).photos == 3
    assert (tree(sample.photos), sample.paths()) == (before, paths)
    assert not (sample.photos / "new").exists()
    assert two in paths


def test_a_taken_name_gets_a_number_and_what_lies_there_stays(sample: Sample):
    one, other, there = sample.add("a/x.jpg", "b/x.jpg", "there/X.JPG")
    before = tree(sample.photos)
    report = drain(sample.filing.move_to([one, other, there], sample.photos / "there"))
    assert listed(sample.photos / "there") == ["X.JPG", "x (2).jpg", "x (3).jpg"]
    assert reasons(report) == [("X.JPG", "It lies in this folder already.")]
    undo(sample, report)
    assert tree(sample.photos) == before


def test_copies_get_rows_of_their_own_and_go_again(sample: Sample):
    raw, _ = sample.add("IMG.CR2", "IMG.JPG", "IMG.xmp")
    before = tree(sample.photos)
    report = drain(sample.filing.copy_to([raw], sample.photos / "copies"))
    assert (report.photos, report.files) == (2, 3)
    assert listed(sample.photos / "copies") == ["IMG.CR2", "IMG.JPG", "IMG.xmp"]
    assert len(sample.paths()) == 4
    undo(sample, report)
    assert tree(sample.photos) == before
    assert len(sample.paths()) == 2


def test_photos_that_leave_the_watched_folders_come_back_with_all_that_was_known(sample: Sample):
    (a,) = sample.add("a.jpg")
    sample.catalog.marks.put([a], "rating", 5)
    report = drain(sample.filing.move_to([a], sample.into))
    assert state(sample, a) is PhotoState.MISSING
    assert (sample.into / "a.jpg").is_file()
    undo(sample, report)
    assert state(sample, a) is PhotoState.PRESENT
    assert sample.catalog.marks.of([a])[a].rating == 5


def test_folders_that_take_no_photos(sample: Sample):
    (a,) = sample.add("a.jpg")
    own = sample.folder / "data" / "photos"
    file = write(sample.folder / "file", b"")
    for folder, why in ((own, "own data"), (file, "is not a folder")):
        for way in (sample.filing.move_to, sample.filing.copy_to):
            with pytest.raises(DiskError, match=why):
                drain(way([a], folder))
    assert sample.filing.operations() == []


def test_companions_are_renamed_with_their_photo(sample: Sample):
    raw, jpeg, one, two = sample.add(*FILES)
    write(sample.photos / "._IMG.JPG", b"another system's notes on IMG.JPG")
    before = tree(sample.photos)
    report = drain(sample.filing.rename({jpeg: "Sea", one: "two.JPG", two: " 日本.jpg "}))
    assert (report.photos, report.files, report.skipped) == (4, 8, ())
    assert listed(sample.photos) == [
        "._Sea.JPG", "Sea.CR2", "Sea.CR2.xmp", "Sea.JPG", "Sea.mov", "b/two.JPG", "b/two.xmp",
        "日本.jpg",
    ]  # fmt: skip
    assert sample.paths()[raw] == sample.photos / "Sea.CR2"
    assert sample.catalog.photos.to_read() == []
    undo(sample, report)
    assert tree(sample.photos) == before


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("b", "there is another file called b.jpg"),
        ("B.jpg", "there is another file called B.jpg"),
        ("c", "there is another file called c.xmp"),
        ("a/b", "A file's name cannot hold the sign “/”."),
        ("a:b", "A file's name cannot hold the sign “:”."),
        ("a\nb", "A file's name cannot hold the sign “U+000A”."),
        ("a\u202eb", "A file's name cannot hold the sign “U+202E”."),
        ("  ", "A file's name cannot be empty or begin with a dot."),
        (".hidden", "A file's name cannot be empty or begin with a dot."),
        ("a.png", "The ending .jpg tells what the file is; it has to stay."),
        ("x" * 252, "This name is too long."),
    ],
)
def test_names_that_cannot_be_leave_the_photo_as_it_is(sample: Sample, name: str, why: str):
    a, _ = sample.add("a.jpg", "a.xmp", "b.jpg", "c.xmp")
    before = tree(sample.photos)
    report = drain(sample.filing.rename({a: name}))
    assert reasons(report) == [("a.jpg", why)]
    assert tree(sample.photos) == before
    assert leftovers(sample.photos) == []


def test_only_the_case_of_a_name_and_no_change_at_all(sample: Sample):
    a, b = sample.add("a.jpg", "b.jpg")
    report = drain(sample.filing.rename({a: "A.JPG", b: "b"}))
    assert (report.photos, report.skipped) == (1, ())
    assert listed(sample.photos) == ["A.JPG", "b.jpg"]
    assert drain(sample.filing.rename({b: "b.jpg"})).run_id == 0


def test_the_trash_takes_all_that_belongs_together_and_gives_it_back(sample: Sample, trash: Path):
    raw, jpeg, one, two = sample.add(*FILES)
    before, paths = tree(sample.photos), sample.paths()
    sample.catalog.marks.put([one], "rating", 4)
    report = drain(sample.filing.trash([jpeg, one]))
    assert (report.photos, report.files, report.quarantined) == (3, 6, 0)
    assert listed(trash / "files") == [
        "IMG.CR2", "IMG.CR2.xmp", "IMG.JPG", "IMG.mov", "one.jpg", "one.xmp",
    ]  # fmt: skip
    assert origin_of(trash / "info" / "one.jpg.trashinfo") == sample.photos / "b" / "one.jpg"
    assert listed(sample.photos) == ["two.jpg"]
    assert [state(sample, i) for i in (raw, jpeg, one)] == [PhotoState.MISSING] * 3
    sample.look()  # the watcher's look changes nothing
    assert sample.paths() == {two: sample.photos / "two.jpg"}
    sample.close()
    sample.open()
    back = undo(sample, report)
    assert (back.photos, back.skipped) == (3, ())
    assert (tree(sample.photos), sample.paths()) == (before, paths)
    assert listed(trash) == []
    assert sample.catalog.marks.of([one])[one].rating == 4
    assert sample.filing.operations()[0].state is RunState.UNDONE


def test_what_is_not_in_the_trash_any_more_is_named_and_the_rest_returns(
    sample: Sample, trash: Path
):
    a, b, c = sample.add("a.jpg", "b.jpg", "c.jpg", "c.xmp")
    report = drain(sample.filing.trash([a, b, c]))
    (trash / "files" / "a.jpg").unlink()
    write(sample.photos / "b.jpg", b"another")
    (trash / "files" / "c.xmp").rename(sample.photos / "c.xmp")  # by other means
    back = undo(sample, report)
    assert back.photos == 1
    assert sorted(reasons(back)) == [
        ("a.jpg", "it is not in the trash any more"),
        ("b.jpg", "another file lies at its old place"),
    ]
    assert listed(sample.photos) == ["b.jpg", "c.jpg", "c.xmp"]
    (sample.photos / "b.jpg").unlink()
    assert undo(sample, report).photos == 1  # it can be tried again
    assert (sample.photos / "b.jpg").read_bytes() == b"the bytes of b.jpg"


def test_the_folder_of_ours_takes_what_has_no_trash(
    sample: Sample, trash: Path, monkeypatch: pytest.MonkeyPatch
):
    write(trash, b"a file where the trash should be")
    ids = sample.add("a.jpg", "b/a.jpg")
    before = tree(sample.photos)
    report = drain(sample.filing.trash(ids))
    assert (report.photos, report.quarantined) == (2, 2)
    assert listed(sample.folder / "data" / "trash" / "files") == ["a.2.jpg", "a.jpg"]
    undo(sample, report)
    assert tree(sample.photos) == before


def test_a_photo_that_changed_since_it_was_looked_at_stays(sample: Sample):
    (a,) = sample.add("a.jpg")
    write(sample.photos / "a.jpg", b"something new")
    report = drain(sample.filing.trash([a]))
    assert reasons(report) == [("a.jpg", "was changed since it was looked at")]
    assert listed(sample.photos) == ["a.jpg"]


def test_a_job_that_is_closed_stops_at_a_whole_photo(sample: Sample):
    ids = sample.add(*(f"{n}.jpg" for n in range(70)))
    before = tree(sample.photos)
    job = sample.filing.trash(ids)
    next(job)
    next(job)
    job.close()
    (run,) = sample.filing.operations()
    assert (run.done, run.state, run.note) == (
        64, RunState.APPLIED, "It was stopped; 6 photos were not tried.",
    )  # fmt: skip
    assert len(sample.paths()) == 6
    drain(sample.filing.undo(run.id))
    assert tree(sample.photos) == before

    job = sample.filing.move_to(ids, sample.photos / "new")
    next(job)
    next(job)
    job.close()
    (run, _) = sample.filing.operations()
    assert (run.done, run.can_resume) == (64, True)
    drain(sample.filing.resume(run.id))
    assert len(listed(sample.photos / "new")) == 70
    drain(sample.filing.undo(run.id))
    assert tree(sample.photos) == before


def test_steps_build_on_each_other_and_go_back_in_turn(sample: Sample):
    (a,) = sample.add("a.jpg")
    before = tree(sample.photos)
    moved = drain(sample.filing.move_to([a], sample.photos / "x"))
    named = drain(sample.filing.rename({a: "b"}))
    gone = drain(sample.filing.trash([a]))
    (left,) = undo(sample, moved).skipped
    assert left.reason == f"it was moved on by run {named.run_id}; undo that one first"
    for report in (gone, named, moved):
        assert undo(sample, report).photos == 1
    assert tree(sample.photos) == before


def test_ids_that_mean_nothing_and_photos_out_of_reach(sample: Sample):
    a, b = sample.add("a.jpg", "b.jpg")
    (sample.photos / "a.jpg").unlink()
    ways: list[Job[FilingReport]] = [
        sample.filing.trash([PhotoId(99), a]),
        sample.filing.move_to([PhotoId(99), a], sample.photos / "x"),
        sample.filing.rename({PhotoId(99): "x", a: "y"}),
    ]
    for job in ways:
        events: list[object] = []
        try:
            while True:
                events.append(next(job))
        except StopIteration as end:
            report: FilingReport = end.value
        assert events == [Skipped(sample.photos / "a.jpg", "Its file is not there any more.")]
        assert (report.run_id, report.photos) == (0, 0)
    assert not (sample.photos / "x").exists()
    assert b in sample.paths()


def test_steps_tell_what_became_of_each_file(sample: Sample):
    (a,) = sample.add("a.jpg", "a.xmp")
    report = drain(sample.filing.trash([a]))
    steps = sample.filing.steps(report.run_id)
    assert [(s.source.name, s.photo_id, s.state) for s in steps] == [
        ("a.jpg", a, StepState.DONE), ("a.xmp", None, StepState.DONE),
    ]  # fmt: skip


def test_a_photo_of_the_same_bytes_at_the_old_place_is_not_taken_for_the_one_that_went(
    sample: Sample, trash: Path
):
    a, b = sample.add("a.jpg", "b.jpg", data=lambda _: b"equal")
    sample.catalog.marks.put([b], "rating", 5)
    gone = drain(sample.filing.trash([a]))
    (trash / "files" / "a.jpg").unlink()  # the trash is emptied
    drain(sample.filing.rename({b: "a"}))
    back = undo(sample, gone)
    assert reasons(back) == [("a.jpg", "another file lies at its old place")]
    assert sample.paths() == {b: sample.photos / "a.jpg"}
    assert state(sample, a) is PhotoState.MISSING


def test_a_companion_whose_name_would_be_too_long_is_told_before(sample: Sample):
    (a,) = sample.add("a.jpg", "a.jpg.xmp")
    for name, why in (("x" * 247, ""), ("x" * 248, "This name is too long.")):
        (found,) = sample.filing.proposals({a: name})
        assert found.trouble == why
    assert drain(sample.filing.rename({a: "x" * 247})).files == 2
