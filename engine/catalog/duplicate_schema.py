"""A step of the schema: how photos look, which pairs were compared, what the user decided."""

from __future__ import annotations

import sqlite3


def duplicates(db: sqlite3.Connection) -> None:
    """Perceptual hashes, pairs with their proof, decisions and arrivals; nearly all by content."""
    # By content: a moved, copied or returned file needs no new look.
    db.execute(
        """CREATE TABLE picture_hash(
            content_hash BLOB PRIMARY KEY,
            version INTEGER NOT NULL,
            shape INTEGER NOT NULL,
            slope INTEGER NOT NULL,
            pixels BLOB
        ) STRICT, WITHOUT ROWID"""
    )
    db.execute("CREATE INDEX picture_hash_pixels ON picture_hash(pixels) WHERE pixels IS NOT NULL")
    # Contents whose likely partners were sought among all others of that time.
    db.execute(
        """CREATE TABLE sought(
            content_hash BLOB PRIMARY KEY,
            version INTEGER NOT NULL,
            space_id INTEGER
        ) STRICT, WITHOUT ROWID"""
    )
    db.execute(
        """CREATE TABLE duplicate_pair(
            first BLOB NOT NULL,
            second BLOB NOT NULL,
            version INTEGER NOT NULL,
            same INTEGER CHECK(same IN (0, 1)),
            similarity REAL NOT NULL DEFAULT 0,
            proof TEXT NOT NULL DEFAULT '',
            cosine REAL,
            PRIMARY KEY(first, second),
            CHECK(first < second)
        ) STRICT, WITHOUT ROWID"""
    )
    db.execute("CREATE INDEX duplicate_pair_second ON duplicate_pair(second)")
    # first = second: copies of the same bytes, of which `files` were there when it was decided.
    db.execute(
        """CREATE TABLE not_duplicate(
            first BLOB NOT NULL,
            second BLOB NOT NULL,
            files INTEGER NOT NULL DEFAULT 0,
            decided_at REAL NOT NULL,
            PRIMARY KEY(first, second),
            CHECK(first <= second)
        ) STRICT, WITHOUT ROWID"""
    )
    db.execute(
        """CREATE TABLE arrival(
            photo_id INTEGER PRIMARY KEY REFERENCES photo(id) ON DELETE CASCADE,
            kind TEXT NOT NULL CHECK(kind IN ('identical', 'same picture')),
            twin_id INTEGER NOT NULL REFERENCES photo(id) ON DELETE CASCADE,
            noted_at REAL NOT NULL
        ) STRICT"""
    )
    db.execute("CREATE INDEX arrival_twin ON arrival(twin_id)")
