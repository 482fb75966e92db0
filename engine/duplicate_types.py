"""The nouns of duplicates: classes, proofs, groups, rules, what was cleared. Plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import NewType

from engine.types import Box, PhotoId

GroupId = NewType("GroupId", int)
ClearingId = NewType("ClearingId", int)


class DuplicateClass(Enum):
    """How alike. The three are never mixed in one group."""

    IDENTICAL = "identical"  # the same bytes, or the same pixels when only metadata differ
    SAME_PICTURE = "same picture"  # one picture, edited or saved anew; verified in pixels
    SIMILAR = "similar shots"  # another moment of the same scene


class Edit(Enum):
    """What was done to a picture, as far as pixels tell."""

    BYTES = "same bytes"
    METADATA = "only metadata differ"
    ENCODED = "saved again"
    RESIZED = "resized"
    CROPPED = "cropped"
    ROTATED = "rotated"
    MIRRORED = "mirrored"
    LIGHT = "brightness changed"
    COLOUR = "colours changed"
    MARKED = "something drawn over it"
    FRAMED = "border added"
    BURST = "same burst"
    BRACKET = "exposure bracket"
    SCENE = "same scene"


@dataclass(frozen=True, slots=True)
class Proof:
    """Why two photos belong together.

    `similarity` is the structural similarity of the aligned pictures (1 is equal), for similar
    shots the cosine of their vectors. `turns` are quarter turns clockwise that bring the second
    onto the first, after mirroring. The first is the kept one. `part` is where in the larger one
    the smaller one lies, in pixels of the larger one as it is stored upright; `part_in_second`
    says that the second is the larger one, of which the first was cut.
    """

    edits: tuple[Edit, ...]
    similarity: float
    turns: int = 0
    mirrored: bool = False
    part: Box | None = None
    seconds: float | None = None  # between the two, for similar shots
    part_in_second: bool = False


@dataclass(frozen=True, slots=True)
class Member:
    """One unit of a group: a photo and the files that belong to it (RAW, Live video, sidecar)."""

    photo_id: PhotoId
    path: Path
    size: int  # bytes, companions included
    width: int
    height: int
    proof: Proof | None = None  # against the group's keeper; None for the keeper itself
    companions: tuple[Path, ...] = ()
    offered: bool = True  # False: may not be trashed, `why_not` says why
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Photos that are pairwise duplicates of one class; the keeper is the first member."""

    id: GroupId
    kind: DuplicateClass
    members: tuple[Member, ...]
    reason: str  # why the keeper: "largest: 4000 × 3000 against 1600 × 1200"
    to_win: int  # bytes freed when all but the keeper go

    @property
    def keep(self) -> PhotoId:
        return self.members[0].photo_id


class Criterion(Enum):
    """One rule of the best-pick; a list of them is applied in order until one decides."""

    PROTECTED = "in a protected folder"
    RESOLUTION = "larger picture"
    CAMERA = "original of a camera"
    FORMAT = "better format"
    BYTES = "larger file"
    FOLDER = "in a preferred folder"
    OLDEST = "older"
    RATING = "higher rated"


@dataclass(frozen=True, slots=True)
class PickRules:
    """How the keeper is chosen: criteria in order, and the folders that two of them need."""

    order: tuple[Criterion, ...] = (
        Criterion.PROTECTED,
        Criterion.RESOLUTION,
        Criterion.CAMERA,
        Criterion.FORMAT,
        Criterion.BYTES,
        Criterion.FOLDER,
        Criterion.OLDEST,
        Criterion.RATING,
    )
    preferred: tuple[Path, ...] = ()
    protected: tuple[Path, ...] = ()  # nothing in these is ever offered for the trash


@dataclass(frozen=True, slots=True)
class Totals:
    """Groups and what could be won, per class; shown before anything is done.

    Each class has its totals once a search has ended, if only zeros; before, there are none.
    """

    groups: int
    photos: int  # that would go
    bytes: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What is to happen to one group: one photo stays, others go to the trash."""

    group_id: GroupId
    kind: DuplicateClass
    keep: PhotoId
    trash: tuple[PhotoId, ...]


@dataclass(frozen=True, slots=True)
class Merge:
    """What a keeper takes over from those that go, previewed before anything is done."""

    keep: PhotoId
    tags: tuple[str, ...] = ()
    albums: tuple[str, ...] = ()
    rating: int | None = None
    caption: str = ""
    place: tuple[float, float] | None = None  # latitude, longitude, when the keeper has none
    title: str = ""
    keywords: tuple[str, ...] = ()  # of the files that go, which the keeper's file lacks
    favourite: bool = False  # one that goes is a favourite

    @property
    def is_empty(self) -> bool:
        """Whether the keeper has all of it already."""
        return self == Merge(self.keep)


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A photo that was not trashed after all, and why, in one sentence."""

    photo_id: PhotoId
    path: Path
    reason: str


@dataclass(frozen=True, slots=True)
class ClearingReport:
    """What clearing duplicates, or taking it back, came to."""

    run_id: ClearingId
    groups: int
    photos: int
    bytes: int
    left_alone: tuple[LeftAlone, ...] = ()
    quarantined: int = 0  # of them, moved to our own folder because there is no trash
    stopped: str = ""  # why it ended early, one sentence; empty where it did not
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Clearing:
    """One clearing that was done, as the list of what can be taken back shows it."""

    id: ClearingId
    started_at: float
    photos: int
    bytes: int
    undone: bool = False


@dataclass(frozen=True, slots=True)
class FindReport:
    """What a search for duplicates came to."""

    photos: int
    compared: int  # pairs verified in pixels
    totals: dict[DuplicateClass, Totals] = field(default_factory=dict[DuplicateClass, Totals])
    skipped: int = 0
    seconds: float = 0.0
    note: str = ""  # one sentence on what was not compared: "1,200 photos have no vector yet."


@dataclass(frozen=True, slots=True)
class Arrival:
    """A new photo that was a duplicate when it came: "you already have this one"."""

    photo_id: PhotoId
    kind: DuplicateClass
    twin: PhotoId  # that was there before
    noted_at: float  # Unix time


@dataclass(frozen=True, slots=True)
class Parted:
    """What was decided to be no duplicates; see `Duplicates.again`."""

    pairs: tuple[tuple[bytes, bytes, int], ...]
