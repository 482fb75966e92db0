"""Boxes and their scores: in pixels of the photo, how they overlap, which of them stay."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from engine.types import Box

Floats = NDArray[np.float32]

SAME_THING = 0.5
"""Boxes of one label that overlap by more than this (area of both together over area of either)
show the same thing. Two cats side by side stay two."""

_ROUND = 128  # boxes that are compared with each other at a time


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


def overlaps(some: Floats, others: Floats) -> Floats:
    """Intersection over union of boxes (n, 4) with others (m, 4): (n, m); 0 where both are empty.

    Cost: 3 ms for 576 boxes with each other.
    """
    rows, columns = some.T[:, :, None], others.T[:, None]
    wide = np.minimum(rows[2], columns[2]) - np.maximum(rows[0], columns[0])
    high = np.minimum(rows[3], columns[3]) - np.maximum(rows[1], columns[1])
    shared = wide.clip(0) * high.clip(0)
    both = areas(some)[:, None] + areas(others) - shared
    return shared / both.clip(np.float32(1e-12))


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
        overlap: intersection over union beyond which two boxes are one thing.

    Returns:
        Which stay, best first.

    Cost: 1 ms among 576, 5 ms among 3,600.
    """
    rest = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while len(rest) and len(kept) < most:
        some, rest = rest[:_ROUND], rest[_ROUND:]
        doubles = overlaps(edges[some], edges[some]) > overlap
        gone = np.zeros(len(some), np.bool_)
        stay: list[int] = []
        for place, others in enumerate(doubles):
            if not gone[place]:
                stay.append(place)
                gone |= others
        kept += some[stay].tolist()
        if len(rest):
            rest = rest[~(overlaps(edges[some[stay]], edges[rest]) > overlap).any(0)]
    return np.array(kept[:most], np.int64)
