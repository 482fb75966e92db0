"""The places of the demo scenes: sky, ground and small furnishings behind the objects."""

from __future__ import annotations

import math
from random import Random

import numpy as np
from PIL import Image, ImageDraw
from scene_pen import Colour, curve, mix, shade

PLACES = ("meadow", "beach", "snow", "street", "room", "mountains", "desert")
OUTDOORS = tuple(place for place in PLACES if place != "room")

# Top and bottom of the sky, top and bottom of the ground, height of the horizon.
_BANDS: dict[str, tuple[Colour, Colour, Colour, Colour, float]] = {
    "meadow": ((118, 186, 236), (206, 232, 246), (138, 198, 88), (92, 164, 62), 0.50),
    "beach": ((96, 184, 238), (200, 234, 248), (244, 220, 160), (230, 196, 128), 0.58),
    "snow": ((176, 196, 216), (220, 230, 240), (238, 244, 250), (218, 230, 244), 0.50),
    "street": ((168, 196, 220), (214, 224, 232), (118, 120, 128), (90, 92, 100), 0.56),
    "room": ((236, 220, 196), (226, 206, 178), (190, 138, 88), (162, 112, 68), 0.62),
    "mountains": ((132, 184, 232), (216, 230, 244), (122, 146, 96), (94, 118, 76), 0.56),
    "desert": ((246, 196, 128), (252, 228, 182), (226, 164, 92), (200, 132, 68), 0.52),
}
_WALLS: list[Colour] = [
    (238, 222, 196), (214, 226, 220), (226, 216, 232), (244, 226, 214), (216, 224, 236),
]  # fmt: skip
_NIGHT_TOP: Colour = (14, 20, 58)
_NIGHT_LOW: Colour = (52, 62, 120)


def _bands(size: tuple[int, int], stops: list[tuple[float, Colour]]) -> Image.Image:
    width, height = size
    rows = np.linspace(0.0, 1.0, height)
    at = [stop for stop, _ in stops]
    lines = np.stack([np.interp(rows, at, [c[i] for _, c in stops]) for i in range(3)], axis=1)
    pixels = np.repeat(lines[:, None, :].astype(np.uint8), width, axis=1)
    return Image.fromarray(pixels)


def night_shade(colour: Colour) -> Colour:
    """A daylight colour of the ground or a wall, as it looks by night."""
    r, g, b = colour
    return mix((int(r * 0.5), int(g * 0.5), int(b * 0.56)), _NIGHT_LOW, 0.22)


class _Stage:
    """Canvas and measures shared by the painters of one place."""

    def __init__(self, image: Image.Image, horizon: float, night: bool, rng: Random) -> None:
        self.draw = ImageDraw.Draw(image)
        self.width, self.height = image.size
        self.side = min(image.size)
        self.horizon = int(horizon * self.height)
        self.night = night
        self.rng = rng

    def tone(self, colour: Colour) -> Colour:
        return night_shade(colour) if self.night else colour

    def hills(self, colour: Colour, rise: float, humps: float, base: int | None = None) -> None:
        """A rolling band that rises above the horizon."""
        base = self.horizon if base is None else base
        phase = self.rng.uniform(0, math.tau)
        points = [
            (x, base - self.side * rise * (0.55 + 0.45 * math.sin(phase + x / self.side * humps)))
            for x in range(-8, self.width + 16, 8)
        ]
        bottom = base + int(self.side * 0.06)
        self.draw.polygon([*points, (self.width + 8, bottom), (-8, bottom)], self.tone(colour))

    def specks(self, count: int, low: float, high: float, colours: list[Colour], r: float) -> None:
        """Small dots between two heights of the picture."""
        for _ in range(count):
            x = self.rng.uniform(0, self.width)
            y = self.rng.uniform(low, high) * self.height
            s = self.side * r * self.rng.uniform(0.6, 1.3)
            colour = self.tone(self.rng.choice(colours))
            self.draw.ellipse((x - s, y - s * 0.7, x + s, y + s * 0.7), fill=colour)

    def stroke(self, x: float, y: float, to_x: float, to_y: float, colour: Colour, w: float):
        """A straight line, its width a part of the shorter side."""
        width = max(1, round(w * self.side))
        self.draw.line([(x, y), (to_x, to_y)], self.tone(colour), width)


