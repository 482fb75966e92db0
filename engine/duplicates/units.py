"""Photos with the files that belong to them, and which photos may be offered at all."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.duplicate_types import Member
from engine.files.companions import bundles, is_content
from engine.files.trash import in_trash
from engine.types import Photo, PhotoId, PhotoState


@dataclass(frozen=True, slots=True)
class Unit:
    """A photo and its companions: they stay or go together.

    `key` is the same for all photos of one bundle. `companions` have their sizes in bytes.
    `stays` is why it may not go, whatever is kept; empty where it may.
    """

    photo: Photo
    key: tuple[Path, str]
    companions: tuple[tuple[Path, int], ...] = ()
    stays: str = ""

    @property
    def size(self) -> int:
        return self.photo.size + sum(size for _, size in self.companions)

    def as_member(self) -> Member:
        """The unit as a group shows it."""
        return Member(
            photo_id=self.photo.id,
            path=self.photo.path,
            size=self.size,
            width=self.photo.width or 0,
            height=self.photo.height or 0,
            companions=tuple(path for path, _ in self.companions),
            offered=not self.stays,
            why_not=self.stays,
        )


def offered(photos: Iterable[Photo]) -> list[Photo]:
    """Photos that may be shown as duplicates: within reach, not in a trash, each file once.

    Names of one file (a hard link, a folder mounted or watched twice) are one photo: the first.
    """
    found: list[Photo] = []
    seen: set[tuple[int, int]] = set()
    places: set[str] = set()
    for photo in sorted(photos, key=lambda photo: photo.id):
        if photo.state is not PhotoState.PRESENT or not photo.online or in_trash(photo.path):
            continue
        try:
            status = photo.path.lstat()
        except OSError:  # gone since; the next look at the disk will say so
            continue
        real = os.path.realpath(photo.path)
        if os.path.islink(photo.path) or real in places:  # noqa: PTH114 - one call, no object
            continue
        identity = (status.st_dev, status.st_ino)
        if status.st_ino and identity in seen:
            continue
        seen.add(identity)
        places.add(real)
        found.append(photo)
    return found


class Folders:
    """The bundles of folders, each listed once."""

    def __init__(self) -> None:
        self._bundles: dict[Path, dict[str, tuple[str, ...]]] = {}
        self._sizes: dict[Path, dict[str, int]] = {}
        self._linked: dict[Path, set[str]] = {}

    def unit(self, photo: Photo) -> Unit:
        """A photo with what belongs to it."""
        folder = photo.path.parent
        if folder not in self._bundles:
            self._list(folder)
        names = self._bundles[folder].get(photo.name, (photo.name,))
        sizes = self._sizes[folder]
        others = tuple((folder / name, sizes.get(name, 0)) for name in names if name != photo.name)
        linked = self._linked[folder]
        stays = [path.name for path, _ in others if path.name in linked and is_content(path.name)]
        said = ""
        if photo.name in linked or stays:
            said = linked_text("" if photo.name in linked else stays[0])
        return Unit(photo, (folder, names[0]), others, said)

    def _list(self, folder: Path) -> None:
        sizes: dict[str, int] = {}
        linked: set[str] = set()
        try:
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_file(follow_symlinks=False):
                        # Not the entry's own answer, which on Windows counts no names.
                        status = os.lstat(entry.path)
                        sizes[entry.name] = status.st_size
                        if status.st_nlink > 1:
                            linked.add(entry.name)
        except OSError:  # what was listed before it went away still belongs together
            pass
        self._sizes[folder] = sizes
        self._linked[folder] = linked
        self._bundles[folder] = {
            name: bundle.names for bundle in bundles(sizes) for name in bundle.names
        }


def linked_text(companion: str = "") -> str:
    """Why a file with several names stays: its bytes would be there still.

    Args:
        companion: the name of what belongs to the photo and has another one; empty: the photo.
    """
    rest = "a hard link: its bytes stay by another name, and no space is freed."
    return f"{companion} belongs to it and is {rest}" if companion else f"It is {rest}"


def lacking(unit: Unit, keeper: Unit) -> str:
    """Why a unit may not go for a keeper: what belongs to it and has no copy there; or nothing."""
    kept = {
        (path.suffix.lower(), size)
        for path, size in ((keeper.photo.path, keeper.photo.size), *keeper.companions)
    }
    for path, size in unit.companions:
        if is_content(path.name) and (path.suffix.lower(), size) not in kept:
            return f"{path.name} belongs to it and has no copy beside {keeper.photo.name}."
    return ""


def one_of_each(units: Sequence[Unit]) -> list[Unit]:
    """Each bundle once: by the photo that stands for it."""
    found: dict[tuple[Path, str], Unit] = {}
    for unit in units:
        held = found.get(unit.key)
        if held is None or unit.photo.name == unit.key[1]:
            found[unit.key] = unit
    return list(found.values())


def ids(units: Iterable[Unit]) -> list[PhotoId]:
    """The photos of units."""
    return [unit.photo.id for unit in units]
