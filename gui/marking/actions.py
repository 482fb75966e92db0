"""What can be said of photos, as actions with keys for the menu bar and the context menu."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from engine.mark_types import Flag
from gui import icons
from gui.shortcuts import sequences

if TYPE_CHECKING:
    from gui.main_window import MainWindow

MOST_STARS = 5


class MarkActions(QObject):
    """Works on the grid and in the viewer only; other pages use the same keys for their own.

    Signals: rated(int), stars · flagged(Flag) · favoured(), turned over.
    """

    rated = Signal(int)
    flagged = Signal(object)
    favoured = Signal()

    def __init__(self, window: MainWindow, menu: QMenu) -> None:
        super().__init__(window)
        self._window = window
        self.stars = [
            self._add(
                self.tr("&No stars") if stars == 0 else self.tr("%Ln star(s)", "", stars),
                f"rate {stars}",
                "star" if stars == 0 else "star-fill",
            )
            for stars in range(MOST_STARS + 1)
        ]
        for stars, action in enumerate(self.stars):
            action.triggered.connect(partial(self._rate, stars))
        self.pick = self._add(self.tr("&Pick"), "pick", "flag-fill")
        self.reject = self._add(self.tr("Re&ject"), "reject", "reject-fill")
        self.unflag = self._add(self.tr("&Neither picked nor rejected"), "unflag", "flag")
        self.favourite = self._add(self.tr("&Favourite"), "favourite", "heart-fill")
        self.pick.triggered.connect(partial(self._flag, Flag.PICKED))
        self.reject.triggered.connect(partial(self._flag, Flag.REJECTED))
        self.unflag.triggered.connect(partial(self._flag, Flag.NONE))
        self.favourite.triggered.connect(self._favour)
        self.add_to(menu)
        self.set_enabled(False)

    def add_to(self, menu: QMenu) -> None:
        """Offer them in a menu, the stars in one of their own."""
        stars = menu.addMenu(icons.icon("star"), self.tr("&Rating"))
        stars.addActions(self.stars)
        menu.addActions([self.pick, self.reject, self.unflag, self.favourite])

    def set_enabled(self, enabled: bool) -> None:
        """Whether there are photos in front that they mean."""
        for action in (*self.stars, self.pick, self.reject, self.unflag, self.favourite):
            action.setEnabled(enabled)

    def _add(self, text: str, keys: str, icon: str) -> QAction:
        action = QAction(icons.icon(icon), text, self)
        action.setShortcuts(sequences(keys))
        action.setIconVisibleInMenu(True)
        self._window.addAction(action)  # keys work in full screen too, without a menu bar
        return action

    def _rate(self, stars: int, _on: bool = False) -> None:
        self.rated.emit(stars)

    def _flag(self, flag: Flag, _on: bool = False) -> None:
        self.flagged.emit(flag)

    def _favour(self) -> None:
        self.favoured.emit()
