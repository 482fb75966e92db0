"""The whole of tagging on the demo's photos: scores, none of these, review, runs, learning."""

from __future__ import annotations

import sys
import threading
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from tagging_scenes import DEMO, Scenes

from engine.assignment import Assignment
from engine.catalog import Catalog
from engine.errors import TagError
from engine.jobs import drain
from engine.tag_types import Category, Mode, ReviewOrder, Stage, TagSource
from engine.tagging import Tagging
from engine.types import CatalogChange, FileSeen, PhotoContent, PhotoId
from engine.vision.clip import ClipModel
from engine.vision.zero_shot import probabilities

THINGS = ["cat", "dog", "truck", "car", "dress"]


def right(assigned: list[Assignment], scenes: Scenes, names: list[str]) -> float:
    """The share of photos that lie where a person would put them; none of these included."""
    judged = [
        entry.category in scenes.things(entry.photo_id)
        if entry.category
        else not scenes.things(entry.photo_id) & set(names)
        for entry in assigned
        if entry.photo_id in scenes.entries
    ]
    assert len(judged) > 100
    return float(np.mean(judged))


def make(tagging: Tagging, names: list[str], *, exclusive: bool = False) -> list[Category]:
    group = tagging.add_set("Things", exclusive=exclusive)
    return [tagging.add_category(name, set_id=group.id) for name in names]


@pytest.mark.parametrize("exclusive", [True, False])
@pytest.mark.parametrize(
    "names", [THINGS, ["house", "boat", "flower"], ["couch", "cup", "bird", "tree", "ball", "sun"]]
)
def test_photos_go_where_they_belong_or_nowhere(
    tagging: Tagging, scenes: Scenes, names: list[str], exclusive: bool
):
    make(tagging, names, exclusive=exclusive)
    assigned = tagging.assign(names)
    assert [a.photo_id for a in assigned] == sorted(scenes.ids)
    assert right(assigned, scenes, names) >= 0.9
    nowhere = [a for a in assigned if a.category is None]
    assert 0.2 < len(nowhere) / len(assigned) < 0.95
    for entry in assigned:
        assert 0 <= entry.score <= 1.0001
        assert entry.runner_up != entry.category or entry.category is None
        assert entry.category is None or entry.margin <= entry.score


def test_scenes_that_fit_no_category_stay_where_they_are(
    tagging: Tagging, catalog: Catalog, demo_model: ClipModel
):
    """Fresh scenes of other things only."""
    sys.path.insert(0, str(DEMO))
    import draw  # pyright: ignore[reportMissingImports]
    from PIL import Image
    from scene_words import ITS_COLOURS, Item, Scene  # pyright: ignore[reportMissingImports]

    crop = demo_model.spec.crop
    pixels: list[np.ndarray] = []
    for n, label in enumerate(["house", "tree", "cup", "bird", "flower", "boat"] * 5):
        chance = Random(f"none of these {n}")
        place = chance.choice(("meadow", "beach", "snow", "street"))
        scene = Scene(place, False, (Item(label, chance.choice(ITS_COLOURS[label])),))
        picture = draw.render(scene, (4 * crop, 4 * crop), chance).image.convert("RGB")
        pixels.append(np.asarray(picture.resize((crop, crop), Image.Resampling.BICUBIC)))
    ids = add_photos(catalog, demo_model, demo_model.image.embed(np.stack(pixels)))
    make(tagging, THINGS)
    found = {a.photo_id: a.category for a in tagging.assign(THINGS)}
    assert np.mean([found[photo_id] is None for photo_id in ids]) >= 0.9


def add_photos(catalog: Catalog, model: ClipModel, vectors: np.ndarray) -> list[PhotoId]:
    root = catalog.roots.all()[0]
    files = [
        FileSeen(f"fresh/{n}.jpg".encode(), 1, 10**18, 1, 10**6 + n) for n in range(len(vectors))
    ]
    ids = catalog.photos.add(root.id, files)
    for photo_id, file in zip(ids, files, strict=True):
        content = PhotoContent(photo_id.to_bytes(32, "big"), 4, 3, "JPEG")
        catalog.photos.set_content(photo_id, content, 1, file.mtime_ns, 1, file.ino, 1)
    catalog.embeddings.put(catalog.embeddings.space_id(model.space), ids, vectors)
    return ids


