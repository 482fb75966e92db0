"""Programs that a photo can be opened with, as the desktop knows them; and opening it with one.

On Linux the desktop's own files are read (freedesktop's "MIME applications" and "Desktop entry"
specifications): first what the user chose, then what else takes this kind of file. On other systems
there is the default program and the system's own chooser, or any program that the user picks.
"""

from __future__ import annotations

import configparser
import os
import shlex
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QLocale, QMimeDatabase, QProcess, QStandardPaths

_LISTS = ("Default Applications", "Added Associations", "Removed Associations")
_MOST = 12


@dataclass(frozen=True, slots=True)
class Program:
    """A program of the desktop; `command` has the fields of a desktop entry, such as %f and %U."""

    name: str
    command: tuple[str, ...]
    icon: str = ""


def programs_for(path: Path, folders: Sequence[Path] | None = None) -> list[Program]:
    """Programs that take this kind of file, the user's choice first; none but on Linux.

    Args:
        path: a photo; its name tells the kind.
        folders: where desktop entries lie; None: where the desktop keeps them.

    Cost: reads some hundred small files at most; not for the GUI thread.
    """
    if not sys.platform.startswith("linux"):
        return []
    kind = QMimeDatabase().mimeTypeForFile(str(path), QMimeDatabase.MatchMode.MatchExtension)
    kinds = [kind.name(), *kind.parentMimeTypes()]
    places = data_folders() if folders is None else list(folders)
    found: dict[str, Program] = {}
    removed = set(_listed(places, kinds, ["Removed Associations"]))
    wanted = _listed(places, kinds, _LISTS[:2])
    for entry in [*wanted, *_cached(places, kinds)]:
        if entry in found or entry in removed or len(found) >= _MOST:
            continue
        program = _read(entry, places)
        if program is not None:
            found[entry] = program
    return list({one.name: one for one in reversed(found.values())}.values())[::-1]


def open_with(program: Program, paths: Sequence[Path]) -> bool:
    """Open photos with a program; False where it cannot be started."""
    started = False
    for command in _filled(program, [str(path) for path in paths]):
        started = QProcess.startDetached(command[0], command[1:])[0] or started
    return started


def data_folders() -> list[Path]:
    """Where desktop entries and lists of them lie, what matters most first."""
    home = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    others = os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share"
    config = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    data = [Path(one) / "applications" for one in (home, *others.split(":")) if one]
    return [Path(config), *data]


def _listed(places: Iterable[Path], kinds: Sequence[str], sections: Sequence[str]) -> Iterator[str]:
    for folder in places:
        lists = _parsed(folder / "mimeapps.list")
        for section in sections:
            for kind in kinds:
                yield from _entries(lists, section, kind)


def _cached(places: Iterable[Path], kinds: Sequence[str]) -> Iterator[str]:
    for folder in places:
        cache = _parsed(folder / "mimeinfo.cache")
        for kind in kinds:
            yield from _entries(cache, "MIME Cache", kind)


def _entries(lists: configparser.ConfigParser, section: str, kind: str) -> list[str]:
    text = lists.get(section, kind, fallback="")
    return [entry for entry in text.split(";") if entry.endswith(".desktop")]


def _parsed(path: Path) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(
        interpolation=None, strict=False, delimiters=("=",), comment_prefixes=("#",)
    )
    parser.optionxform = str  # type: ignore[assignment,method-assign] # keys know upper case
    try:
        parser.read(path, encoding="utf-8")
    except (configparser.Error, OSError, UnicodeDecodeError):
        return configparser.ConfigParser(interpolation=None)
    return parser


def _read(entry: str, places: Iterable[Path]) -> Program | None:
    """A desktop entry that is shown and whose program is there."""
    for folder in places:
        # "org/gnome/x.desktop" may be written "org-gnome-x.desktop".
        for path in (folder / entry, folder / entry.replace("-", "/", 1)):
            parser = _parsed(path)
            if not parser.has_section("Desktop Entry"):
                continue
            facts = parser["Desktop Entry"]
            if "true" in (facts.get("Hidden"), facts.get("NoDisplay")):
                return None
            tried = facts.get("TryExec")
            if tried and not _is_there(tried):
                return None
            try:
                command = tuple(shlex.split(facts.get("Exec", "")))
            except ValueError:
                return None
            if not command or not _is_there(command[0]) or facts.get("Terminal") == "true":
                return None
            return Program(_local_name(facts), command, facts.get("Icon", ""))
    return None


def _is_there(program: str) -> bool:
    if Path(program).is_absolute():
        return os.access(program, os.X_OK)
    return bool(QStandardPaths.findExecutable(program))


def _local_name(facts: configparser.SectionProxy) -> str:
    whole = QLocale().name()
    for name in (f"Name[{whole}]", f"Name[{whole.split('_')[0]}]", "Name"):
        if facts.get(name):
            return facts[name]
    return "?"


def _filled(program: Program, paths: Sequence[str]) -> Iterator[list[str]]:
    """The command with its fields filled in: once for all files, or once for each."""
    many = any(part in ("%F", "%U") for part in program.command)
    for held in [list(paths)] if many else [[path] for path in paths]:
        command: list[str] = []
        given = False
        for part in program.command:
            if part in ("%F", "%f"):
                command += held
                given = True
            elif part in ("%U", "%u"):
                command += [Path(path).absolute().as_uri() for path in held]
                given = True
            elif part == "%c":
                command.append(program.name)
            elif part == "%%":
                command.append("%")
            elif not (len(part) == 2 and part[0] == "%"):
                command.append(part.replace("%f", held[0]) if "%f" in part else part)
                given = given or "%f" in part
        yield command if given else [*command, *held]
