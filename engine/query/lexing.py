"""Cuts a query's text into tokens with their places: words, phrases, filters, parentheses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from enum import Enum, auto

from engine.errors import QueryError
from engine.query.terms import PictureTerm, Term
from engine.query.values import Raw, filter_from, picture_from
from engine.query.vocabulary import FILTER_NAMES, FILTERS, LIKE, Shape
from engine.types import Filter

HEAVIEST = 10.0
QUOTES = {'"': '"', "“": "”"}
"""Each opening quotation mark with the one that closes it."""
_NAME = re.compile(r"([A-Za-z]+)[:：]")  # the wide colon is what Chinese keyboards type
_WEIGHT = re.compile(r'(\d+(?:\.\d*)?|\.\d+)[:：](?=["“]|[^\W\d_])')
_OP = re.compile(r"[<>]=?|=")
_AS_SHOWN = {"≥": ">=", "≤": "<="}  # what tokens of the search bar show may be typed
_AMOUNT = re.compile(r"(?:[<>]=?|=)\d[\d.]*%?")
_ELSEWHERE = ("order", "sort")
_OPERATOR = re.compile(r"(or|and|not)(?=\()", re.IGNORECASE)  # written without a space: not(…)


class Kind(Enum):
    """What a token is."""

    WORD = auto()
    TERM = auto()  # words with a weight, or a phrase in quotation marks
    PICTURE = auto()
    FILTER = auto()
    OPEN = auto()
    CLOSE = auto()
    OR = auto()
    AND = auto()
    NOT = auto()


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of the text, from `start` to before `end`."""

    kind: Kind
    start: int
    end: int
    what: Term | PictureTerm | Filter | None = None
    minus: bool = False  # of a parenthesis: -(


def lex(text: str) -> list[Token]:
    """The tokens of a text; operators are still words.

    Raises:
        QueryError: a filter that is none, or a quotation mark that is not closed.
    """
    found: list[Token] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        token = _token(text, at)
        if token.kind is Kind.WORD and found:
            _check_apart(text, found[-1], token)
        found.append(token)
        at = token.end
    return found


def _check_apart(text: str, before: Token, token: Token) -> None:
    """Raises QueryError for an amount that stands behind a space: count:dog >=2."""
    what, amount = before.what, text[token.start : token.end]
    if not isinstance(what, Filter) or what.amount or not _AMOUNT.fullmatch(amount):
        return
    if FILTERS[what.name].shape in (Shape.COUNT, Shape.SHARE):
        reason = f"Leave no space before “{amount}”."
        joined = text[before.start : before.end] + amount
        raise QueryError(text, before.start, reason, token.end - before.start, joined)


def tidy(words: str) -> str:
    """Words with single spaces and without lone surrogates: an argument need not be UTF-8."""
    return " ".join(re.sub("[\ud800-\udfff]", "\ufffd", words).split())


def _token(text: str, start: int) -> Token:
    minus = text[start] == "-" and start + 1 < len(text)
    at = start + minus
    if text[at] == "(":
        return Token(Kind.OPEN, start, at + 1, minus=minus)
    if text[start] == ")":
        return Token(Kind.CLOSE, start, start + 1)
    weight = 1.0
    weighed = _WEIGHT.match(text, at)
    if weighed:
        weight = round(float(weighed[1]), 2)
        at = weighed.end()
    name = _NAME.match(text, at)
    if name and name[1].lower() == LIKE:
        _check_weight(text, weighed)
        raw = _value(text, name.end(), at, Shape.TEXT)
        picture = picture_from(text, raw, -weight if minus else weight)
        return Token(Kind.PICTURE, start, raw.end, picture)
    if name and _is_filter(text, name):
        if weighed:
            reason = f"“{name[1]}:” takes no weight: filters choose photos, words rank them."
            raise QueryError(text, weighed.start(), reason, len(weighed[0]), "")
        kind = FILTERS[name[1].lower()]
        raw = _value(text, name.end(), at, kind.shape)
        return Token(Kind.FILTER, start, raw.end, filter_from(text, kind, raw, minus))
    if text[at] in QUOTES:
        _check_weight(text, weighed)
        inside, end = _quoted(text, at)
        words = tidy(inside)
        if not words:
            raise QueryError(text, at, "There is nothing between these quotation marks.", end - at)
        return Token(Kind.TERM, start, end, Term(words, -weight if minus else weight))
    if weighed or (minus and text[at].isalpha()):
        _check_weight(text, weighed)
        end = _bare(text, at)
        return Token(Kind.TERM, start, end, Term(tidy(text[at:end]), -weight if minus else weight))
    glued = _OPERATOR.match(text, start)
    end = glued.end() if glued else _bare(text, start)
    return Token(Kind.WORD, start, end)


