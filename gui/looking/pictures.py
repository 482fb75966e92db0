"""Pictures to look at: the one in front first, its neighbours ahead, all pixels on zoom."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from engine.errors import PhotoError
from engine.types import PhotoId, RGBImage
from gui.engine_words import said
from gui.workers import Task, Workers

_BUDGET_MB = 256
_FULL = -1  # as a side: no limit
_NEAR = 0.97  # of the side that is wanted: as good

Wish = tuple[PhotoId, int]
"""A photo and how long the longest edge of its picture is to be at least."""


class _Load:
    """A picture that is being made, or waits for its turn."""

    __slots__ = ("begun", "lane", "task")

    def __init__(self, lane: str) -> None:
        self.lane = lane
        self.begun = False  # set by the lane's thread
        self.task: Task | None = None


class Pictures(QObject):
    """Loads pictures and keeps as many as the budget allows, those looked at last.

    What is in front is made on the lane "picture"; when it is there, what is likely next on the
    lane "ahead", so that it stands in nobody's way. What one hurries past is never begun.

    Signals: loaded(PhotoId, QImage, is_full: bool) · failed(PhotoId, str) ·
    forgotten(frozenset[PhotoId]): these files changed.
    """

    loaded = Signal(object, object, bool)
    failed = Signal(object, str)
    forgotten = Signal(object)

    def __init__(
        self,
        workers: Workers,
        load: Callable[[PhotoId, int | None], RGBImage],
        parent: QObject | None = None,
        *,
        budget_mb: int = _BUDGET_MB,
    ) -> None:
        """Args: budget_mb is how much memory pictures may take that are not in front."""
        super().__init__(parent)
        self._workers = workers
        self._load = load
        self._budget = budget_mb << 20
        self._used = 0
        self._kept: OrderedDict[Wish, QImage] = OrderedDict()  # looked at last: last
        self._sides: dict[PhotoId, int] = {}  # what the kept one was made for
        self._loads: dict[Wish, _Load] = {}
        self._reasons: dict[PhotoId, str] = {}
        self._front: tuple[Wish, ...] = ()
        self._ahead: tuple[Wish, ...] = ()

    # -- what is there -------------------------------------------------------------------------

    def get(self, photo_id: PhotoId) -> QImage | None:
        """The screen-sized picture if it is there."""
        return self._kept.get((photo_id, self._sides.get(photo_id, 0)))

    def get_full(self, photo_id: PhotoId) -> QImage | None:
        return self._kept.get((photo_id, _FULL))

    def best(self, photo_id: PhotoId) -> list[QImage]:
        """What there is, the smaller picture first."""
        both = (self.get(photo_id), self.get_full(photo_id))
        return [image for image in both if image is not None]

    def settled(self, photo_id: PhotoId) -> bool:
        """Whether it can be shown now, or it is known that it cannot."""
        return photo_id in self._reasons or bool(self.best(photo_id))

    @property
    def used_bytes(self) -> int:
        """What all kept pictures take."""
        return self._used

    # -- what is wanted ------------------------------------------------------------------------

    def want(self, photo_id: PhotoId, side: int, ahead: Sequence[Wish] = ()) -> None:
        """Load a picture with its longest edge of about `side` pixels, then those likely next.

        What was wished for before and has not begun is dropped.
        """
        self.want_each([(photo_id, side)], ahead)

    def want_each(self, front: Sequence[Wish], ahead: Sequence[Wish] = ()) -> None:
        """The same for several photos that are seen at once."""
        self._front, self._ahead = tuple(front), tuple(ahead)
        shown = {photo_id for photo_id, _ in front}
        wishes = {*front, *ahead}
        for key, load in list(self._loads.items()):
            full = key[1] == _FULL
            if key not in wishes and key[0] not in shown and (full or not load.begun):
                self._drop(key)
        for wish in front:
            self._reasons.pop(wish[0], None)
            self._touch(wish[0])
            if not self._has(wish):
                self._start(wish, "picture")
        self._go_ahead()

    def want_full(self, photo_id: PhotoId) -> None:
        """Load all pixels of a photo that is in front.

        Not before its screen-sized picture is there: a surface that shows a preview asks for more
        pixels at once, and asks again when it has got some.
        """
        if self.get_full(photo_id) is None and self.get(photo_id) is not None:
            self._start((photo_id, _FULL), "picture")

    def forget(self, ids: Collection[PhotoId]) -> None:
        """These files changed: what is there of them, or on its way, is of the old ones."""
        for key in [key for key in self._kept if key[0] in ids]:
            self._used -= self._kept.pop(key).sizeInBytes()
        for key in [key for key in self._loads if key[0] in ids]:
            self._drop(key)
        for photo_id in ids:
            self._sides.pop(photo_id, None)
            self._reasons.pop(photo_id, None)
        self.forgotten.emit(frozenset(ids))

    # -- inside --------------------------------------------------------------------------------

    def _has(self, wish: Wish) -> bool:
        photo_id, side = wish
        if self.get_full(photo_id) is not None:
            return True
        kept = self.get(photo_id)
        if kept is None:
            return False
        made_for = self._sides[photo_id]
        whole = max(kept.width(), kept.height()) < made_for * _NEAR  # there are no more pixels
        return whole or made_for >= side * _NEAR

    def _touch(self, photo_id: PhotoId) -> None:
        for key in ((photo_id, self._sides.get(photo_id, 0)), (photo_id, _FULL)):
            if key in self._kept:
                self._kept.move_to_end(key)

    def _go_ahead(self) -> None:
        """Once what is in front is there; no more than fits beside it."""
        if any(wish in self._loads for wish in self._front):
            return
        for wish in self._ahead:
            if not self._has(wish) and wish[0] not in self._reasons:
                self._start(wish, "ahead")

    def _start(self, wish: Wish, lane: str) -> None:
        old = self._loads.get(wish)
        if old is not None:
            if old.begun or old.lane == lane:
                return
            self._drop(wish)
        photo_id, side = wish
        limit = None if side == _FULL else side
        load, read = _Load(lane), self._load

        def work() -> QImage:
            load.begun = True
            return to_qimage(read(photo_id, limit))

        self._loads[wish] = load
        load.task = task = self._workers.start(lane, "", work)
        task.succeeded.connect(partial(self._put, wish))
        task.failed.connect(partial(self._tell, wish))
        task.finished.connect(partial(self._finish, wish, load))

    def _drop(self, wish: Wish) -> None:
        load = self._loads.pop(wish, None)
        if load is not None and load.task is not None:
            load.task.cancel()

    def _put(self, wish: Wish, image: QImage) -> None:
        photo_id, side = wish
        if side != _FULL:
            self._forget_one((photo_id, self._sides.get(photo_id, 0)))
            self._sides[photo_id] = side
        self._forget_one(wish)
        self._kept[wish] = image
        self._used += image.sizeInBytes()
        self._reasons.pop(photo_id, None)
        self._make_room()
        self._loads.pop(wish, None)
        self.loaded.emit(photo_id, image, side == _FULL)

    def _make_room(self) -> None:
        shown = {photo_id for photo_id, _ in self._front}
        for key in list(self._kept):
            if self._used <= self._budget:
                return
            if key[0] not in shown:
                self._forget_one(key)

    def _forget_one(self, key: Wish) -> None:
        image = self._kept.pop(key, None)
        if image is not None:
            self._used -= image.sizeInBytes()

    def _tell(self, wish: Wish, error: Exception) -> None:
        reason = error.reason if isinstance(error, PhotoError) else said(str(error))
        self._reasons[wish[0]] = reason
        self._loads.pop(wish, None)
        self.failed.emit(wish[0], reason)

    def _finish(self, wish: Wish, load: _Load) -> None:
        if self._loads.get(wish) is load:
            del self._loads[wish]
        self._go_ahead()


def to_qimage(pixels: RGBImage) -> QImage:
    """Copy (height, width, 3) uint8 into a picture of its own, in the format that paints fast."""
    height, width = pixels.shape[:2]
    data = pixels.tobytes()
    image = QImage(data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.convertToFormat(QImage.Format.Format_RGB32)  # a deep copy, `data` may go
