"""How a picture looks in two numbers of 64 bits, that alike pictures share but for a few bits.

`shape` is a pHash: the signs of the lowest 8 × 8 cosine coefficients (Zauner 2010), without the
mean. `slope` is a dHash: which of two neighbouring cells is brighter, across and down. Signs,
not comparisons with a median, so that the hash of the turned or mirrored picture is told from
the bits alone.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from engine.types import RGBImage

VERSION = 1
"""Of the hashes; those of another version are computed again."""

SIDE = 32
"""Pixels of the square that a picture is squeezed into."""

ORIENTATIONS = 8
"""Four quarter turns, each as it is and mirrored; 0 leaves a picture as it is."""

_LOW = 8
_EVEN_BELOW = 2.0  # standard deviation in levels: nothing to see, nothing to compare

Hashes = NDArray[np.uint64]


def _cosines() -> NDArray[np.float64]:
    """(8, 32): the lowest rows of the discrete cosine transform."""
    place = np.arange(SIDE) + 0.5
    return np.cos(np.pi / SIDE * np.arange(_LOW)[:, None] * place)


_COSINES = _cosines()
_BITS = 1 << np.arange(63, -1, -1, dtype=np.uint64)


def hashes(square: NDArray[np.float64]) -> tuple[int, int]:
    """Shape and slope of a grey picture squeezed to (32, 32).

    Cost: 40 µs.
    """
    low = _COSINES @ square @ _COSINES.T
    low[0, 0] = -1.0  # the mean: no bit of it
    cells = square.reshape(_LOW, SIDE // _LOW, _LOW, SIDE // _LOW).mean(axis=(1, 3))
    return _number(low > 0), _number(_slopes(cells))


def is_even(square: NDArray[np.float64]) -> bool:
    """Whether there is nothing to see: all hashes of such pictures are noise."""
    return bool(square.std() < _EVEN_BELOW)


def of_preview(jpeg: bytes) -> tuple[int, int] | None:
    """The hashes of a photo by its preview; None when it shows nothing or is none.

    Cost: .7 ms.
    """
    square = squeezed(jpeg)
    return None if square is None or is_even(square) else hashes(square)


def squeezed(jpeg: bytes) -> NDArray[np.float64] | None:
    """A preview as a grey square of 32 pixels; None when the bytes are no picture."""
    from engine.files.alignment import opencv

    cv2 = opencv()
    grey = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
    if grey is None:
        return None
    return cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float64)


def pixel_hash(rgb: RGBImage, rest: bytes = b"") -> bytes:
    """The hash of upright pixels and their arrangement: equal where only metadata differ.

    Args:
        rgb: all pixels.
        rest: what the file holds beside them, `DecoderPool.beyond`.
    """
    digest = hashlib.blake2b(repr(rgb.shape).encode(), digest_size=32)
    digest.update(np.ascontiguousarray(rgb).tobytes())
    digest.update(rest)
    return digest.digest()


# ---- turning -------------------------------------------------------------------------------------


def turned(shape: Hashes, slope: Hashes, orientation: int) -> tuple[Hashes, Hashes]:
    """The hashes of the same pictures turned: (n,) each. Cost: 20 ms for 100,000."""
    if orientation == 0:
        return shape, slope
    return _moved(shape, *_SHAPES[orientation]), _moved(slope, *_SLOPES[orientation])


def canonical(shape: Hashes) -> Hashes:
    """One hash for all eight orientations, where the strongest coefficients are not near 0."""
    best = shape
    for orientation in range(1, ORIENTATIONS):
        best = np.minimum(best, _moved(shape, *_SHAPES[orientation]))
    return best


def _number(bits: NDArray[np.bool_]) -> int:
    return int(_BITS[bits.ravel()].sum(dtype=np.uint64))


def _slopes(cells: NDArray[np.float64]) -> NDArray[np.bool_]:
    """64 bits: for 8 × 4 pairs of neighbours across, then for 4 × 8 down."""
    across = cells[:, 1::2] > cells[:, 0::2]
    down = cells[1::2] > cells[0::2]
    return np.concatenate([across.ravel(), down.T.ravel()])


def _moved(numbers: Hashes, source: NDArray[np.int64], flipped: np.uint64) -> Hashes:
    """Bits taken from other places, some of them inverted."""
    wide = np.unpackbits(numbers[:, None].astype(">u8").view(np.uint8), axis=1)
    packed = np.ascontiguousarray(np.packbits(wide[:, source], axis=1))
    moved = packed.view(">u8")[:, 0].astype(np.uint64)
    return moved ^ flipped


_Move = tuple[NDArray[np.int64], np.uint64]


def _shape_moves() -> list[_Move]:
    """What the orientations do to the coefficients: exchange axes, and invert the odd ones."""
    moves: list[_Move] = []
    place = np.arange(64).reshape(_LOW, _LOW)
    odd = np.arange(_LOW) % 2 == 1
    for orientation in range(ORIENTATIONS):
        transposed, down, across = _parts(orientation)
        source = place.T if transposed else place
        flipped = np.zeros((_LOW, _LOW), bool)
        flipped ^= odd[:, None] & down
        flipped ^= odd[None, :] & across
        flipped[0, 0] = False
        moves.append((source.ravel().copy(), np.uint64(_number(flipped))))
    return moves


def _slope_moves() -> list[_Move]:
    """The same for neighbours: exchange axes, reverse the order, invert what is compared."""
    moves: list[_Move] = []
    for orientation in range(ORIENTATIONS):
        transposed, down, across = _parts(orientation)
        first = np.arange(32).reshape(8, 4)  # [row, pair]: across
        second = np.arange(32, 64).reshape(8, 4)  # [column, pair]: down
        if transposed:
            first, second = second, first
        one, two = first, second
        if across:
            one, two = one[:, ::-1], two[::-1]
        if down:
            one, two = one[::-1], two[:, ::-1]
        flipped = np.concatenate([np.full(32, across), np.full(32, down)])
        moves.append((np.concatenate([one.ravel(), two.ravel()]), np.uint64(_number(flipped))))
    return moves


def _parts(orientation: int) -> tuple[bool, bool, bool]:
    """An orientation as: exchange rows and columns, then turn upside down, then left to right."""
    return bool(orientation & 4), bool(orientation & 2), bool(orientation & 1)


_SHAPES, _SLOPES = _shape_moves(), _slope_moves()


def apply(square: NDArray[np.float64], orientation: int) -> NDArray[np.float64]:
    """Turn a picture as `turned` turns hashes."""
    transposed, down, across = _parts(orientation)
    result = square.T if transposed else square
    return result[:: -1 if down else 1, :: -1 if across else 1]
