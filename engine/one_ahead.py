"""Work on one piece while the piece before is put away: two steps of a pipeline side by side."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, TypeVar

from engine.priority import step_back

T = TypeVar("T")


class OneAhead(Generic[T]):
    """Does `act` to one item at a time, in a thread that steps back. Use from one thread."""

    def __init__(self, act: Callable[[T], None]) -> None:
        self._act = act
        self._thread = ThreadPoolExecutor(1, "one-ahead", step_back)
        self._running: tuple[T, Future[None]] | None = None

    def start(self, item: T | None) -> list[T]:
        """Wait for the item before, then start on this one, if there is one.

        Returns:
            The item before, done; nothing at first.

        Raises:
            Exception: whatever `act` raised for the item before; this one is not started then.
        """
        running, self._running = self._running, None
        if running is not None:
            running[1].result()
        if item is not None:
            self._running = item, self._thread.submit(self._act, item)
        return [running[0]] if running is not None else []

    def close(self) -> None:
        """Wait for what runs; it is dropped."""
        self._thread.shutdown()
