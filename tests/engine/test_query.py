"""The query language: what is understood, what is refused and where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import QueryError
from engine.query import FILTER_NAMES, Query, parse
from engine.types import Filter


def test_free_words_are_meaning():
    assert parse("two cats on a couch") == Query("two cats on a couch")


def test_facts_are_taken_out_of_the_words():
    query = parse('a dog folder:2024/Italy in the snow camera:"Pixel 8" -is:damaged width:>=3000')
    assert query.words == "a dog in the snow"
    assert query.filters == (
        Filter("folder", "=", "2024/Italy"),
        Filter("camera", "=", "Pixel 8"),
        Filter("is", "=", "damaged", negate=True),
        Filter("width", ">=", "3000"),
    )


@pytest.mark.parametrize(
    ("text", "position", "part"),
    [
        ("a dog floder:x", 6, "folder:"),
        ("camera:", 7, "needs a value"),
        ('camera:"Pixel', 7, "not closed"),
        ("is:purple", 3, "can be"),
        ("name:>x", 5, "cannot be compared"),
        ("width:wide", 6, "number"),
        ("count:dog>=many", 6, "a number, such as"),
        ("two count:>2", 10, "needs a label"),
        ("box:dog", 4, "part of the picture"),
        ('count:"remote', 6, "not closed"),
        ("detected:>=dog", 9, "cannot be compared"),
        ('tag:"a">2', 7, "cannot be compared"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, position: int, part: str):
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert caught.value.position == position
    assert part in str(caught.value)


def test_labels_are_counted_and_measured():
    query = parse('a park count:dog>=2 count:"remote control"=1..3 -box:cat<7.5% count:cup')
    assert query.words == "a park"
    assert query.filters == (
        Filter("count", ">=", "dog", amount="2"),
        Filter("count", "=", "remote control", amount="1..3"),
        Filter("box", "<", "cat", negate=True, amount="7.5%"),
        Filter("count", "=", "cup"),
    )


def test_words_with_colons_inside_times_and_punctuation_stay_words():
    assert parse("dinner at 12:30, yes!").words == "dinner at 12:30, yes!"


_words = st.lists(st.from_regex(r"[a-zäé猫0-9']{1,8}", fullmatch=True), max_size=5)
_value = st.text(st.characters(blacklist_characters='"', blacklist_categories=("Cc", "Cs")),
                 min_size=1, max_size=12).filter(lambda v: v.strip() == v)  # fmt: skip
_free = st.sampled_from([n for n in FILTER_NAMES if n in {"name", "folder", "type", "camera"}])
_facts = st.one_of(
    st.builds(Filter, _free, st.just("="), _value, st.booleans()),
    st.builds(Filter, st.sampled_from(["width", "height"]), st.sampled_from(["=", ">", "<="]),
              st.integers(0, 99_999).map(str), st.booleans()),
    st.builds(Filter, st.just("detected"), st.just("="), _value, st.booleans()),
    st.builds(Filter, st.just("count"), st.sampled_from(["=", ">", ">=", "<", "<="]), _value,
              st.booleans(), st.integers(0, 99).map(str)),
    st.builds(Filter, st.just("box"), st.sampled_from([">", ">=", "<", "<="]), _value,
              st.booleans(), st.sampled_from(["20%", "7.5%", "3"])),
    st.builds(Filter, st.just("is"), st.just("="), st.sampled_from(["identical", "damaged"]),
              st.booleans()),
)  # fmt: skip


@given(_words, st.lists(_facts, max_size=4))
def test_a_query_survives_being_written_down(words: list[str], facts: list[Filter]):
    query = Query(" ".join(words), tuple(facts))
    assert parse(str(query)) == query


@given(st.text(max_size=40))
def test_no_text_is_ever_a_crash(text: str):
    error = None
    try:
        parse(text)
    except QueryError as caught:
        error = caught
    assert error is None or (0 <= error.position <= len(text) and str(error))
