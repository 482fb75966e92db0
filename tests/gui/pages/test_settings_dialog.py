"""The settings dialog: every field round trips, the theme is shown at once and taken back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pages_sample import ARCHIVE, MODELS, PICTURES, ROOTS
from PySide6.QtCore import Qt

from engine.settings import DEFAULT_EXCLUDES, Settings
from gui import theme
from gui.models.state import ModelsSeen
from gui.settings.dialog import SettingsDialog

BEFORE = Settings(theme="light", excludes=("*.tmp", "old*"))


@pytest.fixture
def dialog(qtbot: Any) -> SettingsDialog:
    made = SettingsDialog(BEFORE, ROOTS, ModelsSeen(tuple(MODELS)))
    qtbot.addWidget(made)
    made.show()
    return made


def test_untouched_it_says_what_it_was_given(dialog: SettingsDialog, qtbot: Any) -> None:
    assert dialog.chosen() == BEFORE
    assert not dialog.apply_button.isEnabled()
    with qtbot.assertNotEmitted(dialog.settings_accepted):
        dialog.ok_button.click()


def test_every_row_reaches_the_settings(dialog: SettingsDialog, qtbot: Any) -> None:
    dialog.language_box.setCurrentIndex(dialog.language_box.findData("zh_CN"))
    dialog.theme_box.setCurrentIndex(dialog.theme_box.findData("dark"))
    dialog.batch_box.setValue(64)
    dialog.decoders_box.setValue(3)
    dialog.left_out.field.setText("  cache ")
    dialog.left_out.add_button.click()
    with qtbot.waitSignal(dialog.settings_accepted) as caught:
        dialog.ok_button.click()
    assert caught.args == [
        replace(
            BEFORE,
            language="zh_CN",
            theme="dark",
            batch_size=64,
            decoders=3,
            excludes=("*.tmp", "old*", "cache"),
        )
    ]


def test_apply_tells_once(dialog: SettingsDialog, qtbot: Any) -> None:
    dialog.batch_box.setValue(64)
    with qtbot.waitSignal(dialog.settings_accepted):
        dialog.apply_button.click()
    assert not dialog.apply_button.isEnabled()
    with qtbot.assertNotEmitted(dialog.settings_accepted):
        dialog.ok_button.click()


def test_the_theme_is_worn_at_once_and_taken_off_on_cancel(dialog: SettingsDialog) -> None:
    dialog.theme_box.setCurrentIndex(dialog.theme_box.findData("dark"))
    assert theme.colours().dark
    dialog.cancel_button.click()
    assert not theme.colours().dark


def test_an_applied_theme_survives_cancel(dialog: SettingsDialog) -> None:
    dialog.theme_box.setCurrentIndex(dialog.theme_box.findData("dark"))
    dialog.apply_button.click()
    dialog.cancel_button.click()
    assert theme.colours().dark


def test_excludes_are_edited_removed_and_reset(dialog: SettingsDialog, qtbot: Any) -> None:
    first = dialog.left_out.names.item(0)
    assert first.flags() & Qt.ItemFlag.ItemIsEditable
    first.setText("*.bak")
    assert dialog.chosen().excludes == ("*.bak", "old*")
    dialog.left_out.names.setCurrentRow(1)
    dialog.left_out.remove_button.click()
    assert dialog.chosen().excludes == ("*.bak",)
    dialog.left_out.field.setText("*.bak")
    qtbot.keyClick(dialog.left_out.field, Qt.Key.Key_Return)
    assert dialog.chosen().excludes == ("*.bak",)  # once is enough
    assert dialog.isVisible()  # Return in the field does not close the dialog
    first.setText("  ")
    assert dialog.chosen().excludes == ()
    dialog.left_out.reset_button.click()
    assert dialog.chosen().excludes == DEFAULT_EXCLUDES


def test_folders(dialog: SettingsDialog, qtbot: Any) -> None:
    assert not dialog.forget_root_button.isEnabled()
    dialog.roots_list.setCurrentRow(1)
    with qtbot.waitSignal(dialog.forget_root_wanted) as caught:
        dialog.forget_root_button.click()
    assert caught.args == [ARCHIVE.id]
    with qtbot.waitSignal(dialog.add_folder_wanted):
        dialog.add_root_button.click()
    dialog.set_roots([PICTURES])
    assert dialog.roots_list.count() == 1
    assert not dialog.forget_root_button.isEnabled()


def test_the_model(dialog: SettingsDialog, qtbot: Any) -> None:
    assert dialog.model_label.text() == "Demo model"
    with qtbot.waitSignal(dialog.models_wanted):
        dialog.models_button.click()
    dialog.set_model("laion/clip")
    assert dialog.model_label.text() == "CLIP"
    assert dialog.chosen().model_id == "laion/clip"
    assert not dialog.apply_button.isEnabled()  # it was switched already


def test_pages_follow_the_navigation(dialog: SettingsDialog, qtbot: Any) -> None:
    dialog.navigation.setFocus()
    qtbot.keyClick(dialog.navigation, Qt.Key.Key_Down)
    assert dialog.pages.currentIndex() == 1
    assert dialog.pages.count() == dialog.navigation.count() == 7
