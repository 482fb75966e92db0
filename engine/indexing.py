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

from engine.errors import DiskError, ModelError, PhotoError, PhotoUnreadable
from engine.files.decode import DecodedPhoto, DecodeRequest, DecoderPool
from engine.files.thumbnails import ThumbnailCache
from engine.jobs import Event, IndexReport, Job, Progress, Skipped
from engine.one_ahead import OneAhead
from engine.priority import Gate
from engine.sidecar_facts import read_sidecars
from engine.tuning import WORTH_WAITING, tune
from engine.types import Embeddings, PhotoId, SpaceId

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.catalog.photos import KnownFile
    from engine.switching import Embedder, Models

log = logging.getLogger(__name__)

_AHEAD = 3  # batches decoded ahead: the model never waits, memory stays bounded


@dataclass(slots=True)
class _Batch:
    """Photos on their way into one transaction."""

    read: list[tuple[KnownFile, DecodedPhoto]] = field(default_factory=list)
    reused: dict[PhotoId, NDArray[np.float32]] = field(default_factory=dict)
    fresh: list[tuple[PhotoId, NDArray[np.uint8]]] = field(default_factory=list)
    adopt: list[tuple[PhotoId, PhotoId]] = field(default_factory=list)
    failed: list[tuple[KnownFile, PhotoError]] = field(default_factory=list)
    vectors: Embeddings | None = None  # of `fresh`

    def __len__(self) -> int:
        return len(self.read) + len(self.failed)


@dataclass(frozen=True, slots=True)
class Means:
    """What indexing works with.

    Attributes:
        catalog: what we know; its unread and not embedded photos are the work.
        decoders: child processes that open the files.
        thumbnails: where 256-px previews go.
        models: who makes vectors: the model in use, then the one being prepared.
        gate: questions of the user go first.
        batch_size: photos per forward pass and per transaction.
    """

    catalog: Catalog
    decoders: DecoderPool
    thumbnails: ThumbnailCache
    models: Models
    gate: Gate
    batch_size: int


def index(means: Means) -> Job[IndexReport]:
    """Read what is unread and embed what has no vector, for the model in use.

    Sidecars go first, they are small: what they tell is there before the photos themselves.
    Then the same for the model being prepared, if there is one; search changes over to it when
    no photo within reach is without its vector. Without a usable model photos are still read.

    Each batch is one transaction: rows, vectors, problems. Closing the job loses at most two
    batches of work, which the next run does again.

    Raises:
        ModelError: the model in use cannot compute, and none is prepared in its place.
        DiskError, CatalogError: nothing can be stored.
    """
    tally = _Tally()
    yield from read_sidecars(means.catalog, means.decoders, means.gate.give_way)
    models = means.models
    models.check_again()
    switched = stopped = ""
    while True:
        before = tally.done
        trouble: ModelError | None = None
        finished = True
        following = models.next_embedder()
        try:
            finished = yield from _pass(means, models.embedder(), tally, following)
        except ModelError as error:
            if following is None:
                raise
            trouble = error
        if following is not None:
            try:
                whole = yield from _pass(means, following, tally, note=_preparing(following))
                finished = finished and whole
                if models.complete(following.model, tally.gone):
                    switched = following.model.id
                    continue  # for what came meanwhile
            except ModelError as error:
                stopped = f"{following.title} could not be prepared further: {error}"
                models.stop(following.model, stopped)
            if trouble is not None:
                raise trouble
        if finished and (following is None or stopped or tally.done == before):
            break
    return IndexReport(
        read=tally.read,
        embedded=tally.embedded,
        reused=tally.reused,
        fresh=tally.fresh,
        skipped=tuple(tally.skipped),
        seconds=time.monotonic() - tally.started,
        switched_to=switched,
        stopped=stopped,
    )


def _preparing(embedder: Embedder) -> str:
    return f"Preparing {embedder.title}"


