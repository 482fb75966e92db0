"""CLIP's two towers: photos and texts become unit vectors in one space."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelInvalid
from engine.types import Embeddings, EmbeddingSpace, InputSpec
from engine.vision import runtime
from engine.vision.checkpoint import REMEDY, TowerConfig, read_scalar
from engine.vision.tokenizer import ClipTokenizer

if TYPE_CHECKING:
    from engine.vision.models import ModelFiles

log = logging.getLogger(__name__)

_TEXT_BATCH = 64
_RECENT_TEXTS = 256
_PROBES = ("a photo of a cat", "a dog in the snow", "the letter z")


class ClipModel:
    """A checkpoint with its two towers, which load on first use and work independently."""

    def __init__(self, files: ModelFiles) -> None:
        self.files = files
        self.space: EmbeddingSpace = files.space
        self.spec: InputSpec = files.spec
        self.logit_scale = _logit_scale(files)
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
        self.image.unload()
        self.text.unload()


def open_clip(files: ModelFiles) -> ClipModel:
    """Open a checkpoint that `ModelStore.resolve` accepted. Cheap: no tower is loaded yet.

    Raises:
        ModelInvalid: the weights changed since, or their logit scale is nonsense.
    """
    return ClipModel(files)


def _logit_scale(files: ModelFiles) -> float:
    try:
        scale = float(np.exp(read_scalar(files.tensors["logit_scale"])))
    except OSError as error:
        raise ModelInvalid(f"{files.folder} cannot be read ({error.strerror}). {REMEDY}") from error
    if not (np.isfinite(scale) and 0 < scale <= 1e4):
        raise ModelInvalid(f"The weights in {files.folder} have an impossible scale. {REMEDY}")
    return scale


class ImageTower:
    """Pixels to vectors. One forward pass at a time; loading happens under the same lock."""

    def __init__(self, files: ModelFiles) -> None:
        self._files = files
        self._lock = threading.Lock()
        self._tower: Any = None
        self._shift: Any = None
        self._scale: Any = None
        self.device = ""
        self.precision = ""

    def load(self) -> None:
        """Load and check the tower, if it is not yet. Raises ModelInvalid. Takes seconds."""
        with self._lock:
            self._load()

    def unload(self) -> None:
        """Give the memory back; the next use loads again."""
        with self._lock:
            self._tower = self._shift = self._scale = None
            self.device = self.precision = ""

    def embed(self, pixels: NDArray[np.uint8]) -> Embeddings:
        """Map prepared photos to points on CLIP's unit sphere.

        Args:
            pixels: (n, crop, crop, 3) uint8, sRGB, resized and cropped as `spec` says.

        Returns:
            (n, dim) float32, rows of length 1, in the order of `pixels`.

        Raises:
            ModelInvalid: the weights are not those of an image tower.

        Cost: one forward pass; memory grows with n.
        Source: Radford et al. 2021, figure 3 (arXiv:2103.00020): pooled projection, normalised.
        """
        crop = self._files.spec.crop
        if pixels.dtype != np.uint8 or pixels.shape[1:] != (crop, crop, 3):
            raise ValueError(
                f"pixels are {pixels.dtype} {pixels.shape}, not (n, {crop}, {crop}, 3)"
            )
        if not len(pixels):
            return np.zeros((0, self._files.space.dim), np.float32)
        with self._lock:
            self._load()
            return unit(self._forward(pixels))

    def _load(self) -> None:
        if self._tower is not None:
            return
        import torch

        files = self._files
        device = runtime.choose_device()
        tower = _build_vision(files)
        mean, std = (
            torch.tensor(numbers, device=device).view(1, 3, 1, 1)
            for numbers in (files.preprocessing.mean, files.preprocessing.std)
        )
        self._scale, self._shift = 1 / (255 * std), -mean / std
        self._tower, self.device, self.precision = tower.to(device), device, "fp32"
        try:
            self._check_and_shorten()
        except BaseException:
            self._tower, self.device, self.precision = None, "", ""
            raise

    def _check_and_shorten(self) -> None:
        """Self-test in fp32, then go to 16 bits where the device likes it and the result holds."""
        pixels = runtime.sample_pixels(self._files.spec.crop)
        exact = unit(self._forward(pixels))
        _check_vectors(exact, unit(self._forward(pixels[:1])), self._files, "image")
        short = runtime.short_precision(self.device)
        if short is None:
            return
        # a copy: going back from 16 bits would not restore the weights
        import copy

        full = self._tower
        self._tower = copy.deepcopy(full).to(runtime.dtype_of(short))
        agreement = runtime.agreement(exact, normalise(self._forward(pixels)))
        if agreement >= runtime.MIN_AGREEMENT:
            self.precision = short
        else:
            self._tower = full
        log.debug("image tower on %s: %s agrees to %.4f", self.device, short, agreement)

    def _forward(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode():
            values = torch.from_numpy(np.ascontiguousarray(pixels)).to(self.device)
            values = values.permute(0, 3, 1, 2).float() * self._scale + self._shift
            dtype = self._tower.visual_projection.weight.dtype
            vectors = self._tower(pixel_values=values.to(dtype)).image_embeds
            return cast("NDArray[np.float32]", vectors.float().cpu().numpy())


class TextTower:
    """Texts to vectors, with the recent ones remembered. Its own lock: never behind a batch."""

    def __init__(self, files: ModelFiles) -> None:
        self._files = files
        self._lock = threading.Lock()
        self._tower: Any = None
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
            self._tower, self._tokenizer = None, None
            self.device = self.precision = ""
        with self._recent_lock:
            self._recent.clear()

    def embed(self, texts: Sequence[str]) -> Embeddings:
        """Map texts to points on CLIP's unit sphere; longer ones are cut at 77 tokens.

        Args:
            texts: n texts, each a phrase such as "a photo of a cat".

        Returns:
            (n, dim) float32, rows of length 1, in the order of `texts`.

        Raises:
            ModelInvalid: the weights are not those of a text tower, or its tokenizer is broken.

        Cost: one forward pass per distinct length in tokens; nothing for a recent text.
        """
        with self._recent_lock:
            known = {text: self._recent[text] for text in texts if text in self._recent}
        missing = [text for text in dict.fromkeys(texts) if text not in known]
        if missing:
            with self._lock:
                self._load()
                vectors = unit(self._forward(missing))
            known.update(zip(missing, vectors, strict=True))
        with self._recent_lock:
            for text in texts:
                self._recent[text] = known[text]
                self._recent.move_to_end(text)
            while len(self._recent) > _RECENT_TEXTS:
                self._recent.popitem(last=False)
        dim = self._files.space.dim
        return (
            np.stack([known[text] for text in texts]) if texts else np.zeros((0, dim), np.float32)
        )

    def _load(self) -> None:
        if self._tower is not None:
            return
        files = self._files
        text = files.config.text
        self._tokenizer = ClipTokenizer(files.folder, text.vocabulary, text.positions)
        device = runtime.choose_device()
        self._tower = _build_text(files).to(device)
        self.device, self.precision = device, "fp32"
        try:
            exact = unit(self._forward(_PROBES))
            _check_vectors(exact, unit(self._forward(_PROBES[:1])), files, "text")
        except BaseException:
            self._tower, self.device, self.precision = None, "", ""
            raise

    def _forward(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unpadded: causal attention never looks past the end token, so padding adds nothing."""
        import torch

        assert self._tokenizer is not None
        rows = self._tokenizer.encode(texts)
        by_length: dict[int, list[int]] = defaultdict(list)
        for place, ids in enumerate(rows):
            by_length[len(ids)].append(place)
        result = np.empty((len(texts), self._files.space.dim), np.float32)
        with torch.inference_mode():
            for places in by_length.values():
                for first in range(0, len(places), _TEXT_BATCH):
                    batch = places[first : first + _TEXT_BATCH]
                    ids = torch.tensor([rows[place] for place in batch], device=self.device)
                    result[batch] = self._tower(input_ids=ids).text_embeds.float().cpu().numpy()
        return result


