"""Every control of every page has a name for screen readers and can be reached with Tab."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest
from fake_library import FakeLibrary
from pages_sample import (
    COUNTS,
    DEMO,
    FOLDERS,
    MODELS,
    ROOTS,
    STATUS,
    FakeTask,
    detail,
    interactive,
    problem,
)
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QScrollArea, QWidget

from engine import Library
from engine.jobs import Progress
from engine.settings import Settings
from gui import theme
from gui.activity import StatusBar
from gui.crash_dialog import CrashDialog
from gui.first_run import FirstRunPage
from gui.inspector import Inspector
from gui.models.dialog import ModelsDialog
from gui.models.state import ModelsSeen
from gui.models.work import ModelWork
from gui.problems_page import ProblemsPage
from gui.settings.dialog import SettingsDialog
from gui.sidebar.panel import Sidebar
from gui.workers import Workers


def sidebar() -> QWidget:
    page = Sidebar()
    page.set_roots(ROOTS, FOLDERS)
    page.set_counts(COUNTS)
    return page


def inspector() -> QWidget:
    page = Inspector()
    page.show_detail(detail())
    return page


def status_bar() -> QWidget:
    page = StatusBar()
    page.set_counts(COUNTS)
    page.set_model(STATUS)
    page.show_notice("Done.", "Undo", lambda: None)
    for number in range(2):
        task = FakeTask("Indexing")
        task.setParent(page)
        page.track(task.face)
        task.progressed.emit(Progress(number, 10))
    return page


def problems_page() -> QWidget:
    page = ProblemsPage()
    page.show_problems([problem(1), problem(2)])
    return page


def first_run() -> QWidget:
    page = FirstRunPage()
    page.set_models(MODELS, DEMO.id)
    return page


def settings_dialog() -> QWidget:
    return SettingsDialog(Settings(), ROOTS, ModelsSeen(tuple(MODELS)))


def models_dialog() -> QWidget:
    workers = Workers()
    work = ModelWork(cast("Library", FakeLibrary()), workers)
    page = ModelsDialog(work)
    workers.setParent(page)
    work.setParent(page)
    work.follow(ModelsSeen(tuple(MODELS), STATUS))
    page.choose(MODELS[1].id)
    return page


def crash_dialog() -> QWidget:
    return CrashDialog("report", Path("/logs"))


PAGES = [
    sidebar,
    inspector,
    status_bar,
    problems_page,
    first_run,
    settings_dialog,
    models_dialog,
    crash_dialog,
]


@pytest.mark.parametrize("make", PAGES)
def test_every_control_has_a_name(make: Callable[[], QWidget], qtbot: Any) -> None:
    page = make()
    qtbot.addWidget(page)
    controls = interactive(page)
    assert controls
    nameless = [type(control).__name__ for control in controls if not control.accessibleName()]
    assert nameless == []


@pytest.mark.parametrize("make", PAGES)
def test_tab_reaches_every_control(make: Callable[[], QWidget], qtbot: Any) -> None:
    page = make()
    qtbot.addWidget(page)
    page.resize(1024, 700)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is page)
    wanted = {
        control
        for control in interactive(page)
        if control.isVisible() and control.isEnabled() and not isinstance(control, QScrollArea)
    }
    reached: set[QWidget] = set()
    for _ in range(3 * len(wanted) + 10):
        focused = QApplication.focusWidget()
        if focused is not None:
            reached.add(focused)
            if (around := focused.parentWidget()) is not None:
                reached.add(around)  # a spin box holds its line edit
        qtbot.keyClick(focused or page, Qt.Key.Key_Tab)
    missed = [control.accessibleName() for control in wanted - reached]
    assert missed == []


def test_tab_goes_from_the_top_to_the_bottom(qtbot: Any) -> None:
    page = FirstRunPage()
    qtbot.addWidget(page)
    page.set_models(MODELS, DEMO.id)
    page.resize(1024, 700)
    page.show()
    page.activateWindow()
    qtbot.waitUntil(lambda: QApplication.activeWindow() is page)
    page.folder_button.setFocus()
    names: list[str] = []
    for _ in range(4):
        focused = QApplication.focusWidget()
        assert focused is not None
        names.append(focused.accessibleName())
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    assert names == [
        "Choose a folder",
        "Try it with the demo photos",
        "Download CLIP",
        "Choose a folder with a model",
    ]


@pytest.mark.parametrize("make", PAGES)
@pytest.mark.parametrize("name", ["light", "dark"])
def test_pages_live_through_a_change_of_theme(
    make: Callable[[], QWidget], name: str, qapp: QApplication, qtbot: Any
) -> None:
    page = make()
    qtbot.addWidget(page)
    page.resize(1024, 700)
    page.show()
    theme.apply_theme(qapp, name)
    assert not page.grab().isNull()
