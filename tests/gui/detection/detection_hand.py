"""What a user does again and again on the pages of detection."""

from __future__ import annotations

import re

from pytestqt.qtbot import QtBot

from gui.detection.photo_page import PhotoPage
from gui.main_window import MainWindow


def at_rest(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: window.session.workers.tasks == [], timeout=20_000)


def look(qtbot: QtBot, window: MainWindow, page: PhotoPage, words: str) -> None:
    """Type labels and wait for what is seen."""
    page.field.take(words)
    at_rest(qtbot, window)
    assert page.scene.sight is not None


def numbers(text: str) -> list[int]:
    """The numbers in a text; its plural depends on the language that is installed."""
    return [int(number) for number in re.findall(r"\d+", text)]


def undo(qtbot: QtBot, window: MainWindow) -> None:
    at_rest(qtbot, window)  # what was done last is known to the history
    with qtbot.waitSignal(window.session.history.told, check_params_cb=_is_undone):
        window.menus.undo.trigger()
    at_rest(qtbot, window)


def _is_undone(words: str, _button: str, _act: object) -> bool:
    return words.startswith("Undone: ")
