"""One photo large, with its name and place: next and previous, zoom, full screen."""

from __future__ import annotations

from collections.abc import Callable, Collection
from math import ceil

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from engine.types import Photo, PhotoId
from gui import facts, theme
from gui.looking.canvas import Canvas
from gui.looking.curtain import Curtain
from gui.looking.pictures import Pictures
from gui.looking.stage import STEP
from gui.looking.viewer_bar import ViewerBar

_PREVIEWS = 12  # asked for in the direction one goes: they cost little and are there at once
_PAN = 0.15  # of what one sees, with Shift and an arrow
_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


class Viewer(QWidget):
    """The page with one photo.

    The list it walks through is the grid's: `neighbour(photo_id, steps)` answers with the photo
    that many rows on, `place(photo_id)` with (row, count), `photo(photo_id)` with the row's facts.
    A slideshow puts a list of its own there.

    Signals: closed() · photo_changed(PhotoId) · sharp(PhotoId), what is in front has the picture
    made for the screen, or never will · full_screen_wanted() · show_wanted(), a slideshow ·
    compare_wanted() · things_wanted(), look for things on this photo · part_wanted(), search with
    a part of it.
    """

    closed = Signal()
    photo_changed = Signal(object)
    sharp = Signal(object)
    full_screen_wanted = Signal()
    show_wanted = Signal()
    compare_wanted = Signal()
    things_wanted = Signal()
    part_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures: Pictures | None = None
        self._thumbnail: Callable[[PhotoId], QPixmap | None] = lambda _: None
        self._preview: Callable[[PhotoId], QPixmap | None] = lambda _: None
        self.neighbour: Callable[[PhotoId, int], PhotoId | None] = lambda _id, _steps: None
        self.place: Callable[[PhotoId], tuple[int, int]] = lambda _: (0, 0)
        self.photo: Callable[[PhotoId], Photo | None] = lambda _: None
        self.photo_id: PhotoId | None = None
        self._way = 1
        self._shown: Photo | None = None  # the row as it was when it was last looked at
        theme.mark(self, region="canvas")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

        self.canvas = Canvas()
        self.bar = ViewerBar()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(self.bar)
        self._column.addWidget(self.canvas, 1)
        self.curtain = Curtain(self.canvas, self.canvas.hide_cursor)
        self._bare = False

        bar = self.bar
        bar.back.clicked.connect(self.closed)
        bar.previous.clicked.connect(lambda: self.step(-1))
        bar.following.clicked.connect(lambda: self.step(1))
        bar.smaller.clicked.connect(lambda: self.canvas.zoom_by(1 / STEP))
        bar.larger.clicked.connect(lambda: self.canvas.zoom_by(STEP))
        bar.fit.clicked.connect(lambda: self.canvas.toggle_full())
        bar.show_button.clicked.connect(self.show_wanted)
        bar.compare.clicked.connect(self.compare_wanted)
        bar.things.clicked.connect(self.things_wanted)
        bar.part.clicked.connect(self.part_wanted)
        bar.full.clicked.connect(self.full_screen_wanted)
        self.canvas.zoom_changed.connect(self._tell_zoom)
        self.canvas.detail_wanted.connect(self._want_full)

    def attach(
        self,
        pictures: Pictures,
        thumbnail: Callable[[PhotoId], QPixmap | None],
        preview: Callable[[PhotoId], QPixmap | None] = lambda _: None,
    ) -> None:
        """Get pictures from here.

        Args:
            pictures: the sharp ones.
            thumbnail: answers at once with what it has.
            preview: the same, and has it made where there is none; `take_preview` is told.
        """
        self._pictures = pictures
        self._thumbnail = thumbnail
        self._preview = preview
        pictures.loaded.connect(self._show_loaded)
        pictures.failed.connect(self._show_failure)
        pictures.forgotten.connect(self._show_anew)

    def open(self, photo_id: PhotoId) -> None:
        """Show a photo: what is there at once, sharper pictures as they come."""
        assert self._pictures is not None
        self.photo_id = photo_id
        self._show()
        self._wish()
        self.photo_changed.emit(photo_id)
        if self._pictures.settled(photo_id) or not self.can_load(photo_id):
            self.sharp.emit(photo_id)

    def _show(self) -> None:
        """What there is of the photo in front, fitted."""
        assert self._pictures is not None
        assert self.photo_id is not None
        self._shown = photo = self.photo(self.photo_id)
        known = photo is not None and photo.width and photo.height
        size = QSize(photo.width or 0, photo.height or 0) if photo and known else QSize()
        images = self._pictures.best(self.photo_id)
        thumbnail = None if images else self._thumbnail(self.photo_id)
        if thumbnail is not None and not thumbnail.isNull() and known:
            images = [thumbnail.toImage()]
        self.canvas.show_photo(size, images[0] if images else None)
        for image in images[1:]:
            self.canvas.set_image(image, is_full=True)
        self.canvas.setAccessibleName(photo.name if photo else self.tr("Photo"))
        self.canvas.say(self._words(photo))
        self.bar.tell_photo(photo)
        self._tell_place()

    def step(self, steps: int) -> None:
        """Go on in the grid's order; nothing happens at its ends."""
        if self.photo_id is None:
            return
        following = self.neighbour(self.photo_id, steps)
        if following is not None:
            self._way = 1 if steps > 0 else -1
            self.open(following)

    def refresh(self) -> None:
        """The list changed: tell the place again, and what is known of the photo."""
        if self.photo_id is None:
            return
        photo, old = self.photo(self.photo_id), self._shown
        self._tell_place()
        if photo is None or photo == old:
            return
        self._shown = photo
        self.bar.tell_photo(photo)
        self.canvas.setAccessibleName(photo.name)
        if photo.width and photo.height:
            self.canvas.set_size(QSize(photo.width, photo.height))
        if old is None or old.online != photo.online or old.damaged != photo.damaged:
            self.canvas.say(self._words(photo))
            self._wish()

    def take_preview(self, photo_id: PhotoId) -> None:
        """A thumbnail has come; better than nothing."""
        if photo_id == self.photo_id and self.canvas.image is None:
            thumbnail, photo = self._thumbnail(photo_id), self._shown
            if thumbnail is not None and not thumbnail.isNull() and photo and photo.width:
                self.canvas.set_image(thumbnail.toImage())

    def set_bare(self, bare: bool) -> None:
        """In full screen there is nothing but the photo until the mouse is moved."""
        if bare == self._bare:
            return
        self._bare = bare
        self.canvas.set_bare(bare)
        if bare:
            self._column.removeWidget(self.bar)
            self.curtain.draw([self.bar])
            self.bar.raise_()
        else:
            self.curtain.open()
            self._column.insertWidget(0, self.bar)
            self.bar.show()
        self._place_bar()

    # -- what is wanted ------------------------------------------------------------------------

    def look_ahead(self) -> None:
        """Have what is likely next made, in case it was dropped."""
        if self.photo_id is not None:
            self._wish()

    def look_at_soon(self, photo_id: PhotoId) -> None:
        """This photo may be opened next."""
        if self._pictures is not None and self.can_load(photo_id):
            self._pictures.want_each([], [(photo_id, self._side(photo_id))])

    def can_load(self, photo_id: PhotoId) -> bool:
        """Whether more than a preview of it can come."""
        photo = self.photo(photo_id)
        return photo is None or photo.online

    def _wish(self) -> None:
        """Have the pictures made: this one, two where one is going, one where one comes from."""
        assert self._pictures is not None
        assert self.photo_id is not None
        self._preview(self.photo_id)
        if not self.can_load(self.photo_id):
            return  # a drive that is gone may take its time to say so
        steps = (self._way, 2 * self._way, -self._way)
        ahead = [self.neighbour(self.photo_id, count) for count in steps]
        wishes = [(id_, self._side(id_)) for id_ in ahead if id_ is not None]
        front = self._side(self.photo_id)
        self._pictures.want(self.photo_id, front, wishes)
        for count in range(_PREVIEWS, 0, -1):  # the newest question is answered first
            id_ = self.neighbour(self.photo_id, count * self._way)
            if id_ is not None:
                self._preview(id_)

    def _side(self, photo_id: PhotoId) -> int:
        """The longest edge in device pixels when it fills the screen: all that fit will show."""
        room = self.screen().size().expandedTo(self.size()) * self.devicePixelRatioF()
        photo = self.photo(photo_id)
        if photo is None or not photo.width or not photo.height:
            return max(room.width(), room.height())
        fits = min(room.width() / photo.width, room.height() / photo.height, 1.0)
        return ceil(max(photo.width, photo.height) * fits)

    def _show_loaded(self, photo_id: PhotoId, image: QImage, is_full: bool) -> None:
        if photo_id != self.photo_id:
            return
        known = self.photo(photo_id)
        if not is_full and (known is None or not known.width):
            is_full = max(image.width(), image.height()) < self._side(photo_id)  # all there is
        self.canvas.set_image(image, is_full=is_full)
        self.canvas.say(self._words(self._shown))
        self.sharp.emit(photo_id)

    def _show_failure(self, photo_id: PhotoId, reason: str) -> None:
        if photo_id == self.photo_id:
            self.canvas.say(facts.reason_text(reason))
            if self.canvas.image is None:
                self.bar.tell_zoom("")
            self.sharp.emit(photo_id)

    def _show_anew(self, ids: Collection[PhotoId]) -> None:
        """The file in front was replaced by another one of its name."""
        if self.photo_id in ids and self.isVisible():
            zoomed = not self.canvas.fitted
            zoom, self._shown = self.canvas.zoom, None
            self._show()
            if zoomed:
                self.canvas.zoom_to(zoom)
            self._wish()

    def _want_full(self) -> None:
        photo_id = self.photo_id
        if self._pictures is not None and photo_id is not None and self.can_load(photo_id):
            self._pictures.want_full(photo_id)

    # -- words ---------------------------------------------------------------------------------

    def _words(self, photo: Photo | None) -> str:
        """What is wrong with a photo that is shown all the same."""
        if photo is not None and not photo.online:
            return self.tr("This photo is on a drive that is offline. This is its preview.")
        return facts.reason_text(photo.damaged) if photo is not None else ""

    def _tell_zoom(self, zoom: float) -> None:
        self.bar.tell_zoom(f"{round(zoom * 100)} %" if self.canvas.image is not None else "")

    def _tell_place(self) -> None:
        row, count = self.place(self.photo_id) if self.photo_id is not None else (0, 0)
        self.bar.tell_place(self.tr("{} of {}").format(f"{row + 1:,}", f"{count:,}"))

    # -- events --------------------------------------------------------------------------------

    def _place_bar(self) -> None:
        if self._bare:
            self.bar.setGeometry(0, 0, self.width(), self.bar.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_bar()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        keys = Qt.Key
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if shift and key in _ARROWS and self.canvas.pannable:
            across, down = _ARROWS[key]
            self.canvas.pan(_PAN * across, _PAN * down)
        elif key in (keys.Key_Right, keys.Key_Space, keys.Key_PageDown, keys.Key_Down):
            self.step(1)
        elif key in (keys.Key_Left, keys.Key_Backspace, keys.Key_PageUp, keys.Key_Up):
            self.step(-1)
        elif key in (keys.Key_Escape, keys.Key_Return, keys.Key_Enter):
            self.closed.emit()
        elif key in (keys.Key_Plus, keys.Key_Equal):
            self.canvas.zoom_by(STEP)
        elif key == keys.Key_Minus:
            self.canvas.zoom_by(1 / STEP)
        else:
            super().keyPressEvent(event)
