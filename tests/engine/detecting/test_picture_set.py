"""The pictures of a data set: beside their labels, upright, and the photos as they were."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine import Library
from engine.errors import DiskError
from engine.files import writes
from engine.jobs import Skipped, drain
from engine.types import Box, PhotoId, Scope

_TURN = 0x0112


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A JPEG and a PNG that lie on their side, a GIF, two of one name, one picture as it is."""
    folder = tmp_path / "photos"
    folder.mkdir()
    pixels = np.zeros((40, 80, 3), np.uint8)
    pixels[:, :40] = (200, 30, 30)
    image = Image.fromarray(pixels)
    exif = Image.Exif()
    exif[_TURN] = 6
    image.save(folder / "turned.jpg", exif=exif)
    image.save(folder / "turned.png", exif=exif)
    image.save(folder / "moving.gif")
    image.save(folder / "plain.png")
    return folder


@pytest.fixture
def library(tmp_path: Path, photos: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library") as opened:
        opened.add_root(photos)
        drain(opened.reconcile())
        drain(opened.index())
        yield opened


@pytest.fixture
def ids(library: Library) -> list[PhotoId]:
    found = list(library.photo_ids(Scope()))
    for photo_id in found:
        library.detecting.add(photo_id, "cat", Box(4, 4, 20, 20))
    return found


def stems(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.iterdir())


def test_copies_lie_beside_their_labels_and_upright(
    library: Library, ids: list[PhotoId], photos: Path, tmp_path: Path
):
    before = {path.name: path.read_bytes() for path in photos.iterdir()}
    done = drain(library.detecting.export(ids, "yolo", tmp_path / "out", "copy"))
    place = tmp_path / "out" / "yolo"
    images = place / "images"
    assert stems(images) == stems(place / "labels") == ["moving", "plain", "turned", "turned (2)"]
    assert set(images.iterdir()) < set(done.files)
    assert (images / "plain.png").read_bytes() == before["plain.png"]
    assert (images / "moving.jpg").is_file(), "a GIF is read by few"
    jpegs = [images / "turned.jpg", images / "turned (2).jpg"]
    (upright,) = (path for path in jpegs if path.read_bytes() != before["turned.jpg"])
    with Image.open(upright) as picture:  # a PNG would not be turned by all readers
        assert picture.size == (40, 80)
        assert picture.getexif().get(_TURN, 1) == 1
    assert "Put the pictures" not in (place / "data.yaml").read_text()
    again = drain(library.detecting.export(ids, "yolo", tmp_path / "out", "copy"))
    assert not set(again.files) & set(done.files)
    assert {path.name: path.read_bytes() for path in photos.iterdir()} == before


def test_links_point_at_the_photos_and_are_no_hard_links(
    library: Library, ids: list[PhotoId], photos: Path, tmp_path: Path
):
    drain(library.detecting.export(ids, "yolo", tmp_path, "link"))
    images = tmp_path / "yolo" / "images"
    linked = {path.name: path.resolve() for path in images.iterdir() if path.is_symlink()}
    assert linked["plain.png"] == photos / "plain.png"
    assert set(linked.values()) == {photos / "plain.png", photos / "turned.jpg"}
    assert all(path.stat().st_nlink == 1 for path in photos.iterdir())


def test_where_no_link_can_be_made_a_copy_is(
    library: Library, ids: list[PhotoId], photos: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    def refuse(source: Path, target: Path) -> None:
        raise OSError(1314, "A required privilege is not held by the client")

    monkeypatch.setattr(writes, "point", refuse)
    drain(library.detecting.export(ids, "yolo", tmp_path, "link"))
    plain = tmp_path / "yolo" / "images" / "plain.png"
    assert not plain.is_symlink()
    assert plain.read_bytes() == (photos / "plain.png").read_bytes()


def test_a_photo_that_is_gone_is_told_and_left_out(
    library: Library, ids: list[PhotoId], photos: Path, tmp_path: Path
):
    job = library.detecting.export(ids, "yolo", tmp_path, "copy")
    for event in job:
        if getattr(event, "done", 0) == len(ids):
            (photos / "plain.png").unlink()
            break
    left = [event for event in job if isinstance(event, Skipped)]
    assert [one.path.name for one in left] == ["plain.png"]
    assert stems(tmp_path / "yolo" / "images") == ["moving", "turned", "turned (2)"]


def test_a_full_disk_ends_it_and_harms_nothing(
    library: Library, ids: list[PhotoId], photos: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):  # fmt: skip
    before = {path.name: path.read_bytes() for path in photos.iterdir()}

    def full(name: str, path: Path) -> None:
        if name == "write" and path.parent.name == "images":
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(writes, "before", full)
    with pytest.raises(DiskError, match="could not be written"):
        drain(library.detecting.export(ids, "yolo", tmp_path, "copy"))
    assert [*(tmp_path / "yolo" / "images").iterdir()] == []
    assert {path.name: path.read_bytes() for path in photos.iterdir()} == before
