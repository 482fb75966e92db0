"""Runs and questions while the user, or indexing, changes what they are about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tagging_scenes import Scenes

from engine.catalog import Catalog
from engine.errors import TagError
from engine.jobs import Job, drain
from engine.tag_types import Category, Mode, TagReport
from engine.tagging import Tagging
from engine.types import FileSeen
from engine.vision.clip import ClipModel, TextTower

THINGS = ["cat", "dog", "truck", "car", "dress"]


def automatic(tagging: Tagging, names: list[str]) -> list[Category]:
    group = tagging.add_set(f"Set of {names[0]}")
    made = [tagging.add_category(name, set_id=group.id) for name in names]
    found = [replace(category, mode=Mode.AUTOMATIC) for category in made]
    for category in found:
        tagging.change_category(category)
    return found


def tagged(tagging: Tagging) -> dict[str, int]:
    return {tag.path: tag.photos for tag in tagging.tags() if tag.photos}


def begin(job: Job[TagReport]) -> None:
    """As far as the end of the first category."""
    next(job)
    next(job)


def remove(tagging: Tagging, category: Category) -> None:
    tagging.remove_category(category.id)


def switch_off(tagging: Tagging, category: Category) -> None:
    tagging.change_category(replace(category, mode=Mode.OFF))


@pytest.mark.parametrize("change", [remove, switch_off])
def test_a_category_that_goes_while_a_run_goes_on_is_left_alone(
    tagging: Tagging, change: Callable[[Tagging, Category], None]
):
    categories = automatic(tagging, THINGS)
    job = tagging.run()
    begin(job)
    change(tagging, categories[1])
    report = drain(job)
    assert [entry.category for entry in report.categories] == ["cat", "truck", "car", "dress"]
    assert set(tagged(tagging)) == {"cat", "truck", "car", "dress"}


def test_a_set_that_goes_while_a_run_goes_on_ends_it(tagging: Tagging):
    categories = automatic(tagging, THINGS)
    job = tagging.run()
    begin(job)
    tagging.remove_set(categories[0].set_id)
    assert [entry.category for entry in drain(job).categories] == ["cat"]
    with pytest.raises(TagError, match="not there any more"):
        tagging.preview(categories[0])


def test_a_run_that_is_taken_back_while_it_goes_on_leaves_nothing_that_cannot_be(
    tagging: Tagging, scenes: Scenes
):
    automatic(tagging, THINGS)
    job = tagging.run()
    begin(job)
    (begun,) = tagging.runs()
    assert tagging.roll_back(begun.id).removed > 0
    report = drain(job)
    assert report.run_id != begun.id
    assert "cat" not in tagged(tagging)
    for run in tagging.runs():
        tagging.roll_back(run.id)
    assert not any(tagging.tags_of(i) for i in scenes.ids)


def test_a_photo_that_is_rejected_while_its_category_is_scored_is_not_tagged(
    tagging: Tagging, monkeypatch: pytest.MonkeyPatch
):
    cat, dog = automatic(tagging, ["cat", "dog"])
    tagging.change_category(replace(dog, tag=cat.tag))  # so the run looks at it in between
    best = max(tagging.scores(cat.id).items(), key=lambda entry: entry[1])[0]
    drain(tagging.run([dog.id]))
    for run in tagging.runs():
        tagging.roll_back(run.id)
    ask = tagging._board.columns  # pyright: ignore[reportPrivateUsage]

    def and_reject(*args: Any) -> Any:
        found = ask(*args)
        if args[2] == [cat.id]:
            tagging.answer(cat.id, [best], False)
        return found

    monkeypatch.setattr(tagging._board, "columns", and_reject)  # pyright: ignore[reportPrivateUsage]
    drain(tagging.run([cat.id]))
    assert tagged(tagging)["cat"] > 5
    assert tagging.tags_of(best) == []


def test_a_tag_that_was_removed_by_hand_is_its_categorys_again_after_a_run(tagging: Tagging):
    (cat,) = automatic(tagging, ["cat"])
    drain(tagging.run())
    tagging.remove_tag(next(tag.id for tag in tagging.tags() if tag.path == "cat"))
    report = drain(tagging.run())
    assert report.categories[0].tag == "cat"
    (state,) = tagging.states()
    assert state.tagged == report.categories[0].added > 0
    best = max(tagging.scores(cat.id).items(), key=lambda entry: entry[1])[0]
    tagging.untag([best], "cat")
    assert [(a.photo_id, a.accepted) for a in tagging.answers(cat.id)] == [(best, False)]


def arriving(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], None], when: str) -> None:
    """Have something happen while the text tower computes a word."""
    embed = TextTower.embed

    def and_meanwhile(tower: TextTower, texts: Any) -> Any:
        if any(when in text for text in texts):
            happens()
        return embed(tower, texts)

    monkeypatch.setattr(TextTower, "embed", and_meanwhile)


@pytest.mark.parametrize("exclusive", [True, False])
def test_photos_that_come_and_go_while_places_are_found_do_not_mix_them_up(
    tagging: Tagging,
    catalog: Catalog,
    demo_model: ClipModel,
    scenes: Scenes,
    monkeypatch: pytest.MonkeyPatch,
    exclusive: bool,
):
    for names in (["cat", "dog"], ["truck"]):
        group = tagging.add_set(names[0], exclusive=exclusive)
        for name in names:
            tagging.add_category(name, set_id=group.id)
    names = ["cat", "dog", "truck"]
    before = {a.photo_id: a for a in tagging.assign(names)}
    tagging.add_category("boat", set_id=tagging.sets()[1].id)
    gone, space_id = scenes.ids[:7], catalog.embeddings.space_id(demo_model.space)

    def happens() -> None:
        catalog.photos.mark_missing(gone)
        vector = catalog.embeddings.vector(space_id, scenes.ids[-1])
        assert vector is not None
        catalog.embeddings.put(space_id, [scenes.ids[-1]], vector[None])

    arriving(monkeypatch, happens, "boat")
    after = {a.photo_id: a for a in tagging.assign([*names, "boat"])}
    assert set(after) == set(before)  # one moment's photos
    same = [before[i].category == after[i].category for i in before if after[i].category != "boat"]
    assert np.mean(same) > 0.95
    monkeypatch.undo()
    assert not {a.photo_id for a in tagging.assign(names)} & set(gone)


def test_a_model_that_changes_while_concepts_are_looked_for_spoils_nothing(
    tagging: Tagging, demo_model: ClipModel, catalog: Catalog
):
    job = tagging.find_concepts()
    next(job)
    board = tagging._board  # pyright: ignore[reportPrivateUsage]
    board._asked.clear()  # pyright: ignore[reportPrivateUsage] - as another model's question does
    assert drain(job)


def test_a_photo_out_of_sight_waits_for_automatic_categories_until_it_is_back(
    tagging: Tagging, catalog: Catalog, demo_model: ClipModel
):
    (cat,) = automatic(tagging, ["cat"])
    chances = tagging.scores(cat.id)
    space_id = catalog.embeddings.space_id(demo_model.space)
    vector = catalog.embeddings.vector(space_id, max(chances, key=lambda i: chances[i]))
    assert vector is not None
    file = FileSeen(b"fresh.jpg", 1, 10**18, 1, 10**6)
    fresh = catalog.photos.add(catalog.roots.all()[0].id, [file])
    catalog.embeddings.put(space_id, fresh, vector[None])
    catalog.photos.mark_missing(fresh)
    assert drain(tagging.new_photos()).photos == 0
    catalog.photos.mark_returned([(fresh[0], file)])
    assert drain(tagging.new_photos()).categories[0].added == 1
    assert drain(tagging.new_photos()).photos == 0
