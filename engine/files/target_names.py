"""Which names are free where photos are put, and whether a photo is there already."""

from __future__ import annotations

import errno
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from engine.errors import PhotoUnreadable
from engine.file_types import FilingStep
from engine.files.companions import bundles
from engine.files.disk import reason
from engine.files.names import folded, numbered
from engine.files.transfer import TransferFailed, fingerprint, stamp_of


class AlreadyThere(TransferFailed):
    """The same bytes lie at the target under the same name."""


class TargetNames:
    """The names in the target folders of one run, read once and kept up.

    Names that are equal but for case or Unicode form count as one, on every system.
    """

    chooses = True  # another name where one is taken

    def __init__(self) -> None:
        self._taken: dict[Path, Counter[str]] = {}
        self._next: dict[tuple[Path, str], int] = {}

    def given(self, bundle: list[FilingStep]) -> list[FilingStep]:
        """The bundle under names that are free, all with the same number.

        Raises:
            TransferFailed: the folder cannot be looked at, or is a link to elsewhere.
            AlreadyThere: all files of the bundle are there under their names.
        """
        folder = bundle[0].target.parent
        taken = self._names_in(folder)
        planned = [step.target.name for step in bundle]
        if any(folded(name) in taken for name in planned):
            planned = self._numbered(bundle, folder, taken)
        taken.update(map(folded, planned))
        return [
            replace(step, target=folder / name) for step, name in zip(bundle, planned, strict=True)
        ]

    def forget(self, folder: Path) -> None:
        """Somebody else made files there: look again."""
        self._taken.pop(folder, None)

    def check_folder(self, folder: Path) -> None:
        """Raises TransferFailed where a folder is not there, or leads elsewhere by a link."""
        if not folder.is_dir():
            raise TransferFailed(folder, "the folder could not be made")
        if os.path.realpath(folder) != str(folder):
            raise TransferFailed(folder, "the folder is a link to elsewhere")

    def _numbered(self, bundle: list[FilingStep], folder: Path, taken: Counter[str]) -> list[str]:
        stems = _stems([step.source.name for step in bundle])
        key = folder, folded(stems[0][0])
        number = self._next.get(key, 1)
        while True:
            names = numbered(stems, number)
            if not any(folded(name) in taken for name in names):
                self._next[key] = number + 1
                return list(names)
            if all(_same(step, folder / name) for step, name in zip(bundle, names, strict=True)):
                raise AlreadyThere(bundle[0].source, f"is already there as {names[0]}")
            number += 1

    def _names_in(self, folder: Path) -> Counter[str]:
        if folder not in self._taken:
            try:
                self._taken[folder] = Counter(map(folded, os.listdir(folder)))  # noqa: PTH208
            except FileNotFoundError:
                self._taken[folder] = Counter()
            except OSError as error:
                raise TransferFailed(folder, reason(error), error.errno) from error
        return self._taken[folder]


class ExactNames(TargetNames):
    """The names that the user chose: a taken one is no reason to choose another.

    A name is free once the photo that had it was given another one.
    """

    chooses = False

    def __init__(self) -> None:
        super().__init__()
        self._left: set[tuple[Path, str]] = set()

    def given(self, bundle: list[FilingStep]) -> list[FilingStep]:
        """The bundle as it is; its names before count as free from now on.

        Raises:
            TransferFailed: another file has one of its names, or one that is equal but for case.
        """
        folder = bundle[0].target.parent
        taken = self._names_in(folder)
        own = Counter(own_names(step.source for step in bundle))
        for step in bundle:
            (key,) = own_names([step.target])
            others = taken[key[1]] - own[key]
            if others > 0 or (os.path.lexists(step.target) and key not in self._left):
                raise name_taken(bundle, step)
        taken.subtract(key[1] for key in own.elements())
        self._left.update(own)
        taken.update(folded(step.target.name) for step in bundle)
        self._left.difference_update(own_names(step.target for step in bundle))
        return bundle

    def check_folder(self, folder: Path) -> None:
        """The folder is the file's own."""


def own_names(paths: Iterable[Path]) -> list[tuple[Path, str]]:
    """Folders and names; equal ones are one file on some system."""
    return [(path.parent, folded(path.name)) for path in paths]


def name_taken(bundle: list[FilingStep], step: FilingStep) -> TransferFailed:
    """Why a bundle cannot have the names that were chosen for it."""
    why = f"there is another file called {step.target.name}"
    return TransferFailed(bundle[0].source, why, errno.EEXIST)


def _stems(names: list[str]) -> list[tuple[str, int]]:
    """Each name with the length of the part that a number goes behind."""
    known = {member.name: member.stem for found in bundles(names) for member in found.members}
    return [(name, known.get(name, len(name.partition(".")[0]))) for name in names]


def _same(step: FilingStep, path: Path) -> bool:
    """Whether a path holds the bytes of a step's source, and is not the source itself."""
    try:
        found = stamp_of(path)
        if found is None or found.size != step.size:
            return False
        return fingerprint(path) == (step.content_hash or fingerprint(step.source))
    except PhotoUnreadable:
        return False
