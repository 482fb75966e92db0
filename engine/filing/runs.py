"""Runs of filing: sorts, moves, copies, names, the trash; resumed, undone, settled. One at a time.

Each batch is written to the journal before a file is touched, acted on bundle by bundle, and noted
as done together with what the catalog has to say of it. Whatever ends a run early (cancelled, disk
full, killed) leaves every bundle whole, at its source or at its target.
"""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.catalog.journal import COPYING, MOVING, PLACED, RENAMING, SORT, TRASHING
from engine.errors import DiskError
from engine.file_types import (
    FilingReport,
    FilingRun,
    FilingStep,
    NewName,
    RunId,
    RunState,
    SortMode,
    SortPlan,
    StepOp,
    StepState,
    TrashedPhoto,
)
from engine.files.scan import Excludes
from engine.files.target_names import ExactNames, TargetNames
from engine.files.trash import Trash
from engine.filing.anchor import anchor, check_anchor
from engine.filing.naming import NamePattern
from engine.filing.placing import Placing, check_space, planned, with_new_companions
from engine.filing.proposing import by_pattern, proposals
from engine.filing.recovery import settle
from engine.filing.restoring import Restoring, settle_trash
from engine.filing.returning import Returning
from engine.filing.trashing import Tombstones, Trashing
from engine.filing.wishes import Wish, from_outside, into_folder, into_trash, renamed
from engine.filing_steps import Follower, bundles_of, in_batches
from engine.filing_tally import Tally
from engine.jobs import Job
from engine.sort_facts import bundles_with, refusal
from engine.types import PhotoId

if TYPE_CHECKING:
    from engine.catalog import Catalog

_BATCH = 64  # bundles per flush of the journal
_BATCH_BYTES = 64 << 20
QUARANTINE = "trash"
"""The folder in the library's data for photos whose disk has no trash."""


class FilingBusy(DiskError):
    """Another run is under way."""


