"""Comparing two models: the user's own words, both answers, what differs, and the decision."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest
from fake_library import FakeLibrary, photo
from fake_models import LARGE, SIGLIP
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton
from pytestqt.qtbot import QtBot

from engine import Library
from engine.types import PhotoId
from gui.main_window import MainWindow
from gui.models.compare import SHOWN, CompareDialog
from gui.session import Session
from gui.translations import install_translator
from gui.workers import Workers


@pytest.fixture
def library() -> FakeLibrary:
    made = FakeLibrary([photo(number) for number in range(1, 101)])
    made.install(LARGE, SIGLIP)
    made.seen_by = {LARGE: 100, SIGLIP: 41}
    return made


@pytest.fixture
def window(qtbot: QtBot, workers: Workers, library: FakeLibrary) -> Iterator[MainWindow]:
    QSettings().setValue("search/history", ["red balloon", "green & blue"])
    install_translator(cast("QApplication", QApplication.instance()), "en")
    session = Session(cast("Library", library), workers)
    made = MainWindow()
    qtbot.addWidget(made)
    made.show()
    with qtbot.waitSignals(
        [session.lister.listed, session.keeper.settled, session.models.answered]
    ):
        made.attach(session)
    qtbot.waitUntil(lambda: workers.tasks == [])
    yield made
    cast("FakeLibrary", session.library).let_go()
    assert workers.shutdown()
    session.close()


def open_on(window: MainWindow, model_id: str) -> CompareDialog:
    window.dialogs.compare(model_id)
    found = window.dialogs.compare_dialog
    assert found is not None
    return found


def shown(dialog: CompareDialog) -> tuple[set[PhotoId], set[PhotoId]]:
    return set(dialog.left.model.ids), set(dialog.right.model.ids)


def test_both_answer_and_what_differs_is_marked(qtbot: QtBot, window: MainWindow) -> None:
    dialog = open_on(window, LARGE)
    QTest.keyClicks(dialog.field, "red")
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: dialog.left.model.rowCount() == SHOWN)
    left, right = shown(dialog)
    assert left != right
    assert dialog.message.text() == (
        f"{len(left & right)} of the first 24 photos are in both; the others are marked."
    )
    assert dialog.isVisible(), "Enter in the field must not press a button"
    dialog.left.view.go_to(next(iter(left & right)))
    qtbot.waitUntil(lambda: dialog.right.view.selected_ids() == dialog.left.view.selected_ids())
    dialog.left.view.go_to(next(iter(left - right)))
    qtbot.waitUntil(lambda: dialog.right.view.selected_ids() == [])


def test_typing_is_enough_and_the_last_words_win(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    steps = library.gate("compare")
    dialog = open_on(window, LARGE)
    dialog.compare("red one")
    QTest.keyClicks(dialog.field, "s")
    qtbot.waitUntil(lambda: ("compare", "red ones") in library.calls or bool(steps.release()))
    steps.release(5)
    qtbot.waitUntil(lambda: dialog.left.model.rowCount() > 0)
    asked = [what for call, what in library.calls if call == "compare"]
    assert asked[-1] == "red ones"


def test_before_all_photos_were_seen_it_says_so(qtbot: QtBot, window: MainWindow) -> None:
    dialog = open_on(window, SIGLIP)
    assert dialog.message.text() == "Compared are the 41 of 100 photos that both have seen."
    dialog.compare("red")
    qtbot.waitUntil(lambda: dialog.left.model.rowCount() > 0)
    assert "41 of 100 photos that both have seen" in dialog.message.text()
    assert "as soon as it has seen all photos" in dialog.switch_button.toolTip()


def test_the_searches_of_late_are_offered(qtbot: QtBot, window: MainWindow) -> None:
    dialog = open_on(window, LARGE)
    names = [b.accessibleName() for b in dialog.findChildren(QPushButton)]
    assert "Search for red balloon" in names
    assert "Search for green & blue" in names
    button = next(
        b
        for b in dialog.findChildren(QPushButton)
        if b.accessibleName() == "Search for red balloon"
    )
    button.click()
    assert dialog.field.text() == "red balloon"
    qtbot.waitUntil(lambda: dialog.left.model.rowCount() == SHOWN)


def test_what_cannot_be_understood_is_told(qtbot: QtBot, window: MainWindow) -> None:
    dialog = open_on(window, LARGE)
    dialog.compare("sise:large")
    qtbot.waitUntil(lambda: dialog.message.text().startswith("There is no filter"))
    assert dialog.message.property("role") == "danger"
    dialog.compare("nothing like it")
    qtbot.waitUntil(lambda: dialog.message.text() == "Neither finds anything.")
    assert dialog.message.property("role") == "muted"


@pytest.mark.parametrize(("model_id", "call"), [(LARGE, "use"), (SIGLIP, "prepare")])
def test_switching_from_here(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary, model_id: str, call: str
) -> None:
    """At once where it is complete, else as soon as it is."""
    library.gate("index")
    dialog = open_on(window, model_id)
    dialog.switch_button.click()
    qtbot.waitUntil(lambda: (call, model_id) in library.calls)
    assert window.dialogs.compare_dialog is None
    library.gate("index").release(100)
    qtbot.waitUntil(lambda: library.active == model_id)


def test_keeping_the_current_one(window: MainWindow, library: FakeLibrary) -> None:
    open_on(window, LARGE).keep_button.click()
    assert window.dialogs.compare_dialog is None
    assert library.calls == []


def test_escape_closes_while_both_still_look(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    steps = library.gate("compare")
    dialog = open_on(window, LARGE)
    dialog.compare("red")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    steps.release(5)
    qtbot.waitUntil(lambda: window.session.workers.tasks == [])
    assert window.dialogs.compare_dialog is None


def test_controls_have_names_and_the_keys_reach_them(qtbot: QtBot, window: MainWindow) -> None:
    dialog = open_on(window, LARGE)
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    dialog.compare("red")
    qtbot.waitUntil(lambda: dialog.left.model.rowCount() > 0)
    names: list[str] = []
    for _ in range(6):
        focused = dialog.focusWidget()
        assert focused is not None
        names.append(focused.accessibleName())
        QTest.keyClick(focused, Qt.Key.Key_Tab)
    assert names[:5] == [
        "What to search for",
        "Found by Photosift demo",
        "Found by CLIP ViT-L/14, OpenAI",
        "Keep Photosift demo",
        "Switch to CLIP ViT-L/14",
    ]
