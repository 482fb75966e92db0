"""The page for sorting into folders: the rule, the preview, what is running, what was done."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from engine.file_types import FilingRun, RunId
from engine.jobs import Progress
from engine.types import Aspect, CatalogChange
from gui import acts, icons, theme
from gui.empty_state import EmptyState
from gui.labels import text_label
from gui.session import Session
from gui.sorting.draft import Choice, Preview
from gui.sorting.engine_notes import note_text
from gui.sorting.plan_page import PlanPage
from gui.sorting.report_page import ReportPage
from gui.sorting.rule_page import RulePage
from gui.sorting.runs_page import RunsPage
from gui.sorting.seen import RunSeen
from gui.sorting.words import SortWords
from gui.sorting.work import SortWork
from gui.tagging.seen import TagsSeen


class SortingPage(QWidget):
    """Leads from the rule over the preview to the report.

    Signals: categories_wanted(), there are none yet · opened(PhotoId).
    """

    categories_wanted = Signal()
    opened = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._choice: Choice | None = None
        self._words = SortWords(self)
        self.work = SortWork(session.library, session.workers, session.history, self)
        self.empty = EmptyState()
        self.empty.say(
            self.tr("Photos are sorted by categories, and there are none yet."),
            self.tr("Choose categories"),
            "categories",
        )
        self.rule = RulePage()
        self.plan = PlanPage(session)
        self.running = RunningPage()
        self.report = ReportPage()
        self.runs = RunsPage()
        self.stack = QStackedWidget()
        for page in (self.empty, self.rule, self.plan, self.running, self.report, self.runs):
            self.stack.addWidget(page)
        self.title = text_label(self.tr("Sort into folders"), "heading")
        self.rule_button = QPushButton(icons.icon("previous"), "")
        self.runs_button = QPushButton(icons.icon("clock"), self.tr("What was sorted"))
        self.runs_button.setToolTip(self.tr("All sorts so far, to look at and to take back"))
        top = QHBoxLayout()
        top.setContentsMargins(24, 16, 24, 16)
        top.setSpacing(8)
        top.addWidget(self.rule_button)
        top.addWidget(self.title)
        top.addStretch(1)
        top.addWidget(self.runs_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.stack, 1)
        theme.mark(self, region="canvas")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._connect(session)
        self._came_from: QWidget = self.rule  # the page from which a run was begun
        self.go(self.rule)

    def _connect(self, session: Session) -> None:
        work = self.work
        self.empty.acted.connect(lambda: self.categories_wanted.emit())
        self.rule_button.clicked.connect(self.show_rule)
        self.runs_button.clicked.connect(self.show_runs)
        self.rule.plan_wanted.connect(self._plan)
        self.plan.apply_wanted.connect(work.apply)
        self.plan.again_wanted.connect(self._plan_again)
        self.plan.threshold_moved.connect(work.move_threshold)
        self.plan.placed.connect(work.place)
        self.plan.opened.connect(self.opened)
        self.running.stop_wanted.connect(self._stop)
        for page in (self.report, self.runs):
            page.take_back_wanted.connect(self._take_back)
            page.resume_wanted.connect(self._resume)
        self.report.again_wanted.connect(self.show_rule)
        self.report.runs_wanted.connect(self.show_runs)
        self.report.folder_wanted.connect(_open_folder)
        self.runs.shown.connect(self._show_run)
        self.runs.rule_wanted.connect(self.show_rule)
        work.previewed.connect(self._show_preview)
        work.planning_changed.connect(self.rule.set_planning)
        work.refused.connect(self._show_refusal)
        work.running_changed.connect(self._follow_running)
        work.ended.connect(self._show_report)
        work.settled.connect(self._leave_running)
        work.runs_changed.connect(self.runs.show_runs)
        session.tags.seen_changed.connect(self._show_seen)
        session.bridge.catalog_changed.connect(self._follow_catalog)

    # -- pages ---------------------------------------------------------------------------------

    def go(self, page: QWidget) -> None:
        """Bring one of our pages to the front."""
        self.stack.setCurrentWidget(page)
        away = page in (self.plan, self.report, self.runs)
        self.rule_button.setVisible(away and self.work.running is None)
        words = self.tr("Change the rule") if page is self.plan else self.tr("Sort photos")
        self.rule_button.setText(words)
        self.rule_button.setAccessibleName(words)
        self.runs_button.setVisible(page is not self.runs)
        self._entitle()
        self.setFocusProxy(page)
        if self.isVisible():
            page.setFocus()

    def _entitle(self) -> None:
        page = self.stack.currentWidget()
        if page is self.plan and self.work.preview is not None:
            self.title.setText(self._words.title(self.work.preview))
        elif page is self.runs:
            self.title.setText(self.tr("What was sorted"))
        else:
            self.title.setText(self.tr("Sort into folders"))

    def show_rule(self) -> None:
        """Ask for the rule, or for categories where there are none."""
        if self.work.running is not None:
            self.go(self.running)
            return
        self._show_seen(self._session.tags.seen)
        self.go(self.rule if self._session.tags.seen.categories else self.empty)

    def show_runs(self) -> None:
        """Show what was sorted so far."""
        self.work.refresh_runs()
        self.go(self.runs)

    def _show_seen(self, seen: TagsSeen) -> None:
        self.rule.show_seen(seen)
        if self.stack.currentWidget() in (self.rule, self.empty):
            self.go(self.rule if seen.categories else self.empty)

    def _plan(self, choice: Choice) -> None:
        self._choice = choice
        self.work.plan(choice)

    def _plan_again(self) -> None:
        if self._choice is not None:
            self.work.plan(self._choice)

    def _show_preview(self, preview: Preview) -> None:
        self.plan.show_preview(preview)
        self._entitle()
        if self.stack.currentWidget() in (self.rule, self.empty):
            self.go(self.plan)

    def _show_refusal(self, words: str) -> None:
        """Where the user looks: at the rule, at the preview; else in the status bar."""
        page = self.stack.currentWidget()
        if page is self.rule:
            self.rule.show_trouble(words)
        elif page is self.plan or (page is self.running and self._came_from is self.plan):
            self.go(self.plan)
            self.plan.show_trouble(words)
        else:
            if page is self.running:
                self.go(self._came_from)
            self._session.history.told.emit(note_text(words), "", None)

    def _show_report(self, run: RunSeen) -> None:
        self.report.show_run(run)
        self.report.set_running(self.work.running is not None)
        if self.stack.currentWidget() is not self.runs:
            self.go(self.report)

    def _show_run(self, run_id: RunId) -> None:
        self.go(self.report)
        self.work.show_run(run_id)

    # -- files ---------------------------------------------------------------------------------

    def _take_back(self, run_id: RunId) -> None:
        self.work.take_back(run_id)

    def _resume(self, run: FilingRun) -> None:
        self.work.resume(run)

    def _follow_running(self) -> None:
        task = self.work.running
        for page in (self.report, self.runs):
            page.set_running(task is not None)
        if task is None:
            return  # `ended` or `settled` lead on
        page = self.stack.currentWidget()
        if page is not None and page is not self.running:
            self._came_from = page
        self.running.begin(task.title)
        task.progressed.connect(self.running.show_progress)
        self.go(self.running)

    def _leave_running(self) -> None:
        """Nothing was done that a report could tell of."""
        if self.stack.currentWidget() is self.running and self.work.running is None:
            self.go(self._came_from)

    def _stop(self) -> None:
        if self.work.running is not None:
            self.work.running.cancel()
            self.running.say_stopping()

    def _follow_catalog(self, change: CatalogChange) -> None:
        """A preview is of its moment."""
        if change.aspects & (Aspect.EXISTENCE | Aspect.FILE | Aspect.ROOT | Aspect.EMBEDDING):
            self.plan.set_stale(True)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._session.tags.refresh()
        self.work.refresh_runs()
        self._show_seen(self._session.tags.seen)


class RunningPage(QWidget):
    """Says quietly what is being done; the bar for it is in the status bar.

    Signals: stop_wanted().
    """

    stop_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = QLabel()
        theme.mark(self.title, role="heading")
        self.amount = text_label("", "muted")
        self.words = text_label(
            self.tr("You can go on working. Stopping leaves every photo whole, here or there."),
            "muted",
        )
        self.stop_button = QPushButton(icons.icon("cancel"), self.tr("Stop"))
        self.stop_button.setAccessibleName(self.stop_button.text())
        column = QVBoxLayout(self)
        column.setSpacing(12)
        column.addStretch(2)
        for widget in (self.title, self.amount, self.words, self.stop_button):
            column.addWidget(widget, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        self.setFocusProxy(self.stop_button)
        self.stop_button.clicked.connect(lambda: self.stop_wanted.emit())

    def begin(self, title: str) -> None:
        self.title.setText(title)
        self.amount.setText(self.tr("Beginning…"))
        self.stop_button.setEnabled(True)

    def show_progress(self, progress: Progress) -> None:
        if progress.total is None or not self.stop_button.isEnabled():
            return
        locale = QLocale()
        words = self.tr("%1 of %2 photos").replace("%1", locale.toString(progress.done))
        self.amount.setText(words.replace("%2", locale.toString(progress.total)))

    def say_stopping(self) -> None:
        self.amount.setText(self.tr("Stopping after the photos in hand…"))
        self.stop_button.setEnabled(False)


def _open_folder(path: Path) -> None:
    acts.open_elsewhere(path)
