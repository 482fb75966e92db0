"""Which categories are to be sorted by: sets and their categories, each with a check box."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QTreeWidget, QTreeWidgetItem

from engine.tag_types import Category
from gui.labels import plain_text
from gui.tagging.dots import dot_icon
from gui.tagging.seen import TagsSeen

_NAME = Qt.ItemDataRole.UserRole + 1


class CategoryChoice(QTreeWidget):
    """Signals: changed(), something was checked or unchecked."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setIndentation(20)
        self.setUniformRowHeights(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Categories to sort by"))
        self._categories: tuple[Category, ...] = ()
        self.itemChanged.connect(lambda: self.changed.emit())

    def show_seen(self, seen: TagsSeen, chosen: set[str]) -> None:
        """Show what there is; `chosen` are checked, all of the first set where none is there."""
        categories = tuple(c for group in seen.sets for c in seen.of_set(group.id))
        if categories == self._categories and self.topLevelItemCount():
            return
        if self._categories:
            chosen = {category.name for category in self.chosen()}
        names = {category.name for category in categories}
        if not chosen & names and seen.sets:
            filled = next((group for group in seen.sets if seen.of_set(group.id)), seen.sets[0])
            chosen = {category.name for category in seen.of_set(filled.id)}
        self._categories = categories
        self.blockSignals(True)
        self.clear()
        for group in seen.sets:
            members = seen.of_set(group.id)
            if not members:
                continue
            above = QTreeWidgetItem([plain_text(group.name)])
            font = self.font()
            font.setBold(True)
            above.setFont(0, font)
            above.setFlags(above.flags() | Qt.ItemFlag.ItemIsAutoTristate)
            self.addTopLevelItem(above)
            for category in members:
                item = QTreeWidgetItem([plain_text(category.name)])
                item.setData(0, _NAME, category.name)
                item.setIcon(0, dot_icon(category.colour))
                on = category.name in chosen
                item.setCheckState(0, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
                above.addChild(item)
        self.expandAll()
        self.blockSignals(False)
        self.changed.emit()

    @property
    def known(self) -> tuple[Category, ...]:
        """All that can be chosen."""
        return self._categories

    def chosen(self) -> list[Category]:
        """What is checked, in the order of the page."""
        names: set[str] = set()
        for at in range(self.topLevelItemCount()):
            above = self.topLevelItem(at)
            for n in range(above.childCount() if above is not None else 0):
                item = above.child(n) if above is not None else None
                if item is not None and item.checkState(0) == Qt.CheckState.Checked:
                    names.add(item.data(0, _NAME))
        return [category for category in self._categories if category.name in names]

    def choose(self, names: set[str]) -> None:
        """Check exactly these."""
        for at in range(self.topLevelItemCount()):
            above = self.topLevelItem(at)
            for n in range(above.childCount() if above is not None else 0):
                item = above.child(n) if above is not None else None
                if item is not None:
                    on = item.data(0, _NAME) in names
                    item.setCheckState(0, Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space checks; Enter too, for there is nothing to open."""
        item = self.currentItem()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and item is not None:
            on = item.checkState(0) == Qt.CheckState.Checked
            item.setCheckState(0, Qt.CheckState.Unchecked if on else Qt.CheckState.Checked)
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        """Nothing: single letters are shortcuts of the window."""
