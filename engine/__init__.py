"""Photosift's engine: everything but the window. `Library` is the only door.

`Tagging`, `Sorting`, `Filing`, `Detecting`, `Duplicates`, `Marking`, `Sidecars` and `Albums` are
rooms behind it (`library.tagging`, …), named here for those who annotate.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.detecting import Detecting
    from engine.duplicates import Duplicates
    from engine.filing import Filing
    from engine.library import Library
    from engine.marking import Albums, Marking
    from engine.sidecars import Sidecars
    from engine.sorting import Sorting
    from engine.tagging import Tagging

__all__ = [
    "Albums",
    "Detecting",
    "Duplicates",
    "Filing",
    "Library",
    "Marking",
    "Sidecars",
    "Sorting",
    "Tagging",
]

_PLACES = {name: f"engine.{name.lower()}" for name in __all__} | {"Albums": "engine.marking"}


def __getattr__(name: str) -> object:
    """Import a door on first use, so that `engine.types` alone costs nothing."""
    if name in _PLACES:
        return getattr(import_module(_PLACES[name]), name)
    raise AttributeError(name)
