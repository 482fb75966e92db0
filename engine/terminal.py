"""What commands write: answers on stdout, progress and complaints on stderr."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence

from engine.errors import DiskError
from engine.jobs import Event, Job, Progress, R, Skipped


def answer(options: argparse.Namespace, value: object, lines: Sequence[str]) -> None:
    """Print lines, or one JSON value where that was asked for."""
    try:
        for line in [json.dumps(value, default=str)] if options.json else lines:
            print(line)
        if sys.stdout is not None:  # closed by who started us
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        sys.stdout = None  # Python would try again at its end
        raise DiskError(f"The answer could not be written: {error.strerror}.") from error


def say_notes(notes: Sequence[str]) -> None:
    """What opening the library had to say."""
    for note in notes:
        print(f"photosift: {note}", file=sys.stderr)


class Terminal:
    """Progress on stderr: a bar where there is a terminal, nothing where there is a file."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._last = 0.0
        self._started = time.monotonic()

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            sys.stderr.write("\r\x1b[K")

    def run(self, title: str, job: Job[R]) -> R:
        """Pull a job to its end and show how far it is."""
        self._started = time.monotonic()
        try:
            while True:
                try:
                    event = next(job)
                except StopIteration as end:
                    return end.value
                self._show(title, event)
        finally:
            job.close()

    def _show(self, title: str, event: Event) -> None:
        now = time.monotonic()
        if not self._live or isinstance(event, Skipped) or now - self._last < 0.1:
            return
        self._last = now
        sys.stderr.write(f"\r\x1b[K{title} {_bar(event, now - self._started)}")
        sys.stderr.flush()


def _bar(progress: Progress, seconds: float) -> str:
    if not progress.total:
        return f"{progress.done:,}"
    share = min(1.0, progress.done / progress.total)
    rate = progress.done / seconds if seconds > 0 else 0.0
    left = f", {(progress.total - progress.done) / rate:,.0f} s left" if rate else ""
    filled = int(24 * share)
    return f"[{'#' * filled}{'.' * (24 - filled)}] {progress.done:,}/{progress.total:,}{left}"
