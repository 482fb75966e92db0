"""The field for what to look for: each label a token, completed from what is known."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QEvent, QObject, QRectF, QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QCompleter,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QSizePolicy,
    QWidget,
)

from engine.detection_types import Label
from engine.label_colours import label_colours
from gui import theme
from gui.detection.flow import FlowLayout
from gui.job_row import tool_button
from gui.labels import plain_text, text_label, tooltip_text
from gui.tagging.dots import dot_icon

_SHOWN = 40  # letters shown in a token
_LONGEST = 200  # letters of a label that the library keeps
_JOINER = "\u200d"  # joins emoji
MOST_LABELS = 16


def parse_labels(text: str) -> list[Label]:
    """What is typed: labels between commas; "cat | kitten" is one label that can be said two ways.

    A label's name is its first way. Labels that differ in capitals only are one label.
    """
    made: dict[str, Label] = {}
    for part in text.replace("，", ",").replace("、", ",").replace("\n", ",").split(","):
        ways = [way for way in map(_clean, part.split("|")) if way]
        if ways:
            label = Label(ways[0], tuple(ways) if len(ways) > 1 else ())
            made.setdefault(label.name.casefold(), label)
    return [*made.values()]


def _clean(words: str) -> str:
    """As the library keeps names, so that what is seen comes back under the label asked for."""
    letters = (
        " " if letter.isspace() else letter
        for letter in unicodedata.normalize("NFC", words)
        if letter.isspace()
        or letter == _JOINER
        or unicodedata.category(letter) not in ("Cc", "Cf", "Cs")
    )
    return " ".join("".join(letters).split())


def _words(label: Label) -> str:
    """A label as it is typed."""
    return " | ".join(label.prompts) or label.name


class LabelChip(QWidget):
    """A label that is looked for.

    Signals: removed() · edited(), it is to be typed anew · left(int), the cursor goes on by so
    many places.
    """

    removed = Signal()
    edited = Signal()
    left = Signal(int)

    def __init__(self, label: Label, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.label = label
        name = plain_text(label.name)
        shown = name if len(name) <= _SHOWN else name[: _SHOWN - 1] + "…"
        more = len(label.prompts) - 1
        self._dot = QLabel()
        words = text_label(shown if more < 1 else f"{shown} +{more}")
        stop = self.tr("Stop looking for “%1”").replace("%1", name)
        self.close_button = tool_button("close", stop)
        self.close_button.setIconSize(self.close_button.iconSize() / 4 * 3)
        self.close_button.setStyleSheet("QToolButton { padding: 0; border-width: 1px }")
        self.close_button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Del does it on the token
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 2, 4, 2)
        row.setSpacing(6)
        for part in (self._dot, words, self.close_button):
            row.addWidget(part)
        self.setFixedHeight(26)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self.setToolTip(tooltip_text(_words(label)))
        self.close_button.clicked.connect(self.removed)

    def set_colour(self, colour: str) -> None:
        self._dot.setPixmap(dot_icon(colour).pixmap(16, 16))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_F2):
            self.edited.emit()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.left.emit(-1 if key == Qt.Key.Key_Left else 1)
        else:
            super().keyPressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.edited.emit()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = self.hasFocus()
        painter.setPen(QPen(colours.accent, 2) if focused else Qt.PenStyle.NoPen)
        painter.setBrush(colours.selection if focused else colours.button)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)


class _Typing(QLineEdit):
    """The line edit behind the tokens. Signals: taken_back() · left_start()."""

    taken_back = Signal()
    left_start = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        at_start = not self.cursorPosition() and not self.hasSelectedText()
        if key == Qt.Key.Key_Backspace and at_start and not self.text():
            self.taken_back.emit()
        elif key == Qt.Key.Key_Left and at_start:
            self.left_start.emit()
        else:
            super().keyPressEvent(event)


class LabelField(QWidget):
    """Tokens and a line to type the next one.

    Signals: changed(list[Label]), another set of labels is wanted · refused(str), why words stay
    in the line · entered(), Enter without a word to take · left(), Esc.
    """

    changed = Signal(object)
    refused = Signal(str)
    entered = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.chips: list[LabelChip] = []
        self.field = _Typing()
        self.field.setFrame(False)
        self.field.setStyleSheet("QLineEdit { background: transparent; border: none; padding: 0 }")
        self.field.setAccessibleName(self.tr("What to look for"))
        self.field.setMaxLength(20_000)
        self.field.setMinimumHeight(26)
        self._offers = QStringListModel(self)
        completer = QCompleter(self._offers, self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setMaxVisibleItems(8)
        completer.activated.connect(self._take_later)
        self.field.setCompleter(completer)
        self.popup = QListView()
        completer.setPopup(self.popup)
        self._suggestions: Sequence[str] = ()
        self._flow = FlowLayout(self, gap=6, stretches=110)
        self._flow.setContentsMargins(8, 6, 8, 6)
        self._flow.addWidget(self.field)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.setCursor(Qt.CursorShape.IBeamCursor)
        self.setFocusProxy(self.field)
        self.field.textEdited.connect(self._split)
        self.field.returnPressed.connect(self._enter)
        self.field.taken_back.connect(self._take_back)
        self.field.left_start.connect(lambda: self._focus_chip(len(self.chips) - 1))
        self.field.installEventFilter(self)
        theme.notifier.changed.connect(self.update)
        self._tell_hint()

    @property
    def labels(self) -> list[Label]:
        return [chip.label for chip in self.chips]

    def set_labels(self, labels: Sequence[Label]) -> None:
        """Show these, without a signal."""
        if list(labels) == self.labels:
            return
        for chip in self.chips:
            self._drop(chip)
        self.chips = []
        for label in labels[:MOST_LABELS]:
            self._add(label)
        self._settle()

    def offer(self, suggestions: Sequence[str]) -> None:
        """Complete these from now on."""
        self._suggestions = suggestions
        taken = {label.name for label in self.labels}
        wanted = [name for name in suggestions if name not in taken]
        if self._offers.stringList() != wanted:
            self._offers.setStringList(wanted)

    def take(self, text: str) -> None:
        """Look for this, too. What cannot be looked for stays in the line."""
        before = self.labels
        names = {label.name.casefold() for label in before}
        new = [label for label in parse_labels(text) if label.name.casefold() not in names]
        left: list[Label] = []
        for label in new:
            if len(label.name) > _LONGEST or len(self.chips) >= MOST_LABELS:
                left.append(label)
            else:
                self._add(label)
        self.field.setText(", ".join(_words(label) for label in left))
        self._settle()
        if self.labels != before:
            self.changed.emit(self.labels)
        if left and len(self.chips) >= MOST_LABELS:
            words = self.tr("At most %1 things can be looked for at once.")
            self.refused.emit(words.replace("%1", str(MOST_LABELS)))
        elif left:
            words = self.tr("A label can have %1 letters at most.")
            self.refused.emit(words.replace("%1", str(_LONGEST)))

    # -- inside --------------------------------------------------------------------------------

    def _add(self, label: Label) -> None:
        chip = LabelChip(label, self)
        chip.removed.connect(lambda: self._remove(chip))
        chip.edited.connect(lambda: self._edit(chip))
        chip.left.connect(partial(self._go_on, chip))
        self._flow.insert_widget(len(self.chips), chip)
        self.chips.append(chip)
        chip.show()

    def _drop(self, chip: LabelChip) -> None:
        self._flow.removeWidget(chip)
        chip.hide()
        chip.deleteLater()

    def _remove(self, chip: LabelChip, *, typed: bool = False) -> None:
        at = self.chips.index(chip)
        focused = chip.hasFocus()
        self.chips.remove(chip)
        self._drop(chip)
        self._settle()
        if focused and not typed:
            self._focus_chip(min(at, len(self.chips) - 1))
        self.changed.emit(self.labels)

    def _edit(self, chip: LabelChip) -> None:
        self._remove(chip, typed=True)
        self.field.setText(_words(chip.label))
        self.field.setFocus()

    def _take_back(self) -> None:
        if self.chips:
            self._edit(self.chips[-1])

    def _go_on(self, chip: LabelChip, step: int) -> None:
        self._focus_chip(self.chips.index(chip) + step)

    def _focus_chip(self, at: int) -> None:
        if 0 <= at < len(self.chips):
            self.chips[at].setFocus(Qt.FocusReason.OtherFocusReason)
        elif at >= len(self.chips) or not self.chips:
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def _split(self, text: str) -> None:
        """A comma ends a label; what comes behind the last one is still being typed."""
        if any(sign in text for sign in ",，、\n"):
            *whole, rest = text.replace("，", ",").replace("、", ",").replace("\n", ",").split(",")
            self.take(",".join(whole))
            left = self.field.text()
            self.field.setText(f"{left}, {rest.lstrip()}" if left else rest.lstrip())
        elif text[:1].isspace():
            self.field.setText(text.lstrip())  # as one types it behind a comma

    def _enter(self) -> None:
        if self.popup.isVisible() and self.popup.currentIndex().isValid():
            return  # the completer tells what was chosen
        if self.field.text().strip():
            self.take(self.field.text())
        else:
            self.entered.emit()

    def _take_later(self, name: str) -> None:
        # The completer writes its choice into the field after it has told it.
        QTimer.singleShot(0, self, lambda: self.take(name))

    def _settle(self) -> None:
        colours = label_colours(label.name for label in self.labels)
        for chip in self.chips:
            chip.set_colour(colours[chip.label.name])
        self.offer(self._suggestions)
        self._tell_hint()
        self.updateGeometry()

    def _tell_hint(self) -> None:
        first = self.tr("What do you look for? cat, remote control, couch…")
        self.field.setPlaceholderText(self.tr("and…") if self.chips else first)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        if (
            isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Escape
            and not self.popup.isVisible()
        ):
            self.left.emit()
            return True
        return super().eventFilter(watched, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.field.setFocus()

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        focused = self.field.hasFocus()
        width = 2.0 if focused else 1.0
        painter.setPen(QPen(colours.accent if focused else colours.hairline, width))
        painter.setBrush(colours.field)
        edge = width / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(edge, edge, -edge, -edge), 8, 8)
