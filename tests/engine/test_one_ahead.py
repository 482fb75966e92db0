"""One item is worked on while the one before is put away; failures surface, nothing is left."""

from __future__ import annotations

import threading

import pytest

from engine.one_ahead import OneAhead


def test_items_come_back_in_order_one_late() -> None:
    done: list[int] = []
    ahead = OneAhead[int](done.append)
    assert [ahead.start(n) for n in (1, 2, 3)] == [[], [1], [2]]
    assert ahead.start(None) == [3]
    assert ahead.start(None) == []
    ahead.close()
    assert done == [1, 2, 3]


def test_the_next_item_is_worked_on_while_the_caller_has_the_one_before() -> None:
    begun, go_on = threading.Event(), threading.Event()

    def act(item: str) -> None:
        if item == "second":
            begun.set()
            assert go_on.wait(20)

    ahead = OneAhead[str](act)
    ahead.start("first")
    assert ahead.start("second") == ["first"]
    assert begun.wait(20)  # at work, and we have the first
    go_on.set()
    assert ahead.start(None) == ["second"]
    ahead.close()


def test_what_went_wrong_is_raised_when_the_item_is_asked_for() -> None:
    def act(item: str) -> None:
        if item == "bad":
            raise ValueError(item)

    ahead = OneAhead[str](act)
    ahead.start("bad")
    with pytest.raises(ValueError, match="bad"):
        ahead.start("good")
    assert ahead.start(None) == []  # it was not started
    ahead.close()


def test_closing_waits_for_what_runs() -> None:
    done: list[int] = []
    ahead = OneAhead[int](done.append)
    ahead.start(1)
    ahead.close()
    assert done == [1]
