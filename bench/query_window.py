"""How long from a key to painted results, in the real window, offscreen.

Started by `query.py` with a library of synthetic rows; one JSON object on stdout. Every key is
measured by itself, as somebody types who waits for the answer to each: until the grid has painted
the answer to just this text. Of it the window waits on purpose whether another key comes.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT))

from PySide6.QtCore import QElapsedTimer, QEvent, QEventLoop, QObject, QSettings, QTimer  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from PySide6.QtWidgets import QApplication  # noqa: E402
from query import quantile  # noqa: E402

from gui import theme  # noqa: E402
from gui.app import Desk, make_app  # noqa: E402
from gui.searching.bar import DEBOUNCE_MS  # noqa: E402

PHRASES = ("a dog", "two cats", "red car", "old house by the sea", "snow", "a tree type:jpeg",
           "boat date:2004", "birds -people", "rating:>=3", "the beach at night")  # fmt: skip
_LIMIT_MS = 180_000


def wait_until(true: Callable[[], bool]) -> None:
    """Let the window work until something is so."""
    clock = QElapsedTimer()
    clock.start()
    while not true():
        QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)
        if clock.elapsed() > _LIMIT_MS:
            raise SystemExit("the window did not answer")


class Watch(QObject):
    """When the question was asked, answered, and painted; and the longest block meanwhile."""

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        assert desk.session is not None
        self._view = desk.window.grid.view.viewport()
        self._view.installEventFilter(self)
        self.asked = self.answered = self.painted = 0.0
        self.longest = 0.0
        self._last = time.perf_counter()
        desk.window.search_bar.search_wanted.connect(self._ask)
        desk.session.lister.listed.connect(self._answer)
        desk.session.lister.failed.connect(self._fail)
        self._tick = QTimer(self, interval=0)
        self._tick.timeout.connect(self._count)
        self._tick.start()

    def begin(self) -> float:
        self.asked = self.answered = self.painted = self.longest = 0.0
        self._last = time.perf_counter()
        return self._last

    def silent(self, since: float) -> bool:
        """Whether nothing was asked although the wait for another key is over."""
        return not self.asked and 1e3 * (time.perf_counter() - since) > 2 * DEBOUNCE_MS

    def _ask(self) -> None:
        self.asked = time.perf_counter()
        self.answered = self.painted = 0.0

    def _answer(self) -> None:
        self.answered = time.perf_counter()
        self._view.update()

    def _fail(self) -> None:
        """What is half typed may be no query: the reason is shown instead."""
        self._answer()

    def _count(self) -> None:
        now = time.perf_counter()
        self.longest = max(self.longest, now - self._last)
        self._last = now

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Paint and self.asked and self.answered:
            QTimer.singleShot(0, self, self._paint)  # after this one
        return False

    def _paint(self) -> None:
        self.painted = self.painted or time.perf_counter()


def measure(desk: Desk) -> dict[str, dict[str, float]]:
    watch = Watch(desk)
    bar = desk.window.search_bar
    whole: list[float] = []
    waited: list[float] = []
    blocked: list[float] = []
    for phrase in PHRASES:
        bar.clear()
        wait_until(lambda: not desk.workers.tasks)
        bar.field.setFocus()
        for letter in phrase:
            began = watch.begin()
            QTest.keyClicks(bar.field, letter)
            wait_until(lambda: bool(watch.painted) or watch.silent(began))  # noqa: B023
            if not watch.asked:  # a space: the question is the same
                continue
            whole.append(1e3 * (watch.painted - began))
            waited.append(1e3 * (watch.asked - began))
            blocked.append(1e3 * watch.longest)
    after = [all_ - wait for all_, wait in zip(whole, waited, strict=True)]
    rows = {
        "key to painted results": whole,
        "of it waiting for another key": waited,
        "after the wait": after,
        "longest block of the window": blocked,
    }
    return {name: told(values) for name, values in rows.items()}


def told(values: list[float]) -> dict[str, float]:
    shares = {"median": 0.5, "p95": 0.95, "p99": 0.99}
    return {
        "keys": len(values),
        **{name: round(quantile(values, share), 1) for name, share in shares.items()},
    }


def main() -> None:
    app = make_app()
    with tempfile.TemporaryDirectory(prefix="photosift-bench-") as state:
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, state)
        theme.apply_theme(app, "dark")
        warm: list[bool] = []
        desk = Desk(Path(sys.argv[1]), None)
        desk.warmed_up.connect(lambda: warm.append(True))
        desk.window.resize(1280, 800)
        desk.show()
        wait_until(lambda: bool(warm) and not desk.workers.tasks)
        figures = measure(desk)
        desk.window.close()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
