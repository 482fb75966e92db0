"""The catalog of one library: what we know of its photos, in one SQLite file."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from engine.catalog.albums import Albums
from engine.catalog.backup import Backups
from engine.catalog.categories import Categories
from engine.catalog.clearings import Clearings
from engine.catalog.detection_runs import DetectionRuns
from engine.catalog.detections import Detections
from engine.catalog.duplicates import DuplicateTable
from engine.catalog.embeddings import EmbeddingTable
from engine.catalog.file_turns import FileTurns
from engine.catalog.journal import Journal
from engine.catalog.lock import FileLock
from engine.catalog.map_places import MapPlaces
from engine.catalog.marks import MarkTable
from engine.catalog.opening import prepare
from engine.catalog.pairs import Pairs
from engine.catalog.photos import Photos
from engine.catalog.problems import Problems
from engine.catalog.roots import Roots
from engine.catalog.sidecar_dues import SidecarDues
from engine.catalog.sidecars import Sidecars
from engine.catalog.sqlite_errors import told
from engine.catalog.store import Store
from engine.catalog.summaries import Summaries
from engine.catalog.tag_runs import TagRuns
from engine.catalog.tags import Tags
from engine.catalog.timeline import Timeline
from engine.errors import CatalogDamaged, CatalogError, DiskError
from engine.types import CatalogChange

log = logging.getLogger(__name__)


class Catalog:
    """Thread-safe. Each call reads one snapshot; writes are serialised.

    Attributes:
        notes: sentences for the user about what opening had to repair.
        roots, photos, embeddings, problems, marks, albums, timeline, tags, categories, tag_runs,
            detections, detection_runs: what can be asked and changed.
    """

    def __init__(self, path: Path, lock: FileLock, notes: list[str]) -> None:
        self.path = path
        self.notes = notes
        self._lock = lock
        self._closed = False
        self._backups = Backups(path)
        self._store = Store(path)
        self.roots = Roots(self._store)
        self.photos = Photos(self._store)
        self.embeddings = EmbeddingTable(self._store)
        self.problems = Problems(self._store)
        self.journal = Journal(self._store)
        self.file_turns = FileTurns()
        self.albums = Albums(self._store)
        self.marks = MarkTable(self._store)
        self.sidecar_dues = SidecarDues(self._store)
        self.sidecars = Sidecars(self._store)
        self.timeline = Timeline(self._store)
        self.summaries = Summaries(self._store)
        self.map_places = MapPlaces(self._store)
        self.pairs = Pairs(self._store)
        self.clearings = Clearings(self._store)
        self.tags = Tags(self._store)
        self.categories = Categories(self._store)
        self.tag_runs = TagRuns(self._store)
        self.duplicates = DuplicateTable(self._store)
        self.detections = Detections(self._store)
        self.detection_runs = DetectionRuns(self._store)

    @classmethod
    def open(cls, path: Path) -> Catalog:
        """Open or create the catalog in the file `path`; its folder is created too.

        A damaged file is set aside and the newest good backup restored; `notes` says so.

        Raises:
            CatalogLocked: another process has it open.
            CatalogTooNew: it was written by a newer Photosift; nothing was changed.
            CatalogError: the folder cannot be written to, the disk is full.

        Cost: .5 s for 100,000 photos, with the check; 1.2 s on the day's first opening, which
        makes a backup.
        """
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = FileLock(path.with_suffix(".lock"))
        except OSError as error:
            raise CatalogError(
                f"The library folder {path.parent} cannot be written to: {error.strerror}."
            ) from error
        try:
            with _as_catalog_error(path):
                catalog = cls(path, lock, prepare(path, Backups(path)))
        except BaseException:
            lock.release()
            raise
        try:
            catalog.backup_if_due()
        except DiskError as error:
            catalog.notes.append(str(error))
        return catalog

    @contextmanager
    def write(self, *, durable: bool = False) -> Generator[None, None, None]:
        """One transaction for all that is changed inside; a nested one joins the outer.

        Listeners are called once, after the outermost block has committed. An exception
        anywhere inside rolls everything back and announces nothing. `durable` waits until the
        disk has it.
        """
        with self._store.write(durable=durable):
            yield

    def subscribe(self, listener: Callable[[CatalogChange], None]) -> Callable[[], None]:
        """Call `listener` after each commit, on the committing thread. Returns: unsubscribe."""
        return self._store.subscribe(listener)

    def backup_if_due(self) -> None:
        """Back up once a day, beside the running work; an empty catalog never.

        Raises:
            DiskError: the backup could not be written; the earlier ones are untouched.
        """
        if not self._backups.due():
            return
        with self._store.read() as db:
            (photos,) = db.execute("SELECT EXISTS(SELECT 1 FROM photo)").fetchone()
        if photos:
            log.info("backed up the catalog to %s", self._backups.make())

    def check(self) -> list[str]:
        """What is wrong with the catalog, in sentences; nothing when it is sound."""
        found: list[str] = []
        try:
            with self._store.read() as db:
                for (finding,) in db.execute("PRAGMA quick_check(10)").fetchall():
                    if finding != "ok":
                        found.append(f"The catalog's file is damaged: {finding}.")
                for count, sentence in _orphans(db):
                    if count:
                        found.append(sentence.format(count))
        except CatalogDamaged as error:
            found.append(str(error))
        return found

    def close(self) -> None:
        """Back up if due, close every connection and release the lock. May be called twice."""
        if self._closed:
            return
        self._closed = True
        try:
            self.backup_if_due()
        except (CatalogError, DiskError) as error:
            log.warning("%s", error)
        finally:
            self._store.close()
            self._lock.release()


def _orphans(db: sqlite3.Connection) -> Generator[tuple[int, str], None, None]:
    """How many rows should not be, with the sentence that tells it."""
    rows = db.execute("PRAGMA foreign_key_check").fetchall()
    yield len(rows), "{} rows of the catalog refer to rows that are not there."
    ((short,),) = db.execute(
        "SELECT count(*) FROM embedding e JOIN embedding_space s ON s.id = e.space_id"
        " WHERE length(e.vector) <> 2 * s.dim"
    ).fetchall()
    yield short, "{} vectors have the wrong length."
    ((unread,),) = db.execute(
        "SELECT count(*) FROM embedding e JOIN photo p ON p.id = e.photo_id"
        " WHERE p.content_hash IS NULL"
    ).fetchall()
    yield unread, "{} vectors belong to photos that were never read."


@contextmanager
def _as_catalog_error(path: Path) -> Generator[None, None, None]:
    """While opening, whatever the world does is a CatalogError."""
    try:
        with told(path):
            yield
    except OSError as error:
        raise CatalogError(f"The catalog {path} cannot be used: {error.strerror}.") from error
    except DiskError as error:
        raise CatalogError(str(error)) from error
