"""What a way of computing an image tower must give to be used, and how much is tried to tell."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np

from engine.errors import ModelError
from engine.types import Embeddings, EngineMeasured
from engine.vision.agreement import (
    MIN_AGREEMENT,
    MIN_OVERLAP,
    agreement,
    overlap,
    sample_pixels,
)
from engine.vision.embedding import check_vectors, normalise, unit
from engine.vision.engines import Engine, Way
from engine.vision.tower import Floats

if TYPE_CHECKING:
    from engine.vision.models import ModelFiles

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Effort:
    """How many pictures one round of measuring takes."""

    calibrating: int  # photos to learn the ranges of 8 bits from
    judging: int  # photos to compare on, others than those
    drawn: int  # pictures of our own, before there are photos
    chunk: int  # pictures per call that is timed


class Judge(Protocol):
    """Holds what full precision gives, and compares other ways with it. For one round."""

    @property
    def effort(self) -> Effort: ...

    def check(self, engine: Engine) -> None:
        """Refuse what is no good, with ModelInvalid."""
        ...

    def hold(self, exact: Floats, *, on_photos: bool) -> None:
        """Take what full precision gave; on drawn pictures less can be asked of others."""
        ...

    def compare(self, way: Way, speed: float, given: Floats) -> EngineMeasured:
        """Judge what a way gave for the same pictures, and its speed in photos per second."""
        ...


class VectorJudge:
    """For towers of search: vectors agree, and photos stay as near to each other and to texts.

    Args:
        files: the checkpoint.
        queries: gives unit vectors of texts that a faster tower must still answer alike.
    """

    # 96 photos to calibrate with agreed no better (.9987 either way), 16 worse; all of it takes
    # ten seconds for a ViT-B/32 on two cores
    effort = Effort(calibrating=32, judging=64, drawn=32, chunk=16)

    def __init__(self, files: ModelFiles, queries: Callable[[], Embeddings]) -> None:
        self._files = files
        self._queries = queries
        self._exact: Embeddings = np.zeros((0, 0), np.float32)
        self._asked: Embeddings | None = None

    def check(self, engine: Engine) -> None:
        few = sample_pixels(self._files.spec.crop, 2)
        check_vectors(engine(few), engine(few), self._files, "image")

    def hold(self, exact: Floats, *, on_photos: bool) -> None:
        self._exact = unit(exact)
        if on_photos:
            try:
                self._asked = self._queries()
            except ModelError as error:  # a broken text tower is for the search to tell
                log.warning("measuring without texts: %s", error)

    def compare(self, way: Way, speed: float, given: Floats) -> EngineMeasured:
        exact, queries = self._exact, self._asked
        vectors = normalise(given)
        reached, same = agreement(exact, vectors), 0.0
        if np.isfinite(given).all():
            same = overlap(exact, vectors)
            if queries is not None:
                same = min(same, overlap(exact, vectors, queries))
        reason = ""
        if way.precision == "fp32":
            reason = unlike_itself(reached)
        elif reached < MIN_AGREEMENT:
            reason = f"its vectors agree to {reached:.3f} with full precision, not {MIN_AGREEMENT}"
        elif queries is not None and same < MIN_OVERLAP:
            reason = f"{same:.0%} of the nearest photos stay the same, not {MIN_OVERLAP:.0%}"
        return verdict(way, speed, reached, same, reason)


def unlike_itself(reached: float) -> str:
    """What is wrong where full precision agrees so little with full precision, or nothing.

    There are cards, and processors, that compute something else.
    """
    return f"its full precision agrees to {reached:.3f} only" if reached < 0.9999 else ""


def verdict(way: Way, speed: float, reached: float, same: float, reason: str) -> EngineMeasured:
    """What was found, in figures that do not pretend to be exact."""
    return EngineMeasured(
        way.name, round(speed, 1), round(reached, 5), round(same, 4), not reason, reason
    )
