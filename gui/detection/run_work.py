"""Detection over many photos: runs, the search for one thing, their results as they come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PySide6.QtCore import QObject, Signal

from engine.detection_types import (
    DetectionProgress,
    DetectionReport,
    DetectionRun,
    DetectionRunId,
    Exported,
    Label,
    ObjectMatch,
    ObjectProgress,
)
from engine.jobs import Job, Progress
from engine.types import Aspect, Box, CatalogChange, PhotoId
from gui import acts
from gui.detection.results import Results, of_matches, of_run
from gui.detection.words import labels_text
from gui.detection.work import LANE, DetectWork
from gui.feed import Feed
from gui.history import Back, Deed
from gui.workers import Task

if TYPE_CHECKING:
    from engine.detecting import Detecting
    from gui.session import Session

JOBS = "detect run"
SIDECARS = "index"  # never beside a comparison of folders with the catalog
Kind = Literal["coco", "yolo", "annotated", "regions"]
Pictures = Literal["", "copy"]


class RunWork(QObject):
    """Runs `library.detecting` over many photos and tells what it finds.

    Signals:
        found(Results): what there is so far of the run that is shown.
        running_changed(): a run began or ended; see `running`.
        runs_changed(list[DetectionRun]): all runs, the newest first.
        failed(EngineError): a run could not begin or go on.
    """

    found = Signal(object)
    running_changed = Signal()
    runs_changed = Signal(object)
    failed = Signal(object)

    def __init__(self, session: Session, work: DetectWork, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._work = work
        self._deeds: dict[DetectionRunId, Deed] = {}
        self._shown: DetectionRunId | None = None
        self._label = ""  # of the thing that is looked for by example
        self.running: Task | None = None
        self._results = Feed(session.workers, LANE, self._ask_results, rest_ms=400, parent=self)
        self._results.answered.connect(self._take_results)
        self._runs = Feed(session.workers, LANE, lambda: self.detecting.runs(), parent=self)
        self._runs.answered.connect(self.runs_changed)
        session.bridge.catalog_changed.connect(self._follow)

    @property
    def detecting(self) -> Detecting:
        return self._work.detecting

    # -- a run ---------------------------------------------------------------------------------

    def run(
        self, ids: Sequence[PhotoId], labels: Sequence[Label], threshold: float, what: str
    ) -> None:
        """Look for labels on these photos, in this order."""
        detecting, wanted, chosen = self.detecting, tuple(labels), list(ids)
        title = self.tr("Looking for %1").replace("%1", labels_text(labels))
        self._shown = None
        self._begin(title, lambda: detecting.run(chosen, wanted, threshold, what))

    def resume(self, run: DetectionRun) -> None:
        """Go on with a run that was stopped."""
        detecting, run_id = self.detecting, run.id
        title = self.tr("Looking for %1").replace("%1", labels_text(run.labels))
        self.show_run(run_id)
        self._begin(title, lambda: detecting.resume(run_id))

    def find_object(self, photo_id: PhotoId, box: Box, label: str, ids: Sequence[PhotoId]) -> None:
        """Look for the thing in a box on other photos."""
        detecting, chosen = self.detecting, [id_ for id_ in ids if id_ != photo_id]
        self._shown = None
        self._label = label
        self.found.emit(of_matches([], label))
        title = self.tr("Looking for this thing")
        self._begin(title, lambda: detecting.find_object(photo_id, box, chosen))

    def stop(self) -> None:
        if self.running is not None:
            self.running.cancel()

    def _begin(self, title: str, job: Callable[[], Job[object]]) -> None:
        if self.running is not None:
            self.running.cancel()  # of two the newer one is wanted
        task = self.running = self._session.workers.start(JOBS, title, lambda: _nameless(job()))
        task.progressed.connect(partial(self._progress, task))
        task.succeeded.connect(self._succeed)
        task.failed.connect(self.failed)
        task.cancelled.connect(partial(self._tell_stopped, task))
        task.finished.connect(partial(self._end, task))
        self.running_changed.emit()

    def _progress(self, task: Task, progress: object) -> None:
        if task is not self.running:
            return
        if isinstance(progress, DetectionProgress):
            self._shown = progress.run_id
            self._results.refresh()
        elif isinstance(progress, ObjectProgress):
            self.found.emit(of_matches(progress.found, self._label))

    def _succeed(self, outcome: DetectionReport | list[ObjectMatch]) -> None:
        if isinstance(outcome, list):
            self.found.emit(of_matches(outcome, self._label))
            return
        self.show_run(outcome.run_id)
        seen = outcome.looked - outcome.skipped
        if seen:  # without boxes, too: it took the place of what runs before it had found
            words = self.tr("Boxes found on %Ln photo(s)", "", outcome.matching)
            if not outcome.boxes:
                words = self.tr("Nothing found on %Ln photo(s)", "", seen)
            deed = Deed(words, partial(self._roll_back, outcome.run_id), LANE)
            self._deeds[outcome.run_id] = deed
            self._session.history.did(deed)

    def _tell_stopped(self, task: Task) -> None:
        if task is self.running and self._shown is not None:
            words = self.tr("Stopped. What was found so far is kept.")
            self._work.noticed.emit(words, "", None)

    def _end(self, task: Task) -> None:
        if task is self.running:
            self.running = None
            self.running_changed.emit()
            self._results.refresh()
            self._runs.refresh()

    # -- results -------------------------------------------------------------------------------

    def show_run(self, run_id: DetectionRunId) -> None:
        """Tell what a run has found."""
        self._shown = run_id
        self._results.refresh_now()

    def refresh_runs(self) -> None:
        self._runs.refresh()

    def _ask_results(self) -> Results | None:
        run_id, detecting = self._shown, self.detecting
        run = next((run for run in detecting.runs() if run.id == run_id), None)
        if run is None:
            return None
        ids = detecting.photos_of_run(run.id)
        return of_run(run, ids, detecting.of_photos(ids))

    def _take_results(self, results: Results | None) -> None:
        if results is not None and results.run is not None and results.run.id == self._shown:
            self.found.emit(results)

    def _follow(self, change: CatalogChange) -> None:
        if change.aspects & Aspect.DETECTION and self.running is None:
            self._runs.refresh()
            if self._shown is not None:
                self._results.refresh()

    # -- back and forth ------------------------------------------------------------------------

    def take_back(self, run: DetectionRun) -> None:
        """Take a run's boxes away; the undo that stands for it is gone with it."""
        if (deed := self._deeds.pop(run.id, None)) is not None:
            self._session.history.forget(deed)
        words = self.tr("Boxes of “%1” taken back").replace("%1", labels_text(run.labels))
        self._session.history.do(words, partial(self._roll_back, run.id), LANE)

    def restore(self, run: DetectionRun) -> None:
        """Bring a run's boxes back."""
        words = self.tr("Boxes of “%1” are back").replace("%1", labels_text(run.labels))
        self._session.history.do(words, partial(self._restore, run.id), LANE)

    def _roll_back(self, run_id: DetectionRunId) -> Back:
        self.detecting.roll_back(run_id)
        return partial(self._restore, run_id)

    def _restore(self, run_id: DetectionRunId) -> Back:
        self.detecting.restore(run_id)
        return partial(self._roll_back, run_id)

    # -- out -----------------------------------------------------------------------------------

    def export(
        self, ids: Sequence[PhotoId], kind: Kind, folder: Path, pictures: Pictures = ""
    ) -> None:
        """Write the kept boxes of photos for other programs."""
        detecting, chosen = self.detecting, list(ids)
        title = self.tr("Exporting boxes")
        lane = SIDECARS if kind == "regions" else "io"
        task = self._session.workers.start(
            lane, title, lambda: detecting.export(chosen, kind, folder, pictures)
        )
        task.failed.connect(self._work.tell)
        task.succeeded.connect(partial(self._tell_exported, kind))

    def _tell_exported(self, kind: Kind, exported: Exported) -> None:
        if not exported.files:
            words = self.tr("Only boxes that are kept are exported, and there are none here.")
            self._work.noticed.emit(words, "", None)
            return
        if kind == "regions":
            words = self.tr("Boxes written beside %Ln photo(s)", "", exported.photos)
        else:
            words = self.tr("Boxes of %Ln photo(s) exported", "", exported.photos)
        if exported.skipped:
            words += " · " + self.tr("%Ln left out", "", exported.skipped)
        show = partial(acts.show_in_folder, exported.files[0])
        self._work.noticed.emit(words, self.tr("Show in folder"), show)


def _nameless(job: Job[object]) -> Job[object]:
    """The same job; its progress does not say the name of each file, which nobody can read."""
    try:
        while True:
            event = next(job)
            yield replace(event, note="") if isinstance(event, Progress) else event
    except StopIteration as end:
        return end.value
    finally:
        job.close()
