"""Between the journal's steps, the files on the disk and the rows of the catalog."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from engine.file_types import FilingStep, StepOp, StepState
from engine.files import writes
from engine.files.disk import TEMPORARY_PREFIX, reason
from engine.files.scan import Excludes, is_candidate
from engine.files.transfer import Kind, Stamp, Transfer, reversed_move
from engine.types import FileSeen, PhotoId, RootId

if TYPE_CHECKING:
    from engine.catalog import Catalog

_KINDS = {StepOp.MOVE: Kind.MOVE, StepOp.COPY: Kind.COPY, StepOp.LINK: Kind.LINK}


def bundles_of(steps: Iterable[FilingStep]) -> Iterator[list[FilingStep]]:
    """Steps that stand or fall together; those of a bundle follow each other."""
    for _, group in groupby(steps, key=lambda step: (step.run_id, step.bundle)):
        yield list(group)


def transfer_of(step: FilingStep, token: str) -> Transfer:
    """What the disk has to do, or has done, for a step."""
    stamp = Stamp(step.size, step.mtime_ns, step.dev, step.ino)
    arrived = None
    if step.target_ino is not None:
        mtime_ns = step.mtime_ns if step.target_mtime_ns is None else step.target_mtime_ns
        arrived = Stamp(step.size, mtime_ns, step.target_dev or 0, step.target_ino)
    return Transfer(
        _KINDS[step.op],
        step.source,
        step.target,
        step.target.parent / f"{TEMPORARY_PREFIX}{token}-{step.id}",
        stamp,
        step.content_hash,
        arrived=arrived,
    )


def with_arrival(step: FilingStep, done: Transfer) -> FilingStep:
    """The step once its file stands at the target."""
    arrived = done.arrived
    return replace(
        step,
        state=StepState.DONE,
        reason="",
        content_hash=done.content_hash,
        target_mtime_ns=arrived.mtime_ns if arrived else None,
        target_dev=arrived.dev if arrived else None,
        target_ino=arrived.ino if arrived else None,
    )


class Follower:
    """Lets the catalog follow what filing does, in the transaction that notes it as done.

    A photo keeps its row wherever it goes, with its tags and vectors. One that leaves all watched
    folders becomes a tombstone, which keeps all of that too: undoing, or watching its new folder,
    brings it back.
    """

    def __init__(self, catalog: Catalog, excludes: Excludes, own: Path) -> None:
        self._catalog = catalog
        self._excludes = excludes
        self._own = Path(os.path.realpath(own))
        roots = catalog.roots.all()
        self._roots = [(root.id, root.path, Path(os.path.realpath(root.path))) for root in roots]
        self._roots.sort(key=lambda root: -len(root[2].parts))
        self._markers = {root.path: root.marker for root in roots}

    def place(self, path: Path) -> tuple[RootId, bytes] | None:
        """The root that looks after a path and the path below it; None where none does."""
        if not is_candidate(path.name) or self._own in path.parents:
            return None
        for root_id, written, real in self._roots:
            for top in (written, real):
                if top not in path.parents:
                    continue
                relative = path.relative_to(top)
                if any(self._excludes.matches(part) for part in relative.parts):
                    return None
                return root_id, os.fsencode(relative.as_posix())
        return None

    def is_home(self, path: Path) -> bool:
        """Whether the drive that a path was on is there, as far as its watched folder tells.

        Folders are made anew only then: not on the disk below an empty mount point.
        """
        above = [root for root in self._markers if root in path.parents]
        if not above:
            return path.parent.is_dir()
        root = max(above, key=lambda root: len(root.parts))
        marker = self._markers[root]
        try:
            return marker is None or root.stat().st_ino == marker[1]
        except OSError:
            return False

    def arrived(self, steps: Sequence[FilingStep]) -> list[FilingStep]:
        """Follow files to their targets; returns the steps with the rows that were made."""
        moves: list[tuple[PhotoId, RootId, FileSeen]] = []
        away: list[PhotoId] = []
        followed: list[FilingStep] = []
        for step in steps:
            followed.append(step)
            if not is_candidate(step.target.name):
                continue
            place = self.place(step.target)
            seen = _seen(step, place[1]) if place else None
            if step.op is StepOp.MOVE:
                photo_id = step.photo_id or self._catalog.photos.find(step.source)
                if photo_id is None:
                    continue
                followed[-1] = replace(step, photo_id=photo_id)
                if place and seen:
                    moves.append((photo_id, place[0], seen))
                else:
                    away.append(photo_id)
            elif place and seen:
                made = self._copied(step, place[0], seen)
                followed[-1] = replace(step, made_photo_id=made)
        self._catalog.photos.relocate(moves)
        self._catalog.photos.mark_missing(away)
        return followed

    def _copied(self, step: FilingStep, root_id: RootId, seen: FileSeen) -> PhotoId:
        """The row of a copy; a reconcile may have been faster."""
        photos = self._catalog.photos
        known = photos.find(step.target)
        if known is None:
            (known,) = photos.add(root_id, [seen])
            return known
        (row,) = photos.page([known], None) or (None,)
        if row is None or (row.size, row.mtime_ns) != (seen.size, seen.mtime_ns):
            photos.mark_changed([(known, seen)])
        return known

    def holder(self, step: FilingStep) -> PhotoId | None:
        """Another photo that the catalog knows at a step's old place."""
        found = self._catalog.photos.find(step.source)
        return None if found == step.photo_id else found

    def returned(self, steps: Sequence[tuple[FilingStep, Stamp | None]]) -> None:
        """Follow files back; each step with what lies at its source now."""
        moves: list[tuple[PhotoId, RootId, FileSeen]] = []
        gone: list[PhotoId] = []
        going = {step.photo_id for step, _ in steps}
        for step, stamp in steps:
            if step.made_photo_id is not None:
                gone.append(step.made_photo_id)
            place = self.place(step.source)
            if step.op is not StepOp.MOVE or step.photo_id is None or not place or not stamp:
                continue
            if self.holder(step) not in (None, *going):
                continue  # of the same bytes, but known for itself
            seen = FileSeen(place[1], stamp.size, stamp.mtime_ns, stamp.dev, stamp.ino)
            moves.append((step.photo_id, place[0], seen))
        self._catalog.photos.relocate(moves)
        self._catalog.photos.mark_missing(gone)


