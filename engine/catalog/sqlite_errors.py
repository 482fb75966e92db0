"""Turns SQLite's errors into ours, each one sentence for the user."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.errors import CatalogDamaged, CatalogError, CatalogLocked, DiskError, EngineError

DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_LOCKED = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_DISK = {
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "it may only be read",
    sqlite3.SQLITE_IOERR: "the disk reported an error",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_PERM: "permission was denied",
}
_SHARED_BYTES = 2**16  # of `catalog.db-shm`, with room to spare


def primary_code(error: sqlite3.Error) -> int:
    """SQLite's result code without its extended part; 0 where the error came from Python."""
    code: object = getattr(error, "sqlite_errorcode", 0)
    return code & 0xFF if isinstance(code, int) else 0


def reason(error: sqlite3.Error) -> str:
    """Why, in words that fit into a sentence."""
    return _DISK.get(primary_code(error), str(error))


def as_engine_error(error: sqlite3.Error, path: Path) -> EngineError:
    """The sentence to tell the user instead of `error`."""
    code = primary_code(error)
    if code in _DISK:
        why = _DISK[sqlite3.SQLITE_FULL if _is_full(error, path) else code]
        return DiskError(f"The catalog {path} cannot be used: {why}. Nothing was lost.")
    if code in DAMAGED:
        return CatalogDamaged(
            f"The catalog {path} is damaged; start Photosift again to restore a backup."
        )
    if code in _LOCKED:
        return CatalogLocked(f"Another program holds the catalog {path}; close it and try again.")
    return CatalogError(f"The catalog {path} could not be used: {error}.")


def _is_full(error: sqlite3.Error, path: Path) -> bool:
    """What SQLite calls an error of the disk may be a lack of room for its shared memory."""
    with suppress(OSError):
        return (
            primary_code(error) == sqlite3.SQLITE_IOERR
            and shutil.disk_usage(path.parent).free < _SHARED_BYTES
        )
    return False


@contextmanager
def told(path: Path) -> Generator[None, None, None]:
    """No sqlite3.Error leaves this block."""
    try:
        yield
    except sqlite3.Error as error:
        raise as_engine_error(error, path) from error
