"""Names from patterns: understood or refused with a place, and never outside of one folder."""

from __future__ import annotations

from datetime import datetime

import pytest
from filing_sample import Sample, listed, tree
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import EngineError
from engine.files.names import FORBIDDEN
from engine.filing.naming import NameFacts, NamePattern, PatternError
from engine.jobs import drain

FACTS = NameFacts("IMG_1", datetime(2024, 5, 1, 7, 8, 9), "X/T 4", "Italy")  # noqa: DTZ001 - the camera's own
PIECES = st.one_of(
    st.sampled_from(
        [
            "{name}",
            "{n}",
            "{n:03}",
            "{date}",
            "{date:%Y%m%d_%H%M%S}",
            "{camera}",
            "{folder}",
            "{{",
            "}}",
        ]
    ),
    st.text(max_size=4).filter(lambda text: not set(text) & (FORBIDDEN | set("{}"))),
)


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("{date:%Y-%m-%d}_{n:03}", "2024-05-01_007"),
        ("{n}", "7"),
        ("{N:2} {Name}", "07 IMG_1"),
        ("{date:%y%j %H.%M.%S}", "24122 07.08.09"),
        ("{date}", "2024-05-01"),
        ("{camera} in {folder}", "X-T 4 in Italy"),
        ("{{{n}}}", "{7}"),
        ("Sea", "Sea"),
    ],
)
def test_a_pattern_is_filled(pattern: str, name: str):
    assert NamePattern(pattern).fill(FACTS, 7) == name


@pytest.mark.parametrize(
    ("pattern", "position", "why"),
    [
        ("", 0, "cannot be empty"),
        ("a{n", 1, "not closed"),
        ("a}", 1, "not closed"),
        ("a/b", 1, "cannot hold the sign “/”"),
        ("x {stars}", 2, "{stars} means nothing; there are {name}"),
        ("{n:x}", 0, "{n:03} for three digits"),
        ("{n:99}", 0, "{n:03} for three digits"),
        ("{name:x}", 0, "takes no form"),
        ("{date:%Q}", 0, "A date is written with %Y"),
        ("{date:%Y:%m}", 0, "cannot hold the sign “:”"),
        ("{date:%}", 0, "A date is written with"),
    ],
)
def test_a_wrong_pattern_says_what_and_where(pattern: str, position: int, why: str):
    with pytest.raises(PatternError) as caught:
        NamePattern(pattern)
    assert why in str(caught.value)
    assert caught.value.position == position
    assert isinstance(caught.value, EngineError)


@given(st.lists(PIECES, min_size=1, max_size=6).map("".join), st.text(), st.text(), st.integers(0))
def test_whatever_the_photo_says_the_name_stays_in_its_folder(
    pattern: str, camera: str, folder: str, number: int
):
    if not pattern.strip():
        return
    facts = NameFacts("IMG", FACTS.moment, camera, folder)
    filled = NamePattern(pattern).fill(facts, number)
    assert not set(filled) & FORBIDDEN


@given(st.text())
def test_any_text_is_a_pattern_or_is_refused_at_a_place_in_it(text: str):
    position = 0
    try:
        NamePattern(text)
    except PatternError as error:
        position = error.position
    assert 0 <= position <= len(text)


@given(st.sets(st.integers(1, 10**6), min_size=2, max_size=20), st.integers(1, 9))
def test_a_number_tells_all_names_apart(numbers: set[int], digits: int):
    pattern = NamePattern(f"a{{n:0{digits}}}b")
    assert pattern.counts
    assert len({pattern.fill(FACTS, number) for number in numbers}) == len(numbers)


def test_what_belongs_together_has_one_number_and_conflicts_are_known_before(sample: Sample):
    raw, jpeg, one, two = sample.add(
        "IMG.CR2", "IMG.JPG", "IMG.CR2.xmp", "b/one.jpg", "two.jpg", "Sea_2.jpg"
    )[:4]
    before = tree(sample.photos)
    names = sample.filing.names([jpeg, raw, two, one], "Sea_{n}")
    assert names == {jpeg: "Sea_1.JPG", two: "Sea_2.jpg", one: "Sea_3.jpg"}
    found = sample.filing.proposals(names)
    assert [(entry.path.name, entry.name, entry.companions, entry.trouble) for entry in found] == [
        ("IMG.JPG", "Sea_1.JPG", 2, ""),
        ("two.jpg", "Sea_2.jpg", 0, "there is another file called Sea_2.jpg"),
        ("one.jpg", "Sea_3.jpg", 0, ""),
    ]
    assert tree(sample.photos) == before
    report = drain(sample.filing.rename(names))
    assert [one.reason for one in report.skipped] == ["there is another file called Sea_2.jpg"]
    assert listed(sample.photos) == [
        "Sea_1.CR2", "Sea_1.CR2.xmp", "Sea_1.JPG", "Sea_2.jpg", "b/Sea_3.jpg", "two.jpg",
    ]  # fmt: skip


def test_a_name_that_cannot_be_is_told_before(sample: Sample):
    (a,) = sample.add("a.jpg")
    (said,) = sample.filing.proposals({a: "x/y"})
    assert (said.photo_id, said.name, said.trouble) == (
        None, "", "A file's name cannot hold the sign “/”.",
    )  # fmt: skip
    assert sample.filing.proposals({a: "a"}) == []  # as it is
    with pytest.raises(PatternError):
        sample.filing.names([a], "{nothing}")
