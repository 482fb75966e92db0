"""A step of the schema: what was cleared for which keeper, and what keepers took over."""

from __future__ import annotations

import sqlite3


def clearing(db: sqlite3.Connection) -> None:
    """Bundles that went to the trash with their keepers; tags and facts that keepers were given."""
    # The keeper's path and hash as they were verified right before: what a crash is judged by.
    db.execute(
        """CREATE TABLE clearing_unit(
            run_id INTEGER NOT NULL REFERENCES filing_run(id) ON DELETE CASCADE,
            bundle INTEGER NOT NULL,
            kind TEXT NOT NULL,
            keep_id INTEGER NOT NULL,
            keep_path BLOB NOT NULL,
            keep_hash BLOB NOT NULL,
            photo_id INTEGER NOT NULL,
            quarantined INTEGER NOT NULL CHECK(quarantined IN (0, 1)),
            PRIMARY KEY(run_id, bundle)
        ) STRICT, WITHOUT ROWID"""
    )
    # before: the tag that was there already, as JSON; NULL where none was.
    db.execute(
        """CREATE TABLE merged_tag(
            run_id INTEGER NOT NULL REFERENCES filing_run(id) ON DELETE CASCADE,
            photo_id INTEGER NOT NULL REFERENCES photo(id) ON DELETE CASCADE,
            tag_id INTEGER NOT NULL REFERENCES tag(id) ON DELETE CASCADE,
            added_at REAL NOT NULL,
            before TEXT,
            PRIMARY KEY(run_id, photo_id, tag_id)
        ) STRICT, WITHOUT ROWID"""
    )
    db.execute("CREATE INDEX merged_tag_photo ON merged_tag(photo_id)")
    db.execute("CREATE INDEX merged_tag_tag ON merged_tag(tag_id)")
    db.execute(
        """CREATE TABLE given_fact(
            photo_id INTEGER NOT NULL REFERENCES photo(id) ON DELETE CASCADE,
            run_id INTEGER NOT NULL REFERENCES filing_run(id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            value TEXT NOT NULL,
            PRIMARY KEY(photo_id, run_id, name)
        ) STRICT, WITHOUT ROWID"""
    )
    db.execute("CREATE INDEX given_fact_run ON given_fact(run_id)")
    # What the file itself says, while the metadata of its photo say more.
    db.execute(
        """CREATE TABLE own_facts(
            photo_id INTEGER PRIMARY KEY REFERENCES photo(id) ON DELETE CASCADE,
            facts TEXT NOT NULL
        ) STRICT"""
    )
