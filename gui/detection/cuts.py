"""How sure the detector must be of each label by itself: a slider for each, remembered."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QSlider, QVBoxLayout, QWidget

from gui import theme
from gui.job_row import tool_button
from gui.labels import ElidedLabel, plain_text, text_label
from gui.tagging.dots import dot_icon
from gui.tagging.words import percent_text

_KEY = "detection/cuts"
_MOST = 200  # labels remembered
_HIGH = 6  # rows shown before one scrolls


class LabelCuts(QScrollArea):
    """A slider for each label; one that was never moved stands where the common one does.

    Signals: moved(), while one moves.
    """

    moved = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._common = 0.1
        self.rows: dict[str, CutRow] = {}
        self._own = remembered_cuts()
        self._body = QWidget()
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(0, 0, 4, 0)
        self._column.setSpacing(2)
        self.setWidget(self._body)
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(self.tr("How sure it must be of each"))
        for part in (self.viewport(), self._body):  # whatever it lies on is seen
            part.setAutoFillBackground(False)

    def cut(self, label: str) -> float:
        """The least score of a label: its own, or else the common one."""
        return self._own.get(label.casefold(), self._common)

    @property
    def own(self) -> dict[str, float]:
        """The labels shown that have one of their own."""
        return {name: self.cut(name) for name in self.rows if name.casefold() in self._own}

    def set_labels(self, labels: Sequence[str], colours: Mapping[str, str]) -> None:
        """Show these; sliders of labels that stay keep what the mouse does to them."""
        self._own = remembered_cuts()  # another page may have moved some
        if list(self.rows) != list(labels):
            for row in self.rows.values():
                self._column.removeWidget(row)
            for name in [name for name in self.rows if name not in labels]:
                row = self.rows.pop(name)
                row.hide()
                row.deleteLater()
            self.rows = {name: self.rows.get(name) or self._row(name) for name in labels}
            for row in self.rows.values():
                self._column.addWidget(row)
                row.show()
        for name, row in self.rows.items():
            row.set_colour(colours.get(name, ""))
        self._tell()

    def set_common(self, value: float) -> None:
        """What holds for labels without one of their own."""
        self._common = value
        self._tell()

    def step(self, label: str, steps: int) -> None:
        """As many percent more or less for one label."""
        if label in self.rows:
            self._set(label, round(self.cut(label) * 100 + steps) / 100)

    def lower_to(self, value: float) -> None:
        """No label that is shown asks for more than this."""
        for name, cut in self.own.items():
            if cut > value:
                self._own[name.casefold()] = value
                remember_cut(name, value)
        self._tell()

    def _row(self, name: str) -> CutRow:
        row = CutRow(name)
        row.slider.valueChanged.connect(lambda value: self._set(name, value / 100))  # pyright: ignore[reportUnknownLambdaType]
        row.common_button.clicked.connect(lambda: self._set(name, None))
        return row

    def _set(self, name: str, value: float | None) -> None:
        if value is None:
            self._own.pop(name.casefold(), None)
            self.rows[name].slider.setFocus()
        else:
            self._own[name.casefold()] = max(0.01, min(0.99, value))
        remember_cut(name, value if value is None else self.cut(name))
        self._tell()
        self.moved.emit()

    def _tell(self) -> None:
        for name, row in self.rows.items():
            row.tell(self.cut(name), own=name.casefold() in self._own)
        shown = min(len(self.rows), _HIGH)
        high = max((row.sizeHint().height() for row in self.rows.values()), default=0)
        self.setFixedHeight(shown * (high + 2))


class CutRow(QWidget):
    """A label with its slider."""

    def __init__(self, label: str) -> None:
        super().__init__()
        name = plain_text(label)
        self._dot = QLabel()
        told = ElidedLabel(name, mode=Qt.TextElideMode.ElideRight)
        told.setFixedWidth(72)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(1, 99)
        self.slider.setPageStep(5)
        self.slider.setMinimumWidth(48)
        words = self.tr("How sure it must be of “%1”").replace("%1", name)
        self.slider.setAccessibleName(words)
        self.slider.setToolTip(words)
        self.value_label = text_label("", "muted")
        self.value_label.setFixedWidth(self.value_label.fontMetrics().horizontalAdvance("99 %") + 2)
        self.value_label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.common_button = tool_button("undo", self.tr("As sure as of the others"))
        policy = self.common_button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.common_button.setSizePolicy(policy)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for part in (self._dot, told):
            row.addWidget(part)
        row.addWidget(self.slider, 1)
        row.addWidget(self.value_label)
        row.addWidget(self.common_button)

    def set_colour(self, colour: str) -> None:
        self._dot.setPixmap(dot_icon(colour).pixmap(16, 16))

    def tell(self, value: float, *, own: bool) -> None:
        """Stand there without a signal."""
        self.slider.blockSignals(True)
        self.slider.setValue(round(value * 100))
        self.slider.blockSignals(False)
        self.value_label.setText(percent_text(value))
        theme.mark(self.value_label, role="text" if own else "muted")
        self.common_button.setVisible(own)


def remembered_cuts() -> dict[str, float]:
    """By the label in small letters, the one moved last at the end."""
    try:
        stored: Any = json.loads(str(QSettings().value(_KEY, "{}")))
    except ValueError:
        return {}
    if not isinstance(stored, dict):
        return {}
    pairs = cast("dict[str, Any]", stored).items()
    return {name: float(v) for name, v in pairs if isinstance(v, int | float) and 0 < v < 1}


def remember_cut(label: str, value: float | None) -> None:
    """Use this for the label from now on; None: the common one."""
    known = remembered_cuts()
    known.pop(label.casefold(), None)
    if value is not None:
        known[label.casefold()] = value
    QSettings().setValue(_KEY, json.dumps(dict([*known.items()][-_MOST:])))
