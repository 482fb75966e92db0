"""Writes what the user says of photos into XMP sidecars: as a job, in batches, never twice.

A photo is due from the commit that changed its tags or marks until a commit after its sidecar was
written. What is about to be written is noted before: a kill in between is told by the file's hash.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from engine.catalog.sidecar_dues import Done, Due
from engine.files.disk import reason
from engine.files.sidecar import (
    Neighbours,
    SidecarChanged,
    SidecarUnwritten,
    keep_copy,
    read_sidecar,
    write_sidecar,
)
from engine.files.sidecar_fields import NotXmp, edited, key_of, told
from engine.jobs import Event, Job, Progress, Skipped
from engine.mark_types import Flag
from engine.sidecar_types import SidecarReport, SidecarStatus
from engine.sidecars.merging import Last, Merged, Wish, merge
from engine.types import PhotoId, Problem

if TYPE_CHECKING:
    from engine.catalog import Catalog
    from engine.settings import Settings

_BATCH = 32  # photos per commit
_ROUNDS = 3  # for what another program, or the user, changed while we wrote
_RETRY_AFTER_S = 1800.0  # gives a drive or a permission time to come back


@dataclass(frozen=True, slots=True)
class _Plan:
    """A sidecar that is to get new bytes."""

    due: Due
    sidecar: Path
    beside: Neighbours
    existing: bytes | None
    foreign: bool  # what is there was not written by us
    packet: bytes
    merged: Merged


@dataclass(slots=True)
class _Tally:
    """The report while it grows."""

    report: SidecarReport = field(default_factory=SidecarReport)
    skipped: list[Skipped] = field(default_factory=list[Skipped])
    listed: dict[Path, Neighbours] = field(default_factory=dict[Path, Neighbours])  # lately

    def whole(self, started: float) -> SidecarReport:
        seconds = time.monotonic() - started
        return replace(self.report, skipped=tuple(self.skipped), seconds=seconds)

    def add(self, **counts: int) -> None:
        changes = {name: getattr(self.report, name) + count for name, count in counts.items()}
        self.report = replace(self.report, **changes)  # pyright: ignore[reportArgumentType]


class Sidecars:
    """Sidecars of photos and the switch that lets them be written. Photos are never touched."""

    def __init__(self, catalog: Catalog, settings: Callable[[], Settings], folder: Path) -> None:
        """Args: settings tells those of now; folder is the library's own, for copies."""
        self._catalog = catalog
        self._dues = catalog.sidecar_dues
        self._settings = settings
        self._copies = folder / "sidecars"
        self._retry_after_s = 0.0  # at first what could not be written is tried at once
        self._writing = threading.Lock()

    # ---- looking -----------------------------------------------------------------------------

    def status(self) -> SidecarStatus:
        """How far sidecars are behind. Cost: .1 s for 100,000 photos."""
        here, away, failed, written = self._dues.counts()
        on = self._settings().write_sidecars
        said = self._dues.ever()
        return SidecarStatus(on, here, away, failed, written, self._copies, said)

    def problems(self) -> list[Problem]:
        """Photos whose sidecar could not be written, while they are to be written at all."""
        return self._dues.problems() if self._settings().write_sidecars else []

    def failed(self) -> int:
        """How many `problems` tells of. Cost: 50 ms for 100,000."""
        return self._dues.failed() if self._settings().write_sidecars else 0

    # ---- what is to be written ---------------------------------------------------------------

    def retry(self, ids: Sequence[PhotoId] | None = None) -> int:
        """Have `write` try again what failed; all of it when `ids` is None."""
        return self._dues.retry(ids)

    def include_all(self) -> None:
        """Have `write` look at every photo of which the user has said anything."""
        self._dues.all_due()

    def leave_out_earlier(self) -> None:
        """Have `write` begin with what is said from now on."""
        self._dues.forget()

    # ---- writing -----------------------------------------------------------------------------

    def write(self) -> Job[SidecarReport]:
        """Bring the sidecars of all photos within reach up to what the user says.

        Whether the switch is on is the caller's to ask. Closing the job loses nothing: what is
        not written stays due, what was written is known by its hash. A sidecar that cannot be
        written is skipped with the reason and tried again half an hour later, when the photo is
        said something else of, or by `retry`. While photos are being moved nothing is written:
        the report says `held`.

        Raises:
            DiskError: the disk is full, or a copy of a sidecar of others cannot be kept.
            CatalogError: nothing can be noted.

        Cost: .5 ms per photo and the disk's two flushes; .1 ms where nothing is to be written.
        """
        started = time.monotonic()
        failed_before = time.time() - self._retry_after_s
        self._retry_after_s = _RETRY_AFTER_S
        tally = _Tally()
        done = total = 0
        for _ in range(_ROUNDS):
            ids = self._dues.ids(failed_before)
            if not ids:
                break
            failed_before = 0.0  # in later rounds only what was not tried
            total += len(ids)
            for start in range(0, len(ids), _BATCH):
                chunk = ids[start : start + _BATCH]
                with self._writing, self._catalog.file_turns.writing() as free:
                    events = self._write_batch(chunk, tally) if free else []
                if not free:
                    tally.report = replace(tally.report, held=True)
                    return tally.whole(started)
                yield from events
                done += len(chunk)
                yield Progress(done, total)
        return tally.whole(started)

    def _write_batch(self, ids: Sequence[PhotoId], tally: _Tally) -> list[Event]:
        """Plan, note the plan, write, note what was done."""
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        short = self._settings().sidecar_name == "short"
        plans: list[_Plan] = []
        done: list[Done] = []
        failed: list[tuple[Due, SidecarUnwritten]] = []
        for due, neighbours in _found(self._dues.of(ids), tally, failed):
            try:
                plan = _plan(due, neighbours, now, short=short)
            except SidecarUnwritten as error:
                failed.append((due, error))
                continue
            if isinstance(plan, Done):
                done.append(plan)
            else:
                plans.append(plan)
        tally.add(unchanged=len(done), overtaken=sum(len(row.overtaken) for row in done))
        try:
            if plans:
                self._dues.plan([_noted(plan) for plan in plans])
            for plan in plans:
                try:
                    self._write(plan, tally)
                except SidecarChanged:
                    continue  # it is read anew in the next round
                except SidecarUnwritten as error:
                    failed.append((plan.due, error))
                    continue
                overtaken = plan.merged.overtaken
                tally.add(written=1, overtaken=len(overtaken))
                photo_id, digest, note = _noted(plan)
                done.append(Done(photo_id, plan.due.change, digest, note, overtaken))
        finally:  # also when the disk is full: what was written is known
            if done:
                self._dues.done(done)
        if failed:
            with self._catalog.write():
                for due, error in failed:
                    why = f"Its sidecar {error.reason}."
                    self._dues.fail(due.photo_id, due.change, why)
        events: list[Event] = [Skipped(error.path, error.reason) for _, error in failed]
        tally.skipped += [event for event in events if isinstance(event, Skipped)]
        return events

    def _write(self, plan: _Plan, tally: _Tally) -> None:
        if plan.foreign and plan.existing is not None:
            tally.add(copies=int(keep_copy(plan.sidecar, plan.existing, self._copies)))
        if not os.path.lexists(plan.due.path):  # another program has just moved it
            raise SidecarChanged(plan.sidecar, "has lost its photo")
        write_sidecar(plan.sidecar, plan.existing, plan.packet)
        plan.beside.made(plan.sidecar)


