"""Suggestions as a grid: accept, reject, skip; the next ones come, the figures follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from engine.errors import EngineError
from engine.tag_types import CategoryId, Estimate, ReviewOrder
from engine.types import PhotoId
from gui import theme
from gui.empty_state import EmptyState
from gui.engine_words import said
from gui.grid.model import GridModel, Listing
from gui.grid.pages import PageSource
from gui.labels import hairline, plain_text, text_label
from gui.review.asking import Page, Pair, ask_all, ask_one
from gui.review.bar import AnswerBar
from gui.review.view import ReviewView, Told, colour_of
from gui.session import Session
from gui.tagging.cut import CutPanel, Ranked
from gui.tagging.seen import TagsSeen
from gui.tagging.words import percent_text
from gui.workers import Task

_LIVE_MS = 80  # while the slider moves


class SuggestionsTab(QWidget):
    """Photos that wait for an answer.

    Signals: opened(PhotoId) · edit_wanted(CategoryId) · categories_wanted() ·
    photos_wanted(Category), those that carry its tag · models_wanted().
    """

    opened = Signal(object)
    edit_wanted = Signal(object)
    categories_wanted = Signal()
    photos_wanted = Signal(object)
    models_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work = session.tags
        self._seen = TagsSeen()
        self.category_id: CategoryId | None = None
        self._pairs: dict[PhotoId, Pair] = {}
        self._before: dict[PhotoId, int] = {}  # answered here, with the number of the answer
        self._number = 0
        self._skipped: set[tuple[CategoryId, PhotoId]] = set()
        self._task: Task | None = None
        self._guess: Task | None = None
        self._act: Callable[[], None] = self.categories_wanted.emit

        self.model = GridModel(self)
        self.pages = PageSource(self.model, session.workers, session.library.photos)
        self.view = ReviewView(self.model, session.thumbnails)
        self.empty = EmptyState()
        self.cut = CutPanel(session.thumbnails, 60)
        self.combo = QComboBox()
        self.combo.setAccessibleName(self.tr("Category"))
        self.combo.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.order = QComboBox()
        self.order.setAccessibleName(self.tr("Order"))
        self.order.addItem(self.tr("Most informative first"), ReviewOrder.INFORMATIVE)
        self.order.addItem(self.tr("Best first"), ReviewOrder.BEST)
        self.progress = text_label("", "muted")
        self.edit_button = theme.mark(QPushButton(self.tr("Edit")), link=True)
        self.edit_button.setToolTip(self.tr("Change the words of this category"))
        self.bar = AnswerBar()
        self._stack = QStackedWidget()
        self._stack.addWidget(self.view)
        self._stack.addWidget(self.empty)
        self._lay_out()

        self._soon = QTimer(self, singleShot=True, interval=_LIVE_MS)
        self._soon.timeout.connect(self._estimate)
        self.combo.activated.connect(self._choose)
        self.order.activated.connect(lambda: self.refresh(fresh=True))
        for asking in (self.view, self.bar):
            asking.accepted.connect(partial(self._answer, True))
            asking.rejected.connect(partial(self._answer, False))
            asking.skipped.connect(self._skip)
            asking.all_accepted.connect(self._accept_all)
        self.view.opened.connect(self.opened)
        self.view.selection_changed.connect(self._follow_selection)
        self.edit_button.clicked.connect(lambda: self.edit_wanted.emit(self.category_id))
        self.empty.acted.connect(lambda: self._act())
        self.cut.moved.connect(lambda: self._soon.start())
        self.cut.settled.connect(self._keep_cut)
        self.cut.automatic_wanted.connect(partial(self._keep_cut, None))
        self.cut.accepted.connect(self._accept_near)
        self.cut.rejected.connect(self._reject_near)
        self.cut.opened.connect(self.opened)
        self._work.seen_changed.connect(self.show_seen)
        session.photos_changed.connect(self._forget)
        self.setFocusProxy(self.view)
        self._follow_selection([])

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(24, 0, 24, 8)
        top.setSpacing(8)
        for part in (self.combo, self.edit_button, self.order):
            top.addWidget(part)
        top.addSpacing(8)
        top.addWidget(self.progress, 1)
        self._cut_area = QWidget()
        below = QVBoxLayout(self._cut_area)
        below.setContentsMargins(24, 8, 24, 8)
        below.addWidget(self.cut)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self._stack, 1)
        column.addWidget(self.bar)
        self._line = hairline()
        column.addWidget(self._line)
        column.addWidget(self._cut_area)

    # -- what is asked -------------------------------------------------------------------------

    def show_category(self, category_id: CategoryId | None) -> None:
        """Review one category, or all when None."""
        self.category_id = category_id
        self._skipped.clear()
        self._fill_combo()
        self.refresh(fresh=True)

    def show_seen(self, seen: TagsSeen) -> None:
        """Categories and figures as they are now."""
        self._seen = seen
        if self.category_id is not None and seen.category(self.category_id) is None:
            self.category_id = None
        self._fill_combo()
        if self.isVisible():
            self.refresh()

    def _forget(self, ids: frozenset[PhotoId]) -> None:
        self.model.forget(ids or self.model.ids)

    def refresh(self, *, fresh: bool = False) -> None:
        """Ask for the photos to answer; `fresh`: the user asked for something else."""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if fresh:
            self._pairs = {}
            self._before = {}
        category_id, order = self.category_id, self.order.currentData()
        skipped, number = set(self._skipped), self._number
        wanted = [c.id for c in self._seen.reviewed if self._seen.waiting(c.id)]
        if category_id is not None:
            mine = {photo_id for owner, photo_id in skipped if owner == category_id}
            task = self._work.ask(lambda tagging: ask_one(tagging, category_id, order, mine))
        else:
            task = self._work.ask(lambda tagging: ask_all(tagging, wanted, order, skipped))
        self._task = task
        task.succeeded.connect(partial(self._show, number, fresh))
        task.failed.connect(self._excuse)

    def _show(self, number: int, fresh: bool, page: Page) -> None:
        """Photos shown stay where they are; those an undo brought back come first."""
        self._task = None
        new = {
            pair.photo_id: pair
            for pair in page.pairs
            if self._before.get(pair.photo_id, 0) <= number  # answered since it was asked
        }
        returned = [id_ for id_ in new if id_ in self._before]
        kept = [id_ for id_ in self._pairs if id_ in new and id_ not in self._before]
        coming = [id_ for id_ in new if id_ not in self._before and id_ not in self._pairs]
        for photo_id in returned:
            del self._before[photo_id]
        self._pairs = {id_: new[id_] for id_ in (*returned, *kept, *coming)}
        self._tell_cells()
        had = self.model.rowCount()
        self.model.show(Listing(list(self._pairs), fresh=fresh))
        several = len(self.view.selected_ids()) > 1  # chosen since, while the answer was on its way
        if self._pairs and (fresh or not had or (returned and not several)):
            self.view.choose_row(0)
        self._show_cut(page)
        self._show_rest()

    def _excuse(self, error: Exception) -> None:
        self._task = None
        if isinstance(error, EngineError):
            self._pairs = {}
            self.model.show(Listing([]))
            self._cut_area.hide()
            self._say(said(str(error)), self.tr("Models…"), self.models_wanted.emit, "model")

    def _tell_cells(self) -> None:
        told: dict[PhotoId, Told] = {}
        for photo_id, pair in self._pairs.items():
            category = self._seen.category(pair.category_id)
            name = category.name if category is not None and self.category_id is None else ""
            colour = colour_of(category.colour if category is not None else "")
            told[photo_id] = Told(plain_text(name), colour, percent_text(pair.suggestion.score))
        self.view.tell(told)

    # -- answering -----------------------------------------------------------------------------

    def _selected(self) -> list[Pair]:
        return [self._pairs[id_] for id_ in self.view.selected_ids() if id_ in self._pairs]

    def _answer(self, accepted: bool, pairs: Sequence[Pair] | None = None) -> None:
        chosen = self._selected() if pairs is None else pairs
        if not chosen:
            return
        by_category: dict[CategoryId, list[PhotoId]] = {}
        self._number += 1
        for pair in chosen:
            by_category.setdefault(pair.category_id, []).append(pair.photo_id)
            self._before[pair.photo_id] = self._number
        self._take_out([pair.photo_id for pair in chosen])
        self._work.answer(by_category, accepted)

    def _accept_all(self) -> None:
        self._answer(True, self._sure())

    def _sure(self) -> list[Pair]:
        """Those that reach the cut; the most informative ones lie on both sides of it."""
        return [pair for pair in self._pairs.values() if pair.reaches]

    def _skip(self) -> None:
        chosen = self._selected()
        if chosen:
            self._skipped.update((pair.category_id, pair.photo_id) for pair in chosen)
            self._take_out([pair.photo_id for pair in chosen])
            self.refresh()

    def _accept_near(self, photo_id: PhotoId) -> None:
        self._answer_near(photo_id, True)

    def _reject_near(self, photo_id: PhotoId) -> None:
        self._answer_near(photo_id, False)

    def _answer_near(self, photo_id: PhotoId, accepted: bool) -> None:
        """From the strip: such a photo need not be in the grid."""
        if self.category_id is not None:
            self._number += 1
            if photo_id in self._pairs:
                self._before[photo_id] = self._number
                self._take_out([photo_id])
            self._work.answer({self.category_id: [photo_id]}, accepted)

    def _take_out(self, ids: Sequence[PhotoId]) -> None:
        """Away from the grid at once; the next photo is chosen."""
        rows = [row for row in (self.model.row_of(id_) for id_ in ids) if row is not None]
        for photo_id in ids:
            self._pairs.pop(photo_id, None)
        self.model.show(Listing(list(self._pairs), fresh=False))
        if rows:
            self.view.choose_row(min(rows))
        self._show_rest()

    # -- the cut -------------------------------------------------------------------------------

    def _show_cut(self, page: Page) -> None:
        category = self._seen.category(self.category_id)
        shown = category is not None and page.ranked is not None
        self._cut_area.setVisible(shown)
        self._line.setVisible(shown)
        if category is not None:
            self.cut.set_cut(page.threshold, own=category.threshold is not None)
            self.cut.show_ranked(page.ranked or Ranked(), page.answers)
            if not self.cut.held:
                self.cut.show_estimate(page.estimate)

    def _estimate(self) -> None:
        if self.category_id is None:
            return
        if self._guess is not None:
            self._guess.cancel()
        category_id, cut = self.category_id, self.cut.cut
        self._guess = self._work.ask(lambda tagging: tagging.estimate(category_id, cut))
        self._guess.succeeded.connect(self._take_estimate)

    def _take_estimate(self, estimate: Estimate) -> None:
        self._guess = None
        self.cut.show_estimate(estimate)

    def _keep_cut(self, threshold: float | None) -> None:
        category = self._seen.category(self.category_id)
        if category is not None and threshold != category.threshold:
            self._work.change_cut(category, threshold)

    # -- words and buttons ---------------------------------------------------------------------

    def _fill_combo(self) -> None:
        self.combo.blockSignals(True)
        self.combo.clear()
        whole = self._seen.all_waiting
        self.combo.addItem(_with_count(self.tr("All categories"), whole), None)
        for category in sorted(self._seen.reviewed, key=lambda entry: entry.name.casefold()):
            text = _with_count(plain_text(category.name), self._seen.waiting(category.id))
            self.combo.addItem(text, category.id)
        at = self.combo.findData(self.category_id) if self.category_id is not None else 0
        self.combo.setCurrentIndex(max(0, at))
        self.combo.blockSignals(False)
        self.edit_button.setVisible(self.category_id is not None)
        self._tell_progress()

    def _choose(self) -> None:
        self.show_category(self.combo.currentData())

    def _tell_progress(self) -> None:
        shown = [
            state
            for state in self._seen.states.values()
            if self.category_id in (None, state.category.id)
        ]
        accepted = sum(state.accepted for state in shown)
        rejected = sum(state.rejected for state in shown)
        if accepted or rejected:
            words = self.tr("%Ln accepted", "", accepted)
            words += " · " + self.tr("%Ln rejected", "", rejected)
        else:
            words = ""
        self.progress.setText(words)

    def _follow_selection(self, ids: Sequence[PhotoId]) -> None:
        self.bar.set_selected(len(ids))

    def _show_rest(self) -> None:
        """The grid, or why there is none."""
        count = len(self._pairs)
        self.bar.set_shown(count, len(self._sure()))
        if count:
            self._stack.setCurrentWidget(self.view)
            return
        category = self._seen.category(self.category_id)
        if self._seen.note:
            self._say(self._seen.note, self.tr("Models…"), self.models_wanted.emit, "model")
        elif not self._seen.reviewed:
            self._say(
                self.tr("There is no category that suggests photos yet."),
                self.tr("Categories…"),
                self.categories_wanted.emit,
                "categories",
            )
        elif self._skipped:
            self._say(self.tr("Only skipped photos are left."), self.tr("Show them"), self._unskip)
        elif category is not None:
            words = self.tr("Every suggestion for “%1” is answered.")
            words = words.replace("%1", plain_text(category.name))
            show = partial(self.photos_wanted.emit, category)
            self._say(words, self.tr("Show its photos"), show, "done")
        else:
            words = self.tr("Every suggestion is answered.")
            self._say(words, self.tr("Categories…"), self.categories_wanted.emit, "done")

    def _say(
        self, sentence: str, action: str, act: Callable[[], None], icon: str = "review"
    ) -> None:
        self._act = act
        self.empty.say(sentence, action, icon)
        self._stack.setCurrentWidget(self.empty)

    def _unskip(self) -> None:
        self._skipped.clear()
        self.refresh()


def _with_count(name: str, count: int) -> str:
    return f"{name}  ({count})" if count else name
