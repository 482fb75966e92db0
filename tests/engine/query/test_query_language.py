"""The query language: what is understood, and that a query survives being written down."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import QueryError
from engine.query import (
    FILTERS,
    AllOf,
    AnyOf,
    Expr,
    Not,
    PictureTerm,
    Query,
    Shape,
    Term,
    all_of,
    any_of,
    filters_in,
    negated,
    parse,
    read,
)
from engine.query.dates import period
from engine.types import Box, Filter, PhotoId


def fact(name: str, value: str, op: str = "=", *, negate: bool = False, amount: str = "") -> Filter:
    return Filter(name, op, value, negate, amount)


def test_free_words_are_one_term_wherever_they_stand():
    assert parse("two cats on a couch") == Query((Term("two cats on a couch"),))
    query = parse('a dog folder:2024/Italy in the snow camera:"Pixel 8" -is:damaged width:>=3000')
    assert query.terms == (Term("a dog in the snow"),)
    assert query.where == AllOf(
        (
            fact("folder", "2024/Italy"),
            fact("camera", "Pixel 8"),
            fact("is", "damaged", negate=True),
            fact("width", "3000", ">="),
        )
    )


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ('dog -"a person"', [("dog", 1), ("a person", -1)]),
        ("dog -person -(a black cat)", [("dog", 1), ("person", -1), ("a black cat", -1)]),
        ("2:beach sunset", [("beach", 2), ("sunset", 1)]),
        ('a 0.5:"old house" tree', [("a tree", 1), ("old house", 0.5)]),
        ("-.5:dog -2:cat", [("dog", -0.5), ("cat", -2)]),
        ('"red dress" "on stage"', [("red dress", 1), ("on stage", 1)]),
        ("“red  dress” -“a hat”", [("red dress", 1), ("a hat", -1)]),
        ('"say ""cheese"""', [('say "cheese"', 1)]),
        ("dinner at 12:30, yes! a t-shirt - 5 -5", [("dinner at 12:30, yes! a t-shirt - 5 -5", 1)]),
        ("http://example.org Fluffy: 16:9", [("http://example.org Fluffy: 16:9", 1)]),
        ("a cat or a dog not on a leash and (happy) :)",
         [("a cat or a dog not on a leash and (happy) :)", 1)]),
        ('a 5" lens', [('a 5" lens', 1)]),
        ("() 猫 和 狗", [("猫 和 狗", 1)]),
    ],
)  # fmt: skip
def test_words_with_weights(text: str, terms: list[tuple[str, float]]):
    assert parse(text) == Query(tuple(Term(*term) for term in terms))


def test_pictures_have_weights_and_boxes():
    query = parse('like:12 -0.5:like:"/a b/c.jpg"@1,2.5,30,40 like:/x.jpg sea')
    assert query == Query(
        (Term("sea"),),
        (
            PictureTerm(PhotoId(12)),
            PictureTerm(Path("/a b/c.jpg"), Box(1, 2.5, 30, 40), -0.5),
            PictureTerm(Path("/x.jpg")),
        ),
    )
    assert query.ranks
    assert query.words == "sea"
    assert not parse("tag:x").ranks


def test_a_path_need_not_be_utf_8():
    (picture,) = parse("like:/a/\udcff\ud800.jpg").pictures
    assert picture.photo == Path("/a/\udcff\ufffd.jpg")
    assert str(parse("like:/a/\udcff.jpg")) == 'like:"file:///a/%FF.jpg"'


