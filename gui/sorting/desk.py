"""Puts sorting into the window and connects it with its other parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from gui.folder_tree import Place
from gui.sorting.page import SortingPage

if TYPE_CHECKING:
    from gui.main_window import MainWindow


class SortDesk(QObject):
    """Everything about sorting in one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.page = SortingPage(window.session)
        window.stack.addWidget(self.page)
        view = self.page.plan.view
        view.set_cell_size(window.grid.view.cell_size)
        window.status.thumbnail_size_changed.connect(view.set_cell_size)
        view.cell_size_changed.connect(window.status.set_thumbnail_size)
        window.sidebar.sorting_chosen.connect(self.show)
        window.tags.sort_wanted.connect(self.show)
        self.page.categories_wanted.connect(lambda: window.tags.show_categories())
        self.page.opened.connect(window.open_viewer)

    def show(self) -> None:
        """Show the page as it was left."""
        self._window.sidebar.choose_place(Place.SORTING)
        self._window.show_page(self.page)
