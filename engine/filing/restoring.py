"""Back from the trash to the old places; and what a crash cut short on either way is settled."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from engine.catalog.journal import TRASHING
from engine.errors import PhotoUnreadable
from engine.file_types import FilingStep, RunState, StepState
from engine.files.transfer import (
    HalfDone,
    TransferFailed,
    at_source,
    at_target,
    bring,
    reversed_move,
)
from engine.filing.returning import Returning
from engine.filing.trashing import Tombstones
from engine.filing_steps import (
    bundles_of,
    forget_copies,
    transfer_of,
    with_arrival,
)
from engine.filing_tally import in_state, sentence
from engine.trash_steps import is_home, not_gone, put_back, why_interrupted, withdraw

if TYPE_CHECKING:
    from engine.catalog import Catalog

log = logging.getLogger(__name__)

_INTERRUPTED = "Putting photos into the trash was interrupted. What went can be brought back."


class Restoring(Returning):
    """One run on its way back from the trash."""

    def bring_back(self, bundle: Sequence[FilingStep], *, again: bool = False) -> None:
        """One bundle: files go back to their names, if these are free, with the bytes that left.

        What the user has restored by other means is home.

        Raises:
            TransferFailed: nothing of it was changed.
            HalfDone: a part of it was; it is settled later.
        """
        ways = [transfer_of(step, self._token) for step in bundle]
        away = [one for one in ways if not is_home(one)]
        self.check_own(step for step, one in zip(bundle, ways, strict=True) if one not in away)
        for one in away:
            if not self._follower.is_home(one.source):
                gone = "its old folder is not there; is its drive connected?"
                raise TransferFailed(one.target, gone)
            if not os.path.lexists(one.target) and not at_source(one):
                raise TransferFailed(one.target, "it is not in the trash any more")
        self.make_folders(one.source.parent for one in away)
        bring([reversed_move(one) for one in away], again=again)

    def note(self, done: Sequence[FilingStep], left: Sequence[FilingStep]) -> None:
        """What is back and what is not; the notes of what is back go."""
        withdraw(done, self._token)
        super().note(done, left)


def settle_trash(catalog: Catalog, follower: Callable[[], Tombstones]) -> list[str]:
    """Bring journal, disk and catalog together again. Doing it twice changes nothing more.

    Returns:
        Sentences for the user.
    """
    notes: list[str] = []
    for bundle in bundles_of(catalog.journal.open_steps(TRASHING)):
        follow = follower()
        name = bundle[0].source.name
        if not follow.is_home(bundle[0].source):
            notes.append(f"{name} was being put into the trash; it waits for its drive.")
            continue
        try:
            _Open(catalog, follow, bundle).settle()
        except (TransferFailed, PhotoUnreadable) as error:
            log.info("%s is not settled", name, exc_info=True)
            said = f"{name} was being put into the trash: {sentence(error)}"
            notes.append(f"{said} It is tried again later.")
    for run_id in catalog.journal.undone_but_for_its_end(TRASHING):
        catalog.journal.set_state(run_id, RunState.UNDONE)
    for run_id in catalog.journal.unfinished_runs(TRASHING):
        catalog.journal.set_state(run_id, RunState.APPLIED, "It was interrupted.")
        notes.append(_INTERRUPTED)
    return notes


class _Open:
    """A bundle that was being acted on when everything ended."""

    def __init__(self, catalog: Catalog, follower: Tombstones, steps: list[FilingStep]) -> None:
        self._catalog = catalog
        self._follower = follower
        self._steps = steps
        self._token = catalog.journal.token(steps[0].run_id)
        self._ways = [transfer_of(step, self._token) for step in steps]

    def settle(self) -> None:
        """Finish it, or put it back. TransferFailed, PhotoUnreadable: to be tried again."""
        if stays := forget_copies(self._ways):
            raise TransferFailed(self._steps[0].source, stays.rstrip("."))
        if any(step.state is StepState.UNDOING for step in self._steps):
            self._settle_undo()
            return
        there = [at_target(one) for one in self._ways]
        if not any(there):
            self._stays(why_interrupted(self._ways))
            return
        try:
            arrived = bring(self._ways, again=True)
        except HalfDone:
            raise
        except (TransferFailed, PhotoUnreadable) as error:
            put_back(self._ways)
            self._stays(sentence(error))
            return
        done = [with_arrival(s, a) for s, a in zip(self._steps, arrived, strict=True)]
        with self._catalog.write():
            self._catalog.journal.update(self._follower.arrived(done))

    def _settle_undo(self) -> None:
        if all(at_target(one) and not os.path.lexists(one.source) for one in self._ways):
            self._catalog.journal.update(in_state(self._steps, StepState.DONE))
            return
        returning = Restoring(self._catalog, self._follower, self._token)
        try:
            returning.bring_back(self._steps, again=True)
        except HalfDone:
            raise
        except TransferFailed as error:
            if error.passing and not error.name_taken:
                raise
            home = {s.id for s, w in zip(self._steps, self._ways, strict=True) if is_home(w)}
            back = [step for step in self._steps if step.id in home]
            rest = [step for step in self._steps if step.id not in home]
            returning.note(
                in_state(back, StepState.UNDONE), in_state(rest, StepState.LEFT, sentence(error))
            )
        else:
            returning.note(in_state(self._steps, StepState.UNDONE), [])

    def _stays(self, said: str) -> None:
        not_gone(self._catalog, self._steps, self._token, said)
