"""Older catalogs know whose sidecars are to be written; triggers note what is said since."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.catalog import Catalog
from engine.types import PhotoId

KEPT = Path(__file__).resolve().parents[2] / "catalogs"


def opened(tmp_path: Path, version: str) -> tuple[Catalog, dict[bytes, PhotoId]]:
    shutil.copy(KEPT / version, tmp_path / "catalog.db")
    catalog = Catalog.open(tmp_path / "catalog.db")
    root = catalog.roots.all()[0]
    return catalog, {row.relpath: row.photo_id for row in catalog.photos.known(root.id)}


@pytest.mark.parametrize("version", ["v009.db", "v010.db"])
def test_what_was_said_before_is_due(tmp_path: Path, version: str) -> None:
    catalog, names = opened(tmp_path, version)
    sea, raw = names[b"2024/sea.jpg"], names[b"\xff.png"]
    due = catalog.sidecar_dues.of(catalog.sidecar_dues.ids(0.0))
    assert {one.photo_id: (one.said.rating, one.said.caption) for one in due} == {
        sea: (5, "A day at the sea"),  # taken over from a duplicate
        raw: (-1, "日"),
    }
    assert catalog.sidecar_dues.counts() == (2, 0, 0, 0)
    catalog.close()


def test_the_eleventh_version_opens_with_what_was_written(tmp_path: Path) -> None:
    catalog, names = opened(tmp_path, "v011.db")
    (sea,) = catalog.sidecar_dues.of([names[b"2024/sea.jpg"]])
    assert sea.written is not None
    assert '"before":{"rating":3}' in sea.written[1]
    assert catalog.sidecar_dues.counts()[3] == 1
    assert catalog.check() == []
    catalog.close()


def test_every_way_to_say_something_makes_a_photo_due(tmp_path: Path) -> None:
    catalog, names = opened(tmp_path, "v011.db")
    sea, raw = names[b"2024/sea.jpg"], names[b"\xff.png"]
    dues, tags, marks = catalog.sidecar_dues, catalog.tags, catalog.marks

    def due() -> set[PhotoId]:
        found = set(dues.ids(0.0))
        dues.forget()
        return found

    due()
    put = tags.put([raw], "Places/Harbour")
    assert due() == {raw}
    tags.restore(put)
    assert due() == {raw}
    tag_id = tags.find("Places")
    assert tag_id is not None
    tags.rename(tag_id, "Where")
    assert due() == {sea}
    tags.remove(tag_id)
    assert due() == {sea}
    undo = marks.put([sea, raw], "rating", 1)
    assert due() == {sea, raw}
    marks.restore(undo.marks)
    assert due() == {sea, raw}
    marks.put([sea], "favourite", None)  # of that sidecars tell nothing
    tags.paint(tags.make("Empty"), "#ffffff")
    assert due() == set()
    catalog.close()


def test_what_is_said_while_we_write_stays_due(tmp_path: Path) -> None:
    from engine.catalog.sidecar_dues import Done

    catalog, names = opened(tmp_path, "v011.db")
    sea = names[b"2024/sea.jpg"]
    dues = catalog.sidecar_dues
    (before,) = dues.of([sea])
    catalog.marks.put([sea], "rating", 1)
    dues.done([Done(sea, before.change, b"x" * 32, before.written[1] if before.written else "")])
    assert sea in dues.ids(0.0)
    (now,) = dues.of([sea])
    dues.done([Done(sea, now.change, b"x" * 32, "")])
    assert sea not in dues.ids(0.0)
    catalog.close()
