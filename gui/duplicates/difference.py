"""How two pictures of one thing differ, pixel by pixel; computed on a lane, shown at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QTransform

_SIDE = 1400  # longest edge that is compared
_VISIBLE = 12  # of 255: less is what saving as JPEG leaves behind
_QUIET = 40  # grey of the picture below the differences, at most


@dataclass(frozen=True, slots=True)
class Difference:
    """What differs of two pictures, laid over each other.

    `map` has one byte per pixel, 0 where they are equal; its colours are set by `colour`. `below`
    is the kept picture, dark and grey. `share` of the pixels both have differ visibly, `most` is
    the largest difference of a channel.
    """

    map: QImage
    below: QImage
    share: float
    most: int


def difference(
    keeper: QImage, member: QImage, sizes: tuple[QSizeF, QSizeF], onto: QTransform
) -> Difference:
    """Compare two pictures where they overlap, at the resolution of the coarser one.

    Args:
        keeper: the kept picture, of any resolution.
        member: the other.
        sizes: width and height of both photos, which the map is about.
        onto: from pixels of the other photo to those of the kept one.

    Returns: the `Difference`. Cost: about 60 ms for 1400 × 1000.
    """
    whole, other = sizes
    covered = onto.mapRect(QRectF(0, 0, other.width(), other.height()))
    fine = keeper.width() / whole.width()
    finer = max(member.width(), member.height()) / max(covered.width(), covered.height(), 1.0)
    factor = min(fine, finer, _SIDE / max(whole.width(), whole.height()))
    size = (max(1, round(whole.width() * factor)), max(1, round(whole.height() * factor)))
    first = _scaled(keeper, *size)
    scale = QTransform.fromScale(size[0] / whole.width(), size[1] / whole.height())
    second, mask = _laid(member, other, onto * scale, size)
    apart = np.abs(_pixels(first).astype(np.int16) - _pixels(second)).max(axis=2)
    apart[~mask] = 0
    grey = _pixels(first).mean(axis=2)
    grey *= _QUIET / max(1.0, float(grey.max()))
    return Difference(
        _bytes(apart.astype(np.uint8), QImage.Format.Format_Indexed8),
        _bytes(grey.astype(np.uint8), QImage.Format.Format_Grayscale8),
        float((apart > _VISIBLE).sum() / max(1, int(mask.sum()))),
        int(apart.max(initial=0)),
    )


def colour(shown: Difference, amount: float) -> QImage:
    """The map to paint over `below`, differences made `amount` times as strong. At once."""
    image = QImage(shown.map)
    image.setColorTable([_glow(min(1.0, level * amount / 255)) for level in range(256)])
    return image


def _glow(strength: float) -> int:
    """From nothing over orange to nearly white."""
    green = 96 + 144 * strength
    blue = 24 + 190 * strength * strength
    return QColor(255, round(green), round(blue), round(255 * strength)).rgba()


def _scaled(image: QImage, width: int, height: int) -> QImage:
    smooth = Qt.TransformationMode.SmoothTransformation
    ignored = Qt.AspectRatioMode.IgnoreAspectRatio
    return image.scaled(width, height, ignored, smooth).convertToFormat(QImage.Format.Format_RGB32)


def _laid(
    image: QImage, size: QSizeF, onto: QTransform, frame: tuple[int, int]
) -> tuple[QImage, NDArray[np.bool_]]:
    """The other picture in the frame of the kept one, and where it is."""
    turned = onto.mapRect(QRectF(0, 0, size.width(), size.height()))
    quarter = abs(onto.m12()) > abs(onto.m11())
    width, height = round(turned.width()), round(turned.height())
    upright = _scaled(image, *((height, width) if quarter else (width, height)))
    laid = QImage(*frame, QImage.Format.Format_RGB32)
    laid.fill(Qt.GlobalColor.black)
    painter = QPainter(laid)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setTransform(
        QTransform.fromScale(size.width() / upright.width(), size.height() / upright.height())
        * onto
    )
    painter.drawImage(0, 0, upright)
    painter.end()
    mask = np.zeros((frame[1], frame[0]), np.bool_)
    inside = turned.toAlignedRect().intersected(QRect(0, 0, *frame))
    edge = 0 if inside == QRect(0, 0, *frame) else 1  # of a crop the border falls between pixels
    mask[
        inside.top() + edge : inside.bottom() + 1 - edge,
        inside.left() + edge : inside.right() + 1 - edge,
    ] = True
    return laid, mask


def _pixels(image: QImage) -> NDArray[np.uint8]:
    """(height, width, 3) of a 32-bit picture, without a copy."""
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : image.width() * 4].reshape(image.height(), image.width(), 4)[..., :3]


def _bytes(values: NDArray[np.uint8], form: QImage.Format) -> QImage:
    height, width = values.shape
    data = np.ascontiguousarray(values).tobytes()
    image = QImage(data, width, height, width, form)
    if form == QImage.Format.Format_Indexed8:
        image.setColorTable([QColor(255, 255, 255, level).rgba() for level in range(256)])
    return image.copy()  # of its own: `data` goes
