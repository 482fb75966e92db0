"""And back: what went to the trash returns to its place; what a crash cut short is settled."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.catalog.clearings import ClearedUnit
from engine.catalog.journal import CLEARING
from engine.duplicates.clearing import (
    ClearingTally,
    follow,
    hand_over,
    whole_sentence,
)
from engine.errors import PhotoUnreadable
from engine.file_types import FilingStep, RunId, RunState, StepState
from engine.files import writes
from engine.files.disk import reason
from engine.files.transfer import (
    HalfDone,
    TransferFailed,
    at_source,
    at_target,
    bring,
    fingerprint,
    reversed_move,
    stamp_of,
)
from engine.filing_steps import (
    Follower,
    bundles_of,
    forget_copies,
    missing_folders,
    transfer_of,
    with_arrival,
)
from engine.filing_tally import in_state, lies_at, sentence, sync_folders, why
from engine.trash_steps import is_home, not_gone, put_back, why_interrupted, withdraw

if TYPE_CHECKING:
    from engine.catalog import Catalog

log = logging.getLogger(__name__)

_INTERRUPTED = "Clearing duplicates was interrupted. What it did is kept; it can be undone."


class Returning:
    """One run on its way back."""

    def __init__(self, catalog: Catalog, follower: Follower, run_id: RunId) -> None:
        self._catalog = catalog
        self._journal = catalog.journal
        self._follower = follower
        self._run_id = run_id
        self._token = catalog.journal.token(run_id)
        self._units = catalog.clearings.units(run_id)

    def take_back(self, batch: Sequence[list[FilingStep]], tally: ClearingTally) -> None:
        """Undo a batch, as far as the disk lets us; `tally.stopped` says why not."""
        self._journal.start([s for unit in batch for s in in_state(unit, StepState.UNDOING)])
        done: list[FilingStep] = []
        left: list[FilingStep] = []
        for number, steps in enumerate(batch):
            unit = self._units[steps[0].bundle]
            try:
                self.bring_back(steps)
            except (TransferFailed, PhotoUnreadable) as error:
                half = isinstance(error, HalfDone)
                if half or (isinstance(error, TransferFailed) and error.disk_is_done):
                    tally.stopped = sentence(error)
                    rest = batch[number + half :]  # a half-done one stays begun
                    left += [s for b in rest for s in in_state(b, StepState.DONE)]
                    break
                said = _why(steps, error)
                left += in_state(steps, StepState.LEFT, said)
                tally.leave(unit.photo_id, steps[0].source, said)
            else:
                done += in_state(steps, StepState.UNDONE)
                tally.take(unit, steps)
        stuck = sync_folders([s.source.parent for s in done] + [s.target.parent for s in done])
        tally.stopped = tally.stopped or stuck
        self.note(done, left)

    def bring_back(self, steps: Sequence[FilingStep], *, again: bool = False) -> None:
        """One unit: files go back to their names, if these are free, with the bytes that left.

        Raises:
            TransferFailed: nothing of it was changed.
            HalfDone: a part of it was; it is settled later.
        """
        ways = [transfer_of(step, self._token) for step in steps]
        # What the user has restored by other means is home.
        away = [one for one in ways if again or not is_home(one)]
        if all(is_home(one) for one in ways):
            away = []
        for one in away:
            if not self._follower.is_home(one.source):
                gone = "its old folder is not there; is its drive connected?"
                raise TransferFailed(one.target, gone)
            if os.path.lexists(one.source.parent) and not one.source.parent.is_dir():
                raise TransferFailed(one.target, "a file lies where its folder was")
            if not os.path.lexists(one.target) and not at_source(one):
                raise TransferFailed(one.target, "it is not in the trash any more")
        for folder in missing_folders(one.source.parent for one in away):
            try:
                writes.make_folder(folder)
            except OSError as error:
                raise TransferFailed(folder, reason(error), error.errno) from error
        bring([reversed_move(one) for one in away], again=again)
        withdraw(steps, self._token)

    def note(self, done: Sequence[FilingStep], left: Sequence[FilingStep]) -> None:
        """What is back and what is not. A keeper gives back what it took over with the last one."""
        with self._catalog.write():
            self._follower.returned([(step, lies_at(step.source)) for step in done])
            self._journal.update([*done, *left])
            kept = {self._units[step.bundle].keep_id for step in done}
            held = self._journal.steps(
                self._run_id, [StepState.DONE, StepState.LEFT, StepState.UNDOING, StepState.STARTED]
            )
            kept -= {self._units[step.bundle].keep_id for step in held}
            for keep in sorted(kept):
                self._catalog.clearings.take_back(self._run_id, keep)


def settle(catalog: Catalog, follower: Callable[[], Follower]) -> list[str]:
    """Bring journal, disk, trash and catalog together again. Twice changes nothing more.

    Returns:
        Sentences for the user.
    """
    notes: list[str] = []
    follow_: Follower | None = None
    for steps in bundles_of(catalog.journal.open_steps(CLEARING)):
        follow_ = follow_ or follower()
        if not follow_.is_home(steps[0].source):
            notes.append(f"{steps[0].source.name} was being cleared; it waits for its drive.")
            continue
        note = _Open(catalog, follow_, steps).settle()
        if note:
            log.info("%s", note)
            notes.append(note)
    for run_id in catalog.journal.undone_but_for_its_end(CLEARING):
        catalog.journal.set_state(run_id, RunState.UNDONE)
    for run_id in catalog.journal.unfinished_runs(CLEARING):
        catalog.journal.set_state(run_id, RunState.APPLIED, "It was interrupted.")
        notes.append(_INTERRUPTED)
    return notes


class _Open:
    """A unit that was being acted on when everything ended."""

    def __init__(self, catalog: Catalog, follower: Follower, steps: list[FilingStep]) -> None:
        self._catalog = catalog
        self._steps = steps
        self._run_id = steps[0].run_id
        self._token = catalog.journal.token(self._run_id)
        self._unit = catalog.clearings.units(self._run_id)[steps[0].bundle]
        self._returning = Returning(catalog, follower, self._run_id)
        self._ways = [transfer_of(step, self._token) for step in steps]

    def settle(self) -> str:
        """Finish it, or put it back. A sentence where it has to be tried again."""
        if stays := forget_copies(self._ways):
            return stays
        try:
            if any(step.state is StepState.UNDOING for step in self._steps):
                return self._settle_undo()
            return self._settle()
        except (TransferFailed, PhotoUnreadable) as error:
            name = self._steps[0].source.name
            return f"{name} was being cleared: {sentence(error)} It is tried again later."

    def _settle(self) -> str:
        there = [at_target(one) for one in self._ways]
        if not any(there):
            self._stays(why_interrupted(self._ways))
            return ""
        if not _stands(self._unit, self._steps):
            put_back(self._ways)
            self._stays("The photo that was to stay is not what it was.")
            return ""
        try:
            arrived = bring(self._ways, again=True)
        except HalfDone:
            raise
        except (TransferFailed, PhotoUnreadable) as error:
            put_back(self._ways)
            self._stays(sentence(error))
            return ""
        done = [with_arrival(s, a) for s, a in zip(self._steps, arrived, strict=True)]
        with self._catalog.write():
            self._catalog.journal.update(done)
            follow(self._catalog, done)
            hand_over(self._catalog, self._run_id, self._unit.keep_id, done)
        return ""

    def _settle_undo(self) -> str:
        if all(at_target(one) and not os.path.lexists(one.source) for one in self._ways):
            self._catalog.journal.update(in_state(self._steps, StepState.DONE))
            return ""
        try:
            self._returning.bring_back(self._steps, again=True)
        except HalfDone:
            raise
        except (TransferFailed, PhotoUnreadable) as error:
            return self._left(error)
        self._returning.note(in_state(self._steps, StepState.UNDONE), [])
        return ""

    def _left(self, error: TransferFailed | PhotoUnreadable) -> str:
        """It cannot be finished: each file is noted where it is, and `undo` may go on later."""
        if isinstance(error, TransferFailed) and error.passing and not error.name_taken:
            raise error
        back = [
            replace(step, state=StepState.UNDONE)
            for step, one in zip(self._steps, self._ways, strict=True)
            if is_home(one)
        ]
        home = {step.id for step in back}
        rest = [step for step in self._steps if step.id not in home]
        said = _why(self._steps, error)
        self._returning.note(back, in_state(rest, StepState.LEFT, said))
        return f"{self._steps[0].source.name}: {said}"

    def _stays(self, said: str) -> None:
        not_gone(self._catalog, self._steps, self._token, said)


def _stands(unit: ClearedUnit, steps: Sequence[FilingStep]) -> bool:
    """Whether the keeper is there with its bytes, and is not the file that went."""
    try:
        there = stamp_of(unit.keep_path)
        if there is None or any(step.ino == there.ino and step.dev == there.dev for step in steps):
            return False
        return fingerprint(unit.keep_path, from_disk=True) == unit.keep_hash
    except PhotoUnreadable:
        return False


def _why(steps: Sequence[FilingStep], error: TransferFailed | PhotoUnreadable) -> str:
    if isinstance(error, TransferFailed) and error.name_taken:
        return "Another file lies at its old place."
    return whole_sentence(why(error, steps[0].target))
