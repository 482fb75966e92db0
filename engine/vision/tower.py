"""What a tower computes, as plain numbers: every family is brought to this one shape.

A family module reads a checkpoint into these parts; the engines (torch, OpenVINO) run them. The
parts hold fp32 arrays as the checkpoint has them, with what a fixed, trained tower allows: pixel
normalisation folded into the patch weights, one product for query, key and value, a learned
query that never changes computed once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MIDDLE = 128
"""Taken from each pixel before the patch product: small integers are exact in bf16 and fp16."""


@dataclass(frozen=True, slots=True)
class Linear:
    """x → x · weightᵀ + bias; weight (out, in), bias (out,) or None."""

    weight: Floats
    bias: Floats | None


@dataclass(frozen=True, slots=True)
class Norm:
    """Layer normalisation over the last axis."""

    weight: Floats
    bias: Floats
    eps: float


@dataclass(frozen=True, slots=True)
class Layer:
    """One transformer layer: attention, then two dense products, each added to its input.

    `qkv` has 3 · hidden rows: all of the query, of the key, of the value. With
    `Stack.norm_after` off, each norm comes before its part (CLIP); on, after the addition (BERT).
    """

    norm1: Norm
    qkv: Linear
    out: Linear
    norm2: Norm
    wide: Linear
    narrow: Linear


class Activation(Enum):
    """Between `wide` and `narrow`. quick_gelu has become SILU: its factor lives in the weights."""

    GELU = "gelu"
    GELU_TANH = "gelu_tanh"
    SILU = "silu"
    RELU = "relu"


@dataclass(frozen=True, slots=True)
class Stack:
    """The layers of a tower. `layer(n)` reads layer n from disk, so memory holds a tower once."""

    depth: int
    hidden: int
    heads: int
    activation: Activation
    layer: Callable[[int], Layer]
    causal: bool = False
    norm_after: bool = False


@dataclass(frozen=True, slots=True)
class AttentionPool:
    """SigLIP's pooling: one learned query looks at all tokens, then a dense part is added.

    `query` is (hidden,), already projected. y = out(attention(query, kv(x))); the result is
    y + narrow(activation(wide(norm(y)))).
    """

    query: Floats
    kv: Linear  # 2 · hidden rows: all of the key, then all of the value
    out: Linear
    norm: Norm
    wide: Linear
    narrow: Linear


class Pool(Enum):
    """Which token stands for the whole."""

    FIRST = "first"
    LAST = "last"
    ALL = "all"  # none: every token is given back (detection)


@dataclass(frozen=True, slots=True)
class Heads:
    """What a detector reads from each patch.

    Tokens (n, 1 + patches, hidden) → (n, patches, columns). Each patch is multiplied with the
    class token and normed by `norm`; of that come, side by side: `words` as it is but for its
    last column, of which 1 + elu is taken; the sigmoid of `box` + `place`; and `objectness`,
    where there is one. `box` and `objectness` are three products with GELU between. Columns: the
    class embedding (dim, not of length 1), shift and scale of the logits, the box (centre x,
    centre y, width, height of 0..1), objectness.
    """

    norm: Norm
    words: Linear  # (dim + 2, hidden)
    box: tuple[Linear, Linear, Linear]
    place: Floats  # (patches, 4)
    objectness: tuple[Linear, Linear, Linear] | None = None


@dataclass(frozen=True, slots=True)
class ImagePlan:
    """uint8 pixels (n, size, size, 3) → (n, dim), or (n, tokens, dim) where `pool` is ALL.

    Tokens are the class token, where there is one, then the patches row by row. The order:
    patches, positions, class token, `before`, layers, then
    - `pool` FIRST/LAST/ALL: that token (or all), `after`, `projection`, with ALL also `heads`
      in fp32, whatever the precision of the rest: boxes are told to the pixel;
    - an `AttentionPool`: `after` on all tokens, the pooling, `projection`.
    """

    size: int
    patch: int
    patches: Linear  # (hidden, patch · patch · 3) over (row, column, channel) of pixel - MIDDLE
    class_token: Floats | None  # (hidden,), its position added
    positions: Floats  # (patches, hidden)
    before: Norm | None
    stack: Stack
    pool: Pool | AttentionPool
    after: Norm | None
    projection: Linear | None
    heads: Heads | None = None


@dataclass(frozen=True, slots=True)
class TextPlan:
    """Token ids → (n, dim). All rows of one call have the same number of tokens, no padding mask.

    `rows(ids)` reads embedding rows from disk, (n, tokens) int64 → (n, tokens, hidden): a table of
    256,000 words need not lie in memory for a query of nine. Then positions, `before`, layers,
    the pooled token, `after`, `projection`.
    """

    rows: Callable[[NDArray[np.int64]], Floats]
    positions: Floats  # (most tokens, hidden)
    before: Norm | None
    stack: Stack
    pool: Pool
    after: Norm | None
    projection: Linear | None


def fold_pixels(
    kernel: Floats, bias: Floats | None, mean: tuple[float, ...], std: tuple[float, ...]
) -> Linear:
    """A patch convolution over normalised pixels as one product over raw ones.

    Args:
        kernel: (hidden, 3, patch, patch).
        bias: (hidden,) or None.
        mean: of 0..1 pixels, per channel.
        std: likewise.
    """
    centre = np.asarray(mean, np.float64).reshape(1, 3, 1, 1)
    spread = np.asarray(std, np.float64).reshape(1, 3, 1, 1)
    exact = kernel.astype(np.float64)
    shift = (exact * ((MIDDLE / 255 - centre) / spread)).sum((1, 2, 3))
    if bias is not None:
        shift += bias
    folded = (exact / (255 * spread)).transpose(0, 2, 3, 1).reshape(len(kernel), -1)
    return Linear(np.ascontiguousarray(folded, np.float32), shift.astype(np.float32))
