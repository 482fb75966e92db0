"""A window on photos in memory, each of one colour that tells its number."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
from fake_library import FakeLibrary, photo
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.errors import PhotoUndecodable
from engine.types import Aspect, PhotoId, RGBImage
from gui.main_window import MainWindow
from gui.session import Session
from gui.workers import Workers

if TYPE_CHECKING:
    from engine import Library

WIDE, HIGH = 3000, 2000


def colour_of(photo_id: PhotoId | int) -> QColor:
    """No two photos of a test look the same."""
    return QColor(40 + photo_id * 7 % 200, photo_id * 53 % 256, 200 - photo_id * 3 % 180)


class PictureLibrary(FakeLibrary):
    """Its pictures can be held back, or be broken."""

    def __init__(self, count: int) -> None:
        super().__init__([photo(n, width=WIDE, height=HIGH) for n in range(1, count + 1)])
        self.decoded: list[tuple[int, int | None]] = []
        self.held: dict[PhotoId, threading.Event] = {}
        self.broken: set[PhotoId] = set()
        self.tint = 0  # another one: the files were replaced

    def picture(self, photo: PhotoId | Path, max_side: int | None = None) -> RGBImage:
        assert not isinstance(photo, Path)
        photo_id = photo
        self.decoded.append((photo_id, max_side))
        if photo_id in self.held:
            assert self.held[photo_id].wait(10)
        if photo_id in self.broken:
            raise PhotoUndecodable(self.shelf[photo_id].path, "is cut short")
        known = self.shelf[photo_id]
        assert known.width
        assert known.height
        shrink = min(1.0, (max_side or 10**6) / max(known.width, known.height))
        size = (round(known.height * shrink), round(known.width * shrink), 3)
        colour = colour_of(photo_id + self.tint)
        pixels = np.empty(size, np.uint8)
        pixels[:] = (colour.red(), colour.green(), colour.blue())
        return pixels


class LookingHand:
    """What a user does with the keyboard, and what is seen."""

    def __init__(self, qtbot: QtBot, window: MainWindow, library: PictureLibrary) -> None:
        self.qtbot = qtbot
        self.window = window
        self.library = library
        self.viewer = window.viewer
        self.compare = window.looking.compare
        self.show = window.looking.show

    @property
    def front(self) -> QWidget:
        page = self.window.stack.currentWidget()
        assert page is not None
        return page

    def press(self, key: Qt.Key, *, shift: bool = False, rest: bool = True) -> None:
        """A key, wherever the focus is."""
        modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
        front = self.front
        QTest.keyClick(self.window.grid.view if front is self.window.grid else front, key, modifier)
        if rest:
            self.rest()

    def rest(self) -> None:
        """Until nothing runs that is not held back."""
        window = self.window
        held = self.library.held

        def quiet() -> bool:
            idle = window.marks.idle and window.details.idle
            return idle and (bool(held) or not window.session.workers.tasks)

        self.qtbot.waitUntil(quiet)

    def select(self, count: int) -> list[PhotoId]:
        """The first photos of the grid."""
        view = self.window.grid.view
        view.setCurrentIndex(self.window.grid.model.index(0))
        for _ in range(count - 1):
            QTest.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
        self.qtbot.waitUntil(lambda: len(self.window.marks.ids) == count)
        self.rest()
        return view.selected_ids()

    def change(self, photo_id: PhotoId, aspect: Aspect, **facts: object) -> None:
        """Something of a photo becomes another, and the grid knows."""
        changed = photo(photo_id, width=WIDE, height=HIGH)
        changed = replace(changed, **facts)  # pyright: ignore[reportArgumentType] - as `photo`
        self.library.shelf[photo_id] = changed
        self.library.announce([photo_id], aspect)
        self.qtbot.waitUntil(lambda: self.window.grid.photo(photo_id) == changed)
        self.rest()

    def colour_at(self, widget: QWidget, at: QPoint) -> QColor:
        """What is painted there."""
        return widget.grab().toImage().pixelColor(at * widget.devicePixelRatioF())

    def sharp(self, photo_id: PhotoId) -> bool:
        """Whether the viewer shows this photo and more than its preview."""
        image = self.viewer.canvas.image
        return self.viewer.photo_id == photo_id and image is not None and image.width() > 300


@contextmanager
def looking(qtbot: QtBot, workers: Workers, count: int) -> Generator[LookingHand]:
    """A window with so many photos."""
    library = PictureLibrary(count)
    session = Session(cast("Library", library), workers)
    window = MainWindow()
    qtbot.addWidget(window)
    window.resize(1100, 760)
    window.show()
    window.activateWindow()
    with qtbot.waitSignals([session.lister.listed, session.keeper.settled]):
        window.attach(session)
    hand = LookingHand(qtbot, window, library)
    hand.select(1)
    try:
        yield hand
    finally:
        for event in library.held.values():
            event.set()
        assert workers.shutdown()
        session.close()
