"""Connections to the catalog, its one writer, and the feed of what commits changed."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from pathlib import Path

from engine.catalog.sqlite_errors import told
from engine.errors import CatalogError
from engine.types import Aspect, CatalogChange, PhotoId

log = logging.getLogger(__name__)

_BUSY_TIMEOUT_S = 5.0
_CACHE_KB = 32 * 1024
_JOURNAL_LIMIT = 64 << 20  # bytes the -wal file may keep after a checkpoint
_MMAP = 2 << 30


def connect(path: Path, *, read_only: bool = False, mapped: bool = False) -> sqlite3.Connection:
    """A connection with our pragmas.

    Args:
        path: the database file.
        read_only: refuse every change.
        mapped: read through memory mapping: three times faster for all vectors at once. Only for
            short reads of much: a disk that is pulled meanwhile ends the process (SIGBUS).
    """
    db = sqlite3.connect(
        path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
    )
    try:
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute(f"PRAGMA cache_size = -{_CACHE_KB}")
        db.execute(f"PRAGMA journal_size_limit = {_JOURNAL_LIMIT}")
        db.execute(f"PRAGMA mmap_size = {_MMAP if mapped else 0}")
        db.execute("PRAGMA temp_store = MEMORY")
        if read_only:
            db.execute("PRAGMA query_only = ON")
    except BaseException:
        db.close()
        raise
    return db


class Store:
    """Many readers, one writer.

    Readers are taken from a pool, so no connection belongs to a thread that may end; each read
    is one snapshot. Inside `write()` the thread reads what it has written so far.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._writing = threading.RLock()
        self._pool = threading.Lock()
        self._idle: list[sqlite3.Connection] = []
        self._closed = False
        self._local = threading.local()
        self._listeners: list[Callable[[CatalogChange], None]] = []
        self._photos: set[PhotoId] = set()
        self._aspects = Aspect(0)
        self._failed: BaseException | None = None
        self._commits = 0
        with told(path):
            self._writer = connect(path)
            self._writer.execute("PRAGMA journal_mode = WAL")

    # ---- reading -----------------------------------------------------------------------------

    @contextmanager
    def read(self, *, mapped: bool = False) -> Generator[sqlite3.Connection, None, None]:
        """One consistent snapshot; joins what this thread already reads or writes.

        Raises:
            CatalogError, DiskError: instead of any sqlite3.Error inside the block.
        """
        current: sqlite3.Connection | None = getattr(self._local, "db", None)
        with told(self.path):
            if current is not None:
                yield current
                return
            db = self._take(mapped)
            self._local.db, self._local.as_of = db, self._commits
            try:
                db.execute("BEGIN")
                yield db
            finally:
                self._local.db = None
                self._give_back(db, keep=not mapped)

    @property
    def as_of(self) -> int | None:
        """A number of the snapshot that this thread reads: another one after every commit.

        None inside `write()`, where what is read may be taken back.
        """
        return None if getattr(self._local, "writes", False) else self._local.as_of

    def _take(self, mapped: bool) -> sqlite3.Connection:
        with self._pool:
            if self._closed:
                raise CatalogError(f"The catalog {self.path} is closed.")
            if self._idle and not mapped:
                return self._idle.pop()
        return connect(self.path, read_only=True, mapped=mapped)

    def _give_back(self, db: sqlite3.Connection, *, keep: bool) -> None:
        if db.in_transaction:
            db.execute("ROLLBACK")
        with self._pool:
            if keep and not self._closed:
                self._idle.append(db)
                return
        db.close()

    # ---- writing -----------------------------------------------------------------------------

    @contextmanager
    def write(self, *, durable: bool = False) -> Generator[sqlite3.Connection, None, None]:
        """One transaction; a nested one joins the outer, which commits and announces once.

        An exception anywhere inside, even one that the outer block swallows, rolls everything
        back and announces nothing.

        Args:
            durable: come back only when the commit has reached the disk, and with it all commits
                before. Counts for the outermost block. Cost: one flush, 1 to 4 ms.
        """
        with self._writing:
            if getattr(self._local, "writes", False):
                try:
                    yield self._writer
                except BaseException as error:
                    self._failed = self._failed or error
                    raise
                return
            with told(self.path):
                change = yield from self._outermost(durable)
        if change is not None:
            self._announce(change)

    def _outermost(
        self, durable: bool
    ) -> Generator[sqlite3.Connection, None, CatalogChange | None]:
        if self._closed:
            raise CatalogError(f"The catalog {self.path} is closed.")
        db = self._writer
        outer: sqlite3.Connection | None = getattr(self._local, "db", None)
        self._photos, self._aspects, self._failed = set(), Aspect(0), None
        if durable:
            db.execute("PRAGMA synchronous = FULL")
        try:
            db.execute("BEGIN IMMEDIATE")
            self._local.writes, self._local.db = True, db
            yield db
            self._refuse_failed()
            db.execute("COMMIT")
            self._commits += 1
        except BaseException:
            if db.in_transaction:  # a full disk makes SQLite roll back by itself
                db.execute("ROLLBACK")
            raise
        finally:
            self._local.writes, self._local.db = False, outer
            if durable:
                db.execute("PRAGMA synchronous = NORMAL")
        if not self._aspects:
            return None
        return CatalogChange(frozenset(self._photos), self._aspects)

    def _refuse_failed(self) -> None:
        if self._failed is not None:
            raise CatalogError(
                "A step of a change failed, so nothing of it was stored."
            ) from self._failed

    def changed(self, photos: Iterable[PhotoId], aspects: Aspect) -> None:
        """Note what this transaction changes; announced once it is committed."""
        self._photos.update(photos)
        self._aspects |= aspects

    def subscribe(self, listener: Callable[[CatalogChange], None]) -> Callable[[], None]:
        """Call `listener` after each commit, on the committing thread. Returns: unsubscribe."""
        self._listeners.append(listener)

        def unsubscribe() -> None:
            if listener in self._listeners:
                self._listeners.remove(listener)

        return unsubscribe

    def _announce(self, change: CatalogChange) -> None:
        for listener in tuple(self._listeners):
            try:
                listener(change)
            except Exception:
                log.exception("a listener to the catalog failed")

    # ---- end ---------------------------------------------------------------------------------

    def close(self) -> None:
        """Close every connection; one that is being read from closes when its read ends."""
        with self._writing, told(self.path):
            with self._pool:
                self._closed = True
                idle, self._idle = self._idle, []
            for db in idle:
                db.close()
            self._writer.close()
