"""Categories in the sidebar and their page, with a library in memory: every state and way back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fake_library import FakeLibrary
from fake_tagging import FakeTagging
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.tag_types import Category, CategoryIdea, Mode
from engine.types import PhotoId
from gui.folder_tree import Place
from gui.grid.view import dragged, dragged_photos
from gui.main_window import MainWindow

if TYPE_CHECKING:
    pass
from tagging_hand import at_rest, undo

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
    qtbot.waitUntil(lambda: picker.list.count() > 0)  # the ideas may come after the vocabulary
    picker.list.item(0).setCheckState(Qt.CheckState.Checked)
    for typed in ("dog", "红", "my own words"):
        picker.field.setText(typed)
        QTest.keyClick(picker.field, Qt.Key.Key_Return)
    picker.add_button.click()
    names = {"Holidays", "dog", "red", "my own words"}
    qtbot.waitUntil(lambda: {c.name for c in tagging.categories()} == names)
    qtbot.waitUntil(lambda: len({c.colour for c in tagging.categories()}) == 4)
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


def test_a_category_that_was_just_removed_has_no_photos_to_show(
    qtbot: QtBot, window: MainWindow, red: Category
) -> None:
    """The buttons stay for a moment, until the engine has answered."""
    window.tags.edit(red.id)
    page = window.tags.categories
    qtbot.waitUntil(lambda: page.tree.chosen == ("category", red.id))
    with qtbot.waitSignal(window.session.history.told):
        page.editor.remove()
        with qtbot.assertNotEmitted(page.photos_wanted):
            page.editor.photos_button.click()
            page.editor.review_button.click()
    assert window.stack.currentWidget() is page


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
