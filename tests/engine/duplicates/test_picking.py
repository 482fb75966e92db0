"""The best-pick: each rule decides where those before it do not, and says why."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace
from pathlib import Path

import pytest

from engine.duplicate_types import Criterion, Member, PickRules
from engine.duplicates.picking import PickFacts, facts_of, pick, protected_by
from engine.types import Photo, PhotoId, PhotoMetadata, PhotoState, RootId

HOME = Path("/photos")


def member(number: int, name: str, **others: object) -> Member:
    plain = Member(PhotoId(number), HOME / name, 1_000_000, 400, 300)
    return replace(plain, **others)  # pyright: ignore[reportArgumentType]


def order_of(members: list[Member], rules: PickRules, facts: dict[int, PickFacts]) -> list[int]:
    known = {PhotoId(number): fact for number, fact in facts.items()}
    return [one.photo_id for one in pick(members, rules, known)[0]]


CANON = PickFacts(camera="Canon EOS 5D", format="JPEG", date="2019-05-01T10:00:00")

CASES = [
    (
        Criterion.PROTECTED,
        (member(1, "kept/a.jpg"), CANON),
        (member(2, "a.jpg"), CANON),
        "in a protected folder: /photos/kept against /photos",
    ),
    (
        Criterion.RESOLUTION,
        (member(1, "a.jpg", width=4000, height=3000), CANON),
        (member(2, "b.jpg", width=1600, height=1200), CANON),
        "larger picture: 4000 × 3000 against 1600 × 1200",
    ),
    (
        Criterion.CAMERA,
        (member(1, "a.jpg"), CANON),
        (member(2, "b.jpg"), replace(CANON, camera="")),
        "original of a camera: Canon EOS 5D against no camera named",
    ),
    (
        Criterion.CAMERA,
        (member(1, "a.jpg"), CANON),
        (member(2, "b.jpg"), replace(CANON, editor="Adobe Photoshop 25.0")),
        "original of a camera: Canon EOS 5D against edited with Adobe Photoshop 25.0",
    ),
    (
        Criterion.FORMAT,
        (member(1, "a.heic", size=10), replace(CANON, format="HEIF")),
        (member(2, "a.jpg"), CANON),
        "better format: HEIF against JPEG",
    ),
    (
        Criterion.FORMAT,
        (member(1, "a.jpg", companions=(HOME / "a.CR2",)), CANON),
        (member(2, "b.jpg"), CANON),
        "better format: RAW against JPEG",
    ),
    (
        Criterion.BYTES,
        (member(1, "a.jpg", size=5_200_000), CANON),
        (member(2, "b.jpg", size=1_300_000), CANON),
        "larger file: 5.2 MB against 1.3 MB",
    ),
    (
        Criterion.BYTES,
        (member(1, "a.jpg", size=5_200_001), CANON),
        (member(2, "b.jpg", size=5_200_000), CANON),
        "larger file: 5,200,001 bytes against 5,200,000 bytes",
    ),
    (
        Criterion.FOLDER,
        (member(1, "best/x/a.jpg"), CANON),
        (member(2, "good/a.jpg"), CANON),
        "in a preferred folder: /photos/best against /photos/good",
    ),
    (
        Criterion.OLDEST,
        (member(1, "a.jpg"), CANON),
        (member(2, "b.jpg"), replace(CANON, date="2020-01-01T00:00:00")),
        "older: 2019-05-01 10:00:00 against 2020-01-01 00:00:00",
    ),
    (
        Criterion.RATING,
        (member(1, "a.jpg"), replace(CANON, rating=4)),
        (member(2, "b.jpg"), CANON),
        "higher rated: 4 of 5 stars against no rating",
    ),
]
RULES = PickRules(preferred=(HOME / "best", HOME / "good"), protected=(HOME / "kept",))


@pytest.mark.parametrize(("criterion", "better", "worse", "reason"), CASES, ids=lambda c: str(c))
def test_each_rule_decides_and_says_so(
    criterion: Criterion,
    better: tuple[Member, PickFacts],
    worse: tuple[Member, PickFacts],
    reason: str,
):
    facts = {better[0].photo_id: better[1], worse[0].photo_id: worse[1]}
    ordered, said = pick([worse[0], better[0]], RULES, facts)
    assert ordered[0].photo_id == better[0].photo_id
    assert said == reason
    # Without the rule that decided, something else has to.
    others = tuple(one for one in RULES.order if one is not criterion)
    assert pick([worse[0], better[0]], replace(RULES, order=others), facts)[1] != reason


def test_the_order_of_the_rules_is_the_users():
    large, old = member(1, "large.jpg", width=900), member(2, "old.jpg")
    facts = {1: replace(CANON, date="2021"), 2: CANON}
    by_size = PickRules((Criterion.RESOLUTION, Criterion.OLDEST))
    by_date = PickRules((Criterion.OLDEST, Criterion.RESOLUTION))
    assert order_of([large, old], by_size, facts) == [1, 2]
    assert order_of([large, old], by_date, facts) == [2, 1]


def test_a_file_of_the_same_day_is_told_by_its_own_time():
    one, other = member(1, "a.jpg"), member(2, "b.jpg")
    facts = {PhotoId(1): replace(CANON, mtime_ns=2 * 10**18), PhotoId(2): CANON}
    ordered, said = pick([one, other], RULES, facts)
    assert ordered[0] is other
    assert said.startswith("older: file of 1970")


def test_where_all_is_equal_the_plainer_name_stays():
    names = ["IMG_7 (1).jpg", "IMG_7.jpg", "IMG_7 - Copy.jpg", "deep/er/IMG_7.jpg"]
    members = [member(number, name) for number, name in enumerate(names)]
    for order in itertools.permutations(members):
        ordered, said = pick(list(order), RULES, {})
        assert ordered[0].path.name == "IMG_7.jpg"
        assert ordered[0].path.parent == HOME
        assert said.startswith("all else is equal; the plainer name: ")


def test_the_answer_does_not_depend_on_the_order_that_was_given():
    rng = random.Random(3)
    for _ in range(50):
        members = [
            member(n, f"{rng.choice('ab')}/{n}.jpg", width=rng.choice([100, 200])) for n in range(6)
        ]
        facts = {n: replace(CANON, rating=rng.choice([0, 3])) for n in range(6)}
        first = order_of(members, RULES, facts)
        for _ in range(5):
            rng.shuffle(members)
            assert order_of(members, RULES, facts) == first


def test_what_is_protected_is_marked_and_keeps_another_reason():
    free, kept = member(1, "a.jpg"), member(2, "kept/b.jpg")
    linked = member(3, "kept/c.jpg", offered=False, why_not="It is a link.")
    ordered, _ = pick([free, kept, linked], RULES, {})
    by_id = {one.photo_id: one for one in ordered}
    assert by_id[free.photo_id].offered
    assert by_id[kept.photo_id].why_not == "It lies in the protected folder /photos/kept."
    assert by_id[linked.photo_id].why_not == "It is a link."
    assert protected_by(HOME / "kept" / "deep" / "a.jpg", RULES) == HOME / "kept"
    assert protected_by(HOME / "kept.jpg", RULES) is None


def test_facts_come_from_a_row():
    row = Photo(
        PhotoId(1), RootId(1), HOME / "a.jpg", PhotoState.PRESENT, True, 1, 77, None, 1, 1, "MPO",
        None, "Nikon D40", "", False,
    )  # fmt: skip
    found = facts_of(row, PhotoMetadata(software="GIMP 2.10", rating=3), "2001-01-01")
    assert found == PickFacts("Nikon D40", "GIMP 2.10", "MPO", "2001-01-01", 77, 3)
    assert facts_of(row, PhotoMetadata(software="Ver.1.02")).editor == ""


def test_one_alone_needs_no_reason():
    assert pick([member(1, "a.jpg")], RULES, {}) == ((member(1, "a.jpg"),), "")
