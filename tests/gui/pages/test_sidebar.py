"""The sidebar: scopes by mouse and keys, counts, offline roots, 10,000 folders, what stays open."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pages_sample import ARCHIVE, COUNTS, FOLDERS, PICTURES, ROOTS
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from engine.types import FolderCount, Root, RootId, Scope
from gui import theme
from gui.folder_tree import FolderTree, Place
from gui.sidebar.folders import folder_rows
from gui.sidebar.panel import Sidebar


@pytest.fixture
def sidebar(qtbot: Any) -> Sidebar:
    made = Sidebar()
    qtbot.addWidget(made)
    made.set_roots(ROOTS, FOLDERS)
    made.set_counts(COUNTS)
    made.resize(240, 600)
    made.show()
    return made


def choose(sidebar: Sidebar, place: Place) -> None:
    index = sidebar.model.index_of(place)
    assert index.isValid()
    sidebar.tree.setCurrentIndex(index)


def shown(sidebar: Sidebar, place: Place, column: int = 0) -> str:
    index = sidebar.model.index_of(place)
    return str(sidebar.model.data(index.siblingAtColumn(column)))


def test_the_model_is_sound(qtmodeltester: Any) -> None:
    model = FolderTree()
    model.show(Place.SECTION, folder_rows(ROOTS, FOLDERS))
    qtmodeltester.check(model, force_py=True)


def test_folders_are_scopes(sidebar: Sidebar, qtbot: Any) -> None:
    with qtbot.waitSignal(sidebar.scope_chosen) as caught:
        choose(sidebar, Place(PICTURES.id, b"2023/Italy"))
    assert caught.args == [Scope(PICTURES.id, b"2023/Italy")]
    with qtbot.waitSignal(sidebar.scope_chosen) as caught:
        choose(sidebar, Place(PICTURES.id))
    assert caught.args == [Scope(PICTURES.id, None)]
    with qtbot.waitSignal(sidebar.scope_chosen) as caught:
        choose(sidebar, Place.ALL)
    assert caught.args == [Scope()]
    with qtbot.waitSignal(sidebar.problems_chosen):
        choose(sidebar, Place.PROBLEMS)


def test_keys_stop_at_headings_and_fold_them(sidebar: Sidebar, qtbot: Any) -> None:
    choose(sidebar, Place.ALL)
    sidebar.tree.setFocus()
    qtbot.keyClick(sidebar.tree, Qt.Key.Key_Down)
    heading = sidebar.model.index_of(Place.SECTION)
    assert sidebar.tree.currentIndex() == heading
    assert sidebar.chosen == Place.ALL, "what is shown is still all photos"
    sidebar.set_counts(replace(COUNTS, photos=9))
    assert sidebar.tree.currentIndex() == heading, "news take the cursor nowhere"
    qtbot.keyClick(sidebar.tree, Qt.Key.Key_Left)
    assert not sidebar.tree.isExpanded(heading)
    qtbot.keyClick(sidebar.tree, Qt.Key.Key_Return)
    assert sidebar.tree.isExpanded(heading)
    qtbot.keyClick(sidebar.tree, Qt.Key.Key_Down)
    assert sidebar.model.place(sidebar.tree.currentIndex()) == Place(ARCHIVE.id)


def test_counts_are_written_for_reading(sidebar: Sidebar) -> None:
    assert shown(sidebar, Place.ALL, 1) == "1,290"
    assert shown(sidebar, Place(PICTURES.id), 1) == "1,234"
    assert shown(sidebar, Place.PROBLEMS, 1) == "3"
    spoken = sidebar.model.data(
        sidebar.model.index_of(Place(PICTURES.id)), Qt.ItemDataRole.AccessibleTextRole
    )
    assert spoken == "Pictures, 1,234 photos"


def test_without_problems_there_is_no_row_for_them(sidebar: Sidebar) -> None:
    index = sidebar.model.index_of(Place.PROBLEMS)
    assert not sidebar.tree.isRowHidden(index.row(), index.parent())
    sidebar.set_counts(replace(COUNTS, problems=0))
    assert sidebar.tree.isRowHidden(index.row(), index.parent())


def test_an_offline_root_is_grey_and_says_why(sidebar: Sidebar) -> None:
    index = sidebar.model.index_of(Place(ARCHIVE.id))
    grey = sidebar.model.data(index, Qt.ItemDataRole.ForegroundRole)
    assert grey == theme.colours().muted
    tooltip = str(sidebar.model.data(index, Qt.ItemDataRole.ToolTipRole))
    assert "The drive is not connected." in tooltip
    assert (
        sidebar.model.data(
            sidebar.model.index_of(Place(PICTURES.id)), Qt.ItemDataRole.ForegroundRole
        )
        is None
    )


def entries(menu: QMenu) -> dict[str, Any]:
    return {action.text(): action for action in menu.actions() if not action.isSeparator()}


def test_context_menu_of_an_offline_root(sidebar: Sidebar, qtbot: Any) -> None:
    found = entries(sidebar.menu_for(ARCHIVE.id))
    assert "Remove from the library (files stay on disk)" in found
    for text, signal in {
        "Look for changes now": sidebar.rescan_wanted,
        "These photos were deleted": sidebar.accept_missing_wanted,
        "Remove from the library (files stay on disk)": sidebar.forget_root_wanted,
    }.items():
        with qtbot.waitSignal(signal) as caught:
            found[text].trigger()
        assert caught.args == [ARCHIVE.id]


def test_photos_of_a_root_that_is_there_cannot_be_called_deleted(sidebar: Sidebar) -> None:
    assert "These photos were deleted" not in entries(sidebar.menu_for(PICTURES.id))
    assert list(entries(sidebar.menu_for(None))) == ["Add folder…"]


def test_new_counts_reset_nothing(sidebar: Sidebar, qtbot: Any) -> None:
    sidebar.tree.expand(sidebar.model.index_of(Place(PICTURES.id)))
    choose(sidebar, Place(PICTURES.id, b"2023"))
    more = [replace(folder, photos=folder.photos + 1) for folder in FOLDERS]
    with qtbot.assertNotEmitted(sidebar.model.modelReset):
        sidebar.set_roots(ROOTS, more)
    assert shown(sidebar, Place(PICTURES.id), 1) == "1,235"


def test_a_drive_that_comes_back_is_no_longer_grey(sidebar: Sidebar, qtbot: Any) -> None:
    back = replace(ARCHIVE, online=True, note="")
    with qtbot.assertNotEmitted(sidebar.model.modelReset):
        sidebar.set_roots([PICTURES, back], FOLDERS)
    index = sidebar.model.index_of(Place(ARCHIVE.id))
    assert sidebar.model.data(index, Qt.ItemDataRole.ForegroundRole) is None


def test_a_new_folder_keeps_what_is_open_and_chosen(sidebar: Sidebar, qtbot: Any) -> None:
    sidebar.tree.expand(sidebar.model.index_of(Place(PICTURES.id)))
    choose(sidebar, Place(PICTURES.id, b"2023"))
    new = FolderCount(PICTURES.id, PICTURES.path / "2022", b"2022", 5)
    with qtbot.assertNotEmitted(sidebar.scope_chosen):
        sidebar.set_roots(ROOTS, [*FOLDERS, new])
    assert sidebar.tree.isExpanded(sidebar.model.index_of(Place(PICTURES.id)))
    assert sidebar.model.place(sidebar.tree.currentIndex()) == Place(PICTURES.id, b"2023")


def test_a_folder_that_is_gone_gives_way_to_its_parent(sidebar: Sidebar, qtbot: Any) -> None:
    choose(sidebar, Place(PICTURES.id, b"2023/Italy"))
    left = [folder for folder in FOLDERS if not folder.relpath.startswith(b"2023/")]
    with qtbot.waitSignal(sidebar.scope_chosen) as caught:
        sidebar.set_roots(ROOTS, left)
    assert caught.args == [Scope(PICTURES.id, b"2023")]
    with qtbot.waitSignal(sidebar.scope_chosen) as caught:
        sidebar.set_roots([ARCHIVE], [FOLDERS[-1]])
    assert caught.args == [Scope()]


def test_being_told_the_scope_is_silent(sidebar: Sidebar, qtbot: Any) -> None:
    with qtbot.assertNotEmitted(sidebar.scope_chosen):
        sidebar.choose(Scope(PICTURES.id, b"2024"))
    assert sidebar.model.place(sidebar.tree.currentIndex()) == Place(PICTURES.id, b"2024")


def test_hostile_folder_names_are_plain() -> None:
    root = Root(RootId(1), Path("/x/<b>roots</b>"), online=True)
    model = FolderTree()
    name = "<i>y\u202ez".encode() + b"\xff"
    model.show(Place.SECTION, folder_rows([root], [FolderCount(root.id, root.path, name, 1)]))
    assert model.data(model.index_of(Place(root.id, name))) == "<i>y\ufffdz\ufffd"
    tooltip = str(model.data(model.index_of(Place(root.id)), Qt.ItemDataRole.ToolTipRole))
    assert "<b>" not in tooltip


def test_folders_between_that_were_not_named_are_made() -> None:
    model = FolderTree()
    rows = folder_rows([PICTURES], [FolderCount(PICTURES.id, PICTURES.path, b"a/b/c", 1)])
    model.show(Place.SECTION, rows)
    assert model.index_of(Place(PICTURES.id, b"a/b")).isValid()


def test_ten_thousand_folders(qtbot: Any) -> None:
    folders = [
        FolderCount(PICTURES.id, PICTURES.path, f"{n // 100:03}/{n % 100:02}".encode(), 3)
        for n in range(10_000)
    ]
    sidebar = Sidebar()
    qtbot.addWidget(sidebar)
    sidebar.show()
    sidebar.set_roots([PICTURES], folders)
    sidebar.set_roots([PICTURES], folders)
    assert sidebar.model.index_of(Place(PICTURES.id, b"099/99")).isValid()