def _sky(s: _Stage) -> None:
    rng = s.rng
    if s.night:
        for _ in range(26):
            x, y = rng.uniform(0, s.width), rng.uniform(0, s.horizon * 0.95)
            r = s.side * rng.uniform(0.002, 0.007)
            s.draw.ellipse((x - r, y - r, x + r, y + r), fill=(250, 248, 220))
        x = s.width * rng.choice([rng.uniform(0.08, 0.2), rng.uniform(0.8, 0.92)])
        y, r = s.height * rng.uniform(0.08, 0.16), s.side * rng.uniform(0.045, 0.06)
        s.draw.ellipse((x - r, y - r, x + r, y + r), fill=(244, 242, 224))
        x, y = x + r * 0.5, y - r * 0.2
        s.draw.ellipse((x - r, y - r, x + r, y + r), fill=mix(_NIGHT_TOP, _NIGHT_LOW, 0.22))
        return
    for _ in range(rng.randint(1, 3)):
        x, y = rng.uniform(0, s.width), s.height * rng.uniform(0.06, 0.3)
        for dx, dy, r in ((-0.07, 0.01, 0.035), (0, -0.012, 0.05), (0.07, 0.008, 0.04)):
            r *= s.side
            cx, cy = x + dx * s.side, y + dy * s.side
            s.draw.ellipse((cx - r * 1.4, cy - r, cx + r * 1.4, cy + r), fill=(248, 251, 253))


def _meadow(s: _Stage) -> None:
    s.hills((158, 206, 130), 0.10, 5.0)
    s.hills((122, 186, 92), 0.06, 8.0)
    for _ in range(46):
        x, y = s.rng.uniform(0, s.width), s.rng.uniform(s.horizon + 4, s.height)
        tall = s.side * s.rng.uniform(0.015, 0.035)
        green = s.rng.choice([(66, 134, 48), (152, 210, 96)])
        for lean in (-0.5, 0, 0.5):
            s.stroke(x, y, x + lean * tall, y - tall, green, 0.004)
    s.specks(16, 0.6, 1.0, [(250, 250, 240)], 0.006)


def _beach(s: _Stage) -> None:
    top = int(s.horizon - s.height * 0.18)
    for row in range(top, s.horizon + 1):
        part = (row - top) / max(1, s.horizon - top)
        colour = s.tone(mix((30, 120, 190), (90, 200, 214), part))
        s.draw.line([(0, row), (s.width, row)], fill=colour)
    for _ in range(14):
        x, y = s.rng.uniform(-20, s.width), s.rng.uniform(top + 3, s.horizon - 4)
        length = s.side * s.rng.uniform(0.05, 0.12)
        s.stroke(x, y, x + length, y, (216, 242, 248), 0.006)
    phase = s.rng.uniform(0, 6)
    foam = [
        (x, s.horizon + s.side * 0.015 * math.sin(phase + x / s.side * 9))
        for x in range(-8, s.width + 16, 8)
    ]
    s.draw.line(foam, s.tone((250, 252, 252)), max(2, round(s.side * 0.022)))
    s.specks(60, 0.64, 1.0, [(214, 180, 116), (250, 232, 184)], 0.005)


def _snow(s: _Stage) -> None:
    s.hills((208, 220, 236), 0.12, 4.0)
    s.hills((228, 238, 248), 0.06, 7.0)
    for _ in range(5):
        y = s.rng.uniform(s.horizon + 6, s.height)
        x = s.rng.uniform(-0.1, 0.9) * s.width
        bend = [(x, y), (x + s.side * 0.15, y - s.side * 0.02), (x + s.side * 0.32, y)]
        s.draw.line(curve(bend, closed=False, steps=6), s.tone((196, 214, 236)),
                    max(1, round(s.side * 0.008)))  # fmt: skip
    for _ in range(46):
        x, y = s.rng.uniform(0, s.width), s.rng.uniform(0, s.height)
        r = s.side * s.rng.uniform(0.004, 0.010)
        s.draw.ellipse((x - r, y - r, x + r, y + r), fill=(255, 255, 255))


