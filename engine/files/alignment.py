"""Lay one picture onto another: whole frames in eight orientations, else by their features.

Source: Lowe 2004 (SIFT), Lucas & Kanade 1981 (the fine step).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.files.affine import Matrix, inverse, scale_of, then, through
from engine.types import RGBImage

SIDE = 512
"""Longest side of a picture that is compared; larger ones are to be shrunk before."""

_TINY = 24  # side of the squares that orientations are told apart by
_WHOLE_FROM = 0.6  # correlation of tiny squares from which a whole frame is tried
_ASPECT = 0.04  # whole frames differ no more in their proportions
_FEATURES = 600
_RATIO = 0.8  # Lowe's test
_REACH = 2.5  # pixels a matched feature may be off
_LEAST_MATCHES = 8
_CELL = 14  # pixels: one tracked point in each
_CORNERS = (1e-3, 2.5e-4, 6e-5)  # least eigenvalue of a point; weaker ones where there are few
_ENOUGH = 40  # points
_ROUNDS = 3  # of the fine step
_LOST = 6.0  # pixels: a point that moved more was not found again


def opencv() -> Any:
    """OpenCV, loaded on first use. Its own threads are of no use to pairs compared side by side."""
    import cv2

    cv2.setNumThreads(1)
    return cv2


@dataclass(slots=True)
class Look:
    """A picture prepared for comparing; what is computed of it is kept.

    Attributes:
        rgb: (height, width, 3), no side over `SIDE`.
        size: width and height of the original in pixels.
    """

    rgb: RGBImage
    size: tuple[int, int]
    _kept: dict[Any, Any] = field(default_factory=dict[Any, Any])

    def grey(self, *, mirrored: bool = False) -> NDArray[np.float32]:
        """(height, width), 0 to 255; left and right exchanged when `mirrored`."""
        key = ("grey", mirrored)
        if key not in self._kept:
            cv2 = opencv()

            flat = cv2.cvtColor(self.rgb, cv2.COLOR_RGB2GRAY).astype(np.float32)
            self._kept[key] = np.ascontiguousarray(flat[:, ::-1]) if mirrored else flat
        return self._kept[key]

    def tiny(self) -> NDArray[np.float64]:
        """The whole frame squeezed into a small square, mean 0, length 1; zeros when even."""
        if "tiny" not in self._kept:
            cv2 = opencv()

            small = cv2.resize(self.grey(), (_TINY, _TINY), interpolation=cv2.INTER_AREA)
            small = small.astype(np.float64) - small.mean()
            length = float(np.linalg.norm(small))
            self._kept["tiny"] = small / length if length > _TINY else np.zeros_like(small)
        return self._kept["tiny"]

    def features(self, *, mirrored: bool = False) -> tuple[NDArray[np.float32], Any]:
        """SIFT points (n, 2) and their descriptors (n, 128). Cost: 40 ms at 512 pixels."""
        key = ("features", mirrored)
        if key not in self._kept:
            cv2 = opencv()

            sift = cv2.SIFT_create(nfeatures=_FEATURES, contrastThreshold=0.02)
            grey = self.grey(mirrored=mirrored).astype(np.uint8)
            points, descriptors = sift.detectAndCompute(grey, None)
            places = np.array([point.pt for point in points], np.float32).reshape(-1, 2)
            self._kept[key] = (places, descriptors)
        return self._kept[key]


def preview_look(jpeg: bytes, size: tuple[int, int]) -> Look | None:
    """A preview of ours prepared for comparing, and the photo's size; None: it is no picture."""
    cv2 = opencv()
    pixels = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR_RGB)
    return None if pixels is None else Look(pixels, size)


@dataclass(frozen=True, slots=True)
class Aligned:
    """Two pictures laid onto each other, on the grid of the first or a coarser one.

    Attributes:
        matrix: from the second (mirrored first, when `mirrored`) to the first, working pixels.
        grid: the same, to the grid that was compared on.
        first, second: (height, width) grey of both on that grid.
        covered: where both have pixels.
        at: (n, 2) points that were tracked, x and y.
        moved: (n,) how far each lies off, in pixels of the grid; inf when it was not found.
    """

    matrix: Matrix
    grid: Matrix
    mirrored: bool
    first: NDArray[np.float32]
    second: NDArray[np.float32]
    covered: NDArray[np.bool_]
    at: NDArray[np.float32]
    moved: NDArray[np.float64]


def whole_frames(first: Look, second: Look) -> Iterator[tuple[Matrix, bool]]:
    """Ways to lay the whole second onto the whole first: turned and mirrored, likeliest first."""
    a, b = first.tiny(), second.tiny()
    found: list[tuple[float, int, bool]] = []
    for mirrored in (False, True):
        square = b[:, ::-1] if mirrored else b
        for turns in range(4):
            likeness = float(np.sum(a * np.rot90(square, -turns)))
            if likeness >= _WHOLE_FROM and _fits(first, second, turns):
                found.append((likeness, turns, mirrored))
    found.sort(key=lambda entry: (-entry[0], entry[1:]))
    for likeness, turns, mirrored in found[:2]:
        if likeness >= found[0][0] - 0.1:
            yield _turning(first, second, turns), mirrored


