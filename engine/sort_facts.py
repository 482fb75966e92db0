"""What a sort has to know of the disk and the catalog before it can be planned."""

from __future__ import annotations

import os
import re
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from engine.errors import PhotoUnreadable
from engine.file_types import Fate, PlannedFile, SortMode, SortRule
from engine.files.companions import Bundle, bundles
from engine.files.disk import reason
from engine.files.names import folded
from engine.files.source import modified_ns
from engine.files.transfer import fingerprint
from engine.types import Photo, PhotoId, PhotoState, Root

if TYPE_CHECKING:
    from engine.catalog import Catalog, KnownFile

_READ_AT_MOST = 256 << 20  # bytes of files at the target that are compared while planning
_NUMBER = re.compile(r" \(\d+\)(?=(\.[^.]*)*$)")
_DEEP = 2  # year/year-month below a category's folder


@dataclass(frozen=True, slots=True)
class SourceBundle:
    """A photo with all that goes along with it, as it lies on the disk."""

    photo_ids: tuple[PhotoId, ...]  # all of the assigned ones
    files: tuple[PlannedFile, ...]
    names: tuple[str, ...]
    stems: tuple[tuple[str, int], ...]  # names with the length that a number goes behind
    keys: tuple[str, ...]  # folded names
    folder: str  # links resolved
    size: int
    date: str  # "2024-05-01"
    dev: int
    trouble: tuple[Fate, str] | None = None


class Existing(NamedTuple):
    """A file at a target folder; its hash only where a source might be the same."""

    name: str
    size: int
    content_hash: bytes | None


@dataclass(frozen=True, slots=True)
class SortFacts:
    """A picture of disk and catalog; planning from it touches neither."""

    into: Path  # links resolved
    sources: Mapping[PhotoId, SourceBundle]
    tops: Mapping[str, tuple[str, str]]  # folded name in `into` → name, "folder"|"link"|"file"
    existing: Mapping[str, Mapping[str, Existing]]  # by folder's path, then by folded name
    links: frozenset[str]  # folders below `into` that lead elsewhere
    dev: int
    free_bytes: int
    notes: tuple[str, ...] = ()
    refusal: str = ""
    photos: Mapping[PhotoId, Photo] = field(default_factory=dict[PhotoId, Photo])


def gather(
    catalog: Catalog, own: Path, ids: Sequence[PhotoId], rule: SortRule, folders: Iterable[str]
) -> SortFacts:
    """Look at the photos' folders and at the target; nothing is changed.

    Args:
        catalog: what we know.
        own: the library's data folder, which no photo may go to.
        ids: the photos to sort.
        rule: for its folder.
        folders: names of the categories' folders.

    Cost: one listing per folder; .5 s for 10,000 photos on a local disk. Where files of the same
    name and size lie at the target and are not in the catalog, up to 256 MB are read.
    """
    written = Path(os.path.abspath(rule.into))  # noqa: PTH100 - links are resolved knowingly below
    into = Path(os.path.realpath(written))
    notes: list[str] = []
    if into != written:
        notes.append(f"{written} is a link; the photos go to {into}.")
    photos = {photo.id: photo for photo in catalog.photos.page(ids, None)}
    sources = bundles_with(catalog, photos)
    tops, existing, links = _target(into, {folded(name): name for name in folders})
    wanted: dict[str, set[int]] = defaultdict(set)
    for bundle in {id(bundle): bundle for bundle in sources.values()}.values():
        if bundle.trouble is not None:
            continue
        for key, file in zip(bundle.keys, bundle.files, strict=True):
            wanted[key].add(file.size)
    nearest = next((p for p in (into, *into.parents) if p.is_dir()), Path(into.anchor))
    try:
        dev, free = nearest.stat().st_dev, shutil.disk_usage(nearest).free
    except OSError:
        dev, free = 0, 0
    notes += _about_roots(catalog.roots.all(), into, rule.mode)
    return SortFacts(
        into=into,
        sources=sources,
        tops=tops,
        existing=_with_hashes(catalog, existing, wanted),
        links=frozenset(links),
        dev=dev,
        free_bytes=free,
        notes=tuple(notes),
        refusal=refusal(into, nearest, own),
        photos=photos,
    )


# ---- sources -------------------------------------------------------------------------------------


