"""The sidecars of photos: which there are, when they were read, and what they tell."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from engine.catalog import file_facts
from engine.catalog.photo_rows import (
    FROM_PHOTO,
    KNOWN_COLUMNS,
    KnownFile,
    below,
    known_files,
    place,
    text,
)
from engine.catalog.store import Store
from engine.types import Aspect, PhotoId, PhotoMetadata, RootId


class SidecarKey(NamedTuple):
    """A photo's sidecar of one of its two names; `whole` is IMG.CR2.xmp, which outweighs."""

    photo_id: PhotoId
    whole: bool


@dataclass(frozen=True, slots=True)
class SidecarSeen:
    """A sidecar as the scan saw it; `again`: it is to be read whatever is known of it."""

    key: SidecarKey
    name: bytes
    size: int
    mtime_ns: int
    again: bool = False


@dataclass(frozen=True, slots=True)
class KnownSidecar:
    """A sidecar as the catalog knows it; `read_ns` is None while it is to be read."""

    key: SidecarKey
    name: bytes
    size: int
    mtime_ns: int
    read_ns: int | None


@dataclass(frozen=True, slots=True)
class SidecarRead:
    """What reading a sidecar gave.

    `facts` are those of `files/xmp_facts.py`; with `trouble`, the end of a sentence, those that
    were known stay.
    """

    keys: tuple[SidecarKey, ...]
    size: int
    mtime_ns: int
    read_ns: int
    content_hash: bytes | None
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    trouble: str = ""


