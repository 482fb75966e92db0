"""Runs: automatic categories put their tags, a photo at most once, and all of it can be undone."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
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


def tag_all(
    catalog: Catalog, columns: Columns, category_ids: Sequence[CategoryId] | None
) -> Job[TagReport]:
    """Score every photo; tag with automatic categories, count for those that suggest.

    A category's earlier machine tags that do not reach the cut any more are taken off, and come
    back when the run is taken back. What the user put or said is never touched.
    """
    started = time.monotonic()
    found = _plan(catalog, category_ids, automatic_only=False)
    total = sum(len(categories) for _, categories in found)
    yield Progress(0, total)
    run: TagRunId | None = None
    done: list[CategoryRun] = []
    photos = 0
    for group, categories in found:
        for category in categories:  # a step each, so that a pause or an end comes soon
            sheet, (column,) = columns(group, [category.id])
            photos = len(sheet.ids)
            claimed = _claimed(catalog, columns, category)
            with catalog.write():
                entry, run = _apply(catalog, sheet, column, None, run, RunKind.ASKED, claimed)
                done.append(entry)
                if run is not None:
                    catalog.tag_runs.finish(run, [entry])
            yield Progress(len(done), total, category.name)
    return TagReport(run, photos, tuple(done), time.monotonic() - started)


def tag_new(catalog: Catalog, columns: Columns) -> Job[TagReport]:
    """Tag photos that automatic categories have not seen yet; see `Tagging.new_photos`."""
    started = time.monotonic()
    found = _plan(catalog, None, automatic_only=True)
    if not found or not catalog.tag_runs.any_waiting():
        return TagReport(None, 0, (), time.monotonic() - started)
    total = sum(len(categories) for _, categories in found)
    run: TagRunId | None = None
    done: list[CategoryRun] = []
    waiting: list[PhotoId] = []
    for group, categories in found:
        for category in categories:
            sheet, (column,) = columns(group, [category.id])
            if not done:
                waiting = catalog.tag_runs.waiting(sheet.space_id)
            rows = index_of(sheet.ids, waiting)
            claimed = _claimed(catalog, columns, category)
            with catalog.write():
                entry, run = _apply(catalog, sheet, column, rows, run, RunKind.NEW_PHOTOS, claimed)
                done.append(entry)
                if run is not None:
                    catalog.tag_runs.finish(run, [entry])
            yield Progress(len(done), total, category.name)
    catalog.tag_runs.seen(waiting)
    return TagReport(run, len(waiting), tuple(done), time.monotonic() - started)


def _plan(
    catalog: Catalog, category_ids: Sequence[CategoryId] | None, *, automatic_only: bool
) -> list[tuple[CategorySet, list[Category]]]:
    modes = {Mode.AUTOMATIC} if automatic_only else {Mode.AUTOMATIC, Mode.SUGGEST}
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


def _apply(
    catalog: Catalog,
    sheet: Sheet,
    column: Column,
    rows: NDArray[np.int64] | None,
    run: TagRunId | None,
    kind: RunKind,
    claimed: frozenset[int],
) -> tuple[CategoryRun, TagRunId | None]:
    """One category's tags inside of a write. Returns: what was done, and the run if there is one.

    Args:
        catalog: the truth.
        sheet: the vectors.
        column: the category's scores.
        rows: the photos to look at; None is all, earlier machine tags included.
        run: the run so far; it is begun with the first change.
        kind: what the run is to be called.
        claimed: photos that keep the tag for another category's sake.
    """
    category = column.category
    reached = (column.scores >= column.cut) & (column.known != 0)
    looked_at = np.ones(len(sheet.ids), bool)
    if rows is not None:
        looked_at = np.zeros(len(sheet.ids), bool)
        looked_at[rows] = True
    tag_id = catalog.tags.make(category.tag or category.name.replace("/", " "))
    carrying = catalog.tag_runs.carrying(tag_id)
    has = np.isin(sheet.ids, np.fromiter(carrying, np.int64, len(carrying)))
    fresh = np.nonzero(reached & looked_at & ~has)[0]
    if category.mode is Mode.SUGGEST:
        entry = _entry(column, suggested=int(np.count_nonzero(np.isnan(column.known[fresh]))))
        return entry, run
    ours = np.asarray([i for i, own in carrying.items() if own and i not in claimed], np.int64)
    weak = np.nonzero(np.isin(sheet.ids, ours) & ~reached & (column.known != 1) & looked_at)[0]
    if not len(fresh) and not len(weak):
        return _entry(column), run
    if run is None:
        run = catalog.tag_runs.start(kind, SpaceId(sheet.space_id))
    scores = dict(
        zip(sheet.ids[fresh].tolist(), sigmoid(column.scores[fresh]).tolist(), strict=True)
    )
    added = catalog.tag_runs.add(run, tag_id, scores)
    removed = catalog.tag_runs.take(run, tag_id, sheet.ids[weak].tolist())
    return _entry(column, added=added, removed=removed), run


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
                sheet, (column,) = columns(group, [other.id])
                reached = (column.scores >= column.cut) & (column.known != 0)
                found |= set(sheet.ids[reached].tolist())
    return frozenset(found)


def _entry(column: Column, *, added: int = 0, removed: int = 0, suggested: int = 0) -> CategoryRun:
    category = column.category
    return CategoryRun(
        category=category.name,
        tag=category.tag,
        prompts=tuple(prompts_of(category.name, category.prompts)),
        threshold=column.threshold,
        added=added,
        removed=removed,
        suggested=suggested,
    )