def _street(s: _Stage) -> None:
    x = -s.rng.uniform(0, 0.1) * s.side
    while x < s.width:
        wide = s.side * s.rng.uniform(0.14, 0.26)
        top = s.height * s.rng.uniform(0.08, 0.30)
        grey = s.rng.choice([(150, 156, 172), (172, 166, 164), (134, 146, 166), (160, 150, 158)])
        s.draw.rectangle((x, top, x + wide - 1, s.horizon), fill=s.tone(grey))
        step = s.side * 0.055
        across = max(1, int(wide / step) - 1)
        for row in range(int((s.horizon - top) / step) - 1):
            for column in range(across):
                left = x + (column + 0.75) * wide / (across + 0.5) - step * 0.3
                y = top + (row + 0.5) * step
                if s.night:
                    lit = s.rng.random() < 0.45
                    pane: Colour = (250, 214, 110) if lit else (40, 44, 76)
                else:
                    pane = shade(grey, 0.45)
                s.draw.rectangle((left, y, left + step * 0.42, y + step * 0.5), fill=pane)
        x += wide
    kerb = s.horizon + int(s.side * 0.05)
    s.draw.rectangle((0, s.horizon, s.width, kerb), fill=s.tone((196, 194, 190)))
    s.stroke(0, kerb, s.width, kerb, (150, 148, 146), 0.01)
    middle = int(s.height * 0.84)
    dash = s.side * 0.14
    x = -s.rng.uniform(0, 1) * dash
    while x < s.width:
        s.draw.rectangle((x, middle, x + dash * 0.6, middle + s.side * 0.022),
                         fill=s.tone((244, 240, 220)))  # fmt: skip
        x += dash


def _room(s: _Stage) -> None:
    wall = s.rng.choice(_WALLS)
    s.draw.rectangle((0, 0, s.width, s.horizon), fill=wall)
    step = s.side * s.rng.uniform(0.06, 0.1)
    x = s.rng.uniform(0, step)
    while x < s.width:
        s.stroke(x, 0, x, s.horizon, shade(wall, -0.06), step / s.side * 0.4)
        x += step
    s.draw.rectangle((0, s.horizon - s.side * 0.035, s.width, s.horizon), fill=(250, 248, 244))
    for i in range(5):
        y = s.horizon + (s.height - s.horizon) * (i / 5) ** 1.25
        s.stroke(0, y, s.width, y, (140, 94, 54), 0.006)
        for _ in range(4):
            x = s.rng.uniform(0, s.width)
            s.stroke(x, y, x, y + (s.height - s.horizon) * 0.2, (140, 94, 54), 0.005)
    left = s.width * s.rng.uniform(0.02, 0.7)
    top, w, h = s.height * s.rng.uniform(0.03, 0.1), s.side * 0.26, s.side * 0.24
    s.draw.rectangle((left, top, left + w, top + h), fill=(132, 92, 56))
    edge = s.side * 0.016
    if s.rng.random() < 0.5:
        box = (left + edge, top + edge, left + w - edge, top + h - edge)
        s.draw.rectangle(box, fill=(176, 214, 240))
        s.stroke(left + w / 2, top, left + w / 2, top + h, (132, 92, 56), 0.012)
        s.stroke(left, top + h / 2, left + w, top + h / 2, (132, 92, 56), 0.012)
    else:
        box = (left + edge, top + edge, left + w - edge, top + h - edge)
        s.draw.rectangle(box, fill=(244, 240, 230))
        for i in range(3):
            y = top + h * (0.3 + 0.2 * i)
            s.stroke(left + w * 0.2, y, left + w * 0.8, y - h * 0.08, (150, 160, 172), 0.016)


