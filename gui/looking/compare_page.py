"""The page where two to four photos are compared."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from math import ceil

from PySide6.QtCore import QSizeF, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from engine.mark_types import Marks
from engine.types import Photo, PhotoId
from gui import facts, icons, theme
from gui.labels import plain_text
from gui.looking.compare_stage import CompareStage
from gui.looking.curtain import Curtain
from gui.looking.pictures import Pictures
from gui.looking.stage import STEP, Side
from gui.looking.viewer_bar import bar_button

_LEAST = 1000  # longest edge of a picture in device pixels
_QUIET_MS = 150  # while the window is being resized
_PAN = 0.15
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class ComparePage(QWidget):
    """Photos beside each other; the active one is what keys are meant for.

    `photo(photo_id)` answers with what is known of a photo, `neighbour(photo_id, steps)` with the
    one that many rows on.

    Signals: closed() · opened(PhotoId), look at it alone · active_changed(PhotoId) ·
    photos_changed(), others are compared · full_screen_wanted().
    """

    closed = Signal()
    opened = Signal(object)
    active_changed = Signal(object)
    photos_changed = Signal()
    full_screen_wanted = Signal()

    def __init__(
        self,
        pictures: Pictures,
        thumbnail: Callable[[PhotoId], QPixmap | None],
        parent: QWidget | None = None,
    ) -> None:
        """Pictures come from here; `thumbnail` answers at once and asks for what is missing."""
        super().__init__(parent)
        self._pictures = pictures
        self._thumbnail = thumbnail
        self.photo: Callable[[PhotoId], Photo | None] = lambda _: None
        self.neighbour: Callable[[PhotoId, int], PhotoId | None] = lambda _id, _steps: None
        self.ids: list[PhotoId] = []
        theme.mark(self, region="canvas")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

        self.stage = CompareStage()
        self.stage.setAccessibleName(self.tr("Photos beside each other"))
        self._title = QLabel()
        self._zoom = theme.mark(QLabel(), role="muted")
        self._zoom.setMinimumWidth(48)
        self._zoom.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.back = bar_button("close", self.tr("Back (Esc)"))
        self.lock = bar_button("lock", "")
        self.lock.setCheckable(True)
        self.lock.setChecked(True)
        self.smaller = bar_button("zoom-out", self.tr("Zoom out (-)"))
        self.larger = bar_button("zoom-in", self.tr("Zoom in (+)"))
        self.fit = bar_button("fit", self.tr("Fit or 100 % (Z)"))
        self.full = bar_button("full-screen", self.tr("Full screen (F)"))
        self.bar = self._lay_out()
        self.curtain = Curtain(self.stage, self.stage.hide_cursor)
        self._bare = False
        self._quiet = QTimer(self, singleShot=True, interval=_QUIET_MS)
        self._quiet.timeout.connect(self._wish)

        self.back.clicked.connect(self.closed)
        self.lock.toggled.connect(self._set_locked)
        self.smaller.clicked.connect(lambda: self.stage.zoom_by(1 / STEP))
        self.larger.clicked.connect(lambda: self.stage.zoom_by(STEP))
        self.fit.clicked.connect(lambda: self.stage.toggle_full())
        self.full.clicked.connect(self.full_screen_wanted)
        self.stage.zoom_changed.connect(self._tell_zoom)
        self.stage.active_changed.connect(self._tell_active)
        self.stage.detail_wanted.connect(self._want_full)
        self.stage.resized.connect(self._quiet.start)
        pictures.loaded.connect(self._show_loaded)
        pictures.failed.connect(self._show_failure)
        pictures.forgotten.connect(self._show_anew)
        self._tell_lock()

    def _lay_out(self) -> QWidget:
        bar = theme.mark(QWidget(), region="panel")
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(bar)
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(4)
        row.addWidget(self.back)
        row.addSpacing(8)
        row.addWidget(self._title, 1)
        row.addWidget(self.lock)
        row.addSpacing(8)
        row.addWidget(self._zoom)
        for button in (self.smaller, self.larger, self.fit, self.full):
            row.addWidget(button)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(bar)
        self._column.addWidget(self.stage, 1)
        return bar

    # -- what is compared ----------------------------------------------------------------------

    def show_photos(self, ids: Sequence[PhotoId], active: int = 0) -> None:
        """Compare these, two to four."""
        self.ids = list(ids)
        self.stage.show_sides([self._side(photo_id) for photo_id in ids], active)
        self._tell_photos()

    def put(self, at: int, photo_id: PhotoId) -> None:
        """Another photo in the place of one."""
        self.ids[at] = photo_id
        self.stage.show_side(at, self._side(photo_id))
        self._tell_photos()

    def drop(self, ids: Collection[PhotoId]) -> None:
        """These are gone. One alone is nothing to compare."""
        left = [photo_id for photo_id in self.ids if photo_id not in ids]
        if len(left) == len(self.ids):
            return
        if len(left) < 2:
            self.closed.emit()
            return
        before = self.ids[: self.stage.active]
        self.show_photos(left, len([photo_id for photo_id in before if photo_id in left]))

    def leave(self) -> None:
        """Nothing is compared any more; the memory goes to others."""
        self._quiet.stop()
        self.ids = []
        self.stage.show_sides([])
        self._pictures.want_each([])

    @property
    def active_id(self) -> PhotoId | None:
        return self.ids[self.stage.active] if self.ids else None

    def photos_in_front(self) -> list[PhotoId]:
        """What a tag would be put on."""
        return [self.active_id] if self.active_id is not None else []

    def show_marks(self, marks: Mapping[PhotoId, Marks]) -> None:
        """The marks of the photos, those that have any."""
        known = ((at, marks.get(photo_id)) for at, photo_id in enumerate(self.ids))
        self.stage.show_marks({at: found for at, found in known if found is not None})

    def refresh(self) -> None:
        """More is known of the photos: their names, their sizes."""
        for at, (photo_id, side) in enumerate(zip(self.ids, self.stage.sides, strict=True)):
            fresh = self._side(photo_id)
            if side.image is None and not fresh.size.isEmpty() and fresh.size != side.size:
                self.stage.show_side(at, fresh)
            elif side.name != fresh.name:
                side.name = fresh.name
                self.stage.update()

    def take_preview(self, photo_id: PhotoId) -> None:
        """A thumbnail has come; better than nothing."""
        for at, side in self._places(photo_id):
            found = self._side(photo_id).image
            if side.image is None and found is not None:
                self.stage.set_image(at, found)

    def _places(self, photo_id: PhotoId) -> list[tuple[int, Side]]:
        return [(at, self.stage.sides[at]) for at, id_ in enumerate(self.ids) if id_ == photo_id]

    def _side(self, photo_id: PhotoId) -> Side:
        photo = self.photo(photo_id)
        size = QSizeF()
        if photo is not None and photo.width and photo.height:
            size = QSizeF(photo.width, photo.height)
        images = self._pictures.best(photo_id)
        image = images[-1] if images else None
        if image is None and not size.isEmpty():
            thumbnail = self._thumbnail(photo_id)
            if thumbnail is not None and not thumbnail.isNull():
                image = thumbnail.toImage()
        return Side(plain_text(photo.name) if photo else "", size, image, self._words(photo))

    def _words(self, photo: Photo | None) -> str:
        if photo is not None and not photo.online:
            return self.tr("This photo is on a drive that is offline. This is its preview.")
        return facts.reason_text(photo.damaged) if photo is not None else ""

    def _tell_photos(self) -> None:
        self._title.setText(self.tr("%Ln photo(s) compared", "", len(self.ids)))
        self._wish()
        self.photos_changed.emit()
        self._tell_active()

    def _wish(self) -> None:
        online = [id_ for id_ in self.ids if (photo := self.photo(id_)) is None or photo.online]
        if online:
            self._pictures.want_each([(id_, self._edge(self.ids.index(id_))) for id_ in online])

    def _edge(self, at: int) -> int:
        """Enough for the pane; whoever magnifies gets all pixels."""
        pane = self.stage.pane(at).size() * self.devicePixelRatioF()
        return max(ceil(max(pane.width(), pane.height())), _LEAST)

    def _show_loaded(self, photo_id: PhotoId, image: QImage, _full: bool) -> None:
        for at, side in self._places(photo_id):
            if side.image is None or image.width() >= side.image.width():
                self.stage.set_image(at, image)

    def _show_failure(self, photo_id: PhotoId, reason: str) -> None:
        for at, _ in self._places(photo_id):
            self.stage.say(at, facts.reason_text(reason))

    def _show_anew(self, ids: Collection[PhotoId]) -> None:
        """Files were replaced by others of their name."""
        changed = [at for at, photo_id in enumerate(self.ids) if photo_id in ids]
        for at in changed:
            self.stage.show_side(at, self._side(self.ids[at]))
        if changed:
            self._wish()

    def _want_full(self, at: int) -> None:
        photo = self.photo(self.ids[at])
        if photo is None or photo.online:
            self._pictures.want_full(self.ids[at])

    # -- words ---------------------------------------------------------------------------------

    def _tell_active(self) -> None:
        if self.active_id is None:
            return
        name = self.stage.sides[self.stage.active].name
        words = self.tr("%1 of %2: %3").replace("%1", str(self.stage.active + 1))
        self.stage.setAccessibleDescription(
            words.replace("%2", str(len(self.ids))).replace("%3", name)
        )
        self.active_changed.emit(self.active_id)

    def _tell_zoom(self, zoom: float) -> None:
        shown = bool(self.ids) and self.stage.sides[self.stage.active].image is not None
        self._zoom.setText(f"{round(zoom * 100)} %" if shown else "")

    def _set_locked(self, locked: bool) -> None:
        self.stage.set_locked(locked)
        self._tell_lock()

    def _tell_lock(self) -> None:
        locked = self.lock.isChecked()
        words = self.tr("Move each alone (L)") if locked else self.tr("Move all together (L)")
        self.lock.setIcon(icons.icon("lock" if locked else "lock-open"))
        self.lock.setToolTip(words)
        self.lock.setAccessibleName(self.tr("All move together"))

    # -- full screen ---------------------------------------------------------------------------

    def set_bare(self, bare: bool) -> None:
        """In full screen there is nothing but the photos until the mouse is moved."""
        if bare == self._bare:
            return
        self._bare = bare
        self.stage.set_bare(bare)
        if bare:
            self._column.removeWidget(self.bar)
            self.curtain.draw([self.bar])
        else:
            self.curtain.open()
            self._column.insertWidget(0, self.bar)
            self.bar.show()
        self._place_bar()

    def _place_bar(self) -> None:
        if self._bare:
            self.bar.setGeometry(0, 0, self.width(), self.bar.sizeHint().height())

    # -- events --------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_bar()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, keys = Qt.Key(event.key()), Qt.Key
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key in _ARROWS:
            across, down = _ARROWS[key]
            if shift:
                self.stage.pan(_PAN * across, _PAN * down)
            else:
                self.stage.move_active(across, down)
        elif key in (keys.Key_PageDown, keys.Key_PageUp):
            self._put_next(1 if key == keys.Key_PageDown else -1)
        elif key == keys.Key_Space:
            self.stage.activate((self.stage.active + 1) % max(1, len(self.ids)))
        elif key == keys.Key_L:
            self.lock.toggle()
        elif key in (keys.Key_Plus, keys.Key_Equal):
            self.stage.zoom_by(STEP)
        elif key == keys.Key_Minus:
            self.stage.zoom_by(1 / STEP)
        elif key in (keys.Key_Return, keys.Key_Enter) and self.active_id is not None:
            self.opened.emit(self.active_id)
        elif key == keys.Key_Escape:
            self.closed.emit()
        else:
            super().keyPressEvent(event)

    def _put_next(self, way: int) -> None:
        """In the active pane the next photo of the list that is not compared yet."""
        found = self.active_id
        while found is not None and found in self.ids:
            found = self.neighbour(found, way)
        if found is not None:
            self.put(self.stage.active, found)
