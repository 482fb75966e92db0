"""Where cells lie: by arithmetic, in two parts, and how keys, mouse and selection meet them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.types import Band, Hit, PhotoId
from gui.grid.model import GridModel, Listing
from gui.grid.view import GridView
from gui.thumbnails import Thumbnails
from gui.workers import Workers


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[GridView]:
    workers = Workers()
    made = GridView(GridModel(), Thumbnails(workers, lambda _: b""))
    qtbot.addWidget(made)
    made.resize(900, 600)  # five columns
    made.show()
    yield made
    workers.shutdown()


def show(view: GridView, matches: int, weaker: int) -> None:
    ids = [PhotoId(n + 1) for n in range(matches + weaker)]
    bands = [Band.MATCH] * matches + [Band.WEAKER] * weaker
    hits = {i: Hit(i, 1 / i, band) for i, band in zip(ids, bands, strict=True)}
    model = view.model()
    assert isinstance(model, GridModel)
    model.show(Listing(ids, hits=hits, weaker_from=matches if weaker else None))


def columns(view: GridView) -> int:
    tops = [view.visualRect(view.model().index(row, 0)).top() for row in range(12)]
    return tops.count(tops[0])


@pytest.mark.parametrize(("matches", "weaker"), [(0, 3), (1, 0), (7, 0), (7, 9), (10, 1), (3, 300)])
def test_every_cell_is_found_where_it_lies(view: GridView, matches: int, weaker: int) -> None:
    show(view, matches, weaker)
    seen: set[tuple[int, int]] = set()
    for row in range(matches + weaker):
        index = view.model().index(row, 0)
        view.scrollTo(index)
        place = view.visualRect(index)
        assert view.viewport().rect().contains(place.center())
        assert view.indexAt(place.center()) == index
        assert view.indexAt(place.topLeft()) == index
        assert row in view.visible_rows()
        seen.add((place.left(), place.top() + view.verticalOffset()))
    assert len(seen) == matches + weaker
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum())
    last = view.visualRect(view.model().index(matches + weaker - 1, 0))
    assert last.bottom() <= view.viewport().height()
    assert not view.indexAt(QPoint(899, 5)).isValid()


def test_the_line_across_is_told_and_folds(view: GridView) -> None:
    show(view, 7, 9)
    top = view.line_top()
    assert top is not None
    assert not view.indexAt(QPoint(60, top + 10)).isValid()
    assert view.divider.geometry().top() == top
    assert view.divider.width() > 800
    view.selectAll()
    assert len(view.selected_ids()) == 16
    view.setCurrentIndex(view.model().index(12, 0))
    QTest.mouseClick(view.divider, Qt.MouseButton.LeftButton)
    assert view.rows_shown() == 7
    assert view.current_id() == 7
    assert "Show" in view.divider.toolTip()
    view.selectAll()
    assert len(view.selected_ids()) == 7
    QTest.keyClick(view, Qt.Key.Key_End)
    assert view.current_id() == 7
    view.fold_weaker()
    QTest.keyClick(view, Qt.Key.Key_End)
    assert view.current_id() == 16
    show(view, 0, 5)  # nothing is hidden where all are weaker
    view.fold_weaker()
    assert view.rows_shown() == 5
    assert view.divider.isHidden()


def test_arrows_go_across_the_line(view: GridView) -> None:
    show(view, 7, 9)
    across = columns(view)
    assert across == 5
    view.setCurrentIndex(view.model().index(1, 0))
    stations = [1]
    for _ in range(5):
        QTest.keyClick(view, Qt.Key.Key_Down)
        stations.append(view.currentIndex().row())
    assert stations == [1, 6, 8, 13, 13, 13]
    QTest.keyClick(view, Qt.Key.Key_Up)
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert view.currentIndex().row() == 6
    view.setCurrentIndex(view.model().index(10, 0))  # above it the line of matches is shorter
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert view.currentIndex().row() == 6
    QTest.keyClick(view, Qt.Key.Key_Right)
    assert view.currentIndex().row() == 7
    QTest.keyClick(view, Qt.Key.Key_Home)
    QTest.keyClick(view, Qt.Key.Key_PageDown)
    assert view.currentIndex().row() == 13 or view.currentIndex().row() == 12


def test_shift_selects_in_reading_order_and_a_rectangle_what_it_touches(view: GridView) -> None:
    show(view, 7, 9)
    places = [view.visualRect(view.model().index(row, 0)) for row in range(16)]
    left, shift = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier
    QTest.mouseClick(view.viewport(), left, pos=places[3].center())
    QTest.mouseClick(view.viewport(), left, shift, places[8].center())
    assert view.selected_ids() == [4, 5, 6, 7, 8, 9]
    QTest.mouseClick(view.viewport(), left, shift, places[1].center())
    assert view.selected_ids() == [2, 3, 4]
    QTest.keyClick(view, Qt.Key.Key_Down, shift)
    assert view.selected_ids() == [4, 5, 6, 7]
    bottom = view.visualRect(view.model().index(15, 0)).bottom()
    start = QPoint(places[4].right() - 30, bottom + 20)
    assert not view.indexAt(start).isValid()
    QTest.mousePress(view.viewport(), left, pos=start)
    QTest.mouseMove(view.viewport(), QPoint(places[3].left() + 20, places[3].top() + 30))
    QTest.mouseRelease(view.viewport(), left, pos=QPoint(places[3].left() + 20, 30))
    assert set(view.selected_ids()) >= {4, 5}
    assert not set(view.selected_ids()) & {1, 2, 3, 6, 7, 8}


def test_a_million_rows_cost_what_a_screen_of_them_does(qtbot: QtBot, view: GridView) -> None:
    ids = [PhotoId(n) for n in range(1_000_000)]
    model = view.model()
    assert isinstance(model, GridModel)
    model.show(Listing(ids))
    view.selectAll()
    assert view.selectionModel().selection().count() == 1  # a span, not a million
    view.go_to(PhotoId(999_999))
    assert 999_999 in view.visible_rows()
    assert view.indexAt(view.visualRect(model.index(999_999)).center()).row() == 999_999
    assert view.selected_ids() == [999_999]
    model.show(Listing([PhotoId(-1), *ids[:500], *ids[501:]], fresh=False))
    assert model.rowCount() == 1_000_000
    assert view.selected_ids() == [999_999]
