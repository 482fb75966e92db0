"""How long the window stands still while very many photos are selected and marked.

Opens a library of synthetic rows in the real window, offscreen, and does what a user does: select
everything, give stars, take it back, invert, select none. Tells for each the longest time in which
the window could not have answered a key, in milliseconds, the most processor time that its thread
took in one go, which other programs disturb less, and how long it took as a whole. The bar is 50.

    python bench/gaps.py                     100,000 photos; a minute
    python bench/gaps.py --photos 1000000    a million; some minutes, 6 GB of disk
    python bench/gaps.py --json              one JSON object on stdout
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")

from material import make_model, note  # noqa: E402
from PySide6.QtCore import QSettings, Qt, QTimer  # noqa: E402
from PySide6.QtTest import QTest  # noqa: E402
from query import make  # noqa: E402
from query_window import wait_until  # noqa: E402

from gui import theme  # noqa: E402
from gui.app import Desk, make_app  # noqa: E402

BAR_MS = 50.0


class Gaps:
    """The longest time between two rounds of the window's event loop."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._last = self._worked = 0.0
        self.longest = self.most = 0.0
        self._tick = QTimer(interval=0)
        self._tick.timeout.connect(self._count)

    def of(self, act: Callable[[], object]) -> dict[str, float]:
        """Do something and wait until nothing works any more."""
        self._last = began = time.perf_counter()
        self._worked = time.thread_time()
        self.longest = self.most = 0.0
        self._tick.start()
        act()
        self._count()
        after = time.perf_counter() + 0.3  # what is told a moment later belongs to it
        wait_until(lambda: time.perf_counter() > after and not self._desk.workers.tasks)
        self._tick.stop()
        took = time.perf_counter() - began - 0.3
        note(f"longest gap {1e3 * self.longest:.0f} ms, {1e3 * self.most:.0f} of work")
        return {
            "longest gap": round(1e3 * self.longest, 1), "of work": round(1e3 * self.most, 1),
            "took": round(1e3 * took, 1),
        }  # fmt: skip

    def _count(self) -> None:
        now, worked = time.perf_counter(), time.thread_time()
        self.longest = max(self.longest, now - self._last)
        self.most = max(self.most, worked - self._worked)
        self._last, self._worked = now, worked


def measure(folder: Path) -> dict[str, dict[str, float]]:
    warm: list[bool] = []
    desk = Desk(folder, None)
    desk.warmed_up.connect(lambda: warm.append(True))
    desk.window.resize(1280, 800)
    desk.show()
    wait_until(lambda: bool(warm) and not desk.workers.tasks)
    view = desk.window.grid.view
    view.setFocus()
    gaps = Gaps(desk)
    ctrl, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier

    def press(key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(view, key, modifiers)

    result: dict[str, dict[str, float]] = {"nothing": gaps.of(lambda: None)}
    result["select all"] = gaps.of(lambda: press(Qt.Key.Key_A, ctrl))
    result["scroll to the end, all selected"] = gaps.of(view.scrollToBottom)
    result["three stars"] = gaps.of(lambda: press(Qt.Key.Key_3))
    result["undo"] = gaps.of(lambda: press(Qt.Key.Key_Z, ctrl))
    result["favourite"] = gaps.of(lambda: press(Qt.Key.Key_H))
    result["undo it"] = gaps.of(lambda: press(Qt.Key.Key_Z, ctrl))
    result["select none"] = gaps.of(lambda: press(Qt.Key.Key_A, ctrl | shift))
    result["invert: all"] = gaps.of(lambda: press(Qt.Key.Key_I, ctrl))
    result["invert: none"] = gaps.of(lambda: press(Qt.Key.Key_I, ctrl))
    desk.window.close()
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--photos", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, help="keep model and library for the next time")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="photosift-bench-") as temporary:
        os.environ.update(XDG_DATA_HOME=temporary, XDG_CONFIG_HOME=temporary, HF_HUB_OFFLINE="1")
        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, temporary)
        place = (options.keep or Path(temporary)).absolute()
        make_model(place / "model")
        folder = make(place, options.photos)
        theme.apply_theme(make_app(), "dark")
        result = measure(folder)
    if options.json:
        print(json.dumps({"photos": options.photos, "bar_ms": BAR_MS, **result}, indent=2))
        return
    print(f"{options.photos:,} photos{'':<26}{'longest gap':>14}{'of work':>10}{'took':>10}  ms")
    for name, told in result.items():
        print(
            f"{name:<40}{told['longest gap']:>12.1f}{told['of work']:>10.1f}{told['took']:>10.1f}"
        )


if __name__ == "__main__":
    main()
