"""Photosift's engine: everything but the window. `Library` is the only door."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.library import Library

__all__ = ["Library"]


def __getattr__(name: str) -> object:
    """Import the door on first use, so that `engine.types` alone costs nothing."""
    if name == "Library":
        from engine.library import Library

        return Library
    raise AttributeError(name)
