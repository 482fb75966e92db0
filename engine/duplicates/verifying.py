"""Right before a photo goes: are both files what was compared, and does another copy stay?"""

from __future__ import annotations

import os
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from engine.duplicate_types import PickRules
from engine.duplicates.units import linked_text
from engine.errors import EngineError, PhotoUnreadable
from engine.file_types import FilingStep, RunId, StepOp
from engine.files.companions import bundles, is_content
from engine.files.disk import reason
from engine.files.scan import is_candidate
from engine.files.transfer import Stamp, fingerprint, stamp_of
from engine.files.trash import in_trash
from engine.types import Photo, PhotoId, PhotoState

if TYPE_CHECKING:
    from engine.catalog import Catalog


class NotSafe(EngineError):
    """A photo stays where it is; the sentence says why."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """A photo that stays, read from the disk just now."""

    photo_id: PhotoId
    path: Path
    stamp: Stamp
    content_hash: bytes
    names: tuple[str, ...]  # of its bundle, itself among them
    hashes: dict[str, bytes] = field(default_factory=dict[str, bytes])  # of these, as needed

    def has_copy(self, size: int, digest: bytes) -> bool:
        """Whether one of the keeper's own files has these bytes."""
        for name in self.names:
            path = self.path.with_name(name)
            try:
                there = stamp_of(path)
                if there is None or there.size != size:
                    continue
                if name not in self.hashes:
                    self.hashes[name] = fingerprint(path, from_disk=True)
            except PhotoUnreadable:
                continue
            if self.hashes[name] == digest:
                return True
        return False

    def stands(self) -> bool:
        """Whether its file still lies where it was read, untouched since."""
        try:
            there = stamp_of(self.path)
        except PhotoUnreadable:
            return False
        return there is not None and there.looks_like(self.stamp)


class Verifier:
    """Looks at the disk, never at what was true when duplicates were looked for.

    Args:
        catalog: where the photos lie, and the content that was compared.
        own: the library's data folder.
        rules: for the protected folders, which hold wherever a link leads.
    """

    def __init__(self, catalog: Catalog, own: Path, rules: PickRules) -> None:
        self._catalog = catalog
        self._own = Path(os.path.realpath(own))
        self._protected = [Path(os.path.realpath(path)) for path in rules.protected]

    def keeper(self, photo_id: PhotoId) -> Keeper:
        """Read the photo that stays. Raises NotSafe: nothing may go for it."""
        row, stamp = self._there(photo_id)
        digest = _read(row, from_disk=True)
        return Keeper(row.id, row.path, stamp, digest, tuple(_bundle(row.path)))

    def unit(
        self, photo_id: PhotoId, keeper: Keeper, keepers: Collection[PhotoId]
    ) -> list[FilingStep]:
        """The photo that goes with its companions, each read; where to is not known yet.

        Args:
            photo_id: the photo.
            keeper: for which it goes.
            keepers: all photos that stay for others, whatever the group.

        Raises:
            NotSafe: it stays: it is not what was compared, it is the keeper's own file, protected,
                it has another name by which its bytes would stay, or something that belongs to it
                has no copy beside the keeper.
        """
        row, stamp = self._there(photo_id)
        _not_one_file(row.path, stamp, keeper)
        if _has_other_names(row.path):
            raise NotSafe(linked_text())
        real = Path(os.path.realpath(row.path))
        for folder in self._protected:
            if folder in real.parents:
                raise NotSafe(f"It lies in the protected folder {folder}.")
        digest = _read(row)
        names = _bundle(row.path)
        if row.path.parent == keeper.path.parent and keeper.path.name in names:
            raise NotSafe(f"It belongs to {keeper.path.name}, which stays.")
        steps = [_step(row.path, row.id, stamp, digest)]
        others = (row.path.with_name(name) for name in names if name != row.name)
        steps += [self._companion(path, keeper) for path in others]
        if any(step.photo_id in keepers for step in steps if step.photo_id is not None):
            raise NotSafe("A photo that belongs to it is what another group keeps.")
        return steps

    def _companion(self, path: Path, keeper: Keeper) -> FilingStep:
        try:
            stamp = stamp_of(path)
            if stamp is None:
                raise NotSafe(f"{path.name}, which belongs to it, is being changed.")
            digest = fingerprint(path)
        except PhotoUnreadable as error:
            raise NotSafe(f"{path.name} belongs to it and {error.reason}.") from error
        _not_one_file(path, stamp, keeper)
        if is_content(path.name) and not keeper.has_copy(stamp.size, digest):
            raise NotSafe(f"{path.name} belongs to it and has no copy beside {keeper.path}.")
        if is_content(path.name) and _has_other_names(path):
            raise NotSafe(linked_text(path.name))
        photo_id = self._catalog.photos.find(path) if is_candidate(path.name) else None
        return _step(path, photo_id, stamp, digest)

    def _there(self, photo_id: PhotoId) -> tuple[Photo, Stamp]:
        """A photo's row and what lies at its place."""
        found = self._catalog.photos.page([photo_id], None)
        if not found:
            raise NotSafe("It is not in the library any more.")
        row = found[0]
        if not row.online:
            raise NotSafe(f"The drive of {row.path} is not connected.")
        if row.state is not PhotoState.PRESENT or row.content_hash is None:
            raise NotSafe(f"{row.path} is not there, or cannot be read.")
        real = Path(os.path.realpath(row.path.parent))
        if in_trash(row.path) or in_trash(real / row.name):
            raise NotSafe(f"{row.path} lies in the trash.")
        if self._own == real or self._own in real.parents:
            raise NotSafe(f"{row.path} belongs to the library's own data.")
        try:
            stamp = stamp_of(row.path)
        except PhotoUnreadable as error:
            raise NotSafe(f"{row.path} {error.reason}.") from error
        if stamp is None:
            raise NotSafe(f"{row.path} is not there any more.")
        return row, stamp


