"""Keeps the Faiss index in step with the catalog: loaded if it agrees, rebuilt if not."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.errors import DiskError
from engine.files.disk import make_folder, replace_file
from engine.jobs import Job, R
from engine.types import Embeddings, EmbeddingSpace, PhotoId

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.types import SpaceId
    from engine.vectors.vector_index import VectorIndex

log = logging.getLogger(__name__)

_SAVE_EVERY = 5_000  # vectors; a rebuild of that many costs less than a second


class EmbeddingIndex:
    """The vectors of one embedding space, ready to be searched.

    The catalog is the truth. The file carries the space's generation as its stamp: whatever
    happened in between (a crash, a restored backup), a file that disagrees is rebuilt.
    """

    def __init__(self, catalog: Catalog, space: EmbeddingSpace, folder: Path) -> None:
        self._catalog = catalog
        self.space = space
        self.space_id: SpaceId = catalog.embeddings.space_id(space)
        self._path = folder / f"space-{self.space_id}.faiss"
        self._lock = threading.RLock()
        self._index: VectorIndex | None = None
        self._unsaved = 0

    def ready(self) -> VectorIndex:
        """The index, loaded or rebuilt on first use. Cost: .5 s for 100,000 when rebuilt."""
        with self._lock:
            if self._index is None:
                self._index = self._load()
            return self._index

    def _load(self) -> VectorIndex:
        from engine.vectors.vector_index import VectorIndex

        found = VectorIndex.load(self._path, self.space.dim, self._stamp())
        if found is not None:
            return found
        ids, vectors = self._catalog.embeddings.load_all(self.space_id)
        index = VectorIndex(self.space.dim)
        if len(ids):
            index.add(ids, vectors)
            log.info("rebuilt the vector index of %d photos", len(ids))
        self._unsaved = max(1, len(ids))
        return index

    def _stamp(self) -> str:
        return f"{self.space_id}:{self.generation()}"

    def add(self, ids: Sequence[PhotoId], vectors: Embeddings) -> None:
        """Follow a commit that stored these vectors."""
        index = self.ready()
        if not ids:
            return
        index.add(np.asarray(ids, np.int64), vectors)
        self._unsaved += len(ids)
        if self._unsaved >= _SAVE_EVERY:
            self.save()

    def generation(self) -> int:
        """Differs once the catalog's vectors of this space differ."""
        return self._catalog.embeddings.generation(self.space_id)

    def forget(self) -> None:
        """The catalog's vectors changed behind our back: load or rebuild on next use."""
        with self._lock:
            self._index = None
            self._unsaved = 0

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


def in_step(
    job: Job[R], live: Sequence[EmbeddingIndex], kept_up: EmbeddingIndex | None = None
) -> Job[R]:
    """Run a job, then drop the live vectors that it changed in the catalog only.

    Args:
        job: what may adopt rows, or drop the vectors of changed photos.
        live: all indexes in memory.
        kept_up: the one that the job itself keeps in step.
    """
    before = [(index, index.generation()) for index in live if index is not kept_up]
    try:
        return (yield from job)
    finally:
        for index, generation in before:
            if index.generation() != generation:
                index.forget()
