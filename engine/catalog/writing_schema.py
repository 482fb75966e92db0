"""A step of the schema: whose sidecars are behind what the user said, and what was written last."""

from __future__ import annotations

import sqlite3

SAID = "('rating', 'flag', 'caption', 'title')"
"""Marks that sidecars tell."""


def writing(db: sqlite3.Connection) -> None:
    """Photos to be written, noted by the changes themselves: no way to make one can forget it."""
    # change: counts up with every change, so that one made while we write is not forgotten.
    # reason: why it could not be written, empty while it was not tried.
    db.execute(
        """CREATE TABLE sidecar_due(
            photo_id INTEGER PRIMARY KEY REFERENCES photo(id) ON DELETE CASCADE,
            change INTEGER NOT NULL,
            reason TEXT NOT NULL DEFAULT '',
            path BLOB,
            tried_at REAL
        ) STRICT"""
    )
    db.execute("CREATE INDEX sidecar_due_failed ON sidecar_due(tried_at) WHERE reason <> ''")
    # Tags that got another name or place: their photos and those below are due.
    db.execute(
        """CREATE TABLE sidecar_due_tag(
            tag_id INTEGER PRIMARY KEY REFERENCES tag(id) ON DELETE CASCADE
        ) STRICT"""
    )
    # digest, said: the sidecar as we left it, and what we wrote, before it is written and after.
    db.execute(
        """CREATE TABLE sidecar_written(
            photo_id INTEGER PRIMARY KEY REFERENCES photo(id) ON DELETE CASCADE,
            digest BLOB NOT NULL,
            said TEXT NOT NULL,
            planned_digest BLOB,
            planned TEXT
        ) STRICT"""
    )
    for name, event, photo, when in (
        ("tag_put", "INSERT ON photo_tag", "NEW.photo_id", "NEW.source = 'user'"),
        ("tag_taken", "DELETE ON photo_tag", "OLD.photo_id", "OLD.source = 'user'"),
        ("refused", "INSERT ON keyword_refused", "NEW.photo_id", "true"),
        ("allowed", "DELETE ON keyword_refused", "OLD.photo_id", "true"),
        (
            "tag_changed",
            "UPDATE OF source, tag_id ON photo_tag",
            "NEW.photo_id",
            "'user' IN (OLD.source, NEW.source)",
        ),
        ("mark_put", "INSERT ON mark", "NEW.photo_id", f"NEW.name IN {SAID}"),
        ("mark_taken", "DELETE ON mark", "OLD.photo_id", f"OLD.name IN {SAID}"),
        ("mark_changed", "UPDATE OF value ON mark", "NEW.photo_id", f"NEW.name IN {SAID}"),
    ):
        db.execute(
            f"CREATE TRIGGER sidecar_{name} AFTER {event} WHEN {when} BEGIN"  # noqa: S608
            " INSERT INTO sidecar_due(photo_id, change)"
            f" SELECT id, 1 FROM photo WHERE id = {photo}"  # not of a photo that just goes
            " ON CONFLICT(photo_id) DO UPDATE SET change = change + 1, reason = '';"
            " END"
        )
    # Another program wrote the sidecar: what it says now is to be compared with what we said.
    db.execute(
        "CREATE TRIGGER sidecar_foreign AFTER UPDATE OF content_hash ON sidecar"
        " WHEN NEW.content_hash <> (SELECT digest FROM sidecar_written"
        "  WHERE photo_id = NEW.photo_id) BEGIN"
        " INSERT INTO sidecar_due(photo_id, change) VALUES (NEW.photo_id, 1)"
        " ON CONFLICT(photo_id) DO UPDATE SET change = change + 1, reason = '';"
        " END"
    )
    db.execute(
        "CREATE TRIGGER sidecar_tag_named AFTER UPDATE OF parent_id, name ON tag"
        " BEGIN INSERT INTO sidecar_due_tag VALUES (NEW.id) ON CONFLICT DO NOTHING; END"
    )
    db.execute(
        "INSERT INTO sidecar_due(photo_id, change) SELECT photo_id, 1 FROM photo_tag"  # noqa: S608
        f" WHERE source = 'user' UNION SELECT photo_id, 1 FROM mark WHERE name IN {SAID}"
    )
