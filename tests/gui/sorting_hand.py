"""The hand of a user on the sorting page of a window, with a library in memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from fake_library import FakeLibrary, photo
from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from gui.main_window import MainWindow
from gui.session import Session
from gui.sorting.draft import Preview
from gui.sorting.page import SortingPage
from gui.workers import Workers

if TYPE_CHECKING:
    from engine import Library

COLOURS = ("red", "green", "blue", "grey")


class Hand:
    """Does what a user does on the sorting page."""

    def __init__(self, qtbot: QtBot, window: MainWindow, library: FakeLibrary) -> None:
        self.qtbot, self.window, self.library = qtbot, window, library
        self.page: SortingPage = window.sorting.page

    def rest(self) -> None:
        self.qtbot.waitUntil(lambda: not self.window.session.workers.tasks, timeout=20_000)

    def rule(self) -> None:
        self.window.sorting.show()
        self.qtbot.waitUntil(lambda: len(self.page.rule.categories.known) == 2, timeout=20_000)
        self.page.show_rule()
        self.page.rule.categories.choose({"red", "green"})
        self.page.rule.set_folder(Path("/target"))

    def plan(self) -> Preview:
        self.rule()
        with self.qtbot.waitSignal(self.page.work.previewed, timeout=20_000):
            self.page.rule.plan_button.click()
        self.rest()
        return self.preview

    @property
    def preview(self) -> Preview:
        assert self.page.work.preview is not None
        return self.page.work.preview

    def changed(self, act: Callable[[], object]) -> Preview:
        with self.qtbot.waitSignal(self.page.work.previewed, timeout=20_000):
            act()
        self.rest()
        return self.preview

    def ended(self, act: Callable[[], object]) -> None:
        with self.qtbot.waitSignal(self.page.work.ended, timeout=20_000):
            act()
        self.rest()


MakeHand = Callable[..., Hand]


@contextmanager
def hands(qtbot: QtBot, workers: Workers) -> Generator[MakeHand, None, None]:
    """Makes windows, and closes them in order."""
    made: list[tuple[Session, FakeLibrary, MainWindow]] = []

    def make(count: int = 24, *, categories: bool = True) -> Hand:
        shelf = [photo(n, colour=COLOURS[n % 4]) for n in range(1, count + 1)]
        library = FakeLibrary(shelf)
        if categories:
            group = library.tagging.add_set("Colours", exclusive=True)
            for name in ("red", "green"):
                library.tagging.add_category(name, set_id=group.id)
        session = Session(cast("Library", library), workers)
        window = MainWindow()
        qtbot.addWidget(window)
        window.resize(1200, 800)
        window.show()
        with qtbot.waitSignals([session.lister.listed, session.keeper.settled]):
            window.attach(session)
        made.append((session, library, window))
        hand = Hand(qtbot, window, library)
        hand.rest()
        return hand

    yield make
    for session, library, window in made:
        library.let_go()
        window.close()
        assert workers.shutdown()
        session.close()


class Pulse(QObject):
    """Notes the longest time that the GUI thread was not there for its user."""

    def __init__(self) -> None:
        super().__init__()
        self.gaps: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer(self, interval=5)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.gaps.append((now - self._last) * 1000)
        self._last = now