def _pass(
    means: Means,
    embedder: Embedder | None,
    tally: _Tally,
    following: Embedder | None = None,
    note: str = "",
) -> Generator[Event, None, bool]:
    """Read and embed for one model.

    Returns:
        False when the user wanted another model before the end.
    """
    catalog = means.catalog
    todo = [row for row in _todo(catalog, embedder) if row.photo_id not in tally.gone]
    later = len(catalog.photos.without_embedding(following.index.space_id)) if following else 0
    tally.total, tally.note = tally.done + len(todo) + later, note
    if embedder is not None and embedder.live and todo:
        embedder.index.ready()
    if embedder is not None and len(todo) >= WORTH_WAITING:
        yield from _tuned(means, embedder, todo, tally)
    model = OneAhead[_Batch](lambda batch: _embed(embedder, batch))
    taken: set[PhotoId] = set()
    try:
        batch = _Batch()
        for row, path, outcome in _decoded(means, todo, embedder):
            if embedder is not None and not embedder.wanted():
                return False
            if isinstance(outcome, PhotoError):
                if isinstance(outcome, PhotoUnreadable) and _is_gone(path):
                    tally.gone.add(row.photo_id)  # for the next reconcile to say
                    tally.done += 1
                    continue
                batch.failed.append((row, outcome))
                tally.skipped.append(Skipped(path, outcome.reason))
                yield tally.skipped[-1]
            else:
                _sort_in(catalog, batch, row, outcome, embedder, taken)
            if len(batch.fresh) >= means.batch_size or len(batch) >= 4 * means.batch_size:
                means.gate.give_way()
                for done in model.start(batch):
                    yield from _record(means, embedder, done, tally)
                batch = _Batch()
        for last in (batch if len(batch) else None, None):
            for done in model.start(last):
                yield from _record(means, embedder, done, tally)
    finally:
        model.close()
        if embedder is not None:
            embedder.index.save()
        for live in means.models.live():  # bytes that changed dropped vectors of other spaces
            live.catch_up()
    if embedder is not None and todo and embedder.wanted():
        yield from _tuned(means, embedder, todo, tally)
    return True


def _tuned(
    means: Means, embedder: Embedder, todo: Sequence[KnownFile], tally: _Tally
) -> Iterator[Event]:
    """Find the fastest way to compute, if that is still to be done."""
    for note in tune(means.catalog, means.decoders, embedder.clip, todo):
        yield Progress(tally.done, max(tally.done, tally.total), note)
        means.gate.give_way()


def _embed(embedder: Embedder | None, batch: _Batch) -> None:
    if embedder is not None and batch.fresh:
        batch.vectors = embedder.tower.embed(np.stack([pixels for _, pixels in batch.fresh]))


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

    total: int = 0
    done: int = 0
    read: int = 0
    embedded: int = 0
    reused: int = 0
    fresh: int = 0
    note: str = ""
    skipped: list[Skipped] = field(default_factory=list)
    gone: set[PhotoId] = field(default_factory=set)
    thumbnails_failed: bool = False
    started: float = field(default_factory=time.monotonic)


def _todo(catalog: Catalog, embedder: Embedder | None) -> list[KnownFile]:
    unread = catalog.photos.to_read()
    if embedder is None:
        return unread
    known = {row.photo_id for row in unread}
    lacking = catalog.photos.to_embed(embedder.index.space_id)
    return unread + [row for row in lacking if row.photo_id not in known]


def _decoded(
    means: Means, todo: Sequence[KnownFile], embedder: Embedder | None
) -> Iterator[tuple[KnownFile, Path, DecodedPhoto | PhotoError]]:
    """Decode ahead of the consumer, in order, a few batches at most."""
    spec = embedder.clip.spec if embedder else None
    ahead = means.batch_size * _AHEAD
    waiting: deque[tuple[KnownFile, Path, Future[DecodedPhoto]]] = deque()
    rows = iter(todo)
    try:
        while True:
            while len(waiting) < ahead and (row := next(rows, None)) is not None:
                request = DecodeRequest(row.path, spec, thumbnail=_needs_preview(means, row))
                waiting.append((row, row.path, means.decoders.submit(request)))
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


