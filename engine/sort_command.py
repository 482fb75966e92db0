"""`sort` on the command line: what would go where, doing it, and taking it back."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from engine.file_types import (
    ByDate,
    FilingReport,
    FilingRun,
    PlannedPhoto,
    RunId,
    SortMode,
    SortPlan,
    SortRule,
)
from engine.library import Library
from engine.settings import default_library
from engine.terminal import Terminal, answer, say_notes, shown, whole

if TYPE_CHECKING:
    from engine.filing import Filing
    from engine.sorting import Sorting
    from engine.tag_types import Category
    from engine.tagging import Tagging

Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]

_EPILOG = """\
main.py sort --into ~/Sorted --category Sea --category Pets --prompt "a cat" --prompt "a dog"
                                            show what would go where; nothing is touched
… --apply                                   do it: copies, unless --move or --link is said
main.py sort --runs                         what was done
main.py sort --resume                       go on with a run that was interrupted
main.py sort --undo                         take the newest run back; --undo 3: that one"""
_SET = "Sorting"
_DOING = {
    SortMode.COPY: "copying",
    SortMode.MOVE: "moving",
    SortMode.LINK: "linking",
    SortMode.ALBUM: "filling albums",
}


def add_sort(add: Add) -> None:
    """Add `sort` to the commands."""
    sub = add("sort", _sort, "Sort photos into folders by categories, and take it back.")
    sub.epilog, sub.formatter_class = _EPILOG, argparse.RawDescriptionHelpFormatter
    sub.set_defaults(asked=None, mode=SortMode.COPY)
    sub.add_argument("--into", type=Path, metavar="DIR", help="the folder above the categories'")
    sub.add_argument("--category", action=_Asked, metavar="NAME", dest="asked",
                     help="a category that there is, or a new one (kept with --apply)")  # fmt: skip
    sub.add_argument("--prompt", action=_Asked, metavar="TEXT", dest="asked",
                     help="a phrase for the category before it; any may fit")  # fmt: skip
    how = sub.add_mutually_exclusive_group()
    for mode, text in (
        (SortMode.COPY, "copy the photos (default)"),
        (SortMode.MOVE, "move them"),
        (SortMode.LINK, "make second names (hard links) on the same disk"),
    ):
        how.add_argument(
            f"--{mode.value}", dest="mode", action="store_const", const=mode, help=text
        )
    sub.add_argument("--threshold", type=_share, metavar="T", default=None,
                     help="how sure a photo's category must be, 0 to 1")  # fmt: skip
    sub.add_argument("--by-date", choices=("year", "month"), default="none",
                     help="folders inside the categories'")  # fmt: skip
    what = sub.add_mutually_exclusive_group()
    what.add_argument("--apply", action="store_true", help="do it, not only show it")
    what.add_argument("--undo", nargs="?", type=int, const=0, metavar="RUN", help="take a run back")
    what.add_argument("--resume", nargs="?", type=int, const=0, metavar="RUN",
                      help="go on with a run that was interrupted")  # fmt: skip
    what.add_argument("--runs", action="store_true", help="list what was done")


def _sort(options: argparse.Namespace) -> int:
    with Library.open(options.library or default_library()) as library:
        say_notes(library.notes)
        return sort(options, library.tagging, library.sorting, library.filing)


def sort(options: argparse.Namespace, tagging: Tagging, sorting: Sorting, filing: Filing) -> int:
    """Do what was asked of a library's parts. Returns: the exit code."""
    if options.runs:
        _list_runs(options, filing.runs())
        return 0
    if options.undo is not None:
        return _undo(options, filing)
    if options.resume is not None:
        return _resume(options, filing)
    asked: list[tuple[str, list[str]]] = options.asked or []
    if options.into is None or not asked or not all(name for name, _ in asked):
        print("photosift: say --into DIR and at least one --category NAME.", file=sys.stderr)
        return 2
    drafts = _drafts(tagging, asked)
    names = tuple(draft.name for draft in drafts)
    rule = SortRule(names, options.into, options.mode, ByDate(options.by_date))
    plan = sorting.plan(tagging.assign(names, options.threshold, drafts), rule)
    for note in (*plan.notes, *([plan.refusal] if plan.refusal else [])):
        print(f"photosift: {shown(note)}", file=sys.stderr)
    if not options.apply:
        answer(options, [_value(photo) for photo in plan.photos], _lines(plan))
        return 1 if plan.refusal else 0
    if not plan.refusal:
        for draft in drafts:
            tagging.keep(draft, _SET)
    with Terminal() as terminal:
        report = terminal.run(_DOING[rule.mode], whole(filing.apply(plan)))
    return _say(options, report, f"{report.photos} photos", f"sort --undo {report.run_id}")


def _drafts(tagging: Tagging, asked: Sequence[tuple[str, Sequence[str]]]) -> list[Category]:
    """The categories as they were asked for; nothing of them is kept by a plan."""
    prompts: dict[str, list[str]] = {}
    names: dict[str, str] = {}
    for name, said in asked:
        draft = tagging.draft(name)
        key = draft.name.casefold()
        names.setdefault(key, draft.name)
        prompts.setdefault(key, []).extend(said)
    return [tagging.draft(names[key], said) for key, said in prompts.items()]


