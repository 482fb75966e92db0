"""Fixtures for the window's tests: no display, state kept in a temporary file."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication, QSettings

from gui.workers import Workers


@pytest.fixture(autouse=True)
def state_in_temporary_folder(tmp_path: Path) -> None:
    """No test reads or writes the developer's own window state."""
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    QSettings.setPath(
        QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path / "state")
    )
    QCoreApplication.setOrganizationName("Photosift")
    QCoreApplication.setApplicationName("Photosift")


@pytest.fixture(scope="module", autouse=True)
def garbage_of_a_module() -> Iterator[None]:
    """No old window is left for a test that does not know of it."""
    yield
    gc.collect()


@pytest.fixture
def workers(qapp: QCoreApplication) -> Iterator[Workers]:
    """Lanes that are closed after the test, whatever happened."""
    created = Workers()
    yield created
    assert created.shutdown(), "a lane's thread did not end"
