"""Disk against catalog: what is new, changed, moved, gone or back. Reads folders, never photos.

Missing is missing, never a cascade: a root that is not there, or that lost a suspicious part of
its files at once, goes offline and keeps every row.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Collection, Generator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from engine.differences import Differences, Key, key_of, match_paths, moved_earlier, recognise_moves
from engine.errors import RootError
from engine.files.scan import Excludes, scan
from engine.jobs import Event, Job, Progress, ReconcileReport, Skipped
from engine.sidecar_facts import follow
from engine.types import DirtyFolder, FileSeen, PhotoState, Root, RootId

if TYPE_CHECKING:
    from engine.catalog import Catalog

log = logging.getLogger(__name__)

_SUSPICIOUS_FILES = 50
_SUSPICIOUS_SHARE = 0.2
_CHUNK = 2_000  # rows per transaction: short enough for the grid to follow

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Target:
    """A folder of a root to compare."""

    folder: bytes
    recursive: bool


@dataclass(frozen=True, slots=True)
class _Beside:
    """The sidecars that lie in a folder; `unread` is what could not be looked at."""

    target: _Target
    sidecars: list[FileSeen]
    unread: list[bytes]


_WHOLE = _Target(b"", recursive=True)


def reconcile(
    catalog: Catalog,
    excludes: Excludes,
    dirty: Collection[DirtyFolder] | None = None,
    *,
    own: Path | None = None,
    accept_missing: bool = False,
) -> Job[ReconcileReport]:
    """Bring the catalog up to what is on disk.

    Args:
        catalog: what we know.
        excludes: names that are not looked at.
        dirty: only these folders, as the watcher marked them; None: every root.
        own: the library's data folder: what lies in it are no photos, even below a root.
        accept_missing: the user said that the files are really gone, however many.

    Returns:
        Counts of what was found; rows are committed in chunks, moves before anything vanishes.

    Cost: .2 s for 50,000 unchanged files (warm); one stat per file, no file is opened.
    """
    roots = catalog.roots.all()
    found = Differences()
    offline: list[Path] = []
    compared: list[tuple[Root, Differences]] = []
    beside: dict[RootId, list[_Beside]] = {}
    away: dict[RootId, str] = {}
    for root, targets in _targets(roots, dirty):
        yield Progress(found.listed, None, str(root.path))
        mine = Differences(partly=dirty is not None and _WHOLE not in targets)
        compared.append((root, mine))
        why = _why_unavailable(root)
        if why is None:
            others = [
                *(other.path for other in roots if other.id != root.id),
                *([own] if own else []),
            ]
            nested = [path for other in others if (path := _inside(root.path, other)) is not None]
            why = yield from _compare(
                catalog, root, targets, excludes, nested, mine, found.listed,
                beside.setdefault(root.id, []),
            )  # fmt: skip
        if why is not None:
            away[root.id] = why
        else:
            found.listed += mine.listed
    here = {
        key_of(file) for root, mine in compared if root.id not in away for _, file in mine.places
    }
    for root, mine in compared:
        why = away.get(root.id)
        if why is None and mine.vanished and not accept_missing:
            why = _suspicion(catalog, root, mine, here)
        if why is not None:
            offline.append(root.path)
            beside.pop(root.id, None)
            if root.online or root.note != why:
                catalog.roots.set_online(root.id, False, why)
                log.warning("%s is offline: %s", root.path, why)
            continue
        marker = _marker(root.path)
        if not root.online or marker != root.marker:
            catalog.roots.set_online(root.id, True, "", marker)
        found.take(mine)
    report = yield from _commit(catalog, found)
    for root_id, folders in beside.items():
        for each in folders:
            where = (each.target.folder, each.target.recursive)
            follow(catalog, root_id, where, each.sidecars, each.unread)
    return ReconcileReport(**report, unchanged=found.unchanged, roots_offline=tuple(offline))


# ---- which folders ---------------------------------------------------------------------------


def _targets(
    roots: Sequence[Root], dirty: Collection[DirtyFolder] | None
) -> Iterator[tuple[Root, list[_Target]]]:
    if dirty is None:
        for root in roots:
            yield root, [_WHOLE]
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
        if marks and (not root.online or _replaced(root)):
            yield root, [_WHOLE]  # a part of it would not tell whether the rest is there
        elif marks:
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


def _replaced(root: Root) -> bool:
    """Whether another folder lies at the root's place: a drive was unmounted, or mounted."""
    return root.marker is not None and root.marker != _marker(root.path)


