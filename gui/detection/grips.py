"""Where a box is taken hold of with the mouse, and what dragging makes of it. No widget."""

from __future__ import annotations

from enum import Flag, auto

from PySide6.QtCore import QPointF, QRectF, Qt

from engine.types import Box

_NEAR = 7.0  # pixels of the screen around a corner or an edge
_INSIDE = 24.0  # a box smaller than this on the screen is moved by its middle, not sized


class Grip(Flag):
    """The edges that follow the mouse; all four: the whole box."""

    LEFT = auto()
    TOP = auto()
    RIGHT = auto()
    BOTTOM = auto()
    ALL = LEFT | TOP | RIGHT | BOTTOM


def grip_at(area: QRectF, at: QPointF) -> Grip | None:
    """What of a box on the screen is under the mouse; None: nothing of it."""
    near = _NEAR if min(area.width(), area.height()) > _INSIDE else _NEAR / 2
    if not area.adjusted(-near, -near, near, near).contains(at):
        return None
    found = Grip(0)
    for grip, edge, place in (
        (Grip.LEFT, area.left(), at.x()),
        (Grip.RIGHT, area.right(), at.x()),
        (Grip.TOP, area.top(), at.y()),
        (Grip.BOTTOM, area.bottom(), at.y()),
    ):
        if abs(edge - place) <= near:
            found |= grip
    return found or Grip.ALL


def cursor_of(grip: Grip) -> Qt.CursorShape:
    """What the mouse looks like there."""
    shapes = Qt.CursorShape
    if grip is Grip.ALL:
        return shapes.SizeAllCursor
    across = bool(grip & (Grip.LEFT | Grip.RIGHT))
    down = bool(grip & (Grip.TOP | Grip.BOTTOM))
    if across and down:
        falling = grip in (Grip.LEFT | Grip.TOP, Grip.RIGHT | Grip.BOTTOM)
        return shapes.SizeFDiagCursor if falling else shapes.SizeBDiagCursor
    return shapes.SizeHorCursor if across else shapes.SizeVerCursor


def dragged(box: Box, grip: Grip, by: QPointF, size: tuple[float, float], least: float) -> Box:
    """The box after a drag, inside the photo and never turned inside out.

    Args:
        box: before.
        grip: what follows the mouse.
        by: how far, in pixels of the photo.
        size: width and height of the photo.
        least: how small it may become.
    """
    width, height = size
    left, top, right, bottom = box
    if grip is Grip.ALL:
        x = min(max(by.x(), -left), width - right)
        y = min(max(by.y(), -top), height - bottom)
        return Box(left + x, top + y, right + x, bottom + y)
    if grip & Grip.LEFT:
        left = min(max(0.0, left + by.x()), right - least)
    if grip & Grip.RIGHT:
        right = max(min(width, right + by.x()), left + least)
    if grip & Grip.TOP:
        top = min(max(0.0, top + by.y()), bottom - least)
    if grip & Grip.BOTTOM:
        bottom = max(min(height, bottom + by.y()), top + least)
    return Box(max(0.0, left), max(0.0, top), min(width, right), min(height, bottom))
