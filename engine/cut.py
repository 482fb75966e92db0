"""Where the matches of a query end: judged by what this model says of this library otherwise.

A cosine of .25 means something else in every model, so no cosine stands here. The scale is the
`Background`: how a few dozen everyday prompts score on a sample of this library, most of which show
nothing of the kind. docs/search.md tells the rule and how it was measured.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]

_NORMAL = 1.4826  # times the median distance from the middle: a standard deviation, for a bell
_LEAST = 1e-6

# Tuned on drawn scenes of other seeds than are told of; in units of the background.
_GATE = 1.2  # the best hit, against the best hit that a prompt has here by chance
_LIFT = 2.0  # the best hit above the query's own middle, against how widely scores lie at all
_FLOOR = 1.75  # robust standard deviations above the background's middle
_OWN = 0.8  # the same, above the query's own middle
_NEAR_BEST = 0.65  # and not further from the best than this part of the way to the middle
_GAP = 0.15  # a jump of this part of that way ends the matches before
_FADES = 0.2  # of that way below the cut, what is not wanted takes nothing away any more

AT_CUT = 0.65
"""How much a photo is what was not wanted, that only just is."""


@dataclass(frozen=True, slots=True)
class Background:
    """The null distribution of one kind of question, words or pictures, in one library.

    Cosines but for `chance`, which is in spreads: how good the best hit of a question is that
    nothing in the library answers.
    """

    middle: float
    spread: float
    width: float
    chance: float


@dataclass(frozen=True, slots=True)
class Own:
    """How one question scores in general: its middle, its spread, its best."""

    middle: float
    spread: float
    best: float


def background(scores: Scores, quantile: float) -> Background:
    """Measure what is no answer.

    Args:
        scores: (questions, photos) cosines, NaN where a photo is its own question.
        quantile: which of the questions' best hits counts as chance. Never more than the best of
            so many normal deviates: in a library that has everything, most prompts find something.

    Robust (median and median distance), since some of the questions do have answers here.
    """
    if not scores.size:
        return Background(0.0, 1.0, 1.0, 0.0)
    usual = np.nanmedian(scores, axis=0)
    apart = scores - usual
    spread = max(_NORMAL * float(np.nanmedian(np.abs(apart))), _LEAST)
    best = np.nanmax(apart, axis=1) / spread
    by_chance = NormalDist().inv_cdf(1 - 1 / max(scores.shape[1], 2))
    return Background(
        middle=float(np.nanmedian(scores)),
        spread=spread,
        width=max(float(np.nanstd(scores)), _LEAST),
        chance=min(float(np.quantile(best, quantile)), by_chance),
    )


def joined(factors: Sequence[float], parts: Sequence[Background]) -> Background:
    """The background of a weighted sum of scores that know nothing of each other."""
    spread = float(
        np.hypot.reduce([a * part.spread for a, part in zip(factors, parts, strict=True)])
    )
    width = float(np.hypot.reduce([a * part.width for a, part in zip(factors, parts, strict=True)]))
    best = [a * part.spread * part.chance for a, part in zip(factors, parts, strict=True)]
    middle = sum(a * part.middle for a, part in zip(factors, parts, strict=True))
    return Background(middle, spread, width, float(np.hypot.reduce(best)) / max(spread, _LEAST))


def own(library: Scores, usual: Background, best: float) -> Own:
    """How a question scores, told from a sample of the whole library.

    The middle is never above the background's: where half of the library is what was asked for,
    its own middle would be a match.
    """
    middle = float(np.median(library))
    spread = _NORMAL * float(np.median(np.abs(library - middle)))
    return Own(min(middle, usual.middle), spread, best)


def cut(asked: Own, usual: Background, strictness: float) -> float:
    """The score from which on photos are matches; infinite where nothing here is what was asked.

    Args:
        asked: of the question.
        usual: of no question in particular.
        strictness: -1 (whatever may fit) to 1 (only what surely does).
    """
    half = 1 + strictness / 2
    way = asked.best - asked.middle
    if (
        asked.best < usual.middle + _GATE * half * usual.chance * usual.spread
        or way < _LIFT * half * usual.width
    ):
        return float("inf")
    return max(
        usual.middle + _FLOOR * (1 + strictness) * usual.spread,
        asked.middle + _OWN * (1 + strictness) * asked.spread,
        asked.best - _NEAR_BEST * (1 - strictness / 2) * way,
    )


def matches(scores: Scores, asked: Own, usual: Background, strictness: float) -> int:
    """How many of the descending scores are matches: above the cut, and before the widest gap."""
    count = int(np.count_nonzero(scores >= cut(asked, usual, strictness)))
    gaps = -np.diff(scores[: count + 1])
    if count and len(gaps) and gaps.max() > _GAP * (asked.best - asked.middle):
        return int(gaps.argmax()) + 1
    return count


def unwanted(scores: Scores, asked: Own, usual: Background, strictness: float) -> Scores:
    """(n,) of 0..1: how much each photo is what was not wanted.

    Nothing for photos that merely are not its opposite: below the cut it fades away, well before
    what scores as everything does. Nothing for all where none is a match.
    """
    edge = cut(asked, usual, strictness)
    if not np.isfinite(edge):
        return np.zeros(len(scores), np.float32)
    faded = edge - _FADES * (asked.best - asked.middle)
    places = [faded, edge, max(asked.best, edge + _LEAST)]
    return np.interp(scores, places, [0, AT_CUT, 1]).astype(np.float32)
