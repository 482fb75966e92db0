"""The window with a library in memory: searching, looking, selecting, menus, state."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import pytest
from fake_library import FakeLibrary, photo
from PySide6.QtCore import QPoint, QSettings, Qt
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit, QMenu, QPushButton
from pytestqt.qtbot import QtBot

from engine.types import Aspect, Order, PhotoDetail, PhotoId, Scope
from gui.grid.model import IdRole
from gui.main_window import MainWindow
from gui.session import Session
from gui.workers import Workers

if TYPE_CHECKING:
    from engine import Library


def colours(count: int) -> list[str]:
    return [("red", "green", "blue")[number % 3] for number in range(count)]


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary([photo(n, colour=colour) for n, colour in enumerate(colours(60), start=1)])


@pytest.fixture
def window(qtbot: QtBot, workers: Workers, library: FakeLibrary) -> Iterator[MainWindow]:
    session = Session(cast("Library", library), workers)
    made = MainWindow()
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    with qtbot.waitSignals([session.lister.listed, session.keeper.settled]):
        made.attach(session)
    # The first look at the catalog ends with one more answer; let it pass.
    qtbot.waitUntil(lambda: workers.tasks == [])
    yield made
    assert workers.shutdown()
    session.close()


def shown(window: MainWindow) -> list[PhotoId]:
    model = window.grid.model
    return [model.index(row).data(IdRole) for row in range(model.rowCount())]


def search(qtbot: QtBot, window: MainWindow, text: str) -> None:
    with qtbot.waitSignal(window.session.lister.listed):
        window.search_bar.search_for(text)


def test_a_search_shows_matches_before_weaker_ones(qtbot: QtBot, window: MainWindow) -> None:
    search(qtbot, window, "red")
    assert window.grid.model.weaker_from == 20
    assert window.search_bar.message.startswith("20 match")
    window.grab()
    qtbot.waitUntil(lambda: window.grid.model.photo(shown(window)[0]) is not None)
    first = window.grid.model.photo(shown(window)[0])
    assert first is not None
    assert first.name.startswith("red")


def test_esc_in_the_grid_leaves_the_search(qtbot: QtBot, window: MainWindow) -> None:
    search(qtbot, window, "red")
    with qtbot.waitSignal(window.session.lister.listed):
        QTest.keyClick(window.grid.view, Qt.Key.Key_Escape)
    assert window.search_bar.text == ""
    assert shown(window)[0] == 60


def test_a_stale_answer_is_never_shown(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    library.hold["red"] = threading.Event()
    window.search_bar.search_for("red")
    qtbot.waitUntil(lambda: "red" in library.asked)
    with qtbot.waitSignal(window.session.lister.listed):
        window.search_bar.search_for("green")
        library.hold["red"].set()
    qtbot.waitUntil(lambda: window.session.workers.tasks == [])
    first = library.shelf[shown(window)[0]]
    assert first.name.startswith("green")


def test_an_error_in_a_query_is_a_line_not_a_dialog(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.session.lister.failed):
        window.search_bar.search_for("colour:red")
    assert window.search_bar.message.startswith("There is no filter “colour:”.")
    assert window.search_bar.field.wrong == "colour:"
    assert len(shown(window)) == 60
    assert not window.findChildren(QDialog)


def test_nothing_found_has_one_way_out(qtbot: QtBot, window: MainWindow) -> None:
    search(qtbot, window, "purple")
    assert "purple" in window.grid.empty.sentence
    button = window.grid.empty.findChild(QPushButton)
    assert button is not None
    with qtbot.waitSignal(window.session.lister.listed):
        button.click()
    assert len(shown(window)) == 60
    assert window.grid.currentWidget() is window.grid.view


def test_similar_photos_and_back(qtbot: QtBot, window: MainWindow) -> None:
    window.grab()
    qtbot.waitUntil(lambda: window.session.thumbnails.idle)
    with qtbot.waitSignal(window.session.lister.listed):
        window.find_similar(PhotoId(60))
    assert PhotoId(60) not in shown(window)
    assert window.search_bar.shows_similar
    with qtbot.waitSignal(window.session.lister.listed):
        window.search_bar.clear()
    assert len(shown(window)) == 60


def test_selection_and_place_survive_new_photos(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    view = window.grid.view
    view.go_to(PhotoId(20))
    qtbot.waitUntil(lambda: view.verticalScrollBar().value() > 0)
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() - 40)
    first = view.indexAt(QPoint(30, 60)).data(IdRole)
    top = view.visualRect(view.indexAt(QPoint(30, 60))).top()
    with qtbot.waitSignal(window.session.lister.listed):
        library.add([photo(n, colour="blue") for n in range(100, 140)])
    qtbot.waitUntil(lambda: len(shown(window)) == 100)
    assert view.selected_ids() == [20]
    row = window.grid.model.row_of(first)
    assert row is not None
    assert (
        abs(view.visualRect(window.grid.model.index(row)).top() - top) <= view.gridSize().height()
    )
    # A reset (another order) keeps the selection too.
    with qtbot.waitSignal(window.session.lister.listed):
        window.session.library.photo_ids = (  # pyright: ignore[reportAttributeAccessIssue]
            lambda scope: sorted(library.shelf)
        )
        library.announce([])
    assert shown(window)[0] == 1
    assert view.selected_ids() == [20]


def test_cells_fill_the_width_whatever_it_is(window: MainWindow) -> None:
    view = window.grid.view
    for width in (1024, 1100, 1201, 1277, 1390):
        window.resize(width, 700)
        view.doItemsLayout()
        tops = [view.visualRect(window.grid.model.index(row)).top() for row in range(30)]
        columns = tops.count(tops[0])
        assert columns == round((view.viewport().width()) / view.gridSize().width())
        left_over = view.viewport().width() - columns * view.gridSize().width()
        assert 0 <= left_over < 20
        rows = view.visible_rows()
        assert rows.start == 0
        assert tops[columns] > tops[0]


def test_deleted_photos_leave_the_grid(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    window.grid.view.go_to(PhotoId(59))
    with qtbot.waitSignal(window.session.lister.listed):
        library.remove([PhotoId(59), PhotoId(3)])
    assert len(shown(window)) == 58
    assert PhotoId(59) not in shown(window)


def test_the_inspector_follows_the_selection(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.details.detail_ready, check_params_cb=_is_twelve):
        window.grid.view.go_to(PhotoId(12))
    with qtbot.waitSignal(window.details.many_ready) as many:
        window.menus.select_all.trigger()
    ids, told = many.args or ((), None)
    assert len(ids) == 60
    assert told is not None
    assert (told.photos, told.bytes) == (60, sum(1000 + n for n in range(1, 61)))


def _is_twelve(detail: PhotoDetail | None) -> bool:
    return detail is not None and detail.photo.id == 12


def test_the_viewer_walks_in_the_grids_order(qtbot: QtBot, window: MainWindow) -> None:
    window.grid.view.go_to(PhotoId(60))
    with qtbot.waitSignal(window.viewer.photo_changed):
        QTest.keyClick(window.grid.view, Qt.Key.Key_Return)
    assert window.stack.currentWidget() is window.viewer
    QTest.keyClick(window.viewer, Qt.Key.Key_Right)
    QTest.keyClick(window.viewer, Qt.Key.Key_Space)
    assert window.viewer.photo_id == 58
    QTest.keyClick(window.viewer, Qt.Key.Key_Escape)
    assert window.stack.currentWidget() is window.grid
    assert window.grid.view.current_id() == 58


def test_full_screen_shows_only_the_photo(qtbot: QtBot, window: MainWindow) -> None:
    window.open_viewer(PhotoId(5))
    window.menus.full_screen.trigger()
    assert window.isFullScreen()
    assert not window.sidebar.isVisible()
    assert not window.status.isVisible()
    QTest.keyClick(window.viewer, Qt.Key.Key_Escape)
    assert not window.isFullScreen()
    assert window.stack.currentWidget() is window.viewer
    assert window.sidebar.isVisible()
    QTest.keyClick(window.viewer, Qt.Key.Key_Escape)
    assert window.stack.currentWidget() is window.grid


def test_single_letters_are_inert_while_one_types(qtbot: QtBot, window: MainWindow) -> None:
    window.activateWindow()
    field = window.search_bar.findChild(QLineEdit)
    assert field is not None
    window.menus.search.trigger()
    before = window.menus.inspector.isChecked()
    QTest.keyClicks(field, "if z / ?")
    assert field.text() == "if z / ?"
    assert window.menus.inspector.isChecked() == before


def test_every_menu_entry_does_something(window: MainWindow) -> None:
    entries = [action for menu in window.menuBar().actions() for action in _entries(menu)]
    assert len(entries) > 15
    for action in entries:
        connected = action.receivers("2triggered(bool)") + action.receivers("2toggled(bool)")
        assert connected or action.actionGroup(), action.text()
    keys = [key.toString() for action in entries for key in action.shortcuts()]
    assert len(keys) == len(set(keys)), "two entries with one key"


def _entries(menu_action: QAction) -> list[QAction]:
    menu = menu_action.menu()
    if not isinstance(menu, QMenu):
        return [] if menu_action.isSeparator() else [menu_action]
    return [entry for action in menu.actions() for entry in _entries(action)]


def test_order_is_kept_with_the_question(qtbot: QtBot, window: MainWindow) -> None:
    with qtbot.waitSignal(window.session.lister.listed):
        window.menus.orders.actions()[1].trigger()
    assert shown(window)[0] == 1
    assert QSettings().value("grid/order") == Order.DATE_OLDEST.value
    with qtbot.waitSignal(window.session.lister.listed):
        window.sidebar.scope_chosen.emit(Scope())
    assert shown(window)[0] == 1


def test_no_folder_shows_the_first_run_page_and_a_folder_the_grid(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    with qtbot.waitSignal(window.session.places.answered):
        library.forget_root(library.rooted[0].id)
    assert window.stack.currentWidget() is window.first_run
    assert not window.search_bar.isVisible()
    with qtbot.waitSignal(window.session.places.answered):
        library.add_root(library.folder)
    assert window.stack.currentWidget() is window.grid


def test_copying_gives_files_and_paths(qtbot: QtBot, window: MainWindow) -> None:
    window.grab()
    qtbot.waitUntil(lambda: window.grid.model.photo(PhotoId(60)) is not None)
    window.grid.view.go_to(PhotoId(60))
    qtbot.waitUntil(window.menus.copy.isEnabled)
    window.menus.copy.trigger()
    mime = QGuiApplication.clipboard().mimeData()
    assert [url.fileName() for url in mime.urls()] == ["blue 60.jpg"]
    window.menus.copy_path.trigger()
    assert QGuiApplication.clipboard().text() == "/photos/blue 60.jpg"


def test_ctrl_wheel_and_slider_agree_on_the_size(qtbot: QtBot, window: MainWindow) -> None:
    size = window.grid.view.cell_size
    with qtbot.waitSignal(window.grid.view.cell_size_changed) as changed:
        window.menus.larger.trigger()
    assert changed.args == [size + 24]
    assert window.status.slider.value() == size + 24
    window.status.slider.setValue(120)
    assert window.grid.view.cell_size == 120


def test_panels_and_sizes_are_remembered(qtbot: QtBot, window: MainWindow) -> None:
    window.menus.inspector.setChecked(False)
    window.grid.view.set_cell_size(208)
    window.close()
    again = MainWindow()
    qtbot.addWidget(again)
    again.show()
    assert not again.inspector.isVisible()
    assert again.sidebar.isVisible()
    assert QSettings().value("grid/cell", type=int) == 208


def test_cells_tell_screen_readers_who_they_are(qtbot: QtBot, window: MainWindow) -> None:
    window.grab()
    qtbot.waitUntil(lambda: window.grid.model.photo(PhotoId(60)) is not None)
    text = window.grid.model.index(0).data(Qt.ItemDataRole.AccessibleTextRole)
    assert text == "blue 60.jpg, 2024-05-01 12:00"


def test_vectors_alone_do_not_disturb_browsing(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    with qtbot.assertNotEmitted(window.session.lister.listed, wait=800):
        library.announce([PhotoId(1)], Aspect.EMBEDDING)
