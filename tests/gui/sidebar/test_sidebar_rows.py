"""Times and places in the sidebar, what is open, what is looked for, keys and type-ahead."""

from __future__ import annotations

import pytest
from fake_library import FakeLibrary
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.mark_types import Album, AlbumId, Month
from engine.tag_types import Tag, TagId
from engine.types import Aspect
from gui.folder_tree import FolderTree
from gui.main_window import MainWindow
from gui.places import Place
from gui.sidebar.dates import timeline_rows
from gui.sidebar.panel import Sidebar
from gui.sidebar.tags import tag_queries, tag_rows

MONTHS = [Month(2024, 5, 3), Month(2024, 1, 2), Month(2023, 12, 7), Month(0, 0, 1)]


def tag(number: int, path: str, parent: int | None = None, photos: int = 1) -> Tag:
    above = TagId(parent) if parent else None
    return Tag(TagId(number), path, above, "", photos, photos)


def texts(model: FolderTree, section: Place) -> list[tuple[str, str]]:
    above = model.index_of(section)
    rows = [model.index(row, 0, above) for row in range(model.rowCount(above))]
    return [(str(row.data()), str(row.siblingAtColumn(1).data())) for row in rows]


@pytest.fixture
def sidebar(qtbot: QtBot) -> Sidebar:
    made = Sidebar()
    qtbot.addWidget(made)
    made.resize(240, 600)
    made.show()
    return made


# ---- the timeline --------------------------------------------------------------------------------


def test_years_hold_their_months_and_the_undated_are_apart(sidebar: Sidebar) -> None:
    sidebar.show_rows(Place.TIMELINE, timeline_rows(MONTHS, undated=4))
    model = sidebar.model
    assert texts(model, Place.TIMELINE) == [("2024", "5"), ("2023", "7"), ("Without a date", "4")]
    assert texts(model, Place.of_year(2024)) == [("May", "3"), ("January", "2")]
    queries = [node.query for node in model.nodes(Place.TIMELINE)]
    assert queries == [
        "date:2024", "date:2024-05", "date:2024-01", "date:2023", "date:2023-12", "-has:date",
    ]  # fmt: skip