def _found(
    dues: Sequence[Due], tally: _Tally, failed: list[tuple[Due, SidecarUnwritten]]
) -> Iterator[tuple[Due, Neighbours]]:
    """Those whose files are where we think, with the names beside them."""
    folders = {due.path.parent for due in dues}
    tally.listed = {
        folder: names
        for folder, names in tally.listed.items()
        if folder in folders and names.fresh()
    }
    for due in dues:
        folder = due.path.parent
        if folder not in tally.listed:
            try:
                tally.listed[folder] = Neighbours(folder)
            except (FileNotFoundError, NotADirectoryError):
                continue  # its drive has gone, or it was moved: for reconcile to say
            except OSError as error:
                why = f"cannot be written: its folder cannot be read: {reason(error)}"
                failed.append((due, SidecarUnwritten(due.path, why)))
                continue
        if due.path.name in tally.listed[folder]:
            yield due, tally.listed[folder]


def _plan(due: Due, beside: Neighbours, now: str, *, short: bool) -> _Plan | Done:
    """What is to be written, or that nothing is."""
    sidecar = beside.sidecar_of(due.path, short=short)
    existing = read_sidecar(sidecar)
    digest = _hash(existing)
    whole = sidecar.stem == due.path.name
    last, ours = _last(due, digest, whole)
    wish = Wish(due.said, due.carried, due.refused, due.flag not in (None, Flag.REJECTED))
    if ours and last.said == due.said and not (wish.refused or wish.not_rejected):
        return Done(due.photo_id, due.change, digest, last.to_json())  # as we left it
    if existing is None:
        last = Last(whole=whole)  # whoever took it away, what is said is written anew
    if not last and not wish:
        return Done(due.photo_id, due.change, b"", "")
    try:
        merged = merge(wish, last, told(existing), key_of)
        packet = edited(existing, merged.edits, now) if merged.edits else (existing or b"")
    except NotXmp as error:
        why = f"{error}; move it away or repair it"
        raise SidecarUnwritten(sidecar, why) from error
    if packet == (existing or b""):
        note = merged.last.to_json() if merged.last else ""
        return Done(due.photo_id, due.change, digest, note, merged.overtaken)
    return _Plan(due, sidecar, beside, existing, not ours, packet, merged)


def _last(due: Due, digest: bytes, whole: bool) -> tuple[Last, bool]:
    """What we wrote last into this sidecar, and whether it is still as we left it."""
    if due.planned is not None and due.planned[0] == digest:
        return Last.from_json(due.planned[1]), True  # killed right after it was written
    if due.written is None or not due.written[1]:
        return Last(whole=whole), False
    last, ours = Last.from_json(due.written[1]), due.written[0] == digest
    if last.whole != whole and not ours:
        return Last(whole=whole), False  # another file than the one we wrote
    return replace(last, whole=whole), ours


def _noted(plan: _Plan) -> tuple[PhotoId, bytes, str]:
    return plan.due.photo_id, _hash(plan.packet), plan.merged.last.to_json()


def _hash(packet: bytes | None) -> bytes:
    """As indexing hashes sidecars; empty where there is none."""
    return b"" if packet is None else hashlib.blake2b(packet, digest_size=32).digest()
