"""A folder of computed bytes with a limit: what was not used for longest goes first."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from pathlib import Path

from engine.files.disk import TEMPORARY_PREFIX, make_folder, mark_used, remove_file, replace_file

_ROOM = 0.9  # of the limit is left when something had to go


class KeptBytes:
    """Any of it may be deleted at any time, even all of it. Thread-safe.

    What is kept is not checked: a power cut may leave a file short, so values must be able to
    tell that they are whole.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        """Nothing is read yet.

        Args:
            folder: made when the first value comes; nobody else writes there.
            limit: bytes in all.
        """
        self.folder = folder
        self.limit = limit
        self._lock = threading.Lock()
        self._sizes: dict[str, int] | None = None  # by name, the least recently used first
        self._total = 0

    def get(self, key: bytes) -> bytes | None:
        """The value, or None; it counts as used now."""
        name = _name(key)
        path = self._path(name)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        mark_used(path)
        with self._lock:
            if self._sizes is not None and name in self._sizes:
                self._sizes[name] = self._sizes.pop(name)
        return data

    def has(self, key: bytes) -> bool:
        """Whether there is a value, or a part of one."""
        return self._path(_name(key)).is_file()

    def put(self, key: bytes, data: bytes) -> None:
        """Keep a value, and let others go where there are too many.

        Raises:
            DiskError: the disk is full or read-only.
        """
        name = _name(key)
        path = self._path(name)
        if len(data) > self.limit:
            return
        if not path.parent.is_dir():
            make_folder(path.parent)
        replace_file(path, data, durable=False)
        with self._lock:
            sizes = self._known()
            self._total += len(data) - sizes.pop(name, 0)
            sizes[name] = len(data)
            leaving: list[str] = []
            if self._total > self.limit:
                for other, size in [*sizes.items()]:
                    if self._total <= _ROOM * self.limit or other == name:
                        break
                    leaving.append(other)
                    self._total -= size
                    del sizes[other]
        for other in leaving:
            remove_file(self._path(other))

    def _known(self) -> dict[str, int]:
        """What lies in the folder; read once, 1 ms for 1,000 values."""
        if self._sizes is None:
            found: list[tuple[int, str, int]] = []
            for path in self.folder.glob("*/*"):
                with contextlib.suppress(OSError):
                    stat = path.stat()
                    if path.name.startswith(TEMPORARY_PREFIX):
                        remove_file(path)  # of a write that was cut short
                    else:
                        found.append((stat.st_mtime_ns, path.name, stat.st_size))
            self._sizes = {name: size for _, name, size in sorted(found)}
            self._total = sum(self._sizes.values())
        return self._sizes

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / name


def _name(key: bytes) -> str:
    return hashlib.blake2b(key, digest_size=20).hexdigest()
