"""Boxes that are there are moved and sized, with the mouse and with keys, and back again."""

from __future__ import annotations

import pytest
from detection_hand import at_rest, look, undo
from fake_detecting import LARGE, SMALL, FakeDetecting
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.types import Box, PhotoId
from gui.detection.grips import Grip, dragged, grip_at
from gui.detection.photo_page import PhotoPage
from gui.detection.scene import Thing
from gui.main_window import MainWindow

RED = PhotoId(3)
Key = Qt.Key


@pytest.fixture
def kept(qtbot: QtBot, window: MainWindow, page: PhotoPage, detecting: FakeDetecting) -> PhotoPage:
    """The page with a kept box and one that is only seen; the kept one is chosen."""
    look(qtbot, window, page, "red")
    large = next(thing for thing in page.scene.shown if thing.box == LARGE)
    page.select(large.key)
    page.editor.keep()
    qtbot.waitUntil(lambda: page.scene.kept_at(LARGE) is not None)
    at_rest(qtbot, window)
    page.canvas.setFocus()
    choose(page, LARGE)
    return page


def choose(page: PhotoPage, box: Box) -> Thing:
    thing = next(thing for thing in page.scene.shown if thing.box == box)
    page.select(thing.key)
    return thing


def point(page: PhotoPage, x: float, y: float) -> QPoint:
    """Where a point of the photo is on the screen."""
    return page.canvas.area_of(Box(x, y, x, y)).topLeft().toPoint()


def drag(page: PhotoPage, start: tuple[float, float], end: tuple[float, float]) -> None:
    canvas = page.canvas
    one, other = point(page, *start), point(page, *end)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=one)
    QTest.mouseMove(canvas, (one + other) / 2)
    QTest.mouseMove(canvas, other)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=other)


def only(detecting: FakeDetecting) -> Box:
    (entry,) = detecting.of_photo(RED)
    return entry.box


def near(box: Box, other: Box) -> bool:
    return all(abs(one - two) <= 2 for one, two in zip(box, other, strict=True))


def test_a_kept_box_is_moved_and_moved_back(
    qtbot: QtBot, window: MainWindow, kept: PhotoPage, detecting: FakeDetecting
) -> None:
    drag(kept, (150, 150), (190, 170))
    at_rest(qtbot, window)
    moved = Box(100, 60, 340, 320)
    assert near(only(detecting), moved)
    qtbot.waitUntil(lambda: kept.selected is not None and near(kept.selected.box, moved))
    assert kept.canvas.draft is None
    (entry,) = detecting.of_photo(RED)
    assert entry.corrected
    undo(qtbot, window)
    assert only(detecting) == LARGE
    qtbot.waitUntil(lambda: kept.selected is not None and kept.selected.box == LARGE)
    window.menus.redo.trigger()
    qtbot.waitUntil(lambda: near(only(detecting), moved))


def test_what_is_seen_at_the_old_place_does_not_come_back(
    qtbot: QtBot, window: MainWindow, kept: PhotoPage, detecting: FakeDetecting
) -> None:
    drag(kept, (300, 300), (130, 120))
    at_rest(qtbot, window)
    qtbot.waitUntil(lambda: len(kept.scene.kept) == 1 and not near(only(detecting), LARGE))
    assert near(only(detecting), Box(60, 40, 130, 120))
    assert [thing.box for thing in kept.scene.new] == [SMALL]
    undo(qtbot, window)
    qtbot.waitUntil(lambda: kept.scene.kept_at(LARGE) is not None)
    assert [thing.box for thing in kept.scene.new] == [SMALL]


def test_a_seen_box_that_is_sized_becomes_the_users(
    qtbot: QtBot, window: MainWindow, page: PhotoPage, detecting: FakeDetecting
) -> None:
    look(qtbot, window, page, "red")
    choose(page, SMALL)
    drag(page, (540, 200), (580, 240))  # by its right edge
    qtbot.waitUntil(lambda: bool(page.scene.kept))
    (entry,) = detecting.of_photo(RED)
    assert entry.score is None
    assert entry.label == "red"
    assert near(entry.box, Box(360, 120, 580, 330))
    assert [thing.box for thing in page.scene.new] == [LARGE]
    qtbot.waitUntil(lambda: page.selected is not None and page.selected.id == entry.id)
    undo(qtbot, window)
    qtbot.waitUntil(lambda: len(page.scene.new) == 2)
    assert detecting.of_photo(RED) == []


