"""Thumbnails for what is painted: newest question first, a bounded cache of pixmaps."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage, QPixmap

from engine.errors import PhotoError
from engine.types import PhotoId
from gui.engine_words import said
from gui.workers import Task, Workers

_IN_FLIGHT = 4  # two threads, and one more each so that neither waits for the GUI thread
_WAITING = 400  # questions kept; older ones are dropped


@dataclass(frozen=True, slots=True)
class Frame:
    """The square a thumbnail is wanted for, in device pixels: to be filled, or to hold it all."""

    side: int
    fill: bool


_PREVIEW = Frame(256, fill=False)  # as large as the catalog keeps them


@dataclass(slots=True)
class _Entry:
    pixmap: QPixmap
    frame: Frame
    cost: int
    stale: bool = False


class Thumbnails(QObject):
    """Pixmaps by photo id, asked for by painting.

    `pixmap` answers at once with what it has and asks for what it has not. Pictures cross the
    threads as QImage, scaled to the cell; pixmaps are made on the GUI thread only.

    Signals: ready(PhotoId): it can be painted now.
    """

    ready = Signal(object)

    def __init__(
        self,
        workers: Workers,
        load: Callable[[PhotoId], bytes],
        *,
        cache_mb: int = 192,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._workers = workers
        self._load = load
        self._limit = cache_mb << 20
        self._used = 0
        self._cache: OrderedDict[PhotoId, _Entry] = OrderedDict()
        self._failed: dict[PhotoId, str] = {}
        self._waiting: OrderedDict[PhotoId, Frame] = OrderedDict()  # newest last
        self._in_flight: dict[PhotoId, Task] = {}

    def pixmap(self, photo_id: PhotoId, frame: Frame) -> QPixmap | None:
        """The thumbnail, perhaps of another size for now; None while there is nothing to show."""
        entry = self._cache.get(photo_id)
        if entry is not None:
            self._cache.move_to_end(photo_id)
            if entry.frame == frame and not entry.stale:
                return entry.pixmap
        if photo_id not in self._failed:
            self._want(photo_id, frame)
        return entry.pixmap if entry is not None else None

    def at_least(self, photo_id: PhotoId, frame: Frame) -> QPixmap | None:
        """The same, but a larger one is as good: for small pictures beside a grid's larger ones.

        Who shows a photo in two sizes must ask for the smaller one here, or each of the two would
        have it made anew after the other.
        """
        entry = self._cache.get(photo_id)
        if entry is not None and not entry.stale and entry.frame.side >= frame.side:
            self._cache.move_to_end(photo_id)
            return entry.pixmap
        return self.pixmap(photo_id, frame)

    def preview(self, photo_id: PhotoId) -> QPixmap | None:
        """What is there of any size; where there is nothing, all that the catalog keeps."""
        entry = self._cache.get(photo_id)
        if entry is None and photo_id not in self._failed:
            self._want(photo_id, _PREVIEW)
        return entry.pixmap if entry is not None else None

    def peek(self, photo_id: PhotoId) -> QPixmap | None:
        """What is there of any size; asks for nothing."""
        entry = self._cache.get(photo_id)
        return entry.pixmap if entry is not None else None

    def failure(self, photo_id: PhotoId) -> str:
        """Why there is no thumbnail, or nothing."""
        return self._failed.get(photo_id, "")

    def forget(self, ids: Collection[PhotoId]) -> None:
        """These files changed. What was shown stays until the new thumbnail is there."""
        if len(ids) > len(self._cache):  # of very many only those that are here
            here = {*self._failed, *self._cache, *self._in_flight}
            ids = here.intersection(ids)
        for photo_id in ids:
            self._failed.pop(photo_id, None)
            if (entry := self._cache.get(photo_id)) is not None:
                entry.stale = True
            if (task := self._in_flight.get(photo_id)) is not None:
                task.cancel()

    def keep_only(self, ids: Collection[PhotoId]) -> None:
        """Drop the questions for what has been scrolled away."""
        for photo_id in [id_ for id_ in self._waiting if id_ not in ids]:
            del self._waiting[photo_id]

    def stop(self) -> None:
        """Ask for nothing more and take no answer: whoever showed them goes away."""
        self._waiting.clear()
        for task in list(self._in_flight.values()):
            task.cancel()

    @property
    def idle(self) -> bool:
        return not self._waiting and not self._in_flight

    def _want(self, photo_id: PhotoId, frame: Frame) -> None:
        if photo_id in self._in_flight:
            return
        self._waiting[photo_id] = frame
        self._waiting.move_to_end(photo_id)
        if len(self._waiting) > _WAITING:
            self._waiting.popitem(last=False)
        self._start_some()

    def _start_some(self) -> None:
        while self._waiting and len(self._in_flight) < _IN_FLIGHT:
            photo_id, frame = self._waiting.popitem(last=True)
            task = self._workers.start("thumbnail", "", partial(self._make, photo_id, frame))
            self._in_flight[photo_id] = task
            task.succeeded.connect(partial(self._put, photo_id, frame))
            task.failed.connect(partial(self._note, photo_id))
            task.finished.connect(partial(self._finish, photo_id))

    def _make(self, photo_id: PhotoId, frame: Frame) -> QImage:
        """On a lane's thread: bytes → picture of the wanted size."""
        return fit(QImage.fromData(self._load(photo_id)), frame)

    def _put(self, photo_id: PhotoId, frame: Frame, image: QImage) -> None:
        pixmap = QPixmap.fromImage(image)
        cost = image.sizeInBytes() + 200
        if (old := self._cache.pop(photo_id, None)) is not None:
            self._used -= old.cost
        self._cache[photo_id] = _Entry(pixmap, frame, cost)
        self._used += cost
        while self._used > self._limit and len(self._cache) > 1:
            _, oldest = self._cache.popitem(last=False)
            self._used -= oldest.cost
        self.ready.emit(photo_id)

    def _note(self, photo_id: PhotoId, error: Exception) -> None:
        reason = error.reason if isinstance(error, PhotoError) else said(str(error))
        self._failed[photo_id] = reason or type(error).__name__
        self.ready.emit(photo_id)

    def _finish(self, photo_id: PhotoId) -> None:
        self._in_flight.pop(photo_id, None)
        self._start_some()


def fit(image: QImage, frame: Frame) -> QImage:
    """Scale down until the frame is just filled, or just holds all of it; never scale up."""
    if image.isNull():
        return image
    edge = min(image.width(), image.height()) if frame.fill else max(image.width(), image.height())
    if edge > frame.side:
        mode = (
            Qt.AspectRatioMode.KeepAspectRatioByExpanding
            if frame.fill
            else Qt.AspectRatioMode.KeepAspectRatio
        )
        image = image.scaled(
            frame.side, frame.side, mode, Qt.TransformationMode.SmoothTransformation
        )
    return image.convertToFormat(QImage.Format.Format_RGB32)
