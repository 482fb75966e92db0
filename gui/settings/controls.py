"""Controls of the settings dialog: lists, boxes, switches, rows of buttons."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListWidget,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from gui import theme
from gui.labels import text_label


class NameField(QLineEdit):
    """A field whose Return key adds a name; passed on, it would also press OK."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()


def field_list(name: str) -> QListWidget:
    """A list on the ground of a field; `name` is spoken."""
    found = QListWidget()
    found.setAccessibleName(name)
    found.setFrameShape(QFrame.Shape.NoFrame)
    found.setIconSize(QSize(16, 16))
    found.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    found.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return theme.mark(found, role="field")


def choice_box(values: Sequence[str], names: dict[str, str], current: str) -> QComboBox:
    """A box with these values under their names, `current` chosen."""
    box = QComboBox()
    for value in values:
        box.addItem(names[value], value)
    box.setCurrentIndex(max(0, box.findData(current)))
    return box


def button_row(column: QVBoxLayout, *buttons: QPushButton) -> None:
    """Buttons side by side, each with a spoken name."""
    row = QHBoxLayout()
    row.setSpacing(8)
    for button in buttons:
        button.setAccessibleName(button.text().rstrip("…"))
        button.setAutoDefault(False)
        row.addWidget(button)
    row.addStretch()
    column.addLayout(row)


def setting_row(column: QVBoxLayout, name: str, control: QWidget, words: str = "") -> None:
    """A named control with what there is to say of it below."""
    control.setAccessibleName(name)
    label = text_label(name)
    label.setBuddy(control)
    row = QHBoxLayout()
    row.addWidget(label, 1)
    control.setMinimumWidth(200)
    if isinstance(control, QSpinBox):
        control.lineEdit().setTextMargins(6, 0, 0, 0)  # a style sheet does not reach it
    row.addWidget(control)
    column.addLayout(row)
    if words:
        column.addWidget(text_label(words, "muted", wrap=True))
    column.addSpacing(8)


def setting_switch(column: QVBoxLayout, name: str, words: str, on: bool) -> QCheckBox:
    """Something to be switched on or off, with what it means below, in line with its name."""
    switch = QCheckBox(name)
    switch.setChecked(on)
    switch.setAccessibleName(name)
    switch.setAccessibleDescription(words)
    column.addWidget(switch)
    below = QHBoxLayout()
    below.setContentsMargins(28, 0, 0, 0)
    below.addWidget(text_label(words, "muted", wrap=True))
    column.addLayout(below)
    column.addSpacing(12)
    return switch
