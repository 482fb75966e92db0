"""Pictures for OWLv2: the pixels of transformers' processor, from full size and from less."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from engine.files.decode import DecodeRequest, DecoderPool
from engine.files.padded import padded
from engine.files.resample import Picture
from engine.types import Box, InputSpec

SHAPES = [(96, 96), (150, 100), (61, 233), (20, 31), (1, 7), (48, 300), (200, 199), (49, 50)]


def expected(pixels: NDArray[np.uint8], size: int) -> NDArray[np.float64]:
    """What transformers gives, as grey values with fractions."""
    pytest.importorskip("scipy", reason="transformers needs scipy for OWLv2's resize")
    from transformers import Owlv2ImageProcessorPil

    processor: Any = Owlv2ImageProcessorPil(
        size={"height": size, "width": size}, do_normalize=False
    )
    given = processor(images=[pixels], return_tensors="np", input_data_format="channels_last")
    return given["pixel_values"][0].transpose(1, 2, 0) * 255.0


def noise(height: int, width: int) -> NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (height, width, 3), dtype=np.uint8)


def scene(width: int, height: int) -> Image.Image:
    """Soft shapes and edges, as in photos."""
    y, x = np.mgrid[0:height, 0:width] / max(width, height)
    waves = [127 + 120 * np.sin(a * x + b * y) for a, b in ((9, 2), (3, 14), (21, 17))]
    pixels = np.stack(waves, -1)
    pixels[(x > 0.2) & (x < 0.5) & (y > 0.1) & (y < 0.3)] = (250, 20, 90)
    return Image.fromarray(pixels.astype(np.uint8))


@pytest.mark.parametrize("shape", SHAPES)
def test_full_size_gives_the_pixels_of_transformers(shape: tuple[int, int]) -> None:
    pixels = noise(*shape)
    found = padded(Picture(Image.fromarray(pixels)), 48, (shape[1], shape[0]))
    assert np.abs(np.asarray(found) - expected(pixels, 48)).max() < 1.01


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_other_modes_are_padded_with_black(mode: str) -> None:
    found = padded(Picture(Image.new(mode, (80, 40))), 16, (80, 40))
    assert found.size == (16, 16)
    assert found.convert("L").getpixel((8, 15)) == 0


def test_a_picture_decoded_smaller_is_smoothed_by_as_much_less(tmp_path: Path) -> None:
    image = scene(1600, 1200)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=97, subsampling=0)
    whole = np.asarray(Image.open(file).convert("RGB"))
    half = Image.open(file)
    half.draft(None, (800, 600))
    assert half.size == (800, 600)
    exact = expected(whole, 256)
    off = np.abs(np.asarray(padded(Picture(half), 256, (1600, 1200))) - exact)
    blind = np.abs(np.asarray(padded(Picture(half), 256, (800, 600))) - exact)
    assert off.mean() < 0.5
    assert off.mean() < blind.mean()


@pytest.mark.parametrize("size", [(1, 5000), (60_000, 2), (1, 1)])
def test_hair_thin_pictures_cost_no_memory(size: tuple[int, int]) -> None:
    assert padded(Picture(Image.new("RGB", size, (10, 200, 30))), 96, size).size == (96, 96)


def test_the_decoder_delivers_it(tmp_path: Path) -> None:
    """Upright, whole and in parts, in the decoder's own process."""
    image = scene(400, 300)
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned to the right by 90 degrees
    image.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "turned.png", exif=exif)
    spec = InputSpec(96, 96, 2, keep_aspect=False, pad=True)
    pool = DecoderPool(1)
    try:
        whole = pool.submit(DecodeRequest(tmp_path / "turned.png", spec)).result(30)
        box = Box(100, 50, 300, 150)
        part = pool.submit(DecodeRequest(tmp_path / "turned.png", spec, box=box)).result(30)
    finally:
        pool.close()
    pixels = np.asarray(image)
    assert whole.pixels is not None
    assert part.pixels is not None
    assert np.abs(whole.pixels - expected(pixels, 96)).max() < 1.01
    assert not whole.pixels[80:].any()  # black below
    assert np.abs(part.pixels - expected(pixels[50:150, 100:300], 96)).max() < 1.01
