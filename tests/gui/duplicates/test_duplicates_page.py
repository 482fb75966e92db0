"""The page of duplicates with a library in memory: from the search to what was brought back."""

from __future__ import annotations

import time

import pytest
from duplicates_hand import IDENTICAL, SAME, SIMILAR, MakeHand
from fake_library import photo
from sorting_hand import Pulse

from engine.duplicate_types import Criterion, Merge, PickRules
from engine.types import Aspect, PhotoId
from gui.folder_tree import Place
from gui.job_row import JobRow


def test_from_an_empty_page_over_a_search_to_the_groups(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.window.menus.duplicates.trigger()
    page = hand.page
    hand.rest()
    assert page.stack.currentWidget() is page.empty
    assert not page.search_button.isVisible()
    gate = hand.library.gate("find")
    page.empty.acted.emit()
    assert page.stack.currentWidget() is page.searching
    task = page.work.searching
    assert task is not None
    with hand.qtbot.waitSignal(task.progressed):
        gate.release()
    assert page.searching.amount.text().endswith("12 photos")
    assert any("duplicates" in row.text for row in hand.window.findChildren(JobRow))
    gate.release(100)
    hand.qtbot.waitUntil(lambda: page.stack.currentWidget() is page.review)
    hand.rest()
    assert [page.review.tabs.tabText(at) for at in range(3)] == [
        "Identical · 2",
        "Same picture · 2",
        "Similar shots · 1",
    ]
    tree = hand.window.sidebar.model
    index = tree.index_of(Place.DUPLICATES)
    assert tree.data(index.siblingAtColumn(1)) == "4", "similar shots are no duplicates"
    assert hand.window.sidebar.tree.currentIndex() == index


def test_a_search_that_is_stopped_can_be_begun_again(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.window.menus.duplicates.trigger()
    hand.rest()
    gate = hand.library.gate("find")
    hand.page.work.search()
    hand.page.searching.stop_button.click()
    gate.release(100)
    hand.rest()
    assert hand.page.stack.currentWidget() is hand.page.empty
    hand.page.empty.acted.emit()
    hand.rest()
    assert hand.page.stack.currentWidget() is hand.page.review


def test_copies_are_cleared_and_brought_back_in_the_same_place(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.show()
    foot = hand.review.foot
    assert foot.clear_button.text() == "Move 3 photos to trash"
    assert "2 groups" in foot.line.text()
    hand.changed(foot.clear_button.click)
    assert hand.fake.trash == {1: [2, 4, 5]}
    assert hand.names() == []
    assert hand.review.empty.sentence == "No photo is there twice."
    assert foot.line.text().startswith("3 photos are in the trash")
    assert foot.undo_button.isVisible()
    assert not foot.clear_button.isVisible()
    hand.changed(foot.undo_button.click)
    assert hand.fake.trash == {}
    assert len(hand.names()) == 2
    assert not foot.undo_button.isVisible()
    assert not hand.window.session.history.undoable, "taken back once, by the button"


def test_the_windows_undo_brings_back_too(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.show()
    hand.changed(hand.review.foot.clear_button.click)
    assert "3 photos" in hand.window.session.history.undoable
    hand.changed(hand.window.menus.undo.trigger)
    assert hand.fake.trash == {}
    assert len(hand.names()) == 2
    assert not hand.review.foot.undo_button.isVisible()


def test_what_was_cleared_stays_in_a_list(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.show()
    hand.page.runs_button.click()
    hand.rest()
    assert hand.page.runs.currentWidget() is hand.page.runs.empty
    hand.page.runs.empty.acted.emit()
    hand.changed(hand.review.foot.clear_button.click)
    hand.page.runs_button.click()
    hand.rest()
    (row,) = hand.page.runs.rows
    assert row.title.text() == "3 photos moved to trash"
    hand.changed(row.back_button.click)
    (row,) = hand.page.runs.rows
    assert row.title.text() == "3 photos, brought back"
    assert not row.back_button.isVisible()
    hand.page.back_button.click()
    assert hand.page.stack.currentWidget() is hand.review


def test_what_is_left_alone_is_named_and_not_marked_again(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.fake.left = {PhotoId(2): "It has changed since it was found."}
    hand.show()
    hand.changed(hand.review.foot.clear_button.click)
    foot = hand.review.foot
    assert foot.left_button.text() == "1 photo left alone"
    assert not foot.clear_button.isVisible(), "it is not tried over and over"
    foot.left_button.click()
    item = hand.page.listed.table.topLevelItem(0)
    assert item is not None
    assert item.text(1) == "It has changed since it was found."


def test_edited_copies_wait_for_a_mark(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.show(SAME)
    foot = hand.review.foot
    assert not foot.clear_button.isEnabled()
    hand.review.mark_button.click()
    hand.rest()
    assert foot.clear_button.text() == "Move 2 photos to trash"
    assert not hand.review.mark_button.isVisible()
    hand.review.unmark_button.click()
    assert not foot.clear_button.isEnabled()
    hand.choose(SIMILAR)
    assert not hand.review.mark_button.isVisible(), "no rule chooses among moments"
    assert hand.review.pane.not_button.text() == "Keep all"


def test_what_is_taken_over_is_shown_before(make_hand: MakeHand) -> None:
    hand = make_hand()
    merge = Merge(PhotoId(1), ("sea",), ("Italy",), 4, "Evening", (45.4, 12.3), "River", ("boat",))
    hand.fake.merges = {PhotoId(1): merge}
    hand.show()
    button = hand.review.foot.merges_button
    hand.qtbot.waitUntil(lambda: button.isVisible())
    assert button.text() == "Tags and facts go over to 1 photo"
    button.click()
    item = hand.page.listed.table.topLevelItem(0)
    assert item is not None
    for words in ("sea", "Italy", "4", "Evening", "45.4", "River", "boat"):
        assert words in item.text(1)
    hand.page.back_button.click()
    assert hand.page.stack.currentWidget() is hand.review


def test_no_duplicates_are_put_away_and_come_back_with_undo(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.show()
    assert len(hand.names()) == 2
    hand.changed(hand.review.pane.not_button.click)
    assert hand.fake.parted == {frozenset({1, 2})}
    assert len(hand.names()) == 1
    hand.changed(hand.window.menus.undo.trigger)
    assert hand.fake.parted == set()
    hand.changed(hand.window.menus.redo.trigger)
    assert hand.fake.parted == {frozenset({1, 2})}


def test_rules_are_put_in_order_and_can_be_undone(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.show()
    assert "1.2 MB" in hand.review.pane.reason.text()
    hand.page.rules_button.click()
    rules = hand.page.rules
    assert not rules.use_button.isEnabled()
    rows = [item.text() for item in rules.criteria.items_in_order()]
    rules.criteria.setCurrentRow(rows.index("Is older"))
    for _ in range(10):
        rules.up_button.click()
    rules.protected.add(hand.library.rooted[0].path)
    rules.criteria.item(1).setCheckState(rules.criteria.item(1).checkState().Unchecked)
    assert rules.use_button.isEnabled()
    hand.changed(rules.use_button.click)
    kept = hand.fake.kept_rules
    assert kept.order[0] is Criterion.OLDEST
    assert len(kept.order) == len(PickRules().order) - 1
    assert kept.protected == (hand.library.rooted[0].path,)
    assert "2011" in hand.review.pane.reason.text()
    assert hand.review.list.group is not None
    assert hand.review.list.group.keep == 2
    hand.changed(hand.window.menus.undo.trigger)
    assert hand.fake.kept_rules == PickRules()


def test_a_clearing_that_is_refused_says_why_and_loses_no_mark(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.show()
    hand.fake.fault = "The disk is full."
    with hand.qtbot.waitSignal(hand.page.work.refused):
        hand.review.foot.clear_button.click()
    hand.rest()
    assert hand.window.status.notice_label.text() == "The disk is full."
    assert hand.review.foot.clear_button.text() == "Move 3 photos to trash"


def test_stopping_in_the_middle_leaves_the_rest(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.show()
    gate = hand.library.gate("clear")
    hand.review.foot.clear_button.click()
    hand.qtbot.waitUntil(lambda: hand.review.foot.line.text() == "0 of 2 photos")
    hand.review.foot.stop_button.click()
    gate.release()  # the group in hand is finished
    hand.rest()
    assert hand.fake.trash[hand.fake.kept_runs[0].id] == [2]
    hand.qtbot.waitUntil(lambda: len(hand.names()) == 1)
    assert hand.review.foot.undo_button.isVisible()
    hand.changed(hand.review.foot.undo_button.click)
    assert len(hand.names()) == 2


def test_new_photos_that_were_there_already_are_told(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.show()
    hand.library.announce([PhotoId(2)], Aspect.EXISTENCE)  # it comes back from somewhere
    hand.library.add([photo(13), photo(14)])
    hand.fake.plant(IDENTICAL, 1, 13)
    with hand.qtbot.waitSignal(hand.page.work.arrived, timeout=20_000) as caught:
        hand.qtbot.waitUntil(lambda: bool(hand.window.duplicates.work.news))
        hand.window.session.keeper.index()
    assert caught.args == [1]
    assert hand.fake.checked == [13, 14]
    assert hand.window.status.notice_label.text() == "1 new photo was in the library already"
    hand.rest()
    hand.choose(SAME)
    hand.changed(hand.window.status.notice_button.click)
    rows = hand.review.pane.strip.rows
    assert hand.review.kind is IDENTICAL
    assert rows.lines(rows.members[1])[0].startswith("You already had this one")


def test_where_nothing_is_known_new_photos_are_not_compared(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.library.add([photo(13)])
    with hand.qtbot.waitSignal(hand.window.session.keeper.settled, timeout=20_000):
        hand.window.session.keeper.index()
    hand.rest()
    assert hand.fake.checked == []


@pytest.mark.parametrize("groups", [20_000])
def test_many_groups_leave_the_window_alive(make_hand: MakeHand, groups: int) -> None:
    hand = make_hand()
    for n in range(groups):
        hand.fake.plant(IDENTICAL, 1 + n % 9, 10 + n % 3)
    pulse = Pulse()
    began = time.perf_counter()
    hand.show()
    shown = time.perf_counter() - began
    assert len(hand.review.list.rows.groups) == groups + 2
    for _ in range(20):
        hand.review.list.step(1)
        hand.qtbot.wait(0)
    assert max(pulse.gaps) < 700, f"{max(pulse.gaps):.0f} ms, shown after {shown:.1f} s"
