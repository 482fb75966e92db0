"""Marks, albums and what is known of a photo as conditions: rating:>=3, is:picked, album:Best.

Each function gives SQL about a photo `p` and its values. Ratings, captions and titles are asked of
`metadata`, which holds what the user said, and what files say where the user said nothing.
"""

from __future__ import annotations

import json
import sqlite3
from difflib import get_close_matches

from engine.catalog.photo_rows import text

_FACT = "iif(json_valid(m.facts), json_extract(m.facts, '$.{}'), NULL)"  # as in fact_schema.py
RATING = _FACT.format("rating")
"""The stars of a row `m` of metadata; an index knows them."""


def rated(low: int, high: int) -> tuple[str, tuple[object, ...]]:
    """Photos with so many stars, both ends included; 0 is a photo without any."""
    some = (
        f"p.id {{}} (SELECT m.photo_id FROM metadata m WHERE {RATING} IS NOT NULL"  # noqa: S608
        f" AND {RATING} BETWEEN ? AND ?)"
    )
    if low > 0:
        return some.format("IN"), (low, high)
    return some.format("NOT IN"), (high + 1, 5)


def marked(mark: str) -> tuple[str, tuple[object, ...]]:
    """Photos that are "favourite", "picked" or "rejected"; a file says the last with -1 stars."""
    flagged = "SELECT k.photo_id FROM mark k WHERE k.name = 'flag' AND k.value"
    if mark == "favourite":
        marked = "SELECT k.photo_id FROM mark k WHERE k.name = 'favourite' AND k.value = 1"
        return f"p.id IN ({marked})", ()
    if mark == "picked":
        return f"p.id IN ({flagged} = 1)", ()
    return (
        f"p.id IN ({flagged} = -1 UNION"  # noqa: S608
        f" SELECT m.photo_id FROM metadata m WHERE {RATING} IS NOT NULL"
        f" AND {RATING} = -1 EXCEPT {flagged} > -1)",
        (),
    )


def in_album(db: sqlite3.Connection, value: str) -> tuple[str, tuple[object, ...]]:
    """Photos of the albums with this name; * and ? stand for letters.

    Raises:
        ValueError: there is no such album, with the nearest that there is.
    """
    wanted = text(value).strip().casefold()
    albums = db.execute("SELECT id, folded_name, query FROM album").fetchall()
    if any(sign in wanted for sign in "*?"):
        rows = db.execute("SELECT id FROM album WHERE folded_name GLOB ?", (wanted,))
        found = [row[0] for row in rows]
    else:
        found = [album_id for album_id, name, _ in albums if name == wanted]
        if any(name == wanted and query for _, name, query in albums):
            raise ValueError(f"“{value}” is a smart album: use what it looks for instead.")
    if not found:
        near = get_close_matches(wanted, [name for _, name, _ in albums], n=1)
        hint = f" Did you mean “{near[0]}”?" if near else ""
        raise ValueError(f"There is no album “{value}”.{hint}")
    return (
        "p.id IN (SELECT photo_id FROM album_photo"
        " WHERE album_id IN (SELECT value FROM json_each(?)))",
        (json.dumps(found),),
    )


def told(fact: str) -> tuple[str, tuple[object, ...]]:
    """Photos of which a "caption" or a "title" is known."""
    return (
        "p.id IN (SELECT m.photo_id FROM metadata m"  # noqa: S608
        f" WHERE {_FACT.format(fact)} IS NOT NULL)",
        (),
    )


def with_sidecar() -> tuple[str, tuple[object, ...]]:
    """Photos with a sidecar."""
    return "p.id IN (SELECT s.photo_id FROM sidecar s)", ()
