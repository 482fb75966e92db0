"""The cut as arithmetic: what is usual, what is a match, what is not wanted, how strict."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.cut import AT_CUT, Background, background, cut, joined, matches, own, unwanted

USUAL = Background(middle=0.2, spread=0.02, width=0.03, chance=3.0)


def asked(scores: np.ndarray):
    rest = np.random.default_rng(1).normal(0.19, 0.02, 1000).astype(np.float32)
    return own(rest, USUAL, float(scores[0]))


def test_a_background_is_told_by_the_bulk_of_prompts():
    rng = np.random.default_rng(0)
    scores = rng.normal(0.2, 0.02, (60, 1000)).astype(np.float32)
    found = background(scores, 0.5)
    assert found.middle == pytest.approx(0.2, abs=0.002)
    assert found.spread == pytest.approx(0.02, rel=0.05)
    assert 2.5 < found.chance <= 3.1  # the best of a thousand normal deviates
    scores[:12] += rng.choice([0, 0.2], (12, 1000), p=[0.9, 0.1])  # some prompts have answers
    again = background(scores, 0.5)
    assert again.spread == pytest.approx(found.spread, rel=0.1)
    assert again.chance == pytest.approx(found.chance, rel=0.1)


@pytest.mark.parametrize("shape", [(0, 0), (3, 1), (1, 4)])
def test_a_background_of_next_to_nothing_is_finite(shape: tuple[int, int]):
    found = background(np.full(shape, 0.3, np.float32), 0.5)
    assert np.isfinite([found.middle, found.spread, found.width, found.chance]).all()
    assert found.spread > 0 < found.width


def test_matches_end_where_scores_fall():
    scores = np.array([0.33, 0.32, 0.31, 0.3, 0.24, 0.23, 0.22], np.float32)
    assert matches(scores, asked(scores), USUAL, 0.0) == 4


def test_nothing_above_chance_is_no_match():
    scores = np.array([0.262, 0.26, 0.25], np.float32)
    assert cut(asked(scores), USUAL, 0.0) == float("inf")
    assert matches(scores, asked(scores), USUAL, 0.0) == 0


def test_half_of_the_library_may_match():
    scores = np.sort(np.concatenate([np.full(60, 0.32), np.full(40, 0.2)]))[::-1]
    scores = scores.astype(np.float32)
    mine = own(scores, USUAL, 0.32)
    assert matches(scores, mine, USUAL, 0.0) == 60


@given(st.lists(st.floats(-1, 1, width=32), min_size=1, max_size=30))
def test_stricter_is_never_more_whatever_the_scores(values: list[float]):
    scores = np.sort(np.array(values, np.float32))[::-1]
    mine = own(scores, USUAL, float(scores[0]))
    counts = [matches(scores, mine, USUAL, strictness) for strictness in (-1, -0.4, 0, 0.7, 1)]
    assert counts == sorted(counts, reverse=True)
    assert all(0 <= count <= len(scores) for count in counts)


def test_what_is_not_wanted_is_taken_from_matches_only():
    scores = np.array([0.35, 0.3, 0.2, 0.05, -0.5], np.float32)
    mine = asked(scores)
    edge = cut(mine, USUAL, 0.0)
    much = unwanted(np.append(scores, np.float32(edge)), mine, USUAL, 0.0)
    assert much[0] == pytest.approx(1)
    assert much[-1] == pytest.approx(AT_CUT, abs=1e-4)
    assert much[2:5].tolist() == [0, 0, 0]
    absent = np.array([0.24, 0.2], np.float32)
    assert unwanted(absent, asked(absent), USUAL, 0.0).tolist() == [0, 0]


def test_backgrounds_of_a_sum():
    both = joined([3.0, 4.0], [USUAL, USUAL])
    assert both.middle == pytest.approx(7 * USUAL.middle)
    assert both.spread == pytest.approx(5 * USUAL.spread)
    assert both.chance == pytest.approx(USUAL.chance)
