"""`tag` on the command line: categories in the user's words, what they find, what they tag."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from engine.errors import TagError
from engine.library import Library
from engine.settings import default_library
from engine.tag_types import Category, CategoryRun, Mode, SetId, TagRun, TagRunId
from engine.tagging import Tagging
from engine.terminal import Terminal, answer, say_notes
from engine.types import Photo, PhotoId

Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]
Photos = Callable[[Sequence[PhotoId]], list[Photo]]

_EPILOG = """\
main.py tag --category Pets --prompt "a cat" --prompt "a dog"    make it and show what it finds
main.py tag --category Pets --automatic                          tag what it finds, new photos too
main.py tag                                                      run every category again
main.py tag --runs · --undo 12                                   what was done; take it back

Several --category may follow each other, each with its own --prompt. A category without one keeps
its prompts, or is asked by its name."""


def add_tag(add: Add) -> None:
    """Add `tag` to the commands."""
    sub = add("tag", _tag, "Tag photos with categories in your own words.")
    sub.epilog, sub.formatter_class = _EPILOG, argparse.RawDescriptionHelpFormatter
    sub.set_defaults(asked=None)
    sub.add_argument("--category", action=_CategoryAction, metavar="NAME", dest="asked",
                     help="make or change this category, and run only those named")  # fmt: skip
    sub.add_argument("--prompt", action=_PromptAction, metavar="TEXT", dest="asked",
                     help="a phrase for the category before it; any of them may fit")  # fmt: skip
    sub.add_argument("--set", metavar="NAME", help="the set of categories that are made")
    sub.add_argument("--exclusive", action="store_true",
                     help="of a set that is made, a photo fits one category or none")  # fmt: skip
    sub.add_argument("--threshold", type=_share, metavar="P", default=None,
                     help="the cut of the categories named; default: found by itself")  # fmt: skip
    mode = sub.add_mutually_exclusive_group()
    mode.add_argument("--automatic", action="store_true", help="tag, and go on with new photos")
    mode.add_argument("--suggest", action="store_true", help="only count, for review")
    what = sub.add_mutually_exclusive_group()
    what.add_argument("--runs", action="store_true", help="list what runs have done")
    what.add_argument("--undo", type=int, metavar="RUN", help="take back what a run did")


def _tag(options: argparse.Namespace) -> int:
    with Library.open(options.library or default_library()) as library:
        say_notes(library.notes)
        return tag(options, library.tagging, library.photos)


def tag(options: argparse.Namespace, tagging: Tagging, photos: Photos) -> int:
    """Do what was asked of a library's tagging. Returns: the exit code."""
    if options.runs:
        _list_runs(options, tagging)
        return 0
    if options.undo is not None:
        return _undo(options, tagging)
    asked: list[_Asked] = options.asked or []
    if any(not entry.name.strip() for entry in asked):
        print("photosift: a --category needs a name.", file=sys.stderr)
        return 2
    for entry in asked:
        tagging.draft(entry.name)  # names that cannot be are refused before anything is made
    named = [_make(options, tagging, entry) for entry in asked]
    if not tagging.categories():
        print("photosift: there is no category yet; name one with --category.", file=sys.stderr)
        return 2
    with Terminal() as terminal:
        report = terminal.run("tagging", tagging.run([c.id for c in named] if named else None))
    _print_report(options, tagging, photos, report.run_id, report.categories)
    return 0


def _make(options: argparse.Namespace, tagging: Tagging, asked: _Asked) -> Category:
    """The category that was named, made or changed as was said."""
    changed = category = tagging.draft(asked.name, asked.prompts)
    if not category.id:
        changed = category = tagging.add_category(
            asked.name, asked.prompts, set_id=_set(options, tagging)
        )
    elif asked.prompts:
        category = tagging.draft(asked.name)
    if options.automatic:
        changed = replace(changed, mode=Mode.AUTOMATIC)
    elif options.suggest or changed.mode is Mode.OFF:
        changed = replace(changed, mode=Mode.SUGGEST)
    if options.threshold is not None:
        changed = replace(changed, threshold=options.threshold)
    if changed != category:
        tagging.change_category(changed)
    return changed


