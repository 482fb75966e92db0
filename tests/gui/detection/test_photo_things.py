"""One photo and its things: typed, seen, kept, named, drawn, deleted; with undo and keys."""

from __future__ import annotations

from dataclasses import replace

import pytest
from detection_hand import at_rest, look, numbers, undo
from fake_detecting import LARGE, READY, SMALL, FakeDetecting
from fake_library import FakeLibrary, photo
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.detection_types import Sight
from engine.errors import DetectionError
from engine.types import PhotoId, PhotoState
from gui.detection.photo_page import PhotoPage
from gui.detection.work import last_labels
from gui.main_window import MainWindow

RED = PhotoId(3)
Key = Qt.Key


def labels(page: PhotoPage) -> list[tuple[str, float | None, bool]]:
    return [(thing.label, thing.score, thing.kept) for thing in page.scene.shown]


def test_typed_labels_are_looked_for_and_listed(
    qtbot: QtBot, window: MainWindow, page: PhotoPage, detecting: FakeDetecting
) -> None:
    assert page.field.field.hasFocus(), "one types at once"
    assert "Type what to look for" in page.side.message.text()
    QTest.keyClicks(page.field.field, "red")
    QTest.keyClick(page.field.field, Key.Key_Return)
    at_rest(qtbot, window)
    assert detecting.looks == [(RED, ("red",))]
    assert labels(page) == [("red", 0.9, False), ("red", 0.4, False)]
    assert numbers(page.side.heading.text()) == [2]
    assert page.side.list.topLevelItemCount() == 1
    assert last_labels() == ["red"]
    assert len(page.side.list.keys()) == 2


def test_the_threshold_filters_without_the_engine(
    qtbot: QtBot, window: MainWindow, page: PhotoPage, detecting: FakeDetecting
) -> None:
    look(qtbot, window, page, "red")
    asked = len(detecting.looks)
    page.side.threshold.slider.setValue(50)
    assert labels(page) == [("red", 0.9, False)]
    page.side.threshold.usual_button.click()
    assert len(labels(page)) == 2
    page.canvas.setFocus()
    for _ in range(12):
        QTest.keyClick(page.canvas, Key.Key_BracketRight)
    assert len(labels(page)) == 1
    assert len(detecting.looks) == asked


def test_nothing_found_offers_the_best_below(
    qtbot: QtBot, window: MainWindow, page: PhotoPage
) -> None:
    look(qtbot, window, page, "green")
    assert labels(page) == []
    assert "“green” is not seen" in page.side.message.text()
    assert "12 %" in page.side.detail.text()
    page.side.button.click()
    assert labels(page) == [("green", 0.12, False)]
    page.field.chips[0].removed.emit()
    look(qtbot, window, page, "nothing")
    assert not page.side.button.isVisible()
    assert "draw" in page.side.detail.text()


def test_keeping_is_undone_and_done_again(
    qtbot: QtBot, window: MainWindow, page: PhotoPage, detecting: FakeDetecting
) -> None:
    look(qtbot, window, page, "red")
    page.side.keep_button.click()
    qtbot.waitUntil(lambda: [kept for *_, kept in labels(page)] == [True, True])
    assert page.side.keep_button.isHidden()
    undo(qtbot, window)
    assert detecting.of_photo(RED) == []
    qtbot.waitUntil(lambda: [kept for *_, kept in labels(page)] == [False, False])
    window.menus.redo.trigger()
    qtbot.waitUntil(lambda: len(detecting.of_photo(RED)) == 2)


def test_a_wrong_label_is_corrected(
    qtbot: QtBot, window: MainWindow, page: PhotoPage, detecting: FakeDetecting
) -> None:
    look(qtbot, window, page, "red")
    page.select(page.scene.shown[1].key)
    QTest.keyClick(page.canvas, Key.Key_F2)
    popup = page.editor.popup
    assert popup is not None
    assert popup.field.text() == "red"
    popup.field.setText("apple")
    QTest.keyClick(popup.field, Key.Key_Return)
    qtbot.waitUntil(lambda: ("apple", None, True) in labels(page))
    assert ("red", 0.4, False) not in labels(page), "what was wrong is not shown beside it"
    undo(qtbot, window)
    qtbot.waitUntil(lambda: labels(page) == [("red", 0.9, False), ("red", 0.4, False)])
    window.menus.redo.trigger()
    qtbot.waitUntil(lambda: ("apple", None, True) in labels(page))
    assert len(labels(page)) == 2

    # one that is kept changes its own label
    page.select(next(thing.key for thing in page.scene.shown if thing.label == "apple"))
    page.editor.name(page.selected.key if page.selected else None)
    popup = page.editor.popup
    assert popup is not None
    popup.field.setText("pear")
    QTest.keyClick(popup.field, Key.Key_Return)
    qtbot.waitUntil(lambda: [entry.label for entry in detecting.of_photo(RED)] == ["pear"])
    undo(qtbot, window)
    assert [entry.label for entry in detecting.of_photo(RED)] == ["apple"]


