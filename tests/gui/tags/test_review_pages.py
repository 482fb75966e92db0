"""Review, runs and tags in the window, with a library in memory: every state and way back."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fake_tagging import FakeTagging
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from engine.jobs import Job, Progress
from engine.tag_types import Category, Misfiled, Mode, TagReport, TagUndo
from engine.types import PhotoId
from gui.job_row import JobRow
from gui.main_window import MainWindow
from gui.tagging.popup import TagPopup

if TYPE_CHECKING:
    pass
from tagging_hand import at_rest, review, undo

# ---- review ----------------------------------------------------------------------------------


def test_keys_answer_and_the_next_photo_is_chosen(
    qtbot: QtBot, window: MainWindow, red: Category, tagging: FakeTagging
) -> None:
    review(qtbot, window, red)
    tab = window.tags.review.suggestions
    order = list(tab.model.ids)
    assert tab.view.selected_ids() == order[:1]
    QTest.keyClick(tab.view, Qt.Key.Key_Y)
    assert tab.view.selected_ids() == order[1:2]
    QTest.keyClick(tab.view, Qt.Key.Key_Backspace)
    QTest.keyClick(tab.view, Qt.Key.Key_S)
    assert tab.view.selected_ids() == order[3:4]
    QTest.keyClick(tab.view, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: tab.bar.accept_button.text().startswith("Accept 2"))
    QTest.keyClick(tab.view, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(tagging.said) == 4)
    assert tagging.said == {
        (red.id, order[0]): True,
        (red.id, order[1]): False,
        (red.id, order[3]): True,
        (red.id, order[4]): True,
    }
    qtbot.waitUntil(lambda: "3 accepted" in tab.progress.text())
    at_rest(qtbot, window)
    assert list(tab.model.ids) == order[5:]
    undo(qtbot, window)
    qtbot.waitUntil(lambda: list(tab.model.ids) == order[3:])


def test_the_whole_page_is_accepted_in_one_deed(
    qtbot: QtBot, window: MainWindow, red: Category, tagging: FakeTagging
) -> None:
    review(qtbot, window, red)
    tab = window.tags.review.suggestions
    assert tab.bar.all_button.text() == "Accept all 20"
    QTest.keyClick(tab.view, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: len(tagging.said) == 20)
    assert tab.empty.isVisible()
    assert "red" in tab.empty.sentence
    qtbot.waitUntil(lambda: window.session.tags.seen.states[red.id].accepted == 20)
    with qtbot.waitSignal(tab.photos_wanted):
        tab.empty.acted.emit()
    assert window.search_bar.text == "category:red"
    undo(qtbot, window)
    assert tagging.said == {}
    assert tagging.links == {}


def test_an_answer_given_while_photos_are_fetched_does_not_come_back(
    qtbot: QtBot,
    window: MainWindow,
    red: Category,
    tagging: FakeTagging,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    review(qtbot, window, red)
    tab = window.tags.review.suggestions
    first = tab.model.id_at(0)
    wait, real = threading.Event(), tagging.suggestions

    def slow(*args: object, **kwargs: object) -> object:
        found = real(*args, **kwargs)  # pyright: ignore[reportArgumentType]
        assert wait.wait(10)
        return found

    monkeypatch.setattr(tagging, "suggestions", slow)
    tab.refresh()
    QTest.keyClick(tab.view, Qt.Key.Key_Y)
    assert first not in tab.model.ids
    wait.set()
    at_rest(qtbot, window)
    assert first not in tab.model.ids
    assert tagging.said == {(red.id, first): True}


def test_all_categories_are_reviewed_together(
    qtbot: QtBot, window: MainWindow, red: Category, tagging: FakeTagging
) -> None:
    green = tagging.add_category("green")
    qtbot.waitUntil(lambda: window.session.tags.seen.waiting(green.id) == 20)
    review(qtbot, window, None)
    tab = window.tags.review.suggestions
    assert tab.model.rowCount() == 40
    assert not tab.cut.isVisible()
    tab.view.selectAll()
    tab.bar.reject_button.click()
    qtbot.waitUntil(lambda: len(tagging.said) == 40)
    assert {owner for owner, _ in tagging.said} == {red.id, green.id}
    qtbot.waitUntil(lambda: tab.empty.isVisible())
    undo(qtbot, window)
    qtbot.waitUntil(lambda: tab.model.rowCount() == 40)


def test_photos_around_the_cut_are_answered_in_their_strip(
    qtbot: QtBot, window: MainWindow, red: Category, tagging: FakeTagging
) -> None:
    review(qtbot, window, red)
    tab = window.tags.review.suggestions
    assert tab.cut.isVisible()
    nearest = tab.cut.below.ids[0]
    tab.cut.below.setFocus()
    QTest.keyClick(tab.cut.below, Qt.Key.Key_Y)
    qtbot.waitUntil(lambda: tagging.said == {(red.id, nearest): True})


def test_skipped_photos_can_be_brought_back(
    qtbot: QtBot, window: MainWindow, red: Category
) -> None:
    review(qtbot, window, red)
    tab = window.tags.review.suggestions
    tab.view.selectAll()
    tab.bar.skip_button.click()
    qtbot.waitUntil(lambda: tab.empty.isVisible())
    assert "skipped" in tab.empty.sentence
    tab.empty.acted.emit()
    qtbot.waitUntil(lambda: tab.model.rowCount() == 20)


def test_the_viewer_goes_back_to_the_review(
    qtbot: QtBot, window: MainWindow, red: Category
) -> None:
    review(qtbot, window, red)
    tab = window.tags.review.suggestions
    QTest.keyClick(tab.view, Qt.Key.Key_Space)
    assert window.stack.currentWidget() is window.viewer
    QTest.keyClick(window.viewer, Qt.Key.Key_Escape)
    assert window.stack.currentWidget() is window.tags.review


def test_misfiled_photos_get_the_better_tag_with_one_key(
    qtbot: QtBot, window: MainWindow, tagging: FakeTagging
) -> None:
    tagging.tag([PhotoId(1), PhotoId(2)], "Cats")
    tagging.lost = [
        Misfiled(PhotoId(1), "Cats", "Dogs", 0.8),
        Misfiled(PhotoId(3), "/photos/a", "/photos/b", 0.5, Path("/photos/b")),
    ]
    window.tags.show_review(None)
    tab = window.tags.review.misfiled
    window.tags.review.show_tab(tab)
    qtbot.waitUntil(lambda: len(tab.model.entries) == 2)
    assert tab.retag_button.text() == "Tag it “Dogs”"
    QTest.keyClick(tab.list, Qt.Key.Key_Y)
    qtbot.waitUntil(lambda: (PhotoId(1), "Dogs") in tagging.links)
    assert (PhotoId(1), "Cats") not in tagging.links
    assert len(tab.model.entries) == 1
    assert not tab.retag_button.isVisible(), "folders are for sorting"
    QTest.keyClick(tab.list, Qt.Key.Key_N)
    assert "beside it" in tab.empty.sentence
    undo(qtbot, window)
    assert (PhotoId(1), "Cats") in tagging.links
    assert (PhotoId(1), "Dogs") not in tagging.links


# ---- runs ------------------------------------------------------------------------------------


def test_a_run_is_told_with_the_way_back(
    qtbot: QtBot, window: MainWindow, red: Category, tagging: FakeTagging
) -> None:
    tagging.change_category(replace(red, mode=Mode.AUTOMATIC))
    qtbot.waitUntil(lambda: window.session.tags.automatic)
    with qtbot.waitSignal(window.session.history.told) as told:
        window.menus.tag_all.trigger()
    assert told.args is not None
    assert told.args[0].startswith("20 tag")
    assert len(tagging.links) == 20
    window.tags.show_review(None)
    runs = window.tags.review.runs
    window.tags.review.show_tab(runs)
    qtbot.waitUntil(lambda: len(runs.rows) == 1)
    qtbot.waitUntil(runs.rows[0].back_button.isVisible)
    undo(qtbot, window)
    assert tagging.links == {}
    qtbot.waitUntil(lambda: runs.rows[0].run.undone_at is not None)


def test_a_run_is_a_job_that_can_be_cancelled(
    qtbot: QtBot,
    window: MainWindow,
    red: Category,
    tagging: FakeTagging,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tagging.change_category(replace(red, mode=Mode.AUTOMATIC))
    qtbot.waitUntil(lambda: window.session.tags.automatic)
    go_on = threading.Event()

    def slow(_ids: object = None) -> Job[TagReport]:
        for done in range(1000):
            yield Progress(done, 1000, "red")
            assert go_on.wait(10)
        return TagReport(None, 60, (), 0.0)

    monkeypatch.setattr(tagging, "run", slow)
    window.menus.tag_all.trigger()

    def row() -> JobRow | None:
        return next(iter(window.status.findChildren(JobRow)), None)

    qtbot.waitUntil(lambda: "Tagging photos: red" in getattr(row(), "text", ""))
    shown = row()
    assert shown is not None
    assert "photos/s" not in shown.text
    window.menus.tag_all.trigger()  # one at a time
    shown.cancel_button.click()
    go_on.set()
    qtbot.waitUntil(lambda: not window.session.tags.at_work)
    at_rest(qtbot, window)


def test_without_an_automatic_category_a_run_only_counts(
    qtbot: QtBot, window: MainWindow, red: Category
) -> None:
    with qtbot.waitSignal(window.session.tags.run_ended):
        window.menus.tag_all.trigger()
    assert window.status.notice_label.text().startswith("20 suggestion")


# ---- tags ------------------------------------------------------------------------------------


def test_t_tags_the_selection_off_the_gui_thread(
    qtbot: QtBot, window: MainWindow, tagging: FakeTagging, monkeypatch: pytest.MonkeyPatch
) -> None:
    threads: list[str] = []
    real = tagging.tag

    def noted(ids: list[PhotoId], name: str) -> TagUndo:
        threads.append(threading.current_thread().name)
        return real(ids, name)

    monkeypatch.setattr(tagging, "tag", noted)
    window.menus.select_all.trigger()
    window.menus.tag.trigger()
    popup = next(w for w in QApplication.topLevelWidgets() if isinstance(w, TagPopup))
    QTest.keyClicks(popup.field, " Family /  Anna ")
    QTest.keyClick(popup.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(tagging.links) == 60)
    assert {path for _, path in tagging.links} == {"Family/Anna"}
    assert threads != [threading.main_thread().name]
    qtbot.waitUntil(lambda: "60 photo" in window.status.notice_label.text())
    window.status.notice_button.click()
    qtbot.waitUntil(lambda: tagging.links == {})


def test_t_does_nothing_without_a_selection(window: MainWindow) -> None:
    window.menus.select_none.trigger()
    window.menus.tag.trigger()
    assert not any(
        isinstance(w, TagPopup) and w.isVisible() for w in QApplication.topLevelWidgets()
    )


def test_the_inspector_answers_and_removes(
    qtbot: QtBot, window: MainWindow, red: Category, tagging: FakeTagging
) -> None:
    section = window.tags.section
    window.grid.view.go_to(PhotoId(3))  # a red one
    qtbot.waitUntil(lambda: _button(window, "Accept “red”") is not None)
    _click(window, "Accept “red”")
    qtbot.waitUntil(lambda: tagging.said == {(red.id, PhotoId(3)): True})
    qtbot.waitUntil(lambda: _button(window, "Take “red” off") is not None)
    _click(window, "Take “red” off")
    qtbot.waitUntil(lambda: tagging.links == {})
    section.field.setText("Mine")
    QTest.keyClick(section.field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: _button(window, "Take “Mine” off") is not None)
    window.grid.view.go_to(PhotoId(1))
    qtbot.waitUntil(lambda: _button(window, "Take “Mine” off") is None)
    assert section.field.text() == ""


def _button(window: MainWindow, name: str) -> object:
    found = window.tags.section.findChildren(QToolButton)
    return next((b for b in found if b.accessibleName() == name and b.isVisible()), None)


def _click(window: MainWindow, name: str) -> None:
    button = _button(window, name)
    assert isinstance(button, QToolButton)
    button.click()


def test_the_memory_of_the_vectors_is_given_back(
    qtbot: QtBot, window: MainWindow, red: Category, tagging: FakeTagging
) -> None:
    window.session.tags._quiet.setInterval(0)  # pyright: ignore[reportPrivateUsage]
    window.session.tags.refresh()
    qtbot.waitUntil(lambda: tagging.rested > 0)