def bundles_with(catalog: Catalog, photos: Mapping[PhotoId, Photo]) -> dict[PhotoId, SourceBundle]:
    """The bundle of every photo; a photo that cannot be had has one with its trouble."""
    by_folder: dict[Path, list[Photo]] = defaultdict(list)
    for photo in photos.values():
        by_folder[photo.path.parent].append(photo)
    roots = {root.id: root.path for root in catalog.roots.all()}
    found: dict[PhotoId, SourceBundle] = {}
    for folder, held in by_folder.items():
        stats, trouble = plain_files(folder)
        root = roots.get(held[0].root_id)
        known: dict[str, KnownFile] = {}
        if root is not None:
            relative = os.fsencode(folder.relative_to(root).as_posix())
            rows = catalog.photos.known(
                held[0].root_id, b"" if relative == b"." else relative, recursive=False
            )
            known = {
                os.fsdecode(row.relpath.rpartition(b"/")[2]): row
                for row in rows
                if row.state is not PhotoState.MISSING
            }
        real = os.path.realpath(folder)
        of_name = {name: bundle for bundle in bundles(stats) for name in bundle.names}
        made: dict[int, SourceBundle] = {}
        wanted = {photo.name: photo for photo in held}
        for photo in held:
            bundle = of_name.get(photo.name)
            wrong = _trouble(photo, there=photo.name in stats, folder_trouble=trouble)
            if bundle is None or wrong is not None:
                found[photo.id] = _alone(photo, real, wrong or (Fate.MISSING, ""))
                continue
            if id(bundle) not in made:
                members = [wanted[name] for name in bundle.names if name in wanted]
                made[id(bundle)] = _bundle(bundle, folder, real, stats, known, members)
            found[photo.id] = made[id(bundle)]
    return found


def plain_files(folder: Path) -> tuple[dict[str, os.stat_result], str]:
    """The plain files in a folder; why it cannot be looked at."""
    found: dict[str, os.stat_result] = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                try:
                    if entry.is_file(follow_symlinks=False):
                        # On Windows only a fresh stat knows the file's identity.
                        found[entry.name] = (
                            os.lstat(entry.path)
                            if os.name == "nt"
                            else entry.stat(follow_symlinks=False)
                        )
                except OSError:
                    continue
    except FileNotFoundError:
        return {}, ""
    except OSError as error:
        return {}, f"Its folder cannot be read: {reason(error)}."
    return found, ""


def _trouble(photo: Photo, *, there: bool, folder_trouble: str) -> tuple[Fate, str] | None:
    if not photo.online:
        return Fate.OFFLINE, "Its drive or folder is not there."
    if folder_trouble:
        return Fate.UNREADABLE, folder_trouble
    if photo.state is PhotoState.MISSING or not there:
        return Fate.MISSING, "Its file is not there any more."
    if photo.state is PhotoState.UNREADABLE:
        return Fate.UNREADABLE, "Its file cannot be read."
    return None


def _alone(photo: Photo, folder: str, trouble: tuple[Fate, str]) -> SourceBundle:
    name = photo.name
    return SourceBundle(
        (photo.id,), (), (name,), ((name, len(name)),), (folded(name),), folder, 0, _date(photo),
        0, trouble,
    )  # fmt: skip


def _bundle(
    bundle: Bundle,
    folder: Path,
    real: str,
    stats: Mapping[str, os.stat_result],
    known: Mapping[str, KnownFile],
    photos: Sequence[Photo],
) -> SourceBundle:
    files: list[PlannedFile] = []
    for name in bundle.names:
        info, row = stats[name], known.get(name)
        if row is not None and row.content_hash is not None and row.read_ns is not None:
            # As the catalog knows it: what was changed since is noticed when it is filed.
            stamp = row.size, row.mtime_ns, row.dev, row.ino
        else:
            stamp = info.st_size, modified_ns(info), info.st_dev, info.st_ino
        digest = row.content_hash if row and row.read_ns is not None else None
        photo_id = row.photo_id if row else None
        files.append(PlannedFile(folder / name, name, *stamp, digest, photo_id))
    return SourceBundle(
        photo_ids=tuple(photo.id for photo in photos),
        files=tuple(files),
        names=bundle.names,
        stems=tuple((member.name, member.stem) for member in bundle.members),
        keys=tuple(folded(name) for name in bundle.names),
        folder=real,
        size=sum(stats[name].st_size for name in bundle.names),
        date=_date(photos[0]),
        dev=stats[bundle.names[0]].st_dev,
    )


def _date(photo: Photo) -> str:
    """The day of the camera, else of the file."""
    if photo.taken_at is not None and len(photo.taken_at) >= len("2024-05-01"):
        return photo.taken_at[:10]
    try:
        return datetime.fromtimestamp(photo.mtime_ns / 1e9).strftime("%Y-%m-%d")  # noqa: DTZ006 - the user's own day
    except (ValueError, OverflowError, OSError):
        return "1970-01-01"


