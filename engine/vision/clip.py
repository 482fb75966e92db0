"""The two towers of a model: photos and texts become unit vectors in one space."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Generator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelError, ModelInvalid
from engine.types import Embeddings, EmbeddingSpace, EngineMeasured, InputSpec
from engine.vision import runtime
from engine.vision.agreement import PROMPTS
from engine.vision.choosing import ImageChoice
from engine.vision.embedding import check_vectors, unit
from engine.vision.engines import Engine, EngineFailed, Way
from engine.vision.families import FAMILIES
from engine.vision.lazy_tower import LazyTower
from engine.vision.measuring import CANNOT
from engine.vision.tower import TextPlan
from engine.vision.zero_shot import read_scale

if TYPE_CHECKING:
    from engine.vision.families.family import Words
    from engine.vision.models import ModelFiles

log = logging.getLogger(__name__)

_TEXT_PART = 64
_RECENT_TEXTS = 256
_PROBES = ("a photo of a cat", "a dog in the snow", "the letter z")


class ClipModel:
    """A checkpoint with its two towers, which load on first use and work independently."""

    def __init__(self, files: ModelFiles) -> None:
        self.files = files
        self.space: EmbeddingSpace = files.space
        self.spec: InputSpec = files.spec
        scale = read_scale(files)
        self.logit_scale, self.logit_bias, self.sigmoid = scale.factor, scale.bias, scale.sigmoid
        self.text = TextTower(files)
        self.image = ImageTower(files, lambda: self.text.embed(PROMPTS))

    @property
    def template(self) -> str:
        """The prompt that the model was trained or evaluated with; {} is the label."""
        return FAMILIES[self.files.family].template

    @property
    def allow_int8(self) -> bool:
        """Whether 8 bits may be used where they agree. A change counts from the next photo on."""
        return self.image.allow_int8

    @allow_int8.setter
    def allow_int8(self, allowed: bool) -> None:
        self.image.allow_int8 = allowed

    @property
    def device(self) -> str:
        """Where the towers compute; empty until one of them is loaded."""
        return self.image.device or self.text.device

    @property
    def precision(self) -> str:
        """How the image tower (else the text tower) computes: "fp32", "int8"…; or empty."""
        return self.image.precision or self.text.precision

    def unload(self) -> None:
        """Give the memory of both towers back."""
        self.image.unload()
        self.text.unload()


def open_clip(files: ModelFiles) -> ClipModel:
    """Open a checkpoint that `ModelStore.resolve` accepted. Cheap: no tower is loaded yet.

    Raises:
        ModelInvalid: the weights changed since, or their logit scale is nonsense.
    """
    return ClipModel(files)


class ImageTower(LazyTower):
    """Pixels to vectors.

    Args:
        files: the checkpoint.
        queries: gives vectors of texts, to judge faster ways of computing with.
    """

    def __init__(self, files: ModelFiles, queries: Callable[[], Embeddings]) -> None:
        super().__init__(files)
        self._choice = ImageChoice(files, queries)
        self.allow_int8 = True

    @property
    def measured(self) -> tuple[EngineMeasured, ...]:
        """How each way of computing did on this computer, the fastest first."""
        return self._choice.record.measured

    @property
    def note(self) -> str:
        """Why something faster is not used, one sentence; empty when nothing is."""
        return self._choice.note(self.engine) if self.engine else ""

    def photos_wanted(self) -> int:
        """How many sample photos `tune` needs; 0 when the choice is made. May take seconds.

        Raises:
            ModelError: nothing on this computer computes it.
        """
        return self._choice.photos_wanted()

    def tune(
        self, pixels: NDArray[np.uint8], progress: Callable[[str], None] | None = None
    ) -> None:
        """Measure all ways on photos, calibrate 8 bits, and use the best from now on.

        Args:
            pixels: (n, crop, crop, 3) uint8 from all over the library, n ≥ `photos_wanted()`.
            progress: told the name of each way before it is measured; may raise to stop it.

        Raises:
            ModelInvalid: the weights are not those of an image tower.
        """
        for name in self.tuning(pixels):
            if progress is not None:
                progress(name)

    def tuning(self, pixels: NDArray[np.uint8]) -> Generator[str, None, None]:
        """As `tune`, step by step. The tower stays usable meanwhile; closing it keeps nothing."""
        yield from self._choice.measure(pixels)
        self.unload()

    def embed(self, pixels: NDArray[np.uint8]) -> Embeddings:
        """Map prepared photos to points on the unit sphere.

        Args:
            pixels: (n, crop, crop, 3) uint8, sRGB, resized and cropped as `spec` says.

        Returns:
            (n, dim) float32, rows of length 1, in the order of `pixels`.

        Raises:
            ModelInvalid: the weights are not those of an image tower.
            ModelError: nothing on this computer computes it.

        Cost: passes of at most 8 photos, as many at a time as there are cores. A multiple of
        8 times the cores is the best number of photos.
        Source: Radford et al. 2021, figure 3 (arXiv:2103.00020): pooled projection, normalised.
        """
        crop = self._files.spec.crop
        if pixels.dtype != np.uint8 or pixels.shape[1:] != (crop, crop, 3):
            raise ValueError(f"got {pixels.dtype} {pixels.shape}, not (n, {crop}, {crop}, 3)")
        if not len(pixels):
            return np.zeros((0, self._files.space.dim), np.float32)
        with self._lock:
            if self.precision == "int8" and not self.allow_int8:
                self._drop()
            vectors = self._compute(lambda engine: engine(pixels))
            self.used_at = time.monotonic()
        return unit(vectors)

    def _open(self) -> Engine:
        return self._choice.open(self.allow_int8)

    def _give_up(self, name: str, reason: str) -> None:
        self._choice.give_up(name, reason)


class TextTower(LazyTower):
    """Texts to vectors, with the recent ones remembered. Its own lock: never behind a batch."""

    def __init__(self, files: ModelFiles) -> None:
        super().__init__(files)
        self._words: Words | None = None
        self._recent: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._recent_lock = threading.Lock()
        self._failed: dict[str, str] = {}
        self._invalid: ModelInvalid | None = None

    def embed(self, texts: Sequence[str]) -> Embeddings:
        """Map texts to points on the unit sphere; long ones are cut as the model was trained.

        Args:
            texts: n texts, each a phrase such as "a photo of a cat".

        Returns:
            (n, dim) float32, rows of length 1, in the order of `texts`.

        Raises:
            ModelInvalid: the weights are not those of a text tower, or its tokenizer is broken.
            ModelError: nothing on this computer computes it.

        Cost: one pass per distinct length in tokens; nothing for a recent text.
        """
        if not texts:
            return np.zeros((0, self._files.space.dim), np.float32)
        self.used_at = time.monotonic()
        with self._recent_lock:
            known = {text: self._recent[text] for text in texts if text in self._recent}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            with self._lock:
                vectors = self._embed(missing)
            known.update(zip(missing, vectors, strict=True))
        with self._recent_lock:
            for text in dict.fromkeys(texts):
                self._recent[text] = known[text]
                self._recent.move_to_end(text)
            while len(self._recent) > _RECENT_TEXTS:
                self._recent.popitem(last=False)
        return np.stack([known[text] for text in texts])

    def unknown(self, text: str) -> list[str]:
        """Words that the model cannot know, since its vocabulary has no pieces for them.

        Raises:
            ModelInvalid: its tokenizer is broken.

        Cost: microseconds a word while the tower is loaded, else that of reading the vocabulary.
        """
        with self._lock:
            words = self._words or FAMILIES[self._files.family].tokenizer(self._files)
            return words.spelled(text)

    def _embed(self, texts: Sequence[str]) -> Embeddings:
        return unit(self._compute(lambda engine: self._run(engine, texts)))

    def _open(self) -> Engine:
        files = self._files
        self._words = FAMILIES[files.family].tokenizer(files)
        for way in runtime.text_ways():
            if way.name in self._failed:
                continue
            try:
                engine = self._opened(way)
            except EngineFailed as error:
                self._give_up(way.name, str(error))
                continue
            try:
                probes, again = self._run(engine, _PROBES), self._run(engine, _PROBES)
                check_vectors(probes, again, files, "text")
            except EngineFailed as error:
                engine.close()
                self._give_up(way.name, str(error))
                continue
            except ModelInvalid as error:  # the model's fault, or of this way alone: others tell
                engine.close()
                self._failed[way.name] = str(error)
                self._invalid = error
                continue
            except BaseException:
                engine.close()
                raise
            return engine
        raise self._invalid or ModelError(f"{CANNOT} {'; '.join(self._failed.values())}")

    def _give_up(self, name: str, reason: str) -> None:
        if name not in self._failed:
            log.warning("%s does not work here for texts: %s", name, reason)
        self._failed[name] = reason

    def _drop(self) -> None:
        super()._drop()
        self._words = None

    def _opened(self, way: Way) -> Engine:
        return runtime.open_text(self._plan(), way)

    def _plan(self) -> TextPlan:
        return FAMILIES[self._files.family].text_plan(self._files)

    def _encoded(self, texts: Sequence[str]) -> list[list[int]]:
        assert self._words is not None
        return self._words.encode(texts)

    def _run(self, engine: Engine, texts: Sequence[str]) -> NDArray[np.float32]:
        """One pass per length, so that nothing is padded which the family does not pad itself."""
        rows = self._encoded(texts)
        by_length: dict[int, list[int]] = defaultdict(list)
        for place, ids in enumerate(rows):
            by_length[len(ids)].append(place)
        result: Any = np.empty((len(texts), self._files.space.dim), np.float32)
        for places in by_length.values():
            for first in range(0, len(places), _TEXT_PART):
                part = places[first : first + _TEXT_PART]
                result[part] = engine(np.array([rows[place] for place in part], np.int64))
        return result
