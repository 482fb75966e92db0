"""What commands write: answers on stdout, progress and complaints on stderr."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
import unicodedata
from collections import deque
from collections.abc import Sequence
from shutil import get_terminal_size
from threading import current_thread, main_thread
from typing import TYPE_CHECKING

from engine.errors import DiskError
from engine.jobs import Event, Job, Progress, R, Skipped

if TYPE_CHECKING:
    from types import FrameType

_CONTROLS = frozenset({"Cc", "Zl", "Zp"})
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""What makes a terminal write from right to left."""


def answer(options: argparse.Namespace, value: object, lines: Sequence[str]) -> None:
    """Print lines, or one JSON value where that was asked for."""
    try:
        for line in [json.dumps(value, default=str)] if options.json else map(shown, lines):
            print(line)
        if sys.stdout is not None:  # closed by who started us
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        sys.stdout = None  # Python would try again at its end
        raise DiskError(f"The answer could not be written: {error.strerror}.") from error


def shown(line: str) -> str:
    """A line that stays one: names of files may hold line ends and commands to the terminal."""
    if line.isprintable():
        return line
    return "".join(
        ascii(letter)[1:-1]
        if unicodedata.category(letter) in _CONTROLS or letter in _TURNING
        else letter
        for letter in line
    )


def say_notes(notes: Sequence[str]) -> None:
    """What opening the library had to say."""
    for note in notes:
        print(f"photosift: {shown(note)}", file=sys.stderr)


def whole(job: Job[R]) -> Job[R]:
    """The job, where Ctrl-C waits until the photos at hand are whole; a second one does not.

    Raises:
        KeyboardInterrupt: it was stopped; all is as the journal says.
    """
    asked: list[int] = []
    usual = signal.getsignal(signal.SIGINT)

    def stop(number: int, frame: FrameType | None) -> None:
        asked.append(number)
        signal.signal(signal.SIGINT, usual)

    ours = usual is signal.default_int_handler and current_thread() is main_thread()
    if ours:
        signal.signal(signal.SIGINT, stop)
    try:
        while True:
            try:
                event = next(job)
            except StopIteration as end:
                return end.value
            if asked:
                raise KeyboardInterrupt
            yield event
    finally:
        job.close()
        if ours:
            signal.signal(signal.SIGINT, usual)


class Terminal:
    """Progress on stderr: a bar where there is a terminal, nothing where there is a file."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._last = 0.0
        self._pace = _Pace()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            sys.stderr.write("\r\x1b[K")

    def run(self, title: str, job: Job[R], *, in_bytes: bool = False) -> R:
        """Pull a job to its end and show how far it is, how fast, and how long it still takes."""
        self._pace = _Pace()
        try:
            while True:
                try:
                    event = next(job)
                except StopIteration as end:
                    return end.value
                self._show(title, event, in_bytes)
        finally:
            job.close()

    def _show(self, title: str, event: Event, in_bytes: bool) -> None:
        now = time.monotonic()
        if not self._live or isinstance(event, Skipped) or now - self._last < 0.1:
            return
        self._last = now
        self._pace.add(event.done, now)
        line = f"{title} {bar(event, self._pace.rate(), in_bytes)}"
        sys.stderr.write(f"\r\x1b[K{line[: get_terminal_size().columns - 1]}")
        sys.stderr.flush()


class _Pace:
    """Units per second over the last while: what was there at the start does not count."""

    def __init__(self) -> None:
        self._seen: deque[tuple[float, int]] = deque()

    def add(self, done: int, now: float) -> None:
        self._seen.append((now, done))
        while now - self._seen[0][0] > 20.0:
            self._seen.popleft()

    def rate(self) -> float:
        """0 while it is not known."""
        (first, start), (last, end) = self._seen[0], self._seen[-1]
        return (end - start) / (last - first) if last - first >= 1.0 else 0.0


def bar(progress: Progress, rate: float, in_bytes: bool = False) -> str:
    """One line that says how far a job is.

    Args:
        progress: what the job told last.
        rate: units per second, 0 while unknown.
        in_bytes: the units are bytes, and speed matters.
    """
    amount = _size_text if in_bytes else "{:,}".format
    if not progress.total:
        return amount(progress.done) if progress.done else progress.note
    share = min(1.0, progress.done / progress.total)
    filled = int(24 * share)
    parts = [
        f"[{'#' * filled}{'.' * (24 - filled)}] {amount(progress.done)}/{amount(progress.total)}"
    ]
    if in_bytes and " " in progress.note:  # no file's name, but what is waited for
        return f"{parts[0]}, {progress.note}"
    if in_bytes and rate:
        parts.append(f"{_size_text(rate)}/s")
    if rate and progress.done < progress.total:
        parts.append(_left((progress.total - progress.done) / rate))
    return ", ".join(parts)


def _size_text(count: float) -> str:
    return f"{count / 1e9:.2f} GB" if count >= 1e9 else f"{count / 1e6:.1f} MB"


def _left(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:,.0f} s left"
    return f"{seconds / 60:,.0f} min left" if seconds < 6000 else f"{seconds / 3600:,.1f} h left"
