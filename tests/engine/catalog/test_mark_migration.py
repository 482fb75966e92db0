"""Catalogs from before marks and from the first version with them open with all their data."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from engine.catalog import Catalog
from engine.mark_types import Flag
from engine.types import Order, PhotoId

KEPT = Path(__file__).resolve().parents[2] / "catalogs"


def test_the_ninth_version_opens_with_its_marks_and_albums(tmp_path: Path):
    path = tmp_path / "catalog.db"
    shutil.copy(KEPT / "v009.db", path)
    catalog = Catalog.open(path)
    names = {row.relpath: row.photo_id for row in catalog.photos.known(catalog.roots.all()[0].id)}
    sea, raw = names[b"2024/sea.jpg"], names[b"\xff.png"]
    marks = catalog.marks.of([sea, raw])
    # The clearing's four stars are older than the user's five.
    assert (marks[sea].rating, marks[sea].favourite, marks[sea].caption) == (
        5, True, "A day at the sea",
    )  # fmt: skip
    assert (marks[raw].flag, marks[raw].caption) == (Flag.REJECTED, "日")
    best, seas = catalog.albums.entries()
    assert (best.name, best.photos, best.cover) == ("Best", 2, raw)
    assert catalog.albums.photos(best.id) == [raw, sea]
    assert (seas.query, seas.order) == ("sea rating:>=3", Order.NAME)
    assert catalog.check() == []
    catalog.close()


def test_albums_of_a_sort_know_the_sort_that_made_them(tmp_path: Path):
    path = tmp_path / "catalog.db"
    shutil.copy(KEPT / "v007.db", path)
    with closing(sqlite3.connect(path)) as db, db:
        (run,) = db.execute("SELECT id FROM filing_run").fetchone()
        db.execute("INSERT INTO album VALUES (4, 'Sorted', 'sorted', 0), (7, 'Other', 'other', 0)")
        db.execute("INSERT INTO album_photo VALUES (4, 1, ?), (7, 1, NULL)", (run,))
    catalog = Catalog.open(path)
    assert [(a.name, a.photos) for a in catalog.albums.entries()] == [("Sorted", 1), ("Other", 1)]
    catalog.albums.take_back([PhotoId(1)], run)
    assert [a.name for a in catalog.albums.entries()] == ["Other"]
    catalog.close()
