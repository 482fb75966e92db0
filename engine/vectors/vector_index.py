"""Who is near whom: exact search among unit vectors. faiss is used only in this room."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

if TYPE_CHECKING:
    from types import ModuleType

log = logging.getLogger(__name__)

Ids: TypeAlias = NDArray[np.int64]
Scores: TypeAlias = NDArray[np.float32]
Found: TypeAlias = tuple[Ids, Scores]

_BLOCK = 16_384  # rows: small enough to share among cores, large enough to cost one call
_PARALLEL_FROM = 2  # blocks; below, waking a thread costs more than it saves
_THREADS = max(1, min(os.cpu_count() or 1, 8))
_FORMAT = 1
_MANIFEST_LIMIT = 1 << 16


class VectorIndex:
    """Vectors of length 1, by photo id, compared by inner product: their cosine.

    Exact up to fp16 (Faiss' flat scalar quantizer). The vectors lie in blocks of 16,384 rows
    which the cores search side by side, since Faiss gives one query one core. Thread-safe:
    searches run together, a change waits for those under way and holds others up for
    milliseconds.
    """

    def __init__(self, dim: int) -> None:
        self.dim = dim
        self._blocks: list[_Block] = []
        self._lock = _ReadersWriter()

    def __len__(self) -> int:
        with self._lock.reading():
            return sum(len(block) for block in self._blocks)

    def ids(self) -> Ids:
        """(n,) int64, in no particular order."""
        with self._lock.reading():
            return self._all_ids()

    def _all_ids(self) -> Ids:
        return np.concatenate([np.empty(0, np.int64), *(block.ids for block in self._blocks)])

    # ---- changing ----------------------------------------------------------------------------

    def add(self, ids: ArrayLike, vectors: ArrayLike) -> None:
        """Add vectors; an id that is there already is replaced.

        Args:
            ids: (n,) integers.
            vectors: (n, dim), normalised here.

        Raises:
            ValueError: shapes that do not fit, an id given twice, a vector without a direction
                (zero, NaN, infinite). Nothing was added.

        Cost: .25 s for 100,000 of 512 numbers.
        """
        numbers, wide = np.asarray(ids, np.int64), np.asarray(vectors, np.float32)
        if wide.shape != (len(numbers), self.dim):
            raise ValueError(f"{wide.shape} does not fit {len(numbers)} ids of {self.dim} numbers")
        if len(np.unique(numbers)) != len(numbers):
            raise ValueError("an id is given twice")
        lengths = np.linalg.norm(wide, axis=1, keepdims=True)
        if not np.isfinite(lengths).all() or not (lengths > 0).all():
            raise ValueError("a vector without a direction (zero or not finite)")
        start = 0
        while start < len(numbers):
            with self._lock.writing():  # block by block, so that searches come between
                if not self._blocks or len(self._blocks[-1]) >= _BLOCK:
                    self._blocks.append(_Block(self.dim))
                last = self._blocks[-1]
                end = start + _BLOCK - len(last)
                part = numbers[start:end]
                self._remove(part)
                last.add(part, wide[start:end] / lengths[start:end])
                self._drop_empty()
                start += len(part)

    def remove(self, ids: ArrayLike) -> None:
        """Remove vectors; ids that are not there are ignored."""
        with self._lock.writing():
            self._remove(np.asarray(ids, np.int64))
            self._drop_empty()

    def _remove(self, ids: Ids) -> None:
        for block in self._blocks:
            block.remove(ids)

    def _drop_empty(self) -> None:
        self._blocks = [block for block in self._blocks if len(block)]

    # ---- searching ---------------------------------------------------------------------------

    def search(
        self, query: ArrayLike, k: int, within: ArrayLike | None = None
    ) -> tuple[Ids, Scores]:
        """The ids nearest to a query.

        Args:
            query: (dim,), normalised here. Without a direction (zero, NaN) nothing is found.
            k: at most so many.
            within: only these ids; those that are not there are ignored.

        Returns:
            Ids and cosines, best first; equal cosines by id.

        Cost: bench/vectors.py. Releases the GIL.
        """
        point = self._point(query)
        if point is None or k <= 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        allowed = None if within is None else _ascending(np.asarray(within, np.int64))
        with self._lock.reading():
            parts = self._each_block(lambda block: block.search(point, k, allowed))
        ids = np.concatenate([np.empty(0, np.int64), *(part[0] for part in parts)])
        scores = np.concatenate([np.empty(0, np.float32), *(part[1] for part in parts)])
        if len(ids) > k:
            # By score alone it would be left to chance which of equals is in; k of the best
            # and all that equal the last of them go on to the sort.
            last = -np.partition(-scores, k - 1)[k - 1]
            near = scores >= last
            ids, scores = ids[near], scores[near]
        order = np.lexsort((ids, -scores))[:k]
        return ids[order], scores[order]

    def scores(self, query: ArrayLike, ids: ArrayLike) -> Scores:
        """Cosines of given photos, in their order; NaN for an id that is not there.

        Args:
            query: (dim,), normalised here. Without a direction every cosine is NaN.
            ids: (m,); may hold an id twice.
        """
        wanted = np.asarray(ids, np.int64)
        result = np.full(len(wanted), np.nan, np.float32)
        distinct, back = np.unique(wanted, return_inverse=True)
        found, scores = self.search(query, len(distinct), within=distinct)
        by_place = np.full(len(distinct), np.nan, np.float32)
        by_place[np.searchsorted(distinct, found)] = scores
        result[:] = by_place[back]
        return result

    def _point(self, query: ArrayLike) -> NDArray[np.float32] | None:
        wide = np.asarray(query, np.float32)
        if wide.shape != (self.dim,):
            raise ValueError(f"a query of shape {wide.shape}, not ({self.dim},)")
        length = np.linalg.norm(wide)
        if not np.isfinite(length) or length == 0:
            return None
        return (wide / length).astype(np.float32)[None]

    def _each_block(self, search: Callable[[_Block], Found]) -> list[Found]:
        """Search all blocks, on several cores where it pays; in no particular order."""
        if len(self._blocks) < _PARALLEL_FROM or _THREADS == 1:
            return [search(block) for block in self._blocks]
        shared = _Shared(self._blocks)

        def some() -> list[Found]:
            return [search(block) for block in shared]

        helpers = [_pool().submit(some) for _ in range(_THREADS - 1)]
        found = some()
        for helper in helpers:
            # One that did not start yet has nothing left to do.
            if not helper.cancel():
                found += helper.result()
        return found

    # ---- the file ----------------------------------------------------------------------------

    def save(self, path: Path, stamp: str, replace_file: Callable[[Path, bytes], object]) -> None:
        """Write everything to one file: a line of JSON that tells what follows, ids, vectors.

        Args:
            path: the file, in an existing folder.
            stamp: what the vectors were made from; `load` wants the same.
            replace_file: writes a whole file atomically; its errors pass through.
        """
        with self._lock.reading():
            ids = self._all_ids()
            payload = [ids.astype("<i8").tobytes(), *(block.codes() for block in self._blocks)]
            manifest = self._manifest(len(ids), stamp)
            manifest["sha256"] = _digest(manifest, payload)
            data = b"".join([json.dumps(manifest).encode() + b"\n", *payload])
        replace_file(path, data)

    def _manifest(self, n: int, stamp: str) -> dict[str, Any]:
        return {
            "format": _FORMAT,
            "metric": "inner product",
            "codes": "fp16",
            "dim": self.dim,
            "n": n,
            "stamp": stamp,
        }

    @classmethod
    def load(cls, path: Path, dim: int, stamp: str) -> Self | None:
        """Read a file of `save`.

        Returns:
            None unless every byte is as it was written and dimension and stamp agree: then the
            index is to be rebuilt.

        Cost: .1 s for 100,000 of 512 numbers.
        """
        index = cls(dim)
        try:
            with path.open("rb") as file:
                index._read(file, stamp)
        except FileNotFoundError:
            log.info("there is no vector index %s yet", path)
            return None
        except (OSError, ValueError, RecursionError) as error:  # JSON nested without end
            log.info("the vector index %s is built anew: %s", path, error)
            return None
        return index

    def _read(self, file: BinaryIO, stamp: str) -> None:
        """Raises: ValueError where anything is not as expected."""
        found = json.loads(file.readline(_MANIFEST_LIMIT))
        if not isinstance(found, dict) or not isinstance(n := found.get("n"), int) or n < 0:
            raise ValueError("it has no manifest")
        digest = found.pop("sha256", "")
        expected = self._manifest(n, stamp)
        if found != expected:
            raise ValueError("it was made from something else")
        size = os.fstat(file.fileno()).st_size - file.tell()
        if size != n * (8 + 2 * self.dim):
            raise ValueError("its length is wrong")
        raw = file.read(8 * n)
        ids = np.frombuffer(raw, "<i8").astype(np.int64)

        def pieces() -> Iterator[bytes]:
            yield raw
            for start in range(0, n, _BLOCK):
                part = ids[start : start + _BLOCK]
                codes = file.read(len(part) * 2 * self.dim)
                self._blocks.append(_Block(self.dim, part, codes))
                yield codes

        if _digest(expected, pieces()) != digest:
            raise ValueError("its checksum is wrong")


def _ascending(ids: Ids) -> Ids:
    """Sorted, which they mostly are already: to see that takes a tenth of sorting."""
    return ids if (ids[1:] >= ids[:-1]).all() else np.sort(ids)


class _Block:
    """Some rows: Faiss holds the vectors, numpy the ids in the same order."""

    def __init__(self, dim: int, ids: Ids | None = None, codes: bytes = b"") -> None:
        faiss = _faiss()
        self._faiss = faiss
        self._dim = dim
        self._index = faiss.IndexScalarQuantizer(
            dim, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        self.ids: Ids = np.empty(0, np.int64)
        if ids is not None:
            self._index.add_sa_codes(np.frombuffer(codes, np.uint8).reshape(len(ids), 2 * dim))
            self.ids = ids

    def __len__(self) -> int:
        return len(self.ids)

    def add(self, ids: Ids, vectors: NDArray[np.float32]) -> None:
        self._index.add(np.ascontiguousarray(vectors))
        self.ids = np.concatenate([self.ids, ids])

    def remove(self, ids: Ids) -> None:
        gone = np.isin(self.ids, ids)
        if gone.any():
            self._index.remove_ids(self._faiss.IDSelectorBatch(np.flatnonzero(gone)))
            self.ids = self.ids[~gone]  # Faiss closes the gaps in order, too

    def codes(self) -> bytes:
        """The rows as little-endian fp16."""
        codes = self._index.codes
        return self._faiss.rev_swig_ptr(codes.data(), codes.size()).tobytes()

    def search(self, point: NDArray[np.float32], k: int, allowed: Ids | None) -> Found:
        """The best k of the allowed, in no particular order."""
        faiss = self._faiss
        faiss.omp_set_num_threads(1)  # per thread; one query has no work for a second one
        selector = None
        rows = len(self.ids)
        if allowed is not None:
            mask = np.isin(self.ids, self._near(allowed))
            rows = int(np.count_nonzero(mask))
            if rows < len(self.ids):
                selector = faiss.IDSelectorBitmap(np.packbits(mask, bitorder="little"))
        if not rows:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        how = None if selector is None else faiss.SearchParameters(sel=selector)
        scores, places = self._index.search(point, min(k, rows), params=how)
        return self.ids[places[0]], scores[0]

    def _near(self, allowed: Ids) -> Ids:
        """The part of sorted ids that may lie here: comparing with all costs more than search."""
        low, high = np.searchsorted(allowed, (self.ids.min(), self.ids.max() + 1))
        return allowed[low:high]


class _Shared:
    """An iterator that several threads may pull from."""

    def __init__(self, blocks: Sequence[_Block]) -> None:
        self._left = iter(blocks)
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[_Block]:
        return self

    def __next__(self) -> _Block:
        with self._lock:
            return next(self._left)


class _ReadersWriter:
    """Many readers or one writer; a waiting writer goes before new readers."""

    def __init__(self) -> None:
        self._state = threading.Condition()
        self._readers = 0
        self._writers = 0  # writing or waiting to
        self._busy = False

    @contextmanager
    def reading(self) -> Generator[None, None, None]:
        with self._state:
            self._state.wait_for(lambda: not self._writers)
            self._readers += 1
        try:
            yield
        finally:
            with self._state:
                self._readers -= 1
                self._state.notify_all()

    @contextmanager
    def writing(self) -> Generator[None, None, None]:
        with self._state:
            self._writers += 1
            self._state.wait_for(lambda: not self._readers and not self._busy)
            self._busy = True
        try:
            yield
        finally:
            with self._state:
                self._writers -= 1
                self._busy = False
                self._state.notify_all()


_pool_lock = threading.Lock()
_pools: list[ThreadPoolExecutor] = []


def _pool() -> ThreadPoolExecutor:
    """The helpers of all searches, started on first use."""
    with _pool_lock:
        if not _pools:
            _pools.append(ThreadPoolExecutor(_THREADS - 1, "vector-search"))
        return _pools[0]


def _digest(manifest: dict[str, Any], payload: Sequence[bytes] | Iterator[bytes]) -> str:
    found = hashlib.sha256(json.dumps(manifest).encode())
    for piece in payload:
        found.update(piece)
    return found.hexdigest()


def _faiss() -> ModuleType:
    import faiss

    return faiss
