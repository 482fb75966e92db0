"""Facts that a photo was given besides those its file tells: they outlive reading the file again.

Given by a clearing (`given_fact`) or said by the user (`mark`). `own_facts` holds what the file
says for as long as there are such; `metadata` is always what all make together, so nobody who asks
need know of them. What was given or said last holds.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from engine.catalog.photo_rows import metadata_from, metadata_json
from engine.file_types import RunId
from engine.types import PhotoId, PhotoMetadata

SAID = ("rating", "caption", "title")
"""Marks of the user's that stand in the place of what a file says."""

_IDS = "(SELECT value FROM json_each(?1))"
_NAMES = "('rating', 'caption', 'title')"


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
    _tell_sidecar(db, photo_id)
    return True


def take_back(db: sqlite3.Connection, run_id: RunId, photo_id: PhotoId) -> bool:
    """Take from a photo what a run gave it. Returns: whether there was anything."""
    done = db.execute(
        "DELETE FROM given_fact WHERE photo_id = ? AND run_id = ?", (photo_id, run_id)
    )
    if not done.rowcount:
        return False
    _write(db, photo_id)
    _tell_sidecar(db, photo_id)
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


def only_own(db: sqlite3.Connection, photo_id: PhotoId) -> None:
    """Let `metadata` hold nothing but what the photo's file says."""
    db.execute(
        "UPDATE metadata SET facts = o.facts FROM own_facts o"
        " WHERE o.photo_id = metadata.photo_id AND o.photo_id = ?",
        (photo_id,),
    )


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


def said(db: sqlite3.Connection, ids: Sequence[PhotoId]) -> None:
    """The user's marks of these photos were changed: bring `metadata` up to date.

    Cost: .1 s for 10,000.
    """
    asked = (json.dumps(list(ids)),)
    db.execute(
        "INSERT OR IGNORE INTO own_facts SELECT p.id, coalesce(m.facts, '{}') FROM photo p"  # noqa: S608
        f" LEFT JOIN metadata m ON m.photo_id = p.id WHERE p.id IN {_IDS}"
        f" AND EXISTS (SELECT 1 FROM mark WHERE photo_id = p.id AND name IN {_NAMES})",
        asked,
    )
    # No star and no word is what a file says that says nothing.
    db.execute(
        "INSERT OR REPLACE INTO metadata SELECT o.photo_id, json_patch(o.facts,"  # noqa: S608
        " (SELECT json_group_object(k.name, iif(k.value IN (0, ''), NULL, k.value)) FROM mark k"
        f" WHERE k.photo_id = o.photo_id AND k.name IN {_NAMES}))"
        f" FROM own_facts o WHERE o.photo_id IN {_IDS}"
        " AND NOT EXISTS (SELECT 1 FROM given_fact WHERE photo_id = o.photo_id)",
        asked,
    )
    for (photo_id,) in db.execute(
        f"SELECT DISTINCT photo_id FROM given_fact WHERE photo_id IN {_IDS}",  # noqa: S608
        asked,
    ).fetchall():
        _write(db, photo_id)
    db.execute(
        f"DELETE FROM own_facts WHERE photo_id IN {_IDS}"  # noqa: S608
        " AND NOT EXISTS (SELECT 1 FROM given_fact g WHERE g.photo_id = own_facts.photo_id)"
        " AND NOT EXISTS (SELECT 1 FROM mark k WHERE k.photo_id = own_facts.photo_id"
        f"  AND k.name IN {_NAMES})",
        asked,
    )


def _tell_sidecar(db: sqlite3.Connection, photo_id: PhotoId) -> None:
    """Other programs are to hear of it too; for marks and tags triggers see to that."""
    db.execute(
        "INSERT INTO sidecar_due(photo_id, change) VALUES (?, 1)"
        " ON CONFLICT(photo_id) DO UPDATE SET change = change + 1, reason = ''",
        (photo_id,),
    )


def _write(db: sqlite3.Connection, photo_id: PhotoId) -> None:
    """Bring `metadata` and the place of a photo up to date with its own and its given facts."""
    row = db.execute("SELECT facts FROM own_facts WHERE photo_id = ?", (photo_id,)).fetchone()
    if row is None:
        return
    facts = metadata_from(row[0])
    given = db.execute(
        "SELECT r.created_at, r.id, g.name, g.value FROM given_fact g"
        " JOIN filing_run r ON r.id = g.run_id WHERE g.photo_id = ?",
        (photo_id,),
    ).fetchall()
    marks = db.execute(
        f"SELECT said_at, name, value FROM mark WHERE photo_id = ? AND name IN {_NAMES}",  # noqa: S608
        (photo_id,),
    ).fetchall()
    steps: dict[tuple[float, int], dict[str, Any]] = {}
    for at, run_id, name, value in given:
        steps.setdefault((at, run_id), {})[name] = json.loads(value)
    for at, name, value in marks:
        steps.setdefault((at, 0), {})[name] = value or None
    for (_, run_id), step in sorted(steps.items()):
        facts = together(facts, step) if run_id else replace(facts, **step)
    db.execute("INSERT OR REPLACE INTO metadata VALUES (?, ?)", (photo_id, metadata_json(facts)))
    db.execute(
        "UPDATE photo SET latitude = ?, longitude = ? WHERE id = ?",
        (facts.latitude, facts.longitude, photo_id),
    )
    if not steps:
        db.execute("DELETE FROM own_facts WHERE photo_id = ?", (photo_id,))
