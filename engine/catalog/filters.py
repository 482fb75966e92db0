"""Plain facts as SQL: which photos a list of filters accepts.

| name | values |
|---|---|
| name | a glob such as IMG_*, or a part of the name; without regard to case |
| folder | a folder's name, a path such as 2024/Italy, or a glob |
| type | a format (jpeg), an extension (jpg), "raw" |
| camera | a part of make and model |
| date | 2024, 2024-05, 2024-05-01, a range a..b with either end open; > >= < <= |
| width, height | pixels; a range a..b; > >= < <= |
| orientation | portrait, landscape, square |
| is | identical, damaged, offline, unsearchable, missing, untagged |
| has | gps |
| tag | a tag's name or path, those below it included; * and ? stand for letters |
| category | a category's name: photos that carry its tag |
| detected | a label; * and ? stand for letters |
| count | a label and a number: dog>=2, dog=1..3; without one at least 1 |
| box | a label and the part of the picture that its largest box covers: dog>20% |
"""

from __future__ import annotations

import calendar
import json
import re
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from engine.catalog.detection_filters import boxed, counted, detected
from engine.catalog.photo_rows import VISIBLE_FOLDERS, below
from engine.catalog.tag_filters import UNTAGGED, in_category, tagged
from engine.types import Filter, Order, Scope, SpaceId

Values: TypeAlias = tuple[object, ...]

_RAW_EXTENSIONS = (
    "3fr", "arw", "cr2", "cr3", "crw", "dcr", "dng", "erf", "fff", "gpr", "iiq", "kdc", "mef",
    "mos", "mrw", "nef", "nrw", "orf", "pef", "raf", "raw", "rw2", "rwl", "sr2", "srf", "srw",
    "x3f",
)  # fmt: skip
_SAME_TYPE = {
    "jpg": ("jpg", "jpeg", "jpe", "jfif"),
    "tif": ("tif", "tiff"),
    "heif": ("heif", "heic", "hif"),
    "raw": _RAW_EXTENSIONS,
}
_SYNONYMS = {
    "jpeg": "jpg",
    "jpe": "jpg",
    "jfif": "jpg",
    "tiff": "tif",
    "heic": "heif",
    "hif": "heif",
}
_FORMATS = {"jpg": ("JPEG", "MPO"), "tif": ("TIFF",), "heif": ("HEIF", "HEIC")}
_OPERATORS = ("=", ">", ">=", "<", "<=")
_ORDERS = {
    Order.DATE_NEWEST: "p.date_key DESC, p.name_key DESC, p.folder_id DESC, p.id DESC",
    Order.DATE_OLDEST: "p.date_key, p.name_key, p.folder_id, p.id",
    Order.NAME: "p.name_key, p.folder_id, p.id",
}
_IN_ROW = ("name", "type", "camera", "width", "height", "orientation", "has")
_ORDERED = ("date", "width", "height", "count", "box")
_BOXES = {"detected": detected, "count": counted, "box": boxed}
_DAY_S = 86_400
_IN = "(SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True)
class Selection:
    """A statement that yields photo ids in order."""

    sql: str
    values: Values


@dataclass(frozen=True, slots=True)
class _Condition:
    sql: str
    values: Values = ()


def select(
    db: sqlite3.Connection, filters: Sequence[Filter], scope: Scope, space_id: SpaceId | None
) -> Selection:
    """The statement for a scope and filters.

    Raises:
        ValueError: a filter that means nothing, in one sentence.
    """
    asks_missing = any(
        entry.name == "is" and entry.value.casefold() == "missing" and not entry.negate
        for entry in filters
    )
    state = _Condition("p.state = 'missing'" if asks_missing else "p.state = 'present'")
    place = _in_scope(db, scope)
    facts = [_negatable(db, entry, space_id) for entry in filters]
    # Rows in the order of an index, or found first and sorted then: the second is faster as soon
    # as a fact must be looked up in the row itself.
    sort = _ORDERS[scope.order]
    if place.sorts or asks_missing or any(entry.name != "date" for entry in filters):
        sort = sort.replace("p.", "+p.")
    conditions = [state, place, *facts]
    where = " AND ".join(condition.sql for condition in conditions if condition.sql)
    values = tuple(value for condition in conditions for value in condition.values)
    join = " CROSS JOIN folder f ON f.id = p.folder_id" if place.joins else ""
    if filters and not place.sorts and all(e.negate or e.name in _IN_ROW for e in filters):
        join = " NOT INDEXED" + join  # every row in the order they lie, not by way of an index
    return Selection(
        f"SELECT p.id FROM photo p{join} WHERE {where} ORDER BY {sort}",  # noqa: S608
        values,
    )


