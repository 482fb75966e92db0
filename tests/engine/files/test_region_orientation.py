"""Boxes are those of the upright photo; regions those of the stored one, for all eight turns."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.detection_types import Detection
from engine.errors import PhotoUndecodable
from engine.files.annotate import annotate
from engine.files.decode import DecoderPool
from engine.files.sidecar import write_regions
from engine.label_colours import label_colour
from engine.types import Box, RGBImage

SIZE = (96, 64)  # of the upright picture
BOX = Box(10, 8, 42, 28)  # a red rectangle in it
UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
DATA = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "exif" / "orientation"


@pytest.fixture(scope="module")
def decoders() -> Iterator[DecoderPool]:
    pool = DecoderPool(1)
    yield pool
    pool.close()


def photo(folder: Path, orientation: int, kind: str = "jpg") -> Path:
    """A grey picture with a red rectangle, stored as `orientation` wants it."""
    upright = Image.new("RGB", SIZE, (90, 90, 90))
    upright.paste((230, 20, 20), (10, 8, 42, 28))
    turn = UNDO.get(orientation)
    stored = upright if turn is None else upright.transpose(turn)
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = folder / f"photo.{kind}"
    stored.save(path, exif=exif, quality=95)
    return path


def red_share(pixels: RGBImage, share: Box) -> tuple[float, float]:
    """How red a rectangle, in shares of a picture, is inside, and how red all around it is."""
    red = (pixels[..., 0] > 160) & (pixels[..., 1] < 90)
    height, width = red.shape
    columns = (round(share.left * width), round(share.right * width))
    rows = (round(share.top * height), round(share.bottom * height))
    inside = np.zeros_like(red)
    inside[rows[0] : rows[1], columns[0] : columns[1]] = True
    return float(red[inside].mean()), float(red[~inside].mean())


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
@pytest.mark.parametrize("orientation", range(1, 9))
def test_exported_regions_frame_the_thing_in_the_stored_pixels(
    tmp_path: Path, decoders: DecoderPool, orientation: int
) -> None:
    path = photo(tmp_path, orientation)
    before = path.read_bytes()
    told = decoders.orientation(path)
    assert told == orientation
    sidecar = write_regions(path, *SIZE, [Detection("cat", 0.9, BOX)], told, tmp_path / "kept")
    assert sidecar == tmp_path / "photo.jpg.xmp"
    assert path.read_bytes() == before

    command = ["exiftool", "-json", "-struct", "-n", str(sidecar)]
    read = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
    with Image.open(path) as image:
        stored = np.asarray(image)  # as it is in the file, not turned
    info = read[0]["RegionInfo"]
    told_size = info["AppliedToDimensions"]
    assert (told_size["W"], told_size["H"]) == (stored.shape[1], stored.shape[0])
    area = info["RegionList"][0]["Area"]
    x, y, w, h = (area[edge] for edge in "XYWH")
    mwg = Box(x - w / 2, y - h / 2, x + w / 2, y + h / 2)
    bound = read[0]["ImageRegion"][0]["RegionBoundary"]
    left, top = bound["RbX"], bound["RbY"]
    iptc = Box(left, top, left + bound["RbW"], top + bound["RbH"])
    for share in (mwg, iptc):
        inside, around = red_share(stored, share)
        assert inside > 0.97
        assert around < 0.01


@pytest.mark.parametrize("orientation", range(1, 9))
def test_annotated_pictures_frame_the_thing_upright(
    tmp_path: Path, decoders: DecoderPool, orientation: int
) -> None:
    picture = decoders.picture(photo(tmp_path, orientation))
    assert picture.shape == (SIZE[1], SIZE[0], 3)
    inside, around = red_share(picture, Box(10 / 96, 8 / 64, 42 / 96, 28 / 64))
    assert inside > 0.97
    assert around < 0.01
    done = annotate(picture, [Detection("", 0.9, BOX)], {"": label_colour("cat")})
    colour = np.array([int(label_colour("cat")[at : at + 2], 16) for at in (1, 3, 5)])
    rows = np.nonzero((done[:, 40:42] == colour).all(axis=2).any(axis=1))[0]
    assert (rows.min(), rows.max()) == (8, 27)


@pytest.mark.parametrize("kind", ["png", "webp", "tif"])
def test_other_kinds_tell_their_orientation(
    tmp_path: Path, decoders: DecoderPool, kind: str
) -> None:
    assert decoders.orientation(photo(tmp_path, 6, kind)) == 6


def test_avif_is_turned_by_its_container(tmp_path: Path, decoders: DecoderPool) -> None:
    assert decoders.orientation(photo(tmp_path, 6, "avif")) == 1


def test_what_is_no_picture_has_no_orientation(tmp_path: Path, decoders: DecoderPool) -> None:
    path = tmp_path / "x.jpg"
    path.write_bytes(b"no picture")
    with pytest.raises(PhotoUndecodable):
        decoders.orientation(path)


@pytest.mark.skipif(not DATA.exists(), reason="needs ../shared")
def test_orientations_of_real_files(decoders: DecoderPool) -> None:
    files = sorted(DATA.glob("*_[1-8].jpg"))
    assert len(files) == 16
    assert [decoders.orientation(file) for file in files] == [int(file.stem[-1]) for file in files]
