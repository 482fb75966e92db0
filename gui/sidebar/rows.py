"""Sections of few lines: albums, saved searches, and the pages on which one tidies up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QCoreApplication

from engine.mark_types import Album, AlbumId
from gui.labels import plain_text
from gui.places import Node, Place
from gui.tagging.seen import TagsSeen

translate = QCoreApplication.translate  # lupdate knows the name


def album_rows(albums: Sequence[Album]) -> list[Node]:
    """Albums that are filled by hand, in the user's order."""
    return [
        Node(
            Place.of_album(album.id),
            plain_text(album.name),
            Place.ALBUMS,
            album.photos or 0,
            "album",
        )
        for album in albums
    ]


def saved_rows(saved: Sequence[Album], found: Mapping[AlbumId, int]) -> list[Node]:
    """Saved searches with what they ask for."""
    return [
        Node(
            Place.of_saved(album.id),
            plain_text(album.name),
            Place.SAVED,
            found.get(album.id, -1),
            "search",
            note=album.query,
        )
        for album in saved
    ]


def tidy_rows(seen: TagsSeen, counts: Mapping[Place, int]) -> list[Node]:
    """The pages, with the sets and categories below theirs.

    Args:
        seen: sets and categories, with the suggestions that wait.
        counts: of problems and duplicates, as last told.
    """

    def page(place: Place, name: str, icon: str, photos: int = -1, *, waits: bool = False) -> Node:
        return Node(place, name, Place.TIDY, photos, icon, waits=waits)

    rows = [
        page(
            Place.REVIEW, translate("FolderTree", "Review"), "review", seen.all_waiting, waits=True
        ),
        page(Place.CATEGORIES, translate("FolderTree", "Categories"), "categories"),
    ]
    for group in seen.sets:
        place = Place.of_set(group.id)
        rows.append(Node(place, plain_text(group.name), Place.CATEGORIES, icon="categories"))
        rows += [
            Node(
                Place.of_category(category.id),
                plain_text(category.name),
                place,
                seen.waiting(category.id),
                colour=category.colour,
                waits=True,
            )
            for category in seen.of_set(group.id)
        ]
    duplicates = counts.get(Place.DUPLICATES, 0)
    problems = counts.get(Place.PROBLEMS, 0)
    return [
        *rows,
        page(Place.DUPLICATES, translate("FolderTree", "Duplicates"), "duplicates", duplicates,
             waits=True),
        page(Place.DETECTION, translate("FolderTree", "Find things"), "boxes"),
        page(Place.SORTING, translate("FolderTree", "Sort into folders"), "folder-open"),
        page(Place.PROBLEMS, translate("FolderTree", "Problems"), "warning", problems),
        page(Place.TRASH, translate("FolderTree", "Trash"), "trash"),
    ]  # fmt: skip
