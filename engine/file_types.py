"""The nouns of sorting and filing: rules, plans, runs. Plain frozen values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import NamedTuple, NewType

from engine.jobs import Skipped
from engine.types import PhotoId

RunId = NewType("RunId", int)


class SortMode(Enum):
    """What becomes of the photos that a sort puts into folders."""

    COPY = "copy"
    MOVE = "move"
    LINK = "link"  # a second name of the same file: no space, same file system only
    ALBUM = "album"  # no file is touched


class ByDate(Enum):
    """Folders inside each category's folder, by the date a photo was taken."""

    NONE = "none"
    YEAR = "year"  # 2024
    MONTH = "month"  # 2024/2024-05


@dataclass(frozen=True, slots=True)
class SortRule:
    """Which categories become folders, where, and how.

    Args:
        categories: in the order of the page; a photo assigned to another one stays.
        into: the folder above all of them.
        mode: what happens to the files.
        by_date: nested folders; photos without a date in the file go by its time.
        threshold: photos with a lower score stay.
        thresholds: by category, instead of `threshold`.
        folders: names that the user chose for some categories' folders.
    """

    categories: tuple[str, ...]
    into: Path
    mode: SortMode = SortMode.COPY
    by_date: ByDate = ByDate.NONE
    threshold: float = 0.0
    thresholds: Mapping[str, float] = field(default_factory=dict[str, float])
    folders: Mapping[str, str] = field(default_factory=dict[str, str])

    def threshold_of(self, category: str) -> float:
        """The score that a photo needs."""
        return self.thresholds.get(category, self.threshold)


class Fate(Enum):
    """What a plan has for a photo. The first three go, all others stay where they are."""

    GOES = "goes"
    RENAMED = "renamed"  # another file has its name at the target: " (2)"
    SAME_NAME = "same name"  # another photo of the plan has its name: " (2)"
    ALREADY_THERE = "already there"  # the same bytes under the same name
    IN_PLACE = "in place"  # it lies in the folder it would go to
    NONE_OF_THESE = "none of these"
    BELOW_THRESHOLD = "below the threshold"
    OFFLINE = "offline"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    OTHER_DISK = "other disk"  # a hard link cannot cross
    REFUSED = "refused"  # the target folder is none we would write to

    @property
    def goes(self) -> bool:
        """Whether the photo is filed when the plan is applied."""
        return self in _GOING


_GOING = frozenset({Fate.GOES, Fate.RENAMED, Fate.SAME_NAME})


class PlannedFile(NamedTuple):
    """One file of a photo: itself or a companion."""

    source: Path
    name: str  # at the target
    size: int
    mtime_ns: int
    dev: int
    ino: int
    content_hash: bytes | None
    photo_id: PhotoId | None  # of a companion that is a photo itself (RAW + JPEG)


class PlannedPhoto(NamedTuple):
    """What a plan has for one photo. `files` are all that go together, a RAW first."""

    photo_id: PhotoId
    source: Path
    category: str | None
    folder: Path | None  # where it would go, None where it has no category
    name: str
    score: float
    runner_up: str | None
    margin: float
    fate: Fate
    reason: str  # one sentence where the fate needs one
    files: tuple[PlannedFile, ...]  # empty for a photo that goes along with `leader`
    leader: PhotoId  # itself, or the photo that it belongs to
    date: str  # "2024-05-01", of the camera or of the file

    @property
    def target(self) -> Path | None:
        """Where the photo would lie."""
        return self.folder / self.name if self.folder is not None else None

    @property
    def companions(self) -> int:
        """How many files go along."""
        return max(0, len(self.files) - 1)


@dataclass(frozen=True, slots=True)
class SortGroup:
    """All that one category gets."""

    category: str
    folder: Path
    photos: int  # that go
    companions: int
    bytes: int
    staying: int  # would belong here, but stay: in place, already there, conflicts


