"""Every control of the pages of detection has a name, and Tab reaches it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from detection_hand import at_rest, look
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QScrollArea, QTabBar, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from engine.types import PhotoId
from gui.detection.label_field import LabelChip
from gui.main_window import MainWindow


def photo_page(qtbot: QtBot, window: MainWindow) -> QWidget:
    window.detection.open_photo(PhotoId(3))
    page = window.detection.photo
    look(qtbot, window, page, "red, blue")
    return page


def set_page(qtbot: QtBot, window: MainWindow) -> QWidget:
    window.detection.show_set()
    page = window.detection.set
    page.field.take("red")
    page.run()
    qtbot.waitUntil(lambda: page.model.rowCount() == 10)
    return page


def run_list(qtbot: QtBot, window: MainWindow) -> QWidget:
    set_page(qtbot, window)
    window.detection.set.show_runs()
    qtbot.waitUntil(lambda: bool(window.detection.set.run_list.rows))
    return window.detection.set


def controls(page: QWidget) -> list[QWidget]:
    """What one can act on with Tab; the cross of a token is Del on the token itself."""
    return [
        widget
        for widget in page.findChildren(QWidget)
        if widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.isVisible()
        and widget.isEnabled()
        and not isinstance(widget, QScrollArea)
        and not widget.objectName().startswith("qt_")
        and not (isinstance(widget.parentWidget(), QTabBar) and isinstance(widget, QToolButton))
        and not (isinstance(widget.parentWidget(), LabelChip))
    ]


@pytest.mark.parametrize("make", [photo_page, set_page, run_list])
def test_named_and_reached(
    qtbot: QtBot, window: MainWindow, make: Callable[[QtBot, MainWindow], QWidget]
) -> None:
    page = make(qtbot, window)
    at_rest(qtbot, window)
    wanted = controls(page)
    assert len(wanted) >= 3
    nameless = [type(widget).__name__ for widget in wanted if not widget.accessibleName()]
    assert nameless == []
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    reached: set[QWidget] = set()
    for _ in range(3 * len(wanted) + 40):
        focused = QApplication.focusWidget()
        if focused is not None:
            reached.add(focused)
        qtbot.keyClick(focused or page, Qt.Key.Key_Tab)
    missed = [
        f"{type(widget).__name__} {widget.accessibleName()}"
        for widget in wanted
        if widget not in reached and widget is not page
    ]
    assert missed == []
