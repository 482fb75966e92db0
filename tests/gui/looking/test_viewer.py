"""The viewer: geometry of zoom and pan, sharper pictures as they come, next and previous."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event

import numpy as np
import pytest
from fake_library import photo
from PySide6.QtCore import QPoint, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.errors import PhotoUndecodable
from engine.types import Photo, PhotoId, RGBImage
from gui.looking.canvas import Canvas
from gui.looking.pictures import Pictures, to_qimage
from gui.looking.viewer import Viewer
from gui.workers import Workers


@pytest.fixture
def canvas(qtbot: QtBot) -> Canvas:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.resize(800, 600)
    canvas.show()
    canvas.resize(800, 600)  # an offscreen window may be given another size when it is shown
    assert (canvas.width(), canvas.height()) == (800, 600)
    return canvas


def picture(width: int, height: int) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(10, 200, 30))
    return image


def wheel(canvas: Canvas, at: QPointF, steps: int) -> None:
    event = QWheelEvent(
        at,
        QPointF(canvas.mapToGlobal(at.toPoint())),
        QPoint(),
        QPoint(0, 120 * steps),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def test_a_large_photo_is_fitted_and_a_small_one_not_blown_up(canvas: Canvas) -> None:
    canvas.show_photo(QSize(4000, 3000), picture(400, 300))
    assert canvas.zoom == pytest.approx(0.2)
    canvas.show_photo(QSize(100, 100), picture(100, 100))
    assert canvas.zoom == pytest.approx(1.0)


def test_zoom_keeps_the_point_under_the_cursor(canvas: Canvas) -> None:
    canvas.show_photo(QSize(4000, 3000), picture(400, 300))
    at = QPointF(200, 150)
    before = canvas.photo_point(at)
    for _ in range(6):
        wheel(canvas, at, 1)
    after = canvas.photo_point(at)
    assert canvas.zoom > 0.7
    assert (after.x(), after.y()) == pytest.approx((before.x(), before.y()), abs=0.5)


def test_hundred_percent_and_back(canvas: Canvas) -> None:
    canvas.show_photo(QSize(4000, 3000), picture(400, 300))
    canvas.toggle_full()
    assert canvas.zoom == pytest.approx(1.0)
    canvas.toggle_full()
    assert canvas.fitted


def test_pan_stops_at_the_edges(canvas: Canvas) -> None:
    canvas.show_photo(QSize(4000, 3000), picture(400, 300))
    canvas.zoom_to(1.0)
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(400, 300))
    QTest.mouseMove(canvas, QPoint(500, 380))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(500, 380))
    middle = canvas.photo_point(QPointF(400, 300))
    assert (middle.x(), middle.y()) == pytest.approx((1900, 1420))
    for _ in range(60):
        QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(100, 100))
        QTest.mouseMove(canvas, QPoint(700, 500))
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(700, 500))
    corner = canvas.photo_point(QPointF(0, 0))
    assert (corner.x(), corner.y()) == pytest.approx((0, 0))


def test_more_pixels_are_asked_for_only_when_they_show(qtbot: QtBot, canvas: Canvas) -> None:
    with qtbot.assertNotEmitted(canvas.detail_wanted):
        canvas.show_photo(QSize(4000, 3000), picture(1600, 1200))
    with qtbot.waitSignal(canvas.detail_wanted):
        canvas.zoom_to(1.0)
    place = canvas.photo_point(QPointF(10, 10))
    canvas.set_image(picture(4000, 3000), is_full=True)
    assert canvas.photo_point(QPointF(10, 10)) == place
    with qtbot.assertNotEmitted(canvas.detail_wanted):
        canvas.zoom_to(1.0)


def test_a_photo_of_unknown_size_keeps_its_place_when_all_pixels_come(canvas: Canvas) -> None:
    canvas.show_photo(QSize(), picture(1000, 750))
    canvas.zoom_to(2.0)
    shown = canvas.photo_point(QPointF(0, 0)) / 1000
    canvas.set_image(picture(4000, 3000), is_full=True)
    after = canvas.photo_point(QPointF(0, 0)) / 4000
    assert (after.x(), after.y()) == pytest.approx((shown.x(), shown.y()), abs=1e-6)
    assert canvas.zoom == pytest.approx(0.5)


def test_arrays_become_pictures() -> None:
    pixels = np.zeros((5, 7, 3), np.uint8)
    pixels[2, 3] = (200, 100, 50)
    image = to_qimage(pixels)
    assert (image.width(), image.height()) == (7, 5)
    assert image.pixelColor(3, 2) == QColor(200, 100, 50)


class Shelf:
    """Twenty photos in a row; number 7 is broken, 9 was never read."""

    def __init__(self) -> None:
        self.pictures: Pictures
        self.loaded: list[tuple[int, int | None]] = []
        self.gate = Event()
        self.gate.set()
        self.photos = {PhotoId(n): photo(n, width=3000, height=2000) for n in range(20)}
        self.photos[PhotoId(9)] = photo(9, width=None, height=None)

    def load(self, photo_id: PhotoId, side: int | None) -> RGBImage:
        self.loaded.append((photo_id, side))
        assert self.gate.wait(20)
        found = self.photos[photo_id]
        if photo_id == 7:
            raise PhotoUndecodable(found.path, "the file is cut short")
        width = min(3000, side or 3000)
        return np.zeros((width * 2 // 3, width, 3), np.uint8)

    def neighbour(self, photo_id: PhotoId, steps: int) -> PhotoId | None:
        other = PhotoId(photo_id + steps)
        return other if other in self.photos else None

    def photo(self, photo_id: PhotoId) -> Photo | None:
        return self.photos.get(photo_id)


@pytest.fixture
def viewer(qtbot: QtBot, workers: Workers) -> Iterator[tuple[Viewer, Shelf]]:
    shelf = Shelf()
    made = Viewer()
    qtbot.addWidget(made)
    shelf.pictures = Pictures(workers, shelf.load)
    made.attach(shelf.pictures, lambda _: None)
    made.neighbour, made.photo = shelf.neighbour, shelf.photo
    made.place = lambda photo_id: (int(photo_id), 20)
    # Whatever the style of the application needs: pictures are asked for in this size.
    made.setFixedSize(900, 700)
    made.show()
    yield made, shelf
    assert workers.shutdown()


def test_neighbours_are_loaded_ahead(qtbot: QtBot, viewer: tuple[Viewer, Shelf]) -> None:
    shown, shelf = viewer
    shown.open(PhotoId(3))
    qtbot.waitUntil(lambda: [number for number, _ in shelf.loaded] == [3, 4, 5, 2])
    # What has not ended when one goes on may be left, and asked for again.
    qtbot.waitUntil(lambda: all(shelf.pictures.get(PhotoId(n)) is not None for n in (4, 5, 2)))
    with qtbot.waitSignal(shown.photo_changed):
        QTest.keyClick(shown, Qt.Key.Key_Right)
    assert shown.canvas.image is not None  # it was there already
    qtbot.waitUntil(lambda: [number for number, _ in shelf.loaded] == [3, 4, 5, 2, 6])


def test_what_was_flicked_past_is_not_loaded(qtbot: QtBot, viewer: tuple[Viewer, Shelf]) -> None:
    shown, shelf = viewer
    shelf.gate.clear()  # the first is being decoded, as a real one would be, all the while
    shown.open(PhotoId(0))
    for _ in range(15):
        shown.step(1)
    shelf.gate.set()
    qtbot.waitUntil(lambda: shown.canvas.image is not None)
    assert shown.photo_id == 15
    assert len(shelf.loaded) < 10


def test_a_broken_photo_is_said_in_a_sentence(qtbot: QtBot, viewer: tuple[Viewer, Shelf]) -> None:
    shown, _ = viewer
    shown.open(PhotoId(7))
    qtbot.waitUntil(lambda: bool(shown.canvas.sentence))
    assert "the file is cut short" in shown.canvas.sentence
    shown.step(1)
    qtbot.waitUntil(lambda: shown.canvas.image is not None)
    assert shown.canvas.sentence == ""


def test_zooming_in_loads_all_pixels(qtbot: QtBot, viewer: tuple[Viewer, Shelf]) -> None:
    shown, shelf = viewer
    shown.open(PhotoId(9))
    qtbot.waitUntil(lambda: shown.canvas.image is not None)
    shown.open(PhotoId(3))
    qtbot.waitUntil(lambda: shown.canvas.image is not None)
    side = shelf.loaded[-1][1]
    assert side is not None
    assert side < 3000
    shown.canvas.zoom_to(1.0)
    qtbot.waitUntil(lambda: (3, None) in shelf.loaded)
    qtbot.waitUntil(lambda: shown.canvas.image is not None and shown.canvas.image.width() == 3000)


def test_a_narrow_bar_keeps_everything_in_a_menu(
    qtbot: QtBot, viewer: tuple[Viewer, Shelf]
) -> None:
    shown, _ = viewer
    bar = shown.bar
    shown.open(PhotoId(3))
    assert bar.compare.isVisible()
    assert not bar.more.isVisible()
    shown.setFixedSize(500, 400)
    assert not bar.compare.isVisible()
    menu = bar.more.menu()
    assert menu is not None
    entry = next(action for action in menu.actions() if "Slideshow" in action.text())
    with qtbot.waitSignal(shown.show_wanted):
        entry.trigger()


def test_the_ends_are_the_ends(qtbot: QtBot, viewer: tuple[Viewer, Shelf]) -> None:
    shown, _ = viewer
    shown.open(PhotoId(0))
    shown.step(-1)
    assert shown.photo_id == 0
