"""A hasty user on the real window: every page, any key, any button, and no photo is lost."""

from __future__ import annotations

import hashlib
import random
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt, QTimer
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QComboBox,
    QDialog,
    QFileDialog,
    QLineEdit,
    QMenu,
    QSlider,
    QWidget,
)
from pytestqt.qtbot import QtBot

from gui import acts, photo_menu
from gui.app import DEMO_PHOTOS, Desk

SEED = 4
STEPS = 250
WITHIN_S = 20.0
Key = Qt.Key
NONE = Qt.KeyboardModifier.NoModifier
KEYS = [
    Key.Key_Left, Key.Key_Right, Key.Key_Up, Key.Key_Down, Key.Key_Home, Key.Key_End, Key.Key_Tab,
    Key.Key_Return, Key.Key_Escape, Key.Key_Space, Key.Key_Delete, Key.Key_F2, Key.Key_Menu,
    Key.Key_Y, Key.Key_N, Key.Key_P, Key.Key_X, Key.Key_U, Key.Key_5, Key.Key_0, Key.Key_T,
    Key.Key_C, Key.Key_B, Key.Key_I, Key.Key_Z, Key.Key_D, Key.Key_E, Key.Key_H,
]  # fmt: skip
NOT = ("uit", "lose", "emo", "est", "YOLO", "Get ", "anguage")
"""What ends the window, or leaves the test for seconds or for the network."""


def contents(photos: Path) -> dict[Path, str]:
    """What lies in the folder, and each file's bytes."""
    files = (path for path in photos.rglob("*") if path.is_file())
    return {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def said(answer: object) -> Callable[..., object]:
    """Instead of what would leave the window."""
    return lambda *_: answer  # pyright: ignore[reportUnknownLambdaType]


def leave(dialog: QFileDialog) -> None:
    QTimer.singleShot(0, dialog, dialog.reject)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    for number, path in enumerate(sorted(DEMO_PHOTOS.rglob("*.jpg"))[:24]):
        into = folder / f"part {number % 2}"
        into.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, into / path.name)
    return folder


