"""The system's trash, and a folder of ours where there is none: nothing here ever deletes a photo.

Linux: the freedesktop.org trash, the home's or that of the file's own disk; the note that tells
where a file came from is on the disk before the file moves, so that every desktop can restore it.
macOS: ~/.Trash for files of its own disk. Whatever has no such trash goes to the quarantine, a
folder in the library's own data, by a copy that was read back where it lies on another disk.
"""

from __future__ import annotations

import errno
import logging
import os
import re
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from urllib.parse import quote, unquote_to_bytes

from engine.errors import DiskError, PhotoUnreadable
from engine.files import writes
from engine.files.disk import TEMPORARY_PREFIX, make_folder, reason
from engine.files.transfer import (
    HalfDone,
    Kind,
    Stamp,
    Transfer,
    TransferFailed,
    bring,
    fingerprint,
    on_one_disk,
    reversed_move,
    stamp_of,
)

log = logging.getLogger(__name__)

_LONGEST_NAME = 255 - len(".trashinfo")  # bytes
_TRIES = 5
_NAMES = re.compile(r"\.Trash(-\d+|es)?|\$RECYCLE\.BIN|#recycle|\.trashed-.*", re.IGNORECASE)
_MARK = "X-Photosift"  # other programs have to ignore keys that they do not know


class NoTrash(DiskError):
    """The disk has no trash that can be used, with the reason."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Where files of one disk are put.

    `notes` is the folder of the notes, None where the system keeps none; `top` is the folder that
    a note's path is relative to, None for absolute ones.
    """

    files: Path
    notes: Path | None = None
    top: Path | None = None
    is_quarantine: bool = False


@dataclass(frozen=True, slots=True)
class TrashedAt:
    """One file that was put into the trash: what `restore` needs."""

    source: Path
    target: Path
    stamp: Stamp  # of the file when it lay at its source
    content_hash: bytes
    mark: str
    is_quarantine: bool = False


class Trash:
    """Finds the bin for each file. Looks at each disk once; make one for each run.

    Args:
        quarantine: the folder of ours for what has no trash; made when it is needed.
    """

    def __init__(self, quarantine: Path) -> None:
        self._quarantine = quarantine
        self._bins: dict[int, Bin | None] = {}

    def bin_for(self, path: Path) -> Bin:
        """The trash of a file's disk, its folders made; else the quarantine.

        Raises:
            DiskError: not even the quarantine can be had.
        """
        try:
            dev = path.parent.stat().st_dev
        except OSError as error:
            raise DiskError(f"{path.parent} cannot be looked at: {reason(error)}.") from error
        if dev not in self._bins:
            try:
                self._bins[dev] = _system_bin(path.parent, dev)
            except (OSError, NoTrash):
                self._bins[dev] = None
        return self._bins[dev] or self.quarantine()

    def quarantine(self) -> Bin:
        """Our own folder, with notes too: who looks into it later can tell what came whence.

        Raises:
            DiskError: it cannot be made.
        """
        files, notes = self._quarantine / "files", self._quarantine / "info"
        make_folder(files)
        make_folder(notes)
        return Bin(files, notes, is_quarantine=True)

    # ---- without a journal: the note in the trash is one --------------------------------------

    def put(self, path: Path) -> TrashedAt:
        """Put one file into the trash, or into the quarantine where that fails.

        Raises:
            TransferFailed: it stays where it is, with the reason.
            PhotoUnreadable: it is no plain file, or is not there.
            DiskError: there is no place for it.

        Cost: the file is read once.
        """
        stamp = stamp_of(path)
        if stamp is None:
            raise PhotoUnreadable(path, "is not there any more")
        content_hash, mark = fingerprint(path), token_hex(8)
        found = self.bin_for(path)
        if not found.is_quarantine:
            try:
                return _put(path, found, stamp, content_hash, mark)
            except HalfDone:
                raise
            except (TransferFailed, OSError) as error:
                log.info("%s does not go into the trash: %s", path, error)
        try:
            return _put(path, self.quarantine(), stamp, content_hash, mark)
        except OSError as error:
            raise TransferFailed(path, reason(error), error.errno) from error

    def restore(self, trashed: TrashedAt) -> None:
        """Bring a file back to its place: only to a free name, only with its own bytes.

        Raises:
            TransferFailed: it stays in the trash, with the reason.
        """
        there = _transfer(trashed, trashed.mark)
        if not trashed.source.parent.is_dir():
            raise TransferFailed(trashed.target, "the folder it came from is not there")
        bring([reversed_move(there)])
        _flush(trashed.source.parent, trashed.target.parent)
        try:
            withdraw(trashed.target, trashed.mark)
        except OSError as error:  # a note without its file means nothing to anybody
            log.info("the note of %s stays: %s", trashed.target, reason(error))


