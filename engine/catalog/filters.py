"""One plain fact as SQL: which photos a filter accepts. selection.py asks and joins them.

| name | values |
|---|---|
| name | a glob such as IMG_*, or a part of the name; without regard to case |
| folder | a folder's name, a path such as 2024/Italy, or a glob |
| type | a format (jpeg), an extension (jpg), "raw" |
| camera | a part of make and model |
| date | 2024, 2024-05, 2024-05-01, a range a..b with either end open; > >= < <= |
| width, height | pixels; a range a..b; > >= < <= |
| rating | stars from 0 to 5; a range a..b; > >= < <= |
| orientation | portrait, landscape, square |
| is | favourite, picked, rejected, untagged, raw, identical, offline, missing, damaged, … |
| near | latitude and longitude in degrees, and how far around: 48.86,2.35,10km |
| has | gps, date, caption, title, rating, tags, detections, sidecar |
| tag | a tag's name or path, those below it included; * and ? stand for letters |
| category | a category's name: photos that carry its tag |
| album | an album's name; * and ? stand for letters |
| detected | a label; * and ? stand for letters |
| count | a label and a number: dog>=2, dog=1..3; without one at least 1 |
| box | a label and the part of the picture that its largest box covers: dog>20% |
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeAlias

from engine.catalog.detection_filters import boxed, counted, detected
from engine.catalog.map_places import near
from engine.catalog.mark_filters import in_album, marked, rated, told, with_sidecar
from engine.catalog.photo_rows import VISIBLE_FOLDERS
from engine.catalog.tag_filters import in_category, tagged
from engine.query import FILTERS, FilterRefused
from engine.query.dates import ends, period
from engine.query.values import pixels, rating
from engine.query.vocabulary import RATINGS, RAW_EXTENSIONS
from engine.types import Filter, SpaceId

Values: TypeAlias = tuple[object, ...]

_SAME_TYPE = {
    "jpg": ("jpg", "jpeg", "jpe", "jfif"),
    "tif": ("tif", "tiff"),
    "heif": ("heif", "heic", "hif"),
    "raw": RAW_EXTENSIONS,
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
_ORDERED = ("date", "width", "height", "rating", "count", "box")
_BOXES = {"detected": detected, "count": counted, "box": boxed}
_IN = "(SELECT value FROM json_each(?))"


@dataclass(frozen=True, slots=True)
class Condition:
    """SQL that is true for the photos `p` that are meant, with its values.

    Conditions on other tables are "p.id IN (SELECT …)" or "p.id NOT IN (SELECT …)" wherever they
    can: then only the inner question is asked.
    """

    sql: str
    values: Values = ()
    of_row: bool = False  # it looks at the photo's own row, so every row must be read


def condition(
    db: sqlite3.Connection,
    entry: Filter,
    space_id: SpaceId | None,
    *,
    negate: bool | None = None,
) -> Condition:
    """The condition for one filter.

    Args:
        db: the catalog.
        entry: the filter.
        space_id: the embedding space that `is:unsearchable` asks about.
        negate: whether it is turned round; None: as the filter says.

    Raises:
        FilterRefused: it means nothing, in one sentence.
    """
    try:
        found = _condition(db, entry, space_id)
    except ValueError as error:
        raise FilterRefused(entry, str(error)) from error
    if not (entry.negate if negate is None else negate):
        return found
    # What is not known is not so: a photo without a camera answers -camera:canon.
    return Condition(f"NOT ifnull({found.sql}, 0)", found.values, found.of_row)


def _condition(db: sqlite3.Connection, entry: Filter, space_id: SpaceId | None) -> Condition:
    if entry.op not in _OPERATORS:
        raise ValueError(f"“{entry.op}” is no comparison.")
    if entry.op != "=" and entry.name not in _ORDERED:
        raise ValueError(f"“{entry.name}:” cannot be compared with “{entry.op}”.")
    if not entry.value.strip():
        raise ValueError(f"“{entry.name}:” needs a value.")
    if entry.name == "folder":
        return _folder(db, entry.value)
    if entry.name == "tag":
        return Condition(*tagged(db, entry.value))
    if entry.name == "category":
        return Condition(*in_category(db, entry.value))
    if entry.name in _BOXES:
        return Condition(*_BOXES[entry.name](db, entry))
    if entry.name == "is":
        return _is(entry.value, space_id)
    if entry.name == "has":
        return _has(entry.value)
    if entry.name == "album":
        return Condition(*in_album(db, entry.value))
    if entry.name == "near":
        return Condition(*near(db, entry.value), of_row=True)
    if entry.name == "rating":
        return _rating(entry)
    if entry.name in ("width", "height"):
        return _pixels(entry)
    if entry.name == "date":
        return _date(entry)
    plain = _PLAIN.get(entry.name)
    if plain is None:
        raise ValueError(f"There is no filter “{entry.name}:”.")
    return plain(entry.value)


def _name(value: str) -> Condition:
    if _is_glob(value):
        return Condition("p.folded_name GLOB ?", (value.casefold(),), of_row=True)
    return Condition("instr(p.folded_name, ?) > 0", (value.casefold(),), of_row=True)


def _is_glob(value: str) -> bool:
    return any(sign in value for sign in "*?[")


def _folder(db: sqlite3.Connection, value: str) -> Condition:
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
    return Condition(f"p.folder_id IN {_IN}", (json.dumps(ids),))


def _glob_regex(pattern: str) -> str:
    """A glob on one path part: * and ? stop at "/"."""
    signs = {"*": "[^/]*", "?": "[^/]"}
    return "".join(signs.get(sign, re.escape(sign)) for sign in pattern)


def _type(value: str) -> Condition:
    wanted = value.strip().lstrip(".").casefold()
    wanted = _SYNONYMS.get(wanted, wanted)
    extensions = _SAME_TYPE.get(wanted, (wanted,))
    if wanted == "raw" or wanted in RAW_EXTENSIONS:  # the format may be that of the preview
        return Condition(f"p.extension IN {_IN}", (json.dumps(extensions),), of_row=True)
    formats = _FORMATS.get(wanted, (wanted.upper(),))
    # What the bytes are counts; the extension only until they were read.
    return Condition(
        f"(coalesce(p.format, p.extension) IN {_IN} AND p.extension NOT IN {_IN})",
        (json.dumps((*extensions, *formats)), json.dumps(RAW_EXTENSIONS)),
        of_row=True,
    )


def _no_wildcards(value: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", value)


def _camera(value: str) -> Condition:
    like = f"%{_no_wildcards(value.strip())}%"
    return Condition("p.camera LIKE ? ESCAPE '\\'", (like,), of_row=True)


def _orientation(value: str) -> Condition:
    signs = {"portrait": "<", "landscape": ">", "square": "="}
    sign = signs.get(value.casefold())
    if sign is None:
        raise ValueError("“orientation:” is portrait, landscape or square.")
    return Condition(f"p.width {sign} p.height", of_row=True)


def _has(value: str) -> Condition:
    match value.casefold():
        case "gps":
            return Condition("p.latitude + p.longitude IS NOT NULL", of_row=True)
        case "date":
            return Condition("p.taken_at IS NOT NULL", of_row=True)
        case "caption" | "title" as fact:
            return Condition(*told(fact))
        case "rating":
            return Condition(*rated(1, max(RATINGS)))
        case "tags":
            return Condition("p.id IN (SELECT l.photo_id FROM photo_tag l)")
        case "detections":
            return Condition("p.id IN (SELECT d.photo_id FROM detection d WHERE d.shown)")
        case "sidecar":
            return Condition(*with_sidecar())
        case _:
            raise ValueError(f"“has:” is one of {', '.join(FILTERS['has'].values)}.")


_PLAIN: dict[str, Callable[[str], Condition]] = {
    "name": _name,
    "type": _type,
    "camera": _camera,
    "orientation": _orientation,
}


def _is(value: str, space_id: SpaceId | None) -> Condition:
    match value.casefold():
        case "identical":
            # Twice, since the index on the hashes alone finds nearly all that is single.
            return Condition(
                "p.content_hash IN (SELECT c.content_hash FROM photo c"  # noqa: S608
                " WHERE c.state = 'present' AND c.content_hash IN"
                "  (SELECT d.content_hash FROM photo d INDEXED BY photo_hash"
                "   WHERE d.content_hash IS NOT NULL AND d.state = 'present'"
                "   GROUP BY d.content_hash HAVING count(*) > 1)"
                f" AND c.folder_id IN {VISIBLE_FOLDERS}"
                " GROUP BY c.content_hash HAVING count(*) > 1)"
            )
        case "damaged":
            return Condition("p.damaged <> ''", of_row=True)
        case "offline":
            return Condition(
                "p.folder_id IN (SELECT f.id FROM folder f JOIN root r ON r.id = f.root_id"
                " WHERE NOT r.online)"
            )
        case "unsearchable":
            return Condition(
                "p.id NOT IN (SELECT photo_id FROM embedding WHERE space_id IS ?)", (space_id,)
            )
        case "missing":
            return Condition("p.state = 'missing'")
        case "untagged":
            return Condition("p.id NOT IN (SELECT l.photo_id FROM photo_tag l)")
        case "raw":
            return _type("raw")
        case "favourite" | "picked" | "rejected" as mark:
            return Condition(*marked(mark))
        case _:
            raise ValueError(f"“is:” is one of {', '.join(FILTERS['is'].values)}.")


# ---- ranges --------------------------------------------------------------------------------------


def _pixels(entry: Filter) -> Condition:
    column = f"p.{entry.name}"
    both = ends(entry.name, entry.op, entry.value)
    if both is None:
        number = pixels(entry.name, entry.value.strip())
        return Condition(f"{column} {entry.op} ?", (number,), of_row=True)
    low, high = (pixels(entry.name, end) if end else None for end in both)
    return replace(_between(column, low, None if high is None else high + 1), of_row=True)


def _rating(entry: Filter) -> Condition:
    """Ratings are few whole numbers: every comparison is one range of them."""
    low, high = min(RATINGS), max(RATINGS)
    both = ends(entry.name, entry.op, entry.value)
    if both is not None:
        low = rating(both[0]) if both[0] else low
        high = rating(both[1]) if both[1] else high
    else:
        stars = rating(entry.value.strip())
        low = {"=": stars, ">": stars + 1, ">=": stars}.get(entry.op, low)
        high = {"=": stars, "<": stars - 1, "<=": stars}.get(entry.op, high)
    return Condition(*rated(low, high)) if low <= high else Condition("0")


def _date(entry: Filter) -> Condition:
    column = "p.date_key"
    both = ends(entry.name, entry.op, entry.value)
    if both is not None:
        low, high = both
        return _between(column, period(low)[0] if low else None, period(high)[1] if high else None)
    start, end = period(entry.value.strip())
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


def _between(column: str, low: int | None, high: int | None) -> Condition:
    """At least `low`, below `high`."""
    parts = [f"{column} {sign} ?" for sign, end in ((">=", low), ("<", high)) if end is not None]
    return Condition(
        f"({' AND '.join(parts)})", tuple(end for end in (low, high) if end is not None)
    )
