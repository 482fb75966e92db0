"""What reading a file leaves in the catalog."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from catalog_makers import SPACE, content, digest, only, read, seen, vectors

from engine.catalog import Catalog
from engine.types import Aspect, CatalogChange, PhotoId, PhotoMetadata, PhotoState, Root


def test_reading_notes_the_facts(catalog: Catalog, root: Root, changes: list[CatalogChange]):
    file = seen("a.jpg")
    (a,) = catalog.photos.add(root.id, [file])
    changes.clear()
    metadata = PhotoMetadata(
        taken_at="2024-05-01T12:00:00",
        utc_offset="+02:00",
        camera_make="Canon",
        camera_model="Canon EOS 5D",
        exposure_s=0.01,
        iso=100,
        latitude=48.1,
        longitude=11.5,
        keywords=("sea", "日本"),
    )
    read(catalog, a, file, width=40, height=30, metadata=metadata)
    assert changes == [CatalogChange(frozenset({a}), Aspect.FILE | Aspect.TAG)]
    detail = catalog.photos.detail(a, None)
    assert detail is not None
    assert detail.metadata == metadata
    photo = detail.photo
    assert (photo.width, photo.height, photo.format) == (40, 30, "JPEG")
    assert (photo.taken_at, photo.camera) == ("2024-05-01T12:00:00", "Canon EOS 5D")
    assert (photo.content_hash, photo.damaged, photo.embedded) == (digest("a"), "", False)
    assert catalog.photos.to_read() == []


def test_other_bytes_drop_the_vectors_in_the_same_commit(
    catalog: Catalog, root: Root, changes: list[CatalogChange]
):
    file = seen("a.jpg")
    (a,) = catalog.photos.add(root.id, [file])
    read(catalog, a, file, "old")
    space = catalog.embeddings.space_id(SPACE)
    catalog.embeddings.put(space, [a], vectors(1))
    generation = catalog.embeddings.generation(space)
    changes.clear()
    read(catalog, a, file, "old")
    assert catalog.embeddings.count(space) == 1
    assert catalog.embeddings.generation(space) == generation
    read(catalog, a, file, "new")
    assert [change.aspects for change in changes] == [Aspect.FILE, Aspect.FILE | Aspect.EMBEDDING]
    assert catalog.embeddings.count(space) == 0
    assert catalog.embeddings.generation(space) != generation
    assert [row.photo_id for row in catalog.photos.to_embed(space)] == [a]


def test_a_damaged_picture_is_shown_and_listed(
    catalog: Catalog, root: Root, changes: list[CatalogChange]
):
    file = seen("a.jpg")
    (a,) = catalog.photos.add(root.id, [file])
    changes.clear()
    read(catalog, a, file, damaged="It ends too early.")
    assert changes[0].aspects == Aspect.FILE | Aspect.PROBLEM
    assert catalog.photos.ids() == [a]
    (problem,) = catalog.problems.all()
    assert (problem.damaged, problem.reason) == (True, "It ends too early.")
    detail = catalog.photos.detail(a)
    assert detail is not None
    assert detail.problem == detail.photo.damaged == "It ends too early."
    read(catalog, a, file, "repaired")
    assert catalog.problems.all() == []
    assert Aspect.PROBLEM in changes[-1].aspects


def test_an_unreadable_file_is_listed_until_it_changes(
    catalog: Catalog, root: Root, changes: list[CatalogChange]
):
    file = seen("a.jpg")
    (a,) = catalog.photos.add(root.id, [file])
    changes.clear()
    catalog.photos.set_unreadable(a, "It is no picture.", replace(file, size=7))
    assert Aspect.PROBLEM | Aspect.EXISTENCE in changes[0].aspects
    row = only(catalog, root, a)
    assert (row.state, row.size) == (PhotoState.UNREADABLE, 7)
    assert row.read_ns is not None
    assert catalog.photos.ids() == catalog.photos.to_read() == []
    catalog.photos.mark_changed([(a, file)])
    assert Aspect.PROBLEM in changes[-1].aspects
    assert catalog.problems.all() == []
    assert [row.photo_id for row in catalog.photos.to_read()] == [a]
    catalog.photos.set_unreadable(a, "It is no picture.")
    read(catalog, a, file)
    assert Aspect.EXISTENCE in changes[-1].aspects
    assert catalog.photos.ids() == [a]


def test_late_results_of_reading_raise_nobody(
    catalog: Catalog, root: Root, changes: list[CatalogChange]
):
    file = seen("a.jpg")
    (a,) = catalog.photos.add(root.id, [file])
    catalog.photos.mark_missing([a])
    catalog.photos.add(root.id, [file])
    changes.clear()
    read(catalog, a, file)
    catalog.photos.set_unreadable(a, "gone")
    read(catalog, PhotoId(99), file)
    catalog.photos.set_unreadable(PhotoId(99), "gone")
    assert only(catalog, root, a).state is PhotoState.MISSING
    assert catalog.problems.all() == []
    assert len(changes) == 1  # of the content of the tombstone


@pytest.mark.parametrize(
    ("make", "model", "camera"),
    [
        (None, None, None),
        ("", " ", None),
        ("Canon", None, "Canon"),
        (None, "Pixel 8", "Pixel 8"),
        ("Canon", "Canon EOS 5D", "Canon EOS 5D"),
        ("NIKON CORPORATION", "NIKON D90", "NIKON D90"),
        ("Apple", "iPhone 8", "Apple iPhone 8"),
        ("LEICA", "leicaflex", "leicaflex"),
        ("a\udcff", "b", "a? b"),
    ],
)
def test_a_camera_says_its_make_once(
    catalog: Catalog, root: Root, make: str | None, model: str | None, camera: str | None
):
    file = seen("a.jpg")
    (a,) = catalog.photos.add(root.id, [file])
    read(catalog, a, file, metadata=PhotoMetadata(camera_make=make, camera_model=model))
    assert catalog.photos.page([a], None)[0].camera == camera


@pytest.mark.parametrize("taken_at", ["nonsense", "2024-13-01T00:00:00", ""])
def test_a_date_that_is_none_is_left_out(catalog: Catalog, root: Root, taken_at: str):
    file = seen("a.jpg")
    (a,) = catalog.photos.add(root.id, [file])
    read(catalog, a, file, metadata=PhotoMetadata(taken_at=taken_at))
    assert catalog.photos.page([a], None)[0].taken_at is None


def test_times_beyond_the_calendar_are_taken(catalog: Catalog, root: Root):
    files = [
        replace(seen(f"{n}.jpg"), mtime_ns=mtime_ns)
        for n, mtime_ns in enumerate((-(2**63), 2**63 - 1, 0, -1))
    ]
    assert len(catalog.photos.add(root.id, files)) == 4
    assert len(catalog.photos.ids()) == 4
    assert content().metadata == PhotoMetadata()


def test_a_time_that_the_system_refuses_is_taken(
    catalog: Catalog, root: Root, monkeypatch: pytest.MonkeyPatch
):
    def refuses(_: int) -> None:
        raise OSError("a year before 1970")

    monkeypatch.setattr("engine.catalog.photo_rows.time.localtime", refuses)
    assert len(catalog.photos.add(root.id, [seen("a.jpg")])) == 1


def test_paths_outside_are_nobodys(catalog: Catalog, root: Root, tmp_path: Path):
    catalog.photos.add(root.id, [seen("a.jpg")])
    assert catalog.photos.find(root.path / "a.jpg") is not None
    assert catalog.photos.find(tmp_path / "a.jpg") is None
    assert catalog.photos.find(root.path) is None
    assert catalog.photos.path_of(PhotoId(99)) is None
    assert catalog.photos.detail(PhotoId(99)) is None
