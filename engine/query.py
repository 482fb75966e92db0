"""The query language: text ⇄ Query, with positions for errors. Pure, no library needed.

Free words are meaning; `name:value` is a plain fact; a leading `-` turns a fact round.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

from engine.errors import QueryError
from engine.types import Filter

FILTER_NAMES = (
    "name", "folder", "type", "camera", "date", "width", "height", "orientation", "is", "has",
    "tag", "category", "detected", "count", "box",
)  # fmt: skip
_ORDERED = {"date", "width", "height"}
_IS = {"identical", "damaged", "offline", "unsearchable", "untagged"}
_AMOUNTS = {
    "count": (r"[<>]=?|=", r"\d{1,9}|\d*\.\.\d*", "a number, such as count:dog>=2"),
    "box": (r"[<>]=?", r"\d{1,3}(\.\d+)?%?", "a part of the picture, such as box:dog>20%"),
}
"""Filters with an amount behind the value: the signs, what it must look like, and in words."""
_FIXED_VALUES = {
    "is": _IS,
    "has": {"gps"},
    "orientation": {"portrait", "landscape", "square"},
}
_TOKEN = re.compile(r'\s+|(?P<minus>-)?(?P<name>[A-Za-z]+):(?P<value>"[^"]*"?|[^\s"]*)'
                    r'(?P<behind>(?<=")[<>=][^\s"]*)?|[^\s]+')  # fmt: skip


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked: words for the model, facts for the catalog."""

    words: str = ""
    filters: tuple[Filter, ...] = ()

    def __str__(self) -> str:
        """The text that parses to this query."""
        facts = [_fact_text(fact) for fact in self.filters]
        return " ".join(part for part in (self.words, *facts) if part)


def parse(text: str) -> Query:
    """Understand a query.

    Raises:
        QueryError: an unknown filter, a missing or impossible value; with its position.
    """
    words: list[str] = []
    filters: list[Filter] = []
    text = re.sub("[\ud800-\udfff]", "\ufffd", text)  # an argument need not be UTF-8
    for token in _TOKEN.finditer(text):
        if token["name"] is None:
            if token[0].strip():
                words.append(token[0])
            continue
        filters.append(_fact(text, token))
    return Query(" ".join(words), tuple(filters))


def _fact(text: str, token: re.Match[str]) -> Filter:
    name = token["name"].lower()
    if name not in FILTER_NAMES:
        near = get_close_matches(name, FILTER_NAMES, n=1)
        hint = f" Did you mean “{near[0]}:”?" if near else f" There are: {', '.join(FILTER_NAMES)}."
        raise QueryError(text, token.start("name"), f"There is no filter “{name}:”.{hint}")
    value, behind = token["value"], token["behind"] or ""
    if name in _AMOUNTS:
        return _counted(text, token, name, value, behind)
    if behind:
        raise QueryError(
            text, token.start("behind"), f"“{name}:” cannot be compared with “{behind}”."
        )
    if value.startswith('"'):
        if len(value) < 2 or not value.endswith('"'):
            raise QueryError(text, token.start("value"), "A quotation mark is not closed.")
        op, value = "=", value[1:-1]
    else:
        op = "="
        for prefix in (">=", "<=", ">", "<"):
            if value.startswith(prefix):
                op, value = prefix, value[len(prefix) :]
                break
    if not value:
        raise QueryError(text, token.start("value"), f"“{name}:” needs a value.")
    if op != "=" and name not in _ORDERED:
        raise QueryError(text, token.start("value"), f"“{name}:” cannot be compared with “{op}”.")
    choices = _FIXED_VALUES.get(name)
    if choices is not None:
        value = value.lower()
        if value not in choices:
            known = ", ".join(sorted(choices))
            raise QueryError(text, token.start("value"), f"“{name}:” can be: {known}.")
    if name in {"width", "height"} and not re.fullmatch(r"\d+|\d*\.\.\d*", value):
        raise QueryError(text, token.start("value"), f"“{name}:” needs a number of pixels.")
    return Filter(name, op, value, negate=token["minus"] is not None)


def _counted(text: str, token: re.Match[str], name: str, value: str, behind: str) -> Filter:
    """count:dog>=2, box:"remote control">20%: a label, a sign, an amount."""
    signs, amounts, such = _AMOUNTS[name]
    at = token.start("value")
    if value.startswith('"'):
        if len(value) < 2 or not value.endswith('"'):
            raise QueryError(text, at, "A quotation mark is not closed.")
        label, amount = value[1:-1], behind
    else:
        label = re.split("[<>=]", value, maxsplit=1)[0]
        amount = value[len(label) :]
    if not label.strip():
        raise QueryError(text, at, f"“{name}:” needs a label and {such}.")
    found = re.fullmatch(f"({signs})({amounts})", amount)
    if found is None and (amount or name == "box"):
        raise QueryError(text, at, f"“{name}:” needs {such}.")
    op, number = (found[1], found[2]) if found else ("=", "")
    return Filter(name, op, label, token["minus"] is not None, number)


def _fact_text(fact: Filter) -> str:
    op = "" if fact.op == "=" else fact.op
    plain = re.fullmatch(r'[^\s"<>][^\s"]*', fact.value)
    if fact.name in _AMOUNTS:
        plain = re.fullmatch(r'[^\s"<>=]+', fact.value)
    value = fact.value if plain else f'"{fact.value}"'
    if fact.name in _AMOUNTS:
        sign = fact.op if fact.amount else ""
        return f"{'-' if fact.negate else ''}{fact.name}:{value}{sign}{fact.amount}"
    return f"{'-' if fact.negate else ''}{fact.name}:{op}{value}"
