"""The trash as the desktop knows it: notes first, no name taken over, everything comes back."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Generator
from pathlib import Path

import pytest
from filing_kills import second_disk

from engine.errors import PhotoUnreadable
from engine.files import writes
from engine.files.transfer import TransferFailed
from engine.files.trash import Trash, in_trash, origin_of

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the freedesktop.org trash")


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


@pytest.fixture
def other_disk(photos: Path) -> Generator[Path, None, None]:
    with second_disk(8) as disk:
        if disk is None or disk.stat().st_dev == photos.stat().st_dev or not os.path.ismount(disk):
            pytest.skip("there is no second file system here")
        yield disk


def put(path: Path, data: bytes = b"a photo") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (1_500_000_000, 1_500_000_000))
    return path


def test_there_and_back(photos: Path):
    path = put(photos / "100 % Täg\n.jpg")
    trash = Trash(photos.parent / "quarantine")
    at = trash.put(path)
    home = photos.parent / "data" / "Trash"
    assert at.target == home / "files" / path.name
    assert not path.exists()
    note = home / "info" / f"{path.name}.trashinfo"
    text = note.read_text()
    assert text.startswith(f"[Trash Info]\nPath={photos}/100%20%25%20T%C3%A4g%0A.jpg\n")
    assert re.search(r"\nDeletionDate=\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\n", text)
    assert origin_of(note) == path
    assert all(
        stat.S_IMODE(p.stat().st_mode) == 0o700 for p in (home, note.parent, at.target.parent)
    )
    trash.restore(at)
    assert path.read_bytes() == b"a photo"
    assert path.stat().st_mtime == 1_500_000_000
    assert not [*note.parent.iterdir()]


def test_names_that_are_no_text_and_long_ones(photos: Path):
    trash = Trash(photos.parent / "quarantine")
    names = [b"\xff\xfe.jpg", "é".encode() * 125 + b".jpg", b"x" * 251 + b".jpg"]
    for raw in names:
        path = put(photos / os.fsdecode(raw))
        at = trash.put(path)
        assert not at.is_quarantine
        trash.restore(at)
        assert path.read_bytes() == b"a photo"


def test_no_name_is_taken_over(photos: Path):
    trash = Trash(photos.parent / "quarantine")
    found = [trash.put(put(photos / "a.jpg", bytes([number]))) for number in range(4)]
    assert [at.target.name for at in found] == ["a.jpg", "a.2.jpg", "a.3.jpg", "a.4.jpg"]
    mine = put(photos / "a.jpg", b"new")
    with pytest.raises(TransferFailed):
        trash.restore(found[0])
    assert mine.read_bytes() == b"new"
    assert found[0].target.exists()
    mine.unlink()
    trash.restore(found[2])
    assert mine.read_bytes() == b"\x02"


def test_a_disk_of_its_own_has_its_own_trash(photos: Path, other_disk: Path):
    trash = Trash(photos.parent / "quarantine")
    at = trash.put(put(other_disk / "deep" / "a.jpg"))
    own = other_disk / f".Trash-{os.getuid()}"
    assert at.target == own / "files" / "a.jpg"
    note = own / "info" / "a.jpg.trashinfo"
    assert b"\nPath=deep/a.jpg\n" in note.read_bytes()  # holds wherever the disk is mounted
    assert origin_of(note, other_disk) == other_disk / "deep" / "a.jpg"
    trash.restore(at)
    assert (other_disk / "deep" / "a.jpg").exists()


def test_an_administrators_trash_is_used_only_where_it_is_safe(photos: Path, other_disk: Path):
    shared = other_disk / ".Trash"
    shared.mkdir()
    at = Trash(photos.parent / "quarantine").put(put(other_disk / "a.jpg"))
    assert at.target.parent.parent == other_disk / f".Trash-{os.getuid()}"
    shared.chmod(0o1777)
    at = Trash(photos.parent / "quarantine").put(put(other_disk / "b.jpg"))
    assert at.target.parent.parent == shared / str(os.getuid())


@pytest.mark.parametrize("kind", ["file", "link"])
def test_without_a_trash_there_is_the_quarantine(photos: Path, other_disk: Path, kind: str):
    own = other_disk / f".Trash-{os.getuid()}"
    if kind == "file":
        own.write_bytes(b"in the way")
    else:
        own.symlink_to(photos)
    trash = Trash(photos.parent / "quarantine")
    path = put(other_disk / "a.jpg")
    at = trash.put(path)
    assert (at.is_quarantine, at.target) == (True, photos.parent / "quarantine" / "files" / "a.jpg")
    assert at.target.read_bytes() == b"a photo"
    assert origin_of(photos.parent / "quarantine" / "info" / "a.jpg.trashinfo") == path
    assert not path.exists()
    assert [*photos.iterdir()] == []
    trash.restore(at)
    assert path.stat().st_mtime == 1_500_000_000


def test_a_trash_that_fails_is_none(photos: Path, monkeypatch: pytest.MonkeyPatch):
    def full(name: str, path: Path) -> None:
        if path.suffix == ".trashinfo" and "Trash" in path.parts:
            raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(writes, "before", full)
    at = Trash(photos.parent / "quarantine").put(put(photos / "a.jpg"))
    assert at.is_quarantine


def test_where_nothing_works_the_photo_stays(photos: Path, monkeypatch: pytest.MonkeyPatch):
    def broken(name: str, path: Path) -> None:
        if name == "rename":
            raise OSError(5, "Input/output error", str(path))

    path = put(photos / "a.jpg")
    monkeypatch.setattr(writes, "before", broken)
    with pytest.raises(TransferFailed, match="input/output"):
        Trash(photos.parent / "quarantine").put(path)
    assert path.read_bytes() == b"a photo"
    assert not [*(photos.parent / "data" / "Trash" / "info").iterdir()]


def test_only_plain_files(photos: Path):
    trash = Trash(photos.parent / "quarantine")
    path = put(photos / "a.jpg")
    (photos / "link.jpg").symlink_to(path)
    for name in ("link.jpg", "gone.jpg", ""):
        with pytest.raises(PhotoUnreadable):
            trash.put(photos / name)
    assert path.exists()


def test_what_lies_in_a_trash_is_known_by_its_folders():
    for path in (
        "/media/stick/.Trash-1000/files/a.jpg", "/media/stick/.Trash/1000/files/a.jpg",
        "/home/me/.local/share/Trash/files/deep/a.jpg", "/Volumes/X/.Trashes/501/a.jpg",
        "/Users/me/.Trash/a.jpg", "/nas/#recycle/a.jpg", "/c/$Recycle.Bin/S-1/a.jpg",
        "/dcim/.trashed-1700000000-a.jpg",
    ):  # fmt: skip
        assert in_trash(Path(path)), path
    for path in ("/photos/Trash/a.jpg", "/photos/.Trash-can/a.jpg", "/photos/files/a.jpg"):
        assert not in_trash(Path(path)), path