A, B, C = fact("tag", "a"), fact("tag", "b"), fact("tag", "c")
NOT_A = fact("tag", "a", negate=True)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("tag:a tag:b", AllOf((A, B))),
        ("tag:a AND tag:b", AllOf((A, B))),
        ("tag:a or tag:b tag:c", AnyOf((A, AllOf((B, C))))),
        ("(tag:a or tag:b) tag:c", AllOf((AnyOf((A, B)), C))),
        ("(tag:a OR (tag:b or tag:c))", AnyOf((A, B, C))),
        ("not tag:a", NOT_A),
        ("not -tag:a", A),
        ("not not tag:a", A),
        ("not (tag:a or tag:b)", Not(AnyOf((A, B)))),
        ("-(tag:a tag:b)", Not(AllOf((A, B)))),
        ("-(not(tag:a tag:b))", AllOf((A, B))),
        ("-(tag:a)", NOT_A),
        ("tag:c or not (tag:a or tag:b)", AnyOf((C, Not(AnyOf((A, B)))))),
        ("((((tag:a))))", A),
        ("name:IMG(1).jpg", fact("name", "IMG(1).jpg")),
        ("tag：a", A),
        ("count:dog>=2", fact("count", "dog", ">=", amount="2")),
        ('count:"remote control"=1..3', fact("count", "remote control", amount="1..3")),
        ("-box:cat<7.5%", fact("box", "cat", "<", negate=True, amount="7.5%")),
        ("count:cup", fact("count", "cup")),
        ("rating:>=3", fact("rating", "3", ">=")),
        ("rating:=3", fact("rating", "3")),
        ("is:Favorite", fact("is", "favourite")),
        ("type:.JPG", fact("type", "jpg")),
        ("date:2024-05..2024-08", fact("date", "2024-05..2024-08")),
        ("near:-33.86,151.2", fact("near", "-33.86,151.2")),
        ('-near:"48.86, 2.35, 10 KM"', fact("near", "48.86,2.35,10km", negate=True)),
        ('date:<"2024-05"', fact("date", "2024-05", "<")),
    ],
)
def test_filters_are_joined_as_they_are_read(text: str, where: Expr):
    assert parse(text) == Query(where=where)


def test_words_stand_beside_filters_and_in_groups_that_only_join():
    assert parse("snow tag:a or tag:b dog") == Query((Term("snow dog"),), where=AnyOf((A, B)))
    assert parse("(snow tag:a) -dog (tag:b) (big)") == Query(
        (Term("snow (big)"), Term("dog", -1)), where=AllOf((A, B))
    )
    assert parse("dog not tag:a") == Query((Term("dog"),), where=NOT_A)


def test_every_filter_says_what_it_is_and_takes_its_own_example():
    for kind in FILTERS.values():
        assert kind.note
        for value in (kind.such, *kind.values):
            if value:
                found = parse(f"{kind.name}:{value}").where
                assert isinstance(found, Filter)
                assert found.name == kind.name


def test_a_reading_tells_what_each_part_was_understood_as():
    text = 'a dog tag:a or -tag:b 2:beach  in snow "x y"'
    pieces = [(text[p.start : p.end], p.what) for p in read(text).pieces]
    assert pieces == [
        ("a dog", Term("a dog")),
        ("tag:a", A),
        ("or", None),
        ("-tag:b", fact("tag", "b", negate=True)),
        ("2:beach", Term("beach", 2)),
        ("in snow", Term("in snow")),
        ('"x y"', Term("x y")),
    ]
    assert read(text).place_of(B) == (15, 6)
    assert read(text).place_of(C) == (0, len(text))


# ---- round trip ----------------------------------------------------------------------------------

_spoken = st.one_of(
    st.text(min_size=1, max_size=15),
    st.lists(st.sampled_from(["or", "not", "and", "(", ")", ":", "tag:", "-", "2:", "like:", "cat",
                              '"', "“", "”", "：", "12:30", "-dog", "(tag:a)", "0", ".", ">"]),
             min_size=1, max_size=6).map(" ".join),
    st.text(string.ascii_letters + ':()-"2. ', min_size=1, max_size=12),
)  # fmt: skip
_words = _spoken.map(
    lambda words: " ".join("".join(c for c in words if not "\ud800" <= c <= "\udfff").split())
).filter(bool)
_weights = st.one_of(
    st.just(1.0), st.sampled_from((1, -1)).flatmap(
        lambda sign: st.integers(1, 1000).map(lambda n: sign * n / 100))
)  # fmt: skip
_hundredths = st.integers(0, 900_000).map(lambda n: n / 100)


def box_at(left: float, top: float, width: float, height: float) -> Box:
    return Box(left, top, round(left + width, 2), round(top + height, 2))


_sides = _hundredths.filter(bool)
_boxes = st.none() | st.builds(box_at, _hundredths, _hundredths, _sides, _sides)
_paths = st.text(st.characters(blacklist_characters="\0", blacklist_categories=("Cs",)),
                 min_size=1, max_size=12).map(Path) | st.just(Path("/a/\udcff.jpg"))  # fmt: skip
