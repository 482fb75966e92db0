"""Through the library's own door: found, cleared, looked at again, opened anew, taken back."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from journey import tree, update
from PIL import Image

from engine import Library
from engine.duplicate_types import Choice, DuplicateClass, PickRules
from engine.jobs import drain

DEMO = Path(__file__).resolve().parents[3] / "resources" / "demo" / "photos"


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three pictures; one is there three times, one is there smaller, too."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, path in enumerate(sorted(DEMO.rglob("*.jpg"))[:60:20]):
        shutil.copy2(path, folder / f"IMG_{number}.jpg")
    for name in ("backup/IMG_0.jpg", "backup/IMG_0 (1).jpg"):
        (folder / name).parent.mkdir(exist_ok=True)
        shutil.copy2(folder / "IMG_0.jpg", folder / name)
    (folder / "backup" / "IMG_0.xmp").write_bytes(b"<x:xmpmeta/>")
    with Image.open(folder / "IMG_1.jpg") as image:
        small = image.resize((image.width // 2, image.height // 2))
    small.save(folder / "backup" / "small.jpg", quality=80)
    os.utime(folder / "backup" / "small.jpg", (1_600_000_000, 1_600_000_000))
    return folder


def test_found_cleared_and_taken_back(tmp_path: Path, photos: Path):
    before = tree(photos)
    with Library.open(tmp_path / "library") as library:
        library.add_root(photos)
        update(library)
        drain(library.duplicates.find())
        door = library.duplicates
        (identical,) = door.choices(DuplicateClass.IDENTICAL)
        (edited,) = door.choices(DuplicateClass.SAME_PICTURE)
        assert len(identical.trash) == 2
        report = drain(door.clear([identical, edited]))
        assert (report.groups, report.photos, report.left_alone) == (2, 3, ())
        # The copy with the sidecar stays: it is more than the others are.
        left = {str(path.relative_to(photos)) for path in photos.rglob("*.*")}
        assert left == {"backup/IMG_0.jpg", "backup/IMG_0.xmp", "IMG_1.jpg", "IMG_2.jpg"}
        assert door.groups() == []
        found, indexed = update(library)
        assert (found.missing, found.added, indexed.read) == (0, 0, 0)
    with Library.open(tmp_path / "library") as library:
        assert library.notes == []
        door = library.duplicates
        (done,) = door.clearings()
        back = drain(door.undo(done.id))
        assert (back.photos, back.left_alone) == (3, ())
        assert tree(photos) == before
        found, indexed = update(library)
        assert (found.added, indexed.read, indexed.embedded) == (0, 0, 0)
        assert len(door.choices(DuplicateClass.IDENTICAL)[0].trash) == 2


def test_what_the_rules_protect_and_what_changed_stays(tmp_path: Path, photos: Path):
    with Library.open(tmp_path / "library") as library:
        library.add_root(photos)
        update(library)
        door = library.duplicates
        drain(door.find())
        door.change_rules(PickRules(protected=(photos / "backup",)))
        (choice,) = door.choices(DuplicateClass.IDENTICAL)
        assert {photo.path for photo in library.photos(choice.trash)} == {photos / "IMG_0.jpg"}
        backup = Choice(choice.group_id, choice.kind, choice.trash[0], (choice.keep,))
        report = drain(door.clear([backup]))
        assert report.left_alone[0].reason.startswith("It lies in the protected folder")
        shutil.copy2(photos / "IMG_2.jpg", photos / "backup" / "IMG_0.jpg")
        shutil.copy2(photos / "IMG_2.jpg", photos / "backup" / "IMG_0 (1).jpg")
        report = drain(door.clear([choice]))
        assert report.photos == 0
        assert (photos / "IMG_0.jpg").exists()


@pytest.mark.parametrize("linked", ["photo", "movie", "linked since"])
def test_a_photo_with_another_name_is_shown_and_never_goes(
    tmp_path: Path, photos: Path, linked: str
):
    """Its bytes would stay by the other name, here one outside of the library."""
    copy = photos / "backup" / "IMG_2.jpg"
    shutil.copy2(photos / "IMG_2.jpg", copy)
    for folder in (photos, photos / "backup"):
        (folder / "IMG_2.mov").write_bytes(b"a movie")
    with Library.open(tmp_path / "library") as library:
        library.add_root(photos)
        door = library.duplicates
        kind = DuplicateClass.IDENTICAL
        belongs = linked == "movie"

        def link() -> None:
            os.link(copy.with_suffix(".mov") if belongs else copy, tmp_path / "elsewhere")

        if linked != "linked since":
            link()
        update(library)
        drain(door.find())
        group = next(g for g in door.groups(kind) if any(m.path == copy for m in g.members))
        member = next(m for m in group.members if m.path == copy)
        (other,) = (m for m in group.members if m is not member)
        if linked == "linked since":
            link()
        else:
            assert not member.offered
            assert not any(member.photo_id in choice.trash for choice in door.choices(kind))
        report = drain(door.clear([Choice(group.id, kind, other.photo_id, (member.photo_id,))]))
        (left,) = report.left_alone
        said = "is a hard link: its bytes stay by another name, and no space is freed."
        about = "IMG_2.mov belongs to it and" if belongs else "It"
        assert left.reason == f"{about} {said}"
        assert copy.is_file()
        # It may well be what stays, while the copy with one name goes.
        report = drain(door.clear([Choice(group.id, kind, member.photo_id, (other.photo_id,))]))
        assert (report.photos, copy.is_file(), other.path.exists()) == (1, True, False)
