"""The nouns that every room uses: plain frozen values, no behaviour that needs a library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, Flag, auto
from pathlib import Path
from typing import NamedTuple, NewType, TypeAlias

import numpy as np
from numpy.typing import NDArray

PhotoId = NewType("PhotoId", int)
RootId = NewType("RootId", int)
SpaceId = NewType("SpaceId", int)

RGBImage: TypeAlias = NDArray[np.uint8]  # (height, width, 3) uint8, upright, sRGB
Embeddings: TypeAlias = NDArray[np.float32]  # (n, dim) float32, rows of length 1


class Box(NamedTuple):
    """A rectangle in pixels of the upright photo; right and bottom are exclusive."""

    left: float
    top: float
    right: float
    bottom: float


class Aspect(Flag):
    """What a commit changed about its photos."""

    EXISTENCE = auto()
    FILE = auto()
    EMBEDDING = auto()
    PROBLEM = auto()
    ROOT = auto()
    TAG = auto()
    DETECTION = auto()
    DUPLICATE = auto()  # groups, decisions or rules; no photo itself
    MARK = auto()  # ratings, flags, favourites, captions, titles
    ALBUM = auto()


@dataclass(frozen=True, slots=True)
class CatalogChange:
    """Announced once after a commit; `photos` may be empty when only roots changed."""

    photos: frozenset[PhotoId]
    aspects: Aspect


class PhotoState(Enum):
    """Whether the file of a photo is there to look at."""

    PRESENT = "present"
    UNREADABLE = "unreadable"  # a file is there, but it is no picture that we can read
    MISSING = "missing"  # a tombstone: the file vanished, what we know of it is kept


@dataclass(frozen=True, slots=True)
class Root:
    """A watched folder. Offline: its drive or folder is not there; its photos are kept."""

    id: RootId
    path: Path
    online: bool
    note: str = ""  # why it is offline, one sentence for the user
    marker: tuple[int, int] | None = None  # (st_dev, st_ino) of the folder when last seen


@dataclass(frozen=True, slots=True)
class FileSeen:
    """One candidate file as the scan saw it. `relpath` is raw bytes: names need not be UTF-8."""

    relpath: bytes
    size: int
    mtime_ns: int
    dev: int
    ino: int


@dataclass(frozen=True, slots=True)
class InputSpec:
    """How a model wants its pictures: shortest edge to `resize`, then centre crop to `crop`.

    `resample` is Pillow's number (3 bicubic, 2 bilinear, 1 lanczos). With `keep_aspect` off the
    picture is squeezed to (crop, crop) without a crop (SigLIP); with `pad` it is first made square
    with black on its right or below, and then smoothed and sampled (OWLv2).
    """

    resize: int
    crop: int
    resample: int = 3
    keep_aspect: bool = True
    pad: bool = False


@dataclass(frozen=True, slots=True)
class EmbeddingSpace:
    """Where vectors are comparable: same weights, same preprocessing, same precision."""

    model_id: str
    revision: str  # hash of the weights, or the hub's commit
    preprocessing: str
    precision: str
    dim: int


@dataclass(frozen=True, slots=True)
class PhotoMetadata:
    """What a file says of itself. Missing or nonsensical values are None, never invented."""

    taken_at: str | None = None  # local time as the camera wrote it, "YYYY-MM-DDTHH:MM:SS"
    utc_offset: str | None = None  # "+02:00"
    camera_make: str | None = None
    camera_model: str | None = None
    lens: str | None = None
    exposure_s: float | None = None
    f_number: float | None = None
    iso: int | None = None
    focal_mm: float | None = None
    latitude: float | None = None
    longitude: float | None = None
    altitude_m: float | None = None
    software: str | None = None
    title: str | None = None
    caption: str | None = None
    rating: int | None = None
    keywords: tuple[str, ...] = ()  # paths as tags have them, "Places/France/Paris"
    subsecond: str | None = None  # digits after the second of `taken_at`, as the camera wrote them


@dataclass(frozen=True, slots=True)
class PhotoContent:
    """What reading a file's bytes tells: one open, one decode."""

    content_hash: bytes  # blake2b-256 of the whole file
    width: int  # of the upright photo
    height: int
    format: str  # Pillow's name: "JPEG", "HEIF", ...
    metadata: PhotoMetadata = field(default_factory=PhotoMetadata)
    damaged: str = ""  # why, when only a part of the picture could be decoded


@dataclass(frozen=True, slots=True)
class Photo:
    """One row of the catalog: one file. `width` is None until the file was read."""

    id: PhotoId
    root_id: RootId
    path: Path
    state: PhotoState
    online: bool
    size: int
    mtime_ns: int
    content_hash: bytes | None
    width: int | None
    height: int | None
    format: str | None
    taken_at: str | None
    camera: str | None
    damaged: str
    embedded: bool  # in the active embedding space

    @property
    def name(self) -> str:
        return self.path.name


