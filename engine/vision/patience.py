"""How a download counts, waits and tries again, with time that tests can turn by hand."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator
from typing import TypeVar

from engine.errors import DownloadFailed
from engine.jobs import Event, Progress
from engine.vision import hub
from engine.vision.hub import Again, Unreachable
from engine.vision.wire import TICK_S, LeftAlone

T = TypeVar("T")

_TRIES = 6  # attempts in a row that brought nothing new: half a minute with the waits between
_LONGEST_WAIT_S = 16.0
_EVERY_S = 0.2  # between two events


class Clock:
    """Time as a download sees it; tests bring one whose waits take no time."""

    def now(self) -> float:
        return time.monotonic()

    def date(self) -> float:
        return time.time()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class Meter:
    """Counts bytes for the user: what has to come twice makes the total grow."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.done = 0
        self.total: int | None = None
        self.note = ""
        self._told = -math.inf

    def again(self, count: int) -> None:
        """So many bytes that were counted have to come once more."""
        self.total = (self.total or 0) + count

    def event(self, note: str = "") -> Progress:
        self._told = self.clock.now()
        return Progress(self.done, self.total, note or self.note)

    def due(self, note: str = "") -> Generator[Event, None, None]:
        """An event, when the last is old enough: however fast the data, a few in a second."""
        if self.clock.now() - self._told >= _EVERY_S:
            yield self.event(note)


def patiently(
    attempt: Callable[[], Generator[Event, None, T]],
    fruitful: Callable[[], bool],
    meter: Meter,
    base: str,
) -> Generator[Event, None, T]:
    """Repeat an attempt, with growing waits, until it ends or nothing new comes any more.

    Args:
        attempt: starts one; its outcome is ours.
        fruitful: whether the last one brought anything new, which makes the count begin anew.
        meter: told of the waits. Before it knows a total nobody waits for a dead network.
        base: the endpoint, for sentences.

    Raises:
        DownloadFailed: of the last attempt, or one that no further attempt would change.
    """
    from huggingface_hub.utils import httpx

    failures = 0
    while True:
        try:
            return (yield from attempt())
        except LeftAlone:
            continue  # paused: nobody's fault
        except Again as again:
            problem = again
        except (httpx.RequestError, httpx.InvalidURL) as error:
            problem = hub.broken(error, base)
            if isinstance(problem, DownloadFailed):
                raise problem from error
        failures = 0 if fruitful() else failures + 1
        if failures >= _TRIES or (meter.total is None and isinstance(problem, Unreachable)):
            raise problem.problem from problem
        wait_s = problem.wait_s
        if wait_s is None:
            wait_s = min(2.0 ** (failures - 1), _LONGEST_WAIT_S) if failures else 0.0
        yield from _wait(wait_s, meter)


def _wait(seconds: float, meter: Meter) -> Generator[Event, None, None]:
    end = meter.clock.now() + seconds
    while (left := end - meter.clock.now()) > 0:
        yield from meter.due(f"trying again in {math.ceil(left)} s")
        meter.clock.sleep(min(left, TICK_S))
