"""All clearings so far, the newest first, each with the way back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.duplicate_types import Clearing
from gui import icons, theme
from gui.duplicates.words import DuplicateWords
from gui.empty_state import EmptyState
from gui.facts import moment_text, size_text
from gui.labels import ElidedLabel, hairline
from gui.tagging.words import DOT

_MOST = 100  # rows


class ClearingsPage(QStackedWidget):
    """A list of clearings.

    Signals: take_back_wanted(ClearingId) · groups_wanted(), back to the groups.
    """

    take_back_wanted = Signal(object)
    groups_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[ClearingRow] = []
        self._running = False
        self.empty = EmptyState()
        self.empty.say(self.tr("Nothing was cleared yet."), self.tr("Look at duplicates"), "trash")
        self.empty.acted.connect(lambda: self.groups_wanted.emit())
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        holder = QWidget()
        theme.mark(holder, region="canvas")
        self._column = QVBoxLayout(holder)
        self._column.setContentsMargins(24, 0, 24, 16)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        area.setWidget(holder)
        self.addWidget(self.empty)
        self.addWidget(area)

    def show_runs(self, runs: Sequence[Clearing]) -> None:
        """Show these."""
        for row in self.rows:
            row.hide()
            row.deleteLater()
        self.rows = []
        for run in runs[:_MOST]:
            row = ClearingRow(run)
            row.take_back_wanted.connect(self.take_back_wanted)
            row.set_running(self._running)
            self._column.insertWidget(self._column.count() - 1, row)
            self.rows.append(row)
        self.setCurrentIndex(1 if runs else 0)

    def set_running(self, running: bool) -> None:
        """While photos are being moved nothing else can begin."""
        self._running = running
        for row in self.rows:
            row.set_running(running)


class ClearingRow(QWidget):
    """One clearing. Signals: take_back_wanted(ClearingId)."""

    take_back_wanted = Signal(object)

    def __init__(self, run: Clearing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.run = run
        title = DuplicateWords(self).run(run)
        facts = [moment_text(run.started_at), size_text(run.bytes)]
        self.title = ElidedLabel(title)
        self.facts = ElidedLabel(DOT.join(facts), mode=Qt.TextElideMode.ElideRight)
        theme.mark(self.facts, role="muted")
        if run.undone:
            theme.mark(self.title, role="muted")
        self.back_button = QPushButton(icons.icon("undo"), self.tr("Bring back"))
        self.back_button.setAccessibleName(f"{self.back_button.text()}: {title}, {facts[0]}")
        self.back_button.setVisible(not run.undone)
        text = QVBoxLayout()
        text.setSpacing(2)
        text.addWidget(self.title)
        text.addWidget(self.facts)
        row = QHBoxLayout()
        row.setContentsMargins(0, 12, 0, 12)
        row.setSpacing(8)
        row.addLayout(text, 1)
        row.addWidget(self.back_button, 0, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(hairline())
        self.back_button.clicked.connect(lambda: self.take_back_wanted.emit(run.id))

    def set_running(self, running: bool) -> None:
        self.back_button.setEnabled(not running)
