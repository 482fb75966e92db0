"""Daily backups: when, what is in them, how many are kept."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from catalog_makers import SPACE, read, seen, vectors

from engine.catalog import Catalog
from engine.catalog.backup import EVERY_S, KEPT, Backups
from engine.errors import DiskError
from engine.types import PhotoMetadata, Root


@pytest.fixture
def backups(catalog: Catalog, root: Root, catalog_path: Path) -> Backups:
    files = [seen("a.jpg"), seen("b.jpg")]
    ids = catalog.photos.add(root.id, files)
    read(catalog, ids[0], files[0], metadata=PhotoMetadata(title="Sea"))
    catalog.embeddings.put(catalog.embeddings.space_id(SPACE), ids, vectors(2))
    return Backups(catalog_path)


def test_an_empty_catalog_is_not_backed_up(catalog: Catalog, catalog_path: Path):
    catalog.backup_if_due()
    catalog.close()
    assert Backups(catalog_path).all() == []


def test_a_backup_is_made_once_a_day(
    catalog: Catalog, backups: Backups, monkeypatch: pytest.MonkeyPatch
):
    assert backups.due()
    catalog.backup_if_due()
    catalog.backup_if_due()
    assert len(backups.all()) == 1
    assert not backups.due()
    import time

    now = time.time()
    for away_s, due in ((EVERY_S - 60, False), (EVERY_S + 60, True), (-EVERY_S - 60, True)):
        monkeypatch.setattr("engine.catalog.backup.time.time", lambda away=away_s: now + away)
        assert backups.due() is due  # a clock that was set back counts, too


def test_a_backup_holds_all_but_the_vectors(catalog: Catalog, backups: Backups, root: Root):
    path = backups.make()
    assert path == backups.all()[0]
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM photo").fetchone() == (2,)
        assert db.execute("SELECT facts FROM metadata").fetchone() == ('{"title":"Sea"}',)
        assert db.execute("SELECT count(*) FROM embedding").fetchone() == (0,)
        assert db.execute("SELECT model_id FROM embedding_space").fetchone() == ("model",)
        assert db.execute("PRAGMA quick_check").fetchone() == ("ok",)
        assert db.execute("PRAGMA journal_mode").fetchone() != ("wal",)
        assert db.execute("SELECT seq FROM sqlite_sequence WHERE name = 'photo'").fetchone() == (2,)
    with closing(sqlite3.connect(catalog.path)) as db, closing(sqlite3.connect(path)) as copy:
        schema = "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name"
        assert copy.execute(schema).fetchall() == db.execute(schema).fetchall()
        for pragma in ("user_version", "application_id"):
            query = f"PRAGMA {pragma}"
            assert copy.execute(query).fetchone() == db.execute(query).fetchone()


def test_a_backup_sees_only_what_is_committed(catalog: Catalog, backups: Backups, root: Root):
    with catalog.write():
        catalog.photos.add(root.id, [seen("c.jpg")])
        path = backups.make()
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT count(*) FROM photo").fetchone() == (2,)


def test_ten_are_kept_in_the_order_they_were_made(
    backups: Backups, monkeypatch: pytest.MonkeyPatch
):
    made = [backups.make() for _ in range(KEPT + 3)]
    assert backups.all() == made[:2:-1]
    assert {path.name for path in backups.folder.iterdir()} == {p.name for p in backups.all()}


def test_foreign_files_in_the_folder_are_left_alone(backups: Backups):
    backups.make()
    foreign = backups.folder / "notes.txt"
    foreign.write_text("mine")
    backups.make()
    assert foreign.exists()
    assert len(backups.all()) == 2


def test_a_backup_that_fails_leaves_nothing_behind(
    backups: Backups, monkeypatch: pytest.MonkeyPatch
):
    backups.make()
    before = sorted(backups.folder.iterdir())

    def unsound(_: Path) -> None:
        raise sqlite3.DatabaseError("row 1 missing")

    monkeypatch.setattr("engine.catalog.backup.check_sound", unsound)
    with pytest.raises(DiskError, match="backed up"):
        backups.make()
    assert sorted(backups.folder.iterdir()) == before


def test_a_folder_that_cannot_be_written_is_told(backups: Backups):
    backups.folder.write_text("in the way")
    with pytest.raises(DiskError, match="could not be backed up"):
        backups.make()
    backups.folder.unlink()
