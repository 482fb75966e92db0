"""After a crash: bundles that were begun are finished, untouched ones forgotten."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from engine.catalog.journal import COPYING, MOVING, RENAMING
from engine.errors import PhotoUnreadable
from engine.file_types import FilingStep, RunId, RunState, StepOp, StepState
from engine.files.transfer import (
    HalfDone,
    TransferFailed,
    at_source,
    at_target,
    bring,
)
from engine.filing.anchor import is_there
from engine.filing.returning import Returning, moved_on
from engine.filing_steps import Follower, bundles_of, forget_copies, transfer_of, with_arrival
from engine.filing_tally import in_state, sentence

if TYPE_CHECKING:
    from engine.catalog import Catalog

log = logging.getLogger(__name__)

_INTERRUPTED = "The last sort was interrupted. What it did is kept; it can be resumed or undone."
_CUT_SHORT = "{} was interrupted. What it did is kept, and can be undone."
_RUNS = {MOVING: "Moving photos", COPYING: "Copying photos", RENAMING: "Renaming photos"}
_DOING = {MOVING: "moved", COPYING: "copied", RENAMING: "renamed"}


def settle(catalog: Catalog, follower: Callable[[], Follower]) -> list[str]:
    """Bring journal, disk and catalog together again. Doing it twice changes nothing more.

    Returns:
        Sentences for the user.
    """
    notes: list[str] = []
    follow: Follower | None = None
    connected: dict[RunId, bool] = {}
    kinds: dict[RunId, str] = {}
    for bundle in _as_they_were_done(bundles_of(catalog.journal.open_steps())):
        follow = follow or follower()
        run_id, source = bundle[0].run_id, bundle[0].source
        if run_id not in connected:
            run = catalog.journal.run(run_id)
            connected[run_id] = run is None or is_there(run)
            kinds[run_id] = run.kind if run else ""
        if not connected[run_id] or not follow.is_home(source):
            doing = _DOING.get(kinds[run_id], "sorted")
            notes.append(f"{source.name} was being {doing}; it waits for its drive.")
            continue
        one = _Open(catalog, follow, bundle, _DOING.get(kinds[run_id], "sorted"))
        note = one.settle_undo() if one.undoing else one.settle()
        if note:
            log.info("%s", note)
            notes.append(note)
    unfinished = catalog.journal.unfinished_runs()
    undone = catalog.journal.undone_but_for_its_end()
    for run_id in {*unfinished, *undone, *(r for r, there in connected.items() if there)}:
        follow = follow or follower()
        Returning(catalog, follow, catalog.journal.token(run_id)).remove_folders(run_id)
    for run_id in undone:
        catalog.journal.set_state(run_id, RunState.UNDONE)
    for run_id in unfinished:
        catalog.journal.set_state(run_id, RunState.STOPPED, "It was interrupted.")
        run = catalog.journal.run(run_id)
        named = _RUNS.get(run.kind if run else "")
        notes.append(_CUT_SHORT.format(named) if named else _INTERRUPTED)
    return notes


def _as_they_were_done(bundles: Iterable[list[FilingStep]]) -> list[list[FilingStep]]:
    """Those on their way back the last first: so names that were handed on come free."""
    there: list[list[FilingStep]] = []
    back: list[list[FilingStep]] = []
    for bundle in bundles:
        undoing = any(step.state is StepState.UNDOING for step in bundle)
        (back if undoing else there).append(bundle)
    return [*there, *reversed(back)]


class _Open:
    """A bundle that was being acted on."""

    def __init__(
        self, catalog: Catalog, follower: Follower, bundle: list[FilingStep], doing: str
    ) -> None:
        self._doing = doing
        self._catalog = catalog
        self._follower = follower
        self._bundle = bundle
        self._token = catalog.journal.token(bundle[0].run_id)
        self._ways = [transfer_of(step, self._token) for step in bundle]
        self.undoing = any(step.state is StepState.UNDOING for step in bundle)

    def settle(self) -> str:
        """Finish what was begun on the way there."""
        if stays := forget_copies(self._ways):
            return stays
        seen = self._seen()
        if not any(there for _, there in seen) and all(here for here, _ in seen):
            self._note(in_state(self._bundle, StepState.PLANNED))
            return ""
        try:
            arrived = bring(self._ways, again=True)
        except HalfDone as error:
            return f"{sentence(error)} It is tried again later."
        except (TransferFailed, PhotoUnreadable) as error:
            return self._by_looking(error)
        done = [with_arrival(s, a) for s, a in zip(self._bundle, arrived, strict=True)]
        with self._catalog.write():
            self._catalog.journal.update(self._follower.arrived(done))
        return ""

    def settle_undo(self) -> str:
        """Finish what was begun on the way back."""
        returning = Returning(self._catalog, self._follower, self._token)
        moved = self._bundle[0].op is StepOp.MOVE
        if stays := forget_copies(self._ways):
            return stays
        seen = self._seen()
        if all(there for _, there in seen) and not (moved and any(here for here, _ in seen)):
            self._note(in_state(self._bundle, StepState.DONE))
            return ""
        try:
            returning.bring_back(self._bundle, again=True)
        except HalfDone as error:
            return f"{sentence(error)} It is tried again later."
        except (TransferFailed, PhotoUnreadable) as error:
            return self._by_looking(error)
        returning.note(in_state(self._bundle, StepState.UNDONE), [])
        return ""

    def _seen(self) -> list[tuple[bool, bool]]:
        """For each file whether it is at its source, and at its target."""
        return [(at_source(one), at_target(one)) for one in self._ways]

    def _by_looking(self, error: TransferFailed | PhotoUnreadable) -> str:
        """It can be neither finished nor put back: note each file where it is.

        A bundle that is in two places waits where the system may let us finish it later.
        """
        name, why = self._bundle[0].source.name, sentence(error)
        later = f"{name} was being {self._doing}: {why} It is tried again later."
        moved = self._bundle[0].op is StepOp.MOVE
        seen = self._seen()
        mixed = len({there for _, there in seen}) > 1
        if any(moved and here and there for here, there in seen) or (
            mixed and isinstance(error, TransferFailed) and error.passing
        ):
            return later
        done: list[FilingStep] = []
        back: list[FilingStep] = []
        for step, (here, there) in zip(self._bundle, seen, strict=True):
            if there:
                state = StepState.LEFT if self.undoing else StepState.DONE
                done += in_state([step], state, why if self.undoing else "")
            elif later := self._moved_on(step, here=here):
                done += in_state([step], StepState.LEFT, moved_on(later))
            elif here:
                back += in_state([step], StepState.UNDONE if self.undoing else StepState.PLANNED)
            else:
                lost = "is neither at its old place nor at its new one"
                back += in_state(
                    [step], StepState.UNDONE if self.undoing else StepState.SKIPPED, lost
                )
        if not self.undoing:
            with self._catalog.write():
                done = self._follower.arrived(done)
                self._catalog.journal.update([*done, *back])
        else:
            Returning(self._catalog, self._follower, self._token).note(back, done)
        whole = not done or not back
        return "" if whole and not any(s.reason for s in back) else f"{name}: {why}"

    def _moved_on(self, step: FilingStep, *, here: bool) -> RunId | None:
        """The later run that has a file which is to be taken back, and is not where it was put."""
        if not self.undoing or (here and step.op is StepOp.MOVE):
            return None
        return self._catalog.journal.moved_on_by(step)

    def _note(self, steps: Sequence[FilingStep]) -> None:
        self._catalog.journal.update(steps)
