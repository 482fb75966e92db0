"""Three sides of a sidecar: what the user says now, what we wrote last, what it tells. Pure.

Only what the user changed since is written. A value that another program changed since holds
against the user's older one; where both changed it, the user's holds. A tag or a value that another
program left out is not written again, and stays in the catalog: leaving out is no saying.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

from engine.sidecar_types import VALUES, Edits, Told, Value

KeyOf: TypeAlias = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Last:
    """What we wrote last, and what stood there before: so that taking it back restores that."""

    said: Told = field(default_factory=Told)
    before: Mapping[str, Value] = field(default_factory=dict[str, Value])
    had: tuple[str, ...] = ()  # of our tags: those that others had written already
    whole: bool = True  # in a sidecar with the photo's whole name

    def __bool__(self) -> bool:
        return self.said != Told() or bool(self.before)

    def to_json(self) -> str:
        """For the catalog."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, raw: str) -> Last:
        """The inverse."""
        held: dict[str, Any] = json.loads(raw)
        said: dict[str, Any] = held["said"] | {"tags": tuple(held["said"]["tags"])}
        return cls(Told(**said), held["before"], tuple(held["had"]), held["whole"])


@dataclass(frozen=True, slots=True)
class Wish:
    """What the catalog wants a photo's sidecar to tell.

    Attributes:
        said: what the user says.
        carried: tags that the photo has from its files.
        refused: tags of its files that the user took off.
        not_rejected: the user says that the photo is not rejected, whatever files say.
    """

    said: Told
    carried: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    not_rejected: bool = False

    def __bool__(self) -> bool:
        return self.said != Told() or bool(self.refused) or self.not_rejected


@dataclass(frozen=True, slots=True)
class Merged:
    """What is to be changed in the sidecar, and what is known of it then.

    Attributes:
        edits: for the sidecar.
        last: what we will have written last.
        overtaken: of `VALUES`: what another program changed since the user said it.
        conflict: both sides changed the same; the user's holds.
    """

    edits: Edits
    last: Last
    overtaken: tuple[str, ...] = ()
    conflict: bool = False


def merge(wish: Wish, last: Last, told: Told, key_of: KeyOf) -> Merged:
    """Bring the three sides together.

    Args:
        wish: the user's side.
        last: as the last writing left it; `Last()` before the first.
        told: by the sidecar as it is now.
        key_of: by what two tags are the same.
    """
    add, remove, had = _tags(wish, last, told, key_of)
    values: dict[str, Value] = {}
    said: dict[str, Value] = {}
    before: dict[str, Value] = {}
    overtaken: list[str] = []
    conflict = False
    for name in VALUES:
        mine, was, theirs = wish.said.value(name), last.said.value(name), told.value(name)
        root = last.before.get(name)  # what stood there before the user said anything
        if name == "rating" and mine is None and wish.not_rejected:
            stays = root if was is not None and theirs == was else theirs
            mine = 0 if stays == -1 or was == 0 else None
        if mine == was:
            if mine is not None and theirs is not None and theirs != _shown(mine):
                overtaken.append(name)
                continue
            said[name], before[name] = mine, root
        elif mine is None:
            if theirs == _shown(was):
                values[name] = root
        else:
            both = was is not None and theirs not in (_shown(was), _shown(mine))
            conflict = conflict or both
            said[name] = mine
            before[name] = theirs if was is None or both else root
            if theirs != _shown(mine):
                values[name] = _shown(mine)
    found = Last(
        Told(tags=wish.said.tags, **said),  # pyright: ignore[reportArgumentType] - VALUES' own
        {name: value for name, value in before.items() if value is not None},
        had,
        last.whole,
    )
    return Merged(Edits(add, remove, values), found, tuple(overtaken), conflict)


def _tags(wish: Wish, last: Last, told: Told, key_of: KeyOf) -> tuple[tuple[str, ...], ...]:
    """Tags to add and to remove, and those of ours that others had written."""
    ours = _by_key(wish.said.tags, key_of)
    wrote = _by_key(last.said.tags, key_of)
    there = _by_key(told.tags, key_of)
    carried = _by_key(wish.carried, key_of)
    had = _by_key(last.had, key_of)
    add = {key: path for key, path in ours.items() if key not in wrote and key not in there}
    refused = _by_key(wish.refused, key_of)
    if (add or refused) and not there:  # others take a list of keywords for the whole of it
        add = {**{k: p for k, p in carried.items() if k not in ours}, **add}
    gone = {
        key: path
        for key, path in wrote.items()
        if key not in ours and key in there and key not in had
    }
    gone |= {k: p for k, p in refused.items() if k in there and k not in ours and k not in carried}
    had_now = {
        key: path for key, path in ours.items() if key in had or (key not in wrote and key in there)
    }
    found = (add, gone, had_now)
    return tuple(tuple(each.values()) for each in found)


def _by_key(paths: Collection[str], key_of: KeyOf) -> dict[str, str]:
    return {key: path for path in paths if (key := key_of(path))}


def _shown(value: Value) -> Value:
    """An empty text is told by telling none."""
    return None if value == "" else value
