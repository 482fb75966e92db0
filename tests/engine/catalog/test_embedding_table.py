"""Vectors in the catalog: stored, checked, counted, told apart by generation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from catalog_makers import SPACE, digest, read, seen, vectors

from engine.catalog import Catalog
from engine.types import Aspect, CatalogChange, PhotoId, Root, SpaceId


@pytest.fixture
def space(catalog: Catalog) -> SpaceId:
    return catalog.embeddings.space_id(SPACE)


@pytest.fixture
def ids(catalog: Catalog, root: Root) -> list[PhotoId]:
    files = [seen(f"{n}.jpg") for n in range(4)]
    found = catalog.photos.add(root.id, files)
    for photo_id, file in zip(found, files, strict=True):
        read(catalog, photo_id, file, text=f"{photo_id // 3}")
    return found


def damage(catalog: Catalog, photo_id: PhotoId, sql: str = "zeroblob(16)") -> None:
    with catalog._store.write() as db:  # pyright: ignore[reportPrivateUsage]
        db.execute(f"UPDATE embedding SET vector = {sql} WHERE photo_id = ?", (photo_id,))


def test_a_space_is_made_once(catalog: Catalog, space: SpaceId):
    assert catalog.embeddings.space_id(SPACE) == space
    others = [
        replace(SPACE, model_id="m"),
        replace(SPACE, revision="r"),
        replace(SPACE, preprocessing="p"),
        replace(SPACE, precision="bf16"),
        replace(SPACE, dim=9),
    ]
    assert len({space, *(catalog.embeddings.space_id(other) for other in others)}) == 6


def test_vectors_come_back_normalised(catalog: Catalog, space: SpaceId, ids: list[PhotoId]):
    wanted = vectors(4)
    assert catalog.embeddings.put(space, ids[::-1], wanted * 7) == ids[::-1]
    held, found = catalog.embeddings.load_all(space)
    assert held.dtype == np.int64
    assert found.dtype == np.float32
    assert held.tolist() == ids
    assert np.abs(found - wanted[::-1]).max() < 1e-3
    assert np.abs(np.linalg.norm(found, axis=1) - 1).max() < 1e-3
    one = catalog.embeddings.vector(space, ids[0])
    assert one is not None
    assert np.array_equal(one, found[0])
    assert catalog.embeddings.vector(space, PhotoId(99)) is None
    assert catalog.embeddings.count(space) == 4


def test_an_empty_space_loads_empty(catalog: Catalog, space: SpaceId):
    ids, found = catalog.embeddings.load_all(space)
    assert ids.shape == (0,)
    assert found.shape == (0, 8)
    assert catalog.embeddings.load_all(SpaceId(99))[1].shape == (0, 0)
    assert catalog.embeddings.generation(SpaceId(99)) == 0
    assert catalog.embeddings.count(SpaceId(99)) == 0


def test_photos_that_are_gone_are_ignored(
    catalog: Catalog, space: SpaceId, ids: list[PhotoId], changes: list[CatalogChange]
):
    stored = catalog.embeddings.put(space, [PhotoId(99), ids[1]], vectors(2))
    assert stored == [ids[1]]
    assert changes[-1] == CatalogChange(frozenset({ids[1]}), Aspect.EMBEDDING)
    generation = catalog.embeddings.generation(space)
    changes.clear()
    assert catalog.embeddings.put(space, [PhotoId(99)], vectors(1)) == []
    assert catalog.embeddings.put(space, [], vectors(0)) == []
    assert catalog.embeddings.generation(space) == generation
    assert changes == []


def test_a_vector_is_replaced(catalog: Catalog, space: SpaceId, ids: list[PhotoId]):
    one, two = vectors(2)
    catalog.embeddings.put(space, ids[:1], one[None])
    before = catalog.embeddings.generation(space)
    catalog.embeddings.put(space, ids[:1], two[None])
    held = catalog.embeddings.vector(space, ids[0])
    assert held is not None
    assert held @ two > 0.999
    assert catalog.embeddings.generation(space) > before


@pytest.mark.parametrize("bad", [0.0, np.nan, np.inf])
def test_a_vector_without_a_direction_is_refused(
    catalog: Catalog, space: SpaceId, ids: list[PhotoId], bad: float
):
    wrong = vectors(2)
    wrong[1] = bad
    with pytest.raises(ValueError, match="direction"):
        catalog.embeddings.put(space, ids[:2], wrong)
    assert catalog.embeddings.count(space) == 0


def test_shapes_must_fit(catalog: Catalog, space: SpaceId, ids: list[PhotoId]):
    for wrong in (vectors(2, dim=7), vectors(3), vectors(2)[0]):
        with pytest.raises(ValueError, match=r"fit|shape"):
            catalog.embeddings.put(space, ids[:2], wrong)
    with pytest.raises(ValueError, match="fit"):
        catalog.embeddings.put(SpaceId(99), ids[:2], vectors(2))


def test_equal_bytes_share_a_vector(catalog: Catalog, space: SpaceId, ids: list[PhotoId]):
    # ids 1, 2 have the same bytes, so have 3, 4
    wanted = vectors(1)
    assert catalog.embeddings.of_equal_content(space, digest("0")) is None
    catalog.embeddings.put(space, ids[1:2], wanted)
    found = catalog.embeddings.of_equal_content(space, digest("0"))
    assert found is not None
    assert found @ wanted[0] > 0.999
    assert catalog.embeddings.of_equal_content(space, digest("1")) is None
    catalog.photos.mark_missing(ids[:2])  # a tombstone's vector is as good
    assert catalog.embeddings.of_equal_content(space, digest("0")) is not None
    damage(catalog, ids[1])
    assert catalog.embeddings.of_equal_content(space, digest("0")) is None


@pytest.mark.expects_warnings
@pytest.mark.parametrize("sql", ["zeroblob(16)", "substr(vector, 3)", "x''"])
def test_a_damaged_vector_is_dropped_and_computed_again(
    catalog: Catalog,
    space: SpaceId,
    ids: list[PhotoId],
    changes: list[CatalogChange],
    sql: str,
):
    wanted = vectors(4)
    catalog.embeddings.put(space, ids, wanted)
    damage(catalog, ids[2], sql)
    generation = catalog.embeddings.generation(space)
    changes.clear()
    assert catalog.embeddings.vector(space, ids[2]) is None
    held, found = catalog.embeddings.load_all(space)
    assert held.tolist() == [ids[0], ids[1], ids[3]]
    assert np.abs(found - wanted[[0, 1, 3]]).max() < 1e-3
    assert changes == [CatalogChange(frozenset({ids[2]}), Aspect.EMBEDDING)]
    assert catalog.embeddings.generation(space) != generation
    assert [row.photo_id for row in catalog.photos.to_embed(space)] == [ids[2]]


def test_many_vectors_are_read_in_pieces(
    catalog: Catalog, root: Root, space: SpaceId, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("engine.catalog.embeddings._CHUNK", 7)
    found = catalog.photos.add(root.id, [seen(f"n{n}.jpg") for n in range(50)])
    wanted = vectors(50)
    catalog.embeddings.put(space, found, wanted)
    held, loaded = catalog.embeddings.load_all(space)
    assert held.tolist() == found
    assert np.abs(loaded - wanted).max() < 1e-3


def test_the_check_finds_what_should_not_be(catalog: Catalog, root: Root, space: SpaceId):
    (a,) = catalog.photos.add(root.id, [seen("a.jpg")])
    assert catalog.check() == []
    catalog.embeddings.put(space, [a], vectors(1))
    damage(catalog, a, "x'00'")
    with catalog._store.write() as db:  # pyright: ignore[reportPrivateUsage]
        db.execute("PRAGMA defer_foreign_keys = ON")
        db.execute("INSERT INTO problem VALUES (99, 'x', 0, 0, 0)")
        db.execute("INSERT INTO photo(id, folder_id, name, folded_name, extension, name_key, state,"
                   " size, mtime_ns, dev, ino, date_key)"
                   " VALUES (99, 1, x'00', '', '', '', 'present', 0, 0, 0, 0, 0)")  # fmt: skip
    writer = catalog._store._writer  # pyright: ignore[reportPrivateUsage]
    writer.execute("PRAGMA foreign_keys = OFF")
    writer.execute("DELETE FROM photo WHERE id = 99")
    found = catalog.check()
    assert len(found) == 3
    assert all(sentence.endswith(".") for sentence in found)
