"""A small field over the photos for the name or the place of a tag, with what comes of it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from gui import theme
from gui.labels import text_label
from gui.tagging.popup import TagField

_WIDTH = 360


class TagNamePopup(QFrame):
    """Closes by itself after Enter, Esc or a click elsewhere.

    Signals: typed(str), to be answered with `say` · taken(str), Enter while it may be.
    """

    typed = Signal(str)
    taken = Signal(str)

    def __init__(
        self, title: str, text: str, offered: Sequence[str], parent: QWidget, *, empty: bool = False
    ) -> None:
        """Args: empty: whether nothing typed means something too."""
        super().__init__(parent, Qt.WindowType.Popup)
        self._may = True
        self._empty = empty
        theme.mark(self, role="popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.field = TagField(offered)
        self.field.setText(text)
        self.field.setAccessibleName(title)
        self.field.selectAll()
        self.note = text_label(role="muted", wrap=True)
        self.note.setMinimumHeight(self.note.fontMetrics().height())
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 16)
        column.setSpacing(8)
        column.addWidget(text_label(title))
        column.addWidget(self.field)
        column.addWidget(self.note)
        self.setFixedWidth(_WIDTH)
        self.field.textChanged.connect(lambda: self.typed.emit(self.field.tag()))
        self.field.returnPressed.connect(self._take)

    def say(self, words: str, *, may: bool = True) -> None:
        """What Enter does now, or why it does nothing."""
        self._may = may
        theme.mark(self.note, role="muted" if may else "danger")
        self.note.setText(words)
        self._fit()

    def show_over(self, page: QWidget) -> None:
        """In the upper middle of a page, the cursor in the field."""
        self._fit()
        middle = QPoint((page.width() - self.width()) // 2, page.height() // 4)
        self.move(page.mapToGlobal(middle))
        self.show()
        self.field.setFocus()
        self.typed.emit(self.field.tag())

    def _fit(self) -> None:
        """As high as the note needs; room to spare would push the field from its list."""
        if (layout := self.layout()) is not None:
            self.setFixedHeight(layout.totalHeightForWidth(_WIDTH))

    def _take(self) -> None:
        name = self.field.tag()
        if self._may and (name or self._empty):
            self.taken.emit(name)
            self.close()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)
