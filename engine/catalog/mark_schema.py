"""A step of the schema: what the user marks photos with, smart albums, and manual order."""

from __future__ import annotations

import sqlite3


def marks(db: sqlite3.Connection) -> None:
    """One row per thing that the user said of a photo; albums get a query, an order and places."""
    db.execute(
        """CREATE TABLE mark(
            photo_id INTEGER NOT NULL REFERENCES photo(id) ON DELETE CASCADE,
            name TEXT NOT NULL CHECK(name IN
                ('rating', 'flag', 'favourite', 'caption', 'title')),
            value ANY NOT NULL,
            said_at REAL NOT NULL,
            PRIMARY KEY(photo_id, name)
        ) STRICT, WITHOUT ROWID"""
    )
    db.execute("CREATE INDEX mark_flag ON mark(value) WHERE name = 'flag'")
    db.execute("CREATE INDEX mark_favourite ON mark(value) WHERE name = 'favourite'")
    # query: empty for an album that photos are put into. arranged: empty for the order of places.
    db.execute("ALTER TABLE album ADD COLUMN query TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE album ADD COLUMN arranged TEXT NOT NULL DEFAULT ''")
    db.execute("ALTER TABLE album ADD COLUMN place INTEGER NOT NULL DEFAULT 0")
    # The sort that made the album: with that sort taken back an empty one goes, no other.
    db.execute("ALTER TABLE album ADD COLUMN run_id INTEGER REFERENCES filing_run(id)")
    db.execute(
        "UPDATE album SET place = id, run_id ="
        " (SELECT min(p.run_id) FROM album_photo p WHERE p.album_id = album.id)"
    )
    db.execute("ALTER TABLE album_photo ADD COLUMN place INTEGER NOT NULL DEFAULT 0")
    db.execute("CREATE INDEX album_photo_place ON album_photo(album_id, place)")
