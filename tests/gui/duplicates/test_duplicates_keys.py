"""Keys, the four ways to compare, and names for those who do not see the page of duplicates."""

from __future__ import annotations

from dataclasses import replace

from duplicates_hand import CROP, SAME, SIMILAR, DuplicatesHand, MakeHand
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QApplication,
    QSlider,
    QTabBar,
    QWidget,
)

from engine.types import PhotoId, PhotoState
from gui.duplicates.pair_view import Mode

Key = Qt.Key


def kept(hand: DuplicatesHand) -> int:
    mark = hand.review.pane.strip.rows.mark
    assert mark is not None
    return mark.keep


def going(hand: DuplicatesHand) -> set[int]:
    mark = hand.review.pane.strip.rows.mark
    assert mark is not None
    return {int(photo_id) for photo_id in mark.trash}


def test_keys_walk_mark_and_choose(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.show()
    strip = hand.review.pane.strip
    assert hand.review.list.hasFocus()
    hand.press(Key.Key_J)
    assert hand.review.list.currentIndex().row() == 1
    assert (kept(hand), going(hand)) == (3, {4, 5})
    assert strip.member is not None
    assert strip.member.photo_id == 4, "the first that does not stay"
    hand.press(Key.Key_X)
    assert going(hand) == {5}
    hand.press(Key.Key_Right)
    hand.press(Key.Key_Delete)
    assert going(hand) == set()
    hand.press(Key.Key_X)
    hand.press(Key.Key_K)
    assert (kept(hand), going(hand)) == (5, set()), "only 5 was to go, and now it stays"
    hand.press(Key.Key_J, shift=True)
    assert hand.review.list.currentIndex().row() == 0
    hand.press(Key.Key_Down)
    hand.press(Key.Key_Up)
    assert hand.review.list.currentIndex().row() == 0
    hand.changed(lambda: hand.press(Key.Key_N))
    assert hand.fake.parted == {frozenset({1, 2})}


def test_enter_opens_and_escape_comes_back(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.show()
    hand.press(Key.Key_Return)
    assert hand.window.stack.currentWidget() is hand.window.viewer
    assert hand.window.viewer.photo_id == 2
    QTest.keyClick(hand.window.viewer, Key.Key_Escape)
    assert hand.window.stack.currentWidget() is hand.page
    hand.rest()


def test_digits_choose_how_to_compare(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.show(SAME)
    compare = hand.review.pane.compare
    assert not compare.slider.isVisible()
    for key, mode in zip(
        (Key.Key_2, Key.Key_3, Key.Key_4, Key.Key_1),
        (Mode.FLICK, Mode.SPLIT, Mode.DIFFERENCE, Mode.SIDE),
        strict=True,
    ):
        hand.press(key)
        assert compare.stage.mode is mode
        assert compare.slider.isVisible() == (mode in (Mode.SPLIT, Mode.DIFFERENCE))
        hand.rest()
    compare.buttons[2].click()
    compare.slider.setValue(20)
    assert compare.stage.split == 0.2


def test_space_flicks_and_held_it_only_peeks(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.show(SAME)
    stage, view = hand.review.pane.compare.stage, hand.review.list
    hand.press(Key.Key_Space)
    assert stage.mode is Mode.FLICK
    assert stage.shows_other
    hand.press(Key.Key_Space)
    assert not stage.shows_other
    QTest.keyPress(view, Key.Key_Space)
    assert stage.shows_other
    hand.qtbot.wait(300)  # a key that is held down takes its time
    QTest.keyRelease(view, Key.Key_Space)
    assert not stage.shows_other


def test_both_photos_are_looked_at_in_the_same_place(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.show(SAME)
    compare = hand.review.pane.compare
    stage = compare.stage
    hand.qtbot.waitUntil(lambda: stage.kept.image is not None and stage.other.image is not None)
    assert compare.zoom.text() == f"{round(stage.zoom * 100)} %"
    stage.zoom_by(4, QPointF(40, 40))
    before = stage.zoom
    assert not stage.fitted
    hand.press(Key.Key_3)
    assert stage.zoom == before, "another way to compare moves nothing"
    hand.press(Key.Key_Z)
    assert stage.zoom == 1.0
    hand.press(Key.Key_Z)
    assert stage.fitted
    hand.press(Key.Key_Plus)
    hand.press(Key.Key_Minus)
    hand.press(Key.Key_J)
    assert stage.fitted, "another pair begins whole"


def test_a_crop_is_shown_where_it_was_cut(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.show(SAME)
    compare = hand.review.pane.compare
    stage = compare.stage
    assert CROP.part is not None
    box = CROP.part
    assert (
        stage.onto.mapRect(QRectF(0, 0, 600, 400)).toRect()
        == QRectF(box.left, box.top, box.right - box.left, box.bottom - box.top).toRect()
    )
    card = hand.review.pane.strip.rows.lines(hand.review.pane.strip.rows.members[1])
    assert card[0] == "75 % cut off, saved again"


def test_what_differs_is_told_and_glows(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.show(SAME)
    hand.review.list.step(1)  # a red and a green one
    compare = hand.review.pane.compare
    hand.press(Key.Key_4)
    hand.qtbot.waitUntil(lambda: compare.stage.difference is not None, timeout=20_000)
    assert compare.stage.caption == "100 % of the picture differ"
    hand.qtbot.waitUntil(lambda: compare.idle)
    shown = compare.stage.grab().toImage().pixelColor(compare.stage.rect().center())
    assert shown.lightness() > 100
    assert shown != QColor(0, 0, 0)


def test_similar_shots_are_no_copies(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.show(SIMILAR)
    assert going(hand) == set()
    rows = hand.review.pane.strip.rows
    assert rows.lines(rows.members[0])[0] == "Stays"
    assert rows.lines(rows.members[1])[0] == "Same burst"
    hand.changed(lambda: hand.press(Key.Key_N))
    assert hand.names() == []


def test_a_photo_that_may_not_go_says_why(make_hand: MakeHand) -> None:
    hand = make_hand()
    first, second = hand.fake.planted[0].members
    fixed = replace(second, offered=False, why_not="It lies in the protected folder /photos.")
    hand.fake.planted[0] = replace(hand.fake.planted[0], members=(first, fixed))
    hand.show()
    pane = hand.review.pane
    assert going(hand) == set()
    assert not pane.trash_button.isEnabled()
    assert "protected" in pane.strip.rows.lines(fixed)[0]
    hand.press(Key.Key_X)
    assert going(hand) == set()


def test_a_photo_that_cannot_be_read_says_so_in_its_place(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.library.shelf[PhotoId(2)] = replace(
        hand.library.shelf[PhotoId(2)], state=PhotoState.UNREADABLE
    )
    hand.show()
    stage = hand.review.pane.compare.stage
    assert "picture" in stage.other.sentence
    assert stage.kept.image is not None
    hand.press(Key.Key_4)
    hand.rest()
    assert stage.difference is None


def test_rules_are_ordered_with_the_keyboard(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.show()
    hand.page.show_rules()
    rules = hand.page.rules.criteria
    assert rules.hasFocus()
    first, second = (item.text() for item in rules.items_in_order()[:2])
    QTest.keyClick(rules, Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert [item.text() for item in rules.items_in_order()[:2]] == [second, first]
    assert rules.currentRow() == 1
    QTest.keyClick(rules, Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert [item.text() for item in rules.items_in_order()[:2]] == [first, second]


def test_the_menu_of_a_photo(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.show()
    menu = hand.review.pane.menu()
    texts = [action.text() for action in menu.actions() if action.text()]
    assert texts == ["Open", "Show in folder", "Keep", "Let it stay", "Not duplicates"]
    menu.actions()[3].trigger()
    assert kept(hand) == 2


def test_every_control_has_a_name(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.show(SAME)
    page = hand.page
    hand.page.show_rules()
    hand.press(Key.Key_3)
    kinds = (QAbstractButton, QAbstractItemView, QSlider, QTabBar)
    nameless = [
        type(control).__name__
        for part in (page, page.rules, page.runs, page.listed, page.searching)
        for kind in kinds
        for control in part.findChildren(kind)
        if not _named(control) and not _inner(control) and not control.isHidden()
    ]
    assert nameless == []
    card = hand.review.pane.strip.rows
    words = card.data(card.index(1), Qt.ItemDataRole.AccessibleTextRole)
    assert "cut off" in words
    rows = hand.review.list.rows
    spoken = rows.data(rows.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert "marked for the trash" in spoken
    assert PhotoId(6) == kept(hand)


def _named(control: QWidget) -> bool:
    """A button that is all words needs no other name."""
    words = control.text() if isinstance(control, QAbstractButton) else ""
    return bool(control.accessibleName() or words)


def _inner(control: QWidget) -> bool:
    """Qt's own: the arrows of a tab bar, the corner of a table, its header."""
    around = control.parentWidget()
    return isinstance(around, (QTabBar, QAbstractItemView))


def after(key: Qt.Key) -> QWidget:
    """Where the focus is once a key was pressed."""
    held = QApplication.focusWidget()
    assert held is not None
    QTest.keyClick(held, key)
    held = QApplication.focusWidget()
    assert held is not None
    return held


def test_tab_reaches_everything_on_the_page(make_hand: MakeHand) -> None:
    hand = make_hand()
    hand.show()
    hand.rest()
    page = hand.page
    page.setFocus()
    assert page.review.list.hasFocus()
    wanted = {page.rules_button, page.runs_button, page.search_button, page.review.tabs}
    reached: set[QWidget] = set()
    for _ in range(60):
        reached.add(after(Key.Key_Tab))
    assert wanted <= reached
    page.show_rules()
    assert page.rules.criteria.hasFocus()
    assert page.isAncestorOf(after(Key.Key_Backtab))
