"""Tags by hand: put, taken, renamed, merged, found, undone."""

from __future__ import annotations

import pytest
from catalog_makers import read, seen
from hypothesis import given
from hypothesis import strategies as st

from engine.catalog import Catalog
from engine.catalog.tag_rows import clean_name, path_parts
from engine.tag_types import (
    Category,
    CategoryId,
    CategorySet,
    RunKind,
    SetId,
    TagSource,
)
from engine.types import Aspect, CatalogChange, Filter, PhotoId, Root


@pytest.fixture
def ids(catalog: Catalog, root: Root) -> list[PhotoId]:
    files = [seen(f"{n}.jpg") for n in range(6)]
    found = catalog.photos.add(root.id, files)
    for photo_id, file in zip(found, files, strict=True):
        read(catalog, photo_id, file, str(photo_id))
    return found


def paths_of(catalog: Catalog, photo_id: PhotoId) -> list[str]:
    return [tag.path for tag in catalog.tags.of([photo_id]).get(photo_id, [])]


def matching(catalog: Catalog, name: str, value: str, *, negate: bool = False) -> set[PhotoId]:
    return set(catalog.photos.matching([Filter(name, "=", value, negate)]))


def test_a_tag_is_put_and_taken_and_each_step_is_undone(
    catalog: Catalog, ids: list[PhotoId], changes: list[CatalogChange]
):
    changes.clear()
    put = catalog.tags.put(ids[:3], "Places/Italy")
    assert changes == [CatalogChange(frozenset(ids[:3]), Aspect.TAG)]
    (tag,) = catalog.tags.of([ids[0]])[ids[0]]
    assert (tag.path, tag.source, tag.score) == ("Places/Italy", TagSource.USER, None)
    assert [(t.path, t.photos, t.below) for t in catalog.tags.all()] == [
        ("Places", 0, 3),
        ("Places/Italy", 3, 3),
    ]
    take = catalog.tags.take(ids[:2], "places/italy")
    assert paths_of(catalog, ids[0]) == []
    assert paths_of(catalog, ids[2]) == ["Places/Italy"]
    catalog.tags.restore(take)
    assert paths_of(catalog, ids[0]) == ["Places/Italy"]
    again = catalog.tags.restore(put)
    assert catalog.tags.all() == []  # the tags that it had made are gone too
    catalog.tags.restore(again)
    assert paths_of(catalog, ids[1]) == ["Places/Italy"]


def test_tags_have_one_name_whatever_the_case_and_the_form(catalog: Catalog, ids: list[PhotoId]):
    catalog.tags.put([ids[0]], "Café ")
    catalog.tags.put([ids[1]], " cafe\u0301")
    catalog.tags.put([ids[2]], "CAFÉ\u200b")
    assert [(tag.path, tag.photos) for tag in catalog.tags.all()] == [("Café", 3)]
    for nothing in ("", "  ", "/", "\u200b", "\x00"):
        with pytest.raises(ValueError, match="name"):
            catalog.tags.put(ids, nothing)
    with pytest.raises(ValueError, match="letters"):
        catalog.tags.put(ids, "x" * 300)
    with pytest.raises(ValueError, match="deep"):
        catalog.tags.put(ids, "/".join("abcdefghij"))


@given(st.text(min_size=1, max_size=30))
def test_a_cleaned_name_stays_as_it_is(name: str):
    try:
        clean = clean_name(name)
    except ValueError:
        return
    assert clean_name(clean) == clean
    assert path_parts(clean.replace("/", " ").strip() or "x")


def test_renaming_moves_what_lies_below_and_merges_with_what_is_there(
    catalog: Catalog, ids: list[PhotoId]
):
    catalog.tags.put(ids[:2], "Pets/Cat")
    catalog.tags.put(ids[1:4], "Animals/cat")
    catalog.tags.put([ids[5]], "Pets/Dog")
    before = {photo_id: paths_of(catalog, photo_id) for photo_id in ids}
    pets = catalog.tags.find("Pets")
    assert pets is not None
    undo = catalog.tags.rename(pets, "Animals")
    assert [t.path for t in catalog.tags.all()] == ["Animals", "Animals/cat", "Animals/Dog"]
    assert paths_of(catalog, ids[1]) == ["Animals/cat"]
    assert paths_of(catalog, ids[0]) == ["Animals/cat"]
    redo = catalog.tags.restore(undo)
    assert {photo_id: paths_of(catalog, photo_id) for photo_id in ids} == before
    catalog.tags.restore(redo)
    assert [t.path for t in catalog.tags.all()] == ["Animals", "Animals/cat", "Animals/Dog"]
    animals = catalog.tags.find("Animals")
    assert animals is not None
    with pytest.raises(ValueError, match="below itself"):
        catalog.tags.rename(animals, "Animals/cat/x")
    undo = catalog.tags.rename(animals, "Living/Beings")
    assert "Living/Beings/Dog" in [t.path for t in catalog.tags.all()]
    catalog.tags.restore(undo)
    assert [t.path for t in catalog.tags.all()] == ["Animals", "Animals/cat", "Animals/Dog"]
    assert catalog.check() == []


