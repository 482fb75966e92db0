"""The words and pictures of a query as one point to look for, and what is not wanted beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.background import Backgrounds, sample
from engine.cut import AT_CUT, Background, Own, joined, own, unwanted
from engine.model_spaces import InUse
from engine.query import PictureTerm, Query, Term
from engine.vectors.vector_index import VectorIndex

Vector = NDArray[np.float32]

_LEAST_SPREAD = 0.5  # of the background's width: words that say nothing must not be blown up


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that was asked for: where it lies, and how much it counts, negative: against."""

    what: Term | PictureTerm
    vector: Vector
    weight: float
    usual: Background


@dataclass(frozen=True, slots=True)
class Aim:
    """What photos are ranked by: their cosine to `vector`, less what `against` takes away.

    Without anything that is wanted, `vector` points away from what is not, and `wanted` is empty.
    """

    vector: Vector
    usual: Background
    wanted: tuple[Part, ...]
    factors: tuple[float, ...]  # of the wanted parts' cosines in the cosine to `vector`
    against: tuple[Part, ...]


def parts_of(
    used: InUse,
    query: Query,
    kept: Backgrounds,
    picture: Callable[[PictureTerm], Vector],
) -> list[Part]:
    """Embed what a query ranks by.

    Args:
        used: the model and its vectors.
        query: with words or pictures.
        kept: what this model says of this library in general.
        picture: gives the vector of a picture, length 1.
    """
    terms = [term for term in query.terms if term.weight]
    rows = used.clip.text.embed([term.words for term in terms])
    return [
        *(Part(term, row, term.weight, kept.words) for term, row in zip(terms, rows, strict=True)),
        *(
            Part(entry, picture(entry), entry.weight, kept.pictures)
            for entry in query.pictures
            if entry.weight
        ),
    ]


def aim_at(parts: Sequence[Part], vectors: VectorIndex) -> Aim:
    """Combine parts into one point of the embedding space.

    Each part's scores are brought to a spread of 1 on this library and then added by weight. A sum
    of inner products is the inner product with a sum, so one search answers it: the point is the
    sum of weight / spread · vector. Words and pictures can be mixed only so: in most models two
    photos are twice as alike as a photo and its own caption.

    Source: CombSUM (Fox and Shaw 1994) of scores of zero mean and unit variance (Montague and
    Aslam 2001); sums of texts and pictures in one space as queries: Couairon et al. 2022
    (arXiv:2112.03162).
    """
    wanted = tuple(part for part in parts if part.weight > 0)
    against = tuple(part for part in parts if part.weight < 0)
    used = wanted or against
    if len(used) == 1:
        raw = [1.0 if wanted else -1.0]
    else:
        ids = sample(vectors)
        raw = [part.weight / _spread(part, vectors, ids) for part in used]
    mixed = np.asarray(raw, np.float32) @ np.stack([part.vector for part in used])
    length = float(np.linalg.norm(mixed))
    if not length:  # they cancel out exactly
        return Aim(used[0].vector, used[0].usual, wanted[:1], (1.0,) * len(wanted[:1]), against)
    factors = tuple(factor / length for factor in raw) if wanted else ()
    usual = used[0].usual
    if len(wanted) > 1:
        usual = joined(factors, [part.usual for part in wanted])
    return Aim((mixed / length).astype(np.float32), usual, wanted, factors, against)


def _spread(part: Part, vectors: VectorIndex, ids: NDArray[np.int64]) -> float:
    scores = vectors.scores(part.vector, ids)
    return max(float(np.std(scores)) if len(scores) else 0.0, _LEAST_SPREAD * part.usual.width)


def penalties(
    aim: Aim, asked: Own, vectors: VectorIndex, ids: NDArray[np.int64], strictness: float
) -> Vector:
    """(n,) what photos lose for being what is not wanted, in cosines to the aim.

    A full match of a part of weight -1 loses the whole way from the best hit to the middle; what
    does not match it loses nothing: a penalty seeks no opposite.
    """
    lost = np.zeros(len(ids), np.float32)
    for part in aim.against:
        way = np.float32(-part.weight * (asked.best - asked.middle))
        lost += way * _how_much(part, vectors, ids, strictness)
    return lost


def is_unwanted(
    part: Part, vectors: VectorIndex, ids: NDArray[np.int64], strictness: float
) -> NDArray[np.bool_]:
    """(n,) whether photos are matches of what is not wanted."""
    return _how_much(part, vectors, ids, strictness) >= AT_CUT


def _how_much(
    part: Part, vectors: VectorIndex, ids: NDArray[np.int64], strictness: float
) -> Vector:
    general, scores = vectors.scores(part.vector, sample(vectors)), vectors.scores(part.vector, ids)
    best = float(max(general.max(initial=-1), scores.max(initial=-1)))
    return unwanted(scores, own(general, part.usual, best), part.usual, strictness)
