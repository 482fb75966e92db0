"""The field above the sidebar's rows, for who has many of them."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

_QUIET_MS = 120


class FindField(QLineEdit):
    """Esc empties it, Return and Down go to what was found.

    Signals: settled(), what is typed is to be looked for · going(), to the first row of it.
    """

    settled = Signal()
    going = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setPlaceholderText(self.tr("Find in the sidebar"))
        self.setAccessibleName(self.tr("Find in the sidebar"))
        self._quiet = QTimer(self, singleShot=True, interval=_QUIET_MS)
        self._quiet.timeout.connect(self.settled)
        self.textChanged.connect(self._quiet.start)

    @property
    def wanted(self) -> str:
        """What is looked for, without regard to case."""
        return self.text().strip().casefold()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Down):
            self.going.emit()
        elif event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
        else:
            super().keyPressEvent(event)
