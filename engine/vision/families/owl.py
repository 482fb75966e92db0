"""The families of `OwlViTForObjectDetection` and `Owlv2ForObjectDetection`: boxes for words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.errors import ModelInvalid
from engine.types import ModelSlot
from engine.vision.checkpoint import REMEDY, JsonObject
from engine.vision.families import clip
from engine.vision.families.family import Family
from engine.vision.families.layers import (
    Shape,
    joined,
    linear,
    linear_shapes,
    norm,
    norm_shapes,
)
from engine.vision.model_config import (
    ModelConfig,
    TowerConfig,
    number,
    part,
    text_tower,
    vision_tower,
)
from engine.vision.preprocessing import Usual
from engine.vision.tower import Floats, Heads, ImagePlan, Linear, TextPlan
from engine.vision.weights import Weights

if TYPE_CHECKING:
    from engine.vision.models import ModelFiles

_TEXT = TowerConfig(
    512, 2048, 12, 8, "quick_gelu", 1e-5, vocabulary=49408, positions=16, eos_token_id=49407
)


def read_config(path: Path, raw: JsonObject, patch: int) -> ModelConfig:
    """Source of the defaults: transformers' configuration_owlvit and configuration_owlv2."""
    defaults = replace(clip.VISION, image_size=768, patch_size=patch)
    config = ModelConfig(
        number(path, raw, "projection_dim", 512, 65536),
        vision_tower(path, part(raw, "vision_config"), defaults),
        text_tower(path, part(raw, "text_config"), _TEXT),
    )
    if config.dim != config.text.hidden:  # the class head compares the two
        raise ModelInvalid(f"{path} describes towers that do not meet in one space. {REMEDY}")
    # transformers takes the largest id for the end, whatever the file says
    return replace(config, text=replace(config.text, eos_token_id=2))


def image_plan(files: ModelFiles, prefix: str) -> ImagePlan:
    """The image tower with what its heads read from every patch.

    Source: transformers' modeling_owlvit and modeling_owlv2, OwlViTForObjectDetection.
    """
    weights = Weights(files.folder, files.tensors)
    plan = clip.vision_plan(files, weights, f"{prefix}.vision_model", before="pre_layernorm")
    words = [linear(weights, f"class_head.{n}") for n in ("dense0", "logit_shift", "logit_scale")]
    objectness = "objectness_head.dense0.weight" in weights
    heads = Heads(
        norm=norm(weights, "layer_norm", files.config.vision.eps),
        words=joined(words),
        box=_three(weights, "box_head"),
        place=places(plan.size // plan.patch),
        objectness=_three(weights, "objectness_head") if objectness else None,
    )
    return replace(plan, heads=heads)


def _three(weights: Weights, name: str) -> tuple[Linear, Linear, Linear]:
    first, second, third = (linear(weights, f"{name}.dense{n}") for n in range(3))
    return first, second, third


def places(side: int) -> Floats:
    """What each patch adds to its box before the sigmoid: its lower right corner, its size.

    Args:
        side: patches in a row, and rows.

    Returns:
        (side · side, 4) float32.

    Source: transformers' OwlViTForObjectDetection.compute_box_bias.
    """
    edge = np.arange(1, side + 1, dtype=np.float32) / np.float32(side)
    shares = np.full((side, side, 4), 1 / side, np.float32)
    shares[..., 0], shares[..., 1] = edge[None, :], edge[:, None]
    flat = shares.reshape(-1, 4)
    little = np.float32(1e-4)
    return (np.log(flat + little) - np.log1p(little - flat)).astype(np.float32)


def text_plan(files: ModelFiles, prefix: str) -> TextPlan:
    """The text tower; it is causal, so the padding after the end token changes nothing."""
    return clip.text_plan(files, f"{prefix}.")


def expected_shapes(config: ModelConfig, prefix: str, objectness: bool) -> Iterator[Shape]:
    """Every weight of the detector with its shape."""
    width = config.vision.hidden
    yield f"{prefix}.logit_scale", ()
    yield f"{prefix}.visual_projection.weight", (config.dim, width)
    yield f"{prefix}.text_projection.weight", (config.dim, config.text.hidden)
    yield from clip.vision_shapes(f"{prefix}.vision_model", config.vision, before="pre_layernorm")
    yield from clip.text_shapes(f"{prefix}.text_model", config.text)
    yield from norm_shapes("layer_norm", width)
    yield from linear_shapes("class_head.dense0", config.text.hidden, width)
    yield from linear_shapes("class_head.logit_shift", 1, width)
    yield from linear_shapes("class_head.logit_scale", 1, width)
    for head, out in (("box_head", 4), ("objectness_head", 1)):
        if head == "box_head" or objectness:
            yield from linear_shapes(f"{head}.dense0", width, width)
            yield from linear_shapes(f"{head}.dense1", width, width)
            yield from linear_shapes(f"{head}.dense2", out, width)


def _family(name: str, class_name: str, patch: int, usual: Usual, *, objectness: bool) -> Family:
    shapes: Callable[[ModelConfig], Iterator[Shape]] = partial(
        expected_shapes, prefix=name, objectness=objectness
    )
    return Family(
        name=name,
        model_type=name,
        class_name=class_name,
        slot=ModelSlot.DETECT,
        sigmoid=True,
        template="a photo of a {}",
        words_files=clip.CLIP.words_files,
        usual=usual,
        read_config=partial(read_config, patch=patch),
        expected_shapes=shapes,
        image_plan=partial(image_plan, prefix=name),
        text_plan=partial(text_plan, prefix=name),
        tokenizer=clip.tokenizer,
    )


OWLVIT = _family(
    "owlvit",
    "OwlViTForObjectDetection",
    32,
    Usual(keep_aspect=False, crop=False),
    objectness=False,
)
OWLV2 = _family(
    "owlv2",
    "Owlv2ForObjectDetection",
    16,
    Usual(keep_aspect=False, crop=False, resample=2, pads=True),
    objectness=True,
)
