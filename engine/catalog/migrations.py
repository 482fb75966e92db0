"""The schema's history. Append only: a released step is never edited. See docs/catalog.md."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from typing import TypeAlias

from engine.catalog import (
    clearing_schema,
    detection_schema,
    duplicate_schema,
    fact_schema,
    mark_schema,
    sidecar_schema,
    writing_schema,
)
from engine.errors import CatalogTooNew

Step: TypeAlias = Callable[[sqlite3.Connection], None]

APPLICATION_ID = 0x50687366  # "Phsf", so that `file` can name a catalog


def _001_photos(db: sqlite3.Connection) -> None:
    """Roots, folders, photos, their embeddings and their problems."""
    db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    db.execute("CREATE TABLE meta(key TEXT PRIMARY KEY, value ANY NOT NULL) STRICT")
    db.execute(
        """CREATE TABLE root(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            path BLOB NOT NULL UNIQUE,
            online INTEGER NOT NULL DEFAULT 1 CHECK(online IN (0, 1)),
            note TEXT NOT NULL DEFAULT '',
            marker_dev INTEGER,
            marker_ino INTEGER,
            forgotten_at REAL
        ) STRICT"""
    )
    db.execute(
        """CREATE TABLE folder(
            id INTEGER PRIMARY KEY,
            root_id INTEGER NOT NULL REFERENCES root(id),
            relpath BLOB NOT NULL,
            UNIQUE(root_id, relpath)
        ) STRICT"""
    )
    db.execute(
        """CREATE TABLE photo(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            folder_id INTEGER NOT NULL REFERENCES folder(id),
            name BLOB NOT NULL,
            folded_name TEXT NOT NULL,
            extension TEXT NOT NULL,
            name_key TEXT NOT NULL,
            state TEXT NOT NULL CHECK(state IN ('present', 'unreadable', 'missing')),
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            dev INTEGER NOT NULL,
            ino INTEGER NOT NULL,
            read_ns INTEGER,
            date_key INTEGER NOT NULL,
            content_hash BLOB,
            width INTEGER,
            height INTEGER,
            format TEXT,
            damaged TEXT NOT NULL DEFAULT '',
            taken_at TEXT,
            camera TEXT,
            latitude REAL,
            longitude REAL
        ) STRICT"""
    )
    # Apart from the photo, so that filters read rows of 200 bytes, not of 350.
    db.execute(
        """CREATE TABLE metadata(
            photo_id INTEGER PRIMARY KEY REFERENCES photo(id) ON DELETE CASCADE,
            facts TEXT NOT NULL
        ) STRICT"""
    )
    db.execute("CREATE UNIQUE INDEX photo_place ON photo(folder_id, name) WHERE state <> 'missing'")
    db.execute("CREATE INDEX photo_folder ON photo(folder_id, state)")
    db.execute(
        "CREATE INDEX photo_date ON photo(date_key, name_key, folder_id) WHERE state = 'present'"
    )
    db.execute("CREATE INDEX photo_name ON photo(name_key, folder_id) WHERE state = 'present'")
    db.execute(
        "CREATE INDEX photo_hash ON photo(content_hash, state) WHERE content_hash IS NOT NULL"
    )
    db.execute("CREATE INDEX photo_gone ON photo(state) WHERE state <> 'present'")
    db.execute("CREATE INDEX photo_inode ON photo(ino, size)")
    db.execute(
        "CREATE INDEX photo_unread ON photo(mtime_ns) WHERE state = 'present' AND read_ns IS NULL"
    )
    db.execute(
        """CREATE TABLE embedding_space(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            model_id TEXT NOT NULL,
            revision TEXT NOT NULL,
            preprocessing TEXT NOT NULL,
            precision TEXT NOT NULL,
            dim INTEGER NOT NULL,
            generation INTEGER NOT NULL DEFAULT 0,
            UNIQUE(model_id, revision, preprocessing, precision, dim)
        ) STRICT"""
    )
    db.execute(
        """CREATE TABLE embedding(
            photo_id INTEGER NOT NULL REFERENCES photo(id) ON DELETE CASCADE,
            space_id INTEGER NOT NULL REFERENCES embedding_space(id),
            vector BLOB NOT NULL,
            crc INTEGER NOT NULL,
            PRIMARY KEY(photo_id, space_id)
        ) STRICT"""
    )
    db.execute("CREATE INDEX embedding_space_photo ON embedding(space_id, photo_id)")
    db.execute(
        """CREATE TABLE problem(
            photo_id INTEGER PRIMARY KEY REFERENCES photo(id) ON DELETE CASCADE,
            reason TEXT NOT NULL,
            damaged INTEGER NOT NULL CHECK(damaged IN (0, 1)),
            tried_at REAL NOT NULL
        ) STRICT"""
    )


def _002_passing_problems(db: sqlite3.Connection) -> None:
    """Which problems may have passed by the next look: a permission, a drive, a network."""
    db.execute(
        "ALTER TABLE problem ADD COLUMN passing INTEGER NOT NULL DEFAULT 0 CHECK(passing IN (0, 1))"
    )


def _003_filing(db: sqlite3.Connection) -> None:
    """The journal of what was moved, copied or linked, and the albums that a sort may fill."""
    db.execute(
        """CREATE TABLE filing_run(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL,
            rule TEXT NOT NULL,
            token TEXT NOT NULL,
            created_at REAL NOT NULL,
            ended_at REAL,
            state TEXT NOT NULL CHECK(state IN
                ('applying', 'stopped', 'applied', 'undoing', 'undone')),
            note TEXT NOT NULL DEFAULT ''
        ) STRICT"""
    )
    # Paths are absolute and raw; no reference to photo: the journal outlives rows.
    db.execute(
        """CREATE TABLE filing_step(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            run_id INTEGER NOT NULL REFERENCES filing_run(id) ON DELETE CASCADE,
            bundle INTEGER NOT NULL,
            photo_id INTEGER,
            op TEXT NOT NULL CHECK(op IN ('move', 'copy', 'link', 'album')),
            category TEXT NOT NULL,
            source BLOB NOT NULL,
            target BLOB NOT NULL,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            dev INTEGER NOT NULL,
            ino INTEGER NOT NULL,
            content_hash BLOB,
            target_mtime_ns INTEGER,
            target_dev INTEGER,
            target_ino INTEGER,
            made_photo_id INTEGER,
            state TEXT NOT NULL DEFAULT 'planned' CHECK(state IN
                ('planned', 'started', 'done', 'skipped', 'undoing', 'undone', 'left')),
            reason TEXT NOT NULL DEFAULT ''
        ) STRICT"""
    )
    db.execute("CREATE INDEX filing_step_run ON filing_step(run_id, bundle, id)")
    db.execute("CREATE INDEX filing_step_source ON filing_step(source)")
    db.execute(
        "CREATE INDEX filing_step_open ON filing_step(state) WHERE state IN ('started', 'undoing')"
    )
    db.execute(
        """CREATE TABLE filing_folder(
            run_id INTEGER NOT NULL REFERENCES filing_run(id) ON DELETE CASCADE,
            path BLOB NOT NULL,
            PRIMARY KEY(run_id, path)
        ) STRICT, WITHOUT ROWID"""
    )
    db.execute(
        """CREATE TABLE album(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL,
            folded_name TEXT NOT NULL UNIQUE,
            created_at REAL NOT NULL
        ) STRICT"""
    )
    db.execute(
        """CREATE TABLE album_photo(
            album_id INTEGER NOT NULL REFERENCES album(id) ON DELETE CASCADE,
            photo_id INTEGER NOT NULL REFERENCES photo(id) ON DELETE CASCADE,
            run_id INTEGER REFERENCES filing_run(id) ON DELETE SET NULL,
            PRIMARY KEY(album_id, photo_id)
        ) STRICT, WITHOUT ROWID"""
    )
    db.execute("CREATE INDEX album_photo_photo ON album_photo(photo_id)")


def _004_tags(db: sqlite3.Connection) -> None:
    """Tags with their source, the runs that gave them, categories and what was answered."""
    db.execute(
        """CREATE TABLE tag(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            parent_id INTEGER REFERENCES tag(id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            folded_name TEXT NOT NULL,
            colour TEXT NOT NULL DEFAULT ''
        ) STRICT"""
    )
    db.execute("CREATE UNIQUE INDEX tag_place ON tag(ifnull(parent_id, 0), folded_name)")
    db.execute("CREATE INDEX tag_parent ON tag(parent_id)")
    db.execute(
        """CREATE TABLE tag_run(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL CHECK(kind IN ('asked', 'new photos')),
            space_id INTEGER REFERENCES embedding_space(id),
            model TEXT NOT NULL,
            what TEXT NOT NULL,
            started_at REAL NOT NULL,
            added INTEGER NOT NULL DEFAULT 0,
            removed INTEGER NOT NULL DEFAULT 0,
            undone_at REAL
        ) STRICT"""
    )
    db.execute(
        """CREATE TABLE photo_tag(
            photo_id INTEGER NOT NULL REFERENCES photo(id) ON DELETE CASCADE,
            tag_id INTEGER NOT NULL REFERENCES tag(id) ON DELETE CASCADE,
            source TEXT NOT NULL CHECK(source IN ('user', 'zero_shot', 'detection', 'file')),
            run_id INTEGER REFERENCES tag_run(id),
            score REAL,
            added_at REAL NOT NULL,
            PRIMARY KEY(photo_id, tag_id),
            CHECK(source <> 'user' OR run_id IS NULL)
        ) STRICT, WITHOUT ROWID"""
    )
    db.execute("CREATE INDEX photo_tag_tag ON photo_tag(tag_id, source)")
    db.execute("CREATE INDEX photo_tag_run ON photo_tag(run_id) WHERE run_id IS NOT NULL")
    # What a run took away of earlier runs' tags, so that taking the run back restores it.
    db.execute(
        """CREATE TABLE tag_run_removed(
            run_id INTEGER NOT NULL REFERENCES tag_run(id) ON DELETE CASCADE,
            photo_id INTEGER NOT NULL REFERENCES photo(id) ON DELETE CASCADE,
            tag_id INTEGER NOT NULL REFERENCES tag(id) ON DELETE CASCADE,
            source TEXT NOT NULL,
            earlier_run_id INTEGER REFERENCES tag_run(id),
            score REAL,
            added_at REAL NOT NULL,
            PRIMARY KEY(run_id, photo_id, tag_id)
        ) STRICT, WITHOUT ROWID"""
    )
    db.execute("CREATE INDEX tag_run_removed_photo ON tag_run_removed(photo_id)")
    db.execute("CREATE INDEX tag_run_removed_tag ON tag_run_removed(tag_id)")
    db.execute(
        """CREATE TABLE category_set(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL,
            folded_name TEXT NOT NULL,
            exclusive INTEGER NOT NULL CHECK(exclusive IN (0, 1)),
            template TEXT NOT NULL,
            contrast TEXT NOT NULL,
            removed_at REAL
        ) STRICT"""
    )
    db.execute(
        "CREATE UNIQUE INDEX category_set_name ON category_set(folded_name)"
        " WHERE removed_at IS NULL"
    )
    db.execute(
        """CREATE TABLE category(
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            set_id INTEGER NOT NULL REFERENCES category_set(id),
            name TEXT NOT NULL,
            folded_name TEXT NOT NULL,
            prompts TEXT NOT NULL,
            mode TEXT NOT NULL CHECK(mode IN ('off', 'suggest', 'automatic')),
            threshold REAL,
            colour TEXT NOT NULL DEFAULT '',
            target TEXT NOT NULL DEFAULT '',
            learning INTEGER NOT NULL DEFAULT 1 CHECK(learning IN (0, 1)),
            tag_id INTEGER REFERENCES tag(id) ON DELETE SET NULL,
            removed_at REAL
        ) STRICT"""
    )
    db.execute(
        "CREATE UNIQUE INDEX category_name ON category(folded_name) WHERE removed_at IS NULL"
    )
    db.execute("CREATE INDEX category_tag ON category(tag_id)")
    db.execute(
        """CREATE TABLE category_example(
            category_id INTEGER NOT NULL REFERENCES category(id) ON DELETE CASCADE,
            photo_id INTEGER NOT NULL REFERENCES photo(id) ON DELETE CASCADE,
            PRIMARY KEY(category_id, photo_id)
        ) STRICT, WITHOUT ROWID"""
    )
    db.execute("CREATE INDEX category_example_photo ON category_example(photo_id)")
    # By content, so that an answer holds for copies and outlives a file that was away.
    db.execute(
        """CREATE TABLE answer(
            category_id INTEGER NOT NULL REFERENCES category(id) ON DELETE CASCADE,
            content_hash BLOB NOT NULL,
            photo_id INTEGER REFERENCES photo(id) ON DELETE SET NULL,
            accepted INTEGER NOT NULL CHECK(accepted IN (0, 1)),
            answered_at REAL NOT NULL,
            PRIMARY KEY(category_id, content_hash)
        ) STRICT, WITHOUT ROWID"""
    )
    db.execute("CREATE INDEX answer_photo ON answer(photo_id)")
    # Photos that automatic categories have not seen: noted with a photo's first vector, in the
    # same transaction, so that a crash in between forgets none.
    db.execute(
        """CREATE TABLE untagged_photo(
            photo_id INTEGER PRIMARY KEY REFERENCES photo(id) ON DELETE CASCADE
        ) STRICT"""
    )
    db.execute(
        """CREATE TRIGGER embedding_first AFTER INSERT ON embedding
        WHEN EXISTS (SELECT 1 FROM category WHERE mode = 'automatic' AND removed_at IS NULL)
            AND NOT EXISTS (SELECT 1 FROM embedding
                WHERE photo_id = NEW.photo_id AND space_id <> NEW.space_id)
        BEGIN
            INSERT OR IGNORE INTO untagged_photo VALUES (NEW.photo_id);
        END"""
    )


MIGRATIONS: tuple[Step, ...] = (
    _001_photos,
    _002_passing_problems,
    _003_filing,
    _004_tags,
    detection_schema.detections,
    duplicate_schema.duplicates,
    clearing_schema.clearing,
    fact_schema.fact_indexes,
    mark_schema.marks,
    sidecar_schema.sidecars,
    writing_schema.writing,
)


def version_of(db: sqlite3.Connection) -> int:
    """How many steps this catalog has behind it; 0 is an empty file."""
    row: tuple[int] = db.execute("PRAGMA user_version").fetchone()
    return row[0]


def migrate(db: sqlite3.Connection, steps: Sequence[Step] = MIGRATIONS) -> None:
    """Run the steps this catalog lacks, each in one transaction with its version number.

    Raises:
        CatalogTooNew: it has more steps behind it than this Photosift knows.
    """
    found = version_of(db)
    if found > len(steps):
        raise CatalogTooNew(
            f"This catalog was written by a newer Photosift (schema {found}, this one knows "
            f"{len(steps)}). Update Photosift to open it; nothing was changed."
        )
    for number, step in enumerate(steps[found:], start=found + 1):
        db.execute("BEGIN IMMEDIATE")
        try:
            step(db)
            # Said twice: the header has no checksum, a flipped bit there must not pass for a
            # newer schema.
            db.execute("INSERT OR REPLACE INTO meta VALUES ('schema', ?)", (number,))
            db.execute(f"PRAGMA user_version = {number}")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")
