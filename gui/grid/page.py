"""The page with the grid: the view, or one sentence when there is nothing to show."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt, Signal, SignalInstance
from PySide6.QtWidgets import QMenu, QStackedWidget, QWidget

from engine.types import Photo, PhotoId
from gui.empty_state import EmptyState
from gui.grid.model import GridModel, Listing, PhotoRole
from gui.grid.pages import PageSource
from gui.grid.view import GridView
from gui.lister import Question
from gui.session import Session


class GridPage(QStackedWidget):
    """The grid with its context menu and its empty states.

    Signals: opened(PhotoId) · selection_changed(list[PhotoId]) · find_similar_wanted(PhotoId) ·
    details_wanted() · add_folder_wanted() · everything_wanted(), show all photos ·
    search_dropped(), leave the search · tags_wanted(), tag the selection ·
    example_wanted(CategoryId, list[PhotoId]) · things_wanted(), look for things on the selection ·
    use_wanted(), search with the selection ·
    why_wanted(), why the current photo was found.
    """

    opened = Signal(object)
    selection_changed = Signal(object)
    find_similar_wanted = Signal(object)
    details_wanted = Signal()
    add_folder_wanted = Signal()
    everything_wanted = Signal()
    search_dropped = Signal()
    tags_wanted = Signal()
    example_wanted = Signal(object, object)
    things_wanted = Signal()
    use_wanted = Signal()
    why_wanted = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._act: Callable[[], None] = lambda: None
        self.build_menu: Callable[[], QMenu] = lambda: QMenu(self)
        self.offer_marks: Callable[[QMenu], object] = lambda _: None  # in the context menu
        self.offer_albums: Callable[[QMenu], object] = lambda _: None
        self.model = GridModel(self)
        self.pages = PageSource(self.model, session.workers, session.library.photos)
        self.view = GridView(self.model, session.thumbnails)
        self.empty = EmptyState()
        self.addWidget(self.view)
        self.addWidget(self.empty)
        session.lister.listed.connect(self._show)
        session.lister.failed.connect(self._excuse)
        session.photos_changed.connect(self._forget)
        session.keeper.settled.connect(self._explain)
        self.view.opened.connect(self.opened)
        self.view.selection_changed.connect(self.selection_changed)
        self.view.menu_wanted.connect(self.offer)
        self.empty.acted.connect(lambda: self._act())

    def setFocus(self, reason: Qt.FocusReason = Qt.FocusReason.OtherFocusReason) -> None:
        """Give the photos the keys. No focus proxy: Tab would come back to it for ever."""
        self.view.setFocus(reason)

    # -- for the viewer: the order shown here --------------------------------------------------

    def neighbour(self, photo_id: PhotoId, steps: int) -> PhotoId | None:
        row = self.model.row_of(photo_id)
        if row is None or not 0 <= row + steps < self.model.rowCount():
            return None
        return self.model.id_at(row + steps)

    def place(self, photo_id: PhotoId) -> tuple[int, int]:
        """(row, number of rows)."""
        return self.model.row_of(photo_id) or 0, self.model.rowCount()

    def photo(self, photo_id: PhotoId) -> Photo | None:
        """What is known of a photo; its row is fetched where nothing is."""
        row = self.model.row_of(photo_id)
        return None if row is None else self.model.data(self.model.index(row), PhotoRole)

    # -- inside --------------------------------------------------------------------------------

    def _show(self, listing: Listing) -> None:
        self.model.show(listing)
        if listing.ids:
            self.setCurrentWidget(self.view)
        else:
            self._explain()
            self.setCurrentWidget(self.empty)

    def _excuse(self) -> None:
        """The question failed; the search bar says why. Photos shown before stay."""
        if self.currentWidget() is self.empty:
            self._say(
                self.tr("There is no answer to this search."),
                self.tr("Clear the search"),
                self.search_dropped,
                "search",
            )

    def _forget(self, photos: frozenset[PhotoId]) -> None:
        self.model.forget(photos or self.model.ids)

    def _explain(self) -> None:
        """Why there is nothing to see, and the way out."""
        question: Question = self._session.lister.question
        if question.pictures and not question.text:
            self._say(self.tr("No similar photo was found."), self.tr("Back"), self.search_dropped)
        elif question.text:
            sentence = self.tr("No photo matches “{}”.").format(_short(question.text))
            self._say(sentence, self.tr("Clear the search"), self.search_dropped, "search")
        elif question.scope.root_id is not None:
            self._say(
                self.tr("There are no photos in this folder."),
                self.tr("Show all photos"),
                self.everything_wanted,
                "folder",
            )
        elif self._session.keeper.at_work:
            self.empty.say(self.tr("Looking for photos in your folders."))
        else:
            self._say(
                self.tr("There are no photos in your folders yet."),
                self.tr("Add a folder"),
                self.add_folder_wanted,
            )

    def _say(
        self, sentence: str, action: str, signal: SignalInstance, icon: str = "photos"
    ) -> None:
        self._act = signal.emit
        self.empty.say(sentence, action, icon)

    def offer(self, at: QPoint) -> None:
        """Show the context menu for the selection."""
        menu = self.menu()
        menu.exec(at)
        menu.deleteLater()

    def menu(self) -> QMenu:
        """The context menu for the selection."""
        return self.build_menu()


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "\N{HORIZONTAL ELLIPSIS}"
