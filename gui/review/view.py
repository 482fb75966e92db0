"""The grid of suggestions: one key accepts, one rejects; each photo says what it is taken for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import QItemSelectionModel, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import QStyleOptionViewItem, QWidget

from engine.types import PhotoId
from gui import theme
from gui.grid.delegate import GAP, CellDelegate
from gui.grid.model import GridModel, IdRole, Index
from gui.grid.view import GridView
from gui.tagging.strip import ACCEPT_KEYS, REJECT_KEYS
from gui.thumbnails import Thumbnails


@dataclass(frozen=True, slots=True)
class Told:
    """What is said on a photo: a category with its colour, and how sure it is."""

    name: str
    colour: QColor
    share: str


class ReviewDelegate(CellDelegate):
    """A cell with the suggestion in its upper corner."""

    told: Mapping[PhotoId, Told] = {}

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        told = self.told.get(index.data(IdRole))
        if told is None:
            return
        cell: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        metrics = painter.fontMetrics()
        room = cell.width() - GAP - 24 - 12
        if room < 40:
            return
        share = metrics.horizontalAdvance(told.share) + 6
        name = metrics.elidedText(
            told.name, Qt.TextElideMode.ElideRight, max(20, room - share - 18)
        )
        width = metrics.horizontalAdvance(name) + share + 18 + 8
        tab = QRect(cell.left() + 8, cell.top() + 8, width, metrics.height() + 6)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 185))
        painter.drawRoundedRect(tab, 6, 6)
        dot = QRect(tab.left() + 7, 0, 8, 8)
        dot.moveTop(tab.center().y() - 3)
        painter.setBrush(told.colour)
        painter.drawEllipse(dot)
        painter.setPen(QColor(255, 255, 255))
        text = tab.adjusted(20, 0, -6, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(text, middle | Qt.AlignmentFlag.AlignLeft, name)
        painter.setPen(QColor(210, 210, 210))
        painter.drawText(text, middle | Qt.AlignmentFlag.AlignRight, told.share)
        painter.restore()


class ReviewView(GridView):
    """A grid that asks. Its keys act on the selected photos.

    Signals: accepted() · rejected() · skipped() · all_accepted().
    """

    accepted = Signal()
    rejected = Signal()
    skipped = Signal()
    all_accepted = Signal()

    def __init__(
        self, model: GridModel, thumbnails: Thumbnails, parent: QWidget | None = None
    ) -> None:
        super().__init__(model, thumbnails, parent)
        self._cells = ReviewDelegate(thumbnails, self)
        self.setItemDelegate(self._cells)
        self.setAccessibleName(self.tr("Suggested photos"))

    def tell(self, told: Mapping[PhotoId, Told]) -> None:
        """What is said on each photo."""
        assert isinstance(self._cells, ReviewDelegate)
        self._cells.told = told
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, ctrl = event.key(), event.modifiers() & Qt.KeyboardModifier.ControlModifier
        if key in ACCEPT_KEYS:
            (self.all_accepted if ctrl else self.accepted).emit()
        elif key in REJECT_KEYS and not ctrl:
            self.rejected.emit()
        elif key == Qt.Key.Key_S and not event.modifiers():
            self.skipped.emit()
        else:
            super().keyPressEvent(event)

    def choose_row(self, row: int) -> None:
        """Select one row, the last where there are fewer."""
        count = self._model.rowCount()
        if count:
            index = self._model.index(max(0, min(row, count - 1)))
            flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.selectionModel().setCurrentIndex(index, flag)
            self.scrollTo(index)


def colour_of(colour: str) -> QColor:
    """A category's colour, or the muted one where it has none."""
    made = QColor(colour)
    return made if colour and made.isValid() else theme.colours().muted
