"""Clearings of duplicates: what went to the trash for which keeper, and what keepers took over."""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from engine.catalog import given_facts
from engine.catalog.journal import CLEARING
from engine.catalog.photo_rows import metadata_from, path_from
from engine.catalog.store import Store
from engine.catalog.tag_rows import IDS, ensure_tag, path_parts, paths
from engine.duplicate_types import Clearing, ClearingId, DuplicateClass, Merge
from engine.file_types import RunId
from engine.types import Aspect, PhotoId, PhotoMetadata

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ClearedUnit:
    """A photo with its companions that went, and the keeper as it was verified right before."""

    bundle: int
    kind: DuplicateClass
    keep_id: PhotoId
    keep_path: Path
    keep_hash: bytes
    photo_id: PhotoId
    quarantined: bool = False


@dataclass(frozen=True, slots=True)
class Owned:
    """What a photo has that a keeper may take over."""

    tags: tuple[str, ...] = ()  # paths; the user's own and the file's, no machine's
    refused: frozenset[str] = frozenset()  # paths of tags that the user said it has not
    albums: tuple[str, ...] = ()
    metadata: PhotoMetadata = field(default_factory=PhotoMetadata)
    favourite: bool = False


class Clearings:
    """Kept beside the journal's steps, whose bundles these are."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def note(self, run_id: RunId, units: Sequence[ClearedUnit]) -> None:
        """Note units about to go, in the transaction that adds their steps."""
        with self._store.write() as db:
            db.executemany(
                "INSERT INTO clearing_unit VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                [
                    (
                        run_id, one.bundle, one.kind.value, one.keep_id,
                        os.fsencode(one.keep_path), one.keep_hash, one.photo_id,
                        int(one.quarantined),
                    )
                    for one in units
                ],
            )  # fmt: skip

    def change(self, run_id: RunId, unit: ClearedUnit) -> None:
        """A unit goes to the quarantine after all."""
        with self._store.write() as db:
            db.execute(
                "UPDATE clearing_unit SET quarantined = ? WHERE run_id = ? AND bundle = ?",
                (int(unit.quarantined), run_id, unit.bundle),
            )

    def units(self, run_id: RunId) -> dict[int, ClearedUnit]:
        """The units of a run by their bundle's number."""
        with self._store.read() as db:
            rows = db.execute(
                "SELECT bundle, kind, keep_id, keep_path, keep_hash, photo_id, quarantined"
                " FROM clearing_unit WHERE run_id = ? ORDER BY bundle",
                (run_id,),
            ).fetchall()
        return {
            row[0]: ClearedUnit(
                row[0], DuplicateClass(row[1]), row[2], path_from(row[3]), row[4], row[5],
                bool(row[6]),
            )
            for row in rows
        }  # fmt: skip

    def all(self) -> list[Clearing]:
        """Every clearing that put something into the trash, the newest first."""
        with self._store.read() as db:
            rows = db.execute(
                "SELECT r.id, r.created_at, count(DISTINCT s.bundle), sum(s.size),"
                " count(CASE WHEN s.state IN ('done', 'undoing', 'left', 'started') THEN 1 END)"
                " FROM filing_run r JOIN filing_step s ON s.run_id = r.id"
                " WHERE r.kind = ? AND s.state IN ('started', 'done', 'undoing', 'undone', 'left')"
                " GROUP BY r.id ORDER BY r.id DESC",
                (CLEARING,),
            ).fetchall()
        return [
            Clearing(ClearingId(row[0]), row[1], row[2], row[3], undone=row[4] == 0) for row in rows
        ]

    # ---- what keepers take over ---------------------------------------------------------------

    def owned(self, ids: Sequence[PhotoId]) -> dict[PhotoId, Owned]:
        """What these photos have. Cost: .2 s for 10,000."""
        asked = json.dumps(list(ids))
        with self._store.read() as db:
            by_tag = paths(db)
            tags = db.execute(
                "SELECT photo_id, tag_id FROM photo_tag WHERE source IN ('user', 'file')"  # noqa: S608
                f" AND photo_id IN {IDS}",
                (asked,),
            ).fetchall()
            refused = db.execute(
                "SELECT p.id, c.tag_id FROM photo p JOIN answer a"  # noqa: S608
                " ON a.content_hash = p.content_hash AND NOT a.accepted"
                " JOIN category c ON c.id = a.category_id AND c.tag_id IS NOT NULL"
                f" WHERE p.id IN {IDS}",
                (asked,),
            ).fetchall()
            unwanted = db.execute(
                f"SELECT photo_id, keyword FROM keyword_refused WHERE photo_id IN {IDS}",  # noqa: S608
                (asked,),
            ).fetchall()
            albums = db.execute(
                "SELECT p.photo_id, a.name FROM album_photo p JOIN album a ON a.id = p.album_id"  # noqa: S608
                f" WHERE p.photo_id IN {IDS} ORDER BY a.folded_name",
                (asked,),
            ).fetchall()
            facts = dict(
                db.execute(
                    f"SELECT photo_id, facts FROM metadata WHERE photo_id IN {IDS}",  # noqa: S608
                    (asked,),
                ).fetchall()
            )
            loved = db.execute(
                "SELECT photo_id FROM mark WHERE name = 'favourite' AND value = 1"  # noqa: S608
                f" AND photo_id IN {IDS}",
                (asked,),
            ).fetchall()
        favourites = {photo_id for (photo_id,) in loved}
        of_tags = _by_photo(tags)
        of_refused = _by_photo(refused)
        of_unwanted = _by_photo(unwanted)
        of_albums = _by_photo(albums)
        return {
            photo_id: Owned(
                tuple(sorted((by_tag[t] for t in of_tags.get(photo_id, ())), key=str.casefold)),
                frozenset(by_tag[t] for t in of_refused.get(photo_id, ()))
                | frozenset(of_unwanted.get(photo_id, ())),
                tuple(of_albums.get(photo_id, ())),
                metadata_from(facts.get(photo_id, "{}")),
                photo_id in favourites,
            )
            for photo_id in ids
        }

    def give(self, run_id: RunId, merge: Merge) -> None:
        """Let a keeper take over what a merge says."""
        keep = merge.keep
        with self._store.write() as db:
            if db.execute("SELECT 1 FROM photo WHERE id = ?", (keep,)).fetchone() is None:
                return
            aspects = Aspect(0)
            for tag in merge.tags:
                aspects |= Aspect.TAG if _put(db, run_id, keep, tag) else Aspect(0)
            for album in merge.albums:
                db.execute(
                    "INSERT OR IGNORE INTO album_photo SELECT id, ?, ?, 1 + ifnull((SELECT"
                    " max(place) FROM album_photo WHERE album_id = album.id), 0) FROM album"
                    " WHERE folded_name = ?",
                    (keep, run_id, album.casefold()),
                )
                aspects |= Aspect.ALBUM
            facts: dict[str, object] = {
                "rating": merge.rating,
                "caption": merge.caption,
                "title": merge.title,
                "place": merge.place,
                "keywords": list(merge.keywords),
            }
            known = {name: value for name, value in facts.items() if value}
            if merge.favourite:
                known["favourite"] = now = time.time()  # by which it is known again
                db.execute("INSERT OR REPLACE INTO mark VALUES (?, 'favourite', 1, ?)", (keep, now))
            if given_facts.give(db, run_id, keep, known):
                aspects |= Aspect.FILE | Aspect.MARK
            if aspects:
                self._store.changed([keep], aspects)

    def take_back(self, run_id: RunId, keep: PhotoId) -> None:
        """Take from a keeper what a run gave it; what the user changed since stays."""
        with self._store.write() as db:
            aspects = Aspect(0)
            rows = db.execute(
                "SELECT tag_id, added_at, before FROM merged_tag WHERE run_id = ? AND photo_id = ?",
                (run_id, keep),
            ).fetchall()
            for tag_id, added_at, before in rows:
                gone = db.execute(
                    "DELETE FROM photo_tag WHERE photo_id = ? AND tag_id = ? AND source = 'user'"
                    " AND added_at = ?",
                    (keep, tag_id, added_at),
                )
                if gone.rowcount and before is not None:
                    # The run that had put it may have been taken back itself.
                    db.execute(
                        "INSERT OR IGNORE INTO photo_tag SELECT ?1, ?2, ?3, ?4, ?5, ?6"
                        " WHERE ?4 IS NULL OR EXISTS (SELECT 1 FROM tag_run"
                        "  WHERE id = ?4 AND undone_at IS NULL)",
                        (keep, tag_id, *json.loads(before)),
                    )
                aspects |= Aspect.TAG
            db.execute("DELETE FROM merged_tag WHERE run_id = ? AND photo_id = ?", (run_id, keep))
            out = db.execute(
                "DELETE FROM album_photo WHERE run_id = ? AND photo_id = ?", (run_id, keep)
            )
            loved = db.execute(
                "SELECT value FROM given_fact WHERE photo_id = ? AND run_id = ?"
                " AND name = 'favourite'",
                (keep, run_id),
            ).fetchone()
            if loved is not None:
                db.execute(
                    "DELETE FROM mark WHERE photo_id = ? AND name = 'favourite' AND said_at = ?",
                    (keep, json.loads(loved[0])),
                )
            if given_facts.take_back(db, run_id, keep):
                aspects |= Aspect.FILE | Aspect.MARK
            if out.rowcount:
                aspects |= Aspect.ALBUM
            if aspects:
                self._store.changed([keep], aspects)


def _put(db: sqlite3.Connection, run_id: RunId, keep: PhotoId, tag: str) -> bool:
    """Put a tag on a keeper as the user's own; whether it had not been that before."""
    tag_id, _ = ensure_tag(db, path_parts(tag))
    row = db.execute(
        "SELECT source, run_id, score, added_at FROM photo_tag WHERE photo_id = ? AND tag_id = ?",
        (keep, tag_id),
    ).fetchone()
    if row is not None and row[0] == "user":
        return False
    now = time.time()
    db.execute(
        "INSERT OR REPLACE INTO photo_tag VALUES (?, ?, 'user', NULL, NULL, ?)",
        (keep, tag_id, now),
    )
    db.execute(
        "INSERT OR REPLACE INTO merged_tag VALUES (?, ?, ?, ?, ?)",
        (run_id, keep, tag_id, now, None if row is None else json.dumps(row)),
    )
    return True


def _by_photo(rows: Iterable[tuple[PhotoId, T]]) -> dict[PhotoId, list[T]]:
    found: dict[PhotoId, list[T]] = {}
    for photo_id, value in rows:
        found.setdefault(photo_id, []).append(value)
    return found
