"""Cuts what is in a box out of a picture that is on the screen."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage, QPixmap

from engine.types import Box


def cut_out(image: QImage, box: Box, factor: float) -> QPixmap:
    """What is in a box; `factor`: pixels of the picture per pixel of the box's photo."""
    corner, far = QPointF(*box[:2]) * factor, QPointF(*box[2:]) * factor
    return QPixmap.fromImage(image.copy(QRectF(corner, far).toAlignedRect()))
