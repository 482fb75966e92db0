"""What became of a run, read from the journal: the same right after it and years later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from engine.file_types import FilingRun, FilingStep, RunId, RunState, SortMode, StepState

if TYPE_CHECKING:
    from engine.filing import Filing

_THERE = frozenset({StepState.DONE, StepState.LEFT, StepState.UNDOING})


@dataclass(frozen=True, slots=True)
class RunSeen:
    """A run with its photos counted; companions do not count."""

    run: FilingRun
    there: int  # photos that lie where the run put them
    back: int  # that were taken back
    untried: int
    files: int  # that lie where the run put them, companions too
    bytes: int
    by_category: Mapping[str, int]
    left: Sequence[tuple[Path, str]]  # the file that was left, and why

    @property
    def mode(self) -> SortMode:
        return mode_of(self.run)

    @property
    def into(self) -> Path:
        return into_of(self.run)

    @property
    def undone(self) -> bool:
        return self.run.state in (RunState.UNDONE, RunState.UNDOING)


def mode_of(run: FilingRun) -> SortMode:
    """What a run did to the files."""
    name = run.rule.get("mode")
    return next((mode for mode in SortMode if mode.value == name), SortMode.COPY)


def into_of(run: FilingRun) -> Path:
    """The folder that a run sorted into."""
    return Path(str(run.rule.get("into", "")))


def categories_of(run: FilingRun) -> list[str]:
    """The categories that a run sorted by."""
    names = run.rule.get("categories")
    return [str(name) for name in names] if isinstance(names, list) else []


def look(filing: Filing, run_id: RunId) -> RunSeen | None:
    """Read a run from the journal. Cost: one row per file."""
    run = next((run for run in filing.runs() if run.id == run_id), None)
    return None if run is None else seen(run, filing.steps(run_id))


def seen(run: FilingRun, steps: Sequence[FilingStep]) -> RunSeen:
    """Count a run's photos: of each bundle those that are photos, one at least."""
    bundles: dict[int, list[FilingStep]] = {}
    for step in steps:
        bundles.setdefault(step.bundle, []).append(step)
    counts: Counter[StepState] = Counter()
    by_category: Counter[str] = Counter()
    left: list[tuple[Path, str]] = []
    for bundle in bundles.values():
        first = bundle[0]
        photos = max(1, sum(step.photo_id is not None for step in bundle))
        counts[first.state] += photos
        if first.state in _THERE:
            by_category[first.category] += photos
        why = next((step.reason for step in bundle if step.reason), "")
        if first.state is StepState.SKIPPED:
            left.append((first.source, why))
        elif first.state is StepState.LEFT:
            left.append((first.target, why))
    there = [step for step in steps if step.state in _THERE]
    return RunSeen(
        run,
        sum(counts[state] for state in _THERE),
        counts[StepState.UNDONE],
        counts[StepState.PLANNED] + counts[StepState.STARTED],
        len(there),
        sum(step.size for step in there),
        by_category,
        left,
    )
