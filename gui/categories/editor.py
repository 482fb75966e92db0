"""One category: its words, what they find, and what it does by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.errors import EngineError
from engine.tag_types import Category, CategorySet, CategoryState, Estimate, Mode
from engine.types import PhotoId
from gui import icons, theme
from gui.categories.controls import Choices, ColourButton, Lines
from gui.engine_words import said
from gui.labels import plain_text, text_label
from gui.session import Session
from gui.tagging.cut import CutPanel, Ranked
from gui.tagging.seen import TagsSeen
from gui.tagging.strip import PhotoStrip
from gui.tagging.words import stage_text
from gui.workers import Task

if TYPE_CHECKING:
    from engine.tagging import Tagging

_TYPED_MS = 250  # after the last letter
_LIVE_MS = 80  # while the slider moves
_Scores = tuple[Ranked, dict[PhotoId, bool], Estimate | None]


class CategoryEditor(QScrollArea):
    """Changes are kept when a field is left; every one of them can be undone.

    Signals: review_wanted(CategoryId) · photos_wanted(Category) · opened(PhotoId).
    """

    review_wanted = Signal(object)
    photos_wanted = Signal(object)
    opened = Signal(object)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work = session.tags
        self._saved: Category | None = None
        self._state: CategoryState | None = None

        self._task: Task | None = None
        self._guess: Task | None = None
        self._asked: object = None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)

        self.name = QLineEdit()
        self.name.setAccessibleName(self.tr("Name"))
        self.name.setPlaceholderText(self.tr("Name of the category"))
        self.colour = ColourButton()
        self.mode = Choices(
            [
                (Mode.OFF, self.tr("Off"), self.tr("It does nothing")),
                (Mode.SUGGEST, self.tr("Suggest"), self.tr("It shows photos for review")),
                (
                    Mode.AUTOMATIC,
                    self.tr("Automatic"),
                    self.tr("It tags photos by itself, new ones as they come"),
                ),
            ],
            self.tr("What it does by itself"),
        )
        self.prompts = Lines(self.tr("What its photos show, one description per line"))
        self.best = PhotoStrip(session.thumbnails, 72, asks=True)
        self.best.setAccessibleName(self.tr("The best matches"))
        self.cut = CutPanel(session.thumbnails, 56)
        self.examples = PhotoStrip(session.thumbnails, 56, changes=True)
        self.examples.setAccessibleName(self.tr("Example photos"))
        self.examples.set_hint(
            self.tr("Drag photos here, or choose “Add as example” in a photo's menu.")
        )
        self.target = QLineEdit()
        self.target.setAccessibleName(self.tr("Folder for sorting"))
        self.learning = QCheckBox(self.tr("Learn from my answers"))
        self.learned = text_label("", "muted", wrap=True)
        self.forget_button = QPushButton(icons.icon("undo"), "")
        self.forget_button.setToolTip(self.tr("Start again from the words; tags stay"))
        self.review_button = theme.mark(QPushButton(), primary=True)
        self.photos_button = QPushButton(icons.icon("photos"), "")
        self.remove_button = QPushButton(icons.icon("trash"), self.tr("Remove category"))
        self.remove_button.setToolTip(self.tr("Its tags stay on the photos"))
        self._lay_out()

        self._typed = QTimer(self, singleShot=True, interval=_TYPED_MS)
        self._typed.timeout.connect(self._preview)
        self._live = QTimer(self, singleShot=True, interval=_LIVE_MS)
        self._live.timeout.connect(self._estimate)
        self.name.textEdited.connect(lambda: self._typed.start())
        self.prompts.textChanged.connect(self._typed.start)
        self.name.editingFinished.connect(self.keep)
        self.prompts.left.connect(self.keep)
        self.target.editingFinished.connect(self.keep)
        self.colour.chosen.connect(lambda: self.keep())
        self.mode.chosen.connect(lambda: self.keep())
        self.learning.clicked.connect(lambda: self.keep())
        self.cut.moved.connect(lambda: self._live.start())
        self.cut.settled.connect(self._keep_cut)
        self.cut.automatic_wanted.connect(partial(self._keep_cut, None))
        for strip in (self.cut, self.best):
            strip.accepted.connect(self._accept)
            strip.rejected.connect(self._reject)
            strip.opened.connect(self.opened)
        self.examples.removed.connect(self._remove_example)
        self.examples.dropped.connect(self.add_examples)
        self.examples.opened.connect(self.opened)
        self.forget_button.clicked.connect(self._forget)
        self.remove_button.clicked.connect(self.remove)
        self.review_button.clicked.connect(self._review)
        self.photos_button.clicked.connect(self._show_its_photos)

    def _lay_out(self) -> None:
        page = theme.mark(QWidget(), region="canvas")
        column = QVBoxLayout(page)
        column.setContentsMargins(24, 0, 24, 24)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.colour)
        head.addWidget(self.name, 1)
        column.addLayout(head)
        column.addSpacing(4)
        column.addWidget(self.mode)
        column.addSpacing(8)
        column.addWidget(text_label(self.tr("What its photos show, one description per line")))
        column.addWidget(self.prompts)
        column.addSpacing(8)
        column.addWidget(text_label(self.tr("Best matches"), "muted"))
        column.addWidget(self.best)
        column.addSpacing(8)
        column.addWidget(self.cut)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.review_button)
        row.addWidget(self.photos_button)
        row.addStretch(1)
        column.addSpacing(8)
        column.addLayout(row)
        column.addSpacing(16)
        column.addWidget(text_label(self.tr("Example photos")))
        column.addWidget(self.examples)
        column.addSpacing(16)
        facts = QGridLayout()
        facts.setHorizontalSpacing(16)
        facts.setVerticalSpacing(8)
        facts.addWidget(text_label(self.tr("Folder for sorting")), 0, 0)
        facts.addWidget(self.target, 0, 1)
        facts.addWidget(self.learning, 1, 0)
        learned = QHBoxLayout()
        learned.addWidget(self.learned, 1)
        learned.addWidget(self.forget_button)
        facts.addLayout(learned, 1, 1)
        facts.setColumnStretch(1, 1)
        column.addLayout(facts)
        column.addSpacing(16)
        last = QHBoxLayout()
        last.addWidget(self.remove_button)
        last.addStretch(1)
        column.addLayout(last)
        column.addStretch(1)
        self.setWidget(page)

    # -- showing -------------------------------------------------------------------------------

    def show_category(self, category: Category, seen: TagsSeen) -> None:
        """Show one; what the user is typing at present is left alone."""
        same = self._saved is not None and self._saved.id == category.id
        if not same:
            self.keep()
            self.verticalScrollBar().setValue(0)
        former, self._saved = self._saved, category
        self._state = seen.states.get(category.id)
        self._note = seen.note
        if not (same and former is not None and self.name.text() != former.name):
            self.name.setText(category.name)
        if not (same and former is not None and self.prompts.lines() != former.prompts):
            self.prompts.set_lines(category.prompts)
        self._placeholders(seen.group(category.set_id))
        self.colour.set_colour(category.colour)
        self.mode.set_value(category.mode)
        if not self.target.isModified() or not same:
            self.target.setText(category.target)
        self.target.setPlaceholderText(category.name)
        self.learning.setChecked(category.learning)
        self.examples.show_photos(category.examples)
        self._tell_state()
        self._preview()

    def _placeholders(self, group: CategorySet | None) -> None:
        template = group.template if group is not None else "{}"
        name = self._saved.name if self._saved is not None else ""
        self.prompts.setPlaceholderText(template.replace("{}", plain_text(name)))

    def _tell_state(self) -> None:
        state, category = self._state, self._saved
        if category is None:
            return
        answers = state.accepted + state.rejected if state is not None else 0
        self.learned.setText(stage_text(state) if state is not None else "")
        self.forget_button.setText(self.tr("Forget %Ln answer(s)", "", answers))
        self.forget_button.setVisible(answers > 0)
        waiting = state.waiting if state is not None and category.mode is not Mode.OFF else 0
        self.review_button.setText(self.tr("Review %Ln suggestion(s)", "", waiting))
        self.review_button.setVisible(waiting > 0)
        tagged = state.tagged if state is not None else 0
        self.photos_button.setText(self.tr("Show its %Ln photo(s)", "", tagged))
        self.photos_button.setVisible(tagged > 0)
        if state is not None:
            self.cut.set_cut(state.threshold, own=category.threshold is not None)

    def focus_name(self) -> None:
        self.name.setFocus()
        self.name.selectAll()

    # -- live ----------------------------------------------------------------------------------

    def edited(self) -> Category | None:
        """The category as the fields say it."""
        if self._saved is None:
            return None
        mode = self.mode.value
        return replace(
            self._saved,
            name=" ".join(self.name.text().split()) or self._saved.name,
            prompts=self.prompts.lines(),
            mode=mode if isinstance(mode, Mode) else self._saved.mode,
            colour=self.colour.colour,
            target=self.target.text().strip(),
            learning=self.learning.isChecked(),
        )

    def _preview(self) -> None:
        """Score what is typed, before it is kept."""
        entry = self.edited()
        if entry is None:
            return
        if self._task is not None:
            self._task.cancel()

        saved = self._saved

        def score(tagging: Tagging) -> _Scores:
            answers = {a.photo_id: a.accepted for a in tagging.answers(entry.id)}
            kept = saved is not None and (entry.name, entry.prompts) == (saved.name, saved.prompts)
            estimate = tagging.estimate(entry.id) if kept else None
            return Ranked.of(tagging.preview(entry)), answers, estimate

        self._task = self._work.ask(score)
        self._task.succeeded.connect(self._show_scores)
        self._task.failed.connect(self._excuse)

    def _show_scores(self, answer: _Scores) -> None:
        ranked, answers, estimate = answer
        self._task = None
        best = ranked.best(24)
        scores = dict(zip(best, ranked.scores[::-1][:24].tolist(), strict=True))
        self.best.show_photos(best, scores, answers)
        self.cut.show_ranked(ranked, answers)
        if estimate is not None and not self.cut.held:
            self.cut.show_estimate(estimate)
        elif estimate is None:
            self.cut.show_estimate(None)

    def _excuse(self, error: Exception) -> None:
        if isinstance(error, EngineError):
            self.cut.show_ranked(Ranked())
            self.best.show_photos([])
            self.cut.show_estimate(None, said(str(error)))

    def _estimate(self) -> None:
        if self._saved is None:
            return
        if self._guess is not None:
            self._guess.cancel()
        category_id, cut = self._saved.id, self.cut.cut
        self._guess = self._work.ask(lambda tagging: tagging.estimate(category_id, cut))
        self._guess.succeeded.connect(self._take_estimate)

    def _take_estimate(self, estimate: Estimate) -> None:
        self._guess = None
        self.cut.show_estimate(estimate)

    # -- keeping -------------------------------------------------------------------------------

    def keep(self) -> None:
        """Keep what the fields say, if it differs from what is kept."""
        entry, saved = self.edited(), self._saved
        if entry is None or saved is None or entry == saved:
            return
        self._saved = entry
        self.target.setModified(False)
        task = self._work.change_category(entry, saved)
        task.failed.connect(partial(self._put_back, saved))

    def _put_back(self, saved: Category, _error: Exception) -> None:
        """It was refused; the status bar says why."""
        if self._saved is not None and self._saved.id == saved.id:
            self._saved = saved
            self.name.setText(saved.name)

    def _keep_cut(self, threshold: float | None) -> None:
        self.keep()
        if self._saved is not None and threshold != self._saved.threshold:
            former, self._saved = self._saved, replace(self._saved, threshold=threshold)
            self._work.change_cut(former, threshold)

    def _accept(self, photo_id: PhotoId) -> None:
        self._answer(photo_id, True)

    def _reject(self, photo_id: PhotoId) -> None:
        self._answer(photo_id, False)

    def _answer(self, photo_id: PhotoId, accepted: bool) -> None:
        if self._saved is not None:
            self._work.answer({self._saved.id: [photo_id]}, accepted)

    def add_examples(self, ids: Sequence[PhotoId]) -> None:
        if self._saved is not None:
            self._work.add_examples(self._saved, ids)

    def _remove_example(self, photo_id: PhotoId) -> None:
        if self._saved is not None:
            self._work.remove_example(self._saved, photo_id)

    def _forget(self) -> None:
        if self._saved is not None:
            self._work.forget_answers(self._saved)

    def remove(self) -> None:
        if self._saved is not None:
            removed, self._saved = self._saved, None
            self._work.remove_category(removed)

    def _review(self) -> None:
        if self._saved is not None:
            self.keep()
            self.review_wanted.emit(self._saved.id)

    def _show_its_photos(self) -> None:
        if self._saved is not None:  # it may have just been removed
            self.photos_wanted.emit(self._saved)
