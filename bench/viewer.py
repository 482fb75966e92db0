"""Looking at 24-megapixel photos: from the key to the picture. `python bench/viewer.py [--json]`.

The real window and engine on a screen of 1920 × 1080, full screen. Times are from the press of a
key until the widget has painted the picture made for the screen, not its preview.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import psutil
from material import SHARED, note
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from engine.types import PhotoId

PIXELS = (6000, 4000)
SCREEN = (1920, 1080)
DIFFERENT = 10  # the others have the same picture, but not the same bytes
HURRIED = 50
KEY_EVERY_MS = 33  # as a key that is held repeats


def make_photos(folder: Path, count: int) -> None:
    """JPEGs of 24 megapixels, quality 90, 4:2:0, from real photos with grain."""
    note(f"making {count} photos of 24 megapixels")
    random = np.random.default_rng(4)
    sources = sorted((SHARED / "photos" / "coco").glob("*.jpg"))[:DIFFERENT]
    for n in range(count):
        path = folder / f"{n:03}.jpg"
        if n >= DIFFERENT:
            first = (folder / f"{n % DIFFERENT:03}.jpg").read_bytes()
            path.write_bytes(first + f"copy {n}".encode())
            continue
        if sources:
            with Image.open(sources[n % len(sources)]) as opened:
                small = opened.convert("RGB")
        else:
            small = Image.fromarray(random.integers(0, 256, (60, 90, 3), np.uint8))
        pixels = np.asarray(small.resize(PIXELS, Image.Resampling.BICUBIC)).astype(np.int16)
        grain = random.integers(-6, 7, (400, PIXELS[0], 1), np.int16)
        grainy = pixels + np.tile(grain, (PIXELS[1] // 400, 1, 1))
        Image.fromarray(grainy.clip(0, 255).astype(np.uint8)).save(path, quality=90)


class Bench:
    """A window on a library of large photos."""

    def __init__(self, folder: Path) -> None:
        from PySide6.QtCore import QSettings

        from engine import Library
        from gui.app import make_app
        from gui.main_window import MainWindow
        from gui.session import Session
        from gui.workers import Workers

        QSettings.setDefaultFormat(QSettings.Format.IniFormat)
        state = str(folder / "state")
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, state)
        self.app = make_app()
        self.library = Library.open(folder / "library")
        self.library.add_root(folder / "photos")
        self.workers = Workers()
        self.session = Session(self.library, self.workers)
        self.window = MainWindow()
        self.window.resize(*SCREEN)
        self.window.show()
        settled: list[bool] = []
        self.session.keeper.settled.connect(lambda: settled.append(True))
        self.window.attach(self.session)
        self.until(lambda: bool(settled) and self.library.counts().photos > 0)
        self.rest()
        self.viewer, self.grid = self.window.viewer, self.window.grid
        self._paint = self.viewer.canvas.overlay
        self.viewer.canvas.overlay = self.painted
        self.sharp: dict[PhotoId, float] = {}  # when it was painted

    def painted(self, painter: object) -> None:
        """The canvas has just painted."""
        canvas, photo_id = self.viewer.canvas, self.viewer.photo_id
        self._paint(painter)  # pyright: ignore[reportArgumentType]
        image = canvas.image
        enough = image is not None and image.width() >= 0.99 * canvas.zoom * PIXELS[0]
        if photo_id is not None and enough:
            self.sharp.setdefault(photo_id, time.perf_counter())

    def until(self, true: Callable[[], bool]) -> None:
        from PySide6.QtCore import QEventLoop

        while not true():
            self.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

    def rest(self) -> None:
        """Until nothing runs."""
        for _ in range(3):
            self.until(lambda: not self.workers.tasks)
            self.app.processEvents()

    def press(self, widget: QWidget, key: Qt.Key, target: PhotoId) -> float:
        """Milliseconds from a key to the photo on the screen."""
        from PySide6.QtTest import QTest

        self.sharp.clear()
        began = time.perf_counter()
        QTest.keyClick(widget, key)
        self.until(lambda: target in self.sharp)
        return (self.sharp[target] - began) * 1000

    def processor_s(self) -> float:
        """What this process and its decoders have used."""
        me = psutil.Process()
        every = [me.cpu_times(), *(child.cpu_times() for child in me.children())]
        return sum(times.user + times.system for times in every)

    def cold(self, times: int) -> tuple[list[float], float]:
        """Enter in the grid, on photos that nothing has decoded; and the processor's share."""
        from PySide6.QtTest import QTest

        figures: list[float] = []
        busy: list[float] = []
        for n in range(times):
            self.rest()
            self.session.pictures.forget(self.grid.model.ids)
            row = (n * 7) % self.grid.model.rowCount()
            self.grid.view.go_to(self.grid.model.id_at(row))
            target = self.grid.model.id_at(row)
            used = self.processor_s()
            figures.append(self.press(self.grid.view, Qt.Key.Key_Return, target))
            busy.append((self.processor_s() - used) * 1000)
            self.rest()
            QTest.keyClick(self.viewer, Qt.Key.Key_Escape)
        return figures, statistics.median(busy)

    def full_screen(self) -> None:
        self.window.open_viewer(self.grid.model.id_at(0))
        self.window.menus.full_screen.setChecked(True)
        self.rest()

    def ahead(self, times: int) -> list[float]:
        """Right, with the next photo decoded."""
        figures: list[float] = []
        for _ in range(times):
            self.rest()
            here = self.viewer.photo_id
            assert here is not None
            target = self.grid.neighbour(here, 1)
            if target is None:
                self.viewer.open(self.grid.model.id_at(0))
                continue
            figures.append(self.press(self.viewer, Qt.Key.Key_Right, target))
        return figures

    def hurry(self) -> dict[str, float]:
        """Right held over many photos: gaps of the event loop, and the last photo's arrival."""
        from PySide6.QtCore import QTimer
        from PySide6.QtTest import QTest

        self.viewer.open(self.grid.model.id_at(0))
        self.rest()
        self.session.pictures.forget(self.grid.model.ids)
        self.rest()
        gaps: list[float] = []
        last = time.perf_counter()

        def beat() -> None:
            nonlocal last
            now = time.perf_counter()
            gaps.append((now - last) * 1000)
            last = now

        heart = QTimer(interval=1)
        heart.setTimerType(Qt.TimerType.PreciseTimer)
        heart.timeout.connect(beat)
        pressed = 0

        def press() -> None:
            nonlocal pressed
            pressed += 1
            QTest.keyClick(self.viewer, Qt.Key.Key_Right)

        keys = QTimer(interval=KEY_EVERY_MS)
        keys.timeout.connect(press)
        heart.start()
        keys.start()
        self.until(lambda: pressed >= HURRIED)
        keys.stop()
        stopped = time.perf_counter()
        target = self.viewer.photo_id
        assert target is not None
        self.until(lambda: target in self.sharp)
        arrived = (self.sharp[target] - stopped) * 1000
        self.rest()
        heart.stop()
        return {
            "longest gap, ms": max(gaps),
            "99 % of gaps below, ms": statistics.quantiles(gaps, n=100)[98],
            "sharp after the key was let go, ms": max(0.0, arrived),
            "memory of the pictures kept, MB": self.session.pictures.used_bytes / 1e6,
        }

    def close(self) -> None:
        self.window.close()
        self.session.close()
        self.workers.shutdown()
        self.library.close()


