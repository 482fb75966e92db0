"""What the grid shows: the latest question wins, commits make it ask again."""

from __future__ import annotations

import threading

from fake_library import FakeLibrary, photo
from pytestqt.qtbot import QtBot

from engine.errors import QueryError
from engine.types import Aspect, CatalogChange, PhotoId, Scope
from gui.grid.model import Listing
from gui.lister import Lister
from gui.workers import Workers


def shelf() -> FakeLibrary:
    return FakeLibrary([photo(1), photo(2, colour="blue"), photo(3, colour="green")])


def test_only_the_latest_answer_is_shown(qtbot: QtBot, workers: Workers) -> None:
    library = shelf()
    library.hold["red"] = threading.Event()
    lister = Lister(library, workers)
    seen: list[Listing] = []
    lister.listed.connect(seen.append)
    lister.show_text("red")
    qtbot.waitUntil(lambda: library.asked == ["red"])
    for text in ("gre", "gree", "green"):
        lister.show_text(text)
    library.hold["red"].set()
    qtbot.waitUntil(lambda: bool(seen))
    with qtbot.assertNotEmitted(lister.listed, wait=50):
        pass
    assert len(seen) == 1
    assert seen[0].ids[0] == 3
    assert library.asked == ["red", "green"]  # what was typed in between was never asked


def test_weaker_hits_come_after_the_cut(qtbot: QtBot, workers: Workers) -> None:
    lister = Lister(shelf(), workers)
    with qtbot.waitSignal(lister.listed) as listed:
        lister.show_text("blue")
    listing = listed.args[0]  # pyright: ignore[reportOptionalSubscript]
    assert listing.ids[0] == 2
    assert listing.weaker_from == 1
    assert listing.fresh


def test_similar_leaves_out_the_photo_itself(qtbot: QtBot, workers: Workers) -> None:
    lister = Lister(shelf(), workers)
    with qtbot.waitSignal(lister.listed) as listed:
        lister.show_similar(PhotoId(2))
    listing = listed.args[0]  # pyright: ignore[reportOptionalSubscript]
    assert 2 not in listing.ids


def test_a_query_that_cannot_be_understood_is_told(qtbot: QtBot, workers: Workers) -> None:
    lister = Lister(shelf(), workers)
    with qtbot.waitSignal(lister.failed) as failed:
        lister.show_text("colour:red")
    error = failed.args[0]  # pyright: ignore[reportOptionalSubscript]
    assert isinstance(error, QueryError)
    assert (error.position, error.length) == (0, 7)


def test_commits_ask_again_without_starting_over(qtbot: QtBot, workers: Workers) -> None:
    library = shelf()
    lister = Lister(library, workers)
    with qtbot.waitSignal(lister.listed):
        lister.show_scope(Scope())
    library.add([photo(4)])
    with qtbot.waitSignal(lister.listed) as listed:
        lister.follow(CatalogChange(frozenset({PhotoId(4)}), Aspect.EXISTENCE))
    listing = listed.args[0]  # pyright: ignore[reportOptionalSubscript]
    assert listing.ids == [4, 3, 2, 1]
    assert not listing.fresh


def test_a_new_vector_matters_to_a_search_only(qtbot: QtBot, workers: Workers) -> None:
    library = shelf()
    lister = Lister(library, workers)
    with qtbot.waitSignal(lister.listed):
        lister.show_scope(Scope())
    change = CatalogChange(frozenset({PhotoId(1)}), Aspect.EMBEDDING)
    with qtbot.assertNotEmitted(lister.listed, wait=700):
        lister.follow(change)
    with qtbot.waitSignal(lister.listed):
        lister.show_text("red")
    with qtbot.waitSignal(lister.listed, timeout=4000):
        lister.follow(change)


def test_long_questions_are_told_and_short_ones_not(qtbot: QtBot, workers: Workers) -> None:
    library = shelf()
    library.hold["red"] = threading.Event()
    lister = Lister(library, workers)
    with qtbot.waitSignal(lister.busy_changed) as busy:
        lister.show_text("red")
    assert busy.args == [True]
    with qtbot.waitSignals([lister.busy_changed, lister.listed]):
        library.hold["red"].set()
