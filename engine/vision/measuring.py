"""Measures the ways of computing an image tower: how fast each is, and how well it agrees."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelError
from engine.types import Embeddings, EngineMeasured
from engine.vision import openvino_engine, runtime
from engine.vision.agreement import MIN_AGREEMENT, MIN_OVERLAP, agreement, overlap
from engine.vision.embedding import normalise, unit
from engine.vision.engines import Engine, EngineFailed, Way
from engine.vision.quantise import Calibration
from engine.vision.tower import ImagePlan

log = logging.getLogger(__name__)

CANNOT = "This model cannot be computed on this computer:"
CHUNK = 16
_TURNS = 2

_ENOUGH = (2 * CHUNK, 15.0)
"""So many photos in full precision are enough once it took so many seconds."""

_ENOUGH_DRAWN = (CHUNK, 2.0)


@dataclass(slots=True)
class Measuring:
    """One round. `found` grows while `run` goes on; `calibration` is that of int8, if it was tried.

    Args:
        plan: gives the tower.
        check: refuses an engine whose vectors are no good, with ModelInvalid.
        queries: gives unit vectors of texts that a faster tower must still answer alike.
    """

    plan: Callable[[], ImagePlan]
    check: Callable[[Engine], None]
    queries: Callable[[], Embeddings]
    found: list[EngineMeasured] = field(default_factory=list)
    calibration: Calibration | None = None
    _judging: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    _exact: Embeddings | None = None
    _asked: Embeddings | None = None
    _enough: tuple[int, float] = _ENOUGH

    def run(
        self, judging: NDArray[np.uint8], calibrating: NDArray[np.uint8] | None
    ) -> Iterator[str]:
        """Full precision first: it is the measure for the others. Yields the name of each.

        Args:
            judging: (n, size, size, 3) uint8 photos to compare on.
            calibrating: others to learn the ranges of 8 bits from; None: no photos are there
                yet, so 8 bits and texts are left out.

        Raises:
            ModelInvalid: the weights are not those of an image tower.
            ModelError: nothing works on this computer.
        """
        self._judging = judging
        self._enough = _ENOUGH_DRAWN if calibrating is None else _ENOUGH
        for way in sorted(runtime.image_ways(), key=lambda way: way.precision != "fp32"):
            if way.precision == "int8" and calibrating is None:
                continue
            if way.library == "torch" and way.device == "cpu" and self._exact is not None:
                continue  # never faster than OpenVINO, and importing it takes seconds
            yield way.name
            try:
                if way.precision == "int8" and calibrating is not None:
                    entry = self._measure_int8(way, calibrating)
                else:
                    entry = self._measure(way)
            except EngineFailed as error:
                log.warning("%s does not work here: %s", way.name, error)
                entry = EngineMeasured(way.name, 0.0, 0.0, 0.0, False, str(error))
            if self._exact is not None and self._asked is None and calibrating is not None:
                self._asked = self._ask()
            self.found.append(entry)
        if self._exact is None:
            raise ModelError(f"{CANNOT} {'; '.join(entry.reason for entry in self.found)}")
        yield from self._time_again()

    def _time_again(self) -> Iterator[str]:
        """Believe in a surprise only if it lasts: each way was timed at another moment.

        Where another way than the one expected was the fastest, the two are timed in turns.
        """
        ways = {way.name: way for way in runtime.image_ways()}
        accepted = {entry.name: entry for entry in self.found if entry.accepted}
        expected = next((name for name in ways if name in accepted), "")
        fastest = max(accepted, key=lambda name: accepted[name].photos_per_second, default="")
        if expected == fastest:
            return
        for _ in range(_TURNS):
            for name in (expected, fastest):
                yield name
                calibration = self.calibration if ways[name].precision == "int8" else None
                try:
                    engine = runtime.open_image(self.plan(), ways[name], calibration)
                except EngineFailed as error:
                    log.warning("%s failed when tried again: %s", name, error)
                    return
                try:
                    _, speed = _timed(engine, self._judging[: 2 * CHUNK], None)
                finally:
                    engine.close()
                    runtime.release_freed_memory()
                best = max(speed, accepted[name].photos_per_second)
                accepted[name] = replace(accepted[name], photos_per_second=round(best, 1))
        self.found = [accepted.get(entry.name, entry) for entry in self.found]

    def _measure_int8(self, way: Way, calibrating: NDArray[np.uint8]) -> EngineMeasured:
        """All products in 8 bits; where that agrees too little, not those that matter most."""
        cores = runtime.threads()
        ranges = openvino_engine.observe(self.plan(), calibrating, cores, cores)
        self.calibration = Calibration(ranges)
        entry = self._measure(way, self.calibration)
        if not entry.accepted:
            log.info("%s: %s; trying it with fewer products", way.name, entry.reason)
            self.calibration = Calibration(ranges, careful=True)
            entry = self._measure(way, self.calibration)
        return entry

    def _measure(self, way: Way, calibration: Calibration | None = None) -> EngineMeasured:
        engine = runtime.open_image(self.plan(), way, calibration)
        try:
            if self._exact is None:
                self.check(engine)
            vectors, speed = _timed(
                engine, self._judging, self._enough if self._exact is None else None
            )
        finally:
            engine.close()
            runtime.release_freed_memory()
        if self._exact is None:
            self._exact = unit(vectors)
            self._judging = self._judging[: len(vectors)]
        return _judged(way, speed, self._exact, vectors, self._asked)

    def _ask(self) -> Embeddings | None:
        try:
            return self.queries()
        except ModelError as error:  # a broken text tower is for the search to tell
            log.warning("measuring without texts: %s", error)
            return None


def _timed(
    engine: Engine, pixels: NDArray[np.uint8], enough: tuple[int, float] | None
) -> tuple[NDArray[np.float32], float]:
    """Vectors, and photos per second in the best chunk: others use this computer too."""
    done: list[NDArray[np.float32]] = []
    best = math.inf
    began = time.perf_counter()
    for start in range(0, len(pixels), CHUNK):
        chunk = pixels[start : start + CHUNK]
        started = time.perf_counter()
        done.append(engine(chunk))
        ended = time.perf_counter()
        best = min(best, (ended - started) / len(chunk))
        if enough and start + CHUNK >= enough[0] and ended - began > enough[1]:
            break
    return np.concatenate(done), 1 / max(best, 1e-9)


def _judged(
    way: Way,
    speed: float,
    exact: Embeddings,
    vectors: NDArray[np.float32],
    queries: Embeddings | None,
) -> EngineMeasured:
    reached, same = agreement(exact, normalise(vectors)), 0.0
    if np.isfinite(vectors).all():
        same = overlap(exact, normalise(vectors))
        if queries is not None:
            same = min(same, overlap(exact, normalise(vectors), queries))
    reason = ""
    if way.precision != "fp32":
        if reached < MIN_AGREEMENT:
            reason = f"its vectors agree to {reached:.3f} with full precision, not {MIN_AGREEMENT}"
        elif queries is not None and same < MIN_OVERLAP:
            reason = f"{same:.0%} of the nearest photos stay the same, not {MIN_OVERLAP:.0%}"
    elif reached < 0.9999:  # a card, or a processor, that computes something else
        reason = f"its full precision agrees to {reached:.3f} only"
    return EngineMeasured(way.name, round(speed, 1), round(reached, 5), round(same, 4), not reason,
                          reason)  # fmt: skip