def normalise(vectors: NDArray[np.float32]) -> Embeddings:
    """Rows scaled to length 1; (n, dim) float32."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return (vectors / np.maximum(lengths, 1e-12)).astype(np.float32)


def unit(vectors: NDArray[np.float32]) -> Embeddings:
    """As `normalise`, but vectors that are not finite or zero are refused."""
    if not np.isfinite(vectors).all() or not np.linalg.norm(vectors, axis=1).all():
        raise ModelInvalid(f"The model computes vectors that are no numbers. {REMEDY}")
    return normalise(vectors)


def _check_vectors(many: Embeddings, first: Embeddings, files: ModelFiles, name: str) -> None:
    """The self-test: right width, the same answer twice, and different inputs told apart."""
    where = f"The {name} tower in {files.folder}"
    if many.shape[1] != files.space.dim:
        raise ModelInvalid(
            f"{where} gives {many.shape[1]} numbers, not {files.space.dim}. {REMEDY}"
        )
    if np.abs(many[:1] - first).max() > 1e-2:
        raise ModelInvalid(f"{where} answers differently each time. {REMEDY}")
    if np.abs(many - many[:1]).max() < 1e-6:
        raise ModelInvalid(f"{where} answers the same to everything. {REMEDY}")


# ---- building --------------------------------------------------------------------------------


def _build_vision(files: ModelFiles) -> Any:
    runtime.quiet()
    from transformers import CLIPVisionConfig, CLIPVisionModelWithProjection

    tower = files.config.vision
    config = CLIPVisionConfig(
        **_shape(tower, files.config.dim), image_size=tower.image_size, patch_size=tower.patch_size
    )
    model = _empty(CLIPVisionModelWithProjection, config)
    embeddings = model.vision_model.embeddings
    return _fill(model, embeddings, embeddings.num_positions, files)


def _build_text(files: ModelFiles) -> Any:
    runtime.quiet()
    from transformers import CLIPTextConfig, CLIPTextModelWithProjection

    tower = files.config.text
    config = CLIPTextConfig(
        **_shape(tower, files.config.dim),
        vocab_size=tower.vocabulary,
        max_position_embeddings=tower.positions,
        eos_token_id=tower.eos_token_id,
    )
    model = _empty(CLIPTextModelWithProjection, config)
    return _fill(model, model.text_model.embeddings, tower.positions, files)


def _shape(tower: TowerConfig, dim: int) -> dict[str, Any]:
    return {
        "hidden_size": tower.hidden,
        "intermediate_size": tower.intermediate,
        "num_hidden_layers": tower.layers,
        "num_attention_heads": tower.heads,
        "hidden_act": tower.activation,
        "layer_norm_eps": tower.eps,
        "projection_dim": dim,
    }


def _empty(kind: Any, config: Any) -> Any:
    """The concrete class without weights; "sdpa" is given so that no file can name a kernel."""
    import torch

    with torch.device("meta"):
        return kind._from_config(config, attn_implementation="sdpa")


def _fill(model: Any, embeddings: Any, positions: int, files: ModelFiles) -> Any:
    """Fill a tower with its tensors, all of them and nothing else, each one finite."""
    import torch
    from safetensors import SafetensorError, safe_open

    state: dict[str, Any] = {}
    try:
        wanted = set(model.state_dict())
        for path in {files.tensors[name].file for name in wanted}:
            with safe_open(path, framework="pt") as file:
                for name in wanted:
                    if files.tensors[name].file == path:
                        # copied: a mapped file that shrinks later would end the process
                        state[name] = file.get_tensor(name).to(torch.float32, copy=True)
    except (OSError, KeyError, SafetensorError) as error:
        raise ModelInvalid(
            f"The weights in {files.folder} are damaged ({error}). {REMEDY}"
        ) from error
    for name, tensor in state.items():
        if not torch.isfinite(tensor).all():
            raise ModelInvalid(
                f"The weights in {files.folder} are damaged: {name} is not finite. {REMEDY}"
            )
    model.load_state_dict(state, strict=True, assign=True)
    embeddings.position_ids = torch.arange(positions).expand(1, -1)
    return model.eval().requires_grad_(False)
