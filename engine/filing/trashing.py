"""Photos into the trash because the user says so: written down, noted in the trash, then moved."""

from __future__ import annotations

import errno
import logging
import os
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import DiskError, PhotoUnreadable
from engine.file_types import FilingStep, StepState
from engine.files import trash
from engine.files.disk import reason
from engine.files.transfer import HalfDone, TransferFailed, bring, on_one_disk
from engine.files.trash import Bin, Trash
from engine.filing.placing import checked
from engine.filing_steps import Follower, transfer_of, with_arrival
from engine.filing_tally import Tally, flush, in_state, sentence, sync_folders, why
from engine.types import PhotoId

if TYPE_CHECKING:
    from engine.catalog import Catalog

log = logging.getLogger(__name__)

_SPARE_BYTES = 16 << 20  # of our own disk, where photos come to it from others
_TRIES = 3


class Tombstones(Follower):
    """Lets the catalog follow into the trash, which is no place for a row, wherever it lies."""

    def arrived(self, steps: Sequence[FilingStep]) -> list[FilingStep]:
        """The rows become tombstones, which keep all that is known."""
        found = [
            replace(step, photo_id=step.photo_id or self._catalog.photos.find(step.source))
            for step in steps
        ]
        gone: list[PhotoId] = [step.photo_id for step in found if step.photo_id is not None]
        self._catalog.photos.mark_missing(gone)
        return found


@dataclass(slots=True)
class _Unit:
    """A photo with its companions on its way."""

    steps: list[FilingStep]
    bin: Bin
    failed: TransferFailed | None = None


