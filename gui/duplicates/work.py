"""What is asked and done for duplicates: questions on their lane, files on the lane of indexing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from engine.duplicate_types import (
    Choice,
    Clearing,
    ClearingId,
    ClearingReport,
    DuplicateClass,
    DuplicateGroup,
    FindReport,
    Parted,
    PickRules,
)
from engine.errors import EngineError
from engine.jobs import Event, Job, Progress, R
from engine.types import Aspect, CatalogChange, PhotoId, Scope
from gui.duplicates.seen import DuplicatesSeen, describe
from gui.duplicates.words import DuplicateWords
from gui.feed import Feed
from gui.history import Back, Deed, History
from gui.workers import Task, Workers

if TYPE_CHECKING:
    from engine import Library
    from engine.duplicates import Duplicates

LANE = "duplicates"  # questions and decisions keep their order
SEARCH = "duplicate search"
_QUIET_MS = 1500  # what is over sooner is not worth a bar
FILES = "index"  # never beside a comparison of folders with the catalog


class DuplicateWork(QObject):
    """Asks and tells `library.duplicates`.

    Signals:
        seen_changed(DuplicatesSeen): totals and rules.
        groups_changed(DuplicateClass, list[DuplicateGroup]): the groups of one class.
        searching_changed(): a search began or ended; see `searching`.
        searched(FindReport): how a search ended.
        running_changed(): photos are being moved or brought back, or no more; see `running`.
        cleared(ClearingReport) · brought_back(ClearingReport).
        refused(str): why nothing was done.
        undone(ClearingId): a clearing was taken back by the window's undo.
        runs_changed(list[Clearing]): all clearings, the newest first.
        arrived(int): so many new photos were there already.
    """

    seen_changed = Signal(object)
    groups_changed = Signal(object, object)
    searching_changed = Signal()
    searched = Signal(object)
    running_changed = Signal()
    cleared = Signal(object)
    brought_back = Signal(object)
    undone = Signal(object)
    refused = Signal(str)
    runs_changed = Signal(object)
    arrived = Signal(int)
    _returned = Signal()  # emitted on a lane's thread

    def __init__(
        self, library: Library, workers: Workers, history: History, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._library = library
        self._workers = workers
        self._history = history
        self._words = DuplicateWords(self)
        self.seen = DuplicatesSeen()
        self.kind: DuplicateClass | None = None  # whose groups are wanted
        self.searching: Task | None = None
        self.running: Task | None = None
        self._note = ""
        self._asked = 0
        self._deeds: dict[ClearingId, Deed] = {}
        self.news: set[PhotoId] = set()  # photos that were not there when we began
        self._highest: PhotoId | None = None  # the newest known; ids are never given twice
        self._feed = Feed(workers, LANE, self._look, rest_ms=500, parent=self)
        self._feed.answered.connect(self._take)
        self._returned.connect(self.refresh)

    @property
    def duplicates(self) -> Duplicates:
        return self._library.duplicates

    # -- looking -------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Totals, and the groups of the class that is looked at, may have changed."""
        self._feed.refresh_now()
        self.refresh_runs()
        if self.kind is not None:
            self.show_groups(self.kind)

    def _look(self) -> DuplicatesSeen:
        duplicates = self.duplicates
        if self._highest is None:
            self._highest = max(self._library.photo_ids(Scope()), default=PhotoId(0))
        new = tuple(duplicates.arrivals())
        return DuplicatesSeen(dict(duplicates.totals()), duplicates.rules(), new, self._note)

    def _take(self, seen: DuplicatesSeen) -> None:
        self.seen = seen
        self.seen_changed.emit(seen)

    def show_groups(self, kind: DuplicateClass) -> None:
        """Ask for the groups of a class; `groups_changed` answers."""
        self.kind = kind
        self._asked += 1
        duplicates = self.duplicates
        task = self._workers.start(LANE, "", partial(duplicates.groups, kind))
        task.succeeded.connect(partial(self._take_groups, self._asked, kind))
        task.failed.connect(self._refuse)

    def _take_groups(self, number: int, kind: DuplicateClass, groups: list[DuplicateGroup]) -> None:
        if number == self._asked:
            self.groups_changed.emit(kind, groups)

    def describe(self, ids: Sequence[PhotoId]) -> Task:
        """Ask for facts of photos: succeeds with a dict of MemberFacts."""
        library = self._library
        return self._workers.start("page", "", lambda: describe(library, ids))

    def preview(self, choices: Sequence[Choice]) -> Task:
        """Ask what the kept photos would take over: succeeds with a list of Merge."""
        duplicates = self.duplicates
        task = self._workers.start(LANE, "", partial(duplicates.preview, choices))
        task.failed.connect(self._refuse)
        return task

    def choices(self, kind: DuplicateClass) -> Task:
        """Ask what the rules would do to a class: succeeds with a list of Choice."""
        duplicates, rules = self.duplicates, self.seen.rules
        task = self._workers.start(LANE, "", partial(duplicates.choices, kind, rules))
        task.failed.connect(self._refuse)
        return task

    def _refuse(self, error: Exception) -> None:
        if isinstance(error, EngineError):
            self.refused.emit(str(error))

    # -- searching -----------------------------------------------------------------------------

    def search(self) -> None:
        """Look for duplicates; only what is new is compared."""
        if self.searching is not None:
            return
        duplicates = self.duplicates
        title = self.tr("Looking for duplicates")
        task = self._workers.start(SEARCH, title, duplicates.find)
        self.searching = task
        task.succeeded.connect(self._tell_search)
        task.failed.connect(self._refuse)
        task.finished.connect(self._end_search)
        self.searching_changed.emit()

    def _tell_search(self, report: FindReport) -> None:
        self._note = report.note
        self.searched.emit(report)

    def _end_search(self) -> None:
        self.searching = None
        self.searching_changed.emit()
        self.refresh()

    def follow_catalog(self, change: CatalogChange) -> None:
        """Photos came, went or changed."""
        if self._highest is not None:
            new = {photo_id for photo_id in change.photos if photo_id > self._highest}
            self.news |= new
            self._highest = max(new, default=self._highest)
        concerned = change.aspects & (Aspect.EXISTENCE | Aspect.FILE | Aspect.ROOT)
        if concerned and self.seen.searched and self.running is None:
            self._feed.refresh()

    def follow_index(self) -> None:
        """Indexing has settled: see whether what is new was there already."""
        new, self.news = sorted(self.news), set[PhotoId]()
        if not new or not self.seen.searched or self.searching is not None:
            return
        duplicates = self.duplicates

        title = self.tr("Comparing new photos")
        check = partial(duplicates.check, new)
        task = self._workers.start(SEARCH, title, check, announce=False)
        QTimer.singleShot(_QUIET_MS, task, lambda: self._workers.announce(task))
        task.succeeded.connect(self._tell_arrivals)

    def _tell_arrivals(self, count: int) -> None:
        if count:
            self.refresh()
            self.arrived.emit(count)

    # -- decisions -----------------------------------------------------------------------------

    def change_rules(self, rules: PickRules) -> None:
        """Choose keepers in another way; can be undone."""
        duplicates = self.duplicates

        def put(new: PickRules) -> Back:
            former = duplicates.rules()
            duplicates.change_rules(new)
            self._returned.emit()
            return partial(put, former)

        self._history.do(self.tr("Rules changed"), partial(put, rules), LANE)

    def not_duplicates(self, group: DuplicateGroup) -> None:
        """Remember that these are none; can be undone."""
        duplicates = self.duplicates

        def part() -> Back:
            token = duplicates.not_duplicates(group.id)
            self._returned.emit()
            return partial(join, token)

        def join(token: Parted) -> Back:
            duplicates.again(token)
            self._returned.emit()
            return part

        self._history.do(self._words.not_duplicates(group), part, LANE)

    # -- files ---------------------------------------------------------------------------------

    def clear(self, choices: Sequence[Choice]) -> None:
        """Move what is marked to the trash."""
        if choices:
            duplicates = self.duplicates
            self._run(self._words.clearing(), partial(duplicates.clear, choices))

    def take_back(self, run_id: ClearingId) -> None:
        """Bring back what a clearing moved."""
        deed = self._deeds.pop(run_id, None)
        if deed is not None:
            self._history.forget(deed)
        duplicates = self.duplicates
        self._run(self._words.taking_back(), partial(duplicates.undo, run_id), back=True)

    def _run(
        self, title: str, work: Callable[[], Job[ClearingReport]], *, back: bool = False
    ) -> None:
        if self.running is not None:
            self.refused.emit(self._words.busy())
            return
        before: list[Clearing] = []
        duplicates = self.duplicates

        def job() -> Job[ClearingReport]:
            before.extend(duplicates.clearings())
            return (yield from _quiet(work()))

        task = self._workers.start(FILES, title, job)
        self.running = task
        task.succeeded.connect(self._tell_back if back else self._tell_cleared)
        task.failed.connect(self._refuse)
        task.finished.connect(self._end_run)
        if not back:
            task.cancelled.connect(partial(self._find_stopped, before))
        self.running_changed.emit()

    def _end_run(self) -> None:
        self.running = None
        self.running_changed.emit()
        self.refresh()

    def _find_stopped(self, before: list[Clearing]) -> None:
        """A clearing that was stopped tells nothing, but the journal knows what it did."""
        duplicates = self.duplicates
        known = {run.id for run in before}

        def find() -> ClearingReport | None:
            new = [run for run in duplicates.clearings() if run.id not in known and run.photos]
            return ClearingReport(new[0].id, 0, new[0].photos, new[0].bytes) if new else None

        self._workers.start(LANE, "", find).succeeded.connect(self._tell_stopped)

    def _tell_stopped(self, report: ClearingReport | None) -> None:
        if report is not None:
            self._tell_cleared(report)

    def _tell_cleared(self, report: ClearingReport) -> None:
        if report.photos:
            words = self._words.cleared(report)
            undo = partial(self._undo, report.run_id)
            deed = Deed(words, undo, FILES, self._words.taking_back())
            self._deeds[report.run_id] = deed
            self._history.did(deed)
        self.cleared.emit(report)

    def _tell_back(self, report: ClearingReport) -> None:
        self._history.told.emit(self._words.brought_back(report), "", None)
        self.brought_back.emit(report)

    def _undo(self, run_id: ClearingId) -> Job[None]:
        """For the window's undo, on the lane of files."""
        self._deeds.pop(run_id, None)
        try:
            yield from _quiet(self.duplicates.undo(run_id))
        finally:
            self.undone.emit(run_id)  # crosses the threads
            self._returned.emit()

    def refresh_runs(self) -> None:
        """Ask what was cleared so far."""
        duplicates = self.duplicates
        task = self._workers.start(LANE, "", duplicates.clearings)
        task.succeeded.connect(self._take_runs)

    def _take_runs(self, runs: list[Clearing]) -> None:
        self.runs_changed.emit(sorted(runs, key=lambda run: -run.started_at))


def _quiet(job: Job[R]) -> Job[R]:
    """The job with its figures alone: what was left alone stands in the report."""
    try:
        while True:
            event: Event = next(job)
            if isinstance(event, Progress):
                yield Progress(event.done, event.total)
    except StopIteration as end:
        return end.value
    finally:
        job.close()
