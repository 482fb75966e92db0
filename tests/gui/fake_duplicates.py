"""Duplicates in memory: groups that a test names, a search that finds them, a trash of ids."""

from __future__ import annotations

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from engine.duplicate_types import (
    Arrival,
    Choice,
    Clearing,
    ClearingId,
    ClearingReport,
    Criterion,
    DuplicateClass,
    DuplicateGroup,
    Edit,
    FindReport,
    GroupId,
    LeftAlone,
    Member,
    Merge,
    Parted,
    PickRules,
    Proof,
    Totals,
)
from engine.errors import DiskError
from engine.jobs import Job, Progress, Skipped
from engine.types import PhotoId

if TYPE_CHECKING:
    from fake_library import FakeLibrary

_EDITS = {
    DuplicateClass.IDENTICAL: (Edit.BYTES,),
    DuplicateClass.SAME_PICTURE: (Edit.ENCODED,),
    DuplicateClass.SIMILAR: (Edit.BURST,),
}


class FakeDuplicates:
    """Finds what `plant` put there, once `find` was run; the library's gates let jobs go on.

    The step "find" of a gate lets one photo pass, "clear" one group.
    """

    def __init__(self, library: FakeLibrary) -> None:
        self._library = library
        self._lock = threading.Lock()
        self.planted: list[DuplicateGroup] = []
        self.found = False
        self.parted: set[frozenset[PhotoId]] = set()
        self.kept_rules = PickRules()
        self.merges: Mapping[PhotoId, Merge] = {}
        self.left: Mapping[PhotoId, str] = {}  # photos that cannot be moved, and why
        self.fault = ""  # why nothing is begun
        self.note = ""
        self.checked: list[PhotoId] = []
        self.known: list[PhotoId] = []  # arrivals that were there already
        self.trash: dict[ClearingId, list[PhotoId]] = {}
        self.kept_runs: list[Clearing] = []

    def plant(
        self, kind: DuplicateClass, *ids: int, proofs: Sequence[Proof] = (), **facts: object
    ) -> DuplicateGroup:
        """Let these photos be a group; the first one stays."""
        usual = Proof(_EDITS[kind], 0.99)
        shelf = self._library.shelf
        members = [
            Member(
                PhotoId(n), shelf[PhotoId(n)].path, shelf[PhotoId(n)].size,
                shelf[PhotoId(n)].width or 0, shelf[PhotoId(n)].height or 0,
                None if at == 0 else (proofs[at - 1] if at <= len(proofs) else usual),
            )
            for at, n in enumerate(ids)
        ]  # fmt: skip
        made = DuplicateGroup(
            GroupId(len(self.planted) + 1), kind, tuple(members),
            "the larger file: 1.2 MB against 0.4 MB", sum(m.size for m in members[1:]),
        )  # fmt: skip
        self.planted.append(replace(made, **facts))  # pyright: ignore[reportArgumentType]
        return self.planted[-1]

    # -- finding -------------------------------------------------------------------------------

    def find(self) -> Job[FindReport]:
        total = len(self._library.shelf)
        for done in range(total + 1):
            self._library.pass_gate("find")
            yield Progress(done, total)
        self.found = True
        return FindReport(total, len(self.planted), self.totals(), note=self.note)

    def check(self, ids: Collection[PhotoId]) -> Job[int]:
        self.checked.extend(ids)
        there = {m.photo_id for group in self.planted for m in group.members}
        self.known.extend(photo_id for photo_id in ids if photo_id in there)
        yield Progress(len(ids), len(ids))
        return len(self.known)

    def arrivals(self) -> list[Arrival]:
        return [Arrival(id_, DuplicateClass.IDENTICAL, PhotoId(0), 0.0) for id_ in self.known]

    def groups(
        self, kind: DuplicateClass | None = None, rules: PickRules | None = None
    ) -> list[DuplicateGroup]:
        if not self.found:
            return []
        with self._lock:
            whole = [self._there(group) for group in self.planted]
            return [self._picked(g) for g in whole if self._waits(g, kind)]

    def _there(self, group: DuplicateGroup) -> DuplicateGroup:
        gone = {photo_id for ids in self.trash.values() for photo_id in ids}
        members = tuple(m for m in group.members if m.photo_id not in gone)
        return replace(group, members=members, to_win=sum(m.size for m in members[1:]))

    def _waits(self, group: DuplicateGroup, kind: DuplicateClass | None) -> bool:
        ids = frozenset(m.photo_id for m in group.members)
        return kind in (None, group.kind) and ids not in self.parted and len(group.members) > 1

    def _picked(self, group: DuplicateGroup) -> DuplicateGroup:
        """By a toy rule: where age decides first, the last of the planted stays."""
        if self.kept_rules.order[:1] != (Criterion.OLDEST,):
            return group
        turned = tuple(reversed(group.members))
        return replace(group, members=turned, reason="older: 2011 against 2024")

    def totals(self) -> dict[DuplicateClass, Totals]:
        if not self.found:
            return {}
        told: dict[DuplicateClass, Totals] = {}
        for kind in DuplicateClass:
            groups = self.groups(kind)
            told[kind] = Totals(
                len(groups), sum(len(g.members) - 1 for g in groups), sum(g.to_win for g in groups)
            )
        return told

    def not_duplicates(self, which: GroupId) -> Parted:
        found = next(g for g in self.planted if g.id == which)
        with self._lock:
            self.parted.add(frozenset(m.photo_id for m in found.members))
        return Parted(tuple((b"%d" % m.photo_id, b"", 0) for m in found.members))

    def again(self, parted: Parted) -> None:
        with self._lock:
            self.parted.discard(frozenset(PhotoId(int(one)) for one, _, _ in parted.pairs))

    def rules(self) -> PickRules:
        return self.kept_rules

    def change_rules(self, rules: PickRules) -> None:
        self.kept_rules = rules

    # -- clearing ------------------------------------------------------------------------------

    def choices(self, kind: DuplicateClass, rules: PickRules | None = None) -> list[Choice]:
        return [
            Choice(g.id, g.kind, g.keep, tuple(m.photo_id for m in g.members[1:] if m.offered))
            for g in self.groups(kind)
        ]

    def preview(self, choices: Sequence[Choice]) -> list[Merge]:
        return [self.merges.get(choice.keep, Merge(choice.keep)) for choice in choices]

    def clear(self, choices: Sequence[Choice]) -> Job[ClearingReport]:
        if self.fault:
            raise DiskError(self.fault)
        run_id = ClearingId(len(self.kept_runs) + 1)
        gone: list[PhotoId] = []
        left: list[LeftAlone] = []
        self.trash[run_id] = gone
        self.kept_runs.append(Clearing(run_id, 1_700_000_000.0 + run_id, 0, 0))
        size, groups = 0, 0
        try:
            for done, choice in enumerate(choices):
                yield Progress(done, len(choices))
                self._library.pass_gate("clear")
                for photo_id in choice.trash:
                    photo = self._library.shelf[photo_id]
                    if photo_id in self.left:
                        left.append(LeftAlone(photo_id, photo.path, self.left[photo_id]))
                        yield Skipped(photo.path, self.left[photo_id])
                        continue
                    gone.append(photo_id)
                    size += photo.size
                groups += 1
            yield Progress(len(choices), len(choices))
        finally:
            at = run_id - 1
            self.kept_runs[at] = replace(self.kept_runs[at], photos=len(gone), bytes=size)
        return ClearingReport(run_id, groups, len(gone), size, tuple(left))

    def undo(self, run_id: ClearingId) -> Job[ClearingReport]:
        if self.fault:
            raise DiskError(self.fault)
        back = self.trash.pop(run_id)
        yield Progress(len(back), len(back))
        at = run_id - 1
        self.kept_runs[at] = run = replace(self.kept_runs[at], undone=True)
        return ClearingReport(run_id, 0, len(back), run.bytes)

    def clearings(self) -> list[Clearing]:
        return list(self.kept_runs)
