"""Learning from answers: the cut moves, the probe helps or stays away, intervals tell the truth."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.expectations import expected
from engine.learning import Floats, Learned, Vectors, learn, log_odds, sigmoid
from engine.tag_types import Stage

DIM = 32


def world(
    seed: int, photos: int = 2_000, words: float = 2.0, seen: float = 1.5, share: float = 0.2
) -> tuple[Floats, Vectors, NDArray[np.bool_]]:
    """Photos of which some belong: what the words say, what the vectors say, what is so."""
    chance = np.random.default_rng(seed)
    truth = chance.random(photos) < share
    odds = words * (2 * truth - 1) + 1.5 * chance.standard_normal(photos)
    direction = np.random.default_rng(99).standard_normal(DIM)
    direction /= np.linalg.norm(direction)
    wide = 0.3 * chance.standard_normal((photos, DIM)) + seen * 0.3 * np.outer(truth, direction)
    wide += chance.standard_normal(DIM) * 0 + 1.0
    vectors = wide / np.linalg.norm(wide, axis=1, keepdims=True)
    return odds, vectors.astype(np.float32), truth


def nothing() -> tuple[Floats, Vectors]:
    return np.zeros(0), np.zeros((0, DIM), np.float32)


def accuracy(learned: Learned, odds: Floats, vectors: Vectors, truth: NDArray[np.bool_]) -> float:
    return float(((learned.scores(odds, vectors) >= learned.cut) == truth).mean())


def test_without_answers_the_words_decide_at_the_default_cut():
    odds, vectors, _ = world(0)
    none = np.zeros(0, bool)
    learned = learn(odds[:0], vectors[:0], none, 0.4, (odds[:50], vectors[:50]))
    assert (learned.stage, learned.slope, learned.cut) == (Stage.PROMPT, 1.0, 0.4)
    assert learned.scores(odds, vectors) is odds


def test_a_few_answers_move_the_cut_a_little_and_many_move_it_where_they_say():
    odds, vectors, truth = world(1, seen=0.0)
    shifted = odds + 3.0  # the words promise too much
    cuts: list[float] = []
    for count in (3, 10, 40, 400):
        near = np.argsort(np.abs(shifted - 3.0))[:: max(1, 1000 // count)][:count]
        rest = np.setdiff1d(np.arange(len(odds)), near)[:100]
        learned = learn(
            shifted[near], vectors[near], truth[near], 0.0, (shifted[rest], vectors[rest])
        )
        cuts.append(learned.cut)
    assert 0.0 < cuts[0] < cuts[-1]
    assert abs(cuts[-1] - 3.6) < 0.8
    best = max(((shifted >= cut) == truth).mean() for cut in np.linspace(0, 6, 61))
    assert ((shifted >= cuts[-1]) == truth).mean() > best - 0.02


@pytest.mark.parametrize("said", [True, False])
def test_answers_of_one_kind_only_move_the_cut_their_way_and_stay_finite(said: bool):
    odds, vectors, _ = world(2)
    rows = np.arange(30)
    learned = learn(
        odds[rows], vectors[rows], np.full(30, said), 0.0, (odds[100:200], vectors[100:200])
    )
    assert learned.stage is Stage.CALIBRATED
    assert np.isfinite([learned.slope, learned.shift]).all()
    assert learned.slope > 0
    assert (learned.cut < 0) is said


def test_the_probe_finds_what_the_words_do_not_say():
    odds, vectors, truth = world(3, words=0.3, seen=4.0)
    rows = np.arange(50)
    others = np.arange(50, 450)
    learned = learn(odds[rows], vectors[rows], truth[rows], 0.0, (odds[others], vectors[others]))
    assert learned.stage is Stage.PROBE
    held_out = slice(1_000, None)
    plain = Learned(Stage.PROMPT, 1.0, 0.0)
    before = accuracy(plain, odds[held_out], vectors[held_out], truth[held_out])
    after = accuracy(learned, odds[held_out], vectors[held_out], truth[held_out])
    assert after > before + 0.2


def test_the_probe_stays_away_where_vectors_tell_nothing():
    for seed in range(4):
        odds, vectors, truth = world(10 + seed, words=2.5, seen=0.0, share=0.4)
        rows = np.arange(40)
        others = np.arange(100, 400)
        learned = learn(
            odds[rows], vectors[rows], truth[rows], 0.0, (odds[others], vectors[others])
        )
        held_out = slice(1_000, None)
        plain = Learned(Stage.PROMPT, 1.0, 0.0)
        before = accuracy(plain, odds[held_out], vectors[held_out], truth[held_out])
        after = accuracy(learned, odds[held_out], vectors[held_out], truth[held_out])
        assert after > before - 0.03


def test_examples_turn_the_words_towards_them_at_once():
    odds, vectors, truth = world(4, words=0.3, seen=4.0)
    shown = np.nonzero(truth)[0][:5]
    others = np.arange(300, 700)
    learned = learn(
        odds[:0], vectors[:0], np.zeros(0, bool), 0.0, (odds[others], vectors[others]),
        (odds[shown], vectors[shown]),
    )  # fmt: skip
    assert learned.stage is Stage.PROBE
    scores = learned.scores(odds, vectors)

    def lead(of: Floats) -> float:
        return float(of[truth].mean() - of[~truth].mean()) / float(of.std())

    assert lead(scores) > lead(odds) + 0.3


def test_expected_precision_and_recall_hold_the_truth_in_their_interval():
    inside = 0
    for seed in range(20):
        odds, vectors, truth = world(30 + seed, seen=0.0)
        asked = np.random.default_rng(seed).permutation(len(odds))[:60]
        learned = learn(odds[asked], vectors[asked], truth[asked], 0.0, nothing())
        known = np.full(len(odds), np.nan)
        known[asked] = truth[asked]
        precision, recall = expected(learned, odds, learned.cut, known)
        said = odds >= learned.cut
        real = truth[said].mean(), said[truth].mean()
        for share, so in zip((precision, recall), real, strict=True):
            assert 0 <= share.low <= share.value <= share.high <= 1
            inside += share.low <= so <= share.high
    assert inside >= 30  # of 40; nine of ten are promised


def test_the_interval_holds_for_a_dozen_photos_too():
    """What a few photos turn out to be is chance, however well the chances are known."""
    inside = tried = 0
    for seed in range(40):
        odds, vectors, truth = world(100 + seed, seen=0.0)
        learned = learn(odds[:200], vectors[:200], truth[:200], 0.0, nothing())
        few = slice(200, 240)
        precision, _ = expected(learned, odds[few], learned.cut)
        said = odds[few] >= learned.cut
        if said.any():
            tried += 1
            inside += precision.low - 1e-9 <= truth[few][said].mean() <= precision.high + 1e-9
    assert tried > 30
    assert inside >= 0.8 * tried


def test_few_answers_give_a_wide_interval_and_many_a_narrow_one():
    odds, vectors, truth = world(5, seen=0.0)
    widths: list[float] = []
    for count in (0, 8, 200):
        rows = np.arange(count)
        learned = learn(odds[rows], vectors[rows], truth[rows], 0.0, nothing())
        precision, _ = expected(learned, odds, learned.cut)
        widths.append(precision.high - precision.low)
    assert widths[0] > widths[1] > widths[2]


def test_extreme_numbers_stay_numbers():
    assert log_odds(0.0) < -20 < 20 < log_odds(1.0)
    assert sigmoid(np.array([-1e6, 0.0, 1e6])).tolist() == [0.0, 0.5, 1.0]
    odds = np.array([-500.0, 500.0] * 20)
    vectors = np.ones((40, DIM), np.float32) / np.sqrt(DIM).astype(np.float32)
    learned = learn(odds, vectors, odds > 0, 0.0, (odds, vectors))
    assert np.isfinite([learned.slope, learned.shift, learned.cut]).all()
    precision, _ = expected(learned, odds, 0.0)
    assert precision.value > 0.99
