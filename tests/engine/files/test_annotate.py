"""Annotated pictures show every box and tag, change no photo and overwrite nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from engine.detection_types import Detection, DetectionId, StoredDetection
from engine.errors import DiskError
from engine.files.annotate import annotate, save_picture
from engine.files.new_files import NameTaken
from engine.label_colours import INK, label_colour, label_colours
from engine.types import Box, PhotoId, RGBImage


def plain(width: int, height: int, grey: int = 128) -> RGBImage:
    return np.full((height, width, 3), grey, np.uint8)


def rgb(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour[1:]))


def shown(picture: RGBImage, colour: str) -> NDArray[np.bool_]:
    """Where a picture has a colour exactly."""
    return (picture == np.array(rgb(colour), np.uint8)).all(axis=2)


def test_the_picture_given_is_not_changed() -> None:
    picture = plain(200, 100)
    picture.setflags(write=False)
    done = annotate(picture, [Detection("cat", 0.9, Box(20, 30, 120, 90))])
    assert (picture == 128).all()
    assert done.shape == picture.shape
    assert done.dtype == np.uint8


def test_the_frame_is_where_the_box_is() -> None:
    box = Box(150, 120, 900, 700)
    done = annotate(plain(1000, 800), [Detection("cat", 0.9, box)])
    rows, columns = np.nonzero(shown(done, label_colour("cat"))[130:690])
    assert (columns.min(), columns.max()) == (150, 899)
    rows, columns = np.nonzero(shown(done, label_colour("cat"))[:, 400:])
    assert (rows.min(), rows.max()) == (120, 699)
    assert (done[300:500, 300:700] == 128).all()  # what is inside stays to be seen


@pytest.mark.parametrize("grey", [0, 255])
def test_line_and_tag_show_on_black_and_on_white(grey: int) -> None:
    done = annotate(plain(600, 400, grey), [Detection("cat", 0.9, Box(100, 100, 500, 350))])
    colour, ink = shown(done, label_colour("cat")), shown(done, INK)
    assert colour[200, 90:115].any()
    assert ink[200, 90:115].sum() >= 2  # on both sides of the line
    tag = colour[60:100, 100:200]
    assert tag.sum() > 300
    assert ink[60:100, 100:200].sum() > 40


def test_nothing_is_drawn_for_a_box_outside() -> None:
    picture = plain(100, 100)
    assert (annotate(picture, [Detection("cat", 0.9, Box(100, 0, 150, 50))]) == picture).all()
    assert (annotate(picture, []) == picture).all()


def test_labels_have_colours_of_their_own_and_those_that_are_given() -> None:
    names = ["cat", "dog", "fox", "owl", "bee"]
    found = [
        Detection(n, 0.9, Box(k * 200 + 20, 60, k * 200 + 180, 380)) for k, n in enumerate(names)
    ]
    done = annotate(plain(1000, 400), found)
    for name, colour in label_colours(sorted(names)).items():
        assert shown(done, colour).any(), name
    given = annotate(plain(1000, 400), found, {"cat": "#123456"})
    assert shown(given, "#123456").any()


def test_tags_make_room_for_each_other() -> None:
    alike = [Detection(name, 0.9, Box(100, 100, 400, 300)) for name in ("cat", "dog", "fox")]
    done = annotate(plain(600, 400), alike)
    for name, colour in label_colours(["cat", "dog", "fox"]).items():
        assert shown(done, colour).sum() > 300, name


def test_any_script_and_the_users_own_boxes() -> None:
    stored = StoredDetection(DetectionId(1), PhotoId(1), "遥控器 كلب 🐕", Box(50, 100, 300, 200))
    done = annotate(plain(400, 300), [stored])
    assert shown(done, INK).sum() > 100


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (200, 3), (16, 16), (12000, 40)])
def test_odd_sizes_and_long_labels(size: tuple[int, int]) -> None:
    width, height = size
    found = [
        Detection("a label much longer than such a picture is wide " * 3, 0.5, Box(0, 0, *size)),
        Detection("", 0.4, Box(0, 0, 0.4, 0.4)),
    ]
    assert annotate(plain(width, height), found).shape == (height, width, 3)


@pytest.mark.parametrize("name", ["x.jpg", "x.JPEG", "x.png", "x.webp"])
def test_a_saved_picture_is_read_back_without_metadata(tmp_path: Path, name: str) -> None:
    picture = annotate(plain(320, 200), [Detection("cat", 0.9, Box(50, 60, 250, 180))])
    saved = save_picture(tmp_path / name, picture)
    with Image.open(saved) as image:
        assert image.size == (320, 200)
        assert not image.getexif()
        assert image.mode == "RGB"
        assert np.abs(np.asarray(image).astype(int) - picture).mean() < 3


def test_saving_overwrites_nothing(tmp_path: Path) -> None:
    target = tmp_path / "photo.jpg"
    target.write_bytes(b"the photo")
    with pytest.raises(NameTaken):
        save_picture(target, plain(10, 10))
    assert save_picture(target, plain(10, 10), another_name=True).name == "photo (2).jpg"
    assert target.read_bytes() == b"the photo"


def test_kinds_that_we_do_not_write_and_sizes_that_do_not_fit(tmp_path: Path) -> None:
    with pytest.raises(DiskError, match=r"\.jpg, \.png or \.webp"):
        save_picture(tmp_path / "x.gif", plain(10, 10))
    with pytest.raises(DiskError, match=r"save it as \.png"):
        save_picture(tmp_path / "x.webp", plain(17_000, 1))
    assert list(tmp_path.iterdir()) == []
