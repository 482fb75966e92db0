"""A rectangle drawn over the photo in the viewer: what is in it is searched for."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from engine.types import Box
from gui import theme
from gui.looking.canvas import Canvas

_LEAST = 8.0  # a drag smaller than this on the screen was a click
_STEP = 8.0  # of an arrow key, on the screen


class PartVeil(QWidget):
    """Lies over a canvas while one draws. Drag, or arrows (Shift: size), Enter; Esc leaves.

    Signals: drawn(Box), in pixels of the upright photo · left(), without one.
    """

    drawn = Signal(object)
    left = Signal()

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._from: QPointF | None = None
        self.area = QRectF()  # in widget pixels
        self.setCursor(Qt.CursorShape.CrossCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Part of the photo to search with"))
        self._place = QRectF()  # of the photo, when this began
        canvas.zoom_changed.connect(self._follow)
        self.hide()

    def begin(self) -> None:
        """Take over mouse and keys, with a rectangle in the middle for the keyboard."""
        if self._canvas.image is None:
            return
        self.setGeometry(self._canvas.rect())
        photo = self._place = self._photo()
        side = min(photo.width(), photo.height()) / 2
        self.area = QRectF(0, 0, side, side)
        self.area.moveCenter(photo.center())
        self._from = None
        self.show()
        self.raise_()
        self.setFocus()

    def _follow(self) -> None:
        """Where the photo is moved, what was drawn is off; a sharper picture of it is none."""
        now, then = self._photo(), self._place
        moved = (now.topLeft() - then.topLeft(), now.bottomRight() - then.bottomRight())
        if max(by.manhattanLength() for by in moved) > 1:
            self.hide()

    def picture(self, box: Box) -> QPixmap | None:
        """What is in a box, of the picture that is there."""
        image, size = self._canvas.image, self._canvas.photo_size
        if image is None or not size.width():
            return None
        factor = image.width() / size.width()
        left, top, right, bottom = (round(edge * factor) for edge in box)
        return QPixmap.fromImage(image.copy(left, top, max(1, right - left), max(1, bottom - top)))

    def _photo(self) -> QRectF:
        """Where the photo is in the widget, as far as it is seen."""
        size = self._canvas.photo_size
        corner = self._canvas.widget_point(QPointF(0, 0))
        end = self._canvas.widget_point(QPointF(size.width(), size.height()))
        return QRectF(corner, end).intersected(QRectF(self.rect()))

    def _take(self) -> None:
        first = self._canvas.photo_point(self.area.topLeft())
        last = self._canvas.photo_point(self.area.bottomRight())
        size = self._canvas.photo_size
        box = Box(
            max(0.0, round(first.x())),
            max(0.0, round(first.y())),
            min(float(size.width()), round(last.x())),
            min(float(size.height()), round(last.y())),
        )
        self.hide()
        if box.right > box.left and box.bottom > box.top:
            self.drawn.emit(box)

    def _leave(self) -> None:
        self.hide()
        self.left.emit()

    # -- mouse and keys ------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._from = event.position()
        else:
            self._leave()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is not None:
            self.area = QRectF(self._from, event.position()).normalized() & self._photo()
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._from is None:
            return
        far = event.position() - self._from
        self._from = None
        if max(abs(far.x()), abs(far.y())) >= _LEAST and not self.area.isEmpty():
            self._take()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = Qt.Key
        moves = {
            keys.Key_Left: (-_STEP, 0.0),
            keys.Key_Right: (_STEP, 0.0),
            keys.Key_Up: (0.0, -_STEP),
            keys.Key_Down: (0.0, _STEP),
        }
        if event.key() in moves:
            right, down = moves[keys(event.key())]
            sizes = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            area = self.area.adjusted(*((0, 0) if sizes else (right, down)), right, down)
            if area.width() >= _LEAST and area.height() >= _LEAST and self._photo().contains(area):
                self.area = area
                self.update()
        elif event.key() in (keys.Key_Return, keys.Key_Enter):
            self._take()
        elif event.key() == keys.Key_Escape:
            self._leave()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        shade = QColor(0, 0, 0, 120)
        whole, area = QRectF(self.rect()), self.area
        for part in (
            QRectF(0, 0, whole.width(), area.top()),
            QRectF(0, area.bottom(), whole.width(), whole.height() - area.bottom()),
            QRectF(0, area.top(), area.left(), area.height()),
            QRectF(area.right(), area.top(), whole.width() - area.right(), area.height()),
        ):
            painter.fillRect(part, shade)
        painter.setPen(QPen(QColor(255, 255, 255), 2))
        painter.drawRect(area)
        painter.setPen(QPen(theme.colours().accent, 2, Qt.PenStyle.DashLine))
        painter.drawRect(area)
        words = self.tr("Drag over what you search for. Arrows and Enter do it too; Esc leaves.")
        metrics = painter.fontMetrics()
        line = QRectF(0, 0, metrics.horizontalAdvance(words) + 24, metrics.height() + 12)
        line.moveCenter(QPointF(whole.center().x(), whole.bottom() - 32))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 190))
        painter.drawRoundedRect(line, 6, 6)
        painter.setPen(QColor(255, 255, 255))
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, words)