# ---- the target ----------------------------------------------------------------------------------

_Files = dict[str, dict[str, Existing]]


def _target(
    into: Path, wanted: Mapping[str, str]
) -> tuple[dict[str, tuple[str, str]], _Files, set[str]]:
    """What lies in `into`, and in those of its folders that a category has."""
    tops: dict[str, tuple[str, str]] = {}
    existing: _Files = {}
    links: set[str] = set()
    for name, kind, _ in _entries(str(into)):
        key = folded(name)
        if key not in tops or wanted.get(key) == name:  # of Cats and cats the very one
            tops[key] = name, kind
        if key in wanted and kind == "link":
            links.add(str(into / name))
        elif key in wanted and kind == "folder":
            _walk(str(into / name), _DEEP, existing, links)
    return tops, existing, links


def _walk(folder: str, deeper: int, existing: _Files, links: set[str]) -> None:
    held: dict[str, Existing] = {}
    for name, kind, size in _entries(folder):
        path = os.path.join(folder, name)  # noqa: PTH118 - tens of thousands of them
        held[folded(name)] = Existing(name, size if kind == "file" else -1, None)
        if kind == "folder" and deeper:
            _walk(path, deeper - 1, existing, links)
        elif kind == "link":
            links.add(path)
    existing[folder] = held


def _entries(folder: str) -> list[tuple[str, str, int]]:
    """Name, kind and size of all in a folder; an unreadable one says so when it is written to."""
    found: list[tuple[str, str, int]] = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.is_symlink():
                    found.append((entry.name, "link", -1))
                elif entry.is_dir(follow_symlinks=False):
                    found.append((entry.name, "folder", -1))
                else:
                    found.append((entry.name, "file", entry.stat(follow_symlinks=False).st_size))
    except OSError:
        return found
    return found


def _with_hashes(catalog: Catalog, existing: _Files, wanted: Mapping[str, set[int]]) -> _Files:
    """Learn the content of those files that a source may be the same as."""
    left = _READ_AT_MOST
    for folder, held in existing.items():
        for key, file in held.items():
            plain = _NUMBER.sub("", key)  # as an earlier sort may have called it
            if file.size not in wanted.get(key, ()) and file.size not in wanted.get(plain, ()):
                continue
            path = Path(folder, file.name)
            digest = _known_hash(catalog, path, file.size)
            if digest is None and file.size <= left:
                left -= file.size
                digest = _read_hash(path)
            held[key] = file._replace(content_hash=digest)
    return existing


def _known_hash(catalog: Catalog, path: Path, size: int) -> bytes | None:
    photo_id = catalog.photos.find(path)
    if photo_id is None:
        return None
    found = catalog.photos.page([photo_id], None)
    try:
        info = path.lstat()
    except OSError:
        return None
    if found and (found[0].size, found[0].mtime_ns) == (size, modified_ns(info)):
        return found[0].content_hash
    return None


def _read_hash(path: Path) -> bytes | None:
    try:
        return fingerprint(path)
    except PhotoUnreadable:
        return None


def refusal(into: Path, nearest: Path, own: Path) -> str:
    """Why no photo can be put into a folder, one sentence; empty where they can."""
    real = Path(os.path.realpath(own))
    if into == real or real in into.parents:
        return f"{into} belongs to the library's own data; photos cannot be put there."
    if os.path.lexists(into) and not into.is_dir():
        return f"{into} is not a folder."
    if not os.access(nearest, os.W_OK | os.X_OK) or _is_read_only(nearest):
        return f"{nearest} cannot be written to."
    return ""


def _is_read_only(folder: Path) -> bool:
    look: Callable[[Path], object] | None = getattr(os, "statvfs", None)
    if look is None:
        return False
    try:
        return bool(getattr(look(folder), "f_flag", 0) & getattr(os, "ST_RDONLY", 1))
    except OSError:
        return False


def _about_roots(roots: Sequence[Root], into: Path, mode: SortMode) -> list[str]:
    """Whether what is put into the target stays in the library."""
    if mode is SortMode.ALBUM:
        return []
    for root in roots:
        real = Path(os.path.realpath(root.path))
        if real == into or real in into.parents:
            return [
                f"{into} lies in the watched folder {root.path}: its photos are in the library."
            ]
    if mode is SortMode.MOVE:
        return [
            f"{into} is not watched: moved photos are no longer shown, until the sort is undone"
            " or the folder is added."
        ]
    return [f"{into} is not watched: what is put there is not shown in the library."]
