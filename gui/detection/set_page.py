"""Things on many photos: what to look for and where, the photos that show it, all runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from engine.detection_types import DetectionRun, Label
from engine.errors import EngineError
from engine.label_colours import label_colours
from engine.types import PhotoId
from gui import icons, theme
from gui.detection.cells import BoxGrid
from gui.detection.export_menu import ExportMenu
from gui.detection.label_field import LabelField
from gui.detection.legend import Legend
from gui.detection.results import Results
from gui.detection.run_list import RunList
from gui.detection.run_work import RunWork
from gui.detection.scene import LabelCount
from gui.detection.threshold import ThresholdSlider
from gui.detection.work import DetectWork, Known, remember_labels
from gui.empty_state import EmptyState
from gui.engine_words import said
from gui.grid.model import GridModel, Listing
from gui.grid.pages import PageSource
from gui.labels import ElidedLabel, plain_text, text_label
from gui.session import Session


@dataclass(frozen=True, slots=True)
class Where:
    """Photos to look at, and what they are called."""

    words: str
    ids: Sequence[PhotoId]
    what: str = ""  # the same without the number, for the list of runs


class SetPage(QWidget):
    """Signals: opened(PhotoId) · menu_wanted(QPoint), for the photos selected · models_wanted()."""

    opened = Signal(object)
    menu_wanted = Signal(object)
    models_wanted = Signal()

    def __init__(
        self, session: Session, work: DetectWork, runs: RunWork, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._work = work
        self._runs = runs
        self._places: list[Where] = []
        self._results = Results()  # all of the run that is shown
        self._shown = Results()  # what is left of it
        self._hidden: set[str] = set()
        self._trouble = ""
        self._act: Callable[[], object] = lambda: None
        theme.mark(self, region="canvas")
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName(self.tr("Parts of detection"))
        self.tabs.addTab(self.tr("Photos"))
        self.tabs.addTab(self.tr("Runs"))
        self.field = LabelField()
        self.run_button = theme.mark(QPushButton(), primary=True)
        self.where = QComboBox()
        self.where.setAccessibleName(self.tr("Where to look"))
        self.where.setMinimumContentsLength(18)
        self.where.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.threshold = ThresholdSlider()
        self.legend = Legend()
        self.told = ElidedLabel("", mode=Qt.TextElideMode.ElideRight)
        theme.mark(self.told, role="muted")
        self.export_button = QPushButton(icons.icon("export"), self.tr("Export"))
        self.export_button.setAccessibleName(self.tr("Export the boxes"))
        self.export_button.setMenu(ExportMenu(runs, self._to_export, self))
        self.model = GridModel(self)
        self.pages = PageSource(self.model, session.workers, session.library.photos)
        self.view = BoxGrid(self.model, session.thumbnails)
        self.empty = EmptyState()
        self.run_list = RunList()
        self._lay_out()
        self._connect()
        self._take_usual()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(24)
        top.addWidget(text_label(self.tr("Find things"), "heading"))
        top.addWidget(self.tabs)
        top.addStretch(1)
        asked = QHBoxLayout()
        asked.setSpacing(8)
        asked.addWidget(self.field, 1)
        asked.addWidget(self.run_button, 0, Qt.AlignmentFlag.AlignTop)
        self.run_button.setMinimumHeight(38)
        limits = QHBoxLayout()
        limits.setSpacing(24)
        limits.addWidget(self.where, 1, Qt.AlignmentFlag.AlignTop)
        limits.addWidget(self.threshold, 1)
        self._told_row = QWidget()
        told = QHBoxLayout(self._told_row)
        told.setContentsMargins(0, 0, 0, 0)
        told.setSpacing(12)
        told.addWidget(self.legend, 1)
        told.addWidget(self.told)
        told.addWidget(self.export_button)
        head = QVBoxLayout()
        head.setContentsMargins(24, 16, 24, 12)
        head.setSpacing(12)
        head.addLayout(top)
        self._form = QWidget()
        form = QVBoxLayout(self._form)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(12)
        form.addLayout(asked)
        form.addLayout(limits)
        form.addWidget(self._told_row)
        head.addWidget(self._form)
        self.stack = QStackedWidget()
        for part in (self.view, self.empty, self.run_list):
            self.stack.addWidget(part)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        column.addWidget(self.stack, 1)

    def _connect(self) -> None:
        work, runs = self._work, self._runs
        self.tabs.currentChanged.connect(self._explain)
        self.field.changed.connect(self._explain)
        self.field.entered.connect(self.run)
        self.field.left.connect(self.view.setFocus)
        self.field.refused.connect(work.say)
        self.run_button.clicked.connect(self._toggle)
        self.where.currentIndexChanged.connect(self._explain)
        self.threshold.moved.connect(self._show)
        self.legend.label_hidden.connect(self._hide)
        self.view.opened.connect(self.opened)
        self.view.menu_wanted.connect(self.menu_wanted)
        self.empty.acted.connect(lambda: self._act())
        self.run_list.shown.connect(self.show_run)
        self.run_list.resume_wanted.connect(self.resume)
        self.run_list.take_back_wanted.connect(runs.take_back)
        self.run_list.restore_wanted.connect(runs.restore)
        self.run_list.new_wanted.connect(self.show_photos)
        work.known.connect(self._take_known)
        runs.found.connect(self._take)
        runs.failed.connect(self._fail)
        runs.running_changed.connect(self._follow_running)
        runs.runs_changed.connect(self.run_list.show_runs)
        self._session.photos_changed.connect(lambda ids: self.model.forget(ids or self.model.ids))  # pyright: ignore

    # -- asking --------------------------------------------------------------------------------

    def offer(self, places: Sequence[Where], labels: Sequence[Label] | None = None) -> None:
        """Let the user choose where to look, the first place first; nothing is begun."""
        self._places = list(places)
        self.where.blockSignals(True)
        self.where.clear()
        for place in self._places:
            self.where.addItem(plain_text(place.words))
        self.where.blockSignals(False)
        if labels is not None:
            self.field.set_labels(labels)
        self.show_photos()
        self._work.refresh()

    def show_photos(self) -> None:
        """The tab where one asks."""
        self.tabs.setCurrentIndex(0)
        self._explain()
        self.field.setFocus()

    def show_runs(self) -> None:
        self.tabs.setCurrentIndex(1)

    @property
    def place(self) -> Where | None:
        at = self.where.currentIndex()
        return self._places[at] if 0 <= at < len(self._places) else None

    def run(self) -> None:
        """Look for the labels on the photos chosen."""
        place, labels = self.place, self.field.labels
        if place is None or not place.ids or not labels or self._runs.running is not None:
            return
        remember_labels(labels)
        self.begin(Results(labels=[label.name for label in labels]))
        own = self.threshold.cuts.own
        wanted = [replace(label, threshold=own.get(label.name)) for label in labels]
        self._runs.run(place.ids, wanted, self.threshold.value, place.what or place.words)
        self.view.setFocus()

    def begin(self, results: Results) -> None:
        """Show results that are yet to come."""
        self._trouble = ""
        self._hidden.clear()
        self._results = results
        self._show(fresh=True)

    def _toggle(self) -> None:
        if self._runs.running is not None:
            self._runs.stop()
        else:
            if self.field.field.text().strip():
                self.field.take(self.field.field.text())
            self.run()

    def show_run(self, run: DetectionRun) -> None:
        """What a run has found, as it was asked for."""
        self.field.set_labels(run.labels)
        self.begin(Results(run, labels=[label.name for label in run.labels]))
        self._runs.show_run(run.id)
        self.tabs.setCurrentIndex(0)
        self.view.setFocus()

    def resume(self, run: DetectionRun) -> None:
        self.show_run(run)
        self._runs.resume(run)

    @property
    def counts(self) -> list[LabelCount]:
        """The labels that are shown, with their photos."""
        return self._shown.counts

    def photos_in_front(self) -> list[PhotoId]:
        """The photos that are selected."""
        return self.view.selected_ids()

    def _to_export(self) -> Sequence[PhotoId]:
        chosen = self.view.selected_ids()
        return chosen if len(chosen) > 1 else self._shown.ids

    # -- answers -------------------------------------------------------------------------------

    def _take_known(self, known: Known) -> None:
        self.field.offer(known.suggestions)
        self._take_usual()
        self._explain()

    def _take_usual(self) -> None:
        status = self._work.status
        if status is not None and status.ready:
            self.threshold.set_usual(status.threshold)

    def _take(self, results: Results) -> None:
        self._results = results
        self._show()

    def _fail(self, error: Exception) -> None:
        if isinstance(error, EngineError):
            self._trouble = said(str(error))
            self._explain()

    def _follow_running(self) -> None:
        self.run_list.set_running(self._runs.running is not None)
        self._explain()

    def _hide(self, label: str, hidden: bool) -> None:
        self._hidden.add(label) if hidden else self._hidden.discard(label)
        self._show()

    def _show(self, _threshold: float = 0.0, *, fresh: bool = False) -> None:
        """The photos that are left at this threshold, the surest first."""
        counts = self._results.filtered(self.threshold.cut, ()).counts
        self._shown = self._results.filtered(self.threshold.cut, self._hidden)
        colours = label_colours(count.label for count in counts)
        self.threshold.set_labels([count.label for count in counts], colours)
        self.legend.show_counts(counts, colours)
        self.view.show_boxes(self._shown, colours)
        self.model.show(Listing(self._shown.ids, fresh=fresh))
        self._explain()

    def _explain(self) -> None:
        """What there is, or why there is nothing, and the way on."""
        asking = self.tabs.currentIndex() == 0
        running = self._runs.running is not None
        self._form.setVisible(asking)
        place, shown = self.place, self._shown
        count = len(place.ids) if place is not None else 0
        self.run_button.setText(self.tr("Stop") if running else self.tr("Find"))
        self.run_button.setAccessibleName(self.run_button.text())
        self.run_button.setEnabled(running or (count > 0 and self._ready))
        photos = self.tr("%Ln photo(s)", "", len(shown.boxes))
        boxes = self.tr("%Ln box(es)", "", shown.count)
        self.told.setText(f"{photos} · {boxes}")
        self.export_button.setEnabled(bool(shown.boxes) and shown.run is not None)
        self._told_row.setVisible(bool(self._results.boxes) or bool(self._hidden))
        if not asking:
            self.stack.setCurrentWidget(self.run_list)
        elif shown.boxes:
            self.stack.setCurrentWidget(self.view)
        else:
            self._say_why(count, running)
            self.stack.setCurrentWidget(self.empty)

    @property
    def _ready(self) -> bool:
        return self._work.status is None or self._work.status.ready

    def _say_why(self, count: int, running: bool) -> None:
        """Why there is no photo in front."""
        status, run = self._work.status, self._results.run
        if status is not None and not status.ready:
            self._say(status.why, self.tr("Models…"), self.models_wanted.emit)
        elif self._trouble:
            self._say(self._trouble)
        elif running:
            self._say(self.tr("Looking. Photos appear here as they are found."), icon="search")
        elif self._results.boxes:
            best = max(max(t.score or 1 for t in ts) for ts in self._results.boxes.values())
            words = self.tr("Nothing that is shown is so sure.")
            self._say(words, self.tr("Show the surest"), lambda: self._lower(best))
        elif run is not None and run.undone:
            words = self.tr("These boxes were taken back.")
            self._say(words, self.tr("Bring them back"), lambda: self._runs.restore(run))
        elif run is not None and run.looked and not run.seen:
            self._say(self.tr("None of %Ln photo(s) could be read or reached.", "", run.looked))
        elif run is not None and run.looked:
            words = self.tr("None of %Ln photo(s) shows this.", "", run.seen)
            lower = max(1, round(run.threshold * 50)) / 100
            act = self.tr("Look again, less strictly")
            self._say(words, act, lambda: self._again(lower), "search")
        elif self.field.labels or not count:
            self._say(self.tr("Choose where to look, then press Find."))
        else:
            self._say(self.tr("Type what to look for, and see where it is on each photo."))

    def _lower(self, value: float) -> None:
        self._hidden.clear()
        for button in self.legend.buttons.values():
            button.setChecked(True)
        self.threshold.move_to(min(value, self.threshold.value))

    def _again(self, threshold: float) -> None:
        self.threshold.move_to(threshold)
        self.run()

    def _say(
        self,
        words: str,
        action: str = "",
        act: Callable[[], object] | None = None,
        icon: str = "boxes",
    ) -> None:
        self._act = act or (lambda: None)
        self.empty.say(words, action, icon)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._runs.refresh_runs()
        self._work.refresh()