class Filing:
    """Applies plans and takes them back. Its jobs belong on the lane of `reconcile`.

    Args:
        catalog: holds the journal, and follows the files.
        excludes: names that the library does not look at, asked for at each run.
        own: the library's data folder.
    """

    def __init__(self, catalog: Catalog, excludes: Callable[[], Excludes], own: Path) -> None:
        self._catalog = catalog
        self._journal = catalog.journal
        self._excludes = excludes
        self._own = own
        self._one_run = threading.Lock()

    def runs(self) -> list[FilingRun]:
        """All sorts that were ever applied, the newest first."""
        return self._journal.runs()

    def operations(self) -> list[FilingRun]:
        """All moves, copies, renamings and trashings by hand, the newest first."""
        return self._journal.runs(MOVING, COPYING, RENAMING, TRASHING)

    def steps(self, run_id: RunId) -> list[FilingStep]:
        """What became of each file of a run."""
        return self._journal.steps(run_id)

    def in_trash(self) -> list[TrashedPhoto]:
        """What runs have put into the trash and is still there, the newest first.

        Clearings of duplicates as well. Cost: a look at each file.
        """
        return self._journal.in_trash()

    def names(self, ids: Sequence[PhotoId], pattern: str, start: int = 1) -> dict[PhotoId, str]:
        """Names by a pattern (`naming.py`), numbered in this order, for `rename`.

        Raises:
            PatternError: the pattern names nothing.
        """
        return by_pattern(self._catalog, ids, NamePattern(pattern), start)

    def proposals(self, names: Mapping[PhotoId, str]) -> list[NewName]:
        """What would come of `rename`, with its reasons; nothing is touched."""
        return proposals(self._catalog, names)

    def belonging(self, photo_id: PhotoId) -> list[Path]:
        """The files that go wherever this photo goes. Cost: one listing of its folder."""
        photos = {photo.id: photo for photo in self._catalog.photos.page([photo_id], None)}
        found = bundles_with(self._catalog, photos).get(photo_id)
        files = found.files if found is not None else ()
        return [file.source for file in files if file.source != photos[photo_id].path]

    def is_watched(self, folder: Path) -> bool:
        """Whether photos in a folder are photos of the library."""
        return self._follower().place(Path(os.path.realpath(folder), "a.jpg")) is not None

    def apply(self, plan: SortPlan) -> Job[FilingReport]:
        """Do what a plan says. Closing the job stops at a whole bundle; `resume` goes on.

        Progress counts photos with their companions; its note tells the bytes. A plan by which
        nothing goes makes no run: the report has the id 0.

        Raises:
            DiskError: nothing was begun: the plan is refused, too little space, another run.
            CatalogError: the catalog cannot be written; what was done is settled by `recover`.
        """
        with self._alone():
            self._settle()
            if plan.refusal:
                raise DiskError(plan.refusal)
            steps = with_new_companions(planned(plan))
            if not steps:
                return FilingReport(RunId(0))
            if plan.rule.mode is not SortMode.ALBUM:
                check_space(plan.into, steps)
            rule = {
                "mode": plan.rule.mode.value,
                "into": str(plan.into),
                "by_date": plan.rule.by_date.value,
                "categories": list(plan.rule.categories),
                "photos": plan.going,
                **anchor(plan.into),
            }
            run_id = self._journal.begin("sort", rule, secrets.token_hex(4), steps)
            return (yield from self._place(run_id))

    def move_to(self, ids: Sequence[PhotoId], folder: Path) -> Job[FilingReport]:
        """Move photos with their companions into a folder, made where it lacks.

        A name that is taken there gets a number. Rows follow; photos that leave all watched
        folders become tombstones until `undo`. What cannot go is left and named in `skipped`.

        Raises:
            DiskError: nothing was begun: the folder is refused, too little space, another run.
        """
        return self._into(lambda i: into_folder(self._catalog, ids, i, StepOp.MOVE), folder, MOVING)

    def copy_to(self, ids: Sequence[PhotoId], folder: Path) -> Job[FilingReport]:
        """Copy photos with their companions into a folder; all else as `move_to`."""
        way = StepOp.COPY
        return self._into(lambda i: into_folder(self._catalog, ids, i, way), folder, COPYING)

    def bring_in(self, paths: Sequence[Path], folder: Path) -> Job[FilingReport]:
        """Copy photos of other programs with their companions; all else as `copy_to`."""
        return self._into(lambda into: from_outside(paths, into), folder, COPYING)

    def rename(self, names: Mapping[PhotoId, str]) -> Job[FilingReport]:
        """Give photos other names in their folders; companions are renamed with them.

        The ending stays, and may be left out. A name that is taken, or cannot be a name on some
        system, leaves its photo as it is, named in `skipped`.

        Raises:
            DiskError: nothing was begun: another run.
        """
        with self._alone():
            self._settle()
            wish = renamed(self._catalog, names)
            return (yield from self._fulfil(wish, RENAMING, {"mode": "rename"}))

    def trash(self, ids: Sequence[PhotoId]) -> Job[FilingReport]:
        """Put photos with their companions into the system's trash; `undo` brings them back.

        Where a disk has no trash they go to a folder of ours: `quarantined` counts these. Closing
        the job stops at a whole bundle. Nothing is ever deleted.

        Raises:
            DiskError: nothing was begun: another run.

        Cost: a rename each; one read each where the trash lies on another disk.
        """
        with self._alone():
            self._settle()
            wish = into_trash(self._catalog, ids)
            yield from wish.refused
            if not wish.steps:
                return FilingReport(RunId(0), skipped=tuple(wish.refused))
            rule = {"mode": "trash", "photos": wish.photos}
            run_id = self._journal.begin(TRASHING, rule, secrets.token_hex(4), ())
            report = yield from self._trash(run_id, wish)
            return replace(report, skipped=(*wish.refused, *report.skipped))

    def resume(self, run_id: RunId) -> Job[FilingReport]:
        """Go on with a run that was stopped; nothing happens to any other.

        Raises:
            DiskError: nothing was begun: the folder sorted into is away, another run.
        """
        with self._alone():
            self._settle()
            run = self._journal.run(run_id)
            if run is None or not run.can_resume:
                return FilingReport(run_id)
            check_anchor(run)
            return (yield from self._place(run_id, run.kind))

    def undo(self, run_id: RunId, only: Collection[PhotoId] | None = None) -> Job[FilingReport]:
        """Take a run back: paths, times and companions as they were.

        What was changed or moved on since is left and named, and can be tried again later.

        Args:
            run_id: of a sort, or of a move, copy, renaming or trashing by hand.
            only: these photos of it, with all that belongs to them; None: the whole run.

        Raises:
            DiskError: nothing was begun: the folder sorted into is away, another run.
        """
        with self._alone():
            self._settle()
            run = self._journal.run(run_id, *PLACED, TRASHING)
            if run is None or not run.can_undo:
                return FilingReport(run_id)
            check_anchor(run)
            return (yield from self._return(run_id, only, trashed=run.kind == TRASHING))

    def recover(self) -> list[str]:
        """Settle what a crash cut short; called at opening. Sentences for the user.

        Cost: nothing where nothing was cut short; at most one batch of copies else.
        """
        with self._alone():
            return self._settle()

    @contextmanager
    def _alone(self) -> Generator[None, None, None]:
        if not self._one_run.acquire(blocking=False):
            raise FilingBusy("Photos are being sorted already.")
        try:
            with self._catalog.file_turns.moving():
                yield
        finally:
            self._one_run.release()

    def _settle(self) -> list[str]:
        kept = settle(self._catalog, self._follower)
        return kept + settle_trash(self._catalog, self._tombstones)

    def _tombstones(self) -> Tombstones:
        # Whatever is excluded by now: a photo that returns was in the library when it went.
        return Tombstones(self._catalog, Excludes(()), self._own)

    def _follower(self) -> Follower:
        return Follower(self._catalog, self._excludes(), self._own)

    def _into(self, wished: Callable[[Path], Wish], folder: Path, kind: str) -> Job[FilingReport]:
        with self._alone():
            self._settle()
            into = Path(os.path.realpath(folder))
            nearest = next((p for p in (into, *into.parents) if p.is_dir()), into)
            if said := refusal(into, nearest, self._own):
                raise DiskError(said)
            wish = wished(into)
            check_space(into, wish.steps)
            rule = {"mode": kind, "into": str(into), **anchor(into)}
            return (yield from self._fulfil(wish, kind, rule))

    def _fulfil(self, wish: Wish, kind: str, rule: dict[str, object]) -> Job[FilingReport]:
        yield from wish.refused
        if not wish.steps:
            return FilingReport(RunId(0), skipped=tuple(wish.refused))
        rule = {**rule, "photos": wish.photos}
        run_id = self._journal.begin(kind, rule, secrets.token_hex(4), wish.steps)
        report = yield from self._place(run_id, kind)
        return replace(report, skipped=(*wish.refused, *report.skipped))

    def _trash(self, run_id: RunId, wish: Wish) -> Job[FilingReport]:
        bundles = list(bundles_of(wish.steps))
        tally = Tally(run_id, len(bundles))
        places, token = Trash(self._own / QUARANTINE), self._journal.token(run_id)
        trashing = Trashing(self._catalog, self._tombstones(), places, token, tally)
        try:
            yield tally.progress()
            for batch in in_batches(bundles, _BATCH, _BATCH_BYTES):
                before = len(tally.skipped)
                trashing.trash(batch)
                yield from tally.skipped[before:]
                yield tally.progress()
                if tally.stopped:
                    break
        finally:
            rest = len(bundles) - tally.tried
            note = tally.stopped or (
                f"It was stopped; {rest} photos were not tried." if rest else ""
            )
            self._journal.set_state(run_id, RunState.APPLIED, note)
        return tally.report()

    def _place(self, run_id: RunId, kind: str = SORT) -> Job[FilingReport]:
        bundles = list(bundles_of(self._journal.steps(run_id, [StepState.PLANNED])))
        tally = Tally(run_id, len(bundles))
        follower, token = self._follower(), self._journal.token(run_id)
        names = ExactNames() if kind == RENAMING else TargetNames()
        placing = Placing(self._catalog, follower, token, tally, names)
        self._journal.set_state(run_id, RunState.APPLYING)
        try:
            yield tally.progress()
            for batch in in_batches(bundles, _BATCH, _BATCH_BYTES):
                before = len(tally.skipped)
                placing.place(batch)
                yield from tally.skipped[before:]
                yield tally.progress()
                if tally.stopped:
                    break
        finally:
            # Closed after the last bundle, there is nothing left to go on with.
            ended = not tally.stopped and tally.tried == len(bundles)
            left = f"It was stopped; {len(bundles) - tally.tried} photos were not tried."
            note = "" if ended else tally.stopped or left
            # Folders that nothing came into; `resume` makes them again.
            Returning(self._catalog, follower, token).remove_folders(run_id)
            self._journal.set_state(run_id, RunState.APPLIED if ended else RunState.STOPPED, note)
        return tally.report()

    def _return(
        self, run_id: RunId, only: Collection[PhotoId] | None, *, trashed: bool
    ) -> Job[FilingReport]:
        steps = self._journal.steps(run_id, [StepState.DONE, StepState.LEFT])
        every = [*bundles_of(steps)][::-1]
        wanted = None if only is None else set(only)
        bundles = [b for b in every if wanted is None or any(s.photo_id in wanted for s in b)]
        tally = Tally(run_id, len(bundles))
        token = self._journal.token(run_id)
        if trashed:
            returning = Restoring(self._catalog, self._tombstones(), token)
        else:
            returning = Returning(self._catalog, self._follower(), token)
        self._journal.set_state(run_id, RunState.UNDOING)
        try:
            yield tally.progress()
            for batch in in_batches(bundles, _BATCH, _BATCH_BYTES):
                before = len(tally.skipped)
                returning.take_back(batch, tally)
                yield from tally.skipped[before:]
                yield tally.progress()
                if tally.stopped:
                    break
        finally:
            # Closed after the last bundle, there is nothing left to go on with.
            ended = not tally.stopped and tally.tried == len(bundles)
            if ended:
                returning.remove_folders(run_id)
                count = len(tally.skipped)
                note = f"{count} photos were left where they are." if count else ""
                whole = len(bundles) == len(every)
                self._journal.set_state(
                    run_id, RunState.UNDONE if whole else RunState.APPLIED, note
                )
            else:
                self._journal.set_state(run_id, RunState.UNDOING, tally.stopped)
        return tally.report()
