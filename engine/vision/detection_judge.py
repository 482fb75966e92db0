"""What a way of computing a detector must give to be used: the same boxes, the same scores."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from engine.errors import ModelError, ModelInvalid
from engine.types import Embeddings, EngineMeasured
from engine.vision.agreement import agreement, sample_pixels
from engine.vision.boxes import corners, overlaps, scores_of, thinned
from engine.vision.checkpoint import REMEDY
from engine.vision.choosing import ImageChoice
from engine.vision.embedding import normalise
from engine.vision.engines import Engine, Way
from engine.vision.features import Features, unpack
from engine.vision.judging import Effort, unlike_itself, verdict
from engine.vision.tower import Floats

if TYPE_CHECKING:
    from engine.vision.models import ModelFiles

log = logging.getLogger(__name__)

THINGS = (
    "person", "face", "dog", "cat", "bird", "horse", "flower", "tree", "car", "bicycle", "boat",
    "house", "window", "door", "chair", "table", "sofa", "bottle", "cup", "plate", "book", "bag",
    "hat", "ball",
)  # fmt: skip
"""What people look for in photos: what a faster way must find in the same places."""

MIN_AGREEMENT = 0.98
"""Least mean centred cosine of what patches look like, to full precision."""

MIN_SAME = 0.9
"""Least share of the best boxes that stay where they are, with about the same score."""

MAX_SHIFT = {"int8": 1 / 100}
"""Farthest that an edge of most best boxes may move, of the picture's side. 8 bits are only tried
before large runs, and can be switched off."""

_A_PIXEL = 1 / 640  # of a photo as detectors see it, for every other precision

_MOST_PATCHES = 2000  # of a detector that is worth 8 bits
_BEST = 20  # boxes of a photo
_SAME_BOX = 0.9  # intersection over union
_SAME_SCORE = 0.05
_MOST_BOXES = 95  # per cent that may not move farther


class DetectionJudge:
    """For detectors. Of each photo the best boxes of full precision are looked for again.

    Args:
        files: the checkpoint.
        queries: gives unit vectors of things that are looked for.
    """

    # so many photos are a third of a minute for an OWL-ViT on two cores
    effort = Effort(calibrating=8, judging=8, drawn=2, chunk=1)

    def __init__(self, files: ModelFiles, queries: Callable[[], Embeddings]) -> None:
        self._files = files
        self._queries = queries
        self._exact: list[Features] = []
        self._asked: Embeddings | None = None

    def check(self, engine: Engine) -> None:
        """One look: its patches must be numbers, as many as there should be, and not all alike."""
        dim, patches = self._files.space.dim, self._files.config.vision.patches
        columns = engine(sample_pixels(self._files.spec.crop, 1))
        where = f"The image tower in {self._files.folder}"
        if columns.shape[1] != patches or columns.shape[2] - dim not in (6, 7):
            raise ModelInvalid(f"{where} gives something else than boxes. {REMEDY}")
        if not np.isfinite(columns).all():
            raise ModelInvalid(f"{where} computes boxes that are no numbers. {REMEDY}")
        rows = normalise(columns[0, :, :dim])
        if patches > 1 and np.abs(rows - rows[:1]).max() < 1e-6:
            raise ModelInvalid(f"{where} sees the same everywhere. {REMEDY}")

    def hold(self, exact: Floats, *, on_photos: bool) -> None:
        """Take what full precision gave."""
        self._exact = [unpack(photo, self._files.space.dim) for photo in exact]
        try:
            self._asked = self._queries()
        except ModelError as error:  # a broken text tower is for a look to tell
            log.warning("measuring without labels: %s", error)

    def compare(self, way: Way, speed: float, given: Floats) -> EngineMeasured:
        """Judge what a way gave for the same pictures."""
        reached = same = 0.0
        moved = 1.0
        if np.isfinite(given).all():
            other = [unpack(photo, self._files.space.dim) for photo in given]
            reached = likeness(self._exact, other)
            same = 1.0 if self._asked is None else stays(self._exact, other, self._asked)
            moved = 0.0 if self._asked is None else shift(self._exact, other, self._asked)
        reason = ""
        if way.precision == "fp32":
            reason = unlike_itself(reached)
        elif reached < MIN_AGREEMENT:
            reason = (
                f"what it sees agrees to {reached:.3f} with full precision, not {MIN_AGREEMENT}"
            )
        elif same < MIN_SAME:
            reason = f"{same:.0%} of the best boxes stay the same, not {MIN_SAME:.0%}"
        elif moved > (most := MAX_SHIFT.get(way.precision, _A_PIXEL)):
            reason = f"its boxes move by {moved:.2%} of the picture, more than {most:.2%}"
        return verdict(way, speed, reached, same, reason)


class DetectorChoice(ImageChoice):
    """Measures, remembers and opens the ways of one detector. For one thread at a time."""

    def photos_wanted(self) -> int:
        """As `ImageChoice`'s; none where 8 bits do not pay.

        They save an OWLv2 (3,600 patches) a fifth of its time, and learning their ranges takes
        minutes and 2.3 GB.
        """
        if self._files.config.vision.patches > _MOST_PATCHES:
            return 0
        return super().photos_wanted()

    def _judge(self) -> DetectionJudge:
        return DetectionJudge(self._files, self._queries)


def likeness(exact: list[Features], others: list[Features]) -> float:
    """Mean centred cosine between what patches look like here and there."""
    rows = [
        np.concatenate([photo.looks_of(np.arange(len(photo.looks))) for photo in photos])
        for photos in (exact, others)
    ]
    return agreement(rows[0], rows[1])


def stays(exact: list[Features], others: list[Features], vectors: Embeddings) -> float:
    """Which share of the best boxes of each photo has the same place and score elsewhere.

    Args:
        exact: photos as full precision sees them.
        others: the same photos, seen in another way.
        vectors: (n, dim) unit vectors of what to look for; of each box the best one counts.
    """
    found = kept = 0
    for one, other in zip(exact, others, strict=True):
        scores, again = (
            scores_of(p.cosines(vectors).max(1), p.shift, p.scale) for p in (one, other)
        )
        edges, moved = (corners(photo.boxes, 1, 1, padded=False) for photo in (one, other))
        for patch in thinned(edges, scores, _BEST).tolist():
            found += 1
            near = overlaps(edges[[patch]], moved[[patch]])[0, 0] >= _SAME_BOX
            kept += bool(near and abs(scores[patch] - again[patch]) <= _SAME_SCORE)
    return kept / max(1, found)


def shift(exact: list[Features], others: list[Features], vectors: Embeddings) -> float:
    """How far the edges of nearly all best boxes move, of the picture's side.

    Args:
        exact: photos as full precision sees them.
        others: the same photos, seen in another way.
        vectors: (n, dim) unit vectors of what to look for; of each box the best one counts.
    """
    moves: list[float] = []
    for one, other in zip(exact, others, strict=True):
        scores = scores_of(one.cosines(vectors).max(1), one.shift, one.scale)
        edges, moved = (corners(photo.boxes, 1, 1, padded=False) for photo in (one, other))
        best = thinned(edges, scores, _BEST)
        moves += np.abs(edges[best] - moved[best]).max(1).tolist()
    return float(np.percentile(moves, _MOST_BOXES)) if moves else 0.0
