"""The first page: choosing and dropping a folder, the demo, and which models are offered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pages_sample import CHINESE, CLIP, DEMO, LARGE, MODELS, texts
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QPushButton

from gui.first_run import FirstRunPage
from gui.translations import install_translator


@pytest.fixture
def page(qtbot: Any) -> FirstRunPage:
    made = FirstRunPage()
    qtbot.addWidget(made)
    made.set_models(MODELS, DEMO.id)
    made.resize(1024, 700)
    made.show()
    return made


def button(page: FirstRunPage, name: str) -> QPushButton:
    """The button with this accessible name."""
    found = [b for b in page.findChildren(QPushButton) if b.accessibleName() == name]
    assert len(found) == 1, name
    return found[0]


def choose(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    def ask(*_arguments: object) -> str:
        return answer

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", staticmethod(ask))


def test_choosing_a_folder(page: FirstRunPage, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(monkeypatch, "/home/anna/Pictures")
    with qtbot.waitSignal(page.folder_chosen) as caught:
        page.folder_button.click()
    assert caught.args == [Path("/home/anna/Pictures")]
    choose(monkeypatch, "")
    with qtbot.assertNotEmitted(page.folder_chosen):
        page.folder_button.click()


def dropped(page: FirstRunPage, *paths: Path) -> QDropEvent:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(9, 9), Qt.DropAction.CopyAction, data, buttons, keys)
    page.dragEnterEvent(enter)
    drop = QDropEvent(QPointF(9, 9), Qt.DropAction.CopyAction, data, buttons, keys)
    page.dropEvent(drop)
    return drop


def test_dropping_folders(page: FirstRunPage, tmp_path: Path) -> None:
    one, two, file = tmp_path / "one", tmp_path / "two", tmp_path / "a.jpg"
    one.mkdir()
    two.mkdir()
    file.write_bytes(b"")
    chosen: list[Path] = []
    page.folder_chosen.connect(chosen.append)
    dropped(page, one, file, two)
    assert chosen == [one, two]


def test_a_file_is_no_folder(page: FirstRunPage, qtbot: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.jpg"
    file.write_bytes(b"")
    with qtbot.assertNotEmitted(page.folder_chosen):
        dropped(page, file)


def test_the_demo(page: FirstRunPage, qtbot: Any) -> None:
    with qtbot.waitSignal(page.demo_wanted):
        page.demo_button.click()


def test_models_are_told_in_plain_words(page: FirstRunPage) -> None:
    said = " ".join(texts(page))
    assert "not the world" in said
    assert "605 MB" in said
    assert "In use" in said
    assert LARGE.title not in said  # one recommendation, not a catalogue


def test_download_and_use(page: FirstRunPage, qtbot: Any) -> None:
    with qtbot.waitSignal(page.download_wanted) as caught:
        button(page, "Download CLIP").click()
    assert caught.args == [CLIP.id]
    page.set_models(MODELS, LARGE.id)
    with qtbot.waitSignal(page.model_chosen) as caught:
        button(page, "Use Demo model").click()
    assert caught.args == [DEMO.id]
    assert LARGE.title in texts(page)


def test_a_local_model(page: FirstRunPage, qtbot: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(monkeypatch, "/models/mine")
    with qtbot.waitSignal(page.local_model_wanted) as caught:
        button(page, "Choose a folder with a model").click()
    assert caught.args == [Path("/models/mine")]


def test_chinese_users_are_offered_chinese(qapp: QApplication, qtbot: Any) -> None:
    install_translator(qapp, "zh_CN")
    page = FirstRunPage()
    qtbot.addWidget(page)
    page.set_models(MODELS, DEMO.id)
    said = texts(page)
    assert CHINESE.title in said
    assert CLIP.title not in said
