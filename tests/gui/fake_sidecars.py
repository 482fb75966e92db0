"""Sidecars in memory: what was said is noted, and written to nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from threading import Event

from engine.jobs import Job, Progress, Skipped
from engine.sidecar_types import SidecarReport, SidecarStatus
from engine.types import PhotoId


class FakeSidecars:
    """Answers as the real ones do."""

    def __init__(self) -> None:
        self.waiting = 0
        self.written = 0
        self.runs = 0
        self.left_out = 0
        self.skipped: tuple[Skipped, ...] = ()
        self.error: Exception | None = None
        self.go_on = Event()
        self.go_on.set()
        self.held = 0  # so many times photos are being moved

    def status(self) -> SidecarStatus:
        return SidecarStatus(
            False, self.waiting, 0, len(self.skipped), self.written, Path("/library/sidecars")
        )

    def write(self) -> Job[SidecarReport]:
        self.runs += 1
        if self.error is not None:
            raise self.error
        if self.held:
            self.held -= 1
            return SidecarReport(held=True)
        self.go_on.wait(20)
        yield Progress(0, self.waiting)
        done, self.waiting = self.waiting, 0
        self.written += done
        yield Progress(done, done)
        return SidecarReport(written=done, skipped=self.skipped)

    def retry(self, ids: Sequence[PhotoId] | None = None) -> int:
        return 0

    def include_all(self) -> None:
        pass

    def leave_out_earlier(self) -> None:
        self.left_out += 1
        self.waiting = 0
