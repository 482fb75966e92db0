"""Going fast through photos: never a wrong one, nothing decoded in vain, memory in bounds."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest
from looking_hand import HIGH, WIDE, LookingHand, colour_of
from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.types import Aspect, PhotoId, RGBImage
from gui.looking.pictures import Pictures
from gui.workers import Workers


class Paints(QObject):
    """Notes what a canvas shows each time it has painted."""

    def __init__(self, hand: LookingHand) -> None:
        super().__init__(hand.viewer)
        self.hand = hand
        self.wrong: list[object] = []
        self.count = 0
        hand.viewer.canvas.overlay = self.painted

    def painted(self, _painter: object) -> None:
        image, front = self.hand.viewer.canvas.image, self.hand.viewer.photo_id
        assert image is not None
        self.count += 1
        shown = image.pixelColor(image.width() // 2, image.height() // 2)
        if image.width() > 300 and front is not None and shown != colour_of(front):
            self.wrong.append((front, shown.name()))


class Gaps(QObject):
    """How long one event after the other has kept the application."""

    def __init__(self) -> None:
        super().__init__()
        self.longest_s = 0.0

    def press(self, hand: LookingHand, key: Qt.Key) -> None:
        began = time.thread_time()
        QTest.keyClick(hand.viewer, key)
        hand.viewer.canvas.repaint()
        self.longest_s = max(self.longest_s, time.thread_time() - began)


def test_right_held_over_fifty_photos(hand: LookingHand) -> None:
    hand.press(Qt.Key.Key_Return)
    hand.library.decoded.clear()
    paints, gaps = Paints(hand), Gaps()
    gate = threading.Event()
    ids = hand.window.grid.model.ids
    hand.library.held = {ids[at]: gate for at in range(5, 15)}  # some take their time
    for at in range(1, 51):
        gaps.press(hand, Qt.Key.Key_Right)
        QApplication.processEvents()
        if at == 30:
            gate.set()
    hand.library.held = {}
    hand.qtbot.waitUntil(lambda: hand.sharp(ids[50]))
    hand.rest()
    assert paints.wrong == []
    assert paints.count > 20
    assert gaps.longest_s < 0.05, f"{gaps.longest_s * 1000:.0f} ms of the GUI thread"
    front = [photo_id for photo_id, _ in hand.library.decoded]
    assert len(front) < 40  # what was passed by was mostly not decoded
    assert len(set(front)) == len(front)


def test_a_photo_on_which_one_rests_in_the_grid_is_decoded(hand: LookingHand) -> None:
    hand.library.decoded.clear()
    view, ids = hand.window.grid.view, hand.window.grid.model.ids
    for at in range(20, 26):
        view.go_to(ids[at])
        QApplication.processEvents()
    hand.qtbot.waitUntil(lambda: hand.window.session.pictures.get(ids[25]) is not None)
    assert [photo_id for photo_id, _ in hand.library.decoded] == [ids[25]]
    hand.press(Qt.Key.Key_Return, rest=False)
    assert hand.sharp(ids[25])


def test_a_preview_is_there_before_the_picture(hand: LookingHand) -> None:
    ids = hand.window.grid.model.ids
    hand.press(Qt.Key.Key_Return)
    gate = hand.library.held[ids[1]] = threading.Event()
    hand.window.session.pictures.forget([ids[1]])
    hand.press(Qt.Key.Key_Right, rest=False)
    image = hand.viewer.canvas.image
    assert image is not None
    assert image.width() < 300
    gate.set()
    hand.qtbot.waitUntil(lambda: hand.sharp(ids[1]))
    assert (ids[1], None) not in hand.library.decoded  # all pixels only when magnified
    hand.viewer.canvas.zoom_to(1.0)
    hand.qtbot.waitUntil(lambda: (ids[1], None) in hand.library.decoded)


def test_a_replaced_file_is_shown_anew(hand: LookingHand) -> None:
    hand.press(Qt.Key.Key_Return)
    front = hand.viewer.photo_id
    assert front is not None
    hand.viewer.canvas.zoom_to(0.8)
    hand.library.tint = 9
    hand.library.announce([front], Aspect.FILE)
    canvas = hand.viewer.canvas
    middle = canvas.rect().center()
    hand.qtbot.waitUntil(lambda: hand.colour_at(canvas, middle) == colour_of(front + 9))
    assert canvas.zoom == pytest.approx(0.8)


def test_an_offline_photo_shows_its_preview_and_says_so(hand: LookingHand) -> None:
    front = hand.window.grid.model.id_at(0)
    hand.change(front, Aspect.ROOT, online=False)
    hand.library.decoded.clear()
    hand.window.session.pictures.forget([front])
    hand.press(Qt.Key.Key_Return)
    assert "offline" in hand.viewer.canvas.sentence
    hand.qtbot.waitUntil(lambda: hand.viewer.canvas.image is not None)
    assert front not in [photo_id for photo_id, _ in hand.library.decoded]
    hand.change(front, Aspect.ROOT, online=True)
    hand.qtbot.waitUntil(lambda: hand.sharp(front))
    assert hand.viewer.canvas.sentence == ""


def test_a_damaged_photo_shows_what_there_is_and_says_so(hand: LookingHand) -> None:
    front = hand.window.grid.model.id_at(0)
    words = "is cut short; a part of the picture is missing"
    hand.change(front, Aspect.PROBLEM, damaged=words)
    hand.press(Qt.Key.Key_Return)
    hand.qtbot.waitUntil(lambda: hand.sharp(front))
    assert hand.viewer.canvas.sentence.startswith("The file is cut short")


def test_shift_and_arrows_look_elsewhere(hand: LookingHand) -> None:
    hand.press(Qt.Key.Key_Return)
    canvas, front = hand.viewer.canvas, hand.viewer.photo_id
    hand.press(Qt.Key.Key_Z)
    assert canvas.zoom == pytest.approx(1.0)
    before = canvas.photo_point(QPoint(0, 0).toPointF())
    hand.press(Qt.Key.Key_Right, shift=True)
    hand.press(Qt.Key.Key_Down, shift=True)
    after = canvas.photo_point(QPoint(0, 0).toPointF())
    assert after.x() > before.x()
    assert after.y() > before.y()
    assert hand.viewer.photo_id == front


def test_a_double_click_is_a_hundred_percent_there(hand: LookingHand) -> None:
    hand.press(Qt.Key.Key_Return)
    canvas = hand.viewer.canvas
    at = QPoint(canvas.width() // 2 + 90, canvas.height() // 2 + 40)
    before = canvas.photo_point(at.toPointF())
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=at)
    assert canvas.zoom == pytest.approx(1.0)
    after = canvas.photo_point(at.toPointF())
    assert (after.x(), after.y()) == pytest.approx((before.x(), before.y()), abs=1.0)
    QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=at)
    assert canvas.fitted


# -- the pictures alone --------------------------------------------------------------------------


def test_memory_stays_in_bounds(qtbot: QtBot, workers: Workers) -> None:
    def load(_id: PhotoId, side: int | None) -> RGBImage:
        return np.zeros((HIGH // 4, WIDE // 4, 3), np.uint8)  # 1.5 MB as it is kept

    pictures = Pictures(workers, load, budget_mb=8)
    for number in range(1, 21):
        ahead = [(PhotoId(number + 1), 800), (PhotoId(number + 2), 800)]
        with qtbot.waitSignal(pictures.loaded):
            pictures.want(PhotoId(number * 100), 800, ahead)
        qtbot.waitUntil(lambda: workers.tasks == [])
        assert pictures.used_bytes <= 8 << 20
        assert pictures.get(PhotoId(number * 100)) is not None


def test_what_changed_on_its_way_is_not_shown(qtbot: QtBot, workers: Workers) -> None:
    begun, go_on = threading.Event(), threading.Event()
    levels = [10, 200]

    def load(_id: PhotoId, _side: int | None) -> RGBImage:
        level = levels.pop(0)
        begun.set()
        assert go_on.wait(10)
        return np.full((20, 30, 3), level, np.uint8)

    pictures = Pictures(workers, load)
    photo_id = PhotoId(1)
    pictures.want(photo_id, 800)
    qtbot.waitUntil(begun.is_set)
    pictures.forget([photo_id])
    pictures.want(photo_id, 800)
    go_on.set()
    qtbot.waitUntil(lambda: workers.tasks == [])
    image = pictures.get(photo_id)
    assert image is not None
    assert image.pixelColor(3, 3).red() == 200
