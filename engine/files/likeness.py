"""Whether two pictures are one: aligned, every textured place must lie where it should.

A copy that was saved again, resized, cropped or toned keeps all its details in place to a tenth
of a pixel. Two shots of one thing never do: the hand moves, near things shift against far ones.
So not how alike the pictures are decides, but how exactly they fit.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.duplicate_types import Edit
from engine.files.affine import Matrix, as_squares, in_pixels, inverse, way_back
from engine.files.alignment import Aligned, Look, by_features, opencv, refined, whole_frames
from engine.types import Box

VERSION = 2
"""Of the method; what an older one found is compared again."""

_OFF = 0.4  # pixels of at most 512: a detail that lies further away is not in its place
_MOST_OFF = 0.3  # share of details: what is drawn over a picture covers some
_MOST_SHIFTED = 0.2  # of those that were found again
_MEDIAN_OFF = 0.17
_MEDIAN_OFF_OF_PARTS = 0.22  # of two parts of a third picture, where nothing else differs:
_HARDLY_OFF, _ALIKE = 0.02, 0.985  # share of details, similarity. (Bursts: .27, and up to .97.)
_HARDLY_LOST, _LAID_WELL = 0.1, 0.85  # share of details, similarity: see `_one_way`
_LEAST_DETAILS = 12
_FEW_DETAILS = 4  # enough when the whole frame fits without any shift
_LEAST_SIMILAR = 0.55
_TOLERANCE = 0.0025  # of the longest side, for edges
_STRAIGHT = math.radians(0.35)
_SKEW = 0.02
_STRETCH = 0.03
_EVEN = 12.0  # levels: what a frame or an empty corner may vary by
_SIMILARITY_SIDE = 256
_MARKED_FROM = 0.03  # share of details that are covered
_LIGHT_FROM = 6.0  # levels
_COLOUR_FROM = 4.0
_CROPPED_BELOW = 0.985  # of the area
_LEAST_PART = 0.05


@dataclass(frozen=True, slots=True)
class Likeness:
    """What comparing two pictures found.

    Attributes:
        same: one picture, whatever was done to it.
        similarity: structural similarity where both have pixels, light made equal first.
        edits: what was done, as far as pixels tell.
        turns, mirrored: as in `Proof`: they bring the second onto the first.
        part: where the smaller lies in the larger, in pixels of the larger; None for all of it.
        part_in_second: the second is the larger one.
        matrix: (a, b, c, d, e, f) from the second, mirrored first, to the first; both as squares
            of side 1. Kept to compare parts of one original with each other.
        only_by_hint: neither holds the other whole; believed only because a third holds both.
    """

    same: bool
    similarity: float = 0.0
    edits: tuple[Edit, ...] = ()
    turns: int = 0
    mirrored: bool = False
    part: Box | None = None
    part_in_second: bool = False
    matrix: tuple[float, ...] = ()
    only_by_hint: bool = False


DIFFERENT = Likeness(same=False)


class Hint(NamedTuple):
    """A way to lay the second onto the first that a third picture tells: see `Likeness.matrix`."""

    matrix: tuple[float, ...]
    mirrored: bool


def compare(first: Look, second: Look, hint: Hint | None = None) -> Likeness:
    """Say whether two pictures are one.

    Args:
        first: the upright picture, and its original size.
        second: another.
        hint: where a third picture says that the second lies; then parts that only overlap
            are believed, too.

    Cost: 25 ms for whole frames, 150 ms when features must be matched.
    """
    found, nearly = _one_way(first, second, hint)
    if found.same or not nearly:
        return found
    # Details are sought in the first. Where that is the one that is drawn upon, not all are there.
    if hint is not None:
        hint = Hint(way_back(hint.matrix, hint.mirrored), hint.mirrored)
    other, _ = _one_way(second, first, hint)
    return turned_round(other) if other.same else found


def _one_way(first: Look, second: Look, hint: Hint | None) -> tuple[Likeness, bool]:
    """What was found, and whether most details are in place although too many are not."""
    best, nearly = DIFFERENT, False
    for matrix, mirrored in _ways(first, second, hint):
        aligned = refined(first, second, matrix, mirrored=mirrored)
        if aligned is None:
            continue
        found = _judged(first, second, aligned, hinted=hint is not None)
        if found.same:
            return found, False
        if found.similarity > best.similarity:
            best = found
        if len(aligned.moved) < _LEAST_DETAILS:
            continue
        middle = float(np.median(aligned.moved))
        nearly |= middle <= _MEDIAN_OFF or in_place(aligned.moved)
        lost = 1 - float(np.isfinite(aligned.moved).mean())
        if middle > 2 * _MEDIAN_OFF and lost < _HARDLY_LOST and found.similarity > _LAID_WELL:
            break  # the right way to lay it, and it does not fit: no other way will do
    return best, nearly


def in_place(moved: NDArray[np.float64], off: float = _OFF) -> bool:
    """Whether the details that were found again lie where they should, however many were not.

    So it is where most details of a plain picture are letters that were drawn over it: sought the
    other way round, from the picture without them, they do not count.
    """
    found = moved[np.isfinite(moved)]
    return (
        len(found) >= _LEAST_DETAILS
        and float(np.median(found)) <= off
        and float((found > off).mean()) <= _MOST_SHIFTED
    )


def _size(look: Look) -> tuple[int, int]:
    return look.rgb.shape[1], look.rgb.shape[0]


def _ways(first: Look, second: Look, hint: Hint | None) -> Iterator[tuple[Matrix, bool]]:
    if hint is not None:
        yield in_pixels(hint.matrix, _size(first), _size(second)), hint.mirrored
        return
    yield from whole_frames(first, second)
    found = by_features(first, second)
    if found is not None:
        yield found[0], found[1]


# ---- the decision --------------------------------------------------------------------------------


def _judged(first: Look, second: Look, aligned: Aligned, *, hinted: bool) -> Likeness:
    similarity = _similarity(aligned)
    fit = _fit(first, second, aligned)
    if fit is None or similarity < _LEAST_SIMILAR:
        return Likeness(same=False, similarity=similarity)
    found = np.isfinite(aligned.moved)
    details = len(aligned.moved)
    off = float((aligned.moved > _OFF).mean()) if details else 1.0
    parts = hinted and off <= _HARDLY_OFF and similarity >= _ALIKE
    exact = (
        int(found.sum()) >= (_FEW_DETAILS if fit.whole else _LEAST_DETAILS)
        and off <= _MOST_OFF
        and float((aligned.moved[found] > _OFF).mean()) <= _MOST_SHIFTED
        and float(np.median(aligned.moved)) <= (_MEDIAN_OFF_OF_PARTS if parts else _MEDIAN_OFF)
    )
    if not exact or (fit.crossing and not hinted):
        return Likeness(same=False, similarity=similarity)
    return Likeness(
        same=True,
        similarity=similarity,
        edits=tuple(_edits(first, second, aligned, fit, off)),
        turns=fit.turns,
        mirrored=aligned.mirrored,
        part=fit.part,
        part_in_second=fit.part_in_second,
        matrix=as_squares(aligned.matrix, _size(first), _size(second)),
        only_by_hint=fit.crossing,
    )


class _Fit(NamedTuple):
    """How the frames of two pictures lie to each other."""

    turns: int
    tilted: bool
    whole: bool  # the same frame
    framed: bool  # an even border was put around one of them
    crossing: bool  # neither holds the other
    part: Box | None
    part_in_second: bool
    scale: float  # of the second's original pixels to the first's


def _fit(first: Look, second: Look, aligned: Aligned) -> _Fit | None:
    """None where no edit explains the position."""
    across, down = aligned.matrix[:, 0], aligned.matrix[:, 1]
    angle = math.atan2(across[1], across[0])
    turns = round(angle / (math.pi / 2))
    tilt = angle - turns * math.pi / 2
    lengths = float(np.hypot(*across)), float(np.hypot(*down))
    skew = abs(float(across @ down)) / (lengths[0] * lengths[1])
    if np.linalg.det(aligned.matrix[:, :2]) <= 0 or skew > _SKEW:
        return None
    scale_1 = first.rgb.shape[1] / first.size[0]
    scale_2 = second.rgb.shape[1] / second.size[0]
    scale = math.sqrt(lengths[0] * lengths[1]) * scale_2 / scale_1
    if abs(math.log(lengths[0] / lengths[1])) > _STRETCH:
        return None
    outer = _frame_in(second, aligned.matrix)  # the second's frame as the first sees it
    inner = _frame_in(first, inverse(aligned.matrix))
    high, wide = first.rgb.shape[:2]
    high_2, wide_2 = second.rgb.shape[:2]
    tolerance = max(0.75, _TOLERANCE * max(high, wide))
    tolerance_2 = max(0.75, _TOLERANCE * max(high_2, wide_2))
    second_inside = _inside(outer, wide, high, tolerance)
    first_inside = _inside(inner, wide_2, high_2, tolerance_2)
    tilted = abs(tilt) > _STRAIGHT
    turned = second.size if turns % 2 == 0 else second.size[::-1]
    framed = False
    if second_inside and first_inside and not tilted:
        return _Fit(turns % 4, False, True, False, False, None, False, scale)
    other = second.grey(mirrored=aligned.mirrored)
    if not second_inside and _even_outside(other, aligned.matrix, first):
        framed = second_inside = True
    if not first_inside and _even_outside(first.grey(), inverse(aligned.matrix), second):
        framed = first_inside = True
    part, part_in_second = None, False
    if second_inside and not first_inside:
        part = _clipped(outer, first)
    elif first_inside and not second_inside:
        part, part_in_second = _clipped(_unmirrored(inner, second, aligned), second), True
    if part is not None:
        whole = first.size if not part_in_second else second.size
        share = (part.right - part.left) * (part.bottom - part.top) / (whole[0] * whole[1])
        if share < _LEAST_PART or (turned == first.size and share > 0.85 and not framed):
            return None  # frames of one size that are shifted: another shot, not a crop
        if share >= _CROPPED_BELOW:
            part, part_in_second = None, False
    crossing = not second_inside and not first_inside
    if crossing and turned == first.size:
        return None
    return _Fit(turns % 4, tilted, False, framed, crossing, part, part_in_second, scale)


def _frame_in(look: Look, matrix: Matrix) -> NDArray[np.float64]:
    """(4, 2) corners of a picture's frame in the other's pixels, edges at -0.5."""
    high, wide = look.rgb.shape[:2]
    corners = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float64) - 0.5
    return corners @ matrix[:, :2].T + matrix[:, 2]


def _inside(corners: NDArray[np.float64], wide: int, high: int, tolerance: float) -> bool:
    low, top = corners.min(axis=0)
    right, bottom = corners.max(axis=0)
    return bool(
        low >= -0.5 - tolerance
        and top >= -0.5 - tolerance
        and right <= wide - 0.5 + tolerance
        and bottom <= high - 0.5 + tolerance
    )


def _even_outside(grey: NDArray[np.float32], matrix: Matrix, other: Look) -> bool:
    """Whether all that a picture has beyond the other's frame is one even colour."""
    high, wide = grey.shape
    y, x = np.mgrid[0:high:2, 0:wide:2]  # every other pixel tells enough
    places = np.stack([x, y], axis=-1).reshape(-1, 2) @ matrix[:, :2].T + matrix[:, 2]
    to_high, to_wide = other.rgb.shape[:2]
    gap = 3.0
    beyond = (places < -gap).any(axis=1)
    beyond |= (places > np.array([to_wide - 1, to_high - 1]) + gap).any(axis=1)
    values = grey[::2, ::2].reshape(-1)[beyond]
    if len(values) < 20:
        return False
    return bool(np.quantile(np.abs(values - np.median(values)), 0.95) <= _EVEN)


