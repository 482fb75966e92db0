"""A field for a caption, as high as its words."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit, QSizePolicy, QWidget

from gui.labels import plain_text

_MOST_LINES = 8


class CaptionField(QPlainTextEdit):
    """Enter keeps what was typed, Shift+Enter begins a line, Esc brings back what was there.

    It is kept too when the field is left. Signals: written(str) · left(), by Enter or Esc.
    """

    written = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._before = ""
        self.setTabChangesFocus(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self._fit()

    def show_text(self, text: str) -> None:
        """Show a caption, unless someone is just writing one."""
        shown = plain_text(text, lines=True)
        if shown != self._before and not (self.hasFocus() and self._changed):
            self._before = shown
            self.setPlainText(shown)

    def keep(self) -> None:
        """Have what was typed written, if anything was."""
        if (words := self.take()) is not None:
            self.written.emit(words)

    def take(self) -> str | None:
        """What was typed and not kept yet, to be kept by the caller; None if nothing was."""
        if not self._changed:
            return None
        self._before = self.toPlainText()
        return self._before

    @property
    def _changed(self) -> bool:
        return self.toPlainText() != self._before

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, shift = event.key(), event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not shift:
            self.keep()
            self.left.emit()
        elif key == Qt.Key.Key_Escape:
            self.setPlainText(self._before)
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:  # its own menu is not leaving it
            self.keep()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        # A plain text document measures its height in lines.
        wanted = max(1, round(self.document().size().height()))
        lines = min(_MOST_LINES, wanted)
        policies = Qt.ScrollBarPolicy
        scrolls = policies.ScrollBarAsNeeded if wanted > lines else policies.ScrollBarAlwaysOff
        self.setVerticalScrollBarPolicy(scrolls)
        room = self.document().documentMargin() * 2 + 14
        height = lines * self.fontMetrics().lineSpacing() + round(room)
        if height != self.height():
            self.setFixedHeight(height)