def _mountains(s: _Stage) -> None:
    x = -s.rng.uniform(0.0, 0.3) * s.side
    while x < s.width:
        wide = s.side * s.rng.uniform(0.4, 0.65)
        tall = s.side * s.rng.uniform(0.3, 0.42)
        peak = (x + wide * s.rng.uniform(0.42, 0.58), s.horizon - tall)
        rock = s.rng.choice([(104, 116, 146), (120, 128, 152), (94, 108, 132)])
        left, right = (x - wide * 0.1, s.horizon + 2), (x + wide * 1.1, s.horizon + 2)
        s.draw.polygon([left, peak, right], s.tone(rock))
        s.draw.polygon([(peak[0], s.horizon + 2), peak, right], s.tone(shade(rock, -0.18)))

        def on(a, b, t):
            return (a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t)

        cap = [peak, on(peak, right, 0.34), on(peak, (peak[0] + wide * 0.12, s.horizon), 0.24),
               on(peak, (peak[0], s.horizon), 0.36), on(peak, (peak[0] - wide * 0.1, s.horizon),
               0.24), on(peak, left, 0.34)]  # fmt: skip
        s.draw.polygon(cap, s.tone((246, 248, 252)))
        x += wide * 0.72
    s.hills((102, 128, 88), 0.05, 7.0)
    for _ in range(22):
        x, y = s.rng.uniform(0, s.width), s.rng.uniform(s.horizon + 4, s.height)
        r = s.side * s.rng.uniform(0.006, 0.016)
        s.draw.ellipse((x - r * 1.4, y - r, x + r * 1.4, y + r), fill=s.tone((140, 140, 134)))


def _desert(s: _Stage) -> None:
    s.hills((236, 184, 116), 0.14, 3.4)
    s.hills((218, 154, 84), 0.08, 6.0)
    for _ in range(9):
        x = s.rng.uniform(-0.2, 1) * s.width
        y = s.rng.uniform(s.horizon + 8, s.height)
        bend = [(x, y), (x + s.side * 0.12, y - s.side * 0.018), (x + s.side * 0.25, y),
                (x + s.side * 0.36, y - s.side * 0.014)]  # fmt: skip
        s.draw.line(curve(bend, closed=False, steps=6), s.tone((188, 120, 62)),
                    max(1, round(s.side * 0.006)))  # fmt: skip
    x = s.width * s.rng.choice([0.05, 0.12, 0.9, 0.96])
    base, tall, thick = s.horizon + s.side * 0.04, s.side * 0.2, s.side * 0.032
    green: Colour = (74, 128, 74)
    s.stroke(x, base, x, base - tall, green, 0.032)
    for side, height in ((-1, 0.4), (1, 0.55)):
        y = base - tall * height
        s.stroke(x, y, x + side * thick * 2.2, y, green, 0.022)
        s.stroke(x + side * thick * 2.2, y + thick * 0.3, x + side * thick * 2.2, y - tall * 0.3,
                 green, 0.022)  # fmt: skip


_PAINTERS = {
    "meadow": _meadow, "beach": _beach, "snow": _snow, "street": _street, "room": _room,
    "mountains": _mountains, "desert": _desert,
}  # fmt: skip


def horizon_of(place: str) -> float:
    """Where the ground begins, as a part of the picture's height."""
    return _BANDS[place][4]


def paint_place(
    size: tuple[int, int], place: str, night: bool, rng: Random, horizon: float
) -> Image.Image:
    """A picture of the empty place, its ground beginning at `horizon` (a part of the height)."""
    top, low, ground, near, _ = _BANDS[place]
    if night:
        top, low = _NIGHT_TOP, _NIGHT_LOW
        ground, near = night_shade(ground), night_shade(near)
    image = _bands(size, [(0, top), (horizon, low), (horizon + 1e-3, ground), (1, near)])
    stage = _Stage(image, horizon, night, rng)
    if place != "room":
        _sky(stage)
    _PAINTERS[place](stage)
    return image
