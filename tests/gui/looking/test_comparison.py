"""Two to four photos beside each other: one zoom, one place, marks for the active one."""

from __future__ import annotations

import pytest
from looking_hand import LookingHand, colour_of
from PySide6.QtCore import QPoint, QPointF, QSizeF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.mark_types import Flag
from engine.types import Aspect, PhotoId
from gui.looking.compare_stage import CompareStage
from gui.looking.stage import Side


def begin(hand: LookingHand, count: int) -> list[PhotoId]:
    """Select so many and compare them."""
    ids = hand.select(count)
    hand.press(Qt.Key.Key_C)
    assert hand.front is hand.compare
    assert hand.compare.ids == ids
    hand.qtbot.waitUntil(
        lambda: all(side.image and side.image.width() > 300 for side in hand.compare.stage.sides)
    )
    return ids


@pytest.mark.parametrize("count", [2, 3, 4])
def test_each_pane_shows_its_photo_and_no_two_overlap(hand: LookingHand, count: int) -> None:
    ids = begin(hand, count)
    stage = hand.compare.stage
    panes = [stage.pane(at) for at in range(count)]
    for at, pane in enumerate(panes):
        assert hand.colour_at(stage, pane.center().toPoint()) == colour_of(ids[at])
        assert all(not pane.intersects(other) for other in panes[:at])
        assert stage.rect().toRectF().contains(pane)


def test_marks_are_for_the_active_photo_and_can_be_undone(hand: LookingHand) -> None:
    ids = begin(hand, 3)
    assert list(hand.window.marks.ids) == [ids[0]]
    hand.press(Qt.Key.Key_Right)
    hand.press(Qt.Key.Key_4)
    hand.press(Qt.Key.Key_X)
    marks = hand.library.marking.of(ids)
    assert {id_: (mark.rating, mark.flag) for id_, mark in marks.items() if mark.rating} == {
        ids[1]: (4, Flag.REJECTED)
    }
    assert hand.compare.photos_in_front() == [ids[1]]
    hand.window.menus.undo.trigger()
    hand.rest()
    hand.qtbot.waitUntil(lambda: hand.library.marking.of(ids)[ids[1]].flag is Flag.NONE)


def test_a_rejected_photo_steps_back_when_it_is_not_meant(hand: LookingHand) -> None:
    ids = begin(hand, 2)
    stage = hand.compare.stage
    middle = stage.pane(0).center().toPoint()
    hand.press(Qt.Key.Key_X)
    assert hand.colour_at(stage, middle) == colour_of(ids[0])
    hand.press(Qt.Key.Key_Right)
    assert hand.colour_at(stage, middle) != colour_of(ids[0])


def test_esc_comes_back_to_the_same_selection(hand: LookingHand) -> None:
    ids = begin(hand, 3)
    hand.press(Qt.Key.Key_Right)
    hand.press(Qt.Key.Key_Return)  # alone
    assert hand.front is hand.viewer
    assert hand.viewer.photo_id == ids[1]
    hand.press(Qt.Key.Key_Escape)
    assert hand.front is hand.compare
    hand.press(Qt.Key.Key_Escape)
    assert hand.front is hand.window.grid
    assert hand.window.grid.view.selected_ids() == ids
    hand.qtbot.waitUntil(lambda: list(hand.window.marks.ids) == ids)


def test_afterwards_the_details_are_of_the_selection(hand: LookingHand) -> None:
    ids = begin(hand, 2)
    with hand.qtbot.waitSignal(hand.window.details.many_ready) as told:
        hand.press(Qt.Key.Key_Escape)
    assert told.args is not None
    assert told.args[0] == ids


def test_in_the_viewer_it_is_with_the_next_photo(hand: LookingHand) -> None:
    first = hand.select(1)[0]
    hand.press(Qt.Key.Key_Return)
    hand.press(Qt.Key.Key_C)
    assert hand.compare.ids == [first, hand.window.grid.neighbour(first, 1)]
    hand.press(Qt.Key.Key_Escape)
    assert hand.front is hand.viewer
    assert hand.viewer.photo_id == first
    hand.press(Qt.Key.Key_Escape)
    assert hand.front is hand.window.grid


def test_five_are_too_many_and_the_photo_page_keeps_its_key(hand: LookingHand) -> None:
    hand.select(5)
    assert not hand.window.menus.compare.isEnabled()
    hand.window.looking.compare_selection()
    assert hand.front is hand.window.grid
    hand.select(2)
    assert hand.window.menus.compare.isEnabled()
    hand.window.show_page(hand.window.problems)
    assert not hand.window.menus.compare.isEnabled()


def test_another_photo_takes_a_place(hand: LookingHand) -> None:
    ids = begin(hand, 2)
    hand.press(Qt.Key.Key_Right)
    hand.press(Qt.Key.Key_PageDown)
    third = hand.window.grid.model.id_at(2)
    assert hand.compare.ids == [ids[0], third]
    hand.press(Qt.Key.Key_PageUp)
    assert hand.compare.ids == ids