def _set(options: argparse.Namespace, tagging: Tagging) -> SetId | None:
    if options.set is None and not options.exclusive:
        return None
    name = options.set or "Exclusive"
    for group in tagging.sets():
        if group.name.casefold() == " ".join(name.split()).casefold():
            return group.id
    return tagging.add_set(name, exclusive=options.exclusive).id


def _print_report(
    options: argparse.Namespace,
    tagging: Tagging,
    photos: Photos,
    run_id: TagRunId | None,
    entries: Sequence[CategoryRun],
) -> None:
    value: list[dict[str, object]] = []
    lines: list[str] = []
    for entry in entries:
        category = tagging.category(entry.category)
        chances = tagging.scores(category.id)
        rejected = {a.photo_id for a in tagging.answers(category.id) if not a.accepted}
        best = sorted(
            (i for i, p in chances.items() if p >= entry.threshold and i not in rejected),
            key=lambda i: -chances[i],
        )
        shown = [
            {"path": str(photo.path), "score": round(chances[photo.id], 6)}
            for photo in photos(best)
        ]
        value.append(
            {
                "category": entry.category,
                "tag": entry.tag,
                "threshold": round(entry.threshold, 6),
                "suggested": entry.suggested,
                "applied": entry.added,
                "removed": entry.removed,
                "run": run_id,
                "photos": shown,
            }
        )
        done = (
            f"{entry.added} tagged, {entry.removed} untagged"
            if entry.added or (entry.removed)
            else f"{entry.suggested} suggested"
        )
        lines.append(
            f"{entry.category:24} {len(shown):>7} photos from {entry.threshold:.2f} on, {done}"
        )
    if run_id is not None:
        lines.append(f"This was run {run_id}; `main.py tag --undo {run_id}` takes it back.")
    answer(options, value, lines)


def _list_runs(options: argparse.Namespace, tagging: Tagging) -> None:
    runs = tagging.runs()
    value = [
        {"run": r.id, "kind": r.kind.value, "started_at": r.started_at, "model": r.model,
         "added": r.added, "removed": r.removed, "held": r.held, "undone": r.undone_at is not None,
         "categories": [
             {"category": c.category, "prompts": c.prompts, "threshold": c.threshold,
              "applied": c.added, "removed": c.removed} for c in r.what
         ]}
        for r in runs
    ]  # fmt: skip
    answer(options, value, [_line(run) for run in runs] or ["No run has changed anything."])


def _line(run: TagRun) -> str:
    started = datetime.fromtimestamp(run.started_at).astimezone()
    names = ", ".join(entry.category for entry in run.what)
    state = "taken back" if run.undone_at is not None else f"{run.held} still its own"
    return (
        f"{run.id:>5}  {started:%Y-%m-%d %H:%M}  {run.kind.value:10}  {run.added} tagged, "
        f"{run.removed} untagged, {state}: {names}"
    )


def _undo(options: argparse.Namespace, tagging: Tagging) -> int:
    if all(run.id != options.undo for run in tagging.runs()):
        raise TagError(f"There is no run {options.undo}; --runs lists them.")
    done = tagging.roll_back(TagRunId(options.undo))
    value = {"removed": done.removed, "restored": done.restored, "kept": done.kept}
    line = (
        f"{done.removed} tags removed, {done.restored} restored, "
        f"{done.kept} kept that changed hands since"
    )
    answer(options, value, [line])
    return 0


# ---- arguments -----------------------------------------------------------------------------------


@dataclass
class _Asked:
    """A category as it was named, with the prompts that followed."""

    name: str
    prompts: list[str] = field(default_factory=list)


class _CategoryAction(argparse.Action):
    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[object] | None,
        option_string: str | None = None,
    ) -> None:
        asked: list[_Asked] = list(getattr(namespace, self.dest) or [])
        setattr(namespace, self.dest, [*asked, _Asked(str(values))])


class _PromptAction(argparse.Action):
    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[object] | None,
        option_string: str | None = None,
    ) -> None:
        asked: list[_Asked] = list(getattr(namespace, self.dest) or [])
        if not asked:
            parser.error("--prompt belongs to the --category before it")
        asked[-1].prompts.append(str(values))
        setattr(namespace, self.dest, asked)


def _share(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number < 1:
        raise argparse.ArgumentTypeError("must be a number between 0 and 1")
    return number
