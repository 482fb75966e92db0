"""Searching with what is gone, with too many pictures, and with text from elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QSize, Qt, QUrl
from PySide6.QtGui import QDropEvent, QImage, QPixmap
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.errors import PhotoUnreadable
from engine.query import PictureTerm
from engine.types import PhotoId
from gui import icons, theme
from gui.searching.bar import SearchBar
from gui.searching.field import holds_pictures


@pytest.fixture
def bar(qtbot: QtBot) -> SearchBar:
    made = SearchBar()
    qtbot.addWidget(made)
    made.resize(540, 80)
    made.show()
    return made


def drop(bar: SearchBar, text: str) -> None:
    mime = QMimeData()
    mime.setText(text)
    no_key, left = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    bar.dropEvent(QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, mime, left, no_key))


def test_many_pictures_leave_room_for_words_and_are_scrolled_to(
    qtbot: QtBot, bar: SearchBar
) -> None:
    for number in range(1, 21):
        bar.row.add(PictureTerm(PhotoId(number)), None, f"{number}.jpg")
    qtbot.waitUntil(lambda: bar.row.horizontalScrollBar().maximum() > 0)
    bar.grab()  # a chip without any width cannot be painted
    assert bar.width() == 540
    assert bar.field.width() >= 150
    assert bar.row.width() >= 100
    bar.chips[0].body.setFocus()
    for _ in range(30):
        QTest.keyClick(bar.focusWidget() or bar, Qt.Key.Key_Tab)
    focused = next(chip for chip in bar.chips if chip.isAncestorOf(bar.focusWidget() or bar))
    left = focused.mapTo(bar.row, focused.rect().topLeft()).x()
    assert 0 <= left < bar.row.width()


def test_the_room_for_pictures_grows_with_them(qtbot: QtBot, bar: SearchBar) -> None:
    bar.row.add(PictureTerm(PhotoId(1)), None, "1.jpg")
    qtbot.waitUntil(lambda: bar.row.width() > 0)
    one = bar.row.width()
    bar.row.add(PictureTerm(PhotoId(2)), None, "2.jpg")
    qtbot.waitUntil(lambda: bar.row.width() > one * 1.5)


def test_the_chip_that_has_the_keyboard_shows_and_says_so(qtbot: QtBot, bar: SearchBar) -> None:
    bar.row.add(PictureTerm(PhotoId(1)), None, "1.jpg")
    bar.row.add(PictureTerm(PhotoId(2), weight=-2.0), None, "2.jpg")
    qtbot.waitUntil(lambda: bar.chips[0].width() > 0 and bar.chips[0].isVisible())
    assert [chip.body.accessibleName() for chip in bar.chips] == ["1.jpg", "2.jpg, − 2×"]
    qtbot.waitUntil(bar.isActiveWindow)
    bar.field.setFocus()
    before = bar.chips[0].grab().toImage()
    bar.chips[0].body.setFocus()
    assert bar.chips[0].grab().toImage() != before


def test_pictures_lie_in_the_field_and_in_no_box(qtbot: QtBot, bar: SearchBar) -> None:
    for number in (1, 2):
        bar.row.add(PictureTerm(PhotoId(number)), None, f"{number}.jpg")
    qtbot.waitUntil(lambda: bar.row.width() > 64)
    between = bar.chips[0].mapTo(bar, QPoint(bar.chips[0].width() + 1, 14))
    assert bar.grab().toImage().pixelColor(between) == theme.colours().field


def test_an_icon_without_room_paints_nothing() -> None:
    assert icons.icon("image").pixmap(QSize(0, 24)).isNull()


def test_a_picture_from_a_browser_is_a_picture_and_cells_of_a_table_are_words() -> None:
    browser, table = QMimeData(), QMimeData()
    for mime, text in ((browser, "https://example.org/dog.png"), (table, "a dog")):
        mime.setText(text)
        mime.setImageData(QImage(8, 8, QImage.Format.Format_RGB32))
    browser.setUrls([QUrl("https://example.org/dog.png")])
    assert holds_pictures(browser)
    assert not holds_pictures(table)


def test_dropped_text_is_one_line_and_words_of_its_own(bar: SearchBar) -> None:
    bar.field.setText("dog")
    drop(bar, "in the\nsnow\n")
    assert bar.text == "dog in the snow"


def test_a_picture_of_a_saved_search_is_called_by_its_name(bar: SearchBar) -> None:
    bar.search_for('like:7 like:"/elsewhere/a cat.jpg"')
    assert [chip.body.accessibleName() for chip in bar.chips] == ["7", "a cat.jpg"]
    bar.show_picture(PictureTerm(PhotoId(7)), QPixmap(4, 4), "IMG_7.jpg")
    assert bar.chips[0].name == "IMG_7.jpg"
    assert bar.chips[0].body.accessibleName() == "IMG_7.jpg"
    assert "IMG_7.jpg" in bar.chips[0].close_button.accessibleName()


def test_a_photo_that_is_gone_is_told_without_a_path() -> None:
    error = PhotoUnreadable(Path(), "is no longer in the library")
    assert str(error) == "The photo is no longer in the library."
