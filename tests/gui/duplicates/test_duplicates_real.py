"""Duplicates in the real window on real files: found, compared, cleared, brought back later."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Generator
from pathlib import Path

import pytest
from duplicates_sample import EDITS, make_sample
from pytestqt.qtbot import QtBot

from engine.duplicate_types import DuplicateClass
from gui.app import DEMO_PHOTOS, Desk
from gui.duplicates.pair_view import Mode

pytestmark = pytest.mark.skipif(
    not (DEMO_PHOTOS.parent / "model" / "config.json").is_file(),
    reason="the demo model is not in this checkout",
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path, None, None]:
    """A folder in memory where that is possible, with a trash of its own."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    memory = Path("/dev/shm")
    if os.name != "posix" or not memory.is_dir():
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(dir=memory) as scratch:
        yield Path(scratch)


def opened(qtbot: QtBot, home: Path) -> Desk:
    desk = Desk(home / "library", home / "Pictures", demo=True)
    qtbot.addWidget(desk.window)
    desk.window.resize(1200, 800)
    desk.show()
    qtbot.waitUntil(lambda: desk.session is not None, timeout=20_000)
    rest(qtbot, desk)
    return desk


def rest(qtbot: QtBot, desk: Desk) -> None:
    qtbot.waitUntil(lambda: not desk.workers.tasks, timeout=90_000)


def tree(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".Trash" not in path.as_posix()
    }


def test_copies_are_found_cleared_and_brought_back_after_a_restart(
    qtbot: QtBot, home: Path
) -> None:
    originals = make_sample(DEMO_PHOTOS, home / "Pictures", copies=3, several=False)
    before = tree(home / "Pictures")
    desk = opened(qtbot, home)
    desk.window.menus.duplicates.trigger()
    page = desk.window.duplicates.page
    rest(qtbot, desk)
    assert page.stack.currentWidget() is page.empty
    with qtbot.waitSignal(page.work.searched, timeout=60_000):
        page.empty.acted.emit()
    rest(qtbot, desk)
    review = page.review
    assert page.stack.currentWidget() is review
    groups = review.list.rows.groups
    assert len(groups) == len(originals)
    assert {group.members[0].path for group in groups} == set(originals)

    review.choose(DuplicateClass.SAME_PICTURE)
    rest(qtbot, desk)
    stage = review.pane.compare.stage
    for row, group in enumerate(review.list.rows.groups):
        review.list.setCurrentIndex(review.list.rows.index(row))
        review.pane.compare.set_mode(Mode.DIFFERENCE)
        qtbot.waitUntil(lambda: stage.difference is not None, timeout=20_000)
        rest(qtbot, desk)
        assert stage.difference is not None
        lighter = any("lighter" in member.path.name for member in group.members)
        assert lighter or stage.difference.share < 0.25, group.members[1].path.name
    found = {m.path.stem.split("-")[-1] for g in review.list.rows.groups for m in g.members}
    assert found >= {*EDITS} - {"cropped"}, found  # of a drawn photo too little may be left

    review.choose(DuplicateClass.IDENTICAL)
    rest(qtbot, desk)
    assert "3" in review.foot.clear_button.text()
    with qtbot.waitSignal(page.work.cleared, timeout=60_000):
        review.foot.clear_button.click()
    rest(qtbot, desk)
    after = tree(home / "Pictures")
    assert len(after) == len(before) - 3
    assert set(before.values()) == set(after.values()), "of everything one is there"
    assert review.list.rows.groups == []
    desk.window.close()
    rest(qtbot, desk)

    again = opened(qtbot, home)
    again.window.menus.duplicates.trigger()
    page = again.window.duplicates.page
    rest(qtbot, again)
    page.show_runs()
    rest(qtbot, again)
    with qtbot.waitSignal(page.work.brought_back, timeout=60_000):
        page.runs.rows[0].back_button.click()
    rest(qtbot, again)
    assert tree(home / "Pictures") == before
    page.show_groups()
    rest(qtbot, again)
    qtbot.waitUntil(lambda: len(page.review.list.rows.groups) == 3, timeout=20_000)
    again.window.close()
