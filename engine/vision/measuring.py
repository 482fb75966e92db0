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
from engine.types import EngineMeasured
from engine.vision import openvino_engine, runtime
from engine.vision.engines import Engine, EngineFailed, Way
from engine.vision.judging import Judge
from engine.vision.quantise import Calibration
from engine.vision.tower import Floats, ImagePlan

log = logging.getLogger(__name__)

CANNOT = "This model cannot be computed on this computer:"
_TURNS = 2

_ENOUGH_S = 15.0
"""Two chunks of photos in full precision are enough once it took so many seconds."""

_ENOUGH_DRAWN_S = 2.0  # of drawn ones, for one chunk


@dataclass(slots=True)
class Measuring:
    """One round. `found` grows while `run` goes on; `calibration` is that of int8, if it was tried.

    Args:
        plan: gives the tower.
        check: refuses an engine whose results are no good, with EngineFailed or ModelInvalid.
        judge: compares them with those of full precision.
    """

    plan: Callable[[], ImagePlan]
    check: Callable[[Engine], None]
    judge: Judge
    found: list[EngineMeasured] = field(default_factory=list)
    calibration: Calibration | None = None
    _judging: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    _held: bool = False  # whether the judge has the results of full precision
    _on_photos: bool = False

    def run(
        self, judging: NDArray[np.uint8], calibrating: NDArray[np.uint8] | None
    ) -> Iterator[str]:
        """Full precision first: it is the measure for the others. Yields the name of each.

        Args:
            judging: (n, size, size, 3) uint8 photos to compare on.
            calibrating: others to learn the ranges of 8 bits from; None: no photos are there
                yet, so 8 bits are left out.

        Raises:
            ModelInvalid: the weights are not those of an image tower.
            ModelError: nothing works on this computer.
        """
        self._judging = judging
        self._on_photos = calibrating is not None
        for way in sorted(runtime.image_ways(), key=lambda way: way.precision != "fp32"):
            if way.precision == "int8" and calibrating is None:
                continue
            if way.library == "torch" and way.device == "cpu" and self._held:
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
            self.found.append(entry)
        if not self._held:
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
                    _, speed = self._timed(engine, self._judging[: 2 * self.judge.effort.chunk])
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
            if not self._held:
                self.check(engine)
            given, speed = self._timed(engine, self._judging, enough=not self._held)
        finally:
            engine.close()
            runtime.release_freed_memory()
        if not self._held:
            self.judge.hold(given, on_photos=self._on_photos)
            self._held = True
            self._judging = self._judging[: len(given)]
        return self.judge.compare(way, speed, given)

    def _timed(
        self, engine: Engine, pixels: NDArray[np.uint8], *, enough: bool = False
    ) -> tuple[Floats, float]:
        """Results, and photos per second in the best chunk: others use this computer too."""
        done: list[Floats] = []
        best, chunk = math.inf, self.judge.effort.chunk
        least, seconds = (2 * chunk, _ENOUGH_S) if self._on_photos else (chunk, _ENOUGH_DRAWN_S)
        began = time.perf_counter()
        for start in range(0, len(pixels), chunk):
            some = pixels[start : start + chunk]
            started = time.perf_counter()
            done.append(engine(some))
            ended = time.perf_counter()
            best = min(best, (ended - started) / len(some))
            if enough and start + chunk >= least and ended - began > seconds:
                break
        return np.concatenate(done), 1 / max(best, 1e-9)
