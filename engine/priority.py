"""Who goes first: what the user waits for, then the work in the background."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress


class Gate:
    """Questions of the user go before background work. Thread-safe."""

    def __init__(self) -> None:
        self._free = threading.Condition()
        self._asking = 0

    @contextmanager
    def asking(self) -> Generator[None, None, None]:
        """Around everything the user waits for."""
        with self._free:
            self._asking += 1
        try:
            yield
        finally:
            with self._free:
                self._asking -= 1
                self._free.notify_all()

    def give_way(self, at_most_s: float = 0.5) -> None:
        """Wait while a question is being answered; called between two pieces of work."""
        with self._free:
            self._free.wait_for(lambda: not self._asking, at_most_s)


def step_back() -> None:
    """Give this thread, and those it starts, the rest of the processor only.

    For threads of one's own: it cannot be undone. Linux alone counts priorities per thread.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)
