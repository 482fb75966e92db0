"""The buttons below the suggestions; they say what they do to how many photos."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from gui import icons, theme


class AnswerBar(QWidget):
    """Signals: accepted() · rejected() · skipped() · all_accepted()."""

    accepted = Signal()
    rejected = Signal()
    skipped = Signal()
    all_accepted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.skip_button = QPushButton(icons.icon("skip"), self.tr("Skip"))
        self.reject_button = QPushButton(icons.icon("close"), "")
        self.accept_button = theme.mark(
            QPushButton(icons.icon("check", on_accent=True), ""), primary=True
        )
        self.all_button = QPushButton(icons.icon("review"), "")
        self.skip_button.setToolTip(self.tr("Not now (S)"))
        self.reject_button.setToolTip(self.tr("They do not belong (N or Backspace)"))
        self.accept_button.setToolTip(self.tr("They belong (Y or Enter)"))
        self.all_button.setToolTip(self.tr("All that reach the cut belong (Ctrl+Enter)"))
        row = QHBoxLayout(self)
        row.setContentsMargins(24, 8, 24, 8)
        row.setSpacing(8)
        row.addWidget(self.all_button)
        row.addStretch(1)
        for button in (self.skip_button, self.reject_button, self.accept_button):
            row.addWidget(button)
        self.accept_button.clicked.connect(lambda: self.accepted.emit())
        self.reject_button.clicked.connect(lambda: self.rejected.emit())
        self.skip_button.clicked.connect(lambda: self.skipped.emit())
        self.all_button.clicked.connect(lambda: self.all_accepted.emit())
        self.set_selected(0)

    def set_selected(self, count: int) -> None:
        """So many photos are chosen."""
        for button in (self.skip_button, self.reject_button, self.accept_button):
            button.setEnabled(count > 0)
        several = count > 1
        self.reject_button.setText(
            self.tr("Reject %Ln photo(s)", "", count) if several else self.tr("Reject")
        )
        self.accept_button.setText(
            self.tr("Accept %Ln photo(s)", "", count) if several else self.tr("Accept")
        )

    def set_shown(self, count: int, sure: int) -> None:
        """So many photos are there to be answered, and so many of them reach the cut."""
        if sure == count:
            self.all_button.setText(self.tr("Accept all %Ln", "", count))
        else:
            self.all_button.setText(self.tr("Accept the %Ln above the cut", "", sure))
        self.all_button.setVisible(sure > 0)
        self.setVisible(count > 0)
