"""The search: hash what is new, propose pairs, compare them, close gaps, look for bursts."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.catalog.duplicates import Compared, Hashes, Pair, pair_of
from engine.duplicate_types import Edit
from engine.duplicates.candidates import Candidates, Vectors, candidates, runs, vectors_of
from engine.duplicates.comparing import Comparer, likeness_of
from engine.errors import DiskError, PhotoError, PhotoUnreadable
from engine.files import likeness, picture_hashes
from engine.files.affine import by_way_of, way_back
from engine.files.decode import DecodeRequest, DecoderPool
from engine.files.likeness import Hint
from engine.files.thumbnails import ThumbnailCache
from engine.jobs import Event, Job, Progress, Skipped
from engine.types import Photo, PhotoId, SpaceId

if TYPE_CHECKING:
    from engine.catalog import Catalog

VERSION = likeness.VERSION * 1000 + picture_hashes.VERSION
"""Of hashes and comparison together; what another one found is found again."""

_BATCH = 64  # pictures hashed, or pairs compared, in one transaction
_BURST_GAP_S = 3.0
_SCENE_GAP_S = 90.0
_LONGEST_RUN = 120
_NO_DIFFERENCE = 0.998
_PARTNERS = 24  # of one picture whose parts are compared with each other


@dataclass(slots=True)
class Found:
    """The report while it grows."""

    contents: int = 0
    compared: int = 0
    skipped: set[Path] = field(default_factory=set[Path])
    without_vector: int = 0
    started: float = field(default_factory=time.monotonic)


@dataclass(slots=True)
class Finder:
    """One search over the library.

    Attributes:
        catalog: what is known, and where findings go.
        decoders: who opens photos.
        thumbnails: the previews.
        space_id: whose vectors propose pairs; None without a model.
    """

    catalog: Catalog
    decoders: DecoderPool
    thumbnails: ThumbnailCache
    space_id: SpaceId | None
    found: Found = field(default_factory=Found)
    _photo_of: dict[bytes, PhotoId] = field(default_factory=dict[bytes, PhotoId])
    _failed: set[bytes] = field(default_factory=set[bytes])

    def run(self) -> Job[Found]:
        """Find what is new since the last search. Closing it loses one batch at most."""
        places = self.catalog.duplicates.places()
        for photo_id, content in places:
            self._photo_of.setdefault(content, photo_id)
        self.found.contents = len(self._photo_of)
        yield from self._hash()
        vectors = self._vectors(dict(places))
        with_vector = set(vectors.contents) if vectors is not None else set[bytes]()
        self.found.without_vector = len(self._photo_of) - len(with_vector)
        yield Progress(0, None, "Looking for pairs")
        fresh = self._fresh(with_vector)
        hashes = self.catalog.duplicates.hashed(VERSION)
        proposed = candidates(_present(hashes, self._photo_of), vectors, fresh)
        comparer = Comparer(self.decoders, self._preview, self._photo)
        yield from self._compare(comparer, proposed)
        yield from self._close_gaps(comparer, fresh)
        yield from self._pixels(comparer)
        if vectors is not None:
            self._moments(vectors, proposed, fresh)
        self._mark(fresh, with_vector)
        return self.found

    # ---- hashes ------------------------------------------------------------------------------

    def _hash(self) -> Iterator[Event]:
        known = set(self.catalog.duplicates.hashed(VERSION).contents)
        todo = sorted(content for content in self._photo_of if content not in known)
        for start in range(0, len(todo), _BATCH):
            yield Progress(start, len(todo), "Looking at photos")
            rows: list[tuple[bytes, int, int]] = []
            for content in todo[start : start + _BATCH]:
                try:
                    look = picture_hashes.of_preview(self._preview(self._photo(content)))
                except PhotoError as error:
                    yield from self._skip(content, error)
                    continue
                if look is not None:
                    rows.append((content, *look))
            self.catalog.duplicates.put_hashes(VERSION, rows)

    def _preview(self, photo: Photo) -> bytes:
        content = photo.content_hash or b""
        kept = self.thumbnails.get(content)
        if kept is not None:
            return kept
        decoded = self.decoders.submit(DecodeRequest(photo.path)).result()
        if decoded.thumbnail is None or decoded.content.content_hash != content:
            raise PhotoUnreadable(photo.path, "changed since it was indexed")
        try:
            self.thumbnails.put(content, decoded.thumbnail)
        except DiskError:  # compared all the same
            return decoded.thumbnail
        return decoded.thumbnail

    def _photo(self, content: bytes) -> Photo:
        rows = self.catalog.photos.page([self._photo_of[content]], None)
        if not rows:
            raise PhotoUnreadable(Path(), "is no longer in the library")
        return rows[0]

    def _skip(self, content: bytes, error: PhotoError) -> Iterator[Event]:
        self._failed.add(content)
        if error.path not in self.found.skipped:
            self.found.skipped.add(error.path)
            yield Skipped(error.path, error.reason)

    # ---- pairs -------------------------------------------------------------------------------

    def _vectors(self, contents: dict[PhotoId, bytes]) -> Vectors | None:
        if self.space_id is None:
            return None
        return vectors_of(self.catalog, self.space_id, contents)

    def _fresh(self, with_vector: Collection[bytes]) -> set[bytes]:
        """Contents not compared yet, or not yet by the vector that they have by now."""
        table = self.catalog.duplicates
        fresh = set(self._photo_of) - table.sought(VERSION, None)
        if self.space_id is not None:
            fresh |= set(with_vector) - table.sought(VERSION, self.space_id)
        return fresh

    def _compare(self, comparer: Comparer, proposed: Candidates) -> Iterator[Event]:
        known = self.catalog.duplicates.known(VERSION)
        todo = [pair for pair in proposed.pairs() if pair not in known]
        ready: list[Compared] = []
        for done, pair in enumerate(todo):
            if done % 16 == 0:
                yield Progress(done, len(todo), "Comparing")
            cosine = proposed.by_vector.get(pair)
            try:
                one = comparer.compare(pair, cosine)
            except PhotoError as error:
                yield from self._skip_either(pair, error)
                continue
            ready.append(one)
            if len(ready) >= _BATCH:
                self._put(ready)
        self._put(ready)

    def _put(self, ready: list[Compared]) -> None:
        self.catalog.duplicates.put_pairs(VERSION, ready)
        self.found.compared += len(ready)
        ready.clear()

    def _skip_either(self, pair: Pair, error: PhotoError) -> Iterator[Event]:
        self._failed.update(pair)
        yield from self._skip(pair[0], error)

    def _close_gaps(self, comparer: Comparer, fresh: Collection[bytes]) -> Iterator[Event]:
        """Compare copies of one picture with each other, laid as the picture they share tells."""
        for _ in range(2):  # what is found joins others
            todo = list(self._gaps(fresh))
            ready: list[Compared] = []
            for done, (pair, hint) in enumerate(todo):
                if done % 16 == 0:
                    yield Progress(done, len(todo), "Comparing")
                try:
                    one = comparer.compare_by_hint(pair, hint)
                except PhotoError as error:
                    yield from self._skip_either(pair, error)
                    continue
                ready.append(one)
            self._put(ready)
            if not todo:
                return

    def _gaps(self, fresh: Collection[bytes]) -> Iterator[tuple[Pair, Hint]]:
        table = self.catalog.duplicates
        same = {one.pair: one for one in table.pairs(VERSION, same=True)}
        known = table.known(VERSION, closely=True)
        partners: dict[bytes, list[bytes]] = {}
        for first, second in same:
            partners.setdefault(first, []).append(second)
            partners.setdefault(second, []).append(first)
        seen: set[Pair] = set()
        for middle in sorted(partners):
            around = sorted(partners[middle])[:_PARTNERS]
            if not any(content in fresh for content in (middle, *around)):
                continue
            for n, one in enumerate(around):
                for two in around[n + 1 :]:
                    pair = pair_of(one, two)
                    if pair not in known and pair not in seen:
                        seen.add(pair)
                        yield pair, self._hint(same, middle, pair)

    def _hint(self, same: dict[Pair, Compared], middle: bytes, pair: Pair) -> Hint:
        (one, one_mirrored), (two, two_mirrored) = (
            _onto(same[pair_of(content, middle)], middle) for content in pair
        )
        return Hint(*by_way_of(one, one_mirrored, two, two_mirrored))

    # ---- equal pixels ------------------------------------------------------------------------

    def _pixels(self, comparer: Comparer) -> Iterator[Event]:
        """Decode in full what may differ in metadata only: same size, nothing done to it."""
        table = self.catalog.duplicates
        every = [*table.pairs(VERSION, same=True), *table.pairs(VERSION, same=False)]
        wanted = {
            content
            for one in every
            # Pictures of nearly nothing are not told by their details, but by all their pixels.
            if one.similarity > _NO_DIFFERENCE and set(likeness_of(one).edits) <= {Edit.ENCODED}
            for content in one.pair
            if content in self._photo_of
        }
        todo = sorted(wanted - set(table.pixels(sorted(wanted))))
        for done, content in enumerate(todo):
            yield Progress(done, len(todo), "Comparing every pixel")
            try:
                table.put_pixels(content, comparer.same_pixels(content))
            except PhotoError as error:
                yield from self._skip(content, error)

    # ---- bursts ------------------------------------------------------------------------------

    def _moments(self, vectors: Vectors, proposed: Candidates, fresh: Collection[bytes]) -> None:
        """Pairs taken in a row that show the same: a burst, or a scene."""
        place = vectors.place()
        moments = [
            (moment, content)
            for content, moment in self.catalog.duplicates.moments().items()
            if content in place
        ]
        ready: list[Compared] = []
        known = self.catalog.duplicates.known(VERSION)
        for gap_s in (_BURST_GAP_S, _SCENE_GAP_S):
            least = proposed.near if gap_s == _BURST_GAP_S else proposed.nearer
            for run in runs(moments, gap_s, _LONGEST_RUN):
                if not any(content in fresh for content in run):
                    continue
                rows = vectors.rows[[place[content] for content in run]].astype(np.float32)
                cosines = rows @ rows.T
                for i, j in np.argwhere(np.triu(cosines >= least, 1)).tolist():
                    pair = pair_of(run[i], run[j])
                    if pair not in known:
                        known.add(pair)
                        cosine = round(float(cosines[i, j]), 5)
                        ready.append(Compared(pair, None, cosine=cosine))
        self.catalog.duplicates.put_pairs(VERSION, ready)

    def _mark(self, fresh: Collection[bytes], with_vector: Collection[bytes]) -> None:
        done = set(fresh) - self._failed
        table = self.catalog.duplicates
        table.mark_sought(VERSION, sorted(done - set(with_vector)), None)
        table.mark_sought(VERSION, sorted(done & set(with_vector)), self.space_id)


def _present(hashes: Hashes, contents: Collection[bytes]) -> Hashes:
    """Only pictures that are within reach."""
    rows = [n for n, content in enumerate(hashes.contents) if content in contents]
    return Hashes([hashes.contents[n] for n in rows], hashes.shape[rows], hashes.slope[rows])


def _onto(found: Compared, middle: bytes) -> tuple[tuple[float, ...], bool]:
    """How the other of a pair lies on the middle one."""
    like = likeness_of(found)
    if found.pair[0] == middle:
        return like.matrix, like.mirrored
    return way_back(like.matrix, like.mirrored), like.mirrored
