"""What stands behind a filter's colon, checked and brought into the one form it has."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import unquote_to_bytes

from engine.errors import QueryError
from engine.query.dates import ends, period
from engine.query.surroundings import surroundings
from engine.query.terms import PictureTerm
from engine.query.vocabulary import RATINGS, SYNONYMS, FilterKind, Shape
from engine.types import Box, Filter, PhotoId

_SIGNS = {Shape.COUNT: r"[<>]=?|=", Shape.SHARE: r"[<>]=?"}
_AMOUNTS = {Shape.COUNT: r"\d{1,9}|\d{0,9}\.\.\d{0,9}", Shape.SHARE: r"\d{1,3}(\.\d+)?%?"}


_APART = re.compile(r"\s+(?![-(])([^\s:)]+)(?=[\s)]|$)")  # a value behind a space


@dataclass(frozen=True, slots=True)
class Raw:
    """What was read behind a name: from `start` (the name's) over `value_at` to before `end`."""

    start: int
    value_at: int
    end: int
    op: str
    value: str
    quoted: bool
    behind: str  # glued to the closing quotation mark


def filter_from(text: str, kind: FilterKind, raw: Raw, negate: bool) -> Filter:
    """The filter that was written.

    Raises:
        QueryError: a value that is missing or cannot be, with its place.
    """
    value = re.sub("[\ud800-\udfff]", "\ufffd", raw.value).strip()
    if kind.shape in _SIGNS:
        return _counted(text, kind, raw, value, negate)
    if raw.behind:
        at = raw.end - len(raw.behind)
        reason = f"Leave a space before “{raw.behind}”."
        if raw.behind[0] in "<>=":
            reason = f"“{kind.name}:” cannot be compared with “{raw.behind}”."
        raise QueryError(text, at, reason, len(raw.behind))
    length = raw.end - raw.value_at
    if raw.op and not kind.ordered:
        reason = f"“{kind.name}:” cannot be compared with “{raw.op}”."
        raise QueryError(text, raw.value_at - len(raw.op), reason, len(raw.op))
    if not value:
        such = f", such as {kind.name}:{kind.such}" if kind.such else f": {_listed(kind)}"
        at = raw.value_at if raw.quoted else raw.start
        reason = f"“{kind.name}:” needs a value{such}."
        apart = None if raw.quoted else _APART.match(text, raw.end)
        if apart:  # there is one, behind a space
            reason = f"“{kind.name}:” needs its value without a space before it."
            joined = text[at : raw.end] + apart[1]
            raise QueryError(text, at, reason, apart.end() - at, joined)
        raise QueryError(text, at, reason, raw.end - at)
    if kind.shape is Shape.CHOICE:
        value = _choice(text, kind, raw, value.casefold())
    if kind.shape is Shape.PLACE:
        value = re.sub(r"\s", "", value).casefold()
    op = raw.op or "="
    try:
        _check(kind, op, value)
        _check_direction(text, kind, raw, value)
    except ValueError as error:
        raise QueryError(text, raw.value_at, str(error), length) from None
    return Filter(kind.name, op, value, negate)


def _choice(text: str, kind: FilterKind, raw: Raw, value: str) -> str:
    if kind.name == "type":
        value = value.lstrip(".")
    value = SYNONYMS.get(kind.name, {}).get(value, value)
    if value in kind.values:
        return value
    near = get_close_matches(value, kind.values, n=1)
    hint = f"Did you mean “{near[0]}”?" if near else f"It can be: {_listed(kind)}."
    raise QueryError(
        text,
        raw.value_at,
        f"“{kind.name}:” knows no “{value}”. {hint}",
        raw.end - raw.value_at,
        near[0] if near else "",
    )


def _listed(kind: FilterKind) -> str:
    shown = kind.values[:10]
    return ", ".join(shown) + ("…" if len(shown) < len(kind.values) else "")


def _check(kind: FilterKind, op: str, value: str) -> None:
    """Raises ValueError where a number, a date or a place is none."""
    if kind.shape is Shape.PLACE:
        surroundings(value)
    if not kind.ordered:
        return
    both = ends(kind.name, op, value) or (value,)
    for end in both:
        if not end:
            continue
        if kind.shape is Shape.DATE:
            period(end)
        elif kind.name == "rating":
            rating(end)
        else:
            pixels(kind.name, end)


def _check_direction(text: str, kind: FilterKind, raw: Raw, value: str) -> None:
    """Raises QueryError where a range ends before it begins."""
    both = ends(kind.name, raw.op or "=", value) if kind.ordered and ".." in value else None
    if both is None or not all(both):
        return
    if kind.shape is Shape.DATE:
        turned = period(both[1])[1] <= period(both[0])[0]
    else:
        turned = int(both[1]) < int(both[0])
    if turned:
        raise _turned(text, kind, raw, both)


def _turned(text: str, kind: FilterKind, raw: Raw, both: tuple[str, str]) -> QueryError:
    low, high = both
    written = text[raw.value_at : raw.end]
    right = re.sub(r"[^\s=\"]*\s*\.\.\s*[^\s\"]*", f"{high}..{low}", written)
    reason = f"The range ends before it begins. Did you mean “{kind.name}:{right}”?"
    return QueryError(text, raw.value_at, reason, raw.end - raw.value_at, right)


def pixels(name: str, raw: str) -> int:
    """A number of pixels. Raises ValueError in one sentence."""
    if not re.fullmatch(r"[0-9]{1,9}", raw):
        raise ValueError(f"“{name}:” needs a number of pixels, such as 3000.")
    return int(raw)


def rating(raw: str) -> int:
    """A number of stars. Raises ValueError in one sentence."""
    if not re.fullmatch(r"[0-9]", raw) or int(raw) not in RATINGS:
        raise ValueError("“rating:” needs a number from 0 to 5, such as rating:>=3.")
    return int(raw)


def _counted(text: str, kind: FilterKind, raw: Raw, value: str, negate: bool) -> Filter:
    """count:dog>=2, box:"remote control">20%: a label, a sign, an amount."""
    label, amount = value, raw.behind
    if not raw.quoted:
        label = re.split("[<>=]", value, maxsplit=1)[0]
        amount = value[len(label) :]
    length = raw.end - raw.value_at
    label = label.strip()
    if not label:
        reason = f"“{kind.name}:” needs a label and an amount, such as {kind.name}:{kind.such}."
        at = raw.value_at if raw.value else raw.start
        raise QueryError(text, at, reason, raw.end - at)
    found = re.fullmatch(f"({_SIGNS[kind.shape]})({_AMOUNTS[kind.shape]})", amount)
    if (found is None or found[2] == "..") and (amount or kind.shape is Shape.SHARE):
        what = "a number" if kind.shape is Shape.COUNT else "a part of the picture"
        reason = f"“{kind.name}:” needs {what}, such as {kind.name}:{kind.such}."
        raise QueryError(text, raw.value_at, reason, length)
    op, number = (found[1], found[2]) if found else ("=", "")
    if ".." in number and op != "=":
        reason = f"“{kind.name}:” takes a comparison or a range, not both."
        raise QueryError(text, raw.value_at, reason, length)
    low, _, high = number.partition("..")
    if low and high and int(low) > int(high):
        raise _turned(text, kind, raw, (low, high))
    return Filter(kind.name, op, label, negate, number)


# ---- pictures ------------------------------------------------------------------------------------

FILE_URL = "file://"


def picture_from(text: str, raw: Raw, weight: float) -> PictureTerm:
    """The picture that was written: like:12, like:"/photos/a.jpg"@10,20,300,400.

    Raises:
        QueryError: no picture, or a box that is none.
    """
    value, behind = raw.op + raw.value, raw.behind
    if not raw.quoted:
        cut = re.search(r"@[-+.,\d]*$", value)
        if cut:
            value, behind = value[: cut.start()], cut[0]
    if not value.strip() or (raw.quoted and raw.op):
        reason = "“like:” needs a picture: the number of a photo, or the path of a file."
        at = raw.value_at if raw.quoted else raw.start
        raise QueryError(text, at, reason, raw.end - at)
    box = _box(behind[1:].split(",")) if behind.startswith("@") else None
    if behind and box is None:
        reason = "Behind the picture there can be a box, such as @10,20,300,400."
        raise QueryError(text, raw.end - len(behind), reason, len(behind))
    if not raw.quoted and re.fullmatch(r"[0-9]{1,15}", value):
        return PictureTerm(PhotoId(int(value)), box, weight)
    if value.startswith(FILE_URL):
        value = os.fsdecode(unquote_to_bytes(value.removeprefix(FILE_URL)))
    if "\0" in value:
        raise QueryError(text, raw.start, "No file is called so.", raw.end - raw.start)
    # Lone surrogates stand for single bytes that are no UTF-8; any others stand for nothing.
    value = re.sub("[\ud800-\udc7f\udd00-\udfff]", "\ufffd", value)
    return PictureTerm(Path(os.fsdecode(os.fsencode(value))), box, weight)


def _box(edges: Sequence[str]) -> Box | None:
    if len(edges) != 4 or not all(re.fullmatch(r"\d{1,7}(\.\d{1,2})?", edge) for edge in edges):
        return None
    box = Box(*(float(edge) for edge in edges))
    return box if box.left < box.right and box.top < box.bottom else None
