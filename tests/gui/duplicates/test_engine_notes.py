"""What the engine says of duplicates is known to the window: the real rules, in Chinese."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from engine.duplicate_types import (
    Criterion,
    DuplicateClass,
    DuplicateGroup,
    GroupId,
    Member,
    PickRules,
)
from engine.duplicates.picking import PickFacts, pick
from engine.types import PhotoId
from gui.duplicates.engine_notes import note_text, reason_text
from gui.duplicates.words import DuplicateWords
from gui.translations import install_translator

ONE = Member(PhotoId(1), Path("/photos/a.jpg"), 100, 60, 40)
TWO = Member(PhotoId(2), Path("/photos/backup/a (1).jpg"), 100, 60, 40)
PLAIN = PickFacts(date="2024-05-01T12:00:00", mtime_ns=10**18)


@pytest.fixture
def chinese(qapp: QApplication) -> Iterator[None]:
    install_translator(qapp, "zh_CN")
    yield
    install_translator(qapp, "en")


@pytest.mark.parametrize(
    ("criterion", "one", "two", "facts", "others"),
    [
        (Criterion.RESOLUTION, replace(ONE, width=90), TWO, PLAIN, PLAIN),
        (Criterion.CAMERA, ONE, TWO, replace(PLAIN, camera="X-T4"), PLAIN),
        (Criterion.CAMERA, ONE, TWO, replace(PLAIN, camera="X-T4", editor="GIMP"), PLAIN),
        (Criterion.FORMAT, ONE, TWO, replace(PLAIN, format="PNG"), PLAIN),
        (Criterion.BYTES, replace(ONE, size=120), TWO, PLAIN, PLAIN),
        (Criterion.OLDEST, ONE, TWO, PLAIN, replace(PLAIN, date="")),
        (Criterion.OLDEST, ONE, TWO, PLAIN, replace(PLAIN, mtime_ns=2 * 10**18)),
        (Criterion.RATING, ONE, TWO, replace(PLAIN, rating=4), PLAIN),
        (Criterion.PROTECTED, ONE, TWO, PLAIN, PLAIN),
        (Criterion.FOLDER, ONE, TWO, PLAIN, PLAIN),
    ],
)
def test_every_reason_is_translated(
    chinese: None,
    criterion: Criterion,
    one: Member,
    two: Member,
    facts: PickFacts,
    others: PickFacts,
) -> None:
    folders = (Path("/photos/backup"),)
    rules = PickRules((criterion,), preferred=folders, protected=folders)
    _, reason = pick([one, two], rules, {one.photo_id: facts, two.photo_id: others})
    assert reason.startswith(criterion.value)
    shown = reason_text(reason)
    words = " ".join(part for part in shown.split() if "/" not in part)
    for english in ("against", "file of", "no ", "stars", "bytes", "edited", criterion.value):
        assert english not in words, shown


def test_parts_of_a_second_are_told_only_where_they_decide() -> None:
    far = "older: file of 2024-05-01 12:00:00.250000 against file of 2025-05-01 12:00:00.500000"
    assert (
        reason_text(far) == "older: file of 2024-05-01 12:00:00 against file of 2025-05-01 12:00:00"
    )
    near = "older: file of 2024-05-01 12:00:00.250000 against file of 2024-05-01 12:00:00.500000"
    assert reason_text(near) == near


def test_what_is_not_known_is_said_as_it_is(chinese: None) -> None:
    assert note_text("Something new happened.") == "Something new happened."
    assert reason_text("a rule of tomorrow") == "a rule of tomorrow"
    assert "%2.jpg" in note_text("/a/%2.jpg is not there any more.")
    assert "\u202e" not in note_text("/a/\u202egpj.exe lies in the trash.")


@pytest.mark.parametrize("about", ["It is", "b.mov belongs to it and is"])
def test_a_hard_link_is_told_as_what_it_is(about: str) -> None:
    said = f"{about} a hard link: its bytes stay by another name, and no space is freed."
    assert note_text(said) == said


def test_a_group_of_which_nothing_may_go_promises_nothing() -> None:
    stays = Member(PhotoId(1), Path("/a.jpg"), 100, 4, 3)
    linked = Member(PhotoId(2), Path("/b.jpg"), 100, 4, 3, offered=False, why_not="It is linked.")
    words = DuplicateWords()
    group = DuplicateGroup(GroupId(1), DuplicateClass.IDENTICAL, (stays, linked), "", 0)
    assert "all stay" in words.group_facts(group)
    group = DuplicateGroup(GroupId(1), DuplicateClass.IDENTICAL, (stays, stays), "", 100)
    assert "100" in words.group_facts(group)


@pytest.mark.parametrize(
    "sentence",
    [
        "Nothing would be left for sure: /a/b.jpg is not there any more.",
        "/a/b.CR2 belongs to it and has no copy beside /c/b.jpg.",
        "b.mov belongs to it and has no copy beside b.jpg.",
        "It is not among the duplicates of the photo that stays any more.",
        "It is what another group keeps.",
        "Another file lies at its old place.",
        "A file lies where its folder was.",
        "It is not in the trash any more.",
        "Its old folder is not there; is its drive connected?",
        "Its disk has no trash, and there is too little space in /data/trash.",
        "The disk is full.",
    ],
)
def test_what_was_left_alone_is_translated(chinese: None, sentence: str) -> None:
    shown = note_text(sentence)
    assert "%" not in shown
    for word in (" is ", " lies ", " the ", "Nothing", "belongs"):
        assert word not in shown
    for name in ("/a/b.jpg", "b.CR2", "b.mov", "/data/trash"):
        assert (name in sentence) == (name in shown)
