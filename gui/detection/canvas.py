"""The photo with its boxes: hover, select, draw one, move and size one, with mouse or keys."""

from __future__ import annotations

from collections.abc import Mapping
from math import hypot

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from engine.types import Box
from gui import theme
from gui.detection.boxes import BoxPainter, Placed
from gui.detection.grips import Grip, cursor_of, dragged, grip_at
from gui.detection.scene import Scene, Thing, ThingKey, area
from gui.looking.canvas import Canvas

_LEAST = 4.0  # a box smaller than this on the screen was a click
_FAR = 4.0  # how far one must move to draw
_OVER_BOXES = (
    Qt.CursorShape.PointingHandCursor,
    Qt.CursorShape.SizeAllCursor,
    Qt.CursorShape.SizeFDiagCursor,
    Qt.CursorShape.SizeBDiagCursor,
    Qt.CursorShape.SizeHorCursor,
    Qt.CursorShape.SizeVerCursor,
)


class BoxCanvas(Canvas):
    """A canvas with boxes. All boxes are in pixels of the upright photo.

    Signals: hovered(ThingKey | None) · chosen(ThingKey | None), clicked · named(ThingKey), twice ·
    drawn(Box), a new box · reshaped(ThingKey, Box), one lies elsewhere now ·
    box_menu_wanted(ThingKey, QPoint), global · drawing_changed(bool).
    """

    hovered = Signal(object)
    chosen = Signal(object)
    named = Signal(object)
    drawn = Signal(object)
    reshaped = Signal(object, object)
    box_menu_wanted = Signal(object, object)
    drawing_changed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = Scene()
        self._frame = (0.0, 0.0)  # the photo's size in whose pixels boxes are
        self._painter = BoxPainter()
        self._selected: ThingKey | None = None
        self._hovered: ThingKey | None = None
        self._boxes_shown = True
        self._drawing = False
        self._from: QPointF | None = None
        self.draft: Box | None = None  # a new box that has no name yet, or one in a new place
        self.reshaping: ThingKey | None = None  # the box that the draft is to become
        self._held: tuple[Grip, QPointF, Thing] | None = None  # by the mouse, and where
        self.overlay = self._paint_boxes

    # -- what is shown -------------------------------------------------------------------------

    def set_scene(self, scene: Scene, width: float, height: float) -> None:
        """Draw these things; `width` and `height` are those of the photo their boxes are of."""
        self._scene = scene
        self._frame = (width, height)
        if self.reshaping is not None and self._held is None and scene.find(self.reshaping) is None:
            self.set_draft(None)  # it lies in its new place, or is gone
        self.update()

    def set_colours(self, colours: Mapping[str, str]) -> None:
        self._painter.colours = colours
        self.update()

    def select(self, key: ThingKey | None) -> None:
        """Have one stand out; bring it into view where the photo is magnified."""
        self._selected = key
        thing = self._scene.find(key)
        if thing is not None and not self.fitted:
            self._reveal(self.area_of(thing.box))
        self.update()

    def hover(self, key: ThingKey | None) -> None:
        """The mouse is over it, here or in the list."""
        if key != self._hovered:
            self._hovered = key
            self.update()

    @property
    def boxes_shown(self) -> bool:
        return self._boxes_shown

    def show_boxes(self, shown: bool) -> None:
        self._boxes_shown = shown
        self.update()

    @property
    def drawing(self) -> bool:
        return self._drawing

    def set_drawing(self, drawing: bool) -> None:
        """The next drag makes a box."""
        if drawing != self._drawing:
            self._drawing = drawing
            self._changed()
            self.drawing_changed.emit(drawing)

    def set_draft(self, box: Box | None) -> None:
        """Show a new box, or that there is none any more."""
        self.draft = box
        if box is None:
            self.reshaping = self._held = None
        self.update()

    def reshape(self, thing: Thing) -> None:
        """Let the keys move and size a box; Return says that it lies well."""
        self.reshaping = thing.key
        self.set_draft(thing.box)

    def settle(self) -> None:
        """The draft is what its box is to become."""
        key, draft, thing = self.reshaping, self.draft, self._scene.find(self.reshaping)
        self._held = None
        if key is not None and draft is not None and thing is not None and draft != thing.box:
            self.reshaped.emit(key, draft)  # shown until the scene has it
        else:
            self.set_draft(None)

    def draft_in_the_middle(self) -> None:
        """A box for the keyboard: a third of what one sees."""
        corner = self.photo_point(QPointF(0, 0))
        across = self.photo_point(QPointF(self.width(), self.height())) - corner
        middle = corner + across / 2
        side = min(across.x(), across.y(), *self._whole()) / 3
        left, top = middle.x() - side / 2, middle.y() - side / 2
        self.set_draft(self._inside(self._unscaled(QRectF(left, top, side, side))))

    @property
    def picture_factor(self) -> float:
        """Pixels of the picture that is there per pixel of the boxes' photo."""
        return self.image.width() / self._frame[0] if self.image and self._frame[0] else 1.0

    def area_of(self, box: Box) -> QRectF:
        """Where a box is in the widget."""
        factor = self._factor()
        return QRectF(
            self.widget_point(QPointF(box.left, box.top) * factor),
            self.widget_point(QPointF(box.right, box.bottom) * factor),
        )

    def thing_at(self, at: QPointF) -> Thing | None:
        """The smallest thing under a point, so that one inside of another can be reached."""
        if not self._boxes_shown:
            return None
        under = [
            thing
            for thing in self._scene.shown
            if self.area_of(thing.box).adjusted(-3, -3, 3, 3).contains(at)
        ]
        return min(under, key=lambda thing: area(thing.box), default=None)

    def grip_at(self, at: QPointF) -> tuple[Grip, Thing] | None:
        """What of the chosen box is under a point; a smaller box inside it goes first."""
        thing = self._scene.find(self._selected) if self._boxes_shown else None
        grip = grip_at(self.area_of(thing.box), at) if thing is not None else None
        if thing is None or grip is None:
            return None
        over = self.thing_at(at)
        if grip is Grip.ALL and over is not None and over.key != thing.key:
            return None
        return grip, thing

    # -- geometry ------------------------------------------------------------------------------

    def _whole(self) -> tuple[float, float]:
        return float(self.photo_size.width()), float(self.photo_size.height())

    def _factor(self) -> float:
        """Canvas pixels per pixel of the boxes' photo: 1 but for a photo of which less is known."""
        return self.photo_size.width() / self._frame[0] if self._frame[0] else 1.0

    def _unscaled(self, place: QRectF) -> QRectF:
        factor = self._factor() or 1.0
        return QRectF(place.topLeft() / factor, place.bottomRight() / factor)

    def _inside(self, place: QRectF) -> Box | None:
        """Cut to the photo; None when nothing is left."""
        width, height = (side / (self._factor() or 1.0) for side in self._whole())
        place = place.normalized().intersected(QRectF(0, 0, width, height))
        if place.width() < 1 or place.height() < 1:
            return None
        return Box(place.left(), place.top(), place.right(), place.bottom())

    def _reveal(self, place: QRectF) -> None:
        room = QRectF(self.rect())
        if not room.contains(place.center()):
            self.centre_on(self.photo_point(place.center()))

    # -- painting ------------------------------------------------------------------------------

    def _paint_boxes(self, painter: QPainter) -> None:
        if self._boxes_shown:
            placed = [
                Placed(thing, self.area_of(thing.box))
                for thing in self._scene.shown
                if thing.key != self.reshaping
            ]
            room = QRectF(self.rect()).adjusted(4, 4, -4, -4)
            self._painter.paint(
                painter,
                placed,
                room,
                selected=self._selected,
                hovered=self._hovered,
                strength=0.35 if self.draft is not None else 1.0,
            )
        if self.draft is not None:
            place = self.area_of(self.draft)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            painter.fillRect(place, QColor(255, 255, 255, 40))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(16, 16, 16), 3))
            painter.drawRect(place)
            dashes = QPen(theme.colours().accent, 2, Qt.PenStyle.DashLine)
            dashes.setDashPattern([4, 3])
            painter.setPen(QPen(QColor(255, 255, 255), 1.5))
            painter.drawRect(place)
            painter.setPen(dashes)
            painter.drawRect(place)

    # -- mouse ---------------------------------------------------------------------------------

    def _changed(self) -> None:
        super()._changed()
        if self._drawing:
            self.setCursor(Qt.CursorShape.CrossCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.button() == Qt.MouseButton.LeftButton and (self._drawing or shift):
            self._from = event.position()
            return
        if event.button() == Qt.MouseButton.LeftButton:
            self._click = event.position()
            found = self.grip_at(event.position()) if self.draft is None else None
            if found is not None:
                self._held = (found[0], event.position(), found[1])
                return
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is not None:
            one, other = self.photo_point(self._from), self.photo_point(event.position())
            self.set_draft(self._inside(self._unscaled(QRectF(one, other).normalized())))
            return
        if self._held is not None:
            self._drag(event.position())
            return
        super().mouseMoveEvent(event)
        if self._grip is None:
            thing = self.thing_at(event.position())
            key = thing.key if thing is not None else None
            if key != self._hovered:
                self.hover(key)
                self.hovered.emit(key)
            grip = self.grip_at(event.position()) if self.draft is None else None
            if not self._drawing and grip is not None:
                self.setCursor(cursor_of(grip[0]))
            elif not self._drawing and thing is not None:
                self.setCursor(Qt.CursorShape.PointingHandCursor)
            elif self.cursor().shape() in _OVER_BOXES:
                self._changed()

    def _drag(self, to: QPointF) -> None:
        """Move or size the box that is held."""
        assert self._held is not None
        grip, start, thing = self._held
        far = to - start
        if self.draft is None and hypot(far.x(), far.y()) < _FAR:
            return
        self.reshaping = thing.key
        by = (self.photo_point(to) - self.photo_point(start)) / (self._factor() or 1.0)
        width, height = (side / (self._factor() or 1.0) for side in self._whole())
        least = _LEAST / (self._actual_scale() * (self._factor() or 1.0))
        self.draft = dragged(thing.box, grip, by, (width, height), least)
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._from is not None:
            far = event.position() - self._from
            self._from = None
            draft = self.draft
            if draft is None or min(abs(far.x()), abs(far.y())) < _LEAST:
                self.set_draft(None)
                return
            self.set_drawing(False)
            self.drawn.emit(draft)
            return
        if self._held is not None and self.draft is not None:
            self.settle()
            return
        self._held = None
        super().mouseReleaseEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            moved = event.position() - getattr(self, "_click", event.position())
            if hypot(moved.x(), moved.y()) < _FAR:
                thing = self.thing_at(event.position())
                self.chosen.emit(thing.key if thing is not None else None)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        thing = self.thing_at(event.position())
        if thing is not None:
            self.named.emit(thing.key)
        else:
            self.toggle_full(event.position())

    def leaveEvent(self, event: object) -> None:
        self.hover(None)
        self.hovered.emit(None)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        at = QPointF(event.pos())
        thing = self.thing_at(at)
        if event.reason() != QContextMenuEvent.Reason.Keyboard and thing is not None:
            self.chosen.emit(thing.key)
            self.box_menu_wanted.emit(thing.key, event.globalPos())
        elif event.reason() != QContextMenuEvent.Reason.Keyboard:
            super().contextMenuEvent(event)

    # -- keys for the new box ------------------------------------------------------------------

    def nudge(self, event: QKeyEvent) -> bool:
        """Arrows move the new box, with Shift its far corner; False when there is none."""
        ways = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, -1),
            Qt.Key.Key_Down: (0, 1),
        }
        way = ways.get(Qt.Key(event.key()))
        if self.draft is None or way is None:
            return False
        step = 8 / (self._actual_scale() * self._factor())
        x, y = way[0] * step, way[1] * step
        place = QRectF(QPointF(*self.draft[:2]), QPointF(*self.draft[2:]))
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            place.adjust(0, 0, x, y)
            if place.width() < step or place.height() < step:
                return True
        else:
            place.translate(x, y)
            width, height = (side / self._factor() for side in self._whole())
            place.moveLeft(max(0.0, min(place.left(), width - place.width())))
            place.moveTop(max(0.0, min(place.top(), height - place.height())))
        self.set_draft(self._inside(place))
        return True