def test_removing_a_tag_brings_everything_back_when_undone(catalog: Catalog, ids: list[PhotoId]):
    catalog.tags.put(ids, "A/B/C")
    catalog.tags.put(ids[:1], "A")
    tag_id = catalog.tags.find("A")
    assert tag_id is not None
    undo = catalog.tags.paint(tag_id, "#ff0000")
    assert catalog.tags.all()[0].colour == "#ff0000"
    catalog.tags.restore(undo)
    undo = catalog.tags.remove(tag_id)
    assert catalog.tags.all() == []
    catalog.tags.restore(undo)
    assert [(t.path, t.photos) for t in catalog.tags.all()] == [("A", 1), ("A/B", 0), ("A/B/C", 6)]
    assert catalog.tags.photos(tag_id) == ids
    assert catalog.tags.photos(tag_id, below=False) == ids[:1]
    undo = catalog.tags.remove(tag_id)
    catalog.tags.put(ids[1:2], "A/B/D")  # a tag of that name is made meanwhile
    catalog.tags.restore(undo)
    assert [(t.path, t.photos) for t in catalog.tags.all()] == [
        ("A", 1), ("A/B", 0), ("A/B/C", 6), ("A/B/D", 1),
    ]  # fmt: skip


def test_queries_find_tags_with_those_below(catalog: Catalog, ids: list[PhotoId]):
    catalog.tags.put(ids[:2], "Places/Italy/Rome")
    catalog.tags.put(ids[2:3], "Places/France")
    assert matching(catalog, "tag", "italy") == set(ids[:2])
    assert matching(catalog, "tag", "Places") == set(ids[:3])
    assert matching(catalog, "tag", "places/france") == {ids[2]}
    assert matching(catalog, "tag", "fr*") == {ids[2]}
    assert matching(catalog, "tag", "Rome", negate=True) == set(ids[2:])
    assert matching(catalog, "is", "untagged") == set(ids[3:])
    assert matching(catalog, "is", "untagged", negate=True) == set(ids[:3])
    with pytest.raises(ValueError, match="Did you mean “rome”"):
        matching(catalog, "tag", "romme")
    group = catalog.categories.add_set(CategorySet(SetId(0), "Set"))
    catalog.categories.add(Category(CategoryId(0), group.id, "Trips", tag="Places/Italy"))
    assert matching(catalog, "category", "trips") == set(ids[:2])
    with pytest.raises(ValueError, match="no category"):
        matching(catalog, "category", "nothing")


def test_ten_thousand_photos_are_tagged_and_back(catalog: Catalog, root: Root):
    files = [seen(f"{n}.jpg") for n in range(10_000)]
    with catalog.write():
        many = catalog.photos.add(root.id, files)
        for photo_id, file in zip(many, files, strict=True):
            read(catalog, photo_id, file, str(photo_id))
    group = catalog.categories.add_set(CategorySet(SetId(0), "Set"))
    catalog.categories.add(Category(CategoryId(0), group.id, "Many"))
    for act in (
        lambda: catalog.tags.put(many, "Plain"),
        lambda: catalog.tags.put(many, "Many"),  # with 10,000 answers to its category
    ):
        undo = act()
        assert {tag.photos for tag in catalog.tags.all()} >= {10_000}
        catalog.tags.restore(undo)
    assert all(tag.photos == 0 for tag in catalog.tags.all())


