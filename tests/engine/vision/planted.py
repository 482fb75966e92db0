"""Random towers with what training leaves in real ones: a few channels far larger than the rest."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.vision.tower import (
    Activation,
    Floats,
    ImagePlan,
    Layer,
    Linear,
    Norm,
    Pool,
    Stack,
    fold_pixels,
)

PHOTOS = Path(__file__).resolve().parents[3].parent / "shared" / "data" / "photos"


def random_plan(hidden: int, depth: int, size: int, patch: int, dim: int) -> ImagePlan:
    """A CLIP-like image tower; its layers are made once, when asked for."""
    random = np.random.default_rng(3)

    @cache
    def layer(n: int) -> Layer:
        mine = np.random.default_rng(100 + n)
        return Layer(
            norm1=_norm(mine, hidden),
            qkv=_linear(mine, 3 * hidden, hidden),
            out=_linear(mine, hidden, hidden),
            norm2=_norm(mine, hidden),
            wide=_linear(mine, 4 * hidden, hidden),
            narrow=_linear(mine, hidden, 4 * hidden),
        )

    kernel = _normal(random, hidden, 3, patch, patch) / np.float32(patch)
    side = size // patch
    return ImagePlan(
        size=size,
        patch=patch,
        patches=fold_pixels(kernel, None, (0.48, 0.46, 0.41), (0.27, 0.26, 0.28)),
        class_token=_normal(random, hidden) * np.float32(0.1),
        positions=_normal(random, side * side, hidden) * np.float32(0.1),
        before=_norm(random, hidden),
        stack=Stack(depth, hidden, hidden // 64, Activation.SILU, layer),
        pool=Pool.FIRST,
        after=_norm(random, hidden),
        projection=Linear(_normal(random, dim, hidden) * np.float32(hidden**-0.5), None),
    )


def with_outliers(plan: ImagePlan, channels: int = 4, weight: float = 0.5) -> ImagePlan:
    """The same with a few channels behind each norm 20 to 40 times larger.

    Args:
        plan: the tower.
        channels: how many.
        weight: how much of it the weights that read them make up for (1: all). Training keeps
            the product in bounds; with 0 these channels alone would decide everything.
    """
    base = plan.stack.layer

    def layer(n: int) -> Layer:
        random = np.random.default_rng(n)
        made = base(n)
        norm1, qkv = _large(random, made.norm1, made.qkv, channels, weight)
        norm2, wide = _large(random, made.norm2, made.wide, channels, weight)
        return replace(made, norm1=norm1, qkv=qkv, norm2=norm2, wide=wide)

    return replace(plan, stack=replace(plan.stack, layer=layer))


def real_pixels(crop: int, count: int) -> NDArray[np.uint8] | None:
    """(count, crop, crop, 3) of the photos beside the checkout; None where they are absent."""
    from PIL import Image

    paths = sorted(PHOTOS.rglob("*.jpg"))
    if len(paths) < count:
        return None
    found: list[Any] = []
    for place in np.random.default_rng(1).permutation(len(paths))[:count]:
        with Image.open(paths[place]) as opened:
            scale = crop / min(opened.size)
            width, height = (max(crop, round(edge * scale)) for edge in opened.size)
            left, top = (width - crop) // 2, (height - crop) // 2
            picture = opened.convert("RGB").resize((width, height), Image.Resampling.BICUBIC)
            found.append(np.asarray(picture.crop((left, top, left + crop, top + crop))))
    return np.stack(found)


def _large(
    random: np.random.Generator, norm: Norm, reader: Linear, channels: int, weight: float
) -> tuple[Norm, Linear]:
    factors = np.ones(len(norm.weight), np.float32)
    places = random.choice(len(factors), channels, replace=False)
    factors[places] = random.uniform(20, 40, channels)
    return (
        replace(norm, weight=norm.weight * factors),
        replace(reader, weight=reader.weight / factors**weight),
    )


def _normal(random: np.random.Generator, *shape: int) -> Floats:
    return random.standard_normal(shape, np.float32)


def _linear(random: np.random.Generator, rows: int, columns: int) -> Linear:
    # about as large as trained ones: what goes in keeps its size
    weight = _normal(random, rows, columns) * np.float32(0.7 * columns**-0.5)
    return Linear(weight, _normal(random, rows) * np.float32(0.02))


def _norm(random: np.random.Generator, width: int) -> Norm:
    spread = _normal(random, width) * np.float32(0.1)
    return Norm(1 + spread, _normal(random, width) * np.float32(0.05), 1e-5)
