"""The view on a pair of pictures: aligned, with one zoom and one place for both."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import QImage, QResizeEvent, QTransform, QWheelEvent
from PySide6.QtWidgets import QWidget

from gui import theme
from gui.duplicates.difference import Difference
from gui.looking.stage import STEP, Side, View, is_coarse, toggled

GAP = 2  # between two panes


class Mode(Enum):
    """How two pictures are compared."""

    SIDE = "side by side"
    FLICK = "flick"
    SPLIT = "split"
    DIFFERENCE = "difference"


class PairView(QWidget):
    """Where one looks at a pair. All geometry is in pixels of the kept photo.

    Signals: detail_wanted(), it is magnified beyond the pictures it has · zoom_changed(float),
    device pixels per photo pixel.
    """

    detail_wanted = Signal()
    zoom_changed = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setMinimumSize(160, 96)
        self.mode = Mode.SIDE
        self.kept, self.other = Side(), Side()
        self.onto = QTransform()  # from the other's pixels to the kept one's
        self.shows_other = False  # while flicking
        self.split = 0.5
        self.difference: Difference | None = None
        self.amount = 4.0
        self._part: QRectF | None = None  # where one lies in the other
        self._look = View()  # at both together
        theme.notifier.changed.connect(self.update)

    # -- what is shown -------------------------------------------------------------------------

    def show_pair(self, kept: Side, other: Side, onto: QTransform) -> None:
        """Start with another pair, fitted; `onto` maps the other's pixels to the kept one's."""
        self.kept, self.other, self.onto = kept, other, onto
        self._reckon()
        self.difference = None
        self.shows_other = False
        self._look.fit()
        self._changed()

    def set_image(self, image: QImage, *, kept: bool) -> None:
        """A better picture of one of the two; nothing moves on screen."""
        side = self.kept if kept else self.other
        side.image, side.sentence = image, ""
        if side.size.isEmpty():
            side.size = QSizeF(image.size())
        self._changed()

    def say(self, sentence: str, *, kept: bool) -> None:
        """One of the two cannot be shown."""
        side = self.kept if kept else self.other
        side.image, side.sentence = None, sentence
        self.update()

    def set_mode(self, mode: Mode) -> None:
        """Compare in another way; what one looks at stays."""
        self.mode = mode
        self.shows_other = False
        self._changed()

    def set_difference(self, difference: Difference | None) -> None:
        self.difference = difference
        self.update()

    def set_amount(self, amount: float) -> None:
        """Make differences so many times as strong."""
        self.amount = amount
        self.update()

    def set_split(self, split: float) -> None:
        self.split = max(0.0, min(1.0, split))
        self.update()

    def flick(self, other: bool) -> None:
        """Show the other one, or the kept one again."""
        self.shows_other = other
        self.update()

    def _reckon(self) -> None:
        kept = QRectF(QPointF(), self.kept.size)
        other = self.onto.mapRect(QRectF(QPointF(), self.other.size))
        self._look.whole = kept.united(other)
        area = other.width() * other.height()
        known = not kept.isEmpty() and not other.isEmpty()
        cut = known and not 0.94 < area / (kept.width() * kept.height()) < 1.06
        self._part = (other if area < kept.width() * kept.height() else kept) if cut else None

    # -- zoom ----------------------------------------------------------------------------------

    @property
    def zoom(self) -> float:
        """Device pixels per pixel of the kept photo; 1.0 is 100 %."""
        return self._measured().zoom

    @property
    def fitted(self) -> bool:
        return self._look.scale is None

    def fit(self) -> None:
        self._look.fit()
        self._changed()

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Magnify so that what lies under `at` (default: the middle) stays there."""
        look = self._measured()
        look.zoom_to(look.zoom * factor, self._from_middle(at))
        self._changed()

    def toggle_full(self, at: QPointF | None = None) -> None:
        """100 %, or back to fit."""
        toggled(self._measured(), self._from_middle(at))
        self._changed()

    def _measured(self) -> View:
        self._look.pane = self._panes()[0].size()
        self._look.ratio = self.devicePixelRatioF()
        return self._look

    def _from_middle(self, at: QPointF | None) -> QPointF | None:
        return None if at is None else at - self._pane_at(at).center()

    def _panes(self) -> list[QRectF]:
        whole = QRectF(self.rect())
        if self.mode is not Mode.SIDE:
            return [whole]
        half = (whole.width() - GAP) / 2
        return [
            QRectF(0, 0, half, whole.height()),
            QRectF(half + GAP, 0, half, whole.height()),
        ]

    def _pane_at(self, at: QPointF) -> QRectF:
        return next((pane for pane in self._panes() if pane.contains(at)), self._panes()[0])

    def _changed(self) -> None:
        """Keep the pictures in view, tell the zoom, ask for more pixels if need be."""
        look = self._measured()
        look.settle()
        hand = Qt.CursorShape.OpenHandCursor if look.pannable else Qt.CursorShape.ArrowCursor
        self.setCursor(hand)
        self.zoom_changed.emit(look.zoom)
        if any(map(self._coarse, (self.kept, self.other))):
            self.detail_wanted.emit()
        self.update()

    def _coarse(self, side: Side) -> bool:
        if side.image is None or side.size.isEmpty():
            return False
        width = side.size.width()
        if side is self.other:
            width = self.onto.mapRect(QRectF(QPointF(), side.size)).width()
            if abs(self.onto.m12()) > abs(self.onto.m11()):  # a quarter turn
                width = self.onto.mapRect(QRectF(QPointF(), side.size)).height()
        return is_coarse(side.image, side.size.width(), width * self.zoom)

    def _view(self, pane: QRectF) -> QTransform:
        """From pixels of the kept photo to the widget."""
        return self._measured().placed(pane)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._changed()

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta().y() / 120
        if steps:
            self.zoom_by(STEP**steps, event.position())
        event.accept()
