"""Two pictures of one thing on one surface: beside each other, in turn, split, or what differs."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QTransform
from PySide6.QtWidgets import QWidget

from gui import theme
from gui.duplicates.difference import colour
from gui.duplicates.pair_view import GAP, Mode, PairView
from gui.looking.stage import Side, paint_picture, paint_token, paint_words

KEPT = QColor("#5fb878")
"""The mark of what stays, on any photo and in both schemes."""


class Stage(PairView):
    """Paints a pair.

    Signals: split_moved(float), 0 to 1 · opened(bool), double click; on the kept one?
    """

    split_moved = Signal(float)
    opened = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.caption = ""  # what is said of the differences
        self._grip: QPointF | None = None
        self._splitting = False

    # -- painting ------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.colours().window)
        panes = self._panes()
        whole = panes[0]
        if self.mode is Mode.SIDE:
            painter.fillRect(
                QRectF(panes[0].right(), 0, GAP, self.height()), theme.colours().hairline
            )
            for pane, side in zip(panes, (self.kept, self.other), strict=True):
                self._paint(painter, pane, pane, side)
                self._frame(painter, pane, side)
                self._name(painter, pane, side)
        elif self.mode is Mode.FLICK:
            side = self.other if self.shows_other else self.kept
            self._paint(painter, whole, whole, side)
            self._frame(painter, whole, side)
            self._name(painter, whole, side)
        elif self.mode is Mode.SPLIT:
            at = self._split_x()
            self._paint(painter, whole, QRectF(0, 0, at, self.height()), self.kept)
            self._paint(painter, whole, QRectF(at, 0, self.width() - at, self.height()), self.other)
            self._line(painter, at)
            self._name(painter, QRectF(0, 0, at, self.height()), self.kept)
            right = QRectF(at, 0, self.width() - at, self.height())
            self._name(painter, right, self.other, right=True)
        else:
            self._differences(painter, whole)

    def _paint(self, painter: QPainter, pane: QRectF, clip: QRectF, side: Side) -> None:
        if side.image is None:
            paint_words(painter, clip, side.sentence)
            return
        painter.save()
        painter.setClipRect(clip)
        view = self._view(pane)
        if side is self.other:
            view = self.onto * view
        paint_picture(painter, side.image, side.size.width(), view)
        painter.restore()

    def _frame(self, painter: QPainter, pane: QRectF, side: Side) -> None:
        """In the larger of the two: where the smaller one lies."""
        larger = self.kept if self._part != QRectF(QPointF(), self.kept.size) else self.other
        if self._part is None or side is not larger or side.image is None:
            return
        painter.save()
        painter.setClipRect(pane)
        area = self._view(pane).mapRect(self._part)
        painter.setPen(QPen(QColor(0, 0, 0, 150), 3))
        painter.drawRect(area)
        painter.setPen(QPen(QColor(255, 255, 255), 1.5, Qt.PenStyle.DashLine))
        painter.drawRect(area)
        painter.restore()

    def _name(self, painter: QPainter, pane: QRectF, side: Side, *, right: bool = False) -> None:
        """Which one it is; a dot marks the kept one."""
        edge = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        paint_token(painter, pane, side.name, dot=KEPT if side is self.kept else None, at=edge)

    def _split_x(self) -> float:
        """Where the two meet: within the picture, not beside it."""
        shown = self._shown()
        return shown.left() + shown.width() * self.split

    def _shown(self) -> QRectF:
        """Where the pictures are seen."""
        place = self._view(self._panes()[0]).mapRect(self._look.whole)
        return place.intersected(QRectF(self.rect()))

    def _line(self, painter: QPainter, at: float) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(QRectF(at - 1.5, 0, 3, self.height()), QColor(0, 0, 0, 120))
        painter.fillRect(QRectF(at - 0.5, 0, 1, self.height()), QColor(255, 255, 255))
        middle = QPointF(at, self.height() / 2)
        painter.setPen(QPen(QColor(0, 0, 0, 120), 1))
        painter.setBrush(QColor(255, 255, 255))
        painter.drawEllipse(middle, 11, 11)
        painter.setPen(QPen(QColor(40, 40, 40), 1.6))
        for way in (-1, 1):
            tip = middle + QPointF(6.5 * way, 0)
            painter.drawLine(tip, tip + QPointF(-3 * way, -3))
            painter.drawLine(tip, tip + QPointF(-3 * way, 3))
        painter.restore()

    def _differences(self, painter: QPainter, pane: QRectF) -> None:
        shown = self.difference
        if shown is None:
            self._paint(painter, pane, pane, self.kept)
            return
        painter.save()
        factor = self.kept.size.width() / shown.map.width()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self.zoom * factor < 2)
        painter.setTransform(QTransform.fromScale(factor, factor) * self._view(pane))
        painter.drawImage(0, 0, shown.below)
        painter.drawImage(0, 0, colour(shown, self.amount))
        painter.restore()
        paint_token(painter, pane, self.caption)

    # -- mouse ---------------------------------------------------------------------------------

    def _near_split(self, at: QPointF) -> bool:
        return self.mode is Mode.SPLIT and abs(at.x() - self._split_x()) < 14

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            at = event.position()
            self._splitting = self._near_split(at) or (self.mode is Mode.SPLIT and self.fitted)
            self._grip = at
            if self._splitting:
                self._drag_split(at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._grip is None:
            if self._near_split(at):
                self.setCursor(Qt.CursorShape.SplitHCursor)
            elif self.mode is Mode.SPLIT:
                self.setCursor(Qt.CursorShape.ArrowCursor)
        elif self._splitting:
            self._drag_split(at)
        elif self._look.scale is not None:
            self._look.shift(at - self._grip)
            self._grip = at
            self._changed()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def _drag_split(self, at: QPointF) -> None:
        shown = self._shown()
        self.set_split((at.x() - shown.left()) / max(1.0, shown.width()))
        self.split_moved.emit(self.split)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None
        self._splitting = False

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        left = event.position().x() < self.width() / 2
        split = event.position().x() < self._split_x()
        kept = {Mode.SIDE: left, Mode.FLICK: not self.shows_other, Mode.SPLIT: split}
        self.opened.emit(kept.get(self.mode, True))