def test_a_replaced_file_is_shown_anew(hand: LookingHand) -> None:
    ids = begin(hand, 2)
    hand.library.tint = 5
    hand.library.announce([ids[1]], Aspect.FILE)
    stage = hand.compare.stage
    middle = stage.pane(1).center().toPoint()
    wanted = colour_of(ids[1] + 5)
    hand.qtbot.waitUntil(lambda: hand.colour_at(stage, middle) == wanted)
    assert hand.colour_at(stage, stage.pane(0).center().toPoint()) == colour_of(ids[0])


def test_photos_that_go_leave_their_pane(hand: LookingHand) -> None:
    ids = begin(hand, 3)
    hand.library.remove([ids[0]])
    hand.qtbot.waitUntil(lambda: hand.compare.ids == ids[1:])
    hand.library.remove([ids[1]])
    hand.qtbot.waitUntil(lambda: hand.front is hand.window.grid)


def test_what_cannot_be_shown_is_said_in_its_pane(hand: LookingHand) -> None:
    ids = hand.window.grid.model.ids[:2]
    hand.library.broken.add(ids[1])
    hand.change(ids[0], Aspect.ROOT, online=False)
    hand.select(2)
    hand.library.decoded.clear()
    hand.press(Qt.Key.Key_C)
    sides = hand.compare.stage.sides
    hand.qtbot.waitUntil(lambda: "cut short" in hand.compare.stage.sides[1].sentence)
    assert "offline" in sides[0].sentence
    assert ids[0] not in [photo_id for photo_id, _ in hand.library.decoded]


# -- the stage alone -----------------------------------------------------------------------------


@pytest.fixture
def stage(qtbot: QtBot) -> CompareStage:
    made = CompareStage()
    qtbot.addWidget(made)
    made.resize(1000, 600)
    made.show()
    made.resize(1000, 600)
    sizes = (QSizeF(6000, 4000), QSizeF(1500, 1000), QSizeF(2000, 3000))
    made.show_sides([Side(str(at), size) for at, size in enumerate(sizes)])
    return made


def place(stage: CompareStage, at: int) -> tuple[float, float]:
    """The middle of what one sees, relative to the photo."""
    view = stage.view(at)
    return view.middle.x() / view.whole.width(), view.middle.y() / view.whole.height()


def test_locked_all_look_at_the_same_part(stage: CompareStage) -> None:
    at = stage.pane(0).center() + QPointF(60, 30)
    for _ in range(5):
        stage.zoom_by(1.4, at)
    times = [stage.view(number).actual / stage.view(number).fitting for number in range(3)]
    assert times == pytest.approx([times[0]] * 3)
    assert place(stage, 1) == pytest.approx(place(stage, 0))
    assert place(stage, 2) == pytest.approx(place(stage, 0), abs=0.06)  # within its own edges


def test_the_point_under_the_cursor_stays(stage: CompareStage) -> None:
    pane = stage.pane(1)
    at = pane.center() + QPointF(-40, 25)
    before = stage.view(1).middle + (at - pane.center()) / stage.view(1).actual
    for _ in range(4):
        stage.zoom_by(1.3, at)
    after = stage.view(1).middle + (at - pane.center()) / stage.view(1).actual
    assert after.x() == pytest.approx(before.x(), abs=0.5)  # above and below all of it is seen


def test_unlocked_each_moves_alone_and_locked_again_follows(stage: CompareStage) -> None:
    stage.set_locked(False)
    stage.zoom_by(6.0)
    assert not stage.fitted
    assert stage.view(1).scale is None
    start = stage.pane(0).center().toPoint()
    QTest.mousePress(stage, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(stage, start + QPoint(50, 20))
    QTest.mouseRelease(stage, Qt.MouseButton.LeftButton, pos=start + QPoint(50, 20))
    assert place(stage, 1) == (0.5, 0.5)
    assert place(stage, 0)[0] < 0.5
    stage.set_locked(True)
    assert place(stage, 1) == pytest.approx(place(stage, 0))


def test_hundred_percent_is_of_the_active_photo(stage: CompareStage) -> None:
    stage.activate(1)
    stage.toggle_full()
    assert stage.zoom == pytest.approx(1.0)
    assert stage.view(0).zoom == pytest.approx(0.25)
    stage.toggle_full()
    assert stage.fitted


def test_more_pixels_are_asked_for_the_photo_that_needs_them(
    qtbot: QtBot, stage: CompareStage
) -> None:
    small = QImage(1200, 800, QImage.Format.Format_RGB32)
    whole = QImage(1500, 1000, QImage.Format.Format_RGB32)
    stage.set_image(1, whole)
    with qtbot.assertNotEmitted(stage.detail_wanted):
        stage.set_image(0, small)
    with qtbot.waitSignal(stage.detail_wanted) as asked:
        stage.zoom_by(5.0)
    assert asked.args == [0]
