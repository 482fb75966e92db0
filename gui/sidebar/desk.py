"""Fills the sidebar with tags, times and places, and does what is asked for on its rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from engine.mark_types import AlbumId, Month, Spot
from engine.types import Aspect, CatalogChange, Scope
from gui import icons
from gui.feed import Feed
from gui.grid.year_marks import YearMarks
from gui.lister import Question
from gui.places import Place
from gui.sidebar.dates import timeline_rows
from gui.sidebar.spots import spot_menu, spot_rows
from gui.sidebar.tag_desk import SidebarTags

if TYPE_CHECKING:
    from gui.main_window import MainWindow

_PHOTOS = Aspect.EXISTENCE | Aspect.ROOT | Aspect.FILE
_REST_MS = 2_000  # while photos are read, these numbers may wait
_REST_SPOTS_MS = 10_000  # all coordinates are read for them


class SidebarDesk(QObject):
    """What the sidebar shows by queries."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._sidebar = window.sidebar
        self._session = window.session
        self._spots: tuple[Spot, ...] = ()
        library, workers = self._session.library, self._session.workers
        self.tags = SidebarTags(window, self.show)
        self.dates = Feed(
            workers,
            "io",
            lambda: (library.timeline(), library.undated()),
            rest_ms=_REST_MS,
            parent=self,
        )
        self.spots = Feed(
            workers, "io", lambda: library.spots(), rest_ms=_REST_SPOTS_MS, parent=self
        )
        self.dates.answered.connect(self._show_dates)
        self.spots.answered.connect(self._show_spots)
        self._session.bridge.catalog_changed.connect(self._follow)
        self._session.lister.question_changed.connect(self._mark)
        self.years = YearMarks(window.grid.view, window.grid.model)
        self._session.lister.question_changed.connect(self.years.follow)
        sidebar = self._sidebar
        sidebar.query_chosen.connect(self.show)
        sidebar.entered.connect(self._enter)
        sidebar.making.connect(self._make)
        sidebar.renaming.connect(self._name)
        sidebar.removing.connect(self._drop)
        sidebar.shifting.connect(self._shift)
        sidebar.menus[b"spot"] = self._spot_menu
        sidebar.menus[b"albums"] = sidebar.menus[b"no albums"] = lambda _number: self._album_menu()
        self.dates.refresh()
        self.spots.refresh()

    # -- what there is -------------------------------------------------------------------------

    def _follow(self, change: CatalogChange) -> None:
        if change.aspects & _PHOTOS:
            self.dates.refresh()
            self.spots.refresh()

    def _show_dates(self, answer: tuple[Sequence[Month], int]) -> None:
        self._sidebar.show_rows(Place.TIMELINE, timeline_rows(*answer))
        self.years.show_months(answer[0])
        self._mark(self._session.lister.question)

    def _show_spots(self, spots: Sequence[Spot]) -> None:
        self._spots = tuple(spots)
        self._sidebar.show_rows(Place.SPOTS, spot_rows(spots))
        self._mark(self._session.lister.question)

    def _mark(self, question: Question) -> None:
        """The row that the question is about is the one that is chosen."""
        if self._window.stack.currentWidget() is self._window.grid:
            self._sidebar.choose_query(question.query, question.scope)

    # -- acting --------------------------------------------------------------------------------

    def show(self, query: str) -> None:
        """Show what a query finds among all photos, and nothing that was asked for before."""
        window, lister = self._window, self._session.lister
        window.show_page(window.grid)
        window.search_bar.reset()
        lister.question = Question(Scope(order=lister.question.scope.order))
        window.search_bar.search_for(query, keep=False)

    def _enter(self) -> None:
        page = self._window.stack.currentWidget()
        if page is not None:
            page.setFocus()

    def _make(self, place: Place) -> None:
        """Something new below a row, or in a section."""
        if (tag := self.tags.tag(place)) is not None or place == Place.TAGS:
            self.tags.ask_for_new(tag)
        elif place == Place.ALBUMS or place.number(b"album") is not None:
            self._window.albums.ask_to_create()

    def _name(self, place: Place) -> None:
        if (tag := self.tags.tag(place)) is not None:
            self.tags.ask_to_rename(tag)
        elif (number := place.number(b"album")) is not None:
            self._window.albums.ask_to_rename_number(AlbumId(number))
        elif (number := place.number(b"saved")) is not None:
            self._window.search.saved.ask_to_rename(AlbumId(number))

    def _drop(self, place: Place) -> None:
        if (tag := self.tags.tag(place)) is not None:
            self.tags.forget(tag)
        elif (number := place.number(b"album")) is not None:
            self._window.albums.remove_number(AlbumId(number))

    def _shift(self, place: Place, steps: int) -> None:
        saved = self._window.search.saved
        if (number := place.number(b"album")) is not None:
            self._window.albums.shift(AlbumId(number), steps)
        elif (number := place.number(b"saved")) is not None:
            album = next((one for one in saved.seen.albums if one.id == number), None)
            if album is not None:
                saved.move(album, steps)

    def _album_menu(self) -> QMenu:
        menu = QMenu(self._window)
        new = menu.addAction(icons.icon("add"), self.tr("New album…"))
        new.triggered.connect(lambda: self._window.albums.ask_to_create())
        return menu

    def _spot_menu(self, number: int) -> QMenu | None:
        for spot in self._spots:
            place = Place.of_spot(spot.latitude, spot.longitude)
            node = self._sidebar.model.node(place)
            if place.number(b"spot") == number and node is not None:
                return spot_menu(spot, self._window, partial(self.show, node.query))
        return None
