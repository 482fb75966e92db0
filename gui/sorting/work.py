"""What is asked and done for sorting: previews on their own lane, files on the lane of indexing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.errors import EngineError
from engine.file_types import FilingReport, FilingRun, RunId
from engine.jobs import Event, Job, Progress
from engine.types import PhotoId
from gui.history import Back, Deed, History
from gui.sorting.draft import Choice, Draft, Preview
from gui.sorting.seen import RunSeen, look, mode_of
from gui.sorting.words import SortWords
from gui.workers import Task, Workers

if TYPE_CHECKING:
    from engine import Library
    from engine.filing import Filing

LANE = "sort"
FILES = "index"  # never beside a comparison of folders with the catalog


class SortWork(QObject):
    """Asks `library.tagging` and `library.sorting`, tells `library.filing`.

    Signals:
        previewed(Preview): what a sort would do, after each change of it.
        planning_changed(bool): a new plan is being made.
        refused(str): why there is no plan, or why a run was not begun.
        running_changed(): a run began or ended; see `running`.
        settled(): a run is over and looked at, whatever became of it.
        ended(RunSeen): how a run stands that was just applied, resumed or taken back.
        runs_changed(list[FilingRun]): all runs, the newest first.
    """

    previewed = Signal(object)
    planning_changed = Signal(bool)
    refused = Signal(str)
    running_changed = Signal()
    settled = Signal()
    ended = Signal(object)
    runs_changed = Signal(object)
    _returned = Signal(int)  # emitted on a lane's thread

    def __init__(
        self, library: Library, workers: Workers, history: History, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._library = library
        self._workers = workers
        self._history = history
        self._words = SortWords(self)
        self._number = 0
        self._draft: Draft | None = None  # touched on the lane only
        self._planning: Task | None = None
        self._waiting_threshold: list[float | None] = []
        self._deeds: dict[RunId, Deed] = {}
        self.preview: Preview | None = None
        self.running: Task | None = None
        self._returned.connect(self._look_again)

    # -- the plan ------------------------------------------------------------------------------

    def plan(self, choice: Choice) -> None:
        """Make a plan anew; `previewed` or `refused` answers."""
        self._number += 1
        if self._planning is not None:
            self._planning.cancel()
        task = self._workers.start(LANE, "", partial(self._begin, self._number, choice))
        self._planning = task
        self.planning_changed.emit(True)
        task.succeeded.connect(self._show)
        task.failed.connect(self._refuse)
        task.finished.connect(partial(self._planned, task))

    def _begin(self, number: int, choice: Choice) -> Preview:
        library = self._library
        self._draft = Draft(number, choice, library.tagging, library.sorting)
        return self._draft.preview()

    def _planned(self, task: Task) -> None:
        if task is self._planning:
            self._planning = None
            self.planning_changed.emit(False)

    def _show(self, preview: Preview | None) -> None:
        if preview is not None and preview.number == self._number:
            self.preview = preview
            self.previewed.emit(preview)

    def move_threshold(self, threshold: float | None) -> None:
        """Let photos go from this score on; of many movements in a row the last one counts."""
        self._waiting_threshold.append(threshold)
        if len(self._waiting_threshold) == 1:
            self._follow_threshold()

    def _follow_threshold(self) -> None:
        number, wanted = self._number, self._waiting_threshold[-1]
        self._waiting_threshold = [wanted]

        def move() -> Preview | None:
            draft = self._current(number)
            return draft.move_threshold(wanted) if draft is not None else None

        task = self._workers.start(LANE, "", move)
        task.succeeded.connect(self._show)
        task.finished.connect(self._threshold_moved)

    def _threshold_moved(self) -> None:
        done = self._waiting_threshold.pop(0)
        if self._waiting_threshold and self._waiting_threshold[-1] != done:
            self._follow_threshold()
        else:
            self._waiting_threshold.clear()

    def place(self, ids: Sequence[PhotoId], category: str | None) -> None:
        """Put photos into a group by hand; None lets them stay where they are."""
        if not ids or self.preview is None:
            return
        number = self._number

        def do() -> Back | None:
            draft = self._current(number)
            if draft is None:
                return None
            before = draft.placed
            all_ids = draft.with_companions(ids)
            return self._place(number, {**before, **dict.fromkeys(all_ids, category)}, before)

        self._history.do(self._words.placed(len(ids), category), do, LANE)

    def _place(
        self,
        number: int,
        placed: Mapping[PhotoId, str | None],
        before: Mapping[PhotoId, str | None],
    ) -> Back | None:
        """On the lane: what is returned swings back again. Nothing where the plan is another."""
        draft = self._current(number)
        if draft is None:
            return None
        draft.place(placed)
        self._returned.emit(0)
        return partial(self._place, number, before, placed)

    def _tell_draft(self, number: int) -> None:
        """Show the draft as it is now."""

        def ask() -> Preview | None:
            draft = self._current(number)
            return draft.preview() if draft is not None else None

        self._workers.start(LANE, "", ask).succeeded.connect(self._show)

    def _current(self, number: int) -> Draft | None:
        draft = self._draft
        return draft if draft is not None and draft.number == number else None

    def _refuse(self, error: Exception) -> None:
        if isinstance(error, EngineError):
            self.refused.emit(str(error))

    # -- files ---------------------------------------------------------------------------------

    def apply(self) -> None:
        """Do what the preview shows."""
        preview = self.preview
        if preview is None or self.running is not None:
            return
        filing, plan = self._filing, preview.plan
        self._run(self._words.applying(plan.rule.mode), lambda: filing.apply(plan))

    def resume(self, run: FilingRun) -> None:
        """Go on with a run that was stopped."""
        filing = self._filing
        self._run(self._words.applying(mode_of(run)), lambda: filing.resume(run.id), run.id)

    def take_back(self, run_id: RunId) -> None:
        """Take a run back, as far as the disk lets us."""
        filing = self._filing
        deed = self._deeds.pop(run_id, None)
        if deed is not None:
            self._history.forget(deed)
        self._run(self._words.taking_back(), lambda: filing.undo(run_id), run_id, back=True)

    def _run(
        self,
        title: str,
        work: Callable[[], Job[FilingReport]],
        run_id: RunId | None = None,
        *,
        back: bool = False,
    ) -> None:
        if self.running is not None:
            self.refused.emit(self._words.busy())
            return
        newest: list[RunId] = []
        filing = self._filing

        def job() -> Job[FilingReport]:
            newest.extend(run.id for run in filing.runs()[:1])
            return (yield from _quiet(work()))

        task = self._workers.start(FILES, title, job)
        self.running = task
        errors: list[Exception] = []
        task.failed.connect(errors.append)
        task.finished.connect(lambda: self._finish(newest, run_id, errors, back=back))
        self.running_changed.emit()

    def _finish(
        self, newest: list[RunId], run_id: RunId | None, errors: list[Exception], *, back: bool
    ) -> None:
        """Whatever the outcome, the journal knows what was done."""
        self.running = None
        for error in errors:
            self._refuse(error)
        filing = self._filing

        def find() -> RunSeen | None:
            made = run_id
            if made is None:
                found = filing.runs()
                made = found[0].id if found and found[0].id not in newest else None
            return look(filing, made) if made is not None else None

        task = self._workers.start(LANE, "", find)
        task.succeeded.connect(partial(self._tell_end, bool(errors), back))
        task.finished.connect(self.settled)
        self.refresh_runs()
        self.running_changed.emit()

    def _tell_end(self, failed: bool, back: bool, run: RunSeen | None) -> None:
        if run is None:
            return
        if not back and run.there and not failed:
            run_id = run.run.id
            if (former := self._deeds.pop(run_id, None)) is not None:
                self._history.forget(former)
            words = self._words.done(run)
            deed = Deed(words, partial(self._undo, run_id), FILES, self._words.taking_back())
            self._deeds[run_id] = deed
            self._history.did(deed)
        elif back and not failed:
            self._history.told.emit(self._words.taken_back(run), "", None)
        if not failed or run.there or run.back:
            self.ended.emit(run)

    def _undo(self, run_id: RunId) -> Job[None]:
        """For the window's undo, on the lane of files."""
        self._deeds.pop(run_id, None)
        try:
            yield from _quiet(self._filing.undo(run_id))
        finally:
            self._returned.emit(run_id)

    def _look_again(self, run_id: int) -> None:
        """Something was undone from outside of our page."""
        if run_id == 0:
            self._tell_draft(self._number)
            return
        self.refresh_runs()
        self.show_run(RunId(run_id))

    # -- runs ----------------------------------------------------------------------------------

    def refresh_runs(self) -> None:
        """Ask which runs there are."""
        filing = self._filing
        task = self._workers.start(LANE, "", filing.runs)
        task.succeeded.connect(self.runs_changed)

    def show_run(self, run_id: RunId) -> None:
        """Ask how a run stands; `ended` answers."""
        filing = self._filing
        task = self._workers.start(LANE, "", lambda: look(filing, run_id))
        task.succeeded.connect(self._tell_run)

    def _tell_run(self, run: RunSeen | None) -> None:
        if run is not None:
            self.ended.emit(run)

    @property
    def _filing(self) -> Filing:
        return self._library.filing


def _quiet(job: Job[FilingReport]) -> Job[FilingReport]:
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