@dataclass(frozen=True, slots=True)
class _Place(_Condition):
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


# ---- one filter ----------------------------------------------------------------------------------


def _negatable(db: sqlite3.Connection, entry: Filter, space_id: SpaceId | None) -> _Condition:
    condition = _condition(db, entry, space_id)
    if not entry.negate:
        return condition
    # What is not known is not so: a photo without a camera answers -camera:canon.
    return _Condition(f"NOT ifnull({condition.sql}, 0)", condition.values)


def _condition(db: sqlite3.Connection, entry: Filter, space_id: SpaceId | None) -> _Condition:
    if entry.op not in _OPERATORS:
        raise ValueError(f"“{entry.op}” is no comparison.")
    if entry.op != "=" and entry.name not in _ORDERED:
        raise ValueError(f"“{entry.name}:” cannot be compared with “{entry.op}”.")
    if not entry.value.strip():
        raise ValueError(f"“{entry.name}:” needs a value.")
    if entry.name == "folder":
        return _folder(db, entry.value)
    if entry.name == "tag":
        return _Condition(*tagged(db, entry.value))
    if entry.name == "category":
        return _Condition(*in_category(db, entry.value))
    if entry.name in _BOXES:
        return _Condition(*_BOXES[entry.name](db, entry))
    if entry.name == "is":
        return _is(entry.value, space_id)
    if entry.name in ("width", "height"):
        return _pixels(entry)
    if entry.name == "date":
        return _date(entry)
    plain = _PLAIN.get(entry.name)
    if plain is None:
        raise ValueError(f"There is no filter “{entry.name}:”.")
    return plain(entry.value)


def _name(value: str) -> _Condition:
    if _is_glob(value):
        return _Condition("p.folded_name GLOB ?", (value.casefold(),))
    return _Condition("instr(p.folded_name, ?) > 0", (value.casefold(),))


def _is_glob(value: str) -> bool:
    return any(sign in value for sign in "*?[")


def _folder(db: sqlite3.Connection, value: str) -> _Condition:
    """Folders are few: they are compared here, photos only by their folder's id."""
    wanted = value.replace("\\", "/").strip("/").casefold()
    pattern = _glob_regex(wanted) if _is_glob(wanted) else re.escape(wanted)
    found = re.compile(f"(^|/){pattern}($|/)")
    ids: list[int] = []
    for folder_id, root, relpath in db.execute(
        "SELECT f.id, r.path, f.relpath FROM folder f JOIN root r ON r.id = f.root_id"
    ):
        whole = root.rpartition(b"/")[2] + b"/" + relpath  # the root's own name counts too
        absolute = root + b"/" + relpath
        if found.search(whole.decode("utf-8", "replace").casefold()) or (
            absolute.decode("utf-8", "replace").strip("/").casefold() + "/"
        ).startswith(wanted + "/"):
            ids.append(folder_id)
    return _Condition(f"p.folder_id IN {_IN}", (json.dumps(ids),))


def _glob_regex(pattern: str) -> str:
    """A glob on one path part: * and ? stop at "/"."""
    signs = {"*": "[^/]*", "?": "[^/]"}
    return "".join(signs.get(sign, re.escape(sign)) for sign in pattern)


def _type(value: str) -> _Condition:
    wanted = value.strip().lstrip(".").casefold()
    wanted = _SYNONYMS.get(wanted, wanted)
    extensions = _SAME_TYPE.get(wanted, (wanted,))
    if wanted == "raw" or wanted in _RAW_EXTENSIONS:  # the format may be that of the preview
        return _Condition(f"p.extension IN {_IN}", (json.dumps(extensions),))
    formats = _FORMATS.get(wanted, (wanted.upper(),))
    # What the bytes are counts; the extension only until they were read.
    return _Condition(
        f"(coalesce(p.format, p.extension) IN {_IN} AND p.extension NOT IN {_IN})",
        (json.dumps((*extensions, *formats)), json.dumps(_RAW_EXTENSIONS)),
    )


