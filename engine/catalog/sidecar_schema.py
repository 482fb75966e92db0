"""A step of the schema: sidecars, what they tell, and keywords of files as tags."""

from __future__ import annotations

import json
import sqlite3
import time
import unicodedata
from typing import Any

_LONGEST = 200  # characters of a tag's name


def sidecars(db: sqlite3.Connection) -> None:
    """One row per photo and sidecar; keywords that were read before become tags."""
    # whole: IMG.CR2.xmp, which outweighs IMG.xmp. read_ns: NULL while it is to be read.
    db.execute(
        """CREATE TABLE sidecar(
            photo_id INTEGER NOT NULL REFERENCES photo(id) ON DELETE CASCADE,
            whole INTEGER NOT NULL CHECK(whole IN (0, 1)),
            name BLOB NOT NULL,
            size INTEGER NOT NULL,
            mtime_ns INTEGER NOT NULL,
            read_ns INTEGER,
            content_hash BLOB,
            facts TEXT NOT NULL DEFAULT '{}',
            trouble TEXT NOT NULL DEFAULT '',
            PRIMARY KEY(photo_id, whole)
        ) STRICT, WITHOUT ROWID"""
    )
    db.execute("CREATE INDEX sidecar_unread ON sidecar(photo_id) WHERE read_ns IS NULL")
    db.execute("CREATE INDEX sidecar_trouble ON sidecar(photo_id) WHERE trouble <> ''")
    # What the photo's file alone tells, for photos with a sidecar.
    db.execute(
        """CREATE TABLE embedded_facts(
            photo_id INTEGER PRIMARY KEY REFERENCES photo(id) ON DELETE CASCADE,
            facts TEXT NOT NULL
        ) STRICT"""
    )
    # Keywords of a file that the user does not want on this photo, in small letters.
    db.execute(
        """CREATE TABLE keyword_refused(
            photo_id INTEGER NOT NULL REFERENCES photo(id) ON DELETE CASCADE,
            keyword TEXT NOT NULL,
            PRIMARY KEY(photo_id, keyword)
        ) STRICT, WITHOUT ROWID"""
    )
    # Where a keyword leads whose tag was renamed or merged; parent_id: 0 for none.
    db.execute(
        """CREATE TABLE tag_alias(
            parent_id INTEGER NOT NULL,
            folded_name TEXT NOT NULL,
            tag_id INTEGER NOT NULL REFERENCES tag(id) ON DELETE CASCADE,
            PRIMARY KEY(parent_id, folded_name)
        ) STRICT, WITHOUT ROWID"""
    )
    db.execute("CREATE INDEX tag_alias_tag ON tag_alias(tag_id)")
    # Made for a keyword: such a tag goes when no photo has it any more.
    db.execute(
        "ALTER TABLE tag ADD COLUMN by_file INTEGER NOT NULL DEFAULT 0 CHECK(by_file IN (0, 1))"
    )
    # Files to be read once more for what they say of themselves, not for their picture.
    db.execute(
        """CREATE TABLE facts_unread(
            photo_id INTEGER PRIMARY KEY REFERENCES photo(id) ON DELETE CASCADE
        ) STRICT"""
    )
    _tag_known_keywords(db)


def _tag_known_keywords(db: sqlite3.Connection) -> None:
    """Levels of a hierarchy were kept beside each other: where there may be one, read anew."""
    now = time.time()
    tags: dict[str, int] = {}
    for photo_id, raw in db.execute(
        "SELECT m.photo_id, coalesce(o.facts, m.facts) FROM metadata m LEFT JOIN own_facts o"
        " ON o.photo_id = m.photo_id WHERE instr(coalesce(o.facts, m.facts), '\"keywords\"')"
    ).fetchall():
        facts: dict[str, Any] | None = _loaded(raw)
        if facts is None:
            continue
        said: list[Any] = facts.get("keywords") or []
        names = [name for word in said if (name := _clean(word))]
        if names != said:  # a slash was a letter then, and parts names now
            for table in ("metadata", "own_facts"):
                db.execute(
                    f"UPDATE {table} SET facts = json_set(facts, '$.keywords', json(?))"  # noqa: S608
                    " WHERE photo_id = ? AND json_valid(facts)",
                    (json.dumps(names), photo_id),
                )
        if len(names) > 1:
            db.execute("INSERT INTO facts_unread VALUES (?)", (photo_id,))
        for name in names:
            folded = name.casefold()
            if folded not in tags:
                tags[folded] = _tag(db, name, folded)
            db.execute(
                "INSERT INTO photo_tag VALUES (?, ?, 'file', NULL, NULL, ?) ON CONFLICT DO UPDATE"
                " SET source = 'file', run_id = NULL, score = NULL"
                " WHERE source IN ('zero_shot', 'detection')",
                (photo_id, tags[folded], now),
            )


def _loaded(raw: str) -> dict[str, Any] | None:
    try:
        found = json.loads(raw)
    except ValueError:  # a row that no one can read bars nothing
        return None
    return found if isinstance(found, dict) else None  # pyright: ignore[reportUnknownVariableType]


def _clean(word: object) -> str:
    if not isinstance(word, str):
        return ""
    shown = "".join(
        " " if sign.isspace() else sign
        for sign in unicodedata.normalize("NFC", word.replace("/", "\u2215"))
        if sign.isspace() or unicodedata.category(sign) not in ("Cc", "Cf", "Cs")
    )
    return " ".join(" ".join(shown.split())[:_LONGEST].split())


def _tag(db: sqlite3.Connection, name: str, folded: str) -> int:
    db.execute(
        "INSERT INTO tag(parent_id, name, folded_name, by_file) VALUES (NULL, ?, ?, 1)"
        " ON CONFLICT DO NOTHING",
        (name, folded),
    )
    (found,) = db.execute(
        "SELECT id FROM tag WHERE parent_id IS NULL AND folded_name = ?", (folded,)
    ).fetchone()
    return found
