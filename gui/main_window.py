"""Lays out the parts of the window and connects them to an open library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import cast

from PySide6.QtCore import QByteArray, QEvent, QSettings, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QPaintEvent
from PySide6.QtWidgets import QLabel, QMainWindow, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from engine.types import Order, PhotoId, Scope
from gui import acts, theme
from gui.activity import StatusBar
from gui.details import Details
from gui.detection.desk import DetectDesk
from gui.dialogs import Dialogs
from gui.duplicates.desk import DuplicateDesk
from gui.filing.desk import FilingDesk
from gui.first_run import FirstRunPage
from gui.grid.page import GridPage
from gui.grid.view import USUAL
from gui.inspector import Inspector
from gui.job_row import BYTES, PHOTOS, STEPS
from gui.lister import Question
from gui.looking.compare_page import ComparePage
from gui.looking.desk import LookDesk
from gui.looking.viewer import Viewer
from gui.marking.albums import AlbumDesk
from gui.marking.desk import MarkDesk
from gui.menus import Menus
from gui.models.state import ModelsSeen
from gui.photo_menu import PhotoMenu
from gui.problems_page import ProblemsPage
from gui.searching.bar import SearchBar
from gui.searching.desk import SearchDesk
from gui.session import Places, Session
from gui.sidebar.desk import SidebarDesk
from gui.sidebar.panel import Sidebar
from gui.sorting.desk import SortDesk
from gui.tagging.desk import TagDesk
from gui.workers import Task

_UNITS = {"download": BYTES, "tag run": STEPS, "detect run": STEPS}  # what a job counts


class MainWindow(QMainWindow):
    """The window. Empty until `attach` gives it a library.

    Signals: closed() · demo_wanted(), the demo library is to be opened instead ·
    first_painted(), once, when the window is on the screen.
    """

    first_painted = Signal()
    closed = Signal()
    demo_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._painted = False
        self._behind: QWidget | None = None  # the page that the viewer covers
        self.setWindowTitle(self.tr("Photosift"))
        self.setMinimumSize(800, 560)
        self.sidebar = Sidebar()
        self.inspector = Inspector()
        self.search_bar = SearchBar()
        self.viewer = Viewer()
        self.problems = ProblemsPage()
        self.first_run = FirstRunPage()
        self.status = StatusBar()
        self.stack = QStackedWidget()
        self._opening = theme.mark(QLabel(self.tr("Opening the library…")), role="muted")
        self._opening.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for page in (self._opening, self.viewer, self.problems, self.first_run):
            self.stack.addWidget(page)
        self.middle = QWidget()
        column = QVBoxLayout(self.middle)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.search_bar)
        column.addWidget(self.stack, 1)
        theme.mark(self.middle, region="canvas")
        self.middle.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        # Pages that are not shown must not push the panels aside in a small window.
        self.middle.setMinimumWidth(360)
        self.splitter = QSplitter()
        self.splitter.setHandleWidth(1)
        for part in (self.sidebar, self.middle, self.inspector):
            self.splitter.addWidget(part)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setCollapsible(1, False)
        self.setCentralWidget(self.splitter)
        self.setStatusBar(self.status)
        self.menus = Menus(self)
        self.middle.setEnabled(False)
        self._restore_state()

    # -- a library -----------------------------------------------------------------------------

    def attach(self, session: Session) -> None:
        """Show a library that was opened, and start its work."""
        self._session = session
        self.middle.setEnabled(True)
        self.grid = GridPage(session)
        self.stack.addWidget(self.grid)
        self.setTabOrder(self.search_bar.last_stop, self.grid.view)
        self.details = Details(session.library, session.workers, self)
        self.dialogs = Dialogs(session, self)
        self.search = SearchDesk(self)
        self.tags = TagDesk(self)
        self.marks = MarkDesk(self)
        self.albums = AlbumDesk(self)
        self.places = SidebarDesk(self)
        self.sorting = SortDesk(self)
        self.duplicates = DuplicateDesk(self)
        self.detection = DetectDesk(self)
        self.looking = LookDesk(self)
        self.filing = FilingDesk(self)
        self.photo_menu = PhotoMenu(self)
        thumbnails = session.thumbnails
        self.viewer.attach(session.pictures, thumbnails.peek, thumbnails.preview)
        thumbnails.ready.connect(self.viewer.take_preview)
        self.viewer.neighbour = self.grid.neighbour
        self.viewer.place = self.grid.place
        self.viewer.photo = self.grid.photo
        self.grid.view.set_cell_size(_number("grid/cell", USUAL))
        self.grid.view.set_fills_cells(QSettings().value("grid/fill", "true") != "false")
        self.status.set_thumbnail_size(self.grid.view.cell_size)
        self._connect(session)
        self.menus.attach(self)
        self.show_page(self.grid)
        self.grid.view.setFocus()
        for note in session.library.notes:
            self.status.show_notice(note)
        order = Order(str(QSettings().value("grid/order", Order.DATE_NEWEST.value)))
        self.menus.show_order(order)
        session.lister.question = Question(scope=Scope(order=order))
        session.begin()

    def _connect(self, session: Session) -> None:
        keeper = session.keeper
        keeper.failed.connect(self._show_error)
        keeper.limited.connect(self.status.show_notice)
        keeper.stopped.connect(self.status.show_notice)
        self.status.anyway_wanted.connect(keeper.index_anyway)
        session.workers.task_started.connect(self._track)
        session.history.told.connect(self.status.show_notice)
        session.sidecars.noticed.connect(self.status.show_notice)
        session.counts.answered.connect(self.status.set_counts)
        session.counts.answered.connect(self.sidebar.set_counts)
        session.places.answered.connect(self._show_places)
        session.problems.answered.connect(self.problems.show_problems)
        session.models.answered.connect(self._show_models)
        session.photos_changed.connect(self.details.refresh)

        self.search_bar.left.connect(self._focus_page)

        self.grid.opened.connect(self.open_viewer)
        self.grid.selection_changed.connect(self._follow_selection)
        self.grid.find_similar_wanted.connect(self.find_similar)
        self.grid.details_wanted.connect(partial(self.menus.inspector.setChecked, True))
        self.grid.add_folder_wanted.connect(self.dialogs.ask_folder)
        self.grid.everything_wanted.connect(self.show_everything)
        self.grid.search_dropped.connect(self.search_bar.clear)
        self.grid.view.left.connect(self.search.leave)
        self.grid.view.cell_size_changed.connect(self.status.set_thumbnail_size)
        self.status.thumbnail_size_changed.connect(self.grid.view.set_cell_size)
        self.status.models_wanted.connect(lambda: self.dialogs.show_models())

        self.viewer.closed.connect(self._close_viewer)
        self.viewer.photo_changed.connect(self._follow_viewer)
        self.viewer.canvas.menu_wanted.connect(self.grid.offer)
        self.viewer.full_screen_wanted.connect(self.menus.full_screen.trigger)
        self.grid.model.dataChanged.connect(self.viewer.refresh)
        self.grid.model.shown.connect(self.viewer.refresh)

        self.details.detail_ready.connect(self.inspector.show_detail)
        self.details.many_ready.connect(self.inspector.show_many)
        self.details.belonging_ready.connect(self.inspector.show_belonging)
        self.inspector.find_similar_wanted.connect(self.find_similar)
        self.inspector.path_activated.connect(acts.show_in_folder)

        self.sidebar.scope_chosen.connect(self._show_scope)
        self.sidebar.problems_chosen.connect(lambda: self.show_page(self.problems))
        self.sidebar.add_folder_wanted.connect(self.dialogs.ask_folder)
        self.sidebar.forget_root_wanted.connect(self.dialogs.ask_to_forget)
        self.sidebar.accept_missing_wanted.connect(keeper.accept_missing)
        self.sidebar.rescan_wanted.connect(lambda: keeper.look())

        self.problems.retry_wanted.connect(self._retry)
        self.problems.show_in_folder_wanted.connect(acts.show_in_folder)

        self.first_run.folder_chosen.connect(self.dialogs.add_folder)
        self.first_run.demo_wanted.connect(self.demo_wanted)
        self.first_run.model_chosen.connect(session.use_model)
        self.first_run.download_wanted.connect(self.dialogs.download)
        self.first_run.local_model_wanted.connect(self.dialogs.use_folder)
        self.dialogs.noticed.connect(self.status.show_notice)

    @property
    def session(self) -> Session:
        return self._session

    # -- pages ---------------------------------------------------------------------------------

    def show_page(self, page: QWidget) -> None:
        """Bring a page to the front; the search bar belongs to the grid and the problems."""
        before = self.stack.currentWidget()
        covered = self.detection.covers(before) or self.looking.covers(before)
        if page is self.viewer and not covered:
            self._behind = before
        self.stack.setCurrentWidget(page)
        self.search_bar.setVisible(page in (self.grid, self.problems))
        alone = self.isFullScreen() and isinstance(page, Viewer | ComparePage)
        if self.isFullScreen() and not alone:
            self.menus.full_screen.setChecked(False)
        self.menus.follow_page(
            viewing=page is self.viewer,
            comparing=isinstance(page, ComparePage),
            grid=page is self.grid,
            bare=page is self.first_run,
        )
        self._show_panels(bare=alone)
        if not self.sidebar.steered:
            page.setFocus()

    def open_viewer(self, photo_id: PhotoId) -> None:
        self.show_page(self.viewer)
        self.viewer.open(photo_id)

    def _close_viewer(self) -> None:
        if self.isFullScreen():
            self.menus.full_screen.setChecked(False)
            return
        self.show_page(self._behind or self.grid)
        if self.viewer.photo_id is not None:
            self.grid.view.go_to(self.viewer.photo_id)

    def set_full_screen(self, full: bool) -> None:
        """In full screen there is nothing but the photo, or those that are compared."""
        bare = full and isinstance(self.stack.currentWidget(), Viewer | ComparePage)
        self.menuBar().setVisible(not bare)
        self.status.setVisible(not bare)
        self._show_panels(bare=bare)
        if full:
            self.showFullScreen()
        elif self.isFullScreen():
            self.showNormal()

    def _show_panels(self, *, bare: bool = False) -> None:
        """The panels the user wants, where they have something to say."""
        page = self.stack.currentWidget()
        alone = bare or page is self.first_run
        self.sidebar.setVisible(not alone and self.menus.sidebar.isChecked())
        inspects = not alone and page in (self.grid, self.viewer)
        self.inspector.setVisible(inspects and self.menus.inspector.isChecked())

    # -- asking --------------------------------------------------------------------------------

    def find_similar(self, photo_id: PhotoId) -> None:
        self.search.find_similar(photo_id)

    def _focus_page(self) -> None:
        if (page := self.stack.currentWidget()) is not None:
            page.setFocus()

    def _show_scope(self, scope: Scope) -> None:
        self.show_page(self.grid)
        self.search_bar.reset()
        lister = self._session.lister
        lister.show_scope(replace(scope, order=lister.question.scope.order))

    def show_everything(self) -> None:
        self.sidebar.choose(Scope())
        self._show_scope(Scope())

    def set_order(self, order: Order | None) -> None:
        """Order the photos so; of an album that is shown, by itself, that is its own order."""
        if self.search.take_order(order):
            return
        if self.albums.take_order(order) or order is None:
            return
        QSettings().setValue("grid/order", order.value)
        lister = self._session.lister
        lister.show_order(replace(lister.question.scope, order=order))

    def _retry(self, ids: Sequence[PhotoId]) -> None:
        library = self._session.library
        task = self._session.workers.start("io", "", lambda: library.retry_problems(ids))
        task.succeeded.connect(lambda: self._session.keeper.index())

    # -- answers -------------------------------------------------------------------------------

    def _show_error(self, error: Exception) -> None:
        self.status.show_notice(str(error), self.tr("Try again"), self._session.keeper.look)

    def _show_places(self, places: Places) -> None:
        roots, folders = places
        self.sidebar.set_roots(roots, folders)
        page = self.stack.currentWidget()
        if not roots and page is not self.first_run:
            self.show_page(self.first_run)
        elif roots and page is self.first_run:
            self.show_page(self.grid)

    def _show_models(self, seen: ModelsSeen) -> None:
        self.status.set_model(seen.status, seen.upcoming)
        self.first_run.set_models(seen.infos, seen.current_id)

    def _track(self, task: Task) -> None:
        self.status.track(task, _UNITS.get(task.lane, PHOTOS))

    def _follow_selection(self, ids: Sequence[PhotoId]) -> None:
        self.status.set_selection(len(ids) if len(ids) > 1 else 0)
        self.menus.follow_selection(len(ids))
        if self.stack.currentWidget() is not self.viewer:
            self.details.show(ids)

    def _follow_viewer(self, photo_id: PhotoId) -> None:
        self.grid.view.go_to(photo_id)  # what is copied is what one sees
        self.details.show([photo_id])

    # -- state ---------------------------------------------------------------------------------

    def _restore_state(self) -> None:
        state = QSettings()
        if not self.restoreGeometry(_bytes(state.value("window/geometry"))):
            room = self.screen().availableSize() - QSize(0, 40)  # the title bar needs some
            self.resize(QSize(1280, 800).boundedTo(room))
        if not self.splitter.restoreState(_bytes(state.value("window/splitter"))):
            self.splitter.setSizes([232, 784, 264])
        self.splitter.setHandleWidth(1)

    def _save_state(self) -> None:
        state = QSettings()
        if not self.isFullScreen():
            state.setValue("window/geometry", self.saveGeometry())
            state.setValue("window/splitter", self.splitter.saveState())
        state.setValue("window/sidebar", self.menus.sidebar.isChecked())
        state.setValue("window/inspector", self.menus.inspector.isChecked())
        if hasattr(self, "grid"):
            state.setValue("grid/cell", self.grid.view.cell_size)
            state.setValue("grid/fill", "true" if self.grid.view.fills_cells else "false")

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange and self.isActiveWindow():
            session = getattr(self, "_session", None)
            if session is not None:
                cast("Session", session).keeper.look_on_focus()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self.first_painted.emit)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._save_state()
        if hasattr(self, "marks"):
            self.marks.finish()
        super().closeEvent(event)
        self.closed.emit()


def _bytes(value: object) -> QByteArray:
    return value if isinstance(value, QByteArray) else QByteArray()


def _number(key: str, default: int) -> int:
    value = QSettings().value(key, default)
    return int(value) if isinstance(value, int | str) and str(value).isdigit() else default
