"""Decode → embed → record, batch by batch: the one path by which photos become searchable."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.errors import DiskError, PhotoError, PhotoUnreadable
from engine.files.decode import DecodedPhoto, DecodeRequest, DecoderPool
from engine.files.thumbnails import ThumbnailCache
from engine.jobs import Event, IndexReport, Job, Progress, Skipped
from engine.types import InputSpec, PhotoId, SpaceId

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.catalog.photos import KnownFile
    from engine.embedding_index import EmbeddingIndex
    from engine.vision.clip import ImageTower

log = logging.getLogger(__name__)

_AHEAD = 3  # batches decoded ahead: the model never waits, memory stays bounded


@dataclass(frozen=True, slots=True)
class Embedder:
    """What is needed to make photos searchable; without it they are only read."""

    spec: InputSpec
    tower: ImageTower
    index: EmbeddingIndex


@dataclass(slots=True)
class _Batch:
    """Photos on their way into one transaction."""

    read: list[tuple[KnownFile, DecodedPhoto]] = field(default_factory=list)
    reused: dict[PhotoId, NDArray[np.float32]] = field(default_factory=dict)
    fresh: list[tuple[PhotoId, NDArray[np.uint8]]] = field(default_factory=list)
    adopt: list[tuple[PhotoId, PhotoId]] = field(default_factory=list)
    failed: list[tuple[KnownFile, PhotoError]] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.read) + len(self.failed)


def index(
    catalog: Catalog,
    decoders: DecoderPool,
    thumbnails: ThumbnailCache,
    embedder: Embedder | None,
    batch_size: int,
) -> Job[IndexReport]:
    """Read what is unread and embed what has no vector.

    Each batch is one transaction: rows, vectors, problems. Closing the job loses at most one
    batch of work, which the next run does again.

    Args:
        catalog: what we know; its unread and not embedded photos are the work.
        decoders: child processes that open the files.
        thumbnails: where 256-px previews go.
        embedder: None without a usable model: photos are still read, shown and compared.
        batch_size: photos per forward pass and per transaction.
    """
    started = time.monotonic()
    space_id = embedder.index.space_id if embedder else None
    todo = _todo(catalog, space_id)
    report = _Tally(total=len(todo))
    try:
        batch = _Batch()
        for row, path, outcome in _decoded(decoders, todo, embedder, batch_size * _AHEAD):
            if isinstance(outcome, PhotoError):
                if isinstance(outcome, PhotoUnreadable) and _is_gone(path):
                    report.done += 1  # gone meanwhile: for the next reconcile to say
                    continue
                batch.failed.append((row, outcome))
                report.skipped.append(Skipped(path, outcome.reason))
                yield report.skipped[-1]
            else:
                _sort_in(catalog, batch, row, outcome, space_id)
            if len(batch.fresh) >= batch_size or len(batch) >= 4 * batch_size:
                yield from _record(catalog, thumbnails, embedder, batch, report)
                batch = _Batch()
        if len(batch):
            yield from _record(catalog, thumbnails, embedder, batch, report)
    finally:
        if embedder is not None:
            embedder.index.save()
    return IndexReport(
        read=report.read,
        embedded=report.embedded,
        reused=report.reused,
        fresh=report.fresh,
        skipped=tuple(report.skipped),
        seconds=time.monotonic() - started,
    )


def _is_gone(path: Path) -> bool:
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:  # it may be there: a folder above cannot be entered
        return False
    return False


@dataclass(slots=True)
class _Tally:
    """The report while it grows."""

    total: int
    done: int = 0
    read: int = 0
    embedded: int = 0
    reused: int = 0
    fresh: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    thumbnails_failed: bool = False


def _todo(catalog: Catalog, space_id: SpaceId | None) -> list[KnownFile]:
    unread = catalog.photos.to_read()
    if space_id is None:
        return unread
    known = {row.photo_id for row in unread}
    return unread + [r for r in catalog.photos.to_embed(space_id) if r.photo_id not in known]


def _decoded(
    decoders: DecoderPool, todo: Sequence[KnownFile], embedder: Embedder | None, ahead: int
) -> Iterator[tuple[KnownFile, Path, DecodedPhoto | PhotoError]]:
    """Decode ahead of the consumer, in order, never more than `ahead` photos."""
    spec = embedder.spec if embedder else None
    waiting: deque[tuple[KnownFile, Path, Future[DecodedPhoto]]] = deque()
    rows = iter(todo)
    try:
        while True:
            while len(waiting) < ahead and (row := next(rows, None)) is not None:
                waiting.append((row, row.path, decoders.submit(DecodeRequest(row.path, spec))))
            if not waiting:
                return
            row, path, future = waiting.popleft()
            try:
                outcome = future.result()
            except PhotoError as error:
                yield row, path, error
            else:
                yield row, path, outcome
    finally:
        for _, _, future in waiting:
            future.cancel()


def _sort_in(
    catalog: Catalog, batch: _Batch, row: KnownFile, photo: DecodedPhoto, space_id: SpaceId | None
) -> None:
    """Decide whether the model has to look at this photo at all."""
    content_hash = photo.content.content_hash
    if row.content_hash is None:
        old = catalog.photos.missing_with_hash(content_hash, photo.seen.size)
        if old is not None and all(old != known for known, _ in batch.adopt):
            batch.adopt.append((old, row.photo_id))
            row = replace(row, photo_id=old, content_hash=content_hash)
    batch.read.append((row, photo))
    if space_id is None:
        return
    if row.content_hash == content_hash and _has_vector(catalog, space_id, row.photo_id):
        return  # read again, but the same bytes as before
    vector = catalog.embeddings.of_equal_content(space_id, content_hash)
    if vector is not None:
        batch.reused[row.photo_id] = vector
    elif photo.pixels is not None:
        batch.fresh.append((row.photo_id, photo.pixels))


def _has_vector(catalog: Catalog, space_id: SpaceId, photo_id: PhotoId) -> bool:
    return catalog.embeddings.vector(space_id, photo_id) is not None


def _record(
    catalog: Catalog,
    thumbnails: ThumbnailCache,
    embedder: Embedder | None,
    batch: _Batch,
    report: _Tally,
) -> Generator[Event, None, None]:
    """Embed and commit one batch, whole or not at all, then tell the vector index."""
    ids = list(batch.reused)
    vectors = [np.stack(list(batch.reused.values()))] if batch.reused else []
    if embedder and batch.fresh:
        ids += [photo_id for photo_id, _ in batch.fresh]
        vectors.append(embedder.tower.embed(np.stack([pixels for _, pixels in batch.fresh])))
    for _, photo in batch.read:
        if photo.thumbnail is not None:
            try:
                thumbnails.put(photo.content.content_hash, photo.thumbnail)
            except DiskError as error:
                if not report.thumbnails_failed:
                    log.warning("previews are not kept: %s", error)
                report.thumbnails_failed = True
    stored: list[PhotoId] = []
    together = np.concatenate(vectors) if vectors else None
    with catalog.write():
        for old, new in batch.adopt:
            catalog.photos.adopt(old, new)
        for row, photo in batch.read:
            seen = photo.seen
            catalog.photos.set_content(
                row.photo_id,
                photo.content,
                seen.size,
                seen.mtime_ns,
                seen.dev,
                seen.ino,
                seen.read_ns,
            )
        for row, error in batch.failed:
            catalog.photos.set_unreadable(
                row.photo_id, error.reason, passing=isinstance(error, PhotoUnreadable)
            )
        if embedder and together is not None:
            stored = catalog.embeddings.put(embedder.index.space_id, ids, together)
    if embedder and together is not None:
        kept = set(stored)
        rows = [n for n, photo_id in enumerate(ids) if photo_id in kept]
        embedder.index.add([ids[n] for n in rows], together[rows])
    report.read += len(batch.read)
    report.fresh += sum(row.content_hash != p.content.content_hash for row, p in batch.read)
    report.reused += len(batch.reused)
    report.embedded += len(batch.fresh) if embedder else 0
    report.done += len(batch)
    yield Progress(report.done, report.total)
