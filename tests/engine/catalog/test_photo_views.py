"""What the grid, the sidebar and the query language ask of the catalog."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from catalog_makers import SECOND, SPACE, read, seen, vectors

from engine.catalog import Catalog
from engine.types import Filter, Order, PhotoId, PhotoMetadata, Root, Scope


def names(catalog: Catalog, ids: list[PhotoId]) -> list[str]:
    return [photo.name for photo in catalog.photos.page(ids, None)]


def shot(
    catalog: Catalog,
    root: Root,
    relpath: str,
    taken_at: str | None = None,
    text: str = "",
    width: int = 40,
    height: int = 30,
    format: str = "JPEG",
    damaged: str = "",
    **facts: str | float,
) -> PhotoId:
    """A photo that was read."""
    file = seen(relpath)
    (photo_id,) = catalog.photos.add(root.id, [file])
    metadata = PhotoMetadata(taken_at=taken_at, **facts)  # pyright: ignore[reportArgumentType]
    read(
        catalog, photo_id, file, text or relpath, width=width, height=height, format=format,
        damaged=damaged, metadata=metadata,
    )  # fmt: skip
    return photo_id


# ---- order and scope -----------------------------------------------------------------------------


def test_photos_come_in_the_order_asked_for(catalog: Catalog, root: Root):
    shot(catalog, root, "IMG_10.jpg", "2024-05-01T10:00:00")
    shot(catalog, root, "img_9.jpg", "2024-05-01T10:00:00")
    shot(catalog, root, "z/a.jpg", "2023-01-01T00:00:00")
    shot(catalog, root, "B.jpg", "2025-01-01T00:00:00")
    newest = ["B.jpg", "IMG_10.jpg", "img_9.jpg", "a.jpg"]
    assert names(catalog, catalog.photos.ids()) == newest
    assert names(catalog, catalog.photos.ids(Scope(order=Order.DATE_OLDEST))) == newest[::-1]
    by_name = ["a.jpg", "B.jpg", "img_9.jpg", "IMG_10.jpg"]
    assert names(catalog, catalog.photos.ids(Scope(order=Order.NAME))) == by_name


def test_without_a_date_the_file_time_counts(
    catalog: Catalog, root: Root, monkeypatch: pytest.MonkeyPatch
):
    in_between = replace(seen("b.jpg"), mtime_ns=1_714_557_600 * SECOND)  # 2024-05-01 10:00 UTC
    catalog.photos.add(root.id, [in_between])
    shot(catalog, root, "a.jpg", "2024-05-02T23:00:00")
    shot(catalog, root, "c.jpg", "2024-04-29T00:00:00")
    assert names(catalog, catalog.photos.ids()) == ["a.jpg", "b.jpg", "c.jpg"]


@pytest.mark.parametrize("others", [0, 20])
def test_a_scope_is_a_folder_with_all_below(
    catalog: Catalog, root: Root, tmp_path: Path, others: int
):
    """With few of all folders in it another way through the tables is taken."""
    other = catalog.roots.add(tmp_path / "other")
    for relpath in ("x/a.jpg", "x/y/b.jpg", "x-y/c.jpg", "d.jpg"):
        shot(catalog, root, relpath)
    shot(catalog, other, "x/e.jpg")
    for n in range(others):
        catalog.photos.add(other.id, [seen(f"n{n}/f.jpg")])

    def within(root_id: bool, folder: bytes | None) -> list[str]:
        scope = Scope(root.id if root_id else None, folder, Order.NAME)
        return [name for name in names(catalog, catalog.photos.ids(scope)) if name != "f.jpg"]

    assert within(True, None) == within(True, b"") == ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]
    assert within(True, b"x") == ["a.jpg", "b.jpg"]
    assert within(True, b"x/y") == ["b.jpg"]
    assert within(False, b"x") == ["a.jpg", "b.jpg", "e.jpg"]
    assert within(True, b"nowhere") == []


def test_pages_follow_the_ids(catalog: Catalog, root: Root):
    a, b, c = (shot(catalog, root, f"{n}.jpg") for n in "abc")
    space = catalog.embeddings.space_id(SPACE)
    catalog.embeddings.put(space, [b], vectors(1))
    page = catalog.photos.page([c, PhotoId(99), a, b, a], space)
    assert [photo.id for photo in page] == [c, a, b, a]
    assert [photo.embedded for photo in page] == [False, False, True, False]
    assert page[1].path == root.path / "a.jpg"
    assert catalog.photos.page([], space) == []


def test_a_detail_lists_copies(catalog: Catalog, root: Root):
    a = shot(catalog, root, "a.jpg", text="same")
    shot(catalog, root, "y/b.jpg", text="same")
    gone = shot(catalog, root, "y/c.jpg", text="same")
    shot(catalog, root, "other.jpg")
    catalog.photos.mark_missing([gone])
    detail = catalog.photos.detail(a)
    assert detail is not None
    assert detail.copies == (root.path / "y" / "b.jpg",)
    (unread,) = catalog.photos.add(root.id, [seen("unread.jpg")])
    detail = catalog.photos.detail(unread)
    assert detail is not None
    assert (detail.copies, detail.metadata) == ((), PhotoMetadata())


def test_metadata_of_a_later_version_is_left_out(catalog: Catalog, root: Root):
    a = shot(catalog, root, "a.jpg", title="Sea")
    with catalog._store.write() as db:  # pyright: ignore[reportPrivateUsage]
        db.execute("""UPDATE metadata SET facts = '{"title":"Sea","mood":"calm"}'""")
    detail = catalog.photos.detail(a)
    assert detail is not None
    assert detail.metadata == PhotoMetadata(title="Sea")


def test_folders_count_what_lies_in_and_below(catalog: Catalog, root: Root, tmp_path: Path):
    other = catalog.roots.add(tmp_path / "other")
    for relpath in ("a.jpg", "x/b.jpg", "x/y/c.jpg", "x/y/d.jpg"):
        shot(catalog, root, relpath)
    gone = shot(catalog, root, "z/e.jpg")
    catalog.photos.mark_missing([gone])
    raw = b"\xff/f.jpg"
    catalog.photos.add(root.id, [seen(raw)])
    found = [(f.root_id, f.relpath, f.path, f.photos) for f in catalog.photos.folders()]
    assert found == [
        (root.id, b"", root.path, 5),
        (root.id, b"x", root.path / "x", 3),
        (root.id, b"x/y", root.path / "x" / "y", 2),
        (root.id, b"\xff", root.path / os.fsdecode(b"\xff"), 1),
        (other.id, b"", other.path, 0),
    ]


def test_counts_tell_how_the_library_stands(catalog: Catalog, root: Root, tmp_path: Path):
    space = catalog.embeddings.space_id(SPACE)
    assert catalog.photos.counts(space).photos == 0
    away = catalog.roots.add(tmp_path / "away")
    a, b, gone = (shot(catalog, root, f"{n}.jpg") for n in "abc")
    shot(catalog, away, "d.jpg")
    broken, _ = catalog.photos.add(root.id, [seen("broken.jpg"), seen("unread.jpg")])
    catalog.photos.set_unreadable(broken, "It is no picture.")
    catalog.embeddings.put(space, [a, gone], vectors(2))
    catalog.photos.mark_missing([gone])
    catalog.roots.set_online(away.id, False)
    counts = catalog.photos.counts(space)
    assert counts.photos == 4  # a, b, d, unread
    assert counts.unread == 1
    assert counts.not_searchable == 3
    assert counts.problems == 1
    assert counts.missing == 1
    assert counts.offline == 1
    assert catalog.photos.counts(None).not_searchable == 4
    assert [row.photo_id for row in catalog.photos.to_embed(space)] == [b]


# ---- filters -------------------------------------------------------------------------------------


@pytest.fixture
def shelf(catalog: Catalog, root: Root, tmp_path: Path) -> Catalog:
    """Photos of which each test finds some."""
    shot(
        catalog, root, "2024/Italy/IMG_0001.JPG", "2024-05-01T10:00:00", text="twin",
        camera_make="Canon", camera_model="Canon EOS 5D", latitude=1.0, longitude=2.0,
    )  # fmt: skip
    shot(catalog, root, "2024/Italy/copy.jpg", "2024-05-31T23:59:59", text="twin", height=60)
    shot(
        catalog, root, "2023/Straße/Ärger.heic", "2023-12-31T23:59:59", format="HEIF",
        camera_make="Apple", camera_model="iPhone_8", latitude=1.0,
    )  # fmt: skip
    shot(
        catalog, root, "2024/raw/DSC_1.NEF", "2024-06-01T00:00:00", width=30, height=30,
        damaged="half",
    )  # fmt: skip
    shot(catalog, root, "x/wrong.png", "2025-01-01T00:00:00", width=4000, height=3000)
    away = catalog.roots.add(tmp_path / "away")
    shot(catalog, away, "off.tif", "2026-01-01T00:00:00", format="TIFF")
    catalog.photos.add(away.id, [replace(seen("new.tiff"), mtime_ns=2_000_000_000 * SECOND)])
    catalog.roots.set_online(away.id, False)
    gone = shot(catalog, root, "2024/gone.jpg", "2024-01-01T00:00:00", text="twin")
    catalog.photos.mark_missing([gone])
    space = catalog.embeddings.space_id(SPACE)
    first = catalog.photos.find(root.path / "2024/Italy/copy.jpg")
    assert first is not None
    catalog.embeddings.put(space, [first], vectors(1))
    return catalog


ALL = {"IMG_0001.JPG", "copy.jpg", "Ärger.heic", "DSC_1.NEF", "wrong.png", "off.tif", "new.tiff"}
TWINS = {"IMG_0001.JPG", "copy.jpg"}
AWAY = {"off.tif", "new.tiff"}


def matching(catalog: Catalog, *filters: Filter, scope: Scope | None = None) -> set[str]:
    space = catalog.embeddings.space_id(SPACE)
    found = catalog.photos.matching(filters, scope or Scope(), space)
    return set(names(catalog, found))


@pytest.mark.parametrize(
    ("name", "op", "value", "expected"),
    [
        ("name", "=", "img_*", {"IMG_0001.JPG"}),
        ("name", "=", "IMG_*.jpg", {"IMG_0001.JPG"}),
        ("name", "=", "?opy.jpg", {"copy.jpg"}),
        ("name", "=", "img", {"IMG_0001.JPG"}),
        ("name", "=", "ÄRGER", {"Ärger.heic"}),
        ("name", "=", "100%", set()),
        ("folder", "=", "italy", TWINS),
        ("folder", "=", "2024/Italy", TWINS),
        ("folder", "=", "2024\\Italy\\", TWINS),
        ("folder", "=", "2024", TWINS | {"DSC_1.NEF"}),
        ("folder", "=", "202?", TWINS | {"DSC_1.NEF", "Ärger.heic"}),
        ("folder", "=", "20*/*", TWINS | {"DSC_1.NEF", "Ärger.heic"}),
        ("folder", "=", "strasse", {"Ärger.heic"}),
        ("folder", "=", "ital", set()),
        ("folder", "=", "away", AWAY),
        ("type", "=", "jpeg", {"IMG_0001.JPG", "copy.jpg", "wrong.png"}),
        ("type", "=", ".JPG", {"IMG_0001.JPG", "copy.jpg", "wrong.png"}),
        ("type", "=", "png", set()),
        ("type", "=", "heic", {"Ärger.heic"}),
        ("type", "=", "raw", {"DSC_1.NEF"}),
        ("type", "=", "nef", {"DSC_1.NEF"}),
        ("type", "=", "cr2", set()),
        ("type", "=", "tif", AWAY),
        ("camera", "=", "canon", {"IMG_0001.JPG"}),
        ("camera", "=", "eos 5d", {"IMG_0001.JPG"}),
        ("camera", "=", "iphone_8", {"Ärger.heic"}),
        ("camera", "=", "iphone%", set()),
        ("date", "=", "2024", TWINS | {"DSC_1.NEF"}),
        ("date", "=", "2024-05", TWINS),
        ("date", "=", "2024-5", TWINS),
        ("date", "=", "2024-05-01", {"IMG_0001.JPG"}),
        ("date", "=", "2024-02-29", set()),
        ("date", "=", "2023-12..2024-05", TWINS | {"Ärger.heic"}),
        ("date", "=", "2024-05-31..", ALL - {"IMG_0001.JPG", "Ärger.heic"}),
        ("date", "=", "..2023", {"Ärger.heic"}),
        ("date", ">", "2024-05", ALL - TWINS - {"Ärger.heic"}),
        ("date", ">=", "2024-05", ALL - {"Ärger.heic"}),
        ("date", "<", "2024-05", {"Ärger.heic"}),
        ("date", "<=", "2024-05", TWINS | {"Ärger.heic"}),
        ("width", ">", "3000", {"wrong.png"}),
        ("width", ">=", "4000", {"wrong.png"}),
        ("width", "=", "30", {"DSC_1.NEF"}),
        ("width", "<", "40", {"DSC_1.NEF"}),
        ("height", "<=", "30", {"IMG_0001.JPG", "Ärger.heic", "DSC_1.NEF", "off.tif"}),
        ("height", "=", "60..3000", {"copy.jpg", "wrong.png"}),
        ("height", "=", "3000..", {"wrong.png"}),
        ("width", "=", "..30", {"DSC_1.NEF"}),
        ("orientation", "=", "portrait", {"copy.jpg"}),
        ("orientation", "=", "Square", {"DSC_1.NEF"}),
        ("orientation", "=", "landscape", {"IMG_0001.JPG", "Ärger.heic", "wrong.png", "off.tif"}),
        ("is", "=", "identical", TWINS),
        ("is", "=", "damaged", {"DSC_1.NEF"}),
        ("is", "=", "offline", AWAY),
        ("is", "=", "unsearchable", ALL - {"copy.jpg"}),
        ("is", "=", "Missing", {"gone.jpg"}),
        ("has", "=", "gps", {"IMG_0001.JPG"}),
    ],
)  # fmt: skip
def test_a_filter_and_its_opposite(
    shelf: Catalog, name: str, op: str, value: str, expected: set[str]
):
    assert matching(shelf, Filter(name, op, value)) == expected
    assert matching(shelf, Filter(name, op, value, negate=True)) == ALL - expected


def test_filters_together_and_within_a_scope(shelf: Catalog, root: Root):
    assert matching(shelf) == ALL
    both = (Filter("folder", "=", "2024"), Filter("type", "=", "raw", negate=True))
    assert matching(shelf, *both) == TWINS
    scope = Scope(root.id, b"2024/Italy", Order.NAME)
    assert matching(shelf, Filter("date", ">", "2024-05-02"), scope=scope) == {"copy.jpg"}
    assert matching(shelf, Filter("is", "=", "missing"), scope=Scope(root.id, b"2024")) == {
        "gone.jpg"
    }
    assert matching(shelf, Filter("is", "=", "missing"), Filter("is", "=", "identical")) == {
        "gone.jpg"
    }


def test_results_keep_the_order(shelf: Catalog, root: Root):
    for filters in ((), (Filter("date", ">", "2000"),), (Filter("has", "=", "gps", negate=True),)):
        for order in Order:
            found = shelf.photos.matching(filters, Scope(order=order))
            kept = set(found)
            assert found == [i for i in shelf.photos.ids(Scope(order=order)) if i in kept]


def test_without_a_model_nothing_is_searchable(shelf: Catalog):
    assert len(shelf.photos.matching([Filter("is", "=", "unsearchable")])) == len(ALL)


@pytest.mark.parametrize(
    ("name", "op", "value"),
    [
        ("colour", "=", "red"),
        ("name", ">", "a"),
        ("name", "~", "a"),
        ("name", "=", " "),
        ("date", "=", "yesterday"),
        ("date", "=", "2024-13"),
        ("date", "=", "2024-02-30"),
        ("date", "=", "0000"),
        ("date", "=", ".."),
        ("date", ">", "2023..2024"),
        ("width", "=", "wide"),
        ("width", "=", "-3"),
        ("width", "=", "9" * 30),
        ("width", "=", "a.."),
        ("orientation", "=", "upside"),
        ("is", "=", "pretty"),
        ("has", "=", "sound"),
    ],
)
def test_what_means_nothing_is_explained(catalog: Catalog, name: str, op: str, value: str):
    with pytest.raises(ValueError) as told:
        catalog.photos.matching([Filter(name, op, value)])
    assert str(told.value).endswith(".")


def test_the_first_and_last_years_are_dates(catalog: Catalog, root: Root):
    shot(catalog, root, "a.jpg", "9999-12-31T23:59:59")
    assert len(catalog.photos.matching([Filter("date", "=", "9999-12")])) == 1
    assert catalog.photos.matching([Filter("date", "=", "0001")]) == []
