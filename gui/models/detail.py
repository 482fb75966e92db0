"""The chosen model beside the list: how it stands, what can be done, what it is good for."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from engine.types import ModelCheck, ModelTest
from gui import facts, icons, theme
from gui.engine_words import said
from gui.labels import WrappedText, hairline, plain_text, text_label
from gui.models.engines import Engines
from gui.models.flow import FlowLayout
from gui.models.state import Act, ModelView, Standing
from gui.models.words import (
    act_hint,
    act_text,
    photos_text,
    sentence,
    sentence_case,
    size_words,
)

_SHOWN = 3  # buttons; what else can be done is in a menu
_ICONS = {
    Act.GET: "download",
    Act.DOWNLOAD: "download",
    Act.PAUSE: "pause",
    Act.RESUME: "play",
    Act.CANCEL: "cancel",
    Act.REMOVE: "trash",
}


class ModelDetail(QScrollArea):
    """All that is known of one model.

    Signals:
        act_wanted(Act): the user wants this done with the model.
    """

    act_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: ModelView | None = None
        self._acts: tuple[tuple[Act, str], ...] = ()
        self.buttons: dict[Act, QPushButton] = {}
        self.more_button = QPushButton(self.tr("More"))
        self.menu = QMenu(self.more_button)
        self.more_button.setMenu(self.menu)
        self.more_button.setAccessibleName(self.tr("More that can be done"))
        self.more_button.setAutoDefault(False)

        self.title = _text("heading")
        self.advice = _text("accent")
        self.state = _text()
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.failure = WrappedText("danger")
        self.note = _text("muted")
        self.title.setAccessibleName(self.tr("Chosen model"))
        self.state.setAccessibleName(self.tr("State"))
        self.failure.setAccessibleName(self.tr("What went wrong"))
        self.note.setAccessibleName(self.tr("What it is good for"))
        self._flow = FlowLayout()
        actions = QWidget()
        actions.setLayout(self._flow)
        self._flow.addWidget(self.more_button)
        self.engines = Engines()
        self.checks = _Checks()
        self._facts = QGridLayout()
        self._facts.setHorizontalSpacing(16)
        self._facts.setVerticalSpacing(2)
        self._facts.setColumnStretch(1, 1)
        self._values: dict[str, tuple[QLabel, WrappedText]] = {}
        for row, (key, name) in enumerate(
            (
                ("languages", self.tr("Languages")),
                ("download", self.tr("Download")),
                ("memory", self.tr("Memory")),
                ("licence", self.tr("Licence")),
                ("vectors", self.tr("Has seen")),
                ("place", self.tr("Id")),
            )
        ):
            label, value = text_label(name, "muted"), _text()
            value.setAccessibleName(name)
            label.setAlignment(Qt.AlignmentFlag.AlignTop)
            self._facts.addWidget(label, row, 0)
            self._facts.addWidget(value, row, 1)
            self._values[key] = label, value

        column = QVBoxLayout()
        column.setContentsMargins(24, 16, 24, 24)
        column.setSpacing(8)
        for part in (self.title, self.note, self.advice, self.state, self.bar, self.failure):
            column.addWidget(part)
        column.addSpacing(4)
        column.addWidget(actions)
        column.addSpacing(4)
        column.addWidget(self.checks)
        column.addLayout(self._facts)
        column.addSpacing(8)
        column.addWidget(self.engines)
        column.addStretch()
        page = QWidget()
        page.setLayout(column)
        theme.mark(page, region="canvas")
        self.setWidget(page)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    @property
    def view(self) -> ModelView | None:
        return self._view

    def show_view(self, view: ModelView) -> None:
        """Show a model, or the same one as it stands now."""
        other = self._view is None or self._view.info.id != view.info.id
        self._view = view
        info = view.info
        _say(self.title, info.title)
        _say(self.advice, self.tr("Recommended for your language.") if view.recommended else "")
        _say(self.state, sentence(view))
        self._show_progress(view)
        _say(self.failure, said(view.reason) if view.running is None else "")
        self._show_acts(view)
        self.checks.show_test(view.test)
        _say(self.note, said(info.note))
        space = view.space
        seen = photos_text(space.embedded, space.total) if space and space.embedded else ""
        if seen and space is not None and space.bytes:
            seen = self.tr("%1, %2").replace("%1", seen)
            seen = seen.replace("%2", facts.size_text(space.bytes))
        memory = facts.size_text(info.memory_bytes) if info.memory_bytes else ""
        for key, value in (
            ("languages", sentence_case(said(info.languages))),
            ("download", size_words(info)),
            ("memory", self.tr("about %1").replace("%1", memory) if memory else ""),
            ("licence", info.licence),
            ("vectors", seen),
            ("place", info.id),
        ):
            label, text = self._values[key]
            label.setVisible(bool(value))
            _say(text, value)
        self.engines.show_view(view)
        if other:
            self.verticalScrollBar().setValue(0)

    def _show_progress(self, view: ModelView) -> None:
        moving = view.running is not None or view.standing is Standing.PREPARING
        self.bar.setVisible(moving)
        self.bar.setAccessibleName(sentence(view))
        if not moving:
            return
        share = view.share
        checking = view.standing in (Standing.CHECKING, Standing.TESTING, Standing.SWITCHING)
        if share is None or checking:
            self.bar.setRange(0, 0)
        else:
            self.bar.setRange(0, 1000)
            self.bar.setValue(int(share * 1000))

    # ---- what can be done -----------------------------------------------------------------

    def _show_acts(self, view: ModelView) -> None:
        """Buttons are made anew only when they differ: the focus stays where it is."""
        acts = tuple((act, act_text(act, view)) for act in view.acts)
        if acts == self._acts and self.buttons.keys() <= set(view.acts):
            return
        focused = any(button.hasFocus() for button in self.buttons.values())
        focused = focused or self.more_button.hasFocus()
        self._acts = acts
        for button in self.buttons.values():
            self._flow.removeWidget(button)
            button.hide()
            button.setParent(None)
            button.deleteLater()
        self.buttons = {}
        self._flow.removeWidget(self.more_button)
        shown = view.acts if len(view.acts) <= _SHOWN else view.acts[: _SHOWN - 1]
        for act in shown:
            self.buttons[act] = self._button(act, view, primary=view.primary and act is shown[0])
        self._flow.addWidget(self.more_button)
        self.menu.clear()
        for act in view.acts[len(shown) :]:
            action = self.menu.addAction(act_text(act, view))
            action.setToolTip(act_hint(act))
            action.triggered.connect(partial(self._ask, act))
        self.more_button.setVisible(not self.menu.isEmpty())
        previous: QWidget = self.failure
        for button in (*self.buttons.values(), self.more_button):
            QWidget.setTabOrder(previous, button)
            previous = button
        if focused and self.buttons:
            next(iter(self.buttons.values())).setFocus()

    def _button(self, act: Act, view: ModelView, *, primary: bool) -> QPushButton:
        button = QPushButton(act_text(act, view))
        if act in _ICONS:
            button.setIcon(icons.icon(_ICONS[act], on_accent=primary))
        theme.mark(button, primary=primary)
        button.setAccessibleName(act_text(act, view).rstrip("…"))
        button.setToolTip(act_hint(act))
        button.setAutoDefault(False)
        button.clicked.connect(partial(self._ask, act))
        self._flow.addWidget(button)
        button.show()  # at once: the layout would do it in the next turn of the event loop
        return button

    def _ask(self, act: Act, _checked: bool = False) -> None:
        self.act_wanted.emit(act)

    def act(self) -> None:
        """Do what the first button does, if there is a way on."""
        if self._view is not None and self._view.primary and self._view.acts:
            self.act_wanted.emit(self._view.acts[0])


class _Checks(QFrame):
    """What a self-test found, a line for each check."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._test: ModelTest | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 8)
        self._column.setSpacing(6)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()

    def show_test(self, test: ModelTest | None) -> None:
        """Show a test, or nothing."""
        if test == self._test:
            return
        self._test = test
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.setVisible(test is not None)
        if test is None:
            return
        passed = sum(check.passed for check in test.checks)
        words = self.tr("Self-test: %1 of %2 checks passed")
        words = words.replace("%1", str(passed)).replace("%2", str(len(test.checks)))
        self.setAccessibleName(words)
        self._column.addWidget(hairline())
        self._column.addWidget(text_label(words, "section"))
        for check in _failed_first(test.checks):
            self._column.addWidget(self._line(check))
        self._column.addWidget(hairline())

    def _line(self, check: ModelCheck) -> QWidget:
        line = QWidget()
        grid = QGridLayout(line)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        mark = QLabel()
        colours = theme.colours()
        name, colour = ("done", colours.muted) if check.passed else ("warning", colours.danger)
        mark.setPixmap(icons.pixmap(name, 16, colour, self.devicePixelRatioF()))
        grid.addWidget(mark, 0, 0, Qt.AlignmentFlag.AlignTop)
        words = sentence_case(said(check.name))
        label = _text("" if check.passed else "danger")
        label.set_text(words)
        grid.addWidget(label, 0, 1)
        verdict = self.tr("passed") if check.passed else self.tr("failed")
        label.setAccessibleName(f"{words}: {verdict}")
        if check.detail:
            detail = _text("muted")
            detail.set_text(sentence_case(check.detail))
            detail.setAccessibleName(f"{words}, {verdict}")
            grid.addWidget(detail, 1, 1)
        return line


def _failed_first(checks: Sequence[ModelCheck]) -> list[ModelCheck]:
    return sorted(checks, key=lambda check: check.passed)


def _text(role: str = "") -> WrappedText:
    """Wraps anywhere, is as high as it must be, can be copied, and is no stop for Tab."""
    text = WrappedText(role)
    text.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
    return text


def _say(text: WrappedText, words: str) -> None:
    """Only when it differs: what one has selected to copy stays selected."""
    if text.toPlainText() != plain_text(words, lines=True):
        text.set_text(words)
    text.setVisible(bool(words))
