"""The inspector's part about marks: stars, flags, the heart and the caption, all to be changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QVBoxLayout, QWidget

from engine.mark_types import Flag, Marks
from engine.types import PhotoId
from gui import icons, theme
from gui.job_row import tool_button
from gui.labels import text_label
from gui.marking.actions import MOST_STARS
from gui.marking.badges import star_icon
from gui.marking.caption import CaptionField

_STAR = 16
_NOTHING = Marks()


class MarkSection(QWidget):
    """Marks of what is inspected. Of several photos, what all of them have.

    Signals: rated(int) · flagged(Flag) · favoured() · captioned(list[PhotoId], str) ·
    left(), the caption was written or given up.
    """

    rated = Signal(int)
    flagged = Signal(object)
    favoured = Signal()
    captioned = Signal(object, str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ids: Sequence[PhotoId] = ()
        self._rating = 0
        self._flag: Flag | None = Flag.NONE
        self.stars = [theme.mark(QToolButton(), tight=True) for _ in range(MOST_STARS)]
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for stars, button in enumerate(self.stars, 1):
            words = self.tr("%Ln star(s)", "", stars)
            button.setToolTip(f"{words} ({stars})")
            button.setAccessibleName(words)
            button.setIconSize(QSize(_STAR, _STAR))
            button.setFixedSize(21, 24)
            button.clicked.connect(partial(self._rate, stars))
            row.addWidget(button)
        row.addStretch()
        self.pick = self._button(self.tr("Pick (P)"))
        self.reject = self._button(self.tr("Reject (X)"))
        self.favourite = self._button(self.tr("Favourite (H)"))
        for button in (self.pick, self.reject, self.favourite):
            row.addWidget(button)
        self.pick.clicked.connect(lambda: self._turn(Flag.PICKED))
        self.reject.clicked.connect(lambda: self._turn(Flag.REJECTED))
        self.favourite.clicked.connect(self.favoured)
        self.source = text_label(role="muted", wrap=True)
        self.caption = CaptionField()
        self.caption.setAccessibleName(self.tr("Caption"))
        self.caption.setPlaceholderText(self.tr("Add a caption"))
        self.caption.written.connect(self._write)
        self.caption.left.connect(self.left)
        self.caption_source = text_label(self.tr("Caption from the file"), "muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 8)
        column.setSpacing(4)
        column.addLayout(row)
        for part in (self.source, self.caption, self.caption_source):
            column.addWidget(part)
        theme.notifier.changed.connect(self._paint)
        self.show_marks((), {})

    def show_marks(self, ids: Sequence[PhotoId], marks: Mapping[PhotoId, Marks]) -> None:
        """Show the marks of these photos; one that is not named has none."""
        if list(ids) != list(self._ids):
            self.caption.keep()  # what was typed belongs to the photo before
            self._ids = ids
        every = [marks.get(photo_id, _NOTHING) for photo_id in ids] or [_NOTHING]
        first = every[0]
        self._rating = first.rating if all(m.rating == first.rating for m in every) else 0
        self._flag = first.flag if all(m.flag is first.flag for m in every) else None
        self.favourite.setChecked(all(entry.favourite for entry in every))
        from_file: list[str] = []
        if any(m.rating and "rating" not in m.own for m in every):
            from_file.append(self.tr("Stars from the file"))
        if any(m.flag is not Flag.NONE and "flag" not in m.own for m in every):
            from_file.append(self.tr("Rejected in the file"))
        self.source.setText(" · ".join(from_file))
        self.source.setVisible(bool(from_file))
        self.caption.setVisible(len(ids) == 1)
        self.caption.show_text(first.caption)
        told = len(ids) == 1 and first.caption and "caption" not in first.own
        self.caption_source.setVisible(bool(told))
        self._paint()

    def _paint(self) -> None:
        ratio = self.devicePixelRatioF()
        for at, button in enumerate(self.stars):
            button.setIcon(QIcon(star_icon(at < self._rating, _STAR, ratio)))
        picked, rejected = self._flag is Flag.PICKED, self._flag is Flag.REJECTED
        self.pick.setChecked(picked)
        self.reject.setChecked(rejected)
        for button, name in (
            (self.pick, "flag"),
            (self.reject, "reject"),
            (self.favourite, "heart"),
        ):
            full = button.isChecked()
            button.setIcon(icons.icon(f"{name}-fill" if full else name, muted=not full))

    def _button(self, words: str) -> QToolButton:
        button = theme.mark(tool_button("flag", words), tight=True)
        button.setIconSize(QSize(_STAR, _STAR))
        button.setCheckable(True)
        button.setFixedSize(26, 24)
        return button

    def _rate(self, stars: int, _on: bool = False) -> None:
        self.rated.emit(0 if stars == self._rating else stars)  # the same again takes them away

    def _turn(self, flag: Flag) -> None:
        self.flagged.emit(Flag.NONE if self._flag is flag else flag)

    def _write(self, words: str) -> None:
        if len(self._ids) == 1:
            self.captioned.emit(list(self._ids), words)
