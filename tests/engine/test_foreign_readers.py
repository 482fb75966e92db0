"""From a drawn box to other programs, through the door: a photo on its side, all four exports."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from engine import Library
from engine.jobs import drain
from engine.label_colours import label_colour
from engine.types import Box, PhotoId, Scope

BOX = Box(10, 30, 40, 90)  # of the upright photo, 80 wide and 120 high
SIZE = (80, 120)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """One photo, stored lying on its side, with a sidecar that somebody else began."""
    folder = tmp_path / "photos"
    folder.mkdir()
    stored = Image.new("RGB", SIZE, (90, 90, 90)).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[0x0112] = 6
    stored.save(folder / "IMG_1.jpg", exif=exif)
    (folder / "IMG_1.xmp").write_text(
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF'
        ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="5"/></rdf:RDF></x:xmpmeta>',
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def library(tmp_path: Path, folder: Path) -> Iterator[Library]:
    place = tmp_path / "library"
    place.mkdir()
    (place / "settings.json").write_text(json.dumps({"model_id": "no/model"}), encoding="utf-8")
    library = Library.open(place)
    library.add_root(folder)
    drain(library.reconcile())
    drain(library.index())
    yield library
    library.close()


@pytest.fixture
def photo(library: Library) -> PhotoId:
    (photo_id,) = library.photo_ids(Scope())
    library.detecting.add(photo_id, "猫", BOX)
    return photo_id


def test_pycocotools(library: Library, photo: PhotoId, tmp_path: Path) -> None:
    from pycocotools.coco import COCO

    done = drain(library.detecting.export([photo], "coco", tmp_path))
    with contextlib.redirect_stdout(io.StringIO()):
        read: Any = COCO(str(done.files[0]))
    (image,) = read.loadImgs(read.getImgIds())
    assert (image["file_name"], image["width"], image["height"]) == ("IMG_1.jpg", *SIZE)
    (found,) = read.loadAnns(read.getAnnIds(catIds=read.getCatIds(catNms=["猫"])))
    assert found["bbox"] == [10, 30, 30, 60]


def test_yolo(library: Library, photo: PhotoId, tmp_path: Path) -> None:
    done = drain(library.detecting.export([photo], "yolo", tmp_path))
    (labels,) = [file for file in done.files if file.parent.name == "labels"]
    assert labels.name == "IMG_1.txt"
    shares = [float(share) for share in labels.read_text(encoding="utf-8").split()]
    assert shares == pytest.approx([0, 25 / 80, 60 / 120, 30 / 80, 60 / 120], abs=1e-6)


def test_a_picture(library: Library, photo: PhotoId, tmp_path: Path) -> None:
    done = drain(library.detecting.export([photo], "annotated", tmp_path / "out"))
    with Image.open(done.files[0]) as image:
        assert image.size == SIZE
        assert ImageOps.exif_transpose(image).size == SIZE  # it stands already
        pixels = np.asarray(image).astype(int)
    colour = np.array(list(bytes.fromhex(label_colour("猫")[1:])))
    near = (np.abs(pixels - colour).sum(axis=2) < 90)[60]  # a row through the box; it is a JPEG
    assert set(np.nonzero(near)[0]) & {9, 10, 11}
    assert set(np.nonzero(near)[0]) & {38, 39, 40}


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
def test_exiftool(library: Library, photo: PhotoId, folder: Path, tmp_path: Path) -> None:
    before = (folder / "IMG_1.jpg").read_bytes()
    sidecar = folder / "IMG_1.xmp"
    began = sidecar.read_bytes()
    done = drain(library.detecting.export([photo], "regions", tmp_path))
    assert done.files == (sidecar,)
    command = ["exiftool", "-json", "-struct", "-n", str(sidecar)]
    read = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
    assert read[0]["Rating"] == 5
    info = read[0]["RegionInfo"]
    assert (info["AppliedToDimensions"]["W"], info["AppliedToDimensions"]["H"]) == (120, 80)
    area = info["RegionList"][0]["Area"]
    # Turned clockwise it stands: what is at the top of the upright photo is left in the stored.
    assert [area[edge] for edge in "XYWH"] == pytest.approx([0.5, 55 / 80, 0.5, 30 / 80], abs=1e-6)
    assert read[0]["ImageRegion"][0]["Name"] == "猫"
    assert (folder / "IMG_1.jpg").read_bytes() == before

    library.detecting.remove([seen.id for seen in library.detecting.of_photo(photo)])
    drain(library.detecting.export([photo], "regions", tmp_path))
    assert sidecar.read_bytes() == began
