"""Put a new file where the user wants one: whole or not at all, and never over another."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from pathlib import Path

from engine.errors import DiskError, PhotoUnreadable
from engine.files import writes
from engine.files.disk import TEMPORARY_PREFIX, reason
from engine.files.names import numbered

_MOST_NUMBERS = 10_000


class NameTaken(DiskError):
    """Something has this name; it was left as it is."""


def new_file(path: Path, data: bytes, *, another_name: bool = False) -> Path:
    """Write a file that is not there yet.

    Args:
        path: where; folders that are missing above it are made.
        data: all of its bytes.
        another_name: where the name is taken, use the next free "name (2).jpg".

    Returns:
        Where it stands; other than `path` only with `another_name`.

    Raises:
        NameTaken: something is there already, and `another_name` is off.
        DiskError: it cannot be written; nothing was left behind.

    Cost: one fsync of the file, one of the folder.
    """
    try:
        _make_folders(path.parent)
        temporary = path.with_name(f"{TEMPORARY_PREFIX}{secrets.token_hex(8)}")
        handle = writes.create(temporary, 0o666)
    except OSError as error:
        raise DiskError(f"{path} could not be written: {reason(error)}.") from error
    try:
        try:
            writes.write(handle, data, temporary)
            writes.sync(handle, temporary)
        finally:
            os.close(handle)
        placed = _place(temporary, path, another_name=another_name)
        writes.sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):  # it may have its name by now
            writes.remove(temporary)
        raise DiskError(f"{path} could not be written: {reason(error)}.") from error
    except DiskError:
        with contextlib.suppress(OSError):
            writes.remove(temporary)
        raise
    return placed


def new_copy(source: Path, path: Path) -> Path:
    """A file with the bytes of a photo. NameTaken, DiskError: as `new_file`.

    Raises:
        PhotoUnreadable: the photo cannot be read.
    """
    try:
        data = source.read_bytes()
    except OSError as error:
        raise PhotoUnreadable(source, reason(error)) from error
    return new_file(path, data)


def new_link(source: Path, path: Path) -> Path:
    """A symbolic link to a photo; a copy where the system makes none for everybody (Windows).

    Never a hard link: a program that writes into that would write into the photo.

    Raises:
        PhotoUnreadable: there is no photo to point at, or it cannot be read.
        NameTaken, DiskError: as `new_file`.
    """
    if not source.is_file():
        raise PhotoUnreadable(source, "is not there")
    try:
        _make_folders(path.parent)
        writes.point(source, path)
    except FileExistsError as error:
        raise NameTaken(f"{path} is there already; nothing was overwritten.") from error
    except OSError:
        return new_copy(source, path)
    return path


def _make_folders(folder: Path) -> None:
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    for each in reversed(missing):
        with contextlib.suppress(FileExistsError):  # by another export, at this moment
            writes.make_folder(each)


def _place(temporary: Path, path: Path, *, another_name: bool) -> Path:
    stem = len(path.stem)
    for number in range(1, _MOST_NUMBERS if another_name else 2):
        (name,) = numbered([(path.name, stem)], number)
        target = path.with_name(name)
        try:
            writes.rename(temporary, target)
        except OSError as error:
            # A folder of that name is refused with other numbers on some systems.
            if error.errno != errno.EEXIST and not os.path.lexists(target):
                raise
            continue
        return target
    raise NameTaken(f"{path} is there already. Choose another name; nothing was overwritten.")
