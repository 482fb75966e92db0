"""Walk a root and tell its candidate photos, without opening a single one."""

from __future__ import annotations

import fnmatch
import os
import re
import stat
import unicodedata
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from engine.errors import RootError
from engine.files.disk import reason
from engine.files.source import modified_ns
from engine.files.trash import in_trash
from engine.types import FileSeen

OnProblem: TypeAlias = Callable[[Path, str], None]
OnSidecar: TypeAlias = Callable[[FileSeen], None]

PICTURE_KINDS = frozenset(
    {"jpg", "jpeg", "jpe", "jfif", "png", "webp", "tif", "tiff", "gif", "bmp", "avif", "heic"}
    | {"heif", "hif"}
)
RAW_KINDS = frozenset(
    {"dng", "cr2", "cr3", "crw", "nef", "nrw", "arw", "srf", "sr2", "orf", "rw2", "raf", "pef"}
    | {"srw", "3fr", "erf", "kdc", "dcr", "mos", "mrw", "rwl", "iiq", "x3f"}
)
_SIDECAR = "xmp"
_CANDIDATES = frozenset(kind.encode() for kind in PICTURE_KINDS | RAW_KINDS)


def is_candidate(name: str) -> bool:
    """Whether a file of this name may be a photo, by its extension alone."""
    stem, dot, kind = name.rpartition(".")
    return bool(stem and dot) and kind.lower() in PICTURE_KINDS | RAW_KINDS


def is_sidecar(name: str) -> bool:
    """Whether a file of this name may hold what somebody says of a photo."""
    stem, dot, kind = name.rpartition(".")
    return bool(stem and dot) and kind.lower() == _SIDECAR


def is_raw(name: str) -> bool:
    """Whether the extension is that of a camera's RAW format."""
    return name.rpartition(".")[2].lower() in RAW_KINDS


class Excludes:
    """Glob patterns for names that are left out. Each is matched against one part of a path.

    Case and Unicode form make no difference: "café*" also finds the name as macOS stores it.
    """

    def __init__(self, patterns: Sequence[str]) -> None:
        globs = (fnmatch.translate(_folded(pattern)) for pattern in patterns if pattern)
        self._pattern = re.compile("|".join(globs) or r"(?!)")

    def matches(self, name: str) -> bool:
        return self._pattern.match(_folded(name)) is not None


def scan(
    root: Path,
    excludes: Excludes,
    *,
    folder: bytes = b"",
    recursive: bool = True,
    nested_roots: Collection[Path] = (),
    on_problem: OnProblem | None = None,
    on_sidecar: OnSidecar | None = None,
) -> Iterator[FileSeen]:
    """List the candidate photos of a root, or of one folder in it.

    Symbolic links (to files and folders), excluded names, devices, pipes, the trash and the
    subtrees of nested roots are passed over. A folder that is not there any more is simply empty.

    Args:
        root: the watched folder; itself never excluded.
        excludes: names to leave out.
        folder: where to start, relative to the root, b"/" between parts.
        recursive: whether to look below `folder` too.
        nested_roots: other roots; what lies below them is theirs.
        on_problem: told the path of a folder or file that cannot be looked at, and why. What
            lies at or below that path is *unknown*, not gone: nothing there may be marked missing.
        on_sidecar: told every XMP sidecar, before the photos of its folder are handed out.

    Returns:
        The files, in the order of the disk. Each folder is read as a whole before its files are
        handed out, so no handle stays open while the caller pauses.

    Raises:
        RootError: at once, if the root itself cannot be listed.

    Cost: one system call per candidate; 50,000 files in about 0.3 s when cached.
    """
    top = os.fsencode(root)
    try:
        with os.scandir(top):
            pass
    except OSError as error:
        raise RootError(f"The folder {root} cannot be read: {reason(error)}.") from error
    nested = {os.path.normpath(os.fsencode(path)) for path in nested_roots} - {top}
    if folder and not _is_inside(top, folder, excludes, nested):
        return iter(())
    return _walk(top, folder, excludes, nested, recursive, on_problem or _ignore, on_sidecar)


