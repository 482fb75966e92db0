"""`detect` on the command line: things in words, found in photos, drawn, exported, taken back."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.detection_types import (
    Detection,
    DetectionReport,
    DetectionRun,
    DetectionRunId,
    Label,
    Sight,
    StoredDetection,
)
from engine.errors import ModelInvalid, PhotoError
from engine.jobs import Job
from engine.library import Library
from engine.settings import default_library
from engine.terminal import Terminal, answer, say_notes
from engine.types import PhotoId

Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]

_EPILOG = """\
main.py detect cats.jpg --labels "cat,remote control"            what is where in a photo
main.py detect cats.jpg --labels cat --save boxes.jpg            a copy with the boxes drawn in
main.py detect --query "two dogs" --labels dog                   in the photos that a search finds,
                                                                 kept in the library as a run
main.py detect --query "detected:dog" --labels dog --export coco --into DIR
main.py detect --query "type:jpg" --labels dog --export yolo --with-pictures --negatives --into DIR
main.py detect --runs · --undo 12 · --redo 12 · --resume 12      what was done; back; again; go on

A label can be said in several ways, of which the best one counts: "pet=a cat|a dog". What runs
have found answers queries: detected:dog  count:dog>=2  box:dog>20%"""


def add_detect(add: Add) -> None:
    """Add `detect` to the commands."""
    sub = add("detect", _detect, "Find things by their names, and where in the photo they are.")
    sub.epilog, sub.formatter_class = _EPILOG, argparse.RawDescriptionHelpFormatter
    sub.add_argument("photos", nargs="*", type=Path, metavar="PHOTO")
    sub.add_argument("--labels", type=_labels, metavar="A,B,…", help="what to look for")
    sub.add_argument("--threshold", type=_share, metavar="T", default=None,
                     help="the least score; default: the detector's own")  # fmt: skip
    sub.add_argument("--query", metavar="QUERY", help="the photos of the library that it finds")
    sub.add_argument("--limit", type=_positive, default=200, metavar="N",
                     help="look at the N best photos of a query (200)")  # fmt: skip
    sub.add_argument("--save", type=Path, metavar="PICTURE",
                     help="a copy with the boxes drawn in: .jpg, .png, .webp")  # fmt: skip
    sub.add_argument("--export", choices=("coco", "yolo", "annotated", "regions"),
                     help="write the boxes as COCO JSON, YOLO text, pictures, or into the "
                     "sidecars of a query's photos")  # fmt: skip
    sub.add_argument("--with-pictures", nargs="?", const="copy", choices=("copy", "link"),
                     help="put the pictures into a YOLO data set: copies, or symbolic links "
                     "where the photos can be used as they are")  # fmt: skip
    sub.add_argument(
        "--negatives",
        action="store_true",
        help="export also the photos of a query in which nothing was found",
    )
    sub.add_argument("--into", type=Path, default=Path(), metavar="DIR",
                     help="where exports go (here)")  # fmt: skip
    sub.add_argument("--model", metavar="ID or PATH", help="use this detector from now on")
    what = sub.add_mutually_exclusive_group()
    what.add_argument("--runs", action="store_true", help="list the runs")
    what.add_argument("--undo", type=int, metavar="RUN", help="take back what a run found")
    what.add_argument("--redo", type=int, metavar="RUN", help="bring it back")
    what.add_argument("--resume", type=int, metavar="RUN", help="go on with an unfinished run")


def _detect(options: argparse.Namespace) -> int:
    with Library.open(options.library or default_library()) as library:
        say_notes(library.notes)
        return detect(options, library)


def detect(options: argparse.Namespace, library: Library) -> int:
    """Do what was asked of a library's detector. Returns: the exit code."""
    door = library.detecting
    if options.model:
        _use(library, options.model)
    if options.runs:
        _list_runs(options, door.runs())
        return 0
    if options.undo is not None:
        count = door.roll_back(DetectionRunId(options.undo))
        answer(options, {"removed": count}, [f"{count} boxes taken back"])
        return 0
    if options.redo is not None:
        count = door.restore(DetectionRunId(options.redo))
        answer(options, {"restored": count}, [f"{count} boxes are back"])
        return 0
    if options.resume is not None:
        _run(options, library, door.resume(DetectionRunId(options.resume)))
        return 0
    wrong = _misuse(options)
    if wrong:
        print(f"photosift: {wrong}", file=sys.stderr)
        return 2
    if options.query is not None:
        return _detect_query(options, library)
    return _detect_files(options, library)


