"""What is done to tags and categories: on lanes, with a way back for each deed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from engine.errors import ModelError
from engine.jobs import Job
from engine.tag_types import (
    Category,
    CategoryId,
    CategorySet,
    Mode,
    SetId,
    TagReport,
    TagRun,
    TagRunId,
    TagUndo,
)
from engine.types import PhotoId
from gui.feed import Feed
from gui.history import Back, Deed, History
from gui.tagging.dots import COLOURS
from gui.tagging.seen import TagsSeen
from gui.tagging.words import percent_text
from gui.workers import Task, Workers

if TYPE_CHECKING:
    from engine import Library
    from engine.tagging import Tagging

LANE = "tagging"  # questions and answers keep their order
JOBS = "tag run"
_QUIET_MS = 120_000  # nobody asked for so long: the vectors' memory is given back


class TagWork(QObject):
    """Asks and tells `library.tagging`, never on the GUI thread.

    Signals:
        seen_changed(TagsSeen): sets, categories, their figures.
        answered(): an answer or a tag was committed; what is shown of them is stale.
        made(list[CategoryId]): categories that were just added.
        run_ended(TagReport): photos were tagged.
        noticed(str, str, object): a sentence, what its button says, what the button does.
    """

    seen_changed = Signal(object)
    answered = Signal()
    made = Signal(object)
    run_ended = Signal(object)
    noticed = Signal(str, str, object)

    def __init__(
        self, library: Library, workers: Workers, history: History, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._library = library
        self._workers = workers
        self._history = history
        self.seen = TagsSeen()
        self._running: Task | None = None
        self._feed = Feed(workers, LANE, self._look, rest_ms=400, parent=self)
        self._feed.answered.connect(self._take)
        self._quiet = QTimer(self, singleShot=True, interval=_QUIET_MS)
        self._quiet.timeout.connect(self._rest)

    # -- looking -------------------------------------------------------------------------------

    @property
    def tagging(self) -> Tagging:
        return self._library.tagging

    def refresh(self) -> None:
        """Tags, categories or photos may have changed."""
        self._quiet.start()
        self._feed.refresh()

    def ask(self, question: Callable[[Tagging], object]) -> Task:
        """Ask something on the lane where deeds are done too: the answer knows them."""
        self._quiet.start()
        tagging = self._library.tagging
        return self._workers.start(LANE, "", lambda: question(tagging))

    def ask_job(self, title: str, question: Callable[[Tagging], Job[object]]) -> Task:
        """Ask something that takes seconds; it is among the running jobs once it is slow."""
        self._quiet.start()
        tagging = self._library.tagging
        task = self._workers.start(JOBS, title, lambda: question(tagging), announce=False)
        QTimer.singleShot(500, task, lambda: self._workers.announce(task))
        return task

    def _look(self) -> TagsSeen:
        tagging = self._library.tagging
        sets, categories = tagging.sets(), tagging.categories()
        tags = tuple(tag.path for tag in tagging.tags())
        if not categories:
            return TagsSeen(tuple(sets), tags=tags)
        try:
            states = {state.category.id: state for state in tagging.states()}
        except ModelError as error:
            return TagsSeen(tuple(sets), tuple(categories), {}, str(error), tags)
        return TagsSeen(tuple(sets), tuple(categories), states, "", tags)

    def _take(self, seen: TagsSeen) -> None:
        self.seen = seen
        self.seen_changed.emit(seen)

    def _rest(self) -> None:
        tagging = self._library.tagging
        self._workers.start(LANE, "", tagging.rest)

    # -- answers and tags ----------------------------------------------------------------------

    def answer(self, photos: Mapping[CategoryId, Sequence[PhotoId]], accepted: bool | None) -> Task:
        """Accept or reject photos for their categories, in one deed."""
        tagging = self._library.tagging
        count = sum(len(ids) for ids in photos.values())
        if accepted is None:
            words = self.tr("%Ln answer(s) taken back", "", count)
        elif accepted:
            words = self.tr("%Ln photo(s) accepted", "", count)
        else:
            words = self.tr("%Ln photo(s) rejected", "", count)

        def work() -> Back:
            done = [tagging.answer(entry, ids, accepted) for entry, ids in photos.items()]
            return partial(self._swing, done)

        return self._watched(self._history.do(words, work))

    def tag(self, ids: Sequence[PhotoId], name: str) -> Task:
        """Put the user's own tag on photos."""
        tagging = self._library.tagging
        words = self.tr("%Ln photo(s) tagged “%1”", "", len(ids)).replace("%1", name)
        return self.deed(words, lambda: tagging.tag(ids, name))

    def untag(self, ids: Sequence[PhotoId], name: str) -> Task:
        tagging = self._library.tagging
        words = self.tr("“%1” taken off %Ln photo(s)", "", len(ids)).replace("%1", name)
        return self.deed(words, lambda: tagging.untag(ids, name))

    def retag(self, photo_id: PhotoId, former: str, name: str) -> Task:
        """Another tag in the place of one that does not fit."""
        tagging = self._library.tagging
        words = self.tr("1 photo tagged “%1” instead of “%2”")
        words = words.replace("%1", name).replace("%2", former)

        def work() -> Back:
            done = [tagging.tag([photo_id], name), tagging.untag([photo_id], former)]
            return partial(self._swing, done)

        return self._watched(self._history.do(words, work))

    def forget_answers(self, category: Category) -> Task:
        """Forget what a category has learned; its tags stay."""
        tagging = self._library.tagging
        words = self.tr("Answers to “%1” forgotten").replace("%1", category.name)
        return self.deed(words, lambda: tagging.reset_learning(category.id))

    def deed(self, words: str, work: Callable[[], TagUndo]) -> Task:
        """Do something to tags, called so, that can be undone."""

        def done() -> Back | None:
            undo = work()
            return partial(self._swing, [undo]) if undo else None

        return self._watched(self._history.do(words, done))

    def _swing(self, undos: Sequence[TagUndo]) -> Back:
        """On the lane: back to how it was; what is returned swings to the other side again."""
        tagging = self._library.tagging
        there = [tagging.undo(undo) for undo in reversed(undos)]
        return partial(self._swing, there)

    def _watched(self, task: Task) -> Task:
        task.succeeded.connect(lambda: self.answered.emit())
        return task

    # -- categories ----------------------------------------------------------------------------

    def add_category(
        self, name: str, prompts: Sequence[str] = (), set_id: SetId | None = None
    ) -> Task:
        words = self.tr("“%1” added").replace("%1", name)
        return self.add(words, lambda tagging: [tagging.add_category(name, prompts, set_id=set_id)])

    def add(self, words: str, work: Callable[[Tagging], Sequence[Category]]) -> Task:
        """Add categories in one deed, called so; `made` tells which."""
        tagging = self._library.tagging
        new: list[CategoryId] = []

        def make() -> Back | None:
            there = len(tagging.categories())
            for at, category in enumerate(work(tagging)):
                # A colour each, so that they can be told apart from the start.
                colour = COLOURS[(there + at) % len(COLOURS)]
                tagging.change_category(replace(category, colour=colour))
                new.append(category.id)
            return partial(self._remove, list(new)) if new else None

        task = self._history.do(words, make)
        task.succeeded.connect(lambda: self.made.emit(list(new)))
        return task

    def change_category(self, category: Category, former: Category) -> Task:
        if category.name != former.name:
            words = self.tr("“%1” is called “%2” now").replace("%1", former.name)
            words = words.replace("%2", category.name)
        else:
            words = self.tr("“%1” changed").replace("%1", category.name)
        return self._history.do(words, lambda: self._put(category, former))

    def add_examples(self, category: Category, ids: Sequence[PhotoId]) -> Task | None:
        """Photos that show what a category means."""
        new = [photo_id for photo_id in ids if photo_id not in category.examples]
        if not new:
            return None
        words = self.tr("%Ln example(s) added to “%1”", "", len(new)).replace("%1", category.name)
        changed = replace(category, examples=(*category.examples, *new))
        return self._history.do(words, lambda: self._put(changed, category))

    def remove_example(self, category: Category, photo_id: PhotoId) -> Task:
        words = self.tr("Example taken from “%1”").replace("%1", category.name)
        left = tuple(entry for entry in category.examples if entry != photo_id)
        changed = replace(category, examples=left)
        return self._history.do(words, lambda: self._put(changed, category))

    def change_cut(self, category: Category, threshold: float | None) -> Task:
        """Begin a category elsewhere; None: where its answers put it."""
        if threshold is None:
            words = self.tr("“%1” learns its cut again").replace("%1", category.name)
        else:
            words = self.tr("Cut of “%1” moved to %2").replace("%1", category.name)
            words = words.replace("%2", percent_text(threshold))
        changed = replace(category, threshold=threshold)
        return self._history.do(words, lambda: self._put(changed, category))

    def remove_category(self, category: Category) -> Task:
        words = self.tr("“%1” removed; its tags stay").replace("%1", category.name)
        return self._history.do(words, lambda: self._remove([category.id]))

    def _put(self, category: Category, former: Category) -> Back:
        self._library.tagging.change_category(category)
        return partial(self._put, former, category)

    def _remove(self, ids: Sequence[CategoryId]) -> Back:
        for category_id in ids:
            self._library.tagging.remove_category(category_id)
        return partial(self._restore, ids)

    def _restore(self, ids: Sequence[CategoryId]) -> Back:
        self._library.tagging.restore_categories(ids)
        return partial(self._remove, ids)

    # -- sets ----------------------------------------------------------------------------------

    def add_set(self, name: str, *, exclusive: bool = False) -> Task:
        words = self.tr("Set “%1” added").replace("%1", name)
        return self._history.do(
            words, lambda: self._make_set(CategorySet(SetId(0), name, exclusive))
        )

    def change_set(self, group: CategorySet, former: CategorySet) -> Task:
        words = self.tr("Set “%1” changed").replace("%1", group.name)
        return self._history.do(words, lambda: self._put_set(group, former))

    def remove_set(self, group: CategorySet) -> Task:
        words = self.tr("Set “%1” removed; its tags stay").replace("%1", group.name)
        return self._history.do(words, lambda: self._remove_set(group))

    def _put_set(self, group: CategorySet, former: CategorySet) -> Back:
        self._library.tagging.change_set(group)
        return partial(self._put_set, former, group)

    def _make_set(self, group: CategorySet) -> Back:
        made = self._library.tagging.add_set(
            group.name,
            exclusive=group.exclusive,
            template=group.template,
            contrast=group.contrast,
        )
        return partial(self._remove_set, made)

    def _remove_set(self, group: CategorySet) -> Back:
        ids = self._library.tagging.remove_set(group.id)
        if not ids:  # an empty one has nothing that could bring it back
            return partial(self._make_set, group)
        return partial(self._restore_set, group, ids)

    def _restore_set(self, group: CategorySet, ids: Sequence[CategoryId]) -> Back:
        self._library.tagging.restore_categories(ids)
        return partial(self._remove_set, group)

    # -- runs ----------------------------------------------------------------------------------

    @property
    def at_work(self) -> bool:
        """Whether photos are being tagged."""
        return self._running is not None

    def run(self, category_ids: Sequence[CategoryId] | None = None) -> None:
        """Tag photos with the automatic categories, as a job that can be cancelled."""
        if self._running is not None:
            return
        tagging = self._library.tagging
        title = self.tr("Tagging photos")
        self._running = self._workers.start(JOBS, title, lambda: tagging.run(category_ids))
        self._running.succeeded.connect(self._tell_run)
        self._running.finished.connect(self._end_run)

    def _end_run(self) -> None:
        self._running = None
        self.answered.emit()
        self.refresh()

    def _tell_run(self, report: TagReport) -> None:
        self.run_ended.emit(report)
        added = sum(entry.added for entry in report.categories)
        suggested = sum(entry.suggested for entry in report.categories)
        if report.run_id is not None:
            words = self.tr("%Ln tag(s) put on photos", "", added)
            self._history.did(Deed(words, partial(self._roll_back, report.run_id), LANE))
        elif suggested:
            self.noticed.emit(self.tr("%Ln suggestion(s) wait for you", "", suggested), "", None)
        elif report.categories:
            self.noticed.emit(self.tr("Every photo has its tags already."), "", None)

    def roll_back(self, run: TagRun) -> Task:
        """Take back exactly what a run did."""
        tagging = self._library.tagging
        task = self._workers.start(LANE, "", lambda: tagging.roll_back(run.id))
        held = self.tr("%Ln tag(s) taken back", "", run.held)
        task.succeeded.connect(lambda: self.noticed.emit(held, "", None))
        return self._watched(task)

    def _roll_back(self, run_id: TagRunId) -> None:
        self._library.tagging.roll_back(run_id)

    def follow_index(self) -> None:
        """Indexing has settled: new photos get their tags, and the figures are new."""
        tagging = self._library.tagging
        task = self._workers.start("index", "", tagging.new_photos)
        task.succeeded.connect(self._tell_new)
        self.refresh()

    def _tell_new(self, report: TagReport) -> None:
        added = sum(entry.added for entry in report.categories)
        if report.run_id is not None and added:
            run_id = report.run_id
            tagging = self._library.tagging
            self.noticed.emit(
                self.tr("New photos: %Ln tag(s) put on them", "", added),
                self.tr("Take back"),
                lambda: self.ask(lambda _: tagging.roll_back(run_id)),
            )

    @property
    def automatic(self) -> bool:
        """Whether there is a category that tags by itself."""
        return any(category.mode is Mode.AUTOMATIC for category in self.seen.categories)
