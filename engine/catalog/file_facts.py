"""What a photo's file and its sidecars say together. A sidecar outweighs the file, by field."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple, TypeAlias

from engine.catalog import file_tags, given_facts
from engine.catalog.photo_rows import (
    camera_of,
    date_key,
    metadata_from,
    metadata_json,
    wall_clock,
)
from engine.types import Aspect, PhotoId, PhotoMetadata

Told: TypeAlias = Sequence[tuple[bytes, Mapping[str, Any]]]
"""Names of sidecars and what they tell, the one that outweighs first."""

_TOGETHER = (  # fields of which one without the other would be false
    ("latitude", "longitude", "altitude_m"),
    ("taken_at", "utc_offset", "subsecond"),
)
_FIELDS = (("rating",), ("title",), ("caption",), ("keywords",), *_TOGETHER)


def merged(embedded: PhotoMetadata, told: Told) -> tuple[PhotoMetadata, dict[str, bytes]]:
    """What a file and its sidecars say together.

    Returns:
        The facts, and by field the name of the sidecar that tells it.
    """
    facts, by = embedded, dict[str, bytes]()
    for fields in _FIELDS:
        for name, said in told:
            if said.get(fields[0]) is None:
                continue
            values = {field: _value(said.get(field)) for field in fields}
            if fields[0] == "taken_at" and values["taken_at"] == embedded.taken_at:
                # The same moment: what the camera knew more of it stays.
                values["utc_offset"] = values["utc_offset"] or embedded.utc_offset
                values["subsecond"] = embedded.subsecond
            facts = replace(facts, **values)
            by.update(dict.fromkeys(fields, name))
            break
    if facts.taken_at is None:
        for name, said in told:
            if "created_at" in said:
                at, offset = said["created_at"]
                facts = replace(facts, taken_at=at, utc_offset=offset)
                by["taken_at"] = by["utc_offset"] = name
                break
    return facts, by


def _value(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def told_by(db: sqlite3.Connection, photo_id: PhotoId) -> Told:
    """What the sidecars of a photo tell."""
    return [
        (name, json.loads(facts))
        for name, facts in db.execute(
            "SELECT name, facts FROM sidecar WHERE photo_id = ? ORDER BY whole DESC", (photo_id,)
        )
    ]


class Sources(NamedTuple):
    """Which sidecars a photo has, and what each tells of it; `by` is field and name."""

    sidecars: tuple[bytes, ...]
    by: tuple[tuple[str, bytes], ...]
    trouble: str  # one sentence where one of them cannot be read


def sources(db: sqlite3.Connection, photo_id: PhotoId) -> Sources:
    """Where the facts of a photo come from; what the user said himself is no sidecar's."""
    rows = db.execute(
        "SELECT name, trouble FROM sidecar WHERE photo_id = ? ORDER BY whole DESC", (photo_id,)
    ).fetchall()
    if not rows:
        return Sources((), (), "")
    embedded = db.execute("SELECT facts FROM embedded_facts WHERE photo_id = ?", (photo_id,))
    _, by = merged(metadata_from((embedded.fetchone() or ("{}",))[0]), told_by(db, photo_id))
    for (said,) in db.execute("SELECT name FROM mark WHERE photo_id = ?", (photo_id,)):
        by.pop(said, None)
    broken = [f"Its sidecar {os.fsdecode(name)} {trouble}." for name, trouble in rows if trouble]
    return Sources(tuple(row[0] for row in rows), tuple(sorted(by.items())), " ".join(broken))


def with_sidecars(
    db: sqlite3.Connection, photo_id: PhotoId, embedded: PhotoMetadata
) -> PhotoMetadata:
    """What is to be kept of a photo whose own file says this; the file's own words are noted."""
    told = told_by(db, photo_id)
    if told:
        db.execute(
            "INSERT OR REPLACE INTO embedded_facts VALUES (?, ?)",
            (photo_id, metadata_json(embedded)),
        )
        return merged(embedded, told)[0]
    db.execute("DELETE FROM embedded_facts WHERE photo_id = ?", (photo_id,))
    return embedded


def keep(
    db: sqlite3.Connection,
    photo_id: PhotoId,
    facts: PhotoMetadata,
    embedded: PhotoMetadata,
    *,
    anew: bool = True,
) -> Aspect:
    """Note what file and sidecars say; what the user said and gave stays above it.

    Args:
        db: the catalog, writing.
        photo_id: the photo; its row has the date and the place already.
        facts: of `with_sidecars`.
        embedded: what the photo's file alone says.
        anew: as for `file_tags.carry`.

    Returns:
        What changed besides the facts.
    """
    db.execute("INSERT OR REPLACE INTO metadata VALUES (?, ?)", (photo_id, metadata_json(facts)))
    given_facts.reread(db, photo_id)
    changed = file_tags.carry(db, photo_id, facts.keywords, embedded.keywords, anew=anew)
    return Aspect.TAG if changed else Aspect(0)


def refresh(
    db: sqlite3.Connection,
    photo_id: PhotoId,
    embedded: PhotoMetadata | None = None,
    *,
    anew: bool = True,
) -> Aspect:
    """A photo's sidecars changed, or its file was asked once more (`embedded`)."""
    row = db.execute(
        "SELECT coalesce(e.facts, o.facts, m.facts, '{}'), p.mtime_ns FROM photo p"
        " LEFT JOIN embedded_facts e ON e.photo_id = p.id"
        " LEFT JOIN own_facts o ON o.photo_id = p.id"
        " LEFT JOIN metadata m ON m.photo_id = p.id WHERE p.id = ?",
        (photo_id,),
    ).fetchone()
    if row is None:
        return Aspect(0)
    embedded = metadata_from(row[0]) if embedded is None else embedded
    facts = with_sidecars(db, photo_id, embedded)
    taken_at = None if wall_clock(facts.taken_at) is None else facts.taken_at
    db.execute(
        "UPDATE photo SET taken_at = ?, camera = ?, latitude = ?, longitude = ?, date_key = ?"
        " WHERE id = ?",
        (
            taken_at, camera_of(facts), facts.latitude, facts.longitude,
            date_key(taken_at, row[1]), photo_id,
        ),
    )  # fmt: skip
    return keep(db, photo_id, facts, embedded, anew=anew) | Aspect.FILE | Aspect.MARK


def move(db: sqlite3.Connection, old: PhotoId, new: PhotoId, *, read: bool) -> None:
    """Give `old` the sidecars of `new`, and with `read` what the file of `new` says itself."""
    db.execute("DELETE FROM sidecar WHERE photo_id = ?", (old,))
    db.execute("UPDATE sidecar SET photo_id = ? WHERE photo_id = ?", (old, new))
    if read:
        db.execute("DELETE FROM embedded_facts WHERE photo_id = ?", (old,))
        db.execute("UPDATE embedded_facts SET photo_id = ? WHERE photo_id = ?", (old, new))
    file_tags.move_refused(db, old, new)
