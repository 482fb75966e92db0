"""Albums in the window: made, filled, shown, renamed, forgotten and brought back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import pytest
from fake_library import FakeLibrary, photo
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from engine.mark_types import AlbumId
from engine.types import PhotoId
from gui.grid.view import dragged
from gui.main_window import MainWindow
from gui.places import Place
from gui.session import Session
from gui.workers import Workers

if TYPE_CHECKING:
    from engine import Library


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary([photo(n) for n in range(1, 31)])


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


def rest(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: window.session.workers.tasks == [])


def select(qtbot: QtBot, window: MainWindow, count: int) -> list[PhotoId]:
    view = window.grid.view
    view.setCurrentIndex(window.grid.model.index(0))
    for _ in range(count - 1):
        QTest.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    ids = view.selected_ids()
    qtbot.waitUntil(lambda: list(window.marks.ids) == ids)
    return ids


def make(qtbot: QtBot, window: MainWindow, name: str, ids: list[PhotoId]) -> AlbumId:
    window.albums.create(name, ids)
    qtbot.waitUntil(lambda: name in [album.name for album in window.albums.seen])
    rest(qtbot, window)
    return next(album.id for album in window.albums.seen if album.name == name)


def row(window: MainWindow, album_id: AlbumId) -> QModelIndex:
    return window.sidebar.model.index_of(Place.of_album(album_id))


def show(qtbot: QtBot, window: MainWindow, album_id: AlbumId) -> None:
    with qtbot.waitSignal(window.session.lister.listed):
        window.sidebar.tree.setCurrentIndex(row(window, album_id))
    qtbot.waitUntil(lambda: window.sidebar.chosen == Place.of_album(album_id))
    rest(qtbot, window)


def shown(window: MainWindow) -> list[PhotoId]:
    return list(window.grid.model.ids)


def entry(menu: QMenu, words: str) -> None:
    """Trigger what a menu offers, in a menu below it too."""
    for action in menu.findChildren(QMenu):
        for below in action.actions():
            if below.text() == words:
                below.trigger()
                return
    next(action for action in menu.actions() if action.text() == words).trigger()


def test_an_album_is_made_of_the_selection(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    ids = select(qtbot, window, 3)
    window.menus.new_album.trigger()
    popup = window.albums.ask_to_create()
    popup.field.setText("Trips")
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(window.albums.seen) == 1)
    album = window.albums.seen[0]
    assert library.albums.members[album.id] == tuple(ids)
    model = window.sidebar.model
    assert model.data(row(window, album.id)) == "Trips"
    assert model.data(row(window, album.id).siblingAtColumn(1)) == "3"
    rest(qtbot, window)
    window.menus.undo.trigger()
    qtbot.waitUntil(lambda: window.albums.seen == ())
    assert not row(window, album.id).isValid()
    window.menus.redo.trigger()
    qtbot.waitUntil(lambda: len(window.albums.seen) == 1)


def test_an_album_is_shown_and_what_is_taken_out_of_it_goes(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    album_id = make(qtbot, window, "Old house", [PhotoId(3), PhotoId(9), PhotoId(5)])
    show(qtbot, window, album_id)
    assert shown(window) == [3, 9, 5]
    window.grid.view.go_to(PhotoId(9))
    qtbot.waitUntil(lambda: list(window.marks.ids) == [9])
    menu = window.grid.menu()
    entry(menu, "Take out of this album")
    menu.deleteLater()
    qtbot.waitUntil(lambda: shown(window) == [3, 5])
    assert PhotoId(9) in library.shelf
    rest(qtbot, window)
    window.menus.undo.trigger()
    qtbot.waitUntil(lambda: shown(window) == [3, 9, 5])


def test_photos_are_put_into_it_by_menu_and_by_drag(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    album_id = make(qtbot, window, "Trips", [PhotoId(1)])
    ids = select(qtbot, window, 2)
    menu = window.grid.menu()
    entry(menu, "Trips")
    menu.deleteLater()
    qtbot.waitUntil(lambda: library.albums.members[album_id] == (1, *ids))
    photos = [library.shelf[PhotoId(n)] for n in (7, 8)]
    mime = dragged(photos, [PhotoId(7), PhotoId(8)])
    model, copy = window.sidebar.model, Qt.DropAction.CopyAction
    assert model.flags(row(window, album_id)) & Qt.ItemFlag.ItemIsDropEnabled
    heading = model.index_of(Place.ALBUMS)
    assert not model.canDropMimeData(mime, copy, -1, -1, heading)
    assert model.canDropMimeData(mime, copy, -1, -1, row(window, album_id))
    assert model.dropMimeData(mime, copy, -1, -1, row(window, album_id))
    qtbot.waitUntil(lambda: library.albums.members[album_id] == (1, *ids, 7, 8))
    rest(qtbot, window)
    assert window.menus.undo.text().endswith("added to “Trips”")


def test_renaming_what_is_shown_keeps_it_shown(qtbot: QtBot, window: MainWindow) -> None:
    album_id = make(qtbot, window, "Trips", [PhotoId(4), PhotoId(2)])
    show(qtbot, window, album_id)
    menu = window.sidebar.menus[b"album"](album_id)
    assert menu is not None
    popup = window.albums.ask_to_rename(window.albums.seen[0])
    popup.field.setText("Far away")
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: window.session.lister.question.text == 'album:"Far away"')
    rest(qtbot, window)
    assert shown(window) == [4, 2]
    model = window.sidebar.model
    qtbot.waitUntil(lambda: model.data(row(window, album_id)) == "Far away")
    qtbot.waitUntil(lambda: window.sidebar.chosen == Place.of_album(album_id))
    window.menus.undo.trigger()
    qtbot.waitUntil(lambda: window.session.lister.question.text == "album:Trips")
    rest(qtbot, window)
    assert shown(window) == [4, 2]


def test_a_deleted_album_leaves_its_photos_and_comes_back(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    album_id = make(qtbot, window, "Trips", [PhotoId(4), PhotoId(2)])
    show(qtbot, window, album_id)
    menu = window.sidebar.menus[b"album"](album_id)
    assert menu is not None
    entry(menu, "Delete the album (its photos stay)")
    qtbot.waitUntil(lambda: window.albums.seen == ())
    qtbot.waitUntil(lambda: len(shown(window)) == 30)
    rest(qtbot, window)
    assert len(library.shelf) == 30
    assert window.sidebar.chosen == Place.ALL
    window.menus.undo.trigger()
    qtbot.waitUntil(lambda: [album.photos for album in window.albums.seen] == [2])
