"""The family of `transformers.CLIPModel`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.types import ModelSlot
from engine.vision.checkpoint import JsonObject
from engine.vision.families.family import Family
from engine.vision.families.layers import Shape, norm, norm_shapes, stack, stack_shapes
from engine.vision.model_config import ModelConfig, TowerConfig, number, part, text_tower
from engine.vision.model_config import vision_tower as read_vision
from engine.vision.preprocessing import Usual
from engine.vision.tokenizer import ClipTokenizer
from engine.vision.tower import ImagePlan, Linear, Pool, TextPlan, fold_pixels
from engine.vision.weights import Weights

if TYPE_CHECKING:
    from engine.vision.models import ModelFiles

VISION = TowerConfig(768, 3072, 12, 12, "quick_gelu", 1e-5, image_size=224, patch_size=32)
_TEXT = TowerConfig(
    512, 2048, 12, 8, "quick_gelu", 1e-5, vocabulary=49408, positions=77, eos_token_id=49407
)


def read_config(path: Path, raw: JsonObject) -> ModelConfig:
    """Source of the defaults: transformers' configuration_clip."""
    return ModelConfig(
        number(path, raw, "projection_dim", 512, 65536),
        read_vision(path, part(raw, "vision_config", old=True), VISION),
        text_tower(path, part(raw, "text_config", old=True), _TEXT),
    )


def image_plan(files: ModelFiles) -> ImagePlan:
    """The image tower. Source: transformers' modeling_clip, CLIPVisionModel."""
    weights = Weights(files.folder, files.tensors)
    plan = vision_plan(files, weights, "vision_model", before="pre_layrnorm")
    projection = Linear(weights.read("visual_projection.weight"), None)
    return replace(plan, pool=Pool.FIRST, projection=projection)


def vision_plan(files: ModelFiles, weights: Weights, prefix: str, *, before: str) -> ImagePlan:
    """An image tower up to all of its tokens, by the name of its module and its first norm."""
    tower, place = files.config.vision, f"{prefix}.embeddings"
    positions = weights.read(f"{place}.position_embedding.weight")
    preprocessing = files.preprocessing
    return ImagePlan(
        size=tower.image_size,
        patch=tower.patch_size,
        patches=fold_pixels(
            weights.read(f"{place}.patch_embedding.weight"),
            None,
            preprocessing.mean,
            preprocessing.std,
        ),
        class_token=weights.read(f"{place}.class_embedding") + positions[0],
        positions=positions[1:],
        before=norm(weights, f"{prefix}.{before}", tower.eps),
        stack=stack(weights, f"{prefix}.encoder.layers", tower, causal=False),
        pool=Pool.ALL,
        after=norm(weights, f"{prefix}.post_layernorm", tower.eps),
        projection=None,
    )


def text_plan(files: ModelFiles, prefix: str = "") -> TextPlan:
    """The text tower, for ids that end in the end token. Source: CLIPTextModel."""
    weights, tower = Weights(files.folder, files.tensors), files.config.text
    place = f"{prefix}text_model"
    table = f"{place}.embeddings.token_embedding.weight"
    return TextPlan(
        rows=lambda ids: weights.rows(table, ids),
        positions=weights.read(f"{place}.embeddings.position_embedding.weight"),
        before=None,
        stack=stack(weights, f"{place}.encoder.layers", tower, causal=True),
        pool=Pool.LAST,
        after=norm(weights, f"{place}.final_layer_norm", tower.eps),
        projection=Linear(weights.read(f"{prefix}text_projection.weight"), None),
    )


def expected_shapes(config: ModelConfig) -> Iterator[Shape]:
    """Every weight of a CLIPModel with its shape. Source: transformers' modeling_clip."""
    yield "logit_scale", ()
    yield "visual_projection.weight", (config.dim, config.vision.hidden)
    yield "text_projection.weight", (config.dim, config.text.hidden)
    yield from vision_shapes("vision_model", config.vision, before="pre_layrnorm")
    yield from text_shapes("text_model", config.text)


def vision_shapes(prefix: str, tower: TowerConfig, *, before: str) -> Iterator[Shape]:
    """Every weight that `vision_plan` reads, the projection apart."""
    place = f"{prefix}.embeddings"
    yield f"{place}.class_embedding", (tower.hidden,)
    yield (
        f"{place}.patch_embedding.weight",
        (tower.hidden, 3, tower.patch_size, tower.patch_size),
    )
    yield f"{place}.position_embedding.weight", (tower.patches + 1, tower.hidden)
    yield from norm_shapes(f"{prefix}.{before}", tower.hidden)
    yield from norm_shapes(f"{prefix}.post_layernorm", tower.hidden)
    yield from stack_shapes(f"{prefix}.encoder.layers", tower)


def text_shapes(prefix: str, tower: TowerConfig) -> Iterator[Shape]:
    """Every weight of a text tower in CLIP's names, the projection apart."""
    place = f"{prefix}.embeddings"
    yield f"{place}.token_embedding.weight", (tower.vocabulary, tower.hidden)
    yield f"{place}.position_embedding.weight", (tower.positions, tower.hidden)
    yield from norm_shapes(f"{prefix}.final_layer_norm", tower.hidden)
    yield from stack_shapes(f"{prefix}.encoder.layers", tower)


def tokenizer(files: ModelFiles) -> ClipTokenizer:
    """Start, byte pairs, end; nothing after the end, where a causal tower never looks."""
    tower = files.config.text
    return ClipTokenizer(files.folder, tower.vocabulary, tower.positions, tower.eos_token_id)


CLIP = Family(
    name="clip",
    model_type="clip",
    class_name="CLIPModel",
    slot=ModelSlot.SEARCH,
    sigmoid=False,
    template="a photo of a {}",
    words_files=(("tokenizer.json",), ("vocab.json", "merges.txt")),
    usual=Usual(keep_aspect=True, crop=True),
    read_config=read_config,
    expected_shapes=expected_shapes,
    image_plan=image_plan,
    text_plan=text_plan,
    tokenizer=tokenizer,
)
