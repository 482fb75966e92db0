"""Runs a tower's plan in plain numpy: slow, short, and independent of every engine."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.vision.tower import (
    MIDDLE,
    Activation,
    AttentionPool,
    Heads,
    ImagePlan,
    Layer,
    Linear,
    Norm,
    Pool,
    Stack,
    TextPlan,
)

Array = NDArray[np.float64]


def run_image(plan: ImagePlan, pixels: NDArray[np.uint8]) -> Array:
    """(n, size, size, 3) uint8 → (n, dim), (n, tokens, dim), or a detector's columns."""
    count, side = len(pixels), plan.size // plan.patch
    cut = pixels[:, : side * plan.patch, : side * plan.patch].astype(np.float64) - MIDDLE
    rows = cut.reshape(count, side, plan.patch, side, plan.patch, 3).transpose(0, 1, 3, 2, 4, 5)
    x = linear(plan.patches, rows.reshape(count, side * side, -1)) + plan.positions
    if plan.class_token is not None:
        first = np.broadcast_to(plan.class_token.astype(np.float64), (count, 1, x.shape[2]))
        x = np.concatenate([first, x], 1)
    x = stack(plan.stack, norm(plan.before, x))
    if isinstance(plan.pool, AttentionPool):
        x = attention_pool(plan.pool, norm(plan.after, x), plan.stack)
    else:
        x = norm(plan.after, pooled(plan.pool, x))
    x = linear(plan.projection, x)
    return x if plan.heads is None else run_heads(plan.heads, x)


def run_heads(heads: Heads, tokens: Array) -> Array:
    """(n, 1 + patches, hidden) → (n, patches, columns)."""
    x = norm(heads.norm, tokens[:, 1:] * tokens[:, :1])
    words = linear(heads.words, x)
    last = words[..., -1:]
    parts = [words[..., :-1], np.where(last > 0, last, np.expm1(last)) + 1,
             (1 + np.tanh((three(heads.box, x) + heads.place) / 2)) / 2]  # fmt: skip
    if heads.objectness is not None:
        parts.append(three(heads.objectness, x))
    return np.concatenate(parts, -1)


def three(parts: tuple[Linear, Linear, Linear], x: Array) -> Array:
    for part in parts[:2]:
        x = activate(Activation.GELU, linear(part, x))
    return linear(parts[2], x)


def run_text(plan: TextPlan, rows: list[list[int]]) -> Array:
    """Rows of ids, of any lengths → (n, dim)."""
    vectors: list[Array] = []
    for row in rows:
        ids = np.asarray([row], np.int64)
        x = plan.rows(ids).astype(np.float64) + plan.positions[: len(row)]
        x = stack(plan.stack, norm(plan.before, x))
        vectors.append(linear(plan.projection, norm(plan.after, pooled(plan.pool, x))))
    return np.concatenate(vectors)


def linear(part: Linear | None, x: Array) -> Array:
    if part is None:
        return x
    y = x @ part.weight.astype(np.float64).T
    return y if part.bias is None else y + part.bias


def norm(part: Norm | None, x: Array) -> Array:
    if part is None:
        return x
    centred = x - x.mean(-1, keepdims=True)
    spread = np.sqrt((centred**2).mean(-1, keepdims=True) + part.eps)
    return centred / spread * part.weight + part.bias


def pooled(pool: Pool, x: Array) -> Array:
    return {Pool.FIRST: x[:, 0], Pool.LAST: x[:, -1], Pool.ALL: x}[pool]


def stack(part: Stack, x: Array) -> Array:
    for n in range(part.depth):
        x = layer(part, part.layer(n), x)
    return x


def layer(part: Stack, weights: Layer, x: Array) -> Array:
    def attention(y: Array) -> Array:
        query, key, value = np.split(linear(weights.qkv, y), 3, -1)
        return linear(weights.out, attend(query, key, value, part.heads, causal=part.causal))

    def dense(y: Array) -> Array:
        return linear(weights.narrow, activate(part.activation, linear(weights.wide, y)))

    if part.norm_after:
        x = norm(weights.norm1, x + attention(x))
        return norm(weights.norm2, x + dense(x))
    x = x + attention(norm(weights.norm1, x))
    return x + dense(norm(weights.norm2, x))


def attend(query: Array, key: Array, value: Array, heads: int, *, causal: bool = False) -> Array:
    def split(x: Array) -> Array:
        return x.reshape(*x.shape[:2], heads, -1).swapaxes(1, 2)

    q, k, v = split(query), split(key), split(value)
    scores = q @ k.swapaxes(-1, -2) / math.sqrt(q.shape[-1])
    if causal:
        scores = np.where(np.tri(scores.shape[-1], dtype=bool), scores, -np.inf)
    shares = np.exp(scores - scores.max(-1, keepdims=True))
    seen = shares / shares.sum(-1, keepdims=True) @ v
    return seen.swapaxes(1, 2).reshape(query.shape)


def attention_pool(part: AttentionPool, x: Array, stack: Stack) -> Array:
    key, value = np.split(linear(part.kv, x), 2, -1)
    query = np.broadcast_to(part.query.astype(np.float64), (len(x), 1, x.shape[2]))
    y = linear(part.out, attend(query, key, value, stack.heads))[:, 0]
    wide = activate(stack.activation, linear(part.wide, norm(part.norm, y)))
    return y + linear(part.narrow, wide)


def activate(kind: Activation, x: Array) -> Array:
    if kind is Activation.RELU:
        return np.maximum(x, 0)
    if kind is Activation.SILU:
        return x / (1 + np.exp(-x))
    if kind is Activation.GELU_TANH:
        return 0.5 * x * (1 + np.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)))
    erf: Any = np.vectorize(math.erf)
    return 0.5 * x * (1 + erf(x / math.sqrt(2)))


def unit(x: NDArray[Any]) -> NDArray[Any]:
    """Rows scaled to length 1."""
    return x / np.linalg.norm(x, axis=-1, keepdims=True)