class Trashing:
    """One run on its way to the trash.

    Args:
        catalog: the journal.
        follower: what lets the rows follow.
        places: finds the trash of each disk.
        token: what the run's unfinished copies and notes are known by.
        tally: what came of it; grows.
    """

    def __init__(
        self, catalog: Catalog, follower: Tombstones, places: Trash, token: str, tally: Tally
    ) -> None:
        self._catalog = catalog
        self._follower = follower
        self._trash = places
        self._token = token
        self._tally = tally

    def trash(self, batch: Sequence[list[FilingStep]]) -> None:
        """Bring a batch into the trash, as far as the disk lets us; `tally.stopped` says why not.

        Raises:
            CatalogError, DiskError: the journal cannot be written; it is settled later.
        """
        units = self._aimed(batch)
        if not units:
            return
        self._write_down(units)
        for unit in units:
            try:
                self._write_notes(unit)
            except (OSError, TransferFailed) as error:
                log.info("%s does not go into the trash: %s", unit.steps[0].source, error)
                self._instead(unit, error)
        for unit in units:
            notes = unit.bin.notes
            if unit.failed is None and notes is not None and (stuck := sync_folders([notes])):
                unit.failed = TransferFailed(notes, stuck.rstrip("."), errno.EIO)
        done, settled = self._act(units)
        flush(done, self._tally)
        with self._catalog.write():
            self._catalog.journal.update([*self._follower.arrived(done), *settled])

    # ---- before ------------------------------------------------------------------------------

    def _aimed(self, batch: Sequence[list[FilingStep]]) -> list[_Unit]:
        """What can go, with its names in the trash of its disk."""
        units: list[_Unit] = []
        names: set[Path] = set()
        for steps in batch:
            source = steps[0].source
            try:
                found = self._trash.bin_for(source)
                unit = _Unit(steps, found)
                self._aim(unit, names)
                unit.steps = in_state(checked(unit.steps), StepState.STARTED)
                _check_space(unit)
            except (TransferFailed, PhotoUnreadable) as error:
                self._tally.skip(source, why(error, source))
                continue
            except DiskError as error:
                self._tally.skip(source, str(error))
                continue
            names.update(step.target for step in unit.steps)
            units.append(unit)
        return units

    def _aim(self, unit: _Unit, names: Iterable[Path] = ()) -> None:
        """Choose the names in the trash."""
        taken = set(names)
        for number, step in enumerate(unit.steps):
            target = trash.free_target(step.source, unit.bin, taken)
            taken.add(target)
            unit.steps[number] = replace(step, target=target)

    def _write_down(self, units: Sequence[_Unit]) -> None:
        """The journal knows of all that is about to happen, and the disk has it."""
        steps = [step for unit in units for step in unit.steps]
        added = self._catalog.journal.add(self._tally.run_id, steps)
        for unit in units:
            unit.steps = [step for step in added if step.bundle == unit.steps[0].bundle]

    def _write_notes(self, unit: _Unit) -> None:
        """OSError: it cannot be; the notes that were written are taken back."""
        for left in range(_TRIES, 0, -1):
            try:
                for step in unit.steps:
                    trash.announce(step.source, step.target, unit.bin, mark_of(self._token, step))
            except OSError as error:
                withdraw(unit.steps, self._token)
                if not isinstance(error, FileExistsError) or left == 1:
                    raise
                self._aim(unit)
                self._catalog.journal.start(unit.steps)
            else:
                return

    def _instead(self, unit: _Unit, why_not: OSError | TransferFailed) -> None:
        """The folder of ours takes what the system's trash does not."""
        source = unit.steps[0].source
        if unit.bin.is_quarantine:
            unit.failed = _failure(unit, why_not)
            return
        try:
            unit.bin = self._trash.quarantine()
            _check_space(unit)
            self._aim(unit)
        except DiskError as error:
            unit.failed = TransferFailed(source, str(error).rstrip("."))
            return
        self._catalog.journal.start(unit.steps)
        try:
            self._write_notes(unit)
        except (OSError, TransferFailed) as error:
            unit.failed = _failure(unit, error)

    # ---- the act -----------------------------------------------------------------------------

    def _act(self, units: Sequence[_Unit]) -> tuple[list[FilingStep], list[FilingStep]]:
        """What went, and what else there is to note."""
        done: list[FilingStep] = []
        settled: list[FilingStep] = []
        for number, unit in enumerate(units):
            try:
                if unit.failed is not None:
                    raise unit.failed
                arrived = bring([transfer_of(step, self._token) for step in unit.steps])
            except (TransferFailed, PhotoUnreadable) as error:
                half = isinstance(error, HalfDone)
                if not half:  # a half-done one stays begun, and is settled later
                    withdraw(unit.steps, self._token)
                    said = why(error, unit.steps[0].source)
                    self._tally.skip(unit.steps[0].source, said)
                    settled += in_state(unit.steps, StepState.SKIPPED, said)
                if half or (isinstance(error, TransferFailed) and error.disk_is_done):
                    self._tally.stopped = sentence(error)
                    settled += self._unbegun(units[number + 1 :])
                    break
            else:
                went = [with_arrival(s, a) for s, a in zip(unit.steps, arrived, strict=True)]
                done += went
                self._tally.take(went)
                self._tally.quarantined += unit.bin.is_quarantine
        return done, settled

    def _unbegun(self, units: Sequence[_Unit]) -> list[FilingStep]:
        """Photos that are not tried any more."""
        for unit in units:
            withdraw(unit.steps, self._token)
        return [s for u in units for s in in_state(u.steps, StepState.SKIPPED, "It was stopped.")]


def mark_of(token: str, step: FilingStep) -> str:
    """What a step's note in the trash is known by."""
    return f"{token}-{step.id}"


def withdraw(steps: Iterable[FilingStep], token: str) -> None:
    """Remove the notes of files that are not in the trash; a note alone means nothing."""
    for step in steps:
        try:
            trash.withdraw(step.target, mark_of(token, step))
        except OSError as error:
            log.info("the note of %s stays: %s", step.target, reason(error))


def _failure(unit: _Unit, error: OSError | TransferFailed) -> TransferFailed:
    if isinstance(error, TransferFailed):
        return error
    return TransferFailed(unit.steps[0].source, reason(error), error.errno)


def _check_space(unit: _Unit) -> None:
    """DiskError where our own disk would be filled by photos of another."""
    folder, source = unit.bin.files, unit.steps[0].source
    needed = sum(step.size for step in unit.steps)
    if not unit.bin.is_quarantine or on_one_disk(source, folder):
        return
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise DiskError(f"{folder} cannot be looked at: {reason(error)}.") from error
    if needed + _SPARE_BYTES > free:
        raise DiskError(
            f"Its disk has no trash, and there is too little space in {os.fspath(folder)}."
        )
