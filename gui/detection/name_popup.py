"""A small field over the photo: what the thing in a box is called, or what else to do with it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from gui import icons, theme
from gui.labels import text_label
from gui.tagging.popup import TagField

_WIDTH = 320


class NamePopup(QFrame):
    """Closes by itself after Enter, Esc or a click elsewhere.

    Signals: named(str) · acted(str), the name of an action was chosen instead · dropped(), it was
    closed without either · closed(), whatever the outcome.
    """

    named = Signal(str)
    acted = Signal(str)
    dropped = Signal()
    closed = Signal()

    def __init__(
        self,
        title: str,
        names: Sequence[str],
        actions: Sequence[tuple[str, str, str]] = (),
        parent: QWidget | None = None,
    ) -> None:
        """Args: actions: name, icon, words of what can be done instead of naming it."""
        super().__init__(parent, Qt.WindowType.Popup)
        self._answered = False
        theme.mark(self, role="popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.field = TagField(names)
        self.field.setPlaceholderText(self.tr("cat, remote control…"))
        self.field.setAccessibleName(title)
        self.buttons: dict[str, QToolButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(8)
        column.addWidget(text_label(title))
        column.addWidget(self.field)
        row = QVBoxLayout()
        row.setSpacing(0)
        for name, icon, words in actions:
            button = QToolButton()
            button.setIcon(icons.icon(icon))
            button.setIconSize(QSize(18, 18))
            button.setText(words)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setAccessibleName(words)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.clicked.connect(lambda _on=False, name=name: self._act(name))
            self.buttons[name] = button
            row.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        if actions:
            column.addLayout(row)
        self.setFixedWidth(_WIDTH)
        self.field.returnPressed.connect(self._take)
        # What is chosen from the completion is meant as it is.
        self.field.completer().activated.connect(lambda: QTimer.singleShot(0, self, self._take))

    def show_beside(self, box: QRect, within: QRect) -> None:
        """Below a box (global), or above it, inside of the page; the cursor in the field."""
        self.adjustSize()
        left = max(within.left(), min(box.left(), within.right() - self.width()))
        top = box.bottom() + 8
        if top + self.height() > within.bottom():
            top = max(within.top(), box.top() - self.height() - 8)
        self.move(QPoint(left, top))
        self.show()
        self.field.setFocus()
        self.field.selectAll()

    def _take(self) -> None:
        name = " ".join(self.field.text().split())
        if name and not self._answered:
            self._answered = True
            self.named.emit(name)
            self.close()

    def _act(self, name: str) -> None:
        self._answered = True
        self.close()
        self.acted.emit(name)

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        if not self._answered:
            self._answered = True
            self.dropped.emit()
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)
