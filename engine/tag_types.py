"""The nouns of tagging: tags, categories, what was scored, answered and learned. Plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import NewType

from engine.types import PhotoId

TagId = NewType("TagId", int)
SetId = NewType("SetId", int)
CategoryId = NewType("CategoryId", int)
TagRunId = NewType("TagRunId", int)

TEMPLATE = "a photo of a {}"
"""What a category's name is put into unless its set says otherwise."""


class TagSource(Enum):
    """Who put a tag on a photo."""

    USER = "user"
    ZERO_SHOT = "zero_shot"
    DETECTION = "detection"
    FILE = "file"  # a keyword that the file itself carries


@dataclass(frozen=True, slots=True)
class Tag:
    """A label for photos. `path` names it with its parents: "Animals/Cat"."""

    id: TagId
    path: str
    parent: TagId | None
    colour: str  # "#rrggbb", empty for none
    photos: int  # present photos with this very tag
    below: int  # with this tag or one below it, each photo once

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class TagMerge:
    """What merging a tag with another would do."""

    photos: int  # that have the tag or one below it
    both: int  # of these: that have the other one too


@dataclass(frozen=True, slots=True)
class PhotoTag:
    """A tag on one photo and where it came from. A run's tag has its score and model."""

    tag_id: TagId
    path: str
    colour: str
    source: TagSource
    score: float | None = None  # the probability that the run gave
    run_id: TagRunId | None = None
    model: str = ""


class Mode(Enum):
    """What a category does by itself."""

    OFF = "off"
    SUGGEST = "suggest"  # shows photos for review
    AUTOMATIC = "automatic"  # tags photos, new ones as they come


@dataclass(frozen=True, slots=True)
class CategorySet:
    """Categories that belong together.

    Exclusive: a photo belongs to one of them or to none. Otherwise to as many as fit.
    `contrast` are prompts for what is none of these; empty for our own.
    """

    id: SetId
    name: str
    exclusive: bool = False
    template: str = TEMPLATE
    contrast: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Category:
    """What the user wants photos sorted by, in their own words.

    `prompts`: phrases, any of which fits; empty stands for the name. `threshold`: the score from
    which on a photo belongs; None for the learned one. `tag`: the path of the tag that it puts on
    photos. `target`: the folder for sorting, relative, empty for the name.
    """

    id: CategoryId
    set_id: SetId
    name: str
    prompts: tuple[str, ...] = ()
    examples: tuple[PhotoId, ...] = ()
    mode: Mode = Mode.SUGGEST
    threshold: float | None = None
    colour: str = ""
    target: str = ""
    learning: bool = True
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the user said of a photo: it belongs to the category or it does not."""

    photo_id: PhotoId
    accepted: bool
    answered_at: float  # Unix time


@dataclass(frozen=True, slots=True)
class TagUndo:
    """What brings tags and answers back to how they were; only for `undo`.

    Rows as the catalog had them; None for a row that was not there.
    """

    tags: tuple[tuple[TagId, tuple[object, ...] | None], ...] = ()
    links: tuple[tuple[PhotoId, TagId, tuple[object, ...] | None], ...] = ()
    answers: tuple[tuple[CategoryId, bytes, tuple[object, ...] | None], ...] = ()
    categories: tuple[tuple[CategoryId, TagId | None], ...] = ()  # the tag each one had
    refused: tuple[tuple[PhotoId, str, bool], ...] = ()  # keywords of files, whether refused
    # where keywords lead whose tag was renamed or merged: below which tag, the name, the tag
    aliases: tuple[tuple[int, str, TagId | None], ...] = ()
    withdrawn: tuple[tuple[object, ...], ...] = ()  # what runs took off, to be given back with them

    def __bool__(self) -> bool:
        return bool(self.tags or self.links or self.answers or self.categories or self.refused)


class ReviewOrder(Enum):
    """In which order suggestions are shown."""

    INFORMATIVE = "informative"  # those whose answer teaches most, no two alike
    BEST = "best"
    WEAKEST = "weakest"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A photo that may belong to a category. `score` is a probability."""

    photo_id: PhotoId
    score: float
    tagged: bool = False  # it has the category's tag already
    answer: bool | None = None


@dataclass(frozen=True, slots=True)
class Borderline:
    """Photos around a cut, each side the nearest first."""

    above: tuple[Suggestion, ...]
    below: tuple[Suggestion, ...]


@dataclass(frozen=True, slots=True)
class Share:
    """A share of photos that was estimated: in 9 of 10 cases it lies between low and high."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Estimate:
    """What to expect of a category at a cut."""

    threshold: float
    photos: int  # that would be tagged
    precision: Share  # of these: rightly
    recall: Share  # of those that belong: found
    answers: int  # that this rests on; with few of them it is the model's word alone


class Stage(Enum):
    """How far a category has learned."""

    PROMPT = "prompt"  # the words alone
    CALIBRATED = "calibrated"  # the words, with the cut where the answers put it
    PROBE = "probe"  # also what the accepted photos have in common


@dataclass(frozen=True, slots=True)
class CategoryState:
    """A category with what it has learned and what it finds."""

    category: Category
    threshold: float  # the cut in use
    stage: Stage
    accepted: int
    rejected: int
    photos: int  # that reach the cut
    tagged: int  # that carry its tag
    waiting: int  # that reach the cut, carry no tag and have no answer


class RunKind(Enum):
    """What made a run."""

    ASKED = "asked"
    NEW_PHOTOS = "new photos"


@dataclass(frozen=True, slots=True)
class CategoryRun:
    """What a run did for one category."""

    category: str
    tag: str
    prompts: tuple[str, ...]
    threshold: float
    added: int = 0
    removed: int = 0  # tags of earlier runs that do not reach the cut any more
    suggested: int = 0


@dataclass(frozen=True, slots=True)
class TagRun:
    """A run that tagged photos. `held`: of its tags, those that are still its own."""

    id: TagRunId
    kind: RunKind
    started_at: float
    model: str
    what: tuple[CategoryRun, ...]
    added: int
    removed: int
    held: int
    undone_at: float | None = None


@dataclass(frozen=True, slots=True)
class TagReport:
    """What a run did; `run_id` is None where it changed nothing."""

    run_id: TagRunId | None
    photos: int  # looked at
    categories: tuple[CategoryRun, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class RolledBack:
    """What taking back a run did."""

    removed: int
    restored: int
    kept: int  # that the user has made their own since


@dataclass(frozen=True, slots=True)
class Misfiled:
    """A photo that looks like those of another folder or tag than its own.

    Exactly one of folder and tag is meant: `here` and `better` are paths of folders, or tags.
    """

    photo_id: PhotoId
    here: str
    better: str
    score: float  # share of its neighbours' votes for `better` less that for `here`
    folder: Path | None = None  # where it would lie, for folders


@dataclass(frozen=True, slots=True)
class Concept:
    """An entry of the vocabulary: a name to show, and what is asked of the model."""

    name: str
    chinese: str
    prompts: tuple[str, ...]
    group: str
    chinese_group: str


@dataclass(frozen=True, slots=True)
class CategoryIdea:
    """A category that the library itself suggests."""

    name: str
    reason: str  # one sentence
    prompts: tuple[str, ...] = ()
    examples: tuple[PhotoId, ...] = ()
    photos: int = 0  # that would belong, about


@dataclass(frozen=True, slots=True)
class TaughtBy:
    """The photos that learning rests on, for those who want to look at them."""

    accepted: tuple[PhotoId, ...] = field(default=())
    rejected: tuple[PhotoId, ...] = field(default=())
