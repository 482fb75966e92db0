"""The nouns of marking: ratings, picks, favourites, captions, albums. Plain frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import NewType

from engine.types import Order, PhotoId

AlbumId = NewType("AlbumId", int)


class Flag(Enum):
    """What was decided about a photo when looking through many."""

    REJECTED = -1
    NONE = 0
    PICKED = 1


@dataclass(frozen=True, slots=True)
class Marks:
    """What a photo is marked with. `own` names what the user said; all else is from the file."""

    rating: int = 0  # stars, 0 for none
    flag: Flag = Flag.NONE
    favourite: bool = False
    caption: str = ""
    title: str = ""
    own: frozenset[str] = field(default=frozenset())  # "rating", "flag", …


@dataclass(frozen=True, slots=True)
class Album:
    """The user's collection, or with `query` a smart one: whatever answers it right now.

    `order` None: as the user arranged them; of a smart album the best first.
    """

    id: AlbumId
    name: str
    photos: int | None  # present ones; None for a smart album: see `Albums.count`
    query: str = ""
    order: Order | None = None
    cover: PhotoId | None = None  # the first of a plain album

    @property
    def is_smart(self) -> bool:
        return bool(self.query)


@dataclass(frozen=True, slots=True)
class MarkUndo:
    """What brings marks and albums back to how they were; only for `undo`.

    Rows as the catalog had them; None for a row that was not there.
    """

    marks: tuple[tuple[PhotoId, str, tuple[object, ...] | None], ...] = ()
    albums: tuple[tuple[AlbumId, tuple[object, ...] | None], ...] = ()
    members: tuple[tuple[AlbumId, PhotoId, tuple[object, ...] | None], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.marks or self.albums or self.members)


@dataclass(frozen=True, slots=True)
class Month:
    """A month of the timeline, by the photographer's clock; 0 and 0 where no date can be told."""

    year: int
    month: int
    photos: int


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on the map where photos were taken."""

    latitude: float  # degrees north
    longitude: float  # degrees east
    radius_km: float
    photos: int  # that lie so near to it


@dataclass(frozen=True, slots=True)
class Summary:
    """What many photos have in common. Values with how many photos have them, most first."""

    photos: int
    bytes: int
    first: str | None  # taken, "YYYY-MM-DDTHH:MM:SS", the photographer's clock
    last: str | None
    undated: int
    offline: int
    folders: int
    cameras: tuple[tuple[str, int], ...] = ()
    formats: tuple[tuple[str, int], ...] = ()
    tags: tuple[tuple[str, int], ...] = ()  # paths
    title: str | None = ""  # of all of them; None where they differ
    caption: str | None = ""
