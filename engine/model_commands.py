"""`models …` on the command line: what there is, fetching, testing and choosing it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from engine.errors import ModelError
from engine.library import Library
from engine.settings import default_library
from engine.terminal import Terminal, answer, say_notes, shown
from engine.types import ModelInfo, SpaceStatus

Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]


def add_models(add: Add, common: Callable[[argparse.ArgumentParser], None]) -> None:
    """Add `models` to the commands; `common` adds the options that all of them have."""
    sub = add("models", _models, "List, download, test or choose the model.")
    actions = sub.add_subparsers(dest="action", required=True, metavar="ACTION")

    def action(name: str, text: str, number: str | None = None) -> argparse.ArgumentParser:
        # parsers of their own: options may stand before the id too
        one = actions.add_parser(name, help=text, description=text)
        common(one)
        if name != "list":
            one.add_argument("id", nargs=number, metavar="ID or PATH")
        return one

    action("list", "Every model to choose from, with what is here and in use.")
    action("download", "Fetch a model; one that was begun goes on.")
    one = action("use", "Show the photos to a model, then search with it.")
    one.add_argument("--now", action="store_true",
                     help="do not wait until all photos are known to the model")  # fmt: skip
    one = action("test", "Put a model to its self-test, else the one in use.", "?")
    one.add_argument("--photo", type=Path, metavar="FILE",
                     help="the tutorials' two cats, to compare figures")  # fmt: skip
    action("discard", "Delete what came of a download that was not finished.")
    action("forget", "Delete the vectors kept for a model that is not in use.")


def _models(options: argparse.Namespace) -> int:
    with Library.open(options.library or default_library()) as library:
        if options.action == "test":
            return _test(options, library)
        if options.action != "list":
            code = _ACTIONS[options.action](options, library)
            if code:
                return code
        _list(options, library)
    return 0


def _list(options: argparse.Namespace, library: Library) -> None:
    status = library.model_status()
    used = status.info.id if status.info else None
    models = library.models()
    spaces = {space.model_id: space for space in library.spaces()}
    value = [
        {"id": m.id, "title": m.title, "slot": m.slot.value, "installed": m.installed,
         "in_use": m.id == used, "languages": m.languages, "licence": m.licence, "dim": m.dim,
         "download_bytes": m.download_bytes, "downloaded_bytes": m.downloaded_bytes,
         "engine": m.engine, "photos_per_second": m.photos_per_second,
         "vectors": _vectors(spaces.get(m.id))}
        for m in models
    ]  # fmt: skip
    lines = [
        f"{'*' if m.id == used else ' '} {m.id:48} {_availability(m):>10}  {m.title}"
        + (f" · {m.engine}, {m.photos_per_second:,.0f} photos/s" if m.engine else "")
        + (f" · {_told(spaces[m.id])}" if m.id in spaces else "")
        for m in models
    ]
    known = {m.id for m in models}
    lost = [space for name, space in spaces.items() if name not in known]
    lines += [f"  {s.model_id:48} {'not here':>10}  {s.title} · {_told(s)}" for s in lost]
    answer(options, value, lines)


def _vectors(space: SpaceStatus | None) -> dict[str, object] | None:
    if space is None:
        return None
    return {"photos": space.embedded, "of": space.total, "bytes": space.bytes,
            "being_prepared": space.upcoming, "reason": space.reason}  # fmt: skip


def _told(space: SpaceStatus) -> str:
    part = f"{space.embedded:,} of {space.total:,} photos"
    if space.active:
        return "in use" if space.complete else f"in use, {part}"
    if space.upcoming:
        return f"being prepared, {part}" + (f": {space.reason}" if space.reason else "")
    return f"vectors of {part} are kept, {space.bytes / 1e6:,.1f} MB"


def _availability(model: ModelInfo) -> str:
    if model.installed:
        return "installed"
    size = f"{model.download_bytes // 1_000_000} MB"
    if not model.downloaded_bytes:
        return size
    return f"{min(99, 100 * model.downloaded_bytes // max(1, model.download_bytes))}% of {size}"


def _test(options: argparse.Namespace, library: Library) -> int:
    """Each check of the model's self-test, of the one in use where none is named."""
    status = library.model_status()
    model_id = options.id or (status.info.id if status.info else "")
    if not model_id:
        raise ModelError(status.reason or "There is no model to test.")
    test = library.test_model(model_id, options.photo)
    checks = [{"name": c.name, "passed": c.passed, "detail": c.detail} for c in test.checks]
    lines = [f"{'pass' if c.passed else 'FAIL'}  {c.name:18} {c.detail}" for c in test.checks]
    lines.append(f"{test.model_id} {'passed' if test.passed else 'did not pass'} its test.")
    value = {"model": test.model_id, "passed": test.passed, "checks": checks}
    answer(options, value, lines)
    return 0 if test.passed else 1


def _download(options: argparse.Namespace, library: Library) -> int:
    with Terminal() as terminal:
        terminal.run("downloading", library.download_model(options.id), in_bytes=True)
    return 0


def _use(options: argparse.Namespace, library: Library) -> int:
    """Choose a model; where its vectors are missing, make them first."""
    say_notes(library.notes)
    if options.now:
        library.use_model(options.id)
        return 0
    info = library.prepare_model(options.id)
    upcoming = library.next_model()
    if upcoming is None:
        return 0
    left = upcoming.total - upcoming.embedded
    print(f"photosift: {left:,} photos are shown to {shown(info.title)}; search changes over "
          "after that.", file=sys.stderr)  # fmt: skip
    try:
        with Terminal() as terminal:
            report = terminal.run("preparing", library.index())
    except KeyboardInterrupt:
        print(f"photosift: interrupted; what was made is kept. `main.py models use {info.id}` "
              "goes on with the rest.", file=sys.stderr)  # fmt: skip
        return 130
    if not report.switched_to:
        raise ModelError(report.stopped or f"{info.title} could not be prepared to the end.")
    return 0


def _discard(options: argparse.Namespace, library: Library) -> int:
    freed = library.discard_download(options.id)
    print(f"photosift: {freed / 1e6:,.1f} MB freed.", file=sys.stderr)
    return 0


def _forget(options: argparse.Namespace, library: Library) -> int:
    """By the name that `models list` shows; a folder may be spelled in any way."""
    named = {space.model_id for space in library.spaces()}
    path = os.path.realpath(os.path.expanduser(options.id))  # noqa: PTH111 - it may not exist
    library.drop_vectors(path if options.id not in named and path in named else options.id)
    return 0


_ACTIONS: dict[str, Callable[[argparse.Namespace, Library], int]] = {
    "download": _download,
    "use": _use,
    "discard": _discard,
    "forget": _forget,
}
