"""Asks a tree of filters: each one once, as a set of photos; the sets are joined here.

A set is an array of truth values by photo id. So `or`, `not` and parentheses cost nothing, and no
statement grows so odd that SQLite would look for its rows in a slow way.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.catalog.filters import Condition, condition
from engine.query import AllOf, AnyOf, Expr, Not
from engine.types import Filter, SpaceId

Mask: TypeAlias = NDArray[np.bool_]
"""(greatest id + 1,) whether a photo is meant."""

_INNER = re.compile(r"p\.id (NOT )?IN \((SELECT .*)\)", re.DOTALL)
_PRESENT = "p.state = 'present'"


class Selection:
    """The photos that filters accept, as one snapshot of the catalog tells."""

    def __init__(self, db: sqlite3.Connection, where: Expr, space_id: SpaceId | None) -> None:
        """Ask all filters.

        Raises:
            FilterRefused: one of them means nothing, in one sentence.
        """
        self._db = db
        self._space_id = space_id
        (greatest,) = db.execute("SELECT coalesce(max(id), 0) FROM photo").fetchone()
        self._size = greatest + 1
        self.asks_missing = _any_missing(where)
        self.mask = self._with_state(where) if self.asks_missing else self._mask(where)

    def _with_state(self, where: Expr) -> Mask:
        """Tombstones only where they are asked for.

        In `is:missing or tag:a` the one branch is about tombstones and the other about photos.
        """
        if not _any_missing(where):
            present = Condition(_PRESENT)
            return self._mask(where) & self._ask(present)
        if isinstance(where, AnyOf):
            return np.logical_or.reduce([self._with_state(part) for part in where.parts])
        if not isinstance(where, AllOf):
            return self._mask(where)
        about_missing = [self._with_state(part) for part in where.parts if _any_missing(part)]
        rest = [self._mask(part) for part in where.parts if not _any_missing(part)]
        return np.logical_and.reduce(about_missing + rest)

    def _mask(self, where: Expr) -> Mask:
        if isinstance(where, Filter):
            found = self._ask(self._condition(where, negate=False))
            return ~found if where.negate else found
        if isinstance(where, Not):
            return ~self._mask(where.part)
        both = isinstance(where, AllOf)
        join = np.logical_and if both else np.logical_or
        masks: list[Mask] = []
        of_row: list[Condition] = []
        for part in where.parts:
            if isinstance(part, Filter) and (asked := self._condition(part)).of_row:
                of_row.append(asked)
            else:
                masks.append(self._mask(part))
        if of_row:  # every row is read once for all of them
            sql = (" AND " if both else " OR ").join(one.sql for one in of_row)
            values = tuple(value for one in of_row for value in one.values)
            masks.append(self._ask(Condition(sql, values, of_row=True)))
        return join.reduce(masks)

    def _condition(self, entry: Filter, *, negate: bool | None = None) -> Condition:
        return condition(self._db, entry, self._space_id, negate=negate)

    def _ask(self, wanted: Condition) -> Mask:
        inner = _INNER.fullmatch(wanted.sql)
        outside = bool(inner and inner[1])
        if inner and _closes_at_end(inner[2]):
            sql = inner[2]
        else:
            outside = False
            hint = " NOT INDEXED" if wanted.of_row else ""  # rows in the order they lie
            # Of tombstones nobody asks here, and the index on dates holds none.
            state = "" if wanted.of_row or self.asks_missing else f"{_PRESENT} AND "
            sql = f"SELECT p.id FROM photo p{hint} WHERE {state}({wanted.sql})"  # noqa: S608
        ids = ids_of(self._db, sql, wanted.values)
        mask = np.full(self._size, outside)
        mask[ids] = not outside
        return mask


def ids_of(db: sqlite3.Connection, sql: str, values: Sequence[object] = ()) -> NDArray[np.int64]:
    """(n,) int64: the ids that a statement yields, in its order.

    As one text: half the time of as many rows, and other threads run meanwhile.
    """
    (ids,) = db.execute(
        f"WITH found(id) AS ({sql}) SELECT json_group_array(id) FROM found",  # noqa: S608
        values,
    ).fetchone()
    return np.asarray(json.loads(ids), np.int64)


def _closes_at_end(inner: str) -> bool:
    """Whether the parenthesis that was opened before a statement is closed behind it."""
    depth = 0
    for sign in inner:
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            return False
    return depth == 0


def _any_missing(where: Expr) -> bool:
    """Whether tombstones are asked for, and not only left out."""
    if isinstance(where, Filter):
        return where.name == "is" and where.value.casefold() == "missing" and not where.negate
    return not isinstance(where, Not) and any(_any_missing(part) for part in where.parts)
