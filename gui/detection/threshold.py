"""How sure the detector must be: filters what was seen, and asks it nothing."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSlider, QVBoxLayout, QWidget

from gui import theme
from gui.labels import text_label
from gui.tagging.words import percent_text


class ThresholdSlider(QWidget):
    """A slider of percents.

    Signals: moved(float), while it moves.
    """

    moved = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._usual = 0.1
        self._touched = False  # by the user
        label = text_label(self.tr("How sure it must be"))
        self.value_label = text_label("", "muted")
        self.usual_button = theme.mark(QPushButton(self.tr("Recommended")), link=True)
        self.usual_button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(1, 99)
        self.slider.setValue(round(self._usual * 100))
        self.slider.setPageStep(5)
        self.slider.setAccessibleName(label.text())
        self.slider.setToolTip(self.tr("Left: more boxes. Right: only the surest. Keys: [ and ]"))
        above = QHBoxLayout()
        above.setSpacing(8)
        above.addWidget(label)
        above.addWidget(self.value_label)
        above.addStretch(1)
        above.addWidget(self.usual_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(above)
        column.addWidget(self.slider)
        # The button keeps its place: the words above must not jump while one drags.
        policy = self.usual_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.usual_button.setSizePolicy(policy)
        self.slider.valueChanged.connect(self._move)
        self.usual_button.clicked.connect(self._let_go)
        self._tell()

    @property
    def value(self) -> float:
        return self.slider.value() / 100

    def set_usual(self, threshold: float) -> None:
        """The detector's own; it is in force until the user moves the slider."""
        self._usual = threshold
        self.usual_button.setToolTip(percent_text(threshold))
        self.usual_button.setAccessibleName(
            self.tr("Recommended: %1").replace("%1", percent_text(threshold))
        )
        if not self._touched:
            self.slider.setValue(max(1, round(threshold * 100)))
            self._touched = False
        self._tell()

    def step(self, steps: int) -> None:
        """As many percent more or less."""
        self.slider.setValue(self.slider.value() + steps)

    def move_to(self, value: float) -> None:
        """Move it as the user would; never above `value`."""
        self.slider.setValue(max(1, int(value * 100 + 1e-6)))

    def _move(self) -> None:
        self._touched = True
        self._tell()
        self.moved.emit(self.value)

    def _let_go(self) -> None:
        self.slider.setValue(max(1, round(self._usual * 100)))
        self._touched = False
        self._tell()

    def _tell(self) -> None:
        self.value_label.setText(percent_text(self.value))
        self.usual_button.setVisible(abs(self.value - self._usual) > 0.005)
