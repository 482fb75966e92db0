"""A window with duplicates in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from duplicates_hand import MakeHand, hands
from pytestqt.qtbot import QtBot

from gui.workers import Workers


@pytest.fixture
def make_hand(qtbot: QtBot, workers: Workers) -> Iterator[MakeHand]:
    with hands(qtbot, workers) as make:
        yield make
