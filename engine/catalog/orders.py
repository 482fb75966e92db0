"""The photos of a scope in each order. That of the whole library is kept until the next commit."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.catalog.mark_filters import RATING
from engine.catalog.photo_rows import below
from engine.catalog.selection import Mask, ids_of
from engine.catalog.store import Store
from engine.types import Order, Scope

_ORDERS = {
    Order.DATE_NEWEST: "p.date_key DESC, p.name_key DESC, p.folder_id DESC, p.id DESC",
    Order.DATE_OLDEST: "p.date_key, p.name_key, p.folder_id, p.id",
    Order.NAME: "p.name_key, p.folder_id, p.id",
}
_IN = "(SELECT value FROM json_each(?))"
_FEW = 2_000  # photos that are faster looked up and sorted than found in a list of all


class Orders:
    """Puts photos in order. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[Order, tuple[int, NDArray[np.int64]]] = {}

    def all(self, db: sqlite3.Connection, scope: Scope) -> NDArray[np.int64]:
        """(n,) int64: the present photos of a scope, in its order."""
        kept = self._known(scope)
        if kept is not None:
            return kept
        if scope.order is Order.RATING:
            ids = _by_stars(db, self.all(db, replace(scope, order=Order.DATE_NEWEST)))
        else:
            ids = _ids(db, scope, "p.state = 'present'")
        as_of = self._store.as_of
        if as_of is not None and _whole(scope):
            self._kept[scope.order] = (as_of, ids)
        return ids

    def chosen(
        self, db: sqlite3.Connection, scope: Scope, mask: Mask, *, missing: bool
    ) -> NDArray[np.int64]:
        """(m,) int64: those of a scope that a selection means, in its order."""
        wanted = np.flatnonzero(mask)
        if not len(wanted):
            return wanted
        if scope.order is Order.RATING and self._known(scope) is None:
            newest = replace(scope, order=Order.DATE_NEWEST)
            return _by_stars(db, self.chosen(db, newest, mask, missing=missing))
        if missing or (len(wanted) <= _FEW and self._known(scope) is None):
            states = "('present', 'missing')" if missing else "('present')"
            state = f"p.id IN {_IN} AND +p.state IN {states}"
            return _ids(db, scope, state, (json.dumps(wanted.tolist()),))
        ids = self.all(db, scope)
        ids = ids[ids < len(mask)]  # what was kept may be newer than this snapshot
        return ids[mask[ids]]

    def _known(self, scope: Scope) -> NDArray[np.int64] | None:
        as_of, ids = self._kept.get(scope.order, (None, None))
        return ids if _whole(scope) and as_of == self._store.as_of else None


def _by_stars(db: sqlite3.Connection, ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """The same photos, the most stars first; those alike stay as they are.

    Few photos have stars, and an index knows them all: they are read, not joined.
    """
    if not len(ids):
        return ids
    stars = np.zeros(int(ids.max()) + 1, np.int8)
    for photo_id, given in db.execute(
        f"SELECT m.photo_id, {RATING} FROM metadata m WHERE {RATING} BETWEEN 1 AND 5"  # noqa: S608
    ):
        if photo_id < len(stars):
            stars[photo_id] = given
    return ids[np.argsort(-stars[ids], kind="stable")]


def _whole(scope: Scope) -> bool:
    return scope.root_id is None and not scope.folder


def _ids(
    db: sqlite3.Connection, scope: Scope, state: str, values: tuple[object, ...] = ()
) -> NDArray[np.int64]:
    place = _in_scope(db, scope)
    # Rows in the order of an index, or found first and sorted then.
    sort = _ORDERS[scope.order]
    if place.sorts or state != "p.state = 'present'":
        sort = sort.replace("p.", "+p.")
    join = " CROSS JOIN folder f ON f.id = p.folder_id" if place.joins else ""
    where = f"{state} AND {place.sql}" if place.sql else state
    sql = f"SELECT p.id FROM photo p{join} WHERE {where} ORDER BY {sort}"  # noqa: S608
    return ids_of(db, sql, (*values, *place.values))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where photos must lie, as SQL."""

    sql: str = ""
    values: tuple[object, ...] = ()
    joins: bool = False  # the condition is about the folder, "f"
    sorts: bool = False  # few folders: their photos are found first


def _in_scope(db: sqlite3.Connection, scope: Scope) -> _Place:
    visible: list[tuple[int, bool]] = db.execute(
        "SELECT id, forgotten_at IS NULL FROM root"
    ).fetchall()
    roots = [root_id for root_id, shown in visible if shown and scope.root_id in (None, root_id)]
    if not scope.folder:
        if len(roots) == len(visible):
            return _Place()
        return _Place(f"f.root_id IN {_IN}", (json.dumps(roots),), joins=True)
    where = f"f.root_id IN {_IN} AND (f.relpath = ? OR (f.relpath > ? AND f.relpath < ?))"
    values = (json.dumps(roots), scope.folder, *below(scope.folder))
    inside, all_folders = db.execute(
        f"SELECT count(*), (SELECT count(*) FROM folder) FROM folder f WHERE {where}",  # noqa: S608
        values,
    ).fetchone()
    if 4 * inside > all_folders:
        return _Place(where, values, joins=True)
    return _Place(
        f"p.folder_id IN (SELECT f.id FROM folder f WHERE {where})",  # noqa: S608
        values,
        sorts=True,
    )
