"""The Qt model behind the sidebar: sections, and in each of them what can be looked at."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
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

from engine.mark_types import AlbumId
from engine.tag_types import CategoryId, TagId
from gui import icons, theme
from gui.grid.view import dragged_files, dragged_photos
from gui.labels import path_text, tooltip_text
from gui.places import Node, Place
from gui.tagging.dots import dot_icon

AnyIndex: TypeAlias = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()
_FED = (b"category", b"album", b"tag")  # rows that photos can be dropped on
_MOVED = (b"album", b"tag")  # rows that can be dragged themselves
_FEW = 20  # rows that are told one by one
_ROW = "application/x-photosift-row"


class FolderTree(QAbstractItemModel):
    """Rows are named by number, not by pointer: a stale index can only miss, never crash.

    New counts alone reset nothing: they come several times a second while photos are read.

    Signals:
        photos_dropped(CategoryId, list[PhotoId]) · album_fed(AlbumId, list[PhotoId]) ·
        tag_fed(TagId, list[PhotoId]): photos were dropped on a row.
        files_dropped(Path, list[PhotoId] | list[Path], bool): photos of ours, or files of other
            programs, are to be in a folder; True for copies.
        tag_moved(TagId, TagId | None): a tag was dropped on another one, or on the heading.
        album_moved(AlbumId, AlbumId | None): an album was dropped before another one, or last.
    """

    photos_dropped = Signal(object, object)
    album_fed = Signal(object, object)
    tag_fed = Signal(object, object)
    files_dropped = Signal(object, object, bool)
    tag_moved = Signal(object, object)
    album_moved = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sections: dict[Place, list[Node]] = {  # in the order shown
            Place.ALL: [Node(Place.ALL, self.tr("All photos"), photos=0, icon="photos")],
            **{
                place: [_heading(place, name)]
                for place, name in (
                    (Place.SECTION, self.tr("Folders")),
                    (Place.ALBUMS, self.tr("Albums")),
                    (Place.SAVED, self.tr("Saved searches")),
                    (Place.TAGS, self.tr("Tags")),
                    (Place.TIMELINE, self.tr("Timeline")),
                    (Place.SPOTS, self.tr("Places")),
                    (Place.TIDY, self.tr("Tidy up")),
                )
            },
        }
        self._nodes: list[Node] = []
        self._parents: list[int] = []
        self._rows: list[int] = []
        self._children: list[list[int]] = []
        self._keys: dict[Place, int] = {}
        self._build()

    # ---- what is shown -----------------------------------------------------------------------

    def show(self, section: Place, nodes: Sequence[Node]) -> bool:
        """Take over the rows of a section. True when rows came or went (the tree was reset)."""
        heading, former = self._sections[section][0], self._sections[section][1:]
        if [node.shape for node in former] == [node.shape for node in nodes]:
            self._sections[section] = [heading, *nodes]
            self._replace(section, nodes)
            return False
        self.beginResetModel()
        self._sections[section] = [heading, *nodes]
        self._build()
        self.endResetModel()
        return True

    def count(self, place: Place, photos: int) -> None:
        """Show another number at a row."""
        node = self.node(place)
        if node is not None and node.photos != photos:
            node.photos = photos
            self._changed(self._keys[place])

    def node(self, place: Place) -> Node | None:
        """What is shown at a place."""
        key = self._keys.get(place)
        return None if key is None else self._nodes[key]

    @property
    def largest(self) -> int:
        """The largest number that is shown, of all photos at the least."""
        return max(node.photos for node in self._nodes)

    def nodes(self, section: Place) -> Sequence[Node]:
        """The rows of a section without its heading, parents before what is below them."""
        return self._sections[section][1:]

    def place_of(self, query: str) -> Place | None:
        """The row that a query shows."""
        return next((node.place for node in self._nodes if query and node.query == query), None)

    def index_of(self, place: Place) -> QModelIndex:
        """The row of a place; invalid when it is not shown."""
        key = self._keys.get(place)
        return _TOP if key is None else self.createIndex(self._rows[key], 0, key)

    def place(self, index: AnyIndex) -> Place:
        return self._nodes[index.internalId()].place

    def below(self, index: AnyIndex) -> Iterator[QModelIndex]:
        """All rows below one, parents first."""
        for row in range(self.rowCount(index)):
            child = self.index(row, 0, index)
            yield child
            yield from self.below(child)

    # ---- QAbstractItemModel -------------------------------------------------------------------

    def index(self, row: int, column: int, parent: AnyIndex = _TOP) -> QModelIndex:
        if parent.isValid() and parent.column() != 0:
            return _TOP
        below = self._children[parent.internalId() if parent.isValid() else 0]
        if not (0 <= row < len(below) and 0 <= column < 2):
            return _TOP
        return self.createIndex(row, column, below[row])

    def parent(self, index: AnyIndex = _TOP) -> QModelIndex:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        if not index.isValid():
            return _TOP
        above = self._parents[index.internalId()]
        return self.createIndex(self._rows[above], 0, above) if above else _TOP

    def rowCount(self, parent: AnyIndex = _TOP) -> int:
        if parent.isValid() and parent.column() != 0:
            return 0
        return len(self._children[parent.internalId() if parent.isValid() else 0])

    def columnCount(self, parent: AnyIndex = _TOP) -> int:
        return 2

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        node = self._nodes[index.internalId()]
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        fed = _is(node.place, _FED) or node.place in (Place.TAGS, Place.ALBUMS)
        if fed or self._folder_at(index) is not None:
            flags |= Qt.ItemFlag.ItemIsDropEnabled
        if _is(node.place, _MOVED):
            flags |= Qt.ItemFlag.ItemIsDragEnabled
        return flags

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        node = self._nodes[index.internalId()]
        counted = node.photos > 0 or (node.photos == 0 and not node.waits)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                if index.column() == 0:
                    return node.name
                return QLocale().toString(node.photos) if counted else ""
            case Qt.ItemDataRole.DecorationRole if index.column() == 0:
                if node.colour is not None:
                    return dot_icon(node.colour)
                return icons.icon(node.icon, muted=not node.online) if node.icon else None
            case Qt.ItemDataRole.ForegroundRole:
                if index.column() == 1 or node.heading or node.hint or not node.online:
                    return theme.colours().muted
                return None
            case Qt.ItemDataRole.TextAlignmentRole if index.column() == 1:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case Qt.ItemDataRole.FontRole if node.heading:
                font = QFont()
                font.setWeight(QFont.Weight.DemiBold)
                return font
            case Qt.ItemDataRole.ToolTipRole:
                return _tooltip(node)
            case Qt.ItemDataRole.AccessibleTextRole if counted:
                return self._spoken(node)
            case _:
                return None

    def _spoken(self, node: Node) -> str:
        if node.place == Place.DUPLICATES:
            words = self.tr("%1, %Ln group(s) waiting", "", node.photos)
        elif node.waits:
            words = self.tr("%1, %Ln suggestion(s) waiting", "", node.photos)
        else:
            words = self.tr("%1, %Ln photo(s)", "", node.photos)
        return words.replace("%1", node.name)

    # ---- dragging ----------------------------------------------------------------------------

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction | Qt.DropAction.MoveAction

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.MoveAction

    def mimeTypes(self) -> list[str]:
        return [_ROW]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """A tag or an album on its way to another place among its own kind."""
        mime = QMimeData()
        if indexes:
            mime.setData(_ROW, self.place(indexes[0]).folder)
        return mime

    def canDropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: AnyIndex
    ) -> bool:
        """Our own photos where they can be; files on folders; tags on tags, albums among albums."""
        if not parent.isValid():
            return False
        onto, moved = self.place(parent), _row_of(data)
        if moved is None and self._folder_at(parent) is not None:
            return bool(dragged_photos(data) or dragged_files(data))
        if moved is None:
            return _is(onto, _FED) and bool(dragged_photos(data))
        if moved.number(b"tag") is not None:
            fits = onto == Place.TAGS or onto.number(b"tag") is not None
            return fits and not self._lies_in(onto, moved)
        return onto == Place.ALBUMS or onto.number(b"album") is not None

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: AnyIndex
    ) -> bool:
        """Tell what was dropped where; the rows follow when the catalog has changed."""
        if not self.canDropMimeData(data, action, row, column, parent):
            return False
        onto, moved = self.place(parent), _row_of(data)
        if moved is not None:
            self._move(moved, onto, row, parent)
            return False  # a view that was told of success would take the row out itself
        ids, folder = dragged_photos(data), self._folder_at(parent)
        if folder is not None:
            # A drag of ours never allows other programs to move; within the window Ctrl says it.
            keys = QGuiApplication.queryKeyboardModifiers()
            copy = not ids or bool(keys & Qt.KeyboardModifier.ControlModifier)
            self.files_dropped.emit(folder, ids or dragged_files(data), copy)
        elif (category := onto.number(b"category")) is not None:
            self.photos_dropped.emit(CategoryId(category), ids)
        elif (album := onto.number(b"album")) is not None:
            self.album_fed.emit(AlbumId(album), ids)
        elif (tag := onto.number(b"tag")) is not None:
            self.tag_fed.emit(TagId(tag), ids)
        return True

    def _folder_at(self, index: AnyIndex) -> Path | None:
        """The folder of a row that photos can be put into now."""
        place = self.place(index)
        root = self.node(Place(place.root_id)) if place.root_id is not None else None
        if root is None or root.path is None or not root.online:
            return None
        return root.path / os.fsdecode(place.folder)  # names as they are, not as they are shown

    def _move(self, moved: Place, onto: Place, row: int, parent: AnyIndex) -> None:
        if (tag := moved.number(b"tag")) is not None:
            above = onto.number(b"tag")
            self.tag_moved.emit(TagId(tag), None if above is None else TagId(above))
        elif (album := moved.number(b"album")) is not None:
            before = onto
            if onto == Place.ALBUMS:
                index = self.index(row, 0, parent)
                before = self.place(index) if index.isValid() else Place.TOP
            number = before.number(b"album")
            if number != album:
                self.album_moved.emit(AlbumId(album), None if number is None else AlbumId(number))

    def _lies_in(self, place: Place, other: Place) -> bool:
        """Whether a row is another one or below it."""
        while place not in (other, Place.TOP):
            place = self._nodes[self._keys[place]].above
        return place == other

    # ---- building ----------------------------------------------------------------------------

    def _build(self) -> None:
        self._nodes = [Node(Place.TOP, "")]
        self._parents, self._rows, self._children = [0], [0], [[]]
        self._keys = {Place.TOP: 0}
        for nodes in self._sections.values():
            for node in nodes:
                above, key = self._keys[node.above], len(self._nodes)
                self._keys[node.place] = key
                self._nodes.append(node)
                self._parents.append(above)
                self._rows.append(len(self._children[above]))
                self._children[above].append(key)
                self._children.append([])

    def _replace(self, section: Place, nodes: Sequence[Node]) -> None:
        changed: list[int] = []
        for node in nodes:
            key = self._keys[node.place]
            if self._nodes[key] != node:
                self._nodes[key] = node
                changed.append(key)
        if len(changed) > _FEW:  # one word that much is new, instead of one for each row
            above = self.index_of(section)
            self.dataChanged.emit(
                self.index(0, 0, above), self.index(self.rowCount(above) - 1, 1, above)
            )
            return
        for key in changed:
            self._changed(key)

    def _changed(self, key: int) -> None:
        row = self._rows[key]
        self.dataChanged.emit(self.createIndex(row, 0, key), self.createIndex(row, 1, key))


def _heading(place: Place, name: str) -> Node:
    return Node(place, name, heading=True)


def _is(place: Place, kinds: Sequence[bytes]) -> bool:
    return any(place.number(kind) is not None for kind in kinds)


def _row_of(data: QMimeData) -> Place | None:
    """The row that is dragged, if it is one of ours."""
    place = Place(None, bytes(data.data(_ROW).data()))
    return place if _is(place, _MOVED) else None


def _tooltip(node: Node) -> str | None:
    """Where a folder is; what else there is to say of a row."""
    if node.path is None:
        return None if node.heading or node.hint else tooltip_text(node.note or node.name)
    where = path_text(node.path)
    return tooltip_text(f"{where}\n{node.note}" if node.note else where)
