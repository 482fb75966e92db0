"""A layout that sets widgets beside each other and goes on in the next line."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget


class FlowLayout(QLayout):
    """Lines of widgets; the last one, if `stretches`, takes what its line has left."""

    def __init__(self, parent: QWidget | None = None, *, gap: int = 6, stretches: int = 0) -> None:
        """Args: stretches: the least width of the last widget, 0 for its own."""
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap = gap
        self._stretches = stretches
        self.setContentsMargins(0, 0, 0, 0)

    def insert_widget(self, at: int, widget: QWidget) -> None:
        """Put a widget before the one that is at this place now."""
        self.addWidget(widget)
        self._items.insert(at, self._items.pop())
        self.invalidate()

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        margins = self.contentsMargins()
        inner = width - margins.left() - margins.right()
        high = self._arrange(QRect(0, 0, inner, 0), move=False)
        return high + margins.top() + margins.bottom()

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        self._arrange(rect.marginsRemoved(self.contentsMargins()), move=True)

    def sizeHint(self) -> QSize:
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        margins = self.contentsMargins()
        return size.grownBy(margins)

    def _arrange(self, rect: QRect, *, move: bool) -> int:
        """Set the widgets, line by line; what is returned is the height of all lines."""
        left, top, line = rect.left(), rect.top(), 0
        placed: list[tuple[QLayoutItem, QRect]] = []
        for at, item in enumerate(self._items):
            widget = item.widget()
            if widget is not None and widget.isHidden():
                continue
            size = item.sizeHint().boundedTo(QSize(max(rect.width(), 1), 10_000))
            last = self._stretches and at == len(self._items) - 1
            wanted = self._stretches if last else size.width()
            if left > rect.left() and left + wanted > rect.left() + rect.width():
                left, top, line = rect.left(), top + line + self._gap, 0
            width = rect.left() + rect.width() - left if last else size.width()
            placed.append((item, QRect(QPoint(left, top), QSize(width, size.height()))))
            left += width + self._gap
            line = max(line, size.height())
        if move:
            heights: dict[int, int] = {}
            for _, place in placed:
                heights[place.top()] = max(heights.get(place.top(), 0), place.height())
            for item, place in placed:
                lower = (heights[place.top()] - place.height()) // 2
                item.setGeometry(place.translated(0, lower))
        return top + line - rect.top()
