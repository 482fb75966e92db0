"""The viewer's boxes: what is kept of the photo in front, drawn over it or put away."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from PySide6.QtCore import QObject, QPointF, QRectF
from PySide6.QtGui import QPainter

from engine.detection_types import StoredDetection
from engine.label_colours import label_colours
from engine.types import PhotoId
from gui.detection.boxes import BoxPainter, Placed
from gui.detection.scene import Scene, ThingKey
from gui.detection.work import DetectWork
from gui.looking.viewer import Viewer


class ViewerBoxes(QObject):
    """Asks for a photo's boxes while they are to be shown."""

    def __init__(self, viewer: Viewer, work: DetectWork) -> None:
        super().__init__(viewer)
        self._viewer = viewer
        self._work = work
        self._shown = True
        self._hovered: ThingKey | None = None
        self.chosen: ThingKey | None = None  # stands out, and is seen even while boxes are put away
        self._painter = BoxPainter()
        self.scene = Scene()
        viewer.canvas.overlay = self._paint
        viewer.photo_changed.connect(self._ask)
        work.stored.connect(self._take)
        work.boxes_changed.connect(self._follow)

    def show_boxes(self, shown: bool) -> None:
        self._shown = shown
        self._viewer.canvas.update()

    def hover(self, photo_id: PhotoId, key: ThingKey | None) -> None:
        """Have a box stand out for as long as it is pointed at elsewhere."""
        self._hovered = key if photo_id == self._viewer.photo_id else None
        self._viewer.canvas.update()

    def choose(self, key: ThingKey | None) -> None:
        """Have a box of the photo in front stand out until another photo comes."""
        self.chosen = key
        self._viewer.canvas.update()

    def _ask(self, photo_id: PhotoId) -> None:
        if photo_id != self.scene.photo_id:
            self.chosen = self._hovered = None
        self.scene = Scene(photo_id)
        self._work.ask_stored(photo_id)

    def _take(self, photo_id: PhotoId, kept: Sequence[StoredDetection]) -> None:
        if photo_id == self._viewer.photo_id:
            self.scene = Scene(photo_id, kept=tuple(kept))
            self._painter.colours = label_colours(count.label for count in self.scene.counts)
            self._viewer.canvas.update()

    def _follow(self, ids: Collection[PhotoId]) -> None:
        photo_id = self._viewer.photo_id
        if photo_id is not None and self._viewer.isVisible() and (not ids or photo_id in ids):
            self._work.ask_stored(photo_id)

    def _paint(self, painter: QPainter) -> None:
        if self.scene.photo_id != self._viewer.photo_id:
            return
        wanted = (self.chosen, self._hovered)
        things = [thing for thing in self.scene.shown if self._shown or thing.key in wanted]
        if not things:
            return
        canvas = self._viewer.canvas
        first = next((entry for entry in self.scene.kept if entry.width), None)
        factor = canvas.photo_size.width() / first.width if first is not None else 1.0
        placed = [
            Placed(
                thing,
                QRectF(
                    canvas.widget_point(QPointF(*thing.box[:2]) * factor),
                    canvas.widget_point(QPointF(*thing.box[2:]) * factor),
                ),
            )
            for thing in things
        ]
        room = QRectF(canvas.rect()).adjusted(4, 4, -4, -4)
        self._painter.paint(painter, placed, room, selected=self.chosen, hovered=self._hovered)
