"""Sidecars are written soon after something was said, and the switch in the settings works."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_library import FakeLibrary, photo
from PySide6.QtCore import QTimer

from engine.errors import DiskError
from engine.jobs import Skipped
from engine.settings import Settings
from engine.sidecar_types import SidecarStatus
from engine.types import Aspect, CatalogChange, PhotoId, Problem
from gui.problems_page import ProblemsPage
from gui.settings.dialog import SettingsDialog
from gui.settings.sidecars import SidecarsPage
from gui.sidecars.work import SidecarWork
from gui.workers import Workers

STATUS = SidecarStatus(False, 1234, 6, 4, 20, Path("/library/sidecars"), 1236)


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary([photo(1), photo(2)])


@pytest.fixture
def work(library: FakeLibrary, qtbot: Any) -> Iterator[SidecarWork]:
    workers = Workers()
    made = SidecarWork(library, workers)  # pyright: ignore[reportArgumentType]
    for timer in made.findChildren(QTimer):
        timer.setInterval(0)
    yield made
    workers.shutdown()


def said(*aspects: Aspect) -> CatalogChange:
    every = Aspect(0)
    for aspect in aspects:
        every |= aspect
    return CatalogChange(frozenset({PhotoId(1)}), every)


def test_nothing_is_written_without_the_switch(work: SidecarWork, library: FakeLibrary) -> None:
    work.follow(said(Aspect.MARK))
    work.now()
    assert not work.busy
    assert library.sidecars.runs == 0


def test_what_was_said_is_written_once(work: SidecarWork, library: FakeLibrary, qtbot: Any) -> None:
    library.settings = Settings(write_sidecars=True)
    library.sidecars.waiting = 3
    work.follow(said(Aspect.EMBEDDING))
    assert not work.busy
    with qtbot.waitSignal(work.idle):
        for _ in range(5):
            work.follow(said(Aspect.TAG))
    assert (library.sidecars.runs, library.sidecars.written) == (1, 3)


def test_what_is_said_meanwhile_is_written_after(
    work: SidecarWork, library: FakeLibrary, qtbot: Any
) -> None:
    library.settings = Settings(write_sidecars=True)
    with qtbot.waitSignal(work.idle):
        work.now()
        work.follow(said(Aspect.MARK))
    assert library.sidecars.runs == 2


def test_what_had_to_wait_for_photos_that_move_is_written_after(
    work: SidecarWork, library: FakeLibrary, qtbot: Any
) -> None:
    library.settings = Settings(write_sidecars=True)
    library.sidecars.waiting, library.sidecars.held = 3, 2
    with qtbot.waitSignal(work.idle):
        work.now()
    assert (library.sidecars.runs, library.sidecars.written) == (3, 3)


def test_switched_off_it_stops_and_switched_on_again_it_begins(
    work: SidecarWork, library: FakeLibrary, qtbot: Any
) -> None:
    library.settings = Settings(write_sidecars=True)
    library.sidecars.waiting = 2
    library.sidecars.go_on.clear()
    work.now()
    qtbot.waitUntil(lambda: library.sidecars.runs == 1)
    library.settings = Settings()
    work.follow_switch()
    library.settings = Settings(write_sidecars=True)
    work.follow_switch()
    with qtbot.waitSignal(work.idle):
        library.sidecars.go_on.set()
    assert (library.sidecars.runs, library.sidecars.written) == (2, 2)
    library.settings = Settings()
    work.follow_switch()
    assert not work.busy


def test_what_could_not_be_written_is_said(
    work: SidecarWork, library: FakeLibrary, qtbot: Any
) -> None:
    library.settings = Settings(write_sidecars=True)
    skipped = Skipped(Path("/photos/a.xmp"), "could not be written: permission was denied")
    library.sidecars.skipped = (skipped,)
    with qtbot.waitSignal(work.noticed) as caught:
        work.now()
    words = "The sidecar a.xmp could not be written: permission was denied."
    assert caught.args == [words, "", None]
    library.sidecars.error = DiskError("The disk is full.")
    with qtbot.waitSignal(work.noticed) as caught:
        qtbot.waitUntil(lambda: not work.busy)
        work.now()
    assert caught.args is not None
    assert caught.args[:2] == ["The disk is full.", "Try again"]
    qtbot.waitUntil(lambda: not work.busy)


# ---- the settings --------------------------------------------------------------------------------


@pytest.fixture
def page(qtbot: Any) -> Callable[[Settings], SidecarsPage]:
    def make(settings: Settings) -> SidecarsPage:
        made = SidecarsPage(settings)
        qtbot.addWidget(made)
        made.show()
        return made

    return make


def test_switching_on_offers_what_was_said_so_far(page: Callable[[Settings], SidecarsPage]) -> None:
    shown = page(Settings())
    shown.show_status(STATUS)
    assert not shown.so_far.isVisible()
    assert shown.status_label.text() == ""
    shown.switch.setChecked(True)
    assert shown.so_far.isVisible()
    assert "1236" in shown.so_far.text().replace(",", "")
    assert (shown.begins_now, shown.begins_anew) == (False, True)
    shown.so_far.setChecked(False)
    assert (shown.begins_now, shown.begins_anew) == (True, False)


def test_once_on_it_says_how_far_it_is(page: Callable[[Settings], SidecarsPage]) -> None:
    shown = page(Settings(write_sidecars=True, sidecar_name="short"))
    assert shown.name_box.currentData() == "short"
    shown.show_status(STATUS)
    assert not shown.so_far.isVisible()
    assert not shown.begins_now
    assert "1236" in shown.status_label.text().replace(",", "")
    assert "Problems" in shown.status_label.text()
    shown.show_status(replace(STATUS, waiting=0, offline=0, failed=0))
    assert "20" in shown.status_label.text()


def test_the_dialog_hands_over_both_settings(qtbot: Any) -> None:
    from gui.models.state import ModelsSeen

    dialog = SettingsDialog(Settings(), [], ModelsSeen())
    qtbot.addWidget(dialog)
    dialog.sidecars.switch.setChecked(True)
    dialog.sidecars.name_box.setCurrentIndex(1)
    with qtbot.waitSignal(dialog.settings_accepted) as caught:
        dialog.ok_button.click()
    assert caught.args == [Settings(write_sidecars=True, sidecar_name="short")]


def test_what_was_applied_is_not_begun_with_once_more(qtbot: Any) -> None:
    from gui.models.state import ModelsSeen

    dialog = SettingsDialog(Settings(), [], ModelsSeen())
    qtbot.addWidget(dialog)
    dialog.sidecars.switch.setChecked(True)
    dialog.sidecars.so_far.setChecked(False)
    begun: list[bool] = []
    dialog.settings_accepted.connect(lambda: begun.append(dialog.sidecars.begins_now))
    dialog.apply_button.click()
    dialog.sidecars.name_box.setCurrentIndex(1)
    dialog.ok_button.click()
    assert begun == [True, False]


def test_problems_tell_of_sidecars(qtbot: Any) -> None:
    problems = ProblemsPage()
    qtbot.addWidget(problems)
    why = "Its sidecar could not be written: permission was denied."
    problems.show_problems(
        [
            Problem(PhotoId(1), Path("/photos/a.jpg"), why, False, 2.0, unwritten=True),
            Problem(PhotoId(2), Path("/photos/b.jpg"), "is empty", False, 1.0),
        ]
    )
    assert "sidecar" in problems.summary.text()
    assert problems.model.index(0, 1).data() == why
