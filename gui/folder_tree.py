"""The Qt model behind the sidebar: watched roots and the folders below them, with counts."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from PySide6.QtCore import (
    QAbstractItemModel,
    QLocale,
    QMimeData,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QFont, QGuiApplication

from engine.mark_types import Album, AlbumId
from engine.tag_types import CategoryId
from engine.types import FolderCount, Root
from gui import icons, theme
from gui.grid.view import dragged_files, dragged_photos
from gui.labels import plain_text
from gui.places import Node, Place, icon_name, is_heading, is_set, tooltip, waits
from gui.tagging.dots import dot_icon
from gui.tagging.seen import TagsSeen

AnyIndex: TypeAlias = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
_FED = (b"category", b"album")  # rows that photos can be dropped on


class FolderTree(QAbstractItemModel):
    """Rows are named by number, not by pointer: a stale index can only miss, never crash.

    New counts alone reset nothing: they come several times a second while photos are read.

    Signals: photos_dropped(CategoryId, list[PhotoId]) · album_fed(AlbumId, list[PhotoId]) ·
    files_dropped(Path, list[PhotoId] | list[Path], bool): photos of ours, or files of other
    programs, are to be in a folder; True for copies.
    """

    photos_dropped = Signal(object, object)
    album_fed = Signal(object, object)
    files_dropped = Signal(object, object, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.photos = 0
        self.problems = 0
        self.duplicates = 0  # groups that wait
        self._nodes: list[Node] = []
        self._keys: dict[Place, int] = {}
        self._rows: tuple[object, ...] = ([], [], [], [])
        self._saved: Sequence[Album] = ()
        self._albums: Sequence[Album] = ()
        self._found: Mapping[AlbumId, int] = {}  # photos that saved searches find
        self._places: tuple[Sequence[Root], Sequence[FolderCount]] = ([], [])
        self._seen = TagsSeen()
        self._build([], [])

    def show(self, roots: Sequence[Root], folders: Sequence[FolderCount]) -> bool:
        """Take over roots and folders. True when rows came or went (the tree was reset)."""
        self._places = (roots, folders)
        rows = (
            [(root.id, root.path) for root in roots],
            [(folder.root_id, folder.relpath) for folder in folders],
            [(entry.id, entry.name) for entry in (*self._seen.sets, *self._seen.categories)],
            [(album.id, album.name, album.query) for album in (*self._saved, *self._albums)],
        )
        if rows == self._rows:
            self._update(roots, folders)
            return False
        self.beginResetModel()
        self._rows = rows
        self._build(roots, folders)
        self.endResetModel()
        return True

    def show_tags(self, seen: TagsSeen) -> bool:
        """Take over sets and categories. True when rows came or went (the tree was reset)."""
        self._seen = seen
        reset = self.show(*self._places)
        if not reset:
            for category in seen.categories:
                key = self._keys[Place.of_category(category.id)]
                self._nodes[key].colour = category.colour
                self._nodes[key].photos = seen.waiting(category.id)
                self._changed(key)
            self._nodes[self._keys[Place.REVIEW]].photos = seen.all_waiting
            self._changed(self._keys[Place.REVIEW])
        return reset

    def show_saved(self, saved: Sequence[Album], found: Mapping[AlbumId, int]) -> bool:
        """Take over saved searches. True when rows came or went (the tree was reset)."""
        self._saved, self._found = saved, found
        reset = self.show(*self._places)
        if not reset:
            for album in saved:
                key = self._keys[Place.of_saved(album.id)]
                self._nodes[key].photos = found.get(album.id, -1)
                self._changed(key)
        return reset

    def show_albums(self, albums: Sequence[Album]) -> bool:
        """Take over albums. True when rows came or went (the tree was reset)."""
        self._albums = albums
        reset = self.show(*self._places)
        if not reset:
            for album in albums:
                key = self._keys[Place.of_album(album.id)]
                self._nodes[key].photos = album.photos or 0
                self._changed(key)
        return reset

    def set_counts(self, photos: int, problems: int) -> None:
        self.photos, self.problems = photos, problems
        self._nodes[self._keys[Place.ALL]].photos = photos
        self._nodes[self._keys[Place.PROBLEMS]].photos = problems
        rows = self.rowCount()
        self.dataChanged.emit(self.index(0, 0), self.index(rows - 1, 1))

    def set_duplicates(self, groups: int) -> None:
        self.duplicates = groups
        key = self._keys[Place.DUPLICATES]
        self._nodes[key].photos = groups
        self._changed(key)

    def index_of(self, place: Place) -> QModelIndex:
        """The row of a place; invalid when it is not shown."""
        key = self._keys.get(place)
        return _TOP if key is None else self.createIndex(self._nodes[key].row, 0, key)

    def place(self, index: AnyIndex) -> Place:
        return self._nodes[index.internalId()].place

    # ---- QAbstractItemModel -------------------------------------------------------------------

    def index(self, row: int, column: int, parent: AnyIndex = _TOP) -> QModelIndex:
        above = self._nodes[parent.internalId() if parent.isValid() else 0]
        if parent.isValid() and parent.column() != 0:
            return _TOP
        if not (0 <= row < len(above.children) and 0 <= column < 2):
            return _TOP
        return self.createIndex(row, column, above.children[row])

    def parent(self, index: AnyIndex = _TOP) -> QModelIndex:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        if not index.isValid():
            return _TOP
        above = self._nodes[index.internalId()].parent
        return self.createIndex(self._nodes[above].row, 0, above) if above else _TOP

    def rowCount(self, parent: AnyIndex = _TOP) -> int:
        if parent.isValid() and parent.column() != 0:
            return 0
        return len(self._nodes[parent.internalId() if parent.isValid() else 0].children)

    def columnCount(self, parent: AnyIndex = _TOP) -> int:
        return 2

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        if not index.isValid() or self.place(index) == Place.SECTION:
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        fed = any(self.place(index).number(kind) is not None for kind in _FED)
        if fed or self._folder_at(index) is not None:
            flags |= Qt.ItemFlag.ItemIsDropEnabled
        return flags

    def _folder_at(self, index: AnyIndex) -> Path | None:
        """The folder of a row that photos can be put into now."""
        place = self.place(index)
        if place.root_id is None:
            return None
        root = self._nodes[self._keys[Place(place.root_id)]]
        if root.path is None or not root.online:
            return None
        return root.path / os.fsdecode(place.folder)  # names as they are, not as they are shown

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    def canDropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: AnyIndex
    ) -> bool:
        """Our own photos on a category, an album or a folder; files of others on a folder."""
        if not parent.isValid():
            return False
        if self._folder_at(parent) is not None:
            return bool(dragged_photos(data) or dragged_files(data))
        on = any(self.place(parent).number(k) is not None for k in _FED)
        return on and bool(dragged_photos(data))

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: AnyIndex
    ) -> bool:
        place, ids = self.place(parent) if parent.isValid() else Place.SECTION, dragged_photos(data)
        folder = self._folder_at(parent) if parent.isValid() else None
        if folder is not None and (ids or dragged_files(data)):
            # A drag of ours never allows other programs to move; within the window Ctrl says it.
            keys = QGuiApplication.queryKeyboardModifiers()
            copy = not ids or bool(keys & Qt.KeyboardModifier.ControlModifier)
            self.files_dropped.emit(folder, ids or dragged_files(data), copy)
            return True
        if not ids:
            return False
        if (category := place.number(b"category")) is not None:
            self.photos_dropped.emit(CategoryId(category), ids)
        elif (album := place.number(b"album")) is not None:
            self.album_fed.emit(AlbumId(album), ids)
        else:
            return False
        return True

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        node = self._nodes[index.internalId()]
        section = node.place == Place.SECTION
        uncounted = section or is_heading(node)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                if index.column() == 0:
                    return node.name
                if uncounted or node.photos < 0 or (waits(node) and not node.photos):
                    return ""
                return QLocale().toString(node.photos)
            case Qt.ItemDataRole.DecorationRole if index.column() == 0 and not section:
                if node.colour is not None:
                    return dot_icon(node.colour)
                return icons.icon(icon_name(node), muted=not node.online)
            case Qt.ItemDataRole.ForegroundRole:
                if index.column() == 1 or section or not node.online or is_set(node):
                    return theme.colours().muted
                return None
            case Qt.ItemDataRole.TextAlignmentRole if index.column() == 1:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case Qt.ItemDataRole.FontRole if section:
                font = QFont()
                font.setWeight(QFont.Weight.DemiBold)
                return font
            case Qt.ItemDataRole.ToolTipRole:
                return tooltip(node)
            case Qt.ItemDataRole.AccessibleTextRole if node.place == Place.DUPLICATES:
                words = self.tr("%1, %Ln group(s) waiting", "", node.photos)
                return words.replace("%1", node.name)
            case Qt.ItemDataRole.AccessibleTextRole if waits(node):
                words = self.tr("%1, %Ln suggestion(s) waiting", "", node.photos)
                return words.replace("%1", node.name)
            case Qt.ItemDataRole.AccessibleTextRole if not uncounted and node.photos >= 0:
                return self.tr("%1, %Ln photo(s)", "", node.photos).replace("%1", node.name)
            case _:
                return None

    # ---- building -----------------------------------------------------------------------------

    def _build(self, roots: Sequence[Root], folders: Sequence[FolderCount]) -> None:
        self._nodes = [Node(Place.ALL, "", 0, 0)]
        self._keys = {}
        self._add(Place.ALL, self.tr("All photos"), 0).photos = self.photos
        if self._saved:
            self._add(Place.SAVED, self.tr("Saved searches"), 0)
        for album in self._saved:
            place = Place.of_saved(album.id)
            node = self._add(place, plain_text(album.name), self._keys[Place.SAVED])
            node.photos, node.note = self._found.get(album.id, -1), album.query
        if self._albums:
            self._add(Place.ALBUMS, self.tr("Albums"), 0)
        for album in self._albums:
            place = Place.of_album(album.id)
            node = self._add(place, plain_text(album.name), self._keys[Place.ALBUMS])
            node.photos = album.photos or 0
        self._add(Place.REVIEW, self.tr("Review"), 0).photos = self._seen.all_waiting
        self._add(Place.CATEGORIES, self.tr("Categories"), 0)
        for group in self._seen.sets:
            above = self._add(
                Place.of_set(group.id), plain_text(group.name), self._keys[Place.CATEGORIES]
            )
            for category in self._seen.of_set(group.id):
                place = Place.of_category(category.id)
                node = self._add(place, plain_text(category.name), self._keys[above.place])
                node.colour, node.photos = category.colour, self._seen.waiting(category.id)
        self._add(Place.DETECTION, self.tr("Find things"), 0)
        self._add(Place.SORTING, self.tr("Sort into folders"), 0)
        self._add(Place.DUPLICATES, self.tr("Duplicates"), 0).photos = self.duplicates
        self._add(Place.TRASH, self.tr("Trash"), 0)
        self._add(Place.PROBLEMS, self.tr("Problems"), 0).photos = self.problems
        self._add(Place.SECTION, self.tr("Folders"), 0)
        known = {(folder.root_id, folder.relpath): folder for folder in folders}
        for root in sorted(roots, key=lambda root: root.path.name.casefold()):
            node = self._add(Place(root.id), plain_text(root.path.name or str(root.path)), 0)
            node.path, node.online, node.note = root.path, root.online, root.note
            whole = known.get((root.id, b""))
            node.photos = whole.photos if whole else 0
        # Parents sort before their children, and folders in the order of their names.
        below = sorted(
            (f for f in folders if f.relpath and Place(f.root_id) in self._keys),
            key=lambda f: (f.root_id, [part.lower() for part in f.relpath.split(b"/")], f.relpath),
        )
        for folder in below:
            self._folder(Place(folder.root_id, folder.relpath)).photos = folder.photos

    def _folder(self, place: Place) -> Node:
        if place in self._keys:
            return self._nodes[self._keys[place]]
        above = self._folder(place.parent())
        name = plain_text(place.folder.rpartition(b"/")[2].decode("utf-8", "surrogateescape"))
        node = self._add(place, name, self._keys[above.place])
        node.online, node.note = above.online, above.note
        if above.path is not None:
            node.path = above.path / name
        return node

    def _add(self, place: Place, name: str, above: int) -> Node:
        key = len(self._nodes)
        node = Node(place, name, above, len(self._nodes[above].children))
        self._nodes[above].children.append(key)
        self._nodes.append(node)
        self._keys[place] = key
        return node

    def _update(self, roots: Sequence[Root], folders: Sequence[FolderCount]) -> None:
        """Take over counts and states where the rows are the same."""
        for folder in folders:
            key = self._keys.get(Place(folder.root_id, folder.relpath))
            if key is not None and self._nodes[key].photos != folder.photos:
                self._nodes[key].photos = folder.photos
                self._changed(key)
        for root in roots:
            key = self._keys[Place(root.id)]
            node = self._nodes[key]
            if (node.online, node.note) != (root.online, root.note):
                self._set_state(key, root.online, root.note)

    def _set_state(self, key: int, online: bool, note: str) -> None:
        node = self._nodes[key]
        node.online, node.note = online, note
        self._changed(key)
        for child in node.children:
            self._set_state(child, online, note)

    def _changed(self, key: int) -> None:
        row = self._nodes[key].row
        self.dataChanged.emit(self.createIndex(row, 0, key), self.createIndex(row, 1, key))
