"""How OWLv2 sees a picture, exactly: what the decoder's quicker way is measured against."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_REACH = 4.0  # standard deviations after which a Gaussian is cut off


def pad_and_resize(picture: NDArray[np.uint8], size: int) -> NDArray[np.float32]:
    """An upright picture as OWLv2 wants it: 0..1, black added to a square, smoothly resized.

    Args:
        picture: (height, width, 3) uint8.
        size: pixels of the result's side.

    Returns:
        (size, size, 3) float32, before normalisation.

    Source: transformers' Owlv2ImageProcessor, which follows skimage.transform.resize: first to
    floating point, then padded on the right or below, then filtered, then sampled.
    """
    height, width = picture.shape[:2]
    side = max(height, width)
    scaled = np.zeros((side, side, 3), np.float32)
    scaled[:height, :width] = picture.astype(np.float32) * np.float32(1 / 255)
    once = _along(scaled, side, size)
    both = _along(once.swapaxes(0, 1), side, size).swapaxes(0, 1)
    return np.ascontiguousarray(np.clip(both, scaled.min(), scaled.max()))


def _along(values: NDArray[np.float32], inputs: int, outputs: int) -> NDArray[np.float32]:
    """Filter and resample the first axis; other axes stay."""
    filtered = _smoothed(values, max(0.0, (inputs / outputs - 1) / 2))
    place = (np.arange(outputs) + 0.5) * inputs / outputs - 0.5
    low = np.floor(place).astype(np.int64)
    part = (place - low).astype(np.float32).reshape(-1, *[1] * (values.ndim - 1))
    first, second = filtered[_mirrored(low, inputs)], filtered[_mirrored(low + 1, inputs)]
    return (first * (1 - part) + second * part).astype(np.float32, copy=False)


def _smoothed(values: NDArray[np.float32], sigma: float) -> NDArray[np.float32]:
    radius = int(_REACH * sigma + 0.5)
    if not radius:
        return values
    steps = np.arange(-radius, radius + 1)
    weights = np.exp(-0.5 * (steps / sigma) ** 2)
    weights /= weights.sum()
    rows = np.arange(len(values))
    result: Any = np.zeros(values.shape, np.float64)
    for step, weight in zip(steps, weights, strict=True):
        result += weight * values[_mirrored(rows + step, len(values))]
    return result.astype(np.float32)


def _mirrored(places: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Places beyond an edge, folded back at the centre of the last pixel."""
    if count == 1:
        return np.zeros_like(places)
    around = 2 * (count - 1)
    folded = np.mod(places, around)
    return np.where(folded < count, folded, around - folded)
