"""The field for labels: tokens by comma and Enter, taken back, edited, completed."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.detection_types import Label
from gui.detection.label_field import MOST_LABELS, LabelField, parse_labels


def field(qtbot: QtBot) -> LabelField:
    made = LabelField()
    qtbot.addWidget(made)
    made.resize(500, 40)
    made.show()
    return made


def names(made: LabelField) -> list[str]:
    return [label.name for label in made.labels]


def test_labels_are_parted_by_commas_of_any_script() -> None:
    told = [label.name for label in parse_labels(" cat,  remote  control ,, 猫、犬，cat\nbird")]
    assert told == ["cat", "remote control", "猫", "犬", "bird"]


def test_one_label_may_be_said_in_several_ways() -> None:
    assert parse_labels("cat | a kitten|") == [Label("cat", ("cat", "a kitten"))]


def test_a_comma_and_enter_make_tokens(qtbot: QtBot) -> None:
    made = field(qtbot)
    told: list[list[Label]] = []
    made.changed.connect(told.append)
    QTest.keyClicks(made.field, "cat, rem")
    assert names(made) == ["cat"]
    assert made.field.text() == "rem", "what is being typed stays"
    QTest.keyClick(made.field, Qt.Key.Key_Return)
    assert names(made) == ["cat", "rem"]
    assert len(told) == 2
    with qtbot.waitSignal(made.entered):
        QTest.keyClick(made.field, Qt.Key.Key_Return)


def test_the_same_label_twice_is_one(qtbot: QtBot) -> None:
    made = field(qtbot)
    made.take("cat, cat")
    made.take("cat")
    assert names(made) == ["cat"]


def test_backspace_takes_the_last_token_back_into_the_line(qtbot: QtBot) -> None:
    made = field(qtbot)
    made.take("cat, dog | puppy")
    QTest.keyClick(made.field, Qt.Key.Key_Backspace)
    assert names(made) == ["cat"]
    assert made.field.text() == "dog | puppy"


def test_tokens_are_reached_and_removed_with_keys(qtbot: QtBot) -> None:
    made = field(qtbot)
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    made.take("cat, dog, cow")
    made.field.setFocus()
    QTest.keyClick(made.field, Qt.Key.Key_Left)
    QTest.keyClick(made.chips[2], Qt.Key.Key_Left)
    assert made.chips[1].hasFocus()
    QTest.keyClick(made.chips[1], Qt.Key.Key_Delete)
    assert names(made) == ["cat", "cow"]
    assert made.chips[1].hasFocus()


def test_what_is_looked_for_already_is_not_offered(qtbot: QtBot) -> None:
    made = field(qtbot)
    made.offer(["cat", "dog"])
    made.take("cat")
    model = made.field.completer().model()
    assert [model.index(row, 0).data() for row in range(model.rowCount())] == ["dog"]


def test_many_tokens_take_more_lines(qtbot: QtBot) -> None:
    made = field(qtbot)
    low = made.heightForWidth(500)
    made.take(", ".join(f"a thing of number {n}" for n in range(MOST_LABELS + 4)))
    assert len(made.chips) == MOST_LABELS
    assert made.heightForWidth(500) > 3 * low


def test_labels_too_many_stay_in_the_line_and_it_says_why(qtbot: QtBot) -> None:
    made = field(qtbot)
    told: list[str] = []
    made.refused.connect(told.append)
    made.take(", ".join(f"thing {n}" for n in range(200)))
    assert len(made.chips) == MOST_LABELS
    assert made.field.text().startswith(f"thing {MOST_LABELS}, ")
    assert made.field.text().endswith("thing 199")
    assert str(MOST_LABELS) in told[-1]


def test_a_label_too_long_stays_in_the_line(qtbot: QtBot) -> None:
    made = field(qtbot)
    told: list[str] = []
    made.refused.connect(told.append)
    made.take("cat, " + "x" * 201)
    assert names(made) == ["cat"]
    assert made.field.text() == "x" * 201
    assert "200" in told[-1]


def test_labels_are_written_as_the_library_keeps_them() -> None:
    decomposed, pasted = "cafe\u0301", "\u200bcat\ufeff"
    assert [label.name for label in parse_labels(f"{decomposed}, {pasted}, \u200b")] == [
        "caf\u00e9",
        "cat",
    ]
    assert [label.name for label in parse_labels("Cat, cat, CAT")] == ["Cat"]
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467"
    assert parse_labels(family) == [Label(family)]


def test_text_from_files_is_no_markup(qtbot: QtBot) -> None:
    made = field(qtbot)
    made.take("<b>cat</b>")
    assert names(made) == ["<b>cat</b>"]
    assert made.chips[0].toolTip().startswith("<span>&lt;b")
