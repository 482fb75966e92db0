"""Keywords are paths of tags, however programs part their levels, and come back as they went."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.catalog.tag_rows import clean_name
from engine.files.keywords import path, tag_paths, written


def is_name(text: str) -> bool:
    """Whether a tag can be called so, and is called so after cleaning."""
    try:
        return clean_name(text) == text
    except ValueError:
        return False


names = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="/\u2223"), min_size=1, max_size=12
).filter(is_name) | st.sampled_from(["a|b", "black\u2215white", "日本", "👩\u200d👩", "A & B", "é"])
paths = (
    st.lists(names, min_size=1, max_size=4)
    .map("/".join)
    .filter(lambda tag: not tag.startswith(("darktable/", "_")))
)


@given(paths, st.sampled_from(["|", "/"]))
def test_a_path_is_read_as_it_was_written(tag: str, parted_by: str) -> None:
    assert path(written(tag, parted_by), parted_by) == tag


@given(names)
def test_a_name_is_read_as_it_was_written(tag: str) -> None:
    assert path(written(tag)) == tag


@given(st.lists(paths, max_size=6), st.text(max_size=30))
def test_any_lists_make_tags_once(tags: list[str], name: str) -> None:
    found = tag_paths(tags, [path(name)])
    assert len({tag.casefold() for tag in found}) == len(found)
    assert {tag.casefold() for tag in tags} <= {tag.casefold() for tag in found}
    assert all(part.strip() for tag in found for part in tag.split("/"))


@pytest.mark.parametrize(
    ("text", "parted_by", "expected"),
    [
        ("a|b|c", "|", "a/b/c"),
        (" a | | b ", "|", "a/b"),
        ("a/b", "|", "a\u2215b"),
        ("a/b", "", "a\u2215b"),
        ("a|b", "", "a|b"),
        ("a\u2223b|c", "|", "a|b/c"),
        ("darktable", "", "darktable"),
        ("_Digikam_root_tag_/Colors", "/", ""),
        ("", "", ""),
        ("\u0000 \u202e", "", ""),
        ("e\u0301", "", "\u00e9"),
    ],
)
def test_what_programs_write(text: str, parted_by: str, expected: str) -> None:
    assert path(text, parted_by) == expected


def test_a_name_that_is_a_level_of_a_path_is_not_doubled() -> None:
    assert tag_paths(["A/B", "a/b", "A"], ["b", "C", "c", "A"]) == ("A/B", "A", "C")


def test_what_darktable_notes_for_itself_is_no_keyword() -> None:
    paths = [path(item, "|") for item in ("darktable|format|nef", "Places|Paris")]
    names = [path(item) for item in ("darktable", "format", "nef", "Paris", "Anna")]
    assert tag_paths(paths, names) == ("Places/Paris", "Anna")
    assert tag_paths([], [path("darktable|format|nef"), path("darktable")]) == ("darktable",)
