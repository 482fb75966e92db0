"""Queries through the door: filters alone need no model, and what they refuse has a place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image

from engine import Library
from engine.errors import QueryError
from engine.query import FILTER_NAMES, FILTERS, parse
from engine.switching import Models
from engine.vision.clip import ClipModel


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    photos = tmp_path / "photos"
    photos.mkdir()
    for n in range(4):
        Image.new("RGB", (40, 30 + 10 * n), (60 * n, 0, 0)).save(photos / f"{n}.png")
    opened = Library.open(tmp_path / "library")
    opened.add_root(photos)
    for _ in opened.reconcile():
        pass
    yield opened
    opened.close()


def found(library: Library, text: str) -> list[str]:
    ids = [hit.photo_id for hit in library.search(text).hits]
    return sorted(photo.name for photo in library.photos(ids))


def test_facts_are_joined(library: Library):
    assert found(library, "name:1 or name:2") == ["1.png", "2.png"]
    assert found(library, "type:png not (name:1 or name:2)") == ["0.png", "3.png"]
    assert found(library, "") == ["0.png", "1.png", "2.png", "3.png"]


def test_signs_may_be_typed_as_they_are_shown(library: Library):
    assert found(library, "date:≥2000 rating:≤0 name:1") == ["1.png"]
    assert found(library, "date:≤2000") == []
    assert parse("width:≥3000") == parse("width:>=3000")


def test_plain_filters_never_touch_a_model(library: Library, monkeypatch: pytest.MonkeyPatch):
    def refuse(_self: object) -> None:
        raise AssertionError("a model was asked for")

    monkeypatch.setattr(Models, "in_use", refuse)
    monkeypatch.setattr(ClipModel, "__init__", refuse)
    for name in FILTER_NAMES:
        with suppress(QueryError):  # a tag, an album or a thing that is not there
            library.search(f"{name}:{FILTERS[name].such}")
    library.search("(type:png or is:raw) -has:sidecar near:48,2,10km")
    with pytest.raises(AssertionError):
        library.search("a dog type:png")


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("name:1 or -tag:nothing", "-tag:nothing"),
        ('type:png (album:"No such" or is:raw)', 'album:"No such"'),
        ("type:png detected:unicorn", "detected:unicorn"),
        ("rating:9", "9"),
    ],
)
def test_what_the_library_does_not_know_is_underlined(library: Library, text: str, marked: str):
    with pytest.raises(QueryError) as told:
        library.search(text)
    error = told.value
    assert text[error.position : error.position + error.length] == marked


def test_the_values_for_completion_come_through_the_door(library: Library):
    values = library.query_values()
    assert values.dates
    assert values.tags == ()
