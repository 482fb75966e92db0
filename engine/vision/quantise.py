"""Image towers in 8 bits, calibrated on photos: what goes in is rounded to 256 steps.

Trained transformers have a few channels whose values are tens of times larger than the rest; one
scale for all would leave the rest three or four steps. So each channel is divided by a factor
first, and the weights that read it are multiplied by it: the factors are chosen so that both can
be rounded well, and they cost nothing, because the part before takes them in.
Source: Xiao et al. 2022, SmoothQuant (arXiv:2211.10438).
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.vision.openvino_graph import LEVELS, Steps
from engine.vision.tower import AttentionPool, Floats, ImagePlan, Layer, Linear, Norm

MIGRATION = 0.5
"""How much of the difficulty goes from the input to the weights (1: all). With outliers planted
in a ViT-B/32 .5 agreed best: .9947, against .9925 for .8, .9857 for .95 and .9941 where each
product got the one for which the least noise was to be expected."""

SENSITIVE = "qkv"
"""The products to leave alone where all in 8 bits agree too little: attention sharpens what it
gets. With outliers planted that made .9985 of .9947; any other kind left alone, .9950 at most."""

_LEAST = np.float32(1e-5)


@dataclass(frozen=True)
class Calibration:
    """Lowest and highest value of each channel, (channels,), at the input of each product.

    `careful` leaves the `SENSITIVE` products as they are.
    """

    ranges: Mapping[str, tuple[Floats, Floats]]
    careful: bool = False

    def to_bytes(self) -> bytes:
        """A checksum, then an npz: 1 MB for a ViT-B/32."""
        file = io.BytesIO()
        arrays: dict[str, NDArray[Any]] = {"careful": np.array(self.careful)}
        for name, (low, high) in self.ranges.items():
            arrays |= {f"{name} low": low, f"{name} high": high}
        np.savez(file, allow_pickle=False, **arrays)
        data = file.getvalue()
        return hashlib.sha256(data).digest() + data

    @classmethod
    def from_bytes(cls, data: bytes) -> Calibration | None:
        """What `to_bytes` gave; None for anything else."""
        check, data = data[:32], data[32:]
        if hashlib.sha256(data).digest() != check:
            return None
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                names = [name.removesuffix(" low") for name in arrays if name.endswith(" low")]
                ranges = {n: (arrays[f"{n} low"], arrays[f"{n} high"]) for n in names}
                return cls(ranges, bool(arrays["careful"]))
        except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile):
            return None  # ours, but of another version


def smooth(plan: ImagePlan, calibration: Calibration) -> tuple[ImagePlan, dict[str, Steps]]:
    """Make a tower ready for 8 bits.

    Returns:
        A tower that computes the same, and the steps to round to. Layers are brought to this
        form when they are read, so memory holds none of them.

    Raises:
        ValueError: the calibration is of another tower, or norms come after their parts, where
            their factors cannot go.
    """
    stack = plan.stack
    if stack.norm_after:
        raise ValueError("a tower with norms after its parts has no place for the factors")
    steps: dict[str, Steps] = {"patches": _edges(-128.0, 127.0)}  # pixels are 8 bits as they are
    smoothing = _Smoothing(calibration, steps)
    factors = [smoothing.factors(n, stack.layer(n)) for n in range(stack.depth)]

    def layer(n: int) -> Layer:
        return _with_factors(stack.layer(n), factors[n], stack.hidden)

    after, pool = plan.after, plan.pool
    if isinstance(pool, AttentionPool) and after is not None:
        factor = smoothing.factor("kv", pool.kv.weight)
        after, pool = _divided(after, factor), replace(pool, kv=_times(pool.kv, factor))
    if calibration.careful:
        steps = {name: edges for name, edges in steps.items() if not name.endswith(SENSITIVE)}
    smoothed = replace(plan, stack=replace(stack, layer=layer), after=after, pool=pool)
    return smoothed, steps


@dataclass(frozen=True, slots=True)
class _Factors:
    """What the inputs of a layer's four products are divided by."""

    qkv: Floats
    out: Floats
    wide: Floats
    narrow: Floats


class _Smoothing:
    """Factors from what was observed; notes the steps on the way."""

    def __init__(self, calibration: Calibration, steps: dict[str, Steps]) -> None:
        self._ranges = calibration.ranges
        self._steps = steps

    def factors(self, n: int, layer: Layer) -> _Factors:
        return _Factors(
            qkv=self.factor(f"{n}.qkv", layer.qkv.weight),
            out=self.factor(f"{n}.out", layer.out.weight),
            wide=self.factor(f"{n}.wide", layer.wide.weight),
            narrow=self.factor(f"{n}.narrow", layer.narrow.weight, divides=True),
        )

    def factor(self, name: str, weight: Floats, *, divides: bool = False) -> Floats:
        """(channels,) of one input; `divides`: the rounding itself must do the division."""
        if name not in self._ranges or self._ranges[name][0].shape != weight.shape[1:]:
            raise ValueError("the calibration is of another tower")
        low, high = self._ranges[name]
        reach = np.maximum(np.maximum(-low, high), _LEAST)
        columns = np.maximum(np.abs(weight).max(0), _LEAST)
        factor = reach**MIGRATION / columns ** (1 - MIGRATION)
        factor = np.maximum(factor / factor.max(), np.float32(1e-4)).astype(np.float32)
        edges = _edges(float((low / factor).min()), float((high / factor).max()))
        if divides:
            edges = (edges[0] * factor, edges[1] * factor, *edges[2:])
        self._steps[name] = edges
        return factor


def _edges(low: float, high: float) -> Steps:
    """The range widened so that 0 is one of the steps."""
    low, high = min(low, 0.0), max(high, 0.0, 1e-6)
    last = LEVELS - 1
    below = round(-low * last / (high - low))
    if low < 0:
        below = min(max(below, 1), last - 1)
    step = max(-low / below if below else 0.0, high / (last - below))
    lowest = np.asarray(-below * step, np.float32)
    highest = np.asarray((last - below) * step, np.float32)
    return lowest, highest, lowest, highest


def _with_factors(layer: Layer, factors: _Factors, hidden: int) -> Layer:
    qkv = _times(layer.qkv, factors.qkv)
    # attention is a weighted mean of value rows: dividing those divides what comes out of it
    values = np.ones(3 * hidden, np.float32)
    values[2 * hidden :] = factors.out
    return Layer(
        norm1=_divided(layer.norm1, factors.qkv),
        qkv=Linear(qkv.weight / values[:, None], None if qkv.bias is None else qkv.bias / values),
        out=_times(layer.out, factors.out),
        norm2=_divided(layer.norm2, factors.wide),
        wide=_times(layer.wide, factors.wide),
        narrow=_times(layer.narrow, factors.narrow),
    )


def _divided(norm: Norm, factor: Floats) -> Norm:
    return Norm(norm.weight / factor, norm.bias / factor, norm.eps)


def _times(part: Linear, factor: Floats) -> Linear:
    """The product for an input that was divided by the factor."""
    return Linear(part.weight * factor, part.bias)
