"""The rounded field of the search bar, and the pictures in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QPixmap, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from engine.query import PictureTerm
from gui import theme
from gui.searching.chip import PictureChip

WIDEST = 720
_CHIPS_HIGH = 30
_CHIPS_LEAST = 140


class SearchFrame(QFrame):
    """The rounded field that holds icon, pictures, words and buttons."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.focused = False
        self.setFixedHeight(40)
        self.setMaximumWidth(WIDEST)
        self.setCursor(Qt.CursorShape.IBeamCursor)

    def light_up(self, focused: bool) -> None:
        self.focused = focused
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = 2.0 if self.focused else 1.0
        painter.setPen(QPen(colours.accent if self.focused else colours.hairline, width))
        painter.setBrush(colours.field)
        edge = width / 2
        area = QRectF(self.rect()).adjusted(edge, edge, -edge, -edge)
        painter.drawRoundedRect(area, 10, 10)


class PictureRow(QScrollArea):
    """The pictures of a query, each a chip; those that find no room are scrolled to.

    Signals: changed(), the user took one out or weighed it · counted(), there are more or less.
    """

    changed = Signal()
    counted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._chips: list[PictureChip] = []
        self._strip = QWidget()
        self._row = QHBoxLayout(self._strip)
        self.setWidget(self._strip)
        self._strip.setAutoFillBackground(False)  # a scroll area has switched it on
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.viewport().setAutoFillBackground(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_CHIPS_HIGH)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(4)
        self.hide()

    def sizeHint(self) -> QSize:
        """As wide as the chips are, up to its part of the field."""
        return QSize(min(self._strip.sizeHint().width(), WIDEST // 2), _CHIPS_HIGH)

    def minimumSizeHint(self) -> QSize:
        return QSize(min(self.sizeHint().width(), _CHIPS_LEAST), _CHIPS_HIGH)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A chip that has just been added is shown, and counts, only in a later turn."""
        if event.type() is QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """A wheel that goes up and down moves the chips too."""
        turned = event.angleDelta()
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - (turned.x() or turned.y()) // 2)
        event.accept()

    @property
    def chips(self) -> Sequence[PictureChip]:
        return self._chips

    @property
    def terms(self) -> tuple[PictureTerm, ...]:
        return tuple(chip.term for chip in self._chips)

    def chip_of(self, term: PictureTerm) -> PictureChip | None:
        """The chip of this picture and part of it, whatever its weight."""
        for chip in self._chips:
            if (chip.term.photo, chip.term.box) == (term.photo, term.box):
                return chip
        return None

    def add(self, term: PictureTerm, picture: QPixmap | None, name: str, words: str = "") -> None:
        """One more. Args: words: what stands beside it, where there is room for words."""
        self._place(PictureChip(term, picture, name, words), len(self._chips))

    def weigh(self, chip: PictureChip, weight: float) -> None:
        """Give a picture another weight."""
        term = replace(chip.term, weight=weight)
        at = self._take(chip)
        self._place(PictureChip(term, chip.picture, chip.name, chip.words), at)
        self.changed.emit()

    def drop_all(self) -> None:
        for chip in list(self._chips):
            self._take(chip)
        self._count()

    def _place(self, chip: PictureChip, at: int) -> None:
        chip.removed.connect(partial(self._remove, chip))
        chip.weighed.connect(partial(self.weigh, chip))
        self._chips.insert(at, chip)
        self._row.insertWidget(at, chip)
        self._count()

    def _take(self, chip: PictureChip) -> int:
        at = self._chips.index(chip)
        self._chips.remove(chip)
        self._row.removeWidget(chip)
        chip.hide()
        chip.deleteLater()
        return at

    def _remove(self, chip: PictureChip) -> None:
        self._take(chip)
        self._count()
        self.changed.emit()

    def _count(self) -> None:
        self.setVisible(bool(self._chips))
        self.updateGeometry()
        self.counted.emit()
