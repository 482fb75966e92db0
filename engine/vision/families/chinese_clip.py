"""The family of `transformers.ChineseCLIPModel`: CLIP's image tower, BERT for the words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import ModelInvalid
from engine.types import ModelSlot
from engine.vision.checkpoint import REMEDY, JsonObject
from engine.vision.families import clip
from engine.vision.families.family import Family
from engine.vision.families.layers import (
    Shape,
    activation,
    dense,
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
from engine.vision.tokenizer import BertTokenizer
from engine.vision.tower import Layer, Linear, Pool, Stack, TextPlan
from engine.vision.weights import Weights

if TYPE_CHECKING:
    from engine.vision.models import ModelFiles

MOST_TOKENS = 52
"""Of a caption in training; BERT would take 512. Source: Chinese-CLIP's `context_length`."""

_TEXT = TowerConfig(
    768, 3072, 12, 12, "gelu", 1e-12, vocabulary=30522, positions=512, token_types=2
)
_EMBEDDINGS = "text_model.embeddings"


def read_config(path: Path, raw: JsonObject) -> ModelConfig:
    """Source of the defaults: transformers' configuration_chinese_clip."""
    text = part(raw, "text_config", old=True)
    if text.get("position_embedding_type", "absolute") != "absolute":
        raise ModelInvalid(f"{path} describes a text tower that we cannot build. {REMEDY}")
    return ModelConfig(
        number(path, raw, "projection_dim", 512, 65536),
        vision_tower(path, part(raw, "vision_config", old=True), clip.VISION),
        text_tower(path, text, _TEXT),
    )


def text_plan(files: ModelFiles) -> TextPlan:
    """The text tower. Source: transformers' modeling_chinese_clip, ChineseCLIPTextModel.

    All words are of one sentence, so the first row of the token types belongs to each position.
    """
    weights, tower = Weights(files.folder, files.tensors), files.config.text
    types = weights.read(f"{_EMBEDDINGS}.token_type_embeddings.weight")
    return TextPlan(
        rows=lambda ids: weights.rows(f"{_EMBEDDINGS}.word_embeddings.weight", ids),
        positions=weights.read(f"{_EMBEDDINGS}.position_embeddings.weight") + types[0],
        before=norm(weights, f"{_EMBEDDINGS}.LayerNorm", tower.eps),
        stack=_stack(weights, tower),
        pool=Pool.FIRST,
        after=None,
        projection=Linear(weights.read("text_projection.weight"), None),
    )


def _stack(weights: Weights, tower: TowerConfig) -> Stack:
    def layer(n: int) -> Layer:
        here = f"text_model.encoder.layer.{n}"
        wide, narrow = dense(weights, f"{here}.intermediate.dense", f"{here}.output.dense", tower)
        attention = [
            linear(weights, f"{here}.attention.self.{name}") for name in ("query", "key", "value")
        ]
        return Layer(
            norm1=norm(weights, f"{here}.attention.output.LayerNorm", tower.eps),
            qkv=joined(attention),
            out=linear(weights, f"{here}.attention.output.dense"),
            norm2=norm(weights, f"{here}.output.LayerNorm", tower.eps),
            wide=wide,
            narrow=narrow,
        )

    return Stack(tower.layers, tower.hidden, tower.heads, activation(tower), layer, norm_after=True)


def expected_shapes(config: ModelConfig) -> Iterator[Shape]:
    """Every weight of a ChineseCLIPModel with its shape."""
    text = config.text
    yield "logit_scale", ()
    yield "visual_projection.weight", (config.dim, config.vision.hidden)
    yield "text_projection.weight", (config.dim, text.hidden)
    yield from clip.vision_shapes("vision_model", config.vision, before="pre_layrnorm")
    yield f"{_EMBEDDINGS}.word_embeddings.weight", (text.vocabulary, text.hidden)
    yield f"{_EMBEDDINGS}.position_embeddings.weight", (text.positions, text.hidden)
    yield f"{_EMBEDDINGS}.token_type_embeddings.weight", (text.token_types, text.hidden)
    yield from norm_shapes(f"{_EMBEDDINGS}.LayerNorm", text.hidden)
    for n in range(text.layers):
        here = f"text_model.encoder.layer.{n}"
        for name in ("self.query", "self.key", "self.value", "output.dense"):
            yield from linear_shapes(f"{here}.attention.{name}", text.hidden, text.hidden)
        yield from norm_shapes(f"{here}.attention.output.LayerNorm", text.hidden)
        yield from linear_shapes(f"{here}.intermediate.dense", text.intermediate, text.hidden)
        yield from linear_shapes(f"{here}.output.dense", text.hidden, text.intermediate)
        yield from norm_shapes(f"{here}.output.LayerNorm", text.hidden)


def tokenizer(files: ModelFiles) -> BertTokenizer:
    """[CLS], word pieces, [SEP]; Chinese characters are words of their own."""
    tower = files.config.text
    return BertTokenizer(files.folder, tower.vocabulary, min(MOST_TOKENS, tower.positions))


CHINESE_CLIP = Family(
    name="chinese_clip",
    model_type="chinese_clip",
    class_name="ChineseCLIPModel",
    slot=ModelSlot.SEARCH,
    sigmoid=False,
    template="一张{}的照片",
    words_files=(("tokenizer.json",), ("vocab.txt",)),
    usual=Usual(keep_aspect=True, crop=True),
    read_config=read_config,
    expected_shapes=expected_shapes,
    image_plan=clip.image_plan,
    text_plan=text_plan,
    tokenizer=tokenizer,
)
