"""Keywords that were read before they were tags become tags; kept sidecars open with all data."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from engine.catalog import Catalog
from engine.types import PhotoId, PhotoMetadata

KEPT = Path(__file__).resolve().parents[2] / "catalogs"


def tags(catalog: Catalog, photo_id: int) -> dict[str, str]:
    found = catalog.tags.of([PhotoId(photo_id)]).get(PhotoId(photo_id), [])
    return {tag.path: tag.source.value for tag in found}


def test_known_keywords_become_tags_without_reading_a_file(tmp_path: Path):
    path = tmp_path / "catalog.db"
    shutil.copy(KEPT / "v009.db", path)
    words = ["black/white", "SEEN  twice", " ", "x" * 300, "new"]
    with closing(sqlite3.connect(path)) as db, db:
        (holiday,) = db.execute("SELECT id FROM tag WHERE name = 'Holiday'").fetchone()
        for table in ("metadata", "own_facts"):  # the user said something of this one
            db.execute(
                f"INSERT OR REPLACE INTO {table} VALUES (2, ?)",
                (json.dumps({"keywords": words}),),
            )
        db.execute("INSERT OR IGNORE INTO tag(id, name, folded_name) VALUES (90, 'New', 'new')")
        db.execute("INSERT INTO photo_tag VALUES (2, 90, 'user', NULL, NULL, 1)")
        db.execute("INSERT OR REPLACE INTO metadata VALUES (4, ?)", ('{"keywords":["holiday"]}',))
        db.execute("INSERT OR REPLACE INTO metadata VALUES (3, '{')")
        assert holiday
    catalog = Catalog.open(path)
    assert tags(catalog, 1) == {"Places/Sea": "user", "Seen twice": "user", "sea": "file",
                                "日本": "file"}  # fmt: skip
    assert tags(catalog, 2) == {"black\u2215white": "file", "Seen twice": "file", "x" * 200: "file",
                                "New": "user"}  # fmt: skip
    assert tags(catalog, 4) == {"Holiday": "file"}  # it was a run's guess
    detail = catalog.photos.detail(PhotoId(2))
    assert detail is not None
    assert detail.metadata.keywords[0] == "black\u2215white"
    # Where several words may be levels of one path, the file is asked once more.
    assert {row.photo_id for row in catalog.sidecars.facts_unread()} == {1, 2}
    catalog.sidecars.put_facts(
        {PhotoId(1): PhotoMetadata(keywords=("Lands/日本", "sea")), PhotoId(2): None}
    )
    assert tags(catalog, 1) == {"Places/Sea": "user", "Seen twice": "user", "sea": "file",
                                "Lands/日本": "file"}  # fmt: skip
    assert catalog.tags.find("日本") is None  # none is left over
    assert catalog.sidecars.facts_unread() == []
    assert catalog.check() == []
    catalog.close()


def test_the_tenth_version_opens_with_its_sidecars(tmp_path: Path):
    path = tmp_path / "catalog.db"
    shutil.copy(KEPT / "v010.db", path)
    catalog = Catalog.open(path)
    detail = catalog.photos.detail(PhotoId(2))
    assert detail is not None
    assert detail.sidecars == (detail.photo.path.with_suffix(".xmp"),)
    assert [name for name, _ in detail.told_by] == ["keywords", "rating"]
    assert (detail.metadata.rating, detail.metadata.keywords) == (2, ("Boats/Old", "Sun"))
    assert tags(catalog, 2) == {"Ships/Old": "file"}
    assert catalog.check() == []
    catalog.close()
