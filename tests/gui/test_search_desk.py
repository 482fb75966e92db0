"""Searching in the window: pictures beside words, saved searches, completion, errors."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import numpy as np
import pytest
from fake_library import FakeLibrary, photo
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.mark_types import AlbumId
from engine.query import PictureTerm, parse
from engine.types import PhotoId, Scope
from gui.grid.view import dragged
from gui.main_window import MainWindow
from gui.places import Place
from gui.searching.why import heat_image
from gui.session import Session
from gui.workers import Workers

if TYPE_CHECKING:
    from engine import Library

RED, GREEN = PhotoId(1), PhotoId(2)


@pytest.fixture
def library(tmp_path: Path) -> FakeLibrary:
    photos = [photo(n, colour=("red", "green", "blue")[(n - 1) % 3]) for n in range(1, 13)]
    return FakeLibrary(photos, folder=tmp_path)


@pytest.fixture
def window(qtbot: QtBot, workers: Workers, library: FakeLibrary) -> Iterator[MainWindow]:
    session = Session(cast("Library", library), workers)
    made = MainWindow()
    qtbot.addWidget(made)
    made.resize(1024, 700)
    made.show()
    with qtbot.waitSignals([session.lister.listed, session.keeper.settled]):
        made.attach(session)
    at_rest(qtbot, made)
    yield made
    assert workers.shutdown()
    session.close()


def at_rest(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: window.session.workers.tasks == [])


def saved(window: MainWindow) -> list[tuple[str, str]]:
    """Names and counts in the sidebar."""
    model = window.sidebar.model
    above = model.index_of(Place.SAVED)
    rows = [model.index(row, 0, above) for row in range(model.rowCount(above))]
    return [(str(row.data()), str(row.siblingAtColumn(1).data())) for row in rows]


def act(window: MainWindow, album: int, words: str) -> None:
    menu = window.search.saved.menu(AlbumId(album))
    assert menu is not None
    action = next(action for action in menu.actions() if action.text().startswith(words))
    assert action.isEnabled()
    action.trigger()


def test_photos_words_and_weights_become_one_query(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    window.grid.view.go_to(RED)
    actions = {action.text(): action for action in window.grid.menu().findChildren(QAction)}
    with qtbot.waitSignal(window.session.lister.listed):
        actions["Add to the search"].trigger()
    question = window.session.lister.question
    assert question.like == RED
    assert RED not in window.grid.model.ids  # alone it is a search for similar ones
    with qtbot.waitSignal(window.session.lister.listed):
        window.search_bar.search_for(f"blue like:{RED} 0.5:like:{GREEN}")
    assert library.asked[-1] == f"blue like:{RED} 0.5:like:{GREEN}"
    chips = window.search_bar.chips
    qtbot.waitUntil(lambda: all(chip.picture is not None for chip in chips))
    with qtbot.waitSignal(window.session.lister.listed):
        chips[1].weighed.emit(-1.0)
    assert library.asked[-1] == f"blue like:{RED} -like:{GREEN}"
    at_rest(qtbot, window)


def test_pictures_are_dropped_from_the_grid_from_files_and_pasted(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    bar = window.search_bar
    bar.mime_offered.emit(dragged([library.shelf[GREEN]], [GREEN]))
    assert bar.pictures == (PictureTerm(GREEN),)
    files = QMimeData()
    files.setUrls([QUrl.fromLocalFile("/elsewhere/a cat.jpg")])
    bar.mime_offered.emit(files)
    assert bar.pictures[1:] == (PictureTerm(Path("/elsewhere/a cat.jpg")),)
    image = QImage(2000, 1000, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.red)
    pasted = QMimeData()
    pasted.setImageData(image)
    for _ in range(2):  # the same picture twice is one
        with qtbot.waitSignal(window.search.pictures.kept):
            bar.mime_offered.emit(pasted)
    kept = list((library.folder / "pasted").iterdir())
    assert bar.pictures[2:] == (PictureTerm(kept[0]),)
    assert QImage(str(kept[0])).width() == 1024
    assert len(kept) == 1
    at_rest(qtbot, window)
    assert library.asked[-1].endswith(f'like:"{kept[0]}"')


def test_a_part_of_the_photo_in_the_viewer_is_searched_for(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    window.open_viewer(RED)
    canvas, veil = window.viewer.canvas, window.search.veil
    qtbot.waitUntil(lambda: canvas.image is not None)
    at_rest(qtbot, window)
    window.menus.part.trigger()
    assert veil.isVisible()
    window.grab()
    start, end = (canvas.widget_point(QPointF(*at)).toPoint() for at in ((100, 50), (300, 250)))
    QTest.mousePress(veil, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(veil, end)
    with qtbot.waitSignal(window.session.lister.listed):
        QTest.mouseRelease(veil, Qt.MouseButton.LeftButton, pos=end)
    question = window.session.lister.question
    assert question.like == RED
    assert question.box is not None
    # The mouse points at whole pixels of the window; the photo's are of another size.
    assert tuple(question.box) == pytest.approx((100, 50, 300, 250), abs=1)
    assert window.stack.currentWidget() is window.grid
    assert window.search_bar.chips[0].picture is not None
    window.open_viewer(RED)
    at_rest(qtbot, window)
    window.viewer.part_wanted.emit()
    before = veil.area
    QTest.keyClick(veil, Qt.Key.Key_Right)
    QTest.keyClick(veil, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert veil.area == before.adjusted(8, 0, 8, 8)
    with qtbot.waitSignal(window.session.lister.listed):
        QTest.keyClick(veil, Qt.Key.Key_Return)
    assert len(window.search_bar.pictures) == 2
    window.open_viewer(RED)
    window.menus.part.trigger()
    QTest.keyClick(veil, Qt.Key.Key_Escape)
    assert veil.isHidden()
    window.menus.part.trigger()
    canvas.zoom_to(2.0)
    assert veil.isHidden()
    assert window.stack.currentWidget() is window.viewer
    at_rest(qtbot, window)


def test_a_search_in_a_folder_is_saved_with_the_folder(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary, tmp_path: Path
) -> None:
    desk, lister = window.search.saved, window.session.lister
    library.add_root(tmp_path / "all photos")
    with qtbot.waitSignal(lister.listed):
        lister.show_scope(Scope(library.rooted[0].id, b"2024/Italy"))
    with qtbot.waitSignal(lister.listed):
        window.search_bar.search_for("red (name:1 or name:4)")
    popup = desk.ask_to_save()
    assert popup is not None
    with qtbot.waitSignal(desk.feed.answered):
        QTest.keyClick(popup.field, Qt.Key.Key_Return)
    (album,) = library.albums.kept
    place = tmp_path / "all photos" / "2024" / "Italy"
    assert parse(album.query) == parse(f'red (name:1 or name:4) folder:"{place}"')


def test_a_search_is_saved_found_again_renamed_ordered_and_forgotten(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    desk = window.search.saved
    assert desk.ask_to_save() is None  # nothing is searched for
    for text, name in (("red", "Warm"), ("green like:3", "Mixed")):
        with qtbot.waitSignal(window.session.lister.listed):
            window.search_bar.search_for(text)
        popup = desk.ask_to_save()
        assert popup is not None
        assert popup.field.text() == text.split(" ")[0]
        popup.field.setText(name)
        with qtbot.waitSignal(desk.feed.answered):
            QTest.keyClick(popup.field, Qt.Key.Key_Return)
    assert saved(window) == [("Warm", "4"), ("Mixed", "4")]
    again = desk.ask_to_save()
    assert again is not None
    again.field.setText("warm")
    QTest.keyClick(again.field, Qt.Key.Key_Return)
    assert again.note.isVisible()
    again.close()

    with qtbot.waitSignal(window.session.lister.listed):
        window.search_bar.clear()
    assert window.sidebar.chosen == Place.ALL
    tree = window.sidebar.tree
    with qtbot.waitSignal(window.session.lister.listed):
        tree.setCurrentIndex(window.sidebar.model.index_of(Place.of_saved(AlbumId(2))))
    assert window.search_bar.text == "green"
    assert window.search_bar.pictures == (PictureTerm(PhotoId(3)),)
    assert window.sidebar.chosen == Place.of_saved(AlbumId(2))

    with qtbot.waitSignal(desk.feed.answered):
        act(window, 2, "Move up")
    assert [name for name, _ in saved(window)] == ["Mixed", "Warm"]
    with qtbot.waitSignal(desk.feed.answered):
        act(window, 1, "Use the present search")
    assert {album.query for album in library.albums.kept} == {"green like:3"}
    with qtbot.waitSignal(desk.feed.answered):
        act(window, 2, "Remove")
    assert [name for name, _ in saved(window)] == ["Warm"]
    for names in (["Mixed", "Warm"], ["Mixed", "Warm"], ["Warm", "Mixed"]):
        with qtbot.waitSignal(desk.feed.answered):
            window.session.history.undo()
        at_rest(qtbot, window)
        assert [name for name, _ in saved(window)] == names
    rename = desk.ask_to_rename(AlbumId(1))
    assert rename is not None
    rename.field.setText("Warm ones")
    with qtbot.waitSignal(desk.feed.answered):
        QTest.keyClick(rename.field, Qt.Key.Key_Return)
    assert [name for name, _ in saved(window)] == ["Warm ones", "Mixed"]


def test_saved_searches_count_what_comes_and_goes(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    desk = window.search.saved
    with qtbot.waitSignal(desk.feed.answered):
        desk.save("Warm", "red")
    assert saved(window) == [("Warm", "4")]
    library.add([photo(90, colour="red")])
    desk.feed.refresh_now()
    qtbot.waitUntil(lambda: saved(window) == [("Warm", "5")])
    at_rest(qtbot, window)


def test_the_bar_completes_what_the_library_knows(qtbot: QtBot, window: MainWindow) -> None:
    desk = window.search.saved
    with qtbot.waitSignal(desk.feed.answered):
        desk.save("Warm colours", "red")
    window.search_bar.focus()
    QTest.keyClicks(window.search_bar.field, "war")
    completion = window.search.completion
    assert completion.popup.isVisible()
    assert [row.note for row in completion.model.rows] == ["Warm colours"]
    with qtbot.waitSignal(window.session.lister.listed):
        completion.take(0)
    assert window.search_bar.text == "red"
    window.search_bar.field.clear()
    QTest.keyClicks(window.search_bar.field, "tag:new")
    assert completion.model.rows[0].text == '"Places/New York"'
    completion.popup.hide()
    at_rest(qtbot, window)


def test_why_a_photo_was_found_and_where(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    assert window.search.tell_why() is None  # nothing was searched for
    with qtbot.waitSignal(window.session.lister.listed):
        window.search_bar.search_for('red squares -"a circle" like:2')
    window.grid.view.go_to(RED)
    actions = [action.text() for action in window.grid.menu().actions()]
    assert "Why was it found?" in actions
    popup = window.search.tell_why()
    assert popup is not None
    qtbot.waitUntil(lambda: len(popup.bars) == 7)
    told = [(bar.words, bar.percent) for bar in popup.bars]
    assert told[0] == ("red squares", "33 %")
    assert [words for words, _ in told[1:3]] == ["red", "squares"]
    assert told[3] == ("a circle", "−33 %")
    assert told[6] == ("The picture", "33 %")
    popup.where_button.click()
    qtbot.waitUntil(popup.heat.isVisible)
    popup.grab()
    assert popup.heat.image.width() == 480
    popup.close()
    at_rest(qtbot, window)


def test_the_heat_glows_where_it_is_hot_and_darkens_what_was_not_seen() -> None:
    image = heat_image(np.array([[1.0, 0.0, np.nan]], np.float32))
    assert [image.pixelColor(x, 0).alpha() for x in range(3)] == [190, 0, 150]
    assert image.pixelColor(0, 0).red() > 250
    assert image.pixelColor(2, 0).red() == 0


def test_how_strict_a_search_is_can_be_moved_and_is_kept(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    button = window.search_bar.strict_button
    assert button.isHidden()
    with qtbot.waitSignal(window.session.lister.listed):
        window.search_bar.search_for("red")
    assert button.isVisible()
    window.grid.view.go_to(window.grid.model.id_at(3))
    popup = window.search.show_strictness()
    with qtbot.waitSignal(window.session.lister.listed) as listed:
        QTest.keyClick(popup.slider, Qt.Key.Key_Right)
        QTest.keyClick(popup.slider, Qt.Key.Key_Right)
    assert library.settings.strictness == 0.2
    assert not listed.args[0].fresh  # pyright: ignore[reportOptionalSubscript]
    popup.close()
    with qtbot.waitSignal(window.session.lister.listed):
        window.search_bar.search_for("type:jpeg")
    assert button.isHidden()  # plain facts: there is nothing to be strict about
    at_rest(qtbot, window)


def test_a_saved_search_that_goes_while_its_menu_is_open_stays_gone(
    qtbot: QtBot, window: MainWindow
) -> None:
    desk = window.search.saved
    with qtbot.waitSignal(desk.feed.answered):
        desk.save("Warm", "red")
    album = desk.seen.albums[0]
    with qtbot.waitSignal(desk.feed.answered):
        desk.remove(album)
    desk.move(album, 1)
    assert desk.seen.albums == ()
    at_rest(qtbot, window)