_pictures = st.builds(PictureTerm, st.integers(1, 10**9).map(PhotoId) | _paths, _boxes, _weights)
_value = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=12).map(
    str.strip
).filter(bool)  # fmt: skip
_free = st.sampled_from([k.name for k in FILTERS.values() if k.shape is Shape.TEXT])
_choices = st.sampled_from(
    [
        fact(k.name, value, negate=negate)
        for k in FILTERS.values()
        if k.shape is Shape.CHOICE
        for value in k.values
        for negate in (False, True)
    ]
)
_ops = st.sampled_from(["=", ">", ">=", "<", "<="])
_dates = st.dates().map(str) | st.integers(1, 9999).map("{:04}".format)


def _runs_on(both: list[str]) -> bool:
    return period(both[0])[0] < period(both[1])[1]


_near = st.builds("{:.2f},{:.3f}{}".format, st.floats(-90, 90), st.floats(-180, 180),
                  st.just("") | st.integers(1, 20_000).map(",{}km".format))  # fmt: skip
_facts = st.one_of(
    st.builds(fact, _free, _value, negate=st.booleans()),
    _choices,
    st.builds(fact, st.sampled_from(["width", "height"]), st.integers(0, 99_999).map(str), _ops),
    st.builds(fact, st.just("rating"), st.integers(0, 5).map(str), _ops, negate=st.booleans()),
    st.builds(fact, st.just("rating"), st.sampled_from(["2..", "..3", "1..4"])),
    st.builds(fact, st.just("date"), _dates, _ops, negate=st.booleans()),
    st.builds(fact, st.just("date"),
              st.tuples(_dates, _dates).map(sorted).filter(_runs_on).map("..".join)),
    st.builds(fact, st.just("near"), _near, negate=st.booleans()),
    st.builds(fact, st.just("count"), _value, _ops, negate=st.booleans(),
              amount=st.integers(0, 99).map(str)),
    st.builds(fact, st.just("count"), _value, amount=st.sampled_from(["", "1..", "..2", "1..4"])),
    st.builds(fact, st.just("box"), _value, st.sampled_from([">", ">=", "<", "<="]),
              amount=st.sampled_from(["20%", "7.5%", "3"])),
)  # fmt: skip


def _joined(parts: list[Expr], make: object) -> Expr:
    found = all_of(parts) if make else any_of(parts)
    assert found is not None
    return found


_trees: st.SearchStrategy[Expr] = st.recursive(
    _facts,
    lambda inner: st.one_of(
        st.builds(_joined, st.lists(inner, min_size=1, max_size=3), st.booleans()),
        inner.map(negated),
    ),
    max_leaves=8,
)
_queries = st.builds(
    Query,
    st.lists(st.builds(Term, _words, _weights), max_size=4).map(tuple),
    st.lists(_pictures, max_size=2).map(tuple),
    st.none() | _trees,
)


@given(_queries)
def test_a_query_survives_being_written_down(query: Query):
    text = str(query)
    assert parse(text) == query
    assert str(parse(text)) == text


@given(_trees)
def test_turning_round_twice_changes_nothing(tree: Expr):
    assert negated(negated(tree)) == tree
    assert list(filters_in(tree))


_odd = st.lists(
    st.sampled_from([
        "tag:a", "-tag:b", "(", ")", "-(", "or", "not", "and", "dog", '"', '"x y"', "2:x", "like:1",
        "like:", "@1,2", ":", "is:raw", "date:>=2024", "count:", " ", "", "“", "-", "\ud800",
    ]), max_size=12,
).flatmap(lambda parts: st.sampled_from(["", " "]).map(lambda gap: gap.join(parts)))  # fmt: skip


@given(st.text(max_size=40) | _odd)
def test_no_text_is_ever_a_crash(text: str):
    try:
        reading = read(text)
    except QueryError as error:
        assert 0 <= error.position <= error.position + error.length <= len(text)  # noqa: PT017
        assert error.length > 0  # noqa: PT017
        assert str(error).endswith((".", "?"))  # noqa: PT017
        return
    assert parse(str(reading.query)) == reading.query
    ends = [0, *(place for piece in reading.pieces for place in (piece.start, piece.end))]
    assert ends == sorted(ends)
    assert not ends or ends[-1] <= len(text)


def test_every_filter_and_value_is_documented():
    text = (Path(__file__).resolve().parents[3] / "docs" / "queries.md").read_text("utf-8")
    for kind in FILTERS.values():
        assert f"`{kind.name}:`" in text
        if kind.name in ("is", "has", "orientation"):
            assert all(f"`{value}`" in text for value in kind.values)
