"""Puts duplicates into the window and connects them with its other parts."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from gui.duplicates.page import DuplicatesPage
from gui.duplicates.seen import DuplicatesSeen
from gui.duplicates.words import DuplicateWords
from gui.duplicates.work import DuplicateWork
from gui.folder_tree import Place

if TYPE_CHECKING:
    from gui.main_window import MainWindow


class DuplicateDesk(QObject):
    """Everything about duplicates in one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._words = DuplicateWords(self)
        session = window.session
        self.work = DuplicateWork(session.library, session.workers, session.history, self)
        self.work.seen_changed.connect(self._count)
        self.work.arrived.connect(self._tell_arrivals)
        session.bridge.catalog_changed.connect(self.work.follow_catalog)
        session.keeper.settled.connect(self.work.follow_index)
        window.sidebar.duplicates_chosen.connect(self.show)
        self.work.refresh()

    @cached_property
    def page(self) -> DuplicatesPage:
        """Made when it is first looked at: the first photos need not wait for it."""
        page = DuplicatesPage(self._window.session, self.work)
        page.opened.connect(self._window.open_viewer)
        self._window.stack.addWidget(page)
        return page

    def show(self) -> None:
        """Show the page as it was left."""
        self._window.sidebar.choose_place(Place.DUPLICATES)
        self._window.show_page(self.page)

    def _count(self, seen: DuplicatesSeen) -> None:
        self._window.sidebar.set_duplicates(seen.waiting)

    def _tell_arrivals(self, count: int) -> None:
        words = self._words.arrivals(count)
        self._window.status.show_notice(words, self.tr("Show"), self._show_arrivals)

    def _show_arrivals(self) -> None:
        """Where the newest of them is."""
        self.show()
        for arrival in self.work.seen.arrivals[:1]:
            self.page.review.look_for(arrival.kind, arrival.photo_id)
