"""Into the trash: units of a run, verified, written down, moved, looked after, noted."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from engine.catalog.clearings import ClearedUnit
from engine.duplicate_types import ClearingId, ClearingReport, DuplicateClass, LeftAlone
from engine.duplicates.merging import merge_of
from engine.duplicates.verifying import Keeper, NotSafe, Verifier
from engine.errors import DiskError, PhotoUnreadable
from engine.file_types import FilingStep, RunId, StepState
from engine.files.scan import is_candidate
from engine.files.transfer import (
    HalfDone,
    Transfer,
    TransferFailed,
    bring,
    reversed_move,
)
from engine.files.trash import Trash
from engine.filing_steps import transfer_of, with_arrival
from engine.filing_tally import in_state, sentence, sync_folders, why
from engine.trash_steps import Announcing, TrashUnit, check_space, withdraw
from engine.types import PhotoId

if TYPE_CHECKING:
    from engine.catalog import Catalog

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    """One photo that is to go, the photo that stays for it, and where it lay in the catalog."""

    photo_id: PhotoId
    keep: PhotoId
    kind: DuplicateClass
    path: Path


@dataclass(slots=True)
class ClearingTally:
    """The report of a run while it grows."""

    run_id: RunId
    total: int
    started: float = field(default_factory=monotonic)
    tried: int = 0
    photos: int = 0
    bytes: int = 0
    quarantined: int = 0
    keepers: set[PhotoId] = field(default_factory=set[PhotoId])
    left: list[LeftAlone] = field(default_factory=list[LeftAlone])
    stopped: str = ""

    def leave(self, photo_id: PhotoId, path: Path, said: str) -> None:
        """A photo that stays where it is."""
        self.tried += 1
        self.left.append(LeftAlone(photo_id, path, said))

    def take(self, unit: ClearedUnit, steps: Sequence[FilingStep]) -> None:
        """A unit that went, or came back."""
        self.tried += 1
        self.photos += 1
        self.bytes += sum(step.size for step in steps)
        self.quarantined += unit.quarantined
        self.keepers.add(unit.keep_id)

    def report(self) -> ClearingReport:
        return ClearingReport(
            ClearingId(self.run_id), len(self.keepers), self.photos, self.bytes,
            tuple(self.left), self.quarantined, self.stopped, monotonic() - self.started,
        )  # fmt: skip


@dataclass(slots=True, kw_only=True)
class _Unit(TrashUnit):
    """A photo with its companions on its way, and for which photo it goes."""

    wanted: Wanted
    keeper: Keeper


class Trashing:
    """One run on its way to the trash.

    Args:
        catalog: the journal, and what follows the files.
        verifier: decides whether a photo may go.
        places: finds the trash.
        token: what the run's unfinished copies and notes are known by.
        tally: what came of it; grows.
        keepers: all photos that stay for others in this run.
    """

    def __init__(
        self,
        catalog: Catalog,
        verifier: Verifier,
        places: Trash,
        token: str,
        tally: ClearingTally,
        keepers: frozenset[PhotoId],
    ) -> None:
        self._catalog = catalog
        self._verifier = verifier
        self._trash = places
        self._token = token
        self._tally = tally
        self._keepers = keepers
        self._notes = Announcing[_Unit](catalog, places, token, self._redirect)
        self._gone: set[Path] = set()  # went along with another photo of the run
        self._bundle = 0

    def clear(self, batch: Sequence[Wanted]) -> None:
        """Bring a batch into the trash, as far as it is safe; `tally.stopped` says why not.

        Raises:
            CatalogError, DiskError: the journal cannot be written; it is settled later.
        """
        units = self._verified(batch)
        if not units:
            return
        self._write_down(units)
        self._notes.announce(units)
        done, settled = self._act(units)
        noted = [step for unit in done for step in unit.steps]
        stuck = sync_folders([s.source.parent for s in noted] + [s.target.parent for s in noted])
        self._tally.stopped = self._tally.stopped or stuck
        with self._catalog.write():
            self._catalog.journal.update([*noted, *settled])
            follow(self._catalog, noted)
            for unit in done:
                hand_over(self._catalog, self._tally.run_id, unit.keeper.photo_id, unit.steps)

    # ---- before ------------------------------------------------------------------------------

    def _verified(self, batch: Sequence[Wanted]) -> list[_Unit]:
        """Read keepers and those that go, right before anything happens to them."""
        units: list[_Unit] = []
        kept: dict[PhotoId, Keeper | NotSafe] = {}
        names: set[Path] = set()
        for wanted in batch:
            if wanted.path in self._gone:
                self._tally.tried += 1
                continue
            try:
                if wanted.keep not in kept:
                    kept[wanted.keep] = self._keeper(wanted.keep)
                keeper = _sure(kept[wanted.keep])
                steps = self._verifier.unit(wanted.photo_id, keeper, self._keepers)
                steps = in_state(steps, StepState.STARTED)
                place = self._trash.bin_for(wanted.path)
                unit = _Unit(steps, place, wanted=wanted, keeper=keeper)
                check_space(unit)
                self._notes.aim(unit, names)
            except (NotSafe, DiskError) as error:
                self._tally.leave(wanted.photo_id, wanted.path, str(error))
                continue
            self._gone.update(step.source for step in unit.steps)
            names.update(step.target for step in unit.steps)
            units.append(unit)
        return units

    def _keeper(self, photo_id: PhotoId) -> Keeper | NotSafe:
        try:
            return self._verifier.keeper(photo_id)
        except NotSafe as error:
            return error

    def _write_down(self, units: Sequence[_Unit]) -> None:
        """The journal knows of all that is about to happen, and the disk has it."""
        run_id = self._tally.run_id
        rows: list[ClearedUnit] = []
        for unit in units:
            self._bundle += 1
            unit.steps = [replace(step, bundle=self._bundle) for step in unit.steps]
            rows.append(self._row(unit))
        with self._catalog.write(durable=True):
            added = self._catalog.journal.add(run_id, [s for unit in units for s in unit.steps])
            self._catalog.clearings.note(run_id, rows)
        for unit in units:
            unit.steps = [step for step in added if step.bundle == unit.steps[0].bundle]

    def _row(self, unit: _Unit) -> ClearedUnit:
        return ClearedUnit(
            unit.steps[0].bundle,
            unit.wanted.kind,
            unit.keeper.photo_id,
            unit.keeper.path,
            unit.keeper.content_hash,
            unit.wanted.photo_id,
            unit.bin.is_quarantine,
        )

    def _redirect(self, unit: _Unit) -> None:
        """It goes to the folder of ours."""
        self._catalog.clearings.change(self._tally.run_id, self._row(unit))

    # ---- the act -----------------------------------------------------------------------------

    def _act(self, units: Sequence[_Unit]) -> tuple[list[_Unit], list[FilingStep]]:
        """The units that went, and what else there is to note."""
        done: list[_Unit] = []
        settled: list[FilingStep] = []
        for number, unit in enumerate(units):
            try:
                unit.steps = self._bring(unit)
            except (TransferFailed, PhotoUnreadable) as error:
                if isinstance(error, HalfDone):  # it stays begun, and is settled later
                    self._tally.stopped = sentence(error)
                    settled += self._notes.call_off(units[number + 1 :])
                    break
                withdraw(unit.steps, self._token)
                said = whole_sentence(why(error, unit.wanted.path))
                settled += in_state(unit.steps, StepState.SKIPPED, said)
                self._gone.difference_update(step.source for step in unit.steps)
                self._tally.leave(unit.wanted.photo_id, unit.wanted.path, said)
                if isinstance(error, TransferFailed) and error.disk_is_done:
                    self._tally.stopped = sentence(error)
                    settled += self._notes.call_off(units[number + 1 :])
                    break
            else:
                done.append(unit)
                self._tally.take(self._row(unit), unit.steps)
        return done, settled

    def _bring(self, unit: _Unit) -> list[FilingStep]:
        """Bring one unit; if its keeper is gone with it, they were one file, and it comes back."""
        if unit.failed is not None:
            raise unit.failed
        if not unit.keeper.stands():
            raise TransferFailed(unit.keeper.path, "the photo that stays was changed just now")
        ways = [transfer_of(step, self._token) for step in unit.steps]
        arrived = bring(ways)
        if not unit.keeper.stands():
            give_back(arrived, unit.keeper.path)
            raise TransferFailed(unit.keeper.path, "the photo that stays went away with it")
        return [with_arrival(step, one) for step, one in zip(unit.steps, arrived, strict=True)]


# ---- what the way back and recovery need as well -------------------------------------------------


def _sure(keeper: Keeper | NotSafe) -> Keeper:
    if isinstance(keeper, NotSafe):
        raise NotSafe(f"Nothing would be left for sure: {keeper}")
    return keeper


def whole_sentence(said: str) -> str:
    """A reason with its capital and its full stop."""
    said = said.rstrip(".")
    return said[:1].upper() + said[1:] + ("" if said.endswith("?") else ".")


def give_back(arrived: Sequence[Transfer], about: Path) -> None:
    """Bring files back from the trash. Raises HalfDone: they could not be; settled later."""
    try:
        bring([reversed_move(one) for one in arrived])
    except (TransferFailed, PhotoUnreadable) as error:
        raise HalfDone(about, "could not be brought back from the trash") from error


def follow(catalog: Catalog, steps: Sequence[FilingStep]) -> None:
    """The rows of photos that went become tombstones, which keep all that is known of them."""
    gone = [step.photo_id or catalog.photos.find(step.source) for step in _photos(steps)]
    catalog.photos.mark_missing([photo_id for photo_id in gone if photo_id is not None])


def hand_over(catalog: Catalog, run_id: RunId, keep: PhotoId, steps: Sequence[FilingStep]) -> None:
    """Let the keeper take over what a unit has, in the transaction that notes it as gone."""
    gone = [step.photo_id for step in _photos(steps) if step.photo_id is not None]
    owned = catalog.clearings.owned([keep, *gone])
    merge = merge_of(keep, owned[keep], [owned[photo_id] for photo_id in gone])
    if not merge.is_empty:
        catalog.clearings.give(run_id, merge)


def _photos(steps: Iterable[FilingStep]) -> list[FilingStep]:
    return [step for step in steps if is_candidate(step.source.name)]
