"""One photo large, with its name and place: next and previous, zoom, full screen."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from engine.types import Photo, PhotoId
from gui import facts, icons, theme
from gui.labels import ElidedLabel
from gui.looking.canvas import STEP, Canvas
from gui.looking.pictures import Pictures


class Viewer(QWidget):
    """The page with one photo.

    The list it walks through is the grid's: `neighbour(photo_id, steps)` answers with the photo
    that many rows on, `place(photo_id)` with (row, count), `photo(photo_id)` with the row's facts.

    Signals: closed() · photo_changed(PhotoId) · full_screen_wanted() · things_wanted(), look for
    things on this photo · part_wanted(), search with a part of it.
    """

    closed = Signal()
    photo_changed = Signal(object)
    full_screen_wanted = Signal()
    things_wanted = Signal()
    part_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pictures: Pictures | None = None
        self._thumbnail: Callable[[PhotoId], QPixmap | None] = lambda _: None
        self.neighbour: Callable[[PhotoId, int], PhotoId | None] = lambda _id, _steps: None
        self.place: Callable[[PhotoId], tuple[int, int]] = lambda _: (0, 0)
        self.photo: Callable[[PhotoId], Photo | None] = lambda _: None
        self.photo_id: PhotoId | None = None
        theme.mark(self, region="canvas")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

        self.canvas = Canvas()
        self._name = ElidedLabel()
        self._place = theme.mark(QLabel(), role="muted")
        self._zoom = theme.mark(QLabel(), role="muted")
        self._zoom.setMinimumWidth(48)
        self._zoom.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        back = self._button("close", self.tr("Back to the grid (Esc)"), self.closed.emit)
        previous = self._button("previous", self.tr("Previous photo (Left)"), lambda: self.step(-1))
        following = self._button("next", self.tr("Next photo (Right)"), lambda: self.step(1))
        smaller = self._button(
            "zoom-out", self.tr("Zoom out (-)"), lambda: self.canvas.zoom_by(1 / STEP)
        )
        larger = self._button("zoom-in", self.tr("Zoom in (+)"), lambda: self.canvas.zoom_by(STEP))
        fit = self._button("fit", self.tr("Fit or 100 % (Z)"), self.canvas.toggle_full)
        things = self._button("boxes", self.tr("Find things (Ctrl+B)"), self.things_wanted.emit)
        part = self._button("draw", self.tr("Search with a part (R)"), self.part_wanted.emit)
        full = self._button("full-screen", self.tr("Full screen (F)"), self.full_screen_wanted.emit)
        self._bar = theme.mark(QWidget(), region="panel")
        row = QHBoxLayout(self._bar)
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(4)
        row.addWidget(back)
        row.addSpacing(8)
        row.addWidget(self._name, 1)
        row.addWidget(self._place)
        row.addSpacing(8)
        row.addWidget(previous)
        row.addWidget(following)
        row.addSpacing(8)
        row.addWidget(self._zoom)
        for button in (smaller, larger, fit, things, part, full):
            row.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._bar)
        column.addWidget(self.canvas, 1)

        self.canvas.zoom_changed.connect(self._tell_zoom)
        self.canvas.detail_wanted.connect(self._want_full)
        self.canvas.closed.connect(self.closed)

    def attach(self, pictures: Pictures, thumbnail: Callable[[PhotoId], QPixmap | None]) -> None:
        """Get pictures from here; `thumbnail` answers at once with what it has."""
        self._pictures = pictures
        self._thumbnail = thumbnail
        pictures.loaded.connect(self._show_loaded)
        pictures.failed.connect(self._show_failure)

    def open(self, photo_id: PhotoId) -> None:
        """Show a photo: what is there at once, sharper pictures as they come."""
        assert self._pictures is not None
        self.photo_id = photo_id
        photo = self.photo(photo_id)
        known = photo is not None and photo.width and photo.height
        size = QSize(photo.width or 0, photo.height or 0) if photo and known else QSize()
        image = self._pictures.get_full(photo_id) or self._pictures.get(photo_id)
        if image is None:
            thumbnail = self._thumbnail(photo_id)
            if thumbnail is not None and not thumbnail.isNull() and known:
                image = thumbnail.toImage()
        self.canvas.show_photo(size, image)
        self._name.setText(photo.name if photo else "")
        self.canvas.setAccessibleName(photo.name if photo else self.tr("Photo"))
        self._tell_place()
        ahead = [self.neighbour(photo_id, 1), self.neighbour(photo_id, -1)]
        self._pictures.want(photo_id, self._side(), [id_ for id_ in ahead if id_ is not None])
        self.photo_changed.emit(photo_id)

    def step(self, steps: int) -> None:
        """Go on in the grid's order; nothing happens at its ends."""
        if self.photo_id is None:
            return
        following = self.neighbour(self.photo_id, steps)
        if following is not None:
            self.open(following)

    def refresh(self) -> None:
        """The list changed: tell the place again, and the name if it was renamed."""
        if self.photo_id is not None:
            photo = self.photo(self.photo_id)
            if photo is not None:
                self._name.setText(photo.name)
            self._tell_place()

    def set_bar_shown(self, shown: bool) -> None:
        """In full screen there is nothing but the photo."""
        self._bar.setVisible(shown)

    def _side(self) -> int:
        """The longest edge of the screen in device pixels: enough for fit, in full screen too."""
        size = self.screen().size().expandedTo(self.size()) * self.devicePixelRatioF()
        return max(size.width(), size.height())

    def _show_loaded(self, photo_id: PhotoId, image: QImage, is_full: bool) -> None:
        if photo_id != self.photo_id:
            return
        known = self.photo(photo_id)
        if not is_full and (known is None or not known.width) and image.width() < self._side():
            is_full = True  # smaller than asked for: these are all the pixels there are
        now = self.canvas.image
        if now is None or image.width() >= now.width():
            self.canvas.set_image(image, is_full=is_full)

    def _show_failure(self, photo_id: PhotoId, reason: str) -> None:
        if photo_id == self.photo_id:
            self.canvas.say(facts.reason_text(reason))
            self._zoom.setText("")

    def _want_full(self) -> None:
        if self._pictures is not None and self.photo_id is not None:
            self._pictures.want_full(self.photo_id)

    def _tell_zoom(self, zoom: float) -> None:
        shown = self.canvas.image is not None
        self._zoom.setText(f"{round(zoom * 100)} %" if shown else "")

    def _tell_place(self) -> None:
        row, count = self.place(self.photo_id) if self.photo_id is not None else (0, 0)
        self._place.setText(self.tr("{} of {}").format(f"{row + 1:,}", f"{count:,}"))

    def _button(self, icon: str, text: str, act: Callable[[], object]) -> QToolButton:
        button = QToolButton()
        button.setIcon(icons.icon(icon))
        button.setIconSize(QSize(18, 18))
        button.setAutoRaise(True)
        button.setToolTip(text)
        button.setAccessibleName(text)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: act())
        return button

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        keys = Qt.Key
        if key in (keys.Key_Right, keys.Key_Space, keys.Key_PageDown, keys.Key_Down):
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
