"""The help that lists every key the window knows, made from the table of `gui/shortcuts.py`."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from gui import theme
from gui.labels import text_label
from gui.shortcuts import KeyGroup, groups

_COLUMNS = 3  # at the most
_BARS = QSize(18, 2)  # a scroll bar and the frame
_TITLE = 2  # rows that a title takes, with the air above it


class ShortcutHelp(QDialog):
    """Every key, grouped by where it works."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Keyboard shortcuts"))
        room = self.screen().availableSize() - QSize(40, 80)
        columns, holder = _COLUMNS, _page(_COLUMNS)
        while columns > 1 and (holder.sizeHint() + _BARS).width() > room.width():
            columns -= 1
            holder = _page(columns)
        area = QScrollArea()
        area.setWidget(holder)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setAccessibleName(self.windowTitle())
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(area)
        self.resize((holder.sizeHint() + _BARS).boundedTo(room))


def _page(columns: int) -> QWidget:
    """All keys in so many columns; what does not fit on the screen is scrolled to downwards."""
    holder = theme.mark(QWidget(), region="panel")
    row = QHBoxLayout(holder)
    row.setContentsMargins(24, 24, 24, 24)
    row.setSpacing(32)
    for held in _spread(groups(), columns):
        row.addLayout(_column(held))
    return holder


def _spread(every: Sequence[KeyGroup], columns: int) -> list[list[KeyGroup]]:
    """The groups in their order, in columns of about the same height."""
    whole = sum(len(group.rows) + _TITLE for group in every)
    found: list[list[KeyGroup]] = [[]]
    height = done = 0
    for group in every:
        rows = len(group.rows) + _TITLE
        left = columns - len(found) + 1
        if found[-1] and left > 1 and height + rows / 2 > (whole - done) / left:
            done += height
            found.append([])
            height = 0
        found[-1].append(group)
        height += rows
    return found


def _column(held: Sequence[KeyGroup]) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(8)
    for at, group in enumerate(held):
        if at:
            column.addSpacing(12)
        column.addWidget(text_label(group.title, "heading"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(5)
        grid.setColumnMinimumWidth(0, 104)
        for row, entry in enumerate(group.rows):
            grid.addWidget(text_label(entry.keys, "muted"), row, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(QLabel(entry.words), row, 1)
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)
    column.addStretch(1)
    return column