def _fits(first: Look, second: Look, turns: int) -> bool:
    width, height = second.size if turns % 2 == 0 else second.size[::-1]
    aspect = (width / height) / (first.size[0] / first.size[1])
    return abs(np.log(aspect)) < _ASPECT


def _turning(first: Look, second: Look, turns: int) -> Matrix:
    """Quarter turns clockwise that end on the first's frame."""
    high, wide = second.rgb.shape[:2]
    to_high, to_wide = first.rgb.shape[:2]
    corners = np.array([[0, 0], [wide, 0], [wide, high]], np.float64)
    frame = [(0, 0), (to_wide, 0), (to_wide, to_high), (0, to_high)]
    targets = np.array([frame[(n + turns) % 4] for n in range(3)], np.float64)
    return through(corners - 0.5, targets - 0.5)


def by_features(
    first: Look, second: Look, *, mirrors: bool = True
) -> tuple[Matrix, bool, int] | None:
    """The similarity that most matching features agree on, whether mirrored, and how many do."""
    best: tuple[Matrix, bool, int] | None = None
    for mirrored in (False, True) if mirrors else (False,):
        found = _matched(first, second, mirrored=mirrored)
        if found is not None and (best is None or found[1] > best[2]):
            best = (found[0], mirrored, found[1])
        if best is not None and best[2] >= 60:  # no need to look into the mirror
            break
    return best


def _matched(first: Look, second: Look, *, mirrored: bool) -> tuple[Matrix, int] | None:
    cv2 = opencv()

    places, descriptors = first.features()
    others, wanted = second.features(mirrored=mirrored)
    if min(len(places), len(others)) < _LEAST_MATCHES:
        return None
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(wanted, descriptors, k=2)
    near = [p[0] for p in pairs if len(p) == 2 and p[0].distance < _RATIO * p[1].distance]
    if len(near) < _LEAST_MATCHES:
        return None
    source = others[[match.queryIdx for match in near]]
    target = places[[match.trainIdx for match in near]]
    cv2.setRNGSeed(0)  # the same pictures give the same answer
    matrix, agreed = cv2.estimateAffinePartial2D(
        source, target, method=cv2.RANSAC, ransacReprojThreshold=_REACH, maxIters=3000,
        confidence=0.995,
    )  # fmt: skip
    if matrix is None or (count := int(agreed.sum())) < _LEAST_MATCHES:
        return None
    return matrix.astype(np.float64), count


