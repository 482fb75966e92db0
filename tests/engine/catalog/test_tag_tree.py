"""The tree of tags: new, renamed with all below, merged, removed; undo brings equal rows back."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

import pytest
from catalog_makers import SPACE, read, seen
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.catalog import Catalog
from engine.query import FilterRefused, parse
from engine.tag_types import CategoryRun, RunKind, Tag, TagMerge, TagRunId, TagUndo
from engine.types import PhotoId, Root, Scope


def rows(catalog: Catalog) -> list[list[tuple[object, ...]]]:
    """All that can be told of tags, as the tables have it."""
    db = sqlite3.connect(catalog.path)
    try:
        return [
            db.execute(f"SELECT {columns} FROM {table} ORDER BY 1, 2").fetchall()
            for table, columns in (
                ("tag", "id, parent_id, name, folded_name, colour, by_file"),
                ("tag_alias", "parent_id, folded_name, tag_id"),
                ("photo_tag", "photo_id, tag_id, source, run_id, score, added_at"),
                ("tag_run_removed", "photo_id, tag_id, run_id, source, earlier_run_id, score"),
                ("category", "id, tag_id"),
            )
        ]
    finally:
        db.close()


def photos_of(catalog: Catalog) -> dict[str, tuple[int, int]]:
    return {tag.path: (tag.photos, tag.below) for tag in catalog.tags.all()}


@pytest.fixture
def ids(catalog: Catalog, root: Root) -> list[PhotoId]:
    return shelf(catalog, root)


def shelf(catalog: Catalog, root: Root) -> list[PhotoId]:
    files = [seen(f"{n}.jpg") for n in range(6)]
    found = catalog.photos.add(root.id, files)
    for photo_id, file in zip(found, files, strict=True):
        read(catalog, photo_id, file, str(photo_id))
    return found


def tag(catalog: Catalog, path: str) -> Tag:
    return next(entry for entry in catalog.tags.all() if entry.path == path)


def test_renaming_a_parent_moves_what_lies_below(catalog: Catalog, ids: list[PhotoId]) -> None:
    catalog.tags.put(ids[:2], "Places/Italy/Rome")
    catalog.tags.put(ids[1:3], "Places")
    before = rows(catalog)
    undo = catalog.tags.rename(tag(catalog, "Places").id, "Travel/Where")
    assert photos_of(catalog) == {
        "Travel": (0, 3),
        "Travel/Where": (2, 3),
        "Travel/Where/Italy": (0, 2),
        "Travel/Where/Italy/Rome": (2, 2),
    }
    again = catalog.tags.restore(undo)
    assert rows(catalog) == before
    catalog.tags.restore(again)
    assert photos_of(catalog)["Travel"] == (0, 3)


def test_merging_joins_hierarchies_by_name(catalog: Catalog, ids: list[PhotoId]) -> None:
    catalog.tags.put(ids[:3], "Trips/Italy/Rome")
    catalog.tags.put(ids[2:4], "Places/italy/rome")
    catalog.tags.put(ids[4:5], "Trips/Italy/Pisa")
    before = rows(catalog)
    trips, places = tag(catalog, "Trips").id, tag(catalog, "Places").id
    assert catalog.tags.would_merge(trips, places) == TagMerge(photos=4, both=1)
    undo = catalog.tags.merge(trips, places)
    assert photos_of(catalog) == {
        "Places": (0, 5),
        "Places/italy": (0, 5),
        "Places/italy/Pisa": (1, 1),
        "Places/italy/rome": (4, 4),
    }
    catalog.tags.restore(undo)
    assert rows(catalog) == before


def test_a_name_that_is_taken_is_merged_with(catalog: Catalog, ids: list[PhotoId]) -> None:
    catalog.tags.put(ids[:2], "Dog")
    catalog.tags.put(ids[1:4], "Pets/dog")
    before = rows(catalog)
    undo = catalog.tags.rename(tag(catalog, "Dog").id, "PETS/DOG")
    assert photos_of(catalog) == {"Pets": (0, 4), "Pets/dog": (4, 4)}
    catalog.tags.restore(undo)
    assert rows(catalog) == before


@pytest.mark.parametrize("path", ["A/x", "A/B/C/D", "a/new/one"])
def test_a_tag_never_lies_below_itself(catalog: Catalog, ids: list[PhotoId], path: str) -> None:
    catalog.tags.put(ids[:1], "A/B")
    before = rows(catalog)
    with pytest.raises(ValueError, match="below itself"):
        catalog.tags.rename(tag(catalog, "A").id, path)
    assert rows(catalog) == before


def test_what_lies_below_does_not_get_too_deep(catalog: Catalog, ids: list[PhotoId]) -> None:
    catalog.tags.put(ids[:1], "a/b/c/d/e")
    catalog.tags.put(ids[:1], "1/2/3/4")
    before = rows(catalog)
    with pytest.raises(ValueError, match="deep"):
        catalog.tags.rename(tag(catalog, "a").id, "1/2/3/4/a")
    with pytest.raises(ValueError, match="deep"):
        catalog.tags.rename(tag(catalog, "a/b").id, "1/2/3/4/b/b")
    catalog.tags.create("1/2/3/4/5/6")
    deep = tag(catalog, "1/2/3/4/5/6")
    with pytest.raises(ValueError, match="deep"):
        catalog.tags.merge(tag(catalog, "a").id, deep.id)
    catalog.tags.restore(TagUndo(tags=tuple((t.id, None) for t in catalog.tags.all() if t.photos)))
    assert rows(catalog)[1] == before[1], "tags that photos have are not taken away so"


def test_a_new_tag_is_undone_unless_it_is_used(catalog: Catalog, ids: list[PhotoId]) -> None:
    before = rows(catalog)
    made, undo = catalog.tags.create("Pets/Cat")
    assert tag(catalog, "Pets/Cat").id == made
    assert catalog.tags.create("pets/cat") == (made, TagUndo())
    catalog.tags.restore(undo)
    assert rows(catalog) == before
    _, undo = catalog.tags.create("Pets/Cat")
    catalog.tags.put(ids[:1], "Pets/Cat")
    catalog.tags.restore(undo)
    assert photos_of(catalog) == {"Pets": (0, 1), "Pets/Cat": (1, 1)}


def run(catalog: Catalog, path: str, put: list[PhotoId], take: list[PhotoId]) -> TagRunId:
    """As a run of a category does."""
    runs, tag_id = catalog.tag_runs, catalog.tags.make(path)
    with catalog.write():
        run_id = runs.start(RunKind.ASKED, catalog.embeddings.space_id(SPACE))
        runs.add(run_id, tag_id, dict.fromkeys(put, 0.5))
        runs.take(run_id, tag_id, take)
        runs.finish(run_id, [CategoryRun(path, path, (path,), 0.5)])
    return run_id


@pytest.mark.parametrize("act", ["remove", "merge", "rename"])
def test_a_run_can_be_taken_back_after_its_tag_went_and_came(
    catalog: Catalog, ids: list[PhotoId], act: str
) -> None:
    run(catalog, "Pets/Dog", ids[:4], [])
    later = run(catalog, "Pets/Dog", [], ids[:2])
    catalog.tags.put(ids[5:], "Animals")
    before, dog = rows(catalog), tag(catalog, "Pets/Dog")
    undo = {
        "remove": lambda: catalog.tags.remove(dog.id),
        "merge": lambda: catalog.tags.merge(dog.id, tag(catalog, "Animals").id),
        "rename": lambda: catalog.tags.rename(dog.id, "Hounds"),
    }[act]()
    for _ in range(2):  # undone, done again, undone
        redo = catalog.tags.restore(undo)
        assert rows(catalog) == before
        undo = catalog.tags.restore(redo)
    catalog.tags.restore(undo)
    catalog.tag_runs.roll_back(later)
    assert tag(catalog, "Pets/Dog").photos == 4


def test_a_path_from_the_top_is_this_tag_alone(catalog: Catalog, ids: list[PhotoId]) -> None:
    catalog.tags.put(ids[:1], "Italy")
    catalog.tags.put(ids[1:3], "Places/Italy/Rome")

    def found(text: str) -> set[PhotoId]:
        return set(catalog.photos.matching(parse(text).where, Scope(), None))

    assert found("tag:italy") == set(ids[:3])
    assert found("tag:/italy") == set(ids[:1])
    assert found("tag:/Places/italy") == set(ids[1:3])
    with pytest.raises(FilterRefused, match="no tag"):
        found("tag:/rome")


# ---- any sequence --------------------------------------------------------------------------------

_paths = st.lists(st.sampled_from(["a", "b", "C", "c"]), min_size=1, max_size=3).map("/".join)
_some = st.lists(st.integers(0, 5), max_size=4)
_steps = st.one_of(
    st.tuples(st.just("put"), _some, _paths),
    st.tuples(st.just("take"), _some, _paths),
    st.tuples(st.just("create"), _some, _paths),
    st.tuples(st.just("rename"), st.integers(0, 9), _paths),
    st.tuples(st.just("merge"), st.integers(0, 9), st.integers(0, 9)),
    st.tuples(st.just("remove"), st.integers(0, 9), st.none()),
    st.tuples(st.just("paint"), st.integers(0, 9), st.just("#ff0000")),
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Catalog, list[PhotoId]]]:
    catalog = Catalog.open(tmp_path_factory.mktemp("tags") / "catalog.db")
    yield catalog, shelf(catalog, catalog.roots.add(tmp_path_factory.mktemp("photos")))
    catalog.close()


@settings(max_examples=60, deadline=None)
@given(st.lists(_steps, min_size=1, max_size=8))
def test_undoing_all_is_the_beginning_and_redoing_all_the_end(
    place: tuple[Catalog, list[PhotoId]], steps: list[tuple[str, object, object]]
) -> None:
    catalog, ids = place
    tags = catalog.tags
    for left in tags.all():
        tags.remove(left.id)
    states, undos = [rows(catalog)], list[TagUndo]()
    for name, first, second in steps:
        there = tags.all()
        try:
            match name, first, second:
                case "put", list() as at, str() as path:
                    undo = tags.put([ids[n] for n in at], path)
                case "take", list() as at, str() as path:
                    undo = tags.take([ids[n] for n in at], path)
                case "create", _, str() as path:
                    undo = tags.create(path)[1]
                case "rename", int() as n, str() as path if n < len(there):
                    undo = tags.rename(there[n].id, path)
                case "merge", int() as n, int() as m if max(n, m) < len(there):
                    undo = tags.merge(there[n].id, there[m].id)
                case "remove", int() as n, _ if n < len(there):
                    undo = tags.remove(there[n].id)
                case "paint", int() as n, str() as colour if n < len(there):
                    undo = tags.paint(there[n].id, colour)
                case _:
                    continue
        except ValueError:  # refused: nothing may have changed
            assert rows(catalog) == states[-1]
            continue
        undos.append(undo)
        states.append(rows(catalog))
        assert all(entry.below >= entry.photos for entry in tags.all())
    redos = list[TagUndo]()
    for undo, state in zip(reversed(undos), reversed(states[:-1]), strict=True):
        redos.append(tags.restore(undo))
        assert rows(catalog) == state
    for redo, state in zip(reversed(redos), states[1:], strict=True):
        tags.restore(redo)
        assert rows(catalog) == state
