"""Spaces never mix, whoever asks meanwhile; what is refused, what is freed, what is unloaded."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from changing import DEMO, advance, alike, by_photo, in_use, scores
from journey import draw, tree, update
from other_model import DEMO_MODEL, mute_model

from engine import Library
from engine.errors import ModelError, ModelMissing
from engine.jobs import drain
from engine.meaning import Aim, Part
from engine.types import Scope
from engine.vectors.vector_index import VectorIndex

# ---- spaces never mix ----------------------------------------------------------------------


def test_questions_during_the_change_have_one_answer(filled: Library, turned: str):
    """The turned model ranks as the demo model does; any mixture of the two would not."""
    expected = scores(filled)
    filled.prepare_model(turned)
    wrong: list[dict[int, float]] = []
    stop, asked = threading.Event(), 0

    def ask() -> None:
        nonlocal asked
        while not stop.is_set():
            found = scores(filled)
            asked += 1
            if not alike(found, expected):
                wrong.append(found)

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        drain(filled.index())
        for number in range(8):
            filled.use_model(DEMO if number % 2 else turned)
    finally:
        stop.set()
        asking.join()
    assert not wrong
    assert asked > 5


def test_a_question_under_way_ends_with_the_model_it_began_with(
    filled: Library, turned: str, monkeypatch: pytest.MonkeyPatch
):
    expected = scores(filled)
    filled.prepare_model(turned)
    drain(filled.index())
    filled.use_model(DEMO)
    from engine import answers

    arrived, go_on = threading.Event(), threading.Event()
    original = answers.aim_at

    def slow(parts: Sequence[Part], vectors: VectorIndex) -> Aim:
        arrived.set()
        assert go_on.wait(20)
        return original(parts, vectors)

    monkeypatch.setattr(answers, "aim_at", slow)
    found: list[dict[int, float]] = []
    asking = threading.Thread(target=lambda: found.append(scores(filled)))
    asking.start()
    assert arrived.wait(20)
    filled.use_model(turned)
    go_on.set()
    asking.join()
    assert alike(found[0], expected)


def test_an_edited_photo_is_embedded_anew_in_both(filled: Library, turned: str, photos: Path):
    filled.prepare_model(turned)
    job = filled.index()
    advance(job, 6)  # both know all
    job.close()
    edited = photos / "a" / "IMG_0003.jpg"
    draw(edited, 777)
    os.utime(edited, (1_700_000_000, 1_700_000_000))
    _, report = update(filled)
    assert report.switched_to == turned
    assert report.embedded == 2
    ours, theirs = filled.compare("a red cat", DEMO, limit=100)
    assert alike(by_photo(ours), by_photo(theirs))
    assert len(ours.hits) == 12


# ---- what is refused, what is freed --------------------------------------------------------


def test_a_detector_cannot_search(filled: Library):
    detectors = [m.id for m in filled.models() if m.slot.value == "detect"]
    assert detectors
    for use in (filled.prepare_model, filled.use_model):
        with pytest.raises(ModelError, match="cannot search"):
            use(detectors[0])
    assert in_use(filled) == DEMO


def test_a_model_that_is_none_changes_nothing(filled: Library, turned: str, tmp_path: Path):
    with pytest.raises(ModelMissing):
        filled.prepare_model("laion/CLIP-ViT-B-32-laion2B-s34B-b79K")
    (Path(turned) / "config.json").write_text("{}")
    with pytest.raises(ModelError):
        filled.prepare_model(turned)
    assert (in_use(filled), filled.next_model()) == (DEMO, None)


def test_dropping_vectors(filled: Library, turned: str, tmp_path: Path):
    filled.prepare_model(turned)
    with pytest.raises(ModelError, match="in use"):
        filled.drop_vectors(DEMO)
    job = filled.index()
    advance(job, 2)
    filled.drop_vectors(turned)  # it is being prepared: that ends, too
    assert drain(job).switched_to == ""
    assert (filled.next_model(), [s.model_id for s in filled.spaces()]) == (None, [DEMO])
    with pytest.raises(ModelError, match="no vectors"):
        filled.drop_vectors(turned)
    filled.prepare_model(turned)
    assert drain(filled.index()).embedded == 12
    filled.drop_vectors(DEMO)
    left = [path.suffix for path in (tmp_path / "library" / "vectors").iterdir()]
    assert sorted(left) == [".background", ".faiss"]
    filled.use_model(DEMO)
    assert scores(filled) == {}
    assert drain(filled.index()).embedded == 12


def test_what_is_not_a_download_is_not_deleted(filled: Library, turned: str):
    filled.prepare_model(turned)
    for model_id in (DEMO, turned):
        with pytest.raises(ModelError):
            filled.remove_model(model_id)
    assert (Path(turned) / "model.safetensors").is_file()
    assert (DEMO_MODEL / "model.safetensors").is_file()


def test_other_settings_leave_the_choice_of_models_alone(
    filled: Library, turned: str, tmp_path: Path
):
    old = filled.settings
    filled.prepare_model(turned)
    filled.change_settings(replace(old, theme="dark"))
    assert filled.settings.next_model_id == turned
    drain(filled.index())
    filled.change_settings(replace(old, theme="light"))
    kept = json.loads((tmp_path / "library" / "settings.json").read_text())
    assert (kept["model_id"], kept["next_model_id"], kept["theme"]) == (turned, "", "light")


def test_photos_are_left_alone(filled: Library, turned: str, photos: Path):
    before = tree(photos)
    first = filled.thumbnail(filled.photo_ids(Scope())[0])
    told: list[object] = []
    filled.subscribe(told.append)
    filled.prepare_model(turned)
    drain(filled.index())
    assert tree(photos) == before
    assert filled.thumbnail(filled.photo_ids(Scope())[0]) == first
    assert all("EMBEDDING" in str(change) and "FILE" not in str(change) for change in told)


def test_a_model_that_fails_its_test_is_refused(filled: Library, tmp_path: Path):
    mute = str(mute_model(tmp_path / "mute"))
    before = scores(filled)
    for choose in (filled.prepare_model, filled.use_model):
        with pytest.raises(ModelError, match="mute"):
            choose(mute)
    assert (in_use(filled), filled.next_model()) == (DEMO, None)
    assert scores(filled) == before
    failed = [check for check in filled.test_model(mute).checks if not check.passed]
    assert failed
    assert failed[0].detail


def test_a_removed_download_leaves_its_vectors(filled: Library, turned: str):
    store = filled._models.store  # pyright: ignore[reportPrivateUsage]
    model_id = "someone/turned"
    store.place(model_id).parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(turned, store.place(model_id))
    filled.prepare_model(model_id)
    job = filled.index()
    advance(job, 2)
    filled.remove_model(model_id)  # it is being prepared: that ends, too
    drain(job)
    assert not store.place(model_id).exists()
    assert (in_use(filled), filled.next_model()) == (DEMO, None)
    (kept,) = (space for space in filled.spaces() if space.model_id == model_id)
    assert (kept.embedded, kept.usable) == (4, False)
    assert kept.reason
    shutil.copytree(turned, store.place(model_id))  # as another download would
    filled.prepare_model(model_id)
    assert drain(filled.index()).embedded == 8
    with pytest.raises(ModelError, match="in use"):
        filled.remove_model(model_id)
    filled.use_model(DEMO)
    filled.remove_model(model_id)
    filled.drop_vectors(model_id)
    assert [space.model_id for space in filled.spaces()] == [DEMO]


# ---- memory --------------------------------------------------------------------------------


def test_what_rests_is_unloaded_and_comes_back(
    filled: Library, turned: str, monkeypatch: pytest.MonkeyPatch
):
    filled.prepare_model(turned)
    job = filled.index()
    advance(job, 2)
    job.close()
    before = scores(filled)
    filled.compare("a red cat", turned, limit=100)
    models = filled._models  # pyright: ignore[reportPrivateUsage]
    used, other = models.in_use(), models.other(turned)
    now = time.monotonic()
    monkeypatch.setattr(models, "_clock", lambda: now)
    filled.rest(600)
    assert all(t.engine for t in (used.clip.text, used.clip.image, other.clip.text))
    now += 120
    filled.rest(600)  # the image towers first: soon after indexing
    assert [t.engine for t in (used.clip.image, other.clip.image)] == ["", ""]
    assert used.clip.text.engine
    assert other.clip.text.engine
    now += 600
    filled.rest(600)
    assert [t.engine for t in (used.clip.text, other.clip.text)] == ["", ""]
    assert alike(scores(filled), before)
    assert filled.similar(filled.photo_ids(Scope())[0]).hits
    assert drain(filled.index()).switched_to == turned
    assert alike(scores(filled), before)


def test_preparing_loads_the_new_text_tower_only_at_the_end(filled: Library, turned: str):
    filled.warm_up()
    filled.prepare_model(turned)
    job = filled.index()
    advance(job, 2)
    new = filled._models.other(turned)  # pyright: ignore[reportPrivateUsage]
    old = filled._models.in_use()  # pyright: ignore[reportPrivateUsage]
    assert (bool(new.clip.image.engine), bool(new.clip.text.engine)) == (True, False)
    drain(job)
    assert new.clip.text.engine  # ready for the first search
    assert (old.clip.image.engine, bool(old.clip.text.engine)) == ("", True)


def test_eight_bits_only_where_the_user_allows_them(filled: Library):
    filled.change_settings(replace(filled.settings, allow_int8=False))
    assert not filled._models.in_use().clip.allow_int8  # pyright: ignore[reportPrivateUsage]
    filled.change_settings(replace(filled.settings, allow_int8=True))
    assert filled._models.in_use().clip.allow_int8  # pyright: ignore[reportPrivateUsage]