def test_an_exclusive_set_scores_as_the_softmax_of_the_tutorials(
    tagging: Tagging, catalog: Catalog, demo_model: ClipModel, scenes: Scenes
):
    """With the contrast as one more label and prompts that are taken as they are."""
    prompts = [f"a photo of a {name}" for name in THINGS]
    group = tagging.add_set("Set", exclusive=True, contrast=["a photo of nothing"])
    for name, prompt in zip(THINGS, prompts, strict=True):
        tagging.add_category(name, [prompt], set_id=group.id)
    texts = demo_model.text.embed([*prompts, "a photo of nothing"])
    space_id = catalog.embeddings.space_id(demo_model.space)
    scores = [tagging.scores(tagging.category(name).id) for name in THINGS]
    for photo_id in scenes.ids[::10]:
        vector = catalog.embeddings.vector(space_id, photo_id)
        assert vector is not None
        expected = probabilities(vector, texts, demo_model.logit_scale)
        found = [column[photo_id] for column in scores]
        assert np.abs(np.array(found) - expected[:-1]).max() < 1e-4


def test_a_threshold_for_all_and_names_that_are_not_there(tagging: Tagging):
    make(tagging, THINGS)
    loose, strict = (
        sum(a.category is not None for a in tagging.assign(THINGS, threshold))
        for threshold in (0.1, 0.95)
    )
    assert loose > strict
    assert len(tagging.assign()) == len(tagging.assign(THINGS))
    with pytest.raises(TagError, match="no category “elephant”"):
        tagging.assign(["elephant"])


def test_what_the_user_said_holds_whatever_the_model_says(tagging: Tagging, scenes: Scenes):
    cat, *_ = make(tagging, THINGS)
    wrong = next(i for i in scenes.entries if not scenes.things(i) & set(THINGS))
    surely = next(
        a.photo_id for a in tagging.assign(THINGS) if a.category == "cat" and a.score > 0.6
    )
    tagging.answer(cat.id, [wrong], True)
    tagging.answer(cat.id, [surely], False)
    found = {a.photo_id: a for a in tagging.assign(THINGS)}
    assert (found[wrong].category, found[wrong].score) == ("cat", 1.0)
    assert found[surely].category != "cat"


def test_a_changed_prompt_is_scored_before_it_is_saved(tagging: Tagging, scenes: Scenes):
    (pets,) = make(tagging, ["pets"])
    before = tagging.scores(pets.id)
    edited = replace(pets, prompts=("a boat",))
    seen = tagging.preview(edited, scenes.showing("boat"))
    assert np.mean(list(seen.values())) > np.mean([before[i] for i in seen])
    assert tagging.scores(pets.id) == before
    tagging.change_category(edited)
    assert tagging.scores(pets.id, list(seen)) == seen


def test_a_run_tags_is_listed_and_taken_back(tagging: Tagging, scenes: Scenes):
    cat, dog, *_ = make(tagging, THINGS)
    tagging.change_category(replace(cat, mode=Mode.AUTOMATIC))
    own = scenes.showing("cat")[0]
    tagging.tag([own], "cat")
    report = drain(tagging.run([cat.id, dog.id]))
    did = {entry.category: entry for entry in report.categories}
    assert did["cat"].added > 5
    assert (did["dog"].added, did["dog"].suggested > 5) == (0, True)
    assert report.run_id is not None
    tagged = next(t for t in tagging.tags() if t.path == "cat")
    assert tagged.photos == did["cat"].added + 1
    chosen = next(
        i for i in scenes.ids if [t.source for t in tagging.tags_of(i)] == [TagSource.ZERO_SHOT]
    )
    (tag,) = tagging.tags_of(chosen)
    assert (tag.run_id, tag.model) == (report.run_id, "photosift/demo")
    assert tag.score is not None
    assert tag.score >= did["cat"].threshold
    assert drain(tagging.run([cat.id])).run_id is None  # nothing is left to do
    tagging.answer(cat.id, [chosen], True)
    done = tagging.roll_back(report.run_id)
    assert (done.removed, done.kept) == (did["cat"].added - 1, 1)
    assert {i for i in scenes.ids if tagging.tags_of(i)} == {own, chosen}
    assert tagging.runs()[0].undone_at is not None


def test_a_stricter_cut_takes_machine_tags_off_and_taking_back_restores_them(tagging: Tagging):
    (cat,) = make(tagging, ["cat"])
    cat = replace(cat, mode=Mode.AUTOMATIC, threshold=0.3)
    tagging.change_category(cat)
    first = drain(tagging.run())
    tagging.change_category(replace(cat, threshold=0.8))
    second = drain(tagging.run())
    assert first.run_id is not None
    assert second.run_id is not None
    (entry,) = second.categories
    assert entry.removed > 0
    assert entry.added == 0
    back = tagging.roll_back(second.run_id)
    assert back.restored == entry.removed
    assert next(t.photos for t in tagging.tags() if t.path == "cat") == first.categories[0].added