class Sidecars:
    """Rows of `sidecar`. IMG.xmp belongs to every IMG.*, so one file may have several rows."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def known(
        self, root_id: RootId, folder: bytes, recursive: bool
    ) -> dict[bytes, list[KnownSidecar]]:
        """The sidecars of living photos below a folder, by the folder that they lie in."""
        where, more = "f.relpath = ?", [folder]
        if recursive:
            where, more = ("1", []) if not folder else (
                "(f.relpath = ? OR (f.relpath > ? AND f.relpath < ?))", [folder, *below(folder)]
            )  # fmt: skip
        with self._store.read() as db:
            rows = db.execute(
                "SELECT f.relpath, s.photo_id, s.whole, s.name, s.size, s.mtime_ns, s.read_ns"  # noqa: S608
                " FROM sidecar s JOIN photo p ON p.id = s.photo_id"
                " JOIN folder f ON f.id = p.folder_id"
                f" WHERE p.state <> 'missing' AND f.root_id = ? AND {where}",
                (root_id, *more),
            ).fetchall()
        found: dict[bytes, list[KnownSidecar]] = {}
        for relpath, photo_id, whole, *rest in rows:
            key = SidecarKey(photo_id, bool(whole))
            found.setdefault(relpath, []).append(KnownSidecar(key, *rest))
        return found

    def owners(self, root_id: RootId, folder: bytes) -> list[tuple[PhotoId, bytes]]:
        """The living photos right in a folder, with their names."""
        with self._store.read() as db:
            return db.execute(
                "SELECT p.id, p.name FROM photo p JOIN folder f ON f.id = p.folder_id"
                " WHERE f.root_id = ? AND f.relpath = ? AND p.state <> 'missing'",
                (root_id, folder),
            ).fetchall()

    def follow(self, seen: Sequence[SidecarSeen], gone: Sequence[SidecarKey]) -> None:
        """Note what became of sidecars on the disk; changed ones are to be read.

        What a changed one told holds until then. What one told that is gone is taken back.
        """
        if not seen and not gone:
            return
        with self._store.write() as db:
            db.executemany(
                "INSERT INTO sidecar(photo_id, whole, name, size, mtime_ns)"
                " SELECT id, ?2, ?3, ?4, ?5 FROM photo WHERE id = ?1 ON CONFLICT DO UPDATE SET"
                " name = ?3, read_ns = iif((size, mtime_ns) = (?4, ?5) AND NOT ?6, read_ns, NULL),"
                " size = ?4, mtime_ns = ?5",
                [(*one.key, one.name, one.size, one.mtime_ns, one.again) for one in seen],
            )
            aspects = Aspect.FILE
            for key in gone:
                db.execute("DELETE FROM sidecar WHERE photo_id = ? AND whole = ?", key)
            for photo_id in dict.fromkeys(key.photo_id for key in gone):
                aspects |= file_facts.refresh(db, photo_id, anew=False)
            if gone:
                aspects |= Aspect.PROBLEM
            self._store.changed(
                {key.photo_id for key in (*gone, *(one.key for one in seen))}, aspects
            )

    def to_read(self) -> list[tuple[Path, tuple[SidecarKey, ...]]]:
        """Sidecars within reach that are to be read, with all photos that each belongs to."""
        with self._store.read() as db:
            rows = db.execute(
                "SELECT r.path, f.relpath, s.name, s.photo_id, s.whole"
                " FROM sidecar s INDEXED BY sidecar_unread"
                " JOIN photo p ON p.id = s.photo_id JOIN folder f ON f.id = p.folder_id"
                " JOIN root r ON r.id = f.root_id WHERE s.read_ns IS NULL"
                " AND p.state <> 'missing' AND r.online AND r.forgotten_at IS NULL"
                " ORDER BY s.photo_id"
            ).fetchall()
        found: dict[Path, list[SidecarKey]] = {}
        for root, folder, name, photo_id, whole in rows:
            found.setdefault(place(root, folder, name), []).append(
                SidecarKey(photo_id, bool(whole))
            )
        return [(path, tuple(keys)) for path, keys in found.items()]

    def put(self, reads: Iterable[SidecarRead]) -> None:
        """Note what sidecars tell, and let photos say it."""
        changed: set[PhotoId] = set()
        aspects = Aspect.FILE
        with self._store.write() as db:
            for one in reads:
                stamp = (one.size, one.mtime_ns, one.read_ns, one.content_hash, text(one.trouble))
                for key in one.keys:
                    if one.trouble:
                        done = db.execute(
                            "UPDATE sidecar SET (size, mtime_ns, read_ns, content_hash, trouble)"
                            " = (?, ?, ?, ?, ?) WHERE photo_id = ? AND whole = ?",
                            (*stamp, *key),
                        )
                        aspects |= Aspect.PROBLEM
                    else:
                        facts = json.dumps(dict(one.facts), separators=(",", ":"))
                        done = db.execute(
                            "UPDATE sidecar SET (size, mtime_ns, read_ns, content_hash, trouble,"
                            " facts) = (?, ?, ?, ?, ?, ?) WHERE photo_id = ? AND whole = ?",
                            (*stamp, text(facts), *key),
                        )
                        aspects |= Aspect.PROBLEM | file_facts.refresh(db, key.photo_id)
                    if done.rowcount:
                        changed.add(key.photo_id)
            if changed:
                self._store.changed(changed, aspects)

    # ---- what the photo's own file says ------------------------------------------------------

    def facts_unread(self) -> list[KnownFile]:
        """Photos whose file is to be asked once more what it says of itself, not for pixels."""
        with self._store.read() as db:
            return known_files(
                db.execute(
                    f"SELECT {KNOWN_COLUMNS} {FROM_PHOTO} JOIN facts_unread u ON u.photo_id = p.id"
                    " WHERE p.state = 'present' AND p.read_ns IS NOT NULL"
                    " AND r.online AND r.forgotten_at IS NULL ORDER BY p.id"
                )
            )

    def put_facts(self, read: Mapping[PhotoId, PhotoMetadata | None]) -> None:
        """What files say of themselves; None: it is not to be known (any more)."""
        with self._store.write() as db:
            aspects = Aspect(0)
            for photo_id, metadata in read.items():
                if metadata is not None:
                    aspects |= file_facts.refresh(db, photo_id, metadata)
                db.execute("DELETE FROM facts_unread WHERE photo_id = ?", (photo_id,))
            if aspects:
                self._store.changed(read, aspects)
