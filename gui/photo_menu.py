"""The context menu of photos, the same in the grid and in the viewer, in one order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QFileInfo, QObject, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QIcon
from PySide6.QtWidgets import QFileDialog, QMenu
from shiboken6 import isValid

from engine.tag_types import CategoryId
from engine.types import Photo, PhotoId
from gui import acts, icons
from gui.labels import plain_text
from gui.map_link import open_map
from gui.open_with import Program, open_with, programs_for
from gui.tagging.dots import dot_icon

if TYPE_CHECKING:
    from gui.main_window import MainWindow

_MOST_TAGS = 12
_MOST_COMPARED = 4


class PhotoMenu(QObject):
    """Builds the menu for the selection of the grid; in the viewer that is the photo in front.

    Keys are shown, and what is meaningless for this selection cannot be chosen.
    """

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._files = window.menus.files
        window.grid.build_menu = self.build
        window.viewer.installEventFilter(self)  # the canvas hears the mouse, the page the key

    def build(self) -> QMenu:
        """The menu; who asks for it shows it and lets it go."""
        window = self._window
        grid, menus = window.grid, window.menus
        photos, ids = grid.view.selected_photos(), grid.view.selected_ids()
        one = photos[0] if len(ids) == 1 and photos else None
        menus.follow_selection(len(ids))  # a click may have changed it a moment ago
        menu = QMenu(window)
        if window.stack.currentWidget() is not window.viewer:
            act = self._add(menu, "image", self.tr("Open"), lambda: grid.opened.emit(ids[0]))
            act.setEnabled(len(ids) == 1)
            act.setShortcut(Qt.Key.Key_Return)
        self._add_programs(menu, photos)
        menu.addAction(self._files.show_in_folder)
        words = self.tr("Copy path") if len(ids) == 1 else self.tr("Copy paths")
        self._like(menu, menus.copy_path, "copy", words)
        words = self.tr("Copy file") if len(ids) == 1 else self.tr("Copy files")
        self._like(menu, menus.copy, "copy", words)
        menu.addSeparator()
        self._like(menu, menus.similar, "similar", self.tr("Find similar photos"))
        self._like(menu, menus.use_in_query, "search", self.tr("Add to the search"))
        if any(hit.score for hit in grid.model.hits_of(ids[:1])):
            why = self._add(menu, "info", self.tr("Why was it found?"), grid.why_wanted.emit)
            why.setEnabled(len(ids) == 1)
        self._like(menu, menus.detect, "boxes", self.tr("Detect things…"), enabled=bool(ids))
        menu.addSeparator()
        self._add_tags(menu, ids)
        self._add_examples(menu, ids)
        if ids:
            grid.offer_albums(menu)
            grid.offer_marks(menu)
        self._add_compare(menu, ids)
        menu.addSeparator()
        self._files.add_to(menu)
        menu.addSeparator()
        self._add_map(menu, one)
        menu.addAction(self._files.properties)
        return menu

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        by_key = QContextMenuEvent.Reason.Keyboard
        if isinstance(event, QContextMenuEvent) and event.reason() is by_key:
            canvas = self._window.viewer.canvas
            canvas.menu_wanted.emit(canvas.mapToGlobal(canvas.rect().center()))
            return True
        return super().eventFilter(watched, event)

    def _add(self, menu: QMenu, icon: str, words: str, act: Callable[[], object]) -> QAction:
        action = menu.addAction(icons.icon(icon), words)
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)  # shown; the window acts
        action.triggered.connect(lambda: act())
        return action

    def _like(
        self,
        menu: QMenu,
        action: QAction,
        icon: str,
        words: str,
        *,
        enabled: bool | None = None,
    ) -> QAction:
        """An entry that does what an action of the menu bar does, and shows its key."""
        entry = self._add(menu, icon, words, action.trigger)
        entry.setShortcuts(action.shortcuts())
        entry.setEnabled(action.isEnabled() if enabled is None else enabled)
        return entry

    # -- other programs ------------------------------------------------------------------------

    def _add_programs(self, menu: QMenu, photos: Sequence[Photo]) -> None:
        programs = menu.addMenu(icons.icon("external"), self.tr("Open with"))
        programs.menuAction().setEnabled(bool(photos))
        paths = [photo.path for photo in photos]
        default = programs.addAction(self.tr("Default program"))
        default.triggered.connect(partial(self._open_default, paths))
        end = programs.addSeparator()
        choose = programs.addAction(self.tr("Choose a program…"))
        choose.triggered.connect(partial(self._choose_program, paths))
        if not paths:
            return

        def ask() -> None:
            task = self._window.session.workers.start("io", "", lambda: programs_for(paths[0]))
            task.succeeded.connect(partial(self._fill_programs, programs, end, paths))

        programs.aboutToShow.connect(ask, Qt.ConnectionType.SingleShotConnection)

    def _fill_programs(
        self, menu: QMenu, end: QAction, paths: Sequence[Path], programs: Sequence[Program]
    ) -> None:
        if not isValid(end):
            return  # the menu was closed and let go meanwhile
        for program in programs:
            picture = QIcon.fromTheme(program.icon)
            action = QAction(picture, plain_text(program.name).replace("&", "&&"), menu)
            action.triggered.connect(partial(self._open_with, program, paths))
            menu.insertAction(end, action)

    def _open_default(self, paths: Sequence[Path], _on: bool = False) -> None:
        for path in paths[:10]:
            acts.open_elsewhere(path)

    def _open_with(self, program: Program, paths: Sequence[Path], _on: bool = False) -> None:
        if not open_with(program, paths):
            words = self.tr("%1 could not be started.").replace("%1", plain_text(program.name))
            self._window.status.show_notice(words)

    def _choose_program(self, paths: Sequence[Path], _on: bool = False) -> None:
        """Any program on this computer."""
        title = self.tr("Open with a program")
        chosen, _ = QFileDialog.getOpenFileName(self._window, title, "/usr/bin")
        if chosen:
            name = QFileInfo(chosen).completeBaseName()
            self._open_with(Program(name, (chosen,)), paths)

    # -- tags, marks ---------------------------------------------------------------------------

    def _add_tags(self, menu: QMenu, ids: Sequence[PhotoId]) -> None:
        """A field for any tag, and those there are where they are few."""
        tags = self._window.session.tags
        found = menu.addMenu(icons.icon("tag"), self.tr("Tag"))
        found.menuAction().setEnabled(bool(ids))
        self._like(found, self._window.menus.tag, "tag", self.tr("Add a tag…"))
        if tags.seen.tags and len(tags.seen.tags) <= _MOST_TAGS:
            found.addSeparator()
            for path in tags.seen.tags:
                action = found.addAction(plain_text(path).replace("&", "&&"))
                action.triggered.connect(partial(_call, tags.tag, ids, path))

    def _add_examples(self, menu: QMenu, ids: Sequence[PhotoId]) -> None:
        """The selection as examples of a category, where there are any."""
        categories = self._window.session.tags.seen.categories
        if categories and ids:
            examples = menu.addMenu(icons.icon("categories"), self.tr("Add as example"))
            for category in sorted(categories, key=lambda entry: entry.name.casefold()):
                name = plain_text(category.name).replace("&", "&&")
                action = examples.addAction(dot_icon(category.colour), name)
                action.triggered.connect(partial(self._give_example, category.id, ids))

    def _give_example(
        self, category_id: CategoryId, ids: Sequence[PhotoId], _on: bool = False
    ) -> None:
        self._window.grid.example_wanted.emit(category_id, ids)

    def _add_compare(self, menu: QMenu, ids: Sequence[PhotoId]) -> None:
        action: QAction | None = getattr(self._window.menus, "compare", None)
        if action is not None:
            few = 2 <= len(ids) <= _MOST_COMPARED
            self._like(menu, action, "side-by-side", self.tr("Compare"), enabled=few)

    # -- places --------------------------------------------------------------------------------

    def _add_map(self, menu: QMenu, one: Photo | None) -> None:
        detail = self._window.details.current
        metadata = detail.metadata if detail and one and detail.photo.id == one.id else None
        latitude = metadata.latitude if metadata else None
        longitude = metadata.longitude if metadata else None
        act = self._add(menu, "map", self.tr("Show on map"), lambda: None)
        act.setEnabled(latitude is not None and longitude is not None)
        act.setToolTip(self.tr("Opens openstreetmap.org in your browser, with this place"))
        if latitude is not None and longitude is not None:
            act.triggered.connect(lambda: open_map(latitude, longitude))


def _call(act: Callable[..., object], *rest: object) -> None:
    act(*rest[:-1])  # the last one is Qt's "checked"