def test_new_photos_are_tagged_and_none_twice(
    tagging: Tagging, catalog: Catalog, demo_model: ClipModel, scenes: Scenes
):
    (cat,) = make(tagging, ["cat"])
    assert drain(tagging.new_photos()).photos == 0
    tagging.change_category(replace(cat, mode=Mode.AUTOMATIC))
    space_id = catalog.embeddings.space_id(demo_model.space)
    scores = tagging.scores(cat.id)
    best = max(scores, key=lambda i: scores[i])
    vector = catalog.embeddings.vector(space_id, best)
    assert vector is not None
    fresh = add_photos(catalog, demo_model, vector[None])
    report = drain(tagging.new_photos())
    assert (report.photos, report.categories[0].added) == (1, 1)
    assert [i for i in (*scenes.ids, *fresh) if tagging.tags_of(i)] == fresh
    assert drain(tagging.new_photos()).photos == 0
    assert report.run_id is not None
    tagging.roll_back(report.run_id)
    assert drain(tagging.new_photos()).photos == 0  # taken back is taken back


def test_a_run_that_ends_early_keeps_what_it_did_as_a_run(tagging: Tagging):
    for category in make(tagging, THINGS):
        tagging.change_category(replace(category, mode=Mode.AUTOMATIC))
    job = tagging.run()
    next(job)
    next(job)
    job.close()
    (run,) = tagging.runs()
    assert (run.held, len(run.what)) == (run.added, 1)
    assert tagging.roll_back(run.id).removed == run.added


def test_suggestions_leave_out_what_is_answered_and_come_in_order(tagging: Tagging, scenes: Scenes):
    cat, *_ = make(tagging, THINGS)
    best = tagging.suggestions(cat.id, ReviewOrder.BEST)
    assert [s.score for s in best] == sorted((s.score for s in best), reverse=True)
    assert np.mean(["cat" in scenes.things(s.photo_id) for s in best[:8]]) >= 0.8
    weakest = tagging.suggestions(cat.id, ReviewOrder.WEAKEST)
    assert [s.score for s in weakest] == [s.score for s in reversed(best)]
    tagging.answer(cat.id, [best[0].photo_id], True)
    tagging.answer(cat.id, [best[1].photo_id], False)
    tagging.tag([best[2].photo_id], "cat")
    later = {s.photo_id for s in tagging.suggestions(cat.id, ReviewOrder.INFORMATIVE, 500)}
    assert not later & {s.photo_id for s in best[:3]}
    page = tagging.suggestions(cat.id, ReviewOrder.INFORMATIVE, 10)
    assert len(page) == 10


def test_a_page_of_suggestions_does_not_show_one_scene_over_and_over(
    tagging: Tagging, catalog: Catalog, demo_model: ClipModel
):
    cat, *_ = make(tagging, THINGS)
    unsure = tagging.suggestions(cat.id, ReviewOrder.INFORMATIVE, 1)[0].photo_id
    vector = catalog.embeddings.vector(catalog.embeddings.space_id(demo_model.space), unsure)
    assert vector is not None
    chance = np.random.default_rng(0)
    burst = vector + 0.002 * chance.standard_normal((40, len(vector))).astype(np.float32)
    shots = {unsure, *add_photos(catalog, demo_model, burst)}
    page = tagging.suggestions(cat.id, ReviewOrder.INFORMATIVE, 12)
    assert sum(s.photo_id in shots for s in page) <= 2


def test_the_borderline_strip_lies_around_the_cut(tagging: Tagging):
    cat, *_ = make(tagging, THINGS)
    for threshold in (None, 0.2, 0.9):
        strip = tagging.borderline(cat.id, threshold, 6)
        cut = threshold or tagging.states()[0].threshold
        above, below = [s.score for s in strip.above], [s.score for s in strip.below]
        assert above == sorted(above)
        assert below == sorted(below, reverse=True)
        assert min(above, default=1.0) >= cut > max(below, default=0.0)
    few, many = tagging.estimate(cat.id, 0.95), tagging.estimate(cat.id, 0.1)
    assert few.photos < many.photos
    assert few.precision.value > many.precision.value
    assert few.recall.value < many.recall.value


