"""What is open in the sidebar, from one run of the program to the next, and what is looked for."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QModelIndex, QSettings
from PySide6.QtWidgets import QTreeView

from engine.types import RootId
from gui.folder_tree import FolderTree
from gui.places import Place

_KEY = "sidebar/"
_MOST = 300  # more are not remembered
_USUAL = (Place.SECTION, Place.ALBUMS, Place.SAVED, Place.TAGS, Place.TIDY, Place.CATEGORIES)


class Folds:
    """Which rows are open. What is opened only to show what was looked for is not remembered."""

    def __init__(self, tree: QTreeView, model: FolderTree) -> None:
        self._tree = tree
        self._model = model
        self._open: set[Place] = set()
        self._shut: set[Place] = set()  # by the user: they stay so
        self._busy = False  # rows are opened by us and not by the user
        self._filter = ""
        self._found: list[Place] = []
        tree.expanded.connect(self._opened)
        tree.collapsed.connect(self._closed)

    def restore(self) -> None:
        """Open what was open the last time."""
        self._open, self._shut = _kept("open"), _kept("shut")
        self.open(_USUAL)
        self.reopen()

    def open(self, places: Iterable[Place]) -> None:
        """These are open once they are there, unless the user closed them."""
        self._open.update(place for place in places if place not in self._shut)

    def reopen(self) -> None:
        """After the rows were made anew: as it was."""
        self._busy = True
        for place in self._open:
            index = self._model.index_of(place)
            if index.isValid():
                self._tree.expand(index)
        self._busy = False
        self._filter = ""  # what was hidden is shown again

    def filter(self, wanted: str) -> None:
        """Show only rows whose name has this in it, with those above them; nothing: all rows."""
        if not wanted and not self._filter:
            return
        self._busy = True
        self._found = []
        for row in range(self._model.rowCount()):
            self._look(self._model.index(row, 0), wanted)
        if not wanted:
            self._tree.collapseAll()
        self._busy = False
        ended, self._filter = bool(self._filter and not wanted), wanted
        if ended:
            self.reopen()

    def first_found(self) -> QModelIndex:
        """The first row that was looked for."""
        return self._model.index_of(self._found[0] if self._found else Place.TOP)

    def _look(self, index: QModelIndex, wanted: str) -> bool:
        """Whether a row stays; its those below it are looked at too."""
        node = self._model.node(self._model.place(index))
        named = (
            node is not None and not (node.heading or node.hint) and wanted in node.name.casefold()
        )
        if named and wanted and node is not None:
            self._found.append(node.place)
        below = [
            self._look(self._model.index(row, 0, index), wanted)
            for row in range(self._model.rowCount(index))
        ]
        stays = not wanted or named or any(below)
        self._tree.setRowHidden(index.row(), index.parent(), not stays)
        if wanted and any(below):
            self._tree.expand(index)
        return stays

    def _opened(self, index: QModelIndex) -> None:
        self._note(index, self._open, self._shut)

    def _closed(self, index: QModelIndex) -> None:
        self._note(index, self._shut, self._open)

    def _note(self, index: QModelIndex, onto: set[Place], off: set[Place]) -> None:
        if self._busy or self._filter:
            return
        place = self._model.place(index)
        onto.add(place)
        off.discard(place)
        for name, places in (("open", self._open), ("shut", self._shut)):
            kept = sorted(map(_written, places))[:_MOST]
            QSettings().setValue(_KEY + name, "\n".join(kept))


def _kept(name: str) -> set[Place]:
    kept = QSettings().value(_KEY + name, "")
    entries = kept.split("\n") if isinstance(kept, str) else []
    return {place for entry in entries if (place := _read(entry)) is not None}


def _written(place: Place) -> str:
    return f"{place.root_id or ''}:{place.folder.hex()}"


def _read(entry: str) -> Place | None:
    root, _, folder = entry.partition(":")
    try:
        return Place(RootId(int(root)) if root else None, bytes.fromhex(folder))
    except ValueError:
        return None
