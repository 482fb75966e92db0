"""Lets native code finish before the interpreter ends.

A daemon thread that comes back from native code into an ending interpreter is ended by Python in
the middle of C++, which then aborts the whole process. So the end waits for calls at work, and
calls that would begin after it wait for ever.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Generator
from contextlib import contextmanager

_AT_MOST_S = 20.0
_idle = threading.Condition()
_state = {"working": 0, "leaving": 0}


@contextmanager
def native_work() -> Generator[None, None, None]:
    """Around every call that spends its time in native code."""
    with _idle:
        while _state["leaving"]:
            _idle.wait()
        _state["working"] += 1
    try:
        yield
    finally:
        with _idle:
            _state["working"] -= 1
            _idle.notify_all()


@atexit.register
def _leave() -> None:
    with _idle:
        _state["leaving"] = 1
        _idle.wait_for(lambda: not _state["working"], _AT_MOST_S)
