"""`duplicates` on the command line: what is there twice and why, clearing it, taking it back."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.duplicate_types import (
    Choice,
    Clearing,
    ClearingId,
    ClearingReport,
    DuplicateClass,
    DuplicateGroup,
    Member,
    Merge,
    PickRules,
)
from engine.library import Library
from engine.settings import default_library
from engine.terminal import Terminal, answer, say_notes, whole
from engine.types import PhotoId

if TYPE_CHECKING:
    from engine.duplicates import Duplicates

Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]

_EPILOG = """\
main.py duplicates                          what is there more than once, and why we say so
main.py duplicates --class "same picture"   only this class: identical, same picture, similar shots
main.py duplicates --clear                  what would go to the trash; nothing is touched
main.py duplicates --clear --apply          do it: identical photos, unless --class says otherwise
main.py duplicates --runs                   what was cleared
main.py duplicates --undo                   take the newest clearing back; --undo 3: that one"""


def add_duplicates(add: Add) -> None:
    """Add `duplicates` to the commands."""
    sub = add("duplicates", _duplicates, "Find photos that are there more than once; clear them.")
    sub.epilog, sub.formatter_class = _EPILOG, argparse.RawDescriptionHelpFormatter
    sub.add_argument("--class", dest="kind", choices=[kind.value for kind in DuplicateClass],
                     help="only this class")  # fmt: skip
    sub.add_argument("--prefer", action="append", type=_folder, default=[], metavar="DIR",
                     help="rather keep photos in here")  # fmt: skip
    sub.add_argument("--protect", action="append", type=_folder, default=[], metavar="DIR",
                     help="nothing in here goes")  # fmt: skip
    sub.add_argument("--apply", action="store_true", help="with --clear: do it, not only show it")
    what = sub.add_mutually_exclusive_group()
    what.add_argument("--clear", action="store_true",
                      help="show which photos would go to the trash")  # fmt: skip
    what.add_argument("--runs", action="store_true", help="list what was cleared")
    what.add_argument("--undo", nargs="?", type=int, const=0, metavar="RUN",
                      help="take a clearing back")  # fmt: skip


def _duplicates(options: argparse.Namespace) -> int:
    with Library.open(options.library or default_library()) as library:
        say_notes(library.notes)

        def paths(ids: Iterable[PhotoId]) -> Mapping[PhotoId, Path]:
            return {photo.id: photo.path for photo in library.photos([*ids])}

        return duplicates(options, library.duplicates, paths)


def duplicates(
    options: argparse.Namespace,
    door: Duplicates,
    paths: Callable[[Iterable[PhotoId]], Mapping[PhotoId, Path]],
) -> int:
    """Do what was asked of a library's duplicates. Returns: the exit code."""
    if options.apply and not options.clear:
        print("photosift: --apply belongs to --clear.", file=sys.stderr)
        return 2
    if options.runs:
        _list_runs(options, door.clearings())
        return 0
    if options.undo is not None:
        return _undo(options, door)
    kind = DuplicateClass(options.kind) if options.kind else None
    if options.clear and kind is DuplicateClass.SIMILAR:
        print(
            "photosift: similar shots are different pictures; choose among them in the window.",
            file=sys.stderr,
        )
        return 2
    with Terminal() as terminal:
        report = terminal.run("looking for duplicates", door.find())
    if report.note:
        print(f"photosift: {report.note}", file=sys.stderr)
    rules = _rules(options, door.rules())
    if options.clear:
        return _clear(options, door, kind or DuplicateClass.IDENTICAL, rules, paths)
    groups = door.groups(kind, rules)
    answer(options, [_value(group) for group in groups], _lines(groups))
    return 0


def _rules(options: argparse.Namespace, kept: PickRules) -> PickRules:
    """The kept rules, and what was said on this line."""
    return replace(
        kept,
        preferred=(*options.prefer, *kept.preferred),
        protected=(*kept.protected, *options.protect),
    )


def _clear(
    options: argparse.Namespace,
    door: Duplicates,
    kind: DuplicateClass,
    rules: PickRules,
    paths: Callable[[Iterable[PhotoId]], Mapping[PhotoId, Path]],
) -> int:
    choices = door.choices(kind, rules)
    if not options.apply:
        merges = door.preview(choices)
        where = paths({i for one in choices for i in (one.keep, *one.trash)})
        values = [_chosen(one, m, where) for one, m in zip(choices, merges, strict=True)]
        answer(options, values, _chosen_lines(values))
        return 0
    with Terminal() as terminal:
        report = terminal.run("moving to the trash", whole(door.clear(choices)))
    return _say(options, report, "moved to the trash", f"duplicates --undo {report.run_id}")


