"""Puts the comparison and the slideshow into the window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from engine.mark_types import Marks
from engine.types import PhotoId
from gui.looking.compare_page import ComparePage
from gui.looking.compare_stage import MOST
from gui.looking.pictures import Pictures
from gui.looking.slideshow import Slideshow

if TYPE_CHECKING:
    from gui.main_window import MainWindow

_BUDGET_MB = 64  # of pictures that were compared before
_QUIET_MS = 200  # while one goes through the grid, nothing is decoded


class LookDesk(QObject):
    """Compares what is selected, and shows it in turn; afterwards all is selected as before."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        session = self._session = window.session
        grid, viewer = window.grid, window.viewer
        pictures = Pictures(session.workers, session.library.picture, self, budget_mb=_BUDGET_MB)
        session.pictures.forgotten.connect(pictures.forget)
        self.compare = ComparePage(pictures, session.thumbnails.preview)
        self.compare.photo, self.compare.neighbour = grid.photo, grid.neighbour
        window.stack.addWidget(self.compare)
        self.show = Slideshow(viewer, session.pictures)
        self._selected: list[PhotoId] = []  # before the comparison, or before the show
        self._shown_selection = False
        self._from: QWidget | None = None
        self._was_full = False

        self._quiet = QTimer(self, singleShot=True, interval=_QUIET_MS)
        self._quiet.timeout.connect(self._look_ahead)

        grid.selection_changed.connect(self._quiet.start)
        session.thumbnails.ready.connect(self.compare.take_preview)
        session.photos_changed.connect(self._follow_change)
        grid.model.dataChanged.connect(self._refresh)
        grid.model.shown.connect(self._refresh)
        window.marks.seen.changed.connect(self._show_marks)
        self.compare.closed.connect(self.leave_comparison)
        self.compare.opened.connect(window.open_viewer)
        self.compare.active_changed.connect(self._follow_active)
        self.compare.photos_changed.connect(self._ask_marks)
        self.compare.full_screen_wanted.connect(window.menus.full_screen.trigger)
        viewer.compare_wanted.connect(self.compare_selection)
        viewer.show_wanted.connect(self.start_show)
        self.show.ended.connect(self._end_show)
        window.stack.currentChanged.connect(self._follow_page)
        window.menus.full_screen.toggled.connect(self._follow_page)

    def _look_ahead(self) -> None:
        """Whoever stays with a photo in the grid may open it: then it is there."""
        window = self._window
        ids = window.grid.view.selected_ids()
        if len(ids) == 1 and window.stack.currentWidget() is window.grid:
            window.viewer.look_at_soon(ids[0])

    # -- comparing -----------------------------------------------------------------------------

    def compare_selection(self) -> None:
        """The selection, two to four; or the one photo in front with the one after it."""
        window = self._window
        viewing = window.stack.currentWidget() is window.viewer
        here = window.viewer.photo_id
        chosen = [here] if viewing and here is not None else window.grid.view.selected_ids()
        if len(chosen) == 1:
            beside = window.grid.neighbour(chosen[0], 1) or window.grid.neighbour(chosen[0], -1)
            chosen = [*chosen, beside] if beside is not None else []
        if not 2 <= len(chosen) <= MOST:
            window.status.show_notice(self.tr("Two to four photos can be compared."))
            return
        self.show.stop()
        self._selected = window.grid.view.selected_ids()
        self._from = window.stack.currentWidget()
        window.show_page(self.compare)
        self.compare.show_photos(chosen)

    def covers(self, page: QWidget | None) -> bool:
        """Whether the comparison is in front of the viewer, which is still to be left."""
        return page is self.compare and self._from is self._window.viewer

    def leave_comparison(self) -> None:
        """Back to where it began, with the same selection; from full screen first."""
        window = self._window
        if window.isFullScreen() and window.stack.currentWidget() is self.compare:
            window.menus.full_screen.setChecked(False)
            return
        back = self._from or window.grid
        window.marks.hold(None)
        if window.stack.currentWidget() is self.compare:
            window.show_page(back)
        self.compare.leave()
        if back is window.viewer and window.viewer.photo_id is not None:
            window.viewer.open(window.viewer.photo_id)
        else:
            window.grid.view.select_photos(self._selected)
            window.details.show(self._selected)

    def toggle_full(self) -> None:
        """100 % or fit, on whichever page is in front."""
        window = self._window
        if window.stack.currentWidget() is self.compare:
            self.compare.stage.toggle_full()
        else:
            window.viewer.canvas.toggle_full()

    def _follow_active(self, photo_id: PhotoId) -> None:
        self._window.marks.hold([photo_id])
        self._window.details.show([photo_id])

    def _follow_change(self, changed: frozenset[PhotoId]) -> None:
        if self.compare.ids and (not changed or not changed.isdisjoint(self.compare.ids)):
            self._ask_marks()

    def _refresh(self) -> None:
        if not self.compare.ids:
            return
        row_of = self._window.grid.model.row_of
        self.compare.drop([id_ for id_ in self.compare.ids if row_of(id_) is None])
        self.compare.refresh()

    def _ask_marks(self) -> None:
        ids, library = list(self.compare.ids), self._session.library
        task = self._session.workers.start("page", "", lambda: library.marking.of(ids))
        task.succeeded.connect(partial(self._take_marks, ids))
        self._show_marks()

    def _take_marks(self, ids: Sequence[PhotoId], marks: Mapping[PhotoId, Marks]) -> None:
        self._window.marks.seen.put(ids, marks)

    def _show_marks(self) -> None:
        known = ((photo_id, self._window.marks.seen.get(photo_id)) for photo_id in self.compare.ids)
        self.compare.show_marks({id_: marks for id_, marks in known if marks is not None})

    # -- in turn -------------------------------------------------------------------------------

    def start_show(self) -> None:
        """The selection if it is of several photos, else all that the grid shows."""
        window = self._window
        viewing = window.stack.currentWidget() is window.viewer
        ids = window.grid.model.ids
        if self.show.running or not ids:
            return
        self._selected = window.grid.view.selected_ids()
        self._shown_selection = len(self._selected) > 1 and not viewing
        chosen: Sequence[PhotoId] = self._selected if self._shown_selection else list(ids)
        here = window.viewer.photo_id if viewing else window.grid.view.current_id()
        known = here is not None and window.grid.model.row_of(here) is not None
        first = here if here is not None and known and not self._shown_selection else chosen[0]
        if not viewing:
            window.show_page(window.viewer)
        self._from = window.viewer if viewing else window.grid
        self._was_full = window.isFullScreen()
        if not self._was_full:
            window.menus.full_screen.setChecked(True)
        self.show.start(chosen, first)

    def _follow_page(self) -> None:
        """In full screen the page in front is alone; a show is there and nowhere else."""
        window = self._window
        page, full = window.stack.currentWidget(), window.menus.full_screen.isChecked()
        if page is not window.viewer or not full:
            self.show.stop()
        for alone in (window.viewer, self.compare):
            alone.set_bare(full and page is alone)

    def _end_show(self) -> None:
        window = self._window
        if not self._was_full:
            window.menus.full_screen.setChecked(False)
        if window.stack.currentWidget() is not window.viewer:
            return
        if self._from is window.grid:
            window.show_page(window.grid)
            if self._shown_selection:
                window.grid.view.select_photos(self._selected)
            elif window.viewer.photo_id is not None:
                window.grid.view.go_to(window.viewer.photo_id)
