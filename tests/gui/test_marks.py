"""Stars, flags, favourites and captions in the window, with a library in memory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import pytest
from fake_library import FakeLibrary, photo
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.errors import EngineError
from engine.mark_types import Flag, Marks
from engine.types import Aspect, PhotoId
from gui.main_window import MainWindow
from gui.session import Session
from gui.workers import Workers

if TYPE_CHECKING:
    from engine import Library

FIRST = PhotoId(60)  # the newest is shown first


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary([photo(n) for n in range(1, 61)])


@pytest.fixture
def window(qtbot: QtBot, workers: Workers, library: FakeLibrary) -> Iterator[MainWindow]:
    session = Session(cast("Library", library), workers)
    made = MainWindow()
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    made.activateWindow()
    with qtbot.waitSignals([session.lister.listed, session.keeper.settled]):
        made.attach(session)
    qtbot.waitUntil(lambda: workers.tasks == [])
    made.grid.view.setCurrentIndex(made.grid.model.index(0))
    rest(qtbot, made)
    yield made
    assert workers.shutdown()
    session.close()


def rest(qtbot: QtBot, window: MainWindow) -> None:
    def meant() -> list[PhotoId]:
        viewing = window.stack.currentWidget() is window.viewer
        front = window.viewer.photo_id
        return [front] if viewing and front is not None else window.grid.view.selected_ids()

    qtbot.waitUntil(lambda: list(window.marks.ids) == meant())
    qtbot.waitUntil(lambda: window.marks.idle and window.details.idle)
    qtbot.waitUntil(lambda: window.session.workers.tasks == [])


def press(qtbot: QtBot, window: MainWindow, key: Qt.Key) -> None:
    front = window.stack.currentWidget()
    assert front is not None
    QTest.keyClick(window.grid.view if front is window.grid else front, key)
    rest(qtbot, window)


def select(window: MainWindow, count: int) -> None:
    view = window.grid.view
    view.clearSelection()
    view.setCurrentIndex(window.grid.model.index(0))
    for _ in range(count - 1):
        QTest.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)


@pytest.mark.parametrize(
    ("key", "wanted"),
    [
        (Qt.Key.Key_4, Marks(rating=4, own=frozenset({"rating"}))),
        (Qt.Key.Key_P, Marks(flag=Flag.PICKED, own=frozenset({"flag"}))),
        (Qt.Key.Key_X, Marks(flag=Flag.REJECTED, own=frozenset({"flag"}))),
        (Qt.Key.Key_H, Marks(favourite=True, own=frozenset({"favourite"}))),
    ],
)
def test_a_key_marks_what_is_selected(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary, key: Qt.Key, wanted: Marks
) -> None:
    select(window, 3)
    rest(qtbot, window)
    press(qtbot, window, key)
    assert library.marking.kept == {PhotoId(n): wanted for n in (60, 59, 58)}
    assert window.menus.undo.text().startswith("&Undo: 3 photo")
    assert window.grid.view.selected_ids() == [60, 59, 58]


def test_undo_and_redo(qtbot: QtBot, window: MainWindow, library: FakeLibrary) -> None:
    press(qtbot, window, Qt.Key.Key_5)
    press(qtbot, window, Qt.Key.Key_2)
    history = window.session.history
    with qtbot.waitSignal(history.told):
        window.menus.undo.trigger()
    rest(qtbot, window)
    assert library.marking.kept[FIRST].rating == 5
    with qtbot.waitSignal(history.told):
        window.menus.redo.trigger()
    rest(qtbot, window)
    assert library.marking.kept[FIRST].rating == 2


def test_clearing(qtbot: QtBot, window: MainWindow, library: FakeLibrary) -> None:
    library.marking.kept = {FIRST: Marks(3, Flag.REJECTED, favourite=True)}
    window.marks.section.show_marks((), ())
    window.session.photos_changed.emit(frozenset({FIRST}))
    rest(qtbot, window)
    for key in (Qt.Key.Key_0, Qt.Key.Key_U, Qt.Key.Key_H):
        press(qtbot, window, key)
    kept = library.marking.kept[FIRST]
    assert (kept.rating, kept.flag, kept.favourite) == (0, Flag.NONE, False)


def test_of_several_favourites_and_others_all_become_favourites(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    press(qtbot, window, Qt.Key.Key_H)
    select(window, 2)
    rest(qtbot, window)
    assert not window.marks.section.favourite.isChecked()
    press(qtbot, window, Qt.Key.Key_H)
    assert [library.marking.kept[PhotoId(n)].favourite for n in (60, 59)] == [True, True]
    press(qtbot, window, Qt.Key.Key_H)
    assert [library.marking.kept[PhotoId(n)].favourite for n in (60, 59)] == [False, False]


def test_in_the_viewer_the_photo_in_front_is_marked(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    window.open_viewer(FIRST)
    press(qtbot, window, Qt.Key.Key_Right)
    press(qtbot, window, Qt.Key.Key_3)
    press(qtbot, window, Qt.Key.Key_P)
    assert set(library.marking.kept) == {59}
    badge = window.marks.badge
    assert badge.isVisible()
    assert badge.accessibleName().startswith("3 star")
    assert badge.accessibleName().endswith(", picked")
    assert badge.geometry().bottom() < window.viewer.canvas.height()
    press(qtbot, window, Qt.Key.Key_Left)
    assert not badge.isVisible()


def test_cells_show_marks_and_say_them(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    view, model = window.grid.view, window.grid.model
    view.clearSelection()
    view.setCurrentIndex(model.index(5))
    rest(qtbot, window)
    second = view.visualRect(model.index(1))
    before = view.viewport().grab(second).toImage()
    library.marking.kept = {PhotoId(59): Marks(4, Flag.REJECTED)}
    library.announce([PhotoId(59)])
    qtbot.waitUntil(lambda: window.marks.seen.get(PhotoId(59)) is not None)
    rest(qtbot, window)
    after = view.viewport().grab(second).toImage()
    middle = QPoint(second.width() // 2, second.height() // 2)
    assert abs(after.pixelColor(middle).green() - before.pixelColor(middle).green()) > 50
    low = [
        after.pixelColor(x, y)
        for x in range(8, 80)
        for y in range(second.height() - 30, second.height() - 8)
    ]
    assert sum(colour.lightness() > 240 for colour in low) > 60, "there are no signs"
    spoken = model.index(1).data(Qt.ItemDataRole.AccessibleTextRole)
    assert "4 star" in spoken
    assert "rejected" in spoken


def test_keys_mean_nothing_where_one_types_and_on_other_pages(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    field = window.search_bar.field
    window.search_bar.focus()
    QTest.keyClicks(field, "3pxuh")
    rest(qtbot, window)
    assert library.marking.kept == {}
    window.tags.show_review()
    assert not window.menus.marks.stars[3].isEnabled()
    window.show_page(window.grid)
    assert window.menus.marks.stars[3].isEnabled()


def test_the_inspector_says_where_marks_come_from_and_changes_them(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    library.marking.kept = {FIRST: Marks(rating=2, caption="From the camera")}
    window.session.photos_changed.emit(frozenset({FIRST}))
    rest(qtbot, window)
    section = window.marks.section
    assert section.source.text() == "Stars from the file"
    assert section.caption.toPlainText() == "From the camera"
    assert section.caption_source.isVisible()
    section.stars[3].click()
    rest(qtbot, window)
    assert library.marking.kept[FIRST].rating == 4
    assert not section.source.isVisible()
    section.stars[3].click()  # the same again takes them away
    section.pick.click()
    rest(qtbot, window)
    assert library.marking.kept[FIRST].rating == 0
    assert library.marking.kept[FIRST].flag is Flag.PICKED
    assert section.pick.isChecked()
    section.pick.click()
    rest(qtbot, window)
    assert library.marking.kept[FIRST].flag is Flag.NONE


def test_a_caption_is_written_with_enter_and_given_up_with_escape(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    field = window.marks.section.caption
    field.setFocus()
    QTest.keyClicks(field, "No")
    QTest.keyClick(field, Qt.Key.Key_Escape)
    field.setFocus()
    QTest.keyClicks(field, "3 pigs")
    QTest.keyClick(field, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    QTest.keyClicks(field, "in a row")
    QTest.keyClick(field, Qt.Key.Key_Return)
    rest(qtbot, window)
    assert library.marking.kept[FIRST].caption == "3 pigs\nin a row"
    assert library.marking.kept[FIRST].rating == 0
    assert window.menus.undo.text() == "&Undo: Caption changed"
    assert not field.hasFocus()


def test_what_is_being_typed_goes_to_the_photo_it_was_typed_for(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    field = window.marks.section.caption
    field.setFocus()
    QTest.keyClicks(field, "Mine")
    window.grid.view.go_to(PhotoId(40))
    rest(qtbot, window)
    assert {number: marks.caption for number, marks in library.marking.kept.items()} == {
        FIRST: "Mine"
    }
    assert field.toPlainText() == ""


def test_what_is_being_typed_is_kept_when_the_window_closes(
    window: MainWindow, library: FakeLibrary
) -> None:
    field = window.marks.section.caption
    field.setFocus()
    QTest.keyClicks(field, "Last words")
    window.close()
    assert library.marking.kept[FIRST].caption == "Last words"


def test_several_photos_get_one_caption_and_one_title(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    section = window.marks.section
    select(window, 4)
    rest(qtbot, window)
    ids = list(window.marks.ids)
    library.marking.kept = {ids[0]: Marks(caption="Alone", title="Sea", own=frozenset({"title"}))}
    library.announce(ids, Aspect.MARK)
    assert section.caption.isVisible()
    assert section.caption.toPlainText() == ""
    qtbot.waitUntil(lambda: section.caption.placeholderText() == "Different captions")
    assert section.title.placeholderText() == "Different titles"
    section.title.setFocus()
    QTest.keyClicks(section.title, "By the sea")
    QTest.keyClick(section.title, Qt.Key.Key_Return)
    rest(qtbot, window)
    assert {library.marking.kept[photo_id].title for photo_id in ids} == {"By the sea"}
    assert library.marking.kept[ids[0]].caption == "Alone"  # untouched
    assert section.title.toPlainText() == "By the sea"
    window.menus.undo.trigger()
    rest(qtbot, window)
    assert library.marking.kept[ids[0]].title == "Sea"
    assert ids[1] not in library.marking.kept


def test_a_mark_that_could_not_be_made_is_not_shown(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    library.marking.fails = EngineError("The disk is full.")
    with qtbot.waitSignal(window.session.history.told) as told:
        QTest.keyClick(window.grid.view, Qt.Key.Key_5)
        assert window.marks.seen.get(FIRST) is not None  # shown at once
    assert told.args is not None
    assert told.args[0] == "The disk is full."
    qtbot.waitUntil(lambda: window.marks.seen.get(FIRST) is None)
    rest(qtbot, window)
    assert window.menus.undo.text() == "&Undo"


def test_the_context_menu_offers_them(window: MainWindow) -> None:
    menu = window.grid.menu()
    words = [action.text() for action in menu.actions()]
    assert "&Rating" in words
    assert "&Pick" in words
    assert window.menus.marks.pick.shortcut().toString() == "P"
    menu.deleteLater()


def test_a_key_right_after_a_click_means_what_was_clicked(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    view, model = window.grid.view, window.grid.model
    before, clicked = model.id_at(0), model.id_at(3)
    at = view.visualRect(model.index(3)).center()
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    QTest.keyClick(view, Qt.Key.Key_X)  # before the loop has turned
    assert window.marks.ids == [clicked]  # the trash asks here as well
    rest(qtbot, window)
    assert window.marks.seen.get(before) in (None, Marks())
    told = window.marks.seen.get(clicked)
    assert told is not None
    assert told.flag is Flag.REJECTED
