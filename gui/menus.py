"""The menus and their keys; nothing is offered that does not exist."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QMessageBox

from engine.types import Order
from gui import acts
from gui.filing.actions import FileActions
from gui.history import History
from gui.looking.compare_stage import MOST
from gui.marking.actions import MarkActions
from gui.shortcuts import sequences

if TYPE_CHECKING:
    from gui.main_window import MainWindow


RELEVANCE = "relevance"
"""What stands for no order in the menu: ranked hits, the best first."""


class Menus(QObject):
    """Builds the menu bar of a window; actions that need a library wait for `attach`."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._waiting: list[QAction] = []
        self._comparable = False  # whether there are photos in front that can be compared
        bar = window.menuBar()
        self._file = bar.addMenu(self.tr("&File"))
        self._edit = bar.addMenu(self.tr("&Edit"))
        self._view = bar.addMenu(self.tr("&View"))
        self._organize = bar.addMenu(self.tr("&Organize"))
        self._help = bar.addMenu(self.tr("&Help"))

        file = self._file
        self.add_folder = self._add(file, self.tr("&Add folder…"), "add folder")
        self.look = self._add(file, self.tr("&Look for changes"), "look")
        file.addSeparator()
        self.files = FileActions(window)
        file.addAction(self.files.show_in_folder)
        self.files.add_to(file)
        file.addAction(self.files.properties)
        file.addSeparator()
        self.models = self._add(file, self.tr("&Models…"))
        self.settings = self._add(file, self.tr("&Settings…"), "settings")
        file.addSeparator()
        self.quit = self._add(file, self.tr("&Quit"), "quit", waits=False)
        self.quit.triggered.connect(window.close)

        edit = self._edit
        self.undo = self._add(edit, self.tr("&Undo"), "undo")
        self.redo = self._add(edit, self.tr("&Redo"), "redo")
        edit.addSeparator()
        self.search = self._add(edit, self.tr("&Search"), "search")
        self.search_picture = self._add(edit, self.tr("Search &with a picture…"), "search picture")
        self.save_search = self._add(edit, self.tr("Sa&ve the search…"), "save search")
        self.similar = self._add(edit, self.tr("&Find similar photos"), "similar")
        self.use_in_query = self._add(edit, self.tr("A&dd to the search"), "use in query")
        self.why = self._add(edit, self.tr("Wh&y was it found?"), "why")
        self.detect = self._add(edit, self.tr("Find t&hings in photos…"), "detect")
        self.part = self._add(edit, self.tr("Search with a pa&rt of the photo"), "part")
        edit.addSeparator()
        self.copy = self._add(edit, self.tr("&Copy files"), "copy")
        self.copy_path = self._add(edit, self.tr("Copy &paths"), "copy path")
        edit.addSeparator()
        self.select_all = self._add(edit, self.tr("Select &all"), "select all")
        self.select_none = self._add(edit, self.tr("Select &none"), "select none")
        self.invert = self._add(edit, self.tr("&Invert selection"), "invert")

        organize = self._organize
        self.review = self._add(organize, self.tr("&Review suggestions"), "review")
        self.categories = self._add(organize, self.tr("&Categories"), "categories")
        organize.addSeparator()
        self.tag = self._add(organize, self.tr("Add a &tag…"), "tag")
        self.tag_all = self._add(organize, self.tr("Tag &my photos"))
        organize.addSeparator()
        self.marks = MarkActions(window, organize)
        self.new_album = self._add(organize, self.tr("Ne&w album…"), "new album")
        self.album = organize.addMenu(self.tr("Add to an al&bum"))
        organize.addSeparator()
        self.sort = self._add(organize, self.tr("S&ort into folders…"))
        self.duplicates = self._add(organize, self.tr("&Duplicates"), "duplicates")

        view = self._view
        self.sidebar = self._toggle(view, self.tr("&Sidebar"), "sidebar")
        self.inspector = self._toggle(view, self.tr("&Details"), "inspector")
        view.addSeparator()
        self.orders = self._order_menu(view.addMenu(self.tr("&Order")))
        self.whole = self._add(view, self.tr("&Whole photos in the grid"))
        self.whole.setCheckable(True)
        self.larger = self._add(view, self.tr("&Larger"), "larger")
        self.smaller = self._add(view, self.tr("S&maller"), "smaller")
        self.weaker = self._add(view, self.tr("Hide or show &weaker matches"), "weaker")
        view.addSeparator()
        self.boxes = self._add(view, self.tr("Bo&xes on photos"), "boxes")
        self.boxes.setCheckable(True)
        self.boxes.setChecked(QSettings().value("window/boxes", True) not in (False, "false"))
        self.fit = self._add(view, self.tr("&100 % or fit"), "fit")
        self.compare = self._add(view, self.tr("&Compare"), "compare")
        self.slideshow = self._add(view, self.tr("Sli&deshow"), "slideshow")
        self.full_screen = self._add(view, self.tr("&Full screen"), "full screen", waits=False)
        self.full_screen.setCheckable(True)
        self.full_screen.toggled.connect(window.set_full_screen)

        self.shortcuts = self._add(self._help, self.tr("&Keyboard shortcuts"), "help")
        about = self._add(self._help, self.tr("&About Photosift"), waits=False)
        about.triggered.connect(self._about)

    def attach(self, window: MainWindow) -> None:
        """Connect the actions to a library that was opened."""
        session, grid, dialogs = window.session, window.grid, window.dialogs
        for action in self._waiting:
            action.setEnabled(True)
        self.whole.setChecked(not grid.view.fills_cells)
        connections: list[tuple[QAction, Callable[[], object]]] = [
            (self.undo, session.history.undo),
            (self.redo, session.history.redo),
            (self.review, lambda: window.tags.show_review()),
            (self.categories, lambda: window.tags.show_categories()),
            (self.tag, window.tags.tag_selection),
            (self.tag_all, window.tags.run),
            (self.new_album, lambda: window.albums.ask_to_create()),
            (self.add_folder, dialogs.ask_folder),
            (self.look, lambda: session.keeper.look()),
            (self.sort, window.sorting.show),
            (self.duplicates, window.duplicates.show),
            (self.detect, window.detection.detect),
            (self.models, lambda: dialogs.show_models()),
            (self.settings, dialogs.show_settings),
            (self.search, partial(self._focus_search, window)),
            (self.search_picture, window.search.choose_picture),
            (self.save_search, window.search.saved.ask_to_save),
            (self.similar, partial(self._similar, window)),
            (self.part, window.search.draw_part),
            (self.why, window.search.tell_why),
            (self.weaker, grid.view.fold_weaker),
            (self.use_in_query, window.search.use_selection),
            (self.copy, lambda: acts.copy_files(grid.view.selected_photos())),
            (self.copy_path, lambda: acts.copy_paths(grid.view.selected_photos())),
            (self.select_all, grid.view.selectAll),
            (self.select_none, grid.view.clearSelection),
            (self.invert, grid.view.invert_selection),
            (self.larger, partial(self._resize, window, 24)),
            (self.smaller, partial(self._resize, window, -24)),
            (self.fit, window.looking.toggle_full),
            (self.compare, window.looking.compare_selection),
            (self.slideshow, window.looking.start_show),
            (self.shortcuts, dialogs.show_shortcuts),
        ]
        for action, act in connections:
            action.triggered.connect(partial(_do, act))
        self.whole.toggled.connect(partial(self._show_whole, window))
        self.orders.triggered.connect(partial(self._reorder, window))
        self.boxes.toggled.connect(window.detection.show_boxes)
        self.follow_selection(0)
        session.history.changed.connect(partial(self._follow_history, session.history))
        self._follow_history(session.history)

    def show_order(self, order: Order | None, *, album: bool = False, ranked: bool = False) -> None:
        """Mark the order in force; None is that of the album, or by relevance where hits rank."""
        for action in self.orders.actions():
            of_what = action.data()
            if of_what is None:
                action.setVisible(album)
                action.setChecked(album and order is None)
            elif of_what == RELEVANCE:
                action.setVisible(ranked)
                action.setChecked(ranked and order is None)
            else:
                action.setChecked(of_what is order)

    def follow_page(self, *, viewing: bool, comparing: bool, grid: bool, bare: bool) -> None:
        """Only what works on the page in front is offered; a bare page has no search bar."""
        self.fit.setEnabled(viewing or comparing)
        self.part.setEnabled(viewing)
        self.marks.set_enabled(viewing or comparing or grid)
        self._comparable = viewing or grid
        self._follow_count(self.files.count)
        self.slideshow.setEnabled(viewing or grid)
        self.files.follow(self.files.count, in_front=viewing or grid)
        self.new_album.setEnabled(viewing or grid)
        self.album.menuAction().setEnabled(viewing or grid)
        self.search.setEnabled(not bare)
        for action in (self.select_all, self.select_none, self.invert):
            action.setEnabled(grid)

    def follow_selection(self, count: int) -> None:
        self.similar.setEnabled(count == 1)
        self.use_in_query.setEnabled(count > 0)
        self.copy.setEnabled(count > 0)
        self.copy_path.setEnabled(count > 0)
        self.files.follow(count)
        self._follow_count(count)

    def _follow_count(self, count: int) -> None:
        self.compare.setEnabled(self._comparable and 1 <= count <= MOST)

    def _follow_history(self, history: History) -> None:
        """Say in the menu what would be undone; text fields have their own undo."""
        for action, name, words in (
            (self.undo, self.tr("&Undo"), history.undoable),
            (self.redo, self.tr("&Redo"), history.redoable),
        ):
            action.setText(f"{name}: {words.replace('&', '&&')}" if words else name)
            action.setEnabled(bool(words))

    # -- inside --------------------------------------------------------------------------------

    def _add(self, menu: QMenu, text: str, keys: str = "", *, waits: bool = True) -> QAction:
        action = menu.addAction(text)
        if keys:
            action.setShortcuts(sequences(keys))
        self._window.addAction(action)  # keys work in full screen too, without a menu bar
        if waits:
            action.setEnabled(False)
            self._waiting.append(action)
        return action

    def _toggle(self, menu: QMenu, text: str, name: str) -> QAction:
        """A panel that can be put away; remembered."""
        action = self._add(menu, text, name, waits=False)
        action.setCheckable(True)
        panel = self._window.sidebar if name == "sidebar" else self._window.inspector
        shown = QSettings().value(f"window/{name}", True) not in (False, "false")
        action.setChecked(shown)
        panel.setVisible(shown)
        action.toggled.connect(panel.setVisible)
        return action

    def _order_menu(self, menu: QMenu) -> QActionGroup:
        group = QActionGroup(self)
        for order, text in (
            (Order.DATE_NEWEST, self.tr("Newest first")),
            (Order.DATE_OLDEST, self.tr("Oldest first")),
            (Order.NAME, self.tr("By name")),
            (Order.RATING, self.tr("By rating")),
            (RELEVANCE, self.tr("By relevance")),
            (None, self.tr("Album order")),
        ):
            action = self._add(menu, text)
            action.setCheckable(True)
            action.setData(order)
            group.addAction(action)
        return group

    def _focus_search(self, window: MainWindow) -> None:
        if not window.search_bar.isVisible():
            window.sidebar.choose(window.session.lister.question.scope)
            window.show_page(window.grid)
        window.search_bar.focus()

    def _similar(self, window: MainWindow) -> None:
        viewing = window.stack.currentWidget() is window.viewer
        photo_id = window.viewer.photo_id if viewing else window.grid.view.current_id()
        if photo_id is not None:
            window.find_similar(photo_id)

    def _resize(self, window: MainWindow, step: int) -> None:
        window.grid.view.set_cell_size(window.grid.view.cell_size + step)

    def _show_whole(self, window: MainWindow, whole: bool) -> None:
        window.grid.view.set_fills_cells(not whole)

    def _reorder(self, window: MainWindow, action: QAction) -> None:
        window.set_order(action.data())

    def _about(self) -> None:
        box = QMessageBox(self._window)
        box.setWindowTitle(self.tr("About Photosift"))
        box.setText(self.tr("Photosift"))
        box.setInformativeText(
            self.tr(
                "A photo organizer that understands pictures. Everything happens on this computer."
            )
        )
        box.open()


def _do(act: Callable[[], object], _checked: bool = False) -> None:
    act()
