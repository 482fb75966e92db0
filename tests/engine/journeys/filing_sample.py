"""A small library for the tests of sorting and filing: files of any bytes, known by their hash."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from engine.assignment import Assignment
from engine.catalog import Catalog
from engine.file_types import FilingReport, SortMode, SortPlan, SortRule
from engine.files.scan import Excludes, scan
from engine.filing import Filing
from engine.jobs import drain
from engine.reconcile import reconcile
from engine.sorting import Sorting
from engine.types import PhotoContent, PhotoId, RootId

SECOND = 1_000_000_000
NO_EXCLUDES = Excludes([".photosift-*"])


def write(path: Path, data: bytes, mtime_s: int = 1_600_000_000) -> Path:
    """A file with a time of long ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (mtime_s, mtime_s))
    return path


def tree(*folders: Path) -> dict[str, tuple[bytes, int]]:
    """Every file's bytes and time below these folders."""
    return {
        str(path): (path.read_bytes(), path.lstat().st_mtime_ns)
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


def contents(*folders: Path) -> list[bytes]:
    """What is in all files, whatever they are called."""
    return sorted(data for data, _ in tree(*folders).values())


class Sample:
    """A library with one root, `photos`, and a place to sort into, `sorted`."""

    def __init__(self, folder: Path, target: Path | None = None) -> None:
        self.folder = folder
        self.photos = folder / "photos"
        self.into = target or folder / "sorted"
        self.photos.mkdir(parents=True, exist_ok=True)
        self.open()

    def open(self) -> None:
        """Open, as after a start."""
        self.catalog = Catalog.open(self.folder / "data" / "catalog.db")
        self.sorting = Sorting(self.catalog, self.folder / "data")
        self.filing = Filing(self.catalog, lambda: NO_EXCLUDES, self.folder / "data")

    def close(self) -> None:
        self.catalog.close()

    def add(self, *names: str, data: Callable[[str], bytes] | None = None) -> list[PhotoId]:
        """Write files below the root; the candidates among them become known and read."""
        make = data or _bytes_of
        for number, name in enumerate(names):
            write(self.photos / name, make(name), 1_600_000_000 + number)
        self.look()
        found = (self.catalog.photos.find(self.photos / name) for name in names)
        return [photo_id for photo_id in found if photo_id is not None]

    def look(self) -> None:
        """What a start does: reconcile, then read what is unread."""
        if not self.catalog.roots.all():
            self.catalog.roots.add(self.photos)
        drain(reconcile(self.catalog, NO_EXCLUDES, own=self.folder / "data"))
        self.read()

    def read(self) -> int:
        """Stand in for indexing: know every file's hash. Returns how many had to be read."""
        rows = self.catalog.photos.to_read()
        for row in rows:
            content = PhotoContent(
                hashlib.blake2b(row.path.read_bytes(), digest_size=32).digest(), 4, 3, "JPEG"
            )
            self.catalog.photos.set_content(
                row.photo_id, content, row.size, row.mtime_ns, row.dev, row.ino,
                row.mtime_ns + 60 * SECOND,
            )  # fmt: skip
        return len(rows)

    def root_id(self) -> RootId:
        return self.catalog.roots.all()[0].id

    def plan(
        self,
        categories: Mapping[PhotoId, str | None],
        mode: SortMode = SortMode.MOVE,
        **rule: object,
    ) -> SortPlan:
        """A plan that puts each photo into its category."""
        names = tuple(dict.fromkeys(c for c in categories.values() if c is not None))
        full = SortRule(names, self.into, mode, **rule)  # pyright: ignore[reportArgumentType]
        return self.sorting.plan(assigned(categories), full)

    def apply(self, plan: SortPlan) -> FilingReport:
        return drain(self.filing.apply(plan))

    def undo(self) -> FilingReport:
        """The newest run."""
        return drain(self.filing.undo(self.filing.runs()[0].id))

    def paths(self) -> dict[PhotoId, Path]:
        """Where the catalog thinks that its present photos are."""
        rows = self.catalog.photos.known(self.root_id())
        return {row.photo_id: row.path for row in rows if row.state.value == "present"}


def assigned(categories: Mapping[PhotoId, str | None]) -> list[Assignment]:
    """Assignments without a doubt."""
    return [Assignment(photo, category, 0.9, None, 0.8) for photo, category in categories.items()]


def leftovers(*folders: Path) -> list[Path]:
    """Our own unfinished files."""
    return [path for folder in folders for path in folder.rglob(".photosift-*")]


def listed(folder: Path) -> Sequence[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def seen_below(root: Path) -> Iterator[bytes]:
    return (file.relpath for file in scan(root, NO_EXCLUDES))


def emptied(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def _bytes_of(name: str) -> bytes:
    return b"the bytes of " + os.fsencode(name)
