"""Categories in the real window on the demo library: made, reviewed, undone, run, taken back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.tag_types import Category, Mode, TagSource
from engine.types import PhotoId
from gui.app import DEMO_PHOTOS, Desk

CHECKOUT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.skipif(
    not (CHECKOUT / "resources" / "demo" / "model" / "config.json").is_file(),
    reason="the demo model is not in this checkout",
)


@pytest.fixture
def desk(qtbot: QtBot, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "library", DEMO_PHOTOS, demo=True)
    qtbot.addWidget(made.window)
    made.window.resize(1200, 800)
    made.show()
    qtbot.waitUntil(lambda: made.session is not None, timeout=20_000)
    at_rest(qtbot, made)
    yield made
    made.window.close()


def at_rest(qtbot: QtBot, desk: Desk) -> None:
    qtbot.waitUntil(lambda: desk.session is not None and not desk.workers.tasks, timeout=90_000)


def until(qtbot: QtBot, true: Callable[[], bool]) -> None:
    qtbot.waitUntil(true, timeout=30_000)


def category(desk: Desk, name: str) -> Category:
    assert desk.session is not None
    found = [entry for entry in desk.session.tags.seen.categories if entry.name == name]
    assert found, desk.session.tags.seen
    return found[0]


def tagged(desk: Desk, name: str) -> set[PhotoId]:
    """Photos with a tag, by asking the engine itself."""
    assert desk.library is not None
    ids = desk.library.search(f"tag:{name}").hits
    return {hit.photo_id for hit in ids}


def test_from_the_first_category_to_a_run_that_is_taken_back(qtbot: QtBot, desk: Desk) -> None:
    window, session = desk.window, desk.session
    assert session is not None
    assert desk.library is not None
    tagging = desk.library.tagging
    page, review = window.tags.categories, window.tags.review

    # the way in: an empty page with one action
    window.menus.categories.trigger()
    assert "few words" in page.empty.sentence
    page.empty.acted.emit()
    picker = page.picker
    assert picker is not None
    until(qtbot, lambda: picker.groups.count() > 3)
    for word in ("cat", "red car"):
        picker.field.setText(word)
        QTest.keyClick(picker.field, Qt.Key.Key_Return)
    picker.add_button.click()
    until(qtbot, lambda: len(session.tags.seen.states) == 2)
    assert {entry.name for entry in session.tags.seen.categories} == {"cat", "red car"}
    until(qtbot, lambda: page.editor.name.text() == "cat")

    # typing another description changes the count before anything is kept
    until(qtbot, lambda: page.editor.cut.count > 0)
    before = page.editor.cut.count
    page.editor.prompts.setPlainText("a dog\na cat")
    until(qtbot, lambda: page.editor.cut.count > before)
    assert tagging.category("cat").prompts != ("a dog", "a cat")
    page.editor.prompts.setPlainText("a cat")
    page.editor.keep()
    until(qtbot, lambda: category(desk, "cat").prompts == ("a cat",))
    at_rest(qtbot, desk)

    # review: one key accepts, one rejects, undo brings back
    cat = category(desk, "cat")
    window.sidebar.review_chosen.emit(cat.id)
    tab = review.suggestions
    until(qtbot, lambda: tab.model.rowCount() > 10)
    first, second = tab.model.id_at(0), tab.model.id_at(1)
    QTest.keyClick(tab.view, Qt.Key.Key_Y)
    assert first not in tab.model.ids, "it leaves at once"
    QTest.keyClick(tab.view, Qt.Key.Key_N)
    until(qtbot, lambda: len(tagging.answers(cat.id)) == 2)
    assert {a.photo_id: a.accepted for a in tagging.answers(cat.id)} == {
        first: True,
        second: False,
    }
    assert [tag.source for tag in tagging.tags_of(first)] == [TagSource.USER]
    until(qtbot, lambda: session.tags.seen.states[cat.id].rejected == 1)
    window.menus.undo.trigger()
    until(qtbot, lambda: second in tab.model.ids)
    window.menus.undo.trigger()
    until(qtbot, lambda: first in tab.model.ids)
    assert tagging.answers(cat.id) == []
    assert tagging.tags_of(first) == []
    window.menus.redo.trigger()
    until(qtbot, lambda: len(tagging.answers(cat.id)) == 1)
    at_rest(qtbot, desk)

    # automatic: a run, which is taken back exactly
    tagging.change_category(replace(category(desk, "red car"), mode=Mode.AUTOMATIC))
    until(qtbot, lambda: session.tags.automatic)
    own = tagged(desk, "cat")
    with qtbot.waitSignal(session.tags.run_ended, timeout=30_000) as ended:
        window.menus.tag_all.trigger()
    assert ended.args is not None
    assert ended.args[0].run_id is not None
    red = category(desk, "red car").tag
    assert len(tagged(desk, f'"{red}"')) >= 2
    review.show_tab(review.runs)
    until(qtbot, lambda: len(review.runs.rows) == 1)
    review.runs.rows[0].back_button.click()
    until(qtbot, lambda: not tagged(desk, f'"{red}"'))
    assert tagged(desk, "cat") == own, "the user's own tags stay"
    until(qtbot, lambda: review.runs.rows[0].run.undone_at is not None)


def test_new_photos_are_tagged_when_indexing_settles(
    qtbot: QtBot, desk: Desk, tmp_path: Path
) -> None:
    assert desk.library is not None
    assert desk.session is not None
    tagging = desk.library.tagging
    tagging.add_category("sailing boat", mode=Mode.AUTOMATIC)
    until(qtbot, lambda: desk.session is not None and desk.session.tags.automatic)
    known = {hit.photo_id for hit in desk.library.search("sailing boat", limit=5).hits}
    more = tmp_path / "more"
    more.mkdir()
    for photo in desk.library.photos(sorted(known)):
        (more / photo.path.name).write_bytes(photo.path.read_bytes() + b"\0")
    desk.library.add_root(more)
    desk.session.keeper.look()
    until(qtbot, lambda: len(tagging.runs()) == 1)
    assert tagging.runs()[0].added >= 3
    at_rest(qtbot, desk)


def test_the_inspector_tells_tags_with_their_source(qtbot: QtBot, desk: Desk) -> None:
    assert desk.library is not None
    window, tagging = desk.window, desk.library.tagging
    cat = tagging.add_category("cat")
    best = tagging.suggestions(cat.id, limit=200)
    photo = max(best, key=lambda entry: entry.score).photo_id
    at_rest(qtbot, desk)
    section = window.tags.section
    window.grid.view.go_to(photo)

    def told() -> str:
        return " | ".join(
            widget.accessibleName() for widget in _rows(section) if widget.isVisibleTo(section)
        )

    until(qtbot, lambda: "suggested, " in told())
    section.field.setText("Family/Pets")
    QTest.keyClick(section.field, Qt.Key.Key_Return)
    until(qtbot, lambda: "Family/Pets, you" in told())
    assert [tag.path for tag in tagging.tags_of(photo)] == ["Family/Pets"]
    window.menus.undo.trigger()
    until(qtbot, lambda: "Family" not in told())


def _rows(section: QWidget) -> list[QWidget]:
    return [widget for widget in section.findChildren(QWidget) if ", " in widget.accessibleName()]
