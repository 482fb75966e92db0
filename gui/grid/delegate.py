"""Paints one cell: thumbnail, selection, badge, and on hover its name and score."""

from __future__ import annotations

from collections.abc import Callable, Collection

from PySide6.QtCore import QObject, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QLinearGradient, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from engine.mark_types import Flag, Marks
from engine.types import Band, Hit, Photo, PhotoId, PhotoState
from gui import icons, theme
from gui.grid.model import HitRole, IdRole, Index, PhotoRole, RawRole
from gui.marking.badges import BadgePainter
from gui.thumbnails import Frame, Thumbnails

GAP = 4  # between photos
_BADGE = 22
_RAW = "RAW"  # in every language
_FAINT = 0.45  # opacity of what is offline, rejected, or below the cut


class CellDelegate(QStyledItemDelegate):
    """Paints what is known and never waits; thumbnails are asked for by painting."""

    def __init__(self, thumbnails: Thumbnails, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thumbnails = thumbnails
        self.fill = True  # False: the whole photo, with margins
        self.marked: Collection[PhotoId] = ()  # photos with a dot in the corner
        self.marks_of: Callable[[PhotoId], Marks | None] = lambda _: None
        self._badges = BadgePainter()
        self._icons: dict[tuple[str, int, str, float], QPixmap] = {}

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return option.rect.size()

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        photo: Photo | None = index.data(PhotoRole)
        hit: Hit | None = index.data(HitRole)
        colours = theme.colours()
        # The members of the option are filled in by C++; the stubs do not know them all.
        state: QStyle.StateFlag = option.state  # pyright: ignore[reportAttributeAccessIssue]
        cell: QRect = option.rect  # pyright: ignore[reportAttributeAccessIssue]
        selected = bool(state & QStyle.StateFlag.State_Selected)
        current = bool(state & QStyle.StateFlag.State_HasFocus)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        area = cell.adjusted(0, 0, -GAP, -GAP)

        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        inner = area.adjusted(5, 5, -5, -5) if selected else area
        ratio = painter.device().devicePixelRatioF()
        frame = Frame(round(area.width() * ratio), self.fill)
        pixmap = self._thumbnails.pixmap(index.data(IdRole), frame)
        shown = inner
        marks = self.marks_of(index.data(IdRole))
        if pixmap is not None and not pixmap.isNull():
            weaker = hit is not None and hit.band is Band.WEAKER and not (selected or hovered)
            offline = photo is not None and not photo.online
            shown = inner if self.fill else _fitted(pixmap, inner)
            rejected = marks is not None and marks.flag is Flag.REJECTED
            aside = weaker or (rejected and not (selected or hovered))
            painter.setOpacity(_FAINT if offline or aside else 1.0)
            painter.drawPixmap(shown, pixmap, _middle(pixmap) if self.fill else pixmap.rect())
            painter.setOpacity(1.0)
        else:
            painter.fillRect(inner, colours.placeholder)
            if (photo is not None and photo.state is PhotoState.UNREADABLE) or (
                self._thumbnails.failure(index.data(IdRole))
            ):
                self._centred(painter, inner, "damaged", colours.muted, ratio)
            elif photo is not None and not photo.online:
                self._centred(painter, inner, "offline", colours.muted, ratio)

        captioned = photo is not None and (hovered or (selected and current))
        if photo is not None:
            self._badge(painter, shown, photo, ratio)
            if index.data(RawRole):
                self._raw(painter, shown, aside=not photo.online or bool(photo.damaged))
            if captioned:
                self._caption(painter, shown, photo, hit)
        if marks is not None:
            above = painter.fontMetrics().height() + 6 if captioned else 0
            corner = QPoint(shown.left() + 5, shown.bottom() - 4 - above)
            self._badges.paint(painter, corner, shown.width() - 10, marks)
        if self.marked and index.data(IdRole) in self.marked:
            self._dot(painter, shown)
        if selected:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(colours.accent, 3))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(area).adjusted(1.5, 1.5, -1.5, -1.5), 4, 4)
        elif current and state & QStyle.StateFlag.State_KeyboardFocusChange:
            painter.setPen(QPen(colours.accent, 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(area.adjusted(1, 1, -1, -1))
        painter.restore()

    def _caption(self, painter: QPainter, area: QRect, photo: Photo, hit: Hit | None) -> None:
        """The name on a shadow along the lower edge; in results the score before it."""
        font = QFont(painter.font())
        font.setPointSizeF(max(7.0, font.pointSizeF() * 0.9))
        metrics = QFontMetrics(font)
        height = metrics.height() + 18
        if area.height() < height or area.width() < 60:
            return
        band = QRect(area.left(), area.bottom() - height + 1, area.width(), height)
        shadow = QLinearGradient(0, band.top(), 0, band.bottom())
        shadow.setColorAt(0, QColor(0, 0, 0, 0))
        shadow.setColorAt(1, QColor(0, 0, 0, 185))
        painter.fillRect(band, shadow)
        text = band.adjusted(8, 0, -8, -5)
        painter.setFont(font)
        painter.setPen(QColor(255, 255, 255))
        align = Qt.AlignmentFlag.AlignBottom
        if hit is not None and hit.score:
            score = f"{hit.score:.2f}"
            painter.drawText(text, align | Qt.AlignmentFlag.AlignRight, score)
            text.setRight(text.right() - metrics.horizontalAdvance(score) - 8)
        name = metrics.elidedText(photo.name, Qt.TextElideMode.ElideMiddle, text.width())
        painter.drawText(text, align | Qt.AlignmentFlag.AlignLeft, name)

    def _dot(self, painter: QPainter, area: QRect) -> None:
        """The mark of what is special here, readable on any photo."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(255, 255, 255), 2))
        painter.setBrush(theme.colours().accent)
        painter.drawEllipse(QRect(area.left() + 7, area.top() + 7, 12, 12))
        painter.restore()

    def _badge(self, painter: QPainter, area: QRect, photo: Photo, ratio: float) -> None:
        name = "offline" if not photo.online else "damaged" if photo.damaged else ""
        if not name or area.width() < 2 * _BADGE:
            return
        disc = QRect(area.right() - _BADGE - 5, area.top() + 6, _BADGE, _BADGE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 170))
        painter.drawEllipse(disc)
        painter.restore()
        self._icon(painter, disc.adjusted(4, 4, -4, -4), name, QColor(255, 255, 255), ratio)

    def _raw(self, painter: QPainter, area: QRect, *, aside: bool) -> None:
        """The word in the upper corner, beside the other badge where there is one."""
        font = QFont(painter.font())
        font.setPointSizeF(max(6.5, font.pointSizeF() * 0.75))
        font.setBold(True)
        width = QFontMetrics(font).horizontalAdvance(_RAW) + 12
        right = area.right() - 5 - (_BADGE + 4 if aside else 0)
        pill = QRect(right - width, area.top() + 8, width, _BADGE - 4)
        if pill.left() < area.left() + 5:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(0, 0, 0, 170))
        painter.drawRoundedRect(pill, 9, 9)
        painter.setFont(font)
        painter.setPen(QColor(255, 255, 255))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, _RAW)
        painter.restore()

    def _centred(
        self, painter: QPainter, area: QRect, name: str, colour: QColor, ratio: float
    ) -> None:
        side = max(16, min(32, area.width() // 4))
        square = QRect(0, 0, side, side)
        square.moveCenter(area.center())
        self._icon(painter, square, name, colour, ratio)

    def _icon(
        self, painter: QPainter, square: QRect, name: str, colour: QColor, ratio: float
    ) -> None:
        key = (name, square.width(), colour.name(), ratio)
        if key not in self._icons:
            self._icons[key] = icons.pixmap(name, square.width(), colour, ratio)
        painter.drawPixmap(square, self._icons[key])


def _middle(pixmap: QPixmap) -> QRect:
    """The largest square in the middle of a pixmap."""
    side = min(pixmap.width(), pixmap.height())
    return QRect((pixmap.width() - side) // 2, (pixmap.height() - side) // 2, side, side)


def _fitted(pixmap: QPixmap, area: QRect) -> QRect:
    """The largest rectangle of the pixmap's shape in the middle of an area."""
    size = pixmap.size().scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatio)
    fitted = QRect(QPoint(0, 0), size)
    fitted.moveCenter(area.center())
    return fitted
