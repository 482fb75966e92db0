"""The photos of one group of a preview; each says how sure it is, and keys move it elsewhere."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem, QWidget

from engine.types import PhotoId
from gui.grid.delegate import GAP, CellDelegate
from gui.grid.model import GridModel, IdRole, Index
from gui.grid.view import GridView
from gui.thumbnails import Thumbnails


class SortDelegate(CellDelegate):
    """A cell with a word in its upper corner, always or when it is looked at."""

    def __init__(self, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(thumbnails, parent)
        self.told: Callable[[PhotoId], str] = _nothing
        self.always = False

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        looked_at = QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Selected
        if not (self.always or state & looked_at):
            return
        words = self.told(index.data(IdRole))
        cell: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        metrics = painter.fontMetrics()
        room = cell.width() - GAP - 16 - 16
        if not words or room < 40:
            return
        words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room)
        width = metrics.horizontalAdvance(words) + 16
        tab = QRect(cell.left() + 8, cell.top() + 8, width, metrics.height() + 6)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 185))
        painter.drawRoundedRect(tab, 6, 6)
        painter.setPen(QColor(255, 255, 255))
        painter.drawText(tab, Qt.AlignmentFlag.AlignCenter, words)
        painter.restore()


class SortView(GridView):
    """A grid whose photos can be moved to other groups.

    Signals: number_pressed(int), a digit · menu_key_pressed(), M.
    """

    number_pressed = Signal(int)
    menu_key_pressed = Signal()

    def __init__(
        self, model: GridModel, thumbnails: Thumbnails, parent: QWidget | None = None
    ) -> None:
        super().__init__(model, thumbnails, parent)
        self._cells: SortDelegate = SortDelegate(thumbnails, self)
        self.setItemDelegate(self._cells)
        self.setAccessibleName(self.tr("Photos of the group"))

    def tell(self, told: Callable[[PhotoId], str], *, always: bool) -> None:
        """What is said on each photo; `always`: not only when it is looked at."""
        self._cells.told = told
        self._cells.always = always
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keypad = Qt.KeyboardModifier.KeypadModifier
        plain = not event.modifiers() & ~keypad
        if plain and event.text().isdigit() and event.text().isascii():
            self.number_pressed.emit(int(event.text()))
        elif plain and event.key() == Qt.Key.Key_M:
            self.menu_key_pressed.emit()
        else:
            super().keyPressEvent(event)


def _nothing(_photo_id: PhotoId) -> str:
    return ""
