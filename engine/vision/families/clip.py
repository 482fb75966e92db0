"""The family of `transformers.CLIPModel`: its two towers as plans."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.vision.tower import (
    Activation,
    ImagePlan,
    Layer,
    Linear,
    Norm,
    Pool,
    Stack,
    TextPlan,
    fold_pixels,
)
from engine.vision.weights import Weights

if TYPE_CHECKING:
    from engine.vision.checkpoint import TowerConfig
    from engine.vision.models import ModelFiles

_QUICK = 1.702  # quick_gelu(x) = x · sigmoid(1.702 x) = silu(1.702 x) / 1.702
_ACTIVATIONS = {
    "quick_gelu": Activation.SILU,
    "silu": Activation.SILU,
    "relu": Activation.RELU,
    "gelu": Activation.GELU,
    "gelu_new": Activation.GELU_TANH,
    "gelu_pytorch_tanh": Activation.GELU_TANH,
}


def image_plan(files: ModelFiles) -> ImagePlan:
    """The image tower. Source: transformers' modeling_clip, CLIPVisionTransformer."""
    weights, tower = Weights(files.folder, files.tensors), files.config.vision
    place = "vision_model.embeddings"
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
        before=norm(weights, "vision_model.pre_layrnorm", tower.eps),
        stack=stack(weights, "vision_model.encoder.layers", tower, causal=False),
        pool=Pool.FIRST,
        after=norm(weights, "vision_model.post_layernorm", tower.eps),
        projection=Linear(weights.read("visual_projection.weight"), None),
    )


def text_plan(files: ModelFiles) -> TextPlan:
    """The text tower, for ids that end in the end token. Source: CLIPTextTransformer."""
    weights, tower = Weights(files.folder, files.tensors), files.config.text
    table = "text_model.embeddings.token_embedding.weight"
    return TextPlan(
        rows=lambda ids: weights.rows(table, ids),
        positions=weights.read("text_model.embeddings.position_embedding.weight"),
        before=None,
        stack=stack(weights, "text_model.encoder.layers", tower, causal=True),
        pool=Pool.LAST,
        after=norm(weights, "text_model.final_layer_norm", tower.eps),
        projection=Linear(weights.read("text_projection.weight"), None),
    )


def stack(weights: Weights, prefix: str, tower: TowerConfig, *, causal: bool) -> Stack:
    """The layers in the names that CLIP, SigLIP and OWL-ViT share."""
    quick = _QUICK if tower.activation == "quick_gelu" else 1.0

    def layer(n: int) -> Layer:
        here = f"{prefix}.{n}"
        attention = [linear(weights, f"{here}.self_attn.{part}_proj") for part in "qkv"]
        wide = linear(weights, f"{here}.mlp.fc1")
        narrow = linear(weights, f"{here}.mlp.fc2")
        return Layer(
            norm1=norm(weights, f"{here}.layer_norm1", tower.eps),
            qkv=joined(attention),
            out=linear(weights, f"{here}.self_attn.out_proj"),
            norm2=norm(weights, f"{here}.layer_norm2", tower.eps),
            wide=wide if quick == 1 else scaled(wide, np.float32(quick), bias=True),
            narrow=narrow if quick == 1 else scaled(narrow, np.float32(1 / quick), bias=False),
        )

    return Stack(
        tower.layers,
        tower.hidden,
        tower.heads,
        _ACTIVATIONS[tower.activation],
        layer,
        causal=causal,
    )


def linear(weights: Weights, name: str) -> Linear:
    """A product with its bias, by the name of its module."""
    return Linear(weights.read(f"{name}.weight"), weights.read(f"{name}.bias"))


def norm(weights: Weights, name: str, eps: float) -> Norm:
    """A layer normalisation, by the name of its module."""
    return Norm(weights.read(f"{name}.weight"), weights.read(f"{name}.bias"), eps)


def joined(parts: list[Linear]) -> Linear:
    """Several products over the same input as one."""
    biases = [part.bias for part in parts if part.bias is not None]
    return Linear(
        np.concatenate([part.weight for part in parts]),
        np.concatenate(biases) if biases else None,
    )


def scaled(part: Linear, factor: np.float32, *, bias: bool) -> Linear:
    """A product times a factor, with or without its bias."""
    shift = part.bias if part.bias is None or not bias else part.bias * factor
    return Linear(part.weight * factor, shift)
