"""Saved searches: smart albums by name, counted in the background, kept in the sidebar."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLineEdit, QMenu, QVBoxLayout, QWidget

from engine.errors import EngineError
from engine.mark_types import Album, AlbumId, MarkUndo
from engine.query import all_of, parse
from engine.types import Aspect, CatalogChange, Filter, Scope
from gui import icons, theme
from gui.feed import Feed
from gui.labels import plain_text, text_label
from gui.lister import Question
from gui.places import Place

if TYPE_CHECKING:
    from engine import Library
    from gui.main_window import MainWindow

_WIDTH = 360
_REST_MS = 4000  # counting asks every one of them
_LANE = "saved"
_LONGEST = 60  # letters of a name that is proposed


@dataclass(frozen=True, slots=True)
class Saved:
    """The saved searches in their order, and how many photos each finds where that is known."""

    albums: tuple[Album, ...] = ()
    found: tuple[tuple[AlbumId, int], ...] = ()


class NamePopup(QFrame):
    """A small field over the photos for a name. Closes by itself after Enter, Esc or a click.

    Signals: named(str).
    """

    named = Signal(str)

    def __init__(self, title: str, name: str, taken: Sequence[str], parent: QWidget) -> None:
        """Args: taken: names that others have."""
        super().__init__(parent, Qt.WindowType.Popup)
        self._taken = {entry.casefold() for entry in taken}
        theme.mark(self, role="popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.field = QLineEdit(plain_text(name))
        self.field.setMaxLength(200)
        self.field.setAccessibleName(self.tr("Name"))
        self.field.selectAll()
        self.note = text_label(role="danger", wrap=True)
        self.note.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(8)
        column.addWidget(text_label(title))
        column.addWidget(self.field)
        column.addWidget(self.note)
        self.setFixedWidth(_WIDTH)
        self.field.returnPressed.connect(self._take)

    def show_over(self, page: QWidget) -> None:
        """In the upper middle of a page, the cursor in the field."""
        self.adjustSize()
        middle = QPoint((page.width() - self.width()) // 2, page.height() // 4)
        self.move(page.mapToGlobal(middle))
        self.show()
        self.field.setFocus()

    def _take(self) -> None:
        name = " ".join(self.field.text().split())
        if name.casefold() in self._taken:
            self.note.setText(self.tr("There is an album of this name already."))
            self.note.show()
            self.adjustSize()
        elif name:
            self.named.emit(name)
            self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)


class SavedSearches(QObject):
    """Saves, shows, renames, orders and forgets them; all of it can be undone."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._library = window.session.library
        self.seen = Saved()
        self._names: tuple[str, ...] = ()  # of all albums
        self.feed = Feed(
            self._session.workers,
            _LANE,
            partial(_ask, self._library),
            rest_ms=_REST_MS,
            parent=self,
        )
        self.feed.answered.connect(self._show)
        self._session.bridge.catalog_changed.connect(self._follow)
        self._session.lister.question_changed.connect(self._mark)
        window.sidebar.saved_chosen.connect(self.open)
        window.sidebar.menus[b"saved"] = lambda number: self.menu(AlbumId(number))
        self.feed.refresh()

    # -- what there is -------------------------------------------------------------------------

    def _follow(self, change: CatalogChange) -> None:
        if change.aspects & Aspect.ALBUM:
            self.feed.refresh_now()
        elif self.seen.albums and change.aspects & ~Aspect.DUPLICATE:
            self.feed.refresh()

    def _show(self, answer: tuple[Saved, tuple[str, ...]]) -> None:
        self.seen, self._names = answer
        self._window.sidebar.set_saved(self.seen.albums, dict(self.seen.found))
        self._mark(self._session.lister.question)

    def _mark(self, question: Question) -> None:
        """The saved search that is asked for is the one that is chosen in the sidebar."""
        sidebar, window = self._window.sidebar, self._window
        if window.stack.currentWidget() is not window.grid:
            return
        for album in self.seen.albums:
            if album.query == question.query and question.scope.root_id is None:
                sidebar.choose_place(Place.of_saved(album.id))
                return
        if sidebar.chosen.number(b"saved") is not None:
            sidebar.choose(question.scope)

    def _album(self, album_id: AlbumId) -> Album | None:
        return next((album for album in self.seen.albums if album.id == album_id), None)

    # -- acting --------------------------------------------------------------------------------

    def open(self, album_id: AlbumId) -> None:
        """Ask for it, among all photos."""
        album = self._album(album_id)
        if album is not None:
            self._window.show_everything()
            self._window.search_bar.search_for(album.query)

    def ask_to_save(self) -> NamePopup | None:
        """Ask for the name of what is searched for now."""
        question = self._session.lister.question
        if not question.searches:
            words = self.tr("Search for something first; then it can be saved.")
            self._window.status.show_notice(words)
            return None
        name = question.text.replace('"', "")[:_LONGEST] or self.tr("Similar photos")
        popup = NamePopup(self.tr("Save this search as"), name, self._names, self._window)
        popup.named.connect(partial(self.save, query=question.query, scope=question.scope))
        popup.show_over(self._window.stack)
        return popup

    def save(self, name: str, query: str, scope: Scope | None = None) -> None:
        """Keep a query under a name. Args: scope: the folder that it was asked in."""
        library = self._library
        words = self.tr("Search saved as “%1”").replace("%1", plain_text(name))
        self._do(words, lambda: library.albums.save_query(name, _whole(library, query, scope))[1])

    def ask_to_rename(self, album_id: AlbumId) -> NamePopup | None:
        """Ask for another name."""
        album = self._album(album_id)
        if album is None:
            return None
        others = [name for name in self._names if name != album.name]
        popup = NamePopup(self.tr("Rename the saved search"), album.name, others, self._window)
        popup.named.connect(partial(self._rename, album))
        popup.show_over(self._window.stack)
        return popup

    def _rename(self, album: Album, name: str) -> None:
        words = self.tr("“%1” renamed").replace("%1", plain_text(album.name))
        self._do(words, partial(self._library.albums.rename, album.id, name))

    def remove(self, album: Album) -> None:
        """Forget a saved search; no photo is touched."""
        words = self.tr("“%1” removed").replace("%1", plain_text(album.name))
        self._do(words, lambda: self._library.albums.remove(album.id))

    def change(self, album: Album) -> None:
        """Have it find what is searched for now."""
        question, library = self._session.lister.question, self._library
        words = self.tr("“%1” finds something else now").replace("%1", plain_text(album.name))

        def change() -> MarkUndo:
            query = _whole(library, question.query, question.scope)
            return library.albums.change_query(album.id, query)

        self._do(words, change)

    def move(self, album: Album, steps: int) -> None:
        """Further up or down in the list."""
        ids = [entry.id for entry in self.seen.albums]
        if album.id not in ids:
            return  # removed while its menu was open
        at = ids.index(album.id)
        ids.insert(max(0, at + steps), ids.pop(at))
        words = self.tr("“%1” moved").replace("%1", plain_text(album.name))
        self._do(words, lambda: self._library.albums.arrange(ids))

    def menu(self, album_id: AlbumId) -> QMenu | None:
        """What can be done with one of them."""
        album = self._album(album_id)
        if album is None:
            return None
        at, last = self.seen.albums.index(album), len(self.seen.albums) - 1
        question = self._session.lister.question
        differs = question.searches and question.query != album.query
        menu = QMenu(self._window)
        for icon, words, act, enabled in (
            ("edit", self.tr("Rename…"), lambda: self.ask_to_rename(album_id), True),
            ("refresh", self.tr("Use the present search"), lambda: self.change(album), differs),
            ("chevron-up", self.tr("Move up"), lambda: self.move(album, -1), at > 0),
            ("chevron-down", self.tr("Move down"), lambda: self.move(album, 1), at < last),
            ("remove", self.tr("Remove (no photo is touched)"), lambda: self.remove(album), True),
        ):
            action = menu.addAction(icons.icon(icon), words)
            action.setEnabled(enabled)
            action.triggered.connect(partial(_do, act))
        return menu

    def _do(self, words: str, act: Callable[[], MarkUndo]) -> None:
        library = self._library
        self._session.history.do(words, lambda: _back(library, act()))


