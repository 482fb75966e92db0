"""The last net: logged, told once per burst, from any thread; the world's faults are messages."""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMessageLogContext, QtMsgType
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMessageBox

from engine.errors import DiskError
from gui import crash_dialog
from gui.crash_dialog import CrashDialog, CrashReporter

VERSIONS = {"Photosift": "0.1.0", "PySide6": "6.11"}


def mistake(text: str = "a mistake") -> ValueError:
    try:
        int(f"not a number: {text}")
    except ValueError as error:
        return error
    raise AssertionError


def other_mistake() -> KeyError:
    try:
        {}["other"]
    except KeyError as error:
        return error
    raise AssertionError


@pytest.fixture
def reporter(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Iterator[CrashReporter]:
    caplog.set_level(logging.CRITICAL + 1)
    made = CrashReporter(tmp_path, VERSIONS, lambda: None)
    yield made
    if made.dialog is not None:
        made.dialog.close()


def take(reporter: CrashReporter, error: BaseException) -> None:
    reporter.take(type(error), error, error.__traceback__)


def open_dialogs() -> list[CrashDialog]:
    return [
        widget
        for widget in QApplication.topLevelWidgets()
        if isinstance(widget, CrashDialog) and widget.isVisible()
    ]


def test_a_burst_is_one_dialog(reporter: CrashReporter) -> None:
    for _ in range(5):
        take(reporter, mistake())
    take(reporter, other_mistake())
    (dialog,) = open_dialogs()
    assert dialog.more == 5
    assert dialog.count.text() == "5 more of the kind followed; see the log."


def test_the_same_mistake_is_not_told_again_at_once(reporter: CrashReporter) -> None:
    take(reporter, mistake())
    open_dialogs()[0].keep_button.click()
    take(reporter, mistake())
    assert open_dialogs() == []
    take(reporter, other_mistake())
    assert len(open_dialogs()) == 1


def test_the_log_is_not_flooded(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    reporter = CrashReporter(tmp_path, VERSIONS, lambda: None)
    for _ in range(100):
        take(reporter, mistake())
    assert len(caplog.records) == 20
    assert caplog.records[0].exc_info is not None
    caplog.clear()
    assert reporter.dialog is not None
    reporter.dialog.close()


def test_from_another_thread_it_is_shown_on_the_gui_thread(
    reporter: CrashReporter, qtbot: Any
) -> None:
    thread = threading.Thread(target=take, args=(reporter, mistake()))
    thread.start()
    thread.join()
    assert open_dialogs() == []
    qtbot.waitUntil(lambda: len(open_dialogs()) == 1)


def test_the_worlds_fault_is_a_plain_message(reporter: CrashReporter) -> None:
    take(reporter, DiskError("The disk is full; <b>nothing</b> was lost."))
    assert open_dialogs() == []
    assert isinstance(reporter.dialog, QMessageBox)
    assert reporter.dialog.text() == "The disk is full; <b>nothing</b> was lost."


def test_the_report(reporter: CrashReporter, tmp_path: Path) -> None:
    take(reporter, mistake("deep inside"))
    (dialog,) = open_dialogs()
    assert "Nothing of your photos was touched" in dialog.comfort.text()
    assert not dialog.details.isVisible()
    dialog.details_button.click()
    assert dialog.details.isVisible()
    dialog.copy_button.click()
    copied = QGuiApplication.clipboard().text()
    assert "Photosift 0.1.0" in copied
    assert "deep inside" in copied
    assert "ValueError" in copied
    assert str(tmp_path) in copied


def test_quitting(reporter: CrashReporter, monkeypatch: pytest.MonkeyPatch) -> None:
    codes: list[int] = []
    monkeypatch.setattr(QApplication, "exit", staticmethod(codes.append))
    take(reporter, mistake())
    open_dialogs()[0].quit_button.click()
    reporter.take(KeyboardInterrupt, KeyboardInterrupt(), None)
    assert codes == [1, 130]
    assert open_dialogs() == []


def test_install_puts_every_net_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handlers: list[object] = []
    monkeypatch.setattr(crash_dialog, "qInstallMessageHandler", handlers.append)
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    was_on = faulthandler.is_enabled()
    crash_dialog.install(tmp_path / "logs", VERSIONS, lambda: None)
    try:
        assert sys.excepthook.__name__ == "take"
        assert threading.excepthook.__name__ == "take_from_thread"
        assert handlers[0] is crash_dialog.take_qt_message
        assert (tmp_path / "logs" / "crash.log").exists()
    finally:
        crash_dialog.uninstall()
        if was_on:
            faulthandler.enable()


def test_qt_speaks_through_our_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    crash_dialog.take_qt_message(QtMsgType.QtInfoMsg, QMessageLogContext(), "hello")
    (record,) = caplog.records
    assert (record.levelno, record.getMessage()) == (logging.INFO, "hello")
    assert record.name.startswith("qt.")
