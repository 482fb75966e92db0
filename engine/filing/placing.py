"""There: batches of bundles to their targets, written down before and noted after."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import DiskError, PhotoUnreadable
from engine.file_types import FilingStep, RunId, SortPlan, StepOp, StepState
from engine.files import writes
from engine.files.companions import Bundle, bundles
from engine.files.disk import reason
from engine.files.names import number_of, numbered
from engine.files.scan import is_candidate
from engine.files.target_names import TargetNames, name_taken
from engine.files.transfer import (
    HalfDone,
    TransferFailed,
    bring,
    fingerprint,
    on_one_disk,
    stamp_of,
)
from engine.filing_steps import Follower, missing_folders, transfer_of, with_arrival
from engine.filing_tally import Tally, flush, in_state, lies_at, sentence, why

if TYPE_CHECKING:
    from engine.catalog import Catalog

_SPARE_BYTES = 16 << 20  # of the target's disk, for what others write meanwhile
_TRIES = 3  # when others make files of the same names at the same time


class Placing:
    """One run on its way there."""

    def __init__(
        self,
        catalog: Catalog,
        follower: Follower,
        token: str,
        tally: Tally,
        names: TargetNames | None = None,
    ) -> None:
        self._catalog = catalog
        self._follower = follower
        self._token = token
        self._tally = tally
        self._names = names or TargetNames()
        self._unmade: dict[Path, TransferFailed] = {}

    def place(self, batch: Sequence[list[FilingStep]]) -> None:
        """Bring a batch to its targets, as far as the disk lets us; `tally.stopped` says why not.

        Raises:
            CatalogError, DiskError: the journal cannot be written; it is settled later.
        """
        if batch[0][0].op is StepOp.ALBUM:
            self._into_albums(batch)
            return
        ready: list[list[FilingStep]] = []
        settled: list[FilingStep] = []
        for bundle in batch:
            try:
                ready.append(self._names.given(checked(bundle)))
            except (TransferFailed, PhotoUnreadable) as error:
                settled += self._skip(bundle, error)
        folders = missing_folders(step.target.parent for bundle in ready for step in bundle)
        begun = [step for bundle in ready for step in in_state(bundle, StepState.STARTED)]
        self._catalog.journal.start(
            [*begun, *settled], [(self._tally.run_id, path) for path in folders]
        )
        self._make(folders)
        done, settled = self._act(ready)
        flush(done, self._tally)
        with self._catalog.write():
            self._catalog.journal.update([*self._follower.arrived(done), *settled])

    def _act(self, ready: Sequence[list[FilingStep]]) -> tuple[list[FilingStep], list[FilingStep]]:
        """What was done, and what else there is to note."""
        done: list[FilingStep] = []
        settled: list[FilingStep] = []
        for number, bundle in enumerate(ready):
            try:
                arrived = self._bring(bundle)
            except (TransferFailed, PhotoUnreadable) as error:
                half = isinstance(error, HalfDone)
                if half or (isinstance(error, TransferFailed) and error.disk_is_done):
                    self._tally.stopped = sentence(error)
                    rest = ready[number + half :]  # a half-done one stays begun
                    settled += [s for b in rest for s in in_state(b, StepState.PLANNED)]
                    break
                settled += self._skip(bundle, error)
            else:
                done += arrived
                self._tally.take(arrived)
        return done, settled

    def _bring(self, bundle: list[FilingStep]) -> list[FilingStep]:
        """Bring one bundle; a name that was taken in the last moment gets another number."""
        folder = bundle[0].target.parent
        for _ in range(_TRIES):
            unmade = next((p for p in (folder, *folder.parents) if p in self._unmade), None)
            if unmade is not None:
                raise self._unmade[unmade]
            self._names.check_folder(folder)
            try:
                arrived = bring([transfer_of(step, self._token) for step in bundle])
            except TransferFailed as error:
                if not error.name_taken or isinstance(error, HalfDone):
                    raise
                if not self._names.chooses:
                    step = next((s for s in bundle if s.target == error.path), bundle[0])
                    raise name_taken(bundle, step) from error
                self._names.forget(folder)
                bundle[:] = self._names.given(bundle)
                self._catalog.journal.start(in_state(bundle, StepState.STARTED))
            else:
                return [with_arrival(s, a) for s, a in zip(bundle, arrived, strict=True)]
        raise TransferFailed(bundle[0].target, "its name is taken")

    def _make(self, folders: Sequence[Path]) -> None:
        """Folders that are not there; one that cannot be made fails its photos, not the run."""
        for path in folders:
            try:
                writes.make_folder(path)
                writes.sync_folder(path.parent)
            except FileExistsError:  # somebody else's: not for us to remove
                self._catalog.journal.forget_folder(self._tally.run_id, path)
            except OSError as error:
                why_not = f"the folder could not be made: {reason(error)}"
                self._unmade[path] = TransferFailed(path, why_not, error.errno)

    def _skip(
        self, bundle: Sequence[FilingStep], error: TransferFailed | PhotoUnreadable
    ) -> list[FilingStep]:
        said = why(error, bundle[0].source)
        self._tally.skip(bundle[0].source, said)
        return in_state(bundle, StepState.SKIPPED, said)

    def _into_albums(self, batch: Sequence[list[FilingStep]]) -> None:
        with self._catalog.write():
            for bundle in batch:
                photos = [step.photo_id for step in bundle if step.photo_id is not None]
                self._catalog.albums.add(bundle[0].category, photos, self._tally.run_id)
                self._catalog.journal.update(in_state(bundle, StepState.DONE))
                self._tally.take(bundle)


def planned(plan: SortPlan) -> list[FilingStep]:
    """The journal's rows for all that goes; their ids are given by the journal."""
    op = StepOp(plan.rule.mode.value)
    return [
        FilingStep(
            id=0,
            run_id=RunId(0),
            bundle=number,
            photo_id=file.photo_id,
            op=op,
            category=photo.category or "",
            source=file.source,
            target=photo.folder / file.name,
            size=file.size,
            mtime_ns=file.mtime_ns,
            dev=file.dev,
            ino=file.ino,
            content_hash=file.content_hash,
        )
        for number, photo in enumerate(plan.photos)
        if photo.fate.goes and photo.folder is not None
        for file in photo.files
    ]