def _not_one_file(path: Path, stamp: Stamp, keeper: Keeper) -> None:
    """Two names of one file are no copies, whatever leads to it: a link, a mount, a letter's case.

    Raises:
        NotSafe: they are, or that cannot be told.
    """
    kept = keeper.stamp
    if stamp.ino == 0 or kept.ino == 0:
        raise NotSafe("Its disk does not tell whether two names are one file.")
    if stamp.looks_like(kept) or os.path.realpath(path) == os.path.realpath(keeper.path):
        # On another device too: a share may be mounted twice.
        raise NotSafe(f"It is the same file as {keeper.path}, not a copy of it.")


def _has_other_names(path: Path) -> bool:
    """Whether a file is reached by another name as well; NotSafe where that cannot be told."""
    try:
        return path.lstat().st_nlink > 1
    except OSError as error:
        raise NotSafe(f"{path} cannot be looked at: {reason(error)}.") from error


def _read(row: Photo, *, from_disk: bool = False) -> bytes:
    """A photo's hash, read now. Raises NotSafe where it is not the content that was compared."""
    try:
        digest = fingerprint(row.path, from_disk=from_disk)
    except PhotoUnreadable as error:
        raise NotSafe(f"{row.path} {error.reason}.") from error
    if digest != row.content_hash:
        raise NotSafe(f"{row.path} was changed since duplicates were looked for.")
    return digest


def _bundle(path: Path) -> list[str]:
    """The names of all files that belong to a photo, as they lie on the disk now."""
    try:
        with os.scandir(path.parent) as entries:
            names = [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
    except OSError as error:
        raise NotSafe(f"{path.parent} cannot be looked at: {reason(error)}.") from error
    for bundle in bundles(names):
        if path.name in bundle.names:
            return list(bundle.names)
    raise NotSafe(f"{path} is not there any more.")


def _step(path: Path, photo_id: PhotoId | None, stamp: Stamp, digest: bytes) -> FilingStep:
    return FilingStep(
        id=0,
        run_id=RunId(0),
        bundle=0,
        photo_id=photo_id,
        op=StepOp.MOVE,
        category="",
        source=path,
        target=path,
        size=stamp.size,
        mtime_ns=stamp.mtime_ns,
        dev=stamp.dev,
        ino=stamp.ino,
        content_hash=digest,
    )
