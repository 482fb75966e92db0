"""Ways to lay one picture onto another, as matrices: pixels to pixels, or parts of the whole."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
"""(2, 3): maps a point (x, y, 1) of the second picture onto the first, pixel centres at .0."""

_FLIP: Matrix = np.array([[-1.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
"""Left and right of a square of side 1 exchanged."""


def then(first: Matrix, second: Matrix) -> Matrix:
    """Apply `first`, then `second`."""
    return (_square(second) @ _square(first))[:2]


def inverse(matrix: Matrix) -> Matrix:
    """The way back."""
    return np.asarray(np.linalg.inv(_square(matrix))[:2], np.float64)


def scale_of(matrix: Matrix) -> float:
    """By how much lengths grow."""
    return float(np.sqrt(abs(np.linalg.det(matrix[:, :2]))))


def through(source: NDArray[np.float64], target: NDArray[np.float64]) -> Matrix:
    """The affine way through three pairs of points, or the best through more."""
    lifted = np.hstack([source, np.ones((len(source), 1))])
    solved, *_ = np.linalg.lstsq(lifted, target, rcond=None)
    return np.asarray(solved.T, np.float64)


def _square(matrix: Matrix) -> Matrix:
    return np.vstack([matrix, [0.0, 0.0, 1.0]])


# ---- between pictures as squares of side 1, whatever their size ----------------------------------


def as_squares(
    matrix: Matrix, first: tuple[int, int], second: tuple[int, int]
) -> tuple[float, ...]:
    """A way from pixels to pixels, told for squares of side 1; sizes are width and height."""
    whole = then(then(inverse(_to_square(second)), matrix), _to_square(first))
    return tuple(float(value) for value in whole.ravel())


def in_pixels(values: Sequence[float], first: tuple[int, int], second: tuple[int, int]) -> Matrix:
    """The inverse of `as_squares`."""
    matrix = np.array(values, np.float64).reshape(2, 3)
    return then(then(_to_square(second), matrix), inverse(_to_square(first)))


def _to_square(size: tuple[int, int]) -> Matrix:
    wide, high = size
    return np.array([[1 / wide, 0, 0.5 / wide], [0, 1 / high, 0.5 / high]], np.float64)


def by_way_of(
    one: Sequence[float], one_mirrored: bool, two: Sequence[float], two_mirrored: bool
) -> tuple[tuple[float, ...], bool]:
    """Where a second lies on a first, when both lie on a third as told, as squares.

    Args:
        one: from the first to the third.
        one_mirrored: whether the first is mirrored before that.
        two: from the second to the third.
        two_mirrored: whether the second is mirrored before that.

    Returns:
        The way from the second to the first, and whether the second is mirrored before.
    """
    to_third = np.array(two, np.float64).reshape(2, 3)
    back = inverse(np.array(one, np.float64).reshape(2, 3))
    matrix = then(to_third, back)
    if one_mirrored:
        # It ends on the mirrored first: mirror the second instead, and both ends of the way.
        matrix = _mirrored(matrix)
    return tuple(float(value) for value in matrix.ravel()), one_mirrored != two_mirrored


def way_back(values: Sequence[float], mirrored: bool) -> tuple[float, ...]:
    """The way from the first to the second, the first mirrored before when `mirrored`."""
    back = inverse(np.array(values, np.float64).reshape(2, 3))
    return tuple(float(value) for value in (_mirrored(back) if mirrored else back).ravel())


def _mirrored(matrix: Matrix) -> Matrix:
    return then(_FLIP, then(matrix, _FLIP))
