"""Two to four photos beside each other, with one zoom and one place for all, or each its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil

from PySide6.QtCore import QPoint, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from engine.mark_types import Flag, Marks
from gui import theme
from gui.looking.stage import (
    DARK,
    STEP,
    Side,
    View,
    is_coarse,
    paint_picture,
    paint_token,
    paint_words,
    toggled,
)
from gui.marking.badges import BadgePainter

MOST = 4
_GAP = 8
_MARGIN = 8  # around all
_EDGE = 3  # around the active one, and as much air around the others
_REJECTED = 0.4  # opacity


class CompareStage(QWidget):
    """Paints the photos and moves them. One is active: keys are meant for it.

    Locked, all show the same part: the same point of each, by its relative position, and as many
    times as large as fitted. So it works for photos of any size.

    Signals: active_changed(int), its place · detail_wanted(int), a photo is magnified beyond the
    picture it has · zoom_changed(float), device pixels per pixel of the active photo ·
    resized(), the panes have another size.
    """

    active_changed = Signal(int)
    detail_wanted = Signal(int)
    zoom_changed = Signal(float)
    resized = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self.setMinimumSize(240, 160)
        self.sides: list[Side] = []
        self._views: list[View] = []
        self._marks: Mapping[int, Marks] = {}
        self._badges = BadgePainter()
        self.active = 0
        self.locked = True
        self._grip: QPointF | None = None
        self._cursor_hidden = False
        self._bare = False
        theme.notifier.changed.connect(self.update)

    # -- what is shown -------------------------------------------------------------------------

    def show_sides(self, sides: Sequence[Side], active: int = 0) -> None:
        """Start with other photos, all fitted."""
        self.sides = list(sides)
        self._views = [View(QRectF(QPointF(), side.size)) for side in sides]
        self._marks = {}
        self.active = max(0, min(active, len(sides) - 1))
        self._changed()

    def show_side(self, at: int, side: Side) -> None:
        """Another photo in one pane; what one looks at in the others stays."""
        self.sides[at] = side
        self._views[at] = View(QRectF(QPointF(), side.size))
        if self.locked and len(self.sides) > 1:
            self._follow(at - 1 if at else 1)
        self._changed()

    def set_image(self, at: int, image: QImage) -> None:
        """A better picture of a photo; nothing moves on screen."""
        side = self.sides[at]
        if side.size.isEmpty():
            side.size = QSizeF(image.size())
            self._views[at].whole = QRectF(image.rect())
        side.image = image
        self._changed()

    def say(self, at: int, sentence: str) -> None:
        """Why a photo is not shown, or not as it should be."""
        self.sides[at].sentence = sentence
        self.update()

    def show_marks(self, marks: Mapping[int, Marks]) -> None:
        """The marks of the photos, by their place."""
        self._marks = marks
        self.update()

    def activate(self, at: int) -> None:
        """Mean this photo from now on."""
        if at != self.active and 0 <= at < len(self.sides):
            self.active = at
            self.active_changed.emit(at)
            self._changed()

    def move_active(self, across: int, down: int) -> None:
        """To the neighbour on that side, if there is one; across also on to the next row."""
        self.activate(self.active + across + down * self._columns())

    def set_locked(self, locked: bool) -> None:
        """Move all together, or each alone. Locked again, all follow the active one."""
        self.locked = locked
        if locked and self.sides:
            self._measure()
            self._follow(self.active)
        self._changed()

    # -- zoom ----------------------------------------------------------------------------------

    @property
    def zoom(self) -> float:
        """Device pixels per pixel of the active photo; 1.0 is 100 %."""
        self._measure()
        return self._views[self.active].zoom if self._views else 1.0

    @property
    def fitted(self) -> bool:
        return all(view.scale is None for view in self._views)

    @property
    def pannable(self) -> bool:
        return bool(self._views) and self._views[self.active].pannable

    def view(self, at: int) -> View:
        """How a photo is seen; not to be changed."""
        self._measure()
        return self._views[at]

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Magnify what lies under `at`, or the middle of the active photo."""
        if self.sides:
            number = self._pane_at(at)
            view = self.view(number)
            view.zoom_to(view.zoom * factor, self._from_middle(number, at))
            self._moved(number)

    def toggle_full(self, at: QPointF | None = None) -> None:
        """100 % of the active photo, or of the one under `at`; or back to fit."""
        if self.sides:
            number = self._pane_at(at)
            toggled(self.view(number), self._from_middle(number, at))
            self._moved(number)

    def pan(self, across: float, down: float) -> None:
        """Look further right and further down, by parts of what one sees."""
        if self.sides:
            view = self.view(self.active)
            view.shift(QPointF(-across * view.pane.width(), -down * view.pane.height()))
            self._moved(self.active)

    def _moved(self, at: int) -> None:
        if self.locked:
            self._follow(at)
        self._changed()

    def _follow(self, at: int) -> None:
        """All others look where this one looks."""
        lead = self._views[at]
        if lead.whole.isEmpty():
            return
        times = lead.actual / lead.fitting
        across = lead.middle.x() / lead.whole.width()
        down = lead.middle.y() / lead.whole.height()
        for view in self._views:
            if view is not lead and not view.whole.isEmpty():
                view.scale = None if lead.scale is None else view.fitting * times
                view.centre = QPointF(across * view.whole.width(), down * view.whole.height())
                view.settle()

    # -- panes ---------------------------------------------------------------------------------

    def _columns(self) -> int:
        """As many beside each other as let one see most of the photos."""
        count = len(self.sides)
        if count < 2:
            return 1

        def seen(columns: int) -> float:
            cell = self._cell(columns)
            shapes = (side.size for side in self.sides if not side.size.isEmpty())
            fits = (shape.scaled(cell, Qt.AspectRatioMode.KeepAspectRatio) for shape in shapes)
            return sum(size.width() * size.height() for size in fits)

        return max(range(count, 0, -1), key=seen)

    def _cell(self, columns: int) -> QSizeF:
        rows = ceil(len(self.sides) / columns)
        wide = (self.width() - 2 * _MARGIN - _GAP * (columns - 1)) / columns
        high = (self.height() - _MARGIN - _GAP * (rows - 1)) / rows
        margin = 2 * _EDGE
        return QSizeF(max(1.0, wide - margin), max(1.0, high - margin - self._caption()))

    def _caption(self) -> int:
        return self.fontMetrics().height() + 12

    def pane(self, at: int) -> QRectF:
        """Where a photo is painted; its name is below."""
        columns = self._columns()
        cell = self._cell(columns)
        row, column = divmod(at, columns)
        last = len(self.sides) - row * columns
        aside = 0.0
        if last < columns:  # a row that is not full stands in the middle
            aside = (columns - last) * (cell.width() + 2 * _EDGE + _GAP) / 2
        left = aside + column * (cell.width() + 2 * _EDGE + _GAP) + _EDGE + _MARGIN
        top = row * (cell.height() + 2 * _EDGE + self._caption() + _GAP) + _EDGE + _MARGIN
        return QRectF(QPointF(left, top), cell)

    def _pane_at(self, at: QPointF | None) -> int:
        if at is not None:
            for number in range(len(self.sides)):
                if self.pane(number).adjusted(0, 0, 0, self._caption()).contains(at):
                    return number
        return self.active

    def _from_middle(self, number: int, at: QPointF | None) -> QPointF | None:
        return None if at is None else at - self.pane(number).center()

    def _measure(self) -> None:
        cell = self._cell(self._columns()) if self.sides else QSizeF()
        for view in self._views:
            view.pane = cell
            view.ratio = self.devicePixelRatioF()

    def _changed(self) -> None:
        """Keep the photos in their panes, tell the zoom, ask for more pixels if need be."""
        self._measure()
        for view in self._views:
            view.settle()
        self._set_cursor()
        if self._views:
            self.zoom_changed.emit(self._views[self.active].zoom)
        for at, (side, view) in enumerate(zip(self.sides, self._views, strict=True)):
            width = side.size.width()
            if side.image is not None and is_coarse(side.image, width, width * view.zoom):
                self.detail_wanted.emit(at)
        self.update()

    def set_bare(self, bare: bool) -> None:
        """The photos are all there is, on the whole screen: dark around them."""
        self._bare = bare
        self.update()

    def hide_cursor(self, hidden: bool) -> None:
        """In full screen, while the mouse is at rest."""
        self._cursor_hidden = hidden
        self._set_cursor()

    def _set_cursor(self) -> None:
        shapes = Qt.CursorShape
        shown = shapes.OpenHandCursor if self.pannable else shapes.ArrowCursor
        self.setCursor(shapes.BlankCursor if self._cursor_hidden else shown)

    # -- painting ------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        self._measure()
        painter = QPainter(self)
        painter.fillRect(self.rect(), DARK if self._bare else theme.colours().window)
        for at in range(len(self.sides)):
            self._paint(painter, at)

    def _paint(self, painter: QPainter, at: int) -> None:
        side, pane, view = self.sides[at], self.pane(at), self._views[at]
        marks = self._marks.get(at)
        painter.save()
        painter.setClipRect(pane)
        if side.image is not None:
            rejected = marks is not None and marks.flag is Flag.REJECTED
            painter.setOpacity(_REJECTED if rejected and at != self.active else 1.0)
            paint_picture(painter, side.image, side.size.width(), view.placed(pane))
            painter.setOpacity(1.0)
            middle = Qt.AlignmentFlag.AlignHCenter
            paint_token(painter, pane, side.sentence, at=middle, below=True)
        else:
            paint_words(painter, pane, side.sentence)
        painter.restore()
        if at == self.active:
            painter.save()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.colours().accent, _EDGE - 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            half = _EDGE / 2
            seen = view.placed(pane).mapRect(view.whole).intersected(pane)
            frame = pane if side.image is None else seen
            painter.drawRoundedRect(frame.adjusted(-half, -half, half, half), 3, 3)
            painter.restore()
        self._paint_caption(painter, at, pane, marks)

    def _paint_caption(self, painter: QPainter, at: int, pane: QRectF, marks: Marks | None) -> None:
        """The name in the middle below the photo, and the marks beside it."""
        row = QRectF(pane.left(), pane.bottom() + _EDGE, pane.width(), self._caption())
        badge = self._badges.width(marks) if marks is not None else 0
        beside = badge + 8 if badge else 0
        metrics = painter.fontMetrics()
        room = round(row.width()) - beside
        name = metrics.elidedText(self.sides[at].name, Qt.TextElideMode.ElideMiddle, room)
        width = metrics.horizontalAdvance(name) + 2
        left = row.center().x() - (width + beside) / 2
        colours = theme.colours()
        plain = QColor(235, 235, 235) if self._bare else colours.text
        faint = QColor(154, 154, 154) if self._bare else colours.muted
        painter.setPen(plain if at == self.active else faint)
        place = QRectF(left, row.top(), width, row.height())
        painter.drawText(place, int(Qt.AlignmentFlag.AlignVCenter), name)
        if marks is not None and badge:
            below = round(row.center().y() + self._badges.height / 2)
            self._badges.paint(painter, QPoint(round(left + width + 8), below), badge, marks)

    # -- mouse ---------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.locked and self.sides:
            self._measure()
            self._follow(self.active)
        self._changed()
        self.resized.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta().y() / 120
        if steps:
            self.zoom_by(STEP**steps, event.position())
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.sides:
            self.activate(self._pane_at(event.position()))
            self._grip = event.position()
            if self.pannable:
                self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip is not None and self.pannable:
            self.view(self.active).shift(event.position() - self._grip)
            self._grip = event.position()
            self._moved(self.active)
            self.setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip = None
        self._changed()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.toggle_full(event.position())
