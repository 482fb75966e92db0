"""A row of photos: those around the cut, examples, the best ones; with keys and a menu of two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.types import PhotoId
from gui import icons, theme
from gui.grid.view import dragged_photos
from gui.tagging.words import percent_text
from gui.thumbnails import Frame, Thumbnails

_GAP = 4
_BUTTON = 24
ACCEPT_KEYS = (Qt.Key.Key_Y, Qt.Key.Key_Return, Qt.Key.Key_Enter)
REJECT_KEYS = (Qt.Key.Key_N, Qt.Key.Key_Backspace, Qt.Key.Key_Delete)


class PhotoStrip(QWidget):
    """Shows as many photos as there is room for, the first ones first.

    Signals: accepted(PhotoId) · rejected(PhotoId), for strips that ask · removed(PhotoId), for
    strips that can be changed · dropped(list[PhotoId]) · opened(PhotoId).
    """

    accepted = Signal(object)
    rejected = Signal(object)
    removed = Signal(object)
    dropped = Signal(object)
    opened = Signal(object)

    def __init__(
        self,
        thumbnails: Thumbnails,
        side: int = 72,
        *,
        asks: bool = False,
        changes: bool = False,
        from_right: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        """Args: asks, changes: what can be done to its photos; from_right: the first is right."""
        super().__init__(parent)
        self._thumbnails = thumbnails
        self._side = side
        self._asks = asks
        self._changes = changes
        self._from_right = from_right
        self._hint = ""
        self.ids: list[PhotoId] = []
        self._scores: Mapping[PhotoId, float] = {}
        self._answers: Mapping[PhotoId, bool] = {}
        self._hovered = -1
        self._current = 0
        self.setMouseTracking(True)
        self.setAcceptDrops(changes)
        policy = QSizePolicy.Policy
        self.setSizePolicy(policy.Ignored, policy.Fixed)
        self.setFixedHeight(side + 4)
        if asks or changes:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        thumbnails.ready.connect(self._arrived)
        theme.notifier.changed.connect(self.update)

    def show_photos(
        self,
        ids: Sequence[PhotoId],
        scores: Mapping[PhotoId, float] | None = None,
        answers: Mapping[PhotoId, bool] | None = None,
    ) -> None:
        """Show these; with scores each one says its own, with answers what was said of it."""
        self.ids = list(ids)
        self._scores = scores or {}
        self._answers = answers or {}
        self._current = min(self._current, max(0, len(self.ids) - 1))
        self.update()

    def set_hint(self, hint: str) -> None:
        """What is said while there are none."""
        self._hint = hint
        self.update()

    @property
    def room(self) -> int:
        """How many photos can be shown."""
        return max(1, (self.width() + _GAP) // (self._side + _GAP))

    def sizeHint(self) -> QSize:
        return QSize(5 * (self._side + _GAP), self._side + 4)

    def _cell(self, at: int) -> QRect:
        step = self._side + _GAP
        left = self.width() - self._side - at * step if self._from_right else at * step
        return QRect(left, 2, self._side, self._side)

    def _at(self, point: QPoint) -> int:
        for at in range(min(len(self.ids), self.room)):
            if self._cell(at).contains(point):
                return at
        return -1

    def _buttons(self, cell: QRect) -> list[tuple[str, QRect]]:
        """What the photo under the mouse offers."""
        if self._asks:
            row = QRect(cell.left(), cell.bottom() - _BUTTON + 1, cell.width() // 2, _BUTTON)
            return [("check", row), ("close", row.translated(cell.width() // 2, 0))]
        if self._changes:
            return [("close", QRect(cell.right() - _BUTTON + 1, cell.top(), _BUTTON, _BUTTON))]
        return []

    # -- painting ------------------------------------------------------------------------------

    def _arrived(self, _photo_id: PhotoId) -> None:
        shown = self.ids[: self.room]
        if (
            self.isVisible() and any(self._thumbnails.peek(id_) is None for id_ in shown)
        ) or _photo_id in shown:
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = theme.colours()
        ratio = self.devicePixelRatioF()
        if self._changes:  # the place where photos can be dropped
            painter.setPen(QPen(colours.hairline, 1, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        if not self.ids and self._hint:
            painter.setPen(colours.muted)
            room = self.rect().adjusted(12, 0, -12, 0)
            align = Qt.AlignmentFlag.AlignRight if self._from_right else Qt.AlignmentFlag.AlignLeft
            flags = align | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(room, flags, self._hint)
        for at, photo_id in enumerate(self.ids[: self.room]):
            cell = self._cell(at)
            pixmap = self._thumbnails.at_least(photo_id, Frame(round(self._side * ratio), True))
            if pixmap is None or pixmap.isNull():
                painter.fillRect(cell, colours.placeholder)
            else:
                side = min(pixmap.width(), pixmap.height())
                left, top = (pixmap.width() - side) // 2, (pixmap.height() - side) // 2
                painter.drawPixmap(cell, pixmap, QRect(left, top, side, side))
            self._mark(painter, cell, photo_id, ratio)
            if at == self._hovered:
                self._offer(painter, cell, ratio)
            if self.hasFocus() and at == self._current:
                painter.setPen(QPen(colours.accent, 3))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(QRectF(cell).adjusted(1.5, 1.5, -1.5, -1.5), 3, 3)

    def _mark(self, painter: QPainter, cell: QRect, photo_id: PhotoId, ratio: float) -> None:
        if (score := self._scores.get(photo_id)) is not None:
            text = percent_text(score)
            width = painter.fontMetrics().horizontalAdvance(text) + 10
            tab = QRect(cell.left() + 3, cell.top() + 3, width, painter.fontMetrics().height() + 2)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(0, 0, 0, 170))
            painter.drawRoundedRect(tab, 4, 4)
            painter.setPen(QColor(255, 255, 255))
            painter.drawText(tab, Qt.AlignmentFlag.AlignCenter, text)
        if (said := self._answers.get(photo_id)) is not None:
            square = QRect(cell.right() - 18, cell.bottom() - 18, 16, 16)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(0, 0, 0, 170))
            painter.drawEllipse(square.adjusted(-2, -2, 2, 2))
            white = QColor(255, 255, 255)
            name = "check" if said else "close"
            painter.drawPixmap(square, icons.pixmap(name, 16, white, ratio))

    def _offer(self, painter: QPainter, cell: QRect, ratio: float) -> None:
        for name, area in self._buttons(cell):
            painter.fillRect(area, QColor(0, 0, 0, 185))
            square = QRect(0, 0, 16, 16)
            square.moveCenter(area.center())
            white = QColor(255, 255, 255)
            painter.drawPixmap(square, icons.pixmap(name, 16, white, ratio))

    # -- mouse, keys, drops --------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        hovered = self._at(event.position().toPoint())
        if hovered != self._hovered:
            self._hovered = hovered
            self.update()

    def leaveEvent(self, event: object) -> None:
        self._hovered = -1
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        at = self._at(point)
        if at < 0 or event.button() != Qt.MouseButton.LeftButton:
            return
        self._current = at
        self.update()
        for name, area in self._buttons(self._cell(at)):
            if area.contains(point):
                self._act(at, accept=name == "check")

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        at = self._at(point)
        if at >= 0 and not any(area.contains(point) for _, area in self._buttons(self._cell(at))):
            self.opened.emit(self.ids[at])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        last = min(len(self.ids), self.room) - 1
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(key), 0)
        if step:
            step = -step if self._from_right else step
            self._current = max(0, min(last, self._current + step))
            self.update()
        elif self.ids and key in ACCEPT_KEYS and self._asks:
            self._act(self._current, accept=True)
        elif self.ids and key in REJECT_KEYS and (self._asks or self._changes):
            self._act(self._current, accept=False)
        elif self.ids and key == Qt.Key.Key_Space:
            self.opened.emit(self.ids[self._current])
        else:
            super().keyPressEvent(event)

    def _act(self, at: int, *, accept: bool) -> None:
        if at >= len(self.ids):
            return
        signal = self.accepted if accept else self.rejected if self._asks else self.removed
        signal.emit(self.ids[at])

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if dragged_photos(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        if ids := dragged_photos(event.mimeData()):
            event.acceptProposedAction()
            self.dropped.emit(ids)