def with_new_companions(steps: Sequence[FilingStep]) -> list[FilingStep]:
    """Add sidecars that another program wrote since the plan was made: nothing is left behind."""
    by_bundle: dict[int, list[FilingStep]] = {}
    for step in steps:
        by_bundle.setdefault(step.bundle, []).append(step)
    listed: dict[Path, dict[str, Bundle]] = {}
    for bundle in by_bundle.values():
        first = bundle[0]
        folder = first.source.parent
        if folder not in listed:
            listed[folder] = {n: b for b in bundles(_plain_files(folder)) for n in b.names}
        now = listed[folder].get(first.source.name)
        planned_names = {step.source.name for step in bundle}
        if now is None or planned_names.issuperset(now.names):
            continue
        for member in now.members:
            there = lies_at(folder / member.name)
            if member.name in planned_names or there is None or is_candidate(member.name):
                continue
            number = number_of(first.source.name, first.target.name)
            (name,) = numbered([member], number)
            bundle.append(
                replace(
                    first,
                    photo_id=None,
                    source=folder / member.name,
                    target=first.target.parent / name,
                    size=there.size,
                    mtime_ns=there.mtime_ns,
                    dev=there.dev,
                    ino=there.ino,
                    content_hash=None,
                )
            )
    return [step for bundle in by_bundle.values() for step in bundle]


def _plain_files(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
    except OSError:
        return []


def check_space(into: Path, steps: Sequence[FilingStep]) -> None:
    """Raises DiskError where the target's file system has too little left."""
    there = next((p for p in (into, *into.parents) if p.is_dir()), into)
    needed = sum(
        step.size
        for step in steps
        if step.op is StepOp.COPY
        or (step.op is StepOp.MOVE and not on_one_disk(step.source, there))
    )
    try:
        free = shutil.disk_usage(there).free
    except OSError as error:
        raise DiskError(f"{there} cannot be looked at: {reason(error)}.") from error
    if needed and needed + min(_SPARE_BYTES, needed // 10) > free:
        raise DiskError(
            f"There is too little space in {there}: {needed / 1e6:,.1f} MB are needed,"
            f" {free / 1e6:,.1f} MB are free. Nothing was begun."
        )


def checked(bundle: Sequence[FilingStep]) -> list[FilingStep]:
    """Compare sources with what the plan knew of them, right before they are touched.

    A rename cannot change a byte: the file's stamp is enough there, and the bytes are read only
    where it differs. What is copied is compared with the catalog's hash while it is read.

    Raises:
        PhotoUnreadable: one is gone, or its bytes are not those that were looked at.
    """
    found: list[FilingStep] = []
    for step in bundle:
        there = stamp_of(step.source)
        if there is None:
            raise PhotoUnreadable(step.source, "is not there any more")
        content_hash = step.content_hash
        same = (there.size, there.mtime_ns, there.ino) == (step.size, step.mtime_ns, step.ino)
        if not same and content_hash is not None and fingerprint(step.source) != content_hash:
            raise PhotoUnreadable(step.source, "was changed since it was looked at")
        if content_hash is None and _is_copied(step):
            content_hash = fingerprint(step.source)  # by which a crash's leftover is known again
        found.append(
            replace(
                step,
                size=there.size,
                mtime_ns=there.mtime_ns,
                dev=there.dev,
                ino=there.ino,
                content_hash=content_hash,
            )
        )
    return found


def _is_copied(step: FilingStep) -> bool:
    if step.op is not StepOp.MOVE:
        return step.op is StepOp.COPY
    nearest = next((folder for folder in step.target.parents if folder.is_dir()), None)
    return nearest is None or not on_one_disk(step.source, nearest)
