"""Fetches the pages the grid looks at: newest question first, old ones dropped."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject

from engine.types import Photo, PhotoId
from gui.grid.model import PAGE, GridModel
from gui.workers import Workers

_KEEP = 6 * PAGE  # when scrolled away faster than pages arrive, only so many are still fetched


class PageSource(QObject):
    """Answers a model's `page_wanted` from the library, on the lane "page"."""

    def __init__(
        self,
        model: GridModel,
        workers: Workers,
        fetch: Callable[[Sequence[PhotoId]], list[Photo]],
    ) -> None:
        super().__init__(model)
        self._model = model
        self._workers = workers
        self._fetch = fetch
        self._wanted: list[PhotoId] = []
        self._fetching: list[PhotoId] = []
        model.page_wanted.connect(self._want)

    def _want(self, ids: Sequence[PhotoId]) -> None:
        self._wanted.extend(ids)
        if not self._fetching:
            self._next()

    def _next(self) -> None:
        dropped, ids = self._wanted[:-_KEEP], self._wanted[-_KEEP:]
        self._model.not_fetched(dropped)
        self._wanted = []
        self._fetching = ids
        if not ids:
            return
        task = self._workers.start("page", "", lambda: self._fetch(ids))
        task.succeeded.connect(self._put)
        task.finished.connect(self._finish)

    def _put(self, photos: list[Photo]) -> None:
        self._model.put(photos, asked=self._fetching)

    def _finish(self) -> None:
        self._model.not_fetched(self._fetching)
        self._next()
