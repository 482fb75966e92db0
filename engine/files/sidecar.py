"""A photo's XMP sidecar: which it is, and how it is changed so that nothing there is ever lost."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import secrets
from collections.abc import Sequence
from pathlib import Path

from engine.detection_types import Detection, StoredDetection
from engine.errors import DiskError, PhotoError, PhotoUnreadable
from engine.files import writes
from engine.files.disk import TEMPORARY_PREFIX, make_folder, reason, replace_file
from engine.files.names import folded
from engine.files.new_files import NameTaken, new_file
from engine.files.regions import regions_packet
from engine.files.scan import is_candidate, is_raw
from engine.files.source import open_photo
from engine.files.xmp_edit import LONGEST, NotXmp

_DISK_IS_DONE = {errno.ENOSPC, errno.EDQUOT}
_CHANGED = "was changed by another program"


class SidecarUnwritten(PhotoError):
    """A sidecar stayed as it was; `path` is the sidecar's."""


class SidecarChanged(SidecarUnwritten):
    """Another program wrote it between our reading and our writing: what it wrote stays."""


class Neighbours:
    """The names in one folder, looked up without regard to case: whose sidecar is which."""

    def __init__(self, folder: Path) -> None:
        """List the folder. OSError: it cannot be read."""
        self._folder = folder
        self._as_of = folder.stat().st_mtime_ns
        self._by_fold: dict[str, str] = {}
        self._pictures: dict[str, set[str]] = {}
        for each in folder.iterdir():
            self._by_fold[folded(each.name)] = each.name
            if is_candidate(each.name):
                self._pictures.setdefault(folded(each.stem), set()).add(each.name)

    def fresh(self) -> bool:
        """Whether no one else has made or taken away a file since."""
        try:
            return self._folder.stat().st_mtime_ns == self._as_of
        except OSError:
            return False

    def made(self, sidecar: Path) -> None:
        """We have just written this one."""
        self._by_fold[folded(sidecar.name)] = sidecar.name
        with contextlib.suppress(OSError):  # the folder went away: it is listed anew
            self._as_of = self._folder.stat().st_mtime_ns

    def __contains__(self, name: str) -> bool:
        return self._by_fold.get(folded(name)) == name

    def sidecar_of(self, photo: Path, *, short: bool = False) -> Path:
        """As `sidecar_of`, for a photo in this folder."""
        whole = photo.name + ".xmp"
        if there := self._by_fold.get(folded(whole)):
            return photo.with_name(there)
        alone = not self._pictures.get(folded(photo.stem), set()) - {photo.name}
        if alone or is_raw(photo.name):
            if there := self._by_fold.get(folded(photo.stem + ".xmp")):
                return photo.with_name(there)
            if short:
                return photo.with_name(photo.stem + ".xmp")
        return photo.with_name(whole)


def sidecar_of(photo: Path, *, short: bool = False) -> Path:
    """Where a photo's sidecar is, or would be: `IMG.jpg.xmp`, or an `IMG.xmp` that is there.

    `IMG.xmp` is the sidecar of the only picture of that name, and of the RAW file among several;
    a new one has the whole name, which no two photos share.

    Args:
        photo: its picture file.
        short: call a new one `IMG.xmp`, where that is this photo's.

    Raises:
        SidecarUnwritten: the folder cannot be listed.
    """
    try:
        return Neighbours(photo.parent).sidecar_of(photo, short=short)
    except OSError as error:
        raise SidecarUnwritten(photo, f"its folder cannot be read: {reason(error)}") from error


def write_regions(
    photo: Path,
    width: int,
    height: int,
    detections: Sequence[StoredDetection | Detection],
    orientation: int,
    kept: Path,
) -> Path | None:
    """Tell a photo's detections in its sidecar, beside all that is told there.

    The photo itself is not touched. A sidecar that is there changes places with its successor in
    one step and is compared once more with what was read: if another program wrote it meanwhile,
    it goes back. Before, its bytes are copied into `kept`.

    Args:
        photo: the picture file.
        width: of the upright photo.
        height: of the upright photo.
        detections: boxes in pixels of the upright photo; none takes our regions away.
        orientation: EXIF's, as `DecoderPool.orientation` tells.
        kept: a folder of ours for copies of sidecars as they were; made where missing.

    Returns:
        The sidecar; None where there is nothing to say or it is said already.

    Raises:
        SidecarUnwritten: the sidecar is no XMP that we understand, or cannot be written.
        DiskError: the disk is full, or the copy cannot be kept. Nothing was changed.
    """
    sidecar = sidecar_of(photo)
    existing = read_sidecar(sidecar)
    try:
        packet = regions_packet(existing, width, height, detections, orientation)
    except NotXmp as error:
        why = f"{error}; move it away or repair it, then export again"
        raise SidecarUnwritten(sidecar, why) from error
    if packet == (existing or b""):
        return None
    if existing is not None:
        keep_copy(sidecar, existing, kept)
    try:
        write_sidecar(sidecar, existing, packet)
    except SidecarChanged as error:
        raise SidecarChanged(sidecar, f"{error.reason}; export again") from error
    return sidecar


