"""The groups of a preview: each category with a few of its photos, conflicts, what stays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFont,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
)

from engine.types import PhotoId
from gui import icons, theme
from gui.grid.model import Index
from gui.grid.view import dragged_photos
from gui.labels import tooltip_text
from gui.thumbnails import Frame, Thumbnails

GroupKey: TypeAlias = tuple[str, str]
"""What a group is: ("category", its name), CONFLICTS or STAYS."""
CONFLICTS: GroupKey = ("conflicts", "")
STAYS: GroupKey = ("stays", "")
SAMPLES = 3
_SIDE = 40
_ROW = 52
_ROLE = Qt.ItemDataRole.UserRole + 1
_TOP = QModelIndex()


def category_key(name: str) -> GroupKey:
    """What the group of a category is."""
    return ("category", name)


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group as it is shown. `key_number` is the key that moves photos there, if it has one."""

    key: GroupKey
    title: str
    facts: str
    spoken: str = ""
    colour: str = ""
    samples: tuple[PhotoId, ...] = ()
    key_number: int | None = None
    takes: bool = True  # photos can be moved there


class GroupModel(QAbstractListModel):
    """The rows; a few dozen."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[GroupRow] = []

    def show(self, rows: Sequence[GroupRow]) -> None:
        """Take these; a reset only where groups came or went."""
        if [row.key for row in rows] == [row.key for row in self.rows]:
            self.rows = list(rows)
            if rows:
                self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
            return
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = _TOP) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row = self.rows[index.row()]
        if role == _ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return row.title
        if role == Qt.ItemDataRole.ToolTipRole:
            return tooltip_text(f"{row.title}\n{row.spoken or row.facts}")
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{row.title}, {row.spoken or row.facts}"
        return None

    def row_of(self, key: GroupKey) -> int | None:
        return next((n for n, row in enumerate(self.rows) if row.key == key), None)


class GroupDelegate(QStyledItemDelegate):
    """Paints a group: its key, its dot, name and counts, and its surest photos."""

    def __init__(self, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self.drop_row = -1

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(200, _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: GroupRow = index.data(_ROLE)
        colours = theme.colours()
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        cell: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(cell, colours.selection)
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(cell, colours.hover)
        if index.row() == self.drop_row:
            painter.fillRect(cell, colours.selection)
            painter.setPen(colours.accent)
            painter.drawRect(cell.adjusted(1, 1, -2, -2))
        elif state & QStyle.StateFlag.State_HasFocus:
            painter.fillRect(QRect(cell.left(), cell.top(), 3, cell.height()), colours.accent)
        self._mark(painter, row, QRect(cell.left() + 12, cell.top(), 16, cell.height()))
        right = self._pictures(painter, row, cell.adjusted(0, 0, -12, 0))
        text = QRect(cell.left() + 36, cell.top() + 7, right - cell.left() - 44, _ROW - 14)
        self._words(painter, row, text)
        painter.restore()

    def _mark(self, painter: QPainter, row: GroupRow, area: QRect) -> None:
        """The dot of a category, the icon of the others."""
        colours = theme.colours()
        middle = area.center()
        if row.key in (CONFLICTS, STAYS):
            name, colour = (
                ("warning", colours.warning) if row.key == CONFLICTS else ("skip", colours.muted)
            )
            ratio = painter.device().devicePixelRatioF()
            square = QRect(0, 0, 16, 16)
            square.moveCenter(middle)
            painter.drawPixmap(square, icons.pixmap(name, 16, colour, ratio))
            return
        dot = QRect(0, 0, 10, 10)
        dot.moveCenter(middle)
        known = bool(row.colour) and QColor(row.colour).isValid()
        painter.setPen(Qt.PenStyle.NoPen if known else colours.muted)
        painter.setBrush(QColor(row.colour) if known else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(dot)

    def _pictures(self, painter: QPainter, row: GroupRow, area: QRect) -> int:
        """The samples from the right; returns where they begin."""
        room = (area.width() - 160) // (_SIDE + 4)
        side = round(_SIDE * painter.device().devicePixelRatioF())
        left = area.right() + 1
        for photo_id in row.samples[: max(0, min(SAMPLES, room))]:
            left -= _SIDE + 4
            square = QRect(left, 0, _SIDE, _SIDE)
            square.moveTop(area.center().y() - _SIDE // 2)
            pixmap = self._thumbnails.pixmap(photo_id, Frame(side, fill=True))
            if pixmap is None or pixmap.isNull():
                painter.fillRect(square, theme.colours().placeholder)
                continue
            edge = min(pixmap.width(), pixmap.height())
            source = QRect(0, 0, edge, edge)
            source.moveCenter(pixmap.rect().center())
            painter.drawPixmap(square, pixmap, source)
        return left

    def _words(self, painter: QPainter, row: GroupRow, area: QRect) -> None:
        colours = theme.colours()
        font = QFont(painter.font())
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(colours.text)
        metrics = painter.fontMetrics()
        elide = Qt.TextElideMode.ElideRight
        painter.drawText(
            area, Qt.AlignmentFlag.AlignTop, metrics.elidedText(row.title, elide, area.width())
        )
        font.setWeight(QFont.Weight.Normal)
        painter.setFont(font)
        painter.setPen(colours.muted)
        key = "" if row.key_number is None else f"[{row.key_number}]  "
        words = painter.fontMetrics().elidedText(key + row.facts, elide, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignBottom, words)


class GroupList(QListView):
    """The groups; photos can be dropped on them.

    Signals: chosen(GroupKey) · dropped(GroupKey, list[PhotoId]) · number_pressed(int).
    """

    chosen = Signal(object)
    dropped = Signal(object, object)
    number_pressed = Signal(int)

    def __init__(self, thumbnails: Thumbnails) -> None:
        super().__init__()
        self._thumbnails = thumbnails
        self.groups = GroupModel(self)
        self._cells = GroupDelegate(thumbnails, self)
        self.setModel(self.groups)
        self.setItemDelegate(self._cells)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setAcceptDrops(True)
        self.setDropIndicatorShown(False)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DropOnly)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMinimumWidth(200)
        self.setAccessibleName(self.tr("Groups"))
        self.selectionModel().currentChanged.connect(self._tell)
        thumbnails.ready.connect(lambda: self.viewport().update())
        theme.notifier.changed.connect(self.viewport().update)

    def show_groups(self, rows: Sequence[GroupRow]) -> None:
        """Take these; what was chosen stays chosen, else the first that has photos."""
        chosen = self.key
        self.groups.show(rows)
        if self.key is None and rows:
            at = self.groups.row_of(chosen) if chosen is not None else None
            filled = next((n for n, row in enumerate(rows) if row.samples), 0)
            self.setCurrentIndex(self.groups.index(at if at is not None else filled))

    @property
    def key(self) -> GroupKey | None:
        """The group that is chosen."""
        index = self.currentIndex()
        return self.groups.rows[index.row()].key if index.isValid() else None

    def choose(self, key: GroupKey) -> None:
        row = self.groups.row_of(key)
        if row is not None:
            self.setCurrentIndex(self.groups.index(row))

    def _tell(self) -> None:
        key = self.key
        if key is not None:
            self.chosen.emit(key)

    def keyboardSearch(self, search: str) -> None:
        """A digit moves the selected photos, letters are shortcuts of the window."""
        if search.isdigit():
            self.number_pressed.emit(int(search))

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self._thumbnails.keep_only({id_ for row in self.groups.rows for id_ in row.samples})

    # -- drops ---------------------------------------------------------------------------------

    def _target(self, event: QDropEvent) -> int:
        index = self.indexAt(event.position().toPoint())
        takes = index.isValid() and self.groups.rows[index.row()].takes
        return index.row() if takes and dragged_photos(event.mimeData()) else -1

    def _mark(self, row: int) -> None:
        if row != self._cells.drop_row:
            self._cells.drop_row = row
            self.viewport().update()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        event.setAccepted(bool(dragged_photos(event.mimeData())))

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        row = self._target(event)
        self._mark(row)
        event.setAccepted(row >= 0)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._mark(-1)
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        row = self._target(event)
        self._mark(-1)
        if row >= 0:
            event.acceptProposedAction()
            self.dropped.emit(self.groups.rows[row].key, dragged_photos(event.mimeData()))
