"""How agreement is judged, and what this computer has to compute with."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from engine.vision import runtime
from engine.vision.agreement import agreement, overlap, sample_pixels
from engine.vision.embedding import normalise


def test_agreement_looks_behind_the_common_part():
    random = np.random.default_rng(0)
    own = random.normal(size=(6, 16)).astype(np.float32)
    common = np.float32(100)
    other = random.normal(size=(6, 16)).astype(np.float32)
    assert agreement(own + common, own + common) == pytest.approx(1, abs=1e-4)
    assert agreement(own + common, other + common) < 0.9
    assert agreement(own, np.full_like(own, np.nan)) == 0
    assert agreement(own, np.zeros_like(own)) == 0


def test_sample_pictures_are_distinct_and_always_the_same():
    pixels = sample_pixels(32)
    assert pixels.shape == (6, 32, 32, 3)
    assert (pixels == sample_pixels(32)).all()
    apart = [np.abs(a.astype(int) - b).mean() for a, b in combinations(pixels, 2)]
    assert min(apart) > 10


def test_threads_can_be_chosen():
    before = runtime.threads()
    assert before >= 1
    runtime.set_threads(1)
    assert runtime.threads() == 1
    assert "1 threads" in runtime.fingerprint()
    runtime.set_threads(0)
    assert runtime.threads() == before


def test_what_this_machine_gets():
    ways = runtime.image_ways()
    assert len(set(ways)) == len(ways)
    assert {way.precision for way in ways} <= {"int8", "bf16", "fp16", "fp32"}
    assert ways[-1].name == "torch fp32"  # the last resort
    assert all(way.precision == "fp32" for way in runtime.text_ways())


def test_the_overlap_counts_neighbours():
    random = np.random.default_rng(0)
    photos = normalise(random.normal(size=(40, 16)).astype(np.float32))
    assert overlap(photos, photos) == 1
    assert overlap(photos, photos[::-1]) < 0.6
    noise = np.asarray(random.normal(size=(40, 16)) * 0.005, np.float32)
    near = normalise(photos + noise)
    assert 0.9 < overlap(photos, near) < 1
    assert overlap(photos, photos, photos[:3]) == 1
    assert overlap(photos[:4], photos[:4]) == 1
