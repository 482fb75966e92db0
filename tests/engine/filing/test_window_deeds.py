"""What the window does with chosen photos beyond one run: photos of others, parts of the trash."""

from __future__ import annotations

from pathlib import Path

import pytest
from filing_sample import Sample, contents, listed, tree, write

from engine.jobs import drain
from engine.types import PhotoState


@pytest.fixture(autouse=True)
def trash(sample: Sample, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home's trash on the photos' disk."""
    monkeypatch.setenv("XDG_DATA_HOME", str(sample.folder / "xdg"))
    return sample.folder / "xdg" / "Trash"


def test_photos_from_outside_are_copied_with_what_belongs_to_them_and_go_again(sample: Sample):
    sample.add("there/IMG.JPG")
    card = sample.folder / "card"
    for name in ("IMG.CR2", "IMG.JPG", "IMG.CR2.xmp", "notes.txt", "sub/x.jpg"):
        write(card / name, f"of the card: {name}".encode())
    before, outside = tree(sample.photos), tree(card)
    wanted = [card / name for name in ("IMG.JPG", "IMG.CR2", "notes.txt", "sub", "gone.jpg")]
    report = drain(sample.filing.bring_in(wanted, sample.photos / "there"))
    assert report.files == 3
    assert {one.path.name: one.reason for one in report.skipped} == {
        "notes.txt": "It is no photo.",
        "sub": "It is a folder; choose the photos in it.",
        "gone.jpg": "It is no photo.",
    }
    assert listed(sample.photos) == [
        "there/IMG (2).CR2", "there/IMG (2).CR2.xmp", "there/IMG (2).JPG", "there/IMG.JPG",
    ]  # fmt: skip
    assert tree(card) == outside
    assert len(sample.paths()) == 3  # in the library at once
    (run,) = sample.filing.operations()
    assert (run.kind, run.rule["into"]) == ("copy", str(sample.photos / "there"))
    sample.close()
    sample.open()
    assert drain(sample.filing.undo(report.run_id)).skipped == ()
    assert (tree(sample.photos), tree(card)) == (before, outside)


def test_a_copy_stays_where_its_original_is_gone(sample: Sample):
    sample.add("a.jpg")
    lent = write(sample.folder / "card" / "b.jpg", b"the only other one")
    report = drain(sample.filing.bring_in([lent], sample.photos))
    lent.unlink()
    assert len(drain(sample.filing.undo(report.run_id)).skipped) == 1
    assert b"the only other one" in contents(sample.photos)


def test_one_photo_of_many_comes_back_from_the_trash(sample: Sample):
    a, b, c = sample.add("a.jpg", "a.xmp", "b.jpg", "sub/c.jpg")
    before = tree(sample.photos)
    report = drain(sample.filing.trash([a, b, c]))
    found = sample.filing.in_trash()
    assert [(one.photo_id, one.path.name, one.companions) for one in found] == [
        (a, "a.jpg", 1), (b, "b.jpg", 0), (c, "c.jpg", 0),
    ]  # fmt: skip
    assert drain(sample.filing.undo(report.run_id, [a])).photos == 1
    assert listed(sample.photos) == ["a.jpg", "a.xmp"]
    (run,) = sample.filing.operations()
    assert run.can_undo
    assert [one.photo_id for one in sample.filing.in_trash()] == [b, c]
    states = [row.state for row in sample.catalog.photos.page([a, b], None)]
    assert states == [PhotoState.PRESENT, PhotoState.MISSING]
    sample.close()
    sample.open()
    drain(sample.filing.undo(report.run_id))
    assert tree(sample.photos) == before
    assert sample.filing.in_trash() == []
    (run,) = sample.filing.operations()
    assert not run.can_undo


def test_what_the_user_emptied_is_not_offered_any_more(sample: Sample, trash: Path):
    a, b = sample.add("a.jpg", "b.jpg")
    drain(sample.filing.trash([a, b]))
    (trash / "files" / "a.jpg").unlink()
    assert [one.photo_id for one in sample.filing.in_trash()] == [b]


def test_whether_a_folder_is_watched(sample: Sample):
    sample.add("a.jpg")
    assert sample.filing.is_watched(sample.photos / "new")
    assert sample.filing.is_watched(sample.photos)
    assert not sample.filing.is_watched(sample.folder / "elsewhere")
