"""What the rows of the sidebar stand for."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from engine.mark_types import AlbumId
from engine.tag_types import CategoryId, SetId
from engine.types import RootId, Scope
from gui.labels import path_text, tooltip_text


@dataclass(frozen=True, slots=True)
class Place:
    """What a row stands for. Without a root it is one of the fixed rows."""

    root_id: RootId | None
    folder: bytes = b""  # relpath below the root; b"" is the root itself

    ALL: ClassVar[Place]
    REVIEW: ClassVar[Place]
    CATEGORIES: ClassVar[Place]
    SORTING: ClassVar[Place]
    DETECTION: ClassVar[Place]
    DUPLICATES: ClassVar[Place]
    PROBLEMS: ClassVar[Place]
    TRASH: ClassVar[Place]
    SAVED: ClassVar[Place]
    ALBUMS: ClassVar[Place]
    SECTION: ClassVar[Place]

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

    def number(self, kind: bytes) -> int | None:
        """The number of a category, a set, an album or a saved search, if it is one of these."""
        name, _, number = self.folder.partition(b" ")
        return int(number) if self.root_id is None and name == kind and number else None

    def parent(self) -> Place:
        """The folder around this one; all photos around a root."""
        if self.root_id is None or not self.folder:
            return Place.ALL
        return Place(self.root_id, self.folder.rpartition(b"/")[0])


Place.ALL = Place(None, b"")
Place.REVIEW = Place(None, b"review")
Place.CATEGORIES = Place(None, b"categories")
Place.SORTING = Place(None, b"sorting")
Place.DETECTION = Place(None, b"detection")
Place.DUPLICATES = Place(None, b"duplicates")
Place.PROBLEMS = Place(None, b"problems")
Place.TRASH = Place(None, b"trash")
Place.SECTION = Place(None, b"section")
Place.SAVED = Place(None, b"saved")
Place.ALBUMS = Place(None, b"albums")


@dataclass(slots=True)
class Node:
    """One row of the sidebar."""

    place: Place
    name: str
    parent: int  # key of the node above; 0 is the invisible top
    row: int
    photos: int = 0  # below 0: not known
    path: Path | None = None
    online: bool = True
    note: str = ""
    colour: str | None = None  # of a category
    children: list[int] = field(default_factory=list[int])


def is_set(node: Node) -> bool:
    """Whether it is a set of categories."""
    return node.place.number(b"set") is not None


def is_heading(node: Node) -> bool:
    """A row without a count."""
    pages = (
        *(Place.CATEGORIES, Place.SORTING, Place.DETECTION),
        *(Place.SAVED, Place.ALBUMS, Place.TRASH),
    )
    return node.place in pages or is_set(node)


def waits(node: Node) -> bool:
    """Whether the count is of what waits for the user, and said only where there is some."""
    return node.place in (Place.REVIEW, Place.DUPLICATES) or node.colour is not None


def icon_name(node: Node) -> str:
    """The icon of a row without a colour."""
    if node.place.folder.startswith(b"saved"):
        return "search"
    if node.place.folder.startswith(b"album"):
        return "album"
    if node.place == Place.REVIEW:
        return "review"
    if node.place == Place.CATEGORIES or is_set(node):
        return "categories"
    if node.place == Place.DUPLICATES:
        return "duplicates"
    if node.place == Place.DETECTION:
        return "boxes"
    if node.place == Place.SORTING:
        return "folder-open"
    if node.place == Place.ALL:
        return "photos"
    if node.place == Place.PROBLEMS:
        return "warning"
    if node.place == Place.TRASH:
        return "trash"
    return "folder" if node.online else "offline"


def tooltip(node: Node) -> str | None:
    """Where a folder is; what a saved search asks for."""
    if node.note and node.path is None:
        return tooltip_text(node.note)
    if node.path is None:
        return None
    where = path_text(node.path)
    return tooltip_text(f"{where}\n{node.note}" if node.note else where)
