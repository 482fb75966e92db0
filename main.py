"""Photosift's entry: the window, or one of the commands."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from contextlib import redirect_stdout
from logging.handlers import RotatingFileHandler
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent
DEMO_PHOTOS = CHECKOUT / "resources" / "demo" / "photos"


def main() -> int:
    """Parse arguments; a command runs at once, otherwise the window opens."""
    os.umask(0o077)  # catalog, thumbnails and logs are private
    quick = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
    quick.add_argument("--library", type=Path)
    quick.add_argument("--demo", action="store_true")
    options, others = quick.parse_known_args()
    if not others:  # the window alone: what the commands import would only delay it
        return _window(options.library, demo=options.demo)
    from engine.commands import build_parser, run

    parser = build_parser()
    parser.add_argument("--demo", action="store_true", help="the sample library, also for commands")
    options = parser.parse_args()
    if options.command is not None:
        _log_to(None)
        if options.demo:
            options.library = options.library or _demo_library()
            if options.command != "index" and not (options.library / "catalog.db").exists():
                print("photosift: the sample library is made first.", file=sys.stderr)
                first = ["index", str(DEMO_PHOTOS), "--library", str(options.library)]
                with redirect_stdout(sys.stderr):
                    code = run(parser.parse_args(first))
                if code:
                    return code
        return run(options)
    return _window(options.library, demo=options.demo)


def _demo_library() -> Path:
    from engine.settings import default_library

    return default_library().with_name("demo")


def _window(folder: Path | None, *, demo: bool) -> int:
    from engine.settings import default_library

    folder = folder or (_demo_library() if demo else default_library())
    try:
        from gui.app import display_available
    except ImportError as error:
        print(f"photosift: the window cannot be loaded: {error}.", file=sys.stderr)
        print("On a bare Debian machine: apt-get install libegl1 libgl1 libglib2.0-0 "
              "libdbus-1-3 libfontconfig1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 "
              "libxcb-keysyms1 libxcb-shape0.", file=sys.stderr)  # fmt: skip
        return 1
    if not display_available():
        print(
            "photosift: there is no display to open a window on; the commands index, search, "
            "similar, classify, models and doctor work without one (main.py --help).",
            file=sys.stderr,
        )
        return 1
    logs = folder / "logs"
    logs.mkdir(parents=True, exist_ok=True, mode=0o700)
    _log_to(logs)
    from gui.app import run as run_window

    return run_window(folder, first_folder=DEMO_PHOTOS if demo else None,
                      demo=demo)  # fmt: skip


def _log_to(folder: Path | None) -> None:
    """Warnings to stderr; with a folder everything from INFO into a rotating file too."""
    stderr = logging.StreamHandler()
    stderr.setLevel(logging.WARNING)
    handlers: list[logging.Handler] = [stderr]
    if folder is not None:
        handlers.append(
            RotatingFileHandler(
                folder / "photosift.log", maxBytes=1_000_000, backupCount=3, encoding="utf-8"
            )
        )
    logging.basicConfig(
        level=logging.INFO,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        handlers=handlers,
    )


if __name__ == "__main__":
    try:
        code = main()
    except KeyboardInterrupt:  # while the engine was still being imported
        code = 130
    sys.exit(code)
