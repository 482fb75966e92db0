"""Two real models in the real window: prepared beside each other, switched, compared, gone back."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.types import PhotoId
from gui.app import DEMO_MODEL, DEMO_PHOTOS, Desk
from gui.models.state import Act, ModelView, Standing

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "engine" / "journeys"))

from other_model import mute_model, rotated_model

CHECKOUT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(
    not (CHECKOUT / "resources" / "demo" / "model" / "config.json").is_file(),
    reason="the demo model is not in this checkout",
)
QUERY = "two cats on a couch"


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    photos = tmp_path / "photos"
    photos.mkdir()
    for source in sorted(DEMO_PHOTOS.rglob("*.jpg"))[:40]:
        shutil.copy2(source, photos / f"{source.parent.name} {source.name}")
    made = Desk(tmp_path / "library", photos, demo=True)
    qtbot.addWidget(made.window)
    made.show()
    qtbot.waitUntil(lambda: made.session is not None, timeout=20_000)
    at_rest(qtbot, made)
    yield made
    made.window.close()


def at_rest(qtbot: QtBot, desk: Desk) -> None:
    qtbot.waitUntil(lambda: desk.session is not None and not desk.workers.tasks, timeout=90_000)


def view(desk: Desk, model_id: str) -> ModelView | None:
    assert desk.session is not None
    return next((v for v in desk.session.work.views() if v.info.id == model_id), None)


def until(qtbot: QtBot, desk: Desk, model_id: str, standing: Standing) -> None:
    def stands() -> bool:
        found = view(desk, model_id)
        assert found is None or found.failure is None, found.failure
        return found is not None and found.standing is standing

    qtbot.waitUntil(stands, timeout=90_000)


def found(qtbot: QtBot, desk: Desk) -> list[PhotoId]:
    assert desk.session is not None
    with qtbot.waitSignal(desk.session.lister.listed, timeout=30_000):
        desk.window.search_bar.search_for(QUERY)
    return list(desk.window.grid.model.ids)[:5]


def test_another_model_is_prepared_compared_used_and_left(
    qtbot: QtBot, desk: Desk, tmp_path: Path
) -> None:
    folder = str(rotated_model(tmp_path / "rotated"))
    before = found(qtbot, desk)
    window, session = desk.window, desk.session
    assert session is not None
    assert desk.library is not None
    window.dialogs.show_models()
    dialog = window.dialogs.models_dialog
    assert dialog is not None
    dialog.use_folder(Path(folder))
    with qtbot.waitSignal(session.switched, timeout=90_000) as caught:
        pass
    assert caught.args == [folder, DEMO_MODEL]
    at_rest(qtbot, desk)
    assert desk.library.settings.model_id == folder
    until(qtbot, desk, folder, Standing.IN_USE)
    assert found(qtbot, desk) == before, "it finds the same, with vectors of its own"

    until(qtbot, desk, DEMO_MODEL, Standing.READY)
    dialog.refresh()
    dialog.choose(DEMO_MODEL)
    dialog.detail.buttons[Act.COMPARE].click()
    compare = window.dialogs.compare_dialog
    assert compare is not None
    compare.compare(QUERY)
    qtbot.waitUntil(lambda: compare.left.model.rowCount() > 0, timeout=30_000)
    assert compare.left.model.ids[:5] == compare.right.model.ids[:5] == before
    compare.keep_button.click()

    dialog.refresh()
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)  # the first button: go back
    until(qtbot, desk, DEMO_MODEL, Standing.IN_USE)
    assert found(qtbot, desk) == before
    dialog.choose(folder)
    dialog.refresh()
    dialog.close()


def test_a_model_without_words_is_refused_with_the_reason(
    qtbot: QtBot, desk: Desk, tmp_path: Path
) -> None:
    folder = str(mute_model(tmp_path / "mute"))
    window = desk.window
    window.dialogs.use_folder(Path(folder))

    def refused() -> bool:
        found = view(desk, folder)
        return found is not None and found.failure is not None

    qtbot.waitUntil(refused, timeout=90_000)
    dialog = window.dialogs.models_dialog
    assert dialog is not None
    dialog.refresh()
    assert "everything" in dialog.detail.failure.toPlainText()
    assert desk.library is not None
    assert desk.library.settings.model_id == DEMO_MODEL
    dialog.close()
