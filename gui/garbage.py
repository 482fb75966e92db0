"""Collects Python's garbage on the GUI thread only."""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

_LOOK_EVERY_MS = 2000


class Collector(QObject):
    """Takes over from the automatic collection, which runs on whichever thread allocates.

    A widget or timer that is part of a cycle must not be destroyed on a lane's thread: Qt warns
    ("Timers cannot be stopped from another thread") and may crash. While this lives, cycles wait
    for a moment of the GUI thread. Cost: about 1 ms for the young generations; `freeze` keeps the
    oldest from being walked in full once torch is loaded.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thresholds = gc.get_threshold()
        gc.disable()
        self._timer = QTimer(self, interval=_LOOK_EVERY_MS)
        self._timer.timeout.connect(self.collect_if_due)
        self._timer.start()

    def collect_if_due(self) -> None:
        """What the automatic collection would do now, but here."""
        young, middle, old = gc.get_count()
        if old > self._thresholds[2]:
            gc.collect()
        elif middle > self._thresholds[1]:
            gc.collect(1)
        elif young > self._thresholds[0]:
            gc.collect(0)

    def freeze(self) -> None:
        """What is there now stays: do not look at it again, not even now."""
        gc.freeze()

    def stop(self) -> None:
        self._timer.stop()
        gc.enable()
