"""Cosines to chances: how well photos fit categories, against each other and against nothing.

A cosine means something else in every model, so none is compared with a constant. What counts is
by how much a category's prompt fits better than prompts that say nothing ("a photo", "a thing"),
on the model's own scale of logits; bench/tagging.py tells how well that sorts drawn scenes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.learning import log_odds

Floats: TypeAlias = NDArray[np.float64]

EXCLUSIVE_CUT = log_odds(0.4)
"""In a set where one must win: a photo that fits two of them alike still goes to the better."""

_LIFT = 2.5  # log-odds above those of a middling photo that does not belong: 12 times as likely
_SPREADS = 2.0  # robust standard deviations above the bulk of photos that do not belong
_HIGHEST = log_odds(0.95)
_LEAST = 1e-12  # chances nearer to 0 or 1 are told as these
_FEWEST = 12  # photos that a bulk is told from...
_FEWEST_TO_SPREAD = 50  # ...and its spread


def merged(logits: NDArray[np.float32]) -> Floats:
    """(n,) of several prompts' logits (n, m): any may fit, more of them are no advantage.

    The logarithm of their mean exponential: near the best one's logit, less log m.
    """
    if logits.shape[1] == 1:
        return logits[:, 0].astype(np.float64)
    wide = logits.astype(np.float64)
    top = wide.max(1)
    return top + np.log(np.exp(wide - top[:, None]).mean(1))


def two_way(category: Floats, contrast: Floats) -> Floats:
    """Log-odds of a category against what says nothing, for sets where several may fit."""
    return category - contrast


def exclusive(categories: Floats, contrast: Floats) -> Floats:
    """Chances (n, k + 1) of k categories' logits (n, k) and, last, of none of them."""
    logits = np.concatenate([categories, contrast[:, None]], axis=1)
    weights = np.exp(logits - logits.max(1, keepdims=True))
    return weights / weights.sum(1, keepdims=True)


def exclusive_odds(categories: Floats, contrast: Floats) -> Floats:
    """Log-odds (n, k) of each category against all others of its set and none of them."""
    top = np.maximum(categories.max(1), contrast)
    weights = np.exp(categories - top[:, None])
    rest = weights.sum(1) + np.exp(contrast - top)
    return np.log(np.maximum(weights, _LEAST)) - np.log(np.maximum(rest[:, None] - weights, _LEAST))


def library_cut(odds: Floats) -> float:
    """Log-odds from which on a photo belongs, told from this library before any answer.

    Even odds; higher for a prompt that fits everything a little: two robust standard deviations
    above the middle of the photos that do not belong by its own word. And clearly above that
    middle: a word that the model does not know, or that says nothing of these photos, gives all
    of them nearly the same odds, and the half of them above even ones is chance.
    """
    bulk = odds[odds < 0]
    if len(bulk) < _FEWEST:
        return 0.0
    middle = float(np.median(bulk))
    spread = 1.4826 * float(np.median(np.abs(bulk - middle)))
    spreads = _SPREADS * spread if len(bulk) >= _FEWEST_TO_SPREAD else 0.0
    return float(np.clip(middle + max(spreads, _LIFT), 0.0, _HIGHEST))


def best_two(chances: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The columns with the highest and second highest chance of each row (n, k); k of 1: itself."""
    first = chances.argmax(1)
    if chances.shape[1] == 1:
        return first, first
    rest = chances.copy()
    rest[np.arange(len(rest)), first] = -1.0
    return first, rest.argmax(1)


def sample(n: int, size: int, seed: int) -> NDArray[np.int64]:
    """Rows drawn by chance, the same each time."""
    if n <= size:
        return np.arange(n)
    return np.random.default_rng(seed).choice(n, size, replace=False)


def index_of(ids: NDArray[np.int64], wanted: Sequence[int]) -> NDArray[np.int64]:
    """Where `wanted` stand in ascending `ids`; those that are not there are left out."""
    asked = np.asarray(list(wanted), np.int64)
    if not len(ids) or not len(asked):
        return np.zeros(0, np.int64)
    at = np.searchsorted(ids, asked).clip(0, len(ids) - 1)
    return at[ids[at] == asked]