def _do(act: Callable[[], object], _on: bool = False) -> None:
    act()


def _back(library: Library, undo: MarkUndo) -> Callable[[], object] | None:
    """On a lane: what takes it back, and then what does it again."""
    return (lambda: _back(library, library.marking.undo(undo))) if undo else None


def _whole(library: Library, query: str, scope: Scope | None) -> str:
    """On a lane: a query with the folder that it was asked in; a saved one is about all photos."""
    root = next((root for root in library.roots() if scope and root.id == scope.root_id), None)
    if scope is None or root is None:
        return query
    place = root.path / os.fsdecode(scope.folder or b"")
    asked = parse(query)
    parts = () if asked.where is None else (asked.where,)
    return str(replace(asked, where=all_of((*parts, Filter("folder", "=", str(place))))))


def _ask(library: Library) -> tuple[Saved, tuple[str, ...]]:
    """On a lane: the saved searches, counted, and the names of all albums."""
    every = library.albums.all()
    smart = tuple(album for album in every if album.is_smart)
    found: list[tuple[AlbumId, int]] = []
    for album in smart:
        try:
            found.append((album.id, library.albums.count(album.id)))
        except EngineError:  # no model, or a tag that is gone: shown without a count
            continue
    return Saved(smart, tuple(found)), tuple(album.name for album in every)
