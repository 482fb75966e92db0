"""Puts searching into the window: the bar asks, the lister answers, the bar tells."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, QObject
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFileDialog

from engine.errors import EngineError, QueryError
from engine.query import PictureTerm, Values
from engine.types import Box, Order, PhotoId
from gui.engine_words import said
from gui.feed import Feed
from gui.grid.model import Listing
from gui.grid.view import dragged_photos
from gui.searching.pictures import SearchPictures
from gui.searching.saved import SavedSearches
from gui.searching.strictness import StrictnessPopup
from gui.searching.veil import PartVeil
from gui.searching.why import WhyPopup

if TYPE_CHECKING:
    from gui.main_window import MainWindow


class SearchDesk(QObject):
    """Everything about searching in one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._bar = window.search_bar
        self._lister = window.session.lister
        self.labels: Callable[[], Sequence[str]] = tuple  # of detections, as known so far
        self._known = Values()
        self.saved = SavedSearches(window)
        library, workers = window.session.library, window.session.workers
        self._values = Feed(workers, "page", library.query_values, rest_ms=3000, parent=self)
        self._values.answered.connect(self._take_values)
        window.session.bridge.catalog_changed.connect(self._values.refresh)
        self._values.refresh()
        self.pictures = SearchPictures(window.session, self)
        self.completion = self._bar.completion
        self.completion.values = self.values
        self._lister.listed.connect(self._show_listing)
        self._lister.failed.connect(self._show_error)
        self._lister.busy_changed.connect(self._show_busy)
        self._bar.search_wanted.connect(self.ask)
        self._bar.mime_offered.connect(self._take)
        self.veil = PartVeil(window.viewer.canvas)
        self.veil.drawn.connect(self._take_part)
        self.veil.left.connect(window.viewer.setFocus)
        window.viewer.photo_changed.connect(self.veil.hide)
        window.viewer.part_wanted.connect(self.draw_part)
        window.grid.use_wanted.connect(self.use_selection)
        window.grid.why_wanted.connect(self.tell_why)
        self._bar.strictness_wanted.connect(self.show_strictness)
        self._bar.picture_wanted.connect(self.choose_picture)
        self.pictures.loaded.connect(self._bar.show_picture)
        self.pictures.kept.connect(self._add_pasted)
        self.pictures.failed.connect(partial(self._bar.show_message, error=True))

    # -- asking --------------------------------------------------------------------------------

    def ask(self, text: str) -> None:
        """Search for what is in the bar; nothing: browse again."""
        self._show_grid(stay=True)
        self._bar.show_message("")
        self._look_up()
        self._lister.show_query(text, self._bar.pictures)

    def find_similar(self, photo_id: PhotoId) -> None:
        """Photos like this one, whatever was asked for before."""
        self.find_like(PictureTerm(photo_id), self._session.thumbnails.peek(photo_id))

    def find_like(self, term: PictureTerm, picture: QPixmap | None = None, name: str = "") -> None:
        """Photos like a picture or a part of it, whatever was asked for before."""
        self._show_grid()
        self._bar.show_message("")
        self._bar.show_similar(term, picture, name or self._name(term))
        self._look_up()
        self._lister.show_query("", self._bar.pictures)

    def use_in_query(self, ids: Sequence[PhotoId]) -> None:
        """Photos beside what is asked for already."""
        self._show_grid()
        for photo_id in ids[:8]:
            term = PictureTerm(photo_id)
            self._bar.add_picture(term, self._session.thumbnails.peek(photo_id), self._name(term))

    def use_selection(self) -> None:
        """What is selected, or the photo in front, beside what is asked for already."""
        window = self._window
        if window.stack.currentWidget() is window.viewer:
            self.use_in_query([window.viewer.photo_id] if window.viewer.photo_id else [])
        else:
            self.use_in_query(window.grid.view.selected_ids())

    def draw_part(self) -> None:
        """Have a rectangle drawn on the photo in the viewer, once its size is known."""
        viewer = self._window.viewer
        photo = viewer.photo(viewer.photo_id) if viewer.photo_id is not None else None
        if photo is not None and photo.width:
            self.veil.begin()

    def _take_part(self, box: Box) -> None:
        """A part of the photo in the viewer, beside what is asked for already."""
        photo_id = self._window.viewer.photo_id
        if photo_id is not None:
            term = PictureTerm(photo_id, box)
            self._show_grid()
            self._bar.add_picture(term, self.veil.picture(box), self._name(term))

    def leave(self) -> None:
        """Browse again, the cursor in the grid."""
        if self._lister.question.searches:
            self._bar.clear()
            self._window.grid.view.setFocus()

    def _show_grid(self, *, stay: bool = False) -> None:
        """Bring the grid to the front; with `stay` the cursor stays in the bar."""
        window = self._window
        if window.stack.currentWidget() is not window.grid or not stay:
            window.sidebar.choose(self._lister.question.scope)
            window.show_page(window.grid)
            if stay:
                self._bar.setFocus()

    def _name(self, term: PictureTerm) -> str:
        if isinstance(term.photo, Path):
            return term.photo.name
        photo = self._window.grid.model.photo(term.photo)
        return photo.name if photo else self.tr("Photo")

    # -- pictures ------------------------------------------------------------------------------

    def _take(self, mime: QMimeData) -> None:
        """Photos, files or a picture that were dropped or pasted."""
        if ids := dragged_photos(mime):
            self.use_in_query(ids)
            return
        files = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
        for path in files[:8]:
            self._add_file(path)
        if not files and mime.hasImage():
            self.pictures.keep(mime.imageData())

    def _add_file(self, path: Path) -> None:
        self._bar.add_picture(PictureTerm(path), None, path.name)

    def _add_pasted(self, path: Path) -> None:
        self._bar.add_picture(PictureTerm(path), None, self.tr("Pasted picture"))

    def choose_picture(self) -> None:
        """Have pictures chosen from the disk."""
        dialog = QFileDialog(self._window, self.tr("Search with a picture"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.filesSelected.connect(self._add_files)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _add_files(self, names: Sequence[str]) -> None:
        for name in names[:8]:
            self._add_file(Path(name))

    def _look_up(self) -> None:
        """Chips that came without their picture get it."""
        for chip in self._bar.chips:
            if chip.picture is None:
                self.pictures.want(chip.term)

    # -- answers -------------------------------------------------------------------------------

    def _show_listing(self, listing: Listing) -> None:
        if self._bar.message and listing.fresh:
            self._bar.show_message("")
        if self._lister.question.searches:
            self._bar.show_message(self.told(listing))
        self._bar.offer_strictness(any(hit.score for hit in listing.hits.values()))
        if self.ranked:
            self._window.menus.show_order(self._lister.question.order, ranked=True)
        if listing.fresh and listing.ids and self._bar.lets_go():
            grid = self._window.grid.view
            grid.setFocus()
            grid.go_to(listing.ids[0])

    def take_order(self, order: Order | str | None) -> bool:
        """Put ranked hits in an order, any other word: by relevance. Returns: whether they are."""
        if not self.ranked:
            return False
        self._lister.arrange(order if isinstance(order, Order) else None)
        return True

    def told(self, listing: Listing) -> str:
        """How many hits there are, and what the library has to say about them."""
        if not listing.ids or (listing.weaker_from == 0 and listing.note):
            return said(listing.note)  # such as that nothing clearly matches
        if listing.weaker_from is None:
            told = self.tr("%n match(es)", "", len(listing.ids))
        else:
            weaker = len(listing.ids) - listing.weaker_from
            told = self.tr("%n match(es)", "", listing.weaker_from)
            told += " \N{MIDDLE DOT} " + self.tr("%n weaker", "", weaker)
        return f"{told} \N{MIDDLE DOT} {said(listing.note)}" if listing.note else told

    def tell_why(self) -> WhyPopup | None:
        """Why the selected photo, or the one in front, was found."""
        window, question = self._window, self._lister.question
        viewing = window.stack.currentWidget() is window.viewer
        photo_id = window.viewer.photo_id if viewing else window.grid.view.current_id()
        if photo_id is None or not self.ranked:
            return None
        name = self._name(PictureTerm(photo_id))
        popup = WhyPopup(self._session, question.query, photo_id, name, window)
        popup.show_over(window.stack)
        return popup

    @property
    def ranked(self) -> bool:
        """Whether words or pictures ranked what the grid shows."""
        return self._lister.question.searches and self._bar.strict_button.isVisibleTo(self._bar)

    def show_strictness(self) -> StrictnessPopup:
        """Let the user move where matches end."""
        popup = StrictnessPopup(self._session.library.settings.strictness, self._window)
        popup.moved.connect(self._be_strict)
        popup.show_under(self._bar.strict_button)
        return popup

    def _be_strict(self, strictness: float) -> None:
        library = self._session.library

        def keep() -> None:
            library.change_settings(replace(library.settings, strictness=strictness))

        task = self._session.workers.start("io", "", keep)
        task.succeeded.connect(self._lister.ask_again)
        task.failed.connect(self._show_error)

    def _show_busy(self, busy: bool) -> None:
        if busy and self._lister.question.searches:
            self._bar.show_message(self.tr("Searching…"))

    def _show_error(self, error: Exception) -> None:
        if isinstance(error, QueryError):
            self._bar.show_error(error)
        elif isinstance(error, EngineError):
            self._bar.offer_strictness(False)  # what is still shown is no answer to this
            self._bar.show_message(str(error), error=True)

    # -- completion ----------------------------------------------------------------------------

    def values(self, text: str) -> Values:
        """What there is to choose from, as far as it is known."""
        known, seen = self._known, self._session.tags.seen
        labels = list(known.labels)
        if any(name in text for name in ("detected:", "count:", "box:")):
            labels += [label for label in self.labels() if label not in labels]
        return replace(
            known,
            tags=known.tags or seen.tags,
            labels=labels,
            saved=[(album.name, album.query) for album in self.saved.seen.albums],
        )

    def _take_values(self, values: Values) -> None:
        self._known = values
