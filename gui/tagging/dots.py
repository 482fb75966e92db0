"""The dot in a category's colour."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from gui import theme

COLOURS = (
    "#e5534b", "#e0823d", "#c69026", "#57ab5a", "#2da3a3", "#539bf5", "#986ee2", "#e275ad",
)  # fmt: skip
"""Readable as a dot in both schemes."""


def dot_icon(colour: str, size: int = 16) -> QIcon:
    """A dot in a category's colour; a ring where it has none."""
    made = QPixmap(QSize(size * 2, size * 2))
    made.setDevicePixelRatio(2)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    side = size * 0.62
    start = (size - side) / 2
    painter.translate(start, start)
    if QColor(colour).isValid() and colour:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
    else:
        painter.setPen(theme.colours().muted)
        painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawEllipse(0, 0, round(side), round(side))
    painter.end()
    icon = QIcon(made)
    icon.addPixmap(made, QIcon.Mode.Selected)  # Qt would tint it, and colours are what it is for
    return icon
