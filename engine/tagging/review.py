"""What a review page shows: photos to answer, and those around the cut."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from engine.learning import Floats, Vectors, sigmoid
from engine.tag_types import Borderline, ReviewOrder, Suggestion
from engine.tagging.board import Column, Sheet
from engine.types import PhotoId

_POOL = 400  # unsure photos that are looked at more closely


def suggestions(
    sheet: Sheet,
    column: Column,
    carrying: Mapping[PhotoId, bool],
    order: ReviewOrder,
    limit: int,
) -> list[Suggestion]:
    """Photos to accept or reject, see `Tagging.suggestions`.

    Args:
        sheet: the vectors.
        column: the category.
        carrying: photos with its tag → whether a run put it; those of the user are left out.
        order: which photos come first.
        limit: at most so many.
    """
    users = np.asarray([i for i, ours in carrying.items() if not ours], np.int64)
    free = np.isnan(column.known) & ~np.isin(sheet.ids, users)
    if order is ReviewOrder.INFORMATIVE:
        rows = np.nonzero(free)[0]
        chances = column.learned.chances(column.scores[rows])
        # far from the cut there is nothing to learn; so many are looked at more closely
        near = rows[np.argsort(np.abs(chances - 0.5), kind="stable")[: max(_POOL, 4 * limit)]]
        if not len(near):
            return []
        chances = column.learned.chances(column.scores[near])
        picked = near[most_informative(chances, sheet.vectors(near), limit)]
    else:
        rows = np.nonzero(free & (column.scores >= column.cut))[0]
        sign = -1 if order is ReviewOrder.BEST else 1
        picked = rows[np.argsort(sign * column.scores[rows], kind="stable")[:limit]]
    return _suggestions(sheet, column, carrying, picked)


def borderline(
    sheet: Sheet, column: Column, carrying: Mapping[PhotoId, bool], cut: float, n: int
) -> Borderline:
    """The n photos on either side of a cut (log-odds), the nearest first."""
    order = np.argsort(column.scores, kind="stable")
    at = int(np.searchsorted(column.scores[order], cut))
    return Borderline(
        above=tuple(_suggestions(sheet, column, carrying, order[at : at + n])),
        below=tuple(_suggestions(sheet, column, carrying, order[max(0, at - n) : at][::-1])),
    )


def _suggestions(
    sheet: Sheet, column: Column, carrying: Mapping[PhotoId, bool], rows: NDArray[np.int64]
) -> list[Suggestion]:
    chances = sigmoid(column.scores[rows])
    found: list[Suggestion] = []
    for row, chance in zip(rows.tolist(), chances.tolist(), strict=True):
        photo_id = PhotoId(int(sheet.ids[row]))
        said = column.known[row]
        answer = None if np.isnan(said) else bool(said)
        found.append(Suggestion(photo_id, chance, photo_id in carrying, answer))
    return found


def most_informative(chances: Floats, vectors: Vectors, count: int) -> list[int]:
    """Rows whose answers teach most, in the order to ask them.

    Unsure ones, in places where many unsure ones lie, and none like those asked before: so a page
    is not twenty shots of one scene. Greedy: after each pick the worth of its likes falls.

    Args:
        chances: (n,) P(belongs).
        vectors: (n, dim), of the same photos.
        count: how many.
    """
    unsure = 1 - np.abs(2 * chances - 1)
    pool = np.argsort(-unsure, kind="stable")[:_POOL]
    wide = vectors[pool].astype(np.float64)
    wide -= wide.mean(0)
    wide /= np.maximum(np.linalg.norm(wide, axis=1, keepdims=True), 1e-9)
    alike = np.maximum(wide @ wide.T, 0)
    worth = (unsure[pool] + 0.02) * np.sqrt(alike.mean(1))
    picked: list[int] = []
    for _ in range(min(count, len(pool))):
        best = int(worth.argmax())
        picked.append(int(pool[best]))
        worth *= 1 - np.minimum(alike[best], 1)
        worth[best] = -1
        worth = np.where(worth == 0, 1e-12, worth)  # the likes of one asked come last, not never
    return picked
