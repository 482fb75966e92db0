"""Changing the model: search goes on with the old one until the new one knows every photo."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from journey import draw, tree, update
from other_model import DEMO_MODEL, mute_model, rotated_model

from engine import Library
from engine.errors import DiskError, ModelError, ModelMissing
from engine.jobs import IndexReport, Job, Progress, drain
from engine.settings import Settings
from engine.types import Scope, SearchResult

DEMO = "photosift/demo"


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return rotated_model(tmp_path_factory.mktemp("models") / "turned")


@pytest.fixture
def turned(made_once: Path, tmp_path: Path) -> str:
    """The other model's id, in a folder that the test may damage."""
    return str(shutil.copytree(made_once, tmp_path / "turned"))


@pytest.fixture
def filled(library: Library, photos: Path) -> Library:
    """Twelve photos known to the demo model, two to a batch."""
    return fill(library, photos)


def fill(library: Library, photos: Path) -> Library:
    library.change_settings(replace(library.settings, batch_size=2))
    library.add_root(photos)
    update(library)
    return library


def scores(library: Library) -> dict[int, float]:
    return by_photo(library.search("a red cat", limit=100))


def by_photo(result: SearchResult) -> dict[int, float]:
    return {hit.photo_id: hit.score for hit in result.hits}


def alike(found: dict[int, float], expected: dict[int, float]) -> bool:
    """Both models score alike but for rounding; by vectors of mixed spaces it is about 0."""
    return found == pytest.approx(expected, abs=0.06)


def in_use(library: Library) -> str:
    info = library.model_status().info
    return info.id if info else ""


def advance(job: Job[IndexReport], batches: int) -> None:
    """Pull a job until so many batches are stored."""
    while batches:
        batches -= isinstance(next(job), Progress)


# ---- the way it goes -----------------------------------------------------------------------


def test_search_uses_the_old_model_until_the_new_one_knows_all(filled: Library, turned: str):
    before = scores(filled)
    info = filled.prepare_model(turned)
    assert in_use(filled) == DEMO
    status = filled.next_model()
    assert status is not None
    assert (status.model_id, status.embedded, status.total) == (info.id, 0, 12)
    job = filled.index()
    advance(job, 2)
    status = filled.next_model()
    assert status is not None
    assert status.embedded == 4
    assert in_use(filled) == DEMO
    assert alike(scores(filled), before)
    report = drain(job)
    assert report.switched_to == info.id == in_use(filled)
    assert (report.embedded + report.reused, report.fresh) == (12, 0)
    assert filled.next_model() is None
    assert alike(scores(filled), before)  # the turned model finds the same, by other vectors
    assert [(s.model_id, s.active, s.complete) for s in filled.spaces()] == [
        (info.id, True, True), (DEMO, False, True),
    ]  # fmt: skip


def test_going_back_is_instant(filled: Library, turned: str):
    filled.prepare_model(turned)
    drain(filled.index())
    filled.use_model(DEMO)
    assert filled.counts().not_searchable == 0
    assert len(scores(filled)) == 12
    assert drain(filled.index()).embedded == 0
    assert filled.prepare_model(turned).id == in_use(filled)  # complete: nothing to wait for


def test_going_back_fills_in_what_came_meanwhile(filled: Library, turned: str, photos: Path):
    filled.prepare_model(turned)
    drain(filled.index())
    draw(photos / "new.jpg", 99)
    update(filled)
    filled.use_model(DEMO)
    assert filled.counts().not_searchable == 1
    assert drain(filled.index()).embedded == 1
    assert len(scores(filled)) == 13


def test_both_answer_the_same_query(filled: Library, turned: str):
    filled.prepare_model(turned)
    job = filled.index()
    advance(job, 3)
    job.close()
    ours, theirs = filled.compare("a red cat", turned, limit=100)
    assert len(ours.hits) == 6  # only what both know
    assert alike(by_photo(ours), by_photo(theirs))
    by_name, _ = filled.compare("type:jpeg", turned, limit=100)
    assert len(by_name.hits) == 6
    assert in_use(filled) == DEMO


@pytest.mark.parametrize("why", ["no photos", "no vectors", "the old is gone"])
def test_at_once_where_nothing_is_gained_by_waiting(
    open_library: Callable[[], Library], photos: Path, tmp_path: Path, turned: str, why: str
):
    library = open_library()
    if why != "no photos":
        library.add_root(photos)
        drain(library.reconcile())
    if why == "the old is gone":
        other = str(shutil.copytree(turned, tmp_path / "other"))
        library.use_model(other)
        drain(library.index())
        shutil.rmtree(other)
        library = open_library()
    library.prepare_model(turned)
    assert (in_use(library), library.next_model()) == (turned, None)
    assert drain(library.index()).switched_to == ""


# ---- interruptions -------------------------------------------------------------------------


def test_it_goes_on_after_a_cancel_and_a_restart(
    open_library: Callable[[], Library], photos: Path, turned: str
):
    library = fill(open_library(), photos)
    library.prepare_model(turned)
    job = library.index()
    advance(job, 3)
    job.close()
    library = open_library()
    status = library.next_model()
    assert status is not None
    assert (status.embedded, status.reason) == (6, "")
    assert in_use(library) == DEMO
    report = drain(library.index())
    assert (report.embedded, report.switched_to) == (6, turned)
    assert in_use(open_library()) == turned


def test_photos_that_come_meanwhile_get_both(filled: Library, turned: str, photos: Path):
    filled.prepare_model(turned)
    job = filled.index()
    advance(job, 2)
    draw(photos / "new.jpg", 99)
    drain(filled.reconcile())
    report = drain(job)
    assert report.switched_to == turned
    assert report.embedded == 12 + 2
    assert [(s.embedded, s.total) for s in filled.spaces()] == [(13, 13), (13, 13)]


