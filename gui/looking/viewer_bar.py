"""The bar above a large photo: its name and facts, and the buttons for what one does with it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QWidget

from engine.types import Photo
from gui import facts, icons, theme
from gui.labels import ElidedLabel, plain_text

_WIDE = 900  # with facts beside the name
_NARROW = 720  # what has a key or a place in the menu as well gives way to the name


class ViewerBar(QWidget):
    """Only lays out and shows; the viewer connects the buttons."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.mark(self, region="panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._name = ElidedLabel()
        self._facts = theme.mark(QLabel(), role="muted")
        self._facts.setTextFormat(Qt.TextFormat.PlainText)
        self._place = theme.mark(QLabel(), role="muted")
        self._zoom = theme.mark(QLabel(), role="muted")
        self._zoom.setMinimumWidth(48)
        self._zoom.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.back = bar_button("close", self.tr("Back to the grid (Esc)"))
        self.previous = bar_button("previous", self.tr("Previous photo (Left)"))
        self.following = bar_button("next", self.tr("Next photo (Right)"))
        self.smaller = bar_button("zoom-out", self.tr("Zoom out (-)"))
        self.larger = bar_button("zoom-in", self.tr("Zoom in (+)"))
        self.fit = bar_button("fit", self.tr("Fit or 100 % (Z)"))
        self.show_button = bar_button("slideshow", self.tr("Slideshow (F5)"))
        self.compare = bar_button("side-by-side", self.tr("Compare with the next photo (C)"))
        self.things = bar_button("boxes", self.tr("Find things (Ctrl+B)"))
        self.part = bar_button("draw", self.tr("Search with a part (R)"))
        self.full = bar_button("full-screen", self.tr("Full screen (F)"))
        self.more = bar_button("more", self.tr("More"))
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._aside = (
            self.smaller,
            self.larger,
            self.things,
            self.part,
            self.compare,
            self.show_button,
        )
        menu = QMenu(self)
        for button in self._aside:
            action = menu.addAction(button.icon(), button.toolTip())
            action.triggered.connect(partial(_press, button))
        self.more.setMenu(menu)
        self.more.hide()
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(4)
        row.addWidget(self.back)
        row.addSpacing(8)
        row.addWidget(self._name, 1)
        row.addWidget(self._facts)
        row.addSpacing(12)
        row.addWidget(self._place)
        row.addSpacing(8)
        row.addWidget(self.previous)
        row.addWidget(self.following)
        row.addSpacing(8)
        row.addWidget(self._zoom)
        for button in (self.smaller, self.larger, self.fit):
            row.addWidget(button)
        row.addSpacing(8)
        for button in (
            self.things,
            self.part,
            self.compare,
            self.show_button,
            self.more,
            self.full,
        ):
            row.addWidget(button)

    def tell_photo(self, photo: Photo | None) -> None:
        """Its name, when it was taken and how large it is."""
        self._name.setText(plain_text(photo.name) if photo else "")
        words = [facts.date_text(photo.taken_at), facts.file_text(photo)] if photo else []
        self._facts.setText(" · ".join(part for part in words if part))

    def tell_place(self, words: str) -> None:
        """Where in the list."""
        self._place.setText(words)

    def tell_zoom(self, words: str) -> None:
        self._zoom.setText(words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < _NARROW
        self._facts.setVisible(self.width() >= _WIDE)
        for button in self._aside:
            button.setVisible(not narrow)
        self.more.setVisible(narrow)


def _press(button: QToolButton, _on: bool = False) -> None:
    button.click()


def bar_button(icon: str, words: str) -> QToolButton:
    """A flat button that is only an icon; the words are its tooltip and its spoken name."""
    button = QToolButton()
    button.setIcon(icons.icon(icon))
    button.setIconSize(QSize(18, 18))
    button.setAutoRaise(True)
    button.setToolTip(words)
    button.setAccessibleName(words)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button
