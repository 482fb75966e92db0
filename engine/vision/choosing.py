"""Chooses how an image tower is computed here: the fastest way that was measured to agree."""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelError, ModelInvalid
from engine.types import Embeddings, EngineMeasured
from engine.vision import openvino_engine, runtime
from engine.vision.agreement import (
    MIN_AGREEMENT,
    MIN_OVERLAP,
    agreement,
    overlap,
    sample_pixels,
)
from engine.vision.checkpoint import REMEDY
from engine.vision.engines import Engine, EngineFailed, Way
from engine.vision.families import FAMILIES
from engine.vision.quantise import Calibration
from engine.vision.tower import ImagePlan

if TYPE_CHECKING:
    from engine.vision.models import ModelFiles

log = logging.getLogger(__name__)

CANNOT = "This model cannot be computed on this computer:"

_CALIBRATING = 32
"""Photos to learn ranges from. 96 instead agreed no better (.9987 either way), 16 worse."""

_JUDGING = 64
"""Photos to compare on, others than those: all in ten seconds for a ViT-B/32 on two cores."""

_CHUNK = 16
_ENOUGH = (2 * _CHUNK, 15.0)
"""So many photos in full precision are enough once it took so many seconds."""

_ENOUGH_DRAWN = (_CHUNK, 2.0)
_FAST_ENOUGH = 400.0
"""Photos per second above which decoding is what takes time, so a faster way gains nothing."""

_SMALL_WORK = 2e9
"""Operations per photo, of a tower so small that it is first tried on drawn pictures."""


@dataclass(frozen=True, slots=True)
class Record:
    """What was measured; fastest first. `final`: nothing is left to measure on photos."""

    measured: tuple[EngineMeasured, ...]
    final: bool

    def accepted(self) -> list[str]:
        return [entry.name for entry in self.measured if entry.accepted]


