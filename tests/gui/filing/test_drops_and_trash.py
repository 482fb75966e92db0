"""Drops on the sidebar's folders, what a drag lets others do, and the page of the trash."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from filing_hand import FilingHand, counted
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag, QGuiApplication
from PySide6.QtTest import QTest

from engine.duplicate_types import Choice, DuplicateClass
from engine.jobs import drain
from gui.grid.view import dragged
from gui.places import Place

Key, Modifier = Qt.Key, Qt.KeyboardModifier


def folder_row(hand: FilingHand, name: bytes):
    model = hand.window.sidebar.model
    (root,) = hand.window.session.library.roots()
    return model, model.index_of(Place(root.id, name))


def drop(hand: FilingHand, mime: QMimeData, name: bytes = b"Trips") -> bool:
    model, row = folder_row(hand, name)
    copy = Qt.DropAction.CopyAction
    assert model.flags(row) & Qt.ItemFlag.ItemIsDropEnabled
    return model.canDropMimeData(mime, copy, -1, -1, row) and model.dropMimeData(
        mime, copy, -1, -1, row
    )


def test_our_photos_move_into_a_folder_and_with_ctrl_are_copied(
    hand: FilingHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = hand.files()
    ids = hand.select("p0.jpg")
    photos = hand.window.grid.view.selected_photos()
    assert drop(hand, dragged(photos, ids))
    hand.rest()
    assert "Trips/p0.jpg" in hand.files()
    assert "p0.jpg" not in hand.files()
    hand.undo()
    assert hand.files() == before
    monkeypatch.setattr(QGuiApplication, "queryKeyboardModifiers", lambda: Modifier.ControlModifier)
    assert drop(hand, dragged(photos, ids))
    hand.rest()
    assert {"Trips/p0.jpg", "p0.jpg"} <= set(hand.files())
    hand.undo()
    assert hand.files() == before


def test_files_of_other_programs_are_copied_in(hand: FilingHand, tmp_path: Path) -> None:
    before = hand.files()
    card = tmp_path / "card"
    card.mkdir()
    shutil.copy(hand.photos / "p1.jpg", card / "new.jpg")
    (card / "new.xmp").write_text("of the card")
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(card / "new.jpg"))])
    assert drop(hand, mime)
    hand.rest()
    assert {"Trips/new.jpg", "Trips/new.xmp"} <= set(hand.files())
    hand.qtbot.waitUntil(lambda: "new.jpg" in hand.names())
    assert (card / "new.jpg").is_file()
    hand.undo()
    assert hand.files() == before
    assert (card / "new.jpg").is_file()
    web = QMimeData()
    web.setUrls([QUrl("https://example.org/a.jpg")])
    assert not drop(hand, web)


def test_no_other_program_may_move_what_is_dragged_out(
    hand: FilingHand, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed: list[object] = []

    def pull(self: QDrag, *actions: object) -> Qt.DropAction:
        assert [Path(url.toLocalFile()).name for url in self.mimeData().urls()] == ["p1.jpg"]
        allowed.extend(actions)
        return Qt.DropAction.IgnoreAction

    monkeypatch.setattr(QDrag, "exec", pull)
    hand.select("p1.jpg")
    hand.window.grid.view.startDrag(Qt.DropAction.MoveAction | Qt.DropAction.CopyAction)
    assert allowed == [Qt.DropAction.CopyAction]


def test_the_trash_shows_what_went_and_gives_back_one_or_many(hand: FilingHand) -> None:
    window = hand.window
    before = hand.files()
    hand.select("p0.jpg", "p1.jpg", "p2.jpg")
    hand.press(Key.Key_Delete)
    hand.rest()
    window.sidebar.trash_chosen.emit()
    hand.rest()
    page = window.filing.page
    assert window.stack.currentWidget() is page
    assert window.sidebar.chosen == Place.TRASH
    rows = range(page.model.rowCount())
    texts = [counted(str(page.model.data(page.model.index(row, 0)))) for row in rows]
    assert texts == ["p0.jpg · and 1 more file(s)", "p1.jpg", "p2.jpg"]
    assert not page.back_button.isEnabled()
    page.table.selectRow(1)
    assert counted(page.back_button.text()) == "Put 1 photo(s) back"
    QTest.keyClick(page.table, Key.Key_Return)
    hand.rest()
    assert "p1.jpg" in hand.files()
    assert page.model.rowCount() == 2
    assert hand.notice == "1 photo(s) put back"
    hand.undo()  # into the trash again
    assert "p1.jpg" not in hand.files()
    assert page.model.rowCount() == 3
    page.table.setFocus()
    QTest.keyClick(page.table, Key.Key_A, Modifier.ControlModifier)
    assert counted(page.back_button.text()) == "Put 3 photo(s) back"
    page.back_button.click()
    hand.rest()
    assert hand.files() == before
    assert page.pages.currentWidget() is page.empty
    QTest.keyClick(page.table, Key.Key_Escape)
    hand.rest()
    assert window.stack.currentWidget() is window.grid


def test_what_was_cleared_as_a_duplicate_comes_back_with_all_of_its_run(
    hand: FilingHand,
) -> None:
    library = hand.window.session.library
    shutil.copy(hand.photos / "p1.jpg", hand.photos / "p1 again.jpg")
    shutil.copy(hand.photos / "p2.jpg", hand.photos / "p2 again.jpg")
    hand.window.session.keeper.look()
    hand.qtbot.waitUntil(lambda: len(hand.names()) == 8)
    ids = hand.window.grid.model.ids
    hand.qtbot.waitUntil(
        lambda: all(one.content_hash for one in library.photos(ids)), timeout=20_000
    )
    hand.rest()
    before = hand.files()

    def found() -> list[Choice]:
        # A file that was copied a moment ago is read once more; until then it is no twin.
        drain(library.duplicates.find())
        return library.duplicates.choices(DuplicateClass.IDENTICAL)

    hand.qtbot.waitUntil(lambda: len(found()) == 2, timeout=20_000)
    drain(library.duplicates.clear(found()))
    hand.rest()
    hand.window.filing.show_trash()
    hand.rest()
    page = hand.window.filing.page
    assert page.model.rowCount() == 2
    page.table.selectRow(0)
    assert counted(page.back_button.text()) == "Put 2 photo(s) back"
    assert "together" in page.back_button.toolTip()
    page.back_button.click()
    hand.rest()
    assert hand.files() == before
