"""From one picture to the next in a moment: what was there before fades over what is there now."""

from __future__ import annotations

from PySide6.QtCore import QEasingCurve, Qt, QVariantAnimation
from PySide6.QtGui import QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QStyle, QWidget

_LASTS_MS = 140


class Fade(QWidget):
    """Lies over a surface while it fades. Desktops that want no motion get none."""

    def __init__(self, surface: QWidget) -> None:
        super().__init__(surface)
        self._surface = surface
        self._before: QPixmap | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._run = QVariantAnimation(self)
        self._run.setDuration(_LASTS_MS)
        self._run.setStartValue(1.0)
        self._run.setEndValue(0.0)
        self._run.setEasingCurve(QEasingCurve.Type.InOutSine)
        self._run.valueChanged.connect(self.update)
        self._run.finished.connect(self.stop)
        self.hide()

    def cover(self) -> None:
        """Keep what the surface shows now."""
        self.stop()
        hint = QStyle.StyleHint.SH_Widget_Animation_Duration
        if self.style().styleHint(hint, None, self) > 0 and self._surface.isVisible():
            self._before = self._surface.grab()

    def run(self) -> None:
        """Let what was kept give way to what the surface shows now."""
        if self._before is not None:
            self.setGeometry(self._surface.rect())
            self.show()
            self.raise_()
            self._run.start()

    def stop(self) -> None:
        """Show what there is at once."""
        self._run.stop()
        self._before = None
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._before is not None:
            painter = QPainter(self)
            painter.setOpacity(float(self._run.currentValue() or 0.0))
            painter.drawPixmap(0, 0, self._before)
            painter.end()
