"""What the rows of the sidebar stand for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from engine.mark_types import AlbumId
from engine.tag_types import CategoryId, SetId, TagId
from engine.types import RootId, Scope


@dataclass(frozen=True, slots=True)
class Place:
    """What a row stands for. Without a root it is a fixed row, or one with a kind and a number."""

    root_id: RootId | None
    folder: bytes = b""  # relpath below the root; b"" is the root itself

    TOP: ClassVar[Place]  # the invisible row above all
    ALL: ClassVar[Place]
    SECTION: ClassVar[Place]  # the folders
    ALBUMS: ClassVar[Place]
    SAVED: ClassVar[Place]
    TAGS: ClassVar[Place]
    TIMELINE: ClassVar[Place]
    SPOTS: ClassVar[Place]
    TIDY: ClassVar[Place]
    REVIEW: ClassVar[Place]
    CATEGORIES: ClassVar[Place]
    SORTING: ClassVar[Place]
    DETECTION: ClassVar[Place]
    DUPLICATES: ClassVar[Place]
    PROBLEMS: ClassVar[Place]
    TRASH: ClassVar[Place]
    UNDATED: ClassVar[Place]

    def scope(self) -> Scope:
        return Scope(self.root_id, self.folder or None)

    @classmethod
    def of_category(cls, category_id: CategoryId) -> Place:
        return cls(None, b"category %d" % category_id)

    @classmethod
    def of_set(cls, set_id: SetId) -> Place:
        return cls(None, b"set %d" % set_id)

    @classmethod
    def of_saved(cls, album_id: AlbumId) -> Place:
        return cls(None, b"saved %d" % album_id)

    @classmethod
    def of_album(cls, album_id: AlbumId) -> Place:
        return cls(None, b"album %d" % album_id)

    @classmethod
    def of_tag(cls, tag_id: TagId) -> Place:
        return cls(None, b"tag %d" % tag_id)

    @classmethod
    def of_year(cls, year: int) -> Place:
        return cls(None, b"year %d" % year)

    @classmethod
    def of_month(cls, year: int, month: int) -> Place:
        return cls(None, b"month %d" % (year * 12 + month - 1))

    @classmethod
    def of_spot(cls, latitude: float, longitude: float) -> Place:
        """Places on the map stay themselves while they lie within the same hundredth degree."""
        north, east = round((latitude + 90) * 100), round((longitude + 180) * 100)
        return cls(None, b"spot %d" % (north * 100_000 + east))

    def number(self, kind: bytes) -> int | None:
        """The number of a row of this kind: category, set, album, saved, tag and so on."""
        name, _, number = self.folder.partition(b" ")
        return int(number) if self.root_id is None and name == kind and number else None

    def parent(self) -> Place:
        """The folder around this one; all photos around a root."""
        if self.root_id is None or not self.folder:
            return Place.ALL
        return Place(self.root_id, self.folder.rpartition(b"/")[0])


Place.TOP = Place(None, b"top")
Place.ALL = Place(None, b"")
Place.SECTION = Place(None, b"section")
Place.ALBUMS = Place(None, b"albums")
Place.SAVED = Place(None, b"searches")
Place.TAGS = Place(None, b"tags")
Place.TIMELINE = Place(None, b"timeline")
Place.SPOTS = Place(None, b"spots")
Place.TIDY = Place(None, b"tidy")
Place.REVIEW = Place(None, b"review")
Place.CATEGORIES = Place(None, b"categories")
Place.SORTING = Place(None, b"sorting")
Place.DETECTION = Place(None, b"detection")
Place.DUPLICATES = Place(None, b"duplicates")
Place.PROBLEMS = Place(None, b"problems")
Place.TRASH = Place(None, b"trash")
Place.UNDATED = Place(None, b"undated")


@dataclass(slots=True)
class Node:
    """One row of the sidebar.

    `photos` below 0: not known, or nothing is counted. `query`: what shows it in the search bar.
    """

    place: Place
    name: str
    above: Place = Place.TOP
    photos: int = -1
    icon: str = ""
    colour: str | None = None  # a dot in the place of an icon; "": a ring
    query: str = ""
    note: str = ""  # for the tooltip
    path: Path | None = None
    online: bool = True
    heading: bool = False  # a section, which can be folded
    waits: bool = False  # the count is of what waits for the user, said only where there is some
    hint: bool = False  # a sentence where there is nothing yet

    @property
    def shape(self) -> tuple[Place, str, Place]:
        """What cannot change without the row being another one."""
        return self.place, self.name, self.above