def test_a_kept_box_is_corrected_and_what_is_seen_there_is_not_shown_beside_it(
    qtbot: QtBot, window: MainWindow, page: PhotoPage
) -> None:
    look(qtbot, window, page, "red")
    page.editor.keep_all()
    qtbot.waitUntil(lambda: labels(page) == [("red", 0.9, True), ("red", 0.4, True)])
    page.editor.name(page.scene.shown[0].key)
    popup = page.editor.popup
    assert popup is not None
    popup.field.setText("rose")
    QTest.keyClick(popup.field, Key.Key_Return)
    qtbot.waitUntil(lambda: labels(page) == [("red", 0.4, True), ("rose", 0.9, True)])
    undo(qtbot, window)
    qtbot.waitUntil(lambda: labels(page) == [("red", 0.9, True), ("red", 0.4, True)])
    undo(qtbot, window)
    qtbot.waitUntil(lambda: labels(page) == [("red", 0.9, False), ("red", 0.4, False)])


def test_boxes_are_deleted_and_come_back(
    qtbot: QtBot, window: MainWindow, page: PhotoPage, detecting: FakeDetecting
) -> None:
    look(qtbot, window, page, "red")
    page.select(page.scene.shown[0].key)
    QTest.keyClick(page.canvas, Key.Key_Delete)
    qtbot.waitUntil(lambda: labels(page) == [("red", 0.4, False)])
    assert page.selected is not None, "the next one is chosen"
    QTest.keyClick(page.canvas, Key.Key_K)
    qtbot.waitUntil(lambda: labels(page) == [("red", 0.4, True)])
    page.select(page.scene.shown[0].key)
    QTest.keyClick(page.canvas, Key.Key_Delete)
    qtbot.waitUntil(lambda: labels(page) == [])  # what the detector sees there, neither
    assert detecting.of_photo(RED) == []
    undo(qtbot, window)
    qtbot.waitUntil(lambda: labels(page) == [("red", 0.4, True)])
    for _ in range(2):
        undo(qtbot, window)
    qtbot.waitUntil(lambda: labels(page) == [("red", 0.9, False), ("red", 0.4, False)])


def test_a_box_is_drawn_with_the_mouse_and_named(
    qtbot: QtBot, window: MainWindow, page: PhotoPage, detecting: FakeDetecting
) -> None:
    canvas = page.canvas
    page.side.draw_button.click()
    assert canvas.drawing
    wanted = canvas.area_of(SMALL)
    start, end = wanted.topLeft().toPoint(), wanted.bottomRight().toPoint()
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(canvas, (start + end) / 2)
    QTest.mouseMove(canvas, end)
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=end)
    popup = page.editor.popup
    assert popup is not None
    assert not page.side.draw_button.isChecked()
    popup.field.setText("cushion")
    QTest.keyClick(popup.field, Key.Key_Return)
    qtbot.waitUntil(lambda: labels(page) == [("cushion", None, True)])
    assert canvas.draft is None
    drawn = detecting.of_photo(RED)[0].box
    assert all(abs(a - b) <= 2 for a, b in zip(drawn, SMALL, strict=True))
    undo(qtbot, window)
    qtbot.waitUntil(lambda: labels(page) == [])


