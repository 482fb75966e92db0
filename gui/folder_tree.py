"""The Qt model behind the sidebar: watched roots and the folders below them, with counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, TypeAlias

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
from PySide6.QtGui import QFont

from engine.tag_types import CategoryId, SetId
from engine.types import FolderCount, Root, RootId, Scope
from gui import icons, theme
from gui.grid.view import dragged_photos
from gui.labels import path_text, plain_text, tooltip_text
from gui.tagging.dots import dot_icon
from gui.tagging.seen import TagsSeen

AnyIndex: TypeAlias = QModelIndex | QPersistentModelIndex
_TOP = QModelIndex()


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
    SECTION: ClassVar[Place]

    def scope(self) -> Scope:
        return Scope(self.root_id, self.folder or None)

    @classmethod
    def of_category(cls, category_id: CategoryId) -> Place:
        return cls(None, b"category %d" % category_id)

    @classmethod
    def of_set(cls, set_id: SetId) -> Place:
        return cls(None, b"set %d" % set_id)

    def number(self, kind: bytes) -> int | None:
        """The number of a category or a set, if it is one of these."""
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
Place.SECTION = Place(None, b"section")


@dataclass(slots=True)
class _Node:
    place: Place
    name: str
    parent: int  # key of the node above; 0 is the invisible top
    row: int
    photos: int = 0
    path: Path | None = None
    online: bool = True
    note: str = ""
    colour: str | None = None  # of a category
    children: list[int] = field(default_factory=list[int])


class FolderTree(QAbstractItemModel):
    """Rows are named by number, not by pointer: a stale index can only miss, never crash.

    New counts alone reset nothing: they come several times a second while photos are read.

    Signals: photos_dropped(CategoryId, list[PhotoId]).
    """

    photos_dropped = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.photos = 0
        self.problems = 0
        self.duplicates = 0  # groups that wait
        self._nodes: list[_Node] = []
        self._keys: dict[Place, int] = {}
        self._rows: tuple[object, ...] = ([], [], [])
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
        if self.place(index).number(b"category") is not None:
            flags |= Qt.ItemFlag.ItemIsDropEnabled
        return flags

    def supportedDropActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    def canDropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: AnyIndex
    ) -> bool:
        """Only our own photos, only on a category."""
        on = parent.isValid() and self.place(parent).number(b"category") is not None
        return on and bool(dragged_photos(data))

    def dropMimeData(
        self, data: QMimeData, action: Qt.DropAction, row: int, column: int, parent: AnyIndex
    ) -> bool:
        number = self.place(parent).number(b"category") if parent.isValid() else None
        ids = dragged_photos(data)
        if number is None or not ids:
            return False
        self.photos_dropped.emit(CategoryId(number), ids)
        return True

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not index.isValid():
            return None
        node = self._nodes[index.internalId()]
        section = node.place == Place.SECTION
        uncounted = section or _is_heading(node)
        match role:
            case Qt.ItemDataRole.DisplayRole:
                if index.column() == 0:
                    return node.name
                if uncounted or (_waits(node) and not node.photos):
                    return ""
                return QLocale().toString(node.photos)
            case Qt.ItemDataRole.DecorationRole if index.column() == 0 and not section:
                if node.colour is not None:
                    return dot_icon(node.colour)
                return icons.icon(_icon_name(node), muted=not node.online)
            case Qt.ItemDataRole.ForegroundRole:
                if index.column() == 1 or section or not node.online or _is_set(node):
                    return theme.colours().muted
                return None
            case Qt.ItemDataRole.TextAlignmentRole if index.column() == 1:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case Qt.ItemDataRole.FontRole if section:
                font = QFont()
                font.setWeight(QFont.Weight.DemiBold)
                return font
            case Qt.ItemDataRole.ToolTipRole:
                return _tooltip(node)
            case Qt.ItemDataRole.AccessibleTextRole if node.place == Place.DUPLICATES:
                words = self.tr("%1, %Ln group(s) waiting", "", node.photos)
                return words.replace("%1", node.name)
            case Qt.ItemDataRole.AccessibleTextRole if _waits(node):
                words = self.tr("%1, %Ln suggestion(s) waiting", "", node.photos)
                return words.replace("%1", node.name)
            case Qt.ItemDataRole.AccessibleTextRole if not uncounted:
                return self.tr("%1, %Ln photo(s)", "", node.photos).replace("%1", node.name)
            case _:
                return None

    # ---- building -----------------------------------------------------------------------------

    def _build(self, roots: Sequence[Root], folders: Sequence[FolderCount]) -> None:
        self._nodes = [_Node(Place.ALL, "", 0, 0)]
        self._keys = {}
        self._add(Place.ALL, self.tr("All photos"), 0).photos = self.photos
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

    def _folder(self, place: Place) -> _Node:
        if place in self._keys:
            return self._nodes[self._keys[place]]
        above = self._folder(place.parent())
        name = plain_text(place.folder.rpartition(b"/")[2].decode("utf-8", "surrogateescape"))
        node = self._add(place, name, self._keys[above.place])
        node.online, node.note = above.online, above.note
        if above.path is not None:
            node.path = above.path / name
        return node

    def _add(self, place: Place, name: str, above: int) -> _Node:
        key = len(self._nodes)
        node = _Node(place, name, above, len(self._nodes[above].children))
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


def _is_set(node: _Node) -> bool:
    return node.place.number(b"set") is not None


def _is_heading(node: _Node) -> bool:
    """A row without a count."""
    pages = (Place.CATEGORIES, Place.SORTING, Place.DETECTION)
    return node.place in pages or _is_set(node)


def _waits(node: _Node) -> bool:
    """Whether the count is of what waits for the user, and said only where there is some."""
    return node.place in (Place.REVIEW, Place.DUPLICATES) or node.colour is not None


def _icon_name(node: _Node) -> str:
    if node.place == Place.REVIEW:
        return "review"
    if node.place == Place.CATEGORIES or _is_set(node):
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
    return "folder" if node.online else "offline"


def _tooltip(node: _Node) -> str | None:
    if node.path is None:
        return None
    where = path_text(node.path)
    return tooltip_text(f"{where}\n{node.note}" if node.note else where)
