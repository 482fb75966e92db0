"""The models dialog: what can be done with which model, a running download, failures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pages_sample import CLIP, DEMO, LARGE, MODELS, STATUS, FakeTask
from PySide6.QtWidgets import QFileDialog

from engine.jobs import Progress
from engine.types import ModelStatus
from gui.job_row import JobRow
from gui.models_dialog import ModelsDialog


@pytest.fixture
def dialog(qtbot: Any) -> ModelsDialog:
    made = ModelsDialog()
    qtbot.addWidget(made)
    made.set_models(MODELS, STATUS)
    made.show()
    return made


def state(dialog: ModelsDialog, row: int) -> str:
    return str(dialog.table.model().index(row, 4).data())


def test_every_model_has_its_line(dialog: ModelsDialog) -> None:
    assert [state(dialog, row) for row in range(4)] == [
        "In use",
        "Not downloaded",
        "On this computer",
        "Not downloaded",
    ]
    assert str(dialog.table.model().index(1, 2).data()) == "605 MB"
    assert dialog.chosen() == DEMO  # the model in use comes chosen
    assert not dialog.use_button.isEnabled()
    assert not dialog.download_button.isEnabled()


def test_use_what_is_here_download_what_is_not(dialog: ModelsDialog, qtbot: Any) -> None:
    dialog.table.selectRow(2)
    with qtbot.waitSignal(dialog.use_wanted) as caught:
        dialog.use_button.click()
    assert caught.args == [LARGE.id]
    dialog.table.selectRow(1)
    assert not dialog.use_button.isEnabled()
    assert "Fast. Describes each photo in 512 numbers." in dialog.note.text()
    with qtbot.waitSignal(dialog.download_wanted) as caught:
        dialog.download_button.click()
    assert caught.args == [CLIP.id]


def test_a_folder(dialog: ModelsDialog, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def ask(*_arguments: object) -> str:
        return "/models/mine"

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", staticmethod(ask))
    with qtbot.waitSignal(dialog.folder_wanted) as caught:
        dialog.folder_button.click()
    assert caught.args == [Path("/models/mine")]


def test_a_download_is_shown_until_it_ends(dialog: ModelsDialog, task: FakeTask) -> None:
    dialog.table.selectRow(1)
    dialog.track(task.face)
    (row,) = dialog.findChildren(JobRow)
    task.progressed.emit(Progress(200_000_000, 605_000_000))
    assert "200 MB of 605 MB" in row.text
    assert not dialog.download_button.isEnabled()
    task.finished.emit()
    assert not row.isVisible()
    assert dialog.download_button.isEnabled()


def test_a_failure_comes_with_what_to_do(dialog: ModelsDialog) -> None:
    dialog.show_failure("huggingface.co could not be reached")
    assert dialog.failure.text().startswith("huggingface.co could not be reached. ")
    assert "HF_ENDPOINT" in dialog.failure.text()
    assert "local folder" in dialog.failure.text()
    dialog.show_failure("Set HF_ENDPOINT to a mirror.")
    assert dialog.failure.text() == "Set HF_ENDPOINT to a mirror."
    dialog.table.selectRow(1)
    dialog.download_button.click()
    assert not dialog.failure.isVisible()


def test_new_states_keep_the_choice(dialog: ModelsDialog) -> None:
    dialog.table.selectRow(1)
    dialog.set_models(MODELS, ModelStatus(LARGE, ready=True))
    assert dialog.chosen() == CLIP
    assert state(dialog, 2) == "In use"
    assert state(dialog, 0) == "Built in"


def test_why_no_model_works_is_said(dialog: ModelsDialog) -> None:
    dialog.set_models(MODELS, ModelStatus(None, ready=False, reason="The weights are gone."))
    assert dialog.failure.text() == "The weights are gone."
