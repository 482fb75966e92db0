"""Queries through the door: filters alone need no model, and what they refuse has a place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from engine import Library
from engine.errors import QueryError


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