def _misuse(options: argparse.Namespace) -> str:
    """What is wrong with the arguments, in words; nothing when they can be done."""
    if not options.labels:
        return "say what to look for with --labels."
    if bool(options.photos) == (options.query is not None):
        return "name photos, or the library's with --query."
    if options.save and len(options.photos) != 1:
        return "--save takes one photo; --export annotated draws into copies of many."
    if options.with_pictures and options.export != "yolo":
        return "--with-pictures goes with --export yolo."
    if options.negatives and (options.photos or options.export not in ("coco", "yolo")):
        return "--negatives goes with --query and --export coco or yolo."
    if options.photos and options.export == "regions":
        return "--export regions goes with --query: sidecars are of photos in the library."
    return ""


def _use(library: Library, model_id: str) -> None:
    before = library.settings
    path = Path(model_id).expanduser()
    chosen = str(path.absolute()) if path.is_dir() else model_id
    library.change_settings(replace(before, detector_id=chosen))
    status = library.detecting.status()
    if not status.ready:
        library.change_settings(replace(library.settings, detector_id=before.detector_id))
        raise ModelInvalid(status.why)


# ---- files ---------------------------------------------------------------------------------------


def _detect_files(options: argparse.Namespace, library: Library) -> int:
    door = library.detecting
    labels: list[Label] = options.labels
    threshold = options.threshold
    if threshold is None:
        threshold = door.status().threshold
    value: list[dict[str, Any]] = []
    lines: list[str] = []
    seen: list[tuple[Path, Sight]] = []
    single = len(options.photos) == 1
    for photo in options.photos:
        path = Path(os.path.abspath(photo))  # noqa: PTH100 - links stay as they are
        try:
            sight = door.look(path, labels).above(labels, threshold)
        except PhotoError as error:
            if single:
                raise
            print(f"photosift: {error}", file=sys.stderr)
            continue
        seen.append((path, sight))
        name = {} if single else {"path": str(path)}
        value += [name | _row(detection) for detection in sight.detections]
        lines += [_line(detection, "" if single else str(path)) for detection in sight.detections]
        if options.export == "annotated":
            door.annotated(path, sight.detections, options.into / f"{path.stem} (boxes).jpg")
    if options.save:
        for path, sight in seen:
            door.annotated(path, sight.detections, options.save)
    if seen and options.export in ("coco", "yolo"):
        with Terminal() as terminal:
            job = door.export_seen(seen, options.export, options.into, options.with_pictures or "")
            _say_written(terminal.run("writing", job))
    answer(options, value, lines or ["Nothing was found; a lower --threshold finds more."])
    return 0 if seen else 1


# ---- the library ---------------------------------------------------------------------------------


def _detect_query(options: argparse.Namespace, library: Library) -> int:
    hits = library.search(options.query, options.limit).hits
    ids = [hit.photo_id for hit in hits]
    if not ids:
        answer(options, [], ["No photo matches the query."])
        return 0
    what = f"Search “{options.query}”"
    job = library.detecting.find(ids, options.labels, options.threshold, options.limit, what)
    _run(options, library, job)
    return 0


