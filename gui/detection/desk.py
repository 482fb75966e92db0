"""Puts detection into the window and connects it with its other parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QSettings
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QMenu, QWidget

from engine.detection_types import DetectionRun, Label
from engine.errors import QueryError
from engine.query import PictureTerm, parse
from engine.types import PhotoId
from gui import acts, icons
from gui.detection.box_acts import BoxSpot
from gui.detection.cutting import cut_out
from gui.detection.export_menu import ExportMenu
from gui.detection.inspector_section import DetectionSection
from gui.detection.photo_page import PhotoPage
from gui.detection.results import Results
from gui.detection.run_work import RunWork
from gui.detection.scene import ThingKey
from gui.detection.set_page import SetPage, Where
from gui.detection.viewer_boxes import ViewerBoxes
from gui.detection.work import LANE, DetectWork
from gui.folder_tree import Place
from gui.grid.model import Listing, PhotoRole
from gui.labels import plain_text

if TYPE_CHECKING:
    from gui.main_window import MainWindow

_SHORTLIST = 200  # photos of a search that are verified unless the user wants more
_TOLD = "detection/unfinished"


class DetectDesk(QObject):
    """Everything about detection in one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._behind: QWidget | None = None
        self.work = DetectWork(window.session, self)
        self.runs = RunWork(window.session, self.work, self)
        self.boxes = ViewerBoxes(window.viewer, self.work)
        self.section = DetectionSection(window.session)
        window.inspector.add_section(self.section)
        self._connect_section()
        self.work.noticed.connect(window.status.show_notice)
        window.search.labels = self._known_labels
        window.viewer.things_wanted.connect(self.detect)
        window.grid.things_wanted.connect(self.detect)
        window.sidebar.detection_chosen.connect(self.show_set)
        window.search_bar.proof_wanted.connect(self.prove)
        self._session.lister.listed.connect(self._offer_proof)
        self._session.lister.question_changed.connect(lambda: self._offer_proof())
        detecting = window.session.library.detecting
        task = window.session.workers.start(LANE, "", detecting.runs)
        task.succeeded.connect(self.tell_unfinished)

    def _connect_section(self) -> None:
        section = self.section
        self.work.boxes_changed.connect(section.follow)
        section.pointed.connect(self.boxes.hover)
        section.chosen.connect(self._show_thing)
        section.similar_wanted.connect(self._find_similar)
        section.search_wanted.connect(self._search)

    @cached_property
    def photo(self) -> PhotoPage:
        """Made when it is first looked at: the first photos need not wait for it."""
        page = PhotoPage(self._session, self.work)
        self._window.stack.addWidget(page)
        page.closed.connect(self._close_photo)
        page.photo_changed.connect(self._follow_photo)
        self._window.grid.model.dataChanged.connect(page.refresh)
        self._window.grid.model.shown.connect(page.refresh)
        page.models_wanted.connect(lambda: self._window.dialogs.show_models())
        page.acts.similar_wanted.connect(self._find_similar)
        page.acts.object_wanted.connect(self._find_object)
        page.side.set_export_menu(ExportMenu(self.runs, page.photos_in_front, page))
        page.show_boxes(self._window.menus.boxes.isChecked())
        return page

    @cached_property
    def set(self) -> SetPage:
        """Made when it is first looked at."""
        window = self._window
        page = SetPage(self._session, self.work, self.runs)
        window.stack.addWidget(page)
        page.opened.connect(self._open_found)
        page.menu_wanted.connect(self._offer_found)
        page.models_wanted.connect(lambda: window.dialogs.show_models())
        page.model.dataChanged.connect(lambda: self.photo.refresh())
        page.view.set_cell_size(window.grid.view.cell_size)
        window.status.thumbnail_size_changed.connect(page.view.set_cell_size)
        page.view.cell_size_changed.connect(window.status.set_thumbnail_size)
        return page

    def covers(self, page: QWidget | None) -> bool:
        """Whether a page lies over another one, to which one goes back from it."""
        made = self.__dict__.get("photo")
        return page is not None and page in (self._window.viewer, made)

    # -- one photo -----------------------------------------------------------------------------

    def detect(self) -> None:
        """Look for things on the photo in front, or on those that are selected."""
        window = self._window
        front = window.stack.currentWidget()
        if front is window.viewer and window.viewer.photo_id is not None:
            self.open_photo(window.viewer.photo_id)
            return
        ids = window.grid.view.selected_ids() if front is window.grid else []
        if len(ids) == 1:
            self.open_photo(ids[0])
        elif self._session.lister.question.text and not ids and front is window.grid:
            self.prove()
        else:
            self.show_set()

    def open_photo(self, photo_id: PhotoId) -> None:
        """Show the page for one photo; it walks through what the grid shows."""
        grid = self._window.grid
        page = self.photo
        page.neighbour, page.place, page.photo = grid.neighbour, grid.place, grid.model.photo
        self._show_photo(photo_id)

    def _show_photo(self, photo_id: PhotoId) -> None:
        window, page = self._window, self.photo
        front = window.stack.currentWidget()
        if front is not page:
            self._behind = front
        window.show_page(page)
        page.open(photo_id)
        target = page.canvas if page.field.labels else page.field
        target.setFocus()

    def _show_thing(self, photo_id: PhotoId, key: ThingKey) -> None:
        """A box that the details tell of, on its photo in the viewer."""
        window = self._window
        if window.stack.currentWidget() is not window.viewer or window.viewer.photo_id != photo_id:
            window.open_viewer(photo_id)
        self.boxes.choose(key)

    def _search(self, text: str) -> None:
        self._window.show_everything()
        self._window.search_bar.search_for(text)

    def _close_photo(self) -> None:
        window, photo_id = self._window, self.photo.photo_id
        behind = self._behind or window.grid
        window.show_page(behind)
        if photo_id is None:
            return
        if behind is self.__dict__.get("set"):
            self.set.view.go_to(photo_id)
            return
        if behind is window.viewer:
            window.viewer.open(photo_id)
        window.grid.view.go_to(photo_id)

    def _follow_photo(self, photo_id: PhotoId) -> None:
        """What is chosen where one came from is what one sees; its facts are asked for."""
        grid = self.set if self._behind is self.__dict__.get("set") else self._window.grid
        grid.view.go_to(photo_id)
        row = grid.model.row_of(photo_id)
        if row is not None:
            grid.model.index(row).data(PhotoRole)

    def show_boxes(self, shown: bool) -> None:
        """Draw boxes over photos, or see them bare."""
        QSettings().setValue("window/boxes", shown)
        self.boxes.show_boxes(shown)
        if "photo" in self.__dict__:
            self.photo.show_boxes(shown)

    # -- many photos ---------------------------------------------------------------------------

    def show_set(self) -> None:
        """Show the page for many photos; where to look is what the grid shows or has selected."""
        self._show_page()
        if self.runs.running is None:
            self.set.offer(self._places())

    def prove(self) -> None:
        """Verify the photos of a search, the best first."""
        self._show_page()
        words = self._asked_words()
        self.set.offer(self._places(), [Label(words)] if words else None)

    def _offer_proof(self, listing: Listing | None = None) -> None:
        """There are photos of a search by words, and things in them to show."""
        found = listing is not None and bool(listing.ids)
        self._window.search_bar.offer_proof(found and bool(self._asked_words()))

    def show_runs(self) -> None:
        """Show what was looked for so far."""
        self._show_page()
        self.set.show_runs()

    def _show_page(self) -> None:
        self._window.sidebar.choose_place(Place.DETECTION)
        self._window.show_page(self.set)

    def _asked_words(self) -> str:
        """What a search is for, without its filters."""
        try:
            return parse(self._session.lister.question.text).words.strip()
        except QueryError:
            return ""

    def _places(self) -> list[Where]:
        """Where one may want to look, the likeliest first."""
        grid, question = self._window.grid, self._session.lister.question
        shown, chosen = list(grid.model.ids), grid.view.selected_ids()
        places: list[Where] = []
        if 1 < len(chosen) < len(shown):
            words = self.tr("%Ln selected photo(s)", "", len(chosen))
            places.append(Where(words, chosen, self.tr("Selected photos")))
        if question.text:
            text = plain_text(question.text)
            search = self.tr("Search “%1”").replace("%1", text)
            matches = grid.model.weaker_from or len(shown)
            if len(shown) > _SHORTLIST:
                words = self.tr("The best %Ln of “%1”", "", _SHORTLIST).replace("%1", text)
                places.append(Where(words, shown[:_SHORTLIST], search))
            if matches != len(shown):
                words = self.tr("%Ln match(es) of “%1”", "", matches).replace("%1", text)
                places.append(Where(words, shown[:matches], search))
            words = self.tr("All %Ln of “%1”", "", len(shown)).replace("%1", text)
            places.append(Where(words, shown, search))
        elif question.pictures:
            words = self.tr("%Ln similar photo(s)", "", len(shown))
            places.append(Where(words, shown, self.tr("Similar photos")))
        elif question.scope.root_id is not None:
            folder = (question.scope.folder or b"").rpartition(b"/")[2]
            name = plain_text(folder.decode("utf-8", "surrogateescape"))
            words = self.tr("%Ln photo(s) in “%1”", "", len(shown)).replace("%1", name)
            if not name:
                words = self.tr("%Ln photo(s) in this folder", "", len(shown))
            places.append(Where(words, shown, name or self.tr("A folder")))
        else:
            words = self.tr("All %Ln photo(s)", "", len(shown))
            places.append(Where(words, shown, self.tr("All photos")))
        return places

    def _open_found(self, photo_id: PhotoId) -> None:
        """One of the results; the page walks through them."""
        found, page = self.set, self.photo
        page.neighbour, page.place, page.photo = self._neighbour, self._place, found.model.photo
        labels = found.field.labels
        if labels and labels != page.field.labels:
            page.field.set_labels(labels)
        self._show_photo(photo_id)

    def _neighbour(self, photo_id: PhotoId, steps: int) -> PhotoId | None:
        model = self.set.model
        row = model.row_of(photo_id)
        if row is None or not 0 <= row + steps < model.rowCount():
            return None
        return model.id_at(row + steps)

    def _place(self, photo_id: PhotoId) -> tuple[int, int]:
        model = self.set.model
        return model.row_of(photo_id) or 0, model.rowCount()

    def _offer_found(self, at: QPoint) -> None:
        menu = self.found_menu()
        menu.exec(at)
        menu.deleteLater()

    def found_menu(self) -> QMenu:
        """The context menu of the results that are selected."""
        view, tags = self.set.view, self._session.tags
        ids, photos = view.selected_ids(), view.selected_photos()
        one = photos[0] if len(photos) == 1 else None
        menu = QMenu(self.set)

        def add(icon: str, words: str, act: Callable[[], object], *, on: bool = True) -> None:
            action = menu.addAction(icons.icon(icon), words)
            action.setEnabled(on)
            action.triggered.connect(lambda: act())

        add("boxes", self.tr("Open"), lambda: self._open_found(ids[0]), on=len(ids) == 1)
        if one is not None:
            add("folder-open", self.tr("Show in folder"), partial(acts.show_in_folder, one.path))
            add("similar", self.tr("Find similar photos"), partial(self._similar_photo, one.id))
        menu.addSeparator()
        for count in self.set.counts[:6]:
            name = plain_text(count.label).replace("&", "&&")
            words = self.tr("Tag %Ln photo(s) “%1”", "", len(ids)).replace("%1", name)
            add("tag", words, partial(tags.tag, ids, count.label), on=bool(ids))
        add("tag", self.tr("Add a tag…"), self._window.tags.tag_selection, on=bool(ids))
        menu.addSeparator()
        add("copy", self.tr("Copy files"), partial(acts.copy_files, photos), on=bool(photos))
        return menu

    def _similar_photo(self, photo_id: PhotoId) -> None:
        self._window.find_similar(photo_id)

    # -- from a box ----------------------------------------------------------------------------

    def _find_similar(self, spot: BoxSpot) -> None:
        term = PictureTerm(spot.photo_id, spot.box)
        name = spot.label or spot.name
        self._window.search.find_like(term, self._picture_of(spot), name)

    def _picture_of(self, spot: BoxSpot) -> QPixmap | None:
        """What is in a box, from a picture that is there already."""
        page, viewer = self.__dict__.get("photo"), self._window.viewer
        if page is not None and page.photo_id == spot.photo_id and page.canvas.image is not None:
            return page.picture_of(spot.box)
        photo = self._window.grid.model.photo(spot.photo_id)
        image = viewer.canvas.image if viewer.photo_id == spot.photo_id else None
        if image is None and (small := self._session.thumbnails.peek(spot.photo_id)) is not None:
            image = small.toImage()
        if image is None or photo is None or not photo.width:
            return None
        return cut_out(image, spot.box, image.width() / photo.width)

    def _find_object(self, spot: BoxSpot) -> None:
        """The same thing on the photos that were walked through."""
        found = self._behind is self.__dict__.get("set")
        ids = list(self.set.model.ids if found else self._window.grid.model.ids)
        name = spot.label or self.tr("this thing")
        self._show_page()
        words = self.tr("Like the box in “%1”").replace("%1", plain_text(spot.name))
        self.set.offer([Where(words, ids), *self._places()])
        self.set.begin(Results(labels=[name]))
        self.runs.find_object(spot.photo_id, spot.box, name, ids)

    def _known_labels(self) -> Sequence[str]:
        """For the search bar; asked for when they are first wanted."""
        if self.work.status is None:
            self.work.refresh()
        return self.work.suggestions

    # -- after a crash -------------------------------------------------------------------------

    def tell_unfinished(self, runs: Sequence[DetectionRun]) -> None:
        """A run was stopped by a crash or a quit: say so once."""
        newest = runs[0] if runs else None
        if newest is None or newest.finished or newest.undone or self.runs.running is not None:
            return
        if str(QSettings().value(_TOLD, "")) != str(newest.id):
            QSettings().setValue(_TOLD, str(newest.id))
            words = self.tr("Looking for things was stopped in the middle.")
            self._window.status.show_notice(words, self.tr("Show"), self.show_runs)