def _undo(options: argparse.Namespace, door: Duplicates) -> int:
    runs = [run for run in door.clearings() if not run.undone]
    run = next((run for run in runs if options.undo in (0, run.id)), None)
    if run is None:
        of_it = f" of clearing {options.undo}" if options.undo else ""
        print(f"photosift: there is nothing{of_it} to be taken back.", file=sys.stderr)
        return 1
    with Terminal() as terminal:
        report = terminal.run("taking back", whole(door.undo(ClearingId(run.id))))
    return _say(options, report, "taken back", "")


def _say(options: argparse.Namespace, report: ClearingReport, done: str, undo: str) -> int:
    left = [{"path": str(one.path), "reason": one.reason} for one in report.left_alone]
    value = {
        "run": report.run_id,
        "groups": report.groups,
        "photos": report.photos,
        "bytes": report.bytes,
        "quarantined": report.quarantined,
        "left": left,
        "stopped": report.stopped,
        "seconds": round(report.seconds, 3),
    }
    lines = [f"{report.photos} photos {done}, {report.bytes / 1e6:,.1f} MB, {len(left)} left"]
    lines += [f"  left {one['path']}: {one['reason']}" for one in left]
    if undo and report.quarantined:
        lines.append(f"{report.quarantined} of them lie in the library's own folder: no trash.")
    if undo and report.photos:
        lines.append(f"Take it back with: main.py {undo}")
    if report.stopped:
        print(f"photosift: {report.stopped}", file=sys.stderr)
    answer(options, value, lines)
    return 1 if report.stopped else 0


# ---- what is shown -------------------------------------------------------------------------------


def _value(group: DuplicateGroup) -> dict[str, Any]:
    keep, *others = group.members
    return {
        "class": group.kind.value,
        "keep": str(keep.path),
        "reason": group.reason,
        "bytes": group.to_win,
        "photos": [{"path": str(one.path), "why": _why(one)} for one in others],
    }


def _why(member: Member) -> str:
    """How a photo comes from the one that stays; why it may not go, where it may not."""
    proof = member.proof
    said = ", ".join(edit.value for edit in proof.edits) if proof else ""
    return " · ".join(part for part in (said, member.why_not) if part)


def _lines(groups: Sequence[DuplicateGroup]) -> list[str]:
    lines: list[str] = []
    for group in groups:
        keep, *others = group.members
        lines.append(f"{group.kind.value}: {keep.path}  ({group.reason})")
        lines += [f"    {one.path}  {_why(one)}" for one in others]
    for kind in DuplicateClass:
        of_kind = [group for group in groups if group.kind is kind]
        photos = sum(len(group.members) - 1 for group in of_kind)
        if of_kind:
            size = sum(group.to_win for group in of_kind) / 1e6
            lines.append(f"{kind.value}: {len(of_kind)} groups, {photos} photos, {size:,.1f} MB")
    return lines or ["Nothing is there more than once."]


def _chosen(choice: Choice, merge: Merge, where: Mapping[PhotoId, Path]) -> dict[str, Any]:
    takes: dict[str, Any] = {
        "tags": list(merge.tags),
        "albums": list(merge.albums),
        "rating": merge.rating,
        "caption": merge.caption,
        "title": merge.title,
        "place": merge.place,
        "keywords": list(merge.keywords),
    }
    return {
        "class": choice.kind.value,
        "keep": str(where.get(choice.keep, "")),
        "trash": [str(where[photo_id]) for photo_id in choice.trash if photo_id in where],
        "takes_over": {name: value for name, value in takes.items() if value},
    }


def _chosen_lines(values: Sequence[dict[str, Any]]) -> list[str]:
    lines: list[str] = []
    for value in values:
        takes = ", ".join(f"{name} {held}" for name, held in value["takes_over"].items())
        lines.append(f"keep {value['keep']}" + (f"  and give it {takes}" if takes else ""))
        lines += [f"    to the trash: {path}" for path in value["trash"]]
    photos = sum(len(value["trash"]) for value in values)
    return [*lines, f"{photos} photos would go. Nothing was touched; --apply does it."]


def _list_runs(options: argparse.Namespace, runs: Sequence[Clearing]) -> None:
    values = [
        {"run": run.id, "started_at": run.started_at, "photos": run.photos, "bytes": run.bytes,
         "undone": run.undone}
        for run in runs
    ]  # fmt: skip
    answer(options, values, [_run_line(run) for run in runs] or ["Nothing was cleared yet."])


def _run_line(run: Clearing) -> str:
    when = datetime.fromtimestamp(run.started_at).strftime("%Y-%m-%d %H:%M")  # noqa: DTZ006 - local
    undone = "  taken back" if run.undone else ""
    return f"{run.id:4}  {when}  {run.photos} photos, {run.bytes / 1e6:,.1f} MB{undone}"


def _folder(text: str) -> Path:
    return Path(os.path.abspath(text))  # noqa: PTH100 - links are the user's own way to say it