class ImageChoice:
    """Measures, remembers and opens the ways of one image tower. For one thread at a time.

    Args:
        files: the checkpoint.
        queries: gives unit vectors of texts that a faster tower must still answer alike.
    """

    def __init__(self, files: ModelFiles, queries: Callable[[], Embeddings]) -> None:
        self._files = files
        self._queries = queries
        self._record: Record | None = None
        self._failed: dict[str, str] = {}  # in this run of the program

    @property
    def record(self) -> Record:
        """What is known; reads a small file once."""
        if self._record is None:
            self._record = _read(self._files.notes.measured(self._key()))
        return self._record or Record((), final=False)

    def note(self, used: str) -> str:
        """Why something faster than the way in use is not used; one sentence or nothing."""
        for name, reason in self._failed.items():
            if name != used:
                return f"{name} is not used: {reason}."
        for entry in self.record.measured:
            if entry.name == used:
                break
            if not entry.accepted:
                return f"{entry.name} is not used: {entry.reason}."
        if used.startswith("torch") and not openvino_engine.precisions():
            return "OpenVINO does not work here, so this computer takes longer than it could."
        return ""

    def photos_wanted(self) -> int:
        """How many photos `measure` needs; 0 when all is measured, or not worth measuring.

        Raises:
            ModelError: the tower is small enough to try, and does not work at all.
        """
        if not self.record.measured and work(self._plan()) < _SMALL_WORK:
            self._measure_drawn()
        return 0 if self.record.final else _CALIBRATING + _JUDGING

    # ---- opening -----------------------------------------------------------------------------

    def open(self, allow_int8: bool) -> Engine:
        """The fastest way that agrees; where it fails, the next one, said once.

        Raises:
            ModelInvalid: the weights are not those of an image tower.
            ModelError: nothing works on this computer.
        """
        if not self.record.measured:
            self._measure_drawn()
        ways = {way.name: way for way in runtime.image_ways()}
        names = [name for name in self.record.accepted() if name in ways]
        names += [name for name, way in ways.items() if way.precision == "fp32"]  # needs no proof
        for name in dict.fromkeys(names):
            if name in self._failed or (ways[name].precision == "int8" and not allow_int8):
                continue
            try:
                engine = self._opened(ways[name])
            except EngineFailed as error:
                self.give_up(name, str(error))
                continue
            try:
                self._check(engine)
            except EngineFailed as error:
                engine.close()
                self.give_up(name, str(error))
                continue
            except BaseException:
                engine.close()
                raise
            return engine
        raise ModelError(f"{CANNOT} {'; '.join(self._failed.values())}")

    def give_up(self, name: str, reason: str) -> None:
        """Do not try a way again in this run of the program."""
        if name not in self._failed:
            log.warning("%s does not work here: %s", name, reason)
        self._failed[name] = reason

    def _opened(self, way: Way) -> Engine:
        calibration = None
        if way.precision == "int8":
            data = self._files.notes.data(self._calibration_name())
            calibration = Calibration.from_bytes(data)
        try:
            return runtime.open_image(self._plan(), way, calibration)
        finally:
            runtime.release_freed_memory()

    def _check(self, engine: Engine) -> None:
        few = sample_pixels(self._files.spec.crop, 2)
        check_vectors(engine(few), engine(few), self._files, "image")

    def _plan(self) -> ImagePlan:
        return FAMILIES[self._files.family].image_plan(self._files)

    # ---- measuring ---------------------------------------------------------------------------

    def _measure_drawn(self) -> None:
        """The float ways, on drawn pictures: good enough until there are photos."""
        pixels = sample_pixels(self._files.spec.crop, 2 * _CHUNK)
        found: list[EngineMeasured] = []
        for _ in self._measured(found, pixels, np.zeros((0, *pixels.shape[1:]), np.uint8)):
            pass
        fast = any(entry.photos_per_second >= _FAST_ENOUGH for entry in found if entry.accepted)
        self._keep(found, final=fast or not self._could_be_better(found))

    def measure(self, pixels: NDArray[np.uint8]) -> Generator[str, None, None]:
        """All ways, on photos: a generator of what it does next; closing it keeps nothing.

        Args:
            pixels: (n, crop, crop, 3) uint8, n at least `photos_wanted()`, from all over the
                library. A third calibrates the 8 bits, the others judge.

        Raises:
            ModelInvalid: the weights are not those of an image tower.
            ModelError: nothing works on this computer.
        """
        found: list[EngineMeasured] = []
        calibrating, judging = pixels[:_CALIBRATING], pixels[_CALIBRATING:]
        yield from self._measured(found, judging, calibrating)
        self._keep(found, final=True)

    def _measured(
        self,
        found: list[EngineMeasured],
        judging: NDArray[np.uint8],
        calibrating: NDArray[np.uint8],
    ) -> Iterator[str]:
        """Full precision first: it is the measure for the others."""
        exact: Embeddings | None = None
        queries = None
        enough = _ENOUGH if len(calibrating) else _ENOUGH_DRAWN
        every = runtime.image_ways()
        ways = [w for w in every if w.precision == "fp32"] + [
            w for w in every if w.precision != "fp32"
        ]
        for way in ways:
            if way.precision == "int8" and not len(calibrating):
                continue
            spare = way.library == "torch" and way.device == "cpu"
            if spare and exact is not None:
                continue  # never faster than OpenVINO, and importing it takes seconds
            yield way.name
            try:
                engine = self._ready(way, calibrating)
                try:
                    vectors, speed = _timed(engine, judging, enough if exact is None else None)
                    if exact is None:
                        self._check(engine)
                finally:
                    engine.close()
                    runtime.release_freed_memory()
            except EngineFailed as error:
                log.warning("%s does not work here: %s", way.name, error)
                found.append(EngineMeasured(way.name, 0.0, 0.0, 0.0, False, str(error)))
                continue
            if exact is None:
                exact, judging = unit(vectors), judging[: len(vectors)]
                queries = self._asked() if len(calibrating) else None
            found.append(_judged(way, speed, exact, vectors, queries))
        if exact is None:
            raise ModelError(f"{CANNOT} {'; '.join(entry.reason for entry in found)}")

    def _ready(self, way: Way, calibrating: NDArray[np.uint8]) -> Engine:
        if way.precision == "int8":
            streams = threads = runtime.threads()
            ranges = openvino_engine.observe(self._plan(), calibrating, streams, threads)
            self._files.notes.keep_data(self._calibration_name(), Calibration(ranges).to_bytes())
        return self._opened(way)

    def _asked(self) -> Embeddings | None:
        try:
            return self._queries()
        except ModelError as error:  # a broken text tower is for the search to tell
            log.warning("speed is measured without texts: %s", error)
            return None

    def _could_be_better(self, found: list[EngineMeasured]) -> bool:
        """Whether photos could show a faster way than drawn pictures did."""
        tried = {entry.name for entry in found}
        return any(
            way.name not in tried and way.precision == "int8" for way in runtime.image_ways()
        )

    # ---- remembering -------------------------------------------------------------------------

    def _keep(self, found: list[EngineMeasured], *, final: bool) -> None:
        found.sort(key=lambda entry: -entry.photos_per_second)
        self._record = Record(tuple(found), final)
        text = json.dumps({"measured": [asdict(entry) for entry in found], "final": final})
        self._files.notes.add_measured(self._key(), text)
        for entry in found:
            log.info("%s %s", self._files.info.id, entry)

    def _key(self) -> str:
        return f"{self._files.space.revision} {runtime.fingerprint()}"

    def _calibration_name(self) -> str:
        return f"calibration {self._files.space.revision} {self._files.space.preprocessing}"


