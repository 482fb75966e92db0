"""Categories, review and tags in the window, with a library in memory: every state and way back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest
from fake_library import FakeLibrary, photo
from fake_tagging import FakeTagging
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QToolButton
from pytestqt.qtbot import QtBot

from engine.jobs import Job, Progress
from engine.tag_types import Category, CategoryIdea, Misfiled, Mode, TagReport, TagUndo
from engine.types import PhotoId
from gui.folder_tree import Place
from gui.grid.view import dragged, dragged_photos
from gui.job_row import JobRow
from gui.main_window import MainWindow
from gui.session import Session
from gui.tagging.popup import TagPopup
from gui.workers import Workers

if TYPE_CHECKING:
    from engine import Library

COLOURS = ("red", "green", "blue")


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary([photo(n, colour=COLOURS[n % 3]) for n in range(1, 61)])


@pytest.fixture
def tagging(library: FakeLibrary) -> FakeTagging:
    return library.tagging


@pytest.fixture
def window(qtbot: QtBot, workers: Workers, library: FakeLibrary) -> Iterator[MainWindow]:
    session = Session(cast("Library", library), workers)
    made = MainWindow()
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    with qtbot.waitSignals([session.lister.listed, session.keeper.settled]):
        made.attach(session)
    qtbot.waitUntil(lambda: workers.tasks == [])
    yield made
    assert workers.shutdown()
    session.close()


@pytest.fixture
def red(qtbot: QtBot, window: MainWindow, tagging: FakeTagging) -> Category:
    """A category that finds the twenty red photos."""
    made = tagging.add_category("red")
    qtbot.waitUntil(lambda: made.id in window.session.tags.seen.states)
    return made


def at_rest(qtbot: QtBot, window: MainWindow) -> None:
    qtbot.waitUntil(lambda: window.session.workers.tasks == [])


def review(qtbot: QtBot, window: MainWindow, category: Category | None) -> None:
    window.tags.show_review(category.id if category is not None else None)
    qtbot.waitUntil(lambda: window.tags.review.suggestions.model.rowCount() > 0)
    at_rest(qtbot, window)


def undo(qtbot: QtBot, window: MainWindow) -> None:
    at_rest(qtbot, window)  # what was done last is known to the history
    history = window.session.history
    with qtbot.waitSignal(history.told, check_params_cb=_is_undone):
        window.menus.undo.trigger()


def _is_undone(words: str, _button: str, _act: object) -> bool:
    return words.startswith("Undone: ")


# ---- sidebar ---------------------------------------------------------------------------------


def test_the_sidebar_tells_sets_categories_and_what_waits(
    qtbot: QtBot, window: MainWindow, red: Category, tagging: FakeTagging
) -> None:
    model = window.sidebar.model

    def shown(place: Place, column: int) -> str:
        return str(model.index_of(place).siblingAtColumn(column).data())

    assert shown(Place.of_category(red.id), 0) == "red"
    assert shown(Place.of_category(red.id), 1) == "20"
    assert shown(Place.REVIEW, 1) == "20"
    assert shown(Place.of_set(red.set_id), 0) == "Categories"
    assert shown(Place.CATEGORIES, 1) == ""
    tagging.change_category(replace(red, mode=Mode.OFF))
    qtbot.waitUntil(lambda: shown(Place.REVIEW, 1) == "")


def test_a_row_of_the_sidebar_leads_to_its_page(
    qtbot: QtBot, window: MainWindow, red: Category
) -> None:
    tree, model = window.sidebar.tree, window.sidebar.model
    tree.setCurrentIndex(model.index_of(Place.of_category(red.id)))
    assert window.stack.currentWidget() is window.tags.review
    assert window.tags.review.suggestions.category_id == red.id
    tree.setCurrentIndex(model.index_of(Place.of_set(red.set_id)))
    assert window.stack.currentWidget() is window.tags.categories
    assert window.tags.categories.set_editor.set_id == red.set_id
    assert not window.search_bar.isVisible()
    window.menus.search.trigger()
    assert window.stack.currentWidget() is window.grid
    assert model.place(tree.currentIndex()) == Place.ALL


def test_photos_dropped_on_a_category_are_its_examples(
    qtbot: QtBot, window: MainWindow, red: Category, tagging: FakeTagging, library: FakeLibrary
) -> None:
    model = window.sidebar.model
    ids = [PhotoId(3), PhotoId(6)]
    mime = dragged([library.shelf[id_] for id_ in ids], ids)
    assert dragged_photos(mime) == ids
    assert dragged_photos(QMimeData()) == []
    onto, action = model.index_of(Place.of_category(red.id)), Qt.DropAction.CopyAction
    assert not model.canDropMimeData(mime, action, -1, -1, model.index_of(Place.REVIEW))
    assert model.canDropMimeData(mime, action, -1, -1, onto)
    model.dropMimeData(mime, action, -1, -1, onto)
    qtbot.waitUntil(lambda: tagging.shelf[red.id].examples == tuple(ids))
    undo(qtbot, window)
    assert tagging.shelf[red.id].examples == ()


# ---- categories ------------------------------------------------------------------------------


def test_the_first_step_is_one_sentence_and_one_action(
    qtbot: QtBot, window: MainWindow, tagging: FakeTagging
) -> None:
    page = window.tags.categories
    tagging.ideas = [CategoryIdea("Holidays", "You have 20 photos with it.", (), (), 20)]
    window.tags.show_categories()
    page.empty.acted.emit()
    picker = page.picker
    assert picker is not None
    qtbot.waitUntil(lambda: picker.groups.count() == 3 and picker.list.count() > 0)
    assert not picker.add_button.isEnabled()
    picker.groups.setCurrentRow(0)
    picker.list.item(0).setCheckState(Qt.CheckState.Checked)
    for typed in ("dog", "红", "my own words"):
        picker.field.setText(typed)
        QTest.keyClick(picker.field, Qt.Key.Key_Return)
    picker.add_button.click()
    names = {"Holidays", "dog", "red", "my own words"}
    qtbot.waitUntil(lambda: {c.name for c in tagging.categories()} == names)
    assert len({c.colour for c in tagging.categories()}) == 4
    qtbot.waitUntil(lambda: len(window.session.tags.seen.categories) == 4)
    at_rest(qtbot, window)
    undo(qtbot, window)
    assert tagging.categories() == []


def test_what_is_typed_is_scored_before_it_is_kept(
    qtbot: QtBot, window: MainWindow, red: Category, tagging: FakeTagging
) -> None:
    window.tags.edit(red.id)
    editor = window.tags.categories.editor
    qtbot.waitUntil(lambda: editor.cut.count == 20)
    editor.prompts.setPlainText("red\nblue")
    qtbot.waitUntil(lambda: editor.cut.count == 40)
    assert tagging.shelf[red.id].prompts == ()
    assert editor.cut.count_label.text().startswith("40 photo")
    editor.prompts.left.emit()
    qtbot.waitUntil(lambda: tagging.shelf[red.id].prompts == ("red", "blue"))
    undo(qtbot, window)
    assert tagging.shelf[red.id].prompts == ()
    qtbot.waitUntil(lambda: editor.prompts.toPlainText() == "")
    qtbot.waitUntil(lambda: editor.cut.count == 20)


def test_what_is_being_typed_is_left_alone_by_news(
    qtbot: QtBot, window: MainWindow, red: Category, tagging: FakeTagging
) -> None:
    window.tags.edit(red.id)
    editor = window.tags.categories.editor
    editor.prompts.setPlainText("gre")
    editor.name.setText("Gr")
    tagging.tag([PhotoId(1)], "Something")
    qtbot.waitUntil(lambda: "Something" in window.session.tags.seen.tags)
    assert editor.prompts.toPlainText() == "gre"
    assert editor.name.text() == "Gr"
    window.show_page(window.grid)  # leaving the page keeps it
    qtbot.waitUntil(lambda: tagging.shelf[red.id].name == "Gr")
    assert tagging.shelf[red.id].prompts == ("gre",)


def test_a_name_that_is_taken_is_put_back(
    qtbot: QtBot, window: MainWindow, red: Category, tagging: FakeTagging
) -> None:
    tagging.add_category("green")
    window.tags.edit(red.id)
    editor = window.tags.categories.editor
    editor.name.setText("green")
    with qtbot.waitSignal(window.session.history.told) as told:
        editor.keep()
    assert told.args is not None
    assert "already" in told.args[0]
    assert editor.name.text() == "red"
    assert tagging.shelf[red.id].name == "red"


def test_mode_colour_folder_and_learning_are_kept_at_once(
    qtbot: QtBot, window: MainWindow, red: Category, tagging: FakeTagging
) -> None:
    window.tags.edit(red.id)
    editor = window.tags.categories.editor
    qtbot.waitUntil(lambda: editor.cut.count == 20)
    editor.mode.choose(Mode.AUTOMATIC)
    editor.colour.menu().actions()[5].trigger()
    editor.learning.click()
    editor.target.setText("Trips/Red")
    editor.target.editingFinished.emit()
    qtbot.waitUntil(lambda: tagging.shelf[red.id].target == "Trips/Red")
    kept = tagging.shelf[red.id]
    assert (kept.mode, kept.colour, kept.learning) == (Mode.AUTOMATIC, "#539bf5", False)
    for _ in range(4):
        undo(qtbot, window)
    assert tagging.shelf[red.id] == red


def test_a_category_and_a_set_can_be_removed_and_come_back(
    qtbot: QtBot, window: MainWindow, red: Category, tagging: FakeTagging
) -> None:
    window.tags.edit(red.id)
    page = window.tags.categories
    qtbot.waitUntil(lambda: page.tree.chosen == ("category", red.id))
    with qtbot.waitSignal(window.session.history.told):
        QTest.keyClick(page.tree, Qt.Key.Key_Delete)
    assert tagging.categories() == []
    undo(qtbot, window)
    assert tagging.categories() == [red]
    qtbot.waitUntil(lambda: window.session.tags.seen.category(red.id) is not None)
    page.choose_set(red.set_id)
    at_rest(qtbot, window)
    with qtbot.waitSignal(window.session.history.told):
        page.set_editor.remove()
    assert tagging.sets() == []
    qtbot.waitUntil(lambda: not window.session.tags.seen.sets)
    undo(qtbot, window)
    assert tagging.categories() == [red]


def test_a_new_set_is_named_right_away_and_can_exclude(
    qtbot: QtBot, window: MainWindow, red: Category, tagging: FakeTagging
) -> None:
    window.tags.show_categories()
    page = window.tags.categories
    actions = page.add_button.menu().actions()
    actions[2].trigger()
    qtbot.waitUntil(lambda: page.set_editor.name.text() == "New set")
    editor = page.set_editor
    assert editor.kind.value is True
    editor.name.setText("Things")
    editor.contrast.setPlainText("an empty room\na blurry photo")
    editor.contrast.left.emit()
    editor.kind.choose(False)
    qtbot.waitUntil(lambda: not tagging.sets()[-1].exclusive)
    made = tagging.sets()[-1]
    assert (made.name, made.contrast) == ("Things", ("an empty room", "a blurry photo"))
    editor.add_button.click()
    qtbot.waitUntil(lambda: page.editor.name.text() == "New category")
    assert tagging.categories()[-1].set_id == made.id


def test_the_menu_of_photos_makes_examples(
    qtbot: QtBot, window: MainWindow, red: Category, tagging: FakeTagging
) -> None:
    window.grid.view.go_to(PhotoId(9))
    menu = window.grid.menu()
    examples = [action.menu() for action in menu.actions() if "example" in action.text()]
    assert examples
    entry = examples[0].actions()[0]  # pyright: ignore[reportAttributeAccessIssue]
    assert entry.text() == "red"
    entry.trigger()
    qtbot.waitUntil(lambda: tagging.shelf[red.id].examples == (PhotoId(9),))
    window.tags.edit(red.id)
    editor = window.tags.categories.editor
    qtbot.waitUntil(lambda: editor.examples.ids == [PhotoId(9)])
    mime = dragged([], [PhotoId(12), PhotoId(9)])
    editor.examples.dropEvent(
        QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton,
                   Qt.KeyboardModifier.NoModifier)
    )  # fmt: skip
    qtbot.waitUntil(lambda: tagging.shelf[red.id].examples == (PhotoId(9), PhotoId(12)))
    qtbot.waitUntil(lambda: editor.examples.ids == [PhotoId(9), PhotoId(12)])
    editor.examples.setFocus()
    QTest.keyClick(editor.examples, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: tagging.shelf[red.id].examples == (PhotoId(12),))


def test_the_slider_moves_the_cut_and_its_words(
    qtbot: QtBot, window: MainWindow, red: Category, tagging: FakeTagging
) -> None:
    window.tags.edit(red.id)
    cut = window.tags.categories.editor.cut
    qtbot.waitUntil(lambda: cut.count == 20)
    assert "9 of 10" in cut.estimate_label.text()
    assert not cut.automatic_button.isVisible()
    with qtbot.waitSignal(cut.moved):
        cut.slider.setValue(220)
    assert cut.count > 20, "counted at once, before anything is kept"
    assert cut.above.ids
    assert cut.below.ids
    qtbot.waitUntil(lambda: tagging.shelf[red.id].threshold == 0.22)
    qtbot.waitUntil(cut.automatic_button.isVisible)
    cut.automatic_button.click()
    qtbot.waitUntil(lambda: tagging.shelf[red.id].threshold is None)
    qtbot.waitUntil(lambda: cut.count == 20)


def test_without_a_model_the_pages_say_so(
    qtbot: QtBot, window: MainWindow, red: Category, tagging: FakeTagging
) -> None:
    tagging.no_model = "There is no model on this computer yet."
    window.session.tags.refresh()
    qtbot.waitUntil(lambda: bool(window.session.tags.seen.note))
    window.tags.edit(red.id)
    editor = window.tags.categories.editor
    qtbot.waitUntil(lambda: "no model" in editor.cut.estimate_label.text())
    window.tags.show_review(red.id)
    tab = window.tags.review.suggestions
    qtbot.waitUntil(lambda: "no model" in tab.empty.sentence)


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


def test_the_search_bar_completes_tags_and_categories(
    qtbot: QtBot, window: MainWindow, red: Category, tagging: FakeTagging
) -> None:
    tagging.tag([PhotoId(1)], "Places/New York")
    qtbot.waitUntil(lambda: "Places/New York" in window.session.tags.seen.tags)
    field = window.search_bar.focusProxy()
    assert isinstance(field, QLineEdit)
    popup = window.tags.completion.popup
    QTest.keyClicks(field, "dog -tag:yor")
    assert popup.isVisible()
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert field.text() == 'dog -tag:"Places/New York" '
    field.clear()
    QTest.keyClicks(field, "category:R")
    assert popup.isVisible()
    QTest.keyClick(popup, Qt.Key.Key_Down)
    QTest.keyClick(popup, Qt.Key.Key_Return)
    assert field.text() == "category:red "
    field.clear()
    QTest.keyClicks(field, "plain words")
    assert not popup.isVisible()


def test_the_memory_of_the_vectors_is_given_back(
    qtbot: QtBot, window: MainWindow, red: Category, tagging: FakeTagging
) -> None:
    window.session.tags._quiet.setInterval(0)  # pyright: ignore[reportPrivateUsage]
    window.session.tags.refresh()
    qtbot.waitUntil(lambda: tagging.rested > 0)
