"""Indexing waits for the mains or a quiet moment, says so, and goes on; the user may insist."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest
from fake_library import FakeLibrary, photo
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine import Library
from engine.jobs import Event, IndexReport
from gui import keeper as keeper_module
from gui.input_watch import InputWatch
from gui.job_row import JobRow
from gui.keeper import Held, Inbox, keep_up
from gui.main_window import MainWindow
from gui.session import Session
from gui.translations import install_translator
from gui.workers import Workers

BATTERY = "Waiting for mains power."


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper_module, "_ASK_AGAIN_S", 0.01)


def library_of(unread: int) -> FakeLibrary:
    made = FakeLibrary([photo(number) for number in range(1, 20)])
    made.unread = unread
    return made


def test_nothing_is_indexed_while_it_may_not() -> None:
    library, inbox = library_of(5), Inbox()
    inbox.want_look(None)
    leave = [(False, BATTERY)]
    events: list[Event] = []
    for event in keep_up(cast("Library", library), inbox, ask=lambda: leave[0]):
        events.append(event)
        if len([e for e in events if isinstance(e, Held)]) == 3:
            leave[0] = (True, "")
    held = [event for event in events if isinstance(event, Held)]
    assert library.reconciled == [None], "comparing with the disk does not wait"
    assert {event.note for event in held} == {BATTERY}
    assert library.indexed == 1


def test_it_stops_between_two_batches_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper_module, "_ASK_AGAIN_S", 0.0)
    library, inbox = library_of(8), Inbox()
    inbox.want_index()
    asked: list[int] = []

    def ask() -> tuple[bool, str]:
        asked.append(1)
        return (False, BATTERY) if 3 <= len(asked) <= 5 else (True, "")

    events = list(keep_up(cast("Library", library), inbox, ask=ask))
    kinds = [type(event).__name__ for event in events]
    first = kinds.index("Held")
    assert 0 < first < 8, "some photos first, then the wait"
    assert "Progress" in kinds[first:]
    assert library.indexed == 2, "the run was closed, and taken up again"


def test_insisting_lasts_until_all_is_done() -> None:
    library, inbox = library_of(3), Inbox()
    inbox.want_index()
    inbox.want_anyway()
    reports: list[IndexReport] = []
    events = list(
        keep_up(cast("Library", library), inbox, ask=lambda: (False, BATTERY), tell=reports.append)
    )
    assert not any(isinstance(event, Held) for event in events)
    assert [report.read for report in reports] == [3]
    assert not inbox.anyway


def test_another_plan_begins_again_at_once() -> None:
    library, inbox = library_of(30), Inbox()
    inbox.want_index()
    events = keep_up(cast("Library", library), inbox)
    next(events)
    next(events)
    inbox.want_index(afresh=True)
    list(events)
    assert library.indexed == 2


@pytest.fixture
def window(qtbot: QtBot, workers: Workers) -> Iterator[MainWindow]:
    library = library_of(4)
    library.leave = (False, BATTERY)
    install_translator(cast("QApplication", QApplication.instance()), "en")
    session = Session(cast("Library", library), workers)
    made = MainWindow()
    qtbot.addWidget(made)
    made.resize(1280, 700)
    made.show()
    with qtbot.waitSignal(session.lister.listed):
        made.attach(session)
    yield made
    cast("FakeLibrary", session.library).let_go()
    assert workers.shutdown()
    session.close()


def test_the_status_bar_says_why_and_the_user_may_insist(qtbot: QtBot, window: MainWindow) -> None:
    library = cast("FakeLibrary", window.session.library)
    qtbot.waitUntil(lambda: any(row.held for row in window.findChildren(JobRow)))
    (row,) = window.findChildren(JobRow)
    assert row.text == "Waiting for mains power"
    assert row.anyway_button.isVisible()
    assert library.indexed == 0
    with qtbot.waitSignal(window.session.keeper.settled):
        row.anyway_button.click()
    assert library.indexed == 1


def test_it_goes_on_by_itself(qtbot: QtBot, window: MainWindow) -> None:
    library = cast("FakeLibrary", window.session.library)
    qtbot.waitUntil(lambda: any(row.held for row in window.findChildren(JobRow)))
    with qtbot.waitSignal(window.session.keeper.settled):
        library.leave = (True, "")
    assert library.indexed == 1


def test_while_it_waits_changes_on_disk_are_seen(qtbot: QtBot, window: MainWindow) -> None:
    library = cast("FakeLibrary", window.session.library)
    qtbot.waitUntil(lambda: any(row.held for row in window.findChildren(JobRow)))
    window.session.keeper.look()
    qtbot.waitUntil(lambda: library.reconciled == [None, None])
    assert library.indexed == 0


def test_keys_and_mouse_are_noticed(qtbot: QtBot, window: MainWindow) -> None:
    watch = window.session.input
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    watch._last -= 100  # pyright: ignore[reportPrivateUsage]
    assert watch.idle_s() > 99
    handle = window.windowHandle()
    QTest.keyClick(handle, Qt.Key.Key_Shift)
    assert watch.idle_s() < 50
    assert isinstance(watch, InputWatch)


def test_models_rest_when_nobody_uses_them(qtbot: QtBot, window: MainWindow) -> None:
    library = cast("FakeLibrary", window.session.library)
    window.session.rest()
    window.session.rest()  # the first one has not finished: not asked twice
    qtbot.waitUntil(lambda: library.rested == [600.0])
