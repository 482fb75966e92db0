"""Real photos in the viewer, with the real engine: turned, odd, and of another scale."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from engine.errors import PhotoError
from engine.files.decode import DecoderPool
from engine.types import PhotoId, RGBImage
from gui.looking.pictures import Pictures, to_qimage
from gui.workers import Workers

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="needs the photos of ../shared/data")

ODD = {  # name: whether it can be shown
    "cmyk.jpg": True,
    "cmyk.tif": True,
    "rgb16.tif": True,
    "rgb16.png": True,
    "gray16.png": True,
    "animated.gif": True,
    "animated.webp": True,
    "8bit_srgb.avif": True,
    "iphone_7_gps.heic": True,
    "multipage.tif": True,
    "truncated.jpg": True,
    "progressive.jpg": True,
    "palette.png": True,
    "synthetic_rggb.dng": True,
    "not_an_image.jpg": False,
    "empty.jpg": False,
    "corrupted.heic": False,
}


@pytest.fixture(scope="module")
def decoders() -> Iterator[DecoderPool]:
    pool = DecoderPool(1)
    yield pool
    pool.close()


@needs_shared
@pytest.mark.parametrize("name", ODD)
def test_odd_pictures_are_shown_or_explained(decoders: DecoderPool, name: str) -> None:
    path = SHARED / "formats" / name
    if not ODD[name]:
        with pytest.raises(PhotoError) as refused:
            decoders.picture(path, 800)
        assert refused.value.reason
        return
    image = to_qimage(decoders.picture(path, 800))
    assert image.format() == QImage.Format.Format_RGB32
    middle = image.height() // 2
    colours = {image.pixel(x, y) for x in range(0, image.width(), 7) for y in (1, middle)}
    assert colours != {0xFF000000}, "nothing but black"


@needs_shared
def test_all_eight_orientations_look_the_same(decoders: DecoderPool) -> None:
    for shape in ("Landscape", "Portrait"):
        shown: list[RGBImage] = [
            decoders.picture(SHARED / "exif" / "orientation" / f"{shape}_{n}.jpg", 200)
            for n in range(1, 9)
        ]
        for other in shown[1:]:
            assert other.shape == shown[0].shape
            apart = np.abs(other.astype(np.int16) - shown[0]).mean()
            assert apart < 12


@needs_shared
def test_the_screen_gets_no_more_pixels_than_it_has(
    qtbot: QtBot, workers: Workers, decoders: DecoderPool
) -> None:
    path = next(iter(sorted((SHARED / "photos" / "immich").glob("*.jpg"))), None)
    assert path is not None
    pictures = Pictures(workers, lambda _id, side: decoders.picture(path, side))
    with qtbot.waitSignal(pictures.loaded):
        pictures.want(PhotoId(1), 300)
    image = pictures.get(PhotoId(1))
    assert image is not None
    assert max(image.width(), image.height()) == 300
    with qtbot.waitSignal(pictures.loaded):
        pictures.want_full(PhotoId(1))
    full = pictures.get_full(PhotoId(1))
    assert full is not None
    assert full.width() > image.width()


@pytest.mark.parametrize("factor", ["1.5", "2"])
def test_a_hundred_percent_is_exact_on_a_scaled_screen(factor: str) -> None:
    program = Path(__file__).parent / "scaled_screen.py"
    answer = subprocess.run(
        [sys.executable, program],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env=os.environ
        | {
            "QT_QPA_PLATFORM": "offscreen",
            "QT_SCALE_FACTOR": factor,
            "QT_SCALE_FACTOR_ROUNDING_POLICY": "PassThrough",
        },
    )
    assert answer.stdout.split() == ["exact", "1.00"]
