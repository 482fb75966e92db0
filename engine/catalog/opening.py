"""Brings the catalog's file into a usable state: created, sound, restored, of today's schema."""

from __future__ import annotations

import logging
import sqlite3
from contextlib import closing
from pathlib import Path

from engine.catalog.backup import Backups, check_sound, fresh_file, install, set_aside
from engine.catalog.migrations import MIGRATIONS, migrate, version_of
from engine.catalog.sqlite_errors import DAMAGED, primary_code
from engine.catalog.store import connect

log = logging.getLogger(__name__)

_VERSIONS = slice(18, 20)  # of the file format, in SQLite's header


def prepare(path: Path, backups: Backups) -> list[str]:
    """Make `path` a sound catalog of today's schema.

    Returns:
        Sentences for the user where something had to be repaired.

    Raises:
        CatalogTooNew: nothing was changed.
        sqlite3.Error, OSError: it can be neither opened nor replaced.

    Cost: one read of the file; .3 s for 100,000 photos with vectors.
    """
    notes: list[str] = []
    reason = _what_is_wrong(path, backups)
    if reason:
        notes.append(_replace(path, backups, reason))
    elif not path.exists():
        set_aside(path)  # a journal without its file would be replayed into the new one
        _create(path)
    with closing(connect(path)) as db:
        if version_of(db) < len(MIGRATIONS):
            backups.make_whole()
        migrate(db)
    return notes


def _what_is_wrong(path: Path, backups: Backups) -> str:
    """Why the file cannot be used, or nothing."""
    try:
        size = path.stat().st_size
    except FileNotFoundError:
        return "was missing" if backups.all() else ""
    if size == 0:  # to SQLite a valid empty database; we never leave one
        return "was empty"
    with path.open("rb") as file:
        versions = file.read(_VERSIONS.stop)[_VERSIONS]
    if any(version not in (1, 2) for version in versions):
        return "was damaged"  # SQLite would take it for a file it may only read
    try:
        check_sound(path)
        with closing(connect(path)) as db:
            (schema,) = db.execute("SELECT value FROM meta WHERE key = 'schema'").fetchone()
            if schema != version_of(db):
                return "was damaged"
    except sqlite3.DatabaseError as error:
        code = primary_code(error)
        if code in DAMAGED or code in (0, sqlite3.SQLITE_ERROR):  # 0: a finding of the check
            log.warning("the catalog is damaged: %s", error)
            return "was damaged"
        raise
    except TypeError:  # no such row: a database, but not ours
        return "was damaged"
    return ""


def _replace(path: Path, backups: Backups, reason: str) -> str:
    """Put the newest good backup, or an empty catalog, in the place of a damaged file."""
    kept = set_aside(path)
    kept_where = f" The damaged file is kept as {kept.name}." if kept else ""
    for backup in backups.all():
        try:
            check_sound(backup)
            install(backup, path)
        except (sqlite3.Error, OSError) as error:
            log.warning("the backup %s is no good: %s", backup, error)
            continue
        made = backup.name.split("-")[2].partition("T")[0]
        day = f"{made[:4]}-{made[4:6]}-{made[6:]}"
        return (
            f"The catalog {reason}; the backup of {day} was restored and the photos"
            f" will be indexed again where needed.{kept_where}"
        )
    _create(path)
    return (
        f"The catalog {reason} and there was no backup; a new one was started and the photos"
        f" will be indexed again.{kept_where}"
    )


def _create(path: Path) -> None:
    """A new catalog appears whole under its name, or not at all."""
    unfinished = fresh_file(path)
    with closing(connect(unfinished)) as db:
        migrate(db)
    unfinished.replace(path)
