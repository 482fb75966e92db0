"""The tree of the sidebar: its look, its keys, type-ahead, and what is dragged in it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTreeView, QWidget

from gui import theme
from gui.folder_tree import FolderTree

_KEYS = (
    Qt.Key.Key_F2, Qt.Key.Key_Insert, Qt.Key.Key_Delete, Qt.Key.Key_Return, Qt.Key.Key_Enter,
    Qt.Key.Key_Space, Qt.Key.Key_Escape,
)  # fmt: skip
_ARROWS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_ALT = Qt.KeyboardModifier.AltModifier
_KEPT = "/?"  # these keys stay those of the window


class SidebarTree(QTreeView):
    """While it has the focus, letters look for a row; those of the window wait.

    Signals:
        adding(QModelIndex), Ins · renaming(QModelIndex), F2 · removing(QModelIndex), Del ·
        shifting(QModelIndex, int), Alt with an arrow · entered(), Return · left(), Esc ·
        menu_wanted(QModelIndex, QPoint), global; no index in the empty space.
    """

    adding = Signal(QModelIndex)
    renaming = Signal(QModelIndex)
    removing = Signal(QModelIndex)
    shifting = Signal(QModelIndex, int)
    entered = Signal()
    left = Signal()
    menu_wanted = Signal(QModelIndex, QPoint)

    def __init__(self, model: FolderTree, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.by_key = False  # whether what is chosen now is chosen with a key
        self.setAccessibleName(self.tr("Folders, albums, tags and times"))
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(14)
        self.setAllColumnsShowFocus(True)  # the focus ring goes across the count
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setExpandsOnDoubleClick(False)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setAutoExpandDelay(700)
        theme.mark(self, region="panel")
        self.setModel(model)
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(16)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        theme.notifier.changed.connect(self.viewport().update)

    def event(self, event: QEvent) -> bool:
        """Take letters and our keys before the window's actions do."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() in (
                Qt.KeyboardModifier.NoModifier,
                Qt.KeyboardModifier.ShiftModifier,
            )
            letter = event.text().isprintable() and event.text().strip() not in ("", *_KEPT)
            arrow = event.modifiers() == _ALT and event.key() in _ARROWS
            if (plain and (letter or event.key() in _KEYS)) or arrow:
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        index, key = self.currentIndex(), event.key()
        if event.modifiers() == _ALT and key in _ARROWS and index.isValid():
            self.shifting.emit(index, _ARROWS[Qt.Key(key)])
        elif key == Qt.Key.Key_Insert and index.isValid():
            self.adding.emit(index)
        elif key == Qt.Key.Key_F2 and index.isValid():
            self.renaming.emit(index)
        elif key == Qt.Key.Key_Delete and index.isValid():
            self.removing.emit(index)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            self.by_key = True
            try:
                super().keyPressEvent(event)
            finally:
                self.by_key = False

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Beside the row, also when it is asked for with a key."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        at = self.visualRect(index).center() if by_key else event.pos()
        self.menu_wanted.emit(index, self.viewport().mapToGlobal(at))
