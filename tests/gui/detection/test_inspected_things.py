"""What the details tell of the things on a photo, and where one gets from there."""

from __future__ import annotations

import pytest
from detection_hand import at_rest
from fake_detecting import LARGE, SMALL, FakeDetecting
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.detection_types import Detection, Label
from engine.jobs import drain
from engine.types import Box, PhotoId
from gui.detection.inspector_section import DetectionSection
from gui.main_window import MainWindow

RED = PhotoId(3)


@pytest.fixture
def section(qtbot: QtBot, window: MainWindow, detecting: FakeDetecting) -> DetectionSection:
    """Photo 3 is selected; a run found two things on it, the user drew a third."""
    drain(detecting.run([RED], [Label("red")], what="Holiday"))
    detecting.add(RED, "remote control", Box(10, 10, 40, 40))
    window.inspector.show()
    window.grid.view.go_to(RED)
    section = window.detection.section
    qtbot.waitUntil(lambda: len(section.rows) == 3)
    return section


def told(section: DetectionSection) -> list[str]:
    return [row.link.accessibleName() for row in section.rows]


def test_label_score_and_source_are_told(
    qtbot: QtBot, window: MainWindow, detecting: FakeDetecting, section: DetectionSection
) -> None:
    first, _, drawn = told(section)
    assert first.startswith("red, 90 %, found · ")
    assert drawn == "remote control, drawn by you"
    tip = section.rows[0].toolTip()
    assert "run 1" in tip
    assert "Holiday" in tip
    detecting.relabel([next(iter(detecting.shelf))], "tomato")
    qtbot.waitUntil(lambda: told(section)[0].startswith("tomato, 90 %, corrected by you"))
    window.grid.view.go_to(PhotoId(4))  # nothing there
    qtbot.waitUntil(lambda: section.idle and not section.body.isVisible())
    assert section.rows == []


def test_a_click_shows_the_box_in_the_viewer(
    qtbot: QtBot, window: MainWindow, detecting: FakeDetecting, section: DetectionSection
) -> None:
    window.menus.boxes.setChecked(False)
    section.rows[1].link.click()
    at_rest(qtbot, window)
    boxes = window.detection.boxes
    assert window.stack.currentWidget() is window.viewer
    assert window.viewer.photo_id == RED
    small = next(entry for entry in detecting.shelf.values() if entry.box == SMALL)
    assert boxes.chosen is not None
    assert boxes.chosen[0] == small.id
    qtbot.waitUntil(lambda: boxes.scene.find(boxes.chosen) is not None)
    bare = window.viewer.canvas.grab().toImage()
    boxes.choose(None)
    assert window.viewer.canvas.grab().toImage() != bare, "drawn though boxes are put away"
    boxes.choose((small.id, "", SMALL))
    window.viewer.step(1)
    at_rest(qtbot, window)
    assert boxes.chosen is None


def test_pointing_at_a_row_points_at_its_box(
    qtbot: QtBot, window: MainWindow, section: DetectionSection
) -> None:
    window.open_viewer(RED)
    at_rest(qtbot, window)
    qtbot.waitUntil(lambda: len(section.rows) == 3 and section.idle)
    before = window.viewer.canvas.grab().toImage()
    middle = QPointF(5, 5)
    QApplication.sendEvent(section.rows[0], QEnterEvent(middle, middle, middle))
    assert window.viewer.canvas.grab().toImage() != before
    QApplication.sendEvent(section.rows[0], QEvent(QEvent.Type.Leave))
    assert window.viewer.canvas.grab().toImage() == before


def test_one_searches_on_from_a_thing(
    qtbot: QtBot, window: MainWindow, section: DetectionSection
) -> None:
    QTest.keyClick(section.rows[2].others, Qt.Key.Key_Space)
    at_rest(qtbot, window)
    assert window.session.lister.question.text == 'detected:"remote control"'
    window.show_everything()
    at_rest(qtbot, window)
    window.grid.view.go_to(RED)
    qtbot.waitUntil(lambda: len(section.rows) == 3 and section.idle)
    section.rows[0].similar.click()
    at_rest(qtbot, window)
    (picture,) = window.session.lister.question.pictures
    assert (picture.photo, picture.box) == (RED, LARGE)


def test_a_long_list_waits_to_be_asked_for(
    qtbot: QtBot, window: MainWindow, detecting: FakeDetecting, section: DetectionSection
) -> None:
    detecting.keep(RED, [Detection("red", 0.5, Box(n, n, n + 20, n + 20)) for n in range(20)])
    qtbot.waitUntil(section.more_button.isVisible)
    assert len(section.rows) == 8
    section.more_button.click()
    assert len(section.rows) == 23
    assert not section.more_button.isVisible()
