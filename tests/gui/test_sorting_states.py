"""States of the sorting page with a library in memory: refusals, stopping, 10,000 photos."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QLineEdit, QSlider, QWidget
from pytestqt.qtbot import QtBot
from sorting_hand import MakeHand, Pulse, hands

from engine.file_types import RunState, SortMode
from engine.types import Aspect, PhotoId
from gui.job_row import JobRow
from gui.sorting.groups import CONFLICTS, STAYS, category_key
from gui.workers import Workers


@pytest.fixture
def make_hand(qtbot: QtBot, workers: Workers) -> Iterator[MakeHand]:
    with hands(qtbot, workers) as make:
        yield make


def test_a_plan_says_what_goes_where_and_what_stays(make_hand: MakeHand) -> None:
    hand = make_hand()
    preview = hand.plan()
    page = hand.page
    assert {name: len(ids) for name, ids in preview.groups.items()} == {"red": 6, "green": 6}
    assert len(preview.stays) == 12
    assert "12" in page.plan.apply_button.text()
    assert "2" in page.plan.apply_button.text()
    scores = [preview.score(photo_id) for photo_id in preview.groups["red"]]
    assert scores == sorted(scores), "the least sure first"
    assert list(page.plan.model.ids) == list(preview.groups["red"])
    page.plan.view.go_to(preview.groups["red"][0])
    hand.qtbot.waitUntil(lambda: "%" in page.plan.line.text())
    assert "red" in page.plan.line.text()


def test_without_a_model_the_rule_says_why(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.rule()
    hand.library.tagging.no_model = "No model is installed."
    with hand.qtbot.waitSignal(hand.page.work.refused):
        hand.page.rule.plan_button.click()
    hand.rest()
    assert hand.page.rule.trouble.text() == "No model is installed."
    assert hand.page.rule.plan_button.isEnabled(), "one may try again"


def test_a_refused_folder_and_too_little_space_cannot_be_applied(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.library.sorting.refusal = "/target cannot be written to."
    hand.plan()
    assert not hand.page.plan.apply_button.isEnabled()
    assert hand.page.plan.trouble.text() == "/target cannot be written to."
    hand.library.sorting.refusal = ""
    hand.library.sorting.free_bytes = 5
    hand.plan()
    assert not hand.page.plan.apply_button.isEnabled()
    assert "space" in hand.page.plan.trouble.text()


def test_a_run_that_is_not_begun_leaves_the_preview_with_the_reason(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.plan()
    hand.library.filing.fault = "The disk went away."
    with hand.qtbot.waitSignal(hand.page.work.settled):
        hand.page.plan.apply_button.click()
    hand.rest()
    assert hand.page.stack.currentWidget() is hand.page.plan
    assert hand.page.plan.trouble.text() == "The disk went away."


def test_a_sort_that_cannot_be_taken_back_yet_stays_in_the_list(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.plan()
    hand.ended(hand.page.plan.apply_button.click)
    hand.page.show_runs()
    hand.rest()
    hand.library.filing.fault = "/target is not there. Is its drive connected? Nothing was begun."
    said: list[str] = []

    def listen(words: str, _button: str, _act: object) -> None:
        said.append(words)

    hand.window.session.history.told.connect(listen)
    hand.ended(hand.page.runs.rows[0].back_button.click)
    assert said == [hand.library.filing.fault]
    assert hand.page.report.run is not None
    assert hand.page.report.run.there == 12
    assert hand.page.stack.currentWidget() is hand.page.runs
    hand.qtbot.waitUntil(lambda: hand.page.runs.rows[0].back_button.isVisible())  # to try again


def test_stopping_in_the_middle_leaves_a_run_to_resume(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.plan()
    page, gate = hand.page, hand.library.gate("file")
    page.plan.apply_button.click()
    task = page.work.running
    assert task is not None
    assert page.stack.currentWidget() is page.running
    assert any("Copying" in row.text for row in hand.window.findChildren(JobRow))
    page.show_rule()
    assert page.stack.currentWidget() is page.running, "one sort at a time"
    with hand.qtbot.waitSignal(task.progressed):
        gate.release()
    with hand.qtbot.waitSignal(page.work.ended):
        page.running.stop_button.click()
        gate.release()
    hand.rest()
    run = page.report.run
    assert run is not None
    assert run.run.state is RunState.STOPPED
    assert 0 < run.there < 12
    assert run.there + run.untried == 12
    assert page.report.resume_button.isVisible()
    assert str(run.untried) in page.report.note.text()
    gate.release(100)
    hand.ended(page.report.resume_button.click)
    assert page.report.run is not None
    assert page.report.run.there == 12
    assert not page.report.resume_button.isVisible()


def test_what_is_left_is_named_and_the_runs_know_it(make_hand: MakeHand) -> None:
    hand = make_hand()
    preview = hand.plan()
    stubborn = preview.groups["green"][0]
    hand.ended(hand.page.plan.apply_button.click)
    hand.library.filing.left = {stubborn: "was changed, and how"}
    hand.page.show_runs()
    hand.rest()
    (row,) = hand.page.runs.rows
    assert "12" in row.facts.text()
    hand.ended(row.back_button.click)
    assert hand.page.stack.currentWidget() is hand.page.report
    hand.page.report.runs_button.click()
    # The list that was there before is shown until the new one comes.
    hand.qtbot.waitUntil(lambda: hand.page.runs.rows[0].back_button.isVisible())  # tried again
    hand.rest()
    (row,) = hand.page.runs.rows
    hand.ended(row.show_button.click)
    report = hand.page.report
    assert report.left.topLevelItemCount() == 1
    item = report.left.topLevelItem(0)
    assert item is not None
    assert item.text(1) == "Was changed, and how."


def test_undo_in_the_menu_takes_the_sort_back_once(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.plan()
    hand.ended(hand.page.plan.apply_button.click)
    history = hand.window.session.history
    assert "12" in history.undoable
    hand.ended(hand.page.report.back_button.click)
    assert history.undoable == "", "taken back on the page, it is not to be undone again"
    run = hand.page.report.run
    assert run is not None
    assert run.back == 12
    hand.plan()
    hand.ended(hand.page.plan.apply_button.click)
    hand.ended(hand.window.menus.undo.trigger)
    assert hand.page.report.run is not None
    assert hand.page.report.run.run.state is RunState.UNDONE


def test_a_sort_does_not_wait_behind_indexing(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.plan()
    hand.library.unread = 10**9
    session = hand.window.session
    session.keeper.index()
    hand.qtbot.waitUntil(lambda: hand.library.indexed > 0, timeout=5_000)
    indexed, looks = hand.library.indexed, len(hand.library.reconciled)
    with hand.qtbot.waitSignal(hand.page.work.ended, timeout=10_000):
        hand.page.plan.apply_button.click()
    hand.qtbot.waitUntil(lambda: hand.library.indexed > indexed, timeout=5_000)
    assert session.keeper.at_work, "and indexing goes on behind it"
    assert len(hand.library.reconciled) > looks, "what was being compared is compared again"
    hand.library.unread = 0
    for task in session.workers.tasks:
        if task.lane == "index":
            task.cancel()
    hand.rest()


def test_ten_thousand_photos_follow_the_threshold_by_few_plans(make_hand: MakeHand) -> None:
    hand = make_hand(10_000)
    began = time.perf_counter()
    hand.plan()
    planned = time.perf_counter() - began
    pulse = Pulse()
    slider = hand.page.plan.threshold.slider
    for value in range(800, 600, -8):
        slider.setValue(value)
        hand.qtbot.wait(8)
    hand.qtbot.waitUntil(lambda: hand.preview.threshold == slider.value() / 1000, timeout=20_000)
    hand.rest()
    worst = max(pulse.gaps)
    print(f"10,000 photos: planned in {planned:.2f} s, longest gap {worst:.0f} ms")  # noqa: T201
    assert hand.library.sorting.replans <= 25
    assert hand.preview.plan.going == sum(len(ids) for ids in hand.preview.groups.values())


def test_dragging_ten_thousand_at_once_is_undone_at_once(make_hand: MakeHand) -> None:
    hand = make_hand(10_000)
    preview = hand.plan()
    ids = list(preview.groups["red"])
    after = hand.changed(lambda: hand.page.plan.move_photos(ids, STAYS))
    assert not after.groups["red"]
    assert hand.page.plan.apply_button.isEnabled()
    back = hand.changed(hand.window.menus.undo.trigger)
    assert len(back.groups["red"]) == len(ids)


def test_a_new_plan_voids_the_changes_of_the_old_one(make_hand: MakeHand) -> None:
    hand = make_hand()
    preview = hand.plan()
    ids = list(preview.groups["red"])[:2]
    hand.changed(lambda: hand.page.plan.move_photos(ids, category_key("green")))
    again = hand.plan()
    assert not again.placed
    hand.window.menus.undo.trigger()
    hand.rest()
    assert hand.preview.groups["red"] == again.groups["red"]


def test_changed_photos_make_the_preview_stale(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.plan()
    plan = hand.page.plan
    assert not plan.again_button.isVisible()
    hand.library.announce([PhotoId(3)], Aspect.FILE)
    hand.qtbot.waitUntil(plan.again_button.isVisible)
    hand.rest()
    hand.changed(plan.again_button.click)
    assert not plan.again_button.isVisible()


def test_nothing_to_sort_says_so(make_hand: MakeHand) -> None:
    hand = make_hand(0)
    hand.plan()
    assert hand.page.plan.empty.sentence
    assert not hand.page.plan.apply_button.isEnabled()


def test_album_only_needs_no_folder_and_no_category_no_plan(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.rule()
    rule = hand.page.rule
    rule.field.setText("not absolute")
    assert not rule.plan_button.isEnabled()
    rule.set_mode(SortMode.ALBUM)
    assert rule.plan_button.isEnabled()
    assert not rule.field.isEnabled()
    rule.none_button.click()
    assert not rule.plan_button.isEnabled()
    rule.all_button.click()
    assert [c.name for c in rule.categories.chosen()] == ["red", "green"]


def test_the_rule_is_remembered_but_for_moving(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.rule()
    rule = hand.page.rule
    rule.categories.choose({"green"})
    rule.set_folder(Path("/elsewhere"))
    rule.set_mode(SortMode.MOVE)
    with hand.qtbot.waitSignal(hand.page.work.previewed):
        rule.plan_button.click()
    hand.rest()
    again = type(rule)()
    hand.qtbot.addWidget(again)
    again.show_seen(hand.window.session.tags.seen)
    assert [c.name for c in again.categories.chosen()] == ["green"]
    assert again.folder == Path("/elsewhere")
    assert again.mode is SortMode.COPY


def test_every_control_has_a_name_and_every_page_can_be_walked(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.plan()
    hand.ended(hand.page.plan.apply_button.click)
    hand.page.show_runs()
    hand.rest()
    page = hand.page
    kinds = (QAbstractButton, QAbstractItemView, QLineEdit, QSlider)
    for part in (page.rule, page.plan, page.running, page.report, page.runs):
        page.go(part)
        for kind in kinds:
            for control in part.findChildren(kind):
                assert _named(control), (type(part).__name__, control)
    page.go(page.plan)
    page.plan.groups.setFocus()
    QTest.keyClick(page.plan.groups, Qt.Key.Key_Down)
    assert page.plan.groups.key == category_key("green")
    assert page.plan.groups.groups.row_of(CONFLICTS) is None


def _named(control: QWidget) -> bool:
    if control.objectName().startswith("qt_") or not control.isVisible():
        return True  # Qt's own parts of a control
    text = control.text() if isinstance(control, QAbstractButton) else ""
    return bool(control.accessibleName() or text)
