"""The only module that writes files outside of SQLite: whole files, atomically."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import tempfile
from pathlib import Path
from typing import TypeAlias

from engine.errors import DiskError

Bytes: TypeAlias = bytes | bytearray | memoryview

TEMPORARY_PREFIX = ".photosift-"
"""Files with this prefix are unfinished writes; after a crash they may be deleted."""

_REASONS = {
    errno.ENOSPC: "there is no space left on the disk",
    errno.EDQUOT: "your disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "permission was denied",
    errno.EPERM: "permission was denied",
    errno.EIO: "the disk reported an input/output error",
    errno.ENOENT: "its folder is not there",
    errno.ENAMETOOLONG: "its name is too long",
}


def replace_file(path: Path, data: Bytes, *, durable: bool = True) -> None:
    """Give `path` new content: after a crash it holds the old bytes or the new, never a mix.

    The file is readable by its owner only. Other programs see the change at once.

    Args:
        path: the file; its folder must exist.
        data: all of its new bytes.
        durable: wait until the bytes are on the disk and read them back. Off, a power cut may
            leave an empty file: right for caches whose readers check what they read.

    Raises:
        DiskError: nothing was changed.

    Cost: durable, two fsyncs and one read of the fresh pages; a thumbnail without takes 0.1 ms.
    """
    temporary: Path | None = None
    try:
        handle, name = tempfile.mkstemp(prefix=TEMPORARY_PREFIX, dir=path.parent)
        temporary = Path(name)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        if durable:
            _verify(temporary, path, data)
        temporary.replace(path)
        temporary = None
        if durable:
            _sync_folder(path.parent)
    except OSError as error:
        raise DiskError(f"{path} could not be written: {reason(error)}.") from error
    finally:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()


def make_folder(path: Path) -> None:
    """Create a folder and its parents, for the owner only; one that is there is left as it is.

    Raises:
        DiskError: it cannot be created.
    """
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise DiskError(f"The folder {path} could not be created: {reason(error)}.") from error


def remove_file(path: Path) -> None:
    """Delete one of our own files (a cache entry, never a photo); a missing one is fine.

    Raises:
        DiskError: it is still there.
    """
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise DiskError(f"{path} could not be deleted: {reason(error)}.") from error


def mark_used(path: Path) -> None:
    """Set the time of one of our own files to now: it is the last to leave a full cache."""
    with contextlib.suppress(OSError):  # the order is lost, not the file
        os.utime(path)


def reason(error: OSError) -> str:
    """The cause of a failed system call in plain words, without a path."""
    return _REASONS.get(error.errno or 0, error.strerror or type(error).__name__)


def _verify(path: Path, target: Path, data: Bytes) -> None:
    """Read back what was written: some network and USB disks lose writes without an error."""
    with path.open("rb") as file:
        written = hashlib.file_digest(file, "blake2b").digest()
    if written != hashlib.blake2b(data).digest():
        raise DiskError(f"{target} could not be written: the bytes read back differ.")


def _sync_folder(folder: Path) -> None:
    """Make a rename last. Windows has no such call; some network disks refuse it."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)
