"""All runs of detection, the newest first: look at one, go on, take it back."""

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

from engine.detection_types import DetectionRun
from gui import icons, theme
from gui.detection.words import RunWords, labels_text
from gui.empty_state import EmptyState
from gui.labels import ElidedLabel, hairline

_MOST = 100  # rows


class RunList(QStackedWidget):
    """A list of runs.

    Signals: shown(DetectionRun) · resume_wanted(DetectionRun) · take_back_wanted(DetectionRun) ·
    restore_wanted(DetectionRun) · new_wanted(), look for something.
    """

    shown = Signal(object)
    resume_wanted = Signal(object)
    take_back_wanted = Signal(object)
    restore_wanted = Signal(object)
    new_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: list[RunRow] = []
        self._running = False
        self.empty = EmptyState()
        self.empty.say(
            self.tr("Nothing was looked for on many photos yet."), self.tr("Find things"), "boxes"
        )
        self.empty.acted.connect(lambda: self.new_wanted.emit())
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

    def show_runs(self, runs: Sequence[DetectionRun]) -> None:
        """Show these; rows that are the same stay, with the focus in them."""
        if [row.run for row in self.rows] == list(runs[:_MOST]):
            return
        for row in self.rows:
            row.hide()
            row.deleteLater()
        self.rows = []
        for run in runs[:_MOST]:
            row = RunRow(run)
            row.shown.connect(self.shown)
            row.resume_wanted.connect(self.resume_wanted)
            row.take_back_wanted.connect(self.take_back_wanted)
            row.restore_wanted.connect(self.restore_wanted)
            row.set_running(self._running)
            self._column.insertWidget(self._column.count() - 1, row)
            self.rows.append(row)
        self.setCurrentIndex(1 if runs else 0)

    def set_running(self, running: bool) -> None:
        """One run at a time."""
        self._running = running
        for row in self.rows:
            row.set_running(running)


class RunRow(QWidget):
    """One run. Signals: as the list's."""

    shown = Signal(object)
    resume_wanted = Signal(object)
    take_back_wanted = Signal(object)
    restore_wanted = Signal(object)

    def __init__(self, run: DetectionRun, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.run = run
        words = RunWords(self)
        title = labels_text(run.labels)
        self.title = ElidedLabel(title)
        facts = words.facts(run)
        self.facts = ElidedLabel(facts, mode=Qt.TextElideMode.ElideRight)
        theme.mark(self.facts, role="muted")
        self.show_button = QPushButton(self.tr("Show"))
        self.resume_button = QPushButton(icons.icon("play"), self.tr("Resume"))
        self.back_button = QPushButton(icons.icon("undo"), self.tr("Take back"))
        self.restore_button = QPushButton(icons.icon("refresh"), self.tr("Bring back"))
        for button in self._buttons():
            button.setAccessibleName(f"{button.text()}: {title}, {facts}")
        self.show_button.setVisible(not run.undone)
        self.resume_button.setVisible(not run.finished and not run.undone)
        self.back_button.setVisible(not run.undone)
        # Without boxes, too: it took the place of what runs before it had found.
        self.back_button.setEnabled(run.seen > 0)
        self.restore_button.setVisible(run.undone)
        if run.undone:
            theme.mark(self.title, role="muted")
        text = QVBoxLayout()
        text.setSpacing(2)
        text.addWidget(self.title)
        text.addWidget(self.facts)
        row = QHBoxLayout()
        row.setContentsMargins(0, 12, 0, 12)
        row.setSpacing(8)
        row.addLayout(text, 1)
        for button in self._buttons():
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(hairline())
        self.show_button.clicked.connect(lambda: self.shown.emit(run))
        self.resume_button.clicked.connect(lambda: self.resume_wanted.emit(run))
        self.back_button.clicked.connect(lambda: self.take_back_wanted.emit(run))
        self.restore_button.clicked.connect(lambda: self.restore_wanted.emit(run))

    def _buttons(self) -> tuple[QPushButton, ...]:
        return self.resume_button, self.restore_button, self.back_button, self.show_button

    def set_running(self, running: bool) -> None:
        self.resume_button.setEnabled(not running)
