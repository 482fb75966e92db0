"""A model as transformers computes it: the measure for every faster way.

The concrete class is built from numbers that we checked and filled with tensors that we checked:
`from_pretrained` would read more of a foreign folder than we want (remote code, kernels,
adapters) and only warn of missing weights.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.vision.weights import Weights

if TYPE_CHECKING:
    from engine.vision.model_config import TowerConfig
    from engine.vision.models import ModelFiles

_PREFIX = {
    "clip": "CLIP",
    "chinese_clip": "ChineseCLIP",
    "siglip": "Siglip",
    "owlvit": "OwlViT",
    "owlv2": "Owlv2",
}
_IMAGE, _TEXT = ("vision_model.", "visual_projection."), ("text_model.", "text_projection.")
_PART = 16  # texts per pass


class ReferenceImageTower:
    """`get_image_features` in fp32, with normalisation before it."""

    def __init__(self, files: ModelFiles, device: str = "cpu") -> None:
        self._pixels = _Pixels(files, device)
        self._model = _build(files, device, _IMAGE)

    def __call__(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """(n, size, size, 3) uint8 → (n, dim) float32, not normalised."""
        import torch

        with torch.inference_mode():
            features = self._model.get_image_features(pixel_values=self._pixels(pixels))
            return features.pooler_output.float().cpu().numpy()


class ReferenceTextTower:
    """`get_text_features` in fp32, for the ids that the family's tokenizer gives."""

    def __init__(self, files: ModelFiles, device: str = "cpu") -> None:
        self._dim = files.space.dim
        self._device = device
        self._model = _build(files, device, _TEXT)

    def __call__(self, rows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Rows of ids, of any lengths → (n, dim) float32, not normalised."""
        import torch

        by_length: dict[int, list[int]] = defaultdict(list)
        for place, row in enumerate(rows):
            by_length[len(row)].append(place)
        result = np.empty((len(rows), self._dim), np.float32)
        with torch.inference_mode():
            for places in by_length.values():
                for first in range(0, len(places), _PART):
                    part = places[first : first + _PART]
                    ids = torch.tensor([list(rows[place]) for place in part], device=self._device)
                    features = self._model.get_text_features(input_ids=ids)
                    result[part] = features.pooler_output.float().cpu().numpy()
        return result


class Detections(NamedTuple):
    """What a detector says of n pictures: for each of its tokens a box and a logit per query."""

    logits: NDArray[np.float32]  # (n, tokens, queries)
    boxes: NDArray[np.float32]  # (n, tokens, 4): centre x, centre y, width, height, of 0..1


class ReferenceDetector:
    """The whole forward pass of `OwlViTForObjectDetection` or `Owlv2ForObjectDetection`."""

    def __init__(self, files: ModelFiles, device: str = "cpu") -> None:
        self._positions = files.config.text.positions
        self._device = device
        self._pixels = _Pixels(files, device)
        self._model = _build(files, device, ("",))

    def __call__(self, pixels: NDArray[Any], rows: Sequence[Sequence[int]]) -> Detections:
        """Look for the same queries in each picture.

        Args:
            pixels: (n, size, size, 3); uint8, or float32 of 0..1.
            rows: token ids of each query; padded with 0 here, as its processor does.
        """
        import torch

        padded = [[*row, *[0] * (self._positions - len(row))] for row in rows]
        with torch.inference_mode():
            ids = torch.tensor(padded, device=self._device).repeat(len(pixels), 1)
            told = self._model(
                input_ids=ids, attention_mask=(ids != 0).long(), pixel_values=self._pixels(pixels)
            )
            return Detections(told.logits.cpu().numpy(), told.pred_boxes.cpu().numpy())


class _Pixels:
    """Brings pictures to what the image tower takes."""

    def __init__(self, files: ModelFiles, device: str) -> None:
        import torch

        self._device = device
        self._mean = torch.tensor(files.preprocessing.mean, device=device).view(1, 3, 1, 1)
        self._std = torch.tensor(files.preprocessing.std, device=device).view(1, 3, 1, 1)

    def __call__(self, pixels: NDArray[Any]) -> Any:
        import torch

        # torch wants memory that it may write to
        given = torch.from_numpy(np.require(pixels, requirements=["C", "W"])).to(self._device)
        values = given.permute(0, 3, 1, 2).float()
        return ((values / 255 if pixels.dtype == np.uint8 else values) - self._mean) / self._std


def _build(files: ModelFiles, device: str, wanted: tuple[str, ...]) -> Any:
    """The model with the weights whose names begin with one of `wanted`; the rest stays empty.

    Raises:
        ModelInvalid: the weights cannot be read, or are not finite.
    """
    import torch
    import transformers
    from transformers.utils import logging as noise

    noise.set_verbosity_error()  # our own log tells what counts
    prefix = _PREFIX[files.family]
    detector = files.family in ("owlvit", "owlv2")
    config = getattr(transformers, f"{prefix}Config")(**_numbers(files))
    kind = getattr(transformers, f"{prefix}{'ForObjectDetection' if detector else 'Model'}")
    with torch.device("meta"):
        # "sdpa" is said here so that no config.json can name a kernel to fetch
        model: Any = kind._from_config(config, attn_implementation="sdpa")
    weights = Weights(files.folder, files.tensors)
    names = [name for name in model.state_dict() if name.startswith(wanted)]
    filled = {name: torch.from_numpy(weights.read(name)).to(device) for name in names}
    model.load_state_dict(filled, strict=False, assign=True)
    _fill_buffers(model, device)
    return model.eval().requires_grad_(False)


def _fill_buffers(model: Any, device: str) -> None:
    """What transformers computes when it makes a model, and does not save."""
    import torch

    for module in model.modules():
        for name, buffer in list(module.named_buffers(recurse=False)):
            if name == "position_ids":
                filled: Any = torch.arange(buffer.shape[-1], device=device).expand(1, -1)
            elif name == "token_type_ids":
                filled = torch.zeros(buffer.shape, dtype=torch.long, device=device)
            elif name == "box_bias":
                sides = module.num_patches_height, module.num_patches_width
                filled = module.compute_box_bias(*sides).to(device)
            else:
                raise TypeError(f"transformers has a buffer {name} that we do not know")
            setattr(module, name, filled)


def _numbers(files: ModelFiles) -> dict[str, Any]:
    vision, text = files.config.vision, files.config.text
    words: dict[str, Any] = {
        **_tower(text),
        "vocab_size": text.vocabulary,
        "max_position_embeddings": text.positions,
    }
    picture = {**_tower(vision), "image_size": vision.image_size, "patch_size": vision.patch_size}
    if files.family == "siglip":
        words["projection_size"] = files.config.dim
        return {"text_config": words, "vision_config": picture}
    if files.family == "clip":
        words["eos_token_id"] = text.eos_token_id
    if files.family == "chinese_clip":
        words["type_vocab_size"] = text.token_types
    return {"text_config": words, "vision_config": picture, "projection_dim": files.config.dim}


def _tower(tower: TowerConfig) -> dict[str, Any]:
    return {
        "hidden_size": tower.hidden,
        "intermediate_size": tower.intermediate,
        "num_hidden_layers": tower.layers,
        "num_attention_heads": tower.heads,
        "hidden_act": tower.activation,
        "layer_norm_eps": tower.eps,
    }
