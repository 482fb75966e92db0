"""A grid whose thumbnails have their boxes drawn over them."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject, QPointF, QRect, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyleOptionViewItem, QWidget

from engine.types import Photo, PhotoId
from gui.detection.boxes import BoxPainter, Placed
from gui.detection.results import Results
from gui.grid.delegate import GAP, CellDelegate
from gui.grid.model import GridModel, IdRole, Index, PhotoRole
from gui.grid.view import GridView
from gui.thumbnails import Thumbnails


class BoxDelegate(CellDelegate):
    """A cell with boxes; the names of what is in them where there is room, or on hover."""

    def __init__(self, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(thumbnails, parent)
        self.results = Results()
        self.painter = BoxPainter()
        self.painter.marks_kept = False  # here everything is
        self.fill = False

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        photo_id: PhotoId = index.data(IdRole)
        things = self.results.boxes.get(photo_id)
        pixmap = self._thumbnails.peek(photo_id)
        size = self._size(photo_id, index.data(PhotoRole))
        if not things or pixmap is None or pixmap.isNull() or size is None:
            return
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        cell: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        selected = bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        area = cell.adjusted(0, 0, -GAP, -GAP)
        inner = QRectF(area.adjusted(5, 5, -5, -5) if selected else area)
        picture, scale = self._picture(inner, size)
        placed = [
            Placed(
                thing,
                QRectF(
                    picture.topLeft() + QPointF(*thing.box[:2]) * scale,
                    picture.topLeft() + QPointF(*thing.box[2:]) * scale,
                ),
            )
            for thing in things
        ]
        painter.save()
        room = picture.intersected(inner)
        painter.setClipRect(room)
        font = painter.font()
        font.setPointSizeF(max(7.0, font.pointSizeF() * 0.85))
        painter.setFont(font)
        self.painter.paint(painter, placed, room, quiet=not hovered and area.width() < 210)
        painter.restore()

    def _size(self, photo_id: PhotoId, photo: Photo | None) -> tuple[int, int] | None:
        """In whose pixels the boxes are."""
        known = self.results.sizes.get(photo_id)
        if known is not None and all(known):
            return known
        if photo is not None and photo.width and photo.height:
            return photo.width, photo.height
        return None

    def _picture(self, inner: QRectF, size: tuple[int, int]) -> tuple[QRectF, float]:
        """Where all of the photo would be, and cell pixels per photo pixel."""
        width, height = size
        choose = max if self.fill else min
        scale = choose(inner.width() / width, inner.height() / height)
        whole = QRectF(0, 0, width * scale, height * scale)
        whole.moveCenter(inner.center())
        return whole, scale


class BoxGrid(GridView):
    """The results in a grid, whole photos with their boxes."""

    def __init__(
        self, model: GridModel, thumbnails: Thumbnails, parent: QWidget | None = None
    ) -> None:
        super().__init__(model, thumbnails, parent)
        self._cells: BoxDelegate = BoxDelegate(thumbnails, self)
        self.setItemDelegate(self._cells)
        self.setAccessibleName(self.tr("Photos with what was found"))

    def show_boxes(self, results: Results, colours: Mapping[str, str]) -> None:
        """Draw these boxes."""
        self._cells.results = results
        self._cells.painter.colours = colours
        self.viewport().update()
