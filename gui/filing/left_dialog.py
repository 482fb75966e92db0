"""One summary of the photos that stayed as they were, each with its reason."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.jobs import Skipped
from gui import icons, theme
from gui.filing.words import reasons
from gui.labels import path_text, plain_text, standard_height, text_label, tooltip_text


class LeftDialog(QDialog):
    """A list to read and to copy; what was done is undone in the usual place."""

    def __init__(
        self, title: str, skipped: Sequence[Skipped], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self._rows = reasons(skipped)
        self.table = QTableWidget(len(self._rows), 2)
        self.table.setHorizontalHeaderLabels([self.tr("File"), self.tr("Reason")])
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
        for row, (path, why) in enumerate(self._rows):
            for column, words in enumerate((plain_text(path.name), why)):
                item = QTableWidgetItem(words)
                item.setToolTip(tooltip_text(why if column else path_text(path)))
                self.table.setItem(row, column, item)
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
        QGuiApplication.clipboard().setText("\n".join(f"{path}\t{why}" for path, why in self._rows))
