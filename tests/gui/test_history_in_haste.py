"""Undo and redo that are pressed before the deed they mean is done: the order is the user's."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from engine.errors import TagError
from gui.history import Back, Deed, History
from gui.workers import Workers


class Desk:
    """A set of words, and a lane that can be held up."""

    def __init__(self, workers: Workers) -> None:
        self.workers = workers
        self.history = History(workers)
        self.told: list[str] = []
        self.history.told.connect(self._hear)
        self.there: list[str] = []
        self.gate = threading.Event()

    def _hear(self, words: str, _button: str, _act: object) -> None:
        self.told.append(words)

    def hold(self) -> None:
        workers, gate = self.workers, self.gate
        workers.start("tagging", "", lambda: gate.wait(20))

    def put(self, word: str) -> None:
        self.history.do(word, lambda: self._add(word))

    def rest(self, qtbot: QtBot) -> None:
        self.gate.set()
        qtbot.waitUntil(lambda: self.workers.tasks == [])

    def _add(self, word: str) -> Back:
        self.there.append(word)
        return lambda: self._take(word)

    def _take(self, word: str) -> Back:
        self.there.remove(word)
        return lambda: self._add(word)


@pytest.fixture
def desk(workers: Workers) -> Desk:
    return Desk(workers)


def test_undo_means_the_deed_before_it_though_it_is_not_done_yet(qtbot: QtBot, desk: Desk) -> None:
    desk.put("one")
    qtbot.waitUntil(lambda: desk.told == ["one"])
    desk.hold()
    desk.put("two")
    assert desk.history.undoable == "two"
    desk.history.undo()
    assert desk.history.undoable == "one"
    assert desk.history.redoable == "two"
    desk.rest(qtbot)
    assert desk.there == ["one"]
    assert desk.history.undoable == "one"


def test_undo_and_redo_in_one_breath_leave_it_as_it_was(qtbot: QtBot, desk: Desk) -> None:
    for word in ("one", "two"):
        desk.put(word)
    desk.hold()
    desk.history.undo()
    desk.history.undo()
    desk.history.redo()
    desk.put("three")
    desk.rest(qtbot)
    assert desk.there == ["one", "three"]
    assert desk.history.redoable == "", "another deed came after what was undone"


def test_what_changed_nothing_or_failed_is_not_undone(qtbot: QtBot, desk: Desk) -> None:
    def fail() -> Back:
        raise TagError("It did not work.")

    works: list[tuple[str, Callable[[], object]]] = [("empty", lambda: None), ("bad", fail)]
    desk.put("one")
    desk.hold()
    for words, work in works:
        desk.history.do(words, work)
    assert desk.history.undoable == "bad"
    desk.rest(qtbot)
    assert desk.history.undoable == "one"
    assert desk.told == ["one", "It did not work."]
    desk.history.do("bad", fail)
    desk.history.undo()
    desk.rest(qtbot)
    assert desk.there == ["one"]
    assert (desk.history.undoable, desk.history.redoable) == ("one", "")
    assert desk.told == ["one", "It did not work.", "It did not work."]


def test_a_long_way_back_is_not_offered_again_before_it_ended(qtbot: QtBot, desk: Desk) -> None:
    def back() -> object:
        yield from ()
        return lambda: None

    desk.history.did(Deed("sorted", back, "tagging", "Taking back"))
    desk.hold()
    desk.history.undo()
    assert (desk.history.undoable, desk.history.redoable) == ("", "")
    desk.rest(qtbot)
    assert desk.history.redoable == "sorted"


def test_what_was_done_is_kept_although_the_window_closes_before_its_turn() -> None:
    workers = Workers()
    desk = Desk(workers)
    desk.hold()
    desk.put("word")
    idle = workers.start("tagging", "", lambda: desk.there.append("not asked for by anybody"))
    desk.gate.set()
    assert workers.shutdown()
    assert desk.there == ["word"]
    assert idle.cancel_requested
    assert workers.tasks == []