def test_a_month_is_shown_and_stays_marked_while_photos_come(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    sidebar = window.sidebar
    qtbot.waitUntil(lambda: sidebar.model.index_of(Place.of_month(2024, 5)).isValid())
    sidebar.tree.expand(sidebar.model.index_of(Place.TIMELINE))
    sidebar.tree.expand(sidebar.model.index_of(Place.of_year(2024)))
    with qtbot.waitSignal(window.session.lister.listed):
        sidebar.tree.setCurrentIndex(sidebar.model.index_of(Place.of_month(2024, 5)))
    assert window.search_bar.text == "date:2024-05"
    assert sidebar.chosen == Place.of_month(2024, 5)
    library.announce(list(library.shelf), Aspect.EXISTENCE)
    with qtbot.waitSignal(window.places.dates.answered):
        window.places.dates.refresh_now()
    assert sidebar.chosen == Place.of_month(2024, 5)
    with qtbot.waitSignal(window.session.lister.listed):
        window.search_bar.clear()
    assert sidebar.chosen == Place.ALL
    with qtbot.waitSignal(window.session.lister.listed):
        window.search_bar.search_for("date:2024")
    assert sidebar.chosen == Place.of_year(2024), "also when it was typed"


# ---- places on the map ---------------------------------------------------------------------------


def test_a_place_is_shown_and_handed_to_the_browser_only_on_request(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def open_url(url: QUrl) -> bool:
        opened.append(url.toString())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", staticmethod(open_url))
    model, tree = window.sidebar.model, window.sidebar.tree
    qtbot.waitUntil(lambda: len(model.nodes(Place.SPOTS)) == 2)
    assert texts(model, Place.SPOTS) == [("48.86° N, 2.35° E", "20"), ("33.87° S, 151.21° W", "3")]
    place = Place.of_spot(48.86, 2.35)
    with qtbot.waitSignal(window.session.lister.listed):
        tree.setCurrentIndex(model.index_of(place))
    assert window.search_bar.text == "near:48.86,2.35,10km"
    assert opened == []
    menu = window.sidebar.menu_of(place)
    next(action for action in menu.actions() if action.text() == "Show on map").trigger()
    menu.deleteLater()
    assert opened == ["https://www.openstreetmap.org/?mlat=48.860000&mlon=2.350000"
                      "#map=11/48.860000/2.350000"]  # fmt: skip


# ---- tags ----------------------------------------------------------------------------------------


def test_tags_lie_below_their_parents_and_same_endings_are_told_apart() -> None:
    tags = [tag(1, "Italy"), tag(2, "Places"), tag(3, "Places/Italy", 2), tag(4, "Two Words")]
    assert tag_queries(tags) == {
        1: "tag:/Italy", 2: "tag:Places", 3: "tag:Places/Italy", 4: 'tag:"Two Words"',
    }  # fmt: skip
    rows = tag_rows(tags)
    assert [(row.name, row.above) for row in rows[1:3]] == [
        ("Places", Place.TAGS),
        ("Italy", Place.of_tag(TagId(2))),
    ]


# ---- what is open, what is looked for ------------------------------------------------------------


def test_what_is_folded_stays_so_the_next_time(sidebar: Sidebar, qtbot: QtBot) -> None:
    albums = [Album(AlbumId(1), "Trips", 3)]
    sidebar.set_albums(albums)
    sidebar.show_rows(Place.TIMELINE, timeline_rows(MONTHS))
    model, tree = sidebar.model, sidebar.tree
    assert tree.isExpanded(model.index_of(Place.ALBUMS))
    assert not tree.isExpanded(model.index_of(Place.TIMELINE))
    tree.collapse(model.index_of(Place.ALBUMS))
    tree.expand(model.index_of(Place.TIMELINE))
    tree.expand(model.index_of(Place.of_year(2024)))
    again = Sidebar()
    qtbot.addWidget(again)
    again.set_albums(albums)
    again.show_rows(Place.TIMELINE, timeline_rows(MONTHS))
    again.show_rows(Place.TIMELINE, timeline_rows(MONTHS[:2]))
    assert not again.tree.isExpanded(again.model.index_of(Place.ALBUMS))
    assert again.tree.isExpanded(again.model.index_of(Place.TIMELINE))
    assert again.tree.isExpanded(again.model.index_of(Place.of_year(2024)))


def test_a_name_is_looked_for_among_many_and_all_is_as_before(
    sidebar: Sidebar, qtbot: QtBot
) -> None:
    model, tree = sidebar.model, sidebar.tree
    assert not sidebar.field.isVisible()
    tags = [tag(1, "Places"), tag(2, "Places/Oslo", 1), *(tag(n, f"Tag {n}") for n in range(3, 30))]
    sidebar.show_rows(Place.TAGS, tag_rows(tags))
    assert sidebar.field.isVisible()
    assert not tree.isExpanded(model.index_of(Place.of_tag(TagId(1))))
    QTest.keyClicks(sidebar.field, "oslo")
    oslo = model.index_of(Place.of_tag(TagId(2)))
    qtbot.waitUntil(lambda: tree.isRowHidden(1, model.index_of(Place.TAGS)))
    assert tree.isExpanded(model.index_of(Place.of_tag(TagId(1))))
    assert not tree.isRowHidden(oslo.row(), oslo.parent())
    sidebar.show_rows(Place.TAGS, tag_rows([*tags, tag(40, "New")]))
    assert tree.isRowHidden(1, model.index_of(Place.TAGS)), "also after news"
    with qtbot.waitSignal(sidebar.query_chosen) as caught:
        QTest.keyClick(sidebar.field, Qt.Key.Key_Return)
    assert caught.args == ["tag:Places/Oslo"]
    sidebar.field.clear()
    qtbot.waitUntil(lambda: not tree.isRowHidden(1, model.index_of(Place.TAGS)))
    assert tree.isExpanded(model.index_of(Place.TAGS))
    assert tree.isRowHidden(model.index_of(Place.SPOTS).row(), model.parent(tree.rootIndex()))


# ---- keys ----------------------------------------------------------------------------------------


def test_arrows_go_on_from_row_to_row_and_letters_look_for_one(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    sidebar = window.sidebar
    qtbot.waitUntil(lambda: len(sidebar.model.nodes(Place.SPOTS)) == 2)
    sidebar.tree.expand(sidebar.model.index_of(Place.SPOTS))
    sidebar.tree.setFocus()
    sidebar.tree.setCurrentIndex(sidebar.model.index_of(Place.of_spot(48.86, 2.35)))
    sidebar.tree.setFocus()
    with qtbot.waitSignal(window.session.lister.listed):
        QTest.keyClick(sidebar.tree, Qt.Key.Key_Down)
    assert sidebar.chosen == Place.of_spot(-33.87, -151.21)
    assert sidebar.tree.hasFocus(), "one goes on from here"
    before = window.marks.ids
    QTest.keyClick(sidebar.tree, Qt.Key.Key_4)
    assert sidebar.chosen == Place.of_spot(48.86, 2.35), "no star was given, a row was found"
    assert window.marks.ids == before
    with qtbot.waitSignal(window.session.lister.listed):
        QTest.keyClick(sidebar.tree, Qt.Key.Key_Home)
    assert sidebar.chosen == Place.ALL
    QTest.keyClick(sidebar.tree, Qt.Key.Key_Return)
    assert window.grid.view.hasFocus()


def test_where_there_is_nothing_yet_the_first_is_made(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    model, tree = window.sidebar.model, window.sidebar.tree
    heading = model.index_of(Place.ALBUMS)
    (hint,) = texts(model, Place.ALBUMS)
    assert hint == ("New album…", "")
    with qtbot.waitSignal(window.sidebar.making) as caught:
        tree.clicked.emit(model.index(0, 0, heading))
    assert caught.args == [Place.ALBUMS]
    assert window.sidebar.chosen == Place.ALL
    assert tree.currentIndex() == model.index_of(Place.ALL)
    tree.clicked.emit(heading)
    assert not tree.isExpanded(heading)
