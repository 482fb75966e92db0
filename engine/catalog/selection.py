"""A tree of filters, a scope and an order as one SQL statement."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from engine.catalog.filters import ASKED_OF_ROW, Condition, Values, condition
from engine.catalog.photo_rows import below
from engine.query import AllOf, AnyOf, Expr, Not, filters_in
from engine.types import Filter, Order, Scope, SpaceId

_ORDERS = {
    Order.DATE_NEWEST: "p.date_key DESC, p.name_key DESC, p.folder_id DESC, p.id DESC",
    Order.DATE_OLDEST: "p.date_key, p.name_key, p.folder_id, p.id",
    Order.NAME: "p.name_key, p.folder_id, p.id",
}
_IN = "(SELECT value FROM json_each(?))"
_PRESENT = Condition("p.state = 'present'")
_MISSING = Condition("p.state = 'missing'")


@dataclass(frozen=True, slots=True)
class Selection:
    """A statement that yields photo ids in order."""

    sql: str
    values: Values


def select(
    db: sqlite3.Connection, where: Expr | None, scope: Scope, space_id: SpaceId | None
) -> Selection:
    """The statement for a scope and filters.

    Raises:
        FilterRefused: a filter that means nothing, in one sentence.
    """
    place = _in_scope(db, scope)
    leaves = list(filters_in(where))
    parts = where.parts if isinstance(where, AllOf) else () if where is None else (where,)
    facts = _with_state(parts, lambda entry: condition(db, entry, space_id))
    # Rows in the order of an index, or found first and sorted then: the second is faster as soon
    # as a fact must be looked up in the row itself.
    sort = _ORDERS[scope.order]
    by_date = all(isinstance(part, Filter) and part.name == "date" for part in parts)
    if place.sorts or not by_date:
        sort = sort.replace("p.", "+p.")
    join = " CROSS JOIN folder f ON f.id = p.folder_id" if place.joins else ""
    grouped = any(not isinstance(part, Filter) for part in parts)
    in_row = grouped or all(entry.negate or entry.name in ASKED_OF_ROW for entry in leaves)
    if leaves and not place.sorts and in_row and not _any_missing(parts):
        join = " NOT INDEXED" + join  # every row in the order they lie, not by way of an index
    wanted = _joined(" AND ", [place, facts])
    return Selection(
        f"SELECT p.id FROM photo p{join} WHERE {wanted.sql} ORDER BY {sort}",  # noqa: S608
        wanted.values,
    )


# ---- the tree ------------------------------------------------------------------------------------


def _with_state(parts: tuple[Expr, ...], ask: Callable[[Filter], Condition]) -> Condition:
    """Parts that all hold, of photos that are there; of tombstones only where they are asked for.

    In `is:missing or tag:a` the one branch is about tombstones and the other about photos.
    """
    about_missing = [part for part in parts if _any_missing((part,))]
    rest = [part for part in parts if not _any_missing((part,))]
    conditions = [] if about_missing else [_PRESENT]
    for part in about_missing:
        if isinstance(part, AnyOf):
            branches = [
                _with_state(branch.parts if isinstance(branch, AllOf) else (branch,), ask)
                for branch in part.parts
            ]
            conditions.append(_in_parentheses(_joined(" OR ", branches)))
        else:
            conditions.append(_MISSING)
    return _joined(" AND ", conditions + [_tree(part, ask) for part in rest])


def _any_missing(parts: tuple[Expr, ...]) -> bool:
    """Whether tombstones are asked for, and not only left out."""
    for part in parts:
        if isinstance(part, Filter):
            if part.name == "is" and part.value.casefold() == "missing" and not part.negate:
                return True
        elif not isinstance(part, Not) and _any_missing(part.parts):
            return True
    return False


def _tree(part: Expr, ask: Callable[[Filter], Condition]) -> Condition:
    if isinstance(part, Filter):
        return ask(part)
    if isinstance(part, Not):
        inside = _tree(part.part, ask)
        # What is not known is not so, as with a single filter.
        return Condition(f"NOT ifnull({inside.sql}, 0)", inside.values)
    sign = " AND " if isinstance(part, AllOf) else " OR "
    return _in_parentheses(_joined(sign, [_tree(below, ask) for below in part.parts]))


def _joined(sign: str, conditions: list[Condition]) -> Condition:
    return Condition(
        sign.join(one.sql for one in conditions if one.sql),
        tuple(value for one in conditions for value in one.values),
    )


def _in_parentheses(inside: Condition) -> Condition:
    return Condition(f"({inside.sql})", inside.values)


# ---- the scope -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Place(Condition):
    """Where photos must lie."""

    joins: bool = False  # the condition is about the folder, "f"
    sorts: bool = False  # few folders: their photos are found first


def _in_scope(db: sqlite3.Connection, scope: Scope) -> _Place:
    visible: list[tuple[int, bool]] = db.execute(
        "SELECT id, forgotten_at IS NULL FROM root"
    ).fetchall()
    roots = [root_id for root_id, shown in visible if shown and scope.root_id in (None, root_id)]
    if not scope.folder:
        if len(roots) == len(visible):
            return _Place("")
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
