"""A photo on a surface: zoom to the cursor, pan, whatever the resolution that is there yet."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
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
from gui.looking.stage import (
    DARK,
    STEP,
    View,
    is_coarse,
    paint_picture,
    paint_token,
    paint_words,
    sharpest,
    toggled,
)


class Canvas(QWidget):
    """Paints a photo and moves it. All geometry is in pixels of the photo.

    Signals: detail_wanted(), it is magnified beyond the picture it has · zoom_changed(float),
    device pixels per photo pixel · menu_wanted(QPoint), global.
    """

    detail_wanted = Signal()
    zoom_changed = Signal(float)
    menu_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self._view = View()
        self._images: list[QImage] = []  # of the same photo, each with more pixels than the last
        self._sentence = ""
        self._grip: QPointF | None = None
        self._cursor_hidden = False
        self._bare = False
        self.overlay: Callable[[QPainter], None] = _nothing  # painted over the photo, crisp
        theme.notifier.changed.connect(self.update)

    def show_photo(self, size: QSize, image: QImage | None) -> None:
        """Start with another photo, fitted. `size` may be empty while it is not known."""
        self._view.fit()
        self._sentence = ""
        self._view.whole = QRectF(QPointF(), QSizeF(size))
        self._images = []
        if image is not None:
            self.set_image(image)
        else:
            self._changed()

    def set_image(self, image: QImage, *, is_full: bool = False) -> None:
        """A better picture of the same photo; nothing moves on screen."""
        if is_full or self._view.whole.isEmpty():
            self.set_size(image.size())
        self._images = [old for old in self._images[-1:] if old.width() < image.width()]
        self._images.append(image)
        self._changed()

    def set_size(self, size: QSize) -> None:
        """The photo's size is known now; what one looks at stays."""
        view = self._view
        if QSizeF(size) == view.whole.size():
            return
        if not view.whole.isEmpty():
            factor = size.width() / view.whole.width()
            if view.scale is not None:
                view.scale /= factor
            view.centre *= factor
        view.whole = QRectF(QPointF(), QSizeF(size))
        self._changed()

    def say(self, sentence: str) -> None:
        """Say something of the photo: in its place where there is no picture, else below it."""
        self._sentence = sentence
        self.update()

    def set_bare(self, bare: bool) -> None:
        """The photo is all there is, on the whole screen: dark around it."""
        self._bare = bare
        self.update()

    def hide_cursor(self, hidden: bool) -> None:
        """In full screen, while the mouse is at rest."""
        if hidden != self._cursor_hidden:
            self._cursor_hidden = hidden
            self._set_cursor()

    @property
    def sentence(self) -> str:
        return self._sentence

    @property
    def image(self) -> QImage | None:
        """The picture with the most pixels that is there."""
        return self._images[-1] if self._images else None

    @property
    def zoom(self) -> float:
        """Device pixels per photo pixel; 1.0 is 100 %."""
        self._measure()
        return self._view.zoom

    @property
    def fitted(self) -> bool:
        return self._view.scale is None

    @property
    def pannable(self) -> bool:
        """Whether there is more of the photo than one sees."""
        return self._view.pannable

    def fit(self) -> None:
        self._view.fit()
        self._changed()

    def zoom_to(self, zoom: float, at: QPointF | None = None) -> None:
        """Magnify so that the photo's point under `at` (default: the middle) stays there."""
        self._measure()
        self._view.zoom_to(zoom, self._from_middle(at))
        self._changed()

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        self.zoom_to(self.zoom * factor, at)

    def toggle_full(self, at: QPointF | None = None) -> None:
        """100 %, or back to fit."""
        self._measure()
        toggled(self._view, self._from_middle(at))
        self._changed()

    def pan(self, across: float, down: float) -> None:
        """Look further right and further down, by parts of what one sees."""
        self._view.shift(QPointF(-across * self.width(), -down * self.height()))
        self._changed()

    def centre_on(self, point: QPointF) -> None:
        """Bring a point of the photo into the middle, as far as there is photo around it."""
        self._view.centre = point
        self._changed()

    def photo_point(self, at: QPointF) -> QPointF:
        """The photo's point under a point of the widget."""
        self._measure()
        return self._view.middle + (at - self._middle()) / self._view.actual

    def widget_point(self, point: QPointF) -> QPointF:
        """Where a point of the photo is in the widget."""
        self._measure()
        return self._middle() + (point - self._view.middle) * self._view.actual

    @property
    def photo_size(self) -> QSize:
        """In whose pixels all geometry is; empty while it is not known."""
        return self._view.whole.size().toSize()

    # -- inside --------------------------------------------------------------------------------

    def _measure(self) -> None:
        self._view.pane = QSizeF(self.size())
        self._view.ratio = self.devicePixelRatioF()

    def _middle(self) -> QPointF:
        return QPointF(self.width() / 2, self.height() / 2)

    def _from_middle(self, at: QPointF | None) -> QPointF | None:
        return None if at is None else at - self._middle()

    def _actual_scale(self) -> float:
        self._measure()
        return self._view.actual

    def _changed(self) -> None:
        """Keep the photo in the widget, tell the zoom, ask for more pixels if need be."""
        self._measure()
        view = self._view
        view.settle()
        self._set_cursor()
        self.zoom_changed.emit(view.zoom)
        width = view.whole.width()
        if self.image is not None and is_coarse(self.image, width, width * view.zoom):
            self.detail_wanted.emit()
        self.update()

    def _set_cursor(self) -> None:
        shapes = Qt.CursorShape
        shown = shapes.OpenHandCursor if self._view.pannable else shapes.ArrowCursor
        self.setCursor(shapes.BlankCursor if self._cursor_hidden else shown)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._measure()
        painter = QPainter(self)
        painter.fillRect(self.rect(), DARK if self._bare else theme.colours().window)
        room, view = QRectF(self.rect()), self._view
        width = view.whole.width()
        image = sharpest(self._images, width * view.zoom)
        if image is not None:
            paint_picture(painter, image, width, view.placed(room))
            self.overlay(painter)
            middle = Qt.AlignmentFlag.AlignHCenter
            paint_token(painter, room, self._sentence, at=middle, below=True)
        elif self._sentence:
            paint_words(painter, room.adjusted(24, 24, -24, -24), self._sentence)

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
            if self._view.pannable:
                self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None and self._view.pannable:
            self._view.shift(event.position() - self._grip)
            self._grip = event.position()
            self._changed()
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None
        self._changed()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.toggle_full(event.position())


def _nothing(_painter: QPainter) -> None: ...
