"""Opening what the world left behind: damaged, empty, missing, locked, unwritable."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from catalog_makers import damaged_files, fill

from engine.catalog import Catalog
from engine.catalog.backup import Backups
from engine.errors import CatalogError, CatalogLocked, DiskError

CHECKOUT = Path(__file__).resolve().parents[3]


# ---- lock and permissions ------------------------------------------------------------------------


def test_a_catalog_is_opened_once(catalog: Catalog, catalog_path: Path):
    with pytest.raises(CatalogLocked, match="Another Photosift"):
        Catalog.open(catalog_path)
    catalog.close()
    Catalog.open(catalog_path).close()


HOLD = """
import sys
from pathlib import Path
from engine.catalog import Catalog
catalog = Catalog.open(Path(sys.argv[1]))
print("open", flush=True)
sys.stdin.read()
"""


def test_another_process_holds_it_until_it_is_killed(catalog_path: Path):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(catalog_path)],
        cwd=CHECKOUT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(CatalogLocked):
            Catalog.open(catalog_path)
        holder.kill()
    catalog = Catalog.open(catalog_path)
    assert catalog.notes == []
    catalog.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_only_the_owner_may_read(filled: Path):
    catalog = Catalog.open(filled)
    catalog.photos.ids()
    assert stat.S_IMODE(filled.parent.stat().st_mode) == 0o700
    modes = {
        path.name: stat.S_IMODE(path.stat().st_mode)
        for path in filled.parent.rglob("*")
        if path.is_file()
    }
    catalog.close()
    assert {"catalog.db", "catalog.lock", "catalog.db-wal"} <= set(modes)
    assert set(modes.values()) == {0o600}


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CatalogError, match="cannot be written to"):
        Catalog.open(tmp_path / "file" / "catalog.db")


def test_a_folder_in_the_place_of_the_file_is_told(catalog_path: Path):
    catalog_path.mkdir(parents=True)
    with pytest.raises(CatalogError, match="cannot be used"):
        Catalog.open(catalog_path)
    assert catalog_path.is_dir()


def test_errors_of_the_disk_while_opening_are_catalog_errors(
    filled: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(_: object) -> None:
        error = sqlite3.OperationalError("full")
        error.sqlite_errorcode = sqlite3.SQLITE_FULL
        raise error

    monkeypatch.setattr("engine.catalog.opening.migrate", full)
    with pytest.raises(CatalogError, match="the disk is full"):
        Catalog.open(filled)
    monkeypatch.undo()
    Catalog.open(filled).close()


@pytest.mark.parametrize("code", [sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY])
def test_what_is_not_damage_is_not_repaired(
    filled: Path, monkeypatch: pytest.MonkeyPatch, code: int
):
    def fails(_: Path) -> None:
        error = sqlite3.OperationalError("oops")
        error.sqlite_errorcode = code
        raise error

    monkeypatch.setattr("engine.catalog.opening.check_sound", fails)
    with pytest.raises(CatalogError):
        Catalog.open(filled)
    assert damaged_files(filled) == []


@pytest.mark.skipif(sys.platform != "linux", reason="needs names that are no text")
def test_a_library_may_lie_in_a_folder_whose_name_is_no_text(tmp_path: Path):
    path = tmp_path / os.fsdecode(b"\xff\xe4 \xf0") / "catalog.db"
    fill(path, 3)
    assert len(Backups(path).all()) == 1
    shutil.copy(Backups(path).all()[0], tmp_path / "b.db")
    path.unlink()
    catalog = Catalog.open(path)
    assert len(catalog.photos.ids()) == 3
    catalog.close()


def always(_: Backups) -> bool:
    return True


def test_a_full_disk_at_the_daily_backup_is_only_noted(
    filled: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(_: Backups) -> Path:
        raise DiskError("The catalog could not be backed up: the disk is full.")

    monkeypatch.setattr(Backups, "make", full)
    monkeypatch.setattr(Backups, "due", always)
    catalog = Catalog.open(filled)
    assert catalog.notes == ["The catalog could not be backed up: the disk is full."]
    with pytest.raises(DiskError):
        catalog.backup_if_due()
    monkeypatch.undo()
    catalog.close()


@pytest.mark.expects_warnings
def test_closing_without_room_for_a_backup_still_closes(
    filled: Path, monkeypatch: pytest.MonkeyPatch
):
    catalog = Catalog.open(filled)

    def full(_: Backups) -> Path:
        raise DiskError("The disk is full.")

    monkeypatch.setattr(Backups, "make", full)
    monkeypatch.setattr(Backups, "due", always)
    catalog.close()
    monkeypatch.undo()
    Catalog.open(filled).close()
