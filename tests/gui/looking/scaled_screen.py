"""Shows a picture at 100 % on a scaled screen and compares what is painted: run by a test.

`QT_SCALE_FACTOR=1.5 python scaled_screen.py` prints "exact" if every pixel of the photo got one of
the screen's, and the zoom of a small photo that is fitted.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from gui.looking.canvas import Canvas
from gui.looking.pictures import to_qimage


def pixels_of(image: QImage) -> NDArray[np.uint8]:
    """(height, width, 3)."""
    plain = image.convertToFormat(QImage.Format.Format_RGB32)
    rows = np.frombuffer(plain.constBits(), np.uint8).reshape(plain.height(), plain.width(), 4)
    return rows[..., 2::-1].copy()


def main() -> None:
    """Say whether the pixels are those of the photo, and what a fitted small photo measures."""
    app = QApplication([])
    pixels = np.random.default_rng(1).integers(0, 256, (900, 1200, 3), np.uint8)
    window = QWidget()
    column = QVBoxLayout(window)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    above = QLabel("a bar of an odd height")
    above.setFixedHeight(33)  # at 150 % the canvas begins in the middle of a device pixel
    canvas = Canvas()
    column.addWidget(above)
    column.addWidget(canvas, 1)
    window.resize(401, 333)
    window.show()
    window.resize(401, 333)
    app.processEvents()
    ratio = canvas.devicePixelRatioF()
    assert ratio == float(os.environ["QT_SCALE_FACTOR"])
    image = to_qimage(pixels)
    canvas.show_photo(image.size(), image)
    canvas.zoom_to(1.0)
    canvas.centre_on(QPointF(613.3, 447.7))
    app.processEvents()
    shot = window.screen().grabWindow(window.winId()).toImage()
    top = round(33 * ratio) + 100
    seen = pixels_of(shot)[top : top + 40, 100:140]
    found = any(
        np.array_equal(pixels[y : y + 40, x : x + 40], seen)
        for y, x in zip(*np.nonzero((pixels[:-40, :-40] == seen[0, 0]).all(2)), strict=True)
    )
    small = to_qimage(pixels[:60, :80])
    canvas.show_photo(small.size(), small)
    print("exact" if found else "not exact", f"{canvas.zoom:.2f}")  # noqa: T201 - it is the answer


main()
