"""Keys: each one in the help, none while one types; names for all controls; one context menu."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest
from filing_hand import FilingHand, counted
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSlider,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QScrollArea,
    QScrollBar,
    QWidget,
)

from gui.open_with import Program, data_folders, programs_for
from gui.shortcuts import KEYS, groups

Key = Qt.Key


def test_every_key_is_in_the_help_once_and_every_action_has_its_key_from_there(
    hand: FilingHand,
) -> None:
    told = [name for group in groups() for row in group.rows for name in row.names]
    assert sorted(told) == sorted(KEYS)
    titles = [group.title for group in groups()]
    assert len(set(titles)) == len(titles), "a group of keys that is listed twice"
    assert all(row.keys and row.words for group in groups() for row in group.rows)
    known = {QKeySequence(keys).toString() for held in KEYS.values() for keys in held}
    used = {
        keys.toString()
        for action in hand.window.findChildren(QAction)
        for keys in action.shortcuts()
        if action.shortcutContext() is not Qt.ShortcutContext.WidgetShortcut
    }
    assert used <= known, "a key that the help does not tell"


def pages(hand: FilingHand) -> list[QWidget]:
    """Every page that the window can show."""
    window = hand.window
    window.filing.show_trash()
    window.sorting.show()
    window.duplicates.show()
    window.tags.show_review()
    window.tags.show_categories()
    window.show_page(window.grid)
    hand.rest()
    found = (window.stack.widget(at) for at in range(window.stack.count()))
    return [page for page in found if page is not None]


def test_all_controls_of_all_pages_have_names(hand: FilingHand) -> None:
    nameless: list[str] = []
    kinds = (QAbstractButton, QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit,
             QPlainTextEdit, QAbstractSlider)  # fmt: skip
    for page in [*pages(hand), hand.window.sidebar, hand.window.inspector, hand.window.status]:
        for kind in kinds:
            for control in page.findChildren(kind):
                inner = isinstance(control, QScrollBar) or isinstance(
                    control.parentWidget(), QAbstractSpinBox | QComboBox | QAbstractItemView
                )
                focusable = control.focusPolicy() != Qt.FocusPolicy.NoFocus
                shown = control.isVisibleTo(page)
                if inner or not focusable or not shown or control.accessibleName():
                    continue
                text = control.text() if isinstance(control, QAbstractButton) else ""
                if not text:
                    around = type(control.parentWidget()).__name__
                    nameless.append(f"{type(page).__name__}/{around}/{type(control).__name__}")
    assert not nameless, "\n".join(sorted(set(nameless)))


def test_single_letters_are_inert_in_every_text_field(hand: FilingHand) -> None:
    window = hand.window
    hand.select("p1.jpg")
    hand.rest()
    hand.qtbot.waitUntil(window.marks.section.title.isVisible)
    before = hand.files()
    singles = [keys for held in KEYS.values() for keys in held if len(keys) == 1]
    acted: list[str] = []
    for action in window.findChildren(QAction):
        if any(len(keys.toString()) == 1 for keys in action.shortcuts()):
            action.triggered.connect(partial(_note, acted, action.text()))
    fields: list[QLineEdit | QPlainTextEdit] = [
        field
        for kind in (QLineEdit, QPlainTextEdit)
        for field in window.findChildren(kind)
        if field.isVisible() and field.isEnabled() and not field.isReadOnly()
    ]
    assert len(fields) >= 3  # the search, the title, the caption
    for field in fields:
        field.setFocus()
        for letter in singles:
            QTest.keyClicks(field, letter)
        words = field.text() if isinstance(field, QLineEdit) else field.toPlainText()
        assert words == "".join(singles), field.accessibleName()
        field.clear()
    hand.select("p1.jpg")
    hand.press(Key.Key_F2)
    name = window.filing.name_field
    assert name is not None
    name.field.selectAll()
    QTest.keyClicks(name.field, "pxu0f")
    QTest.keyClick(name.field, Key.Key_Delete)
    assert name.name == "pxu0f"
    name.close()
    hand.rest()
    assert acted == []
    assert hand.files() == before


def _note(acted: list[str], text: str, _on: bool = False) -> None:
    acted.append(text)


def entries(menu: QMenu) -> list[str]:
    return [counted(action.text().replace("&", "")) for action in menu.actions() if action.text()]


def test_one_menu_in_one_order_for_grid_and_viewer(hand: FilingHand) -> None:
    window = hand.window
    hand.select("p1.jpg")
    menu = window.grid.menu()
    told = entries(menu)
    wanted = [
        "Open", "Open with", "Show in folder", "Copy path", "Copy file", "Find similar photos",
        "Add to the search", "Detect things…", "Tag", "Add to an album", "Rating", "Compare",
        "Move to", "Copy to", "Rename…", "Move 1 photo(s) to the trash", "Show on map",
        "Properties",
    ]  # fmt: skip
    wanted = [counted(words) for words in wanted]
    assert [words for words in told if words in wanted] == wanted
    by_words = {counted(a.text().replace("&", "")): a for a in menu.actions()}
    assert by_words["Open"].shortcut().toString() == "Return"
    assert by_words["Rename…"].shortcut().toString() == "F2"
    assert by_words[counted("Find similar photos")].shortcut().toString() == "Ctrl+E"
    assert not by_words["Compare"].isEnabled()  # one photo alone
    menu.deleteLater()
    window.open_viewer(hand.id_of("p1.jpg"))
    hand.rest()
    asked: list[object] = []
    window.viewer.canvas.menu_wanted.connect(asked.append)
    window.viewer.canvas.menu_wanted.disconnect(window.grid.offer)
    reason = QContextMenuEvent.Reason.Keyboard
    QApplication.sendEvent(
        window.viewer, QContextMenuEvent(reason, window.viewer.pos(), window.viewer.pos())
    )
    window.viewer.canvas.menu_wanted.connect(window.grid.offer)
    assert len(asked) == 1
    other = window.grid.menu()
    assert entries(other) == [words for words in told if words != "Open"]
    other.deleteLater()
    window.show_page(window.grid)


def test_properties_tell_what_and_where_from(hand: FilingHand) -> None:
    window = hand.window
    hand.select("p0.jpg")
    hand.press(Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    hand.rest()
    dialog = window.filing.properties
    rows = {name: (value, source) for name, value, source in dialog.rows}
    assert rows["Camera"] == ("Canon PowerShot G9 X", "from the file")
    assert rows["Sidecar"][0] == "p0.jpg.xmp"
    dialog.close()
    hand.select("p0.jpg", "p1.jpg")
    window.menus.files.properties.trigger()
    hand.rest()
    dialog = window.filing.properties
    assert {name for name, _, _ in dialog.rows} >= {"Size", "Taken", "Cameras", "Formats"}
    dialog.close()


def test_tags_of_many_are_put_on_all_and_taken_off(hand: FilingHand) -> None:
    window = hand.window
    library = window.session.library
    ids = hand.select("p1.jpg", "p2.jpg", "p3.jpg")
    library.tagging.tag(ids[:1], "Sea")
    many = window.tags.many
    hand.qtbot.waitUntil(lambda: "Sea" in many.boxes)
    box = many.boxes["Sea"]
    assert box.checkState() is Qt.CheckState.PartiallyChecked
    box.click()
    hand.qtbot.waitUntil(lambda: all(library.tagging.tags_of(id_) for id_ in ids))
    hand.rest()
    hand.qtbot.waitUntil(lambda: many.boxes["Sea"].checkState() is Qt.CheckState.Checked)
    many.boxes["Sea"].click()
    hand.qtbot.waitUntil(lambda: not any(library.tagging.tags_of(id_) for id_ in ids))
    hand.rest()
    hand.undo()
    hand.undo()
    assert [bool(library.tagging.tags_of(id_)) for id_ in ids] == [True, False, False]
    library.tagging.untag(ids, "Sea")
    hand.rest()


def test_programs_are_those_of_the_desktop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config, apps = tmp_path / "config", tmp_path / "share" / "applications"
    for folder in (config, apps):
        folder.mkdir(parents=True)
    (config / "mimeapps.list").write_text(
        "[Default Applications]\nimage/jpeg=view.desktop;\n"
        "[Removed Associations]\nimage/jpeg=no.desktop;\n"
    )
    (apps / "mimeinfo.cache").write_text(
        "[MIME Cache]\nimage/jpeg=edit.desktop;no.desktop;gone.desktop;hidden.desktop;\n"
    )
    for name, more in (
        ("view", "Icon=eye"),
        ("edit", ""),
        ("no", ""),
        ("hidden", "NoDisplay=true"),
    ):
        (apps / f"{name}.desktop").write_text(
            f"[Desktop Entry]\nName={name.title()}\nExec=sh -c {name} %U\n{more}\n"
        )
    found = programs_for(Path("/photos/a.jpg"), [config, apps])
    assert found == [
        Program("View", ("sh", "-c", "view", "%U"), "eye"),
        Program("Edit", ("sh", "-c", "edit", "%U")),
    ]
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    assert apps in data_folders()
    (config / "mimeapps.list").write_bytes(b"\xff\xfe no list at all")
    assert [one.name for one in programs_for(Path("a.jpg"), [config, apps])]


def test_the_help_has_as_many_columns_as_the_screen_has_room_for(hand: FilingHand) -> None:
    dialog = hand.window.dialogs.show_shortcuts()
    area = dialog.findChild(QScrollArea)
    assert area is not None
    assert area.horizontalScrollBar().maximum() == 0, "keys are looked for downwards only"
    dialog.reject()
