"""The status bar: how many photos, what is selected, what is running, how large thumbnails are."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSlider,
    QStatusBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.jobs import Progress, Skipped
from engine.types import Counts, ModelSource, ModelStatus
from gui import facts, icons, theme
from gui.labels import ElidedLabel, FittingLabel, plain_text, text_label, tooltip_text
from gui.pace import Pace, time_left_text

if TYPE_CHECKING:
    from gui.workers import Task

PHOTOS, BYTES = "photos", "bytes"
_NOTICE_MS = 10_000
_TEXT_EVERY_S = 1.0  # figures that change faster cannot be read
MIN_THUMBNAIL, MAX_THUMBNAIL = 96, 256


class JobRow(QWidget):
    """One running task: what it does, how far it is, pause and cancel.

    Signals:
        closed(): the task has finished, whatever the outcome.
    """

    closed = Signal()

    def __init__(self, task: Task, unit: str = PHOTOS, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._task = task
        self._unit = unit
        self._pace = Pace()
        self._last: Progress | None = None
        self._told_at = 0.0
        self._skipped = 0

        self.label = FittingLabel()
        theme.mark(self.label, role="muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(96)
        self.bar.setRange(0, 0)
        self.bar.setAccessibleName(task.title)
        self.pause_button = _button("pause", self.tr("Pause"))
        self.cancel_button = _button("cancel", self.tr("Cancel"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.label, 1)
        row.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignVCenter)
        buttons = QHBoxLayout()
        buttons.setSpacing(0)
        buttons.addWidget(self.pause_button)
        buttons.addWidget(self.cancel_button)
        row.addLayout(buttons)

        self.pause_button.clicked.connect(self._toggle)
        self.cancel_button.clicked.connect(self._cancel)
        task.progressed.connect(self._progress)
        task.skipped.connect(self._skip)
        task.paused_changed.connect(self._show_paused)
        task.finished.connect(self.closed)
        self._show_paused()

    @property
    def text(self) -> str:
        """What is said of the task at present."""
        return self.label.text()

    def _toggle(self) -> None:
        if self._task.paused:
            self._task.resume()
        else:
            self._task.pause()

    def _cancel(self) -> None:
        self._task.cancel()
        self.pause_button.setEnabled(False)
        self.cancel_button.setEnabled(False)
        self._say(self.tr("%1: stopping").replace("%1", self._title()))

    def _show_paused(self) -> None:
        paused = self._task.paused
        self._pace.restart()
        self.pause_button.setIcon(icons.icon("play" if paused else "pause"))
        words = self.tr("Resume") if paused else self.tr("Pause")
        self.pause_button.setToolTip(words)
        self.pause_button.setAccessibleName(words)
        self._tell()

    def _progress(self, progress: Progress) -> None:
        now = time.monotonic()
        stage = self._last is None or progress.note != self._last.note
        if stage:
            self._pace.restart()
        self._last = progress
        self._pace.add(progress.done, progress.total, now)
        if progress.total:
            # The bar counts in thousandths: Qt's ranges are 32 bits, downloads are not.
            self.bar.setRange(0, 1000)
            self.bar.setValue(min(1000, progress.done * 1000 // progress.total))
        else:
            self.bar.setRange(0, 0)
        if stage or now - self._told_at >= _TEXT_EVERY_S or progress.done == progress.total:
            self._told_at = now
            self._tell()

    def _skip(self, _skipped: Skipped) -> None:
        self._skipped += 1
        self.setToolTip(self.tr("%Ln file(s) could not be read; see Problems", "", self._skipped))

    def _title(self) -> str:
        note = self._last.note if self._last else ""
        return plain_text(note or self._task.title)

    def _tell(self) -> None:
        title = self._title()
        if self._task.paused:
            amount = self._amount(self._last) if self._last else ""
            self._say(" · ".join(filter(None, (title, amount, self.tr("paused")))), title)
            return
        if self._last is None:
            self._say(title)
            return
        amount, rate, left = self._amount(self._last), self._rate(), self._left()
        wordings = (
            (title, amount, rate, left),
            (title, amount, left),
            (amount, left),
            (left or amount or title,),
        )
        self._say(*(" · ".join(filter(None, parts)) for parts in wordings))

    def _amount(self, progress: Progress) -> str:
        locale = QLocale()
        if self._unit == BYTES:
            done = facts.size_text(progress.done)
            whole = facts.size_text(progress.total) if progress.total else ""
        else:
            done = locale.toString(progress.done)
            whole = locale.toString(progress.total) if progress.total else ""
        if whole:
            return self.tr("%1 of %2").replace("%1", done).replace("%2", whole)
        return done if progress.done else ""

    def _rate(self) -> str:
        rate = self._pace.rate()
        if rate is None:
            return ""
        if self._unit == BYTES:
            return self.tr("%1/s").replace("%1", facts.size_text(int(rate)))
        number = QLocale().toString(rate, "f", 0 if rate >= 10 else 1)
        return self.tr("%1 photos/s").replace("%1", number)

    def _left(self) -> str:
        left = self._pace.seconds_left()
        return "" if left is None else time_left_text(left)

    def _say(self, *wordings: str) -> None:
        self.label.set_wordings(list(wordings))


class StatusBar(QStatusBar):
    """Quiet line at the bottom of the window.

    Signals:
        thumbnail_size_changed(int): the slider moved; pixels.
        models_wanted(): the user wants a better model than the one in use.
    """

    thumbnail_size_changed = Signal(int)
    models_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts: Counts | None = None
        self._selected = 0
        self._rows: list[JobRow] = []
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
        self.notice_close = _button("close", self.tr("Dismiss"))
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

    def set_model(self, status: ModelStatus) -> None:
        """Say, in plain words, when searching is worth less than it could be."""
        words, button = "", self.tr("Get CLIP")
        if not status.ready and status.reason:
            words, button = status.reason, self.tr("Models…")
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

    # ---- notices ------------------------------------------------------------------------------

    def show_notice(
        self, text: str, action_text: str = "", action: Callable[[], None] | None = None
    ) -> None:
        """Say something once, for ten seconds; it waits for the mouse to leave it.

        Args:
            text: one sentence; shown plain.
            action_text: what the button beside it says, such as "Undo"; none without it.
            action: what the button does.
        """
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
        self._show_jobs()

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


def _button(icon: str, words: str) -> QToolButton:
    button = QToolButton()
    button.setIcon(icons.icon(icon))
    button.setToolTip(words)
    button.setAccessibleName(words)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button


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