def _unmirrored(corners: NDArray[np.float64], look: Look, aligned: Aligned) -> NDArray[np.float64]:
    """Corners in the second as it is stored."""
    if not aligned.mirrored:
        return corners
    turned = corners.copy()
    turned[:, 0] = look.rgb.shape[1] - 1 - turned[:, 0]
    return turned


def _clipped(corners: NDArray[np.float64], look: Look) -> Box:
    """The rectangle around corners, in pixels of the original."""
    scale = look.size[0] / look.rgb.shape[1]
    (left, top), (right, bottom) = corners.min(axis=0) + 0.5, corners.max(axis=0) + 0.5
    wide, high = look.size
    return Box(
        max(0.0, round(left * scale)),
        max(0.0, round(top * scale)),
        min(float(wide), round(right * scale)),
        min(float(high), round(bottom * scale)),
    )


# ---- what was done -------------------------------------------------------------------------------


def _edits(first: Look, second: Look, aligned: Aligned, fit: _Fit, off: float) -> Iterator[Edit]:
    if fit.part is not None or fit.crossing:
        yield Edit.CROPPED
    if abs(math.log(fit.scale)) > 0.012:
        yield Edit.RESIZED
    if fit.turns or fit.tilted:
        yield Edit.ROTATED
    if aligned.mirrored:
        yield Edit.MIRRORED
    light, colour = _toning(first, second, aligned)
    if light > _LIGHT_FROM:
        yield Edit.LIGHT
    if colour > _COLOUR_FROM:
        yield Edit.COLOUR
    if fit.framed and not fit.tilted:
        yield Edit.FRAMED
    if off > _MARKED_FROM and _together(aligned):
        yield Edit.MARKED
    yield Edit.ENCODED


