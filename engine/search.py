"""Query → filters and vectors → ranked hits with an adaptive cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.background import sample
from engine.cut import matches, own
from engine.errors import QueryError
from engine.hits import PlainHits
from engine.meaning import Aim, is_unwanted, penalties
from engine.query import FilterRefused, Reading
from engine.types import Band, Hit, PhotoId, Scope, SearchResult, SpaceId

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.embedding_index import EmbeddingIndex
    from engine.vectors.vector_index import VectorIndex

NOTHING_CLEAR = "No clear matches. These are the nearest there are."

_MOST = 5_000  # hits handed to a view
_WEAKER = 200  # below the cut: enough to see that the cut was right


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
    return SearchResult(PlainHits(ids[:limit]))


def ranked(
    index: EmbeddingIndex,
    aim: Aim,
    within: Sequence[PhotoId],
    limit: int | None,
    strictness: float = 0.0,
) -> SearchResult:
    """Photos by how near they are to an aim, best first; matches, then weaker ones.

    Args:
        index: the vectors of the space that `aim` lies in.
        aim: of `meaning.aim_at`.
        within: only these photos.
        limit: at most so many; None: the matches and a tail of weaker ones.
        strictness: -1 to 1; see `cut.cut`.

    Cost: exact scan, 5 ms for 100,000 photos of 512 numbers; with something that is not wanted
    some milliseconds more for each.
    """
    vectors = index.ready()
    allowed = np.asarray(within, np.int64)
    if not len(allowed) or not len(vectors):
        return SearchResult(())
    held = vectors.ids()
    searchable = _among(held, allowed)
    if not len(searchable):
        return SearchResult(())
    everything = len(searchable) == len(held)
    most = min(limit or _MOST, _MOST, len(searchable))
    reach = min(_MOST, len(searchable)) if aim.against else most
    ids, scores = vectors.search(aim.vector, reach, None if everything else searchable)
    if not aim.wanted:
        ids, scores, count = _without(aim, vectors, ids, scores, strictness)
    else:
        library = vectors.scores(aim.vector, sample(vectors))
        asked = own(library, aim.usual, float(scores[0]))
        if aim.against:
            scores = scores - penalties(aim, asked, vectors, ids, strictness)
            order = np.lexsort((ids, -scores))
            ids, scores = ids[order], scores[order]
        count = matches(scores, asked, aim.usual, strictness)
    shown = most if limit is not None else min(most, count + _WEAKER)
    hits = tuple(
        Hit(PhotoId(i), s, Band.MATCH if n < count else Band.WEAKER)
        for n, (i, s) in enumerate(zip(ids[:shown].tolist(), scores[:shown].tolist(), strict=True))
    )
    return SearchResult(hits, NOTHING_CLEAR if hits and not count else "")


def arranged(found: SearchResult, ids: Sequence[PhotoId]) -> SearchResult:
    """The same hits in the order of `ids`; the cut stays where it is."""
    by_id = {hit.photo_id: hit for hit in found.hits}
    inside = [by_id[photo_id] for photo_id in ids if photo_id in by_id]
    return SearchResult(tuple(sorted(inside, key=lambda hit: hit.band is Band.WEAKER)), found.note)


def without_matches(found: SearchResult, limit: int | None) -> SearchResult:
    """The same photos as the nearest there are, none of them as a match."""
    shown = found.hits if limit is not None else found.hits[:_WEAKER]
    hits = tuple(Hit(hit.photo_id, hit.score, Band.WEAKER) for hit in shown)
    return SearchResult(hits, NOTHING_CLEAR if hits else found.note)


def _among(held: NDArray[np.int64], allowed: NDArray[np.int64]) -> NDArray[np.int64]:
    """Those that are in both, ascending. Ids are small: a table of all of them costs least."""
    size = 1 + int(max(held.max(), allowed.max()))
    both = np.zeros(size, bool)
    both[held] = True
    meant = np.zeros(size, bool)
    meant[allowed] = True
    return np.flatnonzero(both & meant)


def _without(
    aim: Aim,
    vectors: VectorIndex,
    ids: NDArray[np.int64],
    scores: NDArray[np.float32],
    strictness: float,
) -> tuple[NDArray[np.int64], NDArray[np.float32], int]:
    """Where only unwanted things were named: what is none of them, then what is."""
    refused = np.zeros(len(ids), bool)
    for part in aim.against:
        refused |= is_unwanted(part, vectors, ids, strictness)
    order = np.argsort(refused, kind="stable")
    return ids[order], scores[order], len(ids) - int(np.count_nonzero(refused))
