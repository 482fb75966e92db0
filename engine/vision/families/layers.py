"""What the families share: transformer layers by the names that CLIP gave them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from engine.vision.tower import Activation, Layer, Linear, Norm, Stack
from engine.vision.weights import Weights

if TYPE_CHECKING:
    from engine.vision.model_config import TowerConfig

Shape = tuple[str, tuple[int, ...]]

_QUICK = 1.702  # quick_gelu(x) = x · sigmoid(1.702 x) = silu(1.702 x) / 1.702
_ACTIVATIONS = {
    "quick_gelu": Activation.SILU,
    "silu": Activation.SILU,
    "relu": Activation.RELU,
    "gelu": Activation.GELU,
    "gelu_new": Activation.GELU_TANH,
    "gelu_pytorch_tanh": Activation.GELU_TANH,
}


def activation(tower: TowerConfig) -> Activation:
    """What lies between the dense products; `dense` brings quick_gelu's factor into them."""
    return _ACTIVATIONS[tower.activation]


def stack(weights: Weights, prefix: str, tower: TowerConfig, *, causal: bool) -> Stack:
    """The layers in the names that CLIP, SigLIP and OWL-ViT share."""

    def layer(n: int) -> Layer:
        here = f"{prefix}.{n}"
        wide, narrow = dense(weights, f"{here}.mlp.fc1", f"{here}.mlp.fc2", tower)
        return Layer(
            norm1=norm(weights, f"{here}.layer_norm1", tower.eps),
            qkv=joined([linear(weights, f"{here}.self_attn.{part}_proj") for part in "qkv"]),
            out=linear(weights, f"{here}.self_attn.out_proj"),
            norm2=norm(weights, f"{here}.layer_norm2", tower.eps),
            wide=wide,
            narrow=narrow,
        )

    return Stack(tower.layers, tower.hidden, tower.heads, activation(tower), layer, causal=causal)


def dense(weights: Weights, wide: str, narrow: str, tower: TowerConfig) -> tuple[Linear, Linear]:
    """The two products around the activation, with quick_gelu's factor inside."""
    first, second = linear(weights, wide), linear(weights, narrow)
    if tower.activation == "quick_gelu":
        bias = first.bias
        first = Linear(
            first.weight * np.float32(_QUICK), None if bias is None else bias * np.float32(_QUICK)
        )
        second = Linear(second.weight * np.float32(1 / _QUICK), second.bias)
    return first, second


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


def stack_shapes(prefix: str, tower: TowerConfig) -> Iterator[Shape]:
    """Every weight of the layers that `stack` reads."""
    for n in range(tower.layers):
        here = f"{prefix}.{n}"
        for part in ("k", "v", "q", "out"):
            yield from linear_shapes(f"{here}.self_attn.{part}_proj", tower.hidden, tower.hidden)
        for name in ("layer_norm1", "layer_norm2"):
            yield from norm_shapes(f"{here}.{name}", tower.hidden)
        yield from linear_shapes(f"{here}.mlp.fc1", tower.intermediate, tower.hidden)
        yield from linear_shapes(f"{here}.mlp.fc2", tower.hidden, tower.intermediate)


def linear_shapes(name: str, out: int, into: int) -> Iterator[Shape]:
    """Weight and bias of a product."""
    yield f"{name}.weight", (out, into)
    yield f"{name}.bias", (out,)


def norm_shapes(name: str, width: int) -> Iterator[Shape]:
    """Weight and bias of a layer normalisation."""
    yield f"{name}.weight", (width,)
    yield f"{name}.bias", (width,)
