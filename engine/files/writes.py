"""Every system call that changes a user's folder, one function each: nothing else may make them.

None of them overwrites: a name that is taken is refused by the system itself, not by a look before.
The exception is `supersede`, for sidecars on disks where two names cannot change places.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Protocol

before: Callable[[str, Path], None] | None = None
"""Called before each change with its name and path; tests raise or die in it at call n."""

_UNSUPPORTED = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP}
_NO_LINKS = _UNSUPPORTED | {errno.EPERM, errno.EMLINK}
_AT_FDCWD = -100
_RENAME_NOREPLACE = 1  # Linux
_RENAME_EXCL = 4  # macOS
_RENAME_EXCHANGE = 2  # Linux and macOS alike


class _Rename(Protocol):
    def __call__(self, source: bytes, target: bytes) -> int: ...


def make_folder(path: Path, mode: int = 0o777) -> None:
    """Create one folder; its parent is there.

    Its permissions are those of `mode` that the user's own mask leaves.
    """
    _about_to("mkdir", path)
    path.mkdir(mode)


def remove_folder(path: Path) -> None:
    """Remove an empty folder; one with anything in it is refused by the system."""
    _about_to("rmdir", path)
    path.rmdir()


def remove(path: Path) -> None:
    """Take one name away. The caller has made sure that its bytes are elsewhere."""
    _about_to("unlink", path)
    path.unlink()


def link(source: Path, target: Path) -> None:
    """A second name for a file. FileExistsError where the name is taken."""
    _about_to("link", target)
    os.link(source, target, follow_symlinks=False)


def point(source: Path, target: Path) -> None:
    """A symbolic link to a file. FileExistsError where the name is taken."""
    _about_to("symlink", target)
    target.symlink_to(source)


def create(path: Path, mode: int = 0o600) -> int:
    """A new, empty file, open for writing. FileExistsError where the name is taken.

    Its permissions are those of `mode` that the user's own mask leaves.
    """
    _about_to("create", path)
    flags = os.O_CREAT | os.O_EXCL | os.O_RDWR
    return os.open(path, flags | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0), mode)


def write(handle: int, data: bytes | memoryview, path: Path) -> None:
    """All of the bytes; a disk that takes only a part is asked again and then says why."""
    _about_to("write", path)
    left = memoryview(data)
    while left:
        left = left[os.write(handle, left) :]


def sync(handle: int, path: Path) -> None:
    """Wait until the file is on the disk."""
    _about_to("fsync", path)
    os.fsync(handle)


def sync_folder(path: Path) -> None:
    """Make names in a folder last. Windows has no such call; some network disks refuse it."""
    _about_to("fsync folder", path)
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(handle)


def set_times(path: Path, atime_ns: int, mtime_ns: int) -> None:
    """When a file was last read and changed."""
    _about_to("utime", path)
    os.utime(path, ns=(atime_ns, mtime_ns))


def dress(handle: int, like: int, path: Path) -> None:
    """Give a copy its original's permissions and, where the disk has them, its attributes."""
    _about_to("chmod", path)
    if os.name != "nt":
        with _unless(errno.EPERM, errno.ENOTSUP):  # FAT knows no permissions
            os.fchmod(handle, os.fstat(like).st_mode & 0o777)
    if sys.platform == "linux":
        with _unless(errno.ENOTSUP, errno.EPERM, errno.ENODATA, errno.E2BIG, errno.ENOSPC):
            for name in os.listxattr(like):
                if name.startswith("user."):
                    os.setxattr(handle, name, os.getxattr(like, name))


def rename(source: Path, target: Path) -> None:
    """Give a file another name on the same file system, in one step.

    Where the system cannot rename without overwriting, a second name is made and the first taken
    away; where it knows no second names either, an empty file of ours holds the place.

    Raises:
        FileExistsError: the name is taken; nothing was changed.
        OSError: nothing was changed (EXDEV: another file system).
    """
    _about_to("rename", target)
    if os.name == "nt":
        source.rename(target)  # refuses by itself
        return
    if _renamed_exclusively(source, target):
        return
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _rename_over_placeholder(source, target)
        return
    try:
        remove(source)
    except OSError:
        remove(target)  # the second name of a file that keeps its first
        raise


def exchange(one: Path, other: Path) -> bool:
    """Let two files of one folder change their names, in one step.

    Returns:
        False where the system knows no such step; nothing was changed then.

    Raises:
        OSError: nothing was changed.
    """
    _about_to("exchange", other)
    if swap is None:
        return False
    if swap(os.fsencode(one), os.fsencode(other)) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNSUPPORTED:
        return False
    raise OSError(number, os.strerror(number), str(one), None, str(other))


def supersede(source: Path, target: Path) -> None:
    """Put a file in another's place, which is gone then. The caller has kept what it said."""
    _about_to("supersede", target)
    os.replace(source, target)  # noqa: PTH105 - beside its siblings


def _renamed_exclusively(source: Path, target: Path) -> bool:
    """Ask the system for a rename that never overwrites; False where it knows none."""
    call = exclusive_rename
    if call is None:
        return False
    if call(os.fsencode(source), os.fsencode(target)) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNSUPPORTED:
        return False
    raise OSError(number, os.strerror(number), str(source), None, str(target))


def _rename_over_placeholder(source: Path, target: Path) -> None:
    handle = create(target)
    try:
        ours = os.fstat(handle)
    finally:
        os.close(handle)
    found = os.lstat(target)
    if (found.st_ino, found.st_size) != (ours.st_ino, 0):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(target))
    try:
        _about_to("rename over our own", target)
        os.replace(source, target)  # noqa: PTH105 - beside its siblings
    except OSError:
        remove(target)
        raise


def _system_rename(linux: int, mac: int) -> _Rename | None:
    """renameat2 (Linux 3.15) or renamex_np (macOS 10.12), with these flags; 0 means done."""
    if sys.platform not in ("linux", "darwin"):
        return None
    library = ctypes.CDLL(None, use_errno=True)
    name = "renameat2" if sys.platform == "linux" else "renamex_np"
    call = getattr(library, name, None)
    if call is None:  # an old C library
        return None
    call.restype = ctypes.c_int
    text, number, flags = ctypes.c_char_p, ctypes.c_int, ctypes.c_uint
    if sys.platform == "linux":
        call.argtypes = (number, text, number, text, flags)
        return lambda source, target: call(_AT_FDCWD, source, _AT_FDCWD, target, linux)
    call.argtypes = (text, text, flags)
    return lambda source, target: call(source, target, mac)


exclusive_rename = _system_rename(_RENAME_NOREPLACE, _RENAME_EXCL)
"""The system's own rename that never overwrites, if it has one."""

swap = _system_rename(_RENAME_EXCHANGE, _RENAME_EXCHANGE)
"""The system's own exchange of two names, if it has one."""


def _about_to(name: str, path: Path) -> None:
    if before is not None:
        before(name, path)


@contextlib.contextmanager
def _unless(*numbers: int) -> Generator[None, None, None]:
    try:
        yield
    except OSError as error:
        if error.errno not in numbers:
            raise