@pytest.mark.expects_warnings
def test_what_is_out_of_reach_blocks_nothing(
    filled: Library, turned: str, photos: Path, tmp_path: Path
):
    drive = tmp_path / "drive"
    draw(drive / "far.jpg", 50)
    filled.add_root(drive)
    (photos / "broken.jpg").write_bytes(b"no picture at all")
    update(filled)
    drive.rename(tmp_path / "unplugged")
    drain(filled.reconcile())
    filled.prepare_model(turned)
    (photos / "a" / "IMG_0000.jpg").unlink()  # since the last look
    report = drain(filled.index())
    assert report.switched_to == turned
    assert report.embedded == 11
    (tmp_path / "unplugged").rename(drive)
    _, report = update(filled)
    assert report.embedded == 1


def test_another_model_chosen_meanwhile(filled: Library, turned: str, tmp_path: Path):
    third = str(rotated_model(tmp_path / "third", seed=3))
    filled.prepare_model(turned)
    job = filled.index()
    advance(job, 2)
    filled.prepare_model(third)
    report = drain(job)
    assert report.switched_to == in_use(filled) == third
    assert {s.model_id: s.embedded for s in filled.spaces()} == {third: 12, DEMO: 12, turned: 4}


def test_used_at_once_in_the_middle(filled: Library, turned: str):
    filled.prepare_model(turned)
    job = filled.index()
    advance(job, 2)
    filled.use_model(turned)
    assert len(scores(filled)) == 4
    assert filled.next_model() is None
    report = drain(job)
    assert (report.switched_to, report.embedded) == ("", 12)
    assert len(scores(filled)) == 12


def test_given_up_in_the_middle(filled: Library, turned: str):
    filled.prepare_model(turned)
    job = filled.index()
    advance(job, 2)
    filled.cancel_switch()
    assert drain(job).switched_to == ""
    assert (in_use(filled), filled.next_model()) == (DEMO, None)
    assert {s.model_id: s.embedded for s in filled.spaces()} == {DEMO: 12, turned: 4}


def test_the_new_model_s_files_vanish_and_return(
    open_library: Callable[[], Library], photos: Path, turned: str, tmp_path: Path
):
    library = fill(open_library(), photos)
    before = scores(library)
    library.prepare_model(turned)
    job = library.index()
    advance(job, 1)
    job.close()
    Path(turned).rename(tmp_path / "away")
    library = open_library()
    report = drain(library.index())
    assert (report.switched_to, report.embedded) == ("", 0)
    status = library.next_model()
    assert status is not None
    assert not status.usable
    assert turned in status.reason
    assert "turned is not being prepared" in str(library.doctor()["wrong"])
    assert alike(scores(library), before)
    (tmp_path / "away").rename(turned)
    assert drain(library.index()).switched_to == turned


def test_weights_that_change_under_way_are_another_space(
    open_library: Callable[[], Library], photos: Path, turned: str, tmp_path: Path
):
    library = fill(open_library(), photos)
    before = scores(library)
    library.prepare_model(turned)
    job = library.index()
    advance(job, 3)
    job.close()
    other = rotated_model(tmp_path / "fresh", seed=9)
    shutil.copy(other / "model.safetensors", Path(turned) / "model.safetensors")
    report = drain(library.index())
    assert (report.embedded, report.switched_to) == (12, turned)  # nothing of before is taken over
    assert alike(scores(library), before)
    names = {s.model_id: (s.embedded, s.usable) for s in library.spaces()}
    assert names[turned] == (12, True)
    (stale,) = set(names) - {turned, DEMO}
    assert names[stale] == (6, False)
    library.drop_vectors(stale)
    assert {s.model_id for s in library.spaces()} == {turned, DEMO}


@pytest.mark.expects_warnings
def test_damaged_weights_stop_the_preparation_with_the_reason(
    open_library: Callable[[], Library], photos: Path, turned: str
):
    library = fill(open_library(), photos)
    library.prepare_model(turned)
    weights = Path(turned) / "model.safetensors"
    data = bytearray(weights.read_bytes())
    data[len(data) // 2 :] = b"\xff" * (len(data) - len(data) // 2)  # NaN in every precision
    weights.write_bytes(bytes(data))
    library = open_library()
    draw(photos / "new.jpg", 99)
    _, report = update(library)
    assert report.switched_to == ""
    assert report.stopped
    status = library.next_model()
    assert status is not None
    assert status.reason
    assert library.counts().not_searchable == 0  # the model in use went on
    assert len(scores(library)) == 13


def test_a_full_disk_at_the_moment_of_change(
    filled: Library, turned: str, monkeypatch: pytest.MonkeyPatch
):
    before = scores(filled)
    filled.prepare_model(turned)

    def full(self: Settings, path: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Settings, "save", full)
        with pytest.raises(DiskError, match="No space left"):
            drain(filled.index())
        assert in_use(filled) == DEMO
        assert alike(scores(filled), before)
        with pytest.raises(DiskError):
            filled.use_model(turned)
        assert in_use(filled) == DEMO
    assert drain(filled.index()).switched_to == turned


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
    original = answers._point  # pyright: ignore[reportPrivateUsage]

    def slow(used: object, words: str) -> object:
        arrived.set()
        assert go_on.wait(20)
        return original(used, words)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(answers, "_point", slow)
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
    assert len(list((tmp_path / "library" / "vectors").iterdir())) == 1
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
