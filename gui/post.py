"""Calls from any thread, made on the GUI thread."""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot


class Post(QObject):
    """Makes calls, in the order they came, on the thread that this object lives on.

    Only a bare signal crosses the threads; what is to be called waits in a queue of Python's own.
    A Python object inside a queued signal would be copied and let go deep inside Qt, which needs
    the interpreter at moments when another thread may hold it and wait for Qt.
    """

    _arrived = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._calls: deque[Callable[[], object]] = deque()
        self._arrived.connect(self._make_one)

    def send(self, call: Callable[[], object]) -> None:
        """Have `call` made; returns at once on any other thread."""
        self._calls.append(call)
        self._arrived.emit()

    def flush(self) -> None:
        """Make all calls that came so far: nobody may run the event loop any more."""
        while self._calls:
            try:
                self._make_one()
            except Exception as error:  # noqa: BLE001 - as in a slot: told, then the next one
                sys.excepthook(type(error), error, error.__traceback__)

    @Slot()
    def _make_one(self) -> None:
        if self._calls:
            self._calls.popleft()()
