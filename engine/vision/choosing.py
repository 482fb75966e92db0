"""Chooses how an image tower is computed here: the fastest way that was measured to agree."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Callable, Generator
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelError, ModelInvalid
from engine.types import Embeddings, EngineMeasured
from engine.vision import openvino_engine, runtime
from engine.vision.agreement import sample_pixels
from engine.vision.engines import Engine, EngineFailed, Way
from engine.vision.families import FAMILIES
from engine.vision.judging import Judge, VectorJudge
from engine.vision.measuring import CANNOT, Measuring
from engine.vision.quantise import Calibration
from engine.vision.tower import ImagePlan

if TYPE_CHECKING:
    from engine.vision.models import ModelFiles

log = logging.getLogger(__name__)

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
        self._invalid: ModelInvalid | None = None  # what was said of vectors that were no good

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
        effort = self._judge().effort
        return 0 if self.record.final else effort.calibrating + effort.judging

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
        raise self._invalid or ModelError(f"{CANNOT} {'; '.join(self._failed.values())}")

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
            if calibration is None:  # lost: to be made again, from photos
                self._record = replace(self.record, final=False)
        try:
            return runtime.open_image(self._plan(), way, calibration)
        finally:
            runtime.release_freed_memory()

    def _check(self, engine: Engine) -> None:
        try:
            self._judge().check(engine)
        except ModelInvalid as error:  # the model's fault, or of this way alone: others tell
            self._invalid = error
            raise EngineFailed("its vectors are no good") from error

    def _judge(self) -> Judge:
        """For one round of measuring; other towers are judged by other things."""
        return VectorJudge(self._files, self._queries)

    def _plan(self) -> ImagePlan:
        return FAMILIES[self._files.family].image_plan(self._files)

    # ---- measuring ---------------------------------------------------------------------------

    def _measure_drawn(self) -> None:
        """The float ways, on drawn pictures: good enough until there are photos."""
        measuring = self._measuring()
        pixels = sample_pixels(self._files.spec.crop, measuring.judge.effort.drawn)
        for _ in self._measured(measuring, pixels, None):
            pass
        found = measuring.found
        fast = any(entry.photos_per_second >= _FAST_ENOUGH for entry in found if entry.accepted)
        self._keep(found, final=fast or not self._could_be_better(found))

    def measure(self, pixels: NDArray[np.uint8]) -> Generator[str, None, None]:
        """All ways, on photos: a generator of what it does next; closing it keeps nothing.

        Args:
            pixels: (n, crop, crop, 3) uint8, n at least `photos_wanted()`, from all over the
                library. A third calibrates the 8 bits, the others judge.

        Nothing is measured where most of them are equal.

        Raises:
            ModelInvalid: the weights are not those of an image tower.
            ModelError: nothing works on this computer.
        """
        if len({photo.tobytes() for photo in pixels}) < len(pixels) // 2:
            return  # copies of few photos tell nothing apart: to be tried again on others
        measuring = self._measuring()
        first = measuring.judge.effort.calibrating
        yield from self._measured(measuring, pixels[first:], pixels[:first])
        if measuring.calibration is not None:
            data = measuring.calibration.to_bytes()
            self._files.notes.keep_data(self._calibration_name(), data)
        self._failed.clear()  # what failed before was tried again
        self._keep(measuring.found, final=True)

    def _measured(
        self,
        measuring: Measuring,
        judging: NDArray[np.uint8],
        calibrating: NDArray[np.uint8] | None,
    ) -> Generator[str, None, None]:
        """As `Measuring.run`; where no way gives good vectors, it is the model's fault."""
        self._invalid = None
        try:
            yield from measuring.run(judging, calibrating)
        except ModelError as error:
            if self._invalid is None or isinstance(error, ModelInvalid):
                raise
            raise self._invalid from error

    def _measuring(self) -> Measuring:
        return Measuring(self._plan, self._check, self._judge())

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
        entries = tuple(_entry(**entry) for entry in raw["measured"])
        return Record(entries, bool(raw["final"]))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None


def _entry(name: object, reason: object, accepted: object, **figures: object) -> EngineMeasured:
    """One way as it was kept; ValueError or TypeError where it was not us who kept it."""
    known = {key: float(value) for key, value in figures.items() if isinstance(value, int | float)}
    texts = isinstance(name, str) and isinstance(reason, str)
    if not (texts and isinstance(accepted, bool) and all(map(math.isfinite, known.values()))):
        raise ValueError
    return EngineMeasured(name=str(name), reason=str(reason), accepted=accepted, **known)


def work(plan: ImagePlan) -> float:
    """Operations per photo, about: a ViT-B/32 takes 8.7e9."""
    tokens = len(plan.positions) + (plan.class_token is not None)
    stack = plan.stack
    return 2.0 * tokens * stack.depth * stack.hidden * (12 * stack.hidden + 2 * tokens)