def _run(options: argparse.Namespace, library: Library, job: Job[DetectionReport]) -> None:
    """Pull a run to its end, then tell what it found, the surest photo first."""
    door = library.detecting
    with Terminal() as terminal:
        report = terminal.run("detecting", job)
    ids = door.photos_of_run(report.run_id)
    paths = {photo.id: photo.path for photo in library.photos(ids)}
    known = door.of_photos(ids)
    rows: list[tuple[Path, StoredDetection]] = [
        (paths[photo_id], detection)
        for photo_id in ids
        if photo_id in paths
        for detection in known[photo_id]
        if detection.run_id == report.run_id
    ]
    value = [{"path": str(path), **_row(detection)} for path, detection in rows]
    lines = [_line(detection, str(path)) for path, detection in rows]
    lines.append(
        f"Run {report.run_id}: {report.boxes} boxes in {report.matching} of {report.looked} photos,"
        f" {report.skipped} skipped; `main.py detect --undo {report.run_id}` takes it back."
    )
    print(f"photosift: this was run {report.run_id}.", file=sys.stderr)
    if options.export:
        wanted = door.photos_of_run(report.run_id, negatives=options.negatives)
        _export(options, library, wanted)
    answer(options, value, lines)


def _export(options: argparse.Namespace, library: Library, ids: Sequence[PhotoId]) -> None:
    with Terminal() as terminal:
        pictures = options.with_pictures or ""
        job = library.detecting.export(ids, options.export, options.into, pictures)
        _say_written(terminal.run("writing", job).files)


def _say_written(files: Sequence[Path]) -> None:
    first = f": {files[0]}" if files else ""
    more = f" and {len(files) - 1} more" if len(files) > 1 else ""
    print(f"photosift: wrote {len(files)} files{first}{more}", file=sys.stderr)


# ---- output --------------------------------------------------------------------------------------


def _row(detection: Detection | StoredDetection) -> dict[str, Any]:
    return {
        "label": detection.label,
        "score": None if detection.score is None else round(detection.score, 6),
        "box": [round(edge, 2) for edge in detection.box],
    }


def _line(detection: Detection | StoredDetection, path: str) -> str:
    box = ",".join(f"{edge:.0f}" for edge in detection.box)
    return f"{detection.score or 1:.4f}  {detection.label:20} {box:24} {path}".rstrip()


def _list_runs(options: argparse.Namespace, runs: Sequence[DetectionRun]) -> None:
    value = [
        {"run": run.id, "model": run.model, "labels": [label.name for label in run.labels],
         "threshold": run.threshold, "what": run.what, "started_at": run.started_at,
         "asked": run.asked, "looked": run.looked, "boxes": run.boxes,
         "finished": run.finished, "undone": run.undone}
        for run in runs
    ]  # fmt: skip
    answer(options, value, [_run_line(run) for run in runs] or ["No run yet."])


def _run_line(run: DetectionRun) -> str:
    started = datetime.fromtimestamp(run.started_at).astimezone()
    names = ", ".join(label.name for label in run.labels)
    state = "taken back" if run.undone else "done" if run.finished else "unfinished"
    return (
        f"{run.id:>5}  {started:%Y-%m-%d %H:%M}  {run.looked}/{run.asked} photos, "
        f"{run.boxes} boxes, {state}: {names}  {run.what}".rstrip()
    )


# ---- arguments -----------------------------------------------------------------------------------


def _labels(text: str) -> list[Label]:
    labels: list[Label] = []
    for entry in text.split(","):
        name, _, said = entry.partition("=")
        prompts = tuple(prompt.strip() for prompt in said.split("|") if prompt.strip())
        if name.strip():
            labels.append(Label(name.strip(), prompts))
    if not labels:
        raise argparse.ArgumentTypeError("needs at least one label")
    return labels


def _share(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 < number < 1:
        raise argparse.ArgumentTypeError("must be a number between 0 and 1")
    return number


def _positive(text: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        raise argparse.ArgumentTypeError("must be a whole number, 1 or more")
    return number
