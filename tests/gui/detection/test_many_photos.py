"""Things on many photos: asked, found as they come, filtered, taken back, resumed, exported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from detection_hand import at_rest, look, numbers, undo
from fake_detecting import READY, FakeDetecting
from fake_library import FakeLibrary
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from engine.types import PhotoId, PhotoState
from gui.detection.export_menu import ExportMenu
from gui.detection.photo_page import PhotoPage
from gui.detection.set_page import SetPage
from gui.main_window import MainWindow

Key = Qt.Key
REDS = [PhotoId(n) for n in range(3, 31, 3)]


@pytest.fixture
def many(qtbot: QtBot, window: MainWindow) -> SetPage:
    """The page for many photos, over all there are."""
    window.sidebar.detection_chosen.emit()
    at_rest(qtbot, window)
    return window.detection.set


def find(qtbot: QtBot, window: MainWindow, many: SetPage, words: str) -> None:
    many.field.take(words)
    many.run_button.click()
    at_rest(qtbot, window)
    at_rest(qtbot, window)


def test_a_run_finds_boxes_on_all_photos(
    qtbot: QtBot, window: MainWindow, many: SetPage, detecting: FakeDetecting
) -> None:
    assert "Type what to look for" in many.empty.sentence
    assert many.place is not None
    assert len(many.place.ids) == 30
    find(qtbot, window, many, "red, blue")
    qtbot.waitUntil(lambda: many.model.rowCount() == 20)
    assert numbers(many.told.text()) == [20, 40]
    run = detecting.runs()[0]
    assert run.what == "All photos"
    assert [label.name for label in run.labels] == ["red", "blue"]
    assert set(many.legend.buttons) == {"red", "blue"}
    assert numbers(window.session.history.undoable) == [20]

    # filtering asks nobody
    many.legend.buttons["blue"].click()
    assert list(many.model.ids) == REDS
    many.threshold.slider.setValue(95)
    assert many.stack.currentWidget() is many.empty
    many.empty.acted.emit()
    assert many.model.rowCount() == 20, "the surest are shown again, hidden ones too"
    assert numbers(many.told.text()) == [20, 20]


def test_photos_appear_as_they_are_found_and_stopping_keeps_them(
    qtbot: QtBot,
    window: MainWindow,
    many: SetPage,
    library: FakeLibrary,
    detecting: FakeDetecting,
) -> None:
    gate = library.gate("detect")
    many.field.take("red")
    many.run_button.click()
    assert many.run_button.text() == "Stop"
    gate.release(7)
    qtbot.waitUntil(lambda: many.model.rowCount() > 0)
    many.run_button.click()
    gate.release(1)
    at_rest(qtbot, window)
    run = detecting.runs()[0]
    assert not run.finished
    assert run.boxes > 0
    assert many.run_button.text() == "Find"

    # it goes on where it stopped
    gate.release(100)
    many.show_runs()
    qtbot.waitUntil(lambda: len(many.run_list.rows) == 1)
    at_rest(qtbot, window)
    row = many.run_list.rows[0]
    assert row.resume_button.isVisible()
    row.resume_button.click()
    at_rest(qtbot, window)
    assert detecting.runs()[0].looked == 30
    assert len(detecting.runs()) == 1
    qtbot.waitUntil(lambda: list(many.model.ids) == REDS)


def test_runs_are_taken_back_and_brought_back(
    qtbot: QtBot, window: MainWindow, many: SetPage, detecting: FakeDetecting
) -> None:
    find(qtbot, window, many, "red")
    many.show_runs()
    qtbot.waitUntil(lambda: len(many.run_list.rows) == 1)
    row = many.run_list.rows[0]
    assert "10" not in row.title.text()
    assert numbers(row.facts.text())[:2] == [30, 20]
    row.back_button.click()
    qtbot.waitUntil(lambda: many.run_list.rows[0].run.undone)
    assert detecting.shelf == {}
    many.run_list.rows[0].restore_button.click()
    qtbot.waitUntil(lambda: not many.run_list.rows[0].run.undone)
    assert len(detecting.shelf) == 20
    undo(qtbot, window)
    assert detecting.shelf == {}
    many.run_list.rows[0].restore_button.click()
    at_rest(qtbot, window)
    qtbot.waitUntil(lambda: many.run_list.rows[0].show_button.isVisibleTo(many.run_list))
    many.run_list.rows[0].show_button.click()
    qtbot.waitUntil(lambda: list(many.model.ids) == REDS)


def test_an_undone_run_says_so(
    qtbot: QtBot, window: MainWindow, many: SetPage, detecting: FakeDetecting
) -> None:
    find(qtbot, window, many, "red")
    qtbot.waitUntil(lambda: list(many.model.ids) == REDS)
    undo(qtbot, window)
    qtbot.waitUntil(lambda: many.empty.sentence == "These boxes were taken back.")
    many.empty.acted.emit()
    qtbot.waitUntil(lambda: list(many.model.ids) == REDS)
    assert len(detecting.shelf) == 20


def test_a_run_that_finds_nothing_can_be_taken_back(
    qtbot: QtBot, window: MainWindow, many: SetPage, detecting: FakeDetecting
) -> None:
    many.threshold.slider.setValue(95)
    find(qtbot, window, many, "red")
    many.show_runs()
    qtbot.waitUntil(lambda: len(many.run_list.rows) == 1)
    assert detecting.runs()[0].boxes == 0
    assert many.run_list.rows[0].back_button.isEnabled(), "earlier runs' boxes come back"
    undo(qtbot, window)
    assert detecting.runs()[0].undone


def test_photos_that_cannot_be_reached_are_not_called_empty(
    qtbot: QtBot, window: MainWindow, many: SetPage, library: FakeLibrary
) -> None:
    for photo_id, entry in library.shelf.items():
        library.shelf[photo_id] = replace(entry, state=PhotoState.UNREADABLE)
    find(qtbot, window, many, "red")
    qtbot.waitUntil(lambda: "could be read or reached" in many.empty.sentence)


def test_nothing_found_offers_to_look_less_strictly(
    qtbot: QtBot, window: MainWindow, many: SetPage, detecting: FakeDetecting
) -> None:
    many.threshold.slider.setValue(24)
    find(qtbot, window, many, "couch")
    qtbot.waitUntil(lambda: "None of 30" in many.empty.sentence)
    many.empty.acted.emit()
    at_rest(qtbot, window)
    assert detecting.runs()[0].threshold == pytest.approx(0.12)
    qtbot.waitUntil(lambda: many.model.rowCount() == 30)


def test_a_search_is_proved_best_first(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary, detecting: FakeDetecting
) -> None:
    assert window.search_bar.proof_button.isHidden()
    with qtbot.waitSignal(window.session.lister.listed):
        window.search_bar.search_for("blue")
    assert window.search_bar.proof_button.isVisible()
    window.search_bar.proof_button.click()
    many = window.detection.set
    assert many.isVisible()
    assert [label.name for label in many.field.labels] == ["blue"]
    place = many.place
    assert place is not None
    assert numbers(place.words) == [10]
    QTest.keyClick(many.field.field, Key.Key_Return)
    at_rest(qtbot, window)
    run = detecting.runs()[0]
    assert run.what == "Search “blue”"
    assert detecting.asked[run.id] == list(place.ids)
    qtbot.waitUntil(lambda: many.model.rowCount() == 10)
    with qtbot.waitSignal(window.session.lister.listed):
        window.show_everything()
    assert window.search_bar.proof_button.isHidden()


def test_the_selection_is_offered_first(qtbot: QtBot, window: MainWindow) -> None:
    grid = window.grid.view
    grid.setCurrentIndex(window.grid.model.index(0))
    for _ in range(3):
        QTest.keyClick(grid, Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    menu = window.grid.menu()
    next(act for act in menu.actions() if act.text() == "Detect things…").trigger()
    place = window.detection.set.place
    assert place is not None
    assert list(place.ids) == grid.selected_ids()
    assert len(place.ids) == 4
    menu.deleteLater()


def test_results_are_opened_one_by_one_and_tagged(
    qtbot: QtBot, window: MainWindow, many: SetPage, library: FakeLibrary
) -> None:
    find(qtbot, window, many, "red")
    qtbot.waitUntil(lambda: list(many.model.ids) == REDS)
    many.view.selectAll()
    menu = window.detection.found_menu()
    next(act for act in menu.actions() if "“red”" in act.text()).trigger()
    menu.deleteLater()
    at_rest(qtbot, window)
    assert all(library.tagging.tags_of(id_) for id_ in REDS)
    many.view.setCurrentIndex(many.model.index(1))
    QTest.keyClick(many.view, Key.Key_Return)
    page = window.detection.photo
    assert page.photo_id == REDS[1]
    assert [label.name for label in page.field.labels] == ["red"]
    at_rest(qtbot, window)
    assert [thing.kept for thing in page.scene.shown] == [True, True]
    QTest.keyClick(page.canvas, Key.Key_Right)
    assert page.photo_id == REDS[2]
    QTest.keyClick(page.canvas, Key.Key_Escape)
    assert window.stack.currentWidget() is many
    assert many.view.current_id() == REDS[2]


def test_the_same_thing_is_found_on_other_photos(
    qtbot: QtBot, window: MainWindow, page: PhotoPage
) -> None:
    look(qtbot, window, page, "red")
    page.select(page.scene.shown[0].key)
    QTest.keyClick(page.canvas, Key.Key_O)
    many = window.detection.set
    at_rest(qtbot, window)
    qtbot.waitUntil(lambda: many.model.rowCount() == len(REDS) - 1)
    assert list(many.model.ids) == REDS[1:], "not on the photo itself"
    assert not many.export_button.isEnabled(), "nothing of this is kept"


def test_without_a_detector_nothing_begins(
    qtbot: QtBot, window: MainWindow, many: SetPage, detecting: FakeDetecting
) -> None:
    detecting.now = replace(READY, ready=False, why="No detector is installed.")
    window.detection.work.refresh()
    qtbot.waitUntil(lambda: many.empty.sentence == "No detector is installed.")
    many.field.take("red")
    assert not many.run_button.isEnabled()
    many.field.entered.emit()
    at_rest(qtbot, window)
    assert detecting.runs() == []


def chosen_folder(path: Path) -> Callable[..., str]:
    return lambda *_: str(path)


def test_exports_go_where_the_user_says(
    qtbot: QtBot,
    window: MainWindow,
    many: SetPage,
    detecting: FakeDetecting,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    find(qtbot, window, many, "red")
    qtbot.waitUntil(lambda: list(many.model.ids) == REDS)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", chosen_folder(tmp_path))
    menu = many.export_button.menu()
    assert isinstance(menu, ExportMenu)
    *data_sets, _ = menu.actions()
    for action in data_sets:
        action.trigger()
        at_rest(qtbot, window)
    kinds = ("annotated", "coco", "yolo", "yolo with copy")
    assert detecting.exports == [(kind, tmp_path, REDS) for kind in kinds]
    assert numbers(window.status.notice_label.text()) == [10]
    question = menu.ask_for_sidecars(REDS[:2])
    assert numbers(question.text()) == [2]
    question.accept()
    at_rest(qtbot, window)
    assert detecting.exports[-1][0] == "regions"


def test_a_run_that_a_crash_stopped_is_told_once(
    qtbot: QtBot, window: MainWindow, many: SetPage, library: FakeLibrary
) -> None:
    gate = library.gate("detect")
    many.field.take("red")
    many.run_button.click()
    gate.release(3)
    qtbot.waitUntil(lambda: many.model.rowCount() > 0)
    many.run_button.click()
    gate.release(1)
    at_rest(qtbot, window)
    desk = window.detection
    desk.tell_unfinished(library.detecting.runs())
    assert window.status.notice_label.text() == "Looking for things was stopped in the middle."
    window.status.show_notice("something else")
    desk.tell_unfinished(library.detecting.runs())
    assert window.status.notice_label.text() == "something else"


def test_labels_are_completed_in_the_search_bar(qtbot: QtBot, window: MainWindow) -> None:
    window.detection.work.refresh()
    at_rest(qtbot, window)
    window.search_bar.focus()
    field = window.search_bar.focusProxy()
    assert field is not None
    for typed, chosen in (("detected:re", "detected:red "), ("count:re", "count:red")):
        field.clear()  # pyright: ignore
        QTest.keyClicks(field, typed)
        completion = window.search.completion
        qtbot.waitUntil(completion.popup.isVisible)
        completion.take(0)
        assert window.search_bar.text == chosen
        completion.popup.hide()
    at_rest(qtbot, window)