def _toning(first: Look, second: Look, aligned: Aligned) -> tuple[float, float]:
    """By how many levels brightness and colours differ on the average."""
    cv2 = opencv()

    high, wide = first.rgb.shape[:2]
    other = np.ascontiguousarray(second.rgb[:, ::-1] if aligned.mirrored else second.rgb)
    small = (max(4, wide // 16), max(4, high // 16))
    there = cv2.warpAffine(np.ones(other.shape[:2], np.float32), aligned.matrix, (wide, high))
    laid = cv2.warpAffine(other, aligned.matrix, (wide, high))
    one, two, there = (
        cv2.resize(x, small, interpolation=cv2.INTER_AREA) for x in (first.rgb, laid, there)
    )
    inside = there > 0.99
    if not inside.any():
        return 0.0, 0.0
    a, b = (cv2.cvtColor(x, cv2.COLOR_RGB2YCrCb).astype(np.float64) for x in (one, two))
    apart = np.abs(a - b)[inside]
    light = abs(float((a - b)[inside][:, 0].mean()))
    spread = abs(float(a[inside][:, 0].std() - b[inside][:, 0].std()))
    return max(light, spread), float(np.median(apart[:, 1:].sum(axis=1)))


def _together(aligned: Aligned) -> bool:
    """Whether the details that are not in place lie beside each other."""
    off = aligned.moved > _OFF
    places = aligned.at[off]
    if len(places) < 4:
        return False
    apart = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    return bool(np.mean(apart.min(axis=1) < 30) > 0.7)


def _similarity(aligned: Aligned) -> float:
    """Structural similarity on at most 256 pixels. Source: Wang et al. 2004."""
    cv2 = opencv()

    a, b, covered = aligned.first, aligned.second, aligned.covered
    factor = _SIMILARITY_SIDE / max(a.shape)
    if factor < 1:
        size = (max(16, round(a.shape[1] * factor)), max(16, round(a.shape[0] * factor)))
        a, b = (cv2.resize(x, size, interpolation=cv2.INTER_AREA) for x in (a, b))
        covered = cv2.resize(covered.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.99
    if not covered.any():
        return 0.0

    def mean(x: NDArray[np.float32]) -> NDArray[np.float32]:
        return cv2.GaussianBlur(x, (11, 11), 1.5)

    ma, mb = mean(a), mean(b)
    va, vb, both = mean(a * a) - ma * ma, mean(b * b) - mb * mb, mean(a * b) - ma * mb
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    likeness = (2 * ma * mb + c1) * (2 * both + c2) / ((ma**2 + mb**2 + c1) * (va + vb + c2))
    return float(likeness[covered].mean())


def turned_round(found: Likeness) -> Likeness:
    """The same finding with first and second exchanged."""
    if not found.matrix:
        return found
    return replace(
        found,
        turns=found.turns if found.mirrored else -found.turns % 4,
        part_in_second=found.part is not None and not found.part_in_second,
        matrix=way_back(found.matrix, found.mirrored),
    )
