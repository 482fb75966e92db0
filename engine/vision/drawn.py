"""Plain drawn pictures with captions: what any model that knows the world tells apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Drawn:
    """Pictures and, in the same order, what each of them shows."""

    pixels: Pixels  # (n, size, size, 3)
    captions: tuple[str, ...]


_COLOURS = {
    "red": (215, 25, 30),
    "green": (30, 150, 50),
    "blue": (25, 60, 200),
    "yellow": (245, 220, 30),
    "black": (8, 8, 8),
    "white": (250, 250, 250),
}
_ENGLISH = (
    *(f"a plain {name} picture" for name in _COLOURS),
    "a chessboard",
    "a red circle on a white background",
)
_CHINESE = (
    *(f"一张纯{name}的图片" for name in ("红色", "绿色", "蓝色", "黄色", "黑色", "白色")),
    "国际象棋棋盘",
    "白色背景上的红色圆形",
)


def draw(size: int, *, chinese: bool = False) -> Drawn:
    """Eight pictures of size x size pixels: six plain colours, a chessboard, a red circle."""
    random = np.random.default_rng(7)
    y, x = np.mgrid[0:size, 0:size] / size
    flat = [np.broadcast_to(np.array(c, np.float64), (size, size, 3)) for c in _COLOURS.values()]
    squares = ((x * 8).astype(int) + (y * 8).astype(int)) % 2
    chess = np.repeat(squares[..., None] * 215.0 + 20, 3, axis=2)
    inside = ((x - 0.5) ** 2 + (y - 0.5) ** 2 < 0.09)[..., None]
    circle = np.where(inside, flat[0], flat[5])
    pictures = np.stack([*flat, chess, circle])
    grain = random.normal(0, 3, pictures.shape)  # as of a camera: nothing is perfectly flat
    pixels = np.clip(pictures + grain, 0, 255).astype(np.uint8)
    return Drawn(pixels, _CHINESE if chinese else _ENGLISH)


def chance(similarity: NDArray[np.floating]) -> float:
    """How often captions dealt out at random fit their pictures as well as these: 0..1.

    Args:
        similarity: (n, n) cosines, a row per picture and a column per caption, in one order.

    A permutation test on the trace. Rows and columns are centred first: a model rates some
    pictures and some captions higher than others whatever they are paired with.
    """
    count = len(similarity)
    centred = similarity - similarity.mean(0, keepdims=True)
    centred = centred - centred.mean(1, keepdims=True)
    random = np.random.default_rng(1)
    deals = random.permuted(np.tile(np.arange(count), (20_000, 1)), axis=1)
    traces = centred[np.arange(count), deals].sum(1)
    return float((np.count_nonzero(traces >= np.trace(centred) - 1e-12) + 1) / (len(deals) + 1))
