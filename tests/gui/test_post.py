"""Calls from other threads reach the GUI thread, in order, none lost."""

from __future__ import annotations

import threading
from functools import partial
from types import TracebackType

import pytest
from pytestqt.qtbot import QtBot

from gui.post import Post


def test_calls_of_many_threads_are_made_on_this_one(qtbot: QtBot) -> None:
    post, made = Post(), list[tuple[int, int]]()
    here, places = threading.get_ident(), set[int]()

    def note(sender: int, number: int) -> None:
        places.add(threading.get_ident())
        made.append((sender, number))

    def send(sender: int) -> None:
        for number in range(500):
            post.send(partial(note, sender, number))

    threads = [threading.Thread(target=send, args=(sender,)) for sender in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    qtbot.waitUntil(lambda: len(made) == 2000)
    assert places == {here}
    for sender in range(4):
        assert [number for who, number in made if who == sender] == list(range(500))


def test_what_came_is_made_without_an_event_loop() -> None:
    post, made = Post(), list[int]()

    def send() -> None:
        for number in range(9):
            post.send(partial(made.append, number))

    thread = threading.Thread(target=send)
    thread.start()
    thread.join()
    post.flush()
    assert made == list(range(9))


def test_a_call_that_fails_does_not_keep_the_next_from_being_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told, made = list[str](), list[int]()

    def hook(_kind: type[BaseException], error: BaseException, _trace: TracebackType) -> None:
        told.append(str(error))

    monkeypatch.setattr("sys.excepthook", hook)
    post = Post()

    def send() -> None:
        post.send(partial(dict[str, int]().__getitem__, "gone"))
        post.send(lambda: made.append(1))

    thread = threading.Thread(target=send)
    thread.start()
    thread.join()
    post.flush()
    assert told == ["'gone'"]
    assert made == [1]
