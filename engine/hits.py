"""The hits of an answer without words: nothing but ids, however many."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import repeat
from typing import overload

from engine.types import Hit, PhotoId


class PlainHits(Sequence[Hit]):
    """Hits that are made when they are looked at: 100,000 of them would take .1 s.

    Attributes:
        ids: the photos, in order.
    """

    __slots__ = ("ids",)

    def __init__(self, ids: Sequence[PhotoId]) -> None:
        self.ids = ids

    def __len__(self) -> int:
        return len(self.ids)

    @overload
    def __getitem__(self, at: int) -> Hit: ...
    @overload
    def __getitem__(self, at: slice) -> PlainHits: ...
    def __getitem__(self, at: int | slice) -> Hit | PlainHits:
        return PlainHits(self.ids[at]) if isinstance(at, slice) else Hit(self.ids[at], 0.0)

    def __iter__(self) -> Iterator[Hit]:
        return map(Hit, self.ids, repeat(0.0))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, PlainHits):
            return list(self.ids) == list(other.ids)
        return isinstance(other, tuple) and tuple(self) == other

    def __hash__(self) -> int:
        return hash(tuple(self))
