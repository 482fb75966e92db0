"""Into the trash and back, step by step: what clearing duplicates and moving to the trash share.

The names in the trash are chosen and written down first, then each file's note lies on the disk,
and only then a file moves. Where the system's trash does not take one, the folder of ours does.
"""

from __future__ import annotations

import errno
import logging
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from engine.errors import DiskError
from engine.file_types import FilingStep, StepState
from engine.files import trash
from engine.files.disk import reason
from engine.files.transfer import (
    Transfer,
    TransferFailed,
    at_source,
    at_target,
    bring,
    on_one_disk,
    reversed_move,
    stamp_of,
)
from engine.files.trash import Bin, Trash
from engine.filing_tally import in_state, sync_folders

if TYPE_CHECKING:
    from engine.catalog import Catalog

log = logging.getLogger(__name__)

_SPARE_BYTES = 16 << 20  # of our own disk, where photos come to it from others
_TRIES = 3


@dataclass(slots=True)
class TrashUnit:
    """A photo with its companions on its way; the photo's step is the first."""

    steps: list[FilingStep]
    bin: Bin
    failed: TransferFailed | None = None

    @property
    def source(self) -> Path:
        """Where the photo lies."""
        return self.steps[0].source


U = TypeVar("U", bound=TrashUnit)


class Announcing(Generic[U]):
    """Finds names in the trash and writes its notes, before any file moves.

    Args:
        catalog: has the journal, which learns of each other name at once.
        places: finds the trash of each disk.
        token: what the run's notes are known by.
        redirected: told of a unit that goes to the folder of ours instead.
    """

    def __init__(
        self,
        catalog: Catalog,
        places: Trash,
        token: str,
        redirected: Callable[[U], None] = lambda _: None,
    ) -> None:
        self._catalog = catalog
        self._trash = places
        self._token = token
        self._redirected = redirected

    def aim(self, unit: U, names: Iterable[Path] = ()) -> None:
        """Choose names in the trash that nothing has, and none of `names`."""
        taken = set(names)
        for number, step in enumerate(unit.steps):
            target = trash.free_target(step.source, unit.bin, taken)
            taken.add(target)
            unit.steps[number] = replace(step, target=target)

    def announce(self, units: Sequence[U]) -> None:
        """Write the notes of units that the journal knows of; `failed` says which may not move.

        Raises:
            CatalogError: the journal cannot be written; it is settled later.
        """
        for unit in units:
            try:
                self._write_notes(unit)
            except (OSError, TransferFailed) as error:
                log.info("%s does not go into the trash: %s", unit.source, error)
                self._instead(unit, error)
        for unit in units:
            notes = unit.bin.notes
            if unit.failed is None and notes is not None and (stuck := sync_folders([notes])):
                unit.failed = TransferFailed(notes, stuck.rstrip("."), errno.EIO)

    def call_off(self, units: Iterable[U]) -> list[FilingStep]:
        """Steps of units that are not tried any more; their notes go."""
        given_up: list[FilingStep] = []
        for unit in units:
            withdraw(unit.steps, self._token)
            given_up += in_state(unit.steps, StepState.SKIPPED, "It was stopped.")
        return given_up

    def _write_notes(self, unit: U) -> None:
        """OSError: it cannot be; the notes that were written are taken back."""
        for left in range(_TRIES, 0, -1):
            try:
                for step in unit.steps:
                    trash.announce(step.source, step.target, unit.bin, mark_of(self._token, step))
            except OSError as error:
                withdraw(unit.steps, self._token)
                if not isinstance(error, FileExistsError) or left == 1:
                    raise
                self.aim(unit)
                self._catalog.journal.start(unit.steps)
            else:
                return

    def _instead(self, unit: U, why_not: OSError | TransferFailed) -> None:
        """The folder of ours takes what the system's trash does not."""
        if unit.bin.is_quarantine:
            unit.failed = _failure(unit, why_not)
            return
        try:
            unit.bin = self._trash.quarantine()
            check_space(unit)
            self.aim(unit)
        except DiskError as error:
            unit.failed = TransferFailed(unit.source, str(error).rstrip("."))
            return
        self._catalog.journal.start(unit.steps)
        self._redirected(unit)
        try:
            self._write_notes(unit)
        except (OSError, TransferFailed) as error:
            unit.failed = _failure(unit, error)


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


def check_space(unit: TrashUnit) -> None:
    """DiskError where our own disk would be filled by photos of another."""
    folder = unit.bin.files
    needed = sum(step.size for step in unit.steps)
    if not unit.bin.is_quarantine or on_one_disk(unit.source, folder):
        return
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise DiskError(f"{folder} cannot be looked at: {reason(error)}.") from error
    if needed + _SPARE_BYTES > free:
        raise DiskError(
            f"Its disk has no trash, and there is too little space in {os.fspath(folder)}."
        )


def _failure(unit: TrashUnit, error: OSError | TransferFailed) -> TransferFailed:
    if isinstance(error, TransferFailed):
        return error
    return TransferFailed(unit.source, reason(error), error.errno)


# ---- on the way back, and after a crash ----------------------------------------------------------


def is_home(one: Transfer) -> bool:
    """Whether a file lies where it was, and nothing of it in the trash."""
    return at_source(one) and not os.path.lexists(one.target)


def put_back(ways: Iterable[Transfer]) -> None:
    """What has arrived in the trash goes home. TransferFailed: tried again later."""
    arrived = [replace(one, arrived=stamp_of(one.target)) for one in ways if at_target(one)]
    bring([reversed_move(one) for one in arrived], again=True)


def why_interrupted(ways: Iterable[Transfer]) -> str:
    """Why nothing of a unit is in the trash after a crash."""
    if all(at_source(one) for one in ways):
        return "It was interrupted."
    return "It is neither at its place nor in the trash."


def not_gone(catalog: Catalog, steps: Sequence[FilingStep], token: str, said: str) -> None:
    """Files that stay after all: their notes go, and the journal says why."""
    withdraw(steps, token)
    catalog.journal.update(in_state(steps, StepState.SKIPPED, said))
