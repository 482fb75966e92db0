"""Held-out scenes in the real window: what is typed brings the right picture to the front."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from gui.app import Desk

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture
def scenes(tmp_path: Path) -> tuple[Path, list[dict[str, Any]]]:
    folder = tmp_path / "scenes"
    subprocess.run(
        [sys.executable, "resources/demo/draw.py", str(folder), "--seed", "77002",
         "--count", "60"], cwd=CHECKOUT, check=True, capture_output=True,
    )  # fmt: skip
    return folder, json.loads((folder / "captions.json").read_text(encoding="utf-8"))


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path, scenes: tuple[Path, list[dict[str, Any]]]) -> Iterator[Desk]:
    opened = Desk(tmp_path / "library", scenes[0])
    qtbot.addWidget(opened.window)
    opened.show()
    qtbot.waitUntil(
        lambda: opened.session is not None and not opened.workers.tasks, timeout=120_000
    )
    yield opened
    opened.window.close()


def test_typed_captions_bring_their_picture_first(
    qtbot: QtBot, desk: Desk, scenes: tuple[Path, list[dict[str, Any]]]
) -> None:
    _, told = scenes
    assert desk.session is not None
    assert desk.library is not None
    first = 0
    for entry in told[:20]:
        with qtbot.waitSignal(desk.session.lister.listed, timeout=30_000):
            desk.window.search_bar.search_for(entry["caption"])
        (photo,) = desk.library.photos([desk.window.grid.model.id_at(0)])
        first += photo.name == entry["file"]
    assert first >= 16
