"""A query as text: what is written here parses to the same query."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import quote

from engine.query.terms import AllOf, AnyOf, Expr, Not, PictureTerm, Query, Term
from engine.query.values import FILE_URL
from engine.query.vocabulary import FILTERS, LIKE, Shape
from engine.types import Filter

_SINGLE = re.compile(r"[^\W\d_][^\s\"“”():：]*")  # behind a minus or a weight
_VALUE = re.compile(r"[^\s\"“”()<>=][^\s\"“”()]*")
_LABEL = re.compile(r"[^\s\"“”()<>=]+")
_OPERATORS = {"or", "and", "not"}


def written(query: Query) -> str:
    """The text of a query: words, then pictures, then filters."""
    parts: list[str] = []
    bare = False
    for term in query.terms:
        if not bare and term.weight == 1 and _reads_as_itself(term.words):
            bare = True
            parts.append(term.words)
        else:
            parts.append(term_text(term))
    parts += map(picture_text, query.pictures)
    if query.where is not None:
        parts.append(where_text(query.where))
    return " ".join(parts)


def _reads_as_itself(words: str) -> bool:
    """Whether words without quotation marks stay words, whatever stands behind them."""
    from engine.errors import QueryError
    from engine.query.parsing import parse

    if words.split()[-1].casefold() in _OPERATORS or re.search(r"[()\"“”]", words):
        return False
    try:
        return parse(words) == Query((Term(words),))
    except QueryError:
        return False


def term_text(term: Term) -> str:
    """A term with its weight: -snow, 2:beach, "an old house"."""
    sign = _weight_text(term.weight)
    if sign and _SINGLE.fullmatch(term.words):
        return f"{sign}{term.words}"
    return f"{sign}{_quoted(term.words)}"


def _weight_text(weight: float) -> str:
    size = f"{abs(weight):.2f}".rstrip("0").rstrip(".")
    return f"{'-' if weight < 0 else ''}{'' if size == '1' else size + ':'}"


def picture_text(picture: PictureTerm) -> str:
    """A picture with its weight and box: like:12, -0.5:like:"/photos/a b.jpg"@0,0,10,10."""
    where = str(picture.photo)
    if isinstance(picture.photo, Path):
        plain = where.isprintable() and not where.startswith(FILE_URL)
        where = _quoted(where if plain else FILE_URL + quote(os.fsencode(where)))
    box = ",".join(_edge(edge) for edge in picture.box) if picture.box else ""
    return f"{_weight_text(picture.weight)}{LIKE}:{where}{'@' + box if box else ''}"


def _edge(edge: float) -> str:
    return f"{edge:.2f}".rstrip("0").rstrip(".")


def where_text(where: Expr) -> str:
    """Filters with their operators; parentheses wherever two operators meet."""
    if isinstance(where, Filter):
        return filter_text(where)
    if isinstance(where, Not):
        return f"not ({where_text(where.part)})"
    sign = " or " if isinstance(where, AnyOf) else " "
    return sign.join(
        f"({where_text(part)})" if isinstance(part, AllOf | AnyOf) else where_text(part)
        for part in where.parts
    )


def filter_text(entry: Filter) -> str:
    """A filter as it is typed: -camera:"Pixel 8", width:>=3000, count:dog>=2."""
    value = value_text(entry.name, entry.value)
    sign = "-" if entry.negate else ""
    if _counted(entry.name):
        return f"{sign}{entry.name}:{value}{entry.op if entry.amount else ''}{entry.amount}"
    return f"{sign}{entry.name}:{'' if entry.op == '=' else entry.op}{value}"


def value_text(name: str, value: str) -> str:
    """A filter's value, in quotation marks where it needs them."""
    kind = FILTERS.get(name)
    if kind is not None and kind.ordered and re.fullmatch(r"[<>]=?\d+", value):
        return value  # with its sign
    return value if (_LABEL if _counted(name) else _VALUE).fullmatch(value) else _quoted(value)


def _counted(name: str) -> bool:
    kind = FILTERS.get(name)
    return kind is not None and kind.shape in (Shape.COUNT, Shape.SHARE)


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'
