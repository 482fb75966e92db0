"""CLIP's two towers: photos and texts become unit vectors in one space."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelInvalid
from engine.types import Embeddings, EmbeddingSpace, InputSpec
from engine.vision import runtime
from engine.vision.checkpoint import REMEDY
from engine.vision.tokenizer import ClipTokenizer
from engine.vision.torch_weights import IMAGE, TEXT, read_weights
from engine.vision.zero_shot import read_scale

if TYPE_CHECKING:
    from engine.vision.models import ModelFiles

log = logging.getLogger(__name__)

Pass: TypeAlias = Callable[[Any], Any]
"""A forward pass: torch tensor in, (n, dim) float32 tensor out."""

_IMAGE_PART = 8  # photos per pass and stream: more fall out of the processor's cache
_CARD_PART = 64
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
        self.image = ImageTower(files)
        self.text = TextTower(files)

    @property
    def device(self) -> str:
        """Where the towers compute; empty until one of them is loaded."""
        return self.image.device or self.text.device

    @property
    def precision(self) -> str:
        """How the image tower (else the text tower) computes: "fp32", "bf16", "fp16"; or empty."""
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


class ImageTower:
    """Pixels to vectors. One batch at a time; loading happens under the same lock."""

    def __init__(self, files: ModelFiles) -> None:
        self._files = files
        self._lock = threading.Lock()
        self._pass: Pass | None = None
        self._streams: runtime.Streams | None = None
        self.device = ""
        self.precision = ""

    def load(self) -> None:
        """Load and check the tower, if it is not yet. Raises ModelInvalid. Takes seconds."""
        with self._lock:
            self._load()

    def unload(self) -> None:
        """Give the memory back; the next use loads again."""
        with self._lock:
            if self._streams is not None:
                self._streams.close()
            self._pass = self._streams = None
            self.device = self.precision = ""
            runtime.release_freed_memory()

    def embed(self, pixels: NDArray[np.uint8]) -> Embeddings:
        """Map prepared photos to points on CLIP's unit sphere.

        Args:
            pixels: (n, crop, crop, 3) uint8, sRGB, resized and cropped as `spec` says.

        Returns:
            (n, dim) float32, rows of length 1, in the order of `pixels`.

        Raises:
            ModelInvalid: the weights are not those of an image tower.

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
            forward, streams = self._load()
            part = _CARD_PART if self.device != "cpu" else _IMAGE_PART
            part = min(part, -(-len(pixels) // streams.count))
            parts = [pixels[first : first + part] for first in range(0, len(pixels), part)]
            done = streams.map(lambda rows: self._run(forward, rows), parts)
        return unit(np.concatenate(done))

    def _run(self, forward: Pass, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode():
            # torch wants memory that it may write to
            rows = torch.from_numpy(np.require(pixels, requirements=["C", "W"]))
            return forward(rows.to(self.device)).cpu().numpy()

    def _load(self) -> tuple[Pass, runtime.Streams]:
        if self._pass is None or self._streams is None:
            self.device = runtime.choose_device()
            try:
                self._pass, self.precision = self._choose(read_weights(self._files, IMAGE))
            except BaseException:
                self.device = ""
                raise
            self._streams = runtime.Streams.for_images(self.device)
            runtime.release_freed_memory()
        return self._pass, self._streams

    def _choose(self, weights: dict[str, Any]) -> tuple[Pass, str]:
        """The fastest pass that agrees with transformers, by a measurement that is remembered."""
        files = self._files
        key = f"{files.space.revision} {runtime.fingerprint(self.device)}"
        known = files.notes.measured(key)
        pixels = runtime.sample_pixels(files.spec.crop)
        if known in ("fp32", "bf16", "fp16"):
            forward = self._build(weights, known)
            few = pixels[:2]
            _check(self._run(forward, few), self._run(forward, few), files, "image")
            return forward, known

        from engine.vision.reference import ReferenceImageTower

        reference = ReferenceImageTower(files, self.device)
        exact = reference(pixels)
        _check(exact, reference(pixels[:2]), files, "image")
        for precision, bar in (
            (runtime.short_precision(self.device), runtime.MIN_AGREEMENT),
            ("fp32", runtime.EXACT),
        ):
            forward = self._build(dict(weights), precision)
            reached = runtime.agreement(unit(exact), normalise(self._run(forward, pixels)))
            log.debug("image tower, %s on %s: %.5f", precision, self.device, reached)
            if reached >= (runtime.EXACT if precision == "fp32" else bar):
                files.notes.add_measured(key, precision)
                return forward, precision
        log.warning("our own arithmetic disagrees with transformers; using transformers")
        return lambda rows: _as_tensor(reference(rows.cpu().numpy())), "fp32"

    def _build(self, weights: dict[str, Any], precision: str) -> Pass:
        import torch

        from engine.vision.transformer import ImageTransformer, packs

        dtype = getattr(torch, {"bf16": "bfloat16", "fp16": "float16"}.get(precision, "float32"))
        packed = self.device == "cpu" and packs(dtype)
        files = self._files
        return ImageTransformer(
            weights, files.config, files.preprocessing, self.device, dtype, packed=packed
        )


class TextTower:
    """Texts to vectors, with the recent ones remembered. Its own lock: never behind a batch."""

    def __init__(self, files: ModelFiles) -> None:
        self._files = files
        self._lock = threading.Lock()
        self._pass: Pass | None = None
        self._streams: runtime.Streams | None = None
        self._tokenizer: ClipTokenizer | None = None
        self._recent: OrderedDict[str, NDArray[np.float32]] = OrderedDict()
        self._recent_lock = threading.Lock()
        self.device = ""
        self.precision = ""

    def load(self) -> None:
        """Load and check tokenizer and tower, if they are not yet. Raises ModelInvalid."""
        with self._lock:
            self._load()

    def unload(self) -> None:
        """Give the memory back; the next use loads again."""
        with self._lock:
            if self._streams is not None:
                self._streams.close()
            self._pass = self._streams = self._tokenizer = None
            self.device = self.precision = ""
            runtime.release_freed_memory()
        with self._recent_lock:
            self._recent.clear()

    def embed(self, texts: Sequence[str]) -> Embeddings:
        """Map texts to points on CLIP's unit sphere; long ones are cut at 77 tokens.

        Args:
            texts: n texts, each a phrase such as "a photo of a cat".

        Returns:
            (n, dim) float32, rows of length 1, in the order of `texts`.

        Raises:
            ModelInvalid: the weights are not those of a text tower, or its tokenizer is broken.

        Cost: one pass per distinct length in tokens; nothing for a recent text.
        """
        if not texts:
            return np.zeros((0, self._files.space.dim), np.float32)
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

    def _load(self) -> tuple[Pass, ClipTokenizer, runtime.Streams]:
        if self._pass is None or self._tokenizer is None or self._streams is None:
            import torch

            from engine.vision.transformer import TextTransformer, packs

            files, shape = self._files, self._files.config.text
            self._tokenizer = ClipTokenizer(files.folder, shape.vocabulary, shape.positions)
            device = runtime.choose_device()
            # fp32: with packed weights one query is as quick as in bf16, and exact
            packed = device == "cpu" and packs(torch.float32)
            weights = read_weights(files, TEXT)
            forward = TextTransformer(weights, files.config, device, torch.float32, packed=packed)
            self.device = device
            try:
                probes = self._run(forward, self._tokenizer, _PROBES)
                again = self._run(forward, self._tokenizer, _PROBES)
                _check(probes, again, files, "text")
            except BaseException:
                self.device = ""
                raise
            self._pass, self.precision = forward, "fp32"
            self._streams = runtime.Streams.for_texts()
            runtime.release_freed_memory()
        return self._pass, self._tokenizer, self._streams

    def _embed(self, texts: Sequence[str]) -> Embeddings:
        forward, tokenizer, streams = self._load()
        (vectors,) = streams.map(lambda part: self._run(forward, tokenizer, part), [texts])
        return unit(vectors)

    def _run(
        self, forward: Pass, tokenizer: ClipTokenizer, texts: Sequence[str]
    ) -> NDArray[np.float32]:
        """One pass per length: a causal tower never looks past the end, so padding adds nothing."""
        import torch

        end = self._files.config.text.eos_token_id
        rows = [_until_end(ids, end) for ids in tokenizer.encode(texts)]
        by_length: dict[int, list[int]] = defaultdict(list)
        for place, ids in enumerate(rows):
            by_length[len(ids)].append(place)
        result = np.empty((len(texts), self._files.space.dim), np.float32)
        with torch.inference_mode():
            for places in by_length.values():
                for first in range(0, len(places), _TEXT_PART):
                    part = places[first : first + _TEXT_PART]
                    ids = torch.tensor([rows[place] for place in part], device=self.device)
                    result[part] = forward(ids).cpu().numpy()
        return result


def _as_tensor(vectors: NDArray[np.float32]) -> Any:
    import torch

    return torch.from_numpy(vectors)


def _until_end(ids: list[int], end: int) -> list[int]:
    """The ids up to the token whose vector is used, as transformers finds it."""
    if end == 2:  # in old configs this stands for "the largest id"
        return ids[: ids.index(max(ids)) + 1]
    return ids[: ids.index(end) + 1] if end in ids else ids[:1]


def normalise(vectors: NDArray[np.float32]) -> Embeddings:
    """Rows scaled to length 1; (n, dim) float32."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, np.float32(1e-12))


def unit(vectors: NDArray[np.float32]) -> Embeddings:
    """As `normalise`, but vectors that are not finite or zero are refused."""
    if not np.isfinite(vectors).all() or not np.linalg.norm(vectors, axis=1).all():
        raise ModelInvalid(f"The model computes vectors that are no numbers. {REMEDY}")
    return normalise(vectors)


def _check(
    vectors: NDArray[np.float32], again: NDArray[np.float32], files: ModelFiles, name: str
) -> None:
    """The self-test: the right width, finite, the same twice, and different inputs told apart."""
    where = f"The {name} tower in {files.folder}"
    if vectors.shape[1] != files.space.dim:
        raise ModelInvalid(f"{where} gives vectors of the wrong length. {REMEDY}")
    rows = unit(vectors)
    if np.abs(rows[: len(again)] - unit(again)).max() > 1e-3:
        raise ModelInvalid(f"{where} answers differently each time. {REMEDY}")
    if np.abs(rows - rows[:1]).max() < 1e-6:
        raise ModelInvalid(f"{where} answers the same to everything. {REMEDY}")
