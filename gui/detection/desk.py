"""Puts detection into the window and connects it with its other parts."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from engine.types import PhotoId
from gui.detection.box_acts import BoxSpot
from gui.detection.photo_page import PhotoPage
from gui.detection.viewer_boxes import ViewerBoxes
from gui.detection.work import DetectWork

if TYPE_CHECKING:
    from gui.main_window import MainWindow


class DetectDesk(QObject):
    """Everything about detection in one window."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._session = window.session
        self._behind: QWidget | None = None
        self.work = DetectWork(window.session, self)
        self.boxes = ViewerBoxes(window.viewer, self.work)
        self.work.noticed.connect(window.status.show_notice)
        window.viewer.things_wanted.connect(lambda: self.detect())
        window.grid.things_wanted.connect(lambda: self.detect())

    @cached_property
    def photo(self) -> PhotoPage:
        """Made when it is first looked at: the first photos need not wait for it."""
        page = PhotoPage(self._session, self.work)
        self._window.stack.addWidget(page)
        page.closed.connect(self._close_photo)
        page.models_wanted.connect(lambda: self._window.dialogs.show_models())
        page.acts.similar_wanted.connect(self._find_similar)
        page.show_boxes(self._window.menus.boxes.isChecked())
        return page

    # -- one photo -----------------------------------------------------------------------------

    def detect(self) -> None:
        """Look for things in the photo in front, or in those that are selected."""
        window = self._window
        front = window.stack.currentWidget()
        if front is window.viewer and window.viewer.photo_id is not None:
            self.open_photo(window.viewer.photo_id)
            return
        ids = window.grid.view.selected_ids()
        if len(ids) == 1:
            self.open_photo(ids[0])

    def open_photo(self, photo_id: PhotoId) -> None:
        """Show the page for one photo; it walks through what the grid shows."""
        window, page = self._window, self.photo
        front = window.stack.currentWidget()
        if front is not page:
            self._behind = front
        page.neighbour = window.grid.neighbour
        page.place = window.grid.place
        page.photo = window.grid.model.photo
        window.show_page(page)
        page.open(photo_id)
        if page.field.labels:
            page.canvas.setFocus()
        else:
            page.field.setFocus()

    def _close_photo(self) -> None:
        window, photo_id = self._window, self.photo.photo_id
        behind = self._behind or window.grid
        window.show_page(behind)
        if photo_id is not None:
            if behind is window.viewer:
                window.viewer.open(photo_id)
            window.grid.view.go_to(photo_id)

    def show_boxes(self, shown: bool) -> None:
        """Draw boxes over photos, or see them bare."""
        self.boxes.show_boxes(shown)
        if "photo" in self.__dict__:
            self.photo.show_boxes(shown)

    # -- from a box ----------------------------------------------------------------------------

    def _find_similar(self, spot: BoxSpot) -> None:
        window = self._window
        picture = self.photo.picture_of(spot.box)
        window.sidebar.choose(self._session.lister.question.scope)
        window.show_page(window.grid)
        window.search_bar.show_message("")
        window.search_bar.show_similar(picture, spot.label or spot.name)
        self._session.lister.show_similar(spot.photo_id, spot.box)
