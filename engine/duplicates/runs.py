"""Clearings of duplicates: chosen by rules, previewed, done, undone, settled after a crash."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

from engine.catalog.journal import CLEARING
from engine.duplicate_types import (
    Choice,
    Clearing,
    ClearingId,
    ClearingReport,
    DuplicateClass,
    DuplicateGroup,
    LeftAlone,
    Merge,
    PickRules,
)
from engine.duplicates.clearing import ClearingTally, Trashing, Wanted
from engine.duplicates.merging import merge_of
from engine.duplicates.returning import Returning, settle
from engine.duplicates.verifying import Verifier
from engine.errors import DiskError
from engine.file_types import RunId, RunState, StepState
from engine.files.scan import Excludes
from engine.files.trash import Trash
from engine.filing_steps import Follower, bundles_of
from engine.jobs import Job, Progress, Skipped
from engine.types import PhotoId

if TYPE_CHECKING:
    from engine.catalog import Catalog

_BATCH = 16  # photos that share one flush of the journal
_QUARANTINE = "trash"
T = TypeVar("T")


class Groups(Protocol):
    """What finding offers: the groups as they are now, those that were decided left out."""

    def __call__(
        self, kind: DuplicateClass | None = None, rules: PickRules | None = None
    ) -> list[DuplicateGroup]: ...


class ClearingBusy(DiskError):
    """Another clearing is under way."""


class ClearingRuns:
    """Puts duplicates into the trash and back. Its jobs belong on the lane of `reconcile`.

    Args:
        catalog: holds the journal, and follows the files.
        own: the library's data folder; what has no trash goes into a folder there.
        groups: the current duplicates; nothing else is ever cleared.
        rules: the user's, for the folders that are protected.
    """

    def __init__(
        self, catalog: Catalog, own: Path, groups: Groups, rules: Callable[[], PickRules]
    ) -> None:
        self._catalog = catalog
        self._journal = catalog.journal
        self._own = own
        self._groups = groups
        self._rules = rules
        self._one_run = threading.Lock()

    def choices(self, kind: DuplicateClass, rules: PickRules | None = None) -> list[Choice]:
        """By the rules, what would happen to every group of a class; nothing is touched.

        Similar shots are different pictures: which of them to keep is never proposed.
        """
        if kind is DuplicateClass.SIMILAR:
            return []
        found = [
            Choice(
                group.id,
                kind,
                group.keep,
                tuple(one.photo_id for one in group.members[1:] if one.offered),
            )
            for group in self._groups(kind, rules)
        ]
        return [choice for choice in found if choice.trash]

    def preview(self, choices: Sequence[Choice]) -> list[Merge]:
        """What each keeper would take over, in the order of the choices."""
        ids = {photo_id for one in choices for photo_id in (one.keep, *one.trash)}
        owned = self._catalog.clearings.owned(sorted(ids))
        return [
            merge_of(one.keep, owned[one.keep], [owned[photo_id] for photo_id in one.trash])
            for one in choices
        ]

    def clear(self, choices: Sequence[Choice]) -> Job[ClearingReport]:
        """Put the chosen photos into the trash, each after it and its keeper were read again.

        A photo that is not safe to go is left and named. Closing the job stops after the photos
        at hand. Nothing to do makes no run: the report has the id 0.

        Raises:
            DiskError: nothing was begun: another clearing is under way.
            CatalogError: the catalog cannot be written; what was done is settled by `recover`.

        Cost: every photo that goes and every keeper is read once.
        """
        with self._alone():
            self._settle()
            wanted, refused = self._wanted(choices)
            for one in refused:
                yield Skipped(one.path, one.reason)
            if not wanted:
                return ClearingReport(ClearingId(0), 0, 0, 0, tuple(refused))
            rule = {"photos": len(wanted), "classes": sorted({one.kind.value for one in wanted})}
            run_id = self._journal.begin(CLEARING, rule, secrets.token_hex(4), ())
            tally = ClearingTally(run_id, len(wanted))
            tally.left += refused
            return (yield from self._clear(tally, wanted))

    def clearings(self) -> list[Clearing]:
        """All clearings that moved something, the newest first."""
        return self._catalog.clearings.all()

    def undo(self, clearing_id: ClearingId) -> Job[ClearingReport]:
        """Bring back what a clearing took: paths, times, companions, and what keepers took over.

        What is not in the trash any more, or whose place is taken, is left and named; it can be
        tried again.

        Raises:
            DiskError: nothing was begun: another clearing is under way.
        """
        run_id = RunId(clearing_id)
        with self._alone():
            self._settle()
            run = self._journal.run(run_id, CLEARING)
            if run is None or not run.can_undo:
                return ClearingReport(clearing_id, 0, 0, 0)
            return (yield from self._return(run_id))

    def recover(self) -> list[str]:
        """Settle what a crash cut short; called at opening. Sentences for the user.

        Cost: nothing where nothing was cut short.
        """
        with self._alone():
            return self._settle()

    # ---- inside ------------------------------------------------------------------------------

    def _wanted(self, choices: Sequence[Choice]) -> tuple[list[Wanted], list[LeftAlone]]:
        """What may go as far as the groups tell, in order; and what may not."""
        kinds = {choice.kind for choice in choices}
        groups = {kind: _by_member(self._groups(kind, None)) for kind in kinds}
        keepers = {choice.keep for choice in choices}
        wanted: dict[PhotoId, Wanted] = {}
        refused: list[LeftAlone] = []
        for choice in choices:
            group = _group_of(choice, groups[choice.kind].get(choice.keep, []))
            members = {one.photo_id: one for one in group.members} if group else {}
            for photo_id in choice.trash:
                member = members.get(photo_id)
                if member is None:
                    path = self._catalog.photos.path_of(photo_id) or Path()
                    said = "It is not among the duplicates of the photo that stays any more."
                elif not member.offered:
                    path, said = member.path, member.why_not
                elif photo_id in keepers:
                    path, said = member.path, "It is what another group keeps."
                else:
                    one = Wanted(photo_id, choice.keep, choice.kind, member.path)
                    wanted.setdefault(photo_id, one)
                    continue
                refused.append(LeftAlone(photo_id, path, said))
        return [*wanted.values()], refused

    def _clear(self, tally: ClearingTally, wanted: Sequence[Wanted]) -> Job[ClearingReport]:
        run = Trashing(
            self._catalog,
            Verifier(self._catalog, self._own, self._rules()),
            Trash(self._own / _QUARANTINE),
            self._journal.token(tally.run_id),
            tally,
            frozenset(one.keep for one in wanted),
        )
        try:
            yield _progress(tally)
            for batch in _in_batches(wanted):
                before = len(tally.left)
                run.clear(batch)
                yield from (Skipped(one.path, one.reason) for one in tally.left[before:])
                yield _progress(tally)
                if tally.stopped:
                    break
        finally:
            rest = tally.total - tally.tried
            note = tally.stopped or (
                f"It was stopped; {rest} photos were not tried." if rest else ""
            )
            self._journal.set_state(tally.run_id, RunState.APPLIED, note)
        return tally.report()

    def _return(self, run_id: RunId) -> Job[ClearingReport]:
        steps = self._journal.steps(run_id, [StepState.DONE, StepState.LEFT])
        units = [*bundles_of(steps)][::-1]
        tally = ClearingTally(run_id, len(units))
        returning = Returning(self._catalog, self._follower(), run_id)
        self._journal.set_state(run_id, RunState.UNDOING)
        try:
            yield _progress(tally)
            for batch in _in_batches(units):
                before = len(tally.left)
                returning.take_back(batch, tally)
                yield from (Skipped(one.path, one.reason) for one in tally.left[before:])
                yield _progress(tally)
                if tally.stopped:
                    break
        finally:
            ended = not tally.stopped and tally.tried == len(units)
            state = RunState.UNDONE if ended else RunState.UNDOING
            count = len(tally.left)
            left = f"{count} photos were left in the trash." if count else ""
            self._journal.set_state(run_id, state, tally.stopped or left)
        return tally.report()

    @contextmanager
    def _alone(self) -> Generator[None, None, None]:
        if not self._one_run.acquire(blocking=False):
            raise ClearingBusy("Duplicates are being cleared already.")
        try:
            with self._catalog.file_turns.moving():
                yield
        finally:
            self._one_run.release()

    def _settle(self) -> list[str]:
        return settle(self._catalog, self._follower)

    def _follower(self) -> Follower:
        # Whatever is excluded by now: a photo that returns was in the library when it went.
        return Follower(self._catalog, Excludes(()), self._own)


def _by_member(groups: Sequence[DuplicateGroup]) -> dict[PhotoId, list[DuplicateGroup]]:
    found: dict[PhotoId, list[DuplicateGroup]] = {}
    for group in groups:
        for member in group.members:
            found.setdefault(member.photo_id, []).append(group)
    return found


def _group_of(choice: Choice, groups: Sequence[DuplicateGroup]) -> DuplicateGroup | None:
    """The group that a choice is about, as it is now; its number may have changed."""

    def common(group: DuplicateGroup) -> tuple[int, bool]:
        held = sum(member.photo_id in choice.trash for member in group.members)
        return held, group.id == choice.group_id

    return max(groups, key=common, default=None)


def _in_batches(of: Sequence[T]) -> Iterator[Sequence[T]]:
    return (of[start : start + _BATCH] for start in range(0, len(of), _BATCH))


def _progress(tally: ClearingTally) -> Progress:
    return Progress(tally.tried, tally.total, f"{tally.bytes / 1e6:,.1f} MB")
