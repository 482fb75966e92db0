"""Categories that are tried and not kept, and what earlier ones have to do with it."""

from __future__ import annotations

import pytest
from tagging_scenes import Scenes

from engine.errors import TagError
from engine.tagging import Tagging


def test_a_draft_scores_as_the_category_would_and_leaves_nothing(tagging: Tagging, scenes: Scenes):
    drafts = [tagging.draft("Cats", ["a cat"]), tagging.draft("Boats", ["a boat"])]
    found = tagging.assign(["Cats", "Boats"], None, drafts)
    assert {a.category for a in found} == {"Cats", "Boats", None}
    assert not tagging.categories()
    assert not tagging.sets()
    assert not tagging.tags()
    kept = [tagging.keep(draft, "Sorting") for draft in drafts]
    assert [entry.prompts for entry in kept] == [("a cat",), ("a boat",)]
    assert tagging.assign(["Cats", "Boats"]) == found
    assert [tagging.keep(tagging.draft("cats"), "Sorting")] == kept[:1]
    assert len(tagging.sets()) == 1


def test_other_prompts_hold_for_this_once(tagging: Tagging, scenes: Scenes):
    tagging.add_category("Pets", ["a cat"])
    draft = tagging.draft("pets", ["a dog"])
    found = {a.photo_id for a in tagging.assign(["Pets"], None, [draft]) if a.category}
    dogs = set(scenes.showing("dog"))
    assert len(found & dogs) > 0.8 * len(found)
    assert tagging.category("Pets").prompts == ("a cat",)
    tagging.keep(draft, "Sorting")
    assert tagging.category("Pets").prompts == ("a dog",)
    assert {a.photo_id for a in tagging.assign(["Pets"]) if a.category} == found


def test_what_was_sorted_by_before_does_not_compete(tagging: Tagging, scenes: Scenes):
    alone = tagging.assign(["Cats"], None, [tagging.draft("Cats", ["a cat"])])
    for name in ("Pets", "Felines", "../../etc"):
        tagging.keep(tagging.draft(name, ["a cat", "a dog"]), "Sorting")
    assert tagging.assign(["Cats"], None, [tagging.draft("Cats", ["a cat"])]) == alone
    tagging.keep(tagging.draft("Cats", ["a cat"]), "Sorting")
    assert tagging.assign(["Cats"]) == alone


def test_names_that_cannot_be_are_refused_at_once(tagging: Tagging):
    for name in ("", " ", "\u200b", "x" * 300):
        with pytest.raises(TagError):
            tagging.draft(name)
