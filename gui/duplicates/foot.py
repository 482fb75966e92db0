"""Below the groups: what is marked, what clearing does, and right after it the way back."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from engine.duplicate_types import ClearingReport
from engine.jobs import Progress
from gui import icons, theme
from gui.duplicates.engine_notes import note_text
from gui.duplicates.marks import Sum
from gui.duplicates.words import DuplicateWords
from gui.labels import FittingLabel
from gui.tagging.words import DOT


class Foot(QWidget):
    """The line with the one button that acts.

    Signals: clear_wanted() · undo_wanted(ClearingId) · stop_wanted() · merges_wanted() ·
    left_wanted(), those that were left alone.
    """

    clear_wanted = Signal()
    undo_wanted = Signal(object)
    stop_wanted = Signal()
    merges_wanted = Signal()
    left_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = DuplicateWords(self)
        self._sum = Sum()
        self._report: ClearingReport | None = None
        self._running = False
        self.line = FittingLabel()
        theme.mark(self.line, role="muted")
        self.merges_button = theme.mark(QPushButton(), link=True)
        self.merges_button.setToolTip(
            self.tr("What photos that go know, and those that stay do not, is kept")
        )
        self.left_button = theme.mark(QPushButton(self._words.left(0)), link=True)
        self.stop_button = QPushButton(icons.icon("cancel"), self.tr("Stop"))
        self.stop_button.setAccessibleName(self.stop_button.text())
        self.undo_button = QPushButton(icons.icon("undo"), self.tr("Undo"))
        self.undo_button.setAccessibleName(self.undo_button.text())
        self.undo_button.setToolTip(self.tr("Bring them back to their places"))
        self.clear_button = theme.mark(
            QPushButton(icons.icon("trash", on_accent=True), ""), primary=True
        )
        self.clear_button.setToolTip(self.tr("Nothing is deleted; they can be brought back"))
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 8, 24, 12)
        row.setSpacing(16)
        row.addWidget(self.line, 1)
        row.addWidget(self.left_button)
        row.addWidget(self.merges_button)
        for button in (self.stop_button, self.undo_button, self.clear_button):
            row.addWidget(button)
        for button in (self.merges_button, self.left_button):
            button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clear_button.clicked.connect(lambda: self.clear_wanted.emit())
        self.stop_button.clicked.connect(self._stop)
        self.undo_button.clicked.connect(self._undo)
        self.merges_button.clicked.connect(lambda: self.merges_wanted.emit())
        self.left_button.clicked.connect(lambda: self.left_wanted.emit())
        self.show_merges(0)
        self._show()

    def show_sum(self, total: Sum) -> None:
        """What is marked now."""
        self._sum = total
        self._show()

    def show_merges(self, count: int) -> None:
        """So many kept photos take something over."""
        self.merges_button.setText(self.tr("Tags and facts go over to %Ln photo(s)", "", count))
        self.merges_button.setAccessibleName(self.merges_button.text())
        self.merges_button.setProperty("count", count)
        self._show()

    def tell(self, report: ClearingReport | None) -> None:
        """What was just done, with its way back; None when that is over."""
        self._report = report
        self._show()

    @property
    def report(self) -> ClearingReport | None:
        return self._report

    def begin(self, title: str) -> None:
        """Photos are being moved."""
        self._running = True
        self.stop_button.setEnabled(True)
        self.line.set_wordings([title + "…"])
        self._show()

    def show_progress(self, progress: Progress) -> None:
        if self._running and progress.total is not None and self.stop_button.isEnabled():
            locale = QLocale()
            words = self.tr("%1 of %2 photos").replace("%1", locale.toString(progress.done))
            self.line.set_wordings([words.replace("%2", locale.toString(progress.total))])

    def end(self) -> None:
        self._running = False
        self._show()

    def _show(self) -> None:
        report, running, total = self._report, self._running, self._sum
        if not running:
            marked = self._words.marked(total)
            self.line.set_wordings(self._told(report) if report is not None else marked)
        left = report is not None and bool(report.left_alone) and not running
        self.left_button.setVisible(left)
        if report is not None:
            self.left_button.setText(self._words.left(len(report.left_alone)))
            self.left_button.setAccessibleName(self.left_button.text())
        self.stop_button.setVisible(running)
        self.undo_button.setVisible(report is not None and report.photos > 0 and not running)
        self.clear_button.setVisible(not running and (report is None or total.photos > 0))
        self.clear_button.setEnabled(total.photos > 0)
        self.clear_button.setText(self._words.button(total.photos))
        self.clear_button.setAccessibleName(self.clear_button.text())
        merges = bool(self.merges_button.property("count"))
        idle = not running and report is None
        self.merges_button.setVisible(merges and total.photos > 0 and idle)

    def _told(self, report: ClearingReport) -> list[str]:
        words = self._words.cleared(report)
        ended = [f"{words}{DOT}{note_text(report.stopped)}"] if report.stopped else []
        return [*ended, words, words.split(DOT)[0]]

    def _stop(self) -> None:
        self.stop_button.setEnabled(False)
        self.line.set_wordings([self.tr("Stopping after the photos in hand…")])
        self.stop_wanted.emit()

    def _undo(self) -> None:
        if self._report is not None:
            self.undo_wanted.emit(self._report.run_id)
