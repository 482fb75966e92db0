"""Where copies lie on each other, and what differs: turned, mirrored, cropped, changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QImage, QTransform

from engine.duplicate_types import (
    DuplicateClass,
    DuplicateGroup,
    Edit,
    GroupId,
    Member,
    Proof,
)
from engine.types import Box, PhotoId
from gui.duplicates.difference import colour, difference
from gui.duplicates.placing import placing, placing_of
from gui.looking.pictures import to_qimage

WIDTH, HEIGHT = 120, 80
SAME = DuplicateClass.SAME_PICTURE


def picture() -> NDArray[np.uint8]:
    """A photo of which no part is like another, smooth enough to be scaled."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.stack([columns * 2, rows * 3, (columns + rows)], axis=2).astype(np.uint8)


def size_of(image: QImage) -> QSizeF:
    return QSizeF(image.width(), image.height())


def apart(other: NDArray[np.uint8], proof: Proof | None) -> float:
    """The share of what differs once the other is laid over the photo."""
    first, second = to_qimage(picture()), to_qimage(np.ascontiguousarray(other))
    sizes = (size_of(first), size_of(second))
    return difference(first, second, sizes, placing(*sizes, proof)).share


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_turned_and_mirrored_copy_lies_where_it_belongs(turns: int, mirrored: bool) -> None:
    # np.rot90 turns to the left: so many turns to the right bring it back, after mirroring.
    other = np.rot90(picture(), turns)
    other = other[:, ::-1] if mirrored else other
    proof = Proof((Edit.ROTATED,), 1.0, turns=turns, mirrored=mirrored)
    assert apart(other, proof) == 0
    if turns or mirrored:
        assert apart(other, Proof((Edit.ROTATED,), 1.0)) > 0.3


def test_a_crop_lies_in_its_part() -> None:
    proof = Proof((Edit.CROPPED,), 1.0, part=Box(30, 20, 90, 60))
    assert apart(picture()[20:60, 30:90], proof) < 0.02
    map_ = placing(QSizeF(WIDTH, HEIGHT), QSizeF(60, 40), proof)
    assert map_.map(QPointF(0, 0)) == QPointF(30, 20)
    assert map_.map(QPointF(60, 40)) == QPointF(90, 60)


def test_a_photo_that_is_itself_the_crop() -> None:
    proof = Proof((Edit.CROPPED,), 1.0, part=Box(30, 20, 90, 60), part_in_second=True)
    map_ = placing(QSizeF(60, 40), QSizeF(WIDTH, HEIGHT), proof)
    assert map_.map(QPointF(30, 20)) == QPointF(0, 0)
    assert map_.map(QPointF(90, 60)) == QPointF(60, 40)
    first, second = to_qimage(np.ascontiguousarray(picture()[20:60, 30:90])), to_qimage(picture())
    shown = difference(first, second, (size_of(first), size_of(second)), map_)
    assert shown.share == 0


def test_a_smaller_copy_is_as_large_as_the_photo() -> None:
    map_ = placing(QSizeF(4000, 3000), QSizeF(400, 300), Proof((Edit.RESIZED,), 0.99))
    assert map_ == QTransform.fromScale(10, 10)


def test_another_moment_is_laid_over_as_it_fits() -> None:
    map_ = placing(QSizeF(300, 200), QSizeF(200, 300), None)
    assert map_.map(QPointF(100, 150)) == QPointF(150, 100), "middle on middle"
    assert placing(QSizeF(), QSizeF(200, 300), None).isIdentity()


def test_between_two_copies_the_way_leads_over_the_first() -> None:
    first = Member(PhotoId(1), Path("/a.jpg"), 1, WIDTH, HEIGHT)
    turned = Proof((Edit.ROTATED,), 1.0, turns=1)
    half = Proof((Edit.RESIZED, Edit.ROTATED), 1.0, turns=3)
    second = Member(PhotoId(2), Path("/b.jpg"), 1, HEIGHT, WIDTH, turned)
    third = Member(PhotoId(3), Path("/c.jpg"), 1, HEIGHT // 2, WIDTH // 2, half)
    group = DuplicateGroup(GroupId(1), SAME, (first, second, third), "", 2)
    onto = placing_of(group, second, third)
    assert onto.mapRect(QRectF(0, 0, HEIGHT / 2, WIDTH / 2)) == QRectF(0, 0, HEIGHT, WIDTH)
    assert onto.map(QPointF(0, 0)) == QPointF(HEIGHT, WIDTH), "one stands on its head"
    assert placing_of(group, first, first).isIdentity()
    assert placing_of(group, first, second) == placing_of(group, second, first).inverted()[0]


def test_what_differs_glows_and_nothing_else() -> None:
    other = picture()
    other[10:20, 10:20] = 255
    first, second = to_qimage(picture()), to_qimage(other)
    sizes = (size_of(first), size_of(second))
    shown = difference(first, second, sizes, QTransform())
    assert shown.most > 200
    assert shown.share == pytest.approx(100 / (WIDTH * HEIGHT))
    glow = colour(shown, 4.0)
    assert glow.pixelColor(15, 15).alpha() == 255
    assert glow.pixelColor(60, 60).alpha() == 0
    assert shown.below.pixelColor(60, 60).lightness() < 60
    assert difference(first, first, sizes, QTransform()).most == 0
