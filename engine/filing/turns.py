"""Names that photos of one run hand on to each other: who goes first, and who steps aside."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

Names = frozenset[object]


@dataclass(frozen=True, slots=True)
class Change:
    """What one photo with its companions does to names: it has `old` until it has `new`."""

    old: Names
    new: Names


@dataclass(frozen=True, slots=True)
class Turn:
    """The change of this number is made now, or (`aside`) to names that nobody wants."""

    number: int
    aside: bool = False


def in_turn(changes: Sequence[Change], staying: Collection[int] = ()) -> list[Turn]:
    """An order in which every name is free before another one gets it.

    Of those that wait for each other in a circle one steps aside first, and has a second turn. All
    else keeps its order as far as that goes.

    Args:
        changes: what is to be done.
        staying: numbers that cannot be done and must not step aside; they have a turn all the same.

    Cost: linear, but for circles that hang together.
    """
    holders: defaultdict[object, list[int]] = defaultdict(list)
    for number, change in enumerate(changes):
        for name in change.old:
            holders[name].append(number)
    waits = [_others(number, change.new, holders) for number, change in enumerate(changes)]
    followers: defaultdict[int, list[int]] = defaultdict(list)
    for number, awaited in enumerate(waits):
        for other in awaited:
            followers[other].append(number)
    ready = [number for number, awaited in enumerate(waits) if not awaited]
    left = dict.fromkeys(range(len(changes)))
    found: list[Turn] = []
    stepped: set[int] = set()
    while left:
        if ready:
            number = heapq.heappop(ready)
        else:
            circle = _circle(next(iter(left)), waits)
            number = next((one for one in circle if one in staying), min(circle))
            if number not in staying:
                found.append(Turn(number, aside=True))
                stepped.add(number)
                _set_free(number, followers, waits, ready)
                continue
            waits[number].clear()
        if number not in left:
            continue
        del left[number]
        found.append(Turn(number))
        if number not in stepped:
            _set_free(number, followers, waits, ready)
    return found


def _others(number: int, names: Iterable[object], holders: dict[object, list[int]]) -> set[int]:
    return {one for name in names for one in holders.get(name, ()) if one != number}


def _circle(start: int, waits: Sequence[set[int]]) -> list[int]:
    """Some that wait for each other, found from one that waits; it may itself be none of them."""
    path: list[int] = []
    place: dict[int, int] = {}
    number = start
    while number not in place:
        place[number] = len(path)
        path.append(number)
        number = min(waits[number])
    return path[place[number] :]


def _set_free(
    number: int, followers: dict[int, list[int]], waits: Sequence[set[int]], ready: list[int]
) -> None:
    """Those that only waited for this one are next."""
    for one in followers.get(number, ()):
        if number in waits[one]:
            waits[one].discard(number)
            if not waits[one]:
                heapq.heappush(ready, one)
