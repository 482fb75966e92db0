"""The sidebar: all photos, the folders with their counts, the problems."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from PySide6.QtCore import (
    QLocale,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    Qt,
    Signal,
    SignalInstance,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QPushButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from engine.mark_types import Album, AlbumId
from engine.tag_types import CategoryId, SetId
from engine.types import Counts, FolderCount, Root, RootId, Scope
from gui import icons, theme
from gui.folder_tree import FolderTree, Place
from gui.tagging.seen import TagsSeen

AnyIndex: TypeAlias = QModelIndex | QPersistentModelIndex


class Sidebar(QWidget):
    """Where to look.

    Signals:
        scope_chosen(Scope): all photos or a folder; the order in it is the default, not a choice.
        problems_chosen(): the problems page is wanted.
        trash_chosen(): what was put into the trash is wanted.
        review_chosen(CategoryId | None): suggestions are to be reviewed, of one category or of all.
        categories_chosen(SetId | None): categories are to be changed, those of one set or all.
        sorting_chosen(): photos are to be sorted into folders.
        detection_chosen(): things are to be looked for on many photos.
        duplicates_chosen(): photos that are there more than once are wanted.
        category_edited(CategoryId): its words are to be changed.
        category_shown(CategoryId): the photos with its tag are wanted.
        saved_chosen(AlbumId): what a saved search finds is wanted.
        album_chosen(AlbumId): the photos of an album are wanted.
        photos_dropped(CategoryId, list[PhotoId]): they are examples of a category.
        album_fed(AlbumId, list[PhotoId]): they are to be in this album.
        files_dropped(Path, list[PhotoId] | list[Path], bool): photos, or files of other programs,
            are to be in this folder; True for copies.
        add_folder_wanted(): a folder is to be added to the library.
        forget_root_wanted(RootId): this root is to leave the library; its files stay.
        accept_missing_wanted(RootId): the user says that the photos of this root were deleted.
        rescan_wanted(RootId): compare this root with the disk now.
    """

    scope_chosen = Signal(object)
    problems_chosen = Signal()
    trash_chosen = Signal()
    review_chosen = Signal(object)
    categories_chosen = Signal(object)
    sorting_chosen = Signal()
    detection_chosen = Signal()
    duplicates_chosen = Signal()
    category_edited = Signal(object)
    category_shown = Signal(object)
    saved_chosen = Signal(object)
    album_chosen = Signal(object)
    photos_dropped = Signal(object, object)
    album_fed = Signal(object, object)
    files_dropped = Signal(object, object, bool)
    add_folder_wanted = Signal()
    forget_root_wanted = Signal(object)
    accept_missing_wanted = Signal(object)
    rescan_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chosen: Place = Place.ALL
        self._silent = False
        self._open: set[Place] = {Place.CATEGORIES, Place.SAVED, Place.ALBUMS}
        self.saved_menu: Callable[[AlbumId], QMenu | None] = lambda _id: None
        self.album_menu: Callable[[AlbumId], QMenu | None] = lambda _id: None
        self._sets: set[SetId] = set()
        self._roots: list[Root] = []

        self.tree = QTreeView()
        self.tree.setAccessibleName(self.tr("Folders"))
        self.tree.setHeaderHidden(True)
        self.tree.setUniformRowHeights(True)
        self.tree.setIndentation(16)
        self.tree.setAllColumnsShowFocus(True)  # the focus ring goes across the count
        self.tree.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.tree.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        theme.mark(self.tree, region="panel")
        self.model = FolderTree(self)
        self.model.photos_dropped.connect(self.photos_dropped)
        self.model.album_fed.connect(self.album_fed)
        self.model.files_dropped.connect(self.files_dropped)
        self.tree.setAcceptDrops(True)
        self.tree.setDropIndicatorShown(False)
        self.tree.setModel(self.model)
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(16)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)

        self.add_button = QPushButton(self.tr("Add folder…"))
        self.add_button.setIcon(icons.icon("add"))
        self.add_button.setAccessibleName(self.tr("Add folder"))
        self.add_button.setToolTip(
            self.tr("Watch another folder; its photos stay where they are (Ctrl+O)")
        )

        below = QHBoxLayout()
        below.setContentsMargins(8, 8, 8, 8)
        below.addWidget(self.add_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tree, 1)
        layout.addLayout(below)
        theme.mark(self, region="panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(160)

        self.tree.selectionModel().currentChanged.connect(self._choose)
        self.tree.customContextMenuRequested.connect(self._offer)
        self.tree.expanded.connect(self._opened)
        self.tree.collapsed.connect(self._closed)
        self.add_button.clicked.connect(lambda: self.add_folder_wanted.emit())
        theme.notifier.changed.connect(self.tree.viewport().update)
        self._settle()

    def set_roots(self, roots: Sequence[Root], folders: Sequence[FolderCount]) -> None:
        """Show these roots with the folders below them.

        What is open and what is chosen stays so. When the chosen folder is gone, its nearest
        parent is chosen, and `scope_chosen` says so.
        """
        new = {root.id for root in roots} - {root.id for root in self._roots}
        self._roots = list(roots)
        self._silent = True
        if self.model.show(roots, folders):
            self._open.update(Place(root_id) for root_id in new if len(roots) == 1)
            self._reopen()
        self._silent = False
        self._settle()

    def set_tags(self, seen: TagsSeen) -> None:
        """Show these sets and categories, with the suggestions that wait."""
        self._open.update(
            Place.of_set(group.id) for group in seen.sets if group.id not in self._sets
        )
        self._sets = {group.id for group in seen.sets}
        self._silent = True
        if self.model.show_tags(seen):
            self._reopen()
        self._silent = False
        self._settle()

    def set_saved(self, saved: Sequence[Album], found: Mapping[AlbumId, int]) -> None:
        """Show the saved searches with how many photos each finds, as far as that is known."""
        self._silent = True
        if self.model.show_saved(saved, found):
            self._reopen()
        self._silent = False
        self._settle()

    def set_albums(self, albums: Sequence[Album]) -> None:
        """Show the albums that are filled by hand, with their counts."""
        self._silent = True
        if self.model.show_albums(albums):
            self._reopen()
        self._silent = False
        self._settle()

    def _reopen(self) -> None:
        for place in self._open:
            index = self.model.index_of(place)
            if index.isValid():
                self.tree.expand(index)

    def set_counts(self, counts: Counts) -> None:
        """Show how many photos there are in all, and how many problems."""
        self.model.set_counts(counts.photos, counts.problems)
        self._settle()

    def set_duplicates(self, groups: int) -> None:
        """Show how many groups of copies wait."""
        self.model.set_duplicates(groups)

    @property
    def chosen(self) -> Place:
        """What is marked."""
        return self._chosen

    def choose(self, scope: Scope) -> None:
        """Mark what the window shows, without a signal."""
        self._chosen = Place(scope.root_id, scope.folder or b"")
        self._settle()

    def choose_place(self, place: Place) -> None:
        """Mark a page that is no folder, without a signal."""
        self._chosen = place
        self._settle()

    def _settle(self) -> None:
        """Bring rows, column width and the current row in line with what is known."""
        hide = not self.model.problems and self._chosen != Place.PROBLEMS
        self.tree.setRowHidden(self.model.index_of(Place.PROBLEMS).row(), QModelIndex(), hide)
        self.tree.setRowHidden(
            self.model.index_of(Place.SECTION).row(), QModelIndex(), not self._roots
        )
        widest = QLocale().toString(max(self.model.photos, 1000))
        width = self.tree.fontMetrics().horizontalAdvance(widest) + 22
        self.tree.header().resizeSection(1, width)

        wanted = self._chosen
        index = self.model.index_of(wanted)
        while not index.isValid():
            wanted = wanted.parent()
            index = self.model.index_of(wanted)
        moved = wanted != self._chosen
        if self.tree.currentIndex() != index:
            self._silent = True
            self.tree.setCurrentIndex(index)
            self._silent = False
        if moved:
            was_page, self._chosen = self._chosen.root_id is None, wanted
            if not was_page:  # a category that went leaves its page as it is
                self.scope_chosen.emit(wanted.scope())

    def _opened(self, index: QModelIndex) -> None:
        self._open.add(self._place(index))

    def _closed(self, index: QModelIndex) -> None:
        self._open.discard(self._place(index))

    def _place(self, index: AnyIndex) -> Place:
        return self.model.place(index)

    def _choose(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if self._silent or not current.isValid():
            return
        place = self._place(current)
        if place == self._chosen:
            return
        self._chosen = place
        if place == Place.PROBLEMS:
            self.problems_chosen.emit()
        elif place == Place.TRASH:
            self.trash_chosen.emit()
        elif place == Place.REVIEW:
            self.review_chosen.emit(None)
        elif place == Place.CATEGORIES:
            self.categories_chosen.emit(None)
        elif place == Place.SORTING:
            self.sorting_chosen.emit()
        elif place == Place.DETECTION:
            self.detection_chosen.emit()
        elif place == Place.DUPLICATES:
            self.duplicates_chosen.emit()
        elif (saved := place.number(b"saved")) is not None:
            self.saved_chosen.emit(AlbumId(saved))
        elif (album := place.number(b"album")) is not None:
            self.album_chosen.emit(AlbumId(album))
        elif place in (Place.SAVED, Place.ALBUMS):
            self.tree.setExpanded(current, True)
        elif (set_id := place.number(b"set")) is not None:
            self.categories_chosen.emit(SetId(set_id))
        elif (category_id := place.number(b"category")) is not None:
            self.review_chosen.emit(CategoryId(category_id))
        else:
            self.scope_chosen.emit(place.scope())

    def _offer(self, where: QPoint) -> None:
        index = self.tree.indexAt(where)
        place = self._place(index) if index.isValid() else Place.SECTION
        category, saved = place.number(b"category"), place.number(b"saved")
        menu = self.saved_menu(AlbumId(saved)) if saved is not None else None
        if (album := place.number(b"album")) is not None:
            menu = self.album_menu(AlbumId(album))
        if category is not None:
            menu = self.category_menu(CategoryId(category))
        menu = menu or self.menu_for(place.root_id)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.tree.viewport().mapToGlobal(where))

    def category_menu(self, category_id: CategoryId) -> QMenu:
        """The context menu of a category."""
        menu = QMenu(self)
        for icon, text, signal in (
            ("review", self.tr("Review its suggestions"), self.review_chosen),
            ("photos", self.tr("Show its photos"), self.category_shown),
            ("edit", self.tr("Edit…"), self.category_edited),
        ):
            action = menu.addAction(icons.icon(icon), text)
            action.triggered.connect(partial(_emit, signal, category_id))
        return menu

    def menu_for(self, root_id: RootId | None) -> QMenu:
        """The context menu of a root and of the folders below it, or of the empty space."""
        menu = QMenu(self)
        add = menu.addAction(icons.icon("add"), self.tr("Add folder…"))
        add.triggered.connect(lambda: self.add_folder_wanted.emit())
        root = next((root for root in self._roots if root.id == root_id), None)
        if root is None:
            return menu
        menu.addSeparator()
        rescan = menu.addAction(icons.icon("refresh"), self.tr("Look for changes now"))
        rescan.triggered.connect(lambda: self.rescan_wanted.emit(root.id))
        if not root.online:
            deleted = menu.addAction(icons.icon("check"), self.tr("These photos were deleted"))
            deleted.setToolTip(
                self.tr("Stop waiting for them. If the files come back, so do their entries.")
            )
            deleted.triggered.connect(lambda: self.accept_missing_wanted.emit(root.id))
        forget = menu.addAction(
            icons.icon("remove"), self.tr("Remove from the library (files stay on disk)")
        )
        forget.triggered.connect(lambda: self.forget_root_wanted.emit(root.id))
        menu.setToolTipsVisible(True)
        return menu


def _emit(signal: SignalInstance, value: object, _checked: bool = False) -> None:
    signal.emit(value)
