"""How sure the detector must be: filters what was seen, and asks it nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from gui.detection.cuts import LabelCuts
from gui.job_row import tool_button
from gui.labels import text_label
from gui.tagging.words import percent_text

_EACH = "detection/each"


class ThresholdSlider(QWidget):
    """A slider of percents, and on request one for each label.

    Signals: moved(float), while one of them moves.
    """

    moved = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._usual = 0.1
        self._touched = False  # by the user
        label = text_label(self.tr("How sure it must be"))
        self.value_label = text_label("", "muted")
        self.usual_button = tool_button("undo", self.tr("Recommended"))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(1, 99)
        self.slider.setValue(round(self._usual * 100))
        self.slider.setPageStep(5)
        self.slider.setAccessibleName(label.text())
        self.slider.setToolTip(self.tr("Left: more boxes. Right: only the surest. Keys: [ and ]"))
        self.cuts = LabelCuts()
        self.each_button = tool_button("sliders", self.tr("A slider for each label"))
        self.each_button.setCheckable(True)
        self.each_button.setChecked(QSettings().value(_EACH, "") == "true")
        above = QHBoxLayout()
        above.setSpacing(4)
        above.addWidget(label)
        above.addSpacing(4)
        above.addWidget(self.value_label)
        above.addStretch(1)
        above.addWidget(self.usual_button)
        above.addWidget(self.each_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(above)
        column.addWidget(self.slider)
        column.addWidget(self.cuts)
        # The button keeps its place: the words above must not jump while one drags.
        policy = self.usual_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.usual_button.setSizePolicy(policy)
        self.slider.valueChanged.connect(self._move)
        self.usual_button.clicked.connect(self._let_go)
        self.cuts.moved.connect(lambda: self.moved.emit(self.value))
        self.each_button.toggled.connect(self._show_each)
        self._tell()
        self._show_cuts()

    def set_labels(self, labels: Sequence[str], colours: Mapping[str, str]) -> None:
        """The labels that may have a slider of their own."""
        self.cuts.set_labels(labels, colours)
        self._show_cuts()

    def cut(self, label: str) -> float:
        """The least score of a label."""
        return self.cuts.cut(label)

    def _show_each(self, shown: bool) -> None:
        QSettings().setValue(_EACH, "true" if shown else "")
        self._show_cuts()

    def _show_cuts(self) -> None:
        """Sliders of single labels are seen where they differ; what filters must not be hidden."""
        several = len(self.cuts.rows) > 1
        own = bool(self.cuts.own)
        self.each_button.setVisible(several)
        self.cuts.setVisible(own or (several and self.each_button.isChecked()))

    @property
    def value(self) -> float:
        return self.slider.value() / 100

    def set_usual(self, threshold: float) -> None:
        """The detector's own; it is in force until the user moves the slider."""
        self._usual = threshold
        words = self.tr("Recommended: %1").replace("%1", percent_text(threshold))
        self.usual_button.setToolTip(words)
        self.usual_button.setAccessibleName(words)
        if not self._touched:
            self.slider.setValue(max(1, round(threshold * 100)))
            self._touched = False
        self._tell()

    def step(self, steps: int) -> None:
        """As many percent more or less."""
        self.slider.setValue(self.slider.value() + steps)

    def move_to(self, value: float) -> None:
        """Move it as the user would; never above `value`, and no label's own is above it."""
        self.cuts.lower_to(value)
        before = self.slider.value()
        self.slider.setValue(max(1, int(value * 100 + 1e-6)))
        if self.slider.value() == before:
            self.moved.emit(self.value)

    def _move(self) -> None:
        self._touched = True
        self._tell()
        self.moved.emit(self.value)

    def _let_go(self) -> None:
        self.slider.setValue(max(1, round(self._usual * 100)))
        self._touched = False
        self._tell()

    def _tell(self) -> None:
        self.cuts.set_common(self.value)
        self.value_label.setText(percent_text(self.value))
        self.usual_button.setVisible(abs(self.value - self._usual) > 0.005)
