"""The cut on the demo library, whose truth is known: what is called a match is one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from journey import update

from bench.relevance import DEMO, judge, summary
from engine import Library
from engine.errors import QueryError
from engine.query import PictureTerm, Term
from engine.search import NOTHING_CLEAR
from engine.types import Band, Box, Hit, PhotoId, SearchResult

PHOTOS = DEMO / "photos"
TOLD = json.loads((DEMO / "photos.json").read_text(encoding="utf-8"))
BY_FILE = {entry["file"]: entry for entry in TOLD}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with Library.open(tmp_path_factory.mktemp("demo") / "library") as library:
        library.add_root(PHOTOS)
        update(library)
        yield library


def matches(result: SearchResult) -> list[Hit]:
    return [hit for hit in result.hits if hit.band is Band.MATCH]


def labels(library: Library, photo_id: PhotoId) -> set[str]:
    (photo,) = library.photos([photo_id])
    return {thing["label"] for thing in BY_FILE[str(photo.path.relative_to(PHOTOS))]["objects"]}


def photo_of(library: Library, name: str) -> PhotoId:
    found = library.search(f'name:"{Path(name).name}" folder:"{Path(name).parent}"').hits
    return found[0].photo_id


def test_matches_are_right_and_what_is_not_there_is_said(demo: Library):
    judged = judge(demo, PHOTOS, TOLD)
    told = summary(judged)
    assert told["queries"] >= 50
    assert told["precision"] >= 0.9, told
    assert told["recall"] >= 0.8, told
    assert told["absent"] >= 20
    assert told["quiet"] >= 0.8, told
    assert told["quiet, other words"] >= 0.9, told
    assert all(one.note.endswith(NOTHING_CLEAR) != bool(one.matches) for one in judged)


@pytest.mark.parametrize("words", ["狗", "собака", "a dog 雪"])
def test_letters_that_the_model_never_learned_match_nothing(demo: Library, words: str):
    told = demo.search(words)
    assert "multilingual" in told.note
    assert matches(told) == []
    assert told.hits


def test_words_that_the_model_cannot_know_are_named(demo: Library):
    told = demo.search("an astronaut on the moon")
    assert not matches(told)
    assert told.note.startswith("Photosift demo does not know the word “astronaut”. No clear")
    assert told.hits  # the nearest are there to be looked at
    told = demo.search("a red dress and a penguin on the beach")  # the greater part is known
    assert told.note.startswith("Photosift demo does not know the word “penguin”.")
    told = demo.search("zebra giraffe type:jpeg")
    assert "the words “zebra” and “giraffe”" in told.note
    assert not matches(told)
    everything = demo.search("zebra", limit=1000)
    assert len(everything.hits) == len(TOLD)
    assert not matches(everything)
    assert demo.search("puppy").note == ""


@pytest.mark.parametrize("text", ["a dog", "a pink ball", "the beach", "a yellow bird", "a train"])
def test_stricter_is_never_more(demo: Library, text: str):
    counts = [
        len(matches(demo.search(text, strictness=strictness)))
        for strictness in np.linspace(-1, 1, 9)
    ]
    assert counts == sorted(counts, reverse=True)
    assert len(demo.search(text, strictness=1).hits) == len(TOLD)  # none is hidden


def test_strictness_is_remembered(demo: Library):
    from dataclasses import replace

    before = demo.settings
    demo.change_settings(replace(before, strictness=1.0))
    try:
        assert demo.search("a dog") == demo.search("a dog", strictness=1.0)
        assert demo.search("a dog") != demo.search("a dog", strictness=-1.0)
    finally:
        demo.change_settings(before)


def test_what_is_not_wanted_is_no_match_and_its_opposite_is_not_sought(demo: Library):
    everything = matches(demo.search("the beach"))
    dogs = [hit for hit in everything if "dog" in labels(demo, hit.photo_id)]
    assert len(dogs) >= 5
    left = matches(demo.search('the beach -"a dog"'))
    kept = {hit.photo_id for hit in left}
    assert sum("dog" in labels(demo, hit.photo_id) for hit in left) <= len(dogs) // 4
    others = [hit for hit in everything if hit not in dogs]
    assert len([hit for hit in others if hit.photo_id in kept]) >= 0.9 * len(others)
    by_photo = {hit.photo_id: hit.score for hit in left}
    untouched = [h for h in others if by_photo.get(h.photo_id) == pytest.approx(h.score, abs=1e-5)]
    assert len(untouched) >= len(others) // 2
    # what is not there takes nothing away
    assert demo.search('the beach -"a helicopter"') == demo.search("the beach")
    # half the weight: pushed down, and less
    half = {h.photo_id: h.score for h in demo.search('the beach -0.5:"a dog"').hits}
    full = {h.photo_id: h.score for h in demo.search('the beach -"a dog"').hits}
    assert all(full[h.photo_id] <= half[h.photo_id] <= h.score + 1e-5 for h in dogs)


def test_only_what_is_not_wanted(demo: Library):
    left = matches(demo.search('-"a dog"'))
    assert len(left) > 100
    assert sum("dog" in labels(demo, hit.photo_id) for hit in left) <= 5


def test_weights_move_the_ranking(demo: Library):
    def places(text: str) -> list[str]:
        return [
            BY_FILE[str(photo.path.relative_to(PHOTOS))]["background"]
            for photo in demo.photos([hit.photo_id for hit in demo.search(text, 10).hits])
        ]

    assert places('5:"the beach" cat').count("beach") >= 8
    assert places('0.2:"the beach" 3:cat').count("beach") <= 5


def test_words_and_a_picture_meet(demo: Library):
    dog = photo_of(demo, next(e["file"] for e in TOLD if e["caption"].startswith("a grey dog in")))
    found = demo.search(f"like:{dog} 2:night", 5).hits
    assert dog not in {hit.photo_id for hit in found}
    photos = demo.photos([hit.photo_id for hit in found])
    there = [BY_FILE[str(photo.path.relative_to(PHOTOS))] for photo in photos]
    assert sum(entry["night"] for entry in there) >= 3


def test_a_part_of_a_picture_in_a_query(demo: Library):
    entry = next(e for e in TOLD if len(e["boxes"]) == 2 and e["role"] == "photo")
    thing = entry["boxes"][0]
    box = Box(*thing["box"])
    photo_id = photo_of(demo, entry["file"])
    asked = f"like:{photo_id}@" + ",".join(f"{edge:g}" for edge in box)
    found = demo.search(asked, 5).hits
    assert sum(thing["label"] in labels(demo, hit.photo_id) for hit in found) >= 3
    assert demo.why(asked, found[0].photo_id)[0].what == PictureTerm(photo_id, box)


def test_filters_leave_the_middle_of_the_library(demo: Library):
    """Among photos of beaches all are beaches: what is usual is told by the whole library."""
    every = matches(demo.search("the beach"))
    folder = demo.photos([every[0].photo_id])[0].path.parent.name
    inside = matches(demo.search(f'the beach folder:"{folder}"'))
    expected = [
        h.photo_id for h in every if demo.photos([h.photo_id])[0].path.parent.name == folder
    ]
    assert {hit.photo_id for hit in inside} >= set(expected)


def test_why_tells_the_share_of_each_part(demo: Library):
    best = demo.search('dog "the beach" -snow', 1).hits[0].photo_id
    told = demo.why('dog "the beach" -snow', best)
    assert [part.what for part in told] == [Term("dog"), Term("the beach"), Term("snow", -1.0)]
    assert sum(abs(part.share) for part in told) == pytest.approx(1, abs=1e-5)
    assert told[0].share > 0 < told[1].share
    assert told[2].share <= 0
    snowy = demo.search("snow", 1).hits[0].photo_id
    against = demo.why('dog "the beach" -snow', snowy)
    assert against[2].share < -0.2
    (phrase,) = demo.why(
        "a cat on a red couch", demo.search("a cat on a red couch", 1).hits[0].photo_id
    )
    assert [word for word, _ in phrase.words] == ["cat", "red", "couch"]
    assert sum(abs(value) for _, value in phrase.words) == pytest.approx(
        abs(phrase.share), abs=1e-5
    )
    assert demo.why("type:jpeg", best) == []
    with pytest.raises(QueryError):
        demo.why("type:", best)


def test_heat_is_where_the_words_are(demo: Library):
    """The hottest patch lies in the thing's box, for most of the photos that show two things."""
    inside = tried = 0
    for entry in TOLD:
        names = [box["label"] for box in entry["boxes"]]
        if entry["role"] != "photo" or len(set(names)) != 2 or len(names) != 2 or tried >= 10:
            continue
        heat = demo.heat(f"a {names[0]}", photo_of(demo, entry["file"]))
        assert np.nanmin(heat) >= 0
        assert np.nanmax(heat) == 1
        row, column = np.unravel_index(np.nanargmax(heat), heat.shape)
        x = (column + 0.5) * entry["width"] / heat.shape[1]
        y = (row + 0.5) * entry["height"] / heat.shape[0]
        left, top, right, bottom = entry["boxes"][0]["box"]
        tried += 1
        inside += left <= x < right and top <= y < bottom
    assert tried == 10
    assert inside >= 7
