"""What may be meant by the word at the cursor: filters, their values, tags, earlier searches."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from engine.query.lexing import QUOTES
from engine.query.vocabulary import FILTERS, FilterKind, Shape
from engine.query.writing import value_text

_NAMED = re.compile(r"([A-Za-z]+)[:：](.*)", re.DOTALL)
_BEFORE = re.compile(r"[-(]*")
_SHORTEST = 2  # letters from which values and tags are offered for a free word


class CompletionKind(Enum):
    """What a completion is, for its icon."""

    FILTER = "filter"
    VALUE = "value"
    TAG = "tag"
    RECENT = "recent"
    SAVED = "saved"


@dataclass(frozen=True, slots=True)
class Values:
    """What there is in a library to be chosen from; whoever asks keeps them at hand.

    `saved` are names of smart albums with their queries; `recent` the latest first.
    """

    tags: Sequence[str] = ()
    categories: Sequence[str] = ()
    albums: Sequence[str] = ()
    folders: Sequence[str] = ()
    cameras: Sequence[str] = ()
    dates: Sequence[str] = ()  # years, or months, that have photos
    labels: Sequence[str] = ()  # of detections
    places: Sequence[str] = ()  # where most photos were taken, as near: takes them
    recent: Sequence[str] = ()
    saved: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """`text` goes in the place of what lies from `replace_from` to before `replace_to`."""

    text: str
    replace_from: int
    replace_to: int
    kind: CompletionKind
    note: str = ""
    goes_on: bool = False  # more is expected right behind it, so no space

    def put_into(self, text: str) -> tuple[str, int]:
        """The text with this in its place, and where the cursor is then."""
        rest = text[self.replace_to :]
        gap = "" if self.goes_on or rest.startswith((" ", ")")) else " "
        before = text[: self.replace_from] + self.text + gap
        return before + rest, len(before) + (not gap and not self.goes_on and rest[:1] == " ")


def complete(text: str, cursor: int, values: Values, most: int = 12) -> list[Completion]:
    """What may be meant at the cursor, the likeliest first.

    Args:
        text: the query as far as it is written; it need not be right.
        cursor: an index into `text`.
        values: what there is to choose from.
        most: at most so many.

    Cost: every value is looked at once; .2 ms for 1,000.
    """
    cursor = max(0, min(cursor, len(text)))
    start = _word_start(text, cursor)
    start += len((_BEFORE.match(text[start:cursor]) or [""])[0])
    end = _word_end(text, start, cursor)
    typed = text[start:cursor]
    named = _NAMED.fullmatch(typed)
    if named is not None:
        kind = FILTERS.get(named[1].lower())
        found = _values(kind, named[2], start + named.start(2), end, values) if kind else ()
    else:
        found = _words(text, typed, start, end, values)
    return list(_first(found, most, text))


def _first(found: Iterable[Completion], most: int, text: str) -> Iterator[Completion]:
    """Each once, and none that would change nothing."""
    seen: set[str] = set()
    for one in found:
        if one.text not in seen and text[one.replace_from : one.replace_to] != one.text:
            seen.add(one.text)
            yield one
        if len(seen) == most:
            return


# ---- where the word at the cursor begins and ends ------------------------------------------------


def _word_start(text: str, cursor: int) -> int:
    start, close = cursor, ""
    begun = False
    for at, letter in enumerate(text[:cursor]):
        if close:
            close = "" if letter == close else close
            continue
        if letter.isspace():
            begun, start = False, cursor
            continue
        if not begun:
            begun, start = True, at
        if letter in QUOTES and (at == start or text[at - 1] in ':：-(<>="”'):
            close = QUOTES[letter]
    return start


def _word_end(text: str, start: int, cursor: int) -> int:
    """Behind the word: at its closing quotation mark, at a space or a “)”."""
    close = ""
    for at in range(start, len(text)):
        letter = text[at]
        if close:
            if letter == close:
                close = ""
                if at >= cursor:
                    return at + 1
        elif at >= cursor and (letter.isspace() or letter == ")"):
            return at
        elif letter in QUOTES and (at == start or text[at - 1] in ':：-(<>="”'):
            close = QUOTES[letter]
    return cursor if close else len(text)  # nobody knows where an open quotation ends


# ---- what is offered -----------------------------------------------------------------------------


def _values(
    kind: FilterKind, typed: str, start: int, end: int, values: Values
) -> Iterator[Completion]:
    """Values behind a filter's colon."""
    counted = kind.shape in (Shape.COUNT, Shape.SHARE)
    wanted = typed.lstrip("".join(QUOTES)).rstrip("".join(QUOTES.values()))
    sign = re.match(r"[<>]=?|=", wanted) if kind.shape is Shape.DATE else None
    if sign:
        wanted, start = wanted[sign.end() :], start + typed.index(sign[0]) + len(sign[0])
    icon = CompletionKind.TAG if kind.name == "tag" else CompletionKind.VALUE
    for value in _ranked(wanted, _known(kind, values), split="/"):
        yield Completion(value_text(kind.name, value), start, end, icon, goes_on=counted)


def _known(kind: FilterKind, values: Values) -> Sequence[str]:
    return {
        "tag": values.tags,
        "category": values.categories,
        "album": values.albums,
        "folder": values.folders,
        "camera": values.cameras,
        "date": values.dates,
        "near": values.places,
        "detected": values.labels,
        "count": values.labels,
        "box": values.labels,
    }.get(kind.name, kind.values)


def _words(text: str, typed: str, start: int, end: int, values: Values) -> Iterator[Completion]:
    """Earlier searches, filters and tags for a free word, or for none at all."""
    whole = text.strip()
    by_name = dict(values.saved)
    saved = [
        Completion(by_name[name], 0, len(text), CompletionKind.SAVED, name)
        for name in _ranked(whole, list(by_name))
    ]
    recent = [
        Completion(query, 0, len(text), CompletionKind.RECENT)
        for query in _ranked(whole, values.recent)
    ]
    names = [
        Completion(f"{name}:", start, end, CompletionKind.FILTER, FILTERS[name].note, goes_on=True)
        for name in FILTERS
        if name.startswith(typed.casefold())
    ]
    if not whole:
        yield from (*recent[:5], *saved[:5], *names)
        return
    yield from names if typed else ()
    yield from saved[:4]
    if len(typed) >= _SHORTEST:
        for name in ("is", "has", "orientation"):
            for value in FILTERS[name].values:
                if value.startswith(typed.casefold()):
                    yield Completion(f"{name}:{value}", start, end, CompletionKind.VALUE)
        for name, icon in _NAMED_VALUES.items():
            for value in _ranked(typed, _known(FILTERS[name], values), split="/")[:5]:
                yield Completion(f"{name}:{value_text(name, value)}", start, end, icon)
    yield from recent[:5]
    yield from () if typed else names


_NAMED_VALUES = {
    "tag": CompletionKind.TAG,
    "album": CompletionKind.VALUE,
    "category": CompletionKind.VALUE,
}


def _ranked(wanted: str, known: Sequence[str], split: str = " ") -> list[str]:
    """Those that begin with what is wanted, then those with a word that does, then others."""
    wanted = wanted.casefold()
    classes: tuple[list[str], list[str], list[str]] = ([], [], [])
    for value in known:
        folded = value.casefold()
        at = folded.find(wanted)
        if at < 0:
            continue
        word = f" {wanted}" in folded or f"{split}{wanted}" in folded
        classes[0 if at == 0 else 1 if word else 2].append(value)
    return [value for some in classes for value in some]
