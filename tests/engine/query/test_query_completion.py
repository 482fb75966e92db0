"""Completion at the cursor: what is offered, in which order, and what it does to the text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.query import CompletionKind, Values, complete, parse

VALUES = Values(
    tags=("family", "Places/Italy/Rome", 'places/"new" york'),
    categories=("Receipts",),
    albums=("Best",),
    folders=("2024/Italy",),
    cameras=("Canon EOS 5D", "Google Pixel 8"),
    dates=("2024", "2023"),
    labels=("dog", "remote control"),
    recent=("a dog in the snow", "tag:family"),
    saved=(("Best of Italy", "tag:Rome rating:>=4"),),
)


@pytest.mark.parametrize(
    ("typed", "then"),
    [
        ("ori|", "orientation:|"),
        ("-ori|", "-orientation:|"),
        ("dog (ori|", "dog (orientation:|"),
        ("orientation:p|", "orientation:portrait |"),
        ("is:f|", "is:favourite |"),
        ("fav|", "is:favourite |"),
        ("tag:fa|", "tag:family |"),
        ("tag:rom|", "tag:Places/Italy/Rome |"),
        ("(tag:rom|) dog", "(tag:Places/Italy/Rome|) dog"),
        ("tag:fam|ly dog", "tag:family |dog"),
        ('tag:"ne|', 'tag:"places/""new"" york" |'),
        ("camera:pix|", 'camera:"Google Pixel 8" |'),
        ('camera:"pix|el" dog', 'camera:"Google Pixel 8" |dog'),
        ("camera：pix|", 'camera："Google Pixel 8" |'),
        ("count:rem|", 'count:"remote control"|'),
        ("-box:do|", "-box:dog|"),
        ("detected:rem|", 'detected:"remote control" |'),
        ("album:be|", "album:Best |"),
        ("category:r|", "category:Receipts |"),
        ("folder:it|", "folder:2024/Italy |"),
        ("date:>=20|", "date:>=2024 |"),
        ("rating:>=3|", ""),
        ("rating:>|", "rating:>=1 |"),
        ("rece|", "category:Receipts |"),
        ("famil|", "tag:family |"),
        ("snow|", "a dog in the snow |"),
        ("best of|", "tag:Rome rating:>=4 |"),
        ("colour:x|", ""),
        ("zzz|", ""),
    ],
)
def test_the_first_completion(typed: str, then: str):
    text, cursor = typed.replace("|", ""), typed.index("|")
    found = complete(text, cursor, VALUES)
    if not then:
        assert found == []
        return
    after, place = found[0].put_into(text)
    assert after[:place] + "|" + after[place:] == then


def test_an_empty_bar_offers_what_was_asked_and_saved_before():
    found = complete("", 0, VALUES)
    assert [one.kind for one in found[:3]] == [
        CompletionKind.RECENT, CompletionKind.RECENT, CompletionKind.SAVED,
    ]  # fmt: skip
    assert found[2].note == "Best of Italy"
    assert found[3].text == "tag:"
    assert found[3].note


def test_after_a_space_filters_are_offered_and_at_most_so_many():
    assert {one.kind for one in complete("dog ", 4, Values())} == {CompletionKind.FILTER}
    assert len(complete("dog ", 4, VALUES, most=3)) == 3
    many = Values(tags=tuple(f"tag {n}" for n in range(500)))
    assert len(complete("tag:", 4, many)) == 12


_PARTS = ["tag:", "-", "(", ")", '"', "“", " ", "fa", "is:", "p", ":", "date:>", "count:", "2:"]


@given(st.lists(st.sampled_from(_PARTS), max_size=8).map("".join), st.integers(-1, 30))
def test_what_is_offered_can_be_put_in_anywhere(text: str, cursor: int):
    for one in complete(text, cursor, VALUES):
        assert 0 <= one.replace_from <= one.replace_to <= len(text)
        after, place = one.put_into(text)
        assert one.text in after
        assert 0 <= place <= len(after)
        if not one.goes_on and not text.strip():
            parse(after)
