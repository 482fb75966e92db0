"""Keeps the Faiss index in step with the catalog: loaded if it agrees, rebuilt if not."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.errors import DiskError
from engine.files.disk import make_folder, remove_file, replace_file
from engine.jobs import Job, R
from engine.types import Embeddings, EmbeddingSpace, PhotoId

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.types import SpaceId
    from engine.vectors.vector_index import VectorIndex

log = logging.getLogger(__name__)

_SAVE_EVERY = 5_000  # vectors; a rebuild of that many costs less than a second
_TRIES = 3  # at reading all vectors while others are being written


class EmbeddingIndex:
    """The vectors of one embedding space, ready to be searched.

    The catalog is the truth. The index knows which generation of the space it holds, and its
    file carries that as a stamp: whatever happened in between (a crash, a restored backup,
    vectors dropped by someone else), an index that disagrees is loaded or built again.
    """

    def __init__(self, catalog: Catalog, space: EmbeddingSpace, folder: Path) -> None:
        self._catalog = catalog
        self.space = space
        self.space_id: SpaceId = catalog.embeddings.space_id(space)
        self._path = folder / f"space-{self.space_id}.faiss"
        self.background_path = self._path.with_suffix(".background")
        """Where what was measured of these vectors is kept; see `background`."""
        self._lock = threading.RLock()
        self._index: VectorIndex | None = None
        self._held = 0  # the generation that the index mirrors
        self._unsaved = 0
        self.used_at = time.monotonic()

    def ready(self) -> VectorIndex:
        """The index, loaded or rebuilt on first use. Cost: .5 s for 100,000 when rebuilt."""
        with self._lock:
            self.used_at = time.monotonic()
            if self._index is None:
                self._index = self._load()
            return self._index

    def _load(self) -> VectorIndex:
        from engine.vectors.vector_index import VectorIndex

        self._held = self.generation()
        found = VectorIndex.load(self._path, self.space.dim, self._stamp())
        if found is not None:
            return found
        ids, vectors = self._catalog.embeddings.load_all(self.space_id)
        for _ in range(_TRIES):
            if self._held == (generation := self.generation()):
                break
            self._held = generation  # some were added, or dropped as damaged, while we read
            ids, vectors = self._catalog.embeddings.load_all(self.space_id)
        index = VectorIndex(self.space.dim)
        if len(ids):
            index.add(ids, vectors)
            log.info("rebuilt the vector index of %d photos", len(ids))
        self._unsaved = max(1, len(ids))
        return index

    def _stamp(self) -> str:
        return f"{self.space_id}:{self._held}"

    def add(self, ids: Sequence[PhotoId], vectors: Embeddings, before: int, after: int) -> None:
        """Follow a commit that stored these vectors, if the index is in memory.

        Args:
            ids: n photos.
            vectors: (n, dim).
            before: the space's generation when the commit's transaction began.
            after: and when it ended.
        """
        with self._lock:
            if self._index is None or self._held == after:
                return  # it will be, or was, loaded with them
            if self._held != before:
                self.forget()  # and something else that we did not see
                return
            self._index.add(np.asarray(ids, np.int64), vectors)
            self._held = after
            self._unsaved += len(ids)
            if self._unsaved >= _SAVE_EVERY:
                self.save()

    def vector(self, photo_id: PhotoId) -> NDArray[np.float32] | None:
        """(dim,) of one photo, from the catalog."""
        return self._catalog.embeddings.vector(self.space_id, photo_id)

    def generation(self) -> int:
        """Differs once the catalog's vectors of this space differ."""
        return self._catalog.embeddings.generation(self.space_id)

    def catch_up(self) -> None:
        """Forget what is in memory if the catalog's vectors are others by now."""
        with self._lock:
            if self._index is not None and self._held != self.generation():
                self.forget()

    def forget(self) -> None:
        """Free the memory; the next use loads or rebuilds."""
        with self._lock:
            self._index = None
            self._unsaved = 0

    def rest(self, now: float, idle_s: float) -> None:
        """Free the memory if nobody asked for the index since so many seconds before `now`."""
        with self._lock:
            if self._index is not None and now - self.used_at >= idle_s:
                self.save()
                self.forget()

    def save(self) -> None:
        """Write the cache. A full disk costs a rebuild at the next start, nothing else."""
        with self._lock:
            if self._index is None or not self._unsaved:
                return
            try:
                make_folder(self._path.parent)
                self._index.save(self._path, self._stamp(), replace_file)
            except DiskError as error:
                log.warning("the vector index was not saved: %s", error)
                return
            self._unsaved = 0

    def remove(self) -> None:
        """Forget the index and delete its file, after the vectors themselves."""
        with self._lock:
            self.forget()
            try:
                remove_file(self._path)
                remove_file(self.background_path)
            except DiskError as error:  # its stamp is out of date: it is never used again
                log.warning("%s", error)


def in_step(job: Job[R], live: Callable[[], Iterable[EmbeddingIndex]]) -> Job[R]:
    """Run a job, then drop the live vectors that it changed in the catalog only.

    Args:
        job: what may adopt rows, or drop the vectors of changed photos.
        live: all indexes in memory.
    """
    try:
        return (yield from job)
    finally:
        for index in live():
            index.catch_up()
