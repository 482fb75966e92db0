"""What is done with the files of chosen photos: on the lane of indexing, each with its way back."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from engine.duplicate_types import ClearingId
from engine.errors import EngineError
from engine.file_types import FilingReport, FilingRun, FilingStep, RunId, StepState, TrashedPhoto
from engine.jobs import Event, Job, Progress, R, Skipped
from engine.types import PhotoId
from gui.filing.words import COPY, MOVE, RENAME, TRASH, FilingWords
from gui.history import Back, Deed, History
from gui.keeper import Keeper
from gui.workers import Task, Workers

if TYPE_CHECKING:
    from engine import Library
    from engine.filing import Filing

FILES = "index"  # never beside a comparison of folders with the catalog
ASKING = "io"
_QUIET_MS = 400  # what is over sooner is not worth a bar


class FilingWork(QObject):
    """Tells `library.filing` and keeps the way back of each run in the window's history.

    Signals:
        ended(FilingReport): something was done, or taken back.
        left(str, list[Skipped]): photos that stayed as they were, below these words.
        refused(str): why nothing was begun.
        changed(): what lies in the trash may differ from now on.
    """

    ended = Signal(object)
    left = Signal(str, object)
    refused = Signal(str)
    changed = Signal()
    _came_back = Signal(object)  # emitted on a lane's thread

    def __init__(
        self,
        library: Library,
        workers: Workers,
        history: History,
        keeper: Keeper,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._library = library
        self._workers = workers
        self._history = history
        self._keeper = keeper
        self._words = FilingWords(self)
        self._deeds: dict[RunId, Deed] = {}  # of runs that this window has made
        self._came_back.connect(self._tell_back)

    # -- doing ---------------------------------------------------------------------------------

    def trash(self, ids: Sequence[PhotoId]) -> None:
        """Put photos into the trash."""
        filing = self._filing
        self._do(TRASH, len(ids), lambda: filing.trash(ids))

    def move(self, ids: Sequence[PhotoId], folder: Path) -> None:
        """Move photos into a folder."""
        filing = self._filing
        self._do(MOVE, len(ids), lambda: filing.move_to(ids, folder), folder)

    def copy(self, ids: Sequence[PhotoId], folder: Path) -> None:
        """Copy photos into a folder."""
        filing = self._filing
        self._do(COPY, len(ids), lambda: filing.copy_to(ids, folder), folder)

    def bring_in(self, paths: Sequence[Path], folder: Path) -> None:
        """Copy photos of other programs into a folder."""
        filing = self._filing
        self._do(COPY, len(paths), lambda: filing.bring_in(paths, folder), folder)

    def give_names(self, names: Mapping[PhotoId, str]) -> None:
        """Rename photos."""
        filing = self._filing
        self._do(RENAME, len(names), partial(filing.rename, names))

    def _do(
        self,
        kind: str,
        count: int,
        act: Callable[[], Job[FilingReport]],
        into: Path | None = None,
    ) -> None:
        if not count:
            return
        deed = Deed(self._words.begun(kind, count, into), None, FILES, self._words.going_back(kind))
        self._history.begin(deed)
        runs: list[RunId] = []
        task = self._start(self._words.under_way(kind), partial(self._doing, deed, act, runs))
        reports: list[FilingReport] = []
        task.succeeded.connect(reports.append)
        task.failed.connect(self._refuse)
        task.finished.connect(lambda: self._finish(deed, kind, into, runs, reports))

    def _start(self, title: str, work: Callable[[], object]) -> Task:
        """On the lane of files at once; in the status bar once it takes a moment."""
        task = self._workers.start(FILES, title, work, announce=False)
        self._keeper.give_way(task)
        QTimer.singleShot(_QUIET_MS, task, lambda: self._workers.announce(task))
        return task

    def _doing(
        self, deed: Deed, act: Callable[[], Job[FilingReport]], runs: list[RunId]
    ) -> Job[FilingReport]:
        """On the lane. However it ends: what was done can be taken back."""
        filing = self._filing
        before = {run.id for run in filing.operations()[:1]}
        try:
            return (yield from _quiet(act()))
        finally:
            newest = filing.operations()[:1]
            if newest and newest[0].id not in before and newest[0].can_undo:
                runs.append(newest[0].id)
                deed.back = partial(self._undo, newest[0].id)

    def _finish(
        self,
        deed: Deed,
        kind: str,
        into: Path | None,
        runs: Sequence[RunId],
        reports: Sequence[FilingReport],
    ) -> None:
        for run_id in runs:
            self._deeds[run_id] = deed
        for report in reports:
            if report.photos:
                deed.words = self._words.done(kind, report, into)
        self._history.end(deed)
        for report in reports:
            self._tell(report, done=bool(report.photos))
        self.changed.emit()

    def _tell(self, report: FilingReport, *, done: bool) -> None:
        if not done and (report.skipped or report.stopped):
            self._history.told.emit(self._words.nothing(report), "", None)
        if len(report.skipped) > 1:
            stayed = self.tr("%Ln photo(s) stayed as they were", "", len(report.skipped))
            self.left.emit(stayed, list(report.skipped))
        self.ended.emit(report)

    def _refuse(self, error: Exception) -> None:
        if isinstance(error, EngineError):
            self.refused.emit(str(error))

    # -- back and again, on the lane -----------------------------------------------------------

    def _undo(self, run_id: RunId, only: Collection[PhotoId] | None = None) -> Job[Back | None]:
        """Take a run back; what is returned does it again."""
        report = yield from _quiet(self._filing.undo(run_id, only))
        self._came_back.emit(report)
        return partial(self._again, run_id, only) if report.photos else None

    def _again(self, run_id: RunId, only: Collection[PhotoId] | None) -> Job[Back | None]:
        """Do what was taken back once more, by a run of its own."""
        filing = self._filing
        run = next((run for run in filing.operations() if run.id == run_id), None)
        if run is None:
            return None
        steps = [
            step
            for step in filing.steps(run_id)
            if step.state is StepState.UNDONE and (only is None or step.photo_id in only)
        ]
        report = yield from _quiet(repeated(filing, run, steps))
        self._came_back.emit(report)
        return partial(self._undo, report.run_id) if report.photos else None

    def _tell_back(self, report: FilingReport) -> None:
        """After the history has said that it was taken back: what was not."""
        if report.skipped:
            QTimer.singleShot(0, self, partial(self._tell, report, done=len(report.skipped) > 1))
        self.changed.emit()

    def remember(self) -> None:
        """Let the newest run of before be undone as if it was done just now."""
        filing = self._filing

        def find() -> FilingRun | None:
            newest = max((*filing.operations()[:1], *filing.runs()[:1]), key=_id, default=None)
            if newest is None or not newest.can_undo:
                return None
            return newest if newest.kind in (MOVE, COPY, RENAME, TRASH) else None

        self._workers.start(ASKING, "", find).succeeded.connect(self._remember)

    def _remember(self, run: FilingRun | None) -> None:
        if run is not None and run.id not in self._deeds:
            title = self._words.going_back(run.kind)
            deed = Deed(self._words.was_done(run), partial(self._undo, run.id), FILES, title)
            self._deeds[run.id] = deed
            self._history.remember(deed)

    # -- the trash -----------------------------------------------------------------------------

    def look_into_trash(self) -> Task:
        """Ask what lies there: succeeds with a list of TrashedPhoto."""
        filing = self._filing
        return self._workers.start(ASKING, "", filing.in_trash)

    def put_back(self, chosen: Sequence[TrashedPhoto]) -> None:
        """Put photos back where they lay; of a clearing all of it."""
        if not chosen:
            return
        deed = Deed(self._words.put_back(len(chosen)), None, FILES, self._words.under_way(TRASH))
        self._history.begin(deed)
        task = self._start(self._words.going_back(TRASH), partial(self._putting_back, deed, chosen))
        task.succeeded.connect(partial(self._tell_put_back, deed))
        task.failed.connect(self._refuse)
        task.finished.connect(lambda: self._end_put_back(deed, chosen))

    def _putting_back(self, deed: Deed, chosen: Sequence[TrashedPhoto]) -> Job[FilingReport]:
        filing, duplicates = self._filing, self._library.duplicates
        photos = files = 0
        skipped: list[Skipped] = []
        home: list[PhotoId] = []
        try:
            for run_id in dict.fromkeys(one.run_id for one in chosen):
                held = [one for one in chosen if one.run_id == run_id]
                if held[0].cleared:
                    cleared = yield from _quiet(duplicates.undo(ClearingId(run_id)))
                    photos, files = photos + cleared.photos, files + cleared.photos
                    skipped += [Skipped(one.path, one.reason) for one in cleared.left_alone]
                    continue
                only = [one.photo_id for one in held if one.photo_id is not None]
                report = yield from _quiet(filing.undo(run_id, only))
                photos, files = photos + report.photos, files + report.files
                skipped += report.skipped
                stayed = {one.path for one in report.skipped}
                home += [
                    one.photo_id
                    for one in held
                    if one.photo_id is not None and one.path not in stayed
                ]
        finally:
            if home:
                deed.back = partial(self._trash_again, home)
        return FilingReport(RunId(0), photos, files, 0, tuple(skipped))

    def _trash_again(self, ids: Sequence[PhotoId]) -> Job[Back | None]:
        report = yield from _quiet(self._filing.trash(ids))
        self._came_back.emit(report)
        return partial(self._undo, report.run_id) if report.photos else None

    def _tell_put_back(self, deed: Deed, report: FilingReport) -> None:
        deed.words = self._words.put_back(report.photos)
        if deed.back is None and report.photos:
            self._history.told.emit(deed.words, "", None)
        self._tell(report, done=bool(report.photos))

    def _end_put_back(self, deed: Deed, chosen: Sequence[TrashedPhoto]) -> None:
        self._history.end(deed)
        self.changed.emit()
        ids = {one.run_id for one in chosen}
        filing = self._filing

        def whole() -> list[RunId]:
            return [run.id for run in filing.operations() if run.id in ids and not run.can_undo]

        self._workers.start(ASKING, "", whole).succeeded.connect(self._forget)

    def _forget(self, runs: Sequence[RunId]) -> None:
        """Nothing of these is left to be undone."""
        for run_id in runs:
            if (deed := self._deeds.pop(run_id, None)) is not None:
                self._history.forget(deed)

    @property
    def _filing(self) -> Filing:
        return self._library.filing


def _id(run: FilingRun) -> int:
    return run.id


def repeated(filing: Filing, run: FilingRun, steps: Sequence[FilingStep]) -> Job[FilingReport]:
    """The job of a run once more, for the files of these steps."""
    ids = [step.photo_id for step in steps if step.photo_id is not None]
    into = Path(str(run.rule.get("into", "")))
    if run.kind == MOVE:
        return filing.move_to(ids, into)
    if run.kind == COPY:
        return (
            filing.copy_to(ids, into) if ids else filing.bring_in([s.source for s in steps], into)
        )
    if run.kind == RENAME:
        names = {s.photo_id: s.target.name for s in steps if s.photo_id is not None}
        again = filing.rename
        return again(names)
    return filing.trash(ids)


def _quiet(job: Job[R]) -> Job[R]:
    """The job with its figures alone: what was left stands in the report, with its reason."""
    try:
        while True:
            event: Event = next(job)
            if isinstance(event, Progress):
                yield Progress(event.done, event.total)
    except StopIteration as end:
        return end.value
    finally:
        job.close()
