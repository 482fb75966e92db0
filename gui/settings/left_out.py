"""The page of the settings on which names are left out."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from engine.settings import DEFAULT_EXCLUDES
from gui import icons
from gui.settings.controls import NameField, button_row, field_list


class LeftOutPage(QWidget):
    """Patterns of names, edited in place.

    Signals: changed().
    """

    changed = Signal()

    def __init__(self, patterns: Sequence[str]) -> None:
        super().__init__()
        self.names = field_list(self.tr("Names that are left out"))
        self.names.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.EditKeyPressed
        )
        for pattern in patterns:
            self._add(pattern)
        self.field = NameField()
        self.field.setPlaceholderText(self.tr("A name, such as *.tmp"))
        self.field.setAccessibleName(self.tr("A name to leave out"))
        self.add_button = QPushButton(icons.icon("add"), self.tr("Add"))
        self.add_button.setAutoDefault(False)
        self.add_button.setAccessibleName(self.tr("Add the name"))
        self.remove_button = QPushButton(icons.icon("remove"), self.tr("Remove"))
        self.reset_button = QPushButton(self.tr("Back to the defaults"))
        line = QHBoxLayout()
        line.addWidget(self.field, 1)
        line.addWidget(self.add_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.names, 1)
        column.addLayout(line)
        button_row(column, self.remove_button, self.reset_button)

        self.field.returnPressed.connect(self._take)
        self.add_button.clicked.connect(self._take)
        self.remove_button.clicked.connect(self._remove)
        self.reset_button.clicked.connect(self._reset)
        self.names.itemSelectionChanged.connect(self._follow)
        self.names.itemChanged.connect(lambda: self.changed.emit())
        self._follow()

    def patterns(self) -> tuple[str, ...]:
        """Those in the list, each once."""
        rows = range(self.names.count())
        found = (self.names.item(row).text().strip() for row in rows)
        return tuple(dict.fromkeys(pattern for pattern in found if pattern))

    def _follow(self) -> None:
        self.remove_button.setEnabled(bool(self.names.selectedItems()))

    def _add(self, pattern: str) -> None:
        item = QListWidgetItem(pattern)
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
        self.names.addItem(item)

    def _take(self) -> None:
        pattern = self.field.text().strip()
        if pattern and not self.names.findItems(pattern, Qt.MatchFlag.MatchExactly):
            self._add(pattern)
            self.names.scrollToBottom()
        self.field.clear()
        self.changed.emit()

    def _remove(self) -> None:
        for item in self.names.selectedItems():
            self.names.takeItem(self.names.row(item))
        self.changed.emit()

    def _reset(self) -> None:
        self.names.clear()
        for pattern in DEFAULT_EXCLUDES:
            self._add(pattern)
        self.changed.emit()
