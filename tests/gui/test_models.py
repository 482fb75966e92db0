"""The models dialog in the real window: downloads, checks, preparing, switching, going back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from fake_library import FakeLibrary, photo
from fake_models import CHECKS, CHINESE, CLIP, DEMO, LARGE, MEASURED_STATUS, OWL, SIGLIP
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from engine import Library
from engine.types import ModelCheck
from gui.job_row import JobRow
from gui.labels import WrappedText
from gui.main_window import MainWindow
from gui.models.dialog import ModelsDialog
from gui.models.state import Act, ModelView, Standing
from gui.models.words import state_text
from gui.session import Session
from gui.translations import install_translator
from gui.workers import Workers

PHOTOS = 100


@pytest.fixture
def library() -> FakeLibrary:
    made = FakeLibrary([photo(number) for number in range(1, PHOTOS + 1)])
    made.install(LARGE)
    return made


@pytest.fixture
def window(qtbot: QtBot, workers: Workers, library: FakeLibrary) -> Iterator[MainWindow]:
    install_translator(cast("QApplication", QApplication.instance()), "en")
    session = Session(cast("Library", library), workers)
    made = MainWindow()
    qtbot.addWidget(made)
    made.resize(1024, 700)
    made.show()
    with qtbot.waitSignals(
        [session.lister.listed, session.keeper.settled, session.models.answered]
    ):
        made.attach(session)
    qtbot.waitUntil(lambda: workers.tasks == [])
    yield made
    cast("FakeLibrary", session.library).let_go()
    assert workers.shutdown()
    session.close()


class Hand:
    """Does what a user does in the dialog, and waits for what must follow."""

    def __init__(self, qtbot: QtBot, window: MainWindow) -> None:
        self._qtbot = qtbot
        self._window = window

    @property
    def dialog(self) -> ModelsDialog:
        self._window.dialogs.show_models()
        found = self._window.dialogs.models_dialog
        assert found is not None
        return found

    def choose(self, model_id: str) -> ModelsDialog:
        self.dialog.choose(model_id)
        self.dialog.refresh()
        return self.dialog

    def press(self, model_id: str, act: Act) -> None:
        self.choose(model_id).detail.buttons[act].click()

    def view(self, model_id: str) -> ModelView:
        return {v.info.id: v for v in self._window.session.work.views()}[model_id]

    def until(self, model_id: str, standing: Standing) -> ModelsDialog:
        self._qtbot.waitUntil(lambda: self.view(model_id).standing is standing)
        return self.choose(model_id)


@pytest.fixture
def hand(qtbot: QtBot, window: MainWindow) -> Hand:
    return Hand(qtbot, window)


def test_the_model_in_use_comes_chosen(hand: Hand) -> None:
    dialog = hand.dialog
    assert dialog.list.chosen_id() == DEMO
    assert dialog.detail.title.toPlainText() == "Photosift demo"
    assert [v.info.id for v in (dialog.list.view(i) for i in (CLIP, OWL)) if v] == [CLIP, OWL]
    shown = [dialog.list.item(row).text() for row in range(dialog.list.count())]
    assert (shown[0], shown[-2:]) == ("Search", ["Detection", "OWL-ViT B/32, Google"])


def test_two_clicks_get_a_model_and_search_goes_over_to_it(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary, hand: Hand
) -> None:
    indexing = library.gate("index")
    hand.press(SIGLIP, Act.GET)
    dialog = hand.until(SIGLIP, Standing.PREPARING)
    assert "Search uses the other model" in dialog.detail.state.toPlainText()
    dialog.close()
    library.search("red")  # with the old one, all the time
    assert library.active == DEMO
    qtbot.waitUntil(lambda: window.status.findChild(JobRow) is not None)
    with qtbot.waitSignal(window.session.switched) as caught:
        indexing.release(PHOTOS)
    assert caught.args == [SIGLIP, DEMO]
    assert library.active == SIGLIP
    assert window.status.notice_label.text() == "Search uses SigLIP 2 B/32-256 now."
    assert window.status.notice_button.text() == "Go back to Photosift demo"
    with qtbot.waitSignal(window.session.switched):
        window.status.notice_button.click()
    assert library.active == DEMO
    assert window.status.notice_button.text() == "Go back to SigLIP 2 B/32-256"


def test_the_status_bar_tells_how_far_it_is(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary, hand: Hand
) -> None:
    indexing = library.gate("index")
    library.seen_by[LARGE] = 31
    window.session.use_model(LARGE)
    told = "Preparing CLIP ViT-L/14: 41 of 100"
    qtbot.waitUntil(lambda: any(told in row.text for row in window.findChildren(JobRow)))
    (row,) = window.findChildren(JobRow)
    assert row.text.endswith("\N{EM DASH} search still uses Photosift demo")
    row.pause_button.click()
    indexing.release()
    assert told in row.text
    assert row.text.endswith("paused")
    row.pause_button.click()
    indexing.release(PHOTOS)
    qtbot.waitUntil(lambda: library.active == LARGE)


def test_a_download_can_be_paused_and_the_dialog_closed(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary, hand: Hand
) -> None:
    steps = library.gate("download")
    hand.press(CLIP, Act.DOWNLOAD)
    steps.release()
    hand.until(CLIP, Standing.DOWNLOADING)
    assert not window.session.thumbnails.failure(window.grid.model.id_at(0))
    hand.press(CLIP, Act.PAUSE)
    dialog = hand.until(CLIP, Standing.PAUSED)
    assert dialog.detail.buttons.keys() == {Act.RESUME, Act.CANCEL}
    dialog.close()
    (row,) = window.status.findChildren(JobRow)  # it is told below while the dialog is closed
    assert row.text.startswith("Downloading CLIP ViT-B/32")
    row.pause_button.click()
    dialog = hand.until(CLIP, Standing.DOWNLOADING)  # and the dialog knows of it when reopened
    checking = library.gate("prepare")
    steps.release(20)
    dialog = hand.until(CLIP, Standing.CHECKING)
    assert dialog.detail.state.toPlainText() == "Checking the model…"
    checking.release()
    hand.until(CLIP, Standing.INSTALLED)
    assert ("prepare", CLIP) not in library.calls, "only downloaded"


def test_a_download_that_is_cancelled_can_begin_again(
    qtbot: QtBot, library: FakeLibrary, hand: Hand
) -> None:
    steps = library.gate("download")
    hand.press(CLIP, Act.DOWNLOAD)
    steps.release()
    hand.until(CLIP, Standing.DOWNLOADING)
    hand.press(CLIP, Act.CANCEL)
    steps.release(2)
    hand.until(CLIP, Standing.ABSENT)
    hand.press(CLIP, Act.DOWNLOAD)
    steps.release(20)
    hand.until(CLIP, Standing.INSTALLED)


def test_several_downloads_at_once(library: FakeLibrary, hand: Hand) -> None:
    steps = library.gate("download")
    for model_id in (CLIP, SIGLIP, CHINESE, OWL):
        hand.press(model_id, Act.DOWNLOAD)
    assert hand.view(OWL).standing is Standing.QUEUED
    steps.release(100)
    hand.until(OWL, Standing.INSTALLED)


def test_a_fault_is_told_with_its_remedy(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary, hand: Hand
) -> None:
    library.fault = "huggingface.co did not answer; set HF_ENDPOINT to a mirror."
    hand.press(CLIP, Act.GET)
    dialog = hand.until(CLIP, Standing.BEGUN)
    assert dialog.detail.failure.toPlainText() == library.fault
    assert state_text(hand.view(CLIP)) == "Download failed"
    assert dialog.detail.buttons[Act.GET].text() == "Resume and use"
    library.fault = ""
    dialog.detail.buttons[Act.GET].click()
    hand.until(CLIP, Standing.IN_USE)
    assert not dialog.detail.failure.isVisible()


def test_a_fault_while_the_dialog_is_closed_is_told_below(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary, hand: Hand
) -> None:
    library.fault = "The disk is full."
    steps = library.gate("download")
    hand.press(CLIP, Act.GET)
    hand.dialog.close()
    steps.release(20)
    qtbot.waitUntil(lambda: window.status.notice_label.text() == "The disk is full.")
    window.status.notice_button.click()
    assert hand.dialog.list.chosen_id() == CLIP


def test_a_folder_that_is_refused_stays_with_its_reason(
    qtbot: QtBot, library: FakeLibrary, hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = "/models/mine"

    def ask(*_arguments: object) -> str:
        return folder

    monkeypatch.setattr(QFileDialog, "getExistingDirectory", staticmethod(ask))
    library.refuse[folder] = "config.json names no model that Photosift knows."
    hand.dialog.folder_button.click()
    dialog = hand.until(folder, Standing.REFUSED)
    assert dialog.detail.failure.toPlainText() == library.refuse[folder]
    assert dialog.list.chosen_id() == folder
    dialog.detail.buttons[Act.DISMISS].click()
    assert dialog.list.view(folder) is None
    del library.refuse[folder]
    hand.dialog.use_folder(Path(folder))
    hand.until(folder, Standing.IN_USE)


def test_the_self_test_shows_every_check_the_failed_ones_first(
    library: FakeLibrary, hand: Hand
) -> None:
    bad = ModelCheck("Pictures and words", False, "The towers do not belong together.")
    library.tests[LARGE] = (*CHECKS[:2], bad)
    hand.press(LARGE, Act.TEST)
    dialog = hand.until(LARGE, Standing.FAILED)
    names = [
        text.toPlainText()
        for text in dialog.detail.checks.findChildren(WrappedText)
        if text.toPlainText()
    ]
    assert dialog.detail.checks.accessibleName() == "Self-test: 2 of 3 checks passed"
    assert names[:2] == [
        "Pictures and words",
        "The towers do not belong together.",
    ]
    assert Act.USE not in dialog.detail.buttons, "what failed its test is not to be used"


def test_stop_preparing_keeps_what_it_has_seen(
    qtbot: QtBot, library: FakeLibrary, hand: Hand
) -> None:
    indexing = library.gate("index")
    library.seen_by[LARGE] = 20
    hand.press(LARGE, Act.USE)
    hand.until(LARGE, Standing.PREPARING)
    hand.press(LARGE, Act.STOP)
    indexing.release()
    dialog = hand.until(LARGE, Standing.STARTED)
    assert ("cancel", LARGE) in library.calls
    assert library.seen_by[LARGE] >= 20
    assert Act.COMPARE in dialog.detail.buttons


def test_switching_now_and_back(window: MainWindow, library: FakeLibrary, hand: Hand) -> None:
    library.seen_by[LARGE] = PHOTOS
    window.session.models.refresh()
    hand.until(LARGE, Standing.READY)
    hand.press(LARGE, Act.SWITCH)
    hand.until(LARGE, Standing.IN_USE)
    dialog = hand.until(DEMO, Standing.READY)
    assert dialog.detail.buttons[Act.GO_BACK].text() == "Go back to it"
    dialog.detail.buttons[Act.GO_BACK].click()
    hand.until(DEMO, Standing.IN_USE)
    assert [call for call in library.calls if call[0] == "use"] == [("use", LARGE), ("use", DEMO)]


@pytest.mark.parametrize(("act", "call"), [(Act.REMOVE, "remove"), (Act.FREE, "drop")])
def test_deleting_asks_first(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary, hand: Hand, act: Act, call: str
) -> None:
    library.seen_by[LARGE] = 20
    window.session.models.refresh()
    dialog = hand.until(LARGE, Standing.STARTED)
    dialog.detail.act_wanted.emit(act)
    (box,) = dialog.findChildren(QMessageBox)
    verbs = [button.text() for button in box.buttons()]
    assert "Remove download" in verbs or "Free vectors" in verbs
    assert (call, LARGE) not in library.calls
    next(button for button in box.buttons() if "Cancel" not in button.text()).click()
    qtbot.waitUntil(lambda: (call, LARGE) in library.calls)
    qtbot.waitUntil(lambda: act not in hand.view(LARGE).acts)


def test_the_delete_key_asks_too(hand: Hand, library: FakeLibrary) -> None:
    dialog = hand.choose(LARGE)
    QTest.keyClick(dialog.list, Qt.Key.Key_Delete)
    (box,) = dialog.findChildren(QMessageBox)
    box.reject()
    assert library.calls == []


def test_keys_alone(qtbot: QtBot, window: MainWindow, library: FakeLibrary, hand: Hand) -> None:
    dialog = hand.dialog
    dialog.activateWindow()
    qtbot.waitUntil(dialog.isActiveWindow)
    assert dialog.list.hasFocus()
    QTest.keyClick(dialog.list, Qt.Key.Key_Down)
    assert dialog.list.chosen_id() == CLIP
    QTest.keyClick(dialog.list, Qt.Key.Key_Return)
    hand.until(CLIP, Standing.IN_USE)
    QTest.keyClick(dialog.list, Qt.Key.Key_End)
    assert dialog.list.chosen_id() == OWL
    QTest.keyClick(dialog.list, Qt.Key.Key_Tab)
    focused = dialog.focusWidget()
    seen = {focused}
    for _ in range(12):
        QTest.keyClick(focused or dialog, Qt.Key.Key_Tab)
        focused = dialog.focusWidget()
        seen.add(focused)
    assert set(dialog.detail.buttons.values()) <= seen


def test_every_line_is_spoken(hand: Hand) -> None:
    dialog = hand.dialog
    role = Qt.ItemDataRole.AccessibleTextRole
    spoken = [dialog.list.item(row).data(role) for row in range(dialog.list.count())]
    assert "CLIP ViT-B/32, LAION-2B, Recommended, Not installed, English · 609 MB · MIT" in spoken
    assert all(button.accessibleName() for button in dialog.findChildren(QPushButton))


def test_the_engine_is_told_and_the_others_on_request(
    qtbot: QtBot, window: MainWindow, library: FakeLibrary, hand: Hand
) -> None:
    library.status = MEASURED_STATUS
    window.session.models.refresh()
    qtbot.waitUntil(lambda: window.session.work.seen.status.engine != "")
    engines = hand.choose(DEMO).detail.engines
    assert engines.summary.toPlainText() == (
        "OpenVINO int8 · CPU · 68 photos/s · agreement 0.997, top-10 0.96"
    )
    assert not engines.list.isVisible()
    engines.fold.click()
    assert engines.list.isVisible()
    assert "OpenVINO bf16: This processor has no bf16." in engines.list.toPlainText()
    assert window.status.notice_label.text() == MEASURED_STATUS.note


def test_a_note_is_said_once(qtbot: QtBot, window: MainWindow, library: FakeLibrary) -> None:
    said: list[str] = []

    def hear(words: str, _button: str, _act: object) -> None:
        said.append(words)

    window.dialogs.noticed.connect(hear)
    library.status = MEASURED_STATUS
    for _ in range(2):
        with qtbot.waitSignal(window.session.models.answered):
            window.session.models.refresh()
    assert said == [MEASURED_STATUS.note]


def test_one_look_at_everything_fits(qtbot: QtBot, hand: Hand) -> None:
    """At 1024 × 700 nothing is cut: the longest texts wrap inside of their column."""
    dialog = hand.choose(CLIP)
    dialog.resize(960, 640)
    page = dialog.detail.widget()
    assert page is not None
    qtbot.waitUntil(lambda: page.width() <= dialog.detail.viewport().width())
    assert dialog.width() <= 1024
    assert dialog.minimumSizeHint().width() <= 960
