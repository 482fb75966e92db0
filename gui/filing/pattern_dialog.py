"""The dialog that renames many photos by a pattern, with what comes of it before."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QLocale, QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QBrush
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QSpinBox,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.errors import EngineError
from engine.file_types import NewName
from engine.types import PhotoId
from gui import theme
from gui.engine_words import said
from gui.labels import plain_text, standard_height, text_label, tooltip_text
from gui.sorting.engine_notes import reason_text
from gui.workers import Task

_USUAL = "{date:%Y-%m-%d}_{n:03}"
_KEY = "filing/pattern"
_QUIET_MS = 200
_MOST = 300  # rows of the preview; all are counted


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a pattern gives: names by photo, and what would come of them."""

    names: Mapping[PhotoId, str]
    found: Sequence[NewName]


class PatternDialog(QDialog):
    """Shows the first names while one types; what cannot be renamed is told before.

    Signals: named(dict[PhotoId, str]), rename them so.
    """

    named = Signal(object)

    def __init__(
        self, count: int, ask: Callable[[str, int], Task], parent: QWidget | None = None
    ) -> None:
        """Args: ask: what a pattern gives, numbered from there; succeeds with Proposed."""
        super().__init__(parent)
        self._count = count
        self._ask_for = ask
        self._asked = 0
        self._names: Mapping[PhotoId, str] = {}
        self.setWindowTitle(self.tr("Rename %Ln photo(s)", "", count))
        self.pattern = QLineEdit(str(QSettings().value(_KEY, _USUAL)))
        self.pattern.setAccessibleName(self.tr("Pattern of the names"))
        self.start = QSpinBox()
        self.start.setRange(0, 999_999)
        self.start.setValue(1)
        self.start.setAccessibleName(self.tr("First number"))
        self.start.setToolTip(self.tr("The number of the first photo, in the order of the grid"))
        self.parts = [
            self._part(words, text)
            for words, text in (
                (self.tr("Former name"), "{name}"),
                (self.tr("Number"), "{n:03}"),
                (self.tr("Date"), "{date:%Y-%m-%d}"),
                (self.tr("Time"), "{date:%H%M%S}"),
                (self.tr("Camera"), "{camera}"),
                (self.tr("Folder"), "{folder}"),
            )
        ]
        self.note = text_label(role="muted", wrap=True)
        self.table = QTableWidget(0, 2)
        self.table.setHorizontalHeaderLabels([self.tr("Now"), self.tr("Then")])
        self.table.setAccessibleName(self.tr("Names, now and then"))
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(standard_height(self.table))
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setHighlightSections(False)
        left = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        self.table.horizontalHeader().setDefaultAlignment(left)
        theme.mark(self.table, region="panel")
        theme.mark(self.table.horizontalHeader(), region="panel")
        self.go = theme.mark(QPushButton(), primary=True)
        self.go.setDefault(True)
        self.cancel = QPushButton(self.tr("Cancel"))
        self.cancel.setAccessibleName(self.cancel.text())
        self._build()
        self.setTabOrder(self.pattern, self.start)
        self._quiet = QTimer(self, singleShot=True, interval=_QUIET_MS)
        self._quiet.timeout.connect(self._ask)
        self.pattern.textChanged.connect(self._stir)
        self.start.valueChanged.connect(self._stir)
        self.go.clicked.connect(self._take)
        self.cancel.clicked.connect(self.reject)
        self.pattern.setFocus()
        self.pattern.selectAll()
        self._ask()

    def sizeHint(self) -> QSize:
        return QSize(640, 520)

    def _build(self) -> None:
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(self.pattern, 1)
        line.addWidget(text_label(self.tr("from"), "muted"))
        line.addWidget(self.start)
        chips = QHBoxLayout()
        chips.setSpacing(12)
        for part in self.parts:
            chips.addWidget(part)
        chips.addStretch(1)
        foot = QHBoxLayout()
        foot.setSpacing(8)
        foot.addWidget(self.note, 1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.go)
        column = QVBoxLayout(self)
        column.setContentsMargins(24, 20, 24, 20)
        column.setSpacing(8)
        column.addLayout(line)
        column.addLayout(chips)
        column.addSpacing(4)
        column.addWidget(self.table, 1)
        column.addSpacing(4)
        column.addLayout(foot)

    def _part(self, words: str, text: str) -> QPushButton:
        button = theme.mark(QPushButton(words), link=True)
        button.setToolTip(text)
        button.setAccessibleName(self.tr("Insert: %1").replace("%1", words))
        button.setAutoDefault(False)
        button.clicked.connect(partial(self._insert, text))
        return button

    def _insert(self, text: str, _on: bool = False) -> None:
        self.pattern.insert(text)
        self.pattern.setFocus()

    def _stir(self) -> None:
        """What is shown is no answer to what is typed now, so it cannot be taken either."""
        self._asked += 1
        self.go.setEnabled(False)
        self._quiet.start()

    def _ask(self) -> None:
        self._asked += 1
        self.go.setEnabled(False)
        task = self._ask_for(self.pattern.text(), self.start.value())
        task.succeeded.connect(partial(self._show, self._asked))
        task.failed.connect(partial(self._refuse, self._asked))

    def done(self, result: int) -> None:
        """What was asked last may be answered when nothing of the dialog is left."""
        self._asked += 1
        super().done(result)

    def _refuse(self, number: int, error: Exception) -> None:
        if number == self._asked and isinstance(error, EngineError):
            self.table.setRowCount(0)
            self._names = {}
            self._say(said(str(error)), 0, danger=True)

    def _show(self, number: int, proposed: Proposed) -> None:
        if number != self._asked:
            return
        self._names = proposed.names
        wrong = [one for one in proposed.found if one.trouble]
        fine = [one for one in proposed.found if not one.trouble]
        shown = [*wrong, *fine][:_MOST]  # what needs the eye first
        self.table.setRowCount(len(shown))
        colours = theme.colours()
        for row, one in enumerate(shown):
            now = QTableWidgetItem(plain_text(one.path.name))
            now.setForeground(QBrush(colours.muted))
            then = QTableWidgetItem(reason_text(one.trouble) or plain_text(one.name))
            if one.trouble:
                then.setForeground(QBrush(colours.danger))
            then.setToolTip(tooltip_text(then.text()))
            self.table.setItem(row, 0, now)
            self.table.setItem(row, 1, then)
        note = ""
        if wrong:
            note = self.tr("%Ln photo(s) keep their names", "", len(wrong))
        elif len(shown) < len(proposed.found):
            more = QLocale().toString(len(proposed.found) - len(shown))
            note = self.tr("and %1 more").replace("%1", more)
        elif not fine:
            note = self.tr("These are their names already.")
        self._say(note, len(fine), danger=bool(wrong))

    def _say(self, note: str, count: int, *, danger: bool = False) -> None:
        self.note.setText(note)
        theme.mark(self.note, role="danger" if danger else "muted")
        words = self.tr("Rename %Ln photo(s)", "", count) if count else self.tr("Rename")
        self.go.setText(words)
        self.go.setAccessibleName(words)
        self.go.setEnabled(count > 0)

    def _take(self) -> None:
        QSettings().setValue(_KEY, self.pattern.text())
        self.named.emit(dict(self._names))
        self.accept()
