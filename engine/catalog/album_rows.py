"""Between album rows and values: looked up, made, filled, and written back to undo with."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence
from typing import TypeAlias

from engine.catalog.photo_rows import HIDDEN_FOLDERS
from engine.file_types import RunId
from engine.mark_types import AlbumId
from engine.types import PhotoId

ALBUM_COLUMNS = "name, folded_name, created_at, query, arranged, place, run_id"
AlbumRow: TypeAlias = tuple[AlbumId, tuple[object, ...] | None]
MemberRow: TypeAlias = tuple[AlbumId, PhotoId, tuple[object, ...] | None]


def named(db: sqlite3.Connection, name: str) -> tuple[AlbumId, str] | None:
    """The album of this name, and its query."""
    return db.execute(
        "SELECT id, query FROM album WHERE folded_name = ?", (name.casefold(),)
    ).fetchone()


def check_free(db: sqlite3.Connection, name: str, but: AlbumId | None = None) -> None:
    """ValueError: another album than `but` has this name."""
    row = named(db, name)
    if row is not None and row[0] != but:
        raise ValueError(f"There is an album “{name}” already.")


def check_plain(db: sqlite3.Connection, album_id: AlbumId) -> None:
    """ValueError: photos cannot be put into this one."""
    if album_row(db, album_id)[3]:
        raise ValueError("A smart album finds its photos by itself; none can be put into it.")


def found_row(db: sqlite3.Connection, album_id: AlbumId) -> tuple[object, ...] | None:
    """An album as it is, None where it is not."""
    return db.execute(f"SELECT {ALBUM_COLUMNS} FROM album WHERE id = ?", (album_id,)).fetchone()  # noqa: S608


def album_row(db: sqlite3.Connection, album_id: AlbumId) -> tuple[object, ...]:
    """An album as it is. ValueError: it is not there."""
    row = found_row(db, album_id)
    if row is None:
        raise ValueError("This album is not there any more.")
    return row


def make_album(
    db: sqlite3.Connection, name: str, query: str, arranged: str, run_id: RunId | None
) -> AlbumId:
    """A new album, the last of all."""
    ((made,),) = db.execute(
        f"INSERT INTO album({ALBUM_COLUMNS}) SELECT ?, ?, ?, ?, ?, 1 + ifnull(max(place), 0), ?"  # noqa: S608
        " FROM album RETURNING id",
        (name, name.casefold(), time.time(), query, arranged, run_id),
    ).fetchall()
    return made


def put_photos(
    db: sqlite3.Connection, album_id: AlbumId, ids: Sequence[PhotoId], run_id: RunId | None
) -> None:
    """At the end, in this order."""
    db.execute(
        "INSERT OR IGNORE INTO album_photo(album_id, photo_id, run_id, place)"
        " SELECT ?1, j.value, ?2, j.key + 1 + ifnull((SELECT max(place) FROM album_photo"
        "  WHERE album_id = ?1), 0)"
        " FROM json_each(?3) j WHERE EXISTS (SELECT 1 FROM photo WHERE id = j.value)",
        (album_id, run_id, json.dumps(list(ids))),
    )


def members(
    db: sqlite3.Connection, album_id: AlbumId, ids: Sequence[PhotoId] | None = None
) -> tuple[MemberRow, ...]:
    """How these photos are in an album, or all that are."""
    found: dict[PhotoId, tuple[object, ...]] = {
        photo_id: (run_id, place)
        for photo_id, run_id, place in db.execute(
            "SELECT photo_id, run_id, place FROM album_photo WHERE album_id = ?1"
            " AND (?2 IS NULL OR photo_id IN (SELECT value FROM json_each(?2)))",
            (album_id, None if ids is None else json.dumps(list(ids))),
        )
    }
    asked = found if ids is None else dict.fromkeys(ids)
    return tuple((album_id, photo_id, found.get(photo_id)) for photo_id in asked)


def write_back(db: sqlite3.Connection, album_id: AlbumId, row: tuple[object, ...]) -> None:
    """An album as it was; its name with a number where another has it by now."""
    name, number = str(row[0]), 1
    while (taken := named(db, name)) is not None and taken[0] != album_id:
        number += 1
        name = f"{row[0]} ({number})"
    db.execute(
        f"INSERT INTO album(id, {ALBUM_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT(id)"  # noqa: S608
        " DO UPDATE SET name = excluded.name, folded_name = excluded.folded_name,"
        " query = excluded.query, arranged = excluded.arranged, place = excluded.place",
        (album_id, name, name.casefold(), *row[2:]),
    )


def counts_of_albums(db: sqlite3.Connection) -> dict[AlbumId, int]:
    """Photos per album: all members less those out of sight, which are few."""
    counts: dict[AlbumId, int] = dict(
        db.execute("SELECT album_id, count(*) FROM album_photo GROUP BY album_id").fetchall()
    )
    for where in (
        "p.state <> 'present'",
        f"p.state = 'present' AND p.folder_id IN {HIDDEN_FOLDERS}",
    ):
        for album_id, hidden in db.execute(
            "SELECT m.album_id, count(*) FROM photo p CROSS JOIN album_photo m"  # noqa: S608
            f" ON m.photo_id = p.id WHERE {where} GROUP BY m.album_id"
        ):
            counts[album_id] -= hidden
    return counts
