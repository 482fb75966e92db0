"""The inspector's part about things: what is boxed on the photo, from where, and what follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from engine.detection_types import DetectionRun, DetectionRunId, StoredDetection
from engine.label_colours import label_colours
from engine.query import filter_text
from engine.types import Filter, PhotoId
from gui import theme
from gui.detection.box_acts import BoxSpot
from gui.detection.scene import Thing
from gui.detection.words import BoxWords
from gui.job_row import tool_button
from gui.labels import ElidedLabel, PathLink, plain_text, text_label
from gui.session import Session
from gui.tagging.dots import dot_icon
from gui.tagging.words import percent_text
from gui.workers import Task

_QUIET_MS = 80
_MOST = 8  # things that are told before one asks for the rest


@dataclass(frozen=True, slots=True)
class PhotoThings:
    """What there is to say of one photo: its boxes, and the runs that found some of them."""

    photo_id: PhotoId
    kept: tuple[StoredDetection, ...]
    runs: Mapping[DetectionRunId, DetectionRun]


class DetectionSection(QWidget):
    """Things on the photo that is inspected; hidden where there are none.

    Signals: pointed(PhotoId, ThingKey | None), the mouse or the focus is on its row ·
    chosen(PhotoId, ThingKey), its box is to be shown · similar_wanted(BoxSpot) ·
    search_wanted(str), photos with such a thing.
    """

    pointed = Signal(object, object)
    chosen = Signal(object, object)
    similar_wanted = Signal(object)
    search_wanted = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._photo_id: PhotoId | None = None
        self._shown: PhotoThings | None = None
        self._task: Task | None = None
        self._all = False  # the user asked for the rest of a long list
        self._words = BoxWords()
        self._quiet = QTimer(self, singleShot=True, interval=_QUIET_MS)
        self._quiet.timeout.connect(self._ask)
        self.heading = text_label("", "muted")
        self.rows: list[ThingRow] = []
        self._rows = QVBoxLayout()
        self._rows.setSpacing(2)
        self.more_button = theme.mark(QPushButton(), link=True)
        self.more_button.clicked.connect(self._show_all)
        self.body = QWidget()
        column = QVBoxLayout(self.body)
        column.setContentsMargins(0, 4, 0, 8)
        column.setSpacing(4)
        column.addWidget(self.heading)
        column.addLayout(self._rows)
        column.addWidget(self.more_button)
        outer = QVBoxLayout(self)  # takes no room while there is nothing to say
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.body)
        self.body.hide()

    def show_photo(self, photo_id: PhotoId | None) -> None:
        """Say what is boxed on this photo."""
        if photo_id != self._photo_id:
            self._photo_id = photo_id
            self._shown = None
            self._all = False
            self.body.hide()
            self._fill(None)
        self._quiet.start()

    def follow(self, ids: frozenset[PhotoId]) -> None:
        """Boxes of these are others now; empty: of any."""
        if self._photo_id is not None and (not ids or self._photo_id in ids):
            self._quiet.start()

    @property
    def idle(self) -> bool:
        """Whether it shows what is known."""
        return self._task is None and not self._quiet.isActive()

    def _ask(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None
        photo_id, detecting = self._photo_id, self._session.library.detecting
        if photo_id is None or not self.isVisible():
            return

        def look() -> PhotoThings:
            kept = tuple(detecting.of_photo(photo_id))
            wanted = {entry.run_id for entry in kept}
            runs = detecting.runs() if wanted - {None} else []
            return PhotoThings(photo_id, kept, {run.id: run for run in runs if run.id in wanted})

        task = self._task = self._session.workers.start("page", "", look)
        task.succeeded.connect(self._show)
        task.finished.connect(partial(self._forget, task))

    def _forget(self, task: Task) -> None:
        if task is self._task:
            self._task = None

    def _show(self, told: PhotoThings) -> None:
        if told.photo_id == self._photo_id and told != self._shown:
            self._shown = told
            self._fill(told)

    def _show_all(self) -> None:
        self._all = True
        self._fill(self._shown)
        if len(self.rows) > _MOST:
            self.rows[_MOST].link.setFocus()

    def _fill(self, told: PhotoThings | None) -> None:
        for row in self.rows:
            self._rows.removeWidget(row)
            row.hide()
            row.deleteLater()
        kept = told.kept if told is not None else ()
        shown = kept if self._all else kept[:_MOST]
        colours = label_colours(entry.label for entry in kept)
        self.rows = [self._row(entry, told, colours) for entry in shown] if told else []
        for row in self.rows:
            self._rows.addWidget(row)
        left = len(kept) - len(shown)
        self.heading.setText(self.tr("%Ln thing(s)", "", len(kept)))
        self.more_button.setText(self.tr("%Ln more", "", left))
        self.more_button.setAccessibleName(self.tr("Show %Ln more thing(s)", "", left))
        self.more_button.setVisible(left > 0)
        self.body.setVisible(bool(kept))

    def _row(
        self, entry: StoredDetection, told: PhotoThings, colours: Mapping[str, str]
    ) -> ThingRow:
        run = told.runs.get(entry.run_id) if entry.run_id is not None else None
        thing = Thing(entry.label, entry.score, entry.box, entry.id)
        row = ThingRow(thing, colours.get(entry.label, ""), *self._words.source(entry, run))
        photo_id, key = told.photo_id, thing.key
        spot = BoxSpot(photo_id, entry.box, entry.label)
        query = filter_text(Filter("detected", "=", entry.label))
        row.pointed.connect(lambda on: self.pointed.emit(photo_id, key if on else None))  # pyright: ignore[reportUnknownLambdaType]
        row.link.clicked.connect(lambda: self.chosen.emit(photo_id, key))
        row.similar.clicked.connect(lambda: self.similar_wanted.emit(spot))
        row.others.clicked.connect(lambda: self.search_wanted.emit(query))
        return row


class ThingRow(QWidget):
    """One thing. Signals: pointed(bool), the mouse or the focus came or went."""

    pointed = Signal(bool)

    def __init__(self, thing: Thing, colour: str, source: str, tip: str) -> None:
        super().__init__()
        name = plain_text(thing.label)
        score = percent_text(thing.score) if thing.score is not None else ""
        dot = QLabel()
        dot.setPixmap(dot_icon(colour).pixmap(16, 16))
        self.link = PathLink(Path(thing.label), name)
        self.link.setToolTip(self.tr("Show its box on the photo"))
        self.link.setAccessibleName(", ".join(part for part in (name, score, source) if part))
        self.link.installEventFilter(self)
        told = theme.mark(ElidedLabel(source, mode=Qt.TextElideMode.ElideRight), role="muted")
        self.setToolTip(tip)
        self.similar = tool_button("similar", self.tr("Find photos like this “%1”"))
        self.others = tool_button("search", self.tr("Find all photos with “%1”"))
        for button in (self.similar, self.others):
            words = button.toolTip().replace("%1", name)
            button.setToolTip(words)
            button.setAccessibleName(words)
        above = QHBoxLayout()
        above.setSpacing(6)
        above.addWidget(self.link, 1)
        above.addWidget(text_label(score, "muted"))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addLayout(above)
        words.addWidget(told)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(dot)
        row.addLayout(words, 1)
        row.addWidget(self.similar)
        row.addWidget(self.others)

    def enterEvent(self, event: QEnterEvent) -> None:
        self.pointed.emit(True)
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit(False)
        super().leaveEvent(event)

    def eventFilter(self, watched: object, event: QEvent) -> bool:  # pyright: ignore[reportIncompatibleMethodOverride]
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.pointed.emit(event.type() == QEvent.Type.FocusIn)
        return False