@pytest.fixture
def desk(
    qtbot: QtBot, tmp_path: Path, photos: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Desk]:
    """The window on the demo model; nothing is opened outside of it."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))  # the trash
    monkeypatch.setattr(QDesktopServices, "openUrl", said(True))
    monkeypatch.setattr(acts, "show_in_folder", said(True))
    monkeypatch.setattr(acts, "open_elsewhere", said(True))
    monkeypatch.setattr(photo_menu, "open_with", said(True))
    monkeypatch.setattr(photo_menu, "programs_for", said([]))
    monkeypatch.setattr(QFileDialog, "open", leave)
    for name in ("getOpenFileName", "getSaveFileName"):
        monkeypatch.setattr(QFileDialog, name, said(("", "")))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", said(str(photos / "part 1")))
    made = Desk(tmp_path / "library", photos, demo=True)
    qtbot.addWidget(made.window)
    made.window.resize(1200, 800)
    made.show()
    qtbot.waitUntil(lambda: made.session is not None and not made.workers.tasks, timeout=60_000)
    yield made
    made.window.close()


class Walker:
    """Does one thing after the other, also inside of the loops of dialogs and menus."""

    def __init__(self, desk: Desk, seed: int, steps: int) -> None:
        self.window = desk.window
        self.left = steps
        self.last: deque[str] = deque(maxlen=12)
        self._choice = random.Random(seed)
        self._end = time.monotonic() + WITHIN_S
        window = desk.window
        self._pages: list[Callable[[], object]] = [
            window.show_everything, window.tags.show_review, window.tags.show_categories,
            window.sorting.show, window.duplicates.show, window.detection.show_set,
            window.filing.show_trash, window.sidebar.problems_chosen.emit, self._view,
        ]  # fmt: skip
        self._tour = list(self._pages)

    def go_on(self) -> None:
        """The next step. It is asked for before, for a step may not return until a menu closes."""
        if self.left > 0 and time.monotonic() < self._end:
            self.left -= 1
            QTimer.singleShot(0, self.window, self.go_on)
            self._step(front() or self.window)
        elif (over := front()) is not None:
            QTimer.singleShot(0, self.window, self.go_on)
            over.reject() if isinstance(over, QDialog) else over.close()
        else:
            self.left = -1

    def _step(self, front: QWidget) -> None:
        choice = self._choice
        if isinstance(front, QMenu):
            self._choose(front)
        elif front is self.window and (self.left % 12 == 0 or choice.random() < 0.05):
            page = self._tour.pop() if self._tour else choice.choice(self._pages)
            self._note("page", page)
            page()
        elif front is self.window and choice.random() < 0.1:
            self._mark()
        elif choice.random() < 0.5:
            focus = QApplication.focusWidget() or front
            key, control = choice.choice(KEYS), choice.random() < 0.1
            self._note("key", key.name, control)
            QTest.keyClick(focus, key, Qt.KeyboardModifier.ControlModifier if control else NONE)
        else:
            self._touch(front)

    def _choose(self, menu: QMenu) -> None:
        found = [act for act in menu.actions() if act.isEnabled() and not named(act.text())]
        action = self._choice.choice(found) if found else None
        self._note("menu", action.text() if action else "")
        menu.close()
        if action is not None:
            action.trigger()

    def _touch(self, front: QWidget) -> None:
        kinds = (QAbstractButton, QAbstractItemView, QComboBox, QLineEdit, QSlider)
        found = [part for part in front.findChildren(QWidget)
                 if isinstance(part, kinds) and part.isVisible() and part.isEnabled()]  # fmt: skip
        if not found:
            return
        part = self._choice.choice(found)
        words = part.text() if isinstance(part, QAbstractButton) else ""
        if named(words) or named(part.accessibleName()):
            return
        self._note(type(part).__name__, words, part.accessibleName())
        if isinstance(part, QAbstractItemView):
            place = part.viewport().rect()
            across, down = (self._choice.randrange(max(1, length)) for length in
                            (place.width(), place.height()))  # fmt: skip
            QTest.mouseClick(part.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(across, down))
        elif isinstance(part, QComboBox):
            part.setCurrentIndex(self._choice.randrange(max(1, part.count())))
        elif isinstance(part, QLineEdit):
            QTest.keyClicks(part, self._choice.choice(["cat", '-"', "tag:a or (", "rating:>3"]))
        elif isinstance(part, QSlider):
            part.setValue(self._choice.randint(part.minimum(), part.maximum()))
        else:
            QTest.mouseClick(part, Qt.MouseButton.LeftButton)

    def _view(self) -> None:
        self.window.show_everything()
        ids = self.window.grid.model.ids
        if ids:
            self.window.open_viewer(self._choice.choice(ids))

    def _mark(self) -> None:
        """Something that changes photos or files, done to two of them."""
        self.window.show_everything()
        view, model = self.window.grid.view, self.window.grid.model
        if model.rowCount():
            view.go_to(self._choice.choice(model.ids))
            other = model.index(self._choice.randrange(model.rowCount()))
            view.selectionModel().select(other, QItemSelectionModel.SelectionFlag.Select)
            key = self._choice.choice([Key.Key_Delete, Key.Key_X, Key.Key_4])
            self._note("selection", key.name)
            QTest.keyClick(view, key)

    def _note(self, *what: object) -> None:
        self.last.append(" ".join(str(getattr(part, "__name__", part)) for part in what))


def front() -> QWidget | None:
    """What lies over the window."""
    return QApplication.activePopupWidget() or QApplication.activeModalWidget()


def named(words: str) -> bool:
    return any(part in words for part in NOT)


def test_nothing_breaks_and_all_files_come_back(qtbot: QtBot, desk: Desk, photos: Path) -> None:
    before = contents(photos)
    assert len(before) == 24
    walker = Walker(desk, SEED, STEPS)
    walker.go_on()
    qtbot.waitUntil(lambda: walker.left < 0, timeout=60_000)
    for task in desk.workers.tasks:
        task.resume()  # it may have pressed Pause
    qtbot.waitUntil(lambda: not desk.workers.tasks, timeout=60_000)
    assert desk.session is not None
    history = desk.session.history
    for _ in range(STEPS):
        if not history.undoable:
            break
        history.undo()
        qtbot.waitUntil(lambda: not desk.workers.tasks, timeout=30_000)
    assert contents(photos) == before, list(walker.last)
