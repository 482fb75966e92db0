"""Query → filters and vectors → ranked hits with an adaptive cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.errors import QueryError
from engine.query import FilterRefused, Reading
from engine.types import Band, Hit, PhotoId, Scope, SearchResult, SpaceId

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.embedding_index import EmbeddingIndex

_SAMPLE = 2_000  # photos that tell how this library scores in general
_MOST = 5_000  # hits handed to a view
_WEAKER = 200  # below the cut: enough to see that the cut was right
_SPREADS = 2.0  # robust standard deviations above the library's middle
_NEAR_BEST = 0.4  # and not further from the best than this part of the way to the middle
_GAP = 0.08  # a jump of this part of that way ends the matches before


def by_facts(
    catalog: Catalog, asked: Reading, scope: Scope, space_id: SpaceId | None
) -> list[PhotoId]:
    """The photos with these facts, in the scope's order. No model is touched.

    Raises:
        QueryError: a value that no photo can have, with its place.
    """
    try:
        return catalog.photos.matching(asked.query.where, scope, space_id)
    except FilterRefused as error:
        position, length = asked.place_of(error.entry)
        raise QueryError(asked.text, position, str(error), length) from error


def listed(ids: Sequence[PhotoId], limit: int | None) -> SearchResult:
    """An answer without words: the facts' order is the order."""
    return SearchResult(tuple(Hit(photo_id, 0.0) for photo_id in ids[:limit]))


def ranked(
    index: EmbeddingIndex,
    vector: NDArray[np.float32],
    within: Sequence[PhotoId],
    limit: int | None,
) -> SearchResult:
    """Photos by cosine to a vector, best first.

    Args:
        index: the vectors of the space that `vector` lives in.
        vector: (dim,) float32, length 1.
        within: only these photos.
        limit: at most so many; None: the matches and a tail of weaker ones.

    Cost: exact scan, 5 ms for 100,000 photos of 512 numbers.
    """
    vectors = index.ready()
    allowed = np.asarray(within, np.int64)
    if not len(allowed) or not len(vectors):
        return SearchResult(())
    held = vectors.ids()
    searchable = np.sort(held[np.isin(held, allowed)])  # intersect1d takes 50 times as long
    if not len(searchable):
        return SearchResult(())
    everything = len(searchable) == len(held)
    most = min(limit or _MOST, _MOST, len(searchable))
    ids, scores = vectors.search(vector, most, None if everything else searchable)
    matches = _matches(vectors.scores(vector, _sample(searchable)), scores)
    shown = most if limit is not None else min(most, matches + _WEAKER)
    return SearchResult(
        tuple(
            Hit(PhotoId(int(i)), float(s), Band.MATCH if n < matches else Band.WEAKER)
            for n, (i, s) in enumerate(zip(ids[:shown], scores[:shown], strict=True))
        )
    )


def _sample(ids: NDArray[np.int64]) -> NDArray[np.int64]:
    if len(ids) <= _SAMPLE:
        return ids
    return np.random.default_rng(0).choice(ids, _SAMPLE, replace=False)


def _matches(library: NDArray[np.float32], scores: NDArray[np.float32]) -> int:
    """How many of the ranked scores are matches, judged by this query's own scores.

    A cosine of .25 means something else in every model, so nothing here is a cosine: the middle
    and the spread (median and MAD) of the whole library, the way from there to the best hit, and
    the widest gap between neighbours among those that are left.
    """
    middle = float(np.median(library))
    spread = 1.4826 * float(np.median(np.abs(library - middle)))
    best = float(scores[0])
    cut = max(middle + _SPREADS * spread, best - _NEAR_BEST * (best - middle))
    count = int(np.count_nonzero(scores >= cut))
    gaps = -np.diff(scores[: count + 1])
    if len(gaps) and gaps.max() > _GAP * (best - middle):
        return int(gaps.argmax()) + 1
    return count
