"""One process per catalog: a lock that the system releases however the process ends."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from engine.errors import CatalogLocked


class FileLock:
    """Held from construction to `release()`, or to the end of the process, kill -9 included.

    Raises:
        CatalogLocked: another process holds it, or this one does through another object.
        OSError: the file cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(self._handle)
        except OSError as error:
            os.close(self._handle)
            raise CatalogLocked(
                f"Another Photosift has the library {path.parent} open; close it first."
            ) from error

    def release(self) -> None:
        os.close(self._handle)


if sys.platform == "win32":  # pragma: no cover - the other half is

    def _lock(handle: int) -> None:
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:

    def _lock(handle: int) -> None:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
