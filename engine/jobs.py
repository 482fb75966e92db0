"""Long work as generators: pull to advance, stop pulling to pause, `close()` to cancel."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeVar

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is. `total` is None while the amount is unknown."""

    done: int
    total: int | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Skipped:
    """One thing a job could not do, and why. The job goes on."""

    path: Path
    reason: str


Event: TypeAlias = Progress | Skipped
Job: TypeAlias = Generator[Event, None, R]


@dataclass(frozen=True, slots=True)
class ReconcileReport:
    """What comparing the disk with the catalog found."""

    added: int = 0
    changed: int = 0
    moved: int = 0
    missing: int = 0
    returned: int = 0  # tombstones whose file is back
    unchanged: int = 0
    roots_offline: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What an indexing run did."""

    read: int = 0  # files decoded
    embedded: int = 0  # vectors computed by the model
    reused: int = 0  # vectors taken over from equal bytes
    fresh: int = 0  # of the files read: bytes not known for this photo before
    skipped: tuple[Skipped, ...] = ()
    seconds: float = 0.0
    switched_to: str = ""  # the model that search changed to, its vectors being complete
    stopped: str = ""  # why the next model's vectors could not be completed, one sentence


def drain(job: Job[R], each: Callable[[Event], None] | None = None) -> R:
    """Run a job to its end on this thread and return its report."""
    while True:
        try:
            event = next(job)
        except StopIteration as end:
            return end.value
        if each is not None:
            each(event)
