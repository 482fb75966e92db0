"""Sorting and filing in memory: real plans of photos on no disk, runs without files."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from engine.assignment import Assignment
from engine.errors import DiskError
from engine.file_types import (
    FilingReport,
    FilingRun,
    FilingStep,
    PlannedFile,
    RunId,
    RunState,
    SortPlan,
    SortRule,
    StepOp,
    StepState,
    TrashedPhoto,
)
from engine.files.names import folded
from engine.jobs import Job, Progress, Skipped
from engine.sort_facts import SortFacts, SourceBundle
from engine.sorting import Placed, plan_sort
from engine.types import PhotoId

if TYPE_CHECKING:
    from fake_library import FakeLibrary

BATCH = 4


class FakeSorting:
    """Plans as the real one does, of a disk that holds what a test says."""

    def __init__(self, library: FakeLibrary) -> None:
        self._library = library
        self._last: tuple[Assignment, ...] = ()
        self.refusal = ""
        self.free_bytes = 10**12
        self.notes: tuple[str, ...] = ()
        self.looks = 0
        self.replans = 0

    def plan(
        self, assignments: Sequence[Assignment], rule: SortRule, placed: Placed | None = None
    ) -> SortPlan:
        self.looks += 1
        self._last = tuple(assignments)
        self._facts = self._gather(rule)
        return plan_sort(self._facts, assignments, rule, placed)

    def replan(
        self,
        plan: SortPlan,
        *,
        rule: SortRule | None = None,
        placed: Placed | None = None,
        assignments: Sequence[Assignment] | None = None,
    ) -> SortPlan:
        self.replans += 1
        self._last = tuple(assignments or self._last)
        return plan_sort(self._facts, self._last, rule or plan.rule, placed)

    def _gather(self, rule: SortRule) -> SortFacts:
        sources: dict[PhotoId, SourceBundle] = {}
        for one in self._library.shelf.values():
            name = one.name
            file = PlannedFile(
                one.path, name, one.size, one.mtime_ns, 1, one.id, one.content_hash, one.id
            )
            sources[one.id] = SourceBundle(
                (one.id,), (file,), (name,), ((name, len(name) - 4),), (folded(name),),
                str(one.path.parent), one.size, "2024-05-01", 1,
            )  # fmt: skip
        return SortFacts(
            rule.into, sources, {}, {}, frozenset(), 1, self.free_bytes, self.notes, self.refusal,
            self._library.shelf,
        )  # fmt: skip


class FakeFiling:
    """Keeps runs in a list; the step "file" of the library's gate lets a batch pass."""

    def __init__(self, library: FakeLibrary) -> None:
        self._library = library
        self._lock = threading.Lock()
        self.kept: dict[RunId, FilingRun] = {}
        self.held: dict[RunId, list[FilingStep]] = {}
        self.fault = ""  # why a run is not begun
        self.left: Mapping[PhotoId, str] = {}  # photos that cannot be filed, or taken back

    def runs(self) -> list[FilingRun]:
        with self._lock:
            return [self._counted(run) for run in reversed(self.kept.values())]

    def operations(self) -> list[FilingRun]:
        return []

    def in_trash(self) -> list[TrashedPhoto]:
        return []

    def belonging(self, photo_id: PhotoId) -> list[Path]:
        return []

    def is_watched(self, folder: Path) -> bool:
        return folder.is_relative_to("/photos")

    def steps(self, run_id: RunId) -> list[FilingStep]:
        return list(self.held[run_id])

    def _counted(self, run: FilingRun) -> FilingRun:
        states = [step.state for step in self.held[run.id]]
        return replace(
            run,
            files=len(states),
            done=states.count(StepState.DONE),
            planned=states.count(StepState.PLANNED),
            skipped=states.count(StepState.SKIPPED),
            undone=states.count(StepState.UNDONE),
            left=states.count(StepState.LEFT),
        )

    def apply(self, plan: SortPlan) -> Job[FilingReport]:
        if self.fault:
            raise DiskError(self.fault)
        run_id = RunId(len(self.kept) + 1)
        self.held[run_id] = [
            FilingStep(
                n, run_id, n, photo.photo_id, StepOp(plan.rule.mode.value), photo.category or "",
                photo.source, photo.folder / photo.name, 1000, 0, 1, 1,
            )
            for n, photo in enumerate(plan.photos)
            if photo.fate.goes and photo.folder is not None
        ]  # fmt: skip
        rule = {
            "mode": plan.rule.mode.value,
            "into": str(plan.into),
            "categories": list(plan.rule.categories),
        }
        self.kept[run_id] = FilingRun(
            run_id, "sort", rule, 1_700_000_000.0, None, RunState.APPLYING, "", 0, 0, 0, 0, 0, 0
        )
        return (yield from self._go(run_id, StepState.PLANNED, StepState.DONE))

    def resume(self, run_id: RunId) -> Job[FilingReport]:
        return (yield from self._go(run_id, StepState.PLANNED, StepState.DONE))

    def undo(self, run_id: RunId) -> Job[FilingReport]:
        if self.fault:
            raise DiskError(self.fault)
        self._state(run_id, RunState.UNDOING)
        return (yield from self._go(run_id, StepState.DONE, StepState.UNDONE))

    def _state(self, run_id: RunId, state: RunState, note: str = "") -> None:
        with self._lock:
            self.kept[run_id] = replace(self.kept[run_id], state=state, note=note)

    def _go(self, run_id: RunId, old: StepState, new: StepState) -> Job[FilingReport]:
        back = new is StepState.UNDONE
        steps = self.held[run_id]
        todo = [n for n, step in enumerate(steps) if step.state is old]
        done, ended = 0, False
        skipped: list[Skipped] = []
        try:
            yield Progress(0, len(todo), "0.0 MB")
            for start in range(0, len(todo), BATCH):
                self._library.pass_gate("file")
                for n in todo[start : start + BATCH]:
                    why = self.left.get(steps[n].photo_id or PhotoId(0), "")
                    unwell = StepState.LEFT if back else StepState.SKIPPED
                    steps[n] = replace(steps[n], state=unwell if why else new, reason=why)
                    if why:
                        skipped.append(Skipped(Path(steps[n].source), why))
                    done += 1
                yield from skipped[-1:]
                yield Progress(done, len(todo), f"{done / 1000:.1f} MB")
            ended = True
        finally:
            if ended:
                self._state(run_id, RunState.UNDONE if back else RunState.APPLIED)
            elif back:
                self._state(run_id, RunState.UNDOING)
            else:
                left = len(todo) - done
                self._state(
                    run_id, RunState.STOPPED, f"It was stopped; {left} photos were not tried."
                )
        return FilingReport(run_id, done - len(skipped), done, done * 1000, tuple(skipped))
