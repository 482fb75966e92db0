"""What a page says when there is nothing to show: one sentence, one action."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui import icons, theme


class EmptyState(QWidget):
    """A sentence in the middle with at most one button below it.

    Signals: acted(), the button was pressed.
    """

    acted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.mark(self, region="canvas")
        self._icon_name = "photos"
        self._icon = QLabel()
        self._icon.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sentence = QLabel()
        self._sentence.setTextFormat(Qt.TextFormat.PlainText)
        self._sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sentence.setWordWrap(True)
        self._sentence.setMinimumWidth(320)
        self._sentence.setMaximumWidth(480)
        self._button = QPushButton()
        self._button.clicked.connect(self.acted)
        column = QVBoxLayout()
        column.setSpacing(16)
        column.addStretch(2)
        column.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._sentence, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(self._button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        row = QHBoxLayout(self)
        row.addLayout(column)
        theme.notifier.changed.connect(self._dress)
        self._dress()

    def say(self, sentence: str, action: str = "", icon: str = "photos") -> None:
        self._icon_name = icon
        self._sentence.setText(sentence)
        self._button.setText(action)
        self._button.setVisible(bool(action))
        self._dress()

    @property
    def sentence(self) -> str:
        return self._sentence.text()

    def _dress(self) -> None:
        colour = theme.colours().muted
        self._icon.setPixmap(icons.pixmap(self._icon_name, 40, colour, self.devicePixelRatioF()))
