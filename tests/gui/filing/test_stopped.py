"""A deed that is stopped half-way: what was done is undone, the rest was never touched."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest
from filing_hand import FilingHand
from PySide6.QtCore import Qt

from engine.file_types import FilingStep
from engine.filing import runs
from engine.filing.trashing import Trashing


def test_what_was_done_until_it_was_stopped_can_be_undone(
    hand: FilingHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, one_went, go_on = hand.files(), threading.Event(), threading.Event()
    trash = Trashing.trash

    def slowly(self: Trashing, batch: Sequence[list[FilingStep]]) -> None:
        trash(self, batch)
        one_went.set()
        assert go_on.wait(10)

    monkeypatch.setattr(runs, "_BATCH", 1)
    monkeypatch.setattr(Trashing, "trash", slowly)
    hand.select("p0.jpg", "p1.jpg", "p2.jpg", "p3.jpg")
    hand.press(Qt.Key.Key_Delete)
    assert one_went.wait(10)
    (task,) = [one for one in hand.desk.workers.tasks if one.lane == "index"]
    task.cancel()
    go_on.set()
    hand.rest()
    assert hand.files() == [name for name in before if not name.startswith("p0")]
    assert hand.window.menus.undo.isEnabled()
    monkeypatch.setattr(Trashing, "trash", trash)
    hand.undo()
    assert hand.files() == before


def test_an_undo_that_is_pressed_at_once_waits_for_the_deed(
    hand: FilingHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, held = hand.files(), threading.Event()
    trash = Trashing.trash

    def slowly(self: Trashing, batch: Sequence[list[FilingStep]]) -> None:
        assert held.wait(10)
        trash(self, batch)

    monkeypatch.setattr(Trashing, "trash", slowly)
    hand.select("p1.jpg", "p2.jpg")
    hand.press(Qt.Key.Key_Delete)
    hand.window.menus.undo.trigger()
    held.set()
    hand.rest()
    assert hand.files() == before
    assert "p1.jpg" in hand.files()
    hand.redo()
    assert "p1.jpg" not in hand.files()
    hand.undo()
    assert hand.files() == before
