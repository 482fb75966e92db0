"""Draws boxes with their tags over a photo: a line for any background, a tag that is readable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from engine.label_colours import INK, label_colour
from gui import icons
from gui.detection.scene import Thing, ThingKey
from gui.labels import plain_text
from gui.tagging.words import percent_text

_EDGE = 3  # of the tag's text, above and below
_SMALL = 20.0  # a box narrower and lower than this has its tag only when it is looked at
_HANDLE = 7.0
_LONGEST = 28  # letters of a label in a tag


@dataclass(frozen=True, slots=True)
class Placed:
    """A thing with the place of its box in the widget."""

    thing: Thing
    area: QRectF


class BoxPainter:
    """Paints placed boxes; what is looked at stands out, the rest steps back."""

    def __init__(self) -> None:
        self.colours: Mapping[str, str] = {}
        self.marks_kept = True  # a tick on the tags of what is kept

    def colour(self, label: str) -> QColor:
        """The label's own, or that among the labels shown together."""
        return QColor(self.colours.get(label) or label_colour(label))

    def paint(
        self,
        painter: QPainter,
        placed: Sequence[Placed],
        room: QRectF,
        *,
        selected: ThingKey | None = None,
        hovered: ThingKey | None = None,
        quiet: bool = False,
        strength: float = 1.0,
    ) -> None:
        """Paint them all.

        Args:
            painter: of the widget, in its own pixels.
            placed: what to paint.
            room: what can be seen; tags stay in it.
            selected: stands out, with handles.
            hovered: stands out most.
            quiet: no tags but of these two.
            strength: opacity of all others.
        """
        painter.save()
        ratio = painter.device().devicePixelRatioF()
        keys = {entry.thing.key for entry in placed}
        selected = selected if selected in keys else None
        hovered = hovered if hovered in keys else None
        strength = min(strength, 0.4 if hovered is not None else 0.75 if selected else 1.0)
        order = sorted(placed, key=lambda entry: entry.thing.key in (selected, hovered))
        boxes: list[tuple[Placed, QRectF]] = []
        for entry in order:
            box = _snapped(entry.area, ratio)
            if box.intersects(room):
                boxes.append((entry, box))
                key = entry.thing.key
                painter.setOpacity(1.0 if key in (selected, hovered) else strength)
                self._box(painter, entry.thing, box, key == selected, key == hovered)
        taken: list[QRectF] = []
        for entry, box in reversed(boxes):
            looked_at = entry.thing.key in (selected, hovered)
            painter.setOpacity(1.0 if looked_at else strength)
            small = box.width() < _SMALL and box.height() < _SMALL
            if looked_at or not (quiet or small):
                self._tag(painter, entry.thing, box, room, taken, looked_at, ratio)
        painter.restore()

    def _box(
        self, painter: QPainter, thing: Thing, box: QRectF, selected: bool, hovered: bool
    ) -> None:
        colour = self.colour(thing.label)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        width = 3.0 if selected or hovered else 2.0
        if hovered or selected:
            veil = QColor(colour)
            veil.setAlpha(44 if hovered else 26)
            painter.fillRect(box, veil)
        # A dark hairline on both sides: the colour is seen on snow and at night.
        ink = QColor(INK)
        ink.setAlpha(150)
        painter.setPen(_pen(ink, width + 2))
        painter.drawRect(box)
        painter.setPen(_pen(colour, width))
        painter.drawRect(box)
        if selected:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for corner in (box.topLeft(), box.topRight(), box.bottomLeft(), box.bottomRight()):
                knob = QRectF(0, 0, _HANDLE, _HANDLE)
                knob.moveCenter(corner)
                painter.setPen(QPen(ink, 1))
                painter.setBrush(QColor(255, 255, 255))
                painter.drawRoundedRect(knob, 2, 2)

    def _tag(
        self,
        painter: QPainter,
        thing: Thing,
        box: QRectF,
        room: QRectF,
        taken: list[QRectF],
        looked_at: bool,
        ratio: float,
    ) -> None:
        metrics = QFontMetricsF(painter.font())
        words = tag_text(thing)
        check = 14 if thing.kept and self.marks_kept else 0
        size = QRectF(0, 0, metrics.horizontalAdvance(words) + 12 + check, metrics.height() + 4)
        tag = self._place(size, box, room, taken)
        if tag is None and not looked_at:
            return  # no room that is not another's tag; the list says it all
        tag = tag if tag is not None else self._clamped(size, box, room)
        tag = _snapped(tag, ratio)
        taken.append(tag)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = QColor(INK)
        edge = QColor(ink)
        edge.setAlpha(150)
        painter.setPen(QPen(edge, 1))
        painter.setBrush(self.colour(thing.label))
        painter.drawRoundedRect(tag, 3, 3)
        left = tag.left() + 6
        if check:
            mark = icons.pixmap("check", 12, ink, ratio)
            painter.drawPixmap(QPointF(left - 1, round(tag.center().y() - 6)), mark)
            left += check
        painter.setPen(ink)
        text = QRectF(left, tag.top(), tag.right() - left, tag.height())
        painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, words)

    def _place(
        self, size: QRectF, box: QRectF, room: QRectF, taken: Sequence[QRectF]
    ) -> QRectF | None:
        """Above the box, in it, below it: the first place that is no other tag's."""
        high = size.height()
        for left in (box.left() - 1, box.right() + 1 - size.width()):
            for top in (box.top() - high - 1, box.top() + 2, box.bottom() + 1):
                tag = QRectF(size)
                tag.moveTopLeft(QPointF(left, top))
                tag = _within(tag, room)
                near = abs(tag.top() - top) <= high
                if near and not any(tag.intersects(other) for other in taken):
                    return tag
        return None

    def _clamped(self, size: QRectF, box: QRectF, room: QRectF) -> QRectF:
        tag = QRectF(size)
        tag.moveTopLeft(QPointF(box.left() - 1, box.top() - size.height() - 1))
        return _within(tag, room)


def tag_text(thing: Thing) -> str:
    """The label and how sure it is, as it stands on the photo."""
    label = plain_text(thing.label)
    if len(label) > _LONGEST:
        label = label[: _LONGEST - 1] + "\N{HORIZONTAL ELLIPSIS}"
    return label if thing.score is None else f"{label}  {percent_text(thing.score)}"


def _pen(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    return pen


def _snapped(area: QRectF, ratio: float) -> QRectF:
    """On whole device pixels: a line between two of them would be blurred."""
    left, top = round(area.left() * ratio) / ratio, round(area.top() * ratio) / ratio
    right, bottom = round(area.right() * ratio) / ratio, round(area.bottom() * ratio) / ratio
    return QRectF(left, top, max(1 / ratio, right - left), max(1 / ratio, bottom - top))


def _within(tag: QRectF, room: QRectF) -> QRectF:
    moved = QRectF(tag)
    moved.moveLeft(max(room.left(), min(moved.left(), room.right() - moved.width())))
    moved.moveTop(max(room.top(), min(moved.top(), room.bottom() - moved.height())))
    return moved
