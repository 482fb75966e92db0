"""What Photosift has tagged by itself, run by run, and the way back."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QDateTime, QLocale, Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.errors import EngineError
from engine.tag_types import RunKind, TagRun
from gui import icons, theme
from gui.empty_state import EmptyState
from gui.engine_words import said
from gui.labels import ElidedLabel, hairline, plain_text, text_label
from gui.session import Session

_MOST = 100  # rows


class RunsTab(QWidget):
    """A list of runs, the newest first.

    Signals: run_wanted(), tag photos now.
    """

    run_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work = session.tags
        self.rows: list[RunRow] = []
        self.empty = EmptyState()
        self.run_button = QPushButton(icons.icon("tag"), self.tr("Tag my photos"))
        self.run_button.setToolTip(self.tr("Put the tags of automatic categories on all photos"))
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        self._holder = QWidget()
        theme.mark(self._holder, region="canvas")
        self._column = QVBoxLayout(self._holder)
        self._column.setContentsMargins(24, 0, 24, 16)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        area.setWidget(self._holder)
        self._stack = QStackedWidget()
        self._stack.addWidget(area)
        self._stack.addWidget(self.empty)
        row = QHBoxLayout()
        row.setContentsMargins(24, 8, 24, 8)
        row.addStretch(1)
        row.addWidget(self.run_button)
        self._row = QWidget()
        self._row.setLayout(row)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._stack, 1)
        column.addWidget(self._row)
        self.run_button.clicked.connect(lambda: self.run_wanted.emit())
        self.empty.acted.connect(lambda: self.run_wanted.emit())

    def refresh(self) -> None:
        """Ask which runs there are."""
        task = self._work.ask(lambda tagging: tagging.runs())
        task.succeeded.connect(self._show)
        task.failed.connect(self._excuse)

    def _excuse(self, error: Exception) -> None:
        if isinstance(error, EngineError):
            self.empty.say(said(str(error)))
            self._stack.setCurrentWidget(self.empty)

    def _show(self, runs: Sequence[TagRun]) -> None:
        for row in self.rows:
            row.hide()
            row.deleteLater()
        self.rows = []
        for run in runs[:_MOST]:
            row = RunRow(run)
            row.taken_back.connect(self._work.roll_back)
            self._column.insertWidget(self._column.count() - 1, row)
            self.rows.append(row)
        self._row.setVisible(bool(runs))
        if runs:
            self._stack.setCurrentIndex(0)
        else:
            self.empty.say(
                self.tr("No photo was tagged by itself yet."), self.tr("Tag my photos"), "tag"
            )
            self._stack.setCurrentWidget(self.empty)


class RunRow(QWidget):
    """One run. Signals: taken_back(TagRun)."""

    taken_back = Signal(object)

    def __init__(self, run: TagRun, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.run = run
        when = QDateTime.fromSecsSinceEpoch(int(run.started_at))
        moment = QLocale().toString(when, QLocale.FormatType.ShortFormat)
        title = self.tr("Run %1, %2").replace("%1", str(run.id)).replace("%2", moment)
        if run.kind is RunKind.NEW_PHOTOS:
            title = self.tr("New photos, %1").replace("%1", moment)
        self.title = text_label(title)
        parts = [self.tr("%Ln tag(s)", "", run.added)]
        if run.removed:
            parts.append(self.tr("%Ln taken off", "", run.removed))
        if run.undone_at is not None:
            parts.append(self.tr("taken back"))
        elif run.held != run.added:
            parts.append(self.tr("%Ln still there", "", run.held))
        told = [f"{plain_text(entry.category)} {entry.added}" for entry in run.what if entry.added]
        self.facts = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self.facts.setText(" · ".join([*parts, *told]))
        theme.mark(self.facts, role="muted")
        self.back_button = QPushButton(icons.icon("undo"), self.tr("Take back"))
        self.back_button.setAccessibleName(self.tr("Take back run %1").replace("%1", str(run.id)))
        self.back_button.setToolTip(
            self.tr("Take off exactly these tags; what you made your own stays")
        )
        self.back_button.setVisible(run.undone_at is None)
        self.back_button.clicked.connect(self._take_back)
        if run.undone_at is not None:
            theme.mark(self.title, role="muted")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.title)
        words.addWidget(self.facts)
        row = QHBoxLayout()
        row.setContentsMargins(0, 12, 0, 12)
        row.addLayout(words, 1)
        row.addWidget(self.back_button, 0, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(hairline())

    def _take_back(self) -> None:
        self.back_button.setEnabled(False)
        self.taken_back.emit(self.run)
