"""A window on photos in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from looking_hand import LookingHand, looking
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui import theme
from gui.workers import Workers


@pytest.fixture
def hand(qtbot: QtBot, qapp: QApplication, workers: Workers) -> Iterator[LookingHand]:
    theme.apply_theme(qapp, "dark")
    with looking(qtbot, workers, 60) as made:
        yield made
