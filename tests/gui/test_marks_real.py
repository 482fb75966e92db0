"""Marks and albums in the real window on a few demo photos: given, found, taken back."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.mark_types import Flag
from engine.types import PhotoId
from gui.app import DEMO_PHOTOS, Desk


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


def found(desk: Desk, text: str) -> set[PhotoId]:
    assert desk.library is not None
    return {hit.photo_id for hit in desk.library.search(text).hits}


def test_marks_are_kept_found_and_taken_back(qtbot: QtBot, desk: Desk) -> None:
    window = desk.window
    view, model = window.grid.view, window.grid.model
    view.setCurrentIndex(model.index(0))
    for _ in range(2):
        QTest.keyClick(view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    ids = view.selected_ids()
    qtbot.waitUntil(lambda: list(window.marks.ids) == ids)
    for key in (Qt.Key.Key_4, Qt.Key.Key_P, Qt.Key.Key_H):
        QTest.keyClick(view, key)
    at_rest(qtbot, desk)
    assert found(desk, "rating:>=4") == set(ids)
    assert found(desk, "is:picked is:favourite") == set(ids)

    window.albums.create('Best of "2019"', ids)
    qtbot.waitUntil(lambda: [album.photos for album in window.albums.seen] == [3])
    window.albums.open(window.albums.seen[0].id)
    qtbot.waitUntil(lambda: set(model.ids) == set(ids))
    assert window.sidebar.chosen.number(b"album") == window.albums.seen[0].id
    at_rest(qtbot, desk)
    window.menus.undo.trigger()
    qtbot.waitUntil(lambda: window.albums.seen == ())
    window.show_everything()
    qtbot.waitUntil(lambda: len(model.ids) == 6)
    at_rest(qtbot, desk)

    window.open_viewer(ids[0])
    QTest.keyClick(window.viewer, Qt.Key.Key_X)
    qtbot.waitUntil(lambda: window.marks.badge.marks.flag is Flag.REJECTED)
    at_rest(qtbot, desk)
    assert found(desk, "is:rejected") == {ids[0]}

    field = window.marks.section.caption
    field.setFocus()
    QTest.keyClicks(field, "By the sea")
    QTest.keyClick(field, Qt.Key.Key_Return)
    at_rest(qtbot, desk)
    assert desk.library is not None
    detail = desk.library.detail(ids[0])
    assert detail is not None
    assert detail.metadata.caption == "By the sea"

    for _ in range(5):
        window.menus.undo.trigger()
        at_rest(qtbot, desk)
    assert desk.library.marking.of(ids) == {}
    qtbot.waitUntil(lambda: not window.marks.badge.isVisible())
