"""Which photos lie among others of another group: a vote of the nearest, their own left out."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.jobs import Progress
from engine.learning import Floats, Vectors

FEWEST = 8
"""Photos of a group that the vote takes seriously."""

_NEAREST = 15
_PER_GROUP = 120  # photos that stand for a group in the vote
_MOST_VOTERS = 12_000
_BLOCK = 1_024
_SAME = 0.9995  # copies of one picture say nothing of where it belongs
_AGREED = 0.6  # share of the votes that another group needs
_LONELY = 0.15  # and that the own group has at most
_COHERENT = 0.5  # share of a group's photos that lie nearest to it: else its photos are a mixture


@dataclass(frozen=True, slots=True)
class Misplaced:
    """Row `row` is in group `here` and looks like `better`; `score` is the lead of the votes."""

    row: int
    here: int
    better: int
    score: float


def misplaced(
    vectors: Vectors, groups: Sequence[NDArray[np.int64]]
) -> Generator[Progress, None, list[Misplaced]]:
    """Photos that look like another group than theirs, the clearest first.

    Args:
        vectors: (n, dim).
        groups: the rows of each group, which may overlap; small ones and mixtures are left out.

    Cost: 100,000 photos in 100 groups: seconds. Only photos nearer to another group's mean than
    to their own are put to the vote, against at most 120 photos of each group.
    """
    kept = [n for n, rows in enumerate(groups) if len(rows) >= FEWEST]
    if len(kept) < 2:
        return []
    member = np.zeros((len(vectors), len(kept)), bool)
    for place, n in enumerate(kept):
        member[groups[n], place] = True
    used = np.nonzero(member.any(1))[0]
    near = _nearness(vectors, used, [groups[n] for n in kept])
    own = np.where(member[used], near, -np.inf)
    other = np.where(member[used], -np.inf, near)
    home = near.argmax(1)
    coherent = np.array(
        [np.mean(home[member[used, place]] == place) >= _COHERENT for place in range(len(kept))]
    )
    other[:, ~coherent] = -np.inf
    asked = used[(other.max(1) > own.max(1)) & (own.max(1) > -np.inf)]
    voters = _voters(kept, groups)
    found: list[Misplaced] = []
    for start in range(0, len(asked), _BLOCK):
        yield Progress(start, len(asked))
        rows = asked[start : start + _BLOCK]
        shares = _votes(vectors, rows, voters, member)
        for row, share in zip(rows.tolist(), shares, strict=True):
            mine = np.nonzero(member[row] & coherent)[0]
            theirs = np.where(member[row] | ~coherent, -1.0, share)
            better = int(theirs.argmax())
            if not len(mine) or theirs[better] < _AGREED:
                continue
            here = int(mine[share[mine].argmin()])
            if share[mine].max() <= _LONELY:
                lead = float(share[better] - share[here])
                found.append(Misplaced(row, kept[here], kept[better], lead))
    return sorted(found, key=lambda entry: -entry.score)


def _nearness(
    vectors: Vectors, used: NDArray[np.int64], groups: Sequence[NDArray[np.int64]]
) -> Floats:
    """(len(used), groups) cosines with the groups' means, the library's mean taken off."""
    middle = vectors[used].mean(0)
    means = np.stack([vectors[rows].mean(0) for rows in groups]) - middle
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-9)
    return ((vectors[used] - middle) @ means.T).astype(np.float64)


def _voters(kept: Sequence[int], groups: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Rows that stand for the groups, as many of each: large ones do not win by their size."""
    chance = np.random.default_rng(0)
    each = max(FEWEST, min(_PER_GROUP, _MOST_VOTERS // len(kept)))
    chosen = [
        rows if len(rows) <= each else chance.choice(rows, each, replace=False)
        for rows in (groups[n] for n in kept)
    ]
    return np.unique(np.concatenate(chosen))


def _votes(
    vectors: Vectors,
    rows: NDArray[np.int64],
    voters: NDArray[np.int64],
    member: NDArray[np.bool_],
) -> Floats:
    """(len(rows), groups) share of the nearest voters, nearer ones counting more."""
    alike = vectors[rows] @ vectors[voters].T
    alike[alike >= _SAME] = -1.0  # itself and its copies
    count = min(_NEAREST, len(voters) - 1)
    nearest = np.argpartition(-alike, count - 1, axis=1)[:, :count]
    near = np.take_along_axis(alike, nearest, axis=1).astype(np.float64)
    spread = np.maximum(near.max(1, keepdims=True) - near.min(1, keepdims=True), 1e-6)
    weights = np.exp((near - near.max(1, keepdims=True)) / spread)
    weights /= weights.sum(1, keepdims=True)
    belongs = member[voters][nearest].astype(np.float64)
    return np.einsum("rk,rkg->rg", weights, belongs)
