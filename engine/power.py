"""Whether background work would disturb: running on battery, or others need the processor."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

_KEPT_S = 5.0  # an answer about the battery is good for so long
_SAMPLE_S = 2.0  # the shortest stretch over which use of the processor is judged
_UNTOUCHED_S = 60.0  # nobody is there after this time without a key or a movement
_BUSY = 0.25  # share of the whole processor that others use

BATTERY = "Waiting for mains power."
IDLE = "Waiting until the computer is idle."


class Power:
    """Asks the system, rarely and without waiting. Thread-safe.

    Args:
        clock: seconds, monotonic.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._battery: tuple[float, bool | None] | None = None
        self._sample: tuple[float, float, float] | None = None
        self._others = 0.0

    def on_battery(self) -> bool | None:
        """Whether the computer runs on its battery; None where it has none or does not say."""
        with self._lock:
            now = self._clock()
            if self._battery is None or now - self._battery[0] >= _KEPT_S:
                self._battery = (now, plugged_out())
            return self._battery[1]

    def others_busy(self) -> float:
        """Share of the processor that other programs used since a few seconds ago, 0 to 1.

        The first call only begins to measure and says 0.
        """
        with self._lock:
            now = self._clock()
            if self._sample is not None and now - self._sample[0] < _SAMPLE_S:
                return self._others
            busy, own = busy_seconds()
            if self._sample is not None:
                began, busy_before, own_before = self._sample
                others = (busy - busy_before) - (own - own_before)
                self._others = min(1.0, max(0.0, others / ((now - began) * _cores())))
            self._sample = (now, busy, own)
            return self._others

    def may_work(
        self, input_idle_s: float, *, pause_on_battery: bool, only_when_idle: bool
    ) -> tuple[bool, str]:
        """Whether background work may go on, or one sentence why it waits.

        Args:
            input_idle_s: since the user last touched anything.
            pause_on_battery: the setting.
            only_when_idle: the setting.
        """
        if pause_on_battery and self.on_battery():
            return False, BATTERY
        if only_when_idle:
            busy = self.others_busy()  # asked each time, so that a measurement is under way
            if input_idle_s < _UNTOUCHED_S or busy > _BUSY:
                return False, IDLE
        return True, ""


def plugged_out() -> bool | None:
    """Whether the system says that it runs on battery; None where it says nothing."""
    import psutil

    try:
        state = psutil.sensors_battery()
    except (AttributeError, OSError, RuntimeError):  # not on this system, or its files are odd
        return None
    plugged = getattr(state, "power_plugged", None)
    return None if plugged is None else not plugged


def busy_seconds() -> tuple[float, float]:
    """Seconds of processor time spent by all programs, and by us with our decoders."""
    import psutil

    total = psutil.cpu_times()
    idle = total.idle + getattr(total, "iowait", 0.0)
    guests = getattr(total, "guest", 0.0) + getattr(total, "guest_nice", 0.0)  # counted twice
    busy = sum(total) - idle - guests
    here = psutil.Process()
    spent = here.cpu_times()
    own = spent.user + spent.system + spent.children_user + spent.children_system
    for child in here.children(recursive=True):
        try:
            spent = child.cpu_times()
        except psutil.Error:  # it has just ended
            continue
        own += spent.user + spent.system
    return busy, own


def _cores() -> int:
    import psutil

    return psutil.cpu_count() or 1