def _needs_preview(means: Means, row: KnownFile) -> bool:
    """Not when the photo is looked at again only for another model's vector."""
    if row.read_ns is None or row.content_hash is None:
        return True
    return means.thumbnails.get(row.content_hash) is None


def _sort_in(
    catalog: Catalog,
    batch: _Batch,
    row: KnownFile,
    photo: DecodedPhoto,
    embedder: Embedder | None,
    taken: set[PhotoId],
) -> None:
    """Decide whether the model has to look at this photo at all.

    `taken` are the tombstones found so far; one is not found for two files.
    """
    content_hash = photo.content.content_hash
    if row.content_hash is None:
        old = catalog.photos.missing_with_hash(content_hash, photo.seen.size)
        if old is not None and old not in taken:
            taken.add(old)
            batch.adopt.append((old, row.photo_id))
            row = replace(row, photo_id=old, content_hash=content_hash)
    batch.read.append((row, photo))
    if embedder is None:
        return
    space_id = embedder.index.space_id
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
    means: Means, embedder: Embedder | None, batch: _Batch, tally: _Tally
) -> Generator[Event, None, None]:
    """Commit one batch, whole or not at all, then tell the vector index."""
    ids = list(batch.reused)
    vectors = [np.stack(list(batch.reused.values()))] if batch.reused else []
    if batch.vectors is not None:
        ids += [photo_id for photo_id, _ in batch.fresh]
        vectors.append(batch.vectors)
    _keep_previews(means.thumbnails, batch, tally)
    _commit(means.catalog, embedder, batch, ids, np.concatenate(vectors) if vectors else None)
    tally.read += len(batch.read)
    tally.fresh += sum(row.content_hash != p.content.content_hash for row, p in batch.read)
    tally.reused += len(batch.reused)
    tally.embedded += len(batch.fresh) if embedder else 0
    tally.done += len(batch)
    yield Progress(tally.done, max(tally.done, tally.total), tally.note)


def _keep_previews(thumbnails: ThumbnailCache, batch: _Batch, tally: _Tally) -> None:
    for _, photo in batch.read:
        if photo.thumbnail is not None:
            try:
                thumbnails.put(photo.content.content_hash, photo.thumbnail)
            except DiskError as error:
                if not tally.thumbnails_failed:
                    log.warning("previews are not kept: %s", error)
                tally.thumbnails_failed = True


def _commit(
    catalog: Catalog,
    embedder: Embedder | None,
    batch: _Batch,
    ids: list[PhotoId],
    vectors: Embeddings | None,
) -> None:
    """One transaction for rows, vectors and problems; then the live index follows."""
    stored: list[PhotoId] = []
    before = after = 0
    with catalog.write():
        if embedder is not None:
            before = embedder.index.generation()
        for old, new in batch.adopt:
            catalog.photos.adopt(old, new)
        for row, photo in batch.read:
            seen = photo.seen
            if not _as_known(row, photo):
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
        if embedder is not None:
            if vectors is not None and embedder.wanted():  # else its vectors may be dropped by now
                stored = catalog.embeddings.put(embedder.index.space_id, ids, vectors)
            after = embedder.index.generation()
    if embedder is not None and vectors is not None and stored:
        kept = set(stored)
        rows = [n for n, photo_id in enumerate(ids) if photo_id in kept]
        embedder.index.add([ids[n] for n in rows], vectors[rows], before, after)


def _as_known(row: KnownFile, photo: DecodedPhoto) -> bool:
    """Whether reading told nothing new: then nobody need be told, nor look again."""
    seen = photo.seen
    return (
        row.read_ns is not None
        and row.content_hash == photo.content.content_hash
        and (row.size, row.mtime_ns, row.dev, row.ino)
        == (seen.size, seen.mtime_ns, seen.dev, seen.ino)
    )
