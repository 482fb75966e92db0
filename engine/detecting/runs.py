"""A detector over many photos: decoded ahead, kept a few at a time, so that a kill loses little."""

from __future__ import annotations

import random
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from engine.detecting.seeing import Coming, Seeing, Seen
from engine.detection_types import DetectionProgress, DetectionReport, DetectionRun, Label, Sight
from engine.errors import PhotoError, PhotoUnreadable
from engine.jobs import Job, Skipped
from engine.tuning import NOTE, decoded_pixels
from engine.types import PhotoId

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.files.decode import DecoderPool
    from engine.vision.owl_vit import Detector

_AHEAD = 4  # photos being decoded while the detector looks at one
_TOGETHER = 4  # photos in one transaction, or
_AT_LEAST_EVERY_S = 1.0  # so that results appear as they come
_OF_THE_DISK = 0.8  # a run larger than the cache must not turn all of it over

Outcome: TypeAlias = tuple[PhotoId, Path, Seen | PhotoError]


@dataclass(frozen=True, slots=True)
class Means:
    """What looking works with. `between` is called before each photo: who waits goes first."""

    catalog: Catalog
    decoders: DecoderPool
    seeing: Seeing
    between: Callable[[], None]


@dataclass(slots=True)
class _Waiting:
    """Looked at, not yet in the catalog."""

    sights: list[tuple[PhotoId, bytes, Sight]] = field(default_factory=list)
    skipped: list[PhotoId] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.sights) + len(self.skipped)


def run(means: Means, detector: Detector, asked: DetectionRun) -> Job[DetectionReport]:
    """Look at the photos that a run has not looked at yet, in its order.

    Every few photos are one transaction. Closing the job keeps what was looked at.

    Raises:
        ModelError: the detector cannot compute. CatalogError, DiskError: nothing can be kept.
    """
    started = written = time.monotonic()
    runs = means.catalog.detection_runs
    waiting = _Waiting()
    photos = runs.waiting(asked.id)
    total = asked.asked
    done = total - len(photos)
    matching, boxes, _ = runs.tally(asked.id)
    floor = least(asked.labels, asked.threshold)
    yield DetectionProgress(done, total, run_id=asked.id, matching=matching, boxes=boxes)
    for _ in _tuned(means, detector, photos):
        yield DetectionProgress(done, total, NOTE, asked.id, matching, boxes)
    try:
        for photo_id, path, outcome in looked_at(means, detector, photos):
            if isinstance(outcome, PhotoError):
                waiting.skipped.append(photo_id)
                yield Skipped(path, outcome.reason)
            else:
                size = outcome.content.width, outcome.content.height
                sight = detector.look(outcome.features, *size, asked.labels, floor)
                sight = sight.above(asked.labels, asked.threshold)
                waiting.sights.append((photo_id, outcome.content.content_hash, sight))
            done += 1
            now = time.monotonic()
            if len(waiting) >= _TOGETHER or now - written >= _AT_LEAST_EVERY_S or done == total:
                fresh = _record(means, asked, waiting)
                matching, boxes = matching + fresh[0], boxes + fresh[1]
                waiting, written = _Waiting(), now
            yield DetectionProgress(done, total, path.name, asked.id, matching, boxes)
    except GeneratorExit:
        _record(means, asked, waiting)
        raise
    _record(means, asked, waiting)  # photos may have left the library meanwhile
    matching, boxes, skipped = runs.tally(asked.id)
    return DetectionReport(
        run_id=asked.id,
        looked=runs.one(asked.id).looked,
        matching=matching,
        boxes=boxes,
        skipped=skipped,
        seconds=time.monotonic() - started,
    )


def looked_at(
    means: Means, detector: Detector, photos: Sequence[PhotoId]
) -> Generator[Outcome, None, None]:
    """What a detector sees in each photo, in order; the next ones are decoded meanwhile."""
    coming: deque[tuple[PhotoId, Coming | PhotoError]] = deque()
    ahead = _begun(means.seeing, detector, photos)
    left: int | None = None
    try:
        while True:
            while len(coming) < _AHEAD and (following := next(ahead, None)) is not None:
                coming.append(following)
            if not coming:
                return
            photo_id, begun = coming.popleft()
            if isinstance(begun, PhotoError):
                yield photo_id, begun.path, begun
                continue
            means.between()
            try:
                seen = means.seeing.finish(
                    detector, begun, remember=False, keep=left is None or left > 0
                )
            except PhotoError as error:
                yield photo_id, begun.path, error
                continue
            if left is None:
                left = int(means.seeing.keeps(seen.features) * _OF_THE_DISK)
            left -= 1
            yield photo_id, begun.path, seen
    finally:
        for _, begun in coming:
            if isinstance(begun, Coming):
                begun.cancel()


def _begun(
    seeing: Seeing, detector: Detector, photos: Sequence[PhotoId]
) -> Iterator[tuple[PhotoId, Coming | PhotoError]]:
    for photo_id in photos:
        try:
            yield photo_id, seeing.begin(detector, photo_id, urgent=False)
        except PhotoUnreadable as error:
            yield photo_id, error


def _record(means: Means, asked: DetectionRun, waiting: _Waiting) -> tuple[int, int]:
    """Keep what was looked at. Returns: photos with boxes, and boxes."""
    if not len(waiting):
        return 0, 0
    runs = means.catalog.detection_runs
    with means.catalog.write():
        kept = [runs.record(asked.id, *sight) for sight in waiting.sights]
        for photo_id in waiting.skipped:
            runs.skip(asked.id, photo_id)
    return sum(count > 0 for count in kept), sum(kept)


def _tuned(means: Means, detector: Detector, photos: Sequence[PhotoId]) -> Iterator[str]:
    """Find the fastest way to compute before many photos, once per detector and computer."""
    from engine.vision.owl_vit import WORTH_TUNING

    wanted = detector.photos_wanted()
    if not wanted or len(photos) < max(WORTH_TUNING, wanted):
        return
    yield NOTE
    # From all over the run: neighbours look alike, and would judge too gently.
    some = random.Random(0).sample(photos, min(len(photos), 2 * wanted))
    known = means.catalog.photos.contents(some)
    paths = [known[photo_id].path for photo_id in some if photo_id in known]
    sample = [*islice(decoded_pixels(means.decoders, detector.spec, paths), wanted)]
    if len(sample) == wanted:
        for _ in detector.tuning(np.stack(sample)):
            means.between()
            yield NOTE


def least(labels: Sequence[Label], threshold: float) -> float:
    """The lowest threshold of any label."""
    own = [label.threshold for label in labels if label.threshold is not None]
    return min(threshold, *own) if own else threshold
