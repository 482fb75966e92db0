"""What the tests of the pages share: the dressed application, a task to drive, sample data."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pages_sample import FakeTask
from PySide6.QtWidgets import QApplication

from gui import theme
from gui.translations import install_translator


@pytest.fixture(autouse=True)
def dressed(qapp: QApplication) -> Iterator[QApplication]:
    """The application in English and in the light theme, as `gui.app` dresses it."""
    install_translator(qapp, "en")
    theme.apply_theme(qapp, "light")
    yield qapp
    install_translator(qapp, "en")
    theme.apply_theme(qapp, "light")


@pytest.fixture
def task() -> FakeTask:
    return FakeTask("Indexing")


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path
