"""Puts moving, copying, renaming and the trash into the window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QRect, Qt
from PySide6.QtWidgets import QFileDialog, QMessageBox

from engine.errors import EngineError
from engine.file_types import FilingReport, TrashedPhoto
from engine.jobs import Skipped
from engine.mark_types import Marks, Summary
from engine.types import PhotoDetail, PhotoId
from gui import acts
from gui.filing.actions import remember_folder
from gui.filing.left_dialog import LeftDialog
from gui.filing.name_field import NameField
from gui.filing.pattern_dialog import PatternDialog, Proposed
from gui.filing.trash_page import TrashPage
from gui.filing.work import ASKING, FilingWork
from gui.grid.model import Listing
from gui.labels import path_text, plain_text
from gui.places import Place
from gui.properties import PropertiesDialog, PropertyRows
from gui.workers import Task

if TYPE_CHECKING:
    from gui.main_window import MainWindow


class FilingDesk(QObject):
    """What is done with the files of the selection, or of the photo in front."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        session = self._session = window.session
        self.work = FilingWork(
            session.library, session.workers, session.history, session.keeper, self
        )
        self.actions = actions = window.menus.files
        self.name_field: NameField | None = None
        self.question: QMessageBox | None = None
        self._leaving: set[PhotoId] = set()  # on their way out of what the grid shows
        actions.trash_wanted.connect(self.trash)
        actions.rename_wanted.connect(self.ask_names)
        actions.move_wanted.connect(partial(self._into, copy=False))
        actions.copy_wanted.connect(partial(self._into, copy=True))
        actions.show_wanted.connect(self.show_in_folder)
        actions.properties_wanted.connect(self.show_properties)
        window.sidebar.files_dropped.connect(self.drop)
        window.sidebar.trash_chosen.connect(self.show_trash)
        self.work.refused.connect(window.status.show_notice)
        self.work.left.connect(self._show_left)
        self.work.changed.connect(self._refresh_trash)
        self.work.ended.connect(self._forget_leaving)
        session.lister.listed.connect(self._follow_listing)
        self.work.remember()

    @property
    def ids(self) -> Sequence[PhotoId]:
        """The selection, or the photo in front."""
        return self._window.marks.ids

    # -- the trash -----------------------------------------------------------------------------

    @cached_property
    def page(self) -> TrashPage:
        """Made when it is first looked at."""
        page = TrashPage(self._session.thumbnails)
        page.put_back_wanted.connect(self.work.put_back)
        page.left.connect(self._window.show_everything)
        self._window.stack.addWidget(page)
        return page

    def trash(self) -> None:
        """Put what is meant into the trash, and go on to the next photo."""
        ids = list(self.ids)
        if ids:
            self._step_aside(ids)
            self.work.trash(ids)

    def show_trash(self) -> None:
        """Show what was put there."""
        self._window.sidebar.choose_place(Place.TRASH)
        self._window.show_page(self.page)
        self._refresh_trash()

    def _refresh_trash(self) -> None:
        if "page" in self.__dict__:
            self.work.look_into_trash().succeeded.connect(self._show_trashed)

    def _show_trashed(self, photos: list[TrashedPhoto]) -> None:
        self.page.show_photos(photos)

    def _step_aside(self, ids: Sequence[PhotoId]) -> None:
        """These photos are about to go: look at the one behind them, or before."""
        window = self._window
        model = window.grid.model
        rows = [row for row in map(model.row_of, ids) if row is not None]
        if not rows:
            return
        self._leaving.update(ids)  # those of a moment ago may be listed still
        # Behind the last one, else before it: of a scattered selection that may lie between.
        order = (*range(max(rows) + 1, model.rowCount()), *range(max(rows) - 1, -1, -1))
        row = next((row for row in order if model.id_at(row) not in self._leaving), None)
        viewing = window.stack.currentWidget() is window.viewer
        if row is not None:
            neighbour = model.id_at(row)
            window.grid.view.go_to(neighbour)
            if viewing:
                window.viewer.open(neighbour)
        elif viewing:
            window.show_page(window.grid)

    def _follow_listing(self, listing: Listing) -> None:
        if self._leaving:  # a listing that was asked for before may still have them
            self._leaving.intersection_update(listing.ids)

    def _forget_leaving(self, report: FilingReport) -> None:
        if report.skipped:
            self._leaving.clear()

    # -- names ---------------------------------------------------------------------------------

    def ask_names(self) -> None:
        """Ask for another name, or for a pattern where several are meant."""
        ids = list(self.ids)
        if len(ids) == 1:
            self._ask_name(ids[0])
        elif ids:
            dialog = PatternDialog(len(ids), partial(self._propose, ids), self._window)
            dialog.named.connect(self.work.give_names)
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()
            self.pattern_dialog = dialog

    def _propose(self, ids: Sequence[PhotoId], pattern: str, start: int) -> Task:
        filing = self._session.library.filing

        def ask() -> Proposed:
            names = filing.names(ids, pattern, start)
            return Proposed(names, filing.proposals(names))

        return self._session.workers.start(ASKING, "", ask)

    def _ask_name(self, photo_id: PhotoId) -> None:
        photo = self._window.grid.model.photo(photo_id)
        if photo is None:
            return
        filing, workers = self._session.library.filing, self._session.workers
        field = NameField(
            photo,
            lambda name: workers.start(ASKING, "", lambda: filing.proposals({photo_id: name})),
            self._window,
        )
        field.named.connect(partial(self._give_name, photo_id))
        field.show_at(*self._cell_of(photo_id))
        self.name_field = field

    def _give_name(self, photo_id: PhotoId, name: str) -> None:
        self.work.give_names({photo_id: name})

    def _cell_of(self, photo_id: PhotoId) -> tuple[QRect, QRect]:
        """Where a photo is on the screen, and the page around it; both global."""
        window = self._window
        page = window.stack
        within = QRect(page.mapToGlobal(QPoint(0, 0)), page.size())
        if window.stack.currentWidget() is window.viewer:
            return QRect(within.center(), within.center()).adjusted(-180, 0, 180, 0), within
        view = window.grid.view
        row = window.grid.model.row_of(photo_id)
        cell = view.visualRect(window.grid.model.index(row or 0))
        return QRect(view.viewport().mapToGlobal(cell.topLeft()), cell.size()), within

    # -- folders -------------------------------------------------------------------------------

    def show_in_folder(self) -> None:
        """Open the file manager at the photo that is meant."""
        photos = [self._window.grid.model.photo(photo_id) for photo_id in self.ids]
        if len(photos) == 1 and photos[0] is not None:
            acts.show_in_folder(photos[0].path)

    def drop(self, folder: Path, dropped: Sequence[PhotoId] | Sequence[Path], copy: bool) -> None:
        """Photos of ours, or files of other programs, were dropped on a folder."""
        paths = [one for one in dropped if isinstance(one, Path)]
        ids = [one for one in dropped if not isinstance(one, Path)]
        if paths:
            self.work.bring_in(paths, folder)
        elif ids:
            self._put(ids, folder, copy=copy)

    def _into(self, folder: Path | None, *, copy: bool) -> None:
        ids = list(self.ids)
        if not ids:
            return
        if folder is None:
            title = self.tr("Copy %Ln photo(s) to", "", len(ids))
            if not copy:
                title = self.tr("Move %Ln photo(s) to", "", len(ids))
            chosen = QFileDialog.getExistingDirectory(self._window, title)
            if not chosen:
                return
            folder = Path(chosen)
        filing = self._session.library.filing
        task = self._session.workers.start(ASKING, "", partial(filing.is_watched, folder))
        task.succeeded.connect(partial(self._weigh, ids, folder, copy))
        task.failed.connect(self._refuse)

    def _weigh(self, ids: Sequence[PhotoId], folder: Path, copy: bool, watched: bool) -> None:
        if watched or copy:
            self._put(ids, folder, copy=copy)
        else:
            self._ask_to_leave(ids, folder)

    def _put(self, ids: Sequence[PhotoId], folder: Path, *, copy: bool) -> None:
        remember_folder(folder)
        if copy:
            self.work.copy(ids, folder)
        else:
            if self._window.session.lister.question.scope.root_id is not None:
                self._step_aside(ids)  # they may leave the folder that is shown
            self.work.move(ids, folder)

    def _ask_to_leave(self, ids: Sequence[PhotoId], folder: Path) -> None:
        """The folder is none of the library's: say what that means, before."""
        box = QMessageBox(self._window)
        box.setWindowTitle(self.tr("Move out of the library"))
        box.setStyleSheet("QLabel { min-width: 360px }")
        box.setTextFormat(Qt.TextFormat.PlainText)
        name = plain_text(folder.name or str(folder))
        box.setText(self.tr("“%1” is none of the library's folders.").replace("%1", name))
        box.setInformativeText(
            self.tr(
                "Photos that are moved to %1 are no longer shown. What you said of them is kept, "
                "and is back with Undo, or when the folder is added to the library."
            ).replace("%1", path_text(folder))
        )
        roles = QMessageBox.ButtonRole
        add = box.addButton(self.tr("Add the folder and move"), roles.AcceptRole)
        move = box.addButton(self.tr("Move %Ln photo(s)", "", len(ids)), roles.DestructiveRole)
        for button in (move, add):
            button.setAccessibleName(button.text())
        box.addButton(QMessageBox.StandardButton.Cancel)
        box.setDefaultButton(add)
        move.clicked.connect(lambda: self._leave(ids, folder))
        add.clicked.connect(lambda: self._add_and_move(ids, folder))
        box.finished.connect(box.deleteLater)
        box.open()
        self.question = box

    def _leave(self, ids: Sequence[PhotoId], folder: Path) -> None:
        self._step_aside(ids)
        remember_folder(folder)
        self.work.move(ids, folder)

    def _add_and_move(self, ids: Sequence[PhotoId], folder: Path) -> None:
        library = self._session.library
        task = self._session.workers.start(ASKING, "", partial(library.add_root, folder))
        task.succeeded.connect(lambda: self._put(ids, folder, copy=False))
        task.succeeded.connect(lambda: self._session.keeper.look())
        task.failed.connect(self._refuse)

    def _refuse(self, error: Exception) -> None:
        if isinstance(error, EngineError):
            self._window.status.show_notice(str(error))

    def show_properties(self) -> None:
        """All that is known of what is meant, with where it comes from."""
        ids, library = list(self.ids), self._session.library
        if not ids:
            return

        def ask() -> tuple[PhotoDetail | None, Mapping[PhotoId, Marks], Summary]:
            detail = library.detail(ids[0]) if len(ids) == 1 else None
            return detail, library.marking.of(ids[:1]), library.summary(ids)

        task = self._session.workers.start(ASKING, "", ask)
        task.succeeded.connect(self._show_properties)
        task.failed.connect(self._refuse)

    def _show_properties(
        self, told: tuple[PhotoDetail | None, Mapping[PhotoId, Marks], Summary]
    ) -> None:
        detail, marks, summary = told
        words = PropertyRows(self)
        if detail is not None:
            title, rows = detail.photo.name, words.of_one(detail, marks)
        else:
            title = self.tr("%Ln photo(s)", "", summary.photos)
            rows = words.of_many(summary)
        dialog = PropertiesDialog(title, rows, self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        self.properties = dialog

    # -- what stayed ---------------------------------------------------------------------------

    def _show_left(self, title: str, skipped: Sequence[Skipped]) -> None:
        dialog = LeftDialog(title, skipped, self._window)
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()
        self.left_dialog = dialog
