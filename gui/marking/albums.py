"""Albums that are filled by hand: in the sidebar, in the menus, by drag."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from engine.mark_types import Album, AlbumId, MarkUndo
from engine.query import filter_text
from engine.types import Aspect, CatalogChange, Filter, Order, PhotoId
from gui import icons
from gui.feed import Feed
from gui.grid.arranging import Arranger
from gui.labels import plain_text
from gui.lister import Question
from gui.marking.steps import way_back
from gui.places import Place
from gui.searching.saved import NamePopup
from gui.workers import Task

if TYPE_CHECKING:
    from gui.main_window import MainWindow

_SHOWN_BY = Aspect.ALBUM | Aspect.EXISTENCE | Aspect.ROOT | Aspect.FILE  # what changes a count


class AlbumDesk(QObject):
    """Makes albums, fills, renames and forgets them; all of it can be undone."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._library = window.session.library
        self.seen: tuple[Album, ...] = ()
        self._names: tuple[str, ...] = ()  # of all albums, smart ones too
        self.arranger = Arranger(window.grid.view, window.grid.model)
        self.arranger.arranged.connect(self.move_photos)
        self._session.lister.arranged = self._arranged
        self.feed = Feed(self._session.workers, "page", self._library.albums.all, parent=self)
        self.feed.answered.connect(self._show)
        self._session.bridge.catalog_changed.connect(self._follow)
        self._session.lister.question_changed.connect(self._mark)
        sidebar = window.sidebar
        sidebar.album_chosen.connect(self.open)
        sidebar.album_fed.connect(self.add)
        sidebar.album_moved.connect(self.place_before)
        sidebar.menus[b"album"] = lambda number: self.menu(AlbumId(number))
        window.menus.album.aboutToShow.connect(self._fill_menu)
        window.grid.offer_albums = self.offer
        self.feed.refresh()

    # -- what there is -------------------------------------------------------------------------

    def _follow(self, change: CatalogChange) -> None:
        if change.aspects & Aspect.ALBUM:
            self.feed.refresh_now()
        elif change.aspects & _SHOWN_BY and self.seen:
            self.feed.refresh()

    def _show(self, albums: Sequence[Album]) -> None:
        before = self._asked(self._session.lister.question)
        self.seen = tuple(album for album in albums if not album.is_smart)
        self._names = tuple(album.name for album in albums)
        self._window.sidebar.set_albums(self.seen)
        if before is not None:
            self._stay_with(before)
        self._mark(self._session.lister.question)

    def _stay_with(self, shown: Album) -> None:
        """The album that is shown may have another name now, also by undo, or be gone."""
        now = self._album(shown.id)
        if self._window.stack.currentWidget() is not self._window.grid:
            return
        if now is None:
            self._window.show_everything()
        elif now.name != shown.name:
            self._window.search_bar.search_for(_query(now))

    def _mark(self, question: Question) -> None:
        """The album that is shown is the one that is chosen in the sidebar, in its own order."""
        sidebar, window = self._window.sidebar, self._window
        alone = self._asked(question)
        order = alone.order if alone is not None else question.scope.order
        window.menus.show_order(order, album=alone is not None)
        self.arranger.set_active(alone is not None)
        if window.stack.currentWidget() is not window.grid:
            return
        album = self._asked(question)
        if album is not None:
            sidebar.choose_place(Place.of_album(album.id))
        elif sidebar.chosen.number(b"album") is not None:
            sidebar.choose(question.scope)

    def _asked(self, question: Question) -> Album | None:
        """The album that a question is about, and about nothing else."""
        if question.scope.root_id is not None:
            return None
        return next((album for album in self.seen if _query(album) == question.query), None)

    def _album(self, album_id: AlbumId) -> Album | None:
        return next((album for album in self.seen if album.id == album_id), None)

    # -- acting --------------------------------------------------------------------------------

    def open(self, album_id: AlbumId) -> None:
        """Show the photos of an album."""
        album = self._album(album_id)
        if album is not None:
            self._window.show_everything()
            self._window.search_bar.search_for(_query(album))

    def ask_to_create(self) -> NamePopup:
        """Ask for the name of an album with what is selected."""
        ids = self._window.marks.ids
        title = self.tr("Name of the new album")
        popup = NamePopup(title, "", self._names, self._window)
        popup.named.connect(partial(self.create, ids=ids))
        popup.show_over(self._window.stack)
        return popup

    def create(self, name: str, ids: Sequence[PhotoId]) -> None:
        """Make an album of photos."""
        albums = self._library.albums
        words = self.tr("Album “%1” made").replace("%1", plain_text(name))
        self._do(words, lambda: albums.create(name, ids)[1])

    def add(self, album_id: AlbumId, ids: Sequence[PhotoId]) -> None:
        """Put photos at the end of an album."""
        album = self._album(album_id)
        if album is not None and ids:
            words = self.tr("%Ln photo(s) added to “%1”", "", len(ids))
            words = words.replace("%1", plain_text(album.name))
            self._do(words, lambda: self._library.albums.add(album_id, ids))

    def _arranged(self, question: Question) -> Callable[[], Sequence[PhotoId]] | None:
        """How the photos of the album that is asked for are read in its order."""
        album = self._asked(question)
        return None if album is None else partial(self._library.albums.photos, album.id)

    def take_order(self, order: Order | None) -> bool:
        """Order the photos of the album that is shown; False where none is."""
        album = self._asked(self._session.lister.question)
        if album is None or self._window.stack.currentWidget() is not self._window.grid:
            return False
        words = self.tr("Order of “%1” changed").replace("%1", plain_text(album.name))
        self._do(words, lambda: self._library.albums.set_order(album.id, order)).succeeded.connect(
            self._session.lister.ask_again
        )
        return True

    def move_photos(self, ids: Sequence[PhotoId], before: PhotoId | None) -> None:
        """Put photos of the album that is shown before another one, or last."""
        album = self._asked(self._session.lister.question)
        if album is not None:
            words = self.tr("%Ln photo(s) moved in “%1”", "", len(ids))
            words = words.replace("%1", plain_text(album.name))
            task = self._do(words, lambda: self._library.albums.move(album.id, ids, before))
            task.succeeded.connect(self._session.lister.ask_again)

    def take(self, album: Album, ids: Sequence[PhotoId]) -> None:
        """Take photos out of an album; nothing happens to them."""
        words = self.tr("%Ln photo(s) taken out of “%1”", "", len(ids))
        words = words.replace("%1", plain_text(album.name))
        self._do(words, lambda: self._library.albums.take(album.id, ids))

    def ask_to_rename(self, album: Album) -> NamePopup:
        """Ask for another name."""
        others = [name for name in self._names if name != album.name]
        popup = NamePopup(self.tr("Rename the album"), album.name, others, self._window)
        popup.named.connect(partial(self.rename, album))
        popup.show_over(self._window.stack)
        return popup

    def rename(self, album: Album, name: str) -> None:
        """Give an album another name."""
        words = self.tr("Album “%1” renamed").replace("%1", plain_text(album.name))
        self._do(words, partial(self._library.albums.rename, album.id, name))

    def remove(self, album: Album) -> None:
        """Forget an album; its photos stay."""
        words = self.tr("Album “%1” deleted").replace("%1", plain_text(album.name))
        self._do(words, lambda: self._library.albums.remove(album.id))

    # -- menus ---------------------------------------------------------------------------------

    def ask_to_rename_number(self, album_id: AlbumId) -> NamePopup | None:
        """The same, of a row of the sidebar."""
        album = self._album(album_id)
        return None if album is None else self.ask_to_rename(album)

    def remove_number(self, album_id: AlbumId) -> None:
        """Forget the album of a row of the sidebar."""
        album = self._album(album_id)
        if album is not None:
            self.remove(album)

    def shift(self, album_id: AlbumId, steps: int) -> None:
        """Further up or down in the list."""
        ids = [album.id for album in self.seen]
        at = ids.index(album_id) if album_id in ids else -1
        if at >= 0 and 0 <= at + steps < len(ids):
            ids.insert(at + steps, ids.pop(at))
            self._arrange(album_id, ids)

    def place_before(self, album_id: AlbumId, before: AlbumId | None) -> None:
        """In front of another album in the list, or last."""
        ids = [album.id for album in self.seen if album.id != album_id]
        at = len(ids) if before is None or before not in ids else ids.index(before)
        ids.insert(at, album_id)
        if ids != [album.id for album in self.seen]:
            self._arrange(album_id, ids)

    def _arrange(self, album_id: AlbumId, ids: Sequence[AlbumId]) -> None:
        album = self._album(album_id)
        if album is not None:
            words = self.tr("Album “%1” moved").replace("%1", plain_text(album.name))
            self._do(words, lambda: self._library.albums.arrange(ids))

    def menu(self, album_id: AlbumId) -> QMenu | None:
        """What can be done with an album."""
        album = self._album(album_id)
        if album is None:
            return None
        menu = QMenu(self._window)
        rename = menu.addAction(icons.icon("edit"), self.tr("Rename…"))
        rename.triggered.connect(lambda: self.ask_to_rename(album))
        remove = menu.addAction(icons.icon("remove"), self.tr("Delete the album (its photos stay)"))
        remove.triggered.connect(lambda: self.remove(album))
        return menu

    def offer(self, menu: QMenu) -> None:
        """Offer the albums for the selection in a context menu."""
        self._fill(menu.addMenu(icons.icon("album"), self.tr("Add to an album")))
        album = self._asked(self._session.lister.question)
        if album is not None:
            ids = self._window.marks.ids
            out = menu.addAction(icons.icon("remove"), self.tr("Take out of this album"))
            out.triggered.connect(lambda: self.take(album, ids))

    def _fill_menu(self) -> None:
        menu = self._window.menus.album
        menu.clear()
        self._fill(menu)

    def _fill(self, menu: QMenu) -> None:
        ids = self._window.marks.ids
        new = menu.addAction(icons.icon("add"), self.tr("New album…"))
        new.triggered.connect(lambda: self.ask_to_create())
        menu.addSeparator()
        for album in self.seen:
            name = plain_text(album.name).replace("&", "&&")
            action = menu.addAction(icons.icon("album"), name)
            action.setEnabled(bool(ids))
            action.triggered.connect(partial(self._add, album.id, ids))

    def _add(self, album_id: AlbumId, ids: Sequence[PhotoId], _on: bool = False) -> None:
        self.add(album_id, ids)

    def _do(self, words: str, act: Callable[[], MarkUndo]) -> Task:
        library = self._library
        return self._session.history.do(words, lambda: way_back(library, act()))


def _query(album: Album) -> str:
    """What shows an album in the search bar."""
    return filter_text(Filter("album", "=", album.name))
