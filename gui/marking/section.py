"""The inspector's part about marks: stars, flags, the heart and the caption, all to be changed."""

from __future__ import annotations

from collections.abc import Sequence
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
    titled(list[PhotoId], str) · left(), the caption or title was written or given up.
    """

    rated = Signal(int)
    flagged = Signal(object)
    favoured = Signal()
    captioned = Signal(object, str)
    titled = Signal(object, str)
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
        self.title, self.caption = CaptionField(), CaptionField()
        self.title.setAccessibleName(self.tr("Title"))
        self.title.written.connect(self._write_title)
        self.caption.setAccessibleName(self.tr("Caption"))
        self.caption.written.connect(self._write)
        for field in (self.title, self.caption):
            field.left.connect(self.left)
        self.caption_source = text_label("", "muted", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 8)
        column.setSpacing(4)
        column.addLayout(row)
        for part in (self.source, self.title, self.caption, self.caption_source):
            column.addWidget(part)
        theme.notifier.changed.connect(self._paint)
        self.show_marks((), (_NOTHING,))

    def show_marks(self, ids: Sequence[PhotoId], every: Sequence[Marks]) -> None:
        """Show the marks of these photos: the different ones that there are among them."""
        if list(ids) != list(self._ids):
            self.title.keep()  # what was typed belongs to the photo before
            self.caption.keep()
            self._ids = ids
        every = list(every) or [_NOTHING]
        first = every[0]
        self._rating = first.rating if all(m.rating == first.rating for m in every) else 0
        self._flag = first.flag if all(m.flag is first.flag for m in every) else None
        self.favourite.setChecked(all(entry.favourite for entry in every))
        from_file: list[str] = []
        if any(m.rating != first.rating for m in every):
            from_file.append(self.tr("Different stars"))
        if any(m.rating and "rating" not in m.own for m in every):
            from_file.append(self.tr("Stars from the file"))
        if any(m.flag is not Flag.NONE and "flag" not in m.own for m in every):
            from_file.append(self.tr("Rejected in the file"))
        self.source.setText(" · ".join(from_file))
        self.source.setVisible(bool(from_file))
        self._show_words(every)
        self._paint()

    def _show_words(self, every: Sequence[Marks]) -> None:
        """Title and caption that all have; where they differ the fields are empty and say so."""
        one = len(self._ids) <= 1
        titles, captions = {m.title for m in every}, {m.caption for m in every}
        words = self.tr("Add a title") if one else self.tr("A title for all of them")
        self.title.setPlaceholderText(words if len(titles) == 1 else self.tr("Different titles"))
        words = self.tr("Add a caption") if one else self.tr("A caption for all of them")
        different = self.tr("Different captions")
        self.caption.setPlaceholderText(words if len(captions) == 1 else different)
        self.title.show_text(titles.pop() if len(titles) == 1 else "")
        self.caption.show_text(captions.pop() if len(captions) == 1 else "")
        told = [
            words
            for name, words in (
                ("title", self.tr("Title from the file")),
                ("caption", self.tr("Caption from the file")),
            )
            if one and getattr(every[0], name) and name not in every[0].own
        ]
        self.caption_source.setText(" · ".join(told))
        self.caption_source.setVisible(bool(told))

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
        if self._ids:
            self.captioned.emit(list(self._ids), words)

    def _write_title(self, words: str) -> None:
        if self._ids:
            self.titled.emit(list(self._ids), words)
