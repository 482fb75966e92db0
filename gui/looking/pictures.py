"""Pictures for the viewer: the one looked at first, its neighbours ahead, full size on zoom."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from engine.errors import PhotoError
from engine.types import PhotoId, RGBImage
from gui.workers import Task, Workers

_KEPT = 7  # screen-sized pictures
_FULL = -1  # as a side: no limit


class Pictures(QObject):
    """Loads pictures on the lane "picture"; the newest wish is served first.

    Signals: loaded(PhotoId, QImage, is_full: bool) · failed(PhotoId, str).
    """

    loaded = Signal(object, object, bool)
    failed = Signal(object, str)

    def __init__(
        self,
        workers: Workers,
        load: Callable[[PhotoId, int | None], RGBImage],
        parent: QObject | None = None,
        *,
        keep: int = _KEPT,
    ) -> None:
        """Args: keep is how many screen-sized pictures stay in memory."""
        super().__init__(parent)
        self._keep = keep
        self._workers = workers
        self._load = load
        self._kept: OrderedDict[PhotoId, QImage] = OrderedDict()
        self._full: tuple[PhotoId, QImage] | None = None
        self._tasks: dict[tuple[PhotoId, int], Task] = {}

    def get(self, photo_id: PhotoId) -> QImage | None:
        """The screen-sized picture if it is there."""
        return self._kept.get(photo_id)

    def get_full(self, photo_id: PhotoId) -> QImage | None:
        return self._full[1] if self._full is not None and self._full[0] == photo_id else None

    def want(self, photo_id: PhotoId, side: int, ahead: Sequence[PhotoId] = ()) -> None:
        """Load a picture with its longest edge of about `side` pixels, then those likely next.

        What was wished for before and has not begun is dropped.
        """
        wishes = [(photo_id, side), *((id_, side) for id_ in ahead)]
        for key, task in list(self._tasks.items()):
            if key not in wishes and key[0] != photo_id:
                task.cancel()
        for wish in wishes:
            if wish[0] not in self._kept:
                self._start(*wish)

    def want_full(self, photo_id: PhotoId) -> None:
        """Load all pixels of one photo; only one such picture is kept."""
        if self.get_full(photo_id) is None:
            self._start(photo_id, _FULL)

    def forget(self, ids: Sequence[PhotoId] | frozenset[PhotoId]) -> None:
        """These files changed."""
        for photo_id in ids:
            self._kept.pop(photo_id, None)
            if self.get_full(photo_id) is not None:
                self._full = None

    def _start(self, photo_id: PhotoId, side: int) -> None:
        key = (photo_id, side)
        old = self._tasks.get(key)
        if old is not None and not old.cancel_requested:
            return
        limit = None if side == _FULL else side
        task = self._workers.start("picture", "", lambda: to_qimage(self._load(photo_id, limit)))
        self._tasks[key] = task
        task.succeeded.connect(partial(self._put, key))
        task.failed.connect(partial(self._tell, photo_id))
        task.finished.connect(partial(self._finish, key, task))

    def _put(self, key: tuple[PhotoId, int], image: QImage) -> None:
        photo_id, side = key
        if side == _FULL:
            self._full = (photo_id, image)
        else:
            self._kept[photo_id] = image
            self._kept.move_to_end(photo_id)
            while len(self._kept) > self._keep:
                self._kept.popitem(last=False)
        self.loaded.emit(photo_id, image, side == _FULL)

    def _tell(self, photo_id: PhotoId, error: Exception) -> None:
        reason = error.reason if isinstance(error, PhotoError) else str(error)
        self.failed.emit(photo_id, reason)

    def _finish(self, key: tuple[PhotoId, int], task: Task) -> None:
        if self._tasks.get(key) is task:
            del self._tasks[key]


def to_qimage(pixels: RGBImage) -> QImage:
    """Copy (height, width, 3) uint8 into a picture of its own, in the format that paints fast."""
    height, width = pixels.shape[:2]
    data = pixels.tobytes()
    image = QImage(data, width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.convertToFormat(QImage.Format.Format_RGB32)  # a deep copy, `data` may go
