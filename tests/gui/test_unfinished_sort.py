"""A window that opens on a library whose last sort was stopped says so, and leads there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_library import FakeLibrary
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from sorting_hand import MakeHand, hands

from engine.file_types import FilingRun, RunId, RunState
from gui.workers import Workers


@pytest.fixture
def make_hand(qtbot: QtBot, workers: Workers) -> Iterator[MakeHand]:
    with hands(qtbot, workers) as make:
        yield make


def run(state: RunState, *, done: int, planned: int) -> FilingRun:
    rule: dict[str, object] = {"mode": "move", "into": str(Path("/target"))}
    return FilingRun(RunId(1), "sort", rule, 1.7e9, 1.7e9, state, "It was stopped.",
                     done + planned, done, planned, 0, 0, 0)  # fmt: skip


@pytest.mark.parametrize(
    ("state", "planned", "words"),
    [
        (RunState.STOPPED, 77, "stopped in the middle"),
        (RunState.UNDOING, 0, "only in part"),
        (RunState.APPLIED, 0, ""),
    ],
)
def test_the_status_bar_tells_of_it(
    qtbot: QtBot, make_hand: MakeHand, monkeypatch: pytest.MonkeyPatch,
    state: RunState, planned: int, words: str,
) -> None:  # fmt: skip
    made = run(state, done=64, planned=planned)
    filing = type(FakeLibrary([]).filing)
    monkeypatch.setattr(filing, "runs", lambda _self: [made])  # pyright: ignore[reportUnknownLambdaType]
    hand = make_hand()
    status, page = hand.window.status, hand.page
    assert words in status.notice_label.text()
    if not words:
        assert status.notice_label.text() == ""
        return
    qtbot.mouseClick(status.notice_button, Qt.MouseButton.LeftButton)
    hand.rest()
    assert hand.window.stack.currentWidget() is page
    assert page.stack.currentWidget() is page.runs
    qtbot.waitUntil(lambda: len(page.runs.rows) == 1)
