"""The line edit of the search bar: what is wrong is underlined, a pasted picture is a picture."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QMimeData, QPointF, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QLineEdit, QWidget

from gui import theme
from gui.grid.view import dragged_photos

_WAVE = 2.0  # half of its height and a quarter of its length, in pixels


class SearchField(QLineEdit):
    """Where one types.

    Signals: down_pressed() · escaped() · entered() · mime_pasted(QMimeData), pictures.
    """

    down_pressed = Signal()
    escaped = Signal()
    entered = Signal()
    mime_pasted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wrong: tuple[int, int] | None = None
        # Whether a key belongs to the list below: Esc while it is open, Enter on one of its rows.
        self.choosing: Callable[[int], bool] = lambda _key: False
        self.setFrame(False)
        self.setStyleSheet("QLineEdit { background: transparent; border: none; padding: 0 }")
        self.setMaxLength(2000)
        self.setAcceptDrops(False)  # the whole bar takes them
        self.textChanged.connect(self._forget)

    @property
    def wrong(self) -> str:
        """The part of the text that is underlined."""
        return "" if self._wrong is None else self.text()[self._wrong[0] : sum(self._wrong)]

    def underline(self, position: int, length: int) -> None:
        """Mark what is wrong; gone as soon as the text changes."""
        position = max(0, min(position, len(self.text()) - 1))
        length = max(1, min(length or len(self.text()), len(self.text()) - position))
        self._wrong = (position, length) if self.text() else None
        self.update()

    def _forget(self) -> None:
        self._wrong = None

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._wrong is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.colours().danger, 1.2))
        left, right = sorted((self._x(self._wrong[0]), self._x(sum(self._wrong))))
        left, right = max(0.0, left), min(float(self.width()), max(right, left + 6))
        base = self.cursorRect().center().y() + self.fontMetrics().height() / 2 + 1
        wave = QPolygonF()
        at, up = left, True
        while at <= right:
            wave.append(QPointF(at, base + (0 if up else _WAVE)))
            at, up = at + _WAVE, not up
        painter.drawPolyline(wave)

    def _x(self, place: int) -> float:
        """Where a place of the text is; reckoned from the cursor, which knows of the scrolling."""
        metrics, text = QFontMetricsF(self.font()), self.text()
        here = metrics.horizontalAdvance(text[: self.cursorPosition()])
        # The cursor's rectangle begins 5 pixels before the cursor.
        return self.cursorRect().left() + 5 + metrics.horizontalAdvance(text[:place]) - here

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if event.matches(QKeySequence.StandardKey.Paste):
            mime = QGuiApplication.clipboard().mimeData()
            if holds_pictures(mime):
                self.mime_pasted.emit(mime)
                return
        if self.choosing(key):
            event.ignore()
        elif key == Qt.Key.Key_Down:
            self.down_pressed.emit()
        elif key == Qt.Key.Key_Escape:
            self.escaped.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            super().keyPressEvent(event)


def holds_pictures(mime: QMimeData) -> bool:
    """Whether there is a picture in what was dropped or copied, and not only text.

    A browser gives the address of a picture beside it, a table its words.
    """
    if dragged_photos(mime):
        return True
    if any(url.isLocalFile() for url in mime.urls()):
        return True
    return mime.hasImage() and (mime.hasUrls() or not mime.hasText())
