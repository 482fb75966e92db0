"""A field over a photo for its new name: the stem is selected, the ending stays."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from engine.file_types import NewName
from engine.types import Photo
from gui import theme
from gui.labels import plain_text, text_label
from gui.sorting.engine_notes import reason_text
from gui.workers import Task

_WIDTH = 360
_QUIET_MS = 120


class NameField(QFrame):
    """Closes by itself after Enter, Esc or a click elsewhere.

    Signals: named(str), a name that is free, without its ending.
    """

    named = Signal(str)

    def __init__(
        self, photo: Photo, check: Callable[[str], Task], parent: QWidget | None = None
    ) -> None:
        """Args: check: asks for what would come of a name; succeeds with a list of NewName."""
        super().__init__(parent, Qt.WindowType.Popup)
        self._check = check
        self._former = plain_text(photo.path.stem)
        self._asked = 0
        self._checked = ""  # the name that `_trouble` is about
        self._trouble = ""
        self._entered = False
        theme.mark(self, role="popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.field = QLineEdit(self._former)
        self.field.setMaxLength(250)
        self.field.setAccessibleName(self.tr("Name"))
        ending = text_label(plain_text(photo.path.suffix), "muted")
        self.note = text_label(role="muted", wrap=True)
        self.note.setMinimumHeight(self.note.fontMetrics().lineSpacing())
        row = QHBoxLayout()
        row.setSpacing(6)
        row.addWidget(self.field, 1)
        row.addWidget(ending)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addWidget(text_label(self.tr("Rename")))
        column.addLayout(row)
        column.addWidget(self.note)
        self.setFixedWidth(_WIDTH)
        self._quiet = QTimer(self, singleShot=True, interval=_QUIET_MS)
        self._quiet.timeout.connect(self._ask)
        self.field.textEdited.connect(self._quiet.start)
        self.field.returnPressed.connect(self._take)

    def show_at(self, cell: QRect, within: QRect) -> None:
        """Over the lower edge of a cell (global), inside of the page."""
        size: QSize = self.sizeHint().expandedTo(QSize(_WIDTH, 0))
        left = max(within.left(), min(cell.left(), within.right() - size.width()))
        top = max(within.top(), min(cell.bottom() - 32, within.bottom() - size.height()))
        self.move(QPoint(left, top))
        self.show()
        self.field.setFocus()
        self.field.selectAll()

    @property
    def name(self) -> str:
        """What is typed."""
        return self.field.text().strip()

    def _ask(self) -> None:
        self._asked += 1
        task = self._check(self.name)
        task.succeeded.connect(partial(self._tell, self._asked, self.name))

    def _tell(self, number: int, name: str, found: list[NewName]) -> None:
        if number != self._asked:
            return
        self._checked, self._trouble = name, next((one.trouble for one in found if one.trouble), "")
        along = max((one.companions for one in found), default=0)
        words = reason_text(self._trouble)
        if not words and along:
            words = self.tr("%Ln file(s) that belong to it are renamed too", "", along)
        self.note.setText(words)
        theme.mark(self.note, role="danger" if self._trouble else "muted")
        self.adjustSize()
        if self._entered:
            self._take()

    def _take(self) -> None:
        """Enter: at once where the name was checked, else as soon as it is."""
        if self.name == self._former:
            self.close()
        elif self._checked != self.name:
            self._entered = True
            self._quiet.stop()
            self._ask()
        elif self._trouble:
            self._entered = False
        else:
            self._entered = False
            self.named.emit(self.name)
            self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """What was asked last may be answered when nothing of the field is left."""
        self._asked += 1
        self._quiet.stop()
        super().closeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)
