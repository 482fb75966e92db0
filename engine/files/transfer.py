"""Bring files that belong together to another place: all of them or none, never over another.

A source is taken away only once its bytes stand at the target, read back and flushed. Every step
can be asked where it stands and be done again, so that a crash at any point is finished later.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import stat
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path

from engine.errors import DiskError, PhotoUnreadable
from engine.files import writes
from engine.files.disk import reason
from engine.files.source import forget_pages, modified_ns, open_photo

log = logging.getLogger(__name__)

_PIECE = 4 << 20
_DISK_IS_DONE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}


class TransferFailed(DiskError):
    """A bundle stayed where it was. `why` is the reason without the path."""

    def __init__(self, path: Path, why: str, number: int | None = None) -> None:
        super().__init__(f"{path}: {why}.")
        self.path = path
        self.why = why
        self.passing = number is not None  # the system refused: it may not the next time
        self.disk_is_done = number in _DISK_IS_DONE  # the next photo would fail as well
        self.name_taken = number == errno.EEXIST


class HalfDone(TransferFailed):
    """A bundle could be neither brought nor put back; nothing is lost, it is settled later."""


class Kind(Enum):
    """What becomes of the source."""

    MOVE = "move"
    COPY = "copy"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Stamp:
    """By which a file is known again without reading it."""

    size: int
    mtime_ns: int
    dev: int
    ino: int

    def looks_like(self, other: Stamp) -> bool:
        """The same file, for all one can tell: devices are numbered anew at each start."""
        return (self.ino, self.size, self.mtime_ns) == (other.ino, other.size, other.mtime_ns)


@dataclass(frozen=True, slots=True)
class Transfer:
    """One file on its way.

    `stamp` and `content_hash` (blake2b-256, None where never read) are the source's; `arrived`
    is the target's, once it stands. `temporary` lies beside the target and is ours by its name.
    """

    kind: Kind
    source: Path
    target: Path
    temporary: Path
    stamp: Stamp
    content_hash: bytes | None = None
    mtime_ns: int | None = None  # what the target is to have, if not the source's
    arrived: Stamp | None = None
    changed_ns: int | None = None  # the source's ctime when its bytes had been read


def stamp_of(path: Path) -> Stamp | None:
    """What lies at a path, links not followed; None where nothing does.

    Raises:
        PhotoUnreadable: something that is no plain file, or that cannot be looked at.
    """
    try:
        info = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise PhotoUnreadable(path, reason(error)) from error
    if not stat.S_ISREG(info.st_mode):
        raise PhotoUnreadable(path, "is not a plain file")
    return _stamp(info)


def fingerprint(path: Path, *, from_disk: bool = False) -> bytes:
    """The blake2b-256 of a file's bytes. PhotoUnreadable where it cannot be read.

    `from_disk` asks for what the disk holds, not for what memory does.
    """
    opened = open_photo(path, background=False, in_memory=0, from_disk=from_disk)
    opened.source.close()
    return opened.content_hash


def on_one_disk(source: Path, folder: Path) -> bool:
    """Whether a file lies on the same file system as a folder, as far as the system tells."""
    try:
        return source.lstat().st_dev == folder.stat().st_dev
    except OSError:
        return False


# ---- where it stands ---------------------------------------------------------------------------


def at_source(one: Transfer) -> bool:
    """Whether the file that was meant still lies at its source."""
    try:
        found = stamp_of(one.source)
        if found is None or found.size != one.stamp.size:
            return False
        if found.looks_like(one.stamp):
            return True
        if one.content_hash is None:
            return found.mtime_ns == one.stamp.mtime_ns
        return fingerprint(one.source) == one.content_hash
    except PhotoUnreadable:
        return False


def at_target(one: Transfer) -> bool:
    """Whether the file has arrived: known again by its inode, its stamp, or its bytes."""
    try:
        found = stamp_of(one.target)
        if found is None or found.size != one.stamp.size:
            return False
        renamed = one.kind is not Kind.COPY and found.looks_like(one.stamp)
        if renamed or (one.arrived is not None and found.looks_like(one.arrived)):
            return True
        if one.content_hash is not None:
            return fingerprint(one.target) == one.content_hash
        # Never copied, then: it is here or there, but not both.
        return found.mtime_ns == one.stamp.mtime_ns and not os.path.lexists(one.source)
    except PhotoUnreadable:
        return False


# ---- there ---------------------------------------------------------------------------------------


def bring(bundle: Sequence[Transfer], *, again: bool = False) -> list[Transfer]:
    """Bring files to their targets, all or none.

    Args:
        bundle: what belongs together.
        again: it may have been begun before a crash: what has arrived is taken for ours.

    Returns:
        The transfers with `arrived` and, where bytes were copied, `content_hash`.

    Raises:
        TransferFailed: all of them are where they were.
        HalfDone: they could not be put back either.

    Cost: on one file system one rename each; across, two reads, one write and one flush each.
    """
    done: list[Transfer] = []
    try:
        for one in bundle:
            with _told(one.source, one.target):
                _bring_one(one, done, again=again)
        for one in done:
            with _told(one.source, one.target):
                _release(one, again=again)
    except (TransferFailed, PhotoUnreadable) as error:
        _put_back(bundle, done, error)
        if isinstance(error, PhotoUnreadable):
            raise TransferFailed(error.path, error.reason) from error
        raise
    return done


def _bring_one(one: Transfer, done: list[Transfer], *, again: bool) -> None:
    """Make the target stand; it is added to `done` in the moment it does."""
    _clean(one)
    if again and at_target(one):
        done.append(replace(one, arrived=stamp_of(one.target)))
        return
    found = stamp_of(one.source)
    if found is None:
        raise PhotoUnreadable(one.source, "is not there any more")
    if not found.looks_like(one.stamp) and not at_source(one):
        raise PhotoUnreadable(one.source, "was changed since")
    if one.kind is Kind.LINK:
        writes.link(one.source, one.target)
        done.append(replace(one, arrived=found))
    elif one.kind is Kind.COPY or not on_one_disk(one.source, one.target.parent):
        _copy(one, found, done)
    else:
        try:
            writes.rename(one.source, one.target)
        except OSError as error:
            if error.errno != errno.EXDEV:  # two mounts of one file system
                raise
            _copy(one, found, done)
            return
        done.append(replace(one, arrived=found))
        if one.mtime_ns is not None and one.mtime_ns != found.mtime_ns:
            writes.set_times(one.target, found.mtime_ns, one.mtime_ns)
            done[-1] = replace(one, arrived=stamp_of(one.target))


def _copy(one: Transfer, found: Stamp, done: list[Transfer]) -> None:
    """Copy under our own name, flush, read back from the disk, and only then take the name."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    source = os.open(one.source, flags | getattr(os, "O_NONBLOCK", 0))
    try:
        before = os.fstat(source)
        if not _stamp(before).looks_like(found):
            raise PhotoUnreadable(one.source, "is being changed")
        copy = writes.create(one.temporary)
        try:
            digest = hashlib.blake2b(digest_size=32)
            while piece := os.read(source, _PIECE):
                digest.update(piece)
                writes.write(copy, piece, one.target)
            writes.dress(copy, source, one.target)
            mtime_ns = before.st_mtime_ns if one.mtime_ns is None else one.mtime_ns
            writes.set_times(one.temporary, before.st_atime_ns, mtime_ns)
            writes.sync(copy, one.target)
        finally:
            os.close(copy)
        after = os.fstat(source)
    finally:
        os.close(source)
    content_hash = digest.digest()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise PhotoUnreadable(one.source, "is being changed")
    if one.content_hash is not None and content_hash != one.content_hash:
        raise PhotoUnreadable(one.source, "was changed since")
    if _read_back(one.temporary) != content_hash:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(one.target))
    arrived = stamp_of(one.temporary)
    writes.rename(one.temporary, one.target)
    done.append(
        replace(
            one, stamp=found, content_hash=content_hash, arrived=arrived,
            changed_ns=after.st_ctime_ns,
        )
    )  # fmt: skip


