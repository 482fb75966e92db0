"""The line across the grid between matches and weaker ones; a click folds the weaker ones."""

from __future__ import annotations

from PySide6.QtCore import QLocale, QPoint, QRect, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from gui import icons, theme
from gui.shortcuts import with_key

HEIGHT = 44
_ICON = 16


class Divider(QAbstractButton):
    """Signals: clicked(), from QAbstractButton: fold, or unfold."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._folded = False
        self._before = ""
        self.hide()

    def tell(self, matches: int, weaker: int, *, folded: bool) -> None:
        """Say how many there are on both sides."""
        self._folded = folded
        count = QLocale().toString
        self._before = self.tr("%Ln match(es)", "", matches).replace(str(matches), count(matches))
        self.setText(self.tr("Weaker matches (%1)").replace("%1", count(weaker)))
        words = self.tr("Show weaker matches") if folded else self.tr("Hide weaker matches")
        self.setToolTip(with_key(words, "weaker"))
        self.setAccessibleName(f"{self._before}. {self.text()}. {words}")
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours, metrics = theme.colours(), self.fontMetrics()
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.palette().base())
        width = metrics.horizontalAdvance(self.text()) + _ICON + 6
        room = QRect(0, 0, width, self.height())
        room.moveCenter(self.rect().center())
        colour = colours.text if self.underMouse() or self.hasFocus() else colours.muted
        name = "chevron-right" if self._folded else "chevron-down"
        picture = icons.pixmap(name, _ICON, colour, self.devicePixelRatioF())
        middle = self.height() // 2
        painter.drawPixmap(QPoint(room.left(), middle - _ICON // 2), picture)
        painter.setPen(colour)
        align = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(room.adjusted(_ICON + 6, 0, 0, 0), align, self.text())
        painter.setPen(colours.muted)
        said = metrics.horizontalAdvance(self._before)
        if room.left() > said + 36:
            painter.drawText(self.rect().adjusted(8, 0, 0, 0), align, self._before)
        else:
            said = -12
        painter.setPen(colours.hairline)
        painter.drawLine(said + 20, middle, room.left() - 12, middle)
        painter.drawLine(room.right() + 12, middle, self.width() - 12, middle)
        if self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(colours.accent)
            painter.drawRoundedRect(room.adjusted(-8, 9, 8, -9), 6, 6)
