"""Open a photo's file: once, read-only, and only if it is a plain file that stands still."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import stat
from pathlib import Path
from time import time_ns
from typing import BinaryIO, NamedTuple

from engine.errors import PhotoUnreadable
from engine.files.disk import reason

_IN_MEMORY = 256 << 20  # larger files are hashed in pieces and decoded from the disk
_PIECE = 4 << 20
_WINDOWS_IN_CLOUD = 0x00400000 | 0x00001000  # RECALL_ON_DATA_ACCESS, OFFLINE
_MAC_IN_CLOUD = 0x40000000  # SF_DATALESS


def modified_ns(info: os.stat_result) -> int:
    """When a file was changed; a false time outside of 1677..2262 is its nearest end."""
    return max(-(1 << 63), min(info.st_mtime_ns, (1 << 63) - 1))


class Seen(NamedTuple):
    """The file at the moment it was read."""

    size: int
    mtime_ns: int
    dev: int
    ino: int
    read_ns: int  # time.time_ns() just before


class Opened(NamedTuple):
    """A photo's bytes, seekable, with the hash and the stat of exactly these bytes."""

    source: BinaryIO
    content_hash: bytes
    seen: Seen


def open_photo(
    path: Path, *, background: bool, in_memory: int = _IN_MEMORY, from_disk: bool = False
) -> Opened:
    """Read a file once, hash it, and make sure that it is a plain file which stands still.

    `from_disk` asks for what the disk holds, not for what memory still does.

    Raises:
        PhotoUnreadable: no such file, no regular file, no permission, still being written.
    """
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        _check_plain(path, path.stat(), background)  # opening a device may already do something
        file = os.fdopen(os.open(path, flags), "rb")
    except FileNotFoundError as error:
        raise PhotoUnreadable(path, "cannot be opened: there is no such file") from error
    except OSError as error:
        raise PhotoUnreadable(path, f"cannot be opened: {reason(error)}") from error
    with contextlib.ExitStack() as on_failure:
        on_failure.enter_context(file)
        if from_disk:
            forget_pages(file)
        for _ in range(2):
            read_ns = time_ns()
            before = os.fstat(file.fileno())
            _check_plain(path, before, background)
            file.seek(0)
            if before.st_size <= in_memory:
                data = file.read()
                digest = hashlib.blake2b(data, digest_size=32).digest()
                source: BinaryIO = io.BytesIO(data)
            else:
                digest = _hash_in_pieces(file)
                source = file
            after = os.fstat(file.fileno())
            if (before.st_size, before.st_mtime_ns) == (after.st_size, after.st_mtime_ns):
                if source is file:
                    on_failure.pop_all()
                seen = Seen(after.st_size, modified_ns(after), after.st_dev, after.st_ino, read_ns)
                return Opened(source, digest, seen)
        raise PhotoUnreadable(path, "is still being written")


def _check_plain(path: Path, info: os.stat_result, background: bool) -> None:
    if not stat.S_ISREG(info.st_mode):
        raise PhotoUnreadable(path, "is not a file")
    in_cloud = (
        getattr(info, "st_file_attributes", 0) & _WINDOWS_IN_CLOUD
        or getattr(info, "st_flags", 0) & _MAC_IN_CLOUD
    )
    if in_cloud and background:
        raise PhotoUnreadable(path, "is only in the cloud; open it once to download it")


def forget_pages(file: BinaryIO) -> None:
    """Have the system read an open file anew; one that cannot be told so does not."""
    if hasattr(os, "posix_fadvise"):
        with contextlib.suppress(OSError):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _hash_in_pieces(file: BinaryIO) -> bytes:
    digest = hashlib.blake2b(digest_size=32)
    while piece := file.read(_PIECE):
        digest.update(piece)
    return digest.digest()
