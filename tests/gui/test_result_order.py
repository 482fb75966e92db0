"""Ranked photos in another order, weaker ones folded away, and why a photo was found, by key."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from fake_library import FakeLibrary, photo
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.query import PictureTerm
from engine.types import Box, Order, PhotoId
from gui.main_window import MainWindow
from gui.menus import RELEVANCE
from gui.searching.why import WhyPopup
from gui.session import Session
from gui.workers import Workers

if TYPE_CHECKING:
    from engine import Library


@pytest.fixture
def window(qtbot: QtBot, workers: Workers, tmp_path: Path) -> Iterator[MainWindow]:
    photos = [photo(n, colour=("red", "green", "blue")[(n - 1) % 3]) for n in range(1, 13)]
    session = Session(cast("Library", FakeLibrary(photos, folder=tmp_path)), workers)
    made = MainWindow()
    qtbot.addWidget(made)
    made.resize(1024, 700)
    made.show()
    with qtbot.waitSignals([session.lister.listed, session.keeper.settled]):
        made.attach(session)
    qtbot.waitUntil(lambda: workers.tasks == [])
    yield made
    assert workers.shutdown()
    session.close()


def search(qtbot: QtBot, window: MainWindow, text: str) -> list[int]:
    with qtbot.waitSignal(window.session.lister.listed):
        window.search_bar.search_for(text)
    return [int(i) for i in window.grid.model.ids]


def order(window: MainWindow, what: object) -> QAction:
    return next(one for one in window.menus.orders.actions() if one.data() == what)


def arrange(qtbot: QtBot, window: MainWindow, what: object) -> list[int]:
    with qtbot.waitSignal(window.session.lister.listed):
        order(window, what).trigger()
    return [int(i) for i in window.grid.model.ids]


def test_ranked_photos_are_put_in_another_order_and_the_cut_stays(
    qtbot: QtBot, window: MainWindow
) -> None:
    assert not order(window, RELEVANCE).isVisible()
    ranked = search(qtbot, window, "red")
    assert order(window, RELEVANCE).isVisible()
    assert order(window, RELEVANCE).isChecked()
    newest = arrange(qtbot, window, Order.DATE_NEWEST)
    assert newest[:4] == [10, 7, 4, 1]
    assert newest[4:] == [12, 11, 9, 8, 6, 5, 3, 2]
    assert window.grid.model.weaker_from == 4
    assert order(window, Order.DATE_NEWEST).isChecked()
    assert arrange(qtbot, window, Order.DATE_OLDEST)[:4] == [1, 4, 7, 10]
    assert arrange(qtbot, window, RELEVANCE) == ranked
    arrange(qtbot, window, Order.DATE_OLDEST)
    search(qtbot, window, "green")  # another question begins with relevance
    assert order(window, RELEVANCE).isChecked()
    with qtbot.waitSignal(window.session.lister.listed):
        window.search_bar.clear()
    assert not order(window, RELEVANCE).isVisible()
    assert order(window, Order.DATE_NEWEST).isChecked()  # browsing has its own
    assert window.session.lister.question.scope.order is Order.DATE_NEWEST


def test_a_key_folds_weaker_matches_and_another_tells_why(qtbot: QtBot, window: MainWindow) -> None:
    search(qtbot, window, "red")
    view = window.grid.view
    view.setFocus()
    view.go_to(PhotoId(1))
    QTest.keyClick(view, Qt.Key.Key_G)
    assert view.rows_shown() == 4
    assert window.menus.weaker.isEnabled()
    QTest.keyClick(view, Qt.Key.Key_G)
    assert view.rows_shown() == 12
    QTest.keyClick(view, Qt.Key.Key_W)
    qtbot.waitUntil(lambda: window.findChild(WhyPopup) is not None)
    popup = window.findChild(WhyPopup)
    assert popup is not None
    QTest.keyClick(popup, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: window.session.workers.tasks == [])
    window.search_bar.field.setFocus()
    QTest.keyClicks(window.search_bar.field, "wg")  # only letters while one types
    assert window.search_bar.text.endswith("wg")
    assert view.rows_shown() == 12
    qtbot.waitUntil(lambda: window.session.workers.tasks == [])


def test_a_picture_from_outside_of_the_library_is_shown_on_its_chip(
    qtbot: QtBot, window: MainWindow, tmp_path: Path
) -> None:
    bar = window.search_bar
    search(qtbot, window, "red")
    for box in (None, Box(0, 0, 40, 30)):
        term = PictureTerm(tmp_path / "outside.jpg", box)
        bar.add_picture(term, None, "outside.jpg")
        qtbot.waitUntil(lambda: bar.chips[-1].picture is not None)
        assert bar.chips[-1].name == "outside.jpg"
    assert len(bar.chips) == 2
    qtbot.waitUntil(lambda: window.session.workers.tasks == [])
