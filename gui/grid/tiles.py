"""A list view whose cells lie by arithmetic: a million rows cost what a screen of them does.

QListView lays out every row, which takes seconds of the GUI thread for a million of them, and
knows no line across. Its class stays, since screen readers know its items by that; everything
that would use its own layout is replaced here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
)
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QHoverEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QRubberBand,
    QStyle,
    QStyleOptionRubberBand,
    QStyleOptionViewItem,
    QWidget,
)

Index = QModelIndex | QPersistentModelIndex

_FEW_SPANS = 200  # more separate spans of a selection are repainted with all of the screen
_State = QAbstractItemView.State
_Move = QAbstractItemView.CursorAction


class TileView(QListView):
    """Square cells from left to right, in two parts: before a line across, and after it.

    Who uses it sets `set_tiles` when the width changes, and `set_parts` when the rows do.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._side = 100  # pixels of a cell, with the gap
        self._columns = 1
        self._parted_at: int | None = None  # the first row after the line
        self._line = 0  # its height
        self._folded = False  # what comes after it is hidden
        self._hovered = -1
        self._pressed = QPoint()  # in the content, where a rectangle of selection begins
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    # -- where rows lie ------------------------------------------------------------------------

    def set_tiles(self, side: int, columns: int) -> bool:
        """Lay cells of so many pixels in so many columns. Returns: whether that is another size."""
        if (side, columns) == (self._side, self._columns):
            return False
        self._side, self._columns = side, columns
        self.verticalScrollBar().setSingleStep(max(1, side // 3))
        self.doItemsLayout()
        return True

    def set_parts(self, parted_at: int | None, line: int, *, folded: bool) -> None:
        """Put a line of so many pixels before a row, and hide what comes after it or do not."""
        self._parted_at, self._line, self._folded = parted_at, line, folded
        self.doItemsLayout()

    def rows_shown(self) -> int:
        """How many rows there are that are not folded away."""
        count = self._count()
        return min(count, self._parted_at) if self._folded and self._parted_at else count

    def line_top(self) -> int | None:
        """Where the line across lies on screen, in pixels of the viewport; None without one."""
        if self._parted_at is None:
            return None
        return self._lines(self._parted_at) * self._side - self.verticalOffset()

    def visible_rows(self) -> range:
        """Rows on screen."""
        top = self.verticalOffset()
        first = self._row_from(top)
        return range(first, max(first, self._row_from(top + self.viewport().height() - 1, up=True)))

    def _count(self) -> int:
        model = cast("QAbstractItemModel | None", self.model())  # None while Qt builds the view
        return model.rowCount() if model is not None else 0

    def _lines(self, rows: int) -> int:
        return -(-rows // self._columns)

    def _before(self) -> int:
        """Rows before the line."""
        return self._count() if self._parted_at is None else min(self._parted_at, self._count())

    def _height(self) -> int:
        before = self._before()
        after = self.rows_shown() - before
        line = self._line if self._parted_at is not None else 0
        return (self._lines(before) + self._lines(max(after, 0))) * self._side + line

    def _place(self, row: int) -> tuple[int, int]:
        """Left and top of a cell, in the content."""
        before = self._before()
        top = 0
        if row >= before:
            row, top = row - before, self._lines(before) * self._side + self._line
        return row % self._columns * self._side, top + row // self._columns * self._side

    def _row_from(self, y: int, *, up: bool = False) -> int:
        """The first row of the line of cells at a height; with `up` the one behind its last."""
        before, count = self._before(), self.rows_shown()
        first, base = 0, 0
        height = self._lines(before) * self._side
        if y >= height + self._line and self._parted_at is not None:
            first, base, last = before, height + self._line, count
        else:
            last = before
            y = min(y, height)
        found = first + (max(y - base, 0) // self._side + up) * self._columns
        return max(first, min(found, last))

    def _row_at(self, point: QPoint) -> int:
        """The row at a point of the content; -1 for none."""
        if point.x() < 0 or point.y() < 0 or point.x() >= self._columns * self._side:
            return -1
        first = self._row_from(point.y())
        row = first + point.x() // self._side
        if row >= self.rows_shown():
            return -1
        left, top = self._place(row)
        return row if QRect(left, top, self._side, self._side).contains(point) else -1

    def _nearest_row(self, point: QPoint) -> int:
        """The row at a point of the content, or the one before it that is next to it."""
        x = max(0, min(point.x() // self._side, self._columns - 1))
        first = self._row_from(max(point.y(), 0))
        end = max(first + 1, self._row_from(max(point.y(), 0), up=True))
        return max(0, min(first + x, end - 1, self.rows_shown() - 1))

    # -- what Qt asks --------------------------------------------------------------------------

    def visualRect(self, index: Index) -> QRect:
        if not index.isValid() or index.row() >= self.rows_shown():
            return QRect()
        left, top = self._place(index.row())
        return QRect(left, top - self.verticalOffset(), self._side, self._side)

    def indexAt(self, p: QPoint) -> QModelIndex:
        row = self._row_at(p + QPoint(0, self.verticalOffset()))
        return self.model().index(row, 0) if row >= 0 else QModelIndex()

    def isIndexHidden(self, index: Index) -> bool:
        return index.row() >= self.rows_shown()

    def gridSize(self) -> QSize:
        return QSize(self._side, self._side)

    def horizontalOffset(self) -> int:
        return 0

    def verticalOffset(self) -> int:
        return self.verticalScrollBar().value()

    def doItemsLayout(self) -> None:
        """Not QListView's, which would visit every row."""
        self.updateGeometries()
        self.viewport().update()

    def updateGeometries(self) -> None:
        bar, page = self.verticalScrollBar(), self.viewport().height()
        bar.setPageStep(page)
        bar.setRange(0, max(0, self._height() - page))

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self._hovered = -1
        self.viewport().update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometries()

    def scrollTo(
        self,
        index: Index,
        hint: QAbstractItemView.ScrollHint = QAbstractItemView.ScrollHint.EnsureVisible,
    ) -> None:
        if not index.isValid() or self.isIndexHidden(index):
            return
        top, page = self._place(index.row())[1], self.viewport().height()
        bar = self.verticalScrollBar()
        hints = QAbstractItemView.ScrollHint
        if hint == hints.PositionAtTop:
            bar.setValue(top)
        elif hint == hints.PositionAtBottom:
            bar.setValue(top + self._side - page)
        elif hint == hints.PositionAtCenter:
            bar.setValue(top - (page - self._side) // 2)
        elif top < bar.value() or self._side > page:
            bar.setValue(top)
        elif top + self._side > bar.value() + page:
            bar.setValue(top + self._side - page)

    def moveCursor(self, cursorAction: _Move, modifiers: Qt.KeyboardModifier) -> QModelIndex:  # noqa: N803
        count = self.rows_shown()
        if not count:
            return QModelIndex()
        now = self.currentIndex().row()
        if not 0 <= now < count:
            return self.model().index(0, 0)
        page = max(1, self.viewport().height() // self._side)
        match cursorAction:
            case _Move.MoveLeft | _Move.MovePrevious:
                row = now - 1
            case _Move.MoveRight | _Move.MoveNext:
                row = now + 1
            case _Move.MoveUp:
                row = self._by_lines(now, -1)
            case _Move.MoveDown:
                row = self._by_lines(now, 1)
            case _Move.MovePageUp:
                row = self._by_lines(now, -page)
            case _Move.MovePageDown:
                row = self._by_lines(now, page)
            case _Move.MoveHome:
                row = 0
            case _:
                row = count - 1
        return self.model().index(max(0, min(row, count - 1)), 0)

    def _by_lines(self, row: int, lines: int) -> int:
        """The row so many lines further down, in the same column or the last that there is."""
        left, top = self._place(row)
        before = self._before()
        y = top + lines * self._side
        if self._parted_at is not None and before < self.rows_shown():
            edge = self._lines(before) * self._side
            if (row < before) and y >= edge:
                y += self._line
            elif row >= before and y < edge + self._line:
                y -= self._line
        first = self._row_from(max(y, 0))
        end = self._row_from(max(y, 0), up=True)
        if y < 0 or first >= self.rows_shown():
            return row
        column = left // self._side
        found = min(first + column, max(end - 1, first))
        # Down from a line that is not the last, where the last one is shorter: to its end.
        return row if found == row or (lines > 0 and found < row) else found

    def setSelection(self, rect: QRect, command: QItemSelectionModel.SelectionFlag) -> None:
        selection = QItemSelection()
        model, down = self.model(), QPoint(0, self.verticalOffset())
        if self.rows_shown():
            if self.state() == _State.DragSelectingState:
                for first, last in self._spans_in(rect.normalized().translated(down)):
                    selection.select(model.index(first, 0), model.index(last, 0))
            elif rect.width() == 1 and rect.height() == 1:
                row = self._row_at(rect.topLeft() + down)
                if row >= 0:
                    selection.select(model.index(row, 0), model.index(row, 0))
            else:
                ends = [self._nearest_row(p + down) for p in (rect.topLeft(), rect.bottomRight())]
                selection.select(model.index(min(ends), 0), model.index(max(ends), 0))
        self.selectionModel().select(selection, command)

    def _spans_in(self, rect: QRect) -> Iterator[tuple[int, int]]:
        """(first, last) row of each line that a rectangle of the content touches."""
        count = self.rows_shown()
        low = max(0, rect.left() // self._side)
        high = min(self._columns - 1, rect.right() // self._side)
        y = max(0, rect.top())
        while y <= rect.bottom() and low <= high:
            first, end = self._row_from(y), self._row_from(y, up=True)
            if first >= count:
                return
            top = self._place(first)[1]
            if end > first and top <= rect.bottom() and top + self._side > rect.top():
                if first + low < end:
                    yield first + low, min(first + high, end - 1)
                y = top + self._side
            else:  # on the line across
                y += max(1, self._line)

    def visualRegionForSelection(self, selection: QItemSelection) -> QRegion:
        if selection.count() > _FEW_SPANS:
            return QRegion(self.viewport().rect())
        seen = self.visible_rows()
        region = QRegion()
        for span in (selection.at(at) for at in range(selection.count())):
            for row in range(max(span.top(), seen.start), min(span.bottom() + 1, seen.stop)):
                region |= self.visualRect(self.model().index(row, 0))
        return region

    def selectAll(self) -> None:
        """All that is shown; what is folded away is not."""
        count = self.rows_shown()
        if not count or self.selectionMode() == QAbstractItemView.SelectionMode.SingleSelection:
            return
        model = self.model()
        everything = QItemSelection(model.index(0, 0), model.index(count - 1, 0))
        self.selectionModel().select(everything, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        if QAccessible.isActive() and current.isValid() and self.hasFocus():
            event = QAccessibleEvent(self, QAccessible.Event.Focus)
            event.setChild(current.row())
            QAccessible.updateAccessibility(event)

    # -- mouse ---------------------------------------------------------------------------------

    def viewportEvent(self, event: QEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.HoverEnter, QEvent.Type.HoverMove):
            assert isinstance(event, QHoverEvent)
            self._hover(self.indexAt(event.position().toPoint()).row())
        elif kind in (QEvent.Type.HoverLeave, QEvent.Type.Leave):
            self._hover(-1)
        return super().viewportEvent(event)

    def _hover(self, row: int) -> None:
        if row != self._hovered:
            before, self._hovered = self._hovered, row
            for one in (before, row):
                self.viewport().update(self.visualRect(self.model().index(one, 0)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._pressed = event.position().toPoint() + QPoint(0, self.verticalOffset())
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        if self.state() == _State.DragSelectingState:
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self.viewport().update()

    # -- painting ------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        option = QStyleOptionViewItem()
        self.initViewItemOption(option)
        flags = QStyle.StateFlag
        # The members of the option are filled in by C++; the stubs do not know them all.
        plain: QStyle.StateFlag = option.state & ~flags.State_HasFocus  # pyright: ignore
        model, chosen = self.model(), self.selectionModel()
        current = self.currentIndex().row() if self.hasFocus() else -1
        delegate, dirty = self.itemDelegate(), event.rect()
        for row in self.visible_rows():
            index = model.index(row, 0)
            rect = self.visualRect(index)
            if not rect.intersects(dirty):
                continue
            state = plain
            if chosen.isSelected(index):
                state |= flags.State_Selected
            if row == current:
                state |= flags.State_HasFocus
            if row == self._hovered:
                state |= flags.State_MouseOver
            option.state = state  # pyright: ignore[reportAttributeAccessIssue]
            option.rect = rect  # pyright: ignore[reportAttributeAccessIssue]
            delegate.paint(painter, option, index)
        if self.state() == _State.DragSelectingState:
            self._paint_band(painter)

    def _paint_band(self, painter: QPainter) -> None:
        """The rectangle that is being drawn around photos."""
        start = self._pressed - QPoint(0, self.verticalOffset())
        band = QStyleOptionRubberBand()
        band.initFrom(self)
        band.shape = QRubberBand.Shape.Rectangle  # pyright: ignore[reportAttributeAccessIssue]
        band.opaque = False  # pyright: ignore[reportAttributeAccessIssue]
        here = self.viewport().mapFromGlobal(self.cursor().pos())
        band.rect = QRect(start, here).normalized()  # pyright: ignore[reportAttributeAccessIssue]
        self.style().drawControl(QStyle.ControlElement.CE_RubberBand, band, painter)
