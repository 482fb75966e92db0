"""How long ago the user last touched this application."""

from __future__ import annotations

import time
import weakref

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QGuiApplication, QWindow

_TOUCHES = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
        QEvent.Type.TouchUpdate,
        QEvent.Type.TabletMove,
    }
)


class InputWatch(QObject):
    """Notes keys and mouse of every window of the application.

    It listens at the windows of the screen, not at each widget: a filter on the application would
    be called for every event of every object.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._last = time.monotonic()
        self._watched: weakref.WeakSet[QWindow] = weakref.WeakSet()
        app = QGuiApplication.instance()
        if isinstance(app, QGuiApplication):
            app.focusWindowChanged.connect(self._watch)
            self._watch(QGuiApplication.focusWindow())

    def idle_s(self) -> float:
        """Seconds since the last key or movement. May be called from any thread."""
        return time.monotonic() - self._last

    def note(self) -> None:
        """The user is here."""
        self._last = time.monotonic()

    def _watch(self, window: QWindow | None) -> None:
        if window is not None and window not in self._watched:
            self._watched.add(window)
            window.installEventFilter(self)
            self.note()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _TOUCHES:
            self._last = time.monotonic()
        return False
