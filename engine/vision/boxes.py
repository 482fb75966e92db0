"""Boxes and their scores: in pixels of the photo, how they overlap, which of them stay."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.types import Box

Floats = NDArray[np.float32]

SAME_THING = 0.5
"""Boxes of one label that overlap by more than this (area of both together over area of either)
show the same thing. Two cats side by side stay two."""


def corners(boxes: Floats, width: int, height: int, *, padded: bool) -> Floats:
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


def as_boxes(edges: Floats) -> list[Box]:
    """Rows of left, top, right, bottom as boxes."""
    return [Box(*row) for row in edges.tolist()]


def areas(edges: Floats) -> Floats:
    """(n, 4) left, top, right, bottom → (n,)."""
    wide, high = (edges[:, 2:] - edges[:, :2]).T
    return wide * high


def overlaps(one: Floats, others: Floats) -> Floats:
    """Intersection over union of one box (4,) with others (n, 4); 0 where both are empty."""
    wide = np.minimum(one[2], others[:, 2]) - np.maximum(one[0], others[:, 0])
    high = np.minimum(one[3], others[:, 3]) - np.maximum(one[1], others[:, 1])
    shared = np.maximum(wide, 0) * np.maximum(high, 0)
    both = (one[2] - one[0]) * (one[3] - one[1]) + areas(others) - shared
    return shared / np.maximum(both, np.float32(1e-12))


def scores_of(cosines: Floats, shift: Floats, scale: Floats) -> Floats:
    """What patches say of a label, 0..1; (patches,) each."""
    logits = (cosines + shift) * scale
    return (1 / (1 + np.exp(np.clip(-logits, -80, 80)))).astype(np.float32, copy=False)


def thinned(
    edges: Floats, scores: Floats, most: int, overlap: float = SAME_THING
) -> NDArray[np.int64]:
    """Greedy non-maximum suppression: a box goes where a better one shows the same thing.

    Args:
        edges: (n, 4) left, top, right, bottom.
        scores: (n,); of equal ones the first is the better.
        most: how many to keep at most.
        overlap: intersection over union from which on two boxes are one thing.

    Returns:
        Which stay, best first.

    Cost: about 10 µs per box that stays, 60 µs among 3,600.
    """
    rest = np.argsort(-scores, kind="stable")
    edges = edges[rest]
    kept: list[int] = []
    while len(rest) and len(kept) < most:
        kept.append(int(rest[0]))
        stay = overlaps(edges[0], edges[1:]) <= overlap
        rest, edges = rest[1:][stay], edges[1:][stay]
    return np.array(kept, np.int64)
