"""Words: how prompts are asked, what the vocabulary file may hold, what a library suggests."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tagging_scenes import Scenes

from engine.catalog import Catalog
from engine.errors import TagError
from engine.jobs import drain
from engine.tagging import Tagging
from engine.tagging.ideas import spoken
from engine.tagging.neighbours import misplaced
from engine.tagging.prompts import texts_for
from engine.tagging.vocabulary import OWN_NAME, STARTER, parse, read_vocabulary
from engine.types import PhotoId


@pytest.mark.parametrize(
    ("prompt", "first", "count"),
    [
        ("cat", "a photo of a cat", 3),
        ("remote control", "a photo of a remote control", 3),
        ("mountains", "a photo of mountains", 3),
        ("grass", "a photo of a grass", 3),
        ("a cat", "a cat", 2),
        ("my dog", "my dog", 2),
        ("dog in the snow", "dog in the snow", 2),
        ("big red old car", "big red old car", 2),
        ("a photo of a receipt", "a photo of a receipt", 1),
        ("screenshot of a chat", "screenshot of a chat", 1),
        ("screenshot", "a photo of a screenshot", 3),
        ("猫", "一张猫的照片", 3),
    ],
)
def test_a_name_goes_into_templates_and_a_phrase_stays_as_it_is(
    prompt: str, first: str, count: int
):
    texts = texts_for(prompt)
    assert (texts[0], len(texts)) == (first, count)


def test_a_template_of_the_users_own_is_used_alone():
    assert texts_for("cat", "a drawing of a {}") == ["a drawing of a cat"]
    assert texts_for("a cat on a mat", "a drawing of a {}")[0] == "a cat on a mat"


def test_a_model_that_learned_another_template_is_asked_in_it_too():
    siglip = "This is a photo of {}."
    assert texts_for("cat", own=siglip) == ["This is a photo of cat.", *texts_for("cat")]
    assert texts_for("cat", own="一张{}的照片") == texts_for("cat", own="a photo of a {}")
    assert texts_for("cat", "a drawing of a {}", siglip) == ["a drawing of a cat"]
    assert texts_for("a cat on a mat", own=siglip) == texts_for("a cat on a mat")


def test_our_vocabulary_is_whole():
    concepts = parse(STARTER.read_text(encoding="utf-8"))
    assert len(concepts) > 400
    assert all(c.chinese and c.group and c.chinese_group for c in concepts)
    assert len({c.group for c in concepts}) >= 12
    by_name = {c.name: c for c in concepts}
    assert by_name["crane (bird)"].prompts == ("a crane, the tall bird",)
    assert by_name["cat"].prompts == ()
    for concept in concepts:  # a bare name in parentheses would be asked as such
        assert concept.prompts or "(" not in concept.name


@given(st.text(max_size=300))
def test_no_text_is_refused_as_a_vocabulary(text: str):
    names = [concept.name for concept in parse(text)]
    assert len({name.casefold() for name in names}) == len(names)
    assert all(names)


def test_the_users_own_file_stands_in_the_place_of_ours(
    tagging: Tagging, tmp_path: Path, scenes: Scenes
):
    assert len(tagging.vocabulary()) > 400
    own = "\ufeff# mine\n[Things|东西]\ncat|猫|a cat; a kitten\n cat | again\n|nothing\nboat\n"
    (tmp_path / OWN_NAME).write_text(own, encoding="utf-8")
    cat, boat = tagging.vocabulary()
    assert (cat.chinese, cat.prompts, cat.group) == ("猫", ("a cat", "a kitten"), "Things")
    assert boat.chinese == ""
    (made,) = tagging.add_from_vocabulary(["CAT"])
    assert (made.name, made.tag, made.prompts) == ("cat", "Things/cat", ("a cat", "a kitten"))
    (chinese,) = tagging.add_from_vocabulary(["猫"])
    assert (chinese.name, chinese.tag) == ("猫", "东西/猫")
    with pytest.raises(TagError, match="does not know"):
        tagging.add_from_vocabulary(["elephant"])
    assert scenes.ids


@pytest.mark.expects_warnings
def test_a_file_that_holds_nothing_is_passed_over(tmp_path: Path):
    (tmp_path / OWN_NAME).write_text("# nothing yet\n", encoding="utf-8")
    assert len(read_vocabulary(tmp_path)) > 400
    (tmp_path / OWN_NAME).write_bytes(b"\xff\xfe\x00" * 10)
    assert read_vocabulary(tmp_path)


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("2019 Summer", ""), ("DCIM", ""), ("IMG_1234", ""), ("New Folder", ""), ("Italy", "Italy"),
        ("2024-05 Receipts", "Receipts"), ("Grandma's garden", "Grandma's garden"),
        ("宠物", "宠物"),
    ],
)  # fmt: skip
def test_a_folders_name_says_something_or_nothing(folder: str, name: str):
    assert spoken(folder) == name


def test_a_library_suggests_categories(tagging: Tagging, scenes: Scenes):
    tagging.tag(scenes.showing("cat"), "Animals/Cats")
    ideas = {idea.name: idea for idea in tagging.suggest_categories()}
    assert "Garden" in ideas
    assert "Cats" in ideas
    assert set(ideas["Cats"].examples) <= set(scenes.showing("cat"))
    tagging.add_category("Cats", examples=ideas["Cats"].examples)
    assert "Cats" not in {idea.name for idea in tagging.suggest_categories()}
    seen = {idea.name: idea for idea in drain(tagging.find_concepts())}
    assert {"beach", "desert"} <= set(seen)
    assert all("beach" in scenes.things(i) for i in seen["beach"].examples)


def test_a_photo_under_a_wrong_tag_is_found(tagging: Tagging, scenes: Scenes, catalog: Catalog):
    def only(place: str) -> list[PhotoId]:
        return [i for i in scenes.entries if place in scenes.things(i)]

    beach, room = only("beach"), only("room")
    wrong = beach[0]
    tagging.tag([i for i in scenes.ids if i in beach[1:]], "Beach")
    tagging.tag([i for i in scenes.ids if i in room or i == wrong], "Room")
    found = {m.photo_id: m for m in drain(tagging.misfiled()) if m.folder is None}
    assert (found[wrong].here, found[wrong].better) == ("Room", "Beach")
    assert catalog.tags.all()


def test_groups_that_are_small_or_a_mixture_accuse_nobody():
    chance = np.random.default_rng(0)
    vectors = chance.standard_normal((200, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    rows = chance.permutation(200)
    assert drain(misplaced(vectors, [rows[:5], rows[5:9]])) == []
    mixture = drain(misplaced(vectors, [rows[:100], rows[100:]]))
    assert len(mixture) <= 4
    copies = np.repeat(vectors[:1], 50, axis=0)
    assert drain(misplaced(copies, [np.arange(25), np.arange(25, 50)])) == []