def _read_back(path: Path) -> bytes:
    """The hash of what the disk holds, not of what memory does: some disks lose writes."""
    with path.open("rb") as file:
        forget_pages(file)
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=32)).digest()


def _release(one: Transfer, *, again: bool) -> None:
    """Take the source of a move away, now that its bytes stand elsewhere for good."""
    if one.kind is not Kind.MOVE:
        return
    try:
        info = one.source.lstat()
    except FileNotFoundError:
        return
    there = one.target.lstat()
    if (info.st_dev, info.st_ino) != (there.st_dev, there.st_ino):
        if one.arrived is not None and one.arrived.looks_like(one.stamp):
            return  # it was renamed, and somebody has used the old name since
        known = _stamp(info).looks_like(one.stamp) and info.st_ctime_ns == one.changed_ns
        if again and one.changed_ns is None:
            known = fingerprint(one.source) == fingerprint(one.target)
        if not known:
            raise PhotoUnreadable(one.source, "was changed since")
    # else: a second name of the same file, a rename that was cut short
    writes.sync_folder(one.target.parent)
    writes.remove(one.source)


def _clean(one: Transfer) -> None:
    """Remove what an interrupted copy left under our own name."""
    if os.path.lexists(one.temporary):
        writes.remove(one.temporary)


# ---- and back ------------------------------------------------------------------------------------


