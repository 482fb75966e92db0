"""Watched folders that go offline, are forgotten and come back; the list of problems."""

from __future__ import annotations

from pathlib import Path

from catalog_makers import SPACE, digest, read, seen, vectors

from engine.catalog import Catalog
from engine.types import Aspect, CatalogChange, Filter, PhotoId, PhotoState, Root, Scope


def test_roots_are_kept_in_order(catalog: Catalog, tmp_path: Path):
    b = catalog.roots.add(tmp_path / "b", (7, 8))
    a = catalog.roots.add(tmp_path / "a")
    assert catalog.roots.all() == [b, a]
    assert b == Root(id=b.id, path=tmp_path / "b", online=True, note="", marker=(7, 8))
    assert a.marker is None


def test_a_root_goes_offline_and_back(catalog: Catalog, root: Root, changes: list[CatalogChange]):
    (a,) = catalog.photos.add(root.id, [seen("a.jpg")])
    changes.clear()
    catalog.roots.set_online(root.id, False, "The drive is not connected.")
    catalog.roots.set_online(root.id, False, "The drive is not connected.")
    assert changes == [CatalogChange(frozenset(), Aspect.ROOT)]
    (held,) = catalog.roots.all()
    assert (held.online, held.note, held.marker) == (False, "The drive is not connected.", (1, 2))
    assert catalog.photos.ids() == [a]
    assert not catalog.photos.page([a], None)[0].online
    assert catalog.photos.to_read() == []
    assert catalog.photos.counts(None).offline == 1
    catalog.roots.set_online(root.id, True, marker=(3, 2**64 - 1))
    (held,) = catalog.roots.all()
    assert (held.online, held.note, held.marker) == (True, "", (3, 2**64 - 1))
    assert len(catalog.photos.to_read()) == 1
    assert catalog.photos.counts(None).offline == 0


def test_a_forgotten_root_is_hidden_everywhere_and_comes_back_whole(
    catalog: Catalog, root: Root, changes: list[CatalogChange], tmp_path: Path
):
    file = seen("x/a.jpg")
    (a,) = catalog.photos.add(root.id, [file])
    read(catalog, a, file, damaged="half")
    space = catalog.embeddings.space_id(SPACE)
    catalog.embeddings.put(space, [a], vectors(1))
    other = catalog.roots.add(tmp_path / "other")
    copy = seen("copy.jpg")
    (b,) = catalog.photos.add(other.id, [copy])
    read(catalog, b, copy)
    before = catalog.photos.counts(space)
    changes.clear()
    catalog.roots.forget(root.id)
    catalog.roots.forget(root.id)
    assert changes == [CatalogChange(frozenset(), Aspect.ROOT | Aspect.EXISTENCE)]

    assert catalog.roots.all() == [other]
    assert catalog.photos.ids() == [b]
    assert catalog.photos.ids(Scope(root_id=root.id)) == []
    assert catalog.photos.ids(Scope(folder=b"x")) == []
    assert catalog.photos.matching([Filter("is", "=", "identical")]) == []
    assert catalog.photos.page([a, b], None)[0].id == b
    assert catalog.photos.detail(a) is None
    detail = catalog.photos.detail(b)
    assert detail is not None
    assert detail.copies == ()
    assert catalog.photos.path_of(a) is None
    assert catalog.photos.find(root.path / "x" / "a.jpg") is None
    assert catalog.problems.all() == []
    assert catalog.problems.retry() == 0
    assert {folder.root_id for folder in catalog.photos.folders()} == {other.id}
    hidden = catalog.photos.counts(space)
    assert (hidden.photos, hidden.not_searchable, hidden.problems) == (1, 1, 0)
    assert catalog.photos.to_read() == []
    assert [row.photo_id for row in catalog.photos.to_embed(space)] == [b]
    assert catalog.photos.with_identity([(file.ino, file.size, file.mtime_ns)]) == []
    assert catalog.embeddings.count(space) == 1
    assert catalog.photos.missing_with_hash(digest("a"), 100) == a  # a new file may be it

    again = catalog.roots.add(root.path)
    assert again == root
    assert catalog.photos.counts(space) == before
    assert set(catalog.photos.ids()) == {a, b}
    assert catalog.photos.detail(b).copies == (root.path / "x" / "a.jpg",)  # pyright: ignore[reportOptionalMemberAccess]


def test_a_tombstone_is_preferred_to_a_forgotten_photo(
    catalog: Catalog, root: Root, tmp_path: Path
):
    other = catalog.roots.add(tmp_path / "other")
    file = seen("a.jpg")
    (a,) = catalog.photos.add(root.id, [file])
    (b,) = catalog.photos.add(other.id, [file])
    for photo_id in (a, b):
        read(catalog, photo_id, file)
    assert catalog.photos.missing_with_hash(digest("a"), 100) is None
    catalog.roots.forget(other.id)
    assert catalog.photos.missing_with_hash(digest("a"), 100) == b
    catalog.photos.mark_missing([a])
    assert catalog.photos.missing_with_hash(digest("a"), 100) == a


def test_problems_are_listed_newest_first_and_tried_again(
    catalog: Catalog, root: Root, changes: list[CatalogChange]
):
    files = [seen(f"{n}.jpg") for n in range(3)]
    a, b, c = catalog.photos.add(root.id, files)
    catalog.photos.set_unreadable(a, "first", files[0])
    catalog.photos.set_unreadable(b, "second", files[1])
    read(catalog, c, files[2], damaged="third")
    assert {p.reason for p in catalog.problems.all()} == {"first", "second", "third"}
    assert catalog.problems.all()[0].path.parent == root.path
    assert catalog.photos.counts(None).problems == 3
    changes.clear()
    assert catalog.problems.retry([a, PhotoId(99)]) == 1
    assert changes[0].photos == {a}
    assert Aspect.PROBLEM in changes[0].aspects
    assert [row.photo_id for row in catalog.photos.to_read()] == [a]
    assert catalog.problems.retry([]) == 0
    assert catalog.problems.retry() == 2
    assert catalog.problems.all() == []
    rows = catalog.photos.to_read()
    assert {row.photo_id for row in rows} == {a, b, c}
    assert all(row.state is PhotoState.PRESENT for row in rows)
