"""What a user does again and again on the pages of categories and tags."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytestqt.qtbot import QtBot

from engine.tag_types import Category
from gui.main_window import MainWindow

if TYPE_CHECKING:
    pass


def at_rest(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: window.session.workers.tasks == [])


def review(qtbot: QtBot, window: MainWindow, category: Category | None) -> None:
    window.tags.show_review(category.id if category is not None else None)
    qtbot.waitUntil(lambda: window.tags.review.suggestions.model.rowCount() > 0)
    at_rest(qtbot, window)


def undo(qtbot: QtBot, window: MainWindow) -> None:
    at_rest(qtbot, window)  # what was done last is known to the history
    history = window.session.history
    with qtbot.waitSignal(history.told, check_params_cb=_is_undone):
        window.menus.undo.trigger()


def _is_undone(words: str, _button: str, _act: object) -> bool:
    return words.startswith("Undone: ")


# ---- sidebar ---------------------------------------------------------------------------------
