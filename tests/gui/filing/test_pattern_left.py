"""The dialog of a pattern, left before what it asked is answered."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot
from shiboken6 import Shiboken

from gui.filing.pattern_dialog import PatternDialog, Proposed
from gui.workers import Task


class Asked(QObject):
    """A question that is answered when the test says so."""

    succeeded = Signal(object)
    failed = Signal(object)


def test_an_answer_that_comes_when_the_dialog_is_gone_is_dropped(qtbot: QtBot) -> None:
    questions: list[Asked] = []

    def ask(pattern: str, start: int) -> Task:
        questions.append(Asked())
        return cast(Task, questions[-1])

    dialog = PatternDialog(2, ask)
    qtbot.addWidget(dialog)
    dialog.pattern.setText("{name}")
    qtbot.waitUntil(lambda: bool(questions))
    dialog.reject()
    Shiboken.delete(dialog.table)
    questions[-1].succeeded.emit(Proposed({}, ()))
