"""In the real window: sidecars are switched on, and follow what is said and undone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.files.sidecar_fields import told
from engine.mark_types import Flag
from gui.app import DEMO_PHOTOS, Desk


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Iterator[Desk]:
    photos = tmp_path / "photos"
    photos.mkdir()
    for path in sorted(DEMO_PHOTOS.rglob("*.jpg"))[:3]:
        shutil.copy(path, photos)
    (tmp_path / "library").mkdir()
    settings = tmp_path / "library" / "settings.json"
    settings.write_text('{"model_id": "no/model"}', encoding="utf-8")  # nothing is embedded
    made = Desk(tmp_path / "library", photos)
    qtbot.addWidget(made.window)
    made.window.resize(1200, 800)
    made.show()
    qtbot.waitUntil(lambda: made.session is not None, timeout=20_000)
    at_rest(qtbot, made)
    yield made
    made.window.close()


def at_rest(qtbot: QtBot, desk: Desk) -> None:
    def idle() -> bool:
        session = desk.session
        return session is not None and not desk.workers.tasks and not session.sidecars.busy

    qtbot.waitUntil(idle, timeout=90_000)


def test_sidecars_follow_what_is_said(qtbot: QtBot, desk: Desk, tmp_path: Path) -> None:
    window = desk.window
    photos = tmp_path / "photos"
    pictures = {path: path.read_bytes() for path in photos.iterdir()}
    view = window.grid.view
    qtbot.waitUntil(lambda: window.grid.model.rowCount() == len(pictures))
    view.setCurrentIndex(window.grid.model.index(0))
    qtbot.waitUntil(lambda: len(window.marks.ids) == 1)
    QTest.keyClick(view, Qt.Key.Key_4)
    at_rest(qtbot, desk)
    assert not list(photos.glob("*.xmp"))  # nobody has asked for it

    window.dialogs.show_settings()
    dialog = window.dialogs.settings_dialog
    assert dialog is not None
    qtbot.waitUntil(lambda: "1" in dialog.sidecars.so_far.text())
    dialog.sidecars.switch.setChecked(True)
    dialog.ok_button.click()
    qtbot.waitUntil(lambda: len(list(photos.glob("*.xmp"))) == 1)
    at_rest(qtbot, desk)
    (sidecar,) = photos.glob("*.xmp")
    assert told(sidecar.read_bytes()).rating == 4

    window.marks.flag(Flag.REJECTED)
    qtbot.waitUntil(lambda: told(sidecar.read_bytes()).rating == -1, timeout=20_000)
    at_rest(qtbot, desk)
    window.menus.undo.trigger()
    qtbot.waitUntil(lambda: told(sidecar.read_bytes()).rating == 4, timeout=20_000)
    at_rest(qtbot, desk)
    assert desk.library is not None
    status = desk.library.sidecars.status()
    assert (status.on, status.waiting, status.written) == (True, 0, 1)
    assert {path: path.read_bytes() for path in pictures} == pictures
