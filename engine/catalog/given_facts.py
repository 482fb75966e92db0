"""Facts that a photo was given besides those its file tells: they outlive reading the file again.

`own_facts` holds what the file says for as long as `given_fact` has rows for a photo; `metadata`
is always what both make together, so nobody who asks need know of either.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.catalog.photo_rows import metadata_from, metadata_json
from engine.file_types import RunId
from engine.types import PhotoId, PhotoMetadata


def give(
    db: sqlite3.Connection, run_id: RunId, photo_id: PhotoId, facts: Mapping[str, Any]
) -> bool:
    """Give a photo facts; those of its file stay. Returns: whether there were any."""
    row = db.execute("SELECT 1 FROM photo WHERE id = ?", (photo_id,)).fetchone()
    if not facts or row is None:
        return False
    db.execute(
        "INSERT OR IGNORE INTO own_facts SELECT ?1, coalesce((SELECT facts FROM metadata"
        " WHERE photo_id = ?1), '{}')",
        (photo_id,),
    )
    db.executemany(
        "INSERT OR REPLACE INTO given_fact VALUES (?, ?, ?, ?)",
        [(photo_id, run_id, name, json.dumps(value)) for name, value in facts.items()],
    )
    _write(db, photo_id)
    return True


def take_back(db: sqlite3.Connection, run_id: RunId, photo_id: PhotoId) -> bool:
    """Take from a photo what a run gave it. Returns: whether there was anything."""
    done = db.execute(
        "DELETE FROM given_fact WHERE photo_id = ? AND run_id = ?", (photo_id, run_id)
    )
    if not done.rowcount:
        return False
    _write(db, photo_id)
    return True


def reread(db: sqlite3.Connection, photo_id: PhotoId) -> None:
    """The photo's metadata were just written from its file: add what it was given."""
    done = db.execute(
        "UPDATE own_facts SET facts = coalesce((SELECT facts FROM metadata WHERE photo_id = ?1),"
        " '{}') WHERE photo_id = ?1",
        (photo_id,),
    )
    if done.rowcount:
        _write(db, photo_id)


def together(own: PhotoMetadata, given: Mapping[str, Any]) -> PhotoMetadata:
    """A file's own facts and others: they fill what lacks, the higher rating holds."""
    found = own
    if (given.get("rating") or 0) > (own.rating or 0):
        found = replace(found, rating=given["rating"])
    for name in ("caption", "title"):
        if given.get(name) and not getattr(own, name):
            found = replace(found, **{name: given[name]})
    if given.get("place") and own.latitude is None:
        latitude, longitude = given["place"]
        found = replace(found, latitude=latitude, longitude=longitude)
    if given.get("keywords"):
        more = dict.fromkeys((*own.keywords, *given["keywords"]))
        found = replace(found, keywords=tuple(more))
    return found


def _write(db: sqlite3.Connection, photo_id: PhotoId) -> None:
    """Bring `metadata` and the place of a photo up to date with its own and its given facts."""
    row = db.execute("SELECT facts FROM own_facts WHERE photo_id = ?", (photo_id,)).fetchone()
    if row is None:
        return
    facts = metadata_from(row[0])
    given = db.execute(
        "SELECT run_id, name, value FROM given_fact WHERE photo_id = ? ORDER BY run_id",
        (photo_id,),
    ).fetchall()
    by_run: dict[int, dict[str, Any]] = {}
    for run_id, name, value in given:
        by_run.setdefault(run_id, {})[name] = json.loads(value)
    for of_run in by_run.values():
        facts = together(facts, of_run)
    db.execute("INSERT OR REPLACE INTO metadata VALUES (?, ?)", (photo_id, metadata_json(facts)))
    db.execute(
        "UPDATE photo SET latitude = ?, longitude = ? WHERE id = ?",
        (facts.latitude, facts.longitude, photo_id),
    )
    if not given:
        db.execute("DELETE FROM own_facts WHERE photo_id = ?", (photo_id,))