def read_sidecar(sidecar: Path) -> bytes | None:
    """All of its bytes; None where there is none.

    Raises:
        SidecarUnwritten: it cannot be read, or is a link, a folder, or in the cloud.
    """
    if not os.path.lexists(sidecar):
        return None
    if sidecar.is_symlink():
        raise SidecarUnwritten(sidecar, "is a link to another file; it was left as it is")
    try:
        with open_photo(sidecar, background=True, in_memory=LONGEST).source as source:
            return source.read(LONGEST + 1)
    except PhotoUnreadable as error:
        raise SidecarUnwritten(sidecar, error.reason) from error


def write_sidecar(sidecar: Path, existing: bytes | None, packet: bytes) -> None:
    """Give a sidecar new bytes in one step, if it still is what was read of it.

    Args:
        sidecar: the file.
        existing: what `read_sidecar` gave; None makes a new file.
        packet: its new bytes.

    Raises:
        SidecarChanged: another program wrote or made it meanwhile.
        SidecarUnwritten: it cannot be written; nothing was changed.
        DiskError: the disk is full; nothing was changed.

    Cost: one fsync of the file, one of the folder.
    """
    if existing is None:
        try:
            new_file(sidecar, packet)
        except NameTaken as error:
            raise SidecarChanged(sidecar, "has just been made by another program") from error
        except DiskError as error:
            raise _refused(sidecar, error) from error
        return
    try:
        _replace(sidecar, existing, packet)
    except FileNotFoundError as error:
        raise SidecarChanged(sidecar, "has just been moved or taken away") from error
    except OSError as error:
        if error.errno in _DISK_IS_DONE:
            raise DiskError(f"{sidecar} could not be written: {reason(error)}.") from error
        why = f"could not be written: {reason(error)}"
        raise SidecarUnwritten(sidecar, why) from error


def _refused(sidecar: Path, error: DiskError) -> DiskError | SidecarUnwritten:
    cause = error.__cause__
    if isinstance(cause, OSError) and cause.errno not in _DISK_IS_DONE:
        return SidecarUnwritten(sidecar, f"could not be written: {reason(cause)}")
    return error


def keep_copy(sidecar: Path, data: bytes, kept: Path) -> bool:
    """A copy of a state that is about to be changed, once; a few kilobytes each.

    Returns:
        Whether it was made now.

    Raises:
        DiskError: it could not be kept.
    """
    place = hashlib.blake2b(os.fsencode(sidecar), digest_size=6).hexdigest()
    state = hashlib.blake2b(data, digest_size=6).hexdigest()
    copy = kept / f"{place}-{state}.xmp"
    if copy.exists():
        return False
    make_folder(kept)
    replace_file(copy, data)
    return True


def _replace(sidecar: Path, existing: bytes, packet: bytes) -> None:
    temporary = sidecar.with_name(f"{TEMPORARY_PREFIX}{secrets.token_hex(8)}")
    handle = writes.create(temporary)
    exchanged = False
    try:
        try:
            with sidecar.open("rb") as old:
                writes.dress(handle, old.fileno(), temporary)
            writes.write(handle, packet, temporary)
            writes.sync(handle, temporary)
        finally:
            os.close(handle)
        exchanged = writes.exchange(temporary, sidecar)
        if exchanged:
            if temporary.read_bytes() != existing:
                writes.exchange(temporary, sidecar)
                raise SidecarChanged(sidecar, _CHANGED)
        elif sidecar.read_bytes() == existing:
            writes.supersede(temporary, sidecar)
        else:
            raise SidecarChanged(sidecar, _CHANGED)
        writes.sync_folder(sidecar.parent)
    finally:
        with contextlib.suppress(OSError):
            # Another's words must not go with it, whatever happened.
            if not exchanged or temporary.read_bytes() in (packet, existing):
                writes.remove(temporary)
