"""Pairs that lie near each other are the same as those that comparing all with all finds."""

from __future__ import annotations

import numpy as np
import pytest

from engine.vectors import near
from engine.vectors.near import near_hashes, near_hashes_directly, near_vectors, usual_cosines


@pytest.mark.parametrize("within", [0, 3, 7])
def test_hashes_are_found_as_by_comparing_all(within: int):
    chance = np.random.default_rng(within)
    hashes = chance.integers(0, 1 << 63, 400, dtype=np.uint64)
    for _ in range(within):
        hashes[200:] = hashes[:200] ^ (np.uint64(1) << chance.integers(0, 63, 200, dtype=np.uint64))
    quick = set(zip(*(part.tolist() for part in near_hashes(hashes, hashes, within)), strict=True))
    direct = near_hashes_directly(hashes, hashes, within)
    assert quick == set(zip(*(part.tolist() for part in direct), strict=True))
    assert len(quick) >= 400


def test_more_bits_than_the_parts_allow_are_refused():
    with pytest.raises(ValueError):
        near_hashes(np.zeros(1, np.uint64), np.zeros(1, np.uint64), 8)


def test_a_crowd_of_equals_costs_nothing():
    hashes = np.zeros(20_000, np.uint64)
    first, _ = near_hashes(hashes, hashes, 7)
    assert len(first) == 0


def vectors(count: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    chance = np.random.default_rng(3)
    rows = chance.standard_normal((count, 32)).astype(np.float32)
    rows[count // 2 :] = rows[: count // 2] + 0.05 * rows[count // 2 :]
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize("exact", [True, False])
def test_near_vectors_are_found(exact: bool, monkeypatch: pytest.MonkeyPatch):
    if not exact:
        monkeypatch.setattr(near, "_ALL_WITH_ALL", 10)
    rows = vectors(3000)
    first, second, cosines = near_vectors(rows, 0.95, 4)
    planted = {(n, n + 1500) for n in range(1500)}
    found = set(zip(first.tolist(), second.tolist(), strict=True))
    assert len(found & planted) >= (1500 if exact else 1480)
    assert len(found) == len(first)
    assert np.allclose(cosines, np.einsum("ij,ij->i", rows[first], rows[second]), atol=1e-3)


def test_only_pairs_with_what_is_asked():
    rows = vectors(400)
    first, second, _ = near_vectors(rows, 0.9, 4, np.array([7, 210]))
    assert set(zip(first.tolist(), second.tolist(), strict=True)) == {(7, 207), (10, 210)}


def test_a_models_own_scale():
    middle, far = usual_cosines(vectors(1000), (0.5, 0.999))
    assert abs(middle) < 0.05
    assert far > 0.4
    assert usual_cosines(vectors(1000)[:1], (0.5,)) == (1.0,)
