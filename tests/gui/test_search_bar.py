"""The search bar: debounce, Enter, Esc, history, the photo chip, the line for errors."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QGuiApplication, QKeySequence, QPixmap
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from engine.errors import QueryError
from engine.query import PictureTerm, Values, read
from engine.types import Box, PhotoId
from gui.searching.bar import SearchBar


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
    second.focus()
    QTest.keyClick(field(second), Qt.Key.Key_Down)
    assert [row.text for row in second.completion.model.rows[:2]] == ["cat", "dog"]
    asked: list[str] = []
    second.search_wanted.connect(asked.append)
    popup = second.completion.popup
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert asked == ["dog"]
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


def red() -> QPixmap:
    picture = QPixmap(40, 30)
    picture.fill(Qt.GlobalColor.red)
    return picture


def like(number: int, weight: float = 1.0) -> PictureTerm:
    return PictureTerm(PhotoId(number), weight=weight)


def test_a_photo_to_be_like_is_a_chip_beside_the_words(qtbot: QtBot, bar: SearchBar) -> None:
    bar.search_for("cat")
    bar.show_similar(like(1), red(), "cat 1.jpg")
    assert bar.text == ""
    assert bar.pictures == (like(1),)
    asked: list[tuple[str, int]] = []

    def note(text: str) -> None:
        asked.append((text, len(bar.pictures)))

    bar.search_wanted.connect(note)
    QTest.keyClicks(field(bar), "dog")
    QTest.keyClick(field(bar), Qt.Key.Key_Return)
    bar.add_picture(like(2), None, "two.jpg")
    bar.chips[0].close_button.click()
    QTest.keyClick(field(bar), Qt.Key.Key_Escape)
    assert asked == [("dog", 1), ("dog", 2), ("dog", 1), ("", 0)]
    assert not bar.shows_similar


def test_a_picture_has_a_weight_and_is_there_once(qtbot: QtBot, bar: SearchBar) -> None:
    bar.add_picture(like(1), red(), "one.jpg")
    bar.add_picture(like(2), red(), "two.jpg")
    menu = bar.chips[0].menu()
    assert [action.text() for action in menu.actions() if action.isChecked()] == ["As it is"]
    with qtbot.waitSignal(bar.search_wanted):
        menu.actions()[4].trigger()
    assert bar.pictures == (like(1, -1.0), like(2))
    bar.add_picture(like(1, 2.0), None, "one.jpg")
    assert bar.pictures == (like(1, 2.0), like(2))
    assert bar.chips[0].body.text().startswith("2×")
    assert bar.chips[0].picture is not None
    assert bar.chips[1].body.accessibleName() == "two.jpg"


def test_pictures_in_a_text_become_chips(qtbot: QtBot, bar: SearchBar) -> None:
    bar.search_for("dog -0.5:like:7@1,2,30,40 tag:pets like:3")
    assert bar.text == "dog tag:pets"
    box = Box(1, 2, 30, 40)
    assert bar.pictures == (PictureTerm(PhotoId(7), box, -0.5), like(3))


def test_an_error_is_underlined_with_its_reason_and_a_remedy(bar: SearchBar) -> None:
    text = " cat oriantation:portrait now"
    bar.search_for(text)
    with pytest.raises(QueryError) as caught:
        read(text.strip())
    bar.show_error(caught.value)
    assert bar.field.wrong == "oriantation:"
    assert "Did you mean “orientation:”?" in bar.message
    bar.grab()
    asked: list[str] = []
    bar.search_wanted.connect(asked.append)
    bar.fix_button.click()
    assert asked == ["cat orientation:portrait now"]
    assert bar.field.wrong == ""
    assert bar.fix_button.isHidden()


def test_what_was_understood_is_shown_and_can_be_taken_out(bar: SearchBar) -> None:
    bar.search_for("a dog in the snow")
    assert not bar.parts.isVisible()
    bar.search_for('a dog -"a person" (tag:family or rating:>=3) -is:rejected')
    shown = [(chip.body.text(), chip.weight) for chip in bar.parts.chips]
    assert shown == [
        ("a dog", 1.0), ("− a person", -1.0), ("tag: family", None), ("rating: ≥ 3", None),
        ("not rejected", None),
    ]  # fmt: skip
    asked: list[str] = []
    bar.search_wanted.connect(asked.append)
    bar.parts.chips[2].close_button.click()
    assert asked[-1] == 'a dog -"a person" ( rating:>=3) -is:rejected'
    bar.parts.chips[1].menu().actions()[1].trigger()
    assert asked[-1] == 'a dog 2:"a person" ( rating:>=3) -is:rejected'
    bar.parts.chips[3].body.click()
    assert field(bar).selectedText() == "-is:rejected"
    bar.search_for("tag:(")
    assert not bar.parts.chips or bar.parts.chips[0].body.text()


def test_names_values_and_tags_are_completed(qtbot: QtBot, bar: SearchBar) -> None:
    bar.completion.values = lambda _text: Values(tags=("Places/New York", "Pets"))
    bar.focus()
    popup = bar.completion.popup
    QTest.keyClicks(field(bar), "dog -tag:yor")
    assert popup.isVisible()
    asked: list[str] = []
    bar.search_wanted.connect(asked.append)
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert bar.text == 'dog -tag:"Places/New York" '
    assert asked == []  # it goes on being typed
    QTest.keyClicks(field(bar), "orie")
    bar.completion.take(0)
    assert bar.text.endswith("orientation:")
    assert popup.isVisible()  # its values
    bar.completion.take(0)
    assert bar.text.endswith("orientation:portrait ")
    QTest.keyClicks(field(bar), "pet")
    QTest.keyClick(popup, Qt.Key.Key_Escape)
    assert not popup.isVisible()
    assert bar.text.endswith(" pet")
    QTest.keyClicks(field(bar), "s")
    assert popup.isVisible()
    QTest.keyClick(popup, Qt.Key.Key_Return)  # nothing chosen: what is typed is searched for
    assert asked[-1].endswith(" pets")


def test_pictures_are_pasted_and_dropped(qtbot: QtBot, bar: SearchBar) -> None:
    offered: list[QMimeData] = []
    bar.mime_offered.connect(offered.append)
    mime = QMimeData()
    mime.setImageData(red().toImage())
    QGuiApplication.clipboard().setMimeData(mime)
    QTest.keySequence(field(bar), QKeySequence(QKeySequence.StandardKey.Paste))
    assert len(offered) == 1
    QGuiApplication.clipboard().setText("words")
    QTest.keySequence(field(bar), QKeySequence(QKeySequence.StandardKey.Paste))
    assert (len(offered), bar.text) == (1, "words")
    dropped = QMimeData()
    dropped.setUrls([QUrl.fromLocalFile("/photos/cat.jpg")])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    none = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(bar, QDragEnterEvent(QPoint(9, 9), copy, dropped, left, none))
    QApplication.sendEvent(bar, QDropEvent(QPointF(9, 9), copy, dropped, left, none))
    assert offered[-1].urls() == dropped.urls()


def test_choosing_a_folder_empties_the_bar_without_asking(qtbot: QtBot, bar: SearchBar) -> None:
    QTest.keyClicks(field(bar), "cat")
    with qtbot.assertNotEmitted(bar.search_wanted, wait=350):
        bar.reset()
    assert bar.text == ""
