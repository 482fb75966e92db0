"""Small controls of the editors: a row of choices, a field of lines, a colour."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QMenu,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from gui import theme
from gui.tagging.dots import COLOURS, dot_icon


class Choices(QWidget):
    """A few choices beside each other, one of them chosen.

    Signals: chosen(object), by the user.
    """

    chosen = Signal(object)

    def __init__(self, entries: Sequence[tuple[object, str, str]], name: str) -> None:
        """Args: entries as (value, text, tooltip); name for screen readers."""
        super().__init__()
        self._group = QButtonGroup(self)
        self._values: list[object] = []
        self.setAccessibleName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for value, text, tip in entries:
            button = theme.mark(QPushButton(text), segment=True)
            button.setCheckable(True)
            button.setToolTip(tip)
            button.setAutoDefault(False)
            self._group.addButton(button, len(self._values))
            self._values.append(value)
            row.addWidget(button)
        row.addStretch(1)
        self._group.idClicked.connect(self._tell)

    def _tell(self, at: int) -> None:
        self.chosen.emit(self._values[at])

    @property
    def value(self) -> object:
        return self._values[max(0, self._group.checkedId())]

    def set_value(self, value: object) -> None:
        self._group.button(self._values.index(value)).setChecked(True)

    def choose(self, value: object) -> None:
        """As if the user had clicked on it."""
        self._group.button(self._values.index(value)).click()


class Lines(QPlainTextEdit):
    """A field for a few lines, each an entry. Tab leaves it.

    Signals: left(), it lost the focus.
    """

    left = Signal()

    def __init__(self, name: str, rows: int = 3) -> None:
        super().__init__()
        self._rows = rows
        self.setAccessibleName(name)
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(rows * self.fontMetrics().lineSpacing() + 22)

    def lines(self) -> tuple[str, ...]:
        found = (" ".join(line.split()) for line in self.toPlainText().splitlines())
        return tuple(line for line in found if line)

    def set_lines(self, lines: Sequence[str]) -> None:
        """Take these, unless they are there; the place of the cursor stays then."""
        if tuple(lines) != self.lines():
            self.blockSignals(True)
            self.setPlainText("\n".join(lines))
            self.blockSignals(False)

    def focusOutEvent(self, e: QFocusEvent) -> None:
        super().focusOutEvent(e)
        if e.reason() != Qt.FocusReason.PopupFocusReason:
            self.left.emit()


class ColourButton(QToolButton):
    """A dot; it opens the other dots.

    Signals: chosen(str), "#rrggbb" or empty.
    """

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.colour = ""
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setAccessibleName(self.tr("Colour"))
        self.setToolTip(self.tr("Colour of the dot"))
        self.setFixedSize(32, 32)
        menu = QMenu(self)
        names = (
            self.tr("Red"), self.tr("Orange"), self.tr("Yellow"), self.tr("Green"),
            self.tr("Turquoise"), self.tr("Blue"), self.tr("Violet"), self.tr("Pink"),
        )  # fmt: skip
        for colour, name in zip(COLOURS, names, strict=True):
            action = menu.addAction(dot_icon(colour), name)
            action.triggered.connect(lambda _=False, chosen=colour: self._choose(chosen))
        none = menu.addAction(dot_icon(""), self.tr("No colour"))
        none.triggered.connect(lambda: self._choose(""))
        self.setMenu(menu)
        theme.notifier.changed.connect(self._dress)
        self.set_colour("")

    def set_colour(self, colour: str) -> None:
        self.colour = colour
        self.setIcon(dot_icon(colour))

    def _dress(self) -> None:
        self.set_colour(self.colour)

    def _choose(self, colour: str) -> None:
        self.set_colour(colour)
        self.chosen.emit(colour)
