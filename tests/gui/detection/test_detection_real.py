"""Detection in the real window on the demo library: seen, kept, found by query, run, exported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.app import DEMO_PHOTOS, Desk
from gui.detection.set_page import Where

CHECKOUT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.skipif(
    not (CHECKOUT / "resources" / "demo" / "detector" / "config.json").is_file(),
    reason="the demo detector is not in this checkout",
)


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "library", DEMO_PHOTOS / "Home", demo=True)
    qtbot.addWidget(made.window)
    made.window.resize(1200, 800)
    made.show()
    qtbot.waitUntil(lambda: made.session is not None, timeout=20_000)
    at_rest(qtbot, made)
    yield made
    made.window.close()


def at_rest(qtbot: QtBot, desk: Desk) -> None:
    qtbot.waitUntil(lambda: desk.session is not None and not desk.workers.tasks, timeout=90_000)


def test_from_a_word_to_boxes_that_can_be_searched_for(
    qtbot: QtBot, desk: Desk, tmp_path: Path
) -> None:
    window, library = desk.window, desk.library
    assert library is not None
    cats = [hit.photo_id for hit in library.search("two cats on a couch").hits[:6]]
    detection = window.detection

    # one photo: typed, seen, kept, undone and done again
    detection.open_photo(cats[0])
    page = detection.photo
    QTest.keyClicks(page.field.field, "cat,")
    qtbot.waitUntil(lambda: page.scene.sight is not None, timeout=60_000)
    at_rest(qtbot, desk)
    assert page.scene.sight is not None
    photo = library.photos([cats[0]])[0]
    assert (page.scene.sight.width, page.scene.sight.height) == (photo.width, photo.height)
    if page.scene.best_below is not None and not page.scene.shown:
        page.side.button.click()
    assert page.scene.shown, "the detector knows what it was trained on"
    count = len(page.scene.shown)
    page.editor.keep_all()
    qtbot.waitUntil(lambda: len(page.scene.kept) == count, timeout=20_000)
    assert page.scene.new == []
    assert cats[0] in {hit.photo_id for hit in library.search("detected:cat").hits}
    window.menus.undo.trigger()
    qtbot.waitUntil(lambda: library.detecting.of_photo(cats[0]) == [], timeout=20_000)
    window.menus.redo.trigger()
    qtbot.waitUntil(lambda: len(library.detecting.of_photo(cats[0])) == count, timeout=20_000)

    # a wrong label, corrected, then deleted
    at_rest(qtbot, desk)
    qtbot.waitUntil(lambda: len(page.scene.kept) == count, timeout=20_000)
    page.editor.name(page.scene.shown[0].key)
    assert page.editor.popup is not None
    page.editor.popup.field.setText("tiger")
    QTest.keyClick(page.editor.popup.field, Qt.Key.Key_Return)
    qtbot.waitUntil(
        lambda: "tiger" in {entry.label for entry in library.detecting.of_photo(cats[0])},
        timeout=20_000,
    )

    # many photos: a run, its boxes in the grid, taken back
    at_rest(qtbot, desk)
    detection.show_set()
    many = detection.set
    many.offer([Where("Six photos", cats)], page.field.labels)
    many.threshold.slider.setValue(10)
    many.run()
    at_rest(qtbot, desk)
    run = library.detecting.runs()[0]
    assert (run.looked, run.asked, run.what) == (6, 6, "Six photos")
    assert run.boxes > 0
    qtbot.waitUntil(lambda: many.model.rowCount() > 0, timeout=20_000)
    detection.runs.export(cats, "coco", tmp_path)
    at_rest(qtbot, desk)
    assert (tmp_path / "detections.json").is_file()
    detection.runs.take_back(run)
    at_rest(qtbot, desk)
    assert library.detecting.runs()[0].undone
    left = [e for found in library.detecting.of_photos(cats).values() for e in found]
    assert all(entry.run_id != run.id for entry in left)
    assert "tiger" in {entry.label for entry in left}, "the user's correction stays"
