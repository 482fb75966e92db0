"""The marks of the photos that the grid looks at, fetched page by page as their rows are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from engine.mark_types import Marks
from engine.types import PhotoId
from gui.grid.model import PAGE, GridModel
from gui.workers import Workers

_KEEP = 6 * PAGE  # as pages of rows: what was scrolled past is asked for again when it is seen

Fetch = Callable[[Sequence[PhotoId]], Mapping[PhotoId, Marks]]


class MarksSeen(QObject):
    """What is known of marks; asks for those of every page that a model asks for.

    Signals: changed(), more is known.
    """

    changed = Signal()

    def __init__(self, model: GridModel, workers: Workers, fetch: Fetch) -> None:
        super().__init__(model)
        self._workers = workers
        self._fetch = fetch
        self._known: dict[PhotoId, Marks] = {}
        self._wanted: list[PhotoId] = []
        self._fetching = False
        model.page_wanted.connect(self._want)

    def get(self, photo_id: PhotoId) -> Marks | None:
        """The marks of a photo; None where it has none, or they are not known yet."""
        return self._known.get(photo_id)

    def put(self, ids: Sequence[PhotoId], marks: Mapping[PhotoId, Marks]) -> None:
        """These photos have these marks, and those that are not named have none."""
        for photo_id in ids:
            if photo_id in marks:
                self._known[photo_id] = marks[photo_id]
            else:
                self._known.pop(photo_id, None)
        self.changed.emit()

    def _want(self, ids: Sequence[PhotoId]) -> None:
        self._wanted.extend(ids)
        if not self._fetching:
            self._next()

    def _next(self) -> None:
        ids = self._wanted[-_KEEP:]
        self._wanted = []
        self._fetching = bool(ids)
        if ids:
            task = self._workers.start("page", "", partial(self._fetch, ids))
            task.succeeded.connect(partial(self.put, ids))
            task.finished.connect(self._next)