def _seen(step: FilingStep, relpath: bytes) -> FileSeen:
    return FileSeen(
        relpath,
        step.size,
        step.mtime_ns if step.target_mtime_ns is None else step.target_mtime_ns,
        step.target_dev or 0,
        step.target_ino or 0,
    )


def forget_copies(ways: Iterable[Transfer]) -> str:
    """Remove unfinished copies of ours, on the way there and back; why that is not possible."""
    for one in ways:
        for path in (one.temporary, reversed_move(one).temporary):
            try:
                if os.path.lexists(path):
                    writes.remove(path)
            except OSError as error:
                return f"The unfinished copy {path} could not be removed: {reason(error)}."
    return ""


def missing_folders(folders: Iterable[Path]) -> list[Path]:
    """Folders that have to be made for these to be there, the highest first."""
    missing: set[Path] = set()
    for folder in folders:
        path = folder
        while path not in missing and not os.path.lexists(path) and path.parent != path:
            missing.add(path)
            path = path.parent
    return sorted(missing, key=lambda path: (len(path.parts), path))


def in_batches(
    bundles: Iterable[list[FilingStep]], most: int, most_bytes: int
) -> Iterator[list[list[FilingStep]]]:
    """Bundles that share one flush of the journal.

    Where two bundles have a name in common, one after the other, their files differ in size: after
    a crash no file is taken for another one of the same bytes.
    """
    batch: list[list[FilingStep]] = []
    held = 0
    used: set[tuple[Path, int]] = set()
    for bundle in bundles:
        size = sum(step.size for step in bundle)
        names = {(path, step.size) for step in bundle for path in (step.source, step.target)}
        full = len(batch) >= most or held + size > most_bytes
        if batch and (full or not used.isdisjoint(names)):
            yield batch
            batch, held, used = [], 0, set()
        batch.append(bundle)
        held += size
        used |= names
    if batch:
        yield batch
