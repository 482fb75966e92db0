"""Where each photo belongs among competing categories, or among none of these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from engine.assignment import Assignment
from engine.errors import TagError
from engine.learning import Floats, sigmoid
from engine.tag_types import Category, CategoryId, CategorySet, Mode, SetId
from engine.tagging.board import Board, Column, Sheet, with_none
from engine.tagging.scoring import EXCLUSIVE_CUT, best_two, exclusive
from engine.types import PhotoId

if TYPE_CHECKING:
    from engine.catalog import Catalog

_NEVER = -30.0  # log-odds
_NO_SET = CategorySet(SetId(0), "")


def assign(
    catalog: Catalog,
    board: Board,
    category_names: Sequence[str] | None,
    threshold: float | None,
    drafts: Sequence[Category] = (),
) -> list[Assignment]:
    """See `Tagging.assign`."""
    groups = _chosen(catalog, category_names, drafts)
    if not groups:
        return []
    sheet = board.sheet()
    columns: list[Column] = []
    for group, everything, wanted in groups:
        columns += board.columns(group, everything, [c.id for c in wanted], sheet)[1]
    if len(groups) == 1 and groups[0][0].exclusive:
        group, everything, _ = groups[0]
        chances = board.compete(sheet, group, everything, columns)
        cuts = sigmoid(np.array([column.cut for column in columns]))
    else:
        chances = _race(columns, own_cuts=threshold is None)
        cuts = sigmoid(np.full(len(columns), EXCLUSIVE_CUT))
    if threshold is not None:
        cuts = np.full(len(columns), threshold)
    return _assignments(sheet, columns, chances, cuts)


def _chosen(
    catalog: Catalog, names: Sequence[str] | None, drafts: Sequence[Category]
) -> list[tuple[CategorySet, list[Category], list[Category]]]:
    """Sets with all of their categories and with those that are asked for."""
    known = {category.name.casefold(): category for category in catalog.categories.all()}
    for n, draft in enumerate(drafts, 1):
        # One that is not kept yet belongs to no set, and must not be mistaken for another.
        new = replace(draft, id=CategoryId(-n), set_id=_NO_SET.id)
        known[draft.name.casefold()] = draft if draft.id else new
    ids: set[CategoryId] = {c.id for c in known.values() if c.mode is not Mode.OFF}
    if names is not None:
        for name in names:
            if " ".join(name.split()).casefold() not in known:
                raise TagError(f"There is no category “{name}”.")
        ids = {known[" ".join(name.split()).casefold()].id for name in names}
    found: list[tuple[CategorySet, list[Category], list[Category]]] = []
    for group in [*catalog.categories.sets(), _NO_SET]:
        everything = [c for c in known.values() if c.set_id == group.id]
        wanted = [c for c in everything if c.id in ids]
        if wanted:
            found.append((group, everything, wanted))
    return found


def _race(columns: Sequence[Column], *, own_cuts: bool) -> Floats:
    """Chances (n, k + 1) of categories that need not exclude each other, made to compete."""
    odds = np.stack([c.learned.slope * c.scores + c.learned.shift for c in columns], axis=1)
    for n, column in enumerate(columns):
        if own_cuts and column.category.threshold is not None:
            odds[column.scores < column.cut, n] = _NEVER
    return with_none(exclusive(odds, np.zeros(len(odds)))[:, :-1])


def _assignments(
    sheet: Sheet, chosen: Sequence[Column], chances: Floats, cuts: Floats
) -> list[Assignment]:
    names = [column.category.name for column in chosen]
    known = np.stack([column.known for column in chosen], axis=1)
    chances = chances.copy()
    # What the user said is so, whatever the model says.
    chances[:, :-1] = np.where(known == 0, 0.0, np.where(known == 1, 1.0, chances[:, :-1]))
    first, second = best_two(chances[:, :-1])
    rows = np.arange(len(chances))
    top = chances[rows, first]
    fits = (top >= cuts[first]) & (top > 0)
    found: list[Assignment] = []
    for photo_id, a, b, place, none, belongs in zip(
        sheet.ids.tolist(),
        top.tolist(),
        chances[rows, second].tolist(),
        zip(first.tolist(), second.tolist(), strict=True),
        chances[:, -1].tolist(),
        fits.tolist(),
        strict=True,
    ):
        best, next_best = place
        if belongs:
            lonely = best == next_best
            other, rest = (None, none) if lonely or none > b else (names[next_best], b)
            found.append(Assignment(PhotoId(photo_id), names[best], a, other, a - rest))
        else:
            found.append(Assignment(PhotoId(photo_id), None, none, names[best], none - a))
    return found
