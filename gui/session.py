"""An open library with everything that works on it in the background."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from engine.errors import ModelError
from engine.types import Aspect, CatalogChange, FolderCount, PhotoId, Root
from gui.bridge import Bridge
from gui.feed import Feed
from gui.history import History
from gui.input_watch import InputWatch
from gui.keeper import Keeper
from gui.lister import Lister
from gui.looking.pictures import Pictures
from gui.models.state import ModelsSeen
from gui.models.work import ModelWork
from gui.sidecars.work import SidecarWork
from gui.tagging.work import TagWork
from gui.thumbnails import Thumbnails
from gui.workers import Task, Workers

if TYPE_CHECKING:
    from engine import Library

log = logging.getLogger(__name__)

Places = tuple[list[Root], list[FolderCount]]

_REST_EVERY_MS = 60_000
_IDLE_S = 600.0  # a model that nobody used for so long gives its memory back


class Session(QObject):
    """Holds the parts together and tells each what a commit means for it. Decides nothing.

    Signals:
        photos_changed(frozenset[PhotoId]): their rows are to be fetched again.
        search_ready(): the model has loaded; a search is answered at once from now on.
        switched(str, str): search uses another model; the new and the old one's id.
    """

    photos_changed = Signal(object)
    search_ready = Signal()
    switched = Signal(str, str)

    def __init__(self, library: Library, workers: Workers, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.library = library
        self.workers = workers
        self.input = InputWatch(self)
        self.history = History(workers, self)
        self.bridge = Bridge(library, self)
        self.keeper = Keeper(library, workers, self.bridge, self.input.idle_s, self)
        self.lister = Lister(library, workers, self)
        self.thumbnails = Thumbnails(workers, library.thumbnail, parent=self)
        self.pictures = Pictures(workers, library.picture, self)
        self.counts = Feed(workers, "page", library.counts, parent=self)
        self.places = Feed(workers, "page", self._ask_places, rest_ms=500, parent=self)
        self.problems = Feed(workers, "page", library.problems, rest_ms=500, parent=self)
        self.models = Feed(workers, "io", self._ask_models, rest_ms=1000, parent=self)
        self.work = ModelWork(library, workers, self)
        self.tags = TagWork(library, workers, self.history, self)
        self.sidecars = SidecarWork(library, workers, self)
        self._resting: Task | None = None
        self._rest = QTimer(self, interval=_REST_EVERY_MS)
        self._rest.timeout.connect(self.rest)
        self.bridge.catalog_changed.connect(self._follow)
        self.keeper.settled.connect(self.models.refresh)
        self.keeper.settled.connect(self.tags.follow_index)
        self.keeper.settled.connect(self.sidecars.soon)  # what failed may go now
        self.keeper.switched.connect(self.models.refresh_now)
        self.models.answered.connect(self.work.follow)
        self.work.stale.connect(self.models.refresh_now)
        self.work.plan_changed.connect(self.keeper.index_afresh)
        self.work.switched.connect(self._model_changed)

    def begin(self) -> None:
        """Ask for what the window shows first, then look at the disk."""
        self.lister.show_scope(self.lister.question.scope)
        for feed in (self.places, self.counts, self.problems, self.models):
            feed.refresh()
        self.keeper.begin()
        self.sidecars.soon()
        self._rest.start()

    # -- the model ------------------------------------------------------------------------------

    def warm_up(self) -> Task:
        """Load the text tower, once the window is painted: the first search need not wait."""
        task = self.workers.start("model", "", self._load_text_tower)
        task.succeeded.connect(self._tell_ready)
        task.finished.connect(self.models.refresh)
        return task

    def _load_text_tower(self) -> bool:
        try:
            self.library.warm_up()
        except ModelError as error:
            log.info("%s", error)  # the status bar says it, from the model's own status
            return False
        return True

    def _tell_ready(self, ready: bool) -> None:
        if ready:
            self.search_ready.emit()

    def use_model(self, model_id: str) -> None:
        """Prepare another model and search with it as soon as it is complete."""
        self.work.use(model_id)

    def _model_changed(self, new: str, old: str) -> None:
        self.counts.refresh()
        self.lister.ask(self.lister.question)
        self.photos_changed.emit(frozenset())
        self.tags.refresh()
        self.switched.emit(new, old)
        self.warm_up()

    def rest(self) -> None:
        """Let models go that nobody used for a while."""
        if self._resting is None:
            self._resting = self.workers.start("model", "", lambda: self.library.rest(_IDLE_S))
            self._resting.finished.connect(self._rested)

    def _rested(self) -> None:
        self._resting = None

    def close(self) -> None:
        """Take no more news; the caller shuts the workers down and closes the library."""
        self._rest.stop()
        self.bridge.close()

    # -- answers --------------------------------------------------------------------------------

    def _follow(self, change: CatalogChange) -> None:
        self.counts.refresh()
        if change.aspects & (Aspect.EXISTENCE | Aspect.ROOT):
            self.places.refresh()
        if change.aspects & (Aspect.PROBLEM | Aspect.EXISTENCE | Aspect.ROOT):
            self.problems.refresh()
        if change.aspects & Aspect.EMBEDDING:
            self.models.refresh()
        if change.aspects & Aspect.TAG:
            self.tags.refresh()
        self.sidecars.follow(change)
        if change.aspects & Aspect.FILE:
            self.thumbnails.forget(change.photos)
            self.pictures.forget(change.photos)
        # A folder that came or went concerns all of its photos, also where the same commit names
        # the few whose files differ.
        every = bool(change.aspects & Aspect.ROOT)
        self.photos_changed.emit(frozenset[PhotoId]() if every else change.photos)
        self.lister.follow(change)

    def _ask_places(self) -> Places:
        return self.library.roots(), self.library.folders()

    def _ask_models(self) -> ModelsSeen:
        library = self.library
        return ModelsSeen(
            tuple(library.models()),
            library.model_status(),
            tuple(library.spaces()),
            library.next_model(),
            library.on_battery(),
        )
