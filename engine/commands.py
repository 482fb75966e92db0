"""Photosift without a window: the same engine for scripts and terminals.

Results go to stdout (one JSON value with `--json`), progress and complaints to stderr.
Exit code: 0 done · 1 the world refused, in one sentence · 2 wrong usage · 130 interrupted.
"""

from __future__ import annotations

import argparse
import io
import math
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from engine.detect_command import add_detect
from engine.doctor import told
from engine.duplicates_command import add_duplicates
from engine.errors import EngineError
from engine.library import Library
from engine.model_commands import add_models
from engine.settings import default_library
from engine.sidecar_command import add_sidecars
from engine.sort_command import add_sort
from engine.tag_command import add_tag
from engine.terminal import Terminal, answer, say_notes, shown
from engine.types import Box, ModelSource, SearchResult


def build_parser() -> argparse.ArgumentParser:
    """All commands with their arguments; main.py adds the window's to it."""
    parser = argparse.ArgumentParser(
        prog="main.py",
        description="Photosift: find, sort and clear out your photos. All on this computer.",
        epilog="Without a command the window opens.",
    )
    _common(parser, top=True)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")

    def add(name: str, run: Callable[..., int], text: str) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=text, description=text)
        _common(sub)
        sub.set_defaults(run=run)
        return sub

    sub = add("index", _index, "Watch folders and make their photos searchable.")
    sub.add_argument("folders", nargs="+", type=Path, metavar="DIR")
    sub.add_argument("--model", metavar="ID or PATH", help="use this model from now on")
    sub = add("search", _search, "Find photos by words and plain facts.")
    sub.add_argument("query", metavar="QUERY")
    sub.add_argument("--limit", type=_positive, default=None, metavar="N")
    sub.add_argument("--strictness", type=_strictness, default=None, metavar="S",
                     help="-1 (matches are what may fit) to 1 (only what surely does)")  # fmt: skip
    sub = add("similar", _similar, "Find photos that look like a picture or a part of it.")
    sub.add_argument("photo", type=Path, metavar="PHOTO")
    sub.add_argument("--box", type=_box, default=None, metavar="L,T,R,B", help="pixels, upright")
    sub.add_argument("--limit", type=_positive, default=20, metavar="N")
    sub = add("classify", _classify, "Say how well labels fit a picture.")
    sub.add_argument("photo", type=Path, metavar="PHOTO")
    sub.add_argument("--labels", required=True, type=_labels, metavar="A,B,…")
    sub.add_argument("--template", type=_template,
                     help="with {} for the label; default: the model's own, “a photo of a {}”"
                     " for most")  # fmt: skip
    sub.add_argument("--model", metavar="ID or PATH", help="use this model from now on")
    add_detect(add)
    add_duplicates(add)
    add_tag(add)
    add_sort(add)
    add_sidecars(add)
    add_models(add, _common)
    add("doctor", _doctor, "Versions, model, index, and what is wrong.")
    return parser


def main(arguments: Sequence[str]) -> int:
    """Run one command; see the module's text for the exit codes."""
    parser = build_parser()
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help(sys.stderr)
        return 2
    return run(options)


