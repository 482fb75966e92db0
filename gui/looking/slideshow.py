"""One photo after the other by itself; the next one comes when it is decoded, never before."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QSettings, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent

from engine.types import PhotoId
from gui.looking.fade import Fade
from gui.looking.pictures import Pictures
from gui.looking.show_strip import ShowStrip
from gui.looking.viewer import Viewer

INTERVALS_S = (1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 60)
_USUAL_S = 5
_MS = 1000  # of a second


class Slideshow(QObject):
    """Walks a viewer through a list, around and around.

    While it runs, the viewer's keys are its keys: Space pauses, + and - change the pace, arrows
    go on and back, Esc ends it. All others stay what they are, so photos can be marked.

    Signals: ended().
    """

    ended = Signal()

    def __init__(self, viewer: Viewer, pictures: Pictures) -> None:
        super().__init__(viewer)
        self._viewer = viewer
        self._pictures = pictures
        self._ids: Sequence[PhotoId] = ()
        self._rows: dict[PhotoId, int] = {}
        self._before = (viewer.neighbour, viewer.place)
        self._late: PhotoId | None = None  # its turn has come, but it is not decoded yet
        self.running = False
        self.paused = False
        self.interval_s = _kept_interval()
        self._due = QTimer(self, singleShot=True)
        self._due.timeout.connect(self._go_on)
        self._fade = Fade(viewer.canvas)
        self.strip = ShowStrip(viewer)
        self.strip.hide()
        self.strip.previous.clicked.connect(lambda: self.step(-1))
        self.strip.following.clicked.connect(lambda: self.step(1))
        self.strip.pause.clicked.connect(self.toggle_pause)
        self.strip.slower.clicked.connect(lambda: self.change_pace(1))
        self.strip.faster.clicked.connect(lambda: self.change_pace(-1))
        self.strip.end.clicked.connect(self.stop)
        viewer.installEventFilter(self)
        viewer.sharp.connect(self._arrived)
        pictures.loaded.connect(self._arrived)
        pictures.failed.connect(self._arrived)

    def start(self, ids: Sequence[PhotoId], first: PhotoId) -> None:
        """Show these photos, beginning with one of them."""
        if self.running or not ids:
            return
        self._ids = ids
        self._rows = {photo_id: row for row, photo_id in enumerate(ids)}
        self.running, self.paused, self._late = True, False, None
        self._before = (self._viewer.neighbour, self._viewer.place)
        self._viewer.neighbour, self._viewer.place = self._neighbour, self._place
        self._viewer.curtain.draw([self._viewer.bar, self.strip])
        self._tell()
        self._viewer.open(first)

    def stop(self) -> None:
        """End it; the viewer walks through its own list again."""
        if not self.running:
            return
        self.running = False
        self._due.stop()
        self._late = None
        self._fade.stop()
        self._viewer.neighbour, self._viewer.place = self._before
        self.strip.hide()
        if self._viewer.curtain.drawn:
            self._viewer.curtain.draw([self._viewer.bar])
        self.ended.emit()

    def toggle_pause(self) -> None:
        """Stay with this photo, or go on from it."""
        self.paused = not self.paused
        self._late = None
        if self.paused:
            self._due.stop()
        else:
            self._wait()
        self._tell()

    def change_pace(self, slower: int) -> None:
        """The next longer interval, or with -1 the next shorter one."""
        steps = INTERVALS_S
        if slower > 0:
            at = min(bisect_right(steps, self.interval_s), len(steps) - 1)
        else:
            at = max(bisect_left(steps, self.interval_s) - 1, 0)
        self.interval_s = steps[at]
        QSettings().setValue("slideshow/seconds", self.interval_s)
        if self._due.isActive():
            self._due.start(self.interval_s * _MS)
        self._tell()

    def step(self, steps: int) -> None:
        """Go on or back at once; the interval begins anew."""
        self._late = None
        self._due.stop()
        self._viewer.step(steps)

    @property
    def waiting(self) -> bool:
        """Whether the next photo's turn has come while it is not decoded yet."""
        return self._late is not None

    @property
    def counting(self) -> bool:
        """Whether the time of the photo in front is running."""
        return self._due.isActive()

    # -- inside --------------------------------------------------------------------------------

    def _neighbour(self, photo_id: PhotoId, steps: int) -> PhotoId | None:
        row = self._rows.get(photo_id)
        if row is None or len(self._ids) < 2:
            return None
        return self._ids[(row + steps) % len(self._ids)]

    def _place(self, photo_id: PhotoId) -> tuple[int, int]:
        return self._rows.get(photo_id, 0), len(self._ids)

    def _wait(self) -> None:
        if self.running and not self.paused and not self._due.isActive():
            self._due.start(self.interval_s * _MS)

    def _go_on(self) -> None:
        """The interval is over: the next photo, as soon as it can be shown."""
        here = self._viewer.photo_id
        following = self._neighbour(here, 1) if here is not None else None
        if following is None:
            return
        if self._pictures.settled(following) or not self._viewer.can_load(following):
            self._late = None
            self._fade.cover()
            self._viewer.step(1)
            self._fade.run()
        else:
            self._late = following
            self._viewer.look_ahead()

    def _arrived(self, photo_id: PhotoId, *_: object) -> None:
        if not self.running or self.paused:
            return
        if photo_id == self._late:
            self._go_on()
        elif photo_id == self._viewer.photo_id and self._late is None:
            self._wait()

    def _tell(self) -> None:
        self.strip.tell(paused=self.paused, interval_s=self.interval_s)
        self._viewer.curtain.wake()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not self.running or not isinstance(event, QKeyEvent):
            if self.running and event.type() == QEvent.Type.Resize:
                self.strip.place()
            return False
        return event.type() == QEvent.Type.KeyPress and self._press(event)

    def _press(self, event: QKeyEvent) -> bool:
        keys = Qt.Key
        if event.modifiers() & ~(
            Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier
        ):
            return False
        match event.key():
            case keys.Key_Space:
                self.toggle_pause()
            case keys.Key_Escape:
                self.stop()
            case keys.Key_Plus | keys.Key_Equal:
                self.change_pace(1)
            case keys.Key_Minus:
                self.change_pace(-1)
            case keys.Key_Right | keys.Key_Down | keys.Key_PageDown | keys.Key_Return:
                self.step(1)
            case keys.Key_Left | keys.Key_Up | keys.Key_PageUp | keys.Key_Backspace:
                self.step(-1)
            case _:
                return False
        return True


def _kept_interval() -> int:
    value = QSettings().value("slideshow/seconds", _USUAL_S)
    seconds = int(value) if isinstance(value, int | str) and str(value).isdigit() else _USUAL_S
    return max(INTERVALS_S[0], min(INTERVALS_S[-1], seconds))
