"""The groups of one class as a list: the photo that stays, how many go, what is won."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from engine.duplicate_types import DuplicateGroup
from engine.types import PhotoId
from gui import icons, theme
from gui.duplicates.marks import Key, Mark, key_of
from gui.duplicates.words import DuplicateWords
from gui.grid.model import Index
from gui.labels import plain_text, tooltip_text
from gui.thumbnails import Frame, Thumbnails

_SIDE = 44
_ROW = 60
_ROLE = Qt.ItemDataRole.UserRole + 1
_TOP = QModelIndex()


class GroupRows(QAbstractListModel):
    """The rows: as many groups as there are; nothing is worked out before it is painted."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.groups: list[DuplicateGroup] = []
        self._words = DuplicateWords(self)
        self.mark: Callable[[DuplicateGroup], Mark] = lambda group: Mark(group.keep)

    def show(self, groups: Sequence[DuplicateGroup]) -> None:
        self.beginResetModel()
        self.groups = list(groups)
        self.endResetModel()

    def refresh(self) -> None:
        """Marks have changed."""
        if self.groups:
            self.dataChanged.emit(self.index(0), self.index(len(self.groups) - 1))

    def rowCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.groups)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        group = self.groups[index.row()]
        if role == _ROLE:
            return group
        if role == Qt.ItemDataRole.DisplayRole:
            return self.title(group)
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip_text(f"{self.title(group)}\n{self.facts(group)}")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            going = len(self.mark(group).trash)
            marked = self.tr("%Ln marked for the trash", "", going)
            return f"{self.title(group)}, {self.facts(group)}, {marked}"
        return None

    def title(self, group: DuplicateGroup) -> str:
        keep = self.mark(group).keep
        kept = next((m for m in group.members if m.photo_id == keep), group.members[0])
        return plain_text(kept.path.name)

    def facts(self, group: DuplicateGroup) -> str:
        return self._words.group_facts(group)

    def row_of(self, key: Key) -> int | None:
        return next((n for n, group in enumerate(self.groups) if key_of(group) == key), None)


