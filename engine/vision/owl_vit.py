"""How the OWL detectors see a picture, and where in it their boxes lie."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.types import Box

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


def corners(
    boxes: NDArray[np.float32], width: int, height: int, *, padded: bool
) -> NDArray[np.float32]:
    """Boxes in pixels of the upright photo, within its edges.

    Args:
        boxes: (n, 4) centre x, centre y, width, height of 0..1, as a detector gives them.
        width: of the photo.
        height: of the photo.
        padded: whether the picture was made square before (OWLv2).

    Returns:
        (n, 4) left, top, right, bottom; `Box(*row)` of each.
    """
    across, down = (max(width, height),) * 2 if padded else (width, height)
    half = boxes[:, 2:] / 2
    edges = np.concatenate([boxes[:, :2] - half, boxes[:, :2] + half], 1)
    scaled = edges * np.array([across, down, across, down], np.float32)
    limits = np.array([width, height, width, height], np.float32)
    return np.clip(scaled, 0, limits).astype(np.float32, copy=False)


def as_boxes(edges: NDArray[np.float32]) -> list[Box]:
    """Rows of left, top, right, bottom as boxes."""
    return [Box(*(float(edge) for edge in row)) for row in edges]