def free_target(path: Path, found: Bin, taken: Iterable[Path] = ()) -> Path:
    """A name in a bin that neither a file nor a note has, close to the photo's own."""
    others = set(taken)
    for number in range(1, 1_000_000):
        target = found.files / _numbered(path.name, number)
        note = None if found.notes is None else found.notes / f"{target.name}.trashinfo"
        if target in others or os.path.lexists(target):
            continue
        if note is None or not os.path.lexists(note):
            return target
    raise TransferFailed(path, "there are too many files of its name in the trash")


def announce(source: Path, target: Path, found: Bin, mark: str) -> None:
    """Write the note that a file will need, before it is moved. FileExistsError: choose anew."""
    if found.notes is None:
        return
    note = found.notes / f"{target.name}.trashinfo"
    shown = Path(os.path.realpath(source.parent)) / source.name
    if found.top is not None and found.top in shown.parents:
        shown = shown.relative_to(found.top)
    now = datetime.now().replace(microsecond=0).isoformat()  # noqa: DTZ005 - the user's own time
    lines = ["[Trash Info]", f"Path={quote(os.fsencode(shown))}", f"DeletionDate={now}"]
    text = "\n".join([*lines, f"{_MARK}={mark}", ""]).encode()
    handle = writes.create(note)
    try:
        writes.write(handle, text, note)
        writes.sync(handle, note)
    except OSError:
        os.close(handle)
        writes.remove(note)
        raise
    os.close(handle)


def withdraw(target: Path, mark: str) -> None:
    """Remove the note of a file that is not in the trash, if it is ours. OSError: it is there."""
    note = target.parent.parent / "info" / f"{target.name}.trashinfo"
    if target.parent.name != "files" or os.path.lexists(target):
        return
    try:
        text = note.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return
    # One of ours that a full disk or a crash cut short has no mark, and nothing else either.
    if f"{_MARK}={mark}\n".encode() in text or not text:
        writes.remove(note)


def origin_of(note: Path, top: Path | None = None) -> Path | None:
    """Where the file of a note came from, None where the note does not tell."""
    try:
        lines = note.read_bytes().splitlines()
    except OSError:
        return None
    for line in lines:
        if line.startswith(b"Path="):
            path = Path(os.fsdecode(unquote_to_bytes(line[5:])))
            return path if top is None or path.is_absolute() else top / path
    return None


def in_trash(path: Path) -> bool:
    """Whether a path lies in some trash, by the names on it."""
    if any(_NAMES.fullmatch(part) for part in path.parts):
        return True
    # The home's has no name of its own: Trash/files.
    return ("Trash", "files") in zip(path.parts, path.parts[1:], strict=False)


# ---- one file ------------------------------------------------------------------------------------


def _put(path: Path, found: Bin, stamp: Stamp, content_hash: bytes, mark: str) -> TrashedAt:
    for _ in range(_TRIES):
        target = free_target(path, found)
        try:
            announce(path, target, found, mark)
        except FileExistsError:
            continue
        if found.notes is not None:
            writes.sync_folder(found.notes)
        trashed = TrashedAt(path, target, stamp, content_hash, mark, found.is_quarantine)
        try:
            bring([_transfer(trashed, mark)])
        except TransferFailed as error:
            withdraw(target, mark)
            if error.name_taken:
                continue
            raise
        _flush(target.parent, path.parent)
        return trashed
    raise TransferFailed(path, "its name in the trash is taken again and again")