def _inside(root: Path, other: Path) -> Path | None:
    """A folder below a root as a path that a scan of the root would meet, links or not."""
    real_root, real_other = Path(os.path.realpath(root)), Path(os.path.realpath(other))
    return root / real_other.relative_to(real_root) if real_root in real_other.parents else None


def _why_unavailable(root: Root) -> str | None:
    try:
        if not root.path.is_dir():
            return "The folder is not there. Is its drive connected?"
        with os.scandir(root.path) as entries:
            next(entries, None)
    except OSError as error:
        return f"The folder cannot be read: {error.strerror or error}."
    return None


def _suspicion(catalog: Catalog, root: Root, mine: Differences, here: set[Key]) -> str | None:
    """Why so many missing files look like a lost drive rather than a tidy user.

    Files that were only renamed or moved, within this root or to another, are not missed.
    """
    gone = sum(1 for row in mine.vanished if key_of(row) not in here)
    if not gone:
        return None
    if mine.partly:
        rows = catalog.photos.known(root.id)
        known = sum(row.state is not PhotoState.MISSING for row in rows)
        there = known - len(mine.vanished)
    else:
        known = mine.unchanged + len(mine.edited) + len(mine.racy) + len(mine.vanished)
        there = mine.listed
    if gone == known and not there:
        return "The folder is empty, but photos were known in it. Is its drive connected?"
    if mine.partly:
        return None
    if gone > _SUSPICIOUS_SHARE * known and (gone > _SUSPICIOUS_FILES or _replaced(root)):
        return f"{gone} of {known} photos vanished at once. Were they really deleted?"
    return None


# ---- comparing ---------------------------------------------------------------------------------


def _compare(
    catalog: Catalog,
    root: Root,
    targets: Sequence[_Target],
    excludes: Excludes,
    nested: Sequence[Path],
    mine: Differences,
    before: int,
    beside: list[_Beside],
) -> Generator[Event, None, str | None]:
    """Compare one root; returns why the root has to be called offline, or None."""
    marker = _marker(root.path)
    for target in targets:
        problems: list[tuple[Path, str]] = []
        sidecars: list[FileSeen] = []
        seen: dict[bytes, FileSeen] = {}
        try:
            for file in scan(
                root.path, excludes, folder=target.folder, recursive=target.recursive,
                nested_roots=nested, on_problem=lambda p, r: problems.append((p, r)),  # noqa: B023
                on_sidecar=sidecars.append,
            ):  # fmt: skip
                seen[file.relpath] = file
                if len(seen) % 5_000 == 0:
                    yield Progress(before + mine.listed + len(seen), None, str(root.path))
        except RootError as error:
            return str(error)
        unread = [_relative(path, root) for path, _ in problems]
        for path, reason in problems:
            yield Skipped(path, reason)
        match_paths(catalog.photos.known(root.id, target.folder, target.recursive), seen,
                     unread, root.id, excludes, mine)  # fmt: skip
        beside.append(_Beside(target, sidecars, unread))
        mine.listed += len(seen)
    if mine.vanished and _marker(root.path) != marker:
        return "The folder went away while it was looked at. Is its drive connected?"
    _give_away(root, nested, mine)
    return None


def _give_away(root: Root, nested: Sequence[Path], mine: Differences) -> None:
    """Set apart the rows whose files lie in a folder that is looked after as another root."""
    for path in nested:
        below = _relative(path, root) + b"/"
        left = [row for row in mine.vanished if row.relpath.startswith(below)]
        there = {row.photo_id for row in left if os.path.lexists(row.path)}
        mine.elsewhere += [row for row in left if row.photo_id in there]
        mine.vanished = [row for row in mine.vanished if row.photo_id not in there]


def _relative(path: Path, root: Root) -> bytes:
    """A path below a root as the catalog has it; the root itself is empty."""
    return b"" if path == root.path else os.fsencode(path.relative_to(root.path))


# ---- moves, then commit --------------------------------------------------------------------------


def _commit(catalog: Catalog, found: Differences) -> Generator[Event, None, dict[str, int]]:
    settled = recognise_moves(catalog, found)
    moves, places, edited = settled.moves, settled.places, settled.edited
    adopted = moved_earlier(catalog, settled.vanished, {photo_id for photo_id, _, _ in moves})
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
