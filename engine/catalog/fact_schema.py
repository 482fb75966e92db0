"""A step of the schema: what filters ask of metadata is found without reading all of them."""

from __future__ import annotations

import sqlite3


def fact_indexes(db: sqlite3.Connection) -> None:
    """Indexes on the rating, the caption and the title that files tell of themselves."""
    # A row that is no JSON must not bar the step, nor any later write.
    db.execute(
        "CREATE INDEX metadata_rating ON metadata("
        "iif(json_valid(facts), json_extract(facts, '$.rating'), NULL))"
        " WHERE iif(json_valid(facts), json_extract(facts, '$.rating'), NULL) IS NOT NULL"
    )
    for fact in ("caption", "title"):
        db.execute(
            f"CREATE INDEX metadata_{fact} ON metadata(photo_id)"
            f" WHERE iif(json_valid(facts), json_extract(facts, '$.{fact}'), NULL) IS NOT NULL"
        )
