"""The status bar: plurals, progress in words, pause and cancel, notices, the size slider."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pages_sample import CLIP, COUNTS, STATUS, FakeTask

from engine.jobs import Progress, Skipped
from engine.types import ModelStatus
from gui import job_row
from gui.activity import BYTES, StatusBar
from gui.job_row import JobRow


class Clock:
    """A clock that the test moves."""

    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(job_row, "time", made)
    return made


@pytest.fixture
def bar(qtbot: Any) -> StatusBar:
    made = StatusBar()
    qtbot.addWidget(made)
    made.resize(1280, 32)
    made.show()
    return made


@pytest.mark.parametrize(
    ("photos", "selected", "waiting", "text"),
    [
        (0, 0, 0, "0 photos"),
        (1, 0, 0, "1 photo"),
        (1234, 3, 56, "1,234 photos · 3 selected · 56 not searchable yet"),
        (2, 0, 1, "2 photos · 1 not searchable yet"),
    ],
)
def test_counts(bar: StatusBar, photos: int, selected: int, waiting: int, text: str) -> None:
    bar.set_counts(replace(COUNTS, photos=photos, not_searchable=waiting))
    bar.set_selection(selected)
    assert bar.counts_label.text() == text


def test_a_job_is_told_in_figures(bar: StatusBar, task: FakeTask, clock: Clock) -> None:
    bar.track(task.face)
    row = bar.findChildren(JobRow)[0]
    assert row.isVisible()
    for second in range(11):
        clock.now = 100.0 + second
        task.progressed.emit(Progress(second * 40, 4000))
    assert row.text == "Indexing · 400 of 4,000 · 40 photos/s · 2 minutes left"
    assert row.bar.value() == 100
    task.finished.emit()
    assert bar.findChildren(JobRow) == [] or not row.isVisible()


def test_figures_stand_still_long_enough_to_be_read(task: FakeTask, clock: Clock) -> None:
    row = JobRow(task.face)
    seen: set[str] = set()
    for tick in range(60):  # three seconds of twenty reports each
        clock.now = 100.0 + tick / 20
        task.progressed.emit(Progress(tick, 6000))
        seen.add(row.text)
    assert len(seen) <= 4


def test_bytes(task: FakeTask, clock: Clock) -> None:
    row = JobRow(task.face, BYTES)
    for second in range(4):
        clock.now = 100.0 + second
        task.progressed.emit(Progress(second * 5_000_000, 605_000_000))
    assert row.text == "Indexing · 15 MB of 605 MB · 5.0 MB/s · 2 minutes left"


def test_downloads_larger_than_32_bits(task: FakeTask) -> None:
    row = JobRow(task.face, BYTES)
    task.progressed.emit(Progress(4_000_000_000, 8_000_000_000))
    assert row.bar.value() == 500


def test_pause_resume_cancel(task: FakeTask) -> None:
    row = JobRow(task.face)
    task.progressed.emit(Progress(10, 100))
    row.pause_button.click()
    assert task.paused
    assert row.pause_button.accessibleName() == "Resume"
    assert row.text == "Indexing · 10 of 100 · paused"
    row.pause_button.click()
    assert not task.paused
    assert row.pause_button.accessibleName() == "Pause"
    row.cancel_button.click()
    assert task.cancel_requested
    assert not row.cancel_button.isEnabled()


def test_paused_from_elsewhere_is_seen(task: FakeTask) -> None:
    row = JobRow(task.face)
    task.pause()
    assert row.pause_button.accessibleName() == "Resume"


def test_skipped_files_are_counted(task: FakeTask) -> None:
    row = JobRow(task.face)
    task.skipped.emit(Skipped(Path("/a"), "empty"))
    task.skipped.emit(Skipped(Path("/b"), "empty"))
    assert row.toolTip() == "2 files could not be read; see Problems"


def test_several_jobs_share_the_bar(bar: StatusBar, task: FakeTask) -> None:
    other = FakeTask("Downloading")
    bar.track(task.face)
    bar.track(other.face, BYTES)
    assert bar.more_button.isVisible()
    assert bar.more_button.text() == "1 more"
    other.finished.emit()
    assert not bar.more_button.isVisible()
    (row,) = [row for row in bar.findChildren(JobRow) if row.isVisible()]
    assert row.text == "Indexing"


def test_the_demo_model_says_what_it_is(bar: StatusBar, qtbot: Any) -> None:
    bar.set_model(STATUS)
    assert "demo" in bar.model_label.text()
    assert bar.model_button.isVisible()
    with qtbot.waitSignal(bar.models_wanted):
        bar.model_button.click()
    bar.set_model(ModelStatus(CLIP, ready=True))
    assert not bar.model_button.isVisible()
    bar.set_model(ModelStatus(None, ready=False, reason="The model's files are gone."))
    assert bar.model_label.text() == "The model's files are gone."


def test_a_notice_with_its_action(bar: StatusBar) -> None:
    done: list[str] = []
    bar.set_model(STATUS)
    bar.show_notice("Removed <b>Italy</b>.", "Undo", lambda: done.append("undo"))
    assert bar.notice_label.text() == "Removed <b>Italy</b>."
    assert bar.notice_label.isVisible()
    assert not bar.model_label.isVisible()
    bar.notice_button.click()
    assert done == ["undo"]
    assert not bar.notice_label.isVisible()
    assert bar.model_label.isVisible()
    bar.show_notice("Only words")
    assert not bar.notice_button.isVisible()
    bar.notice_close.click()
    assert not bar.notice_label.isVisible()


def test_the_slider(bar: StatusBar, qtbot: Any) -> None:
    with qtbot.assertNotEmitted(bar.thumbnail_size_changed):
        bar.set_thumbnail_size(200)
    assert bar.slider.value() == 200
    with qtbot.waitSignal(bar.thumbnail_size_changed) as caught:
        bar.slider.setValue(160)
    assert caught.args == [160]


def test_nothing_is_cut_off_in_a_small_window(
    bar: StatusBar, task: FakeTask, clock: Clock, qtbot: Any
) -> None:
    bar.set_counts(replace(COUNTS, photos=57_253, not_searchable=1234, offline=12))
    bar.set_selection(12)
    bar.set_model(STATUS)
    bar.track(task.face)
    for second in range(5):
        clock.now = 100.0 + second
        task.progressed.emit(Progress(second * 40, 40_000, "Looking at photos"))
    bar.resize(1024, 32)
    row = bar.findChildren(JobRow)[0]
    qtbot.waitUntil(lambda: "…" not in row.label.shown_text())
    assert bar.width() == 1024
    assert "left" in row.label.shown_text()
