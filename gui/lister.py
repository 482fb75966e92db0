"""Which photos the grid shows: a folder, the answer to a query, what is like a photo."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, TypeAlias

from PySide6.QtCore import QObject, QTimer, Signal

from engine.hits import PlainHits
from engine.query import PictureTerm, picture_text
from engine.types import Aspect, Band, Box, CatalogChange, Order, PhotoId, Scope, SearchResult
from gui.grid.as_one import as_one
from gui.grid.model import Listing
from gui.workers import Task, Workers

_REST_MS = 500  # between an answer and asking again because the catalog changed
_REST_SEARCH_MS = 1500
_BUSY_AFTER_MS = 350
_MARKS = Aspect.MARK | Aspect.TAG | Aspect.DETECTION
_CONCERNED = {
    "tag": Aspect.TAG, "category": Aspect.TAG, "detected": Aspect.DETECTION,
    "count": Aspect.DETECTION, "box": Aspect.DETECTION, "rating": Aspect.MARK,
    "album": Aspect.ALBUM, "is": _MARKS, "has": _MARKS,
}  # fmt: skip
"""What a filter asks about: a commit that changes it may change the answer."""


class Searches(Protocol):
    """The part of a library that answers what to show."""

    def photo_ids(self, scope: Scope) -> list[PhotoId]: ...
    def search(
        self,
        text: str,
        limit: int | None = None,
        scope: Scope = ...,
        *,
        order: Order | None = None,
    ) -> SearchResult: ...
    def similar(self, photo: PhotoId | Path, box: Box | None = None) -> SearchResult: ...
    def pairs(self) -> Mapping[PhotoId, PhotoId]: ...


@dataclass(frozen=True, slots=True)
class Question:
    """What the user asked for last: words and filters, and pictures. Both empty: browse.

    `order` is that of ranked hits; None: by relevance.
    """

    scope: Scope = field(default_factory=Scope)
    text: str = ""
    pictures: tuple[PictureTerm, ...] = ()
    order: Order | None = None

    @property
    def searches(self) -> bool:
        return bool(self.text or self.pictures)

    @property
    def query(self) -> str:
        """All of it in the query language; places in `text` are places in it."""
        return " ".join((self.text, *map(picture_text, self.pictures))).strip()

    @property
    def alone(self) -> PictureTerm | None:
        """The one picture that results are to be like, where nothing else is asked for."""
        only = self.pictures[0] if len(self.pictures) == 1 and not self.text else None
        return only if only is not None and only.weight > 0 else None

    @property
    def like(self) -> PhotoId | Path | None:
        return self.alone.photo if self.alone is not None else None

    @property
    def box(self) -> Box | None:
        """The part of that picture."""
        return self.alone.box if self.alone is not None else None


Arranged: TypeAlias = Callable[[Question], Callable[[], Sequence[PhotoId]] | None]
"""How photos are asked for, on a lane, where a question is about something with its own order."""


class Lister(QObject):
    """Asks the library; the latest question wins, an answer to an older one is never shown.

    Signals: listed(Listing) · failed(Exception) · busy_changed(bool), True only when an answer
    takes long · question_changed(Question).
    """

    listed = Signal(object)
    failed = Signal(object)
    busy_changed = Signal(bool)
    question_changed = Signal(object)

    def __init__(self, library: Searches, workers: Workers, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._library = library
        self._workers = workers
        self.question = Question()
        self.arranged: Arranged = lambda _question: None
        self._task: Task | None = None
        self._stale = False
        self._busy = QTimer(self, singleShot=True, interval=_BUSY_AFTER_MS)
        self._busy.timeout.connect(lambda: self.busy_changed.emit(True))
        self._rest = QTimer(self, singleShot=True)
        self._rest.timeout.connect(self._ask_if_stale)

    def show_scope(self, scope: Scope) -> None:
        """Browse a folder or everything; a search in force is left."""
        self.ask(Question(scope=scope))

    def show_order(self, scope: Scope) -> None:
        """Keep the question, change how photos are ordered."""
        self.ask(replace(self.question, scope=scope))

    def arrange(self, order: Order | None) -> None:
        """Put ranked hits in another order; None: by relevance."""
        self.ask(replace(self.question, order=order))

    def show_text(self, text: str) -> None:
        """Search by words within the scope; no words: browse again."""
        self.show_query(text)

    def show_query(self, text: str, pictures: Sequence[PictureTerm] = ()) -> None:
        """Search by words and pictures within the scope; neither: browse again."""
        self.ask(Question(self.question.scope, text.strip(), tuple(pictures)))

    def show_similar(self, photo: PhotoId | Path, box: Box | None = None) -> None:
        """Search for what looks like a photo, or like what is in a box of it."""
        self.show_query("", [PictureTerm(photo, box)])

    def ask(self, question: Question) -> None:
        self.question = question
        self.question_changed.emit(question)
        self._ask(fresh=True)

    def ask_again(self) -> None:
        """The same question may have another answer; the view stays where it is."""
        self._ask(fresh=False)

    def follow(self, change: CatalogChange) -> None:
        """Ask again, after a rest, if a commit can have changed the answer."""
        aspects = Aspect.EXISTENCE | Aspect.ROOT | Aspect.FILE
        if self.question.searches:
            aspects |= Aspect.EMBEDDING
        for name, concerned in _CONCERNED.items():
            if f"{name}:" in self.question.text:
                aspects |= concerned
        if change.aspects & aspects:
            self._stale = True
            self._ask_if_stale()

    def _ask_if_stale(self) -> None:
        if self._stale and self._task is None and not self._rest.isActive():
            self._ask(fresh=False)

    def _ask(self, *, fresh: bool) -> None:
        if self._task is not None:
            self._task.cancel()
        self._stale = False
        question, library = self.question, self._library
        arranged = self.arranged(question)

        def answer() -> Listing:
            if question.like is not None and question.order is None:
                return listing_of(library.similar(question.like, question.box), fresh=fresh)
            if arranged is not None:
                return Listing(arranged(), fresh=fresh)
            if question.searches:
                result = library.search(question.query, scope=question.scope, order=question.order)
                return listing_of(result, fresh=fresh)
            return Listing(library.photo_ids(question.scope), fresh=fresh)

        def paired() -> Listing:
            return as_one(
                answer(), library.pairs(), question.like if question.box is None else None
            )

        task = self._workers.start("query" if question.searches else "page", "", paired)
        self._task = task
        task.succeeded.connect(self.listed)
        task.failed.connect(self.failed)
        task.finished.connect(lambda: self._finish(task))
        self._busy.start()

    def _finish(self, task: Task) -> None:
        if task is self._task:
            self._task = None
            self._busy.stop()
            self.busy_changed.emit(False)
            self._rest.start(_REST_SEARCH_MS if self.question.searches else _REST_MS)


def listing_of(result: SearchResult, *, fresh: bool) -> Listing:
    """Ranked hits as rows, matches before weaker ones."""
    hits = result.hits
    if isinstance(hits, PlainHits):  # of a hundred thousand none needs to be made
        return Listing(ids=hits.ids, note=result.note, fresh=fresh)
    weaker = next((row for row, hit in enumerate(hits) if hit.band is Band.WEAKER), None)
    return Listing(
        ids=[hit.photo_id for hit in hits],
        hits={hit.photo_id: hit for hit in hits},
        weaker_from=weaker,
        note=result.note,
        fresh=fresh,
    )
