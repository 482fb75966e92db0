"""Where in a photo some words are: the last layer's look at each patch, compared with the words."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from engine.errors import ModelError
from engine.vision import runtime
from engine.vision.embedding import normalise
from engine.vision.engines import EngineFailed, Way
from engine.vision.families import FAMILIES
from engine.vision.measuring import CANNOT
from engine.vision.tower import Activation, AttentionPool, ImagePlan, Linear, Norm, Pool

if TYPE_CHECKING:
    from engine.types import Embeddings, InputSpec
    from engine.vision.models import ModelFiles

Floats = NDArray[np.float32]

_WAYS = (Way("openvino", "cpu", "fp32"), Way("torch", "cpu", "fp32"))
_STANDS_OUT = 1.0  # spreads above the usual prompts' middle, below which a patch is cold


def patches(
    files: ModelFiles, pixels: NDArray[np.uint8], words: Floats, usual: Embeddings
) -> Floats:
    """How much each patch looks like the words, 0..1.

    Each patch gives the vector that the whole photo would have if the pooled token had looked at
    this patch alone in the last layer: its value through the output product, the token's own state
    kept. That vector is compared with the words and, patch by patch, with everyday prompts, so
    that patches which are like everything (as CLIP's are) stay cold.

    Args:
        files: a checkpoint for search, of any family that pools one token: all that we know.
        pixels: (crop, crop, 3) uint8, as its `spec` says.
        words: (dim,) length 1.
        usual: (n, dim) everyday prompts.

    Returns:
        (rows, columns).

    Raises:
        ModelError: nothing on this computer computes it.

    Source: values instead of attention in the last layer, Zhou et al. 2022 (arXiv:2112.01071,
    MaskCLIP); ours keeps the token's state and the dense part, as the tower was trained with.
    """
    plan = FAMILIES[files.family].image_plan(files)
    rows = normalise(_values(plan, _tokens(plan, pixels)))
    fits, general = rows @ words, rows @ usual.T
    middle = np.median(general, axis=1)
    spread = max(1.4826 * float(np.median(np.abs(general - middle[:, None]))), 1e-6)
    above = (fits - middle) / spread
    above = above - max(float(np.median(above)), _STANDS_OUT)
    side = plan.size // plan.patch
    highest = float(above.max())
    if highest <= 0:
        return np.zeros((side, side), np.float32)
    return np.clip(above / highest, 0, 1).astype(np.float32).reshape(side, side)


def over_photo(seen: Floats, spec: InputSpec, width: int, height: int) -> Floats:
    """Patches of what the model saw as a grid over the whole upright photo; NaN: never seen.

    Args:
        seen: (rows, columns) of `patches`.
        spec: how the photo was cut for the model.
        width: of the upright photo.
        height: likewise.
    """
    if spec.pad:
        raise ValueError("a model for search pads nothing")
    if not spec.keep_aspect:
        return seen
    scale = spec.resize / min(width, height)
    side = len(seen)
    wide, high = (max(side, round(side * edge * scale / spec.crop)) for edge in (width, height))
    whole = np.full((high, wide), np.nan, np.float32)
    top, left = (high - side) // 2, (wide - side) // 2
    whole[top : top + side, left : left + side] = seen
    return whole


def _tokens(plan: ImagePlan, pixels: NDArray[np.uint8]) -> Floats:
    """(tokens, hidden): what goes into the last layer, or into the pooling where that attends."""
    if isinstance(plan.pool, AttentionPool):
        shorter = replace(plan, pool=Pool.ALL, projection=None)
    else:
        stack = replace(plan.stack, depth=plan.stack.depth - 1)
        shorter = replace(plan, pool=Pool.ALL, after=None, projection=None, stack=stack)
    failed: list[str] = []
    for way in _WAYS:
        try:
            engine = runtime.open_image(shorter, way)
            try:
                return engine(pixels[None])[0]
            finally:
                engine.close()
        except EngineFailed as error:
            failed.append(str(error))
    raise ModelError(f"{CANNOT} {'; '.join(failed)}")


def _values(plan: ImagePlan, tokens: Floats) -> Floats:
    """(patches, dim): the photo's vector as each patch alone would make it."""
    pool = plan.pool
    kind = plan.stack.activation
    if isinstance(pool, AttentionPool):
        value = Linear(*(part[len(part) // 2 :] for part in _both(pool.kv)))
        x = _linear(_linear(tokens, value), pool.out)
        x = x + _dense(_norm(x, pool.norm), pool.wide, pool.narrow, kind)
        return x if plan.projection is None else _linear(x, plan.projection)
    layer = plan.stack.layer(plan.stack.depth - 1)
    value = Linear(*(part[2 * len(part) // 3 :] for part in _both(layer.qkv)))
    before = tokens if plan.stack.norm_after else _norm(tokens, layer.norm1)
    x = tokens[:1] + _linear(_linear(before[1:], value), layer.out)
    if plan.stack.norm_after:
        x = _norm(x, layer.norm1)
        x = _norm(x + _dense(x, layer.wide, layer.narrow, kind), layer.norm2)
    else:
        x = x + _dense(_norm(x, layer.norm2), layer.wide, layer.narrow, kind)
    x = x if plan.after is None else _norm(x, plan.after)
    return x if plan.projection is None else _linear(x, plan.projection)


def _both(part: Linear) -> tuple[Floats, Floats]:
    bias = part.bias
    return part.weight, np.zeros(len(part.weight), np.float32) if bias is None else bias


def _linear(x: Floats, part: Linear) -> Floats:
    y = x @ part.weight.T
    return y if part.bias is None else y + part.bias


def _norm(x: Floats, part: Norm) -> Floats:
    centred = x - x.mean(-1, keepdims=True)
    spread = np.sqrt((centred**2).mean(-1, keepdims=True) + part.eps)
    return centred / spread * part.weight + part.bias


def _dense(x: Floats, wide: Linear, narrow: Linear, kind: Activation) -> Floats:
    return _linear(_activated(_linear(x, wide), kind), narrow)


def _activated(x: Floats, kind: Activation) -> Floats:
    one = np.float32(1)
    if kind is Activation.RELU:
        return np.maximum(x, 0)
    if kind is Activation.SILU:
        return (x / (one + np.exp(-np.clip(x, -60, 60)))).astype(np.float32)
    inner = np.float32(np.sqrt(2 / np.pi)) * (x + np.float32(0.044715) * x**3)
    return (x * (one + np.tanh(inner)) / 2).astype(
        np.float32
    )  # of the exact one it differs in the fourth place
