"""One photo large: fit, zoom to the cursor, pan, next and previous, full screen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from engine.types import Photo, PhotoId
from gui import icons, theme
from gui.pictures import Pictures

_STEP = 1.25
_LARGEST = 16.0  # device pixels per photo pixel


class Canvas(QWidget):
    """Paints a photo and moves it. All geometry is in pixels of the photo.

    `scale` is logical pixels per photo pixel; None: as large as fits, but not beyond 100 %.

    Signals: detail_wanted(), it is magnified beyond the picture it has · zoom_changed(float),
    device pixels per photo pixel · closed(), double click · menu_wanted(QPoint).
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
        at = QPointF(self.rect().center()) if at is None else at
        fixed = self.photo_point(at)
        smallest = min(self._fit_scale(), 1 / self.devicePixelRatioF())
        scale = zoom / self.devicePixelRatioF()
        largest = _LARGEST / self.devicePixelRatioF()
        self._scale = max(smallest, min(largest, scale))
        if abs(self._scale - self._fit_scale()) < 1e-6:
            self._scale = None
        middle = QPointF(self.width() / 2, self.height() / 2)
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

    # -- inside --------------------------------------------------------------------------------

    def _fit_scale(self) -> float:
        if self._size.isEmpty():
            return 1.0
        fit = min(self.width() / self._size.width(), self.height() / self._size.height())
        return max(1e-6, min(fit, 1 / self.devicePixelRatioF()))

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
        painter.fillRect(self.rect(), colours.window)
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

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._changed()

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta().y() / 120
        if steps:
            self.zoom_by(_STEP**steps, event.position())
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

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.closed.emit()


