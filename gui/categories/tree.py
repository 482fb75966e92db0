"""Sets with their categories, at the left of the page."""

from __future__ import annotations

from PySide6.QtCore import QLocale, Qt, Signal
from PySide6.QtGui import QDropEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem

from engine.tag_types import Category, CategoryId, CategorySet, Mode, SetId
from gui import theme
from gui.grid.view import dragged_photos
from gui.labels import plain_text
from gui.tagging.dots import dot_icon
from gui.tagging.seen import TagsSeen

_Key = tuple[str, int]
_KEY = Qt.ItemDataRole.UserRole + 1


class CategoryTree(QTreeWidget):
    """Chooses what the editor shows.

    Signals: set_chosen(SetId) · category_chosen(CategoryId) · removed(), Delete ·
    examples_dropped(CategoryId, list[PhotoId]).
    """

    set_chosen = Signal(object)
    category_chosen = Signal(object)
    removed = Signal()
    examples_dropped = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setIndentation(16)
        self.setUniformRowHeights(True)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAllColumnsShowFocus(True)
        self.setAcceptDrops(True)
        self.setAccessibleName(self.tr("Categories"))
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(16)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._items: dict[_Key, QTreeWidgetItem] = {}
        self.currentItemChanged.connect(self._tell)

    def show_seen(self, seen: TagsSeen) -> None:
        """Take these; what was chosen stays chosen."""
        wanted: list[tuple[_Key, CategorySet | Category]] = []
        for group in seen.sets:
            wanted.append((("set", group.id), group))
            wanted += [(("category", entry.id), entry) for entry in seen.of_set(group.id)]
        if [key for key, _ in wanted] != list(self._items):
            chosen = self.chosen
            self.blockSignals(True)
            self.clear()
            self._items = {}
            above: QTreeWidgetItem | None = None
            for key, entry in wanted:
                item = QTreeWidgetItem()
                item.setData(0, _KEY, key)
                if isinstance(entry, CategorySet):
                    self.addTopLevelItem(item)
                    above = item
                elif above is not None:
                    above.addChild(item)
                self._items[key] = item
            self.expandAll()
            if chosen in self._items:
                self.setCurrentItem(self._items[chosen])
            self.blockSignals(False)
        for key, entry in wanted:
            self._dress(self._items[key], entry, seen)

    def _dress(self, item: QTreeWidgetItem, entry: CategorySet | Category, seen: TagsSeen) -> None:
        item.setText(0, plain_text(entry.name))
        item.setForeground(1, theme.colours().muted)
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if isinstance(entry, CategorySet):
            font = self.font()
            font.setBold(True)
            item.setFont(0, font)
            return
        item.setIcon(0, dot_icon(entry.colour))
        state = seen.states.get(entry.id)
        if entry.mode is Mode.OFF:
            item.setText(1, self.tr("off"))
            item.setForeground(0, theme.colours().muted)
            return
        item.setForeground(0, theme.colours().text)
        item.setText(1, QLocale().toString(state.photos) if state is not None else "")
        if state is not None:
            words = self.tr("%Ln photo(s) at its cut", "", state.photos)
            item.setToolTip(0, words)
            item.setToolTip(1, words)

    @property
    def chosen(self) -> _Key | None:
        item = self.currentItem()
        return None if item is None else tuple(item.data(0, _KEY))

    def choose(self, key: _Key) -> bool:
        """Choose a row; False where it is not there yet."""
        item = self._items.get(key)
        if item is not None:
            self.setCurrentItem(item)
        return item is not None

    def _tell(self, item: QTreeWidgetItem | None) -> None:
        if item is None:
            return
        kind, number = item.data(0, _KEY)
        if kind == "set":
            self.set_chosen.emit(SetId(number))
        else:
            self.category_chosen.emit(CategoryId(number))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.removed.emit()
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Nothing: single letters are shortcuts of the window."""

    def dragEnterEvent(self, event: QDropEvent) -> None:
        if dragged_photos(event.mimeData()):
            event.acceptProposedAction()

    def dragMoveEvent(self, event: QDropEvent) -> None:
        item = self.itemAt(event.position().toPoint())
        ours = item is not None and item.data(0, _KEY)[0] == "category"
        event.setAccepted(ours and bool(dragged_photos(event.mimeData())))

    def dropEvent(self, event: QDropEvent) -> None:
        item = self.itemAt(event.position().toPoint())
        ids = dragged_photos(event.mimeData())
        if item is not None and ids and item.data(0, _KEY)[0] == "category":
            event.acceptProposedAction()
            self.examples_dropped.emit(CategoryId(item.data(0, _KEY)[1]), ids)
