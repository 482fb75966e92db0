"""An open library with everything that works on it in the background."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from engine.errors import EngineError, ModelError
from engine.types import Aspect, CatalogChange, FolderCount, ModelInfo, ModelStatus, Root
from gui.bridge import Bridge
from gui.feed import Feed
from gui.keeper import Keeper
from gui.lister import Lister
from gui.pictures import Pictures
from gui.thumbnails import Thumbnails
from gui.workers import Task, Workers

if TYPE_CHECKING:
    from engine import Library

log = logging.getLogger(__name__)

Places = tuple[list[Root], list[FolderCount]]
Models = tuple[list[ModelInfo], ModelStatus]


class Session(QObject):
    """Holds the parts together and tells each what a commit means for it. Decides nothing.

    Signals: photos_changed(frozenset[PhotoId]), their rows are to be fetched again.
    """

    photos_changed = Signal(object)

    def __init__(self, library: Library, workers: Workers, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.library = library
        self.workers = workers
        self.bridge = Bridge(library, self)
        self.keeper = Keeper(library, workers, self.bridge, self)
        self.lister = Lister(library, workers, self)
        self.thumbnails = Thumbnails(workers, library.thumbnail, parent=self)
        self.pictures = Pictures(workers, library.picture, self)
        self.counts = Feed(workers, "page", library.counts, parent=self)
        self.places = Feed(workers, "page", self._ask_places, rest_ms=500, parent=self)
        self.problems = Feed(workers, "page", library.problems, rest_ms=500, parent=self)
        self.models = Feed(workers, "io", self._ask_models, parent=self)
        self.bridge.catalog_changed.connect(self._follow)
        self.keeper.settled.connect(self.models.refresh)

    def begin(self) -> None:
        """Ask for what the window shows first, then look at the disk."""
        self.lister.show_scope(self.lister.question.scope)
        for feed in (self.places, self.counts, self.problems, self.models):
            feed.refresh()
        self.keeper.begin()

    def warm_up(self) -> Task:
        """Load the text tower, once the window is painted: the first search need not wait."""
        task = self.workers.start("model", "", self._load_text_tower)
        task.finished.connect(self.models.refresh)
        return task

    def _load_text_tower(self) -> None:
        try:
            self.library.warm_up()
        except ModelError as error:
            log.info("%s", error)  # the status bar says it, from the model's own status

    def use_model(self, model_id: str) -> Task:
        """Search with another model; what it lacks is made in the background."""
        task = self.workers.start("model", "", lambda: self.library.use_model(model_id))
        task.succeeded.connect(self._model_changed)
        task.failed.connect(self._tell)
        task.finished.connect(self.models.refresh)
        return task

    def _model_changed(self) -> None:
        self.counts.refresh()
        self.lister.ask(self.lister.question)
        self.photos_changed.emit(frozenset())
        self.keeper.index()
        self.warm_up()

    def _tell(self, error: Exception) -> None:
        if isinstance(error, EngineError):
            self.keeper.failed.emit(error)

    def close(self) -> None:
        """Take no more news; the caller shuts the workers down and closes the library."""
        self.bridge.close()

    def _follow(self, change: CatalogChange) -> None:
        self.counts.refresh()
        if change.aspects & (Aspect.EXISTENCE | Aspect.ROOT):
            self.places.refresh()
        if change.aspects & (Aspect.PROBLEM | Aspect.EXISTENCE | Aspect.ROOT):
            self.problems.refresh()
        if change.aspects & Aspect.FILE:
            self.thumbnails.forget(change.photos)
            self.pictures.forget(change.photos)
        self.photos_changed.emit(change.photos)
        self.lister.follow(change)

    def _ask_places(self) -> Places:
        return self.library.roots(), self.library.folders()

    def _ask_models(self) -> Models:
        return self.library.models(), self.library.model_status()