class Viewer(QWidget):
    """The page with one photo.

    The list it walks through is the grid's: `neighbour(photo_id, steps)` answers with the photo
    that many rows on, `place(photo_id)` with (row, count), `photo(photo_id)` with the row's facts.

    Signals: closed() · photo_changed(PhotoId) · full_screen_wanted().
    """

    closed = Signal()
    photo_changed = Signal(object)
    full_screen_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures: Pictures | None = None
        self._thumbnail: Callable[[PhotoId], QPixmap | None] = lambda _: None
        self.neighbour: Callable[[PhotoId, int], PhotoId | None] = lambda _id, _steps: None
        self.place: Callable[[PhotoId], tuple[int, int]] = lambda _: (0, 0)
        self.photo: Callable[[PhotoId], Photo | None] = lambda _: None
        self.photo_id: PhotoId | None = None
        theme.mark(self, region="canvas")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

        self.canvas = Canvas()
        self._name = QLabel()
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self._place = theme.mark(QLabel(), role="muted")
        self._zoom = theme.mark(QLabel(), role="muted")
        self._zoom.setMinimumWidth(48)
        self._zoom.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        back = self._button("close", self.tr("Back to the grid (Esc)"), self.closed.emit)
        previous = self._button("previous", self.tr("Previous photo (Left)"), lambda: self.step(-1))
        following = self._button("next", self.tr("Next photo (Right)"), lambda: self.step(1))
        smaller = self._button(
            "zoom-out", self.tr("Zoom out (-)"), lambda: self.canvas.zoom_by(1 / _STEP)
        )
        larger = self._button("zoom-in", self.tr("Zoom in (+)"), lambda: self.canvas.zoom_by(_STEP))
        fit = self._button("fit", self.tr("Fit or 100 % (Z)"), self.canvas.toggle_full)
        full = self._button("full-screen", self.tr("Full screen (F)"), self.full_screen_wanted.emit)
        self._bar = theme.mark(QWidget(), region="panel")
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(4)
        row.addWidget(back)
        row.addSpacing(8)
        row.addWidget(self._name, 1)
        row.addWidget(self._place)
        row.addSpacing(8)
        row.addWidget(previous)
        row.addWidget(following)
        row.addSpacing(8)
        row.addWidget(self._zoom)
        for button in (smaller, larger, fit, full):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(self.canvas, 1)

        self.canvas.zoom_changed.connect(self._tell_zoom)
        self.canvas.detail_wanted.connect(self._want_full)
        self.canvas.closed.connect(self.closed)

    def attach(self, pictures: Pictures, thumbnail: Callable[[PhotoId], QPixmap | None]) -> None:
        """Get pictures from here; `thumbnail` answers at once with what it has."""
        self._pictures = pictures
        self._thumbnail = thumbnail
        pictures.loaded.connect(self._show_loaded)
        pictures.failed.connect(self._show_failure)

    def open(self, photo_id: PhotoId) -> None:
        """Show a photo: what is there at once, sharper pictures as they come."""
        assert self._pictures is not None
        self.photo_id = photo_id
        photo = self.photo(photo_id)
        known = photo is not None and photo.width and photo.height
        size = QSize(photo.width or 0, photo.height or 0) if photo and known else QSize()
        image = self._pictures.get_full(photo_id) or self._pictures.get(photo_id)
        if image is None:
            thumbnail = self._thumbnail(photo_id)
            if thumbnail is not None and not thumbnail.isNull() and known:
                image = thumbnail.toImage()
        self.canvas.show_photo(size, image)
        self._name.setText(photo.name if photo else "")
        self._tell_place()
        ahead = [self.neighbour(photo_id, 1), self.neighbour(photo_id, -1)]
        self._pictures.want(photo_id, self._side(), [id_ for id_ in ahead if id_ is not None])
        self.photo_changed.emit(photo_id)

    def step(self, steps: int) -> None:
        """Go on in the grid's order; nothing happens at its ends."""
        if self.photo_id is None:
            return
        following = self.neighbour(self.photo_id, steps)
        if following is not None:
            self.open(following)

    def refresh(self) -> None:
        """The list changed: tell the place again, and the name if it was renamed."""
        if self.photo_id is not None:
            photo = self.photo(self.photo_id)
            if photo is not None:
                self._name.setText(photo.name)
            self._tell_place()

    def set_bar_shown(self, shown: bool) -> None:
        """In full screen there is nothing but the photo."""
        self._bar.setVisible(shown)

    def _side(self) -> int:
        """The longest edge of the screen in device pixels: enough for fit, in full screen too."""
        size = self.screen().size() * self.devicePixelRatioF()
        return max(size.width(), size.height())

    def _show_loaded(self, photo_id: PhotoId, image: QImage, is_full: bool) -> None:
        if photo_id != self.photo_id:
            return
        known = self.photo(photo_id)
        if not is_full and (known is None or not known.width) and image.width() < self._side():
            is_full = True  # smaller than asked for: these are all the pixels there are
        now = self.canvas.image
        if now is None or image.width() >= now.width():
            self.canvas.set_image(image, is_full=is_full)

    def _show_failure(self, photo_id: PhotoId, reason: str) -> None:
        if photo_id == self.photo_id:
            self.canvas.say(self.tr("This photo cannot be shown: {}").format(reason))

    def _want_full(self) -> None:
        if self._pictures is not None and self.photo_id is not None:
            self._pictures.want_full(self.photo_id)

    def _tell_zoom(self, zoom: float) -> None:
        shown = self.canvas.image is not None
        self._zoom.setText(f"{round(zoom * 100)} %" if shown else "")

    def _tell_place(self) -> None:
        row, count = self.place(self.photo_id) if self.photo_id is not None else (0, 0)
        self._place.setText(self.tr("{} of {}").format(f"{row + 1:,}", f"{count:,}"))

    def _button(self, icon: str, text: str, act: Callable[[], object]) -> QToolButton:
        button = QToolButton()
        button.setIcon(icons.icon(icon))
        button.setIconSize(QSize(18, 18))
        button.setAutoRaise(True)
        button.setToolTip(text)
        button.setAccessibleName(text)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: act())
        return button

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        keys = Qt.Key
        if key in (keys.Key_Right, keys.Key_Space, keys.Key_PageDown, keys.Key_Down):
            self.step(1)
        elif key in (keys.Key_Left, keys.Key_Backspace, keys.Key_PageUp, keys.Key_Up):
            self.step(-1)
        elif key in (keys.Key_Escape, keys.Key_Return, keys.Key_Enter):
            self.closed.emit()
        elif key in (keys.Key_Plus, keys.Key_Equal):
            self.canvas.zoom_by(_STEP)
        elif key == keys.Key_Minus:
            self.canvas.zoom_by(1 / _STEP)
        else:
            super().keyPressEvent(event)


def _within(middle: float, half: float, length: float) -> float:
    """Keep a view of 2 * half inside 0..length; in the middle where it is larger than that."""
    if 2 * half >= length:
        return length / 2
    return max(half, min(length - half, middle))
