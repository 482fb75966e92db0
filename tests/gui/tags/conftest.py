"""The window on a library in memory whose categories are colours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import pytest
from fake_library import FakeLibrary, photo
from fake_tagging import FakeTagging
from pytestqt.qtbot import QtBot

from engine.tag_types import Category
from gui.main_window import MainWindow
from gui.session import Session
from gui.workers import Workers

if TYPE_CHECKING:
    from engine import Library

COLOURS = ("red", "green", "blue")


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary([photo(n, colour=COLOURS[n % 3]) for n in range(1, 61)])


@pytest.fixture
def tagging(library: FakeLibrary) -> FakeTagging:
    return library.tagging


@pytest.fixture
def window(qtbot: QtBot, workers: Workers, library: FakeLibrary) -> Iterator[MainWindow]:
    session = Session(cast("Library", library), workers)
    made = MainWindow()
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    with qtbot.waitSignals([session.lister.listed, session.keeper.settled]):
        made.attach(session)
    qtbot.waitUntil(lambda: workers.tasks == [])
    yield made
    assert workers.shutdown()
    session.close()


@pytest.fixture
def red(qtbot: QtBot, window: MainWindow, tagging: FakeTagging) -> Category:
    """A category that finds the twenty red photos."""
    made = tagging.add_category("red")
    qtbot.waitUntil(lambda: made.id in window.session.tags.seen.states)
    return made
