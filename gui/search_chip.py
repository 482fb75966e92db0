"""The token in the search bar with the photo that results are to be like, and its buttons."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from gui import icons, theme


class PhotoChip(QWidget):
    """A small token with the photo in it that results are to be like.

    Signals: removed().
    """

    removed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = QLabel()
        self._picture.setFixedSize(24, 24)
        self._text = QLabel(self.tr("Like this photo"))
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        close = bar_button("close", self.tr("Stop searching for similar photos"), 12)
        close.clicked.connect(self.removed)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 2, 2, 2)
        row.setSpacing(6)
        for widget in (self._picture, self._text, close):
            row.addWidget(widget)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def show_photo(self, picture: QPixmap | None, name: str) -> None:
        self.setToolTip(name)
        if picture is None or picture.isNull():
            colour = theme.colours().muted
            self._picture.setPixmap(icons.pixmap("image", 20, colour, self.devicePixelRatioF()))
        else:
            self._picture.setPixmap(_rounded(picture, 24, self.devicePixelRatioF()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colours().selection)
        painter.drawRoundedRect(self.rect(), 6, 6)


def bar_button(name: str, text: str, size: int) -> QToolButton:
    """A button that is only an icon; the text is its tooltip and its spoken name."""
    button = QToolButton()
    button.setIcon(icons.icon(name))
    button.setIconSize(QSize(size, size))
    button.setAutoRaise(True)
    button.setToolTip(text)
    button.setAccessibleName(text)
    button.setCursor(Qt.CursorShape.ArrowCursor)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _rounded(picture: QPixmap, side: int, ratio: float) -> QPixmap:
    """A small square with round corners, cut from the middle of a picture."""
    edge = round(side * ratio)
    scaled = picture.scaled(
        edge,
        edge,
        Qt.AspectRatioMode.KeepAspectRatioByExpanding,
        Qt.TransformationMode.SmoothTransformation,
    )
    rounded = QPixmap(edge, edge)
    rounded.fill(Qt.GlobalColor.transparent)
    painter = QPainter(rounded)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    path = QPainterPath()
    path.addRoundedRect(QRectF(0, 0, edge, edge), 4 * ratio, 4 * ratio)
    painter.setClipPath(path)
    painter.drawPixmap((edge - scaled.width()) // 2, (edge - scaled.height()) // 2, scaled)
    painter.end()
    rounded.setDevicePixelRatio(ratio)
    return rounded
