"""Write regions into a photo's XMP sidecar, so that nothing said there before is ever lost."""

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
_CHANGED = "was changed by another program; export again"


class SidecarUnwritten(PhotoError):
    """A sidecar stayed as it was; `path` is the sidecar's."""


def sidecar_of(photo: Path) -> Path:
    """Where a photo's sidecar is, or would be: `IMG.jpg.xmp`, or an `IMG.xmp` that is there.

    `IMG.xmp` is the sidecar of the only picture of that name, and of the RAW file among several;
    a new one has the whole name, which no two photos share.

    Raises:
        SidecarUnwritten: the folder cannot be listed.
    """
    whole, short = photo.name + ".xmp", photo.stem + ".xmp"
    try:
        names = [each.name for each in photo.parent.iterdir()]
    except OSError as error:
        raise SidecarUnwritten(photo, f"its folder cannot be read: {reason(error)}") from error
    by_fold = {folded(name): name for name in names}
    if folded(whole) in by_fold:
        return photo.with_name(by_fold[folded(whole)])
    if folded(short) in by_fold:
        alone = not any(
            is_candidate(name)
            and name != photo.name
            and folded(Path(name).stem) == folded(photo.stem)
            for name in names
        )
        if alone or is_raw(photo.name):
            return photo.with_name(by_fold[folded(short)])
    return photo.with_name(whole)


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
    existing = _read(sidecar)
    try:
        packet = regions_packet(existing, width, height, detections, orientation)
    except NotXmp as error:
        why = f"{error}; move it away or repair it, then export again"
        raise SidecarUnwritten(sidecar, why) from error
    if packet == (existing or b""):
        return None
    if existing is None:
        try:
            return new_file(sidecar, packet)
        except NameTaken as error:
            raise SidecarUnwritten(sidecar, "has just been made by another program") from error
        except DiskError as error:
            raise _refused(sidecar, error) from error
    _keep(sidecar, existing, kept)
    try:
        _replace(sidecar, existing, packet)
    except OSError as error:
        if error.errno in _DISK_IS_DONE:
            raise DiskError(f"{sidecar} could not be written: {reason(error)}.") from error
        why = f"could not be written: {reason(error)}"
        raise SidecarUnwritten(sidecar, why) from error
    return sidecar


def _read(sidecar: Path) -> bytes | None:
    if not os.path.lexists(sidecar):
        return None
    if sidecar.is_symlink():
        raise SidecarUnwritten(sidecar, "is a link to another file; it was left as it is")
    try:
        with open_photo(sidecar, background=True, in_memory=LONGEST).source as source:
            return source.read(LONGEST + 1)
    except PhotoUnreadable as error:
        raise SidecarUnwritten(sidecar, error.reason) from error


def _refused(sidecar: Path, error: DiskError) -> DiskError | SidecarUnwritten:
    cause = error.__cause__
    if isinstance(cause, OSError) and cause.errno not in _DISK_IS_DONE:
        return SidecarUnwritten(sidecar, f"could not be written: {reason(cause)}")
    return error


def _keep(sidecar: Path, data: bytes, kept: Path) -> None:
    """A copy of every state that we ever change, once; a few kilobytes each."""
    place = hashlib.blake2b(os.fsencode(sidecar), digest_size=6).hexdigest()
    state = hashlib.blake2b(data, digest_size=6).hexdigest()
    copy = kept / f"{place}-{state}.xmp"
    if not copy.exists():
        make_folder(kept)
        replace_file(copy, data)


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
                raise SidecarUnwritten(sidecar, _CHANGED)
        elif sidecar.read_bytes() == existing:
            writes.supersede(temporary, sidecar)
        else:
            raise SidecarUnwritten(sidecar, _CHANGED)
        writes.sync_folder(sidecar.parent)
    finally:
        with contextlib.suppress(OSError):
            # Another's words must not go with it, whatever happened.
            if not exchanged or temporary.read_bytes() in (packet, existing):
                writes.remove(temporary)
