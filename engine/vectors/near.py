"""All pairs that lie near each other, without comparing all with all: hashes and vectors."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

log = logging.getLogger(__name__)

Places = NDArray[np.int64]
Vectors = NDArray[np.float32] | NDArray[np.float16]

_PARTS = 4  # of a hash, 16 bits each
_BATCH = 4_000_000  # comparisons at a time: 100 MB
_CROWD = 400  # a part of a hash that so many share tells nothing
_ALL_WITH_ALL = 6_000  # fewer vectors are compared directly
_SAMPLE = 100_000  # pairs whose cosines tell the distribution
_CELLS_PER_ROOT = ((200_000, 4.0), (1 << 62, 2.0))  # up to so many vectors
_NEAREST_CELLS = 2
_TRAINING = 30  # vectors for each cell
_BLOCK = 4096


# ---- hashes --------------------------------------------------------------------------------------


def near_hashes(
    hashes: NDArray[np.uint64], others: NDArray[np.uint64], within: int
) -> tuple[Places, Places]:
    """Places (i, j) of `hashes[i]` and `others[j]` that differ in few bits.

    Args:
        hashes: (n,).
        others: (m,).
        within: at most 7: then one of four parts differs in one bit at most, so only hashes that
            share such a part are compared.

    Returns:
        Each pair once. Parts that a crowd shares are left out: they stand for nothing.

    Cost: about 10 s for a million with itself, and near-linear below; `bench/duplicates.py`.
    """
    if within > 2 * _PARTS - 1:
        raise ValueError(f"hashes cannot be found within {within} bits this way")
    flips = [0] if within < _PARTS else [0, *(1 << bit for bit in range(16))]
    found: list[NDArray[np.int64]] = [np.empty((0, 2), np.int64)]
    for part in range(_PARTS):
        keys = _part(hashes, part)
        order = np.argsort(keys, kind="stable")
        starts = np.searchsorted(keys[order], np.arange((1 << 16) + 1))
        asked = _part(others, part)
        for flip in flips:
            wanted = asked ^ flip
            low, count = starts[wanted], starts[wanted + 1] - starts[wanted]
            count[count > _CROWD] = 0
            for some in _batches(count):
                i = order[_expanded(low[some], count[some])]
                j = np.repeat(np.arange(len(others))[some], count[some])
                near = np.bitwise_count(hashes[i] ^ others[j]) <= within
                if near.any():
                    found.append(np.stack([i[near], j[near]], axis=1))
    pairs = np.concatenate(found)
    if len(pairs):
        pairs = np.unique(pairs, axis=0)
    return pairs[:, 0], pairs[:, 1]


def near_hashes_directly(
    hashes: NDArray[np.uint64], others: NDArray[np.uint64], within: int
) -> tuple[Places, Places]:
    """The same for any distance, comparing all with all. Cost: 1 s for 10,000 with 10,000."""
    found: list[NDArray[np.int64]] = [np.empty((0, 2), np.int64)]
    for start in range(0, len(others), 512):
        apart = np.bitwise_count(hashes[:, None] ^ others[None, start : start + 512])
        near = apart <= within
        j, i = np.nonzero(near.T)
        found.append(np.stack([i, j + start], axis=1))
    pairs = np.concatenate(found)
    return pairs[:, 0], pairs[:, 1]


def _part(hashes: NDArray[np.uint64], part: int) -> NDArray[np.int64]:
    return ((hashes >> np.uint64(16 * part)) & np.uint64(0xFFFF)).astype(np.int64)


def _batches(count: NDArray[np.int64]) -> Iterator[slice]:
    """Neighbouring queries whose comparisons fit into memory together."""
    ends = np.cumsum(count)
    start, done = 0, 0
    while start < len(count):
        stop = int(np.searchsorted(ends, done + _BATCH, side="right"))
        stop = max(stop, start + 1)
        yield slice(start, stop)
        start, done = stop, int(ends[stop - 1])


def _expanded(low: NDArray[np.int64], count: NDArray[np.int64]) -> NDArray[np.int64]:
    """low[0], low[0] + 1, … count[0] of them, then those of the next."""
    ends = np.cumsum(count)
    return np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - count - low, count)


# ---- vectors -------------------------------------------------------------------------------------


def usual_cosines(vectors: Vectors, shares: tuple[float, ...]) -> tuple[float, ...]:
    """How near pictures lie by chance: quantiles of the cosine of random pairs.

    What is near differs from model to model by a wide margin; this is a model's own scale.
    """
    count = len(vectors)
    if count < 2:
        return tuple(1.0 for _ in shares)
    chance = np.random.default_rng(1)
    first = chance.integers(0, count, _SAMPLE)
    second = (first + chance.integers(1, count, _SAMPLE)) % count
    cosines = np.concatenate(
        [
            np.einsum(
                "ij,ij->i",
                vectors[first[start : start + _BLOCK]].astype(np.float32),
                vectors[second[start : start + _BLOCK]].astype(np.float32),
            )
            for start in range(0, _SAMPLE, _BLOCK)
        ]
    )
    return tuple(float(value) for value in np.quantile(cosines, shares))


def near_vectors(
    vectors: Vectors, least: float, most: int, queries: Places | None = None
) -> tuple[Places, Places, NDArray[np.float32]]:
    """Pairs of vectors with a large cosine: each with its nearest.

    Args:
        vectors: (n, dim), length 1.
        least: the smallest cosine of a pair.
        most: so many partners of one vector at most, the nearest.
        queries: only pairs with one of these.

    Returns:
        Places i and j with i < j, each pair once, and their cosines.

    Exact below 6,000 vectors or 200 queries; beyond, vectors are compared within cells, where
    each lies in the two nearest (recall .9975 at cosine .95). Cost: 5 s for 100,000.
    """
    count = len(vectors)
    if count < 2:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.float32)
    every = np.arange(count)
    if queries is not None and (len(queries) <= 200 or count <= _ALL_WITH_ALL):
        groups = iter([(queries, every)])
    elif count <= _ALL_WITH_ALL:
        groups = iter([(every, every)])
    else:
        groups = _cells(vectors, queries)
    best = _Nearest(count, most)
    for rows, columns in groups:
        wide = vectors[columns].astype(np.float32)
        for start in range(0, len(rows), _BLOCK // 4):
            some = rows[start : start + _BLOCK // 4]
            best.offer(some, columns, vectors[some].astype(np.float32) @ wide.T, least)
    return best.pairs()


def _cells(vectors: Vectors, queries: Places | None) -> Iterator[tuple[Places, Places]]:
    """Members of each cell that are asked about, and all its members."""
    import faiss

    count, dim = vectors.shape
    per_root = next(cells for limit, cells in _CELLS_PER_ROOT if count <= limit)
    cells = max(16, int(per_root * np.sqrt(count)))
    chance = np.random.default_rng(2)
    training = chance.permutation(count)[: cells * _TRAINING]
    quantiser = faiss.IndexFlatIP(dim)
    kmeans = faiss.Clustering(dim, cells)
    kmeans.niter, kmeans.seed, kmeans.spherical, kmeans.verbose = 4, 3, True, False
    kmeans.min_points_per_centroid = 1
    kmeans.train(vectors[training].astype(np.float32), quantiser)
    held = np.concatenate(
        [
            quantiser.search(vectors[start : start + _BLOCK].astype(np.float32), _NEAREST_CELLS)[1]
            for start in range(0, count, _BLOCK)
        ]
    )
    cell = held.ravel()
    member = np.repeat(np.arange(count), _NEAREST_CELLS)
    order = np.argsort(cell, kind="stable")
    cell, member = cell[order], member[order]
    asked = np.ones(count, bool)
    if queries is not None:
        asked[:] = False
        asked[queries] = True
    bounds = np.searchsorted(cell, np.arange(cells + 1))
    for low, high in pairwise(bounds.tolist()):
        members = member[low:high]
        rows = members[asked[members]]
        if len(rows) and len(members) > 1:
            yield rows, members


class _Nearest:
    """The nearest few of each vector so far."""

    def __init__(self, count: int, most: int) -> None:
        self._most = most
        self._partner = np.full((count, most), -1, np.int64)
        self._cosine = np.full((count, most), -np.inf, np.float32)

    def offer(
        self, rows: Places, columns: Places, cosines: NDArray[np.float32], least: float
    ) -> None:
        """Cosines of rows × columns."""
        cosines[rows[:, None] == columns[None]] = -np.inf
        keep = min(self._most, cosines.shape[1])
        top = np.argpartition(-cosines, keep - 1, axis=1)[:, :keep]
        value = np.take_along_axis(cosines, top, 1)
        near = value.max(axis=1) >= least
        if not near.any():
            return
        rows, top, value = rows[near], top[near], value[near]
        partner = np.where(value >= least, columns[top], -1)
        value = np.where(value >= least, value, -np.inf)
        # The same pair may come from two cells.
        again = (partner[:, :, None] == self._partner[rows][:, None, :]).any(axis=2)
        partner, value = np.where(again, -1, partner), np.where(again, -np.inf, value)
        all_partners = np.concatenate([self._partner[rows], partner], axis=1)
        all_values = np.concatenate([self._cosine[rows], value], axis=1)
        order = np.argsort(-all_values, axis=1, kind="stable")[:, : self._most]
        self._partner[rows] = np.take_along_axis(all_partners, order, 1)
        self._cosine[rows] = np.take_along_axis(all_values, order, 1)

    def pairs(self) -> tuple[Places, Places, NDArray[np.float32]]:
        """Each pair once, ordered."""
        row, rank = np.nonzero(self._partner >= 0)
        one, two = row, self._partner[row, rank]
        pairs = np.stack([np.minimum(one, two), np.maximum(one, two)], axis=1)
        pairs, where = np.unique(pairs, axis=0, return_index=True)
        return pairs[:, 0], pairs[:, 1], self._cosine[row, rank][where]
