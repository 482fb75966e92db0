"""A photo on a surface: zoom to the cursor, pan, whatever the resolution that is there yet."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from gui import theme

STEP = 1.25  # of one notch of the wheel
_FULL_SCREEN = QColor(17, 17, 17)
_LARGEST = 16.0  # device pixels per photo pixel


class Canvas(QWidget):
    """Paints a photo and moves it. All geometry is in pixels of the photo.

    `scale` is logical pixels per photo pixel; None: as large as fits, but not beyond one.

    Signals: detail_wanted(), it is magnified beyond the picture it has · zoom_changed(float),
    device pixels per photo pixel · closed(), double click · menu_wanted(QPoint), global.
    """

    detail_wanted = Signal()
    zoom_changed = Signal(float)
    closed = Signal()
    menu_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self._size = QSize()  # of the photo
        self._image: QImage | None = None
        self._sentence = ""
        self._scale: float | None = None
        self._centre = QPointF()  # the photo's point in the middle of the widget
        self._grip: QPointF | None = None
        self.overlay: Callable[[QPainter], None] = _nothing  # painted over the photo, crisp
        theme.notifier.changed.connect(self.update)

    def show_photo(self, size: QSize, image: QImage | None) -> None:
        """Start with another photo, fitted. `size` may be empty while it is not known."""
        self._scale = None
        self._sentence = ""
        self._size = QSize(size)
        self._image = None
        if image is not None:
            self.set_image(image)
        else:
            self._changed()

    def set_image(self, image: QImage, *, is_full: bool = False) -> None:
        """A better picture of the same photo; nothing moves on screen."""
        self._sentence = ""
        if is_full and image.size() != self._size and not self._size.isEmpty():
            factor = image.width() / self._size.width()
            if self._scale is not None:
                self._scale /= factor
            self._centre *= factor
            self._size = image.size()
        if self._size.isEmpty():
            self._size = image.size()
        self._image = image
        self._changed()

    def say(self, sentence: str) -> None:
        """Show a sentence in place of the photo."""
        self._image = None
        self._sentence = sentence
        self.update()

    @property
    def sentence(self) -> str:
        return self._sentence

    @property
    def image(self) -> QImage | None:
        return self._image

    @property
    def zoom(self) -> float:
        """Device pixels per photo pixel; 1.0 is 100 %."""
        return self._actual_scale() * self.devicePixelRatioF()

    @property
    def fitted(self) -> bool:
        return self._scale is None

    def fit(self) -> None:
        self._scale = None
        self._changed()

    def zoom_to(self, zoom: float, at: QPointF | None = None) -> None:
        """Magnify so that the photo's point under `at` (default: the middle) stays there."""
        if self._size.isEmpty():
            return
        middle = QPointF(self.width() / 2, self.height() / 2)
        at = middle if at is None else at
        fixed = self.photo_point(at)
        smallest = min(self._fit_scale(), 1 / self.devicePixelRatioF())
        scale = zoom / self.devicePixelRatioF()
        largest = _LARGEST / self.devicePixelRatioF()
        self._scale = max(smallest, min(largest, scale))
        if abs(self._scale - self._fit_scale()) < 1e-6:
            self._scale = None
        self._centre = fixed - (at - middle) / self._actual_scale()
        self._changed()

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        self.zoom_to(self.zoom * factor, at)

    def toggle_full(self, at: QPointF | None = None) -> None:
        """100 %, or back to fit."""
        if self.fitted or abs(self.zoom - 1) > 1e-3:
            self.zoom_to(1.0, at)
        else:
            self.fit()

    def photo_point(self, at: QPointF) -> QPointF:
        """The photo's point under a point of the widget."""
        middle = QPointF(self.width() / 2, self.height() / 2)
        return self._middle() + (at - middle) / self._actual_scale()

    def widget_point(self, point: QPointF) -> QPointF:
        """Where a point of the photo is in the widget."""
        middle = QPointF(self.width() / 2, self.height() / 2)
        return middle + (point - self._middle()) * self._actual_scale()

    @property
    def photo_size(self) -> QSize:
        """In whose pixels all geometry is; empty while it is not known."""
        return QSize(self._size)

    # -- inside --------------------------------------------------------------------------------

    def _fit_scale(self) -> float:
        if self._size.isEmpty():
            return 1.0
        fit = min(self.width() / self._size.width(), self.height() / self._size.height())
        return max(1e-6, min(fit, 1.0))

    def _actual_scale(self) -> float:
        return self._fit_scale() if self._scale is None else self._scale

    def _middle(self) -> QPointF:
        if self._scale is None:
            return QPointF(self._size.width() / 2, self._size.height() / 2)
        return self._centre

    def _changed(self) -> None:
        """Keep the photo in the widget, tell the zoom, ask for more pixels if need be."""
        if self._scale is not None:
            for_x = self.width() / 2 / self._scale
            for_y = self.height() / 2 / self._scale
            self._centre = QPointF(
                _within(self._centre.x(), for_x, self._size.width()),
                _within(self._centre.y(), for_y, self._size.height()),
            )
        pannable = self._scale is not None and self._scale > self._fit_scale()
        self.setCursor(Qt.CursorShape.OpenHandCursor if pannable else Qt.CursorShape.ArrowCursor)
        self.zoom_changed.emit(self.zoom)
        if self._image is not None and not self._size.isEmpty():
            shown = self._size.width() * self.zoom
            if shown > self._image.width() * 1.05 and self._image.width() < self._size.width():
                self.detail_wanted.emit()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        colours = theme.colours()
        full_screen = self.window().isFullScreen()  # then the photo is all there is: dark around it
        painter.fillRect(self.rect(), _FULL_SCREEN if full_screen else colours.window)
        if self._sentence:
            painter.setPen(colours.muted)
            painter.drawText(
                self.rect().adjusted(48, 48, -48, -48),
                Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap,
                self._sentence,
            )
        elif self._image is not None:
            scale = self._actual_scale()
            middle = self._middle()
            visible = QRectF(
                middle.x() - self.width() / 2 / scale,
                middle.y() - self.height() / 2 / scale,
                self.width() / scale,
                self.height() / scale,
            ).intersected(QRectF(0, 0, self._size.width(), self._size.height()))
            target = QRectF(
                self.width() / 2 + (visible.x() - middle.x()) * scale,
                self.height() / 2 + (visible.y() - middle.y()) * scale,
                visible.width() * scale,
                visible.height() * scale,
            )
            factor = self._image.width() / self._size.width()
            source = QRectF(
                visible.x() * factor,
                visible.y() * factor,
                visible.width() * factor,
                visible.height() * factor,
            )
            # Above 200 % one wants to see the pixels as they are.
            painter.setRenderHint(
                QPainter.RenderHint.SmoothPixmapTransform, self.zoom < 2 or factor < 1
            )
            painter.drawImage(target, self._image, source)
            self.overlay(painter)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._changed()

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta().y() / 120
        if steps:
            self.zoom_by(STEP**steps, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._grip = event.position()
            if self._scale is not None:
                self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None and self._scale is not None:
            self._centre -= (event.position() - self._grip) / self._scale
            self._grip = event.position()
            self._changed()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None
        self._changed()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.closed.emit()


def _within(middle: float, half: float, length: float) -> float:
    """Keep a view of 2 * half inside 0..length; in the middle where it is larger than that."""
    if 2 * half >= length:
        return length / 2
    return max(half, min(length - half, middle))


def _nothing(_painter: QPainter) -> None: ...
