"""Why a photo was found: what its score loses when one part of the query is left out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.background import sample
from engine.cut import Own, own, unwanted
from engine.meaning import Aim, Part
from engine.model_spaces import InUse
from engine.query import Term, says_something
from engine.query.contribution import Contribution
from engine.vectors.vector_index import VectorIndex

_MOST_WORDS = 12  # of a phrase: each costs a pass of the text tower
_LEAST = 1e-9


def contributions(used: InUse, aim: Aim, photo: NDArray[np.float32]) -> list[Contribution]:
    """What each part of a query did for one photo.

    Leave-one-out on the score that ranks: the sum of the wanted parts' cosines, each above its own
    middle in the library, less the penalties. Of a phrase, each of its words is left out and the
    rest asked again.

    Args:
        used: the model and its vectors.
        aim: what was asked for.
        photo: (dim,) length 1.

    Cost: a scan of 2,000 photos per part, and a pass of the text tower over each phrase's words.
    """
    vectors = used.index.ready()
    found: list[tuple[Part, float]] = [
        (part, factor * _lift(part.vector, photo, vectors))
        for part, factor in zip(aim.wanted, aim.factors, strict=True)
    ]
    if aim.against:
        library = vectors.scores(aim.vector, sample(vectors))
        whole = own(library, aim.usual, float(library.max(initial=-1)))
        found += [(part, -_penalty(part, aim, whole, photo, vectors)) for part in aim.against]
    every = sum(abs(value) for _, value in found)
    return [
        Contribution(
            part.what,
            value / max(every, _LEAST),
            _words(used, part, photo, vectors, value / max(every, _LEAST)),
        )
        for part, value in found
    ]


def _lift(vector: NDArray[np.float32], photo: NDArray[np.float32], vectors: VectorIndex) -> float:
    """How far a photo's cosine lies above the middle of the library's."""
    library = vectors.scores(vector, sample(vectors))
    return float(vector @ photo) - float(np.median(library))


def _penalty(
    part: Part, aim: Aim, whole: Own, photo: NDArray[np.float32], vectors: VectorIndex
) -> float:
    way = whole.best - whole.middle if aim.wanted else 1.0
    general = vectors.scores(part.vector, sample(vectors))
    score = np.array([part.vector @ photo], np.float32)
    asked = own(general, part.usual, float(max(general.max(initial=-1), score[0])))
    return -part.weight * way * float(unwanted(score, asked, part.usual, 0.0)[0])


def _words(
    used: InUse, part: Part, photo: NDArray[np.float32], vectors: VectorIndex, share: float
) -> tuple[tuple[str, float], ...]:
    """Each word's part of a phrase's share; nothing for one word, or for a picture."""
    if not isinstance(part.what, Term):
        return ()
    words = part.what.words.split()
    told = [n for n, word in enumerate(words) if says_something(word)][:_MOST_WORDS]
    if len(told) < 2:
        return ()
    without = [" ".join(words[:n] + words[n + 1 :]) for n in told]
    whole = _lift(part.vector, photo, vectors)
    left = [_lift(row, photo, vectors) for row in used.clip.text.embed(without)]
    lost = [whole - value for value in left]
    every = max(sum(map(abs, lost)), _LEAST)
    sign = 1 if part.weight > 0 else -1
    return tuple(
        (words[n], sign * abs(share) * value / every) for n, value in zip(told, lost, strict=True)
    )
