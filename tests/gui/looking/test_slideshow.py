"""Photos in turn: the pace, the keys, and never one that is not decoded."""

from __future__ import annotations

import threading

import pytest
from looking_hand import LookingHand, colour_of
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtTest import QTest

from engine.types import PhotoId


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interval of no length: the next photo comes as soon as it may."""
    monkeypatch.setattr("gui.looking.slideshow._MS", 0)


def test_it_goes_around_the_selection_in_full_screen(hand: LookingHand, quick: None) -> None:
    ids = hand.select(3)
    seen: list[PhotoId] = []
    hand.viewer.photo_changed.connect(seen.append)
    hand.press(Qt.Key.Key_F5, rest=False)
    assert hand.window.isFullScreen()
    hand.qtbot.waitUntil(lambda: len(seen) > 6)
    assert seen[:7] == [*ids, *ids, ids[0]]
    hand.press(Qt.Key.Key_Escape)
    assert not hand.window.isFullScreen()
    assert not hand.show.running
    assert hand.front is hand.window.grid
    assert hand.window.grid.view.selected_ids() == ids


def test_one_selected_photo_begins_a_show_of_all(hand: LookingHand) -> None:
    hand.select(1)
    hand.window.grid.view.go_to(hand.window.grid.model.id_at(58))
    hand.press(Qt.Key.Key_F5)
    order = [hand.viewer.photo_id]
    for _ in range(2):
        hand.press(Qt.Key.Key_Right)
        order.append(hand.viewer.photo_id)
    ids = hand.window.grid.model.ids
    assert order == [ids[58], ids[59], ids[0]]
    hand.press(Qt.Key.Key_Left)
    hand.press(Qt.Key.Key_Escape)
    assert hand.window.grid.view.selected_ids() == [ids[59]]


def test_it_waits_for_the_next_photo(hand: LookingHand, quick: None) -> None:
    ids = hand.window.grid.model.ids
    late = hand.library.held[ids[1]] = threading.Event()
    hand.press(Qt.Key.Key_F5, rest=False)
    hand.qtbot.waitUntil(lambda: hand.show.waiting)
    assert hand.viewer.photo_id == ids[0]
    assert hand.sharp(ids[0])
    with hand.qtbot.waitSignal(hand.viewer.photo_changed):
        late.set()
    hand.show.toggle_pause()
    assert hand.sharp(hand.viewer.photo_id or PhotoId(0))


def test_a_broken_photo_does_not_stop_it(hand: LookingHand, quick: None) -> None:
    ids = hand.select(3)
    hand.library.broken.add(ids[1])
    seen: list[PhotoId] = []
    hand.viewer.photo_changed.connect(seen.append)
    hand.press(Qt.Key.Key_F5, rest=False)
    hand.qtbot.waitUntil(lambda: len(seen) > 3)
    assert seen[:4] == [*ids, ids[0]]
    hand.show.stop()


def test_space_pauses_and_plus_and_minus_set_the_pace(hand: LookingHand) -> None:
    hand.press(Qt.Key.Key_F5)
    assert hand.show.interval_s == 5
    hand.press(Qt.Key.Key_Plus)
    hand.press(Qt.Key.Key_Plus)
    assert hand.show.interval_s == 10
    for _ in range(12):
        hand.press(Qt.Key.Key_Minus)
    assert hand.show.interval_s == 1
    assert QSettings().value("slideshow/seconds", type=int) == 1
    assert hand.show.strip.pace.text() == "1 s"
    hand.press(Qt.Key.Key_Space)
    assert hand.show.paused
    assert not hand.show.counting
    hand.press(Qt.Key.Key_Right)
    assert not hand.show.counting  # a pause stays one
    hand.press(Qt.Key.Key_Space)
    assert hand.show.counting


def test_photos_are_marked_while_it_runs(hand: LookingHand) -> None:
    ids = hand.window.grid.model.ids
    hand.press(Qt.Key.Key_F5)
    hand.press(Qt.Key.Key_Right)
    hand.press(Qt.Key.Key_4)
    hand.press(Qt.Key.Key_P)
    assert hand.library.marking.of([ids[1]])[ids[1]].rating == 4
    assert hand.show.running


def test_leaving_full_screen_or_the_viewer_ends_it(hand: LookingHand) -> None:
    hand.press(Qt.Key.Key_F5)
    hand.window.menus.full_screen.setChecked(False)
    assert not hand.show.running
    hand.rest()
    hand.window.show_page(hand.viewer)
    hand.press(Qt.Key.Key_F5)
    assert hand.show.running
    hand.window.show_page(hand.compare)
    assert not hand.show.running


def test_from_the_viewer_it_comes_back_to_the_viewer(hand: LookingHand) -> None:
    hand.press(Qt.Key.Key_Return)
    hand.press(Qt.Key.Key_F5)
    hand.press(Qt.Key.Key_Right)
    hand.press(Qt.Key.Key_Escape)
    assert hand.front is hand.viewer
    assert hand.viewer.photo_id == hand.window.grid.model.id_at(1)
    assert hand.viewer.bar.isVisible()


def test_strips_come_with_the_mouse_and_go_with_it(hand: LookingHand) -> None:
    hand.press(Qt.Key.Key_Return)
    hand.window.menus.full_screen.setChecked(True)
    viewer, canvas = hand.viewer, hand.viewer.canvas
    assert not viewer.bar.isVisible()
    assert canvas.cursor().shape() == Qt.CursorShape.BlankCursor
    QTest.mouseMove(canvas, QPoint(300, 300))
    QTest.mouseMove(canvas, QPoint(340, 320))
    assert viewer.bar.isVisible()
    assert canvas.cursor().shape() == Qt.CursorShape.ArrowCursor
    viewer.curtain.hide()
    assert not viewer.bar.isVisible()
    hand.press(Qt.Key.Key_Right)
    assert canvas.cursor().shape() == Qt.CursorShape.BlankCursor  # the next photo wakes nothing
    hand.window.menus.full_screen.setChecked(False)
    assert viewer.bar.isVisible()
    assert viewer.bar.geometry().bottom() < viewer.canvas.geometry().top() + 1


def test_the_fade_ends_with_the_new_photo(hand: LookingHand, quick: None) -> None:
    ids = hand.select(2)
    hand.press(Qt.Key.Key_F5, rest=False)
    hand.qtbot.waitUntil(lambda: hand.viewer.photo_id == ids[1])
    hand.show.toggle_pause()
    middle = hand.viewer.canvas.rect().center()
    shown = hand.viewer.photo_id or PhotoId(0)
    hand.qtbot.waitUntil(lambda: hand.colour_at(hand.viewer.canvas, middle) == colour_of(shown))
