"""The window on a library in memory whose detector sees things of the photo's colour."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import pytest
from fake_detecting import FakeDetecting
from fake_library import FakeLibrary, photo
from pytestqt.qtbot import QtBot

from engine.types import PhotoId
from gui.detection.photo_page import PhotoPage
from gui.main_window import MainWindow
from gui.session import Session
from gui.workers import Workers

if TYPE_CHECKING:
    from engine import Library

COLOURS = ("red", "green", "blue")


@pytest.fixture
def library() -> FakeLibrary:
    """Photo 3 is red, 4 green, 5 blue, 6 red and so on."""
    return FakeLibrary([photo(n, colour=COLOURS[n % 3]) for n in range(1, 31)])


@pytest.fixture
def detecting(library: FakeLibrary) -> FakeDetecting:
    return library.detecting


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
    library.let_go()
    assert workers.shutdown()
    session.close()


@pytest.fixture
def page(qtbot: QtBot, window: MainWindow) -> PhotoPage:
    """A red photo in front."""
    window.detection.open_photo(PhotoId(3))
    qtbot.waitUntil(lambda: window.session.workers.tasks == [])
    return window.detection.photo
