"""What every surface for photos shares: one view's arithmetic, and how a picture is painted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import hypot

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QTransform

from gui import theme

STEP = 1.25  # of one notch of the wheel
LARGEST = 16.0  # device pixels per photo pixel
DARK = QColor(17, 17, 17)  # around photos in full screen, in both schemes
_FINE = 2.0  # from here on one wants to see the pixels as they are


@dataclass(slots=True)
class View:
    """A pane that shows a part of a picture, or all of it.

    Lengths are logical pixels of the screen (`pane`, `at`) or pixels of the picture (`whole`,
    `centre`, `middle`). `scale` is logical pixels per picture pixel; None: as large as fits, but
    never larger than the picture's own pixels.
    """

    whole: QRectF = field(default_factory=QRectF)
    pane: QSizeF = field(default_factory=QSizeF)
    ratio: float = 1.0  # device pixels per logical pixel
    scale: float | None = None
    centre: QPointF = field(default_factory=QPointF)

    @property
    def fitting(self) -> float:
        """The scale at which all of it is seen."""
        if self.whole.isEmpty():
            return 1.0
        across = self.pane.width() / self.whole.width()
        down = self.pane.height() / self.whole.height()
        return max(1e-6, min(across, down, 1 / self.ratio))

    @property
    def actual(self) -> float:
        return self.fitting if self.scale is None else self.scale

    @property
    def zoom(self) -> float:
        """Device pixels per picture pixel; 1.0 is 100 %."""
        return self.actual * self.ratio

    @property
    def middle(self) -> QPointF:
        """The picture's point in the middle of the pane."""
        return self.whole.center() if self.scale is None else self.centre

    @property
    def pannable(self) -> bool:
        return self.scale is not None and self.scale > self.fitting

    def fit(self) -> None:
        self.scale = None

    def zoom_to(self, zoom: float, at: QPointF | None = None) -> None:
        """Magnify so that the point under `at` (from the pane's middle) stays there."""
        if self.whole.isEmpty():
            return
        at = QPointF() if at is None else at
        fixed = self.middle + at / self.actual
        smallest = min(self.fitting, 1 / self.ratio)
        scale = max(smallest, min(LARGEST / self.ratio, zoom / self.ratio))
        self.scale = None if abs(scale - self.fitting) < 1e-6 else scale
        self.centre = fixed - at / self.actual
        self.settle()

    def shift(self, by: QPointF) -> None:
        """Move the picture with the mouse."""
        if self.scale is not None:
            self.centre = self.centre - by / self.scale
            self.settle()

    def settle(self) -> None:
        """Keep the picture in the pane."""
        if self.scale is not None:
            half = self.pane / (2 * self.scale)
            self.centre = QPointF(
                _within(self.centre.x(), half.width(), self.whole.left(), self.whole.right()),
                _within(self.centre.y(), half.height(), self.whole.top(), self.whole.bottom()),
            )

    def placed(self, pane: QRectF) -> QTransform:
        """From the picture to the widget, the pane being there."""
        scale, middle = self.actual, self.middle
        view = QTransform.fromTranslate(pane.center().x(), pane.center().y())
        view.scale(scale, scale)
        view.translate(-middle.x(), -middle.y())
        return view


@dataclass(slots=True)
class Side:
    """A photo on a stage: its name, its size, and the pictures of it that are there.

    `sentence` stands in its place where nothing can be shown, else below it.
    """

    name: str = ""
    size: QSizeF = field(default_factory=QSizeF)
    image: QImage | None = None
    sentence: str = ""


def toggled(view: View, at: QPointF | None = None) -> None:
    """100 %, or back to all of it."""
    if view.scale is None or abs(view.zoom - 1) > 1e-3:
        view.zoom_to(1.0, at)
    else:
        view.fit()


def sharpest(images: Sequence[QImage], width: float) -> QImage | None:
    """The smallest picture that has `width` pixels across, or the largest there is.

    A picture of all pixels shown small would glitter: one made for the screen looks better.
    """
    enough = [image for image in images if image.width() >= width * 0.99]
    if enough:
        return min(enough, key=QImage.width)
    return max(images, key=QImage.width, default=None)


def is_coarse(image: QImage, width: float, shown: float) -> bool:
    """Whether more pixels would be seen: of a photo so wide, that many device pixels across."""
    return shown > image.width() * 1.05 and image.width() < width


def paint_picture(painter: QPainter, image: QImage, width: float, view: QTransform) -> None:
    """Paint a picture of a photo that is `width` pixels wide; a clip is the caller's.

    At 100 % every pixel gets one of the screen's, also where those are not the logical ones: the
    picture's corner is put onto a whole one.

    Args:
        painter: of a widget.
        image: with as many pixels as there are yet.
        width: of the photo.
        view: from pixels of the photo to the widget.
    """
    factor = width / image.width()
    painter.save()
    painter.setTransform(QTransform.fromScale(factor, factor) * view, combine=True)
    device = painter.deviceTransform()
    across = hypot(device.m11(), device.m12())  # device pixels per pixel of the image
    ratio = painter.device().devicePixelRatioF()
    aside = QPointF(round(device.dx()) - device.dx(), round(device.dy()) - device.dy()) / ratio
    painter.setTransform(painter.worldTransform() * QTransform.fromTranslate(aside.x(), aside.y()))
    smooth = abs(across - 1) > 1e-3 and (across < _FINE or factor > 1)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    painter.drawImage(0, 0, image)
    painter.restore()


def paint_words(painter: QPainter, pane: QRectF, sentence: str) -> None:
    """A sentence in the place of a photo."""
    painter.setPen(theme.colours().muted)
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(pane.adjusted(24, 24, -24, -24), int(flags), sentence)


def paint_token(
    painter: QPainter,
    pane: QRectF,
    text: str,
    *,
    dot: QColor | None = None,
    at: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    below: bool = False,
) -> None:
    """Words on a small dark token near an edge of a pane.

    Args:
        painter: of the widget.
        pane: on whose upper edge it lies.
        text: elided in its middle where there is no room; nothing is painted without any.
        dot: a dot of this colour before the words.
        at: left, right, or in the middle.
        below: on the lower edge instead.
    """
    metrics = painter.fontMetrics()
    before = 16 if dot is not None else 0
    room = pane.width() - 24 - 16 - before
    if room < 24 or not text:
        return
    words = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, round(room))
    size = QSizeF(metrics.horizontalAdvance(words) + 16 + before, metrics.height() + 6)
    token = QRectF(QPointF(pane.left() + 8, pane.top() + 8), size)
    if at & Qt.AlignmentFlag.AlignRight:
        token.moveRight(pane.right() - 8)
    elif at & Qt.AlignmentFlag.AlignHCenter:
        token.moveLeft(pane.center().x() - size.width() / 2)
    if below:
        token.moveBottom(pane.bottom() - 16)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(0, 0, 0, 185))
    painter.drawRoundedRect(token, 6, 6)
    if dot is not None:
        painter.setBrush(dot)
        painter.drawEllipse(QPointF(token.left() + 13, token.center().y()), 4, 4)
    painter.setPen(QColor(255, 255, 255))
    painter.drawText(token.adjusted(8 + before, 0, -8, 0), Qt.AlignmentFlag.AlignVCenter, words)
    painter.restore()


def _within(middle: float, half: float, least: float, most: float) -> float:
    """Keep a view of 2 * half between two ends; in their middle where it is larger than that."""
    if 2 * half >= most - least:
        return (least + most) / 2
    return max(least + half, min(most - half, middle))
