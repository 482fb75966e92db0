"""The window with a library in memory, for the tests of its sidebar."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import pytest
from fake_library import FakeLibrary, photo
from pytestqt.qtbot import QtBot

from engine.mark_types import Spot
from gui.main_window import MainWindow
from gui.session import Session
from gui.workers import Workers

if TYPE_CHECKING:
    from engine import Library


@pytest.fixture
def library() -> FakeLibrary:
    made = FakeLibrary([photo(n) for n in range(1, 31)])
    made.found_spots = [Spot(48.86, 2.35, 10, 20), Spot(-33.87, -151.21, 5, 3)]
    return made


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
