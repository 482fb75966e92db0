"""A damaged catalog: set aside, the backup restored, and the user told."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from catalog_makers import SPACE, damaged_files, seen, vectors

from engine.catalog import Catalog
from engine.catalog.backup import Backups
from engine.errors import CatalogDamaged
from engine.types import Scope

damages = pytest.mark.expects_warnings


def empty(path: Path) -> None:
    path.write_bytes(b"")


def not_a_database(path: Path) -> None:
    path.write_bytes(b"<html>" * 5_000)


def another_database(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE meta(key, value)")


def no_tables(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 1")


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size * 2 // 3)


def zeroed_page(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(8 * 4096)
        file.write(bytes(4096))


def deleted(path: Path) -> None:
    path.unlink()


def version_flipped(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(60)
        file.write(b"\x40")


def read_only_flag(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(18)
        file.write(b"\x07")


ALL_DAMAGES = [
    empty, not_a_database, another_database, no_tables, cut, zeroed_page, deleted,
    version_flipped, read_only_flag,
]  # fmt: skip


@damages
@pytest.mark.parametrize("damage", ALL_DAMAGES)
def test_a_damaged_catalog_is_set_aside_and_the_backup_restored(
    filled: Path, damage: Callable[[Path], None]
):
    damage(filled)
    broken = filled.read_bytes() if filled.exists() else None
    catalog = Catalog.open(filled)
    (note,) = catalog.notes
    assert "backup of 20" in note
    assert "restored" in note
    assert len(catalog.photos.ids()) == 300
    assert catalog.roots.all()[0].path == filled.parent / "photos"
    assert catalog.check() == []
    if broken is None:
        assert damaged_files(filled) == []
    else:
        (kept,) = damaged_files(filled)
        assert kept.read_bytes() == broken
        assert kept.name in note
    catalog.close()
    again = Catalog.open(filled)
    assert again.notes == []
    again.close()


@damages
@pytest.mark.parametrize("damage", [d for d in ALL_DAMAGES if d is not deleted])
def test_without_a_backup_a_new_catalog_is_started(filled: Path, damage: Callable[[Path], None]):
    shutil.rmtree(filled.parent / "backups")
    damage(filled)
    catalog = Catalog.open(filled)
    (note,) = catalog.notes
    assert "there was no backup" in note
    assert len(damaged_files(filled)) == 1
    assert catalog.roots.all() == []
    catalog.roots.add(Path("/photos"))
    catalog.close()


@damages
def test_a_bad_backup_is_passed_over(filled: Path):
    backups = Backups(filled)
    backups.make()
    newest, older = backups.all()
    zeroed_page(newest)
    empty(filled)
    catalog = Catalog.open(filled)
    assert len(catalog.photos.ids()) == 300
    catalog.close()
    for path in (newest, older):
        not_a_database(path)
    empty(filled)
    catalog = Catalog.open(filled)
    assert "no backup" in catalog.notes[0]
    catalog.close()
    assert len(damaged_files(filled)) == 2


def test_journals_are_set_aside_with_their_file(filled: Path):
    """SQLite would replay a left-over -wal into the restored file."""
    wal = filled.with_name("catalog.db-wal")
    wal.write_bytes(b"left over")
    empty(filled)
    catalog = Catalog.open(filled)
    assert len(catalog.photos.ids()) == 300
    catalog.close()
    kept = {path.name.rpartition("Z")[2] for path in damaged_files(filled)}
    assert kept == {"", "-wal"}


def test_a_new_catalog_takes_no_left_over_journal(catalog_path: Path):
    catalog_path.parent.mkdir()
    wal = catalog_path.with_name("catalog.db-wal")
    wal.write_bytes(b"left over")
    (catalog_path.parent / "catalog.db.new-journal").write_bytes(b"left over")
    catalog = Catalog.open(catalog_path)
    assert catalog.notes == []
    assert catalog.photos.ids(Scope()) == []
    catalog.close()
    assert not wal.exists()


@damages
def test_vectors_are_not_in_the_backup_and_are_computed_again(filled: Path):
    catalog = Catalog.open(filled)
    space = catalog.embeddings.space_id(SPACE)
    before = catalog.embeddings.generation(space)
    assert catalog.embeddings.count(space) == 300
    catalog.close()
    not_a_database(filled)
    catalog = Catalog.open(filled)
    assert catalog.embeddings.space_id(SPACE) == space
    assert catalog.embeddings.count(space) == 0
    assert len(catalog.photos.to_embed(space)) == 300
    assert catalog.photos.to_read() == []
    ids = catalog.photos.ids()
    generations = {before}
    for n in range(20):  # however many commits follow, no stamp of before comes back
        catalog.embeddings.put(space, ids[n : n + 1], vectors(1))
        generations.add(catalog.embeddings.generation(space))
    assert len(generations) == 21
    catalog.close()


@damages
def test_ids_stay_unique_after_a_restore(filled: Path):
    not_a_database(filled)
    catalog = Catalog.open(filled)
    highest = max(catalog.photos.ids())
    (new,) = catalog.photos.add(catalog.roots.all()[0].id, [seen("new.jpg")])
    assert new > highest
    catalog.close()


@damages
def test_fifty_random_damages_are_survived(filled: Path):
    """Flip, zero or cut anywhere: it opens and tells, or the damage was in a value."""
    sound = filled.read_bytes()
    chance = random.Random(1)
    for _ in range(50):
        data = bytearray(sound)
        match chance.randrange(3):
            case 0:
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            case 1:
                start = chance.randrange(len(data))
                end = min(len(data), start + chance.choice((16, 512, 4096)))
                data[start:end] = bytes(end - start)
            case _:
                del data[chance.randrange(len(data)) :]
        filled.write_bytes(data)
        for path in damaged_files(filled):
            path.unlink()
        catalog = Catalog.open(filled)
        try:
            count = len(catalog.photos.ids())
            catalog.photos.counts(catalog.embeddings.space_id(SPACE))
            catalog.embeddings.load_all(catalog.embeddings.space_id(SPACE))
        except CatalogDamaged:
            count = 300  # found only now: said so, and the next opening repairs it
        assert bool(catalog.notes) is bool(damaged_files(filled))
        assert not catalog.notes or count == 300
        catalog.close()


@damages
def test_flipped_bits_in_the_header_are_survived(filled: Path):
    sound = filled.read_bytes()
    chance = random.Random(1)
    for bit in [8 * byte + chance.randrange(8) for byte in range(100)]:
        data = bytearray(sound)
        data[bit // 8] ^= 1 << bit % 8
        filled.write_bytes(data)
        catalog = Catalog.open(filled)
        assert len(catalog.photos.ids()) == 300, bit
        catalog.roots.set_online(catalog.roots.all()[0].id, False, str(bit))
        catalog.close()
        for path in damaged_files(filled):
            path.unlink()


def test_damage_while_it_is_open_is_told(filled: Path):
    catalog = Catalog.open(filled)
    with filled.open("r+b") as file:
        file.write(bytes(4096) + b"\x07" * 8 * 4096)
    (found,) = catalog.check()
    assert "damaged" in found


@damages
def test_the_check_tells_what_it_finds(filled: Path):
    with closing(sqlite3.connect(filled)) as db:
        (page,) = db.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'photo_name'"
        ).fetchone()
    catalog = Catalog.open(filled)
    with filled.open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(bytes(4096))
    assert "damaged" in catalog.check()[0]
    catalog.close()
    catalog = Catalog.open(filled)
    assert "restored" in catalog.notes[0]
    catalog.close()
