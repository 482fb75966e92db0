"""Icons of one family (Phosphor), drawn from SVG in the colours of the theme in force."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from gui import theme

_FOLDER = Path(__file__).resolve().parent.parent / "resources" / "icons"


def icon(name: str, *, on_accent: bool = False, muted: bool = False) -> QIcon:
    """An icon that follows the theme by itself: it asks for its colour each time it is painted.

    Disabled buttons show it faintly.

    Args:
        name: see `names`.
        on_accent: it stands on a button of the accent colour.
        muted: it stands beside muted text.

    Raises:
        KeyError: there is no icon of this name; a mistake in our own code.
    """
    _svg(name)
    return QIcon(_Engine(name, on_accent, muted))


def pixmap(name: str, size: int, colour: QColor, ratio: float = 1.0) -> QPixmap:
    """Draw an icon once, `size` logical pixels wide, for painting it oneself (delegates)."""
    return QPixmap.fromImage(_draw(name, size, size, colour, ratio))


def names() -> list[str]:
    """All names, sorted."""
    return sorted(path.stem for path in _FOLDER.glob("*.svg"))


@cache
def _svg(name: str) -> bytes:
    path = _FOLDER / f"{name}.svg"
    if not path.is_file():
        raise KeyError(name)
    return path.read_bytes()


def _draw(name: str, width: int, height: int, colour: QColor, ratio: float) -> QImage:
    image = QImage(
        round(width * ratio), round(height * ratio), QImage.Format.Format_ARGB32_Premultiplied
    )
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    _paint(painter, name, QRectF(0, 0, width, height), colour)
    painter.end()
    return image


def _paint(painter: QPainter, name: str, area: QRectF, colour: QColor) -> None:
    svg = _svg(name).replace(b"currentColor", colour.name().encode())
    side = min(area.width(), area.height())
    square = QRectF(0, 0, side, side)
    square.moveCenter(area.center())
    painter.save()
    painter.setOpacity(painter.opacity() * colour.alphaF())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(QByteArray(svg)).render(painter, square)
    painter.restore()


class _Engine(QIconEngine):
    """Paints one SVG in the theme's colour of the moment."""

    def __init__(self, name: str, on_accent: bool, muted: bool) -> None:
        super().__init__()
        self._name = name
        self._on_accent = on_accent
        self._muted = muted

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        _paint(painter, self._name, QRectF(rect), self._colour(mode))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(
        self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float
    ) -> QPixmap:
        if size.isEmpty():  # of a button that has no room yet
            return QPixmap()
        # `size` is in logical pixels (Qt 6.11 hands over the ratio beside it, not multiplied).
        image = _draw(self._name, size.width(), size.height(), self._colour(mode), scale)
        return QPixmap.fromImage(image)

    def clone(self) -> QIconEngine:
        return _Engine(self._name, self._on_accent, self._muted)

    def key(self) -> str:
        return "photosift"

    def _colour(self, mode: QIcon.Mode) -> QColor:
        now = theme.colours()
        if mode == QIcon.Mode.Disabled:
            faint = QColor(now.muted)
            faint.setAlphaF(0.5)
            return faint
        if self._on_accent:
            return now.on_accent
        return now.muted if self._muted else now.text
