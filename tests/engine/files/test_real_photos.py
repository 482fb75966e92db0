"""Every file of the shared photos decodes or is refused with a sensible reason."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.errors import PhotoError
from engine.files.decode import DecodedPhoto, DecodeRequest, DecoderPool
from engine.files.scan import Excludes, scan
from engine.types import InputSpec

SPEC = InputSpec(224, 224)

REFUSED = {
    "formats/bomb_20000x20000.png": "has 400 megapixels",
    "formats/corrupted.heic": "is broken",
    "formats/empty.jpg": "is empty",
    "formats/not_an_image.jpg": "is not a picture",
}


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    pool = DecoderPool(2)
    yield pool
    pool.close()


def test_all_of_them(pool: DecoderPool, shared_data: Path) -> None:
    files = [seen.relpath.decode() for seen in scan(shared_data, Excludes(()))]
    assert len(files) == 707
    futures = {name: pool.submit(DecodeRequest(shared_data / name, SPEC)) for name in files}
    refused: dict[str, str] = {}
    damaged: list[str] = []
    for name, future in futures.items():
        try:
            photo = future.result(timeout=60)
        except PhotoError as error:
            refused[name] = error.reason
            continue
        assert photo.pixels is not None
        assert photo.pixels.shape == (224, 224, 3)
        assert photo.thumbnail is not None
        if photo.content.damaged:
            damaged.append(name)
    assert refused.keys() == REFUSED.keys()
    assert all(reason.startswith(REFUSED[name]) for name, reason in refused.items())
    assert damaged == ["formats/truncated.jpg"]


@pytest.mark.parametrize("shape", ["Landscape", "Portrait"])
def test_the_eight_orientations_look_the_same(
    pool: DecoderPool, shared_data: Path, shape: str
) -> None:
    folder = shared_data / "exif" / "orientation"
    found: list[DecodedPhoto] = [
        pool.submit(DecodeRequest(folder / f"{shape}_{n}.jpg", SPEC)).result(timeout=60)
        for n in range(1, 9)
    ]
    assert len({(photo.content.width, photo.content.height) for photo in found}) == 1
    first = found[0].pixels
    assert first is not None
    for photo in found[1:]:
        assert photo.pixels is not None
        assert np.abs(photo.pixels.astype(float) - first).mean() < 3


def test_sixteen_bits_and_ink_look_like_their_original(
    pool: DecoderPool, shared_data: Path
) -> None:
    def look(name: str) -> NDArray[np.float64]:
        pixels = pool.submit(DecodeRequest(shared_data / "formats" / name, SPEC)).result().pixels
        assert pixels is not None
        return pixels.astype(float)

    cat = look("plain.bmp")
    for name in ("cmyk.jpg", "cmyk.tif", "palette.png", "multipage.tif", "really_a_png.jpg"):
        assert np.abs(look(name) - cat).mean() < 6, name
    face = look("rgb16.png")  # a part of the same cat, in 16 bits
    assert np.abs(look("rgb16.tif") - face).mean() < 1
    assert np.abs(look("gray16.png")[..., 0] - face @ [0.299, 0.587, 0.114]).mean() < 8
