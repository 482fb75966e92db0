"""The page of duplicates: searched for, looked at, cleared, brought back."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtGui import QFocusEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.duplicate_types import ClearingReport, FindReport, PickRules
from engine.jobs import Progress
from gui import icons, theme
from gui.duplicates.engine_notes import note_text
from gui.duplicates.listed_page import ListedPage
from gui.duplicates.review import ReviewPane
from gui.duplicates.rules_page import RulesPage
from gui.duplicates.runs_page import ClearingsPage
from gui.duplicates.seen import DuplicatesSeen
from gui.duplicates.words import DuplicateWords
from gui.duplicates.work import DuplicateWork
from gui.empty_state import EmptyState
from gui.labels import FittingLabel, text_label
from gui.session import Session


class DuplicatesPage(QWidget):
    """Leads from the search over the groups to what was cleared.

    Signals: opened(PhotoId).
    """

    opened = Signal(object)

    def __init__(
        self, session: Session, work: DuplicateWork, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._words = DuplicateWords(self)
        self._session = session
        self.work = work
        self.empty = EmptyState()
        self.empty.say(
            self.tr("See which photos are there more than once."),
            self.tr("Find duplicates"),
            "duplicates",
        )
        self.searching = SearchingPage()
        self.review = ReviewPane(session, work)
        self.rules = RulesPage()
        self.runs = ClearingsPage()
        self.listed = ListedPage()
        self.stack = QStackedWidget()
        for page in (
            self.empty, self.searching, self.review, self.rules, self.runs, self.listed,
        ):  # fmt: skip
            self.stack.addWidget(page)
        self.back_button = QPushButton(icons.icon("previous"), self.tr("Duplicates"))
        self.title = text_label(self.tr("Duplicates"), "heading")
        self.progress = FittingLabel()
        theme.mark(self.progress, role="muted")
        self.rules_button = QPushButton(icons.icon("sliders"), self.tr("Which one stays"))
        self.runs_button = QPushButton(icons.icon("clock"), self.tr("What was cleared"))
        self.search_button = QPushButton(icons.icon("refresh"), self.tr("Search again"))
        self.rules_button.setToolTip(self.tr("The rules by which one photo of a group stays"))
        self.runs_button.setToolTip(self.tr("All clearings so far, to bring photos back"))
        self.search_button.setToolTip(self.tr("Compare what came since the last search"))
        self._lay_out()
        self._connect()
        self.go(self.empty)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(24, 16, 24, 12)
        top.setSpacing(8)
        top.addWidget(self.back_button)
        top.addWidget(self.title)
        top.addSpacing(8)
        top.addWidget(self.progress, 1)
        for button in (self.rules_button, self.runs_button, self.search_button):
            top.addWidget(button)
        for button in (
            self.back_button, self.rules_button, self.runs_button, self.search_button,
        ):  # fmt: skip
            button.setAccessibleName(button.text())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.stack, 1)
        theme.mark(self, region="canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

    def _connect(self) -> None:
        work, foot = self.work, self.review.foot
        self.empty.acted.connect(work.search)
        self.back_button.clicked.connect(self.show_groups)
        self.rules_button.clicked.connect(self.show_rules)
        self.runs_button.clicked.connect(self.show_runs)
        self.search_button.clicked.connect(work.search)
        self.searching.stop_wanted.connect(self._stop_search)
        self.review.opened.connect(self.opened)
        self.review.search_wanted.connect(work.search)
        self.review.merges_wanted.connect(self._show_merges)
        self.review.left_wanted.connect(self._show_left)
        foot.stop_wanted.connect(self._stop)
        self.rules.rules_wanted.connect(self._use_rules)
        self.rules.left.connect(self.show_groups)
        self.runs.take_back_wanted.connect(work.take_back)
        self.runs.groups_wanted.connect(self.show_groups)
        work.seen_changed.connect(self._show_seen)
        work.searching_changed.connect(self._follow_search)
        work.searched.connect(self._tell_search)
        work.running_changed.connect(self._follow_running)
        work.cleared.connect(self.review.tell_cleared)
        work.brought_back.connect(self._tell_back)
        work.undone.connect(self.review.follow_undo)
        work.refused.connect(self._say)
        work.runs_changed.connect(self.runs.show_runs)

    # -- pages ---------------------------------------------------------------------------------

    def go(self, page: QWidget) -> None:
        """Bring one of our pages to the front."""
        self.stack.setCurrentWidget(page)
        titles: dict[QWidget, str] = {
            self.rules: self.tr("Which one stays"),
            self.runs: self.tr("What was cleared"),
            self.listed: self.listed.table.accessibleName(),
        }
        self.title.setText(titles.get(page, self.tr("Duplicates")))
        away = page in titles
        self.back_button.setVisible(away)
        known = not away and page is not self.empty and page is not self.searching
        self.rules_button.setVisible(known)
        self.search_button.setVisible(known)
        self.progress.setVisible(page is not self.searching)
        self.runs_button.setVisible(known or page is self.empty)
        if self.isVisible():
            page.setFocus()

    def focusInEvent(self, event: QFocusEvent) -> None:
        # No proxy: with one, Tab would pass over all that stands before it.
        page = self.stack.currentWidget()
        if page is not None:
            page.setFocus(event.reason())

    def show_groups(self) -> None:
        """The groups, or what there is before there are any."""
        seen, searching = self.work.seen, self.work.searching is not None
        if seen.searched:
            if self.stack.currentWidget() is not self.review:
                self.review.choose(self.review.kind)
            self.go(self.review)
        else:
            self.go(self.searching if searching else self.empty)

    def show_rules(self) -> None:
        """Ask which photo stays."""
        self.rules.show_rules(self.work.seen.rules)
        self.go(self.rules)

    def show_runs(self) -> None:
        """Show what was cleared so far."""
        self.work.refresh_runs()
        self.go(self.runs)

    def _show_merges(self, merges: object, paths: object) -> None:
        self.listed.show_merges(merges, paths)  # pyright: ignore[reportArgumentType]
        self.go(self.listed)

    def _show_left(self, report: ClearingReport | None) -> None:
        if report is not None:
            self.listed.show_left(report.left_alone)
            self.go(self.listed)

    def _show_seen(self, seen: DuplicatesSeen) -> None:
        self.review.show_seen(seen)
        if self.stack.currentWidget() in (self.empty, self.searching, self.review):
            self.show_groups()

    def _use_rules(self, rules: PickRules) -> None:
        self.work.change_rules(rules)
        self.show_groups()

    # -- searching and clearing ----------------------------------------------------------------

    def _follow_search(self) -> None:
        task = self.work.searching
        self.search_button.setEnabled(task is None)
        self.progress.set_wordings([""])
        if task is not None:
            self.searching.begin()
            task.progressed.connect(self._show_progress)
        if self.stack.currentWidget() in (self.empty, self.searching):
            self.show_groups()

    def _show_progress(self, progress: Progress) -> None:
        self.searching.show_progress(progress)
        words = self.tr("Looking for duplicates…")
        if progress.total:
            share = QLocale().toString(100 * progress.done // progress.total)
            self.progress.set_wordings([f"{words} {share} %", f"{share} %"])
        else:
            self.progress.set_wordings([words])

    def _stop_search(self) -> None:
        if self.work.searching is not None:
            self.work.searching.cancel()

    def _tell_search(self, report: FindReport) -> None:
        groups = sum(total.groups for total in report.totals.values())
        words = self.tr("%Ln group(s) of duplicates found", "", groups)
        self._session.history.told.emit(words, "", None)

    def _follow_running(self) -> None:
        task = self.work.running
        self.runs.set_running(task is not None)
        if task is None:
            self.review.foot.end()
        else:
            self.review.foot.begin(task.title)
            task.progressed.connect(self.review.foot.show_progress)

    def _stop(self) -> None:
        if self.work.running is not None:
            self.work.running.cancel()

    def _tell_back(self, report: ClearingReport) -> None:
        self.review.foot.tell(None)
        if report.left_alone:
            self._show_left(report)

    def _say(self, words: str) -> None:
        self._session.history.told.emit(note_text(words), "", None)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.work.refresh()


class SearchingPage(QWidget):
    """Says quietly how far the search is; the bar for it is in the status bar too.

    Signals: stop_wanted().
    """

    stop_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = text_label(self.tr("Looking for duplicates"), "heading")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(320)
        self.bar.setAccessibleName(self.title.text())
        self.amount = text_label("", "muted")
        self.words = text_label(
            self.tr("You can go on working. What was compared once is not compared again."), "muted"
        )
        self.stop_button = QPushButton(icons.icon("cancel"), self.tr("Stop"))
        self.stop_button.setAccessibleName(self.stop_button.text())
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addStretch(2)
        for widget in (self.title, self.bar, self.amount, self.words, self.stop_button):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        self.stop_button.clicked.connect(lambda: self.stop_wanted.emit())

    def focusInEvent(self, event: QFocusEvent) -> None:
        # No proxy: with one, Tab would pass over all that stands before it.
        self.stop_button.setFocus(event.reason())

    def begin(self) -> None:
        self.bar.setRange(0, 0)
        self.amount.setText(self.tr("Beginning…"))

    def show_progress(self, progress: Progress) -> None:
        if progress.total is None:
            return
        self.bar.setRange(0, max(1, progress.total))
        self.bar.setValue(progress.done)
        locale = QLocale()
        words = self.tr("%1 of %2 photos").replace("%1", locale.toString(progress.done))
        self.amount.setText(words.replace("%2", locale.toString(progress.total)))
