"""What can be done with the files of photos, as actions with keys, for all menus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, QSettings, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from gui import icons
from gui.filing.words import FilingWords
from gui.labels import path_text
from gui.shortcuts import sequences

if TYPE_CHECKING:
    from gui.main_window import MainWindow

_RECENT = 8  # folders offered
_KEY = "filing/folders"


class FileActions(QObject):
    """Works on the grid and in the viewer only, where photos are in front.

    The keys are those of the pages in the middle: Del in the sidebar or in a field never means
    photos.

    Signals: trash_wanted() · rename_wanted() · move_wanted(Path | None) · copy_wanted(Path | None),
    into a folder or one that is to be chosen · show_wanted(), in the file manager ·
    properties_wanted().
    """

    trash_wanted = Signal()
    rename_wanted = Signal()
    move_wanted = Signal(object)
    copy_wanted = Signal(object)
    show_wanted = Signal()
    properties_wanted = Signal()

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._words = FilingWords(self)
        self._count = 0
        self._in_front = False
        self.show_in_folder = self._add(
            "folder-open", self.tr("&Show in folder"), "show in folder", self.show_wanted.emit
        )
        self.move = self._add(
            "folder",
            self.tr("Choose a &folder…"),
            "move to",
            partial(self.move_wanted.emit, None),
        )
        self.copy = self._add(
            "folder", self.tr("Choose a &folder…"), "copy to", partial(self.copy_wanted.emit, None)
        )
        self.change_name = self._add("edit", "", "rename photos", self.rename_wanted.emit)
        self.trash = self._add("trash", "", "trash", self.trash_wanted.emit)
        self.trash.setAutoRepeat(False)  # a key that is held down means one photo
        self.properties = self._add(
            "info", self.tr("&Properties"), "properties", self.properties_wanted.emit
        )
        self._menus: list[QMenu] = []
        self.follow(0)

    def add_to(self, menu: QMenu) -> None:
        """Offer moving, copying, renaming and the trash in a menu."""
        for icon, words, choose, wanted in (
            ("folder", self.tr("&Move to"), self.move, self.move_wanted.emit),
            ("copy", self.tr("Cop&y to"), self.copy, self.copy_wanted.emit),
        ):
            folders = menu.addMenu(icons.icon(icon), words)
            folders.setToolTipsVisible(True)
            folders.aboutToShow.connect(partial(self._fill, folders, choose, wanted))
            folders.menuAction().setEnabled(self._enabled)
            self._fill(folders, choose, wanted)
            folders.destroyed.connect(partial(self._drop, folders))
            self._menus.append(folders)
        menu.addAction(self.change_name)
        menu.addAction(self.trash)

    def follow(self, count: int, *, in_front: bool | None = None) -> None:
        """So many photos are meant; `in_front`: whether the page in front shows them."""
        self._count = count
        if in_front is not None:
            self._in_front = in_front
        self.change_name.setText(self._words.renaming(count))
        self.trash.setText(self._words.to_trash(max(count, 1)))
        enabled = self._enabled
        for action in (self.move, self.copy, self.change_name, self.trash, self.properties):
            action.setEnabled(enabled)
        self.show_in_folder.setEnabled(enabled and count == 1)
        for menu in self._menus:
            menu.menuAction().setEnabled(enabled)

    @property
    def count(self) -> int:
        """How many photos are meant."""
        return self._count

    @property
    def _enabled(self) -> bool:
        return self._in_front and self._count > 0

    def _add(self, icon: str, text: str, keys: str, act: Callable[[], object]) -> QAction:
        action = QAction(icons.icon(icon), text, self)
        action.setShortcuts(sequences(keys))
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setIconVisibleInMenu(True)
        action.triggered.connect(lambda: act())
        self._window.stack.addAction(action)
        return action

    def _drop(self, menu: QMenu, _gone: object = None) -> None:
        self._menus = [one for one in self._menus if one is not menu]

    def _fill(self, menu: QMenu, choose: QAction, wanted: Callable[[Path], object]) -> None:
        """The folders that were used last, and a way to any other."""
        menu.clear()
        menu.addAction(choose)
        recent = recent_folders()
        if recent:
            menu.addSeparator()
        for folder in recent:
            action = menu.addAction(icons.icon("folder"), path_text(folder).replace("&", "&&"))
            action.triggered.connect(partial(_tell, wanted, folder))


def _tell(wanted: Callable[[Path], object], folder: Path, _on: bool = False) -> None:
    wanted(folder)


def recent_folders() -> list[Path]:
    """Folders that photos were put into, the last one first."""
    found = QSettings().value(_KEY, [])
    names = cast("Sequence[object]", [found] if isinstance(found, str) else found or [])
    return [Path(str(name)) for name in names if str(name)]


def remember_folder(folder: Path) -> None:
    """Photos were put into this one."""
    others = [one for one in recent_folders() if one != folder]
    QSettings().setValue(_KEY, [str(one) for one in (folder, *others)][:_RECENT])
