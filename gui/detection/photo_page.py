"""The page for one photo: labels typed, boxes drawn on it, each of them a way on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QImage, QKeyEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.detection_types import Label, StoredDetection
from engine.errors import EngineError, PhotoError
from engine.label_colours import label_colours
from engine.types import Box, Photo, PhotoId
from gui import facts, theme
from gui.detection.box_acts import BoxActs
from gui.detection.canvas import BoxCanvas
from gui.detection.cutting import cut_out
from gui.detection.editor import BoxEditor
from gui.detection.label_field import LabelField, parse_labels
from gui.detection.photo_bar import PhotoBar
from gui.detection.scene import Scene, Thing, ThingKey
from gui.detection.side import SidePanel
from gui.detection.work import DetectWork, Known, Looked, remember_labels
from gui.engine_words import said
from gui.looking.pictures import Pictures
from gui.session import Session


class PhotoPage(QWidget):
    """One photo and the things on it.

    As in the viewer, `neighbour`, `place` and `photo` tell of the list it walks through.

    Signals: closed() · photo_changed(PhotoId) · models_wanted().
    """

    closed = Signal()
    photo_changed = Signal(object)
    models_wanted = Signal()

    def __init__(self, session: Session, work: DetectWork, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures: Pictures = session.pictures
        self._thumbnail: Callable[[PhotoId], QPixmap | None] = session.thumbnails.peek
        self._work = work
        self.neighbour: Callable[[PhotoId, int], PhotoId | None] = lambda _id, _steps: None
        self.place: Callable[[PhotoId], tuple[int, int]] = lambda _: (0, 0)
        self.photo: Callable[[PhotoId], Photo | None] = lambda _: None
        self.photo_id: PhotoId | None = None
        self.scene = Scene()
        self._selected: ThingKey | None = None
        self._dismissed: dict[PhotoId, set[ThingKey]] = {}
        self._awaited: Box | None = None  # a box of the user's that is to stand out once it is kept
        self._trouble = ""  # why this photo cannot be looked at
        theme.mark(self, region="canvas")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.canvas = BoxCanvas()
        self.canvas.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.field = LabelField()
        self.side = SidePanel()
        self.bar = PhotoBar()
        self.acts = BoxActs(session, work, self)
        self.editor = BoxEditor(self, work)
        self._lay_out()
        self._connect()
        self._take_usual()

    def _lay_out(self) -> None:
        above = QHBoxLayout()
        above.setContentsMargins(12, 8, 12, 8)
        above.addWidget(self.field)
        left = QVBoxLayout()
        left.setSpacing(0)
        left.addLayout(above)
        left.addWidget(self.canvas, 1)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(self.side)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addLayout(row, 1)

    def _connect(self) -> None:
        canvas, side, work, things = self.canvas, self.side, self._work, self.side.list
        self.bar.closed.connect(self.closed)
        self.bar.stepped.connect(self.step)
        self.bar.zoomed.connect(canvas.zoom_by)
        self.bar.fit_wanted.connect(lambda: canvas.toggle_full())
        canvas.zoom_changed.connect(self.bar.tell_zoom)
        canvas.detail_wanted.connect(self._want_full)
        canvas.hovered.connect(things.point_at)
        canvas.chosen.connect(self.select)
        canvas.named.connect(self.editor.name)
        canvas.drawn.connect(self.editor.name_draft)
        canvas.reshaped.connect(self.editor.reshape)
        canvas.drawing_changed.connect(side.draw_button.setChecked)
        canvas.box_menu_wanted.connect(self.editor.offer)
        things.chosen.connect(self.select)
        things.hovered.connect(canvas.hover)
        things.named.connect(self.editor.name)
        things.label_hidden.connect(self.hide_label)
        things.thing_menu_wanted.connect(self.editor.offer)
        side.keep_wanted.connect(self.editor.keep_all)
        side.draw_toggled.connect(self.editor.draw)
        side.label_taken.connect(self.field.take)
        side.models_wanted.connect(self.models_wanted)
        side.threshold.moved.connect(self._move_threshold)
        self.field.changed.connect(self.look_for)
        self.field.entered.connect(canvas.setFocus)
        self.field.left.connect(canvas.setFocus)
        self.field.refused.connect(work.say)
        self._pictures.loaded.connect(self._show_loaded)
        self._pictures.failed.connect(self._show_failure)
        work.known.connect(self._take_known)
        work.looked.connect(self._take_look)
        work.failed.connect(self._take_failure)
        work.busy_changed.connect(self._show_busy)
        work.stored.connect(self._take_stored)
        work.boxes_changed.connect(self._follow)
        work.dismissed.connect(self._dismiss)

    # -- which photo, which labels -------------------------------------------------------------

    def open(self, photo_id: PhotoId) -> None:
        """Show a photo with what is kept of it, and look for the labels in the field."""
        self.photo_id = photo_id
        self._trouble = ""
        self._selected = self._awaited = None
        self.canvas.set_draft(None)
        photo = self.photo(photo_id)
        known = photo is not None and photo.width and photo.height
        size = QSize(photo.width or 0, photo.height or 0) if photo and known else QSize()
        image = self._pictures.get_full(photo_id) or self._pictures.get(photo_id)
        thumbnail = self._thumbnail(photo_id)
        if image is None and thumbnail is not None and not thumbnail.isNull() and known:
            image = thumbnail.toImage()
        self.canvas.show_photo(size, image)
        self.canvas.setAccessibleName(photo.name if photo else self.tr("Photo"))
        self.bar.tell_photo(photo.name if photo else "", *self.place(photo_id))
        ahead = [self.neighbour(photo_id, 1), self.neighbour(photo_id, -1)]
        side = self._screen()
        self._pictures.want(photo_id, side, [(id_, side) for id_ in ahead if id_ is not None])
        self.side.threshold.set_labels([label.name for label in self.field.labels], {})
        self.scene = Scene(
            photo_id,
            labels=tuple(self.field.labels),
            threshold=self.side.threshold.value,
            cuts=self.side.threshold.cuts.own,
            hidden=self.scene.hidden,
            dismissed=frozenset(self._dismissed.get(photo_id, ())),
        )
        self._show_scene()
        self.side.list.show_picture(None, 1.0)
        self._work.refresh()
        self._work.ask_stored(photo_id)
        self._look()
        self.photo_changed.emit(photo_id)

    def refresh(self) -> None:
        """More is known of the photos: tell the name and the place again."""
        if self.photo_id is not None and self.isVisible():
            photo = self.photo(self.photo_id)
            name = photo.name if photo is not None else ""
            self.bar.tell_photo(name, *self.place(self.photo_id))
            self.canvas.setAccessibleName(name or self.tr("Photo"))

    def step(self, steps: int) -> None:
        """Go on in the list's order, with the same labels."""
        following = self.neighbour(self.photo_id, steps) if self.photo_id is not None else None
        if following is not None:
            self.open(following)

    def look_for(self, labels: Sequence[Label]) -> None:
        """Look for these; what was seen before of them stays on the photo meanwhile."""
        self.field.set_labels(labels)
        self._trouble = self.canvas.sentence  # other words, another chance
        threshold = self.side.threshold
        threshold.set_labels([label.name for label in labels], {})
        cuts = threshold.cuts.own
        self._change(replace(self.scene, labels=tuple(labels), cuts=cuts))
        remember_labels(labels)
        self._look()

    def search(self, text: str) -> None:
        """Look for what is written there, between commas."""
        self.look_for(parse_labels(text))

    def _look(self) -> None:
        status = self._work.status
        if self.photo_id is None or not self.scene.labels:
            self._work.stop_looking()
        elif status is None or status.ready:
            self._work.look(self.photo_id, self.scene.labels)

    def _screen(self) -> int:
        size = self.screen().size().expandedTo(self.size()) * self.devicePixelRatioF()
        return max(size.width(), size.height())

    def _want_full(self) -> None:
        if self.photo_id is not None and self.isVisible():
            self._pictures.want_full(self.photo_id)

    # -- answers -------------------------------------------------------------------------------

    def _show_loaded(self, photo_id: PhotoId, image: QImage, is_full: bool) -> None:
        now = self.canvas.image
        if photo_id == self.photo_id and (now is None or image.width() >= now.width()):
            known = self.photo(photo_id)
            unknown = (known is None or not known.width) and image.width() < self._screen()
            self.canvas.set_image(image, is_full=is_full or unknown)
            self._show_scene()

    def _show_failure(self, photo_id: PhotoId, reason: str) -> None:
        if photo_id == self.photo_id and self.canvas.image is None:
            self._trouble = facts.reason_text(reason)
            self.canvas.say(self._trouble)
            self.bar.tell_zoom(0)
            self._explain()

    def _take_known(self, known: Known) -> None:
        self.field.offer(known.suggestions)
        self._take_usual()
        self._explain()
        if known.status.ready and self.isVisible() and self.scene.sight is None:
            self._look()

    def _take_usual(self) -> None:
        status = self._work.status
        if status is not None and status.ready:
            self.side.threshold.set_usual(status.threshold)

    def _take_look(self, looked: Looked) -> None:
        if looked.photo_id == self.photo_id and looked.labels == tuple(self.scene.labels):
            self._trouble = self.canvas.sentence
            self._change(replace(self.scene, sight=looked.sight))

    def _take_failure(self, photo_id: PhotoId, error: EngineError) -> None:
        if photo_id == self.photo_id:
            reason = error.reason if isinstance(error, PhotoError) else ""
            self._trouble = facts.reason_text(reason) if reason else said(str(error))
            self._explain()

    def _take_stored(self, photo_id: PhotoId, kept: Sequence[StoredDetection]) -> None:
        if photo_id == self.photo_id:
            self._change(replace(self.scene, kept=tuple(kept)))

    def _follow(self, ids: Collection[PhotoId]) -> None:
        if self.photo_id is not None and self.isVisible() and (not ids or self.photo_id in ids):
            self._work.ask_stored(self.photo_id)

    def _dismiss(self, photo_id: PhotoId, keys: Sequence[ThingKey], gone: bool) -> None:
        known = self._dismissed.setdefault(photo_id, set())
        known.update(keys) if gone else known.difference_update(keys)
        if photo_id == self.photo_id:
            self._change(replace(self.scene, dismissed=frozenset(known)))

    def _show_busy(self, busy: bool) -> None:
        self.side.set_busy(busy and self.isVisible())
        self._explain()

    # -- the scene -----------------------------------------------------------------------------

    def _move_threshold(self, value: float) -> None:
        cuts = self.side.threshold.cuts.own
        self._change(replace(self.scene, threshold=value, cuts=cuts))

    def _change(self, scene: Scene) -> None:
        self.scene = replace(scene, _things=[])
        self._show_scene()

    def _show_scene(self) -> None:
        scene = self.scene
        size = self.canvas.photo_size
        width, height = float(size.width()), float(size.height())
        first = next((entry for entry in scene.kept if entry.width), None)
        if scene.sight is not None:
            width, height = scene.sight.width, scene.sight.height
        elif first is not None:
            width, height = first.width, first.height
        colours = label_colours(count.label for count in scene.counts)
        self.canvas.set_colours(colours)
        self.canvas.set_scene(scene, width, height)
        self.side.show_scene(scene, colours)
        if self.canvas.image is not None and width:
            self.side.list.show_picture(self.canvas.image, self.canvas.picture_factor)
        here = self._awaited is not None and scene.kept_at(self._awaited)
        thing = here or scene.follow(self._selected)
        self._selected = thing.key if thing else None
        if here:
            self._awaited = None
        self.canvas.select(self._selected)
        self.side.list.select(self._selected)
        self._explain()

    def _explain(self) -> None:
        """Why there is nothing to see, and the way out."""
        side, scene, status = self.side, self.scene, self._work.status
        ready = status is None or status.ready
        side.threshold.setVisible(bool(scene.labels) and scene.sight is not None and ready)
        side.draw_button.setEnabled(self.canvas.image is not None)
        if self._trouble:
            side.say("" if self.canvas.sentence else self._trouble)
        elif status is not None and not ready:
            models = self.tr("Models…")
            side.say(status.why, "", models, self.models_wanted.emit)
        elif not scene.labels and not scene.kept:
            words = self.tr("Type what to look for above the photo, or choose:")
            side.say(words, offers=self._work.suggestions)
            if not self._work.suggestions:
                side.say(self.tr("Type what to look for above the photo."))
        elif scene.labels and scene.sight is None:
            side.say(self.tr("Looking…"))
        elif scene.labels and not any(not thing.kept for thing in scene.things) and not scene.kept:
            side.say_nothing_found(scene, side.threshold.move_to)
        else:
            side.say("")

    def select(self, key: ThingKey | None) -> None:
        """Have one thing stand out, on the photo and in the list."""
        self._selected = key if self.scene.find(key) is not None else None
        self.canvas.select(self._selected)
        self.side.list.select(self._selected)

    def select_when_kept(self, box: Box) -> None:
        """The same for a box that is being written down."""
        self._awaited = box

    @property
    def selected(self) -> Thing | None:
        return self.scene.find(self._selected)

    def hide_label(self, label: str, hidden: bool) -> None:
        """Do not draw a label's boxes, or draw them again."""
        now = set(self.scene.hidden)
        now.add(label) if hidden else now.discard(label)
        self._change(replace(self.scene, hidden=frozenset(now)))

    def picture_of(self, box: Box) -> QPixmap | None:
        """What is in a box, from the picture that is shown."""
        image, factor = self.canvas.image, self.canvas.picture_factor
        return cut_out(image, box, factor) if image is not None else None

    def photos_in_front(self) -> list[PhotoId]:
        """What a tag would be put on."""
        return [self.photo_id] if self.photo_id is not None else []

    def show_boxes(self, shown: bool) -> None:
        """Draw boxes at all, or see the photo alone for a while."""
        self.canvas.show_boxes(shown)

    # -- keys ----------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.editor.press(event):
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self.editor.offer_with_keys()
