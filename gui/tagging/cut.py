"""Where a category begins: the slider, how many photos that is, and those on either side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QSlider, QVBoxLayout, QWidget

from engine.tag_types import Estimate
from engine.types import PhotoId
from gui import theme
from gui.labels import ElidedLabel, text_label
from gui.tagging.strip import PhotoStrip
from gui.tagging.words import estimate_text, percent_text
from gui.thumbnails import Thumbnails

_STEPS = 1000
_SETTLED_MS = 350  # a key that is held down is one movement


@dataclass(frozen=True)
class Ranked:
    """Photos by their probability, the worst first."""

    ids: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    scores: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    @classmethod
    def of(cls, chances: Mapping[PhotoId, float]) -> Ranked:
        """Cost: 100,000 in 30 ms."""
        ids = np.fromiter(chances.keys(), np.int64, len(chances))
        scores = np.fromiter(chances.values(), np.float64, len(chances))
        order = np.argsort(scores, kind="stable")
        return cls(ids[order], scores[order])

    def reaching(self, cut: float) -> int:
        return len(self.ids) - self._place(cut)

    def around(self, cut: float, most: int) -> tuple[list[PhotoId], list[PhotoId]]:
        """Those just above and those just below a cut, each side the nearest first."""
        at = self._place(cut)
        above = [PhotoId(int(i)) for i in self.ids[at : at + most]]
        below = [PhotoId(int(i)) for i in self.ids[max(0, at - most) : at][::-1]]
        return above, below

    def best(self, most: int) -> list[PhotoId]:
        return [PhotoId(int(i)) for i in self.ids[::-1][:most]]

    def scores_of(self, cut: float, most: int) -> dict[PhotoId, float]:
        """The scores of what `around` shows."""
        at = self._place(cut)
        part = slice(max(0, at - most), at + most)
        pairs = zip(self.ids[part].tolist(), self.scores[part].tolist(), strict=True)
        return {PhotoId(photo_id): score for photo_id, score in pairs}

    def _place(self, cut: float) -> int:
        # a cut that was kept as a probability comes back a hair off the score it was made of
        return int(np.searchsorted(self.scores, cut - 1e-6))


class CutPanel(QWidget):
    """The slider between "nearly everything" and "only the surest", and what it means.

    Signals: moved(float), while it moves · settled(float), where it came to rest ·
    automatic_wanted(), the learned cut instead of the user's · accepted(PhotoId) ·
    rejected(PhotoId) · opened(PhotoId).
    """

    moved = Signal(float)
    settled = Signal(float)
    automatic_wanted = Signal()
    accepted = Signal(object)
    rejected = Signal(object)
    opened = Signal(object)

    def __init__(
        self, thumbnails: Thumbnails, side: int = 72, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._ranked = Ranked()
        self._answers: Mapping[PhotoId, bool] = {}
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(1, _STEPS - 1)
        self.slider.setSingleStep(10)
        self.slider.setPageStep(50)
        self.slider.setAccessibleName(self.tr("How sure it must be"))
        self.slider.setToolTip(self.tr("Left: more photos. Right: only the surest."))
        self.value_label = text_label("", "muted")
        self.count_label = text_label("")
        self.count_label.setAccessibleName(self.tr("Photos at this cut"))
        self.automatic_button = theme.mark(QPushButton(self.tr("Let it learn the cut")), link=True)
        self.automatic_button.setAccessibleName(self.automatic_button.text())
        self.automatic_button.setToolTip(
            self.tr("Put the cut where your answers put it, instead of where you did")
        )
        self.estimate_label = ElidedLabel(mode=Qt.TextElideMode.ElideRight)
        theme.mark(self.estimate_label, role="muted")
        self.below = PhotoStrip(thumbnails, side, asks=True, from_right=True)
        self.above = PhotoStrip(thumbnails, side, asks=True)
        self.below.setAccessibleName(self.tr("Just below the cut"))
        self.above.setAccessibleName(self.tr("Just above the cut"))
        self.below.set_hint(self.tr("No photo below the cut"))
        self.above.set_hint(self.tr("No photo reaches the cut"))

        top = QHBoxLayout()
        top.setSpacing(12)
        top.addWidget(self.count_label)
        top.addWidget(self.slider, 1)
        top.addWidget(self.value_label)
        top.addWidget(self.automatic_button)
        strips = QGridLayout()
        strips.setHorizontalSpacing(12)
        strips.setVerticalSpacing(2)
        left = text_label(self.tr("Just below: left out"), "muted")
        right = text_label(self.tr("Just above: in"), "muted")
        strips.addWidget(self.below, 0, 0)
        line = QWidget()
        line.setFixedWidth(2)
        line.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        theme.mark(line, region="accent")
        strips.addWidget(line, 0, 1)
        strips.addWidget(self.above, 0, 2)
        strips.addWidget(left, 1, 0, Qt.AlignmentFlag.AlignRight)
        strips.addWidget(right, 1, 2)
        strips.setColumnStretch(0, 1)
        strips.setColumnStretch(2, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(top)
        column.addWidget(self.estimate_label)
        column.addSpacing(4)
        column.addLayout(strips)

        self._rest = QTimer(self, singleShot=True, interval=_SETTLED_MS)
        self._rest.timeout.connect(self._settle)
        self.slider.valueChanged.connect(self._move)
        self.slider.sliderReleased.connect(self._settle)
        self.automatic_button.clicked.connect(lambda: self.automatic_wanted.emit())
        for strip in (self.below, self.above):
            strip.accepted.connect(self.accepted)
            strip.rejected.connect(self.rejected)
            strip.opened.connect(self.opened)
        self.set_cut(0.5, own=False)

    @property
    def cut(self) -> float:
        return self.slider.value() / _STEPS

    @property
    def held(self) -> bool:
        """Whether the user is moving it."""
        return self.slider.isSliderDown() or self._rest.isActive()

    def set_cut(self, cut: float, *, own: bool) -> None:
        """Put the slider somewhere without a signal; `own`: the user has put it there."""
        self.automatic_button.setVisible(own)
        if not self.held:
            self.slider.blockSignals(True)
            self.slider.setValue(round(cut * _STEPS))
            self.slider.blockSignals(False)
            self._cut = cut
        self._tell()

    def show_ranked(self, ranked: Ranked, answers: Mapping[PhotoId, bool] | None = None) -> None:
        """Take other scores."""
        self._ranked = ranked
        self._answers = answers or {}
        self._tell()

    def show_estimate(self, estimate: Estimate | None, note: str = "") -> None:
        self.estimate_label.setText(estimate_text(estimate) if estimate is not None else note)

    @property
    def count(self) -> int:
        """Photos at this cut."""
        return self._ranked.reaching(self._cut)

    def _move(self) -> None:
        self._cut = self.cut
        self._tell()
        self.moved.emit(self.cut)
        if not self.slider.isSliderDown():
            self._rest.start()

    def _settle(self) -> None:
        self._rest.stop()
        self.settled.emit(self.cut)

    def _tell(self) -> None:
        self.value_label.setText(percent_text(self._cut))
        self.count_label.setText(self.tr("%Ln photo(s) at this cut", "", self.count))
        above, below = self._ranked.around(self._cut, 24)
        scores = self._ranked.scores_of(self._cut, 24)
        self.above.show_photos(above, scores, self._answers)
        self.below.show_photos(below, scores, self._answers)
