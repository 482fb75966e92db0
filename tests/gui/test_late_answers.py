"""Dialogs and popups that are closed, or typed into again, before an answer comes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from fake_library import FakeLibrary, photo
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QWidget
from pytestqt.qtbot import QtBot

from engine.file_types import NewName
from engine.types import PhotoId
from gui import photo_menu
from gui.categories.picker import Picker
from gui.filing.name_field import NameField
from gui.filing.pattern_dialog import PatternDialog, Proposed
from gui.main_window import MainWindow
from gui.open_with import Program
from gui.searching.strictness import StrictnessPopup
from gui.session import Session
from gui.workers import Task, Workers

if TYPE_CHECKING:
    from engine import Library


class Asked(QObject):
    """A question that is answered when the test says so."""

    succeeded = Signal(object)
    failed = Signal(object)


@pytest.fixture
def session(qtbot: QtBot, workers: Workers) -> Iterator[Session]:
    made = Session(cast("Library", FakeLibrary([photo(n) for n in range(1, 6)])), workers)
    yield made
    assert workers.shutdown()
    made.close()


def let_go(widget: QWidget) -> None:
    """Close it, and let Qt destroy what is to be destroyed."""
    widget.close()
    widget.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def interval(widget: QWidget) -> int:
    """Milliseconds that a widget waits for more to be typed or moved."""
    (timer,) = widget.findChildren(QTimer, options=Qt.FindChildOption.FindDirectChildrenOnly)
    return timer.interval()


def test_the_strictness_is_told_when_the_slider_rests_wherever_it_stands(qtbot: QtBot) -> None:
    page = QWidget()
    qtbot.addWidget(page)
    popup = StrictnessPopup(0.0, page)
    told: list[float] = []
    popup.moved.connect(told.append)
    before = interval(popup)
    with qtbot.waitSignal(popup.moved):
        for value in (-3, 4, -10):
            popup.slider.setValue(value)
            assert interval(popup) == before
    assert told == [-1.0]


def test_names_of_a_former_pattern_or_number_cannot_be_taken(qtbot: QtBot) -> None:
    asked: list[tuple[str, int, Asked]] = []

    def ask(pattern: str, start: int) -> Task:
        asked.append((pattern, start, Asked()))
        return cast(Task, asked[-1][2])

    dialog = PatternDialog(1, ask)
    qtbot.addWidget(dialog)
    found = [NewName(PhotoId(1), Path("/p/a.jpg"), "1.jpg")]
    answer = Proposed({PhotoId(1): "1"}, found)
    asked[-1][2].succeeded.emit(answer)
    assert dialog.go.isEnabled()
    before = interval(dialog)
    dialog.start.setValue(90_000)
    assert not dialog.go.isEnabled(), "it would rename by the former number"
    assert interval(dialog) == before, "not ninety seconds"
    asked[-1][2].succeeded.emit(answer)  # to what was asked before
    assert not dialog.go.isEnabled()
    qtbot.waitUntil(lambda: asked[-1][1] == 90_000)
    asked[-1][2].succeeded.emit(answer)
    assert dialog.go.isEnabled()
    dialog.pattern.setText("{name}")
    assert not dialog.go.isEnabled(), "it would rename by the former pattern"


def test_a_name_that_was_left_with_escape_is_not_given_by_a_late_answer(qtbot: QtBot) -> None:
    asked: list[Asked] = []

    def check(_name: str) -> Task:
        asked.append(Asked())
        return cast(Task, asked[-1])

    for destroyed in (False, True):
        field = NameField(photo(1), check)
        named: list[str] = []
        field.named.connect(named.append)
        field.show()
        field.field.setText("By the sea")
        QTest.keyClick(field.field, Qt.Key.Key_Return)
        if destroyed:
            let_go(field)
        else:
            QTest.keyClick(field.field, Qt.Key.Key_Escape)
        asked[-1].succeeded.emit([])
        assert named == []


def test_the_vocabulary_may_be_closed_while_it_is_tried_on_the_photos(
    qtbot: QtBot, session: Session, workers: Workers
) -> None:
    picker = Picker(session)
    picker.show()
    qtbot.waitUntil(lambda: workers.tasks == [])
    picker.look_button.click()
    assert workers.tasks != []
    let_go(picker)
    qtbot.waitUntil(lambda: workers.tasks == [])


def test_a_menu_may_be_closed_before_the_programs_are_known(
    qtbot: QtBot, session: Session, workers: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    programs = [Program("Viewer", ("viewer",))]
    monkeypatch.setattr(photo_menu, "programs_for", lambda _path: programs)  # pyright: ignore
    window = MainWindow()
    qtbot.addWidget(window)
    window.show()
    with qtbot.waitSignals([session.lister.listed, session.keeper.settled]):
        window.attach(session)
    qtbot.waitUntil(lambda: workers.tasks == [])
    window.grid.view.go_to(PhotoId(1))
    for closed in (False, True):
        menu = window.grid.menu()
        opening = next(found for found in menu.findChildren(QMenu) if found.title() == "Open with")
        opening.aboutToShow.emit()
        assert workers.tasks != []
        if closed:
            let_go(menu)
        qtbot.waitUntil(lambda: workers.tasks == [])
        if not closed:
            assert "Viewer" in [action.text() for action in opening.actions()]
