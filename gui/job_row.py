"""One running task in one row: what it does, how far it is, pause and cancel."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QPushButton, QToolButton, QWidget

from engine.jobs import Progress, Skipped
from gui import facts, icons, theme
from gui.engine_words import said
from gui.keeper import Held
from gui.labels import FittingLabel, plain_text
from gui.pace import Pace, time_left_text

if TYPE_CHECKING:
    from gui.workers import Task

PHOTOS, BYTES, STEPS = "photos", "bytes", "steps"
_TEXT_EVERY_S = 1.0  # figures that change faster cannot be read


@dataclass(frozen=True, slots=True)
class Purpose:
    """What a task is for, where its own title and figures would say less.

    `aside` is said after the figures where there is room.
    """

    title: str
    done: int
    total: int
    aside: str = ""


class JobRow(QWidget):
    """One running task: what it does, how far it is, pause and cancel.

    Signals:
        closed(): the task has finished, whatever the outcome.
        anyway_wanted(): it waits, and the user does not want it to.
    """

    closed = Signal()
    anyway_wanted = Signal()

    def __init__(self, task: Task, unit: str = PHOTOS, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._task = task
        self._unit = unit
        self._pace = Pace()
        self._last: Progress | None = None
        self._told_at = 0.0
        self._skipped = 0
        self._purpose: Purpose | None = None

        self.label = FittingLabel()
        theme.mark(self.label, role="muted")
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(96)
        self.bar.setRange(0, 0)
        self.bar.setAccessibleName(task.title)
        self.anyway_button = theme.mark(QPushButton(self.tr("Index now anyway")), link=True)
        self.anyway_button.setAccessibleName(self.anyway_button.text())
        self.anyway_button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.anyway_button.hide()
        self.pause_button = tool_button("pause", self.tr("Pause"))
        self.cancel_button = tool_button("cancel", self.tr("Cancel"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.label, 1)
        row.addWidget(self.anyway_button)
        row.addWidget(self.bar, 0, Qt.AlignmentFlag.AlignVCenter)
        buttons = QHBoxLayout()
        buttons.setSpacing(0)
        buttons.addWidget(self.pause_button)
        buttons.addWidget(self.cancel_button)
        row.addLayout(buttons)

        self.pause_button.clicked.connect(self._toggle)
        self.cancel_button.clicked.connect(self._cancel)
        self.anyway_button.clicked.connect(lambda: self.anyway_wanted.emit())
        task.progressed.connect(self._progress)
        task.skipped.connect(self._skip)
        task.paused_changed.connect(self._show_paused)
        task.finished.connect(self.closed)
        self._show_paused()

    @property
    def text(self) -> str:
        """What is said of the task at present."""
        return self.label.text()

    @property
    def counts_photos(self) -> bool:
        return self._unit == PHOTOS

    def set_purpose(self, purpose: Purpose | None) -> None:
        """Say what the task is for at present instead of its own title and figures."""
        if purpose != self._purpose:
            self._purpose = purpose
            self._show_share()
            self._tell()

    @property
    def held(self) -> bool:
        """Whether it waits for something outside of this program."""
        return isinstance(self._last, Held)

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
        self.anyway_button.setVisible(self.held)
        self.bar.setVisible(not self.held)
        if not self.held:
            self._pace.add(progress.done, progress.total, now)
        self._show_share()
        if stage or now - self._told_at >= _TEXT_EVERY_S or progress.done == progress.total:
            self._told_at = now
            self._tell()

    def _show_share(self) -> None:
        counted = self._purpose or self._last
        if counted is not None and counted.total:
            # The bar counts in thousandths: Qt's ranges are 32 bits, downloads are not.
            self.bar.setRange(0, 1000)
            self.bar.setValue(min(1000, counted.done * 1000 // counted.total))
        else:
            self.bar.setRange(0, 0)

    def _skip(self, _skipped: Skipped) -> None:
        self._skipped += 1
        self.setToolTip(self.tr("%Ln file(s) could not be read; see Problems", "", self._skipped))

    def _title(self) -> str:
        note = said(self._last.note) if self._last else ""
        if self._unit == BYTES:
            note = ""  # the name of a file says less than the name of the model
        if self._unit == STEPS and note:
            return f"{self._task.title}: {plain_text(note)}"
        return plain_text(note or (self._purpose.title if self._purpose else self._task.title))

    def _tell(self) -> None:
        title, amount = self._title(), self._amounts()
        aside = ""
        if self._purpose and title == plain_text(self._purpose.title):
            title = self.tr("%1: %2").replace("%1", title).replace("%2", amount)
            amount, aside = "", self._purpose.aside
        if self._task.paused:
            self._say(" · ".join(filter(None, (title, amount, self.tr("paused")))), title)
            return
        if self.held:
            self._say(" · ".join(filter(None, (title.rstrip("."), amount))), title)
            return
        rate, left = self._rate(), self._left()
        wordings = (
            (title, amount, rate, left),
            (title, amount, left),
            (amount, left) if amount else (title,),
            (left or amount or title,),
        )
        texts = [" · ".join(filter(None, parts)) for parts in wordings]
        if aside:
            texts.insert(0, f"{texts[0]} \N{EM DASH} {aside}")
            texts.insert(1, f"{title} \N{EM DASH} {aside}")
        self._say(*texts)

    def _amounts(self) -> str:
        counted = self._purpose or self._last
        return self._amount(counted) if counted is not None else ""

    def _amount(self, progress: Progress | Purpose) -> str:
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
        if rate is None or self._unit == STEPS:
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


def tool_button(icon: str, words: str) -> QToolButton:
    """A button that is only an icon; the words are its tooltip and its spoken name."""
    button = QToolButton()
    button.setIcon(icons.icon(icon))
    button.setToolTip(words)
    button.setAccessibleName(words)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
