"""What is asked and done for detection: looking, keeping and correcting boxes, each undoable."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSettings, Signal

from engine.detection_types import DetectionId, DetectorStatus, Label, Sight, StoredDetection
from engine.errors import EngineError
from engine.jobs import Job
from engine.types import Aspect, Box, CatalogChange, PhotoId, RGBImage
from gui.detection.scene import Thing, ThingKey
from gui.feed import Feed
from gui.history import Back
from gui.post import Post
from gui.workers import Task

if TYPE_CHECKING:
    from engine.detecting import Detecting
    from gui.session import Session

LANE = "detection"  # looking and changing boxes keep their order
_KEY = "detection/labels"
_MOST = 30  # labels remembered


@dataclass(frozen=True, slots=True)
class Known:
    """What is known before anything is looked at."""

    status: DetectorStatus
    suggestions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Looked:
    """What was seen in a photo, and for which labels it was looked for."""

    photo_id: PhotoId
    labels: tuple[Label, ...]
    sight: Sight


class DetectWork(QObject):
    """Asks and tells `library.detecting`, never on the GUI thread.

    Signals:
        known(Known): the detector there is, and labels to offer.
        looked(Looked): boxes for the labels asked for last.
        failed(PhotoId, EngineError): that photo could not be looked at.
        busy_changed(bool): a look is under way.
        stored(PhotoId, list[StoredDetection]): what is kept of the photo asked for.
        boxes_changed(frozenset[PhotoId]): kept boxes of these are others now; empty: of any.
        dismissed(PhotoId, list[ThingKey], bool): seen things are no more to be shown, or again.
        noticed(str, str, object): a sentence, what its button says, what the button does.
    """

    known = Signal(object)
    looked = Signal(object)
    failed = Signal(object, object)
    busy_changed = Signal(bool)
    stored = Signal(object, object)
    boxes_changed = Signal(object)
    dismissed = Signal(object, object, bool)
    noticed = Signal(str, str, object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._workers = session.workers
        self._history = session.history
        self._post = Post(self)
        self._looking: Task | None = None
        self._asking: Task | None = None
        self.status: DetectorStatus | None = None
        self.suggestions: tuple[str, ...] = ()
        self._feed = Feed(session.workers, LANE, self._look_up, rest_ms=300, parent=self)
        self._feed.answered.connect(self._take_known)
        session.bridge.catalog_changed.connect(self._follow)
        session.models.answered.connect(self._follow_models)

    @property
    def detecting(self) -> Detecting:
        return self._session.library.detecting

    # -- before looking ------------------------------------------------------------------------

    def refresh(self) -> None:
        """The detector, the tags or earlier labels may be others."""
        self._feed.refresh()

    def _look_up(self) -> Known:
        detecting = self.detecting
        return Known(detecting.status(), tuple(detecting.suggestions()))

    def _take_known(self, known: Known) -> None:
        self.status = known.status
        own = last_labels()
        self.suggestions = tuple(dict.fromkeys([*own, *known.suggestions]))
        self.known.emit(Known(known.status, self.suggestions))

    def _follow_models(self) -> None:
        if self.status is not None:
            self.refresh()

    # -- looking -------------------------------------------------------------------------------

    def look(self, photo_id: PhotoId, labels: Sequence[Label]) -> None:
        """Look for labels in a photo; of many looks in a row the last one counts."""
        self.stop_looking()
        detecting, wanted = self.detecting, tuple(labels)

        def work() -> Looked:
            return Looked(photo_id, wanted, detecting.look(photo_id, wanted))

        task = self._looking = self._workers.start(LANE, "", work)
        self.busy_changed.emit(True)
        task.succeeded.connect(self.looked)
        task.failed.connect(partial(self._tell_failure, photo_id))
        task.finished.connect(partial(self._end_look, task))

    def stop_looking(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
            self.busy_changed.emit(False)

    def _tell_failure(self, photo_id: PhotoId, error: Exception) -> None:
        if isinstance(error, EngineError):
            self.failed.emit(photo_id, error)

    def _end_look(self, task: Task) -> None:
        if task is self._looking:
            self._looking = None
            self.busy_changed.emit(False)

    # -- what is kept --------------------------------------------------------------------------

    def ask_stored(self, photo_id: PhotoId) -> None:
        """Ask what is kept of a photo; `stored` answers."""
        if self._asking is not None:
            self._asking.cancel()
        detecting = self.detecting
        task = self._asking = self._workers.start(LANE, "", lambda: detecting.of_photo(photo_id))
        task.succeeded.connect(partial(self.stored.emit, photo_id))
        task.finished.connect(partial(self._end_ask, task))

    def _end_ask(self, task: Task) -> None:
        if task is self._asking:
            self._asking = None

    def _follow(self, change: CatalogChange) -> None:
        if change.aspects & (Aspect.DETECTION | Aspect.FILE):
            self.boxes_changed.emit(change.photos)

    # -- changing ------------------------------------------------------------------------------

    def keep(self, photo_id: PhotoId, things: Sequence[Thing]) -> Task:
        """Keep what the detector sees."""
        detecting = self.detecting
        found = [thing.detection for thing in things]
        words = self.tr("%Ln box(es) kept", "", len(found))
        return self._do(words, lambda: self._added(detecting.keep(photo_id, found)))

    def add(self, photo_id: PhotoId, label: str, box: Box) -> Task:
        """Keep a box that the user drew."""
        detecting = self.detecting
        words = self.tr("“%1” added").replace("%1", label)
        return self._do(words, lambda: self._added([detecting.add(photo_id, label, box)]))

    def relabel(
        self, photo_id: PhotoId, thing: Thing, label: str, behind: Sequence[ThingKey] = ()
    ) -> Task:
        """Call a thing what it is: what was only seen becomes the user's own box.

        `behind`: what is seen in the place of a kept one, and is not to be shown beside it.
        """
        detecting = self.detecting
        words = self.tr("“%1” is called “%2” now").replace("%1", thing.label)
        words = words.replace("%2", label)
        thing_id = thing.id
        if thing_id is not None:
            names, seen = (thing.label, label), (photo_id, list(behind))
            return self._do(words, lambda: self._relabel(thing_id, names, seen, True))

        def name() -> Back:
            added = self._added([detecting.add(photo_id, label, thing.box)])
            self._tell_dismissed(photo_id, [thing.key], True)
            return partial(self._unname, photo_id, thing.key, added)

        return self._do(words, name)

    def reshape(
        self, photo_id: PhotoId, thing: Thing, box: Box, behind: Sequence[ThingKey] = ()
    ) -> Task:
        """Put a box where the thing is: what was only seen becomes the user's own box.

        `behind`: as of `relabel`.
        """
        detecting = self.detecting
        words = self.tr("The box of “%1” was changed").replace("%1", thing.label)
        thing_id = thing.id
        if thing_id is not None:
            places, seen = (thing.box, box), (photo_id, list(behind))
            return self._do(words, lambda: self._reshape(thing_id, places, seen, True))

        def place() -> Back:
            added = self._added([detecting.add(photo_id, thing.label, box)])
            self._tell_dismissed(photo_id, [thing.key], True)
            return partial(self._unname, photo_id, thing.key, added)

        return self._do(words, place)

    def remove(
        self, photo_id: PhotoId, things: Sequence[Thing], behind: Sequence[ThingKey] = ()
    ) -> Task:
        """Delete boxes; what is only seen is not shown any more, nor what is `behind` kept ones."""
        ids = [thing.id for thing in things if thing.id is not None]
        keys = [*(thing.key for thing in things if thing.id is None), *behind]
        words = self.tr("%Ln box(es) deleted", "", len(things))
        return self._do(words, lambda: self._remove(photo_id, ids, keys))

    def _do(self, words: str, work: Callable[[], object]) -> Task:
        return self._history.do(words, work, LANE)

    def _tell_dismissed(self, photo_id: PhotoId, keys: Sequence[ThingKey], gone: bool) -> None:
        self._post.send(partial(self.dismissed.emit, photo_id, keys, gone))

    # On the lane: each does something and returns what takes it back.

    def _added(self, ids: Sequence[DetectionId]) -> Back | None:
        return partial(self._take_away, ids) if ids else None

    def _take_away(self, ids: Sequence[DetectionId]) -> Back:
        self.detecting.remove(ids)
        return partial(self._put_back, ids)

    def _put_back(self, ids: Sequence[DetectionId]) -> Back:
        self.detecting.put_back(ids)
        return partial(self._take_away, ids)

    def _relabel(
        self,
        thing_id: DetectionId,
        names: tuple[str, str],
        seen: tuple[PhotoId, Sequence[ThingKey]],
        gone: bool,
    ) -> Back:
        """`names`: the former and the new one."""
        self.detecting.relabel([thing_id], names[1])
        if seen[1]:
            self._tell_dismissed(*seen, gone)
        return partial(self._relabel, thing_id, (names[1], names[0]), seen, not gone)

    def _reshape(
        self,
        thing_id: DetectionId,
        places: tuple[Box, Box],
        seen: tuple[PhotoId, Sequence[ThingKey]],
        gone: bool,
    ) -> Back:
        """`places`: the former and the new one."""
        self.detecting.move(thing_id, places[1])
        if seen[1]:
            self._tell_dismissed(*seen, gone)
        return partial(self._reshape, thing_id, (places[1], places[0]), seen, not gone)

    def _unname(self, photo_id: PhotoId, key: ThingKey, back: Back | None) -> Back:
        again = back() if back is not None else None
        self._tell_dismissed(photo_id, [key], False)
        return partial(self._rename, photo_id, key, again)

    def _rename(self, photo_id: PhotoId, key: ThingKey, again: object) -> Back:
        back = again() if callable(again) else None
        self._tell_dismissed(photo_id, [key], True)
        return partial(self._unname, photo_id, key, back if callable(back) else None)

    def _remove(
        self, photo_id: PhotoId, ids: Sequence[DetectionId], keys: Sequence[ThingKey]
    ) -> Back:
        if ids:
            self.detecting.remove(ids)
        if keys:
            self._tell_dismissed(photo_id, list(keys), True)
        return partial(self._unremove, photo_id, ids, keys)

    def _unremove(
        self, photo_id: PhotoId, ids: Sequence[DetectionId], keys: Sequence[ThingKey]
    ) -> Back:
        if ids:
            self.detecting.put_back(ids)
        if keys:
            self._tell_dismissed(photo_id, list(keys), False)
        return partial(self._remove, photo_id, ids, keys)

    # -- a box by itself -----------------------------------------------------------------------

    def crop(self, photo_id: PhotoId, box: Box, done: Callable[[RGBImage], None]) -> Task:
        """Cut a box out of the photo at full size."""
        detecting = self.detecting
        return self._ask(lambda: detecting.crop(photo_id, box), done)

    def _ask(self, question: Callable[[], object], done: Callable[..., None]) -> Task:
        task = self._workers.start(LANE, "", question)
        task.succeeded.connect(done)
        task.failed.connect(self.tell)
        return task

    def tell(self, error: Exception) -> None:
        if isinstance(error, EngineError):
            self.say(str(error))

    def say(self, sentence: str) -> None:
        self.noticed.emit(sentence, "", None)

    def job(self, lane: str, title: str, job: Callable[[], Job[object]]) -> Task:
        """Something that takes a while, among the running jobs."""
        task = self._workers.start(lane, title, job)
        task.failed.connect(self.tell)
        return task


def last_labels() -> list[str]:
    """What the user looked for of late, the newest first."""
    stored = QSettings().value(_KEY, [])
    if isinstance(stored, str):  # an ini file gives a list of one back as a string
        return [stored]
    return [entry for entry in stored if isinstance(entry, str)] if isinstance(stored, list) else []


def remember_labels(labels: Sequence[Label]) -> None:
    """Offer these first from now on."""
    names = [label.name for label in labels]
    if names:
        QSettings().setValue(_KEY, list(dict.fromkeys([*names, *last_labels()]))[:_MOST])


__all__ = ["LANE", "DetectWork", "Known", "Looked", "StoredDetection", "last_labels",
           "remember_labels"]  # fmt: skip
