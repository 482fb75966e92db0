"""The hand of a user on the page of duplicates of a window, with a library in memory."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

from fake_duplicates import FakeDuplicates
from fake_library import FakeLibrary, photo
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.duplicate_types import DuplicateClass, Edit, Proof
from engine.types import Box
from gui.duplicates.page import DuplicatesPage
from gui.duplicates.review import ReviewPane
from gui.main_window import MainWindow
from gui.session import Session
from gui.translations import install_translator
from gui.workers import Workers

if TYPE_CHECKING:
    from engine import Library

IDENTICAL, SAME, SIMILAR = (
    DuplicateClass.IDENTICAL,
    DuplicateClass.SAME_PICTURE,
    DuplicateClass.SIMILAR,
)
CROP = Proof((Edit.CROPPED, Edit.ENCODED), 0.97, part=Box(60, 40, 360, 240))


class DuplicatesHand:
    """Does what a user does on the page of duplicates."""

    def __init__(self, qtbot: QtBot, window: MainWindow, library: FakeLibrary) -> None:
        self.qtbot, self.window, self.library = qtbot, window, library
        self.fake: FakeDuplicates = library.duplicates

    @property
    def page(self) -> DuplicatesPage:
        return self.window.duplicates.page

    @property
    def review(self) -> ReviewPane:
        return self.page.review

    def rest(self) -> None:
        """Until no lane works, and no answer is on its way."""
        workers = self.window.session.workers
        self.qtbot.waitUntil(lambda: not workers.tasks, timeout=20_000)

    def show(self, kind: DuplicateClass = IDENTICAL) -> None:
        """Go to the page, its search done."""
        self.fake.found = True
        self.window.menus.duplicates.trigger()
        self.qtbot.waitUntil(lambda: self.page.work.seen.searched, timeout=20_000)
        self.choose(kind)

    def choose(self, kind: DuplicateClass) -> None:
        with self.qtbot.waitSignal(self.page.work.groups_changed, timeout=20_000):
            self.review.choose(kind)
        self.rest()

    def press(self, key: Qt.Key, *, shift: bool = False) -> None:
        """A key on the list of groups, as a user who never touches the mouse."""
        none = Qt.KeyboardModifier.NoModifier
        QTest.keyClick(self.review.list, key, Qt.KeyboardModifier.ShiftModifier if shift else none)

    def changed(self, act: Callable[[], object]) -> None:
        """Do something after which other groups are there."""
        with self.qtbot.waitSignal(self.page.work.groups_changed, timeout=20_000):
            act()
        self.rest()

    def names(self) -> list[str]:
        rows = self.review.list.rows
        return [rows.title(group) for group in rows.groups]


def the_app() -> QApplication:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    return app


MakeHand = Callable[..., DuplicatesHand]


@contextmanager
def hands(qtbot: QtBot, workers: Workers) -> Generator[MakeHand, None, None]:
    """Makes windows, and closes them in order."""
    made: list[tuple[Session, FakeLibrary, MainWindow]] = []

    def make(count: int = 12) -> DuplicatesHand:
        shelf = [photo(n, colour=("red", "green", "blue")[n % 3]) for n in range(1, count + 1)]
        library = FakeLibrary(shelf)
        fake = library.duplicates
        fake.plant(IDENTICAL, 1, 2)
        fake.plant(IDENTICAL, 3, 4, 5)
        fake.plant(SAME, 6, 7, proofs=[CROP])
        fake.plant(SAME, 8, 9)
        fake.plant(SIMILAR, 10, 11, 12)
        install_translator(the_app(), "en")  # for the plural forms
        session = Session(cast("Library", library), workers)
        window = MainWindow()
        qtbot.addWidget(window)
        window.resize(1200, 800)
        window.show()
        with qtbot.waitSignals([session.lister.listed, session.keeper.settled]):
            window.attach(session)
        made.append((session, library, window))
        hand = DuplicatesHand(qtbot, window, library)
        hand.rest()
        return hand

    yield make
    for session, library, window in made:
        library.let_go()
        window.close()
        assert workers.shutdown()
        session.close()
