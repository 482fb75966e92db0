"""`sidecars` on the command line: write what was said of photos beside them, and how far it is."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from engine.library import Library
from engine.settings import default_library
from engine.sidecar_types import SidecarReport, SidecarStatus
from engine.terminal import Terminal, answer, say_notes, whole

Add = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]

_EPILOG = """\
main.py sidecars status        how many sidecars are behind; nothing is written
main.py sidecars write         write tags, stars, rejects, captions and titles that were said since
main.py sidecars write --all   look at every photo that anything was ever said of

Only sidecars are written, never photos. `write` does so even where the switch in the settings,
which has them written by themselves, is off."""


def add_sidecars(add: Add) -> None:
    """Add `sidecars` to the commands."""
    sub = add("sidecars", _sidecars, "Write tags and stars into XMP sidecars, for other programs.")
    sub.epilog, sub.formatter_class = _EPILOG, argparse.RawDescriptionHelpFormatter
    sub.add_argument("act", choices=("status", "write"))
    sub.add_argument("--all", action="store_true", help="with write: not only what is behind")


def _sidecars(options: argparse.Namespace) -> int:
    with Library.open(options.library or default_library()) as library:
        say_notes(library.notes)
        if options.act == "status":
            _tell(options, library.sidecars.status())
            return 0
        if options.all:
            library.sidecars.include_all()
        with Terminal() as terminal:
            report = terminal.run("writing sidecars", whole(library.sidecars.write()))
        _report(options, report, library.sidecars.status())
    return 0


def _tell(options: argparse.Namespace, status: SidecarStatus) -> None:
    lines = [
        f"written by themselves: {'yes' if status.on else 'no'}",
        f"{status.written} photos are told of by a sidecar, {status.waiting} to be written, "
        f"{status.failed} of them failed, {status.offline} wait for their drive",
        f"sidecars of others, as they were: {status.copies}",
    ]
    answer(options, _status(status), lines)


def _report(options: argparse.Namespace, report: SidecarReport, status: SidecarStatus) -> None:
    skipped = [{"path": str(one.path), "reason": one.reason} for one in report.skipped]
    value = {
        "written": report.written,
        "unchanged": report.unchanged,
        "overtaken": report.overtaken,
        "copies": report.copies,
        "skipped": skipped,
        "seconds": round(report.seconds, 3),
        "status": _status(status),
    }
    lines = [
        f"{report.written} sidecars written, {report.unchanged} said it already, "
        f"{len(skipped)} could not be written"
    ]
    lines += [f"  left {one['path']}: {one['reason']}" for one in skipped]
    if report.overtaken:
        lines.append(f"{report.overtaken} values were taken over: other programs changed them.")
    answer(options, value, lines)


def _status(status: SidecarStatus) -> dict[str, object]:
    return {
        "on": status.on,
        "written": status.written,
        "waiting": status.waiting,
        "failed": status.failed,
        "offline": status.offline,
    }
