"""What differs between disk and catalog: files and rows matched by path, then by identity."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from time import time_ns
from typing import TYPE_CHECKING, TypeAlias

from engine.types import FileSeen, PhotoId, PhotoState, RootId

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.catalog.photos import KnownFile
    from engine.files.scan import Excludes

RACY_NS = 2_000_000_000  # coarse clocks: a write this close to our reading may be unseen
_AHEAD_NS = 60 * 1_000_000_000  # a file server's clock may be ahead; dates further off are false

Key: TypeAlias = tuple[int, int, int]  # inode, size, mtime: the same file wherever it lies


@dataclass(slots=True)
class Differences:
    """What the comparison found, over all roots, before moves are recognised."""

    unchanged: int = 0
    listed: int = 0
    places: list[tuple[RootId, FileSeen]] = field(default_factory=list)  # files without a row
    edited: list[tuple[KnownFile, FileSeen]] = field(default_factory=list)  # same path, other file
    racy: list[tuple[KnownFile, FileSeen]] = field(default_factory=list)
    returned: list[tuple[KnownFile, FileSeen]] = field(default_factory=list)
    vanished: list[KnownFile] = field(default_factory=list)
    excluded: list[KnownFile] = field(default_factory=list)  # the user no longer wants to see them
    elsewhere: list[KnownFile] = field(default_factory=list)  # still there, but not this root's now
    partly: bool = False  # only some folders were looked at

    def take(self, root: Differences) -> None:
        """Add what was found in one root."""
        self.unchanged += root.unchanged
        for name in _LISTS:
            getattr(self, name).extend(getattr(root, name))


_LISTS = ("places", "edited", "racy", "returned", "vanished", "excluded", "elsewhere")


def match_paths(
    known: Sequence[KnownFile],
    seen: dict[bytes, FileSeen],
    unread: Sequence[bytes],
    root_id: RootId,
    excludes: Excludes,
    found: Differences,
) -> None:
    """Sort one folder's files and rows by path."""
    left = dict(seen)
    tombstones: list[KnownFile] = []
    for row in known:
        if row.state is PhotoState.MISSING:
            tombstones.append(row)
            continue
        file = left.pop(row.relpath, None)
        if file is None:
            if any(excludes.matches(os.fsdecode(part)) for part in row.relpath.split(b"/")):
                found.excluded.append(row)
            elif not any(_at_or_below(row.relpath, path) for path in unread):
                found.vanished.append(row)
        elif (row.size, row.mtime_ns, row.ino) != (file.size, file.mtime_ns, file.ino):
            found.edited.append((row, file))
        elif row.read_ns is not None and -RACY_NS <= row.mtime_ns - row.read_ns <= _AHEAD_NS:
            found.racy.append((row, file))
        else:
            found.unchanged += 1
    for row in tombstones:
        file = left.get(row.relpath)
        if file is not None and (row.size, row.mtime_ns) == (file.size, file.mtime_ns):
            found.returned.append((row, left.pop(row.relpath)))
    found.places.extend((root_id, file) for file in left.values())


def _at_or_below(relpath: bytes, path: bytes) -> bool:
    return not path or relpath == path or relpath.startswith(path + b"/")


def key_of(file: KnownFile | FileSeen) -> Key:
    """What stays the same when a file is renamed or moved."""
    return file.ino, file.size, file.mtime_ns


# ---- moves ---------------------------------------------------------------------------------------


@dataclass(slots=True)
class Moves:
    """The differences once every file was given its row."""

    moves: list[tuple[PhotoId, RootId, FileSeen]] = field(default_factory=list)
    places: list[tuple[RootId, FileSeen]] = field(default_factory=list)
    edited: list[tuple[KnownFile, FileSeen]] = field(default_factory=list)
    vanished: list[KnownFile] = field(default_factory=list)


def recognise_moves(catalog: Catalog, found: Differences) -> Moves:
    """Give files at unexpected places the row of the same inode, size and time.

    Swaps are moves too: a path that now holds another known file says nothing of its old row.
    """
    result = Moves()
    lost = (*found.vanished, *found.elsewhere)
    homeless: dict[Key, list[KnownFile]] = {}  # hard links share a key
    for row in (*(row for row, _ in reversed(found.edited)), *reversed(lost)):
        homeless.setdefault(key_of(row), []).append(row)
    open_places = [(root_id, file, None) for root_id, file in found.places]
    open_places += [(row.root_id, file, row) for row, file in found.edited]
    strangers = [key_of(file) for _, file, owner in open_places if owner is None]
    tombstones = {
        key_of(row): row
        for row in catalog.photos.with_identity(strangers)
        if row.state is PhotoState.MISSING
    }
    taken: set[PhotoId] = set()
    displaced: list[KnownFile] = []
    left: list[tuple[RootId, FileSeen, KnownFile | None]] = []
    for root_id, file, owner in open_places:
        rows = homeless.get(key_of(file)) if file.ino else None
        row = rows.pop() if rows else None
        if row is None and owner is None and file.ino:
            row = tombstones.pop(key_of(file), None)
        if row is None:
            left.append((root_id, file, owner))
            continue
        taken.add(row.photo_id)
        result.moves.append((row.photo_id, root_id, file))
        if owner is not None:
            displaced.append(owner)
    for root_id, file, owner in left:
        if owner is None or owner.photo_id in taken:
            result.places.append((root_id, file))
        else:
            result.edited.append((owner, file))
    result.vanished = [row for row in (*lost, *displaced) if row.photo_id not in taken]
    return result


def moved_earlier(
    catalog: Catalog, vanished: Sequence[KnownFile], taken: Collection[PhotoId]
) -> list[tuple[PhotoId, PhotoId]]:
    """Rows whose file was already listed as new elsewhere: the target's event came first.

    Only rows that are fresh themselves are merged: a hard link of long standing is a photo
    of its own, with tags of its own.
    """
    fresh_ns = time_ns() - 60 * 1_000_000_000
    gone = {key_of(row): row for row in vanished if row.ino}
    merged: dict[PhotoId, PhotoId] = {}
    for new in catalog.photos.with_identity(list(gone)):
        old = gone[key_of(new)]
        if (
            new.state is PhotoState.PRESENT
            and new.photo_id not in taken  # it has just got a file of its own
            and new.photo_id > old.photo_id
            and (new.read_ns is None or new.read_ns > fresh_ns)
        ):
            merged.setdefault(old.photo_id, new.photo_id)
    return list(merged.items())
