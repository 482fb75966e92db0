"""Grid of many rows: first show, resize, scroll, new photos. `python bench/grid.py [--json]`."""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtCore import QBuffer, QByteArray, QEventLoop, QIODevice
from PySide6.QtGui import QColor, QImage, QImageWriter
from PySide6.QtWidgets import QApplication

from engine.types import Photo, PhotoId, PhotoState, RootId
from gui import theme
from gui.grid.model import GridModel, Listing
from gui.grid.pages import PageSource
from gui.grid.view import GridView
from gui.thumbnails import Thumbnails
from gui.workers import Workers

FRAMES = 200


def photo(photo_id: PhotoId) -> Photo:
    return Photo(
        id=photo_id, root_id=RootId(1), path=Path(f"/photos/IMG_{photo_id}.jpg"),
        state=PhotoState.PRESENT, online=True, size=4_000_000, mtime_ns=0, content_hash=None,
        width=4000, height=3000, format="JPEG", taken_at=None, camera=None, damaged="",
        embedded=True,
    )  # fmt: skip


def make_thumbnail() -> bytes:
    """A 256 x 192 JPEG with some detail in it."""
    image = QImage(256, 192, QImage.Format.Format_RGB32)
    for y in range(192):
        for x in range(256):
            image.setPixelColor(x, y, QColor((x * 7) % 256, (y * 5) % 256, (x * y) % 256))
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"JPEG"))
    writer.setQuality(82)
    writer.write(image)
    return bytes(data.data())


def timed(act: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


class Bench:
    """One view over `rows` synthetic photos."""

    def __init__(self, rows: int) -> None:
        self.workers = Workers()
        self.model = GridModel()
        self.source = PageSource(self.model, self.workers, self.fetch)
        picture = make_thumbnail()
        self.thumbnails = Thumbnails(self.workers, lambda _: picture)
        self.view = GridView(self.model, self.thumbnails)
        self.rows = rows

    def fetch(self, ids: Sequence[PhotoId]) -> list[Photo]:
        return [photo(photo_id) for photo_id in ids]

    def frame(self) -> None:
        """Lay out and paint what is to be painted now."""
        QApplication.sendPostedEvents()
        self.view.viewport().repaint()

    def settle(self) -> None:
        while self.workers.tasks:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)
        QApplication.processEvents()

    def run(self) -> dict[str, float]:
        ids = [PhotoId(number) for number in range(self.rows)]
        figures: dict[str, float] = {}

        def show() -> None:
            self.model.show(Listing(ids))
            self.view.resize(1280, 800)
            self.view.show()
            self.frame()

        figures["first show ms"] = timed(show)
        self.settle()

        def resize() -> None:
            self.view.resize(1200, 760)
            self.view.doItemsLayout()
            self.frame()

        figures["resize ms"] = timed(resize)
        self.settle()
        bar = self.view.verticalScrollBar()
        frames: list[float] = []
        for step in range(FRAMES):  # far jumps: every frame meets rows never seen

            def scroll(to: int = bar.maximum() * step // FRAMES) -> None:
                bar.setValue(to)
                self.frame()

            frames.append(timed(scroll))
            QApplication.processEvents()
        self.settle()
        figures["scroll frame ms, unseen, median"] = statistics.median(frames)
        figures["scroll frame ms, unseen, p99"] = statistics.quantiles(frames, n=100)[98]
        bar.setValue(bar.maximum() // 2)
        self.frame()
        self.settle()
        frames = []
        for step in range(FRAMES):  # with everything at hand

            def nudge(to: int = bar.maximum() // 2 + step % 7) -> None:
                bar.setValue(to)
                self.frame()

            frames.append(timed(nudge))
        figures["scroll frame ms, seen, median"] = statistics.median(frames)
        new = [PhotoId(self.rows + number) for number in range(100)] + ids

        def more() -> None:
            self.model.show(Listing(new, fresh=False))
            self.frame()

        figures["100 photos come in ms"] = timed(more)
        figures["select all ms"] = timed(self.view.selectAll)
        figures["ids of the selection ms"] = timed(self.view.selected_ids)
        self.settle()
        self.workers.shutdown()
        self.view.close()
        return figures


def main() -> None:
    """Measure 100,000 rows, or as many as asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--rows", type=int, default=100_000)
    options = parser.parse_args()
    app = QApplication([])
    theme.apply_theme(app, "dark")
    figures = {name: round(value, 2) for name, value in Bench(options.rows).run().items()}
    if options.json:
        print(json.dumps({"rows": options.rows, **figures}))
        return
    print(f"{options.rows:,} rows")
    for name, value in figures.items():
        print(f"{value:10.2f}  {name}")


if __name__ == "__main__":
    main()
