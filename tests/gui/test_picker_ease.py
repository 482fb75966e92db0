"""The vocabulary's dialog: one types at once, and the names can be read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import pytest
from fake_library import FakeLibrary, photo
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.categories.picker import Picker
from gui.session import Session
from gui.workers import Workers

if TYPE_CHECKING:
    from engine import Library


@pytest.fixture
def picker(qtbot: QtBot, workers: Workers) -> Iterator[Picker]:
    session = Session(cast("Library", FakeLibrary([photo(1)])), workers)
    made = Picker(session)
    qtbot.addWidget(made)
    made.show()
    qtbot.waitUntil(lambda: made.groups.count() > 1 and workers.tasks == [])
    yield made
    assert workers.shutdown()
    session.close()


def test_the_field_has_the_focus(qtbot: QtBot, picker: Picker) -> None:
    qtbot.waitUntil(lambda: picker.focusWidget() is picker.field)


def test_a_long_name_below_a_short_one_is_not_cut(qtbot: QtBot, picker: Picker) -> None:
    picker.field.setText("e")  # these words of one's own come first, then longer names
    assert picker.list.count() > 1
    for row in range(picker.list.count()):
        assert picker.list.visualItemRect(picker.list.item(row)).width() >= 240
    QTest.keyClick(picker.field, Qt.Key.Key_Return)
    assert picker.add_button.isEnabled()
