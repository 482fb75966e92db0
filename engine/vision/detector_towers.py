"""The two towers of a detector: photos become features, labels become vectors."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelInvalid
from engine.types import Embeddings
from engine.vision import runtime
from engine.vision.checkpoint import REMEDY
from engine.vision.clip import TextTower
from engine.vision.detection_judge import DetectorChoice
from engine.vision.engines import Engine, Way
from engine.vision.features import Features, unpack
from engine.vision.lazy_tower import LazyTower
from engine.vision.tower import Pool, TextPlan

if TYPE_CHECKING:
    from engine.vision.models import ModelFiles


class FeatureTower(LazyTower):
    """Pixels to features."""

    def __init__(self, files: ModelFiles, queries: Callable[[], Embeddings]) -> None:
        super().__init__(files)
        self.choice = DetectorChoice(files, queries)
        self.allow_int8 = True

    def see(self, pixels: NDArray[np.uint8]) -> list[Features]:
        seen: list[Features] = []
        for photo in pixels:
            with self._lock:  # one at a time: someone may wait for a photo during a run
                if self.precision == "int8" and not self.allow_int8:
                    self._drop()
                columns = self._compute(lambda engine, photo=photo: engine(photo[None]))[0]
                self.used_at = time.monotonic()
            if not np.isfinite(columns).all():
                raise ModelInvalid(f"The model computes boxes that are no numbers. {REMEDY}")
            seen.append(unpack(columns, self._files.space.dim))
        return seen

    def _open(self) -> Engine:
        return self.choice.open(self.allow_int8)

    def _give_up(self, name: str, reason: str) -> None:
        self.choice.give_up(name, reason)


class LabelTower(TextTower):
    """Texts to vectors, those of different lengths in one pass.

    A look asks for a handful of short texts, and a pass costs little more than reading the
    weights: one pass of five labels takes a third of the time of one pass per length.
    """

    def _opened(self, way: Way) -> Engine:
        return runtime.open_text(self._plan(), way, all_cores=True)

    def _plan(self) -> TextPlan:
        return replace(super()._plan(), pool=Pool.ALL)

    def _run(self, engine: Engine, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = self._encoded(texts)
        ids = np.zeros((len(rows), max(map(len, rows))), np.int64)
        for place, row in enumerate(rows):
            ids[place, : len(row)] = row  # what follows the end, no token before it looks at
        ends = [len(row) - 1 for row in rows]
        return engine(ids)[np.arange(len(rows)), ends]