def test_what_two_rows_of_one_photo_carried_is_kept_when_they_become_one(
    catalog: Catalog, root: Root
):
    first, second = seen("a.jpg"), seen("b.jpg")
    old, new = catalog.photos.add(root.id, [first, second])
    read(catalog, old, first)
    read(catalog, new, second)
    catalog.tags.put([old], "Old")
    catalog.tags.put([new], "New")
    tag_id = catalog.tags.make("Both")
    space = catalog.embeddings.space_id(_space())
    with catalog.write():
        run = catalog.tag_runs.start(RunKind.ASKED, space)
        catalog.tag_runs.add(run, tag_id, {old: 0.5})
    catalog.tags.put([new], "Both")
    catalog.photos.mark_missing([old])
    catalog.photos.adopt(old, new)
    tags = catalog.tags.of([old])[old]
    assert [(t.path, t.source) for t in tags] == [
        ("Both", TagSource.USER),
        ("New", TagSource.USER),
        ("Old", TagSource.USER),
    ]


def _space():
    from catalog_makers import SPACE

    return SPACE


def test_answers_hold_by_content_and_survive_the_file(catalog: Catalog, root: Root):
    files = [seen("a.jpg"), seen("copy.jpg"), seen("b.jpg")]
    a, copy, b = catalog.photos.add(root.id, files)
    read(catalog, a, files[0], "same")
    read(catalog, copy, files[1], "same")
    read(catalog, b, files[2], "other")
    group = catalog.categories.add_set(CategorySet(SetId(0), "Set"))
    category = catalog.categories.add(Category(CategoryId(0), group.id, "Cats"))
    yes = catalog.categories.answer(category.id, [a], True)
    catalog.categories.answer(category.id, [b], False)

    def said() -> dict[PhotoId, bool]:
        return {e.photo_id: e.accepted for e in catalog.categories.answers(category.id)}

    assert said() == {a: True, copy: True, b: False}
    assert paths_of(catalog, a) == ["Cats"]
    read(catalog, a, files[0], "edited")  # the bytes change, the photo is the same
    assert said() == {a: True, copy: True, b: False}
    (late,) = catalog.photos.add(root.id, [seen("late.jpg")])
    read(catalog, late, seen("late.jpg"), "other")
    assert said()[late] is False
    catalog.categories.answer(category.id, [b], None)
    assert said() == {a: True, copy: True}
    catalog.tags.restore(yes)
    assert said() == {}
    assert paths_of(catalog, a) == []
    undo = catalog.tags.put([b], "Cats")  # by hand: the same as accepting
    assert said() == {b: True, late: True}
    catalog.tags.take([b, a], "Cats")  # a never had it: nothing is said of it
    assert said() == {b: False, late: False}
    catalog.tags.restore(undo)
    assert said() == {}
    forgotten = catalog.categories.answer(category.id, [a, b], True)
    assert forgotten
    undo = catalog.categories.forget_answers(category.id)
    assert said() == {}
    catalog.tags.restore(undo)
    assert said() == {a: True, b: True, late: True}


def test_categories_are_kept_removed_and_brought_back(catalog: Catalog, ids: list[PhotoId]):
    group = catalog.categories.add_set(CategorySet(SetId(0), "Set", True, "a {}", ("nothing",)))
    assert catalog.categories.sets() == [group]
    with pytest.raises(ValueError, match="already"):
        catalog.categories.add_set(CategorySet(SetId(0), "SET"))
    entry = Category(
        CategoryId(0), group.id, "Cats", ("a cat", "猫"), (ids[0], ids[1]), tag="Pets/Cats"
    )
    cats = catalog.categories.add(entry)
    assert (cats.prompts, cats.examples, cats.tag) == (
        ("a cat", "猫"),
        (ids[0], ids[1]),
        "Pets/Cats",
    )
    with pytest.raises(ValueError, match="already"):
        catalog.categories.add(Category(CategoryId(0), group.id, " cats "))
    assert len(catalog.categories.all()) == 1
    catalog.categories.answer(cats.id, ids[:2], True)
    removed = catalog.categories.remove_set(group.id)
    assert (removed, catalog.categories.all(), catalog.categories.sets()) == ([cats.id], [], [])
    catalog.categories.restore(removed)
    assert catalog.categories.all() == [cats]
    assert catalog.categories.answer_counts() == {cats.id: (2, 0)}
    catalog.categories.remove(cats.id)
    other = catalog.categories.add(Category(CategoryId(0), group.id, "Cats"))
    with pytest.raises(ValueError, match="already"):
        catalog.categories.restore([cats.id])
    assert catalog.categories.all() == [other]
    tag_id = catalog.tags.find("Cats")
    assert tag_id is not None
    catalog.tags.remove(tag_id)
    assert catalog.categories.all()[0].tag == ""
    catalog.categories.answer(other.id, [ids[3]], True)  # the tag is made anew
    assert paths_of(catalog, ids[3]) == ["Cats"]
