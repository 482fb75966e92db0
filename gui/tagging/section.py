"""The inspector's part about tags: those of the photo, those suggested, and a field for more."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QVBoxLayout, QWidget

from engine.errors import ModelError
from engine.tag_types import Category, CategoryId, Mode, PhotoTag
from engine.types import PhotoId
from gui import icons, theme
from gui.job_row import tool_button
from gui.labels import ElidedLabel, PathLink, plain_text, text_label
from gui.session import Session
from gui.tagging.dots import dot_icon
from gui.tagging.popup import TagField
from gui.tagging.words import percent_text, source_text
from gui.workers import Task

if TYPE_CHECKING:
    from engine.tagging import Tagging

_QUIET_MS = 80
_SCORES = 8  # at most so many categories are told


@dataclass(frozen=True, slots=True)
class PhotoTags:
    """What there is to say of one photo. Scores are with their categories, the best first."""

    photo_id: PhotoId
    tags: tuple[PhotoTag, ...]
    scores: tuple[tuple[Category, float], ...] = ()
    suggested: frozenset[CategoryId] = frozenset()


class TagSection(QWidget):
    """Tags of the photo that is inspected.

    Signals: search_wanted(str), photos with a tag.
    """

    search_wanted = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work = session.tags
        self._photo_id: PhotoId | None = None
        self._shown: PhotoTags | None = None
        self._task: Task | None = None
        self._quiet = QTimer(self, singleShot=True, interval=_QUIET_MS)
        self._quiet.timeout.connect(self._ask)
        self.field = TagField(session.tags.seen.tags)
        self.field.setPlaceholderText(self.tr("Add a tag"))
        self.field.setAccessibleName(self.tr("Add a tag"))
        self.rows = QWidget()
        self._rows = QVBoxLayout(self.rows)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self.fold = theme.mark(QToolButton(), fold=True)
        self.fold.setCheckable(True)
        self.fold.setText(self.tr("Scores of all categories"))
        self.fold.setIcon(icons.icon("chevron-right", muted=True))
        self.fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.fold.setAccessibleName(self.fold.text())
        self.scores = QWidget()
        self._scores = QVBoxLayout(self.scores)
        self._scores.setContentsMargins(0, 0, 0, 0)
        self._scores.setSpacing(2)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 8)
        column.setSpacing(4)
        column.addWidget(text_label(self.tr("Tags"), "muted"))
        column.addWidget(self.rows)
        column.addWidget(self.field)
        column.addWidget(self.fold)
        column.addWidget(self.scores)
        self.scores.hide()
        self.fold.hide()
        self.field.returnPressed.connect(self._add)
        self.fold.toggled.connect(self._show_scores)
        self._work.seen_changed.connect(self._follow)

    def show_photo(self, photo_id: PhotoId | None) -> None:
        """Say what is known of this photo."""
        if photo_id != self._photo_id:
            self._photo_id = photo_id
            self.field.clear()
            self._shown = None
            self._fill(())
            self._fill_scores(())
        self._quiet.start()

    @property
    def idle(self) -> bool:
        """Whether it shows what is known."""
        return self._task is None and not self._quiet.isActive()

    def _follow(self) -> None:
        self.field.offer(self._work.seen.tags)
        self._quiet.start()

    def _ask(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        photo_id = self._photo_id
        if photo_id is None or not self.isVisible():
            return
        seen = self._work.seen
        cuts = {entry.id: state.threshold for entry in seen.categories
                if (state := seen.states.get(entry.id)) is not None}  # fmt: skip
        categories = [entry for entry in seen.categories if entry.mode is not Mode.OFF]

        def look(tagging: Tagging) -> PhotoTags:
            tags = tuple(tagging.tags_of(photo_id))
            try:
                scored = [
                    (entry, tagging.scores(entry.id, [photo_id]).get(photo_id, 0.0))
                    for entry in categories
                ]
            except ModelError:
                return PhotoTags(photo_id, tags)
            there = {tag.path for tag in tags}
            suggested = {
                entry.id
                for entry, score in scored
                if score >= cuts.get(entry.id, 2.0) and entry.tag not in there
            }
            refused = {
                entry
                for entry in suggested
                if any(a.photo_id == photo_id and not a.accepted for a in tagging.answers(entry))
            }
            scored.sort(key=lambda pair: -pair[1])
            return PhotoTags(photo_id, tags, tuple(scored), frozenset(suggested - refused))

        task = self._task = self._work.ask(look)
        task.succeeded.connect(self._show)
        task.finished.connect(partial(self._forget, task))

    def _forget(self, task: Task) -> None:
        if task is self._task:
            self._task = None

    def _show(self, told: PhotoTags) -> None:
        if told.photo_id != self._photo_id or told == self._shown:
            return
        self._shown = told
        rows: list[QWidget] = [self._tag_row(told.photo_id, tag) for tag in told.tags]
        for category, score in told.scores:
            if category.id in told.suggested:
                rows.append(self._suggestion_row(told.photo_id, category, score))
        self._fill(rows)
        self._fill_scores(told.scores[:_SCORES])

    def _fill(self, rows: Sequence[QWidget]) -> None:
        _empty(self._rows)
        for row in rows:
            self._rows.addWidget(row)
        self.rows.setVisible(bool(rows))

    def _fill_scores(self, scores: Sequence[tuple[Category, float]]) -> None:
        _empty(self._scores)
        for category, score in scores:
            self._scores.addWidget(_score_row(category, score))
        self.fold.setVisible(bool(scores))
        self.scores.setVisible(bool(scores) and self.fold.isChecked())

    def _show_scores(self, shown: bool) -> None:
        self.fold.setIcon(icons.icon("chevron-down" if shown else "chevron-right", muted=True))
        self.scores.setVisible(shown and self._scores.count() > 0)

    def _tag_row(self, photo_id: PhotoId, tag: PhotoTag) -> QWidget:
        name = plain_text(tag.path)
        source = source_text(tag)
        remove = tool_button("close", self.tr("Take “%1” off").replace("%1", name))
        remove.clicked.connect(lambda: self._work.untag([photo_id], tag.path))
        link = PathLink(Path(tag.path), name)
        link.setToolTip(self.tr("Show all photos with this tag"))
        quoted = f'"{tag.path}"' if " " in tag.path else tag.path
        link.clicked.connect(lambda: self.search_wanted.emit(f"tag:{quoted}"))
        return _row(tag.colour, link, source, remove)

    def _suggestion_row(self, photo_id: PhotoId, category: Category, score: float) -> QWidget:
        name = plain_text(category.name)
        words = self.tr("suggested, %1").replace("%1", percent_text(score))
        yes = tool_button("check", self.tr("Accept “%1”").replace("%1", name))
        no = tool_button("close", self.tr("Reject “%1”").replace("%1", name))
        yes.clicked.connect(lambda: self._work.answer({category.id: [photo_id]}, True))
        no.clicked.connect(lambda: self._work.answer({category.id: [photo_id]}, False))
        return _row(category.colour, ElidedLabel(name), words, yes, no)

    def _add(self) -> None:
        name = self.field.tag()
        if name and self._photo_id is not None:
            self._work.tag([self._photo_id], name)
            # The completer writes its choice into the field after Enter.
            QTimer.singleShot(0, self.field, self.field.clear)


def _row(colour: str, name: QWidget, source: str, *buttons: QToolButton) -> QWidget:
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(6)
    dot = QLabel()
    dot.setPixmap(dot_icon(colour).pixmap(16, 16))
    row.addWidget(dot)
    words = QVBoxLayout()
    words.setSpacing(0)
    words.addWidget(name)
    words.addWidget(theme.mark(ElidedLabel(source), role="muted"))
    row.addLayout(words, 1)
    for button in buttons:
        row.addWidget(button)
    holder = QWidget()
    holder.setLayout(row)
    said = name.accessibleName() or (name.text() if isinstance(name, QLabel) else "")
    holder.setAccessibleName(f"{said}, {source}")
    return holder


def _score_row(category: Category, score: float) -> QWidget:
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    row.addWidget(ElidedLabel(plain_text(category.name)), 1)
    bar = QProgressBar()
    bar.setTextVisible(False)
    bar.setRange(0, 1000)
    bar.setValue(round(score * 1000))
    bar.setFixedWidth(72)
    row.addWidget(bar)
    label = text_label(percent_text(score), "muted")
    label.setFixedWidth(label.fontMetrics().horizontalAdvance("99 %") + 4)
    row.addWidget(label)
    holder = QWidget()
    holder.setLayout(row)
    holder.setAccessibleName(f"{plain_text(category.name)}, {percent_text(score)}")
    return holder


def _empty(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
