"""Filters about marks and facts, and trees of them against plain sets; the order that is kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from catalog_makers import SPACE, digest, read, seen
from hypothesis import given
from hypothesis import strategies as st

from engine.catalog import Catalog
from engine.detection_types import Detection, Label, Sight
from engine.query import (
    AllOf,
    AnyOf,
    Expr,
    FilterRefused,
    Not,
    Values,
    all_of,
    any_of,
    negated,
    parse,
)
from engine.types import Box, FileSeen, Filter, Order, PhotoId, PhotoMetadata, Scope

N = 40


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Catalog]:
    """Forty photos: ratings -1 to 5 and none, captions, tags, albums, detections, two missing."""
    catalog = Catalog.open(tmp_path_factory.mktemp("trees") / "catalog.db")
    root = catalog.roots.add(Path("/photos"))
    files: list[FileSeen] = [
        seen(f"{2000 + n % 4}/IMG_{n}.{'nef' if n % 5 == 0 else 'jpg'}") for n in range(N)
    ]
    ids = catalog.photos.add(root.id, files)
    with catalog.write():
        for n, (photo_id, file) in enumerate(zip(ids, files, strict=True)):
            facts = PhotoMetadata(
                taken_at=f"20{n % 20:02}-05-01T00:00:00",
                rating=n % 8 - 1 if n % 8 < 7 else None,
                caption='a "rating":5 one' if n % 6 == 0 else None,
                title="one" if n % 10 == 0 else None,
                latitude=1.0 if n % 3 == 0 else None,
                longitude=1.0 if n % 3 == 0 else None,
                camera_model="Pixel" if n % 2 else None,
            )
            format = "TIFF" if n % 5 == 0 else "JPEG"
            read(catalog, photo_id, file, str(n), width=100 * n, metadata=facts, format=format)
    catalog.tags.put(ids[:10], "Places/Italy")
    catalog.tags.put(ids[5:15], "family")
    catalog.albums.add("Best of", ids[8:20])
    catalog.albums.add("Rest", ids[20:22])
    run = catalog.detection_runs.start("model", [Label("dog")], 0.1, "", ids[:20])
    for n, photo_id in enumerate(ids[:20]):
        boxes = tuple(Detection("dog", 0.5, Box(0, 0, 10 + k, 10)) for k in range(n % 3))
        catalog.detection_runs.record(run, photo_id, digest(str(n)), Sight(40, 30, boxes))
    catalog.photos.mark_missing([ids[3], ids[38]])
    yield catalog
    catalog.close()


def asked(catalog: Catalog, text: str) -> set[int]:
    """Which of the forty a query finds, by number."""
    found = catalog.photos.matching(parse(text).where, Scope(), catalog.embeddings.space_id(SPACE))
    return {photo_id - 1 for photo_id in found}


HERE = set(range(N)) - {3, 38}


def stars(n: int) -> int:
    return max(n % 8 - 1, 0) if n % 8 < 7 else 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("rating:>=3", {n for n in HERE if stars(n) >= 3}),
        ("rating:>3", {n for n in HERE if stars(n) > 3}),
        ("rating:2", {n for n in HERE if stars(n) == 2}),
        ("rating:0", {n for n in HERE if stars(n) == 0}),
        ("rating:<2", {n for n in HERE if stars(n) < 2}),
        ("rating:<=5", HERE),
        ("rating:<0", set[int]()),
        ("rating:>5", set[int]()),
        ("rating:1..2", {n for n in HERE if stars(n) in (1, 2)}),
        ("rating:..1", {n for n in HERE if stars(n) < 2}),
        ("rating:4..", {n for n in HERE if stars(n) > 3}),
        ("has:rating", {n for n in HERE if stars(n)}),
        ("is:rejected", {n for n in HERE if n % 8 == 0}),
        ("is:favourite", set[int]()),
        ("is:picked", set[int]()),
        ("is:raw", {n for n in HERE if n % 5 == 0}),
        ("has:caption", {n for n in HERE if n % 6 == 0}),
        ("has:title", {n for n in HERE if n % 10 == 0}),
        ("has:tags", set(range(15)) - {3}),
        ("is:untagged", HERE - set(range(15))),
        ("has:detections", {n for n in range(20) if n % 3}),
        ("count:dog=0", {n for n in range(20) if n % 3 == 0 and n != 3}),
        ('album:"best OF"', set(range(8, 20))),
        ("album:*est*", set(range(8, 22))),
        ("is:missing", {3, 38}),
        ("is:missing tag:italy", {3}),
        ("is:missing or tag:family", {3, 38} | set(range(5, 15))),
        ("(is:missing or tag:family) tag:italy", {3} | set(range(5, 10))),
        ("is:missing date:2003", {3}),
        ("(is:missing date:2003) or (tag:family date:2005)", {3, 5}),
        ("not (is:missing or tag:family)", HERE - set(range(5, 15))),
        ("-is:missing", HERE),
    ],
)
def test_marks_and_facts(shelf: Catalog, text: str, expected: set[int]):
    assert asked(shelf, text) == expected


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("album:bets", "There is no album “bets”."),
        ('album:"best"', "Did you mean “rest”?"),
        ("is:raw or (tag:nothing not tag:family)", "no tag “nothing”"),
    ],
)
def test_a_filter_that_is_refused_is_named(shelf: Catalog, text: str, part: str):
    with pytest.raises(FilterRefused) as told:
        asked(shelf, text)
    assert part in str(told.value)
    assert f"{told.value.entry.name}:" in text


LEAVES = (
    "rating:>=3", "rating:0", "is:raw", "has:caption", "tag:family", "tag:italy", "is:untagged",
    "has:gps", "camera:pixel", "width:>2000", "type:jpeg", "name:1", "date:2005..2010",
    "folder:2001", "album:rest", "detected:dog", "count:dog>=2", "is:unsearchable",
    "is:identical", "is:favourite", "orientation:portrait",
)  # fmt: skip


def _leaf(text: str, turned: bool) -> Expr:
    found = parse(f"-{text}" if turned else text).where
    assert found is not None
    return found


def _join(parts: list[Expr], both: bool) -> Expr:
    found = all_of(parts) if both else any_of(parts)
    assert found is not None
    return found


_trees: st.SearchStrategy[Expr] = st.recursive(
    st.builds(_leaf, st.sampled_from(LEAVES), st.booleans()),
    lambda inner: st.one_of(
        st.builds(_join, st.lists(inner, min_size=2, max_size=3), st.booleans()),
        inner.map(negated),
    ),
    max_leaves=6,
)


def of_tree(catalog: Catalog, where: Expr) -> set[PhotoId]:
    """What a tree means, from what its filters find one by one."""
    everything = set(catalog.photos.ids())
    if isinstance(where, Filter):
        alone = Filter(where.name, where.op, where.value, amount=where.amount)
        found = set(catalog.photos.matching(alone))
        return everything - found if where.negate else found
    if isinstance(where, Not):
        return everything - of_tree(catalog, where.part)
    parts = [of_tree(catalog, part) for part in where.parts]
    if isinstance(where, AllOf):
        return everything.intersection(*parts)
    assert isinstance(where, AnyOf)
    return set[PhotoId]().union(*parts)


@given(_trees, st.sampled_from(list(Order)), st.sampled_from([b"", b"2001"]))
def test_a_tree_finds_what_its_filters_find_in_the_same_order(
    shelf: Catalog, where: Expr, order: Order, folder: bytes
):
    scope = Scope(folder=folder, order=order)
    expected = of_tree(shelf, where)
    found = shelf.photos.matching(where, scope)
    assert found == [photo_id for photo_id in shelf.photos.ids(scope) if photo_id in expected]


def test_the_order_that_is_kept_follows_every_commit(catalog: Catalog):
    root = catalog.roots.add(Path("/photos"))
    one, two = catalog.photos.add(root.id, [seen("1.jpg", mtime_s=1), seen("2.jpg", mtime_s=2)])
    assert catalog.photos.ids() == catalog.photos.ids() == [two, one]
    (three,) = catalog.photos.add(root.id, [seen("3.jpg", mtime_s=3)])
    assert catalog.photos.ids() == [three, two, one]
    with pytest.raises(RuntimeError), catalog.write():  # noqa: PT012
        catalog.photos.mark_missing([three])
        assert catalog.photos.ids() == [two, one]
        raise RuntimeError
    assert catalog.photos.ids() == [three, two, one]
    catalog.photos.mark_missing([two])
    assert catalog.photos.ids(Scope(order=Order.DATE_OLDEST)) == [one, three]
    assert catalog.photos.matching(parse("-name:3").where) == [one]
    catalog.roots.forget(root.id)
    assert catalog.photos.ids() == []
    assert catalog.photos.matching(parse("name:jpg").where) == []


def test_what_can_be_asked_for_is_told_for_completion(shelf: Catalog, catalog: Catalog):
    values = shelf.photos.query_values()
    assert values.tags == ("family", "Places", "Places/Italy")
    assert values.albums == ("Best of", "Rest")
    assert values.folders == ("2000", "2001", "2002", "2003")
    assert values.cameras == ("Pixel",)
    assert values.dates == tuple(str(year) for year in range(2019, 1999, -1))
    assert values.labels == ("dog",)
    assert catalog.photos.query_values() == Values()
    catalog.albums.create("Seas", "sea rating:>=3")
    assert catalog.photos.query_values() == Values(saved=(("Seas", "sea rating:>=3"),))
