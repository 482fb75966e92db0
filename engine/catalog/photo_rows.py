"""Between photo rows and the values that leave the room."""

from __future__ import annotations

import calendar
import json
import os
import re
import sqlite3
import time
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.types import Photo, PhotoId, PhotoMetadata, PhotoState, RootId

_SIGN = 1 << 63
_WRAP = 1 << 64

VISIBLE_FOLDERS = (
    "(SELECT f.id FROM folder f JOIN root r ON r.id = f.root_id WHERE r.forgotten_at IS NULL)"
)
HIDDEN_FOLDERS = VISIBLE_FOLDERS.replace("IS NULL", "IS NOT NULL")


@dataclass(frozen=True, slots=True)
class KnownFile:
    """A file as the catalog knows it: what the disk is compared with.

    `relpath` is raw bytes with "/" between the parts. `read_ns` is when its bytes were last
    read, None when they are still to be read.
    """

    photo_id: PhotoId
    root_id: RootId
    root_path: Path
    relpath: bytes
    size: int
    mtime_ns: int
    dev: int
    ino: int
    read_ns: int | None
    content_hash: bytes | None
    state: PhotoState

    @property
    def path(self) -> Path:
        return self.root_path / os.fsdecode(self.relpath)


@dataclass(frozen=True, slots=True)
class KnownContent:
    """What a photo's bytes were when they were last read: true while size and time are the same.

    `content_hash`, `width` and `height` are None while the file is still to be read.
    """

    photo_id: PhotoId
    path: Path
    online: bool
    size: int
    mtime_ns: int
    content_hash: bytes | None
    width: int | None
    height: int | None


KNOWN_COLUMNS = (
    "p.id, f.root_id, r.path, f.relpath, p.name, p.size, p.mtime_ns, p.dev, p.ino, p.read_ns,"
    " p.content_hash, p.state"
)
FROM_PHOTO = "FROM photo p JOIN folder f ON f.id = p.folder_id JOIN root r ON r.id = f.root_id"


def known_files(cursor: sqlite3.Cursor) -> list[KnownFile]:
    """Rows of `KNOWN_COLUMNS`."""
    roots: dict[bytes, Path] = {}
    states = {state.value: state for state in PhotoState}
    found: list[KnownFile] = []
    for (
        photo_id,
        root_id,
        root,
        folder,
        name,
        size,
        mtime_ns,
        dev,
        ino,
        read_ns,
        digest,
        state,
    ) in cursor:
        path = roots.get(root)
        if path is None:
            path = roots[root] = path_from(root)
        file = KnownFile(
            photo_id=photo_id,
            root_id=root_id,
            root_path=path,
            relpath=join(folder, name),
            size=size,
            mtime_ns=mtime_ns,
            dev=dev % _WRAP,
            ino=ino % _WRAP,
            read_ns=read_ns,
            content_hash=digest,
            state=states[state],
        )
        found.append(file)
    return found


PHOTO_COLUMNS = (
    "p.id, f.root_id, r.path, f.relpath, p.name, p.state, r.online, p.size, p.mtime_ns,"
    " p.content_hash, p.width, p.height, p.format, p.taken_at, p.camera, p.damaged"
)


def photo_from(row: tuple[Any, ...]) -> Photo:
    """A row of `PHOTO_COLUMNS` and whether it is embedded."""
    return Photo(
        id=row[0],
        root_id=row[1],
        path=place(row[2], row[3], row[4]),
        state=PhotoState(row[5]),
        online=bool(row[6]),
        size=row[7],
        mtime_ns=row[8],
        content_hash=row[9],
        width=row[10],
        height=row[11],
        format=row[12],
        taken_at=row[13],
        camera=row[14],
        damaged=row[15],
        embedded=bool(row[16]),
    )


# ---- places --------------------------------------------------------------------------------------


def path_from(raw: bytes) -> Path:
    """A path as the system wrote it; bytes that are no UTF-8 survive."""
    return Path(os.fsdecode(raw))


def place(root: bytes, folder: bytes, name: bytes) -> Path:
    """Where a file lies."""
    return path_from(root) / os.fsdecode(join(folder, name))


def join(folder: bytes, name: bytes) -> bytes:
    """The relpath of a file in a folder below the root; b"" is the root."""
    return folder + b"/" + name if folder else name


def split(relpath: bytes) -> tuple[bytes, bytes]:
    """Folder and name of a relpath."""
    folder, _, name = relpath.rpartition(b"/")
    return folder, name


def below(folder: bytes) -> tuple[bytes, bytes]:
    """The range of relpaths strictly inside a folder ("0" follows "/")."""
    return folder + b"/", folder + b"0"


# ---- numbers and texts ---------------------------------------------------------------------------


def signed(number: int) -> int:
    """An inode or device as SQLite holds it: 64 bits with a sign."""
    return (number + _SIGN) % _WRAP - _SIGN


def unsigned(number: int) -> int:
    """The inverse of `signed`."""
    return number % _WRAP


def text(value: str) -> str:
    """Without lone surrogates, which SQLite refuses (names that are no UTF-8)."""
    return value.encode("utf-8", "replace").decode("utf-8")


def folded(name: bytes) -> str:
    """A name for comparing without regard to case."""
    return name.decode("utf-8", "replace").casefold()


def extension(name: bytes) -> str:
    """The ending of a name without its dot, in small letters; empty where it has none."""
    return folded(name).rpartition(".")[2] if b"." in name else ""


def name_key(name: bytes) -> str:
    """Sorts as people count: IMG_2 before IMG_10, capitals like small letters."""
    return re.sub(r"[0-9]+", lambda digits: digits[0].lstrip("0").zfill(12), folded(name))


def date_key(taken_at: str | None, mtime_ns: int) -> int:
    """Seconds on the photographer's wall clock; without a date in the file, of its mtime."""
    seconds = wall_clock(taken_at)
    if seconds is not None:
        return seconds
    whole = mtime_ns // 1_000_000_000
    try:
        return calendar.timegm(time.localtime(whole))
    except (ValueError, OverflowError, OSError):  # a year that the C library refuses
        return whole


def wall_clock(taken_at: str | None) -> int | None:
    """Seconds of "YYYY-MM-DDTHH:MM:SS", None where it is no such date."""
    if taken_at is None:
        return None
    try:
        return calendar.timegm(datetime.fromisoformat(taken_at).timetuple())
    except ValueError:
        return None


# ---- metadata ------------------------------------------------------------------------------------


def camera_of(metadata: PhotoMetadata) -> str | None:
    """Make and model without saying the make twice: "Canon EOS 5D", "Apple iPhone 8"."""
    make = (metadata.camera_make or "").strip()
    model = (metadata.camera_model or "").strip()
    if not make or not model:
        return text(make or model) or None
    first = make.split()[0].casefold()
    if model.casefold().split()[0] == first or model.casefold().startswith(make.casefold()):
        return text(model)
    return text(f"{make} {model}")


_METADATA_DEFAULTS = {entry.name: entry.default for entry in fields(PhotoMetadata)}


def metadata_json(metadata: PhotoMetadata) -> str:
    """What is known, as one JSON object; what is not known is left out."""
    values = {name: getattr(metadata, name) for name in _METADATA_DEFAULTS}
    return json.dumps(
        {name: value for name, value in values.items() if value != _METADATA_DEFAULTS[name]},
        separators=(",", ":"),
    )


def metadata_from(raw: str) -> PhotoMetadata:
    """The inverse; entries of a later version are left out."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in json.loads(raw).items()
        if name in _METADATA_DEFAULTS
    }
    return PhotoMetadata(**values)
