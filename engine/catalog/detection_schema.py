"""Step 5 of the schema: what detectors and users saw in photos, and the runs that looked."""

from __future__ import annotations

import sqlite3


def detections(db: sqlite3.Connection) -> None:
    """Runs of a detector, the photos each was asked to look at, and boxes with their labels."""
    db.execute(
        """CREATE TABLE detection_run(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            model TEXT NOT NULL,
            labels TEXT NOT NULL,
            threshold REAL NOT NULL,
            what TEXT NOT NULL,
            started_at REAL NOT NULL,
            undone_at REAL
        ) STRICT"""
    )
    db.execute(
        """CREATE TABLE detection_run_label(
            run_id INTEGER NOT NULL REFERENCES detection_run(id) ON DELETE CASCADE,
            folded_label TEXT NOT NULL,
            PRIMARY KEY(run_id, folded_label)
        ) STRICT, WITHOUT ROWID"""
    )
    # One row per photo from the start, so that a run that was killed knows what is left.
    db.execute(
        """CREATE TABLE detection_run_photo(
            run_id INTEGER NOT NULL REFERENCES detection_run(id) ON DELETE CASCADE,
            photo_id INTEGER NOT NULL REFERENCES photo(id) ON DELETE CASCADE,
            place INTEGER NOT NULL,
            state TEXT NOT NULL DEFAULT 'waiting' CHECK(state IN ('waiting', 'looked', 'skipped')),
            content_hash BLOB,
            PRIMARY KEY(run_id, photo_id)
        ) STRICT, WITHOUT ROWID"""
    )
    db.execute("CREATE INDEX detection_run_photo_photo ON detection_run_photo(photo_id)")
    db.execute(
        "CREATE INDEX detection_run_photo_waiting ON detection_run_photo(run_id, place)"
        " WHERE state = 'waiting'"
    )
    # Boxes in pixels of the upright photo, which was `width` by `height` and had `content_hash`.
    # `found` is the label and box before the user corrected them. `shown` follows from the other
    # columns and the runs (see detection_rows.py) and is kept for the sake of queries.
    db.execute(
        """CREATE TABLE detection(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            photo_id INTEGER NOT NULL REFERENCES photo(id) ON DELETE CASCADE,
            source TEXT NOT NULL CHECK(source IN ('run', 'kept', 'user')),
            run_id INTEGER REFERENCES detection_run(id),
            model TEXT NOT NULL DEFAULT '',
            label TEXT NOT NULL,
            folded_label TEXT NOT NULL,
            score REAL,
            box_left REAL NOT NULL,
            box_top REAL NOT NULL,
            box_right REAL NOT NULL,
            box_bottom REAL NOT NULL,
            width INTEGER NOT NULL,
            height INTEGER NOT NULL,
            content_hash BLOB,
            found TEXT,
            added_at REAL NOT NULL,
            removed_at REAL,
            shown INTEGER NOT NULL DEFAULT 1 CHECK(shown IN (0, 1)),
            CHECK((source = 'run') = (run_id IS NOT NULL)),
            CHECK(box_left < box_right AND box_top < box_bottom),
            CHECK(width > 0 AND height > 0)
        ) STRICT"""
    )
    db.execute("CREATE INDEX detection_photo ON detection(photo_id)")
    db.execute("CREATE INDEX detection_run_id ON detection(run_id) WHERE run_id IS NOT NULL")
    db.execute("CREATE INDEX detection_label ON detection(folded_label, photo_id) WHERE shown")
