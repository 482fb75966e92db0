"""Transactions, snapshots and announcements."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from pathlib import Path

import pytest
from catalog_makers import SPACE, seen, vectors

from engine.catalog import Catalog
from engine.catalog.sqlite_errors import as_engine_error
from engine.catalog.store import Store
from engine.errors import CatalogDamaged, CatalogError, CatalogLocked, DiskError
from engine.types import Aspect, CatalogChange, PhotoId, Root


class Refused(Exception):
    """Stands for anything that goes wrong inside a transaction."""


def test_a_nested_write_joins_the_outer_and_is_announced_once(
    catalog: Catalog, root: Root, changes: list[CatalogChange]
):
    space = catalog.embeddings.space_id(SPACE)
    with catalog.write():
        ids = catalog.photos.add(root.id, [seen("a.jpg")])
        with catalog.write():
            ids += catalog.photos.add(root.id, [seen("b.jpg")])
            catalog.embeddings.put(space, ids, vectors(2))
        assert changes == []
        assert len(catalog.photos.ids()) == 2  # the writer sees what it has written
    assert changes == [CatalogChange(frozenset(ids), Aspect.EXISTENCE | Aspect.EMBEDDING)]


def test_an_exception_rolls_back_and_announces_nothing(
    catalog: Catalog, root: Root, changes: list[CatalogChange]
):
    def fails() -> None:
        with catalog.write():
            catalog.photos.add(root.id, [seen("a.jpg")])
            raise Refused

    with pytest.raises(Refused):
        fails()
    assert catalog.photos.ids() == []
    assert changes == []
    catalog.photos.add(root.id, [seen("b.jpg")])  # nothing of it is left behind
    assert len(changes) == 1


def test_an_inner_failure_that_is_swallowed_still_rolls_back(
    catalog: Catalog, root: Root, changes: list[CatalogChange]
):
    def swallows() -> None:
        with catalog.write():
            catalog.photos.add(root.id, [seen("a.jpg")])
            with contextlib.suppress(Refused), catalog.write():
                raise Refused

    with pytest.raises(CatalogError, match="nothing of it was stored") as told:
        swallows()
    assert isinstance(told.value.__cause__, Refused)
    assert catalog.photos.ids() == []
    assert changes == []


def test_a_write_that_changes_nothing_announces_nothing(
    catalog: Catalog, root: Root, changes: list[CatalogChange]
):
    with catalog.write():
        pass
    catalog.photos.mark_missing([PhotoId(99)])
    catalog.photos.relocate([])
    catalog.photos.mark_changed([])
    catalog.photos.mark_returned([])
    catalog.photos.add(root.id, [])
    assert catalog.problems.retry() == 0
    assert changes == []


def test_readers_see_one_snapshot_and_never_wait(catalog: Catalog, root: Root):
    catalog.photos.add(root.id, [seen("a.jpg")])
    counted: list[int] = []
    with catalog.write():
        catalog.photos.add(root.id, [seen("b.jpg")])
        reader = threading.Thread(target=lambda: counted.append(len(catalog.photos.ids())))
        reader.start()
        reader.join(timeout=10)
    assert counted == [1]
    assert len(catalog.photos.ids()) == 2


def test_nested_reads_share_the_snapshot(tmp_path: Path):
    store = Store(tmp_path / "s.db")
    with store.write() as db:
        db.execute("CREATE TABLE t(x)")
    with store.read() as outer:
        assert outer.execute("SELECT count(*) FROM t").fetchone() == (0,)

        def insert() -> None:
            with store.write() as db:
                db.execute("INSERT INTO t VALUES (1)")

        writer = threading.Thread(target=insert)
        writer.start()
        writer.join(timeout=10)
        with store.read() as inner:
            assert inner is outer
            assert inner.execute("SELECT count(*) FROM t").fetchone() == (0,)
    with store.read() as db:
        assert db.execute("SELECT count(*) FROM t").fetchone() == (1,)
    store.close()


def test_readers_cannot_write(tmp_path: Path):
    store = Store(tmp_path / "s.db")
    with pytest.raises(DiskError), store.read() as db:
        db.execute("CREATE TABLE t(x)")
    store.close()


def test_writers_wait_for_each_other(catalog: Catalog, root: Root):
    def add(name: str) -> None:
        for n in range(20):
            catalog.photos.add(root.id, [seen(f"{name}{n}.jpg")])

    threads = [threading.Thread(target=add, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(catalog.photos.ids()) == 80


@pytest.mark.expects_warnings
def test_a_listener_that_fails_hinders_no_other(catalog: Catalog, root: Root):
    heard: list[CatalogChange] = []

    def fails(_: CatalogChange) -> None:
        raise Refused

    catalog.subscribe(fails)
    catalog.subscribe(heard.append)
    catalog.photos.add(root.id, [seen("a.jpg")])
    assert len(heard) == 1


def test_a_listener_may_read_write_and_leave(catalog: Catalog, root: Root):
    heard: list[int] = []

    def listen(change: CatalogChange) -> None:
        heard.append(len(catalog.photos.ids()))
        leave()
        leave()  # twice is no matter
        catalog.photos.mark_missing(sorted(change.photos))

    leave = catalog.subscribe(listen)
    catalog.photos.add(root.id, [seen("a.jpg")])
    assert heard == [1]
    assert catalog.photos.ids() == []


def test_a_closed_catalog_says_so(catalog: Catalog, root: Root):
    catalog.close()
    catalog.close()
    with pytest.raises(CatalogError, match="is closed"):
        catalog.photos.ids()
    with pytest.raises(CatalogError, match="is closed"):
        catalog.photos.add(root.id, [seen("a.jpg")])


def test_closing_does_not_disturb_a_read(tmp_path: Path):
    store = Store(tmp_path / "s.db")
    with store.read() as db:
        store.close()
        assert db.execute("SELECT 1").fetchone() == (1,)
    with pytest.raises(sqlite3.ProgrammingError):
        db.execute("SELECT 1")


def test_connections_of_finished_threads_are_used_again_and_closed(tmp_path: Path):
    store = Store(tmp_path / "s.db")
    used: set[sqlite3.Connection] = set()

    def look() -> None:
        with store.read() as db:
            used.add(db)

    for _ in range(5):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join(timeout=10)
    store.close()
    assert len(used) == 1
    with pytest.raises(sqlite3.ProgrammingError):
        used.pop().execute("SELECT 1")


@pytest.mark.parametrize(
    ("code", "kind", "words"),
    [
        (sqlite3.SQLITE_FULL, DiskError, "the disk is full"),
        (sqlite3.SQLITE_READONLY | (3 << 8), DiskError, "may only be read"),
        (sqlite3.SQLITE_IOERR, DiskError, "the disk reported an error"),
        (sqlite3.SQLITE_CORRUPT, CatalogDamaged, "damaged"),
        (sqlite3.SQLITE_NOTADB, CatalogDamaged, "damaged"),
        (sqlite3.SQLITE_BUSY, CatalogLocked, "Another program"),
        (sqlite3.SQLITE_MISUSE, CatalogError, "could not be used: oops"),
    ],
)
def test_sqlite_errors_become_sentences(code: int, kind: type[Exception], words: str):
    error = sqlite3.OperationalError("oops")
    error.sqlite_errorcode = code
    told = as_engine_error(error, Path("/library/catalog.db"))
    assert type(told) is kind
    assert words in str(told)
    assert str(told).endswith(".")


def test_no_sqlite_error_leaves_the_room(catalog: Catalog):
    with pytest.raises(CatalogError, match="FOREIGN KEY"):
        catalog.photos.add(Root(id=99, path=Path("/"), online=True).id, [seen("a.jpg")])  # pyright: ignore[reportArgumentType]
    assert catalog.check() == []


def test_another_program_that_writes_is_named(
    catalog: Catalog, root: Root, catalog_path: Path, monkeypatch: pytest.MonkeyPatch
):
    other = sqlite3.connect(catalog_path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    catalog._store._writer.execute("PRAGMA busy_timeout = 1")  # pyright: ignore[reportPrivateUsage]
    with pytest.raises(CatalogLocked, match="Another program holds"):
        catalog.photos.add(root.id, [seen("a.jpg")])
    other.close()
    assert len(catalog.photos.add(root.id, [seen("a.jpg")])) == 1
