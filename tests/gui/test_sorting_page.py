"""Sorting through the real window: plan, change, apply, take back; the tree is as it was."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragMoveEvent, QDropEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.file_types import RunState, SortMode
from engine.types import PhotoId
from gui.app import DEMO_PHOTOS, Desk
from gui.grid.view import dragged
from gui.sorting.engine_notes import note_text
from gui.sorting.groups import STAYS, GroupKey, category_key
from gui.sorting.page import SortingPage

CHECKOUT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(
    not (CHECKOUT / "resources" / "demo" / "model" / "config.json").is_file(),
    reason="the demo model is not in this checkout",
)
PHOTOS = 40
Tree = dict[str, tuple[bytes, int]]


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    sources = sorted(DEMO_PHOTOS.rglob("*.jpg"))
    for source in sources[:: max(1, len(sources) // PHOTOS)][:PHOTOS]:
        to = folder / source.parent.name / source.name
        to.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, to)
    first = sorted(folder.rglob("*.jpg"))[0]
    first.with_suffix(".xmp").write_text("<x:xmpmeta/>")
    return folder


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path, photos: Path) -> Iterator[Desk]:
    made = open_desk(qtbot, tmp_path, photos)
    assert made.library is not None
    tagging = made.library.tagging
    group = tagging.add_set("Sorting", exclusive=True)
    for name, prompts in (
        ("Sea", ("a beach", "the sea")),
        ("Pets", ("a cat", "a dog")),
        ("Cars", ("a car",)),
    ):
        tagging.add_category(name, prompts, set_id=group.id)
    yield made
    made.window.close()


def open_desk(qtbot: QtBot, tmp_path: Path, photos: Path) -> Desk:
    made = Desk(tmp_path / "library", photos, demo=True)
    qtbot.addWidget(made.window)
    made.show()
    qtbot.waitUntil(lambda: made.session is not None, timeout=20_000)
    at_rest(qtbot, made)
    return made


def at_rest(qtbot: QtBot, desk: Desk) -> None:
    qtbot.waitUntil(lambda: desk.session is not None and not desk.workers.tasks, timeout=90_000)


def tree(folder: Path) -> Tree:
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def rule(qtbot: QtBot, desk: Desk, into: Path, mode: SortMode) -> SortingPage:
    """Go to the page as a user does, and say what is wanted."""
    page = desk.window.sorting.page
    desk.window.menus.sort.trigger()
    qtbot.waitUntil(lambda: len(page.rule.categories.known) == 3, timeout=20_000)
    page.show_rule()
    assert page.stack.currentWidget() is page.rule
    page.rule.categories.choose({"Sea", "Pets", "Cars"})
    page.rule.set_folder(into)
    page.rule.set_mode(mode)
    with qtbot.waitSignal(page.work.previewed, timeout=30_000):
        page.rule.plan_button.click()
    assert page.stack.currentWidget() is page.plan
    return page


def after_preview(qtbot: QtBot, desk: Desk, act: Callable[[], object]) -> None:
    page = desk.window.sorting.page
    with qtbot.waitSignal(page.work.previewed, timeout=30_000):
        act()
    at_rest(qtbot, desk)


def drop(page: SortingPage, key: GroupKey, ids: list[PhotoId]) -> None:
    """Drag photos of the grid over a group and let go."""
    groups = page.plan.groups
    row = groups.groups.row_of(key)
    assert row is not None
    at = groups.visualRect(groups.groups.index(row)).center()
    mime: QMimeData = dragged([], ids)
    copy, left, plain = (
        Qt.DropAction.CopyAction,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    groups.dragEnterEvent(QDragEnterEvent(QPoint(5, 5), copy, mime, left, plain))
    groups.dragMoveEvent(QDragMoveEvent(at, copy, mime, left, plain))
    event = QDropEvent(QPointF(at), copy, mime, left, plain, QEvent.Type.Drop)
    groups.dropEvent(event)
    assert event.isAccepted()


def filled(page: SortingPage) -> tuple[str, list[PhotoId]]:
    """A group with photos."""
    preview = page.work.preview
    assert preview is not None
    return next((name, list(ids)) for name, ids in preview.groups.items() if ids)


def apply(qtbot: QtBot, desk: Desk) -> None:
    page = desk.window.sorting.page
    assert page.plan.apply_button.isEnabled(), page.plan.trouble.text()
    with qtbot.waitSignal(page.work.ended, timeout=60_000):
        page.plan.apply_button.click()
    at_rest(qtbot, desk)
    assert page.stack.currentWidget() is page.report


def vectors(desk: Desk) -> int:
    assert desk.library is not None
    counts = desk.library.counts()
    return counts.photos - counts.not_searchable


def test_copies_with_a_photo_dragged_elsewhere_and_takes_them_back(
    qtbot: QtBot, desk: Desk, tmp_path: Path, photos: Path
) -> None:
    before = tree(tmp_path / "photos")
    into = tmp_path / "sorted"
    page = rule(qtbot, desk, into, SortMode.COPY)
    preview = page.work.preview
    assert preview is not None
    assert preview.plan.going > 0
    assert preview.stays
    assert "is not watched" in page.plan.notes.text()
    assert page.plan.notes.text() == note_text(preview.plan.notes[0])

    name, ids = filled(page)
    other = "Cars" if name != "Cars" else "Pets"
    photo_id = ids[0]
    page.plan.groups.choose(category_key(name))
    page.plan.view.go_to(photo_id)
    after_preview(qtbot, desk, lambda: drop(page, category_key(other), [photo_id]))
    assert page.work.preview is not None
    assert photo_id in page.work.preview.groups[other]
    assert photo_id not in page.plan.model.ids
    undoable = desk.window.session.history.undoable
    assert other in undoable
    after_preview(qtbot, desk, desk.window.menus.undo.trigger)
    assert photo_id in page.work.preview.groups[name]
    after_preview(qtbot, desk, desk.window.menus.redo.trigger)
    assert photo_id in page.work.preview.groups[other]

    going = page.work.preview.plan.going
    after_preview(qtbot, desk, lambda: page.plan.threshold.slider.setValue(990))
    surest = page.work.preview.plan.going
    assert surest < going
    assert photo_id in page.work.preview.groups[other], "what the user placed stays placed"
    after_preview(qtbot, desk, lambda: page.plan.threshold.own_button.click())
    assert page.work.preview.plan.going == going

    assert str(going) in page.plan.apply_button.text()
    apply(qtbot, desk)
    run = page.report.run
    assert run is not None
    assert run.there == going
    assert len([p for p in into.rglob("*.jpg") if p.is_file()]) == going
    path = desk.window.session.library.photos([photo_id])[0].path
    assert (into / other / path.name).read_bytes() == path.read_bytes()
    assert tree(photos) == before

    with qtbot.waitSignal(page.work.ended, timeout=60_000):
        page.report.back_button.click()
    at_rest(qtbot, desk)
    assert tree(photos) == before
    assert not into.exists() or not list(into.rglob("*"))
    assert page.report.run is not None
    assert page.report.run.run.state is RunState.UNDONE
    assert not page.report.back_button.isVisible()


def test_moves_within_the_library_without_embedding_anew_and_back_after_a_restart(
    qtbot: QtBot, desk: Desk, tmp_path: Path, photos: Path
) -> None:
    before = tree(photos)
    assert desk.library is not None
    known, with_vectors = desk.library.counts().photos, vectors(desk)
    page = rule(qtbot, desk, photos / "Sorted", SortMode.MOVE)
    assert "in the library too" in page.plan.notes.text(), "the engine's sentence is known"
    name, ids = filled(page)
    page.plan.groups.choose(category_key(name))
    page.plan.view.go_to(ids[0])
    after_preview(qtbot, desk, lambda: QTest.keyClick(page.plan.view, Qt.Key.Key_0))
    assert page.work.preview is not None
    assert ids[0] in page.work.preview.stays
    moved = [i for i in ids if i != ids[0]]
    apply(qtbot, desk)
    run = page.report.run
    assert run is not None
    assert run.there == page.work.preview.plan.going
    for photo in desk.library.photos(moved):
        assert photo.path.parent == photos / "Sorted" / name, "the catalog follows"
        assert photo.path.is_file()
    assert desk.library.counts().photos == known
    assert vectors(desk) == with_vectors, "no photo waits for a vector again"
    assert len(list(photos.rglob("*.xmp"))) == 1

    desk.window.close()
    again = open_desk(qtbot, tmp_path, photos)
    page = again.window.sorting.page
    again.window.sorting.show()
    page.show_runs()
    qtbot.waitUntil(lambda: len(page.runs.rows) == 1, timeout=20_000)
    with qtbot.waitSignal(page.work.ended, timeout=60_000):
        page.runs.rows[0].back_button.click()
    at_rest(qtbot, again)
    assert tree(photos) == before
    assert not (photos / "Sorted").exists()
    assert page.runs.rows[0].run.state is RunState.UNDONE
    assert vectors(again) == with_vectors
    again.window.close()


def test_what_was_changed_since_is_left_and_named(
    qtbot: QtBot, desk: Desk, tmp_path: Path, photos: Path
) -> None:
    into = tmp_path / "sorted"
    page = rule(qtbot, desk, into, SortMode.COPY)
    apply(qtbot, desk)
    changed = next(p for p in sorted(into.rglob("*.jpg")))
    changed.write_bytes(changed.read_bytes() + b"more")
    os.utime(changed)
    with qtbot.waitSignal(page.work.ended, timeout=60_000):
        desk.window.menus.undo.trigger()
    at_rest(qtbot, desk)
    run = page.report.run
    assert run is not None
    assert [path.name for path, _ in run.left] == [changed.name]
    assert page.report.left.topLevelItemCount() == 1
    item = page.report.left.topLevelItem(0)
    assert item is not None
    assert item.text(1) == "It was changed since."
    assert page.report.back_button.isVisible(), "it can be tried again"
    assert changed.exists()


def test_a_library_without_categories_leads_to_them(
    qtbot: QtBot, tmp_path: Path, photos: Path
) -> None:
    desk = open_desk(qtbot, tmp_path, photos)
    desk.window.sorting.show()
    at_rest(qtbot, desk)
    page = desk.window.sorting.page
    assert page.stack.currentWidget() is page.empty
    page.empty.acted.emit()
    assert desk.window.stack.currentWidget() is desk.window.tags.categories
    desk.window.close()


def test_keys_and_menu_move_photos_and_stays_is_a_group(
    qtbot: QtBot, desk: Desk, tmp_path: Path
) -> None:
    page = rule(qtbot, desk, tmp_path / "sorted", SortMode.COPY)
    assert page.work.preview is not None
    page.plan.groups.choose(STAYS)
    photo_id = page.work.preview.stays[0]
    page.plan.view.go_to(photo_id)
    after_preview(qtbot, desk, lambda: QTest.keyClick(page.plan.view, Qt.Key.Key_2))
    name = page.work.preview.choice.categories[1]
    assert photo_id in page.work.preview.groups[name]
    page.plan.groups.choose(category_key(name))
    page.plan.view.go_to(photo_id)
    menu = page.plan.menu()
    texts = [action.text().split("\t")[0] for action in menu.actions()]
    assert texts[:3] == ["Sea", "Pets", "Cars"]
    after_preview(qtbot, desk, lambda: menu.actions()[-1].trigger())
    assert photo_id in page.work.preview.stays
