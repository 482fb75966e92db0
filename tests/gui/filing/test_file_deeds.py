"""Trash, names, folders in the real window: done with a key, undone in the same place."""

from __future__ import annotations

from pathlib import Path

import pytest
from filing_hand import FilingHand, Opener, counted
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QFileDialog

from gui.filing.actions import recent_folders

Key, Modifier = Qt.Key, Qt.KeyboardModifier
ALL = ["Trips/p4.jpg", "Trips/p5.jpg", "p0.jpg", "p0.jpg.xmp", "p1.jpg", "p2.jpg", "p3.jpg"]


def test_del_goes_to_the_trash_and_is_undone_even_after_a_restart(
    hand: FilingHand, opener: Opener
) -> None:
    window = hand.window
    assert hand.files() == ALL
    hand.select("p0.jpg", "p1.jpg")
    assert counted(window.menus.files.trash.text()) == "Move 2 photo(s) to the trash"
    hand.press(Key.Key_Delete)
    hand.rest()
    assert hand.files() == [name for name in ALL if not name.startswith(("p0", "p1"))]
    assert hand.notice == "2 photo(s) moved to the trash, with 1 file(s) that belong to them"
    assert window.status.notice_button.text() == "Undo"
    assert counted(window.menus.undo.text()).startswith("&Undo: 2 photo(s) moved to the trash")
    hand.qtbot.waitUntil(lambda: hand.names()[:2] == ["p2.jpg", "p3.jpg"])
    assert [window.grid.model.photo(id_).name for id_ in window.grid.view.selected_ids()] == [  # pyright: ignore[reportOptionalMemberAccess]
        "p2.jpg"
    ]
    window.status.notice_button.click()
    hand.rest()
    assert hand.files() == ALL
    hand.redo()
    assert len(hand.files()) == 4
    again = opener.open(hand.qtbot)
    assert counted(again.window.menus.undo.text()) == "&Undo: 2 photo(s) moved to the trash"
    again.undo()
    assert again.files() == ALL
    again.redo()
    assert len(again.files()) == 4
    again.undo()
    assert again.files() == ALL


def test_in_the_viewer_the_next_photo_follows(hand: FilingHand) -> None:
    window = hand.window
    window.open_viewer(hand.id_of("p2.jpg"))
    hand.rest()
    following = hand.id_of("p3.jpg")
    hand.press(Key.Key_Delete)
    assert window.viewer.photo_id == following
    hand.rest()
    assert "p2.jpg" not in hand.files()
    assert window.stack.currentWidget() is window.viewer
    for _ in range(5):
        hand.press(Key.Key_Delete)
        hand.rest()
    assert hand.files() == []
    assert window.stack.currentWidget() is window.grid
    for _ in range(6):
        hand.undo()
    assert hand.files() == ALL


def test_a_name_is_checked_while_it_is_typed(hand: FilingHand) -> None:
    window = hand.window
    hand.select("p0.jpg")
    hand.press(Key.Key_F2)
    field = window.filing.name_field
    assert field is not None
    assert field.field.selectedText() == "p0"
    QTest.keyClicks(field.field, "p1")
    hand.qtbot.waitUntil(lambda: field.note.text() != "")
    assert field.note.text() == "There is another file called p1.jpg."
    QTest.keyClick(field.field, Key.Key_Return)
    hand.rest()
    assert hand.files() == ALL
    field.field.selectAll()
    QTest.keyClicks(field.field, "By the sea")
    QTest.keyClick(field.field, Key.Key_Return)  # at once: it is checked first
    hand.qtbot.waitUntil(lambda: "By the sea.jpg" in hand.files())
    hand.rest()
    assert "By the sea.jpg.xmp" in hand.files()
    assert hand.notice == "1 photo(s) renamed, with 1 file(s) that belong to them"
    hand.undo()
    assert hand.files() == ALL