def _walk(
    top: bytes,
    folder: bytes,
    excludes: Excludes,
    nested: set[bytes],
    recursive: bool,
    on_problem: OnProblem,
    on_sidecar: OnSidecar | None,
) -> Iterator[FileSeen]:
    waiting = [folder]
    while waiting:
        relative = waiting.pop()
        path = _join(top, relative)
        prefix = relative + b"/" if relative else b""
        files: list[FileSeen] = []
        sidecars: list[FileSeen] = []
        folders: list[bytes] = []
        try:
            with os.scandir(path) as entries:
                for entry in entries:
                    name = entry.name
                    if _is_folder(entry):
                        if not recursive or _is_nested(entry, nested) or _out(name, excludes):
                            continue
                        if not _is_trash(prefix + name):
                            folders.append(prefix + name)
                    elif name.rpartition(b".")[2].lower() in _CANDIDATES:
                        seen = _seen(entry, prefix, excludes, on_problem)
                        if seen is not None:
                            files.append(seen)
                    elif on_sidecar and name[-4:].lower() == b".xmp":
                        seen = _seen(entry, prefix, excludes, on_problem)
                        if seen is not None:
                            sidecars.append(seen)
        except (FileNotFoundError, NotADirectoryError):
            continue  # vanished since its parent was listed: the next scan sees it gone
        except OSError as error:
            # A half-read folder tells nothing of the files that it did not list: all unknown.
            on_problem(Path(os.fsdecode(path)), f"This folder cannot be read: {reason(error)}.")
            continue
        waiting.extend(reversed(folders))
        if on_sidecar:
            for seen in sidecars:
                on_sidecar(seen)
        yield from files


def _is_folder(entry: os.DirEntry[bytes]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False) and not _is_junction(entry)
    except OSError:
        return False


def _is_nested(entry: os.DirEntry[bytes], nested: set[bytes]) -> bool:
    return bool(nested) and os.path.normpath(entry.path) in nested


def _is_junction(entry: os.DirEntry[bytes]) -> bool:
    """Windows' folder links, which are no symbolic links; Python tells them from 3.12 on."""
    is_junction = getattr(entry, "is_junction", None)
    return is_junction is not None and bool(is_junction())


def _seen(
    entry: os.DirEntry[bytes], prefix: bytes, excludes: Excludes, on_problem: OnProblem
) -> FileSeen | None:
    name = entry.name
    if not name.rpartition(b".")[0] or _out(name, excludes) or entry.is_symlink():
        return None
    try:
        # On Windows only a fresh stat knows the file's identity.
        info = os.lstat(entry.path) if os.name == "nt" else entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    except OSError as error:
        on_problem(Path(os.fsdecode(entry.path)), f"This file cannot be read: {reason(error)}.")
        return None
    if not stat.S_ISREG(info.st_mode):
        return None
    return FileSeen(prefix + name, info.st_size, modified_ns(info), info.st_dev, info.st_ino)


def _is_inside(top: bytes, folder: bytes, excludes: Excludes, nested: set[bytes]) -> bool:
    """Whether a scan from the root would get to this folder; the disk may have changed since."""
    path = top
    if _is_trash(folder):
        return False
    for part in folder.split(b"/"):
        if part in (b"", b".", b"..") or _out(part, excludes):
            return False
        path = _join(path, part)
        try:
            info = os.lstat(path)
        except FileNotFoundError:
            return False
        except OSError:
            return True  # the walk will tell what is wrong with it
        if not stat.S_ISDIR(info.st_mode) or os.path.normpath(path) in nested:
            return False
    return True


def _join(path: bytes, relative: bytes) -> bytes:
    return os.path.join(path, relative) if relative else path  # noqa: PTH118  (Path has no bytes)


def _out(name: bytes, excludes: Excludes) -> bool:
    return excludes.matches(os.fsdecode(name))


def _is_trash(folder: bytes) -> bool:
    """What was put into the trash is in no library, whatever is excluded by now."""
    return in_trash(Path(os.fsdecode(folder)))


def _folded(name: str) -> str:
    return name.lower() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


def _ignore(path: Path, why: str) -> None:
    """For callers who do not ask."""
