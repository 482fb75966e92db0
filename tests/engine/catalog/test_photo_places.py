"""Photos whose files appear, move, swap, vanish, return and are recognised."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest
from catalog_makers import SECOND, SPACE, digest, moved, only, read, seen, vectors

from engine.catalog import Catalog, KnownFile
from engine.types import Aspect, CatalogChange, PhotoId, PhotoMetadata, PhotoState, Root


def test_new_files_are_present_and_unread(
    catalog: Catalog, root: Root, changes: list[CatalogChange]
):
    files = [seen("a.jpg", mtime_s=5), seen("trip/b.jpg", mtime_s=9)]
    a, b = catalog.photos.add(root.id, files)
    assert changes == [CatalogChange(frozenset({a, b}), Aspect.EXISTENCE)]
    row = only(catalog, root, b)
    assert row == KnownFile(
        photo_id=b,
        root_id=root.id,
        root_path=root.path,
        relpath=b"trip/b.jpg",
        size=100,
        mtime_ns=9 * SECOND,
        dev=1,
        ino=files[1].ino,
        read_ns=None,
        content_hash=None,
        state=PhotoState.PRESENT,
    )
    assert row.path == root.path / "trip" / "b.jpg"
    assert [row.photo_id for row in catalog.photos.to_read()] == [b, a]  # the newest first
    assert [row.photo_id for row in catalog.photos.to_read(limit=1)] == [b]


def test_adding_a_known_place_gives_its_photo(
    catalog: Catalog, root: Root, changes: list[CatalogChange]
):
    (a,) = catalog.photos.add(root.id, [seen("a.jpg")])
    changes.clear()
    assert catalog.photos.add(root.id, [seen("a.jpg")]) == [a]
    assert changes == []


def test_names_that_are_no_text_survive(catalog: Catalog, root: Root):
    names = [b"\xff\xfe.jpg", b"tr\xe4nen/\xf0.JPG", b"a\nb.jpg", b"x" * 255]
    ids = catalog.photos.add(root.id, [seen(name) for name in names])
    assert {row.relpath for row in catalog.photos.known(root.id)} == set(names)
    for photo_id, name in zip(ids, names, strict=True):
        path = root.path / os.fsdecode(name)
        assert catalog.photos.path_of(photo_id) == path
        assert catalog.photos.find(path) == photo_id
    catalog.photos.set_unreadable(ids[0], "“\udcff.jpg” is no picture.")
    assert catalog.problems.all()[0].reason == "“?.jpg” is no picture."


def test_inodes_and_devices_may_fill_64_bits(catalog: Catalog, root: Root):
    file = replace(seen("a.jpg"), ino=2**64 - 1, dev=2**63)
    catalog.photos.add(root.id, [file])
    (row,) = catalog.photos.known(root.id)
    assert (row.ino, row.dev) == (file.ino, file.dev)
    (found,) = catalog.photos.with_identity([(file.ino, file.size, file.mtime_ns)])
    assert found == row


def test_identity_is_inode_size_and_time(catalog: Catalog, root: Root):
    file = seen("a.jpg")
    nowhere = replace(seen("b.jpg"), ino=0)  # a file system without inodes
    catalog.photos.add(root.id, [file, nowhere])
    key = (file.ino, file.size, file.mtime_ns)
    assert len(catalog.photos.with_identity([key, key])) == 1
    for wrong in ((1, 100, file.mtime_ns), (file.ino, 1, file.mtime_ns), (file.ino, 100, 1)):
        assert catalog.photos.with_identity([wrong]) == []
    assert catalog.photos.with_identity([(0, 100, nowhere.mtime_ns)]) == []
    assert catalog.photos.with_identity([]) == []


def test_known_follows_folders(catalog: Catalog, root: Root):
    names = ["a.jpg", "x/b.jpg", "x/y/c.jpg", "x-ray/d.jpg", "x0/e.jpg", "x/y z/f.jpg"]
    catalog.photos.add(root.id, [seen(name) for name in names])

    def known(folder: bytes, recursive: bool) -> set[str]:
        rows = catalog.photos.known(root.id, folder, recursive)
        return {row.relpath.decode() for row in rows}

    assert known(b"", True) == set(names)
    assert known(b"", False) == {"a.jpg"}
    assert known(b"x", True) == {"x/b.jpg", "x/y/c.jpg", "x/y z/f.jpg"}
    assert known(b"x", False) == {"x/b.jpg"}
    assert known(b"x/y", True) == {"x/y/c.jpg"}
    assert known(b"nowhere", True) == set()


def test_a_moved_file_keeps_all(catalog: Catalog, root: Root, changes: list[CatalogChange]):
    file = seen("a.jpg")
    (a,) = catalog.photos.add(root.id, [file])
    read(catalog, a, file, metadata=PhotoMetadata(title="Sea"))
    space = catalog.embeddings.space_id(SPACE)
    catalog.embeddings.put(space, [a], vectors(1))
    changes.clear()
    generation = catalog.embeddings.generation(space)
    catalog.photos.relocate([(a, root.id, moved(file, "new/IMG_7.PNG"))])
    assert changes == [CatalogChange(frozenset({a}), Aspect.FILE | Aspect.EXISTENCE)]
    row = only(catalog, root, a)
    assert (row.relpath, row.content_hash) == (b"new/IMG_7.PNG", digest("a"))
    assert row.read_ns is not None
    assert catalog.embeddings.generation(space) == generation
    detail = catalog.photos.detail(a, space)
    assert detail is not None
    assert detail.photo.embedded
    assert detail.metadata.title == "Sea"


def test_two_files_swap_places(catalog: Catalog, root: Root):
    one, two = seen("a.jpg", ino=5), seen("b.jpg", ino=6)
    a, b = catalog.photos.add(root.id, [one, two])
    catalog.photos.relocate([(a, root.id, moved(one, "b.jpg")), (b, root.id, moved(two, "a.jpg"))])
    assert only(catalog, root, a).relpath == b"b.jpg"
    assert only(catalog, root, b).relpath == b"a.jpg"
    assert len(catalog.photos.ids()) == 2


def test_a_move_over_another_photo_makes_that_one_missing(
    catalog: Catalog, root: Root, changes: list[CatalogChange]
):
    a, b = catalog.photos.add(root.id, [seen("a.jpg", ino=5), seen("b.jpg", ino=6)])
    changes.clear()
    catalog.photos.relocate([(a, root.id, seen("b.jpg", ino=5))])
    assert only(catalog, root, b).state is PhotoState.MISSING
    assert catalog.photos.find(root.path / "b.jpg") == a
    assert changes[0].photos == {a, b}


def test_a_touched_file_without_a_date_moves_in_time(catalog: Catalog, root: Root):
    old, new = seen("a.jpg", mtime_s=86_400), seen("b.jpg", mtime_s=2 * 86_400)
    a, b = catalog.photos.add(root.id, [old, new])
    assert catalog.photos.ids() == [b, a]
    catalog.photos.relocate([(a, root.id, replace(old, mtime_ns=3 * 86_400 * SECOND))])
    assert catalog.photos.ids() == [a, b]


def test_an_edited_file_is_read_again_and_keeps_what_is_known_until_then(
    catalog: Catalog, root: Root, changes: list[CatalogChange]
):
    file = seen("a.jpg")
    (a,) = catalog.photos.add(root.id, [file])
    read(catalog, a, file)
    space = catalog.embeddings.space_id(SPACE)
    catalog.embeddings.put(space, [a], vectors(1))
    changes.clear()
    catalog.photos.mark_changed([(a, replace(file, size=101))])
    assert changes == [CatalogChange(frozenset({a}), Aspect.FILE | Aspect.EXISTENCE)]
    (row,) = catalog.photos.to_read()
    assert (row.size, row.content_hash) == (101, digest("a"))
    assert catalog.embeddings.count(space) == 1
    assert catalog.photos.to_embed(space) == []


def test_a_vanished_file_leaves_a_tombstone_that_bars_nobody(
    catalog: Catalog, root: Root, changes: list[CatalogChange]
):
    file = seen("a.jpg")
    (a,) = catalog.photos.add(root.id, [file])
    read(catalog, a, file)
    changes.clear()
    catalog.photos.mark_missing([a])
    catalog.photos.mark_missing([a])
    assert changes == [CatalogChange(frozenset({a}), Aspect.EXISTENCE | Aspect.PROBLEM)]
    assert catalog.photos.ids() == []
    assert catalog.photos.find(root.path / "a.jpg") is None
    assert catalog.photos.page([a], None)[0].state is PhotoState.MISSING
    (b,) = catalog.photos.add(root.id, [file])
    assert b > a
    assert catalog.photos.ids() == [b]
    assert catalog.photos.find(root.path / "a.jpg") == b
    assert {row.photo_id for row in catalog.photos.known(root.id)} == {a, b}
    catalog.photos.mark_changed([(a, file)])  # a tombstone is not raised by this
    catalog.photos.mark_returned([(a, file)])  # nor where its place is taken
    assert only(catalog, root, a).state is PhotoState.MISSING


@pytest.mark.parametrize(("mtime_s", "again"), [(1_000, False), (1_001, True)])
def test_a_returned_file_is_read_again_only_if_it_differs(
    catalog: Catalog,
    root: Root,
    changes: list[CatalogChange],
    mtime_s: int,
    again: bool,
):
    file = seen("a.jpg")
    (a,) = catalog.photos.add(root.id, [file])
    read(catalog, a, file)
    catalog.photos.mark_missing([a])
    changes.clear()
    catalog.photos.mark_returned([(a, seen("a.jpg", mtime_s=mtime_s, ino=77))])
    assert changes[0].photos == {a}
    assert bool(catalog.photos.to_read()) is again
    row = only(catalog, root, a)
    assert (row.state, row.ino, row.mtime_ns) == (PhotoState.PRESENT, 77, mtime_s * SECOND)


def test_an_unreadable_file_that_returns_is_tried_again(catalog: Catalog, root: Root):
    file = seen("a.jpg")
    (a,) = catalog.photos.add(root.id, [file])
    catalog.photos.set_unreadable(a, "It is no picture.", file)
    catalog.photos.mark_missing([a])
    assert catalog.problems.all() == []
    catalog.photos.mark_returned([(a, file)])
    assert [row.photo_id for row in catalog.photos.to_read()] == [a]
    assert catalog.problems.all() == []


def test_an_unreadable_file_that_moves_stays_unreadable(catalog: Catalog, root: Root):
    file = seen("a.jpg")
    (a,) = catalog.photos.add(root.id, [file])
    catalog.photos.set_unreadable(a, "It is no picture.", file)
    catalog.photos.relocate([(a, root.id, moved(file, "b.jpg"))])
    assert only(catalog, root, a).state is PhotoState.UNREADABLE
    assert catalog.problems.all()[0].path == root.path / "b.jpg"
    assert catalog.photos.to_read() == []


# ---- recognised by content -----------------------------------------------------------------------


def test_a_tombstone_adopts_the_file_that_has_its_bytes(
    catalog: Catalog, root: Root, changes: list[CatalogChange]
):
    file = seen("a.jpg")
    (a,) = catalog.photos.add(root.id, [file])
    read(catalog, a, file, metadata=PhotoMetadata(title="Sea"))
    space = catalog.embeddings.space_id(SPACE)
    catalog.embeddings.put(space, [a], vectors(1))
    catalog.photos.mark_missing([a])
    assert catalog.photos.missing_with_hash(digest("a"), 100) == a
    assert catalog.photos.missing_with_hash(digest("a"), 99) is None
    assert catalog.photos.missing_with_hash(digest("b"), 100) is None

    copy = seen("b.jpg", mtime_s=2_000)
    (b,) = catalog.photos.add(root.id, [copy])
    changes.clear()
    with catalog.write():
        catalog.photos.adopt(a, b)
        read(catalog, a, copy)
    assert changes[0].photos == {a, b}
    assert Aspect.EXISTENCE in changes[0].aspects
    assert Aspect.EMBEDDING not in changes[0].aspects
    (row,) = catalog.photos.known(root.id)
    assert (row.photo_id, row.relpath, row.state) == (a, b"b.jpg", PhotoState.PRESENT)
    assert (row.mtime_ns, row.ino) == (copy.mtime_ns, copy.ino)
    assert catalog.embeddings.vector(space, a) is not None
    assert catalog.check() == []


def test_adopting_a_file_that_was_read_takes_what_was_read(catalog: Catalog, root: Root):
    one, two = seen("a.jpg"), seen("b.jpg", mtime_s=2_000)
    a, b = catalog.photos.add(root.id, [one, two])
    read(catalog, a, one, "old")
    read(catalog, b, two, "new", width=99, metadata=PhotoMetadata(title="Sea"))
    first = catalog.embeddings.space_id(SPACE)
    second = catalog.embeddings.space_id(replace(SPACE, revision="2"))
    catalog.embeddings.put(first, [a], vectors(1))
    catalog.embeddings.put(second, [b], vectors(1))
    catalog.photos.mark_missing([a])
    catalog.photos.adopt(a, b)
    detail = catalog.photos.detail(a, second)
    assert detail is not None
    assert (detail.photo.width, detail.metadata.title) == (99, "Sea")
    assert detail.photo.content_hash == digest("new")
    assert detail.photo.embedded
    assert catalog.embeddings.count(first) == 0  # that was of other bytes
    assert catalog.photos.page([b], None) == []
    assert catalog.photos.to_read() == []
    assert catalog.check() == []


def test_adopting_equal_bytes_keeps_the_older_vector(catalog: Catalog, root: Root):
    one, two = seen("a.jpg"), seen("b.jpg")
    a, b = catalog.photos.add(root.id, [one, two])
    read(catalog, a, one)
    read(catalog, b, two)
    space = catalog.embeddings.space_id(SPACE)
    wanted = vectors(2)
    catalog.embeddings.put(space, [a, b], wanted)
    generation = catalog.embeddings.generation(space)
    catalog.photos.mark_missing([a])
    catalog.photos.adopt(a, b)
    held = catalog.embeddings.vector(space, a)
    assert held is not None
    assert held @ wanted[0] > 0.999
    assert catalog.embeddings.count(space) == 1
    assert catalog.embeddings.generation(space) != generation


def test_adopting_an_unread_file_of_equal_stat_reads_nothing_again(catalog: Catalog, root: Root):
    file = seen("a.jpg", ino=5)
    (a,) = catalog.photos.add(root.id, [file])
    read(catalog, a, file)
    catalog.photos.mark_missing([a])
    (b,) = catalog.photos.add(root.id, [moved(file, "b.jpg")])
    catalog.photos.adopt(a, b)
    assert catalog.photos.to_read() == []
    assert catalog.photos.ids() == [a]


def test_adopting_takes_over_the_problem(catalog: Catalog, root: Root):
    one, two = seen("a.jpg"), seen("b.jpg")
    a, b = catalog.photos.add(root.id, [one, two])
    catalog.photos.set_unreadable(a, "first", one)
    catalog.photos.set_unreadable(b, "second", two)
    catalog.photos.mark_missing([a])
    catalog.photos.adopt(a, b)
    (problem,) = catalog.problems.all()
    assert (problem.photo_id, problem.reason) == (a, "second")
    row = only(catalog, root, a)
    assert (row.state, row.relpath) == (PhotoState.UNREADABLE, b"b.jpg")
    assert row.read_ns is not None


def test_adopting_nobody_does_nothing(catalog: Catalog, root: Root, changes: list[CatalogChange]):
    (a,) = catalog.photos.add(root.id, [seen("a.jpg")])
    changes.clear()
    catalog.photos.adopt(a, a)
    catalog.photos.adopt(a, PhotoId(99))
    catalog.photos.adopt(PhotoId(99), a)
    assert changes == []
    assert catalog.photos.ids() == [a]


def test_ids_never_come_back(catalog: Catalog, root: Root):
    a, b = catalog.photos.add(root.id, [seen("a.jpg"), seen("b.jpg")])
    catalog.photos.adopt(a, b)
    (c,) = catalog.photos.add(root.id, [seen("c.jpg")])
    assert c > b
