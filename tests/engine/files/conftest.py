"""Fixtures of the files room's tests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from watching import PATIENCE_S, USUAL, Marks, Start, deep

from engine.files.scan import Excludes
from engine.files.watch import Watcher


@pytest.fixture
def marks() -> Marks:
    return Marks()


@pytest.fixture
def start(marks: Marks) -> Iterator[Start]:
    """Start a quick watcher for some roots and wait until it is armed and said so."""
    with ExitStack() as stack:

        def start(*roots: Path, excludes: Excludes = USUAL, **how: Any) -> Watcher:
            knobs: dict[str, Any] = {"quiet_s": 0.05, "at_most_s": 0.5, "tick_s": 0.05}
            knobs |= {"poll_s": 0.05, **how}
            watcher = Watcher(marks.take, excludes, **knobs)
            stack.callback(watcher.stop)
            watcher.set_roots(roots)
            assert watcher.armed(PATIENCE_S)
            marks.wait_for(*(deep(root) for root in roots if root.exists()))
            return watcher

        before = set(threading.enumerate())
        yield start
    assert set(threading.enumerate()) <= before, "threads were left behind"
