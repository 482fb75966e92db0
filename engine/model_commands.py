"""`models …` on the command line: what there is, fetching it, choosing it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from engine.library import Library
from engine.settings import default_library
from engine.terminal import Terminal, answer
from engine.types import ModelInfo

Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]


def add_models(add: Add) -> None:
    """Add `models` to the commands."""
    sub = add("models", _models, "List, download or choose the model.")
    sub.add_argument("action", choices=("list", *_ACTIONS))
    sub.add_argument("id", nargs="?", metavar="ID or PATH")


def _models(options: argparse.Namespace) -> int:
    with Library.open(options.library or default_library()) as library:
        if options.action != "list":
            if not options.id:
                print("photosift: say which model.", file=sys.stderr)
                return 2
            code = _ACTIONS[options.action](options, library)
            if code:
                return code
        _list(options, library)
    return 0


def _list(options: argparse.Namespace, library: Library) -> None:
    status = library.model_status()
    used = status.info.id if status.info else None
    models = library.models()
    value = [
        {"id": m.id, "title": m.title, "installed": m.installed, "in_use": m.id == used,
         "languages": m.languages, "licence": m.licence, "dim": m.dim,
         "download_bytes": m.download_bytes}
        for m in models
    ]  # fmt: skip
    lines = [
        f"{'*' if m.id == used else ' '} {m.id:48} {_availability(m):>10}  {m.title}"
        for m in models
    ]
    answer(options, value, lines)


def _availability(model: ModelInfo) -> str:
    return "installed" if model.installed else f"{model.download_bytes // 1_000_000} MB"


def _download(options: argparse.Namespace, library: Library) -> int:
    with Terminal() as terminal:
        terminal.run("downloading", library.download_model(options.id))
    return 0


def _use(options: argparse.Namespace, library: Library) -> int:
    library.use_model(options.id)
    return 0


_ACTIONS: dict[str, Callable[[argparse.Namespace, Library], int]] = {
    "download": _download,
    "use": _use,
}