def test_answers_teach_and_learning_can_be_switched_off_and_reset(tagging: Tagging, scenes: Scenes):
    (away,) = make(tagging, ["holiday"])  # no word of the model's: only answers tell what it is
    meant = set(scenes.showing("beach", "desert", "mountains"))

    def quality() -> float:
        scores = tagging.scores(away.id)
        cut = tagging.states()[0].threshold
        return float(np.mean([(scores[i] >= cut) == (i in meant) for i in scenes.entries]))

    before = quality()
    for _ in range(5):
        for suggestion in tagging.suggestions(away.id, limit=10):
            photo_id = suggestion.photo_id
            tagging.answer(away.id, [photo_id], photo_id in meant)
    state = tagging.states()[0]
    assert state.stage is Stage.PROBE
    assert state.accepted + state.rejected >= 50
    assert quality() > before + 0.2
    estimate = tagging.estimate(away.id)
    assert estimate.answers >= 50
    tagging.change_category(replace(away, learning=False))
    assert tagging.states()[0].stage is Stage.PROMPT
    tagging.change_category(away)
    undo = tagging.reset_learning(away.id)
    assert (tagging.states()[0].stage, tagging.answers(away.id)) == (Stage.PROMPT, [])
    tagging.undo(undo)
    assert tagging.states()[0].stage is Stage.PROBE


def test_example_photos_say_what_words_do_not(tagging: Tagging, scenes: Scenes):
    meant = set(scenes.showing("beach"))
    (trip,) = make(tagging, ["zzz"])

    def lead() -> float:
        scores = tagging.scores(trip.id)
        ranked = sorted(scores, key=lambda i: -scores[i])[: len(meant)]
        return len(meant & set(ranked)) / len(meant)

    before = lead()
    tagging.change_category(replace(trip, examples=tuple(sorted(meant)[:4])))
    assert lead() > max(before, 0.6)


def test_photos_out_of_sight_are_not_scored_and_come_back(tagging: Tagging, catalog: Catalog):
    (cat,) = make(tagging, ["cat"])
    everything = tagging.scores(cat.id)
    gone = [*everything][:5]
    catalog.photos.mark_missing(gone)
    assert set(tagging.scores(cat.id)) == set(everything) - set(gone)
    root = catalog.roots.all()[0]
    catalog.roots.forget(root.id)
    assert tagging.assign(["cat"]) == []
    assert tagging.suggestions(cat.id) == []
    assert tagging.states()[0].photos == 0
    catalog.roots.add(root.path)
    assert set(tagging.scores(cat.id)) == set(everything) - set(gone)


def test_an_empty_library_answers_everything_with_nothing(
    tagging: Tagging, catalog: Catalog, scenes: Scenes
):
    (cat,) = make(tagging, ["cat"])
    catalog.photos.mark_missing(scenes.ids)
    assert tagging.assign() == []
    assert tagging.borderline(cat.id).above == ()
    assert tagging.estimate(cat.id).photos == 0
    assert drain(tagging.misfiled()) == []
    assert drain(tagging.find_concepts()) == []
    assert tagging.suggest_categories() == []
    assert drain(tagging.run()).run_id is None


def test_tags_of_one_photo_and_names_that_cannot_be(tagging: Tagging, scenes: Scenes):
    photo_id = scenes.ids[0]
    undo = tagging.tag([photo_id], "Family")
    tagging.tag([photo_id], "Places/Home")
    assert [t.path for t in tagging.tags_of(photo_id)] == ["Family", "Places/Home"]
    tagging.undo(undo)
    assert [t.path for t in tagging.tags_of(photo_id)] == ["Places/Home"]
    with pytest.raises(TagError):
        tagging.tag([photo_id], "  ")
    with pytest.raises(TagError):
        tagging.add_category("")
    with pytest.raises(TagError, match="no category"):
        tagging.category("nothing")
    tagging.add_category("Cats")
    with pytest.raises(TagError, match="already"):
        tagging.add_category("cats")


def test_many_threads_ask_and_answer_at_once(tagging: Tagging, scenes: Scenes):
    categories = make(tagging, THINGS)
    failed: list[BaseException] = []

    def ask(number: int) -> None:
        try:
            for n in range(6):
                category = categories[(number + n) % len(categories)]
                tagging.answer(category.id, [scenes.ids[number * 6 + n]], n % 2 == 0)
                tagging.suggestions(category.id, limit=5)
                tagging.states()
        except BaseException as error:  # noqa: BLE001 - told below
            failed.append(error)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sum(s.accepted + s.rejected for s in tagging.states()) >= 24


def test_changes_are_announced_with_their_photos(
    tagging: Tagging, catalog: Catalog, scenes: Scenes
):
    heard: list[CatalogChange] = []
    catalog.subscribe(heard.append)
    tagging.tag(scenes.ids[:3], "Here")
    assert [change.photos for change in heard] == [frozenset(scenes.ids[:3])]