@dataclass(frozen=True, slots=True)
class SortPlan:
    """What a sort would do; nothing is touched by making one.

    Attributes:
        rule: what it was made from; `rule.into` as the user wrote it.
        into: the real folder, links resolved.
        photos: one per assignment, in its order.
        groups: one per category, in the rule's order.
        folders: each category's folder below `into`.
        staying: photos that no category gets ("none of these", below the threshold).
        needed_bytes: what the target's file system has to take.
        free_bytes: what it has.
        notes: sentences to show with the plan.
        refusal: why it cannot be applied, one sentence; empty where it can.
    """

    rule: SortRule
    into: Path
    photos: tuple[PlannedPhoto, ...]
    groups: tuple[SortGroup, ...]
    folders: Mapping[str, Path]
    staying: int
    needed_bytes: int
    free_bytes: int
    notes: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def going(self) -> int:
        """How many photos are filed when it is applied."""
        return sum(group.photos for group in self.groups)

    def category_of(self, folder: Path) -> str | None:
        """The category that a folder below `into` was made from."""
        return next((name for name, path in self.folders.items() if path == folder), None)


class RunState(Enum):
    """How far a run is."""

    APPLYING = "applying"
    STOPPED = "stopped"  # cancelled, the disk was full, a crash: can be resumed or undone
    APPLIED = "applied"
    UNDOING = "undoing"  # undone in part: `undo` goes on
    UNDONE = "undone"


class StepState(Enum):
    """How far one file is."""

    PLANNED = "planned"
    STARTED = "started"
    DONE = "done"
    SKIPPED = "skipped"  # stayed at its source, with the reason
    UNDOING = "undoing"
    UNDONE = "undone"
    LEFT = "left"  # could not be undone, with the reason


class StepOp(Enum):
    """What a step does."""

    MOVE = "move"
    COPY = "copy"
    LINK = "link"
    ALBUM = "album"


@dataclass(frozen=True, slots=True)
class FilingStep:
    """One file of a run, as the journal has it. Files of one bundle share its number."""

    id: int
    run_id: RunId
    bundle: int
    photo_id: PhotoId | None
    op: StepOp
    category: str
    source: Path
    target: Path
    size: int
    mtime_ns: int
    dev: int
    ino: int
    content_hash: bytes | None = None
    target_mtime_ns: int | None = None
    target_dev: int | None = None
    target_ino: int | None = None
    made_photo_id: PhotoId | None = None
    state: StepState = StepState.PLANNED
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FilingRun:
    """One sort that was applied, the newest can be undone first."""

    id: RunId
    kind: str  # "sort", "move", "copy", "rename", "trash"
    rule: Mapping[str, object]  # as it was applied, for showing: mode, into, categories, …
    created_at: float  # Unix time
    ended_at: float | None
    state: RunState
    note: str  # why it stopped, one sentence
    files: int  # of these:
    done: int
    planned: int
    skipped: int
    undone: int
    left: int

    @property
    def can_undo(self) -> bool:
        """Whether something of it can still be taken back."""
        return self.done + self.left > 0

    @property
    def can_resume(self) -> bool:
        """Whether something of it was not tried yet."""
        return self.state is RunState.STOPPED and self.planned > 0


@dataclass(frozen=True, slots=True)
class FilingReport:
    """What applying, resuming or undoing a run did."""

    run_id: RunId
    photos: int = 0  # that were filed, or taken back; companions apart
    files: int = 0
    bytes: int = 0
    skipped: tuple[Skipped, ...] = ()  # what stayed, and why
    stopped: str = ""  # why it ended early, one sentence; empty where it did not
    seconds: float = 0.0
    quarantined: int = 0  # photos whose disk has no trash: they went to a folder of ours


class NewName(NamedTuple):
    """What a photo would be called, or why it cannot be."""

    photo_id: PhotoId | None  # None where only the reason is known
    path: Path  # as it lies there now
    name: str  # empty where it keeps its own
    companions: int = 0  # files that are renamed with it
    trouble: str = ""  # one sentence


@dataclass(frozen=True, slots=True)
class TrashedPhoto:
    """A photo that one of our runs has put into the trash, and that is still there."""

    run_id: RunId
    photo_id: PhotoId | None
    path: Path  # where it lay
    size: int  # with its companions, bytes
    trashed_at: float  # Unix time
    companions: int  # files that went with it
    cleared: bool = False  # as a duplicate of another one; goes back with its whole run
    reason: str = ""  # why it could not be put back, one sentence
