"""A library in memory: coloured squares for photos, their colours' names for meaning."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from fake_albums import FakeAlbums
from fake_detecting import FakeDetecting
from fake_duplicates import FakeDuplicates
from fake_marking import FakeMarking
from fake_models import FakeModels
from fake_sidecars import FakeSidecars
from fake_sorting import FakeFiling, FakeSorting
from fake_tagging import FakeTagging
from PIL import Image

from engine.errors import PhotoUndecodable
from engine.jobs import IndexReport, Job, Progress, ReconcileReport
from engine.mark_types import Month, Spot, Summary
from engine.query import Contribution, Term, Values, read
from engine.settings import Settings
from engine.types import (
    Aspect,
    Band,
    CatalogChange,
    Counts,
    DirtyFolder,
    FolderCount,
    Hit,
    Order,
    Photo,
    PhotoDetail,
    PhotoId,
    PhotoMetadata,
    PhotoState,
    Problem,
    RGBImage,
    Root,
    RootId,
    Scope,
    SearchResult,
    WatchStatus,
)

COLOURS = {
    "red": (200, 30, 30), "green": (30, 160, 60), "blue": (40, 60, 200), "grey": (128, 128, 128),
}  # fmt: skip
ROOT = RootId(1)


def photo(number: int, *, colour: str = "red", **facts: object) -> Photo:
    """A photo whose name tells its colour."""
    made = Photo(
        id=PhotoId(number),
        root_id=ROOT,
        path=Path(f"/photos/{colour} {number}.jpg"),
        state=PhotoState.PRESENT,
        online=True,
        size=1000 + number,
        mtime_ns=number,
        content_hash=number.to_bytes(32, "big"),
        width=600,
        height=400,
        format="JPEG",
        taken_at="2024-05-01T12:00:00",
        camera=None,
        damaged="",
        embedded=True,
    )
    return replace(made, **facts)  # pyright: ignore[reportArgumentType]


@lru_cache(maxsize=16)
def jpeg(colour: str) -> bytes:
    """A small picture of one colour, 240 x 160."""
    buffer = io.BytesIO()
    Image.new("RGB", (240, 160), COLOURS[colour]).save(buffer, "JPEG")
    return buffer.getvalue()


class FakeLibrary(FakeModels):
    """Answers as the real one does, from a list of photos."""

    def __init__(self, photos: Sequence[Photo] = (), folder: Path = Path("/library")) -> None:
        super().__init__()
        self.photo_count = lambda: len(self.shelf)
        self.folder = folder
        self.settings = Settings()
        self.notes: list[str] = []
        self.shelf: dict[PhotoId, Photo] = {photo.id: photo for photo in photos}
        self.asked: list[str] = []  # queries, in the order they began
        self.pages: list[int] = []  # sizes of the pages fetched
        self.hold: dict[str, threading.Event] = {}  # a query that waits until it is set
        self.unread = 0
        self.closed = False
        self._listeners: list[Callable[[CatalogChange], None]] = []
        self._lock = threading.Lock()
        self.reconciled: list[object] = []
        self.indexed = 0
        self.rooted = [Root(ROOT, Path("/photos"), online=True)]
        self.found_spots: list[Spot] = []
        self.paired: dict[PhotoId, PhotoId] = {}  # RAW photos, and what each is shown as
        self.months: list[Month] = []
        self.tagging = FakeTagging(self)
        self.sorting = FakeSorting(self)
        self.filing = FakeFiling(self)
        self.duplicates = FakeDuplicates(self)
        self.detecting = FakeDetecting(self)
        self.albums = FakeAlbums(self)
        self.marking = FakeMarking(self)
        self.sidecars = FakeSidecars()

    def subscribe(self, listener: Callable[[CatalogChange], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def announce(self, ids: Collection[PhotoId], aspects: Aspect = Aspect.EXISTENCE) -> None:
        for listener in list(self._listeners):
            listener(CatalogChange(frozenset(ids), aspects))

    def add(self, photos: Sequence[Photo]) -> None:
        self.shelf.update({photo.id: photo for photo in photos})
        self.announce([photo.id for photo in photos])

    def remove(self, ids: Sequence[PhotoId]) -> None:
        for photo_id in ids:
            del self.shelf[photo_id]
        self.announce(ids)

    def change_settings(self, settings: Settings) -> None:
        self.settings = settings

    def roots(self) -> list[Root]:
        return self.rooted

    def add_root(self, path: Path) -> Root:
        self.rooted = [Root(ROOT, path, online=True)]
        self.announce([], Aspect.ROOT)
        return self.rooted[0]

    def forget_root(self, root_id: RootId) -> None:
        self.rooted = []
        self.announce([], Aspect.ROOT)

    def accept_missing(self, root_id: RootId) -> None:
        self.reconciled.append(root_id)

    def counts(self) -> Counts:
        return Counts(len(self.shelf), self.unread, 0, 0, 0, 0)

    def folders(self) -> list[FolderCount]:
        return [FolderCount(ROOT, Path("/photos"), b"", len(self.shelf))] if self.rooted else []

    def photo_ids(self, scope: Scope) -> list[PhotoId]:
        return sorted(self.shelf, reverse=scope.order is Order.DATE_NEWEST)

    def pairs(self) -> dict[PhotoId, PhotoId]:
        return self.paired

    def photos(self, ids: Sequence[PhotoId]) -> list[Photo]:
        self.pages.append(len(ids))
        return [self.shelf[photo_id] for photo_id in ids if photo_id in self.shelf]

    def summary(self, ids: Sequence[PhotoId]) -> Summary:
        found = [self.shelf[photo_id] for photo_id in ids if photo_id in self.shelf]
        days = sorted(photo.taken_at for photo in found if photo.taken_at)
        return Summary(
            len(found), sum(photo.size for photo in found), days[0] if days else None,
            days[-1] if days else None, len(found) - len(days), 0, 1,
            formats=(("JPEG", len(found)),),
        )  # fmt: skip

    def detail(self, photo_id: PhotoId) -> PhotoDetail | None:
        found = self.shelf.get(photo_id)
        return PhotoDetail(found, PhotoMetadata(), ()) if found else None

    def timeline(self) -> list[Month]:
        """Those that were put in, else one of all photos."""
        return self.months or ([Month(2024, 5, len(self.shelf))] if self.shelf else [])

    def undated(self) -> int:
        return 0

    def spots(self) -> list[Spot]:
        return list(self.found_spots)

    def problems(self) -> list[Problem]:
        return []

    def retry_problems(self, ids: Sequence[PhotoId] | None = None) -> int:
        return 0

    def thumbnail(self, photo_id: PhotoId) -> bytes:
        return jpeg(self._colour(photo_id))

    def picture(self, photo: PhotoId | Path, max_side: int | None = None) -> RGBImage:
        photo_id = next(iter(self.shelf)) if isinstance(photo, Path) else photo
        colour = self._colour(photo_id)
        found = self.shelf[photo_id]
        width, height = found.width or 600, found.height or 400
        if max_side is not None and max_side < max(width, height):
            factor = max_side / max(width, height)
            width, height = round(width * factor), round(height * factor)
        pixels = np.empty((height, width, 3), np.uint8)
        pixels[:] = COLOURS[colour]
        return pixels

    def _colour(self, photo_id: PhotoId) -> str:
        found = self.shelf.get(photo_id)
        if found is None or found.state is not PhotoState.PRESENT:
            raise PhotoUndecodable(Path("x.jpg"), "is not a picture")
        return found.name.split(" ")[0]

    def search(
        self,
        text: str,
        limit: int | None = None,
        scope: Scope | None = None,
        *,
        order: Order | None = None,
    ):
        with self._lock:
            self.asked.append(text)
        if text in self.hold:
            assert self.hold[text].wait(10)
        if (members := self.albums.asked(text)) is not None:
            return SearchResult(tuple(Hit(photo_id, 0.0) for photo_id in members))
        asked = read(text).query
        pictures = [term.photo for term in asked.pictures if term.weight > 0]
        wanted = asked.words
        if pictures and not wanted:
            wanted = "" if isinstance(pictures[0], Path) else self._colour(pictures[0])
        hits = [
            Hit(photo_id, 0.3 if photo.name.startswith(wanted) else 0.1,
                Band.MATCH if photo.name.startswith(wanted) else Band.WEAKER)
            for photo_id, photo in self.shelf.items()
            if wanted.split(" ")[0] in COLOURS
        ]  # fmt: skip
        if order is not None:
            hits.sort(key=lambda hit: hit.photo_id, reverse=order is not Order.DATE_OLDEST)
        hits.sort(key=lambda hit: -hit.score)
        return SearchResult(tuple(hits))

    def similar(self, photo: PhotoId | Path, box: object = None, limit: int | None = 200):
        assert not isinstance(photo, Path)
        colour = self._colour(photo)
        result = self.search(colour)
        return SearchResult(tuple(hit for hit in result.hits if hit.photo_id != photo))

    def why(self, text: str, photo_id: PhotoId) -> list[Contribution]:
        """Each part an equal share; what is not wanted takes it away."""
        query = read(text).query
        parts = (*query.terms, *query.pictures)
        return [
            Contribution(
                part,
                (1 if part.weight > 0 else -1) / len(parts),
                tuple((word, 0.1) for word in part.words.split()) if isinstance(part, Term) else (),
            )
            for part in parts
        ]

    def heat(self, words: str, photo_id: PhotoId) -> np.ndarray:
        """Hot in the upper left corner; the right edge was not looked at."""
        if photo_id not in self.shelf:
            raise PhotoUndecodable(Path("x.jpg"), "is not a picture")
        heat = np.zeros((4, 6), np.float32)
        heat[0, 0], heat[:, 5] = 1.0, np.nan
        return heat

    def query_values(self) -> Values:
        return Values(tags=("Places/New York", "Pets"), saved=[])

    def compare(self, text: str, model_id: str, limit: int) -> tuple[SearchResult, SearchResult]:
        """The other model turns the order of each ten round, and misses every fourth photo."""
        self.calls.append(("compare", text))
        self._step("compare")
        hits = self.search(text).hits
        other = [hit for at, hit in enumerate(hits[: 2 * limit]) if at % 4 != 1]
        turned = [hit for at in range(0, len(other), 10) for hit in reversed(other[at : at + 10])]
        return SearchResult(hits[:limit]), SearchResult(tuple(turned[:limit]))

    def reconcile(self, dirty: Collection[DirtyFolder] | None = None) -> Job[ReconcileReport]:
        self.reconciled.append(dirty)
        yield Progress(0, None, "Looking")
        return ReconcileReport()

    def index(self) -> Job[IndexReport]:
        self.indexed += 1
        for done in range(self.unread):
            yield Progress(done, self.unread)
        while upcoming := self.upcoming:  # once: another lane may call the preparing off
            if switched := self.advance(10):
                return IndexReport(switched_to=switched)
            self.announce([], Aspect.EMBEDDING)
            yield Progress(self.seen_by.get(upcoming, 0), len(self.shelf))
            self._step("index")
        return IndexReport(read=self.unread)

    def watch(self, on_dirty: Callable[[frozenset[DirtyFolder]], None]) -> None:
        self.on_dirty = on_dirty

    def watch_status(self) -> list[WatchStatus]:
        return []

    def unwatch(self) -> None: ...

    def close(self) -> None:
        self.closed = True