def _transfer(trashed: TrashedAt, mark: str) -> Transfer:
    return Transfer(
        Kind.MOVE,
        trashed.source,
        trashed.target,
        trashed.target.parent / f"{TEMPORARY_PREFIX}{mark}",
        trashed.stamp,
        trashed.content_hash,
    )


def _flush(*folders: Path) -> None:
    """Make names last, as far as the disk does; they are as they are."""
    for folder in folders:
        try:
            writes.sync_folder(folder)
        except OSError as error:
            log.info("%s could not be flushed: %s", folder, reason(error))


def _numbered(name: str, number: int) -> str:
    """`IMG.jpg`, `IMG.2.jpg`, …, no longer than the note's name allows."""
    stem, dot, ending = name.rpartition(".")
    if not stem:
        stem, dot, ending = name, "", ""
    extra = "" if number == 1 else f".{number}"
    raw = os.fsencode(stem)
    room = _LONGEST_NAME - len(os.fsencode(f"{extra}{dot}{ending}"))
    if len(raw) > room > 0:
        stem = raw[:room].decode("utf-8", "ignore")
    return f"{stem}{extra}{dot}{ending}"


# ---- the system's bins ---------------------------------------------------------------------------


def _system_bin(folder: Path, dev: int) -> Bin:
    """The system's trash for files in a folder. NoTrash or OSError where there is none."""
    if sys.platform == "darwin":
        found = Path.home() / ".Trash"
        if found.is_dir() and on_one_disk(found, folder):
            return Bin(found)
        raise NoTrash(f"The disk of {folder} has no trash.")
    if os.name != "posix":
        raise NoTrash("This system has no trash that tells where it puts a file.")
    home = _home_trash()
    nearest = next(path for path in (home, *home.parents) if path.is_dir())
    if nearest.stat().st_dev == dev:
        _make_private(home, home.parent)
        return _freedesktop(home, None)
    top = folder.resolve()
    while top.parent != top and top.parent.stat().st_dev == dev:
        top = top.parent
    shared = top / ".Trash"
    if _is_shared_trash(shared):
        try:
            _make_private(shared / str(os.getuid()), shared)
            return _freedesktop(shared / str(os.getuid()), top)
        except (OSError, NoTrash):
            pass  # the other place remains
    own = top / f".Trash-{os.getuid()}"
    _make_private(own, top)
    return _freedesktop(own, top)


def _home_trash() -> Path:
    told = Path(os.environ.get("XDG_DATA_HOME", ""))
    try:
        data = told if told.is_absolute() else Path.home() / ".local" / "share"
    except RuntimeError as error:  # no home
        raise NoTrash("There is no home folder.") from error
    return data / "Trash"


def _is_shared_trash(path: Path) -> bool:
    """An administrator's trash for all: no link, and nobody may remove another's files there."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return False
    return stat.S_ISDIR(mode) and bool(mode & stat.S_ISVTX)


def _freedesktop(folder: Path, top: Path | None) -> Bin:
    files, notes = folder / "files", folder / "info"
    _make_private(files, folder)
    _make_private(notes, folder)
    return Bin(files, notes, top)


def _make_private(folder: Path, above: Path) -> None:
    """A folder for the user alone, made where it lacks; no link, and nobody else's."""
    missing = [path for path in (above, *above.parents) if not path.is_dir()]
    for path in reversed(missing):
        writes.make_folder(path, 0o700)
    try:
        writes.make_folder(folder, 0o700)
        writes.sync_folder(above)
    except FileExistsError:
        pass
    info = folder.lstat()
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != os.getuid():
        raise NoTrash(f"{folder} is not a folder of this user's.")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OSError(errno.EACCES, os.strerror(errno.EACCES), str(folder))
