"""All sorts that were ever applied, the newest first, each with the way back."""

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

from engine.file_types import FilingRun, RunState
from gui import icons, theme
from gui.empty_state import EmptyState
from gui.facts import moment_text
from gui.labels import ElidedLabel, hairline, text_label
from gui.sorting.engine_notes import note_text
from gui.sorting.seen import mode_of
from gui.sorting.words import SortWords
from gui.tagging.words import DOT

_MOST = 100  # rows


class RunsPage(QStackedWidget):
    """A list of runs.

    Signals: shown(RunId), one is to be looked at · take_back_wanted(RunId) ·
    resume_wanted(FilingRun) · rule_wanted(), sort something.
    """

    shown = Signal(object)
    take_back_wanted = Signal(object)
    resume_wanted = Signal(object)
    rule_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[SortRunRow] = []
        self._running = False
        self.empty = EmptyState()
        self.empty.say(self.tr("Nothing was sorted yet."), self.tr("Sort photos"), "folder")
        self.empty.acted.connect(lambda: self.rule_wanted.emit())
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

    def show_runs(self, runs: Sequence[FilingRun]) -> None:
        """Show these."""
        for row in self.rows:
            row.hide()
            row.deleteLater()
        self.rows = []
        for run in runs[:_MOST]:
            row = SortRunRow(run)
            row.shown.connect(self.shown)
            row.take_back_wanted.connect(self.take_back_wanted)
            row.resume_wanted.connect(self.resume_wanted)
            row.set_running(self._running)
            self._column.insertWidget(self._column.count() - 1, row)
            self.rows.append(row)
        self.setCurrentIndex(1 if runs else 0)

    def set_running(self, running: bool) -> None:
        """While files are being handled nothing else can begin."""
        self._running = running
        for row in self.rows:
            row.set_running(running)


class SortRunRow(QWidget):
    """One run. Signals: as the page's."""

    shown = Signal(object)
    take_back_wanted = Signal(object)
    resume_wanted = Signal(object)

    def __init__(self, run: FilingRun, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.run = run
        words = SortWords(self)
        title = words.run_title(run, mode_of(run))
        self.title = ElidedLabel(title)
        facts = [moment_text(run.created_at), words.run_facts(run)]
        self.facts = ElidedLabel(DOT.join(facts), mode=Qt.TextElideMode.ElideRight)
        theme.mark(self.facts, role="muted")
        self.note = text_label(note_text(run.note), "muted", wrap=True)
        wanting = run.state in (RunState.STOPPED, RunState.UNDOING) or run.left > 0
        self.note.setVisible(bool(run.note) and wanting)
        self.show_button = QPushButton(self.tr("Show"))
        self.resume_button = QPushButton(icons.icon("play"), self.tr("Resume"))
        self.back_button = QPushButton(icons.icon("undo"), self.tr("Take back"))
        for button in (self.show_button, self.resume_button, self.back_button):
            button.setAccessibleName(f"{button.text()}: {title}, {facts[0]}")
        self.resume_button.setVisible(run.can_resume)
        self.back_button.setVisible(run.can_undo)
        if run.state is RunState.UNDONE:
            theme.mark(self.title, role="muted")
        text = QVBoxLayout()
        text.setSpacing(2)
        for label in (self.title, self.facts, self.note):
            text.addWidget(label)
        row = QHBoxLayout()
        row.setContentsMargins(0, 12, 0, 12)
        row.setSpacing(8)
        row.addLayout(text, 1)
        for button in (self.resume_button, self.back_button, self.show_button):
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(hairline())
        self.show_button.clicked.connect(lambda: self.shown.emit(run.id))
        self.resume_button.clicked.connect(lambda: self.resume_wanted.emit(run))
        self.back_button.clicked.connect(lambda: self.take_back_wanted.emit(run.id))

    def set_running(self, running: bool) -> None:
        self.resume_button.setEnabled(not running)
        self.back_button.setEnabled(not running)
