"""And back: what a run did is undone where nothing has changed since, else left and named."""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import PhotoUnreadable
from engine.file_types import FilingStep, RunId, StepOp, StepState
from engine.files import writes
from engine.files.disk import reason
from engine.files.transfer import (
    HalfDone,
    TransferFailed,
    at_source,
    bring,
    reversed_move,
    take_back,
)
from engine.filing_steps import Follower, missing_folders, transfer_of
from engine.filing_tally import Tally, flush, in_state, lies_at, sentence, why

if TYPE_CHECKING:
    from engine.catalog import Catalog

log = logging.getLogger(__name__)


class Returning:
    """One run on its way back."""

    def __init__(self, catalog: Catalog, follower: Follower, token: str) -> None:
        self._catalog = catalog
        self._journal = catalog.journal
        self._follower = follower
        self._token = token

    def take_back(self, batch: Sequence[list[FilingStep]], tally: Tally) -> None:
        """Undo a batch, as far as the disk lets us; `tally.stopped` says why not."""
        if batch[0][0].op is StepOp.ALBUM:
            self._out_of_albums(batch, tally)
            return
        self._journal.start([s for b in batch for s in in_state(b, StepState.UNDOING)])
        done: list[FilingStep] = []
        left: list[FilingStep] = []
        for number, bundle in enumerate(batch):
            try:
                self.bring_back(bundle)
            except (TransferFailed, PhotoUnreadable) as error:
                half = isinstance(error, HalfDone)
                if half or (isinstance(error, TransferFailed) and error.disk_is_done):
                    tally.stopped = sentence(error)
                    rest = batch[number + half :]  # a half-done one stays begun
                    left += [s for b in rest for s in in_state(b, StepState.DONE)]
                    break
                said = self._why(bundle, error)
                left += in_state(bundle, StepState.LEFT, said)
                tally.skip(bundle[0].target, said)
            else:
                done += in_state(bundle, StepState.UNDONE)
                tally.take(bundle)
        flush(done, tally)
        self.note(done, left)

    def note(self, done: Sequence[FilingStep], left: Sequence[FilingStep]) -> None:
        """What is back and what is not, in the journal and for the catalog."""
        with self._catalog.write():
            self._follower.returned([(step, lies_at(step.source)) for step in done])
            self._journal.update([*done, *left])

    def bring_back(self, bundle: Sequence[FilingStep], *, again: bool = False) -> None:
        """One bundle: files that moved go back, copies of ours go.

        Raises:
            TransferFailed: nothing of it was changed.
            HalfDone: a part of it was; it is settled later.
        """
        ways = [transfer_of(step, self._token) for step in bundle]
        if bundle[0].op is not StepOp.MOVE:
            for step in bundle:
                later = self._journal.moved_on_by(step)
                if later is not None and not os.path.lexists(step.target):
                    raise TransferFailed(step.target, moved_on(later))
            originals = [self._original(step) for step in bundle]
            take_back(list(zip(ways, originals, strict=True)))
            return
        if all(at_source(one) and not os.path.lexists(one.target) for one in ways):
            self.check_own(bundle)
            return  # the user was faster
        for step in bundle:
            if not self._follower.is_home(step.source):
                away = "its old folder is not there; is its drive connected?"
                raise TransferFailed(step.target, away)
        self.make_folders(step.source.parent for step in bundle)
        bring([reversed_move(one) for one in ways], again=again)

    def check_own(self, steps: Iterable[FilingStep]) -> None:
        """What lies at the old places is no other photo that has the same bytes.

        Raises:
            TransferFailed: it is.
        """
        for step in steps:
            if self._follower.holder(step) is not None:
                said = "another file lies at its old place"
                raise TransferFailed(step.target, said, errno.EEXIST)

    def make_folders(self, folders: Iterable[Path]) -> None:
        """Make the old places again where they lack. TransferFailed: one cannot be made."""
        for folder in missing_folders(folders):
            try:
                writes.make_folder(folder)
            except OSError as error:
                raise TransferFailed(folder, reason(error), error.errno) from error

    def _original(self, step: FilingStep) -> Path:
        """Where the file that a copy was made from lies now."""
        known = self._catalog.photos.path_of(step.photo_id) if step.photo_id is not None else None
        for path in (step.source, self._journal.now_at(step.source, step.run_id), known):
            if path is not None and path != step.target and lies_at(path) is not None:
                return path
        return self._first_original(step)

    def _first_original(self, step: FilingStep) -> Path:
        """Where it was copied from was itself put there by a run that was taken back already."""
        path, seen = step.source, {step.source}
        while (earlier := self._journal.came_from(path)) is not None and earlier not in seen:
            path = earlier
            seen.add(path)
            for there in (path, self._journal.now_at(path, RunId(0))):
                if there != step.target and lies_at(there) is not None:
                    return there
        return step.source

    def _why(self, bundle: Sequence[FilingStep], error: TransferFailed | PhotoUnreadable) -> str:
        for step in bundle:
            later = self._journal.moved_on_by(step)
            if later is not None and not os.path.lexists(step.target):
                return moved_on(later)
        if isinstance(error, TransferFailed) and error.name_taken:
            return "another file lies at its old place"
        return why(error, bundle[0].target)

    def remove_folders(self, run_id: RunId) -> None:
        """Take back the folders that were made for a run, where nothing is in them.

        And those above that an earlier run made, which was undone when this one was using them.
        """
        ours = [(run_id, path) for path in self._journal.folders(run_id)]
        above = {p for step in self._journal.steps(run_id) for p in step.target.parents}
        ours += [
            (other, path) for other, path in self._journal.folders_of_undone() if path in above
        ]
        for owner, path in sorted(ours, key=lambda entry: (-len(entry[1].parts), entry[1])):
            try:
                writes.remove_folder(path)
            except (FileNotFoundError, NotADirectoryError):
                pass
            except OSError as error:  # usually: it is not empty
                log.debug("the folder %s stays: %s", path, reason(error))
                continue
            self._journal.forget_folder(owner, path)

    def _out_of_albums(self, batch: Sequence[list[FilingStep]], tally: Tally) -> None:
        with self._catalog.write():
            for bundle in batch:
                photos = [step.photo_id for step in bundle if step.photo_id is not None]
                self._catalog.albums.take_back(photos, tally.run_id)
                self._journal.update(in_state(bundle, StepState.UNDONE))
                tally.take(bundle)


def moved_on(later: RunId) -> str:
    """Why a file cannot be taken back yet."""
    return f"it was moved on by run {later}; undo that one first"
