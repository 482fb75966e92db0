"""One cell as it is painted: placeholder, photo, weaker, offline, selected, broken."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from fake_library import jpeg, photo
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.errors import PhotoUndecodable
from engine.types import Band, Hit, Photo, PhotoId
from gui import theme
from gui.grid.model import GridModel, Listing
from gui.grid.view import GridView
from gui.thumbnails import Thumbnails
from gui.workers import Workers

RED, OFFLINE, BROKEN, WEAKER = PhotoId(1), PhotoId(2), PhotoId(3), PhotoId(4)


def load(photo_id: PhotoId) -> bytes:
    if photo_id == BROKEN:
        raise PhotoUndecodable(Path("x.jpg"), "is not a picture")
    return jpeg("red")


@pytest.fixture
def view(qtbot: QtBot, qapp: QApplication, workers: Workers) -> GridView:
    theme.apply_theme(qapp, "dark")
    model = GridModel()
    thumbnails = Thumbnails(workers, load)
    made = GridView(model, thumbnails)
    made.keep = model, thumbnails  # pyright: ignore[reportAttributeAccessIssue]
    qtbot.addWidget(made)
    photos: list[Photo] = [photo(n) for n in (1, 2, 3, 4)]
    photos[1] = replace(photos[1], online=False)
    hits = {PhotoId(n): Hit(PhotoId(n), 0.3) for n in (1, 2, 3)}
    hits[WEAKER] = Hit(WEAKER, 0.1, Band.WEAKER)
    made.resize(900, 300)
    made.show()
    model.show(Listing([RED, OFFLINE, BROKEN, WEAKER], hits=hits, weaker_from=3))
    model.put(photos)
    made.grab()
    qtbot.waitUntil(lambda: thumbnails.idle)
    return made


def cell(view: GridView, row: int) -> QImage:
    area = view.visualRect(view.model().index(row, 0))
    return view.viewport().grab(area).toImage()


def near(colour: QColor, other: QColor, by: int = 12) -> bool:
    pairs = zip(colour.getRgb(), other.getRgb(), strict=True)  # pyright: ignore
    return all(abs(a - b) <= by for a, b in pairs)


def test_a_photo_fills_its_cell(view: GridView) -> None:
    image = cell(view, 0)
    assert near(image.pixelColor(4, 4), QColor(200, 30, 30))
    assert near(image.pixelColor(image.width() - 8, 4), QColor(200, 30, 30))


def test_whole_photos_have_margins(view: GridView, qtbot: QtBot) -> None:
    view.set_fills_cells(False)
    image = cell(view, 0)
    assert near(image.pixelColor(image.width() // 2, 3), theme.colours().window)
    assert near(image.pixelColor(image.width() // 2, image.height() // 2), QColor(200, 30, 30))


def test_offline_and_weaker_photos_step_back(view: GridView) -> None:
    for row in (1, 3):
        image = cell(view, row)
        middle = image.pixelColor(image.width() // 2, image.height() // 2)
        assert 80 < middle.red() < 130, f"row {row} is not dimmed: {middle.getRgb()}"


def test_what_cannot_be_read_is_a_placeholder_with_a_sign(view: GridView) -> None:
    image = cell(view, 2)
    assert near(image.pixelColor(10, 10), theme.colours().placeholder)
    colours = {
        image.pixelColor(x, image.height() // 2).name()
        for x in range(image.width() // 3, image.width() * 2 // 3)
    }
    assert len(colours) > 2, "there is no sign in the middle"


def test_the_selected_photo_has_a_frame_in_the_accent_colour(view: GridView) -> None:
    assert not near(cell(view, 0).pixelColor(1, 40), theme.colours().accent)
    view.setCurrentIndex(view.model().index(0, 0))
    assert near(cell(view, 0).pixelColor(1, 40), theme.colours().accent)


def test_the_line_before_weaker_photos_says_so(view: GridView) -> None:
    assert view.divider.isVisible()
    assert view.divider.text() == "Weaker matches (1)"
    assert view.divider.accessibleName().startswith("3 match")
    first_weaker = view.visualRect(view.model().index(3, 0))
    assert view.divider.geometry().bottom() < first_weaker.top()
    assert first_weaker.left() == 0  # on a line of its own
