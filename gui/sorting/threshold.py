"""How sure it must be that a photo belongs, for this one run."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSlider, QWidget

from gui import theme
from gui.labels import text_label
from gui.tagging.words import percent_text

_STEPS = 1000


class ThresholdRow(QWidget):
    """A slider; untouched, each category has its own cut.

    Signals: moved(float | None), while it moves; None: each category at its own cut again.
    """

    moved = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._wanted: float | None = None  # where the user has put it
        self.label = text_label(self.tr("How sure it must be"))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(1, _STEPS - 1)
        self.slider.setSingleStep(10)
        self.slider.setPageStep(50)
        self.slider.setAccessibleName(self.label.text())
        self.slider.setToolTip(self.tr("Left: more photos go. Right: only the surest go."))
        self.value_label = text_label("", "muted")
        self.own_button = theme.mark(
            QPushButton(self.tr("Use the categories' own cuts")), link=True
        )
        self.own_button.setAccessibleName(self.own_button.text())
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.label)
        row.addWidget(self.slider, 1)
        row.addWidget(self.value_label)
        row.addWidget(self.own_button)
        self.slider.valueChanged.connect(self._move)
        self.own_button.clicked.connect(self._let_go)

    def show_start(self, start: float, *, fresh: bool) -> None:
        """Put it where the own cuts are, unless the user has moved it for this plan."""
        if fresh:
            self._wanted = None
        if self._wanted is None:
            self.slider.blockSignals(True)
            self.slider.setValue(round(start * _STEPS))
            self.slider.blockSignals(False)
        self._tell()

    def _tell(self) -> None:
        own = self._wanted is None
        words = self.tr("each category's own cut")
        self.value_label.setText(words if own else percent_text(self._wanted or 0.0))
        self.own_button.setVisible(not own)

    def _move(self, value: int) -> None:
        self._wanted = value / _STEPS
        self._tell()
        self.moved.emit(self._wanted)

    def _let_go(self) -> None:
        self._wanted = None
        self._tell()
        self.moved.emit(None)
