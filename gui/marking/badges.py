"""Marks painted on a photo: a small dark pill with its flag, its heart and its stars."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QWidget

from engine.mark_types import Flag, Marks
from gui import icons, theme
from gui.marking.words import MarkWords

_WHITE = QColor(255, 255, 255)
_SIGNS = {Flag.PICKED: "flag-fill", Flag.REJECTED: "reject-fill"}


class BadgePainter:
    """Paints marks with icons of one size, each drawn once.

    Args:
        icon: edge of an icon in logical pixels.
    """

    def __init__(self, icon: int = 13) -> None:
        self._side = icon
        self._icons: dict[tuple[str, float], QPixmap] = {}

    @property
    def height(self) -> int:
        """Of the pill."""
        return self._side + 8

    def width(self, marks: Marks) -> int:
        """Of the pill with all its stars; 0 where there is nothing to show."""
        count = len(_names(marks))
        return count * (self._side + 1) + 10 if count else 0

    def paint(self, painter: QPainter, corner: QPoint, room: int, marks: Marks) -> None:
        """Paint marks with their lower left corner here.

        Args:
            painter: of the cell or surface.
            corner: where the pill ends at the left and below, exclusive below.
            room: pixels there are; stars that do not fit become one with their number.
            marks: what to show.
        """
        names, number = _names(marks), ""
        if not names:
            return
        digits = painter.fontMetrics().horizontalAdvance("5") + 3
        if self.width(marks) > room and marks.rating > 1:
            names = names[: -marks.rating + 1]
            number = str(marks.rating)
        width = len(names) * (self._side + 1) + 10 + (digits if number else 0)
        if width > room:
            return
        pill = QRect(corner.x(), corner.y() - self.height, width, self.height)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.colours().badge)
        painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2)
        ratio = painter.device().devicePixelRatioF()
        square = QRect(pill.left() + 5, pill.top() + 4, self._side, self._side)
        for name in names:
            painter.drawPixmap(square, self._icon(name, ratio))
            square.translate(self._side + 1, 0)
        if number:
            painter.setPen(_WHITE)
            text = QRect(square.left(), pill.top(), digits, pill.height())
            painter.drawText(text, Qt.AlignmentFlag.AlignCenter, number)
        painter.restore()

    def _icon(self, name: str, ratio: float) -> QPixmap:
        if (name, ratio) not in self._icons:
            self._icons[name, ratio] = icons.pixmap(name, self._side, _WHITE, ratio)
        return self._icons[name, ratio]


class PhotoBadge(QWidget):
    """The marks of the photo in front, in the lower left corner of the surface it lies on."""

    def __init__(self, surface: QWidget) -> None:
        super().__init__(surface)
        self._surface = surface
        self._painter = BadgePainter(18)
        self._words = MarkWords(self)
        self.marks = Marks()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        surface.installEventFilter(self)
        self.hide()

    def show_marks(self, marks: Marks) -> None:
        """Show these, or nothing where there are none."""
        self.marks = marks
        width = self._painter.width(marks)
        self.setVisible(width > 0)
        self.setAccessibleName(self._words.marks(marks))
        self.resize(width, self._painter.height)
        self._place()
        self.update()

    def _place(self) -> None:
        self.move(16, self._surface.height() - self.height() - 16)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._surface and event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._painter.paint(painter, QPoint(0, self.height()), self.width(), self.marks)
        painter.end()


def star_icon(full: bool, size: int, ratio: float) -> QPixmap:
    """A star that is given or could be."""
    now = theme.colours()
    name, colour = ("star-fill", now.accent) if full else ("star", now.muted)
    return icons.pixmap(name, size, colour, ratio)


def _names(marks: Marks) -> list[str]:
    sign = [_SIGNS[marks.flag]] if marks.flag in _SIGNS else []
    heart = ["heart-fill"] if marks.favourite else []
    return [*sign, *heart, *["star-fill"] * marks.rating]
