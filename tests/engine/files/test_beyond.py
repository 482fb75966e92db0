"""What a file holds beside its picture is told, so that equal pixels are not taken for all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from engine.files.decode import DecoderPool

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "formats"


@pytest.fixture(scope="module")
def pool() -> Iterator[DecoderPool]:
    pool = DecoderPool(1)
    yield pool
    pool.close()


def picture(size: tuple[int, int] = (40, 30)) -> Image.Image:
    noise = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), np.uint8)
    return Image.fromarray(noise)


def test_metadata_are_nothing_beyond(pool: DecoderPool, tmp_path: Path):
    image = picture()
    exif = Image.Exif()
    exif[0x010E] = "noted"
    image.save(tmp_path / "a.jpg", quality=90)
    image.save(tmp_path / "b.jpg", quality=90, exif=exif)
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "noted")
    image.save(tmp_path / "a.png")
    image.save(tmp_path / "b.png", pnginfo=text)
    opaque = image.convert("RGBA")
    opaque.save(tmp_path / "opaque.png")
    for one, two in (("a.jpg", "b.jpg"), ("a.png", "b.png"), ("a.png", "opaque.png")):
        several, rest = pool.beyond(tmp_path / one)
        assert not several
        assert rest is not None
        assert pool.beyond(tmp_path / two) == (several, rest)


def test_what_follows_a_jpeg_counts_but_for_padding(pool: DecoderPool, tmp_path: Path):
    picture().save(tmp_path / "a.jpg", quality=90)
    data = (tmp_path / "a.jpg").read_bytes()
    for name, more in (("padded", b"\0" * 9), ("film", b"ftyp one"), ("other", b"ftyp two")):
        (tmp_path / f"{name}.jpg").write_bytes(data + more)
    told = {
        name: pool.beyond(tmp_path / f"{name}.jpg") for name in ("a", "padded", "film", "other")
    }
    assert told["a"] == told["padded"]
    assert len(set(told.values())) == 3


def test_another_profile_is_another_picture(pool: DecoderPool, tmp_path: Path):
    picture().save(tmp_path / "a.png")
    picture().save(tmp_path / "b.png", icc_profile=b"a profile")
    assert pool.beyond(tmp_path / "a.png") != pool.beyond(tmp_path / "b.png")


def test_pages_and_films_are_several(pool: DecoderPool, tmp_path: Path):
    for name in ("a.tif", "a.gif", "a.webp", "a.png"):
        other = Image.new("RGB", (40, 30), "red")
        picture().save(tmp_path / name, save_all=True, append_images=[other])
        assert pool.beyond(tmp_path / name) == (True, None), name


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/data")
@pytest.mark.parametrize(
    "name",
    ["alpha.png", "gray_alpha.png", "gray16.png", "rgb16.png", "rgb16.tif", "cmyk.jpg",
     "rgb_10__128x128.heif", "synthetic_rggb.dng", "hato.profile0.10bpc.yuv420.avif"],
)  # fmt: skip
def test_what_we_only_see_a_part_of_cannot_be_told(pool: DecoderPool, name: str):
    assert pool.beyond(SHARED / name) == (False, None)


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared/data")
@pytest.mark.parametrize("name", ["iphone_7_gps.heic", "palette.png", "plain.bmp", "truncated.jpg"])
def test_plain_pictures_can_be_told(pool: DecoderPool, name: str):
    several, rest = pool.beyond(SHARED / name)
    assert not several
    assert rest is not None
