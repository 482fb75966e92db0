"""How fast a job goes and how long it still takes, told calmly."""

from __future__ import annotations

from collections import deque

from PySide6.QtCore import QObject

_WINDOW_S = 20.0  # long enough to even out a batch, short enough to notice a change
_MIN_SPAN_S = 2.0  # before that a rate would be a guess


class Pace:
    """The rate of a job over a sliding window.

    Feed it with `add`; after a pause or a jump (a new stage of the same job) it starts over.
    Times are seconds of any steady clock, so tests need no waiting.
    """

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()
        self._total: int | None = None
        self._told: float | None = None  # seconds left, as last told
        self._told_at = 0.0

    def restart(self) -> None:
        """Forget what was measured; what was paused must not count as slow."""
        self._seen.clear()
        self._told = None

    def add(self, done: int, total: int | None, now: float) -> None:
        if self._seen and (done < self._seen[-1][1] or total != self._total):
            # Files that are found while it runs make the total grow: that is no new stage.
            grown = total is not None and self._total is not None and total > self._total
            if done < self._seen[-1][1] or not grown:
                self.restart()
        self._total = total
        self._seen.append((now, done))
        while len(self._seen) > 2 and now - self._seen[1][0] >= _WINDOW_S:
            self._seen.popleft()

    def rate(self) -> float | None:
        """Units per second over the window; None until it is known."""
        if len(self._seen) < 2:
            return None
        (first, start), (last, end) = self._seen[0], self._seen[-1]
        if last - first < _MIN_SPAN_S or end <= start:
            return None
        return (end - start) / (last - first)

    def seconds_left(self) -> float | None:
        """Time left, without jumping: it counts down, and only goes up for a good reason."""
        rate = self.rate()
        if rate is None or self._total is None:
            return None
        now, done = self._seen[-1]
        measured = max(0.0, (self._total - done) / rate)
        if self._told is None:
            self._told, self._told_at = measured, now
            return measured
        expected = max(0.0, self._told - (now - self._told_at))
        if abs(measured - expected) > 0.2 * max(expected, 10.0):
            expected = measured
        else:
            # Drift towards what is measured; a step of a twentieth is below what one sees.
            expected += (measured - expected) * 0.05
        self._told, self._told_at = expected, now
        return expected


def time_left_text(seconds: float) -> str:
    """Seconds as one says them: coarser the more there are."""
    return _Words().left(seconds)


class _Words(QObject):
    """A QObject because lupdate sees plural forms in `self.tr` only."""

    def left(self, seconds: float) -> str:
        minutes = seconds / 60
        hours = minutes / 60
        if seconds < 10:
            return self.tr("a few seconds left")
        if seconds < 55:
            return self.tr("%n second(s) left", "", round(seconds / 10) * 10)
        if minutes < 57.5:
            number = max(1, round(minutes)) if minutes < 10 else round(minutes / 5) * 5
            return self.tr("%n minute(s) left", "", number)
        if hours < 24:
            return self.tr("%n hour(s) left", "", max(1, round(hours)))
        return self.tr("%n day(s) left", "", round(hours / 24))
