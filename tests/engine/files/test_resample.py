"""Our resize gives Pillow's pixels: of all sizes, of parts, in grey, and where it steps aside."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from engine.files.resample import Picture, Window

BICUBIC, HAMMING = int(Image.Resampling.BICUBIC), int(Image.Resampling.HAMMING)


def noise(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """The hardest picture: every pixel a surprise."""
    random = np.random.default_rng(width)
    shape = (height, width, 3) if mode == "RGB" else (height, width)
    return Image.fromarray(random.integers(0, 256, shape, dtype=np.uint8))


def assert_equal(found: Image.Image, expected: Image.Image) -> None:
    assert found.mode == expected.mode
    assert np.array_equal(np.asarray(found), np.asarray(expected))


def assert_same(found: Image.Image, expected: Image.Image) -> None:
    """Equal but for roundings of numbers that lie in the middle."""
    assert (found.mode, found.size) == (expected.mode, expected.size)
    apart = np.abs(np.asarray(found).astype(int) - np.asarray(expected))
    assert apart.max() <= 1
    assert (apart > 0).sum() <= 1 + 0.001 * apart.size


@pytest.mark.parametrize("mode", ["RGB", "L"])
@pytest.mark.parametrize("resample", [BICUBIC, HAMMING])
@pytest.mark.parametrize(
    ("size", "target"),
    [
        ((640, 427), (335, 224)), ((427, 640), (224, 335)), ((333, 500), (171, 256)),
        ((1000, 750), (40, 30)), ((300, 600), (300, 600)), ((400, 3), (133, 1)), ((1, 1), (1, 1)),
        ((333, 500), (256, 256)), ((1000, 750), (37, 5)), ((5, 600), (5, 1)),
    ],
)  # fmt: skip
def test_shrinking_gives_the_pixels_that_pillow_gives(
    size: tuple[int, int], target: tuple[int, int], resample: int, mode: str
) -> None:
    image = noise(*size, mode)
    expected = image.resize(target, Image.Resampling(resample))
    assert_same(Picture(image).resized(target, resample), expected)


@pytest.mark.parametrize("left", [0, 3, 55, 111])
@pytest.mark.parametrize("turned", [False, True])
def test_a_window_is_a_part_of_the_whole(left: int, turned: bool) -> None:
    size, target, window = (640, 427), (335, 224), Window(left, 0, 224, 224)
    if turned:
        size, target, window = (427, 640), (224, 335), Window(0, left, 224, 224)
    image = noise(*size)
    whole = image.resize(target, Image.Resampling.BICUBIC)
    box = (window.left, window.top, window.left + 224, window.top + 224)
    assert_same(Picture(image).resized(target, BICUBIC, window), whole.crop(box))


def test_one_picture_is_resized_to_several_sizes() -> None:
    image = noise(500, 375)
    picture = Picture(image)
    for target, resample in (((298, 224), BICUBIC), ((256, 192), HAMMING), ((64, 48), BICUBIC)):
        expected = image.resize(target, Image.Resampling(resample))
        assert_same(picture.resized(target, resample), expected)


@pytest.mark.parametrize("target", [(80, 300), (400, 60), (900, 900), (180, 60)])
def test_enlarging_and_squeezing_is_left_to_pillow(target: tuple[int, int]) -> None:
    image = noise(200, 150)
    found = Picture(image).resized(target, BICUBIC, Window(1, 2, 30, 40))
    assert_equal(found, image.resize(target, Image.Resampling.BICUBIC).crop((1, 2, 31, 42)))


@pytest.mark.parametrize("mode", ["CMYK", "LAB", "RGBA"])
def test_other_kinds_of_pixels_are_left_to_pillow(mode: str) -> None:
    image = Image.new(mode, (90, 70), tuple(range(10, 10 + len(mode) * 20, 20)))
    found = Picture(image).resized((45, 35), BICUBIC)
    assert_equal(found, image.resize((45, 35), Image.Resampling.BICUBIC))


@pytest.mark.parametrize("resample", [Image.Resampling.LANCZOS, Image.Resampling.BILINEAR])
def test_other_filters_are_left_to_pillow(resample: Image.Resampling) -> None:
    image = noise(90, 70)
    found = Picture(image).resized((45, 35), int(resample))
    assert_equal(found, image.resize((45, 35), resample))


def test_a_huge_picture_takes_no_more_memory_than_pillow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.files.resample._MOST_PIXELS", 1000)
    image = noise(90, 70)
    found = Picture(image).resized((45, 35), BICUBIC)
    assert_equal(found, image.resize((45, 35), Image.Resampling.BICUBIC))
