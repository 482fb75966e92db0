"""The bar above a photo: back, its name and place in the list, its neighbours, zoom."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from gui import icons, theme
from gui.labels import ElidedLabel
from gui.looking.canvas import STEP


class PhotoBar(QWidget):
    """Signals: closed() · stepped(int) · zoomed(float), by a factor · fit_wanted()."""

    closed = Signal()
    stepped = Signal(int)
    zoomed = Signal(float)
    fit_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.mark(self, region="panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.name = ElidedLabel()
        self._place = theme.mark(QLabel(), role="muted")
        self._zoom = theme.mark(QLabel(), role="muted")
        self._zoom.setMinimumWidth(48)
        self._zoom.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        back = self._button("close", self.tr("Back (Esc)"), self.closed.emit)
        before = self._button(
            "previous", self.tr("Previous photo (Left)"), lambda: self.stepped.emit(-1)
        )
        after = self._button("next", self.tr("Next photo (Right)"), lambda: self.stepped.emit(1))
        smaller = self._button(
            "zoom-out", self.tr("Zoom out (-)"), lambda: self.zoomed.emit(1 / STEP)
        )
        larger = self._button("zoom-in", self.tr("Zoom in (+)"), lambda: self.zoomed.emit(STEP))
        fit = self._button("fit", self.tr("Fit or 100 % (Z)"), self.fit_wanted.emit)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(4)
        row.addWidget(back)
        row.addSpacing(8)
        row.addWidget(self.name, 1)
        row.addWidget(self._place)
        row.addSpacing(8)
        row.addWidget(before)
        row.addWidget(after)
        row.addSpacing(8)
        row.addWidget(self._zoom)
        for button in (smaller, larger, fit):
            row.addWidget(button)

    def tell_photo(self, name: str, row: int, count: int) -> None:
        """Which photo it is, and where in its list."""
        self.name.setText(name)
        place = self.tr("{} of {}").format(f"{row + 1:,}", f"{count:,}")
        self._place.setText(place if count else "")

    def tell_zoom(self, zoom: float) -> None:
        """Device pixels per photo pixel; 0 while there is no photo."""
        self._zoom.setText(f"{round(zoom * 100)} %" if zoom else "")

    def _button(self, icon: str, text: str, act: Callable[[], object]) -> QToolButton:
        button = QToolButton()
        button.setIcon(icons.icon(icon))
        button.setIconSize(QSize(18, 18))
        button.setAutoRaise(True)
        button.setToolTip(text)
        button.setAccessibleName(text)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: act())
        return button
