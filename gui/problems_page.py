"""The problems page: every file that could not be read, with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from engine.types import PhotoId, Problem
from gui import facts, icons, theme
from gui.labels import path_text, plain_text, standard_height, text_label, tooltip_text

AnyIndex: TypeAlias = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
_FILE, _REASON, _WHEN = range(3)


class ProblemTable(QAbstractTableModel):
    """One row per file, the newest first."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._problems: list[Problem] = []

    def show(self, problems: Sequence[Problem]) -> None:
        self.beginResetModel()
        self._problems = sorted(problems, key=lambda problem: -problem.tried_at)
        self.endResetModel()

    def problem(self, row: int) -> Problem:
        return self._problems[row]

    def rowCount(self, parent: AnyIndex = _TOP) -> int:
        return 0 if parent.isValid() else len(self._problems)

    def columnCount(self, parent: AnyIndex = _TOP) -> int:
        return 0 if parent.isValid() else 3

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        return (self.tr("File"), self.tr("Reason"), self.tr("Last tried"))[section]

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        problem = self._problems[index.row()]
        match role, index.column():
            case Qt.ItemDataRole.DisplayRole, 0:
                return plain_text(problem.path.name)
            case Qt.ItemDataRole.DisplayRole, 1:
                return plain_text(facts.reason_text(problem.reason))
            case Qt.ItemDataRole.DisplayRole, 2:
                return facts.moment_text(problem.tried_at)
            case Qt.ItemDataRole.DecorationRole, 0:
                return icons.icon("damaged" if problem.damaged else "warning")
            case Qt.ItemDataRole.ForegroundRole, 2:
                return theme.colours().muted
            case Qt.ItemDataRole.ToolTipRole, 0:
                return tooltip_text(path_text(problem.path))
            case Qt.ItemDataRole.ToolTipRole, 1:
                extra = (
                    "\n" + self.tr("The rest of the picture is shown.") if problem.damaged else ""
                )
                return tooltip_text(facts.reason_text(problem.reason) + extra)
            case Qt.ItemDataRole.AccessibleTextRole, 0:
                return plain_text(f"{problem.path.name}: {facts.reason_text(problem.reason)}")
            case _:
                return None


class ProblemsPage(QWidget):
    """What could not be read, and what to do about it.

    Signals:
        retry_wanted(list[PhotoId]): read these files again.
        show_in_folder_wanted(Path): open the file manager at this file.
    """

    retry_wanted = Signal(object)
    show_in_folder_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ProblemTable(self)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setAccessibleName(self.tr("Files that could not be read"))
        self.table.setShowGrid(False)
        self.table.setWordWrap(False)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(standard_height(self.table) + 4)
        header = self.table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(_FILE, QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(_REASON, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(_WHEN, QHeaderView.ResizeMode.Fixed)
        header.setMinimumSectionSize(96)
        self.table.setColumnWidth(_FILE, 220)
        self.table.setColumnWidth(_WHEN, 152)

        self.summary = text_label("", "muted")
        self.show_button = QPushButton(icons.icon("external"), self.tr("Show in folder"))
        self.retry_button = QPushButton(self.tr("Retry selected"))
        self.retry_all_button = QPushButton(icons.icon("refresh"), self.tr("Retry all"))
        self.retry_all_button.setToolTip(self.tr("Read all of these files again"))
        self.retry_button.setToolTip(self.tr("Read the selected files again"))
        self.show_button.setToolTip(self.tr("Open the file manager at this file"))
        for button in (self.show_button, self.retry_button, self.retry_all_button):
            button.setAccessibleName(button.text())

        titles = QVBoxLayout()
        titles.setSpacing(4)
        titles.addWidget(text_label(self.tr("Problems"), "heading"))
        titles.addWidget(self.summary)
        top = QHBoxLayout()
        top.setContentsMargins(24, 16, 24, 16)
        top.setSpacing(8)
        top.addLayout(titles, 1)
        for button in (self.show_button, self.retry_button, self.retry_all_button):
            top.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)

        filled = QWidget()
        column = QVBoxLayout(filled)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        body = QHBoxLayout()
        body.setContentsMargins(16, 0, 16, 0)
        body.addWidget(self.table)
        column.addLayout(body, 1)
        empty = QWidget()
        middle = QVBoxLayout(empty)
        words = text_label(self.tr("Every file could be read."), "muted")
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        middle.addWidget(words)
        self.pages = QStackedWidget()
        self.pages.addWidget(empty)
        self.pages.addWidget(filled)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.pages)
        theme.mark(self, region="canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

        self.table.selectionModel().selectionChanged.connect(lambda: self._follow_selection())
        self.table.doubleClicked.connect(lambda: self._show_in_folder())
        self.show_button.clicked.connect(self._show_in_folder)
        self.retry_button.clicked.connect(self._retry_selected)
        self.retry_all_button.clicked.connect(self._retry_all)
        self._follow_selection()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show these; what was selected stays selected."""
        kept = {problem.photo_id for problem in self.selected()}
        self.model.show(problems)
        self.pages.setCurrentIndex(1 if problems else 0)
        damaged = sum(problem.damaged for problem in problems)
        unwritten = sum(problem.unwritten for problem in problems)
        parts: list[str] = []
        if unread := len(problems) - damaged - unwritten:
            parts.append(self.tr("%Ln file(s) could not be read", "", unread))
        if damaged:
            parts.append(self.tr("%Ln file(s) could be read only in part", "", damaged))
        if unwritten:
            parts.append(self.tr("%Ln sidecar(s) could not be written", "", unwritten))
        self.summary.setText(" · ".join(parts))
        selection = self.table.selectionModel()
        for row in range(self.model.rowCount()):
            if self.model.problem(row).photo_id in kept:
                selection.select(
                    self.model.index(row, 0),
                    selection.SelectionFlag.Select | selection.SelectionFlag.Rows,
                )
        self._follow_selection()

    def selected(self) -> list[Problem]:
        """The selected rows, from top to bottom."""
        rows = {index.row() for index in self.table.selectionModel().selectedRows()}
        return [self.model.problem(row) for row in sorted(rows)]

    def _follow_selection(self) -> None:
        count = len(self.table.selectionModel().selectedRows())
        self.retry_button.setEnabled(count > 0)
        self.show_button.setEnabled(count == 1)

    def _retry_selected(self) -> None:
        ids = [problem.photo_id for problem in self.selected()]
        if ids:
            self.retry_wanted.emit(ids)

    def _retry_all(self) -> None:
        ids: list[PhotoId] = [
            self.model.problem(row).photo_id for row in range(self.model.rowCount())
        ]
        self.retry_wanted.emit(ids)

    def _show_in_folder(self) -> None:
        chosen = self.selected()
        if len(chosen) == 1:
            self.show_in_folder_wanted.emit(chosen[0].path)
