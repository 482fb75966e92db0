"""The search bar: debounce, Enter, Esc, history, the photo chip, the line for errors."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from gui.search_bar import SearchBar


@pytest.fixture
def bar(qtbot: QtBot) -> SearchBar:
    made = SearchBar()
    qtbot.addWidget(made)
    made.show()
    return made


def field(bar: SearchBar) -> QLineEdit:
    found = bar.findChild(QLineEdit)
    assert found is not None
    return found


def test_typing_asks_once_when_it_is_quiet(qtbot: QtBot, bar: SearchBar) -> None:
    asked: list[str] = []
    bar.search_wanted.connect(asked.append)
    QTest.keyClicks(field(bar), "a dog")
    assert asked == []
    with qtbot.waitSignal(bar.search_wanted):
        pass
    assert asked == ["a dog"]


def test_enter_asks_at_once_and_again(qtbot: QtBot, bar: SearchBar) -> None:
    asked: list[str] = []
    bar.search_wanted.connect(asked.append)
    QTest.keyClicks(field(bar), "cat")
    QTest.keyClick(field(bar), Qt.Key.Key_Return)
    assert asked == ["cat"]
    QTest.keyClick(field(bar), Qt.Key.Key_Return)
    assert asked == ["cat", "cat"]


def test_esc_clears_and_a_second_esc_leaves(qtbot: QtBot, bar: SearchBar) -> None:
    bar.search_for("cat")
    asked: list[str] = []
    bar.search_wanted.connect(asked.append)
    QTest.keyClick(field(bar), Qt.Key.Key_Escape)
    assert bar.text == ""
    assert asked == [""]
    with qtbot.waitSignal(bar.left):
        QTest.keyClick(field(bar), Qt.Key.Key_Escape)
    assert asked == [""]


def test_history_comes_with_the_down_key_and_outlives_the_window(qtbot: QtBot) -> None:
    first = SearchBar()
    qtbot.addWidget(first)
    for text in ("cat", "dog", "cat"):
        first.search_for(text)
    second = SearchBar()
    qtbot.addWidget(second)
    second.show()
    with qtbot.waitSignal(second.search_wanted):
        QTest.keyClick(field(second), Qt.Key.Key_Down)
        popup = second.findChild(QLineEdit).completer()  # pyright: ignore
        assert popup is None  # not while typing, only on Down
        model = second.history
        assert model == ["cat", "dog"]
        second.search_for("dog")
    assert second.history == ["dog", "cat"]


def test_the_history_is_as_wide_as_the_bar_and_under_it(qtbot: QtBot, bar: SearchBar) -> None:
    bar.resize(600, 80)
    bar.search_for("cat")
    qtbot.waitExposed(bar)
    QTest.keyClick(field(bar), Qt.Key.Key_Down)
    popup = QApplication.activePopupWidget()
    assert popup is not None
    frame = field(bar).parentWidget()
    assert frame is not None
    assert popup.pos().x() == frame.mapToGlobal(QPoint(0, 0)).x()
    assert popup.width() == frame.width()
    popup.hide()


def test_a_photo_to_be_like_is_a_chip_that_can_be_taken_away(qtbot: QtBot, bar: SearchBar) -> None:
    picture = QPixmap(40, 30)
    picture.fill(Qt.GlobalColor.red)
    bar.search_for("cat")
    bar.show_similar(picture, "cat 1.jpg")
    assert bar.text == ""
    with qtbot.waitSignal(bar.similar_dropped):
        QTest.keyClick(field(bar), Qt.Key.Key_Escape)
    bar.show_similar(picture, "cat 1.jpg")
    asked: list[str] = []
    bar.search_wanted.connect(asked.append)
    QTest.keyClicks(field(bar), "dog")
    QTest.keyClick(field(bar), Qt.Key.Key_Return)
    assert asked == ["dog"]
    assert not bar.shows_similar


def test_an_error_is_one_line_and_points_at_its_place(qtbot: QtBot, bar: SearchBar) -> None:
    bar.search_for("cat colour:red now")
    bar.show_message("There is no such filter.", error=True, position=4)
    assert bar.message == "There is no such filter."
    assert field(bar).selectedText() == "colour:red"
    bar.show_message("")
    assert bar.message == ""


def test_choosing_a_folder_empties_the_bar_without_asking(qtbot: QtBot, bar: SearchBar) -> None:
    QTest.keyClicks(field(bar), "cat")
    with qtbot.assertNotEmitted(bar.search_wanted, wait=350):
        bar.reset()
    assert bar.text == ""