def _no_wildcards(value: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", value)


def _camera(value: str) -> _Condition:
    return _Condition("p.camera LIKE ? ESCAPE '\\'", (f"%{_no_wildcards(value.strip())}%",))


def _orientation(value: str) -> _Condition:
    signs = {"portrait": "<", "landscape": ">", "square": "="}
    sign = signs.get(value.casefold())
    if sign is None:
        raise ValueError("“orientation:” is portrait, landscape or square.")
    return _Condition(f"p.width {sign} p.height")


def _has(value: str) -> _Condition:
    if value.casefold() != "gps":
        raise ValueError("“has:” knows only gps.")
    return _Condition("(p.latitude IS NOT NULL AND p.longitude IS NOT NULL)")


_PLAIN: dict[str, Callable[[str], _Condition]] = {
    "name": _name,
    "type": _type,
    "camera": _camera,
    "orientation": _orientation,
    "has": _has,
}


def _is(value: str, space_id: SpaceId | None) -> _Condition:
    match value.casefold():
        case "identical":
            # Twice, since the index on the hashes alone finds nearly all that is single.
            return _Condition(
                "p.content_hash IN (SELECT c.content_hash FROM photo c"  # noqa: S608
                " WHERE c.state = 'present' AND c.content_hash IN"
                "  (SELECT d.content_hash FROM photo d INDEXED BY photo_hash"
                "   WHERE d.content_hash IS NOT NULL AND d.state = 'present'"
                "   GROUP BY d.content_hash HAVING count(*) > 1)"
                f" AND c.folder_id IN {VISIBLE_FOLDERS}"
                " GROUP BY c.content_hash HAVING count(*) > 1)"
            )
        case "damaged":
            return _Condition("p.damaged <> ''")
        case "offline":
            return _Condition(
                "p.folder_id IN (SELECT f.id FROM folder f JOIN root r ON r.id = f.root_id"
                " WHERE NOT r.online)"
            )
        case "unsearchable":
            return _Condition(
                "p.id NOT IN (SELECT photo_id FROM embedding WHERE space_id IS ?)", (space_id,)
            )
        case "missing":
            return _Condition("p.state = 'missing'")
        case "untagged":
            return _Condition(UNTAGGED)
        case _:
            raise ValueError(
                "“is:” is one of identical, damaged, offline, unsearchable, missing, untagged."
            )


# ---- ranges --------------------------------------------------------------------------------------


def _pixels(entry: Filter) -> _Condition:
    column = f"p.{entry.name}"

    def number(raw: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", raw):
            raise ValueError(f"“{entry.name}:” needs a number of pixels, such as 3000.")
        return int(raw)

    if ".." in entry.value:
        low, high = _ends(entry)
        return _between(
            column,
            number(low) if low else None,
            number(high) + 1 if high else None,
        )
    return _Condition(f"{column} {entry.op} ?", (number(entry.value.strip()),))


def _date(entry: Filter) -> _Condition:
    column = "p.date_key"
    if ".." in entry.value:
        low, high = _ends(entry)
        return _between(
            column, _period(low)[0] if low else None, _period(high)[1] if high else None
        )
    start, end = _period(entry.value.strip())
    match entry.op:
        case ">":
            return _between(column, end, None)
        case ">=":
            return _between(column, start, None)
        case "<":
            return _between(column, None, start)
        case "<=":
            return _between(column, None, end)
        case _:
            return _between(column, start, end)


def _ends(entry: Filter) -> tuple[str, str]:
    if entry.op != "=":
        raise ValueError(f"“{entry.name}:” takes a comparison or a range, not both.")
    low, _, high = (part.strip() for part in entry.value.partition(".."))
    if not low and not high:
        raise ValueError(f"“{entry.name}:” needs at least one end of the range.")
    return low, high


def _between(column: str, low: int | None, high: int | None) -> _Condition:
    """At least `low`, below `high`."""
    parts = [f"{column} {sign} ?" for sign, end in ((">=", low), ("<", high)) if end is not None]
    return _Condition(
        f"({' AND '.join(parts)})", tuple(end for end in (low, high) if end is not None)
    )


def _period(raw: str) -> tuple[int, int]:
    """A year, month or day as seconds on the wall clock: its start and the start of the next."""
    found = re.fullmatch(r"([0-9]{4})(?:-([0-9]{1,2}))?(?:-([0-9]{1,2}))?", raw)
    if found is None:
        raise ValueError("“date:” needs a date such as 2024, 2024-05 or 2024-05-01.")
    year, month, day = (int(part) if part else None for part in found.groups())
    try:
        first = date(year or 0, month or 1, day or 1)
    except ValueError:
        raise ValueError(f"“{raw}” is no date of the calendar.") from None
    start = calendar.timegm(first.timetuple())
    if day is not None:
        return start, start + _DAY_S
    if month is not None:
        return start, start + _DAY_S * calendar.monthrange(first.year, first.month)[1]
    return start, start + _DAY_S * (366 if calendar.isleap(first.year) else 365)