def run(options: argparse.Namespace) -> int:
    """Run the command that was parsed, turning the world's faults into one sentence."""
    for stream in (sys.stdout, sys.stderr):  # a file name need not be UTF-8
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="surrogateescape" if stream is sys.stdout else "replace")
    try:
        return options.run(options)
    except EngineError as error:
        print(f"photosift: {shown(str(error))}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        sys.stdout = None  # the reader left; nothing more to say
        return 0
    except KeyboardInterrupt:
        print(
            "photosift: interrupted; what was done is kept, and the same command goes on.",
            file=sys.stderr,
        )
        return 130


# ---- commands ------------------------------------------------------------------------------


def _index(options: argparse.Namespace) -> int:
    started = time.monotonic()
    with Library.open(_library(options)) as library:
        say_notes(library.notes)
        if options.model:
            library.prepare_model(options.model)
        roots = [library.add_root(folder) for folder in options.folders]
        with Terminal() as terminal:
            terminal.run("listing", library.reconcile())
            report = terminal.run("indexing", library.index())
            if library.model_status().ready:
                terminal.run("tagging", library.tagging.new_photos())
        if report.stopped:
            print(f"photosift: {report.stopped}", file=sys.stderr)
        offline = {root.id: root for root in library.roots() if not root.online}
        for root in roots:
            if root.id in offline:
                print(f"photosift: {root.path}: {offline[root.id].note}", file=sys.stderr)
        status = library.model_status()
        if not status.ready:
            print(f"photosift: not searchable by words: {status.reason}", file=sys.stderr)
        elif status.info and status.info.source is ModelSource.EMBEDDED:
            print(f"photosift: {_EMBEDDED}", file=sys.stderr)
        asked = [root.path for root in roots]
        skipped = [
            {"path": str(problem.path), "reason": problem.reason}
            for problem in library.problems()
            if not problem.damaged and any(_below(problem.path, folder) for folder in asked)
        ]
        photos = sum(f.photos for f in library.folders() if f.relpath == b"" and f.path in asked)
        value = {
            "photos": photos,
            "embedded": report.embedded + report.reused,
            "reused": report.reused,
            "unchanged": max(0, photos - report.fresh),
            "skipped": skipped,
            "model": status.info.id if status.info else None,
            "seconds": round(time.monotonic() - started, 3),
        }
        lines = [
            f"{photos} photos, {value['embedded']} made searchable"
            f"{f' ({report.reused} are copies)' if report.reused else ''}, "
            f"{value['unchanged']} unchanged, {len(skipped)} skipped, {value['seconds']} s"
        ]
        lines += [f"  skipped {s['path']}: {s['reason']}" for s in skipped]
        answer(options, value, lines)
    return 0


_EMBEDDED = (
    "the embedded demo model is in use. It knows the demo's drawn things, not the world; "
    "`main.py models list` shows the models that do."
)


def _search(options: argparse.Namespace) -> int:
    with Library.open(_library(options)) as library:
        say_notes(library.notes)
        found = library.search(options.query, options.limit, strictness=options.strictness)
        _print_hits(options, library, found)
    return 0


def _similar(options: argparse.Namespace) -> int:
    with Library.open(_library(options)) as library:
        say_notes(library.notes)
        path = Path(os.path.abspath(options.photo))  # noqa: PTH100 - links stay as they are
        _print_hits(options, library, library.similar(path, options.box, options.limit))
    return 0


def _classify(options: argparse.Namespace) -> int:
    with Library.open(_library(options)) as library:
        if options.model:
            library.use_model(options.model)
        scores = library.classify(options.photo, options.labels, options.template or "")
    value = [{"label": s.label, "probability": s.probability} for s in scores]
    answer(options, value, [f"{s.probability:8.2%}  {s.label}" for s in scores])
    return 0


def _doctor(options: argparse.Namespace) -> int:
    with Library.open(_library(options)) as library:
        facts = library.doctor()
        facts["notes"] = library.notes
    lines = told(facts)
    answer(options, facts, lines if facts["wrong"] else [*lines, "All is well."])
    return 0


# ---- arguments -----------------------------------------------------------------------------


def _template(text: str) -> str:
    if "{}" not in text:
        raise argparse.ArgumentTypeError("must have {} where the label goes")
    return text


def _common(parser: argparse.ArgumentParser, *, top: bool = False) -> None:
    """`--library` and `--json` may stand before or after the command."""
    default = None if top else argparse.SUPPRESS
    parser.add_argument("--library", type=Path, metavar="DIR", default=default,
                        help="the library's data folder (default: the platform's)")  # fmt: skip
    parser.add_argument("--json", action="store_true", default=False if top else default,
                        help="one JSON value on stdout")  # fmt: skip


def _library(options: argparse.Namespace) -> Path:
    return options.library or default_library()


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError("must be a whole number, 1 or more")
    return number


def _strictness(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not -1 <= number <= 1:
        raise argparse.ArgumentTypeError("must be a number from -1 to 1")
    return number


def _box(text: str) -> Box:
    try:
        box = Box(*(float(part) for part in text.split(",")))
    except (TypeError, ValueError):
        raise argparse.ArgumentTypeError("must be four numbers: left,top,right,bottom") from None
    if not all(map(math.isfinite, box)):
        raise argparse.ArgumentTypeError("must be four finite numbers")
    if box.left >= box.right or box.top >= box.bottom:
        raise argparse.ArgumentTypeError("must have left < right and top < bottom")
    return box


def _labels(text: str) -> list[str]:
    labels = [label.strip() for label in text.split(",") if label.strip()]
    if not labels:
        raise argparse.ArgumentTypeError("needs at least one label")
    return labels


# ---- output --------------------------------------------------------------------------------


def _print_hits(options: argparse.Namespace, library: Library, result: SearchResult) -> None:
    photos = {photo.id: photo for photo in library.photos([h.photo_id for h in result.hits])}
    hits = [hit for hit in result.hits if hit.photo_id in photos]
    value = [
        {"path": str(photos[h.photo_id].path), "score": round(h.score, 6), "band": h.band.value}
        for h in hits
    ]
    if result.note:
        print(f"photosift: {result.note}", file=sys.stderr)
    lines = [f"{v['score']:.4f}  {v['band']:6}  {v['path']}" for v in value]
    answer(options, value, lines or ["No photo matches."])


def _below(path: Path, folder: Path) -> bool:
    return path == folder or folder in path.parents
