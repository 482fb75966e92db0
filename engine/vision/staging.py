"""The store's folder while a model comes or goes: parts, lock, verification, the last swap."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import DownloadFailed, ModelError
from engine.vision.models import MANIFEST

if TYPE_CHECKING:
    from engine.vision.hub import RemoteFile

_PIECE = 4 * 2**20
_REASONS = {
    errno.ENOSPC: "there is no space left on the disk",
    errno.EDQUOT: "your disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "permission was denied",
    errno.EPERM: "permission was denied",
    errno.EIO: "the disk reported an input/output error",
    errno.ENOENT: "its folder is not there any more",
    errno.EFBIG: "the disk's format has no files of that size",
}


class Staging:
    """Where one model is put together: everything in it is verified, or waits to be.

    Its names begin with a dot, which no model's id can. A part is named by the hash of what it
    will be, so parts of two versions never mix; a file with its plain name was verified once.
    """

    def __init__(self, target: Path) -> None:
        self.target = target
        self.folder = target.with_name(f".{target.name}.part")
        self._old = target.with_name(f".{target.name}.old")
        self._gone = target.with_name(f".{target.name}.gone")

    def whole(self, file: RemoteFile) -> Path:
        return self.folder / file.name

    def part(self, file: RemoteFile) -> Path:
        return self.folder / f"{file.name}.{file.key[:16]}.incomplete"

    def size(self, file: RemoteFile) -> int:
        """Bytes of a file that came so far."""
        for path in (self.whole(file), self.part(file)):
            with contextlib.suppress(FileNotFoundError):
                return path.stat().st_size
        return 0

    def kept(self) -> int:
        """Bytes that came so far, of all files."""
        total = 0
        with contextlib.suppress(OSError):
            for path in self.folder.iterdir():
                total += path.lstat().st_size
        return total

    def prepare(self, files: list[RemoteFile]) -> None:
        """Make the folder, keep what fits to this version of the model, delete the rest."""
        _delete(self._gone)
        if self.folder.is_symlink() or (self.folder.exists() and not self.folder.is_dir()):
            _delete(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        room = {path: file.size for file in files for path in (self.whole(file), self.part(file))}
        for path in list(self.folder.iterdir()):
            fits = path in room and not path.is_symlink() and path.is_file()
            if not fits or path.stat().st_size > room[path]:
                _delete(path)
        for file in files:
            whole, part = self.whole(file), self.part(file)
            if not whole.exists():
                continue
            if whole.stat().st_size == file.size:  # verified before, but once more: disks rot
                whole.replace(part)
            else:
                whole.unlink()

    def free(self) -> int:
        return shutil.disk_usage(self.folder).free

    def accept(self, file: RemoteFile) -> None:
        """Give a verified part its name."""
        self.part(file).replace(self.whole(file))

    def reject(self, file: RemoteFile) -> None:
        self.part(file).unlink(missing_ok=True)

    def finish(self, model_id: str, commit: str) -> None:
        """Put the whole folder in its place; a broken model that stands there makes room."""
        path = self.folder / f"{MANIFEST}.new"
        with path.open("w", encoding="utf-8") as file:
            json.dump({"id": model_id, "revision": commit}, file)
            file.flush()
            os.fsync(file.fileno())
        path.replace(path.with_name(MANIFEST))
        _sync(self.folder)
        self.settle()
        _sync(self.target.parent)

    def settle(self) -> None:
        """Finish, or take back, a swap that was cut off between its two renames."""
        if (self.folder / MANIFEST).is_file():
            if self.target.exists() or self.target.is_symlink():
                _delete(self._old)
                self.target.rename(self._old)
            self.folder.rename(self.target)
        elif self._old.exists() and not self.target.exists():
            self._old.rename(self.target)
        _delete(self._old)

    def settle_alone(self) -> None:
        """`settle`, where there is anything to settle and nobody else is at it; never fails."""
        cut_off = (self.folder / MANIFEST).is_file()
        if cut_off or (self._old.exists() and not self.target.exists()):
            with contextlib.suppress(DownloadFailed, OSError), self.locked():
                self.settle()

    def discard(self) -> int:
        """Delete what came so far; returns the bytes."""
        freed = self.kept()
        _delete(self.folder)
        return freed

    def remove(self) -> int:
        """Delete the model and all that belongs to it; returns the bytes.

        It loses its name first: what is half deleted must not look like a model.
        """
        freed = self.discard()
        _delete(self._old)
        _delete(self._gone)
        if self.target.is_symlink():
            self.target.unlink()  # what it points to is not ours
        elif self.target.exists():
            freed += sum(p.lstat().st_size for p in self.target.rglob("*") if not p.is_dir())
            self.target.rename(self._gone)
            _delete(self._gone)
        return freed

    @contextmanager
    def locked(self) -> Generator[None]:
        """Alone at work on this model; the system releases it however the process ends.

        Raises:
            DownloadFailed: another window or process is at it.
        """
        self.target.parent.mkdir(parents=True, exist_ok=True)
        path = self.target.with_name(f".{self.target.name}.lock")
        handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
        try:
            try:
                _lock(handle)
            except OSError as error:
                # anything else: a network disk without locks
                if error.errno in (errno.EAGAIN, errno.EACCES, errno.EDEADLK):
                    raise DownloadFailed(
                        f"{self.target.name.replace('--', '/')} is being downloaded already; wait "
                        "for the other window or process, or cancel it there."
                    ) from error
            yield
        finally:
            os.close(handle)


def verify(path: Path, file: RemoteFile) -> Generator[None, None, bool]:
    r"""Whether a complete file has the hash that the hub lists; yields after every few megabytes.

    Source: git hashes `blob <size>\0` before the bytes (git-scm.com/book, "Git Objects").
    """
    if file.sha256:
        digest = hashlib.sha256()
    else:
        digest = hashlib.sha1(b"blob %d\0" % file.size, usedforsecurity=False)
    with path.open("rb") as data:
        while piece := data.read(_PIECE):
            digest.update(piece)
            yield
    return digest.hexdigest() == file.key


@contextmanager
def saving(folder: Path, kept: str = "; what came so far is kept") -> Generator[None]:
    """Turn what the disk can do to us into one sentence."""
    try:
        yield
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, error.strerror or type(error).__name__)
        raise DownloadFailed(
            f"The model could not be saved in {folder}: {reason}. Make room or check the folder's "
            f"permissions, then try again{kept}."
        ) from error


@contextmanager
def deleting(folder: Path) -> Generator[None]:
    """The same for deletions."""
    try:
        yield
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, error.strerror or type(error).__name__)
        raise ModelError(
            f"{error.filename or folder} could not be deleted: {reason}. Close what uses it or "
            "check its permissions, then try again."
        ) from error


def size_text(count: int) -> str:
    """Bytes as a sentence tells them."""
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"


def _delete(path: Path) -> None:
    """Delete a file, a link (never what it points to) or a folder; nothing there is fine."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """Make renames last; Windows has no such call, some network disks refuse it."""
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


if sys.platform == "win32":  # pragma: no cover - the other half is

    def _lock(handle: int) -> None:
        import msvcrt

        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
else:

    def _lock(handle: int) -> None:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
