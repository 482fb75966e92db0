"""The strip over a slideshow: back, pause, on, its pace, and the end."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from gui import icons, theme
from gui.looking.viewer_bar import bar_button

_ABOVE = 24  # pixels to the lower edge


class ShowStrip(QWidget):
    """Only lays out and shows; the slideshow connects the buttons."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._surface = parent
        theme.mark(self, region="panel", floating=True)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.tr("Slideshow"))
        self.previous = bar_button("previous", self.tr("Previous photo (Left)"))
        self.pause = bar_button("pause", "")
        self.following = bar_button("next", self.tr("Next photo (Right)"))
        self.faster = bar_button("remove", self.tr("Show each for less long (-)"))
        self.slower = bar_button("add", self.tr("Show each for longer (+)"))
        self.end = bar_button("close", self.tr("End the slideshow (Esc)"))
        self.pace = QLabel()
        self.pace.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.pace.setMinimumWidth(40)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(4)
        for button in (self.previous, self.pause, self.following):
            row.addWidget(button)
        row.addSpacing(12)
        row.addWidget(self.faster)
        row.addWidget(self.pace)
        row.addWidget(self.slower)
        row.addSpacing(12)
        row.addWidget(self.end)

    def tell(self, *, paused: bool, interval_s: int) -> None:
        """Show how it stands."""
        words = self.tr("Go on (Space)") if paused else self.tr("Pause (Space)")
        self.pause.setIcon(icons.icon("play" if paused else "pause"))
        self.pause.setToolTip(words)
        self.pause.setAccessibleName(words)
        self.pace.setText(self.tr("%Ln s", "seconds", interval_s))
        self.place()

    def place(self) -> None:
        """In the middle of the lower edge."""
        self.adjustSize()
        left = (self._surface.width() - self.width()) // 2
        self.move(left, self._surface.height() - self.height() - _ABOVE)
