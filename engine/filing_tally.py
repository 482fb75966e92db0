"""What a run has done so far, and how its troubles are told."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.errors import PhotoUnreadable
from engine.file_types import FilingReport, FilingStep, RunId, StepOp, StepState
from engine.files import writes
from engine.files.disk import reason
from engine.files.transfer import Stamp, TransferFailed, stamp_of
from engine.jobs import Progress, Skipped
from engine.types import PhotoId

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Tally:
    """The report of a run while it grows. `total` and `tried` count photos with companions once."""

    run_id: RunId
    total: int
    started: float = field(default_factory=time.monotonic)
    tried: int = 0
    photos: int = 0
    files: int = 0
    bytes: int = 0
    skipped: list[Skipped] = field(default_factory=list[Skipped])
    stopped: str = ""
    quarantined: int = 0
    _taken: set[PhotoId] = field(default_factory=set[PhotoId])

    def take(self, bundle: Sequence[FilingStep]) -> None:
        """A bundle that went well."""
        self.tried += 1
        ids = {step.photo_id for step in bundle if step.photo_id is not None}
        if ids and ids <= self._taken:
            return  # its second step: it had stepped aside
        self._taken |= ids
        self.photos += max(1, len(ids))
        self.files += len(bundle)
        self.bytes += sum(step.size for step in bundle)

    def skip(self, path: Path, why: str) -> None:
        """A bundle that stays where it is."""
        self.tried += 1
        self.skipped.append(Skipped(path, why))

    def progress(self) -> Progress:
        return Progress(self.tried, self.total, f"{self.bytes / 1e6:,.1f} MB")

    def report(self) -> FilingReport:
        return FilingReport(
            self.run_id,
            self.photos,
            self.files,
            self.bytes,
            tuple(self.skipped),
            self.stopped,
            time.monotonic() - self.started,
            self.quarantined,
        )


def in_state(steps: Iterable[FilingStep], state: StepState, why: str = "") -> list[FilingStep]:
    """The same steps, further on."""
    return [replace(step, state=state, reason=why) for step in steps]


def flush(done: Sequence[FilingStep], tally: Tally) -> None:
    """Make the names of a batch last before the journal says that it is done."""
    folders = {step.source.parent for step in done if step.op is StepOp.MOVE}
    folders |= {step.target.parent for step in done}
    tally.stopped = sync_folders(folders) or tally.stopped


def sync_folders(folders: Iterable[Path]) -> str:
    """Make the names in folders last; a sentence where that is not possible."""
    stuck = ""
    for folder in sorted(set(folders)):
        try:
            writes.sync_folder(folder)
        except FileNotFoundError:
            continue
        except OSError as error:
            stuck = f"{folder} could not be flushed: {reason(error)}."
    return stuck


def lies_at(path: Path) -> Stamp | None:
    """The plain file at a path, if there is one that can be looked at."""
    try:
        return stamp_of(path)
    except PhotoUnreadable:
        return None


def why(error: TransferFailed | PhotoUnreadable, about: Path) -> str:
    """The reason, with the path it is about where that is not the photo itself."""
    said = error.why if isinstance(error, TransferFailed) else error.reason
    return said if error.path == about else f"{error.path}: {said}"


def sentence(error: TransferFailed | PhotoUnreadable) -> str:
    """The whole of it, for the user."""
    return str(error).rstrip(".") + "."
