"""The animals of the demo scenes: cat, dog and bird, drawn with a Pen."""

from __future__ import annotations

from random import Random

from scene_pen import Colour, Pen, mix, rim, shade

_INK: Colour = (28, 26, 28)
_PINK: Colour = (240, 150, 160)


def _eye(pen: Pen, x: float, y: float, size: float, iris: Colour, slit: bool) -> None:
    pen.oval(x, y, size, size * 1.05, iris, _INK)
    pen.oval(x, y, size * (0.32 if slit else 0.62), size * (0.85 if slit else 0.68), _INK)
    pen.oval(x + size * 0.25, y + size * 0.35, size * 0.24, size * 0.24, (255, 255, 255))


def _cat_head(pen: Pen, x: float, y: float, s: float, colour: Colour, rng: Random) -> None:
    edge, dark = rim(colour), shade(colour, -0.28)
    for side in (-1, 1):
        pen.poly(
            [(x + side * 23 * s, y + 6 * s), (x + side * 22 * s, y + 35 * s), (x, y + 17 * s)],
            colour,
            edge,
        )
        pen.poly(
            [
                (x + side * 19 * s, y + 12 * s),
                (x + side * 19 * s, y + 28 * s),
                (x + side * 8 * s, y + 17 * s),
            ],
            _PINK,
        )
    pen.oval(x, y, 26 * s, 21 * s, colour, edge)
    for dx in (-6, 0, 6):
        pen.line([(x + dx * s, y + 20 * s), (x + dx * 0.7 * s, y + 12 * s)], 2.6 * s, dark)
    light = shade(colour, 0.45)
    pen.oval(x - 6 * s, y - 9 * s, 8 * s, 6.5 * s, light)
    pen.oval(x + 6 * s, y - 9 * s, 8 * s, 6.5 * s, light)
    iris = rng.choice([(150, 205, 80), (240, 200, 60), (110, 190, 220)])
    for side in (-1, 1):
        _eye(pen, x + side * 10.5 * s, y + 3 * s, 6 * s, iris, True)
        for dy in (-3, 0, 3):
            pen.line(
                [
                    (x + side * 10 * s, y - (8 - dy * 0.4) * s),
                    (x + side * 33 * s, y - (8 - dy) * s),
                ],
                0.8 * s,
                shade(edge, 0.35),
            )
    pen.poly([(x - 3.6 * s, y - 4 * s), (x + 3.6 * s, y - 4 * s), (x, y - 8 * s)], _PINK, _INK)
    mouth = [(-8, -10), (-4, -13), (0, -8), (4, -13), (8, -10)]
    pen.line([(x + dx * s, y + dy * s) for dx, dy in mouth], 1.3 * s, _INK)


def cat(pen: Pen, colour: Colour, rng: Random) -> None:
    """A cat with pointed ears, whiskers and a long tail; sits or stands."""
    edge, dark, light = rim(colour), shade(colour, -0.28), shade(colour, 0.4)
    if rng.random() < 0.6:
        tail = [(16, 6), (36, 5), (44, 18), (38, 34), (45, 44)]
        pen.line(tail, 10, edge, bent=True)
        pen.line(tail, 7.6, colour, bent=True)
        pen.smooth([(-25, 2), (-27, 22), (-15, 52), (15, 52), (27, 22), (25, 2)], colour, edge)
        pen.oval(0, 30, 11, 18, light)
        for y in (22, 30, 38):
            pen.line([(-25, y), (-16, y + 2)], 2.8, dark)
            pen.line([(25, y), (16, y + 2)], 2.8, dark)
        for x in (-9, 9):
            pen.box_of(x - 6.5, 2, x + 6.5, 26, colour, None, 6)
            pen.line([(x - 6.5, 24), (x - 6.5, 5)], 1.3, edge)
            pen.line([(x + 6.5, 24), (x + 6.5, 5)], 1.3, edge)
            pen.oval(x, 4, 8.5, 4.5, light, edge)
        _cat_head(pen, 0, 64, 1.0, colour, rng)
        return
    tail = [(-36, 42), (-52, 48), (-56, 66), (-46, 84), (-54, 92)]
    pen.line(tail, 9.5, edge, bent=True)
    pen.line(tail, 7.2, colour, bent=True)
    for x in (-24, 20):
        pen.box_of(x - 5, 0, x + 5, 30, dark, edge, 5)
    pen.smooth(
        [(-40, 40), (-34, 52), (0, 50), (30, 54), (40, 36), (26, 22), (0, 24), (-32, 22)],
        colour,
        edge,
    )
    for x in (-18, -6, 6):
        pen.line([(x, 50), (x + 1, 40)], 3, dark)
    for x in (-34, 31):
        pen.box_of(x - 5.5, 0, x + 5.5, 36, colour, None, 5)
        pen.line([(x - 5.5, 26), (x - 5.5, 4)], 1.2, edge)
        pen.line([(x + 5.5, 22), (x + 5.5, 4)], 1.2, edge)
        pen.oval(x + 2, 3, 8, 3.6, light, edge)
    _cat_head(pen, 38, 62, 0.86, colour, rng)