def test_a_box_is_drawn_with_keys_and_searched_from(
    qtbot: QtBot, window: MainWindow, page: PhotoPage, detecting: FakeDetecting
) -> None:
    page.canvas.setFocus()
    QTest.keyClick(page.canvas, Key.Key_D)
    before = page.canvas.draft
    assert before is not None
    QTest.keyClick(page.canvas, Key.Key_Right)
    QTest.keyClick(page.canvas, Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    after = page.canvas.draft
    assert after is not None
    assert after.left > before.left
    assert after.bottom - after.top > before.bottom - before.top
    for _ in range(200):
        QTest.keyClick(page.canvas, Key.Key_Right)
    edge = page.canvas.draft
    assert edge is not None
    assert edge.right <= 600
    assert edge.right - edge.left == after.right - after.left, "it stops at the edge, whole"
    QTest.keyClick(page.canvas, Key.Key_Return)
    popup = page.editor.popup
    assert popup is not None
    popup.buttons["copy"].click()
    qtbot.waitUntil(lambda: len(detecting.cropped) == 1)
    at_rest(qtbot, window)
    assert not QApplication.clipboard().image().isNull()
    assert page.canvas.draft is None

    QTest.keyClick(page.canvas, Key.Key_D)
    QTest.keyClick(page.canvas, Key.Key_Escape)
    assert page.canvas.draft is None
    assert window.stack.currentWidget() is page, "Esc ends the drawing, not the page"


def test_mouse_and_list_point_at_each_other(
    qtbot: QtBot, window: MainWindow, page: PhotoPage
) -> None:
    look(qtbot, window, page, "red")
    canvas, things = page.canvas, page.side.list
    large, small = page.scene.shown
    with qtbot.waitSignal(canvas.hovered) as over:
        QTest.mouseMove(canvas, canvas.area_of(SMALL).center().toPoint())
    assert over.args == [small.key]
    at = canvas.area_of(LARGE).center().toPoint()
    QTest.mouseMove(canvas, at)
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)
    assert page.selected == large
    assert things.currentIndex().data() == "90 %"
    things.setCurrentItem(things.topLevelItem(0).child(1))  # pyright: ignore
    assert page.selected == small
    assert canvas.thing_at(QPointF(canvas.area_of(SMALL).center())) == small


def test_labels_are_hidden_and_boxes_put_away(
    qtbot: QtBot, window: MainWindow, page: PhotoPage
) -> None:
    look(qtbot, window, page, "red, green")
    page.side.threshold.slider.setValue(5)
    assert {label for label, *_ in labels(page)} == {"red", "green"}
    page.select(page.scene.shown[0].key)
    QTest.keyClick(page.canvas, Key.Key_H)
    assert {label for label, *_ in labels(page)} == {"green"}
    assert page.selected is None
    QTest.keyClick(page.canvas, Key.Key_H)
    assert {label for label, *_ in labels(page)} == {"red", "green"}
    page.side.list.topLevelItem(1).setCheckState(0, Qt.CheckState.Unchecked)  # pyright: ignore
    qtbot.waitUntil(lambda: {label for label, *_ in labels(page)} == {"red"})
    window.menus.boxes.trigger()
    assert not page.canvas.boxes_shown
    window.menus.boxes.trigger()
    assert page.canvas.boxes_shown


def test_the_next_photo_is_looked_at_for_the_same(
    qtbot: QtBot, window: MainWindow, page: PhotoPage, detecting: FakeDetecting
) -> None:
    look(qtbot, window, page, "red")
    page.canvas.setFocus()
    QTest.keyClick(page.canvas, Key.Key_Right)
    assert page.photo_id != RED
    assert page.scene.shown == [], "nothing of the photo before"
    at_rest(qtbot, window)
    assert detecting.looks[-1] == (page.photo_id, ("red",))
    assert page.bar.name.text().endswith(".jpg")
    QTest.keyClick(page.canvas, Key.Key_Escape)
    assert window.stack.currentWidget() is window.grid
    assert window.grid.view.current_id() == page.photo_id


def test_an_answer_for_the_photo_before_is_not_shown(
    qtbot: QtBot, window: MainWindow, page: PhotoPage, library: FakeLibrary
) -> None:
    gate = library.gate("look")
    page.field.take("red")
    page.step(1)
    gate.release(2)
    at_rest(qtbot, window)
    assert page.photo_id != RED
    assert page.scene.shown == []


