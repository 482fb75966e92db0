"""Which pairs are worth comparing in pixels: near by hash in any orientation, or by vector."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.catalog.duplicates import Hashes, Pair, pair_of
from engine.files import picture_hashes
from engine.types import PhotoId
from engine.vectors.near import near_hashes, near_hashes_directly, near_vectors, usual_cosines

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.types import SpaceId

_FEW = 4_000  # pictures: all are compared with all, within more bits
_MANY = 200_000
_ALL_TURNS = 50_000  # beyond, turned pictures are found by one canonical hash
_BITS_OF_FEW, _BITS, _BITS_OF_MANY = 10, 7, 3
_SLOPE_BITS = 22  # the second hash must agree at least so far
_NEAREST = 8  # partners of one photo by hash
_BY_VECTOR = ((20_000, 8), (60_000, 5), (1 << 62, 3))  # and by vector: up to so many photos
_PROPOSED = 0.99  # of random pairs are less near than a candidate: a crop may be far
_ENOUGH = 16  # pairs for each photo, of a few photos: their random pairs are copies, too
_NEAR, _NEARER = 0.999, 0.9999  # and than two shots of one scene


@dataclass(slots=True)
class Candidates:
    """Pairs of contents to compare.

    Attributes:
        by_hash: pairs whose whole frames look alike.
        by_vector: pairs that show the same, with their cosine; one may be a part of the other.
        near: the cosine from which two photos are near for this model; 1 without vectors.
        nearer: the same, stricter.
    """

    by_hash: set[Pair] = field(default_factory=set[Pair])
    by_vector: dict[Pair, float] = field(default_factory=dict[Pair, float])
    near: float = 1.0
    nearer: float = 1.0

    def pairs(self) -> list[Pair]:
        """All, those that hang together one after the other: their pictures are at hand then."""
        every = sorted(self.by_hash | set(self.by_vector))
        home: dict[bytes, bytes] = {}

        def root(content: bytes) -> bytes:
            while home.setdefault(content, content) != content:
                home[content] = home[home[content]]
                content = home[content]
            return content

        for first, second in every:
            if (first, second) in self.by_hash:
                home[root(second)] = root(first)
        return sorted(every, key=lambda pair: (root(pair[0]), pair))


@dataclass(frozen=True, slots=True)
class Vectors:
    """One vector for each content that has one."""

    contents: list[bytes]
    rows: NDArray[np.float32] | NDArray[np.float16]  # (n, dim)

    def place(self) -> dict[bytes, int]:
        return {content: n for n, content in enumerate(self.contents)}


def vectors_of(catalog: Catalog, space_id: SpaceId, contents: Mapping[PhotoId, bytes]) -> Vectors:
    """The vectors of one photo of each content. Cost: .5 s and 200 MB for 100,000."""
    ids, rows = catalog.embeddings.load_all(space_id)
    kept: list[int] = []
    found: list[bytes] = []
    seen: set[bytes] = set()
    for n, photo_id in enumerate(ids.tolist()):
        content = contents.get(PhotoId(photo_id))
        if content is not None and content not in seen:
            seen.add(content)
            found.append(content)
            kept.append(n)
    return Vectors(found, rows if len(kept) == len(rows) else rows[kept])


def candidates(hashes: Hashes, vectors: Vectors | None, fresh: Collection[bytes]) -> Candidates:
    """Pairs of which at least one is fresh.

    Cost: seconds for 100,000 pictures; `bench/duplicates.py`.
    """
    found = Candidates()
    wanted = set(fresh)
    for i, j in _alike(hashes, wanted):
        found.by_hash.add(pair_of(hashes.contents[i], hashes.contents[j]))
    if vectors is not None and len(vectors.contents) > 1:
        count = len(vectors.contents)
        proposed = min(_PROPOSED, max(0.0, 1 - _ENOUGH / count))
        least, found.near, found.nearer = usual_cosines(vectors.rows, (proposed, _NEAR, _NEARER))
        most = next(most for limit, most in _BY_VECTOR if count <= limit)
        queries = np.array(
            [n for n, content in enumerate(vectors.contents) if content in wanted], np.int64
        )
        whole = len(queries) == len(vectors.contents)
        first, second, cosines = near_vectors(vectors.rows, least, most, None if whole else queries)
        for i, j, cosine in zip(first.tolist(), second.tolist(), cosines.tolist(), strict=True):
            pair = pair_of(vectors.contents[i], vectors.contents[j])
            found.by_vector[pair] = round(cosine, 5)
    return found


def _alike(hashes: Hashes, fresh: Collection[bytes]) -> Iterator[tuple[int, int]]:
    """Places of pictures that look alike in some orientation, the nearest of each."""
    count = len(hashes.contents)
    asked = np.array([n for n in range(count) if hashes.contents[n] in fresh], np.int64)
    if not len(asked) or count < 2:
        return
    parts: list[tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]] = []
    for shape, others, orientation in _questions(hashes, asked):
        if count <= _FEW:
            i, j = near_hashes_directly(shape, others, _BITS_OF_FEW)
        else:
            i, j = near_hashes(shape, others, _BITS if count <= _MANY else _BITS_OF_MANY)
        j = asked[j]
        keep = i != j
        i, j = i[keep], j[keep]
        apart = _apart(hashes, i, j, orientation)
        keep = apart <= 64
        parts.append((i[keep], j[keep], apart[keep]))
    yield from _nearest(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _questions(
    hashes: Hashes, asked: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.uint64], NDArray[np.uint64], int | None]]:
    """What to compare with what: as it is, then turned, or all turns at once."""
    shape, slope = hashes.shape, hashes.slope
    if len(shape) <= _ALL_TURNS:
        for orientation in range(picture_hashes.ORIENTATIONS):
            others, _ = picture_hashes.turned(shape[asked], slope[asked], orientation)
            yield shape, others, orientation
        return
    yield shape, shape[asked], 0
    one_for_all = picture_hashes.canonical(shape)
    yield one_for_all, one_for_all[asked], None


def _apart(
    hashes: Hashes, i: NDArray[np.int64], j: NDArray[np.int64], orientation: int | None
) -> NDArray[np.int64]:
    """Bits of both hashes that differ; over 64 where the second hash speaks against it."""
    turns = range(picture_hashes.ORIENTATIONS) if orientation is None else [orientation]
    best = np.full(len(i), 999, np.int64)
    for turn in turns:
        shape, slope = picture_hashes.turned(hashes.shape[j], hashes.slope[j], turn)
        apart = np.bitwise_count(hashes.shape[i] ^ shape).astype(np.int64)
        also = np.bitwise_count(hashes.slope[i] ^ slope).astype(np.int64)
        best = np.minimum(best, np.where(also <= _SLOPE_BITS, apart + also, 999))
    return best


def _nearest(
    i: NDArray[np.int64], j: NDArray[np.int64], apart: NDArray[np.int64]
) -> Iterator[tuple[int, int]]:
    """The nearest few partners of each j."""
    order = np.lexsort((i, apart, j))
    i, j = i[order], j[order]
    if not len(j):  # no two look alike
        return
    starts = np.concatenate([[0], np.flatnonzero(np.diff(j)) + 1])
    rank = np.arange(len(j)) - np.repeat(starts, np.diff(np.append(starts, len(j))))
    seen: set[tuple[int, int]] = set()
    near = rank < 8 * _NEAREST  # 8: there may be many copies of one picture
    for one, two in zip(i[near].tolist(), j[near].tolist(), strict=True):
        pair = (min(one, two), max(one, two))
        if pair not in seen:
            seen.add(pair)
            yield pair


def runs(moments: Sequence[tuple[float, bytes]], gap_s: float, most: int) -> Iterator[list[bytes]]:
    """Contents taken one after the other, no gap longer; at most so many together."""
    run: list[bytes] = []
    last = 0.0
    for moment, content in sorted(moments):
        if run and (moment - last > gap_s or len(run) >= most):
            if len(run) > 1:
                yield run
            run = []
        run.append(content)
        last = moment
    if len(run) > 1:
        yield run
