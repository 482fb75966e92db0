"""First steps: the keyboard goes where one looks, the window fits, sentences are plain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest
from fake_library import FakeLibrary, photo
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from engine import Library
from gui.main_window import MainWindow
from gui.session import Session
from gui.workers import Workers


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary([photo(number, colour="red") for number in range(1, 20)])


@pytest.fixture
def window(qtbot: QtBot, workers: Workers, library: FakeLibrary) -> Iterator[MainWindow]:
    session = Session(cast("Library", library), workers)
    made = MainWindow()
    qtbot.addWidget(made)
    made.show()
    with qtbot.waitSignals([session.lister.listed, session.keeper.settled]):
        made.attach(session)
    qtbot.waitUntil(lambda: workers.tasks == [])
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made
    assert workers.shutdown()
    session.close()


def field(window: MainWindow) -> QLineEdit:
    found = window.search_bar.findChild(QLineEdit)
    assert found is not None
    return found


def test_enter_hands_over_to_the_photos_found(qtbot: QtBot, window: MainWindow) -> None:
    window.search_bar.focus()
    with qtbot.waitSignal(window.session.lister.listed):
        QTest.keyClicks(field(window), "red")
    assert field(window).hasFocus()  # while one types nothing is taken away
    with qtbot.waitSignal(window.session.lister.listed):
        QTest.keyClick(field(window), Qt.Key.Key_Return)
    window.activateWindow()  # without a display the list of completions has taken that
    qtbot.waitUntil(lambda: QApplication.focusWidget() is window.grid.view)
    assert window.grid.view.selected_ids() == [window.grid.model.id_at(0)]
    QTest.keyClick(window.grid.view, Qt.Key.Key_Right)
    QTest.keyClick(window.grid.view, Qt.Key.Key_Return)
    assert window.stack.currentWidget() is window.viewer
    assert window.viewer.photo_id == window.grid.model.id_at(1)


def test_tab_goes_from_the_search_to_the_photos(window: MainWindow) -> None:
    window.search_bar.focus()
    QTest.keyClick(field(window), Qt.Key.Key_Tab)
    assert QApplication.focusWidget() is window.grid.view


def test_tab_goes_by_the_tokens_round_the_whole_window(qtbot: QtBot, window: MainWindow) -> None:
    bar = window.search_bar
    with qtbot.waitSignal(window.session.lister.listed):
        bar.search_for(f"red name:1 like:{window.grid.model.id_at(0)}")
    window.activateWindow()
    bar.focus()
    stops: list[QWidget] = []
    focused = QApplication.focusWidget()
    while focused is not None and focused not in stops:
        stops.append(focused)
        QTest.keyClick(focused, Qt.Key.Key_Tab)
        focused = QApplication.focusWidget()
    assert focused is bar.field  # and no smaller circle
    chips = [*bar.chips, *bar.parts.chips]
    assert [chip.body for chip in chips] == stops[1:7:2]
    assert stops.index(window.grid.view) == 8
    assert window.sidebar.tree in stops


def test_typing_on_after_enter_keeps_the_cursor(qtbot: QtBot, window: MainWindow) -> None:
    window.search_bar.focus()
    QTest.keyClicks(field(window), "red")
    QTest.keyClick(field(window), Qt.Key.Key_Return)
    QTest.keyClicks(field(window), " one")
    with qtbot.waitSignals([window.session.lister.listed] * 2):
        pass
    assert field(window).hasFocus()


def test_the_first_page_has_no_search(window: MainWindow) -> None:
    window.show_page(window.first_run)
    assert QApplication.focusWidget() is window.first_run.folder_button
    assert not window.menus.search.isEnabled()
    assert not window.sidebar.isVisible()
    window.show_page(window.grid)
    assert window.menus.search.isEnabled()
    assert window.sidebar.isVisible()


def test_the_problems_have_the_room_of_the_details(window: MainWindow) -> None:
    assert window.inspector.isVisible()
    window.show_page(window.problems)
    assert not window.inspector.isVisible()
    window.show_page(window.grid)
    assert window.inspector.isVisible()


def test_a_first_window_fits_the_screen(qtbot: QtBot) -> None:
    made = MainWindow()
    qtbot.addWidget(made)
    room = made.screen().availableSize()
    assert made.width() <= room.width()
    assert made.height() < room.height()


def test_what_is_copied_in_the_viewer_is_the_photo_in_view(window: MainWindow) -> None:
    window.open_viewer(window.grid.model.id_at(0))
    QTest.keyClick(window.viewer, Qt.Key.Key_Right)
    assert window.grid.view.selected_ids() == [window.grid.model.id_at(1)]
    texts = [action.text() for action in window.grid.menu().actions()]
    assert "Copy path" in texts


def test_a_photo_that_cannot_be_shown_says_one_sentence(window: MainWindow) -> None:
    window.open_viewer(window.grid.model.id_at(0))
    window.session.pictures.failed.emit(window.viewer.photo_id, "is empty")
    assert window.viewer.canvas.sentence == "The file is empty."
