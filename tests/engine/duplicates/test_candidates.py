"""Which pairs are compared: also where most photos are copies of each other."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from engine.catalog.duplicates import Hashes
from engine.duplicates.candidates import Vectors, candidates


def test_parts_of_few_pictures_are_proposed_though_most_pairs_are_near():
    """Hashes say nothing of a crop; by chance alone a pair of copies is no rarity here."""
    pictures, parts = 10, 7
    chance = np.random.default_rng(3)
    rows = np.repeat(chance.normal(size=(pictures, 64)), parts, axis=0)
    rows += chance.normal(size=rows.shape) * 0.35
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    contents = [bytes([n]) * 32 for n in range(len(rows))]
    none = np.zeros(0, np.uint64)
    found = candidates(Hashes([], none, none), Vectors(contents, rows.astype(np.float32)), contents)
    wanted = {
        pair
        for start in range(0, len(contents), parts)
        for pair in combinations(contents[start : start + parts], 2)
    }
    assert wanted <= found.by_vector.keys()
