"""The problems page: rows, sentences, retry, and what stays selected."""

from __future__ import annotations

from typing import Any

import pytest
from pages_sample import HOSTILE, problem
from PySide6.QtCore import Qt

from gui.problems_page import ProblemsPage, ProblemTable


@pytest.fixture
def page(qtbot: Any) -> ProblemsPage:
    made = ProblemsPage()
    qtbot.addWidget(made)
    made.resize(800, 600)
    made.show()
    return made


def test_the_model_is_sound(qtmodeltester: Any) -> None:
    model = ProblemTable()
    model.show([problem(1), problem(2)])
    qtmodeltester.check(model, force_py=True)


def test_nothing_wrong_is_one_sentence(page: ProblemsPage) -> None:
    page.show_problems([])
    assert page.pages.currentIndex() == 0
    assert not page.table.isVisible()


def test_the_newest_comes_first_and_numbers_agree(page: ProblemsPage) -> None:
    page.show_problems([problem(1, "old.jpg"), problem(9, "new.jpg"), problem(5, damaged=True)])
    assert page.model.index(0, 0).data() == "new.jpg"
    assert page.summary.text() == ("2 files could not be read · 1 file could be read only in part")


def test_retry_selected(page: ProblemsPage, qtbot: Any) -> None:
    page.show_problems([problem(1), problem(2), problem(3)])
    assert not page.retry_button.isEnabled()
    page.table.selectRow(1)
    with qtbot.waitSignal(page.retry_wanted) as caught:
        page.retry_button.click()
    assert caught.args == [[2]]
    with qtbot.waitSignal(page.retry_wanted) as caught:
        page.retry_all_button.click()
    assert caught.args == [[3, 2, 1]]


def test_show_in_folder_is_for_one(page: ProblemsPage, qtbot: Any) -> None:
    page.show_problems([problem(1, "a.jpg"), problem(2, "b.jpg")])
    page.table.selectAll()
    assert not page.show_button.isEnabled()
    page.table.selectRow(0)
    with qtbot.waitSignal(page.show_in_folder_wanted) as caught:
        page.show_button.click()
    assert caught.args == [problem(2, "b.jpg").path]


def test_what_was_selected_stays_selected(page: ProblemsPage) -> None:
    page.show_problems([problem(1), problem(2), problem(3)])
    page.table.selectRow(1)
    page.show_problems([problem(2), problem(3), problem(4)])
    assert [chosen.photo_id for chosen in page.selected()] == [2]


def test_hostile_names_are_plain(page: ProblemsPage) -> None:
    page.show_problems([problem(1, HOSTILE)])
    index = page.model.index(0, 0)
    assert index.data() == "<b>x<img src=x>\ufffdgpj.exe\ufffd.jpg"
    assert "<b>" not in str(index.data(Qt.ItemDataRole.ToolTipRole))
    assert page.table.textElideMode() is Qt.TextElideMode.ElideMiddle
