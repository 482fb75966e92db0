"""A small pen for the demo scenes: filled shapes in object units, with their extent kept."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import ImageDraw

Colour = tuple[int, int, int]
Point = tuple[float, float]

COLOURS: dict[str, Colour] = {
    "red": (214, 40, 44),
    "orange": (243, 134, 36),
    "yellow": (250, 212, 48),
    "green": (54, 160, 70),
    "blue": (44, 98, 214),
    "purple": (128, 62, 174),
    "pink": (246, 134, 184),
    "brown": (126, 78, 44),
    "white": (246, 246, 244),
    "grey": (142, 146, 152),
    "black": (40, 40, 46),
}

_CIRCLE = [(math.cos(i * math.tau / 26), math.sin(i * math.tau / 26)) for i in range(26)]
_FINE_CIRCLE = [(math.cos(i * math.tau / 64), math.sin(i * math.tau / 64)) for i in range(64)]


def shade(colour: Colour, by: float) -> Colour:
    """`colour` made lighter (by > 0, towards white) or darker (by < 0, towards black)."""
    target = 255 if by > 0 else 0
    amount = abs(by)
    r, g, b = colour
    return (
        int(r + (target - r) * amount),
        int(g + (target - g) * amount),
        int(b + (target - b) * amount),
    )


def mix(one: Colour, other: Colour, part: float) -> Colour:
    """A colour between `one` (part 0) and `other` (part 1)."""
    return (
        int(one[0] + (other[0] - one[0]) * part),
        int(one[1] + (other[1] - one[1]) * part),
        int(one[2] + (other[2] - one[2]) * part),
    )


def rim(colour: Colour) -> Colour:
    """The outline for a body colour: darker, but lighter for black so it shows at night."""
    if sum(colour) < 200:
        return shade(colour, 0.28)
    return shade(colour, -0.45)


class Pen:
    """Draws in object units: x to the right of the middle, y up from the ground."""

    def __init__(
        self,
        draw: ImageDraw.ImageDraw,
        at: Point,
        scale: float,
        *,
        flip: bool = False,
        turn: float = 0.0,
        light: float = 1.0,
        mask: ImageDraw.ImageDraw | None = None,
        mask_value: int = 0,
        mask_scale: float = 1.0,
    ) -> None:
        self._draw = draw
        self._mask = mask
        self._mask_value = mask_value
        self._mask_scale = mask_scale
        self._light = light
        cos, sin = math.cos(turn) * scale, math.sin(turn) * scale
        side = -1.0 if flip else 1.0
        self._a, self._b, self._c = cos * side, sin, at[0]
        self._d, self._e, self._f = sin * side, -cos, at[1]
        self.scale = scale
        self._circle = _FINE_CIRCLE if scale > 1.6 else _CIRCLE
        self.left = self.top = math.inf
        self.right = self.bottom = -math.inf

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of everything drawn so far, in pixels of the canvas."""
        return self.left, self.top, self.right, self.bottom

    def _place(self, points: Sequence[Point], margin: float) -> list[Point]:
        a, b, c, d, e, f = self._a, self._b, self._c, self._d, self._e, self._f
        placed = [(a * x + b * y + c, d * x + e * y + f) for x, y in points]
        xs = [p[0] for p in placed]
        ys = [p[1] for p in placed]
        self.left = min(self.left, min(xs) - margin)
        self.right = max(self.right, max(xs) + margin)
        self.top = min(self.top, min(ys) - margin)
        self.bottom = max(self.bottom, max(ys) + margin)
        return placed

    def _lit(self, colour: Colour) -> Colour:
        light = self._light
        if light == 1.0:
            return colour
        return (int(colour[0] * light), int(colour[1] * light), int(colour[2] * light))

    def poly(self, points: Sequence[Point], fill: Colour, edge: Colour | None = None) -> None:
        """A filled polygon, with an outline where `edge` is given."""
        placed = self._place(points, 0.7 * self.scale if edge else 0.0)
        self._draw.polygon(placed, fill=self._lit(fill))
        if edge:
            width = max(1, round(1.4 * self.scale))
            self._draw.line([*placed, placed[0], placed[1]], self._lit(edge), width, "curve")
        if self._mask:
            s = self._mask_scale
            self._mask.polygon([(x * s, y * s) for x, y in placed], fill=self._mask_value)

    def oval(
        self,
        x: float,
        y: float,
        rx: float,
        ry: float,
        fill: Colour,
        edge: Colour | None = None,
        turn: float = 0.0,
    ) -> None:
        """A filled ellipse about (x, y), turned by `turn` degrees."""
        if turn:
            cos, sin = math.cos(math.radians(turn)), math.sin(math.radians(turn))
            points = [
                (x + u * rx * cos - v * ry * sin, y + u * rx * sin + v * ry * cos)
                for u, v in self._circle
            ]
        else:
            points = [(x + u * rx, y + v * ry) for u, v in self._circle]
        self.poly(points, fill, edge)

    def box_of(
        self,
        left: float,
        bottom: float,
        right: float,
        top: float,
        fill: Colour,
        edge: Colour | None = None,
        round_by: float = 0.0,
    ) -> None:
        """A filled rectangle, its corners rounded by `round_by`."""
        if not round_by:
            self.poly([(left, bottom), (right, bottom), (right, top), (left, top)], fill, edge)
            return
        r = min(round_by, (right - left) / 2, (top - bottom) / 2)
        points: list[Point] = []
        for cx, cy, start in (
            (right - r, top - r, 0),
            (left + r, top - r, 90),
            (left + r, bottom + r, 180),
            (right - r, bottom + r, 270),
        ):
            for step in (0, 22.5, 45, 67.5, 90):
                angle = math.radians(start + step)
                points.append((cx + r * math.cos(angle), cy + r * math.sin(angle)))
        self.poly(points, fill, edge)

    def smooth(
        self, points: Sequence[Point], fill: Colour, edge: Colour | None = None, steps: int = 5
    ) -> None:
        """A filled closed curve through `points`."""
        self.poly(curve(points, closed=True, steps=steps), fill, edge)

    def line(
        self, points: Sequence[Point], width: float, fill: Colour, *, bent: bool = False
    ) -> None:
        """A line with round ends, `width` in object units; a curve through points when bent."""
        if bent:
            points = curve(points, closed=False, steps=6)
        pixels = max(1, round(width * self.scale))
        placed = self._place(points, width * self.scale / 2)
        lit = self._lit(fill)
        self._draw.line(placed, lit, pixels, "curve" if len(placed) > 2 else None)
        if pixels > 3:
            r = width * self.scale / 2
            for x, y in (placed[0], placed[-1]):
                self._draw.ellipse((x - r, y - r, x + r, y + r), fill=lit)
        if self._mask and width >= 2:
            s = self._mask_scale
            self._mask.line(
                [(x * s, y * s) for x, y in placed], self._mask_value, max(1, round(pixels * s))
            )


def curve(points: Sequence[Point], *, closed: bool, steps: int) -> list[Point]:
    """Points of a Catmull-Rom curve through `points`."""
    count = len(points)
    made: list[Point] = []
    for i in range(count if closed else count - 1):
        if closed:
            p0, p1 = points[i - 1], points[i]
            p2, p3 = points[(i + 1) % count], points[(i + 2) % count]
        else:
            p0, p1 = points[max(0, i - 1)], points[i]
            p2, p3 = points[i + 1], points[min(count - 1, i + 2)]
        for step in range(steps):
            t = step / steps
            t2, t3 = t * t, t * t * t
            w0, w1 = -t3 + 2 * t2 - t, 3 * t3 - 5 * t2 + 2
            w2, w3 = -3 * t3 + 4 * t2 + t, t3 - t2
            made.append(
                (
                    (w0 * p0[0] + w1 * p1[0] + w2 * p2[0] + w3 * p3[0]) / 2,
                    (w0 * p0[1] + w1 * p1[1] + w2 * p2[1] + w3 * p3[1]) / 2,
                )
            )
    if not closed:
        made.append(points[-1])
    return made