def _put_back(bundle: Sequence[Transfer], done: Sequence[Transfer], why: Exception) -> None:
    """Undo the part of a bundle that was brought. Nothing that we did not bring is touched."""
    try:
        for one in bundle:
            with _told(one.target, one.source):
                _clean(one)
        for one in reversed(done):
            with _told(one.target, one.source):
                if at_source(one):
                    writes.remove(one.target)
                else:
                    back: list[Transfer] = []
                    _bring_one(reversed_move(one), back, again=False)
                    _release(back[0], again=False)
    except (TransferFailed, PhotoUnreadable):
        log.info("a photo and its companions could not be put back", exc_info=True)
        raise HalfDone(bundle[0].target, "could not be finished or put back") from why


def reversed_move(one: Transfer) -> Transfer:
    """The way back of a move that arrived: to the old path, with the old time."""
    return Transfer(
        Kind.MOVE,
        one.target,
        one.source,
        one.source.parent / one.temporary.name,
        one.arrived or one.stamp,
        one.content_hash,
        mtime_ns=one.stamp.mtime_ns,
    )


def take_back(bundle: Sequence[tuple[Transfer, Path]]) -> None:
    """Remove copies or links that we made, each with the path of an original that stays.

    Raises:
        TransferFailed: one of them was changed, or is the last of its content; all are left.
    """
    going: list[Path] = []
    for one, original in bundle:
        try:
            copy, kept = stamp_of(one.target), stamp_of(original)
            if copy is None:
                continue
            # A link whose bytes were never read, and that is no link any more since it was moved to
            # another disk and back, is compared with its original below.
            same_time = (copy.size, copy.mtime_ns) == (one.stamp.size, one.stamp.mtime_ns)
            if not at_target(one) and (one.content_hash is not None or not same_time):
                raise TransferFailed(one.target, "was changed since")
            if kept is None:
                raise TransferFailed(one.target, "the photo that it was made from is gone")
            one_file = (copy.dev, copy.ino) == (kept.dev, kept.ino)
            if one_file and (one.kind is not Kind.LINK or original == one.target):
                raise TransferFailed(one.target, "is the photo itself")
            if not one_file:
                content = one.content_hash or fingerprint(original)
                if fingerprint(one.target) != content:
                    raise TransferFailed(one.target, "was changed since")
                if fingerprint(original) != content:
                    raise TransferFailed(one.target, "the photo that it was made from was changed")
        except PhotoUnreadable as error:
            raise TransferFailed(error.path, error.reason) from error
        going.append(one.target)
    for number, path in enumerate(going):
        try:
            writes.remove(path)
        except OSError as error:
            failed = HalfDone if number else TransferFailed
            raise failed(path, reason(error), error.errno) from error


# ---- the small print -----------------------------------------------------------------------------


def _stamp(info: os.stat_result) -> Stamp:
    return Stamp(info.st_size, modified_ns(info), info.st_dev, info.st_ino)


@contextmanager
def _told(source: Path, target: Path) -> Generator[None, None, None]:
    """Whatever the system refuses is a TransferFailed with its reason."""
    try:
        yield
    except OSError as error:
        path = Path(os.fsdecode(error.filename)) if error.filename else target
        if path.parent == target.parent and path != source:
            path = target  # not our own name for it
        raise TransferFailed(path, reason(error), error.errno) from error
