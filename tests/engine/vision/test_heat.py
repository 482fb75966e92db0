"""Looking into a tower: every family that searches gives a map, laid over the whole photo."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tiny_clip import random_pixels
from tiny_families import PATCH, SIDE, write_family

from engine.types import InputSpec, ModelSlot
from engine.vision.families import FAMILIES
from engine.vision.heat import over_photo, patches
from engine.vision.models import ModelStore

SEARCH = [name for name, family in FAMILIES.items() if family.slot is ModelSlot.SEARCH]


@pytest.mark.parametrize("name", SEARCH)
def test_every_family_gives_a_map(tmp_path: Path, name: str):
    write_family(name, tmp_path / name)
    files = ModelStore(tmp_path / "store").resolve(str(tmp_path / name), None)
    rng = np.random.default_rng(3)
    vectors = rng.standard_normal((21, files.space.dim)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    pixels = random_pixels(1, SIDE, 1)[0]
    seen = patches(files, pixels, vectors[0], vectors[1:])
    assert seen.shape == (SIDE // PATCH, SIDE // PATCH)
    assert ((seen >= 0) & (seen <= 1)).all()
    assert np.array_equal(seen, patches(files, pixels, vectors[0], vectors[1:]))
    # words that are usual stand out nowhere
    same = patches(files, pixels, vectors[0], np.repeat(vectors[:1], 5, axis=0))
    assert not same.any()


def test_what_the_model_cut_away_is_not_told_of():
    seen = np.ones((4, 4), np.float32)
    wide = over_photo(seen, InputSpec(32, 32), 300, 200)
    assert wide.shape == (4, 6)
    assert np.isnan(wide[:, 0]).all()
    assert np.isnan(wide[:, 5]).all()
    assert (wide[:, 1:5] == 1).all()
    assert over_photo(seen, InputSpec(32, 32), 100, 300).shape == (12, 4)
    squeezed = over_photo(seen, InputSpec(32, 32, keep_aspect=False), 300, 200)
    assert np.array_equal(squeezed, seen)
