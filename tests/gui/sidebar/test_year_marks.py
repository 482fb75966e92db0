"""The scale of years beside the grid: where it helps, and where it leads."""

from __future__ import annotations

from fake_library import FakeLibrary, photo
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.mark_types import Month
from engine.types import Order
from gui.main_window import MainWindow


def show_years(qtbot: QtBot, window: MainWindow, library: FakeLibrary) -> None:
    """400 photos of three years, the newest with the highest number."""
    library.months = [Month(2024, 5, 100), Month(2024, 1, 100), Month(2023, 2, 150),
                      Month(2019, 7, 50)]  # fmt: skip
    library.add([photo(number) for number in range(31, 401)])
    qtbot.waitUntil(lambda: window.grid.model.rowCount() == 400)
    window.places.dates.refresh_now()
    qtbot.waitUntil(lambda: window.places.years.isVisible())


def test_a_small_library_needs_no_scale(window: MainWindow) -> None:
    assert not window.places.years.isVisible()
    assert window.grid.view.viewportMargins().right() == 0


def test_a_click_on_a_year_leads_to_its_photos(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    show_years(qtbot, window, library)
    years, view = window.places.years, window.grid.view
    assert years.starts == [(2024, 0), (2023, 200), (2019, 350)]
    heights = dict(years.marks())
    assert list(heights) == [2024, 2023, 2019]
    assert years.geometry().left() > view.viewport().geometry().right(), "beside the photos"
    QTest.mouseClick(years, Qt.MouseButton.LeftButton, pos=QPoint(10, heights[2023] + 1))
    first = view.visible_rows()[0]
    assert 200 - 12 <= first <= 202
    assert window.grid.model.id_at(first) in range(190, 215)
    assert [years.year_at(row) for row in (0, 199, 200, 399)] == [2024, 2024, 2023, 2019]


def test_the_scale_follows_the_order_and_goes_with_a_search(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    show_years(qtbot, window, library)
    years, lister = window.places.years, window.session.lister
    with qtbot.waitSignal(lister.listed):
        window.set_order(Order.DATE_OLDEST)
    assert years.starts == [(2019, 0), (2023, 50), (2024, 200)]
    with qtbot.waitSignal(lister.listed):
        window.set_order(Order.NAME)
    assert not years.isVisible()
    with qtbot.waitSignal(lister.listed):
        window.set_order(Order.DATE_NEWEST)
    assert years.isVisible()
    with qtbot.waitSignal(lister.listed):
        window.search_bar.search_for("red")
    assert not years.isVisible()
    assert window.grid.view.viewportMargins().right() == 0


def test_the_scale_never_comes_and_goes_by_itself(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary
) -> None:
    show_years(qtbot, window, library)
    years, view = window.places.years, window.grid.view
    came: list[bool] = []
    view.set_cell_size(96)
    for height in range(1500, 3200, 20):  # until 400 photos are too few screens for it
        window.resize(1200, height)
        before = years.isVisible()
        view.updateGeometries()
        assert years.isVisible() == before
        came.append(before)
    assert came[0]
    assert not came[-1]
    assert came == sorted(came, reverse=True), "once it is gone it does not come back"
