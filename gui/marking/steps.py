"""What takes marks and albums back, as the history wants it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from engine.mark_types import MarkUndo

if TYPE_CHECKING:
    from engine import Library


def way_back(library: Library, undo: MarkUndo) -> Callable[[], object] | None:
    """On a lane: what takes a step back, and then what does it again; None if nothing changed."""
    return (lambda: way_back(library, library.marking.undo(undo))) if undo else None
