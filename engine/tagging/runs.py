"""Runs: automatic categories put their tags, a photo at most once, and all of it can be undone."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.jobs import Job, Progress
from engine.learning import sigmoid
from engine.tag_types import (
    Category,
    CategoryId,
    CategoryRun,
    CategorySet,
    Mode,
    RunKind,
    TagReport,
    TagRunId,
)
from engine.tagging.board import Column, Sheet
from engine.tagging.prompts import prompts_of
from engine.tagging.scoring import index_of
from engine.types import PhotoId, SpaceId

if TYPE_CHECKING:
    from engine.catalog import Catalog

Columns: TypeAlias = Callable[
    [CategorySet, Sequence[CategoryId] | None], tuple[Sheet, list[Column]]
]

_ASKED = frozenset({Mode.AUTOMATIC, Mode.SUGGEST})
_NEW = frozenset({Mode.AUTOMATIC})


def tag_all(
    catalog: Catalog, columns: Columns, category_ids: Sequence[CategoryId] | None
) -> Job[TagReport]:
    """Score every photo; tag with automatic categories, count for those that suggest.

    A category's earlier machine tags that do not reach the cut any more are taken off, and come
    back when the run is taken back. What the user put or said is never touched. What was changed,
    switched off or removed while the run goes on is respected from the next category on.
    """
    started = time.monotonic()
    found = _plan(catalog, category_ids, _ASKED)
    total = sum(len(categories) for _, categories in found)
    yield Progress(0, total)
    step = _Step(catalog, columns, RunKind.ASKED)
    photos = at = 0
    for group, categories in found:
        for category in categories:  # a step each, so that a pause or an end comes soon
            sheet, now = columns(group, [category.id])
            photos = len(sheet.ids)
            step.tag(sheet, _still(now, _ASKED), None)
            yield Progress(at := at + 1, total, category.name)
    return TagReport(step.run, photos, tuple(step.done), time.monotonic() - started)


def tag_new(catalog: Catalog, columns: Columns) -> Job[TagReport]:
    """Tag photos that automatic categories have not seen yet; see `Tagging.new_photos`."""
    started = time.monotonic()
    found = _plan(catalog, None, _NEW)
    if not found or not catalog.tag_runs.any_waiting():
        return TagReport(None, 0, (), time.monotonic() - started)
    total = sum(len(categories) for _, categories in found)
    step = _Step(catalog, columns, RunKind.NEW_PHOTOS)
    waiting: list[PhotoId] | None = None
    at = 0
    for group, categories in found:
        for category in categories:
            sheet, now = columns(group, [category.id])
            if waiting is None:  # photos that come from here on wait for the next time
                asked = catalog.tag_runs.waiting(sheet.space_id)
                waiting = [PhotoId(i) for i in sheet.ids[index_of(sheet.ids, asked)].tolist()]
            step.tag(sheet, _still(now, _NEW), index_of(sheet.ids, waiting))
            yield Progress(at := at + 1, total, category.name)
    catalog.tag_runs.seen(waiting or [])
    return TagReport(step.run, len(waiting or []), tuple(step.done), time.monotonic() - started)


def _plan(
    catalog: Catalog, category_ids: Sequence[CategoryId] | None, modes: frozenset[Mode]
) -> list[tuple[CategorySet, list[Category]]]:
    found: list[tuple[CategorySet, list[Category]]] = []
    for group in catalog.categories.sets():
        wanted = [
            category
            for category in catalog.categories.all(group.id)
            if category.mode in modes and (category_ids is None or category.id in category_ids)
        ]
        if wanted:
            found.append((group, wanted))
    return found


def _still(columns: Sequence[Column], modes: frozenset[Mode]) -> Column | None:
    """The category as it is now, unless it was removed or switched off since the run began."""
    return next((column for column in columns if column.category.mode in modes), None)


class _Step:
    """What a run does to one category after the other, each in one transaction."""

    def __init__(self, catalog: Catalog, columns: Columns, kind: RunKind) -> None:
        self._catalog = catalog
        self._columns = columns
        self._kind = kind
        self.run: TagRunId | None = None
        """It begins with the first change, and anew where it was taken back meanwhile."""
        self.done: list[CategoryRun] = []

    def tag(self, sheet: Sheet, column: Column | None, rows: NDArray[np.int64] | None) -> None:
        """Put and take off one category's tags.

        Args:
            sheet: the vectors.
            column: the category's scores; None where it is not to be run any more.
            rows: the photos to look at; None is all, earlier machine tags included.
        """
        if column is None:
            return
        claimed = _claimed(self._catalog, self._columns, column.category)
        with self._catalog.write():
            entry = self._apply(sheet, column, rows, claimed)
            self.done.append(entry)
            if self.run is not None and not self._catalog.tag_runs.finish(self.run, [entry]):
                self.run = None

    def _apply(
        self,
        sheet: Sheet,
        column: Column,
        rows: NDArray[np.int64] | None,
        claimed: frozenset[int],
    ) -> CategoryRun:
        """Inside of a write. `claimed` photos keep the tag for another category's sake."""
        catalog, category = self._catalog, column.category
        # answers of this moment: one may have come since the scores were made
        said = {a.photo_id: a.accepted for a in catalog.categories.answers(category.id)}
        yes, no = (_holding(sheet, [i for i in said if said[i] is what]) for what in (True, False))
        reached = (column.scores >= column.cut) & ~no
        looked_at = np.ones(len(sheet.ids), bool)
        if rows is not None:
            looked_at = np.zeros(len(sheet.ids), bool)
            looked_at[rows] = True
        tag_id = catalog.categories.tag_of(category.id)
        carrying = catalog.tag_runs.carrying(tag_id)
        fresh = np.nonzero(reached & looked_at & ~_holding(sheet, carrying))[0]
        if category.mode is Mode.SUGGEST:
            return _entry(column, suggested=int(np.count_nonzero(~yes[fresh])))
        ours = _holding(sheet, [i for i, own in carrying.items() if own and i not in claimed])
        weak = np.nonzero(ours & ~reached & ~yes & looked_at)[0]
        if not len(fresh) and not len(weak):
            return _entry(column)
        if self.run is None or not catalog.tag_runs.stands(self.run):
            self.run = catalog.tag_runs.start(self._kind, SpaceId(sheet.space_id))
        chances = sigmoid(column.scores[fresh]).tolist()
        scores = dict(zip(sheet.ids[fresh].tolist(), chances, strict=True))
        added = catalog.tag_runs.add(self.run, tag_id, scores)
        removed = catalog.tag_runs.take(self.run, tag_id, sheet.ids[weak].tolist())
        return _entry(column, added=added, removed=removed)


def _holding(sheet: Sheet, ids: Collection[int]) -> NDArray[np.bool_]:
    """(n,) which rows of a sheet are among these photos."""
    return np.isin(sheet.ids, np.fromiter(ids, np.int64, len(ids)))


def _claimed(catalog: Catalog, columns: Columns, category: Category) -> frozenset[int]:
    """Photos that other automatic categories put the same tag on."""
    found: set[int] = set()
    for group in catalog.categories.sets():
        for other in catalog.categories.all(group.id):
            if (
                other.id != category.id
                and other.tag == category.tag != ""
                and (other.mode is Mode.AUTOMATIC)
            ):
                sheet, now = columns(group, [other.id])
                for column in now:  # none, where it was removed meanwhile
                    reached = (column.scores >= column.cut) & (column.known != 0)
                    found |= set(sheet.ids[reached].tolist())
    return frozenset(found)


def _entry(column: Column, *, added: int = 0, removed: int = 0, suggested: int = 0) -> CategoryRun:
    category = column.category
    return CategoryRun(
        category=category.name,
        tag=category.tag or category.name.replace("/", " "),
        prompts=tuple(prompts_of(category.name, category.prompts)),
        threshold=column.threshold,
        added=added,
        removed=removed,
        suggested=suggested,
    )
