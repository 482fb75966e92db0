"""The sidebar as the window knows it: what was chosen in it, and what it is told to show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TypeAlias

from PySide6.QtCore import QLocale, QModelIndex, QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QVBoxLayout, QWidget

from engine.mark_types import Album, AlbumId
from engine.tag_types import CategoryId, SetId
from engine.types import Counts, FolderCount, Root, RootId, Scope
from gui import icons, theme
from gui.folder_tree import FolderTree, Place
from gui.places import Node
from gui.sidebar.find_field import FindField
from gui.sidebar.folders import folder_rows, root_menu
from gui.sidebar.folds import Folds
from gui.sidebar.rows import album_rows, saved_rows, tidy_rows
from gui.sidebar.tree import SidebarTree
from gui.tagging.seen import TagsSeen

Menu: TypeAlias = Callable[[int], QMenu | None]
_MANY = 15  # rows of one kind among which one looks for a name


class Sidebar(QWidget):
    """Where to look.

    Signals:
        scope_chosen(Scope): all photos or a folder; the order in it is the default, not a choice.
        query_chosen(str): what a query shows is wanted: a tag, a month, a place on the map.
        problems_chosen(): the problems page is wanted.
        trash_chosen(): what was put into the trash is wanted.
        review_chosen(CategoryId | None): suggestions are to be reviewed, of one category or of all.
        categories_chosen(SetId | None): categories are to be changed, those of one set or all.
        sorting_chosen(): photos are to be sorted into folders.
        detection_chosen(): things are to be looked for on many photos.
        duplicates_chosen(): photos that are there more than once are wanted.
        saved_chosen(AlbumId): what a saved search finds is wanted.
        album_chosen(AlbumId): the photos of an album are wanted.
        renaming(Place) · removing(Place) · shifting(Place, int): keys were pressed on a row.
        making(Place): something new is wanted below a row, or in the section of a heading.
        photos_dropped(CategoryId, list[PhotoId]): they are examples of a category.
        album_fed(AlbumId, list[PhotoId]) · tag_fed(TagId, list[PhotoId]): they are to be in it.
        files_dropped(Path, list[PhotoId] | list[Path], bool): photos, or files of other programs,
            are to be in this folder; True for copies.
        tag_moved(TagId, TagId | None): it is to lie below another one, or at the top.
        album_moved(AlbumId, AlbumId | None): it is to stand before another one, or last.
        entered(): what is shown shall have the keyboard.
        category_edited(CategoryId): its words are to be changed.
        category_shown(CategoryId): the photos with its tag are wanted.
        add_folder_wanted(): a folder is to be added to the library.
        forget_root_wanted(RootId): this root is to leave the library; its files stay.
        accept_missing_wanted(RootId): the user says that the photos of this root were deleted.
        rescan_wanted(RootId): compare this root with the disk now.
    """

    scope_chosen = Signal(object)
    query_chosen = Signal(str)
    problems_chosen = Signal()
    trash_chosen = Signal()
    review_chosen = Signal(object)
    categories_chosen = Signal(object)
    sorting_chosen = Signal()
    detection_chosen = Signal()
    duplicates_chosen = Signal()
    saved_chosen = Signal(object)
    album_chosen = Signal(object)
    renaming = Signal(object)
    removing = Signal(object)
    shifting = Signal(object, int)
    making = Signal(object)
    photos_dropped = Signal(object, object)
    album_fed = Signal(object, object)
    tag_fed = Signal(object, object)
    files_dropped = Signal(object, object, bool)
    tag_moved = Signal(object, object)
    album_moved = Signal(object, object)
    entered = Signal()
    category_edited = Signal(object)
    category_shown = Signal(object)
    add_folder_wanted = Signal()
    forget_root_wanted = Signal(object)
    accept_missing_wanted = Signal(object)
    rescan_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chosen: Place = Place.ALL
        self._silent = False
        self._roots: list[Root] = []
        self._folders: list[tuple[RootId, bytes]] = []
        self._sets: set[SetId] = set()
        self.menus: dict[bytes, Menu] = {b"category": self._category_menu}  # by kind of row
        self.model = FolderTree(self)
        for signal in ("photos_dropped", "album_fed", "tag_fed", "files_dropped", "tag_moved",
                       "album_moved"):  # fmt: skip
            getattr(self.model, signal).connect(getattr(self, signal))
        self.tree = SidebarTree(self.model)
        self.folds = Folds(self.tree, self.model)
        self.field = FindField()
        self.add_button = QPushButton(self.tr("Add folder…"))
        self.add_button.setIcon(icons.icon("add"))
        self.add_button.setAccessibleName(self.tr("Add folder"))
        self.add_button.setToolTip(
            self.tr("Watch another folder; its photos stay where they are (Ctrl+O)")
        )
        self._above = QWidget()
        above = QHBoxLayout(self._above)
        above.setContentsMargins(8, 0, 8, 8)
        above.addWidget(self.field)
        self._above.hide()
        below = QHBoxLayout()
        below.setContentsMargins(8, 8, 8, 8)
        below.addWidget(self.add_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._above)
        layout.addWidget(self.tree, 1)
        layout.addLayout(below)
        theme.mark(self, region="panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(160)

        self.field.settled.connect(self._settle)
        self.field.going.connect(self._find)
        self.tree.selectionModel().currentChanged.connect(self._choose)
        self.tree.clicked.connect(self._click)
        self.tree.menu_wanted.connect(self._offer)
        self.tree.entered.connect(self._enter)
        self.tree.left.connect(self.entered)
        self.tree.adding.connect(partial(self._press, self.making.emit))
        self.tree.renaming.connect(partial(self._press, self.renaming.emit))
        self.tree.removing.connect(partial(self._press, self.removing.emit))
        self.tree.shifting.connect(partial(self._press, self.shifting.emit))
        self.add_button.clicked.connect(lambda: self.add_folder_wanted.emit())
        self.show_rows(Place.ALBUMS, [])
        self.show_rows(Place.TAGS, [])
        self.set_tags(TagsSeen())
        self.folds.restore()

    # -- what is shown -------------------------------------------------------------------------

    def show_rows(self, section: Place, nodes: Sequence[Node]) -> None:
        """Show the rows of a section; what is open and what is chosen stays so."""
        if not nodes and section in (hints := self._hints()):
            nodes = [Node(Place(None, b"no " + section.folder), hints[section], section, hint=True)]
        self._silent = True
        if self.model.show(section, nodes):
            self.folds.reopen()
            self._span()
        self._silent = False
        self._settle()

    def set_roots(self, roots: Sequence[Root], folders: Sequence[FolderCount]) -> None:
        """Show these roots with the folders below them.

        When the chosen folder is gone, its nearest parent is chosen, and `scope_chosen` says so.
        """
        paths = [(folder.root_id, folder.relpath) for folder in folders]
        if self._roots == list(roots) and paths == self._folders:
            for folder in folders:  # several times a second while photos are read
                self.model.count(Place(folder.root_id, folder.relpath), folder.photos)
            self._settle()
            return
        self._folders = paths
        new = {root.id for root in roots} - {root.id for root in self._roots}
        self._roots = list(roots)
        self.folds.open([Place(root_id) for root_id in new if len(roots) == 1])
        self.show_rows(Place.SECTION, folder_rows(roots, folders))

    def set_tags(self, seen: TagsSeen) -> None:
        """Show these sets and categories, with the suggestions that wait."""
        sets = {group.id for group in seen.sets}
        self.folds.open([Place.of_set(set_id) for set_id in sets - self._sets])
        self._sets = sets
        former = self.model.node
        counts = {
            place: node.photos
            for place in (Place.PROBLEMS, Place.DUPLICATES)
            if (node := former(place)) is not None
        }
        self.show_rows(Place.TIDY, tidy_rows(seen, counts))

    def set_saved(self, saved: Sequence[Album], found: Mapping[AlbumId, int]) -> None:
        """Show the saved searches with how many photos each finds, as far as that is known."""
        self.show_rows(Place.SAVED, saved_rows(saved, found))

    def set_albums(self, albums: Sequence[Album]) -> None:
        """Show the albums that are filled by hand, with their counts."""
        self.show_rows(Place.ALBUMS, album_rows(albums))

    def set_counts(self, counts: Counts) -> None:
        """Show how many photos there are in all, and how many problems."""
        self.model.count(Place.ALL, counts.photos)
        self.model.count(Place.PROBLEMS, counts.problems)
        self._settle()

    def set_duplicates(self, groups: int) -> None:
        """Show how many groups of copies wait."""
        self.model.count(Place.DUPLICATES, groups)

    def _span(self) -> None:
        """Rows that never have a count may use its room."""
        model = self.model
        for top in range(model.rowCount()):
            heading = model.index(top, 0)
            self.tree.setFirstColumnSpanned(top, QModelIndex(), model.place(heading) != Place.ALL)
            for row in range(model.rowCount(heading)):
                node = model.node(model.place(model.index(row, 0, heading)))
                bare = node is not None and node.photos < 0 and node.above != Place.SAVED
                self.tree.setFirstColumnSpanned(row, heading, bare)

    def _hints(self) -> dict[Place, str]:
        """What stands where there is nothing yet; a click makes the first."""
        return {Place.ALBUMS: self.tr("New album…"), Place.TAGS: self.tr("New tag…")}

    # -- what is chosen ------------------------------------------------------------------------

    @property
    def chosen(self) -> Place:
        """What is marked."""
        return self._chosen

    @property
    def steered(self) -> bool:
        """Whether the user goes from row to row with keys, and wants to go on."""
        return self.tree.by_key and self.tree.hasFocus()

    def choose(self, scope: Scope) -> None:
        """Mark what the window shows, without a signal."""
        self.choose_place(Place(scope.root_id, scope.folder or b""))

    def choose_place(self, place: Place) -> None:
        """Mark a row that is no folder, without a signal."""
        self._chosen = place
        self._settle()

    def choose_query(self, query: str, scope: Scope) -> None:
        """Mark what a query shows; if such a row was marked and the query is another, the scope."""
        place = self.model.place_of(query) if scope.root_id is None else None
        node = self.model.node(self._chosen)
        if place is not None:
            self.choose_place(place)
        elif node is not None and node.query:
            self.choose(scope)

    def _settle(self) -> None:
        """Bring rows, column width and the current row in line with what is known."""
        self._hide_rows()
        widest = QLocale().toString(max(self.model.largest, 100))
        width = self.tree.fontMetrics().horizontalAdvance(widest) + 16
        self.tree.header().resizeSection(1, width)

        wanted = self._chosen
        index = self.model.index_of(wanted)
        while not index.isValid():
            wanted = wanted.parent()
            index = self.model.index_of(wanted)
        moved = wanted != self._chosen
        current = self.tree.currentIndex()
        resting = current.isValid() and self._leads_nowhere(self.model.place(current))
        if current != index and not (resting and self.tree.hasFocus() and not moved):
            self._silent = True
            self.tree.setCurrentIndex(index)
            self._silent = False
        if moved:
            was_page, self._chosen = self._chosen.root_id is None, wanted
            if not was_page:  # a category that went leaves its page as it is
                self.scope_chosen.emit(wanted.scope())

    def _hide_rows(self) -> None:
        """Sections without rows, problems that there are not, and what is not looked for."""
        model = self.model
        tags = len(model.nodes(Place.TAGS))
        many = max(tags, len(model.nodes(Place.ALBUMS)), len(model.nodes(Place.SPOTS))) > _MANY
        self._above.setVisible(many or bool(self.field.text()))
        self.folds.filter(self.field.wanted)
        if self.field.wanted:
            return
        for row in range(model.rowCount()):
            index = model.index(row, 0)
            empty = model.place(index) != Place.ALL and not model.rowCount(index)
            self.tree.setRowHidden(row, QModelIndex(), empty)
        problems = model.node(Place.PROBLEMS)
        none = problems is None or not problems.photos
        index = model.index_of(Place.PROBLEMS)
        hide = none and self._chosen != Place.PROBLEMS
        self.tree.setRowHidden(index.row(), index.parent(), hide)

    def _leads_nowhere(self, place: Place) -> bool:
        node = self.model.node(place)
        return node is None or node.heading or node.hint

    def _choose(self, current: QModelIndex, _previous: QModelIndex) -> None:
        if self._silent or not current.isValid():
            return
        place = self.model.place(current)
        if place == self._chosen or self._leads_nowhere(place):
            return
        self._chosen = place
        pages = {
            Place.PROBLEMS: self.problems_chosen.emit,
            Place.TRASH: self.trash_chosen.emit,
            Place.REVIEW: partial(self.review_chosen.emit, None),
            Place.CATEGORIES: partial(self.categories_chosen.emit, None),
            Place.SORTING: self.sorting_chosen.emit,
            Place.DETECTION: self.detection_chosen.emit,
            Place.DUPLICATES: self.duplicates_chosen.emit,
        }
        node = self.model.node(place)
        if place in pages:
            pages[place]()
        elif node is not None and node.query:
            self.query_chosen.emit(node.query)
        elif (saved := place.number(b"saved")) is not None:
            self.saved_chosen.emit(AlbumId(saved))
        elif (album := place.number(b"album")) is not None:
            self.album_chosen.emit(AlbumId(album))
        elif (set_id := place.number(b"set")) is not None:
            self.categories_chosen.emit(SetId(set_id))
        elif (category_id := place.number(b"category")) is not None:
            self.review_chosen.emit(CategoryId(category_id))
        else:
            self.scope_chosen.emit(place.scope())

    def _click(self, index: QModelIndex) -> None:
        """A heading folds its section; where there is nothing yet, the first is made."""
        place = self.model.place(index)
        if not self._leads_nowhere(place):
            return
        self._enter(index)
        self.tree.setCurrentIndex(self.model.index_of(self._chosen))

    def _enter(self, index: QModelIndex | None = None) -> None:
        at = index if index is not None else self.tree.currentIndex()
        node = self.model.node(self.model.place(at)) if at.isValid() else None
        if node is not None and node.heading:
            self.tree.setExpanded(at.siblingAtColumn(0), not self.tree.isExpanded(at))
        elif node is not None and node.hint:
            self.making.emit(node.above)
        else:
            self.entered.emit()

    def _press(self, emit: Callable[..., object], index: QModelIndex, *steps: int) -> None:
        emit(self.model.place(index), *steps)

    def _find(self) -> None:
        """Go to the first row that was looked for."""
        self._settle()
        index = self.folds.first_found()
        if index.isValid():
            self.tree.setFocus()
            self.tree.setCurrentIndex(index)

    # -- menus ---------------------------------------------------------------------------------

    def _offer(self, index: QModelIndex, at: QPoint) -> None:
        place = self.model.place(index) if index.isValid() else Place.SECTION
        menu = self.menu_of(place)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    def menu_of(self, place: Place) -> QMenu:
        """The context menu of a row, or of the empty space."""
        kind = place.folder.partition(b" ")[0] if place.root_id is None else b""
        number = place.number(kind)
        menu = self.menus[kind](number or 0) if kind in self.menus else None
        return menu or self.menu_for(place.root_id)

    def _category_menu(self, number: int) -> QMenu:
        """The context menu of a category."""
        menu = QMenu(self)
        for icon, text, signal in (
            ("review", self.tr("Review its suggestions"), self.review_chosen),
            ("photos", self.tr("Show its photos"), self.category_shown),
            ("edit", self.tr("Edit…"), self.category_edited),
        ):
            action = menu.addAction(icons.icon(icon), text)
            action.triggered.connect(partial(_tell, signal.emit, CategoryId(number)))
        return menu

    def menu_for(self, root_id: RootId | None) -> QMenu:
        """The context menu of a root and of the folders below it, or of the empty space."""
        root = next((root for root in self._roots if root.id == root_id), None)
        return root_menu(self, root)


def _tell(emit: Callable[[object], None], value: object, _checked: bool = False) -> None:
    emit(value)