@dataclass(frozen=True, slots=True)
class PhotoDetail:
    """A photo with all that is known of it, for the inspector."""

    photo: Photo
    metadata: PhotoMetadata
    copies: tuple[Path, ...]  # other files with the same bytes
    problem: str = ""
    sidecars: tuple[Path, ...] = ()  # the one that outweighs first
    told_by: tuple[tuple[str, Path], ...] = ()  # fields of `metadata` that a sidecar tells


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that could not be read, or only in part, with the reason."""

    photo_id: PhotoId
    path: Path
    reason: str
    damaged: bool  # the picture is shown, but part of it is lost
    tried_at: float  # Unix time
    unwritten: bool = False  # the photo is well, its sidecar could not be written


@dataclass(frozen=True, slots=True)
class Counts:
    """How the library stands."""

    photos: int  # present files, read or waiting to be read
    unread: int  # of these: not decoded yet
    not_searchable: int  # of these: no embedding in the active space yet
    problems: int
    missing: int  # tombstones
    offline: int  # photos in roots that are offline


@dataclass(frozen=True, slots=True)
class FolderCount:
    """A folder below a root with the number of photos in it and below it."""

    root_id: RootId
    path: Path
    relpath: bytes  # b"" is the root itself
    photos: int


class Order(Enum):
    """How photos are ordered on screen."""

    DATE_NEWEST = "date newest"
    DATE_OLDEST = "date oldest"
    NAME = "name"
    RATING = "rating"  # the most stars first, then the newest


@dataclass(frozen=True, slots=True)
class Scope:
    """Which photos a view shows before any search. All defaults: every photo there is."""

    root_id: RootId | None = None
    folder: bytes | None = None  # relpath below the root; subfolders included
    order: Order = Order.DATE_NEWEST


class Band(Enum):
    """Where a hit lies: above or below the adaptive cut."""

    MATCH = "match"
    WEAKER = "weaker"


@dataclass(frozen=True, slots=True)
class Hit:
    """A photo that answers a query, best first. `score` is a cosine, 0 for plain filters."""

    photo_id: PhotoId
    score: float
    band: Band = Band.MATCH


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The answer to one query."""

    hits: Sequence[Hit]
    note: str = ""  # one sentence for the user, such as "12 photos are not searchable yet"


@dataclass(frozen=True, slots=True)
class LabelScore:
    """A label with its probability among the labels that were asked for."""

    label: str
    probability: float


class ModelSource(Enum):
    """Where a model's files come from."""

    EMBEDDED = "embedded"  # ships with the project
    HUB = "hub"  # downloaded once
    FOLDER = "folder"  # the user's own checkpoint


class ModelSlot(Enum):
    """What a model is for."""

    SEARCH = "search"  # photos and words in one space
    DETECT = "detect"  # boxes for words


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """One line of the model picker."""

    id: str
    title: str
    source: ModelSource
    languages: str
    licence: str
    dim: int
    download_bytes: int  # 0 where nothing is downloaded
    note: str = ""
    installed: bool = False
    slot: ModelSlot = ModelSlot.SEARCH
    memory_bytes: int = 0  # of both towers when loaded, about; 0 where unknown
    downloaded_bytes: int = 0  # of a download that was begun and has not finished
    engine: str = ""  # the image tower's, as last measured on this computer: "openvino int8"
    photos_per_second: float = 0.0  # with that engine; 0 before it was measured


@dataclass(frozen=True, slots=True)
class EngineMeasured:
    """How one way of computing the image tower did on this computer, with the user's photos."""

    name: str  # "openvino int8", "torch bf16", ...
    photos_per_second: float
    agreement: float  # mean centred cosine to fp32
    overlap: float  # share of the ten nearest photos that stay the same
    accepted: bool
    reason: str = ""  # why it was refused or could not be tried, one sentence


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """The model in use, or why there is none."""

    info: ModelInfo | None
    ready: bool
    reason: str = ""  # one sentence with the remedy, when not ready
    device: str = ""
    precision: str = ""
    engine: str = ""  # what computes the image tower: "openvino int8"; empty while unknown
    measured: tuple[EngineMeasured, ...] = ()  # fastest first; empty before the first measurement
    note: str = ""  # one sentence, such as why a faster engine is not used


@dataclass(frozen=True, slots=True)
class SpaceStatus:
    """The vectors that one model has made of this library."""

    model_id: str
    title: str
    embedded: int  # photos with a vector
    total: int  # photos that could have one
    bytes: int  # in the catalog and in the vector index, about
    active: bool  # search uses it
    upcoming: bool  # it is being prepared: search switches to it once it is complete
    usable: bool  # the model's files are on this computer
    reason: str = ""  # why it is not usable, or what its preparation stopped at; one sentence

    @property
    def complete(self) -> bool:
        """Whether search would find all photos with this model."""
        return self.embedded >= self.total


@dataclass(frozen=True, slots=True)
class ModelCheck:
    """One line of a model's self-test."""

    name: str
    passed: bool
    detail: str  # a figure or the reason, one sentence


@dataclass(frozen=True, slots=True)
class ModelTest:
    """What a model's self-test found."""

    model_id: str
    checks: tuple[ModelCheck, ...]

    @property
    def passed(self) -> bool:
        """Whether the model may be used."""
        return all(check.passed for check in self.checks)


@dataclass(frozen=True, slots=True)
class DirtyFolder:
    """A folder whose contents may have changed. Events only ever mark; the disk is the truth."""

    path: Path
    recursive: bool  # a folder appeared, vanished or was renamed: look below it too


@dataclass(frozen=True, slots=True)
class WatchStatus:
    """How a root is watched. `note` says why when it had to fall back to polling."""

    path: Path
    polling: bool
    note: str = ""


@dataclass(frozen=True, slots=True)
class Filter:
    """A plain fact a photo must have, such as camera:"Pixel 8" or width:>=3000.

    `op` is one of "=", ">", ">=", "<", "<="; a range "a..b" stays inside `value`. In count:dog>=2
    and box:dog>20% the label is the value and what comes behind the sign the `amount`.
    """

    name: str
    op: str
    value: str
    negate: bool = False
    amount: str = ""
