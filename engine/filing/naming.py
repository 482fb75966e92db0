"""Names from a pattern: `{date:%Y-%m-%d}_{n:03}`. Words only; nothing is looked at or touched.

What is in braces stands for something of the photo, all else is taken as it is; `{{` and `}}` are
braces. `{name}` is the former name without its ending, `{n:03}` a number of at least three digits,
`{date:%Y}` the moment of the photo (`%Y-%m-%d` if not said), `{camera}` and `{folder}` as they say.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from engine.errors import EngineError
from engine.files.names import FORBIDDEN

USUAL_DATE = "%Y-%m-%d"
_WIDEST = 12  # digits
_PARTS = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")
_WIDTH = re.compile(r"0?([1-9]\d?)")
# By hand and not with strftime: the same on every system, and in every language.
_DATES: Mapping[str, Callable[[datetime], str]] = {
    "Y": lambda at: f"{at.year:04}",
    "y": lambda at: f"{at.year % 100:02}",
    "m": lambda at: f"{at.month:02}",
    "d": lambda at: f"{at.day:02}",
    "H": lambda at: f"{at.hour:02}",
    "M": lambda at: f"{at.minute:02}",
    "S": lambda at: f"{at.second:02}",
    "j": lambda at: f"{at.timetuple().tm_yday:03}",
}


class PatternError(EngineError):
    """A pattern that names nothing; `position` is where in it, in characters."""

    def __init__(self, reason: str, position: int = 0) -> None:
        super().__init__(reason)
        self.position = position


@dataclass(frozen=True, slots=True)
class NameFacts:
    """What a pattern can ask of one photo."""

    name: str  # without the ending
    moment: datetime  # of the camera, else of the file; the photographer's clock
    camera: str = ""
    folder: str = ""


_Part: TypeAlias = Callable[[NameFacts, int], str]


class NamePattern:
    """A pattern that was understood.

    Raises:
        PatternError: what is wrong with it, one sentence.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.counts = False  # whether photos get different names by their number
        self._parts: list[_Part] = []
        for found in _PARTS.finditer(text):
            self._parts.append(self._part(found))
        if not text.strip():
            raise PatternError("A pattern for names cannot be empty.")

    def fill(self, facts: NameFacts, number: int) -> str:
        """The name for one photo, without an ending. Signs that no name can hold become a dash."""
        return "".join(part(facts, number) for part in self._parts)

    def _part(self, found: re.Match[str]) -> _Part:
        piece, field = found[0], found[1]
        if piece in ("{{", "}}"):
            return _literal(piece[0])
        if field is None and piece in "{}":
            raise PatternError("A brace is not closed; write {{ or }} for a brace.", found.start())
        if field is None:
            wrong = next((sign for sign in piece if sign in FORBIDDEN), None)
            if wrong is not None:
                said = f"A file's name cannot hold the sign “{wrong}”."
                raise PatternError(said, found.start() + piece.index(wrong))
            return _literal(piece)
        name, _, form = field.partition(":")
        return self._field(name.strip().lower(), form, found)

    def _field(self, name: str, form: str, found: re.Match[str]) -> _Part:
        if name == "n":
            self.counts = True
            return _number(form, found.start())
        if name == "date":
            return _date(form or USUAL_DATE, found.start())
        if form:
            raise PatternError(f"{{{name}}} takes no form.", found.start())
        if name == "name":
            return lambda facts, _number: _clean(facts.name)
        if name == "camera":
            return lambda facts, _number: _clean(facts.camera)
        if name == "folder":
            return lambda facts, _number: _clean(facts.folder)
        known = "{name}, {n}, {date}, {camera}, {folder}"
        said = f"{found[0]} means nothing; there are {known}."
        raise PatternError(said, found.start())


def _literal(piece: str) -> _Part:
    return lambda _facts, _number: piece


def _number(form: str, position: int) -> _Part:
    if not form:
        return lambda _facts, number: str(number)
    width = _WIDTH.fullmatch(form)
    if width is None or int(width[1]) > _WIDEST:
        raise PatternError("A number is written {n}, or {n:03} for three digits.", position)
    digits = int(width[1])
    return lambda _facts, number: str(number).zfill(digits)


def _date(form: str, position: int) -> _Part:
    pieces: list[Callable[[datetime], str]] = []
    at = 0
    while at < len(form):
        if form[at] != "%":
            if form[at] in FORBIDDEN:
                said = f"A file's name cannot hold the sign “{form[at]}”."
                raise PatternError(said, position)
            pieces.append(lambda _at, sign=form[at]: sign)
            at += 1
            continue
        letter = form[at + 1 : at + 2]
        if letter not in _DATES:
            known = " ".join(f"%{one}" for one in _DATES)
            raise PatternError(f"A date is written with {known}.", position)
        pieces.append(_DATES[letter])
        at += 2
    return lambda facts, _number: "".join(piece(facts.moment) for piece in pieces)


def _clean(value: str) -> str:
    """A value as part of a name: a camera may well be called "X/T"."""
    return "".join("-" if s in FORBIDDEN or not s.isprintable() else s for s in value).strip()
