"""Who may change watched folders now: runs that move photos, or the one who writes sidecars.

A sidecar that is written while its photo moves would stay behind, or lie beside another photo that
took the name.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager


class FileTurns:
    """Thread-safe. Any number of runs at a time; sidecars only while there is none."""

    def __init__(self) -> None:
        self._change = threading.Condition()
        self._runs = 0
        self._writing = False

    @contextmanager
    def moving(self) -> Generator[None, None, None]:
        """A run is under way, from before its plan is made, paused or not.

        Waits for the sidecars at hand, less than a second on most disks.
        """
        with self._change:
            self._runs += 1
            self._change.wait_for(lambda: not self._writing)
        try:
            yield
        finally:
            with self._change:
                self._runs -= 1

    @contextmanager
    def writing(self) -> Generator[bool, None, None]:
        """A few sidecars are to be written; False: they have to stay as they are for now."""
        with self._change:
            free = not self._runs and not self._writing
            self._writing = self._writing or free
        try:
            yield free
        finally:
            if free:
                with self._change:
                    self._writing = False
                    self._change.notify_all()