def refined(first: Look, second: Look, matrix: Matrix, *, mirrored: bool) -> Aligned | None:
    """Make a rough alignment exact, and see how far each textured place is off.

    Returns:
        None where too little of the two overlaps to tell.

    Cost: 15 ms at 512 pixels.
    """
    a, b = first.grey(), second.grey(mirrored=mirrored)
    scale = scale_of(matrix)
    if not 0.02 < scale < 50:
        return None
    shrink = min(1.0, 1 / scale)  # onto the coarser of the two: nothing is enlarged
    a, to_grid = _shrunk(a, shrink)
    grid = then(matrix, to_grid)
    b, from_b = _shrunk(b, min(1.0, scale_of(grid)))
    step = then(inverse(from_b), grid)
    laid: _Laid | None = None
    points, moved = np.empty((0, 2), np.float32), np.empty(0)
    for last in [False] * (_ROUNDS - 1) + [True]:
        laid = _lay(a, b, step)
        if laid is None:
            return None
        points, moved, to = _tracked(a, laid, surely=last)
        if last:
            break
        better = _agreed(points, moved, to)
        if better is not None:
            # Where the first has `points`, the laid second has them at `to`.
            step = then(step, inverse(better))
    if laid is None:
        return None
    grid = then(from_b, step)
    return Aligned(
        matrix=then(grid, inverse(to_grid)), grid=grid, mirrored=mirrored, first=a,
        second=laid.toned, covered=laid.covered, at=points, moved=moved,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Laid:
    toned: NDArray[np.float32]
    covered: NDArray[np.bool_]


def _lay(a: NDArray[np.float32], b: NDArray[np.float32], step: Matrix) -> _Laid | None:
    cv2 = opencv()

    size = (a.shape[1], a.shape[0])
    second = cv2.warpAffine(b, step, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    there = cv2.warpAffine(np.ones_like(b), step, size, flags=cv2.INTER_LINEAR) > 0.99
    covered = cv2.erode(there.astype(np.uint8), np.ones((5, 5), np.uint8), borderValue=1) > 0
    if int(covered.sum()) < 400:
        return None
    toned = toned_as(a, second, covered)
    # Beyond its frame the second goes on as the first: else what is tracked beside the edge
    # would be led astray by it.
    toned[~there] = a[~there]
    return _Laid(toned, covered)


def toned_as(
    a: NDArray[np.float32], b: NDArray[np.float32], covered: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """`b` with the brightness of `a`: the mean of `a` for each level of `b`, never falling."""
    levels = np.clip(b[covered] / 4, 0, 63).astype(np.int64)
    counts = np.bincount(levels, minlength=64)
    sums = np.bincount(levels, weights=a[covered], minlength=64)
    known = counts >= max(8, int(covered.sum()) // 5000)
    if int(known.sum()) < 2:
        return b
    curve = np.maximum.accumulate(sums[known] / counts[known])
    middle = np.flatnonzero(known) * 4 + 2
    table = np.interp(np.arange(256), middle, curve).astype(np.float32)
    return table[np.clip(b + 0.5, 0, 255).astype(np.uint8)]


def _tracked(
    a: NDArray[np.float32], laid: _Laid, *, surely: bool
) -> tuple[NDArray[np.float32], NDArray[np.float64], NDArray[np.float32]]:
    """The most telling point of each cell, how far it moved, and where it is.

    `surely`: only those count as found that lead back to where they came from.
    """
    cv2 = opencv()

    one, two = (np.clip(x, 0, 255).astype(np.uint8) for x in (a, laid.toned))
    points = _points(one, laid.covered)
    if not len(points):
        return points, np.empty(0), points
    how = {
        "winSize": (15, 15),
        "maxLevel": 2,
        "criteria": (cv2.TERM_CRITERIA_COUNT + cv2.TERM_CRITERIA_EPS, 30, 0.01),
    }
    to, found, _ = cv2.calcOpticalFlowPyrLK(one, two, points[:, None], None, **how)
    moved = np.linalg.norm(to[:, 0] - points, axis=1).astype(np.float64)
    lost = (found[:, 0] == 0) | (moved > _LOST)
    if surely:
        back, again, _ = cv2.calcOpticalFlowPyrLK(two, one, to, None, **how)
        lost |= (again[:, 0] == 0) | (np.linalg.norm(back[:, 0] - points, axis=1) > 0.7)
    moved[lost] = np.inf
    return points, moved, to[:, 0]


def _points(grey: NDArray[np.uint8], covered: NDArray[np.bool_]) -> NDArray[np.float32]:
    cv2 = opencv()

    strength = cv2.cornerMinEigenVal(grey, 7)
    edge = 8  # what is tracked looks so far around
    inner = cv2.erode(covered.astype(np.uint8), np.ones((2 * edge + 1,) * 2, np.uint8))
    strength[inner == 0] = 0
    strength[:edge], strength[-edge:], strength[:, :edge], strength[:, -edge:] = 0, 0, 0, 0
    high, wide = (side // _CELL * _CELL for side in strength.shape)
    if not high or not wide:
        return np.empty((0, 2), np.float32)
    cells = strength[:high, :wide].reshape(high // _CELL, _CELL, wide // _CELL, _CELL)
    cells = cells.transpose(0, 2, 1, 3).reshape(-1, _CELL * _CELL)
    best = cells.argmax(axis=1)
    most = np.take_along_axis(cells, best[:, None], 1)[:, 0]
    # Where a picture is nearly even, what compression leaves behind moves about.
    least = next(
        (limit for limit in _CORNERS if int((most > limit).sum()) >= _ENOUGH), _CORNERS[-1]
    )
    strong = most > least
    number = np.arange(len(cells))
    row, column = np.divmod(number, wide // _CELL)
    x = column * _CELL + best % _CELL
    y = row * _CELL + best // _CELL
    return np.stack([x, y], axis=1)[strong].astype(np.float32)


def _agreed(
    points: NDArray[np.float32], moved: NDArray[np.float64], to: NDArray[np.float32]
) -> Matrix | None:
    """The affine step that most points ask for."""
    cv2 = opencv()

    found = np.isfinite(moved)
    if int(found.sum()) < _LEAST_MATCHES:
        return None
    cv2.setRNGSeed(0)
    matrix, _ = cv2.estimateAffine2D(
        points[found], to[found], method=cv2.RANSAC, ransacReprojThreshold=0.6
    )
    return None if matrix is None else matrix.astype(np.float64)


def _shrunk(grey: NDArray[np.float32], factor: float) -> tuple[NDArray[np.float32], Matrix]:
    """A smaller picture, and the way from the old pixels to the new."""
    cv2 = opencv()

    high, wide = grey.shape
    to_wide, to_high = max(8, round(wide * factor)), max(8, round(high * factor))
    if (to_wide, to_high) == (wide, high):
        return grey, np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]])
    small = cv2.resize(grey, (to_wide, to_high), interpolation=cv2.INTER_AREA)
    x, y = to_wide / wide, to_high / high
    return small, np.array([[x, 0.0, (x - 1) / 2], [0.0, y, (y - 1) / 2]])
