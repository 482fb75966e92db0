"""The status bar: how many photos, what is selected, what is running, how large thumbnails are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QSlider,
    QStatusBar,
    QVBoxLayout,
    QWidget,
)

from engine.types import Counts, ModelSource, ModelStatus, SpaceStatus
from gui import theme
from gui.engine_words import said
from gui.job_row import BYTES, PHOTOS, JobRow, Purpose, tool_button
from gui.labels import ElidedLabel, plain_text, short_title, text_label, tooltip_text

if TYPE_CHECKING:
    from gui.workers import Task

__all__ = ["BYTES", "MAX_THUMBNAIL", "MIN_THUMBNAIL", "PHOTOS", "StatusBar"]

_NOTICE_MS = 10_000
MIN_THUMBNAIL, MAX_THUMBNAIL = 96, 256


class StatusBar(QStatusBar):
    """Quiet line at the bottom of the window.

    Signals:
        thumbnail_size_changed(int): the slider moved; pixels.
        models_wanted(): the user wants a better model than the one in use.
        anyway_wanted(): indexing waits, and the user does not want it to.
    """

    thumbnail_size_changed = Signal(int)
    models_wanted = Signal()
    anyway_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: Counts | None = None
        self._selected = 0
        self._rows: list[JobRow] = []
        self._purpose: Purpose | None = None
        self.setSizeGripEnabled(False)

        self.counts_label = text_label()
        self.counts_label.setAccessibleName(self.tr("Photos in the library"))
        self.model_label = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        theme.mark(self.model_label, role="muted")
        self.model_button = theme.mark(QPushButton(), link=True)
        self.model_button.setCursor(Qt.CursorShape.PointingHandCursor)
        self._model = _row(self.model_label, self.model_button)
        self._model.hide()

        self.notice_label = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        self.notice_button = theme.mark(QPushButton(), link=True)
        self.notice_close = tool_button("close", self.tr("Dismiss"))
        self._notice = _row(self.notice_label, self.notice_button, self.notice_close)
        self._notice.hide()
        self._notice_action: Callable[[], None] | None = None
        self._notice_ends = QTimer(self, interval=_NOTICE_MS, singleShot=True)

        self._jobs = QWidget()
        self._jobs_row = QHBoxLayout(self._jobs)
        self._jobs_row.setContentsMargins(0, 0, 0, 0)
        self._jobs_row.setSpacing(4)
        self.more_button = theme.mark(QPushButton(), link=True)
        self.more_button.setAccessibleName(self.tr("More running jobs"))
        self.more_button.hide()
        self._jobs_row.addWidget(self.more_button)
        self._jobs.hide()
        self._others = _Others(self)

        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(MIN_THUMBNAIL, MAX_THUMBNAIL)
        self.slider.setSingleStep(16)
        self.slider.setPageStep(32)
        self.slider.setFixedWidth(112)
        self.slider.setValue(176)
        self.slider.setAccessibleName(self.tr("Thumbnail size"))
        self.slider.setToolTip(self.tr("Thumbnail size (Ctrl+mouse wheel)"))

        line = QHBoxLayout()
        line.setContentsMargins(12, 2, 12, 2)
        line.setSpacing(16)
        line.addWidget(self.counts_label)
        line.addWidget(self._model)
        line.addWidget(self._notice)
        line.addStretch(1)
        line.addWidget(self._jobs)
        line.addWidget(self.slider)
        whole = QWidget()
        whole.setLayout(line)
        # As high as with a job in it: the window must not jump when one begins.
        whole.setMinimumHeight(self.notice_close.sizeHint().height() + 4)
        self.addWidget(whole, 1)
        # QStatusBar gives its children no frame of their own: margins are ours.
        self.setContentsMargins(0, 0, 0, 0)

        self.slider.valueChanged.connect(self.thumbnail_size_changed)
        self.model_button.clicked.connect(lambda: self.models_wanted.emit())
        self.notice_button.clicked.connect(self._act)
        self.notice_close.clicked.connect(self._end_notice)
        self._notice_ends.timeout.connect(self._end_notice)
        self.more_button.clicked.connect(self._show_others)
        self._write_counts()

    # ---- what is there ------------------------------------------------------------------------

    def set_counts(self, counts: Counts) -> None:
        """Show how the library stands."""
        self._counts = counts
        self._write_counts()

    def set_selection(self, count: int) -> None:
        """Show how many photos are selected; 0 says nothing."""
        self._selected = count
        self._write_counts()

    def _write_counts(self) -> None:
        counts = self._counts
        if counts is None:
            self.counts_label.setText("")
            return
        parts = [self.tr("%Ln photo(s)", "", counts.photos)]
        if self._selected:
            parts.append(self.tr("%Ln selected", "", self._selected))
        if counts.not_searchable:
            parts.append(self.tr("%Ln not searchable yet", "", counts.not_searchable))
        if counts.offline:
            parts.append(self.tr("%Ln offline", "", counts.offline))
        self.counts_label.setText(" · ".join(parts))

    def set_model(self, status: ModelStatus, upcoming: SpaceStatus | None = None) -> None:
        """Say, in plain words, when searching is worth less than it could be.

        Args:
            status: of the model in use.
            upcoming: the vectors that are being made for another model.
        """
        words, button = "", self.tr("Get a better model")
        self._purpose = self._purpose_of(status, upcoming)
        for row in self._rows:
            self._tell_purpose(row)
        if self._purpose is not None:
            done, whole = map(QLocale().toString, (self._purpose.done, self._purpose.total))
            words = self.tr("%1: %2 of %3").replace("%1", self._purpose.title)
            words = words.replace("%2", done).replace("%3", whole)
            words += f" \N{EM DASH} {self._purpose.aside}" if self._purpose.aside else ""
            button = self.tr("Models…")
        elif not status.ready and status.reason:
            words, button = said(status.reason), self.tr("Models…")
        elif status.info is not None and status.info.source is ModelSource.EMBEDDED:
            words = self.tr("The demo model knows the demo's things, not the world")
        self.model_label.setText(plain_text(words))
        self.model_button.setText(button)
        self.model_button.setAccessibleName(button)
        self.model_button.setToolTip(
            self.tr(
                "Choose a model that knows the world; it is downloaded once, then works offline"
            )
        )
        self._model.setProperty("wanted", bool(words))
        self._lay_out()

    def _purpose_of(self, status: ModelStatus, upcoming: SpaceStatus | None) -> Purpose | None:
        if upcoming is None:
            return None
        title = self.tr("Preparing %1").replace("%1", short_title(upcoming.title))
        aside = ""
        if status.info is not None:
            used = short_title(status.info.title)
            aside = self.tr("search still uses %1").replace("%1", used)
        return Purpose(title, upcoming.embedded, upcoming.total, aside)

    # ---- notices ------------------------------------------------------------------------------

    def show_notice(
        self, text: str, action_text: str = "", action: Callable[[], None] | None = None
    ) -> None:
        """Say something once, for ten seconds; it waits for the mouse to leave it.

        Args:
            text: one sentence, ours or of the engine; shown plain.
            action_text: what the button beside it says, such as "Undo"; none without it.
            action: what the button does.
        """
        text = said(text)
        self.notice_label.setText(plain_text(text))
        self.notice_label.setToolTip(tooltip_text(text))
        self.notice_label.setAccessibleName(plain_text(text))
        self.notice_button.setText(action_text)
        self.notice_button.setAccessibleName(action_text)
        self.notice_button.setVisible(bool(action_text))
        self._notice_action = action
        self._notice.setProperty("wanted", True)
        self._notice_ends.start()
        self._lay_out()

    def _act(self) -> None:
        action = self._notice_action
        self._end_notice()
        if action is not None:
            action()

    def _end_notice(self) -> None:
        if self.sender() is self._notice_ends and self._notice.underMouse():
            self._notice_ends.start()
            return
        self._notice_ends.stop()
        self._notice_action = None
        self._notice.setProperty("wanted", False)
        self._lay_out()

    def _lay_out(self) -> None:
        """A notice has the place of the model's words for as long as it stands."""
        notice = bool(self._notice.property("wanted"))
        self._notice.setVisible(notice)
        self._model.setVisible(bool(self._model.property("wanted")) and not notice)
        # What is running has the room; the link alone says enough beside it.
        self.model_label.setVisible(not self._rows)

    # ---- jobs ---------------------------------------------------------------------------------

    def track(self, task: Task, unit: str = PHOTOS) -> None:
        """Show a running task until it has finished. `unit` says what its numbers count."""
        row = JobRow(task, unit)
        self._rows.append(row)
        row.closed.connect(lambda: self._drop(row))
        row.anyway_wanted.connect(self.anyway_wanted)
        self._tell_purpose(row)
        self._show_jobs()

    def _tell_purpose(self, row: JobRow) -> None:
        """What indexing is for, while another model is being prepared."""
        if row.counts_photos:
            row.set_purpose(self._purpose)

    def _drop(self, row: JobRow) -> None:
        if row in self._rows:
            self._rows.remove(row)
            row.hide()
            row.deleteLater()
            self._show_jobs()

    def _show_jobs(self) -> None:
        """The newest job in the bar, the others one click away."""
        if self._rows:
            newest = self._rows[-1]
            self._jobs_row.insertWidget(0, newest, 1)
            newest.show()
        self._others.show_rows(self._rows[:-1])
        others = len(self._rows) - 1
        self.more_button.setVisible(others > 0)
        self.more_button.setText(self.tr("%Ln more", "", max(others, 0)))
        self._jobs.setVisible(bool(self._rows))
        self._lay_out()

    def _show_others(self) -> None:
        self._others.adjustSize()
        corner = self.more_button.mapToGlobal(self.more_button.rect().topRight())
        self._others.move(corner.x() - self._others.width(), corner.y() - self._others.height() - 8)
        self._others.show()

    # ---- thumbnails ---------------------------------------------------------------------------

    def set_thumbnail_size(self, size: int) -> None:
        """Move the slider without a signal."""
        self.slider.blockSignals(True)
        self.slider.setValue(size)
        self.slider.blockSignals(False)


class _Others(QFrame):
    """A small window over the bar with the jobs that have no place in it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        theme.mark(self, role="popup")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 8, 12, 8)
        self.setMinimumWidth(420)

    def show_rows(self, rows: list[JobRow]) -> None:
        for row in rows:
            self._column.addWidget(row)
            row.show()
        if not rows:
            self.hide()


def _row(label: QLabel, *buttons: QWidget) -> QWidget:
    holder = QWidget()
    holder.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    row.addWidget(label, 0)
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    return holder