def test_keys_move_and_size_it(
    qtbot: QtBot, window: MainWindow, kept: PhotoPage, detecting: FakeDetecting
) -> None:
    QTest.keyClick(kept.canvas, Key.Key_E)
    QTest.keyClick(kept.canvas, Key.Key_Right)
    QTest.keyClick(kept.canvas, Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert only(detecting) == LARGE, "nothing is done before Return"
    QTest.keyClick(kept.canvas, Key.Key_Return)
    assert kept.editor.popup is None, "it has its name already"
    at_rest(qtbot, window)
    left, top, right, bottom = only(detecting)
    assert (left > 60, top == 40, right - left == 240, bottom > 300) == (True,) * 4
    qtbot.waitUntil(lambda: kept.canvas.draft is None)
    QTest.keyClick(kept.canvas, Key.Key_E)
    QTest.keyClick(kept.canvas, Key.Key_Left)
    QTest.keyClick(kept.canvas, Key.Key_Escape)
    assert kept.canvas.draft is None
    assert kept.selected is not None, "the first Esc only drops the change"
    assert only(detecting) == Box(left, top, right, bottom)


def test_a_click_is_no_move_and_a_box_inside_is_reached(
    qtbot: QtBot, window: MainWindow, kept: PhotoPage, detecting: FakeDetecting
) -> None:
    detecting.add(RED, "button", Box(120, 100, 180, 160))
    qtbot.waitUntil(lambda: len(kept.scene.kept) == 2)
    choose(kept, LARGE)
    QTest.mouseClick(kept.canvas, Qt.MouseButton.LeftButton, pos=point(kept, 150, 130))
    assert kept.selected is not None
    assert kept.selected.label == "button"
    choose(kept, LARGE)
    QTest.mouseClick(kept.canvas, Qt.MouseButton.LeftButton, pos=point(kept, 250, 250))
    assert kept.selected is not None
    assert kept.selected.box == LARGE
    assert kept.canvas.draft is None
    at_rest(qtbot, window)
    assert LARGE in [entry.box for entry in detecting.of_photo(RED)]


def test_another_photo_takes_no_half_done_change_along(
    qtbot: QtBot, window: MainWindow, kept: PhotoPage, detecting: FakeDetecting
) -> None:
    QTest.keyClick(kept.canvas, Key.Key_E)
    QTest.keyClick(kept.canvas, Key.Key_Right)
    kept.step(1)
    at_rest(qtbot, window)
    assert kept.canvas.draft is None
    QTest.keyClick(kept.canvas, Key.Key_Return)
    at_rest(qtbot, window)
    assert only(detecting) == LARGE


_SIDE = st.floats(0, 1000, allow_nan=False)


@given(st.tuples(_SIDE, _SIDE, _SIDE, _SIDE), st.sampled_from([*Grip, Grip.LEFT | Grip.TOP,
       Grip.ALL]), st.floats(-3000, 3000), st.floats(-3000, 3000))  # fmt: skip
def test_no_drag_leaves_the_photo(
    sides: tuple[float, float, float, float], grip: Grip, x: float, y: float
) -> None:
    one, two, three, four = sides
    box = Box(min(one, two), min(three, four), max(one, two) + 8, max(three, four) + 8)
    after = dragged(box, grip, QPointF(x, y), (1008, 1008), 4)
    assert 0 <= after.left < after.right <= 1008
    assert 0 <= after.top < after.bottom <= 1008
    if grip is Grip.ALL:
        assert after.right - after.left == pytest.approx(box.right - box.left)
        assert after.bottom - after.top == pytest.approx(box.bottom - box.top)


def test_corners_edges_and_the_middle_are_told_apart() -> None:
    area = QRectF(100, 100, 200, 100)
    assert grip_at(area, QPointF(98, 102)) == Grip.LEFT | Grip.TOP
    assert grip_at(area, QPointF(301, 150)) == Grip.RIGHT
    assert grip_at(area, QPointF(200, 203)) == Grip.BOTTOM
    assert grip_at(area, QPointF(200, 150)) is Grip.ALL
    assert grip_at(area, QPointF(80, 150)) is None
    assert grip_at(QRectF(0, 0, 12, 12), QPointF(6, 6)) is Grip.ALL, "a small one can be moved"
