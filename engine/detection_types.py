"""The nouns of detection: labels, boxes with scores, what a run found. Plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NewType

from engine.jobs import Progress
from engine.types import Box, PhotoId

DetectionId = NewType("DetectionId", int)
DetectionRunId = NewType("DetectionRunId", int)


@dataclass(frozen=True, slots=True)
class Label:
    """What to look for: a name and the ways to say it.

    `prompts` are an ensemble: the best of them counts for a box; empty for the name in the
    detector's own template. `threshold` is the least score for this label, None for the run's.
    """

    name: str
    prompts: tuple[str, ...] = ()
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Detection:
    """One thing seen: `box` in pixels of the upright photo, `score` in 0..1."""

    label: str
    score: float
    box: Box


@dataclass(frozen=True, slots=True)
class Sight:
    """Everything a detector sees in one photo down to a floor far below any threshold.

    Overlapping boxes of one label are already thinned out; raising a threshold is therefore
    nothing but leaving out detections. Best first.
    """

    width: int  # of the upright photo
    height: int
    detections: tuple[Detection, ...]

    def above(self, labels: Sequence[Label], threshold: float) -> Sight:
        """What reaches its label's own threshold, or else this one."""
        least = {each.name: each.threshold for each in labels if each.threshold is not None}
        kept = tuple(d for d in self.detections if d.score >= least.get(d.label, threshold))
        return Sight(self.width, self.height, kept)


@dataclass(frozen=True, slots=True)
class DetectorStatus:
    """The detector that would be used now. `why` is one sentence when it is not `ready`."""

    model_id: str
    name: str
    ready: bool
    threshold: float  # recommended: the least score that is shown unless the user says otherwise
    why: str = ""


@dataclass(frozen=True, slots=True)
class StoredDetection:
    """A detection that is kept. The user's own box has neither score nor run."""

    id: DetectionId
    photo_id: PhotoId
    label: str
    box: Box
    score: float | None = None
    run_id: DetectionRunId | None = None
    model: str = ""
    width: int = 0  # of the upright photo that the box was found in
    height: int = 0
    corrected: bool = False  # the user gave a model's box another label or place
    outdated: bool = False  # the user's own, while the photo's bytes have changed since


@dataclass(frozen=True, slots=True)
class DetectionRun:
    """One pass of a detector over photos, with all that is needed to repeat or take it back."""

    id: DetectionRunId
    model: str
    labels: tuple[Label, ...]
    threshold: float
    what: str  # which photos, in words: "Album Italy", "Search “a dog”"
    started_at: float  # seconds since 1970
    asked: int  # photos it was asked to look at
    looked: int  # photos it has looked at, or could not
    boxes: int
    undone: bool = False
    skipped: int = 0  # of `looked`: those that could not be read

    @property
    def finished(self) -> bool:
        return self.looked >= self.asked

    @property
    def seen(self) -> int:
        """Photos that were really looked at."""
        return self.looked - self.skipped


@dataclass(frozen=True, slots=True)
class DetectionProgress(Progress):
    """How far a run is. What it has found so far is in the catalog."""

    run_id: DetectionRunId = DetectionRunId(0)
    matching: int = 0  # photos with at least one box so far
    boxes: int = 0


@dataclass(frozen=True, slots=True)
class DetectionReport:
    """What a run came to."""

    run_id: DetectionRunId
    looked: int
    matching: int  # photos with at least one box
    boxes: int
    skipped: int  # photos that could not be read
    seconds: float


@dataclass(frozen=True, slots=True)
class ObjectMatch:
    """A photo that shows the same thing as a drawn box, and where."""

    photo_id: PhotoId
    score: float
    box: Box


@dataclass(frozen=True, slots=True)
class ObjectProgress(Progress):
    """How far looking for a thing is, and the photos that show it so far, best first."""

    found: tuple[ObjectMatch, ...] = ()


@dataclass(frozen=True, slots=True)
class Exported:
    """The files that an export wrote, and how many photos and boxes are in them."""

    files: tuple[Path, ...]
    photos: int
    boxes: int
    skipped: int = 0  # photos that could not be read or written
