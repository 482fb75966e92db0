"""Clearing duplicates and back: what goes, what stays and why, what the keeper takes over."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from clearing_sample import ClearingSample, bytes_like
from filing_sample import leftovers, tree, write

from engine.duplicate_types import Choice, DuplicateClass, GroupId, PickRules
from engine.files import writes
from engine.files.scan import Excludes
from engine.files.trash import origin_of
from engine.jobs import Progress, Skipped, drain
from engine.reconcile import reconcile
from engine.types import DirtyFolder, PhotoId, PhotoState


def state(sample: ClearingSample, photo_id: PhotoId) -> PhotoState:
    (row,) = sample.catalog.photos.page([photo_id], None)
    return row.state


def test_there_and_back(sample: ClearingSample):
    one, copy, other, single = sample.add(
        "a.jpg", "b/a (1).jpg", "c/a (2).jpg", "single.jpg", data=bytes_like
    )
    before = tree(sample.photos)
    (choice,) = sample.choices()
    assert (choice.keep, set(choice.trash)) == (one, {copy, other})
    report = sample.clear()
    assert (report.groups, report.photos, report.left_alone) == (1, 2, ())
    assert report.bytes == 2 * len(bytes_like("a.jpg"))
    assert sample.in_trash() == ["a (1).jpg", "a (2).jpg"]
    note = sample.trash / "info" / "a (1).jpg.trashinfo"
    assert origin_of(note) == sample.photos / "b" / "a (1).jpg"
    assert [state(sample, i) for i in (one, copy, other, single)] == [
        PhotoState.PRESENT, PhotoState.MISSING, PhotoState.MISSING, PhotoState.PRESENT,
    ]  # fmt: skip
    assert set(tree(sample.photos)) == {str(sample.photos / n) for n in ("a.jpg", "single.jpg")}
    (done,) = sample.clearing.clearings()
    assert (done.id, done.photos, done.bytes, done.undone) == (
        report.run_id,
        2,
        report.bytes,
        False,
    )
    sample.look()  # the watcher's look finds nothing to do
    assert state(sample, copy) is PhotoState.MISSING

    back = sample.take_back()
    assert (back.photos, back.left_alone) == (2, ())
    assert tree(sample.photos) == before
    assert sample.in_trash() == []
    assert state(sample, copy) is PhotoState.PRESENT
    assert sample.paths()[copy] == sample.photos / "b" / "a (1).jpg"
    assert sample.clearing.clearings()[0].undone
    assert sample.take_back().photos == 0
    assert sample.clear().photos == 2  # and again


def test_undo_after_a_restart_and_with_folders_gone(sample: ClearingSample):
    sample.add("a.jpg", "deep/er/a (1).jpg", data=bytes_like)
    before = tree(sample.photos)
    sample.clear()
    (sample.photos / "deep" / "er").rmdir()
    (sample.photos / "deep").rmdir()
    sample.close()
    sample.open()
    assert sample.clearing.recover() == []
    sample.take_back()
    assert tree(sample.photos) == before


def test_companions_go_and_come_together(sample: ClearingSample):
    names = ("IMG.CR2", "IMG.JPG", "IMG.CR2.xmp", "IMG.mov")
    sample.add(*names, *(f"copy/{name}" for name in names), data=bytes_like)
    write(sample.photos / "copy" / "IMG.CR2.xmp", b"other edits")
    before = tree(sample.photos)
    raw = sample.catalog.photos.find(sample.photos / "copy" / "IMG.CR2")
    keep = sample.catalog.photos.find(sample.photos / "IMG.CR2")
    assert raw is not None
    assert keep is not None
    report = sample.clear([Choice(GroupId(0), DuplicateClass.IDENTICAL, keep, (raw,))])
    assert (report.photos, report.left_alone) == (1, ())
    assert sample.in_trash() == ["IMG.CR2", "IMG.CR2.xmp", "IMG.JPG", "IMG.mov"]
    assert len(sample.paths()) == 2
    sample.take_back()
    assert tree(sample.photos) == before
    assert len(sample.paths()) == 4


@pytest.mark.parametrize("lonely", ["b/IMG.CR2", "b/IMG.mov", "b/IMG.wav"])
def test_what_only_one_has_stays_with_it(sample: ClearingSample, lonely: str):
    sample.add("a/IMG.JPG", "b/IMG.JPG", lonely, data=bytes_like)
    before = tree(sample.photos)
    keep = sample.catalog.photos.find(sample.photos / "a" / "IMG.JPG")
    copy = sample.catalog.photos.find(sample.photos / "b" / "IMG.JPG")
    assert keep is not None
    assert copy is not None
    report = sample.clear([Choice(GroupId(0), DuplicateClass.IDENTICAL, keep, (copy,))])
    (left,) = report.left_alone
    assert left.reason == (
        f"{Path(lonely).name} belongs to it and has no copy beside {sample.photos}/a/IMG.JPG."
    )
    assert tree(sample.photos) == before


def _changed_keeper(sample: ClearingSample) -> str:
    write(sample.photos / "a.jpg", b"something else entirely")
    return "Nothing would be left for sure: {a} was changed since duplicates were looked for."


def _changed_silently(sample: ClearingSample) -> str:
    path = sample.photos / "a.jpg"
    info = path.stat()
    path.write_bytes(b"X" + path.read_bytes()[1:])
    os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))
    return "Nothing would be left for sure: {a} was changed since duplicates were looked for."


def _changed_copy(sample: ClearingSample) -> str:
    write(sample.photos / "b.jpg", b"the only one of its kind")
    return "{b} was changed since duplicates were looked for."


def _keeper_gone(sample: ClearingSample) -> str:
    (sample.photos / "a.jpg").unlink()
    return "Nothing would be left for sure: {a} is not there any more."


def _keeper_is_a_hard_link(sample: ClearingSample) -> str:
    (sample.photos / "a.jpg").unlink()
    os.link(sample.photos / "b.jpg", sample.photos / "a.jpg")
    return "It is the same file as {a}, not a copy of it."


def _keeper_is_a_link(sample: ClearingSample) -> str:
    (sample.photos / "a.jpg").unlink()
    (sample.photos / "a.jpg").symlink_to(sample.photos / "b.jpg")
    return "Nothing would be left for sure: {a} is not a plain file."


def _copy_is_a_link(sample: ClearingSample) -> str:
    (sample.photos / "b.jpg").unlink()
    (sample.photos / "b.jpg").symlink_to(sample.photos / "a.jpg")
    return "{b} is not a plain file."


def _keeper_is_a_folder(sample: ClearingSample) -> str:
    (sample.photos / "a.jpg").unlink()
    (sample.photos / "a.jpg").mkdir()
    return "Nothing would be left for sure: {a} is not a plain file."


def _folder_is_a_link_to_the_other(sample: ClearingSample) -> str:
    """As a bind mount: another path to the very same files."""
    sample.rules = PickRules(protected=(sample.folder / "elsewhere",))
    (sample.folder / "elsewhere").symlink_to(sample.photos)
    return "It lies in the protected folder {photos}."


@pytest.mark.parametrize(
    "happens",
    [
        _changed_keeper,
        _changed_silently,
        _changed_copy,
        _keeper_gone,
        _keeper_is_a_hard_link,
        _keeper_is_a_link,
        _copy_is_a_link,
        _keeper_is_a_folder,
        _folder_is_a_link_to_the_other,
    ],
    ids=lambda f: f.__name__,
)
def test_what_is_not_safe_stays(sample: ClearingSample, happens: Callable[[ClearingSample], str]):
    sample.add("a.jpg", "b.jpg", data=lambda _: b"twice the same")
    choices = sample.choices()
    said = happens(sample)
    before = tree(sample.photos)
    events = list(sample.clearing.clear(choices))
    assert tree(sample.photos) == before
    paths = {name: sample.photos / f"{name}.jpg" for name in "ab"}
    skipped = [event for event in events if isinstance(event, Skipped)]
    assert [one.reason for one in skipped] == [said.format(photos=sample.photos, **paths)]
    assert leftovers(sample.folder) == []
    assert sample.in_trash() == []
    assert sample.clearing.clearings() == []


def test_only_what_is_a_duplicate_now_may_go(sample: ClearingSample):
    one, two, other = sample.add("a.jpg", "a (1).jpg", "other.jpg", data=bytes_like)
    before = tree(sample.photos)
    kind = DuplicateClass.IDENTICAL
    asked = [
        Choice(GroupId(0), kind, one, (other,)),
        Choice(GroupId(0), DuplicateClass.SAME_PICTURE, one, (two,)),
        Choice(GroupId(0), kind, one, (two,)),
        Choice(GroupId(0), kind, two, (one,)),  # each the other's keeper: neither goes
        Choice(GroupId(0), kind, one, (one, PhotoId(999))),
    ]
    report = sample.clear(asked)
    assert report.photos == 0
    assert len(report.left_alone) == 6
    assert {left.reason for left in report.left_alone} == {
        "It is not among the duplicates of the photo that stays any more.",
        "It is what another group keeps.",
    }
    assert tree(sample.photos) == before


def test_protected_folders_are_never_touched(sample: ClearingSample):
    sample.rules = PickRules(protected=(sample.photos / "safe",))
    safe, also, free = sample.add("safe/a.jpg", "safe/a (1).jpg", "a (2).jpg", data=bytes_like)
    (choice,) = sample.choices()
    assert (choice.keep, choice.trash) == (safe, (free,))
    report = sample.clear([Choice(choice.group_id, choice.kind, free, (safe, also))])
    assert report.photos == 0
    assert len(report.left_alone) == 2
    assert sample.clear().photos == 1


def test_similar_shots_are_never_proposed_but_can_be_chosen(sample: ClearingSample):
    one, two = sample.add("a.jpg", "b.jpg")
    sample.by_hand.append((DuplicateClass.SIMILAR, (one, two)))
    assert sample.choices(DuplicateClass.SIMILAR) == []
    before = tree(sample.photos)
    assert sample.clear([Choice(GroupId(0), DuplicateClass.SIMILAR, two, (one,))]).photos == 1
    assert sample.in_trash() == ["a.jpg"]
    sample.take_back()
    assert tree(sample.photos) == before


def test_names_in_the_trash_are_never_taken_over(sample: ClearingSample):
    write(sample.trash / "files" / "a.jpg", b"of yesterday")
    write(sample.trash / "info" / "a.2.jpg.trashinfo", b"[Trash Info]\nPath=/gone\n")
    sample.add("z/a.jpg", "y/yy/a.jpg", "x/xx/a.jpg", data=bytes_like)
    before = tree(sample.photos)
    sample.clear()
    found = sorted(p.name for p in (sample.trash / "files").iterdir())
    assert found == ["a.3.jpg", "a.4.jpg", "a.jpg"]
    assert (sample.trash / "files" / "a.jpg").read_bytes() == b"of yesterday"
    sample.take_back()
    assert tree(sample.photos) == before
    assert len([*(sample.trash / "info").iterdir()]) == 1


def test_what_cannot_come_back_is_left_and_can_be_tried_again(sample: ClearingSample):
    sample.add("a.jpg", "b/a (1).jpg", "c/a (2).jpg", "d/a (3).jpg", data=bytes_like)
    before = tree(sample.photos)
    sample.clear()
    mine = write(sample.photos / "b" / "a (1).jpg", b"a new photo of that name")
    emptied = (sample.trash / "files" / "a (2).jpg").read_bytes()
    (sample.trash / "files" / "a (2).jpg").unlink()
    report = sample.take_back()
    assert report.photos == 1
    assert {left.path.name: left.reason for left in report.left_alone} == {
        "a (1).jpg": "Another file lies at its old place.",
        "a (2).jpg": "It is not in the trash any more.",
    }
    assert mine.read_bytes() == b"a new photo of that name"
    assert not sample.clearing.clearings()[0].undone
    mine.unlink()
    (sample.photos / "c").mkdir(exist_ok=True)
    path, stamp = sample.photos / "c" / "a (2).jpg", before[str(sample.photos / "c/a (2).jpg")]
    path.write_bytes(emptied)  # restored by the user
    os.utime(path, ns=(stamp[1], stamp[1]))
    assert sample.take_back().photos == 2
    assert tree(sample.photos) == before
    assert sample.clearing.clearings()[0].undone


def test_closing_the_job_stops_after_the_photos_at_hand(sample: ClearingSample):
    names = [f"{n}/{i}.jpg" for i in range(20) for n in "ab"]
    sample.add(*names, data=lambda name: Path(name).name.encode())
    before = tree(sample.photos)
    job = sample.clearing.clear(sample.choices())
    assert next(job) == Progress(0, 20, "0.0 MB")
    assert next(job).done == 16  # pyright: ignore[reportAttributeAccessIssue]
    job.close()
    (done,) = sample.clearing.clearings()
    assert done.photos == 16
    assert sample.clear().photos == 4  # the rest is offered anew
    sample.take_back()
    drain(sample.clearing.undo(done.id))
    assert tree(sample.photos) == before


def test_a_sort_and_a_clearing_leave_each_other_alone(sample: ClearingSample):
    one, _ = sample.add("a.jpg", "b/a (1).jpg", data=bytes_like)
    sample.apply(sample.plan({one: "Kept"}))
    sample.clear()
    assert len(sample.filing.runs()) == 1
    assert sample.filing.runs()[0].kind == "sort"
    before = tree(sample.photos)
    assert sample.filing.recover() == []
    assert tree(sample.photos) == before


def test_a_keeper_that_goes_away_with_its_copy_brings_it_back(
    sample: ClearingSample, monkeypatch: pytest.MonkeyPatch
):
    """As when a share is mounted twice: both were one file, whatever their numbers said."""
    keep, copy = sample.add("a.jpg", "b/a (1).jpg", data=bytes_like)
    before = tree(sample.photos)
    aside = sample.folder / "aside"

    def alias(name: str, path: Path) -> None:
        if name == "rename" and not aside.exists():
            (sample.photos / "a.jpg").rename(aside)

    monkeypatch.setattr(writes, "before", alias)
    report = sample.clear()
    monkeypatch.setattr(writes, "before", None)
    (left,) = report.left_alone
    assert left.photo_id == copy
    assert left.reason.endswith("a.jpg: the photo that stays went away with it.")
    aside.rename(sample.photos / "a.jpg")
    assert tree(sample.photos) == before
    assert sample.in_trash() == []
    assert state(sample, keep) is state(sample, copy) is PhotoState.PRESENT


def test_a_crash_is_judged_by_the_keeper(sample: ClearingSample, monkeypatch: pytest.MonkeyPatch):
    """What had gone when everything ended comes back, if what was to stay is not what it was."""
    sample.add("a.jpg", "b/a (1).jpg", data=bytes_like)

    class Ended(BaseException):
        pass

    def end(*_: object) -> None:
        raise Ended

    monkeypatch.setattr(sample.catalog.journal, "update", end)
    with pytest.raises(Ended):
        sample.clear()
    assert sample.in_trash() == ["a (1).jpg"]
    sample.close()
    (sample.photos / "a.jpg").write_bytes(b"overwritten meanwhile")
    sample.open()
    sample.clearing.recover()
    assert (sample.photos / "b" / "a (1).jpg").read_bytes() == bytes_like("a.jpg")
    assert sample.in_trash() == []
    assert sample.clearing.clearings() == []


def test_the_trash_of_a_watched_disk_is_not_looked_into(sample: ClearingSample):
    """Whatever the user has taken off the excluded names: cleared photos do not come back."""
    _, copy = sample.add("a.jpg", "b/a (1).jpg", data=bytes_like)
    sample.clear()
    home_trash = sample.photos / "share" / "Trash"
    home_trash.parent.mkdir()
    sample.trash.rename(home_trash)
    write(sample.photos / ".Trash-1000" / "files" / "deep" / "c.jpg", b"of another program")
    sample.look()
    assert len(sample.paths()) == 1
    assert state(sample, copy) is PhotoState.MISSING
    marks = [DirtyFolder(home_trash / "files", recursive=True)]
    drain(reconcile(sample.catalog, Excludes(()), marks, own=sample.folder / "data"))
    assert len(sample.paths()) == 1
