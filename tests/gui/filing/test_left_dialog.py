"""The summary of photos that stayed: thousands of them are no work for the window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from engine.jobs import Skipped
from gui.filing import left_dialog
from gui.filing.left_dialog import LeftDialog
from gui.filing.words import reasons


def test_only_what_is_looked_at_is_put_into_words(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: set[Path] = set()

    def counting(skipped: list[Skipped]) -> list[tuple[Path, str]]:
        asked.update(one.path for one in skipped)
        return reasons(skipped)

    monkeypatch.setattr(left_dialog, "reasons", counting)
    why = "was changed since it was looked at"
    dialog = LeftDialog("Stayed", [Skipped(Path(f"/a/{n}.jpg"), why) for n in range(10_000)])
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.waitUntil(lambda: bool(asked))
    assert len(asked) < 200
    model = dialog.table.model()
    assert model.rowCount() == 10_000
    last = model.index(9_999, 1)
    assert last.data() == "It was changed since it was looked at."
    assert "/a/9999.jpg" in model.index(9_999, 0).data(Qt.ItemDataRole.ToolTipRole)
    dialog.copy_button.click()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == 10_000
    assert lines[0].startswith(str(Path("/a/0.jpg")))
