"""What a query says: words and pictures that rank photos, and a tree of facts that chooses them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from engine.types import Box, Filter, PhotoId


@dataclass(frozen=True, slots=True)
class Term:
    """Words for the model. `weight` is 1 where nothing was said; negative: less of this."""

    words: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class PictureTerm:
    """A picture to be like: a photo of the library or any file, or a part of it.

    `box` is in pixels of the upright picture; None: all of it.
    """

    photo: PhotoId | Path
    box: Box | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds. Made with `all_of`."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one part holds. Made with `any_of`."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """A group that must not hold; a single filter is negated in itself. Made with `negated`."""

    part: AllOf | AnyOf


Expr: TypeAlias = Filter | AllOf | AnyOf | Not


def all_of(parts: Iterable[Expr]) -> Expr | None:
    """Parts that must all hold, in the one form they have; None for no part."""
    flat: list[Expr] = []
    for part in parts:
        flat += part.parts if isinstance(part, AllOf) else (part,)
    return AllOf(tuple(flat)) if len(flat) > 1 else flat[0] if flat else None


def any_of(parts: Iterable[Expr]) -> Expr | None:
    """Parts of which one must hold, in the one form they have; None for no part."""
    flat: list[Expr] = []
    for part in parts:
        flat += part.parts if isinstance(part, AnyOf) else (part,)
    return AnyOf(tuple(flat)) if len(flat) > 1 else flat[0] if flat else None


def negated(part: Expr) -> Expr:
    """The opposite, in the one form it has."""
    if isinstance(part, Filter):
        return replace(part, negate=not part.negate)
    return part.part if isinstance(part, Not) else Not(part)


def filters_in(where: Expr | None) -> Iterator[Filter]:
    """Every filter of a tree, from left to right."""
    if isinstance(where, Filter):
        yield where
    elif isinstance(where, Not):
        yield from filters_in(where.part)
    elif where is not None:
        for part in where.parts:
            yield from filters_in(part)


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked. `terms` and `pictures` rank; `where` chooses, None: every photo."""

    terms: tuple[Term, ...] = ()
    pictures: tuple[PictureTerm, ...] = ()
    where: Expr | None = None

    @property
    def ranks(self) -> bool:
        """Whether a model is needed: there are words or pictures."""
        return bool(self.terms or self.pictures)

    @property
    def words(self) -> str:
        """What is wanted, in words: those with a positive weight."""
        return " ".join(term.words for term in self.terms if term.weight > 0)

    def __str__(self) -> str:
        """The text that parses to this query."""
        from engine.query.writing import written

        return written(self)


class FilterRefused(ValueError):
    """A filter that photos cannot be asked for, in one sentence; `entry` is which."""

    def __init__(self, entry: Filter, reason: str) -> None:
        super().__init__(reason)
        self.entry = entry
