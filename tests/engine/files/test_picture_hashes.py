"""Perceptual hashes: alike pictures are near, turned ones follow from the bits alone."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.files.picture_hashes import (
    ORIENTATIONS,
    apply,
    canonical,
    hashes,
    is_even,
    of_preview,
    pixel_hash,
    turned,
)


def square(seed: int) -> NDArray[np.float64]:
    chance = np.random.default_rng(seed)
    return np.kron(chance.integers(0, 256, (8, 8)), np.ones((4, 4))).astype(np.float64)


def numbers(*values: int) -> NDArray[np.uint64]:
    return np.array(values, np.uint64)


@pytest.mark.parametrize("orientation", range(ORIENTATIONS))
def test_the_hash_of_a_turned_picture_follows_from_its_bits(orientation: int):
    shape, slope = hashes(square(1))
    told = turned(numbers(shape), numbers(slope), orientation)
    seen = hashes(np.ascontiguousarray(apply(square(1), orientation)))
    assert (int(told[0][0]), int(told[1][0])) == seen


def test_one_hash_stands_for_all_orientations():
    shapes = [hashes(np.ascontiguousarray(apply(square(2), n)))[0] for n in range(ORIENTATIONS)]
    assert len(set(canonical(numbers(*shapes)).tolist())) == 1


def test_noise_changes_few_bits_and_another_picture_many():
    noisy = square(3) + np.random.default_rng(0).normal(0, 6, (32, 32))
    assert (hashes(square(3))[0] ^ hashes(noisy)[0]).bit_count() <= 4
    assert (hashes(square(3))[0] ^ hashes(square(4))[0]).bit_count() > 12


def test_nothing_to_see_has_no_hash():
    assert is_even(np.full((32, 32), 77.0))
    assert of_preview(b"no picture") is None


def test_equal_pixels_differ_by_their_arrangement():
    pixels = np.arange(24, dtype=np.uint8)
    assert pixel_hash(pixels.reshape(2, 4, 3)) != pixel_hash(pixels.reshape(4, 2, 3))
