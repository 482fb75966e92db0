"""The family of `transformers.SiglipModel`: SigLIP, and SigLIP 2 with a fixed picture size."""

from __future__ import annotations

from collections.abc import Iterator
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
    dense,
    linear,
    linear_shapes,
    norm,
    norm_shapes,
    stack,
    stack_shapes,
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
from engine.vision.tokenizer import SiglipTokenizer
from engine.vision.tower import AttentionPool, ImagePlan, Linear, Pool, TextPlan, fold_pixels
from engine.vision.weights import Weights

if TYPE_CHECKING:
    from engine.vision.models import ModelFiles

_VISION = TowerConfig(768, 3072, 12, 12, "gelu_pytorch_tanh", 1e-6, image_size=224, patch_size=16)
_TEXT = TowerConfig(
    768, 3072, 12, 12, "gelu_pytorch_tanh", 1e-6, vocabulary=32000, positions=64
)  # fmt: skip
_HALF = (0.5, 0.5, 0.5)
_HEAD = "vision_model.head"


def read_config(path: Path, raw: JsonObject) -> ModelConfig:
    """Source of the defaults: transformers' configuration_siglip."""
    vision, text = part(raw, "vision_config"), part(raw, "text_config")
    words = text_tower(path, text, _TEXT)
    if text.get("projection_size") is None:
        dim = words.hidden
    else:
        dim = number(path, text, "projection_size", words.hidden, 65536)
    picture = vision_tower(path, vision, _VISION)
    if vision.get("vision_use_head", True) is not True or picture.hidden != dim:
        raise ModelInvalid(f"{path} describes towers that do not meet in one space. {REMEDY}")
    return ModelConfig(dim, picture, words)


def image_plan(files: ModelFiles) -> ImagePlan:
    """The image tower. Source: transformers' modeling_siglip, SiglipVisionModel."""
    weights, tower = Weights(files.folder, files.tensors), files.config.vision
    place = "vision_model.embeddings"
    preprocessing = files.preprocessing
    return ImagePlan(
        size=tower.image_size,
        patch=tower.patch_size,
        patches=fold_pixels(
            weights.read(f"{place}.patch_embedding.weight"),
            weights.read(f"{place}.patch_embedding.bias"),
            preprocessing.mean,
            preprocessing.std,
        ),
        class_token=None,
        positions=weights.read(f"{place}.position_embedding.weight"),
        before=None,
        stack=stack(weights, "vision_model.encoder.layers", tower, causal=False),
        pool=_pool(weights, tower),
        after=norm(weights, "vision_model.post_layernorm", tower.eps),
        projection=None,
    )


def _pool(weights: Weights, tower: TowerConfig) -> AttentionPool:
    """The learned query never changes, so its own projection is done here, once."""
    hidden = tower.hidden
    matrix = weights.read(f"{_HEAD}.attention.in_proj_weight")
    bias = weights.read(f"{_HEAD}.attention.in_proj_bias")
    probe = weights.read(f"{_HEAD}.probe").reshape(hidden).astype(np.float64)
    wide, narrow = dense(weights, f"{_HEAD}.mlp.fc1", f"{_HEAD}.mlp.fc2", tower)
    return AttentionPool(
        query=(matrix[:hidden].astype(np.float64) @ probe + bias[:hidden]).astype(np.float32),
        kv=Linear(matrix[hidden:], bias[hidden:]),
        out=linear(weights, f"{_HEAD}.attention.out_proj"),
        norm=norm(weights, f"{_HEAD}.layernorm", tower.eps),
        wide=wide,
        narrow=narrow,
    )


def text_plan(files: ModelFiles) -> TextPlan:
    """The text tower, for ids padded to its full length: it looks at the padding, as in training.

    Source: transformers' modeling_siglip, SiglipTextModel.
    """
    weights, tower = Weights(files.folder, files.tensors), files.config.text
    table = "text_model.embeddings.token_embedding.weight"
    return TextPlan(
        rows=lambda ids: weights.rows(table, ids),
        positions=weights.read("text_model.embeddings.position_embedding.weight"),
        before=None,
        stack=stack(weights, "text_model.encoder.layers", tower, causal=False),
        pool=Pool.LAST,
        after=norm(weights, "text_model.final_layer_norm", tower.eps),
        projection=linear(weights, "text_model.head"),
    )


def expected_shapes(config: ModelConfig) -> Iterator[Shape]:
    """Every weight of a SiglipModel with its shape."""
    vision, hidden = config.vision, config.vision.hidden
    yield "logit_scale", (1,)
    yield "logit_bias", (1,)
    place = "vision_model.embeddings"
    yield f"{place}.patch_embedding.weight", (hidden, 3, vision.patch_size, vision.patch_size)
    yield f"{place}.patch_embedding.bias", (hidden,)
    yield f"{place}.position_embedding.weight", (vision.patches, hidden)
    yield from norm_shapes("vision_model.post_layernorm", hidden)
    yield from stack_shapes("vision_model.encoder.layers", vision)
    yield f"{_HEAD}.probe", (1, 1, hidden)
    yield f"{_HEAD}.attention.in_proj_weight", (3 * hidden, hidden)
    yield f"{_HEAD}.attention.in_proj_bias", (3 * hidden,)
    yield from linear_shapes(f"{_HEAD}.attention.out_proj", hidden, hidden)
    yield from norm_shapes(f"{_HEAD}.layernorm", hidden)
    yield from linear_shapes(f"{_HEAD}.mlp.fc1", vision.intermediate, hidden)
    yield from linear_shapes(f"{_HEAD}.mlp.fc2", hidden, vision.intermediate)
    yield from clip.text_shapes("text_model", config.text)
    yield from linear_shapes("text_model.head", config.dim, config.text.hidden)


def tokenizer(files: ModelFiles) -> SiglipTokenizer:
    """Lower case, padded to the full length."""
    tower = files.config.text
    return SiglipTokenizer(files.folder, tower.vocabulary, tower.positions)


SIGLIP = Family(
    name="siglip",
    model_type="siglip",
    class_name="SiglipModel",
    slot=ModelSlot.SEARCH,
    sigmoid=True,
    template="This is a photo of {}.",
    words_files=(("tokenizer.json",),),
    usual=Usual(keep_aspect=False, crop=False, mean=_HALF, std=_HALF),
    read_config=read_config,
    expected_shapes=expected_shapes,
    image_plan=image_plan,
    text_plan=text_plan,
    tokenizer=tokenizer,
)