def spread(figures: list[float]) -> dict[str, float]:
    ordered = sorted(figures)
    return {
        "p50, ms": statistics.median(ordered),
        "p99, ms": ordered[min(len(ordered) - 1, round(0.99 * (len(ordered) - 1)))],
        "most, ms": ordered[-1],
    }


def screen_file(folder: Path) -> Path:
    """What the offscreen platform is told of its screen."""
    path = folder / "screen.json"
    screen = {"name": "one", "x": 0, "y": 0, "width": SCREEN[0], "height": SCREEN[1]}
    screen |= {"logicalDpi": 96, "logicalBaseDpi": 96, "dpr": 1}
    path.write_text(json.dumps({"screens": [screen]}))
    return path


def main() -> None:
    """Measure and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--photos", type=int, default=60)
    parser.add_argument("--times", type=int, default=20)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="photosift-viewer-"))
    os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={screen_file(folder)}"
    try:
        (folder / "photos").mkdir()
        make_photos(folder / "photos", max(options.photos, HURRIED + 5))
        note("reading them")
        bench = Bench(folder)
        note("opening from the grid")
        result: dict[str, dict[str, float]] = {}
        cold, busy = bench.cold(options.times)
        opened = spread(cold) | {"of processors, p50, ms": busy}
        result["Enter in the grid, nothing decoded"] = opened
        bench.full_screen()
        note("going on")
        result["Right, the next photo decoded"] = spread(bench.ahead(options.times))
        note("hurrying")
        result[f"Right held over {HURRIED} photos"] = bench.hurry()
        bench.close()
    finally:
        shutil.rmtree(folder)
    if options.json:
        print(json.dumps(result, indent=1))
        return
    for title, figures in result.items():
        print(title)
        for name, value in figures.items():
            print(f"  {name:40} {value:8.1f}")


if __name__ == "__main__":
    main()
