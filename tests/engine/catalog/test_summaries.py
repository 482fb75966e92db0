"""What many photos have in common: counted right, mixed where they differ."""

from __future__ import annotations

from catalog_makers import read, seen

from engine.catalog import Catalog
from engine.mark_types import Summary
from engine.types import PhotoId, PhotoMetadata, Root

FACTS = (
    PhotoMetadata(taken_at="2024-05-01T10:00:00", camera_model="Pixel 8", title="Sea"),
    PhotoMetadata(taken_at="2023-01-02T10:00:00", camera_model="Pixel 8", title="Sea", caption="a"),
    PhotoMetadata(camera_model="X100", title="Sea"),
)


def fill(catalog: Catalog, root: Root) -> list[PhotoId]:
    files = [seen(f"{n}/{n}.jpg", size=100 + n) for n in range(4)]
    ids = catalog.photos.add(root.id, files)
    for n, facts in enumerate(FACTS):
        form = "PNG" if n == 2 else "JPEG"
        read(catalog, ids[n], files[n], str(n), metadata=facts, format=form)
    return ids


def test_what_they_have_in_common_is_counted(catalog: Catalog, root: Root) -> None:
    ids = fill(catalog, root)
    catalog.tags.put(ids[:3], "Trips/Sea")
    catalog.tags.put(ids[1:2], "Best")
    told = catalog.summaries.of(ids[:3])
    assert (told.photos, told.bytes, told.folders, told.offline) == (3, 303, 3, 0)
    assert (told.first, told.last, told.undated) == (
        "2023-01-02T10:00:00", "2024-05-01T10:00:00", 1,
    )  # fmt: skip
    assert told.cameras == (("Pixel 8", 2), ("X100", 1))
    assert told.formats == (("JPEG", 2), ("PNG", 1))
    assert told.tags == (("Trips/Sea", 3), ("Best", 1))
    assert (told.title, told.caption) == ("Sea", None)
    whole = catalog.summaries.of(ids)  # the last one was not read yet
    assert (whole.photos, whole.title, whole.caption) == (4, None, None)
    assert catalog.summaries.of(ids[3:]).title == ""


def test_nothing_and_what_means_nothing(catalog: Catalog, root: Root) -> None:
    fill(catalog, root)
    assert catalog.summaries.of([]) == Summary(0, 0, None, None, 0, 0, 0)
    assert catalog.summaries.of([PhotoId(999)]).photos == 0