def _dog_head(pen: Pen, x: float, y: float, s: float, colour: Colour) -> None:
    edge, ear = rim(colour), shade(colour, -0.38)
    if sum(colour) < 200:
        ear = shade(colour, 0.16)
    pen.smooth(
        [
            (x - 21 * s, y + 10 * s),
            (x - 14 * s, y + 22 * s),
            (x + 14 * s, y + 22 * s),
            (x + 21 * s, y + 10 * s),
            (x + 18 * s, y - 14 * s),
            (x, y - 22 * s),
            (x - 18 * s, y - 14 * s),
        ],
        colour,
        edge,
    )
    pale = shade(colour, 0.5)
    pen.oval(x, y - 11 * s, 14 * s, 11.5 * s, pale, edge)
    pen.poly(
        [(x - 5 * s, y - 17 * s), (x + 5 * s, y - 17 * s), (x + 4 * s, y - 28 * s), (x, y - 31 * s),
         (x - 4 * s, y - 28 * s)],
        (232, 92, 110),
        (160, 50, 70),
    )  # fmt: skip
    pen.line([(x, y - 8 * s), (x, y - 16 * s)], 1.5 * s, _INK)
    pen.line([(x - 9 * s, y - 14 * s), (x, y - 17 * s), (x + 9 * s, y - 14 * s)], 1.5 * s, _INK)
    pen.oval(x, y - 4 * s, 7 * s, 5 * s, _INK)
    pen.oval(x - 2 * s, y - 2.5 * s, 2 * s, 1.2 * s, (150, 150, 155))
    for side in (-1, 1):
        pen.smooth(
            [
                (x + side * 13 * s, y + 20 * s),
                (x + side * 26 * s, y + 18 * s),
                (x + side * 33 * s, y - 4 * s),
                (x + side * 27 * s, y - 20 * s),
                (x + side * 20 * s, y - 8 * s),
            ],
            ear,
            edge,
        )
        _eye(pen, x + side * 9 * s, y + 7 * s, 4.6 * s, (120, 74, 40), False)


def dog(pen: Pen, colour: Colour, rng: Random) -> None:
    """A dog with hanging ears, a muzzle and its tongue out; sits or stands."""
    edge, dark, light = rim(colour), shade(colour, -0.22), shade(colour, 0.5)
    collar = rng.choice([(190, 40, 50), (40, 90, 180), (220, 180, 60)])
    if rng.random() < 0.5:
        tail = [(18, 10), (34, 16), (42, 34)]
        pen.line(tail, 9, edge, bent=True)
        pen.line(tail, 6.6, colour, bent=True)
        pen.smooth([(-28, 2), (-28, 20), (-17, 50), (17, 50), (28, 20), (28, 2)], colour, edge)
        pen.oval(0, 30, 12, 18, light)
        for x in (-10, 10):
            pen.box_of(x - 7, 2, x + 7, 30, colour, None, 6)
            pen.line([(x - 7, 28), (x - 7, 5)], 1.3, edge)
            pen.line([(x + 7, 28), (x + 7, 5)], 1.3, edge)
            pen.oval(x, 4.5, 9.5, 5, light, edge)
        pen.line([(-15, 46), (0, 42), (15, 46)], 5, collar)
        _dog_head(pen, 0, 70, 1.05, colour)
        return
    tail = [(-40, 44), (-50, 54), (-54, 70)]
    pen.line(tail, 9, edge, bent=True)
    pen.line(tail, 6.6, colour, bent=True)
    for x in (-24, 22):
        pen.box_of(x - 6, 0, x + 6, 30, dark, edge, 5)
    pen.box_of(-44, 22, 40, 54, colour, edge, 15)
    pen.oval(-8, 45, 15, 7, shade(colour, -0.3) if rng.random() < 0.5 else colour)
    for x in (-36, 33):
        pen.box_of(x - 7, 2, x + 7, 36, colour, None, 6)
        pen.line([(x - 7, 26), (x - 7, 4)], 1.2, edge)
        pen.line([(x + 7, 24), (x + 7, 4)], 1.2, edge)
        pen.oval(x + 3, 4, 9.5, 4.4, light, edge)
    pen.line([(30, 48), (44, 42), (56, 48)], 5, collar)
    _dog_head(pen, 43, 70, 0.92, colour)


def bird(pen: Pen, colour: Colour, rng: Random) -> None:
    """A small bird seen from the side, with a beak, wing and forked tail; stands or flies."""
    edge, dark = rim(colour), shade(colour, -0.3)
    if sum(colour) < 200:
        dark = shade(colour, 0.15)
    belly = mix(colour, (255, 250, 235), 0.62)
    flying = rng.random() < 0.4
    pen.poly([(-34, 44), (-74, 58), (-62, 46), (-76, 38), (-36, 32)], dark, edge)
    if flying:
        pen.smooth([(-4, 48), (-30, 92), (-16, 96), (14, 84), (22, 54)], dark, edge)
    else:
        for x in (-4, 10):
            pen.line([(x, 20), (x, 3)], 3, (226, 140, 40))
            pen.line([(x - 6, 2), (x + 10, 2)], 3, (226, 140, 40))
    pen.poly([(52, 72), (76, 62), (52, 56)], (246, 166, 40), (150, 90, 20))
    pen.smooth(
        [(-40, 40), (-20, 54), (14, 62), (24, 82), (44, 86), (58, 72), (54, 56), (44, 30), (14, 16),
         (-16, 20)],
        colour,
        edge,
    )  # fmt: skip
    pen.smooth([(50, 52), (42, 32), (14, 19), (-8, 22), (10, 34), (30, 50)], belly)
    if flying:
        pen.smooth([(-14, 48), (-56, 80), (-44, 94), (-14, 88), (16, 62), (14, 46)], dark, edge)
        pen.line([(-46, 84), (-10, 56)], 1.6, edge)
        pen.line([(-30, 88), (0, 56)], 1.6, edge)
    else:
        pen.smooth([(14, 58), (-14, 52), (-44, 34), (-22, 26), (8, 30), (22, 44)], dark, edge)
        pen.line([(-30, 34), (4, 40)], 1.6, edge)
        pen.line([(-20, 42), (8, 48)], 1.6, edge)
    _eye(pen, 42, 73, 5, (250, 250, 250), False)