def _undo(options: argparse.Namespace, filing: Filing) -> int:
    runs = [run for run in filing.runs() if run.can_undo]
    run = next((run for run in runs if options.undo in (0, run.id)), None)
    if run is None:
        of_it = f" of run {options.undo}" if options.undo else ""
        print(f"photosift: there is nothing{of_it} to be taken back.", file=sys.stderr)
        return 1
    with Terminal() as terminal:
        report = terminal.run("taking back", whole(filing.undo(RunId(run.id))))
    return _say(options, report, f"{report.photos} photos taken back", "")


def _resume(options: argparse.Namespace, filing: Filing) -> int:
    runs = [run for run in filing.runs() if run.can_resume]
    run = next((run for run in runs if options.resume in (0, run.id)), None)
    if run is None:
        of_it = f" of run {options.resume}" if options.resume else ""
        print(f"photosift: there is nothing{of_it} to go on with.", file=sys.stderr)
        return 1
    with Terminal() as terminal:
        report = terminal.run("going on", whole(filing.resume(RunId(run.id))))
    return _say(options, report, f"{report.photos} photos", f"sort --undo {report.run_id}")


def _say(options: argparse.Namespace, report: FilingReport, done: str, undo: str) -> int:
    skipped = [{"path": str(s.path), "reason": s.reason} for s in report.skipped]
    value = {
        "run": report.run_id,
        "photos": report.photos,
        "files": report.files,
        "bytes": report.bytes,
        "skipped": skipped,
        "stopped": report.stopped,
        "seconds": round(report.seconds, 3),
    }
    lines = [f"{done}, {report.files} files, {report.bytes / 1e6:,.1f} MB, {len(skipped)} left"]
    lines += [f"  left {s['path']}: {s['reason']}" for s in skipped]
    if report.stopped:
        print(f"photosift: {shown(report.stopped)}", file=sys.stderr)
        if undo and report.run_id:
            lines.append(f"Go on with: main.py sort --resume {report.run_id}")
    if undo and report.photos:
        lines.append(f"Take it back with: main.py {undo}")
    answer(options, value, lines)
    return 1 if report.stopped else 0


# ---- what is shown -------------------------------------------------------------------------------


def _value(photo: PlannedPhoto) -> dict[str, object]:
    goes = photo.fate.goes
    return {
        "path": str(photo.source),
        "target": str(photo.target) if goes else None,
        "category": photo.category,
        "score": round(photo.score, 6),
        "runner_up": photo.runner_up,
        "margin": round(photo.margin, 6),
        "fate": photo.fate.value,
        "reason": photo.reason,
        "companions": photo.companions,
    }


def _lines(plan: SortPlan) -> list[str]:
    lines = [
        f"{photo.score:.3f}  {photo.category or '-':16}  {photo.source} -> "
        + (str(photo.target) if photo.fate.goes else f"stays: {photo.reason or photo.fate.value}")
        for photo in plan.photos
    ]
    lines += [
        f"{group.category}: {group.photos} photos, {group.companions} companions,"
        f" {group.bytes / 1e6:,.1f} MB -> {group.folder}"
        for group in plan.groups
    ]
    fates = Counter(photo.fate.value for photo in plan.photos if not photo.fate.goes)
    lines += [f"{count} stay: {fate}" for fate, count in fates.items()]
    if plan.needed_bytes:
        lines.append(
            f"{plan.needed_bytes / 1e6:,.1f} MB are needed,"
            f" {plan.free_bytes / 1e6:,.1f} MB are free"
        )
    return [*lines, "Nothing was touched; --apply does it."]


def _list_runs(options: argparse.Namespace, runs: Sequence[FilingRun]) -> None:
    value = [
        {"run": run.id, "kind": run.kind, "state": run.state.value, "rule": dict(run.rule),
         "created_at": run.created_at, "files": run.files, "done": run.done,
         "planned": run.planned, "skipped": run.skipped, "undone": run.undone, "left": run.left,
         "note": run.note}
        for run in runs
    ]  # fmt: skip
    lines = [_run_line(run) for run in runs]
    answer(options, value, lines or ["Nothing was sorted yet."])


def _run_line(run: FilingRun) -> str:
    when = datetime.fromtimestamp(run.created_at).strftime("%Y-%m-%d %H:%M")  # noqa: DTZ006 - local
    return (
        f"{run.id:4}  {when}  {run.state.value:8}  {run.rule.get('mode', '')}: {run.done} done,"
        f" {run.undone} undone, {run.skipped + run.left} left,"
        f" {run.planned if run.can_resume else 0} to do"
        f" -> {run.rule.get('into', '')}  {run.note}"
    )


# ---- arguments -----------------------------------------------------------------------------------


class _Asked(argparse.Action):
    """`--category` begins an entry, `--prompt` adds to the last one."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[object] | None,
        option_string: str | None = None,
    ) -> None:
        asked: list[tuple[str, list[str]]] = [*(getattr(namespace, self.dest) or [])]
        if option_string == "--prompt":
            if not asked:
                parser.error("--prompt belongs to the --category before it")
            asked[-1][1].append(str(values))
        else:
            asked.append((str(values), []))
        setattr(namespace, self.dest, asked)


def _share(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < 1:
        raise argparse.ArgumentTypeError("must be a number between 0 and 1")
    return number
