"""A threshold for each label by itself: filters at once, is remembered, holds for runs."""

from __future__ import annotations

import pytest
from detection_hand import at_rest, look
from fake_detecting import FakeDetecting
from PySide6.QtCore import QSettings, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.types import PhotoId
from gui.detection.cuts import remember_cut, remembered_cuts
from gui.detection.photo_page import PhotoPage
from gui.main_window import MainWindow


def seen(page: PhotoPage) -> list[tuple[str, float | None]]:
    return [(thing.label, thing.score) for thing in page.scene.shown]


def test_one_label_has_its_own_slider(
    qtbot: QtBot, window: MainWindow, page: PhotoPage, detecting: FakeDetecting
) -> None:
    threshold = page.side.threshold
    look(qtbot, window, page, "red, blue")
    asked = len(detecting.looks)
    assert seen(page) == [("red", 0.9), ("red", 0.4)]
    assert not threshold.cuts.isVisible()
    threshold.each_button.click()
    assert threshold.cuts.isVisible()
    threshold.cuts.rows["blue"].slider.setValue(10)
    assert seen(page) == [("red", 0.9), ("red", 0.4), ("blue", 0.12)]
    threshold.slider.setValue(50)
    assert seen(page) == [("red", 0.9), ("blue", 0.12)], "the common one leaves it alone"
    assert threshold.cuts.rows["red"].slider.value() == 50
    threshold.cuts.rows["blue"].common_button.click()
    assert seen(page) == [("red", 0.9)]
    assert threshold.cuts.rows["blue"].slider.hasFocus()
    assert len(detecting.looks) == asked


def test_it_is_remembered_and_never_hidden_while_it_filters(
    qtbot: QtBot, window: MainWindow, page: PhotoPage
) -> None:
    remember_cut("RED", 0.6)
    look(qtbot, window, page, "red")
    threshold = page.side.threshold
    assert seen(page) == [("red", 0.9)]
    assert threshold.cuts.isVisible()
    page.open(PhotoId(6))
    at_rest(qtbot, window)
    assert seen(page) == [("red", 0.9)]
    threshold.cuts.rows["red"].common_button.click()
    assert remembered_cuts() == {}
    assert not threshold.cuts.isVisible()
    assert len(seen(page)) == 2


def test_the_best_below_a_labels_own_is_shown_on_request(
    qtbot: QtBot, window: MainWindow, page: PhotoPage
) -> None:
    remember_cut("red", 0.95)
    look(qtbot, window, page, "red")
    assert seen(page) == []
    page.side.button.click()
    assert seen(page) == [("red", 0.9)]


def test_braces_move_the_chosen_label(qtbot: QtBot, window: MainWindow, page: PhotoPage) -> None:
    look(qtbot, window, page, "red, blue")
    QTest.keyClick(page.canvas, Qt.Key.Key_BraceRight)  # no box is chosen
    assert remembered_cuts() == {}
    page.select(page.scene.shown[0].key)
    page.canvas.setFocus()
    for _ in range(11):
        QTest.keyClick(page.canvas, Qt.Key.Key_BraceRight)
    assert remembered_cuts() == {"red": pytest.approx(0.41)}
    assert seen(page) == [("red", 0.9)]
    QTest.keyClick(page.canvas, Qt.Key.Key_BraceLeft)
    assert len(seen(page)) == 2


def test_a_run_asks_each_label_by_its_own(
    qtbot: QtBot, window: MainWindow, detecting: FakeDetecting
) -> None:
    remember_cut("blue", 0.1)
    window.detection.show_set()
    many = window.detection.set
    many.field.take("red, blue")
    many.run()
    at_rest(qtbot, window)
    (run,) = detecting.runs()
    assert [(label.name, label.threshold) for label in run.labels] == [("red", None), ("blue", 0.1)]
    before = many.model.rowCount()
    many.threshold.cuts.rows["blue"].slider.setValue(95)
    assert 0 < many.model.rowCount() < before


def test_nonsense_in_the_settings_does_no_harm() -> None:
    for stored in ("[1]", "no json", '{"red": "high", "blue": 7, "green": 0.5}'):
        QSettings().setValue("detection/cuts", stored)
        assert set(remembered_cuts()) <= {"green"}
