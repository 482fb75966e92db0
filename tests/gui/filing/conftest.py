"""The real window over a few real photos, with a trash of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from filing_hand import FilingHand, Opener
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot


@pytest.fixture(scope="module")
def opener(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opener]:
    """Photos, a trash and a library for the tests of a module."""
    folder = tmp_path_factory.mktemp("filing")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(folder / "xdg"))
        made = Opener(folder)
        yield made
        made.close()


@pytest.fixture
def hand(opener: Opener, qtbot: QtBot) -> FilingHand:
    """The window as a test before has left it, which is as it was at first; else a new one."""
    if opener.desk is None:
        return opener.open(qtbot)
    hand = FilingHand(qtbot, opener.desk, opener.photos)
    hand.window.show_everything()
    hand.rest()
    return hand