class GroupRowDelegate(QStyledItemDelegate):
    """Paints a group: the photo that stays on top of another, its name, what is marked."""

    def __init__(self, thumbnails: Thumbnails, rows: GroupRows, parent: QObject) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._rows = rows

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        group: DuplicateGroup = index.data(_ROLE)
        colours = theme.colours()
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        cell: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        mark = self._rows.mark(group)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(cell, colours.selection)
            if state & QStyle.StateFlag.State_HasFocus:
                painter.fillRect(QRect(cell.left(), cell.top(), 3, cell.height()), colours.accent)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(cell, colours.hover)
        left, top = cell.left() + 16, cell.center().y() - _SIDE // 2
        behind = next((m.photo_id for m in group.members if m.photo_id != mark.keep), mark.keep)
        painter.setOpacity(0.45)
        self._picture(painter, QRect(left + 8, top - 2, _SIDE, _SIDE), behind)
        painter.setOpacity(1.0)
        front = QRect(left, top + 2, _SIDE, _SIDE)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.fillRect(
            front.adjusted(-2, -2, 2, 2), colours.selection if selected else colours.window
        )
        self._picture(painter, front, mark.keep)
        right = cell.right() - 16
        if mark.trash:
            right = self._going(painter, len(mark.trash), QRect(left, cell.top(), 0, _ROW), right)
        text = QRect(left + _SIDE + 20, cell.top() + 11, 0, _ROW - 22)
        text.setRight(right - 8)
        self._words(painter, group, text)
        painter.restore()

    def _picture(self, painter: QPainter, square: QRect, photo_id: PhotoId) -> None:
        side = round(_SIDE * painter.device().devicePixelRatioF())
        pixmap = self._thumbnails.at_least(photo_id, Frame(side, fill=True))
        if pixmap is None or pixmap.isNull():
            painter.fillRect(square, theme.colours().placeholder)
            return
        painter.drawPixmap(square, pixmap, _middle(pixmap))

    def _going(self, painter: QPainter, count: int, row: QRect, right: int) -> int:
        """The mark of the trash with a number, at the right; returns where it begins."""
        colours = theme.colours()
        words = str(count)
        width = painter.fontMetrics().horizontalAdvance(words)
        area = QRect(right - width, row.top(), width + 1, row.height())
        painter.setPen(colours.muted)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, words)
        icon = QRect(area.left() - 20, row.center().y() - 7, 16, 16)
        ratio = painter.device().devicePixelRatioF()
        painter.drawPixmap(icon, icons.pixmap("trash", 16, colours.muted, ratio))
        return icon.left()

    def _words(self, painter: QPainter, group: DuplicateGroup, area: QRect) -> None:
        colours = theme.colours()
        font = QFont(painter.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(colours.text)
        title = painter.fontMetrics().elidedText(
            self._rows.title(group), Qt.TextElideMode.ElideMiddle, area.width()
        )
        painter.drawText(area, Qt.AlignmentFlag.AlignTop, title)
        font.setWeight(QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(colours.muted)
        facts = painter.fontMetrics().elidedText(
            self._rows.facts(group), Qt.TextElideMode.ElideRight, area.width()
        )
        painter.drawText(area, Qt.AlignmentFlag.AlignBottom, facts)


class GroupListView(QListView):
    """The groups of a class. Letters and digits are the page's.

    Signals: chosen(DuplicateGroup | None).
    """

    chosen = Signal(object)

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._thumbnails = thumbnails
        self.rows = GroupRows(self)
        self.setModel(self.rows)
        self.setItemDelegate(GroupRowDelegate(thumbnails, self.rows, self))
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setMinimumWidth(216)
        self.setAccessibleName(self.tr("Groups of duplicates"))
        self.selectionModel().currentChanged.connect(self._tell)
        thumbnails.ready.connect(lambda: self.viewport().update())
        theme.notifier.changed.connect(self.viewport().update)

    @property
    def group(self) -> DuplicateGroup | None:
        """The group that is chosen."""
        index = self.currentIndex()
        return self.rows.groups[index.row()] if index.isValid() else None

    def show_groups(self, groups: Sequence[DuplicateGroup], *, fresh: bool) -> None:
        """Take these; the one chosen stays so, or the one in its place."""
        chosen, row = self.group, self.currentIndex().row()
        self.rows.show(groups)
        if not groups:
            self.chosen.emit(None)
            return
        at = self.rows.row_of(key_of(chosen)) if chosen is not None and not fresh else None
        if at is None:
            at = 0 if fresh else max(0, min(row, len(groups) - 1))
        self.setCurrentIndex(self.rows.index(at))
        if fresh:
            self.scrollToTop()

    def choose_photo(self, photo_id: PhotoId) -> None:
        """Choose the group that a photo is in, if it is in one."""
        for row, group in enumerate(self.rows.groups):
            if any(member.photo_id == photo_id for member in group.members):
                self.setCurrentIndex(self.rows.index(row))
                return

    def step(self, steps: int) -> None:
        """Go on to another group; nothing happens at the ends."""
        row = self.currentIndex().row() + steps
        if 0 <= row < len(self.rows.groups):
            self.setCurrentIndex(self.rows.index(row))

    def _tell(self) -> None:
        self.chosen.emit(self.group)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = (
            Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown,
            Qt.Key.Key_Home, Qt.Key.Key_End,
        )  # fmt: skip
        if event.key() in moves:
            super().keyPressEvent(event)
        else:
            event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        event.ignore()

    def keyboardSearch(self, search: str) -> None:
        """Nothing: letters are keys of the page."""

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        height = self.viewport().height()
        first = self.indexAt(self.viewport().rect().topLeft()).row()
        shown = self.rows.groups[max(0, first) : max(0, first) + height // _ROW + 2]
        chosen = [self.group] if self.group is not None else []  # its cards have pictures too
        self._thumbnails.keep_only({m.photo_id for g in (*shown, *chosen) for m in g.members})


def _middle(pixmap: QPixmap) -> QRect:
    edge = min(pixmap.width(), pixmap.height())
    source = QRect(0, 0, edge, edge)
    source.moveCenter(pixmap.rect().center())
    return source
