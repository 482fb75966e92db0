"""Puts sorting into the window and connects it with its other parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from engine.file_types import FilingRun, RunState
from gui.folder_tree import Place
from gui.sorting.page import SortingPage
from gui.sorting.work import LANE

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
        filing = window.session.library.filing
        task = window.session.workers.start(LANE, "", filing.runs)
        task.succeeded.connect(self._tell_unfinished)

    def show(self) -> None:
        """Show the page as it was left."""
        self._window.sidebar.choose_place(Place.SORTING)
        self._window.show_page(self.page)

    def show_runs(self) -> None:
        """Show what was sorted so far."""
        self.show()
        self.page.show_runs()

    def _tell_unfinished(self, runs: Sequence[FilingRun]) -> None:
        """After a quit or a crash some photos of a run lie here and some there: say so."""
        newest = runs[0] if runs else None
        if newest is None or self.page.work.running is not None:
            return
        if newest.can_resume:
            words = self.tr("The last sort was stopped in the middle.")
        elif newest.state is RunState.UNDOING:
            words = self.tr("The last sort was taken back only in part.")
        else:
            return
        self._window.status.show_notice(words, self.tr("Show"), self.show_runs)
