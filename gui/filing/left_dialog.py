"""One summary of the photos that stayed as they were, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QSize,
    Qt,
)
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from engine.jobs import Skipped
from gui import icons, theme
from gui.filing.words import reasons
from gui.labels import path_text, plain_text, standard_height, text_label, tooltip_text

AnyIndex: TypeAlias = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()


class LeftRows(QAbstractTableModel):
    """Files and why they stayed, put into words when they are looked at: there may be thousands."""

    def __init__(self, skipped: Sequence[Skipped], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._skipped = skipped

    def rowCount(self, parent: AnyIndex = _TOP) -> int:
        return 0 if parent.isValid() else len(self._skipped)

    def columnCount(self, parent: AnyIndex = _TOP) -> int:
        return 0 if parent.isValid() else 2

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> object:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return (self.tr("File"), self.tr("Reason"))[section]
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        ((path, why),) = reasons([self._skipped[index.row()]])
        if role == Qt.ItemDataRole.DisplayRole:
            return why if index.column() else plain_text(path.name)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip_text(why if index.column() else path_text(path))
        return None


class LeftDialog(QDialog):
    """A list to read and to copy; what was done is undone in the usual place."""

    def __init__(
        self, title: str, skipped: Sequence[Skipped], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self._skipped = skipped
        self.table = QTableView()
        self.table.setModel(LeftRows(skipped, self))
        self.table.setAccessibleName(title)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(standard_height(self.table))
        self.table.horizontalHeader().setHighlightSections(False)
        self.table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        self.table.horizontalHeader().setDefaultAlignment(left)
        self.table.setColumnWidth(0, 220)
        theme.mark(self.table, region="panel")
        theme.mark(self.table.horizontalHeader(), region="panel")
        self.copy_button = QPushButton(icons.icon("copy"), self.tr("Copy the list"))
        self.close_button = theme.mark(QPushButton(self.tr("Close")), primary=True)
        foot = QHBoxLayout()
        foot.addWidget(self.copy_button)
        foot.addStretch(1)
        foot.addWidget(self.close_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(12)
        column.addWidget(text_label(title, "heading"))
        column.addWidget(self.table, 1)
        column.addLayout(foot)
        for button in (self.copy_button, self.close_button):
            button.setAccessibleName(button.text())
        self.close_button.setDefault(True)
        self.close_button.clicked.connect(self.accept)
        self.copy_button.clicked.connect(self._copy)

    def sizeHint(self) -> QSize:
        return QSize(600, 380)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(
            "\n".join(f"{path}\t{why}" for path, why in reasons(self._skipped))
        )
