"""Albums in the order of the hand: in the sidebar, and the photos in each of them."""

from __future__ import annotations

from fake_library import FakeLibrary
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.mark_types import AlbumId
from engine.types import Order, PhotoId
from gui.grid.view import dragged
from gui.main_window import MainWindow
from gui.places import Place

COPY, MOVE = Qt.DropAction.CopyAction, Qt.DropAction.MoveAction


def rest(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: window.session.workers.tasks == [])


def make(qtbot: QtBot, window: MainWindow, *names: str) -> list[AlbumId]:
    for name in names:
        window.albums.create(name, [PhotoId(n) for n in (3, 9, 5, 7)])
    qtbot.waitUntil(lambda: len(window.albums.seen) == len(names))
    rest(qtbot, window)
    return [album.id for album in window.albums.seen]


def names(window: MainWindow) -> list[str]:
    return [album.name for album in window.albums.seen]


def open_album(qtbot: QtBot, window: MainWindow, album_id: AlbumId) -> None:
    with qtbot.waitSignal(window.session.lister.listed):
        window.albums.open(album_id)
    qtbot.waitUntil(lambda: list(window.grid.model.ids) == [3, 9, 5, 7])
    rest(qtbot, window)


def test_albums_are_put_in_order_by_key_and_by_drag(qtbot: QtBot, window: MainWindow) -> None:
    first, second, third = make(qtbot, window, "Alps", "Beach", "City")
    sidebar, model = window.sidebar, window.sidebar.model
    sidebar.tree.setFocus()
    sidebar.tree.setCurrentIndex(model.index_of(Place.of_album(third)))
    rest(qtbot, window)
    QTest.keyClick(sidebar.tree, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: names(window) == ["Alps", "City", "Beach"])
    mime = model.mimeData([model.index_of(Place.of_album(second))])
    heading = model.index_of(Place.ALBUMS)
    assert model.canDropMimeData(mime, MOVE, 0, 0, heading)
    assert not model.canDropMimeData(mime, MOVE, -1, -1, model.index_of(Place.TAGS))
    model.dropMimeData(mime, MOVE, 0, 0, heading)
    qtbot.waitUntil(lambda: names(window) == ["Beach", "Alps", "City"])
    model.dropMimeData(mime, MOVE, -1, -1, heading)
    qtbot.waitUntil(lambda: names(window) == ["Alps", "City", "Beach"])
    rest(qtbot, window)
    window.menus.undo.trigger()
    qtbot.waitUntil(lambda: names(window) == ["Beach", "Alps", "City"])
    assert first in {album.id for album in window.albums.seen}


def test_the_order_menu_speaks_of_the_album_that_is_shown(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    (album_id,) = make(qtbot, window, "Alps")
    by_name = {action.text(): action for action in window.menus.orders.actions()}
    own, newest = by_name["Album order"], by_name["Newest first"]
    assert not own.isVisible()
    open_album(qtbot, window, album_id)
    assert own.isVisible()
    assert own.isChecked()
    newest.trigger()
    qtbot.waitUntil(lambda: list(window.grid.model.ids) == [9, 7, 5, 3])
    rest(qtbot, window)
    assert library.albums.kept[0].order is Order.DATE_NEWEST
    assert newest.isChecked()
    window.menus.undo.trigger()
    qtbot.waitUntil(lambda: list(window.grid.model.ids) == [3, 9, 5, 7])
    qtbot.waitUntil(own.isChecked)
    with qtbot.waitSignal(window.session.lister.listed):
        window.search_bar.search_for("album:Alps rating:3")
    assert not own.isVisible()
    assert not window.albums.arranger.active


def test_photos_are_moved_by_key_and_by_drag(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    (album_id,) = make(qtbot, window, "Alps")
    open_album(qtbot, window, album_id)
    view, alt = window.grid.view, Qt.KeyboardModifier.AltModifier
    view.setFocus()
    view.go_to(PhotoId(9))
    QTest.keyClick(view, Qt.Key.Key_Right, alt)
    qtbot.waitUntil(lambda: list(window.grid.model.ids) == [3, 5, 9, 7])
    assert view.selected_ids() == [9], "what was moved stays selected"
    rest(qtbot, window)
    QTest.keyClick(view, Qt.Key.Key_Up, alt)
    qtbot.waitUntil(lambda: list(window.grid.model.ids) == [9, 3, 5, 7])
    rest(qtbot, window)
    QTest.keyClick(view, Qt.Key.Key_Left, alt)
    rest(qtbot, window)
    assert window.menus.undo.text().endswith("moved in “Alps”")

    ids = [PhotoId(9), PhotoId(7)]
    mime = dragged([library.shelf[id_] for id_ in ids], ids)
    cell = view.visualRect(window.grid.model.index(2))
    at = QPointF(cell.left() + 4, cell.center().y())
    buttons, no_keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    drop = QDropEvent(at, COPY, mime, buttons, no_keys)
    window.albums.arranger.eventFilter(view.viewport(), drop)
    assert drop.isAccepted()
    qtbot.waitUntil(lambda: list(window.grid.model.ids) == [3, 9, 7, 5])
    assert library.albums.members[album_id] == (3, 9, 7, 5)
    rest(qtbot, window)
    window.menus.undo.trigger()
    qtbot.waitUntil(lambda: list(window.grid.model.ids) == [9, 3, 5, 7])


def test_behind_the_last_photo_is_the_end(qtbot: QtBot, window: MainWindow) -> None:
    (album_id,) = make(qtbot, window, "Alps")
    open_album(qtbot, window, album_id)
    arranger, view = window.albums.arranger, window.grid.view
    last = view.visualRect(window.grid.model.index(3))
    assert arranger.row_at(last.center() + last.topRight() - last.topLeft()) == 4
    assert arranger.row_at(view.viewport().rect().bottomRight()) == 4
    assert arranger.row_at(last.topLeft()) == 3
