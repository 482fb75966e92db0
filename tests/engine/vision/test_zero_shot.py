"""Probabilities over prompts: they sum to 1, and extreme logits do not overflow."""

from __future__ import annotations

import numpy as np
import pytest

from engine.vision.zero_shot import probabilities


def test_the_nearest_prompt_gets_most():
    texts = np.eye(3, dtype=np.float32)
    image = np.array([0.6, 0.8, 0], np.float32)
    shares = probabilities(image, texts, 10.0)
    assert shares.dtype == np.float32
    assert shares.sum() == pytest.approx(1)
    assert list(np.argsort(-shares)) == [1, 0, 2]
    expected = np.exp(10 * image) / np.exp(10 * image).sum()
    assert shares == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("scale", [0.01, 100.0, 10_000.0])
def test_any_scale_gives_a_distribution(scale: float):
    texts = np.array([[1, 0], [0, 1], [-1, 0]], np.float32)
    shares = probabilities(np.array([1, 0], np.float32), texts, scale)
    assert np.isfinite(shares).all()
    assert shares.sum() == pytest.approx(1)


def test_one_prompt_gets_all_and_none_gets_nothing():
    image = np.array([1, 0], np.float32)
    assert list(probabilities(image, np.array([[0, 1]], np.float32), 100.0)) == [1.0]
    assert probabilities(image, np.zeros((0, 2), np.float32), 100.0).shape == (0,)


def test_a_sigmoid_judges_each_prompt_for_itself():
    texts = np.eye(3, dtype=np.float32)
    image = np.array([0.6, 0.8, 0], np.float32)
    shares = probabilities(image, texts, 10.0, -6.0, sigmoid=True)
    assert shares == pytest.approx(1 / (1 + np.exp(6 - 10 * image)), abs=1e-6)
    alone = probabilities(image, texts[:1], 10.0, -6.0, sigmoid=True)
    assert alone[0] == pytest.approx(shares[0])
    far = probabilities(image, texts, 1e4, -1e3, sigmoid=True)
    assert np.isfinite(far).all()
    assert list(far) == [1.0, 1.0, 0.0]
