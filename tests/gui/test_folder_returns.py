"""A folder that comes back: all of its photos are shown as there, not only those that differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

import pytest
from fake_library import FakeLibrary, photo
from pytestqt.qtbot import QtBot

from engine.types import Aspect, CatalogChange, PhotoId
from gui.session import Session
from gui.workers import Workers

if TYPE_CHECKING:
    from engine import Library


@pytest.fixture
def session(workers: Workers) -> Iterator[Session]:
    made = Session(cast("Library", FakeLibrary([photo(n) for n in range(1, 9)])), workers)
    yield made
    assert workers.shutdown()
    made.close()


@pytest.mark.parametrize(
    ("aspects", "concerned"),
    [
        (Aspect.ROOT | Aspect.FILE, frozenset[PhotoId]()),
        (Aspect.FILE, frozenset({PhotoId(3)})),
    ],
)
def test_a_commit_about_a_folder_concerns_all_photos(
    qtbot: QtBot, session: Session, aspects: Aspect, concerned: frozenset[PhotoId]
) -> None:
    with qtbot.waitSignal(session.photos_changed) as told:
        session.bridge.catalog_changed.emit(CatalogChange(frozenset({PhotoId(3)}), aspects))
    assert told.args == [concerned]