def _read(text: str) -> Record | None:
    """What `_keep` wrote; None for anything else."""
    try:
        raw = json.loads(text)
        entries = tuple(EngineMeasured(**entry) for entry in raw["measured"])
        return Record(entries, bool(raw["final"]))
    except (ValueError, TypeError, KeyError):
        return None


def _timed(
    engine: Engine, pixels: NDArray[np.uint8], enough: tuple[int, float] | None
) -> tuple[NDArray[np.float32], float]:
    """Vectors, and photos per second in the best chunk: others use this computer too."""
    done: list[NDArray[np.float32]] = []
    best = math.inf
    began = time.perf_counter()
    for start in range(0, len(pixels), _CHUNK):
        chunk = pixels[start : start + _CHUNK]
        started = time.perf_counter()
        done.append(engine(chunk))
        ended = time.perf_counter()
        best = min(best, (ended - started) / len(chunk))
        if enough and start + _CHUNK >= enough[0] and ended - began > enough[1]:
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


def work(plan: ImagePlan) -> float:
    """Operations per photo, about: a ViT-B/32 takes 8.7e9."""
    tokens = len(plan.positions) + (plan.class_token is not None)
    stack = plan.stack
    return 2.0 * tokens * stack.depth * stack.hidden * (12 * stack.hidden + 2 * tokens)


def normalise(vectors: NDArray[np.float32]) -> Embeddings:
    """Rows scaled to length 1; (n, dim) float32."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, np.float32(1e-12))


def unit(vectors: NDArray[np.float32]) -> Embeddings:
    """As `normalise`, but vectors that are not finite or zero are refused."""
    if not np.isfinite(vectors).all() or not np.linalg.norm(vectors, axis=1).all():
        raise ModelInvalid(f"The model computes vectors that are no numbers. {REMEDY}")
    return normalise(vectors)


def check_vectors(
    vectors: NDArray[np.float32], again: NDArray[np.float32], files: ModelFiles, name: str
) -> None:
    """A look before use: the right width, finite, the same twice, different inputs told apart.

    Raises:
        ModelInvalid: with the sentence to show.
    """
    where = f"The {name} tower in {files.folder}"
    if vectors.shape[1] != files.space.dim:
        raise ModelInvalid(f"{where} gives vectors of the wrong length. {REMEDY}")
    rows = unit(vectors)
    if np.abs(rows[: len(again)] - unit(again)).max() > 1e-3:
        raise ModelInvalid(f"{where} answers differently each time. {REMEDY}")
    if np.abs(rows - rows[:1]).max() < 1e-6:
        raise ModelInvalid(f"{where} answers the same to everything. {REMEDY}")
