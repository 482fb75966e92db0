"""The slider for how strict a search is: whatever may fit, or what surely does."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from gui import theme
from gui.labels import text_label

_STEPS = 10  # to each side
_QUIET_MS = 150


class StrictnessPopup(QFrame):
    """Closes by itself on Esc or a click elsewhere.

    Signals: moved(float), -1 to 1, when the slider rests.
    """

    moved = Signal(float)

    def __init__(self, strictness: float, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        theme.mark(self, role="popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(-_STEPS, _STEPS)
        self.slider.setPageStep(2)
        self.slider.setValue(round(strictness * _STEPS))
        self.slider.setAccessibleName(self.tr("How strict the search is"))
        ends = QHBoxLayout()
        ends.addWidget(text_label(self.tr("Whatever may fit"), "muted"))
        ends.addStretch(1)
        ends.addWidget(text_label(self.tr("Only what surely does"), "muted"))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(8)
        column.addWidget(text_label(self.tr("What counts as a match")))
        column.addWidget(self.slider)
        column.addLayout(ends)
        self.setFixedWidth(320)
        self._quiet = QTimer(self, singleShot=True, interval=_QUIET_MS)
        self._quiet.timeout.connect(self._tell)
        # Not the slot itself: it would take the value for its interval.
        self.slider.valueChanged.connect(lambda: self._quiet.start())

    def show_under(self, widget: QWidget) -> None:
        """Below a button, the slider with the keys."""
        self.adjustSize()
        corner = widget.mapToGlobal(QPoint(widget.width() // 2, widget.height() + 4))
        self.move(corner - QPoint(self.width() // 2, 0))
        self.show()
        self.slider.setFocus()

    def _tell(self) -> None:
        self.moved.emit(self.slider.value() / _STEPS)
