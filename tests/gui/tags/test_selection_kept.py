"""Photos that an undo brings back do not take away what the user has chosen since."""

from __future__ import annotations

from fake_tagging import FakeTagging
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.tag_types import Category
from gui.main_window import MainWindow


def test_several_chosen_photos_stay_chosen(
    qtbot: QtBot, window: MainWindow, tagging: FakeTagging, red: Category
) -> None:
    tab = window.tags.review.suggestions
    window.tags.show_review(red.id)
    qtbot.waitUntil(lambda: tab.model.rowCount() > 5 and not window.session.workers.tasks)
    QTest.keyClick(tab.view, Qt.Key.Key_Y)
    qtbot.waitUntil(lambda: len(tagging.answers(red.id)) == 1)
    qtbot.waitUntil(lambda: not window.session.workers.tasks)
    count = tab.model.rowCount()
    window.menus.undo.trigger()
    for _ in range(3):
        QTest.keyClick(tab.view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    chosen = set(tab.view.selected_ids())
    assert len(chosen) == 4
    qtbot.waitUntil(lambda: tab.model.rowCount() == count + 1)
    assert set(tab.view.selected_ids()) == chosen