def test_without_a_detector_the_way_to_one_is_shown(
    qtbot: QtBot, window: MainWindow, page: PhotoPage, detecting: FakeDetecting
) -> None:
    detecting.now = replace(READY, ready=False, why="No detector is installed.")
    window.detection.work.refresh()
    qtbot.waitUntil(lambda: page.side.message.text() == "No detector is installed.")
    page.field.take("red")
    at_rest(qtbot, window)
    assert detecting.looks == [], "nobody asks what cannot answer"
    with qtbot.waitSignal(page.models_wanted):
        page.side.button.click()
    detecting.now = READY
    window.detection.work.refresh()
    qtbot.waitUntil(lambda: len(page.scene.shown) == 2)


def test_a_photo_that_cannot_be_read_says_why(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary, page: PhotoPage
) -> None:
    library.add([photo(99, colour="red", state=PhotoState.UNREADABLE)])
    at_rest(qtbot, window)
    page.open(PhotoId(99))
    page.field.take("red")
    at_rest(qtbot, window)
    assert "not a picture" in page.canvas.sentence.lower()
    assert not page.side.draw_button.isEnabled()


def test_trouble_is_over_when_the_next_look_goes_well(
    qtbot: QtBot, window: MainWindow, detecting: FakeDetecting, page: PhotoPage
) -> None:
    def fail(*_: object) -> Sight:
        raise DetectionError("A drive is away.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(detecting, "look", fail)
        page.field.take("red")
        at_rest(qtbot, window)
        assert "A drive is away." in page.side.message.text()
    page.field.take("blue")
    at_rest(qtbot, window)
    assert len(page.scene.shown) == 2
    assert page.side.message.text() == ""


def test_a_box_leads_to_similar_photos_and_back(
    qtbot: QtBot, window: MainWindow, page: PhotoPage
) -> None:
    look(qtbot, window, page, "red")
    page.select(page.scene.shown[0].key)
    with qtbot.waitSignal(window.session.lister.listed):
        QTest.keyClick(page.canvas, Key.Key_S)
    question = window.session.lister.question
    assert (question.like, question.box) == (RED, LARGE)
    assert window.search_bar.shows_similar
    assert window.stack.currentWidget() is window.grid


def test_the_menu_of_a_box_tags_and_teaches(
    qtbot: QtBot, window: MainWindow, page: PhotoPage, library: FakeLibrary
) -> None:
    made = library.tagging.add_category("fruit")
    qtbot.waitUntil(lambda: window.session.tags.seen.category(made.id) is not None)
    look(qtbot, window, page, "red")
    page.select(page.scene.shown[0].key)
    thing = page.selected
    assert thing is not None
    menu = page.editor.menu(thing)
    words = {action.text(): action for action in menu.actions()}
    words["Tag the photo “red”"].trigger()
    qtbot.waitUntil(lambda: [tag.path for tag in library.tagging.tags_of(RED)] == ["red"])
    examples = words["Add the photo as example"].menu()
    examples.actions()[0].trigger()  # pyright: ignore
    qtbot.waitUntil(lambda: library.tagging.shelf[made.id].examples == (RED,))
    menu.deleteLater()


def test_the_viewer_shows_what_is_kept(
    qtbot: QtBot, window: MainWindow, detecting: FakeDetecting
) -> None:
    detecting.add(RED, "apple", LARGE)
    window.open_viewer(RED)
    boxes = window.detection.boxes
    qtbot.waitUntil(lambda: [thing.label for thing in boxes.scene.shown] == ["apple"])
    at_rest(qtbot, window)
    centre = window.viewer.canvas.widget_point(QPointF(LARGE.left, 170)).toPoint()
    around = [centre + QPoint(dx, 0) for dx in (-2, -1, 0, 1, 2)]

    def colours() -> set[str]:
        picture = window.viewer.canvas.grab().toImage()
        return {picture.pixelColor(at).name() for at in around}

    with_boxes = colours()
    window.menus.boxes.trigger()
    without = colours()
    assert len(without) == 1
    assert len(with_boxes) > 1
    window.menus.detect.trigger()
    assert window.stack.currentWidget() is window.detection.photo
    QTest.keyClick(window.detection.photo.canvas, Key.Key_Escape)
    QTest.keyClick(window.detection.photo, Key.Key_Escape)
    assert window.stack.currentWidget() is window.viewer
    QTest.keyClick(window.viewer, Key.Key_Escape)
    assert window.stack.currentWidget() is window.grid, "the way back is not a circle"
    window.menus.boxes.trigger()
