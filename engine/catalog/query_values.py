"""What queries can ask for in this library: its tags, albums, cameras, years, for completion."""

from __future__ import annotations

import json
import sqlite3

from engine.catalog.map_places import common_places
from engine.catalog.photo_rows import VISIBLE_FOLDERS
from engine.catalog.tag_rows import paths
from engine.query import Values
from engine.query.dates import period

_MOST = 5_000  # of each kind; more do not help anyone who types


def query_values(db: sqlite3.Connection) -> Values:
    """All values but earlier searches. Cost: 40 to 90 ms for 100,000 photos."""
    by_hand = "SELECT name FROM album WHERE query = '' ORDER BY place, id"
    smart = "SELECT name, query FROM album WHERE query <> '' ORDER BY place, id"

    def texts(sql: str) -> tuple[str, ...]:
        found = db.execute(f"{sql} LIMIT {_MOST}").fetchall()
        return tuple(
            value.decode("utf-8", "replace") if isinstance(value, bytes) else value
            for (value,) in found
        )

    return Values(
        tags=tuple(sorted(paths(db).values(), key=str.casefold)),
        categories=texts("SELECT name FROM category WHERE removed_at IS NULL ORDER BY folded_name"),
        albums=texts(by_hand),
        folders=texts(
            f"SELECT DISTINCT f.relpath FROM folder f WHERE f.id IN {VISIBLE_FOLDERS}"  # noqa: S608
            " AND f.relpath <> x'' AND EXISTS (SELECT 1 FROM photo p WHERE p.folder_id = f.id"
            " AND p.state = 'present') ORDER BY f.relpath"
        ),
        cameras=texts(
            "SELECT camera FROM photo WHERE state = 'present' AND camera IS NOT NULL"
            " GROUP BY camera ORDER BY count(*) DESC, camera"
        ),
        dates=_years(db),
        places=common_places(db),
        labels=texts(
            "SELECT min(label) FROM detection WHERE shown GROUP BY folded_label"
            " ORDER BY count(*) DESC, folded_label"
        ),
        saved=tuple(db.execute(smart)),
    )


def _years(db: sqlite3.Connection) -> tuple[str, ...]:
    """The years that have photos, the latest first: one look into the index for each."""
    row = db.execute(
        "SELECT strftime('%Y', min(date_key), 'unixepoch'),"
        " strftime('%Y', max(date_key), 'unixepoch') FROM photo WHERE state = 'present'"
    ).fetchone()
    if row[0] is None or row[1] is None:
        return ()
    first, last = (min(max(int(year), 1), 9999) for year in row)
    years = {f"{year:04}": period(f"{year:04}") for year in range(last, first - 1, -1)}
    spans = json.dumps([(year, *span) for year, span in years.items()])
    return tuple(
        year
        for (year,) in db.execute(
            "SELECT y.value ->> 0 FROM json_each(?) y WHERE EXISTS (SELECT 1 FROM photo p"
            " WHERE p.state = 'present' AND p.date_key >= y.value ->> 1"
            " AND p.date_key < y.value ->> 2)",
            (spans,),
        )
    )
