"""The nouns of sidecars: what a user says of a photo, and what a sidecar tells. Plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from engine.jobs import Skipped

Value: TypeAlias = int | str | None

SIDECAR_NAMES = ("whole", "short")
"""How a new sidecar may be called, `IMG.CR2.xmp` or `IMG.xmp`; one that is there keeps its name."""

VALUES = ("rating", "caption", "title")
"""The fields that have one value; tags have many."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a sidecar tells, or what a user says. None: nothing is told of that.

    A rating of -1 is a rejected photo. A user's empty caption hides what others say.
    """

    tags: tuple[str, ...] = ()  # paths, "Places/Sea"
    rating: int | None = None  # -1 to 5
    caption: str | None = None
    title: str | None = None

    def value(self, name: str) -> Value:
        """One of `VALUES`."""
        found: Value = getattr(self, name)
        return found


@dataclass(frozen=True, slots=True)
class Edits:
    """What is to become different in a sidecar; all that is not named stays as it is."""

    add: tuple[str, ...] = ()  # tags
    remove: tuple[str, ...] = ()
    values: Mapping[str, Value] = field(default_factory=dict[str, Value])  # None: told no more

    def __bool__(self) -> bool:
        return bool(self.add or self.remove or self.values)


@dataclass(frozen=True, slots=True)
class SidecarReport:
    """What a run of writing did."""

    written: int = 0  # sidecars changed or made
    unchanged: int = 0  # photos whose sidecars said it already, or with nothing to say
    skipped: tuple[Skipped, ...] = ()  # stay to be written, with the reason
    overtaken: int = 0  # values that another program changed since: they hold now
    copies: int = 0  # sidecars of others, kept as they were before they were changed
    seconds: float = 0.0
    held: bool = False  # photos are being moved: what is left has to wait for that


@dataclass(frozen=True, slots=True)
class SidecarStatus:
    """How far the sidecars are behind what was said."""

    on: bool  # whether they are written by themselves
    waiting: int  # photos to be written that can be reached
    offline: int  # photos to be written whose drive is away
    failed: int  # photos whose sidecar could not be written; tried again later
    written: int  # photos whose sidecar holds what the user said
    copies: Path  # the folder where sidecars are kept as they were
    said: int = 0  # photos that the user ever said anything of, to be written or not