def test_many_get_names_by_a_pattern(hand: FilingHand) -> None:
    window = hand.window
    hand.select("p1.jpg", "p2.jpg", "p3.jpg")
    hand.press(Key.Key_F2)
    dialog = window.filing.pattern_dialog
    hand.qtbot.waitUntil(lambda: dialog.table.rowCount() == 3)
    dialog.pattern.setText("{stars}")
    hand.qtbot.waitUntil(lambda: "means nothing" in dialog.note.text())
    assert not dialog.go.isEnabled()
    dialog.pattern.setText("p")
    dialog.parts[1].click()
    dialog.start.setValue(0)
    hand.qtbot.waitUntil(lambda: dialog.table.rowCount() == 3 and dialog.go.isEnabled())
    dialog.pattern.setText("p{n}")  # p0 is taken; p1 to p3 shift into each other
    hand.qtbot.waitUntil(lambda: counted(dialog.note.text()) == "3 photo(s) keep their names")
    assert not dialog.go.isEnabled()
    dialog.pattern.setText("Sea {n:02}")
    hand.qtbot.waitUntil(
        lambda: counted(dialog.go.text()) == "Rename 3 photo(s)" and dialog.go.isEnabled()
    )
    item = dialog.table.item(0, 1)
    assert item is not None
    assert item.text() == "Sea 00.jpg"
    dialog.go.click()
    hand.qtbot.waitUntil(lambda: "Sea 02.jpg" in hand.files())
    hand.rest()
    hand.undo()
    assert hand.files() == ALL


def test_names_move_up_into_each_other_and_back(hand: FilingHand) -> None:
    of = {name: (hand.photos / name).read_bytes() for name in ("p1.jpg", "p2.jpg", "p3.jpg")}
    hand.select(*of)
    hand.press(Key.Key_F2)
    dialog = hand.window.filing.pattern_dialog
    dialog.pattern.setText("p{n}")
    dialog.start.setValue(2)
    hand.qtbot.waitUntil(
        lambda: counted(dialog.go.text()) == "Rename 3 photo(s)" and dialog.go.isEnabled()
    )
    assert dialog.note.text() == ""

    def moved_up() -> bool:
        places = zip(("p2.jpg", "p3.jpg", "p4.jpg"), of.values(), strict=True)
        return all((hand.photos / name).read_bytes() == data for name, data in places)

    dialog.go.click()
    hand.qtbot.waitUntil(lambda: "p4.jpg" in hand.files())
    hand.rest()
    assert moved_up()
    assert hand.notice == "3 photo(s) renamed"
    hand.undo()
    assert hand.files() == ALL
    assert {name: (hand.photos / name).read_bytes() for name in of} == of
    hand.redo()
    assert moved_up()
    hand.undo()
    assert {name: (hand.photos / name).read_bytes() for name in of} == of


def test_photos_go_into_a_folder_and_out_of_the_library(
    hand: FilingHand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, chosen = hand.window, hand.photos / "Trips"

    def choose(*_: object) -> str:
        return str(chosen)

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", choose)
    hand.select("p0.jpg")
    hand.press(Key.Key_M, Modifier.ControlModifier)
    hand.qtbot.waitUntil(lambda: "Trips/p0.jpg.xmp" in hand.files())
    hand.rest()
    assert hand.notice == "1 photo(s) moved to “Trips”, with 1 file(s) that belong to them"
    assert recent_folders() == [chosen]
    hand.undo()
    hand.select("p1.jpg", "p2.jpg")
    window.menus.files.copy_wanted.emit(chosen)
    hand.qtbot.waitUntil(lambda: len(hand.files()) == 9)
    hand.rest()
    hand.qtbot.waitUntil(lambda: len(hand.names()) == 8)
    hand.undo()
    assert hand.files() == ALL
    outside = tmp_path / "elsewhere"
    hand.select("p1.jpg")
    window.menus.files.move_wanted.emit(outside)
    hand.qtbot.waitUntil(lambda: window.filing.question is not None)
    question = window.filing.question
    assert question is not None
    assert "no longer shown" in question.informativeText()
    assert hand.files() == ALL  # nothing before the answer
    next(b for b in question.buttons() if "Move 1" in b.text()).click()
    hand.qtbot.waitUntil(lambda: (outside / "p1.jpg").is_file())
    hand.rest()
    hand.qtbot.waitUntil(lambda: len(hand.names()) == 5)
    hand.undo()
    assert (hand.files(), outside.exists()) == (ALL, False)


def test_what_stays_is_told_in_one_summary(hand: FilingHand) -> None:
    window = hand.window
    hand.select("p4.jpg")
    window.filing.drop(hand.photos / "Trips", [hand.id_of("p4.jpg")], False)
    hand.rest()
    assert hand.notice == "p4.jpg: it lies in this folder already"
    window.filing.drop(
        hand.photos / "Trips", [hand.id_of(name) for name in ("p3.jpg", "p4.jpg", "p5.jpg")], False
    )
    hand.rest()
    assert hand.notice == "1 photo(s) moved to “Trips”. 2 photo(s) stayed as they were"
    dialog = window.filing.left_dialog
    assert dialog.table.model().rowCount() == 2
    dialog.copy_button.click()
    dialog.close()
    hand.undo()
    assert hand.files() == ALL
