"""The search bar: words, or a photo to be like; its history, and one line for what went wrong."""

from __future__ import annotations

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QRectF,
    QSettings,
    QSize,
    QStringListModel,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import (
    QCompleter,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from gui import icons, theme
from gui.search_chip import PhotoChip, bar_button

DEBOUNCE_MS = 250
_HISTORY = 30
_WIDEST = 720
_KEY = "search/history"
_POPUP = """
QListView {{ background: {colours[field]}; border: 1px solid {colours[hairline]}; padding: 2px; }}
QListView::item {{ padding: 0 8px; border-radius: 4px; }}
QListView::item:hover, QListView::item:selected {{
    background: {colours[selection]}; color: {colours[text]};
}}
"""  # the list of earlier searches; a popup is a window of its own and needs its own edge


class _Field(QLineEdit):
    """The line edit inside the bar.

    Signals: history_wanted() · escaped().
    """

    history_wanted = Signal()
    escaped = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Down:
            self.history_wanted.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)


class _Roomy(QStyledItemDelegate):
    """Rows of the history with some air; the completer reckons its height from the first one."""

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return super().sizeHint(option, index) + QSize(0, 12)


class _Frame(QFrame):
    """The rounded field that holds icon, chip, words and clear button."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.focused = False
        self.setFixedHeight(40)
        self.setMaximumWidth(_WIDEST)
        self.setCursor(Qt.CursorShape.IBeamCursor)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.colours()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = 2.0 if self.focused else 1.0
        painter.setPen(QPen(colours.accent if self.focused else colours.hairline, width))
        painter.setBrush(colours.field)
        edge = width / 2
        area = QRectF(self.rect()).adjusted(edge, edge, -edge, -edge)
        painter.drawRoundedRect(area, 10, 10)


class SearchBar(QWidget):
    """One bar for all searching.

    Signals: search_wanted(str), debounced, "" to browse again · similar_dropped(), the photo of
    a similar-search was taken away · left(), Esc in an empty bar · proof_wanted(), see what was
    searched for boxed on the photos.
    """

    search_wanted = Signal(str)
    similar_dropped = Signal()
    left = Signal()
    proof_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._asked = ""
        self._entered = False
        self._frame = _Frame()
        self._icon = QLabel()
        self._chip = PhotoChip()
        self._chip.hide()
        self._field = _Field()
        self._field.setFrame(False)
        self._field.setStyleSheet("QLineEdit { background: transparent; border: none; padding: 0 }")
        self._field.setPlaceholderText(self.tr("Search: a dog in the snow, two cats on a couch…"))
        self._field.setAccessibleName(self.tr("Search photos"))
        self._field.setMaxLength(2000)
        self._clear = bar_button("close", self.tr("Clear the search (Esc)"), 16)
        self._clear.hide()
        self._message = QLabel()
        self._message.setTextFormat(Qt.TextFormat.PlainText)
        self._message.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._message.hide()
        self.proof_button = theme.mark(QPushButton(self.tr("Find with proof…")), link=True)
        self.proof_button.setAccessibleName(self.proof_button.text())
        self.proof_button.setToolTip(self.tr("Show where it is on each photo (Ctrl+B)"))
        self.proof_button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.proof_button.clicked.connect(self.proof_wanted)
        self.proof_button.hide()

        inside = QHBoxLayout(self._frame)
        inside.setContentsMargins(12, 0, 8, 0)
        inside.setSpacing(8)
        inside.addWidget(self._icon)
        inside.addWidget(self._chip)
        inside.addWidget(self._field, 1)
        inside.addWidget(self._clear)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(self._frame, 100)
        middle.addStretch(1)
        outside = QVBoxLayout(self)
        outside.setContentsMargins(16, 12, 16, 12)
        outside.setSpacing(8)
        outside.addLayout(middle)
        said = QHBoxLayout()
        said.setSpacing(12)
        said.addStretch(1)
        said.addWidget(self._message)
        said.addWidget(self.proof_button)
        said.addStretch(1)
        outside.addLayout(said)

        self._quiet = QTimer(self, singleShot=True, interval=DEBOUNCE_MS)
        self._quiet.timeout.connect(self._ask)
        self._history = QStringListModel(earlier_searches(), self)
        self._completer = QCompleter(self._history, self)
        self._popup = QListView()
        self._completer.setPopup(self._popup)
        self._popup.setItemDelegate(_Roomy(self._popup))
        self._completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
        self._completer.setWidget(self._field)
        self._completer.setMaxVisibleItems(10)
        self._completer.activated.connect(self.search_for)

        self._field.textEdited.connect(self._edited)
        self._field.textChanged.connect(self._show_clear)
        self._field.returnPressed.connect(self._enter)
        self._field.escaped.connect(self._escape)
        self._field.history_wanted.connect(self._show_history)
        self._clear.clicked.connect(self.clear)
        self._chip.removed.connect(self._drop_similar)
        self._field.installEventFilter(self)
        self.setFocusProxy(self._field)
        theme.notifier.changed.connect(self._dress)
        self._dress()

    # -- from outside --------------------------------------------------------------------------

    @property
    def text(self) -> str:
        return self._field.text()

    @property
    def history(self) -> list[str]:
        """Earlier searches, the latest first."""
        return self._history.stringList()

    @property
    def shows_similar(self) -> bool:
        """Whether a photo is in the bar that results are to be like."""
        return self._chip.isVisibleTo(self)

    @property
    def last_stop(self) -> QWidget:
        """What Tab leaves the bar from."""
        return self._clear

    def lets_go(self) -> bool:
        """Whether the cursor is here and Enter was the last key; true once."""
        entered, self._entered = self._entered, False
        return entered and bool(self.text) and self._field.hasFocus()

    def focus(self) -> None:
        """Put the cursor here, ready to type over what was asked before."""
        self._field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._field.selectAll()

    def search_for(self, text: str) -> None:
        """Search as if the user had typed this and pressed Enter."""
        self._field.setText(text)
        self._enter()

    def clear(self) -> None:
        """Empty the bar and browse again."""
        had_photo = self.shows_similar
        self.show_similar(None)
        self._field.clear()
        self._field.setFocus()
        if had_photo:
            self._asked = ""
            self.similar_dropped.emit()
        else:
            self._ask()

    def show_similar(self, picture: QPixmap | None, name: str = "") -> None:
        """Show that results are like a photo; no picture and no name: they are not any more."""
        shown = picture is not None or bool(name)
        if shown:
            self._quiet.stop()
            self._asked = ""
            self._field.clear()
            self._chip.show_photo(picture, name)
        self._chip.setVisible(shown)
        self._show_clear()

    def reset(self) -> None:
        """Another folder was chosen: the bar is empty again, and nobody asks for it."""
        self._quiet.stop()
        self._asked = ""
        self._chip.hide()
        self._field.clear()
        self.show_message("")

    def show_message(self, text: str, *, error: bool = False, position: int | None = None) -> None:
        """One line under the bar; `position` selects the place in the query it speaks of."""
        theme.mark(self._message, role="danger" if error else "muted")
        # A label that may wrap asks for less width than it needs; short ones never should.
        self._message.setWordWrap(self.fontMetrics().horizontalAdvance(text) > _WIDEST // 2)
        self._message.setText(text)
        self._message.setVisible(bool(text))
        if position is not None and 0 <= position < len(self._field.text()):
            rest = self._field.text()[position:]
            self._field.setSelection(position, len(rest.split(" ", 1)[0]))

    def offer_proof(self, offered: bool) -> None:
        """Photos were found by words: a detector can show where what was asked for is."""
        self.proof_button.setVisible(offered)

    @property
    def message(self) -> str:
        return self._message.text()

    # -- inside --------------------------------------------------------------------------------

    def _edited(self) -> None:
        self._entered = False
        self._quiet.start()

    def _enter(self) -> None:
        self._remember(self._field.text().strip())
        self._ask(again=True)
        self._entered = True

    def _ask(self, *, again: bool = False) -> None:
        self._quiet.stop()
        text = self._field.text().strip()
        if text:
            self._chip.hide()
        elif self.shows_similar:
            return
        if again or text != self._asked:
            self._asked = text
            self.search_wanted.emit(text)

    def _escape(self) -> None:
        if self._field.text() or self.shows_similar:
            self.clear()
        else:
            self.left.emit()

    def _drop_similar(self) -> None:
        self.show_similar(None)
        self.similar_dropped.emit()

    def _show_clear(self) -> None:
        self._clear.setVisible(bool(self._field.text()) or self._chip.isVisibleTo(self))

    def _show_history(self) -> None:
        if self._history.rowCount():
            self._completer.setCompletionPrefix("")
            # The completer reckons from the field, the list is as wide as the whole bar.
            self._completer.complete(self._frame.rect().translated(-self._field.pos()))

    def _remember(self, text: str) -> None:
        if not text:
            return
        texts = [text, *(old for old in self._history.stringList() if old != text)][:_HISTORY]
        self._history.setStringList(texts)
        QSettings().setValue(_KEY, texts)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self._frame.focused = event.type() == QEvent.Type.FocusIn
            self._frame.update()
        return super().eventFilter(watched, event)

    def _dress(self) -> None:
        colour = theme.colours().muted
        self._icon.setPixmap(icons.pixmap("search", 18, colour, self.devicePixelRatioF()))
        self._popup.setStyleSheet(_POPUP.format(colours=_names(theme.colours())))
        self.update()


def _names(colours: theme.Colours) -> dict[str, str]:
    return {
        name: getattr(colours, name).name() for name in ("field", "hairline", "selection", "text")
    }


def earlier_searches() -> list[str]:
    """What was searched for of late, the newest first."""
    stored = QSettings().value(_KEY, [])
    if isinstance(stored, str):  # an ini file gives a list of one back as a string
        return [stored]
    return [entry for entry in stored if isinstance(entry, str)] if isinstance(stored, list) else []
