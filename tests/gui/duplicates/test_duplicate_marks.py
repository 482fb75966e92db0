"""Marks of groups: copies start marked, one always stays, what the user said is kept."""

from __future__ import annotations

from pathlib import Path

from engine.duplicate_types import Choice, DuplicateClass, DuplicateGroup, GroupId, Member
from engine.types import PhotoId
from gui.duplicates.marks import Marks, Sum

IDENTICAL, SAME = DuplicateClass.IDENTICAL, DuplicateClass.SAME_PICTURE


def group(number: int, *ids: int, kind: DuplicateClass = IDENTICAL, fixed: tuple[int, ...] = ()):
    members = tuple(
        Member(PhotoId(n), Path(f"/p/{n}.jpg"), 100 * n, 60, 40, offered=n not in fixed)
        for n in ids
    )
    return DuplicateGroup(GroupId(number), kind, members, "", sum(m.size for m in members[1:]))


def going(marks: Marks, one: DuplicateGroup) -> set[int]:
    return {int(photo_id) for photo_id in marks.of(one).trash}


def test_only_copies_start_marked() -> None:
    marks, copies, edits = Marks(), group(1, 1, 2, 3), group(2, 4, 5, kind=SAME)
    marks.take([copies, edits])
    assert going(marks, copies) == {2, 3}
    assert going(marks, edits) == set()
    assert marks.sum() == Sum(1, 2, 500)
    assert marks.choices() == [Choice(GroupId(1), IDENTICAL, PhotoId(1), (PhotoId(2), PhotoId(3)))]


def test_what_may_not_go_is_never_marked() -> None:
    marks, copies = Marks(), group(1, 1, 2, 3, fixed=(2,))
    marks.take([copies])
    assert going(marks, copies) == {3}
    assert not marks.toggle(copies, PhotoId(2))
    marks.keep(copies, PhotoId(3))
    assert going(marks, copies) == {1}


def test_another_keeper_lets_the_former_one_go() -> None:
    marks, copies = Marks(), group(1, 1, 2, 3)
    marks.take([copies])
    marks.keep(copies, PhotoId(3))
    assert marks.of(copies).keep == 3
    assert going(marks, copies) == {1, 2}


def test_where_nothing_was_to_go_nothing_goes_for_another_keeper() -> None:
    marks, edits = Marks(), group(1, 1, 2, 3, kind=SAME)
    marks.take([edits])
    marks.keep(edits, PhotoId(2))
    assert going(marks, edits) == set()
    marks.toggle(edits, PhotoId(3))
    marks.keep(edits, PhotoId(1))
    assert going(marks, edits) == {3}, "2 was never marked"


def test_one_always_stays() -> None:
    marks, pair = Marks(), group(1, 1, 2)
    marks.take([pair])
    for photo_id in (1, 2, 2, 1, 1, 2):
        marks.toggle(pair, PhotoId(photo_id))
        mark = marks.of(pair)
        assert mark.keep not in mark.trash
        assert len(mark.trash) < 2


def test_the_kept_one_hands_over_to_one_that_is_not_marked() -> None:
    marks, edits = Marks(), group(1, 1, 2, 3, kind=SAME)
    marks.take([edits])
    marks.toggle(edits, PhotoId(2))
    marks.toggle(edits, PhotoId(1))
    assert marks.of(edits).keep == 3
    assert going(marks, edits) == {1, 2}


def test_what_was_said_by_hand_outlives_a_new_answer() -> None:
    marks, copies, other = Marks(), group(1, 1, 2, 3), group(2, 7, 8)
    marks.take([copies, other])
    marks.toggle(copies, PhotoId(2))
    turned = group(9, 3, 2, 1)  # the same photos, picked and numbered anew
    marks.take([turned, group(8, 8, 7)])
    assert marks.of(turned).keep == 1
    assert going(marks, turned) == {3}
    assert marks.of(group(8, 8, 7)).keep == 8, "no hand was on this one"
    marks.take([group(9, 3, 2, 1, 4)])
    assert going(marks, group(9, 3, 2, 1, 4)) == {2, 1, 4}, "a new member: another group"


def test_unmarking_and_the_rules() -> None:
    marks, one, two = Marks(), group(1, 1, 2), group(2, 3, 4, 5, kind=SAME)
    marks.take([one, two])
    marks.unmark()
    assert marks.sum() == Sum()
    marks.apply([Choice(GroupId(2), SAME, PhotoId(4), (PhotoId(3), PhotoId(5)))])
    assert marks.of(two).keep == 4
    assert marks.sum() == Sum(1, 2, 800)


def test_what_could_not_go_is_not_marked_again() -> None:
    marks, copies = Marks(), group(1, 1, 2, 3)
    marks.take([copies])
    marks.spare([PhotoId(2)])
    assert going(marks, copies) == {3}
    marks.take([group(1, 1, 2)])
    assert marks.sum() == Sum()
