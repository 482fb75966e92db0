"""Tags in the sidebar of the real window: made, named, moved, merged, coloured, removed, undone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from engine.tag_types import Tag
from gui.app import DEMO_PHOTOS, Desk
from gui.grid.view import dragged
from gui.places import Place
from gui.sidebar.tag_popup import TagNamePopup

COPY, MOVE = Qt.DropAction.CopyAction, Qt.DropAction.MoveAction


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Iterator[Desk]:
    photos = tmp_path / "photos"
    photos.mkdir()
    for path in sorted(DEMO_PHOTOS.rglob("*.jpg"))[:6]:
        shutil.copy(path, photos)
    made = Desk(tmp_path / "library", photos)
    qtbot.addWidget(made.window)
    made.window.resize(1200, 800)
    made.show()
    qtbot.waitUntil(lambda: made.session is not None, timeout=20_000)
    at_rest(qtbot, made)
    yield made
    made.window.close()


def at_rest(qtbot: QtBot, desk: Desk) -> None:
    qtbot.waitUntil(lambda: desk.session is not None and not desk.workers.tasks, timeout=90_000)


def counts(desk: Desk) -> dict[str, int]:
    """Paths of the tags in the sidebar with their numbers."""
    nodes = desk.window.sidebar.model.nodes(Place.TAGS)
    return {node.note: node.photos for node in nodes if not node.hint}


def wait(qtbot: QtBot, desk: Desk, expected: dict[str, int]) -> None:
    qtbot.waitUntil(lambda: counts(desk) == expected, timeout=10_000)
    at_rest(qtbot, desk)


def tag(desk: Desk, path: str) -> Tag:
    return next(tag for tag in desk.window.places.tags.seen if tag.path == path)


def type_and_enter(popup: TagNamePopup, text: str) -> None:
    popup.field.setText(text)
    QTest.keyClick(popup.field, Qt.Key.Key_Return)


def entry(menu: QMenu | None, words: str) -> None:
    assert menu is not None
    next(action for action in menu.actions() if action.text().startswith(words)).trigger()
    menu.deleteLater()


def test_a_tree_of_tags_from_the_first_to_the_last(qtbot: QtBot, desk: Desk) -> None:
    window = desk.window
    tags, sidebar, model = window.places.tags, window.sidebar, window.sidebar.model
    ids = list(window.grid.model.ids)
    assert counts(desk) == {}

    # made, also with a parent; a name that is there is refused before it is tried
    type_and_enter(tags.ask_for_new(), " Places / Italy")
    wait(qtbot, desk, {"Places": 0, "Places/Italy": 0})
    popup = tags.ask_for_new()
    type_and_enter(popup, "places/italy")
    assert popup.isVisible()
    assert "already" in popup.note.text()
    popup.close()

    # by key below the tag that one is at; a menu of the heading makes one at the top
    sidebar.tree.setFocus()
    sidebar.tree.setCurrentIndex(model.index_of(Place.of_tag(tag(desk, "Places/Italy").id)))
    at_rest(qtbot, desk)
    QTest.keyClick(sidebar.tree, Qt.Key.Key_Insert)
    popup = window.findChildren(TagNamePopup)[-1]
    assert popup.field.text() == "Places/Italy/"
    type_and_enter(popup, "Places/Italy/Rome")
    wait(qtbot, desk, {"Places": 0, "Places/Italy": 0, "Places/Italy/Rome": 0})
    window.menus.undo.trigger()
    wait(qtbot, desk, {"Places": 0, "Places/Italy": 0})
    assert [a.text() for a in sidebar.menu_of(Place.TAGS).actions()] == ["New tag…\tIns"]
    assert [a.text() for a in sidebar.menu_of(Place.ALBUMS).actions()] == ["New album…"]
    window.show_everything()
    qtbot.waitUntil(lambda: list(window.grid.model.ids) == ids)
    at_rest(qtbot, desk)

    # photos dropped on a tag get it, those below count for their parent once
    italy = model.index_of(Place.of_tag(tag(desk, "Places/Italy").id))
    photos = [photo for photo in map(window.grid.model.photo, ids[:3]) if photo is not None]
    mime = dragged(photos, ids[:3])
    assert model.canDropMimeData(mime, COPY, -1, -1, italy)
    model.dropMimeData(mime, COPY, -1, -1, italy)
    wait(qtbot, desk, {"Places": 3, "Places/Italy": 3})
    places = model.index_of(Place.of_tag(tag(desk, "Places").id))
    model.dropMimeData(dragged([], ids[2:4]), COPY, -1, -1, places)
    wait(qtbot, desk, {"Places": 4, "Places/Italy": 3})
    assert "tagged “Places”" in window.menus.undo.text()

    # a click shows them, and a tag that gets another name stays in front
    sidebar.tree.setCurrentIndex(model.index_of(Place.of_tag(tag(desk, "Places/Italy").id)))
    qtbot.waitUntil(lambda: set(window.grid.model.ids) == set(ids[:3]))
    at_rest(qtbot, desk)
    QTest.keyClick(sidebar.tree, Qt.Key.Key_F2)
    popup = window.findChildren(TagNamePopup)[-1]
    assert popup.field.text() == "Italy"
    type_and_enter(popup, "Italia")
    wait(qtbot, desk, {"Places": 4, "Places/Italia": 3})
    qtbot.waitUntil(lambda: window.search_bar.text == "tag:Places/Italia")
    at_rest(qtbot, desk)
    assert sidebar.chosen == Place.of_tag(tag(desk, "Places/Italia").id)
    window.menus.undo.trigger()
    wait(qtbot, desk, {"Places": 4, "Places/Italy": 3})
    qtbot.waitUntil(lambda: window.search_bar.text == "tag:Places/Italy")

    # dragged to the top and back below another; never below itself
    italy = model.index_of(Place.of_tag(tag(desk, "Places/Italy").id))
    places = model.index_of(Place.of_tag(tag(desk, "Places").id))
    assert not model.canDropMimeData(model.mimeData([places]), MOVE, -1, -1, italy)
    model.dropMimeData(model.mimeData([italy]), MOVE, -1, -1, model.index_of(Place.TAGS))
    wait(qtbot, desk, {"Italy": 3, "Places": 2})
    popup = tags.ask_to_move(tag(desk, "Places"))
    type_and_enter(popup, "Italy/")
    wait(qtbot, desk, {"Italy": 4, "Italy/Places": 2})

    # merged: it says before how many photos that concerns
    window.session.tags.tag(ids[5:], "Rome")
    wait(qtbot, desk, {"Italy": 4, "Italy/Places": 2, "Rome": 1})
    popup = tags.ask_to_merge(tag(desk, "Rome"))
    popup.field.setText("nowhere")
    assert popup.note.text() == "There is no such tag."
    popup.field.clear()
    QTest.keyClicks(popup.field, "Ital")
    offers = popup.field.completer().popup()
    layout = popup.layout()
    assert offers is not None
    assert layout is not None
    assert offers.isVisible()
    assert popup.height() == layout.totalHeightForWidth(popup.width()), "nothing moves"
    QTest.keyClicks(popup.field, "y/Places")
    qtbot.waitUntil(lambda: not offers.isVisible())  # it would hide what the merge comes to
    popup.field.setText("Rome")
    popup.field.setText("italy")
    qtbot.waitUntil(lambda: popup.note.text().startswith("1 photo"))
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    wait(qtbot, desk, {"Italy": 5, "Italy/Places": 2})
    window.menus.undo.trigger()
    wait(qtbot, desk, {"Italy": 4, "Italy/Places": 2, "Rome": 1})

    # coloured and removed from the menu and by key; all comes back
    tags.paint(tag(desk, "Rome"), "#57ab5a")
    qtbot.waitUntil(lambda: tag(desk, "Rome").colour == "#57ab5a")
    at_rest(qtbot, desk)
    entry(sidebar.menus[b"tag"](tag(desk, "Italy").id), "Remove from 4")
    wait(qtbot, desk, {"Rome": 1})
    sidebar.tree.setCurrentIndex(model.index_of(Place.of_tag(tag(desk, "Rome").id)))
    at_rest(qtbot, desk)
    QTest.keyClick(sidebar.tree, Qt.Key.Key_Delete)
    wait(qtbot, desk, {})
    qtbot.waitUntil(lambda: len(window.grid.model.ids) == 6)
    assert sidebar.chosen == Place.ALL, "what was shown is gone: all photos again"
    for expected in ({"Rome": 1}, {"Italy": 4, "Italy/Places": 2, "Rome": 1}):
        at_rest(qtbot, desk)
        window.menus.undo.trigger()
        wait(qtbot, desk, expected)
    assert tag(desk, "Rome").colour == "#57ab5a"