def _check_weight(text: str, weighed: re.Match[str] | None) -> None:
    if weighed and not 0 < round(float(weighed[1]), 2) <= HEAVIEST:
        raise QueryError(
            text,
            weighed.start(),
            f"A weight lies above 0 and at most at {HEAVIEST:g}; less of something is"
            ' -2:snow. Write "25:00" if it is one of the words.',
            len(weighed[1]),
        )


def _is_filter(text: str, name: re.Match[str]) -> bool:
    """Whether a name and its colon are a filter, or only words with a colon.

    Raises:
        QueryError: they look like one and are none.
    """
    word = name[1].lower()
    if word in FILTERS:
        return True
    if word in _ELSEWHERE:
        reason = "The order is chosen in the menu: View, Order."
        raise QueryError(text, name.start(), reason, len(name[0]))
    near = get_close_matches(word, [*FILTER_NAMES, LIKE], n=1)
    behind = text[name.end() :]
    if behind.startswith("//") or (not near and (not behind or behind[0].isspace())):
        return False
    known = ", ".join((*FILTER_NAMES, LIKE))
    hint = f"Did you mean “{near[0]}:”?" if near else f"There are: {known}."
    raise QueryError(
        text,
        name.start(),
        f"There is no filter “{word}:”. {hint}",
        len(name[0]),
        f"{near[0]}:" if near else "",
    )


def _value(text: str, at: int, start: int, shape: Shape) -> Raw:
    """What stands behind a colon: a sign, a value, and what is glued to a quoted one."""
    op = ""
    if shape not in (Shape.COUNT, Shape.SHARE):
        shown = _AS_SHOWN.get(text[at : at + 1]) if shape in (Shape.NUMBER, Shape.DATE) else None
        if shown is not None:
            op, at = shown, at + 1
        sign = _OP.match(text, at) if shown is None else None
        if sign and (shape in (Shape.NUMBER, Shape.DATE) or sign[0] != "="):
            op, at = sign[0], sign.end()
    if at < len(text) and text[at] in QUOTES:
        value, end = _quoted(text, at)
        behind = _bare(text, end)
        return Raw(start, at, behind, op, value, True, text[end:behind])
    end = _bare(text, at)
    return Raw(start, at, end, op, text[at:end], False, "")


def _quoted(text: str, at: int) -> tuple[str, int]:
    """A text in quotation marks, where a doubled one stands for itself; and where it ends."""
    close = QUOTES[text[at]]
    end = text.find(close, at + 1)
    while end >= 0 and text.startswith(close, end + 1):
        end = text.find(close, end + 2)
    if end < 0:
        raise QueryError(text, at, "A quotation mark is not closed.", len(text) - at)
    return text[at + 1 : end].replace(close * 2, close), end + 1


def _bare(text: str, at: int) -> int:
    """Where something without quotation marks ends: at a space, or a “)” it has not opened."""
    depth = 0
    while at < len(text) and not text[at].isspace():
        if text[at] == "(":
            depth += 1
        elif text[at] == ")":
            depth -= 1
            if depth < 0:
                break
        at += 1
    return at
