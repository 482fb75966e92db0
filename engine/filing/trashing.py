"""Photos into the trash because the user says so: written down, noted in the trash, then moved."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import DiskError, PhotoUnreadable
from engine.file_types import FilingStep, StepState
from engine.files.transfer import HalfDone, TransferFailed, bring
from engine.files.trash import Trash
from engine.filing.placing import checked
from engine.filing_steps import Follower, transfer_of, with_arrival
from engine.filing_tally import Tally, flush, in_state, sentence, why
from engine.trash_steps import Announcing, TrashUnit, check_space, withdraw
from engine.types import PhotoId

if TYPE_CHECKING:
    from engine.catalog import Catalog

log = logging.getLogger(__name__)


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
        self._notes = Announcing[TrashUnit](catalog, places, token)

    def trash(self, batch: Sequence[list[FilingStep]]) -> None:
        """Bring a batch into the trash, as far as the disk lets us; `tally.stopped` says why not.

        Raises:
            CatalogError, DiskError: the journal cannot be written; it is settled later.
        """
        units = self._aimed(batch)
        if not units:
            return
        self._write_down(units)
        self._notes.announce(units)
        done, settled = self._act(units)
        flush(done, self._tally)
        with self._catalog.write():
            self._catalog.journal.update([*self._follower.arrived(done), *settled])

    # ---- before ------------------------------------------------------------------------------

    def _aimed(self, batch: Sequence[list[FilingStep]]) -> list[TrashUnit]:
        """What can go, with its names in the trash of its disk."""
        units: list[TrashUnit] = []
        names: set[Path] = set()
        for steps in batch:
            source = steps[0].source
            try:
                found = self._trash.bin_for(source)
                unit = TrashUnit(steps, found)
                self._notes.aim(unit, names)
                unit.steps = in_state(checked(unit.steps), StepState.STARTED)
                check_space(unit)
            except (TransferFailed, PhotoUnreadable) as error:
                self._tally.skip(source, why(error, source))
                continue
            except DiskError as error:
                self._tally.skip(source, str(error))
                continue
            names.update(step.target for step in unit.steps)
            units.append(unit)
        return units

    def _write_down(self, units: Sequence[TrashUnit]) -> None:
        """The journal knows of all that is about to happen, and the disk has it."""
        steps = [step for unit in units for step in unit.steps]
        added = self._catalog.journal.add(self._tally.run_id, steps)
        for unit in units:
            unit.steps = [step for step in added if step.bundle == unit.steps[0].bundle]

    # ---- the act -----------------------------------------------------------------------------

    def _act(self, units: Sequence[TrashUnit]) -> tuple[list[FilingStep], list[FilingStep]]:
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
                    settled += self._notes.call_off(units[number + 1 :])
                    break
            else:
                went = [with_arrival(s, a) for s, a in zip(unit.steps, arrived, strict=True)]
                done += went
                self._tally.take(went)
                self._tally.quarantined += unit.bin.is_quarantine
        return done, settled
