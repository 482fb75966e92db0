"""Disk against catalog: what is new, changed, moved, gone or back. Reads folders, never photos.

Missing is missing, never a cascade: a root that is not there, or that lost a suspicious part of
its files at once, goes offline and keeps every row.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Generator, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from engine.errors import RootError
from engine.files.scan import Excludes, scan
from engine.jobs import Event, Job, Progress, ReconcileReport, Skipped
from engine.types import DirtyFolder, FileSeen, PhotoId, PhotoState, Root, RootId

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.catalog.photos import KnownFile

log = logging.getLogger(__name__)

RACY_NS = 2_000_000_000  # coarse clocks: a write this close to our reading may be unseen
_SUSPICIOUS_FILES = 50
_SUSPICIOUS_SHARE = 0.2
_CHUNK = 2_000  # rows per transaction: short enough for the grid to follow

T = TypeVar("T")
_Key: TypeAlias = tuple[int, int, int]  # inode, size, mtime: the same file wherever it lies


@dataclass(frozen=True, slots=True)
class _Target:
    """A folder of a root to compare."""

    folder: bytes
    recursive: bool


@dataclass(slots=True)
class _Differences:
    """What the comparison found, over all roots, before moves are recognised."""

    unchanged: int = 0
    listed: int = 0
    places: list[tuple[RootId, FileSeen]] = field(default_factory=list)  # files without a row
    edited: list[tuple[KnownFile, FileSeen]] = field(default_factory=list)  # same path, other file
    racy: list[tuple[KnownFile, FileSeen]] = field(default_factory=list)
    returned: list[tuple[KnownFile, FileSeen]] = field(default_factory=list)
    vanished: list[KnownFile] = field(default_factory=list)
    excluded: list[KnownFile] = field(default_factory=list)  # the user no longer wants to see them


def reconcile(
    catalog: Catalog,
    excludes: Excludes,
    dirty: Collection[DirtyFolder] | None = None,
    *,
    accept_missing: bool = False,
) -> Job[ReconcileReport]:
    """Bring the catalog up to what is on disk.

    Args:
        catalog: what we know.
        excludes: names that are not looked at.
        dirty: only these folders, as the watcher marked them; None: every root.
        accept_missing: the user said that the files are really gone, however many.

    Returns:
        Counts of what was found; rows are committed in chunks, moves before anything vanishes.

    Cost: .2 s for 50,000 unchanged files (warm); one stat per file, no file is opened.
    """
    roots = catalog.roots.all()
    found = _Differences()
    offline: list[Path] = []
    for root, targets in _targets(roots, dirty):
        yield Progress(found.listed, None, str(root.path))
        why = _why_unavailable(root)
        if why is None:
            why = yield from _compare(
                catalog, root, targets, excludes, roots, found,
                strict=not accept_missing, live=dirty is not None,
            )  # fmt: skip
        if why is not None:
            offline.append(root.path)
            if root.online or root.note != why:
                catalog.roots.set_online(root.id, False, why)
                log.warning("%s is offline: %s", root.path, why)
            continue
        marker = _marker(root.path)
        if not root.online or marker != root.marker:
            catalog.roots.set_online(root.id, True, "", marker)
    report = yield from _commit(catalog, found)
    return ReconcileReport(**report, unchanged=found.unchanged, roots_offline=tuple(offline))


# ---- which folders ---------------------------------------------------------------------------


def _targets(
    roots: Sequence[Root], dirty: Collection[DirtyFolder] | None
) -> Iterator[tuple[Root, list[_Target]]]:
    if dirty is None:
        for root in roots:
            yield root, [_Target(b"", recursive=True)]
        return
    by_root: dict[RootId, dict[bytes, bool]] = {}
    for mark in dirty:
        root = _deepest(roots, mark.path)
        if root is None:
            continue
        folder = os.fsencode(mark.path.relative_to(root.path))
        marks = by_root.setdefault(root.id, {})
        folder = b"" if folder == b"." else folder
        marks[folder] = marks.get(folder, False) or mark.recursive
    for root in roots:
        marks = by_root.get(root.id)
        if marks:
            yield root, [_Target(f, r) for f, r in sorted(marks.items()) if not _covered(f, marks)]


def _deepest(roots: Sequence[Root], path: Path) -> Root | None:
    holding = [root for root in roots if path == root.path or root.path in path.parents]
    return max(holding, key=lambda root: len(root.path.parts), default=None)


def _covered(folder: bytes, marks: dict[bytes, bool]) -> bool:
    """Whether a folder above is looked at with all that is below it."""
    while folder:
        folder = folder.rpartition(b"/")[0]
        if marks.get(folder, False):
            return True
    return False


# ---- is the root there? ------------------------------------------------------------------------


def _marker(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


def _why_unavailable(root: Root) -> str | None:
    try:
        if not root.path.is_dir():
            return "The folder is not there. Is its drive connected?"
        with os.scandir(root.path) as entries:
            next(entries, None)
    except OSError as error:
        return f"The folder cannot be read: {error.strerror or error}."
    return None


def _suspicion(root: Root, gone: int, known: int, *, partly: bool, there: int) -> str | None:
    """Why so many missing files look like a lost drive rather than a tidy user."""
    if not gone:
        return None
    if gone == known and not there:
        return "The folder is empty, but photos were known in it. Is its drive connected?"
    if partly:
        return None
    moved_root = root.marker is not None and root.marker != _marker(root.path)
    if gone > _SUSPICIOUS_SHARE * known and (gone > _SUSPICIOUS_FILES or moved_root):
        return f"{gone} of {known} photos vanished at once. Were they really deleted?"
    return None


# ---- comparing ---------------------------------------------------------------------------------


def _compare(
    catalog: Catalog,
    root: Root,
    targets: Sequence[_Target],
    excludes: Excludes,
    roots: Sequence[Root],
    found: _Differences,
    *,
    strict: bool,
    live: bool,
) -> Generator[Event, None, str | None]:
    """Compare one root; returns why the root has to be called offline, or None."""
    nested = [other.path for other in roots if root.path in other.path.parents]
    mine = _Differences()
    for target in targets:
        problems: list[tuple[Path, str]] = []
        seen: dict[bytes, FileSeen] = {}
        try:
            for file in scan(
                root.path, excludes, folder=target.folder, recursive=target.recursive,
                nested_roots=nested, on_problem=lambda p, r: problems.append((p, r)),  # noqa: B023
            ):  # fmt: skip
                seen[file.relpath] = file
                if len(seen) % 5_000 == 0:
                    yield Progress(found.listed + len(seen), None, str(root.path))
        except RootError as error:
            if not target.folder:
                return str(error)
        unread = [os.fsencode(p.relative_to(root.path)) for p, _ in problems]
        for path, reason in problems:
            yield Skipped(path, reason)
        _match_paths(catalog.photos.known(root.id, target.folder, target.recursive), seen,
                     unread, root.id, excludes, mine)  # fmt: skip
        mine.listed += len(seen)
    partly = live and not any(t.folder == b"" and t.recursive for t in targets)
    if strict and mine.vanished:
        if partly:
            rows = catalog.photos.known(root.id)
            known = sum(row.state is not PhotoState.MISSING for row in rows)
        else:
            known = mine.unchanged + len(mine.edited) + len(mine.racy) + len(mine.vanished)
        gone = _really_gone(catalog, mine)
        there = mine.listed if not partly else known - len(mine.vanished)
        why = _suspicion(root, gone, known, partly=partly, there=there)
        if why is not None:
            return why
    found.unchanged += mine.unchanged
    found.listed += mine.listed
    for name in ("places", "edited", "racy", "returned", "vanished", "excluded"):
        getattr(found, name).extend(getattr(mine, name))
    return None


def _really_gone(catalog: Catalog, mine: _Differences) -> int:
    """Vanished files less those that were only renamed inside this root."""
    here = {_key(file) for _, file in mine.places}
    return sum(1 for row in mine.vanished if _key(row) not in here)


def _match_paths(
    known: Sequence[KnownFile],
    seen: dict[bytes, FileSeen],
    unread: Sequence[bytes],
    root_id: RootId,
    excludes: Excludes,
    found: _Differences,
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
            elif not any(row.relpath.startswith(folder + b"/") or not folder for folder in unread):
                found.vanished.append(row)
        elif (row.size, row.mtime_ns, row.ino) != (file.size, file.mtime_ns, file.ino):
            found.edited.append((row, file))
        elif row.read_ns is not None and row.mtime_ns >= row.read_ns - RACY_NS:
            found.racy.append((row, file))
        else:
            found.unchanged += 1
    for row in tombstones:
        file = left.get(row.relpath)
        if file is not None and (row.size, row.mtime_ns) == (file.size, file.mtime_ns):
            found.returned.append((row, left.pop(row.relpath)))
    found.places.extend((root_id, file) for file in left.values())


def _key(file: KnownFile | FileSeen) -> _Key:
    return file.ino, file.size, file.mtime_ns


# ---- moves, then commit --------------------------------------------------------------------------


@dataclass(slots=True)
class _Moves:
    """The differences once every file was given its row."""

    moves: list[tuple[PhotoId, RootId, FileSeen]] = field(default_factory=list)
    places: list[tuple[RootId, FileSeen]] = field(default_factory=list)
    edited: list[tuple[KnownFile, FileSeen]] = field(default_factory=list)
    vanished: list[KnownFile] = field(default_factory=list)


def _recognise_moves(catalog: Catalog, found: _Differences) -> _Moves:
    """Give files at unexpected places the row of the same inode, size and time.

    Swaps are moves too: a path that now holds another known file says nothing of its old row.
    """
    result = _Moves()
    homeless = {_key(row): row for row in (*found.vanished, *(row for row, _ in found.edited))}
    open_places = [(root_id, file, None) for root_id, file in found.places]
    open_places += [(row.root_id, file, row) for row, file in found.edited]
    strangers = [_key(file) for _, file, owner in open_places if owner is None]
    tombstones = {
        _key(row): row
        for row in catalog.photos.with_identity(strangers)
        if row.state is PhotoState.MISSING
    }
    taken: set[PhotoId] = set()
    displaced: list[KnownFile] = []
    left: list[tuple[RootId, FileSeen, KnownFile | None]] = []
    for root_id, file, owner in open_places:
        row = homeless.get(_key(file)) or (tombstones.get(_key(file)) if owner is None else None)
        if row is None or row.photo_id in taken or not file.ino:
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
    result.vanished = [row for row in (*found.vanished, *displaced) if row.photo_id not in taken]
    return result


def _moved_earlier(
    catalog: Catalog, vanished: Sequence[KnownFile]
) -> list[tuple[PhotoId, PhotoId]]:
    """Rows whose file was already listed as new elsewhere: the target's event came first.

    Only rows that are fresh themselves are merged: a hard link of long standing is a photo
    of its own, with tags of its own.
    """
    fresh_ns = time_ns() - 60 * 1_000_000_000
    gone = {_key(row): row for row in vanished if row.ino}
    merged: dict[PhotoId, PhotoId] = {}
    for new in catalog.photos.with_identity(list(gone)):
        old = gone[_key(new)]
        if (
            new.state is PhotoState.PRESENT
            and new.photo_id > old.photo_id
            and (new.read_ns is None or new.read_ns > fresh_ns)
        ):
            merged.setdefault(old.photo_id, new.photo_id)
    return list(merged.items())


def _commit(catalog: Catalog, found: _Differences) -> Generator[Event, None, dict[str, int]]:
    settled = _recognise_moves(catalog, found)
    moves, places, edited = settled.moves, settled.places, settled.edited
    adopted = _moved_earlier(catalog, settled.vanished)
    merged = {old for old, _ in adopted}
    vanished = [row for row in settled.vanished if row.photo_id not in merged]
    photos = catalog.photos
    total = len(moves) + len(places) + len(edited) + len(vanished) + len(found.returned)
    done = 0
    with catalog.write():  # moves at once: a swap cut in half would look like two edits
        photos.relocate(moves)
        for old, new in adopted:
            photos.adopt(old, new)
    done += len(moves)
    for rows in _chunks([(row.photo_id, file) for row, file in found.returned]):
        photos.mark_returned(rows)
        done += len(rows)
        yield Progress(done, total)
    for rows in _chunks([(row.photo_id, file) for row, file in (*edited, *found.racy)]):
        photos.mark_changed(rows)
        done += len(rows)
        yield Progress(done, total)
    by_root: dict[RootId, list[FileSeen]] = {}
    for root_id, file in places:
        by_root.setdefault(root_id, []).append(file)
    for root_id, files in by_root.items():
        for rows in _chunks(files):
            photos.add(root_id, rows)
            done += len(rows)
            yield Progress(done, total)
    for rows in _chunks([row.photo_id for row in (*vanished, *found.excluded)]):
        photos.mark_missing(rows)
        done += len(rows)
        yield Progress(done, total)
    return {
        "added": len(places),
        "changed": len(edited),
        "moved": len(moves) + len(adopted),
        "missing": len(vanished),
        "returned": len(found.returned),
    }


def _chunks(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(rows), _CHUNK):
        yield rows[start : start + _CHUNK]
