"""Changing the model: search goes on with the old one until the new one knows every photo."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from changing import DEMO, advance, alike, by_photo, fill, in_use, scores
from journey import draw, update
from other_model import rotated_model

from engine import Library
from engine.errors import DiskError
from engine.jobs import drain
from engine.settings import Settings

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
