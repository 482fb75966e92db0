"""Boxes against truth: overlap, suppression of doubles, and COCO-style average precision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Found:
    """What the detector says of one picture.

    Attributes:
        boxes: float (n, 4), left, top, right, bottom in pixels.
        scores: float (n,), from 0 to 1.
        labels: int (n,), the number of the text asked for.
    """

    boxes: np.ndarray
    scores: np.ndarray
    labels: np.ndarray


@dataclass(frozen=True)
class Truth:
    """What is in one picture: boxes (n, 4) in pixels, with the label and colour of each."""

    boxes: np.ndarray
    labels: np.ndarray
    colours: np.ndarray


def overlap(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Intersection over union of each box of `one` (n, 4) with each of `other` (m, 4)."""
    low = np.maximum(one[:, None, :2], other[None, :, :2])
    high = np.minimum(one[:, None, 2:], other[None, :, 2:])
    common = (high - low).clip(0).prod(2)
    areas = [(b[:, 2:] - b[:, :2]).clip(0).prod(1) for b in (one, other)]
    return common / np.maximum(areas[0][:, None] + areas[1][None] - common, 1e-9)


def suppress(found: Found, at: float = 0.5) -> Found:
    """Keeps the best of boxes with one label that overlap by more than `at`; best first."""
    left = np.zeros(len(found.scores), bool)
    for label in np.unique(found.labels):
        mine = np.flatnonzero(found.labels == label)
        mine = mine[np.argsort(-found.scores[mine], kind="stable")]
        doubles = overlap(found.boxes[mine], found.boxes[mine]) > at
        free = np.ones(len(mine), bool)
        for i in range(len(mine)):
            if free[i]:
                free[i + 1 :] &= ~doubles[i, i + 1 :]
        left[mine[free]] = True
    kept = np.flatnonzero(left)
    kept = kept[np.argsort(-found.scores[kept], kind="stable")]
    return Found(found.boxes[kept], found.scores[kept], found.labels[kept])


def _hits(found: Sequence[Found], truth: Sequence[Truth], label: int) -> tuple[np.ndarray, int]:
    """For each box of the label, best score first: does it meet a thing? And how many there are."""
    marks: list[tuple[float, bool]] = []
    total = 0
    for seen, real in zip(found, truth, strict=True):
        wanted = real.boxes[real.labels == label]
        total += len(wanted)
        mine = seen.labels == label
        order = np.argsort(-seen.scores[mine], kind="stable")
        met = overlap(seen.boxes[mine][order], wanted)
        for score, row in zip(seen.scores[mine][order].tolist(), met, strict=True):
            best = int(row.argmax()) if len(wanted) else -1
            hit = best >= 0 and bool(row[best] >= 0.5)
            marks.append((score, hit))
            if hit:
                met[:, best] = -1  # each thing is met once
    marks.sort(key=lambda mark: -mark[0])
    return np.array([hit for _, hit in marks], bool), total


def average_precision(
    found: Sequence[Found], truth: Sequence[Truth], labels: int
) -> list[float | None]:
    """COCO's AP at IoU .5 of each label; None for a label with no thing in any picture."""
    values: list[float | None] = []
    for label in range(labels):
        hits, total = _hits(found, truth, label)
        if not total:
            values.append(None)
            continue
        right = hits.cumsum()
        recall = right / total
        precision = right / np.arange(1, len(hits) + 1)
        envelope = np.maximum.accumulate(precision[::-1])[::-1]
        at = np.searchsorted(recall, np.linspace(0, 1, 101), side="left")
        values.append(float(np.where(at < len(hits), np.append(envelope, 0)[at], 0).mean()))
    return values


def mean_precision(found: Sequence[Found], truth: Sequence[Truth], labels: int) -> float:
    """mAP@50: the mean over the labels that occur."""
    values = [v for v in average_precision(found, truth, labels) if v is not None]
    return sum(values) / len(values)


def at_threshold(
    found: Sequence[Found], truth: Sequence[Truth], labels: int, threshold: float
) -> tuple[float, float]:
    """Recall and precision, all labels together, of the boxes that score `threshold` or more."""
    right = said = total = 0
    cut = [
        Found(f.boxes[f.scores >= threshold], f.scores[f.scores >= threshold],
              f.labels[f.scores >= threshold])
        for f in found
    ]  # fmt: skip
    for label in range(labels):
        hits, wanted = _hits(cut, truth, label)
        right, said, total = right + int(hits.sum()), said + len(hits), total + wanted
    return right / max(total, 1), right / max(said, 1)
