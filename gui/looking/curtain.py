"""In full screen: strips that come with the mouse and go with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPointF, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget

_QUIET_MS = 2000
_FAR = 3  # pixels: a hand on the table is no movement


class Curtain(QObject):
    """Hides strips over a surface, and the cursor with them, while the mouse is at rest.

    Args:
        surface: whose mouse is watched; it tracks it.
        hide_cursor: called with whether the cursor is to be hidden over it.
    """

    def __init__(self, surface: QWidget, hide_cursor: Callable[[bool], object]) -> None:
        super().__init__(surface)
        self._surface = surface
        self._hide_cursor = hide_cursor
        self._strips: list[QWidget] = []
        self._drawn = False
        self._last: QPointF | None = None
        self._quiet = QTimer(self, singleShot=True, interval=_QUIET_MS)
        self._quiet.timeout.connect(self.hide)
        surface.installEventFilter(self)

    @property
    def drawn(self) -> bool:
        return self._drawn

    def draw(self, strips: Sequence[QWidget]) -> None:
        """From now on these are hidden until the mouse moves."""
        self._strips = list(strips)
        self._drawn = True
        self._last = None
        self.hide()

    def open(self) -> None:
        """Nothing is hidden any more; whoever owns the strips shows them where they belong."""
        self._drawn = False
        self._quiet.stop()
        self._strips = []
        self._hide_cursor(False)

    def wake(self) -> None:
        """Show the strips for a while."""
        if not self._drawn:
            return
        for strip in self._strips:
            strip.show()
            strip.raise_()
        self._hide_cursor(False)
        self._quiet.start()

    def hide(self) -> None:
        """Away with them, unless the mouse or the keyboard is on one."""
        if not self._drawn:
            return
        used = any(strip.underMouse() or strip.hasFocus() for strip in self._strips) or any(
            child.hasFocus() for strip in self._strips for child in strip.findChildren(QWidget)
        )
        if used and any(strip.isVisible() for strip in self._strips):
            self._quiet.start()
            return
        for strip in self._strips:
            strip.hide()
        self._hide_cursor(True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if self._drawn and isinstance(event, QMouseEvent):
            here = event.globalPosition()
            if event.type() == QEvent.Type.MouseMove:
                far = self._last is not None and (here - self._last).manhattanLength() > _FAR
                self._last = here if far or self._last is None else self._last
                if far:
                    self.wake()
        return False
