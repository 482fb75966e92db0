"""What precision and recall to expect of a cut, and how sure that is. Pure numpy."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.learning import Floats, Learned, sigmoid
from engine.tag_types import Share

_DRAWS = 200


def expected(
    learned: Learned, scores: Floats, cut: float, known: Floats | None = None
) -> tuple[Share, Share]:
    """Precision and recall that a cut will have, each with its 90 % interval.

    The mean chance of the photos above the cut is what precision to expect. How well the chances
    are known is drawn from the posterior around slope and shift, and then each photo from its
    chance: few answers give a wide interval, and so do few photos. Counting the answers above the
    cut would not do: they were chosen for being unsure.

    Args:
        learned: what P(belongs) rests on.
        scores: (n,) s' of all photos.
        cut: the score from which on photos are tagged.
        known: (n,) 1 accepted, 0 rejected, NaN unknown; what was answered is certain.
    """
    odds = learned.slope * scores + learned.shift
    above = scores >= cut
    random = np.random.default_rng(0)
    chance = random.standard_normal((_DRAWS, 2))
    shape = np.linalg.cholesky(learned.covariance + 1e-9 * np.eye(2))
    drawn = np.concatenate([np.zeros((1, 2)), chance @ shape.T])
    sure = np.zeros(len(scores), bool) if known is None else ~np.isnan(known)
    yes = (known if known is not None else np.zeros(len(scores)))[sure]
    parts = [_histogram(odds[mask]) for mask in (above & ~sure, ~above & ~sure)]
    rows = np.empty((len(drawn), 2))
    for n, (stretch, move) in enumerate(drawn):
        inside, outside = (
            _belonging(counts, sigmoid(np.exp(stretch) * middles + move), random if n else None)
            for middles, counts in parts
        )
        inside += float(yes[above[sure]].sum())
        outside += float(yes[~above[sure]].sum())
        rows[n] = inside / max(int(above.sum()), 1), inside / max(inside + outside, 1e-9)
    low, high = np.quantile(rows[1:], (0.05, 0.95), axis=0)
    shares = [
        Share(float(rows[0, n]), float(min(low[n], rows[0, n])), float(max(high[n], rows[0, n])))
        for n in range(2)
    ]
    return shares[0], shares[1]


def _histogram(odds: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Middles and counts: 100,000 photos need not be looked at 200 times."""
    counts, edges = np.histogram(np.clip(odds, -20, 20), 400, (-20, 20))
    return (edges[:-1] + edges[1:]) / 2, counts.astype(np.int64)


def _belonging(
    counts: NDArray[np.int64], chances: Floats, random: np.random.Generator | None
) -> float:
    """How many belong: on average, or as it may turn out."""
    if random is None:
        return float(counts @ chances)
    return float(random.binomial(counts, chances.clip(0, 1)).sum())
