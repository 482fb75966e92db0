"""The things of the demo scenes, other than animals, drawn with a Pen."""

from __future__ import annotations

import math
from random import Random

from scene_pen import Colour, Pen, mix, rim, shade

_INK: Colour = (30, 30, 34)
_GLASS: Colour = (176, 218, 240)


def _wheel(pen: Pen, x: float, y: float, r: float) -> None:
    pen.oval(x, y, r, r, (34, 34, 38), (84, 84, 90))
    pen.oval(x, y, r * 0.52, r * 0.52, (196, 200, 206))
    pen.oval(x, y, r * 0.18, r * 0.18, (90, 92, 98))


def truck(pen: Pen, colour: Colour, rng: Random) -> None:
    """A delivery truck: a tall ribbed box behind a cab, three wheels."""
    edge, dark = rim(colour), shade(colour, -0.22)
    box = shade(colour, 0.14)
    pen.box_of(-82, 16, 84, 28, (58, 58, 64), _INK)
    pen.box_of(-84, 26, 30, 96, box, edge, 3)
    for x in range(-70, 24, 14):
        pen.line([(x, 33), (x, 89)], 2.2, shade(colour, -0.14))
    pen.line([(-84, 92), (30, 92)], 2.5, edge)
    pen.poly([(34, 22), (34, 82), (62, 82), (76, 54), (88, 50), (88, 22)], colour, edge)
    pen.poly([(42, 54), (42, 76), (59, 76), (70, 54)], _GLASS, _INK)
    pen.line([(47, 58), (56, 73)], 2, (236, 248, 255))
    pen.line([(38, 50), (38, 26)], 1.5, dark)
    pen.box_of(44, 42, 53, 45, _INK)
    pen.oval(84, 38, 4, 5, (255, 240, 170), _INK)
    pen.box_of(80, 17, 93, 25, (150, 154, 160), _INK, 2)
    for x in (-62, -30, 62):
        _wheel(pen, x, 15, 15)


def car(pen: Pen, colour: Colour, rng: Random) -> None:
    """A low rounded car with two windows, a door, lamps and two wheels."""
    edge = rim(colour)
    pen.smooth(
        [(-52, 38), (-40, 62), (-26, 72), (16, 72), (32, 62), (50, 42), (30, 36), (-30, 36)],
        shade(colour, 0.06),
        edge,
    )
    pen.poly([(-44, 44), (-34, 62), (-25, 66), (-8, 66), (-8, 44)], _GLASS, _INK)
    pen.poly([(-3, 44), (-3, 66), (14, 66), (26, 59), (38, 44)], _GLASS, _INK)
    pen.line([(4, 48), (14, 62)], 2, (236, 248, 255))
    pen.line([(-34, 48), (-26, 60)], 2, (236, 248, 255))
    pen.smooth(
        [(-86, 18), (-88, 34), (-78, 44), (-46, 47), (44, 46), (78, 40), (90, 28), (88, 15),
         (0, 12), (-80, 13)],
        colour,
        edge,
    )  # fmt: skip
    pen.line([(-84, 26), (86, 24)], 1.8, shade(colour, -0.3))
    pen.line([(-6, 44), (-6, 16)], 1.5, edge)
    pen.box_of(-20, 34, -10, 37, shade(colour, -0.4), None, 1)
    pen.oval(84, 30, 5, 5.5, (255, 242, 170), _INK)
    pen.oval(-84, 34, 3.5, 5, (196, 30, 30), _INK)
    for x in (-50, 52):
        _wheel(pen, x, 17, 17)


def couch(pen: Pen, colour: Colour, rng: Random) -> None:
    """A two-seat couch: back, two seat cushions, thick arms, short legs."""
    edge, dark, light = rim(colour), shade(colour, -0.2), shade(colour, 0.13)
    for x in (-80, 80):
        pen.box_of(x - 5, 0, x + 5, 12, (92, 60, 34), _INK)
    pen.box_of(-82, 34, 82, 92, dark, edge, 14)
    pen.box_of(-72, 44, -2, 86, colour, edge, 8)
    pen.box_of(2, 44, 72, 86, colour, edge, 8)
    for x in (-37, 37):
        pen.oval(x, 66, 2.2, 2.2, edge)
    pen.box_of(-88, 9, 88, 32, dark, edge, 5)
    pen.box_of(-74, 28, -1, 46, light, edge, 7)
    pen.box_of(1, 28, 74, 46, light, edge, 7)
    for side in (-1, 1):
        left, right = sorted((side * 98, side * 72))
        pen.box_of(left, 9, right, 56, colour, edge, 11)
        pen.oval(side * 85, 47, 12.5, 12, light, edge)


def remote_control(pen: Pen, colour: Colour, rng: Random) -> None:
    """A TV remote: long, with a red power button, a ring and rows of keys."""
    edge = rim(colour)
    key: Colour = (226, 228, 232) if sum(colour) < 460 else (70, 72, 80)
    pen.box_of(-22, 0, 22, 112, shade(colour, -0.35), edge, 10)
    pen.box_of(-20, 3, 20, 110, colour, None, 9)
    pen.oval(-11, 101, 4.6, 4.6, (230, 40, 40), _INK)
    pen.box_of(2, 98, 14, 104, key, None, 2)
    pen.oval(0, 81, 14, 13, key, edge)
    pen.oval(0, 81, 6, 5.5, colour, edge)
    for row in range(4):
        for column in range(3):
            x, y = -12.5 + column * 12.5, 58 - row * 10.5
            pen.box_of(x - 4.4, y - 3.4, x + 4.4, y + 3.4, key, None, 2.4)
    for x, tint in ((-12.5, (220, 60, 60)), (0, (80, 180, 90)), (12.5, (70, 120, 220))):
        pen.box_of(x - 4.4, 10, x + 4.4, 15, tint, None, 2)


def _hanger(pen: Pen, y: float) -> None:
    wood: Colour = (150, 106, 64)
    pen.line([(0, y), (0, y + 6), (5, y + 9), (5, y + 14), (0, y + 17), (-5, y + 14)], 2.2,
             (120, 122, 128), bent=True)  # fmt: skip
    pen.line([(-24, y - 8), (0, y + 1), (24, y - 8)], 4, wood)


def dress(pen: Pen, colour: Colour, rng: Random) -> None:
    """A sleeveless dress on a hanger: narrow waist, belt and a wide pleated skirt."""
    edge, dark, light = rim(colour), shade(colour, -0.24), shade(colour, 0.18)
    _hanger(pen, 97)
    pen.poly(
        [(-17, 96), (-11, 97), (-7, 84), (0, 80), (7, 84), (11, 97), (17, 96), (20, 76), (13, 56),
         (-13, 56), (-20, 76)],
        colour,
        edge,
    )  # fmt: skip
    hem = [(-46, 6), (-34, 1), (-22, 5), (-10, 0), (2, 5), (14, 0), (26, 5), (36, 1), (46, 6)]
    pen.poly([(13, 55), (-13, 55), (-30, 30), *hem, (30, 30)], colour, edge)
    for top, bottom in ((-8, -30), (-3, -10), (3, 12), (8, 31)):
        pen.line([(top, 52), ((top + bottom) * 0.55, 26), (bottom, 6)], 2, dark, bent=True)
    pen.line([(-5, 50), (-16, 10)], 2, light)
    pen.box_of(-14, 52, 14, 59, shade(colour, -0.45), None, 2)
    if rng.random() < 0.5:
        pen.poly([(0, 56), (-10, 62), (-10, 49)], light, edge)
        pen.poly([(0, 56), (10, 62), (10, 49)], light, edge)


def shirt(pen: Pen, colour: Colour, rng: Random) -> None:
    """A buttoned short-sleeved shirt with a collar and a breast pocket."""
    edge, dark, light = rim(colour), shade(colour, -0.16), shade(colour, 0.2)
    for side in (-1, 1):
        pen.poly(
            [(side * 20, 96), (side * 34, 90), (side * 62, 58), (side * 42, 44), (side * 30, 62)],
            dark,
            edge,
        )
        pen.line([(side * 58, 55), (side * 44, 45)], 3, edge)
    pen.poly(
        [(-14, 98), (-34, 91), (-33, 60), (-35, 2), (35, 2), (33, 60), (34, 91), (14, 98), (0, 88)],
        colour,
        edge,
    )
    pen.box_of(-5, 3, 5, 88, light)
    pen.line([(-5, 86), (-5, 3)], 1.2, edge)
    pen.line([(5, 86), (5, 3)], 1.2, edge)
    for y in (14, 32, 50, 68):
        pen.oval(0, y, 2.8, 2.8, (252, 252, 250) if sum(colour) < 640 else (60, 62, 70), edge)
    pen.box_of(11, 52, 27, 70, dark, edge, 2)
    for side in (-1, 1):
        pen.poly([(0, 86), (side * 13, 101), (side * 21, 92), (side * 10, 76)], light, edge)


def house(pen: Pen, colour: Colour, rng: Random) -> None:
    """A house with a pitched roof, a chimney, a door and two windows."""
    edge = rim(colour)
    roof = rng.choice([(150, 70, 50), (104, 74, 60), (84, 92, 108)])
    pen.box_of(24, 70, 36, 104, (158, 88, 70), (92, 46, 36))
    pen.box_of(22, 101, 38, 107, (120, 64, 50), (92, 46, 36))
    pen.box_of(-48, 0, 48, 60, colour, edge)
    for y in (12, 24, 36, 48):
        pen.line([(-47, y), (47, y)], 1, shade(colour, -0.12))
    pen.poly([(-60, 56), (0, 104), (60, 56)], roof, shade(roof, -0.5))
    for t in (0.3, 0.6):
        pen.line([(-60 * (1 - t), 56 + 48 * t), (60 * (1 - t), 56 + 48 * t)], 1.6,
                 shade(roof, -0.25))  # fmt: skip
    pen.oval(0, 76, 7, 7, _GLASS, (250, 250, 246))
    pen.box_of(-11, 0, 11, 38, (110, 70, 40), (60, 36, 20), 3)
    pen.oval(6, 18, 1.8, 1.8, (240, 204, 80))
    for x in (-31, 31):
        pen.box_of(x - 11, 22, x + 11, 46, (250, 250, 246), _INK)
        pen.box_of(x - 8.5, 24.5, x + 8.5, 43.5, mix(_GLASS, (255, 224, 130), 0.55))
        pen.line([(x, 24), (x, 44)], 2, (250, 250, 246))
        pen.line([(x - 9, 34), (x + 9, 34)], 2, (250, 250, 246))


def tree(pen: Pen, colour: Colour, rng: Random) -> None:
    """A tree: a trunk with branches under a round crown of leaves, or a tiered fir."""
    edge, dark, light = rim(colour), shade(colour, -0.18), shade(colour, 0.2)
    bark: Colour = (112, 74, 44)
    if rng.random() < 0.35:
        pen.box_of(-6, 0, 6, 24, bark, shade(bark, -0.4))
        for base, top, half in ((16, 56, 36), (38, 80, 29), (62, 108, 21)):
            pen.poly(
                [(-half, base), (-half * 0.45, base + 5), (0, base), (half * 0.45, base + 5),
                 (half, base), (0, top)],
                colour if base != 38 else dark,
                edge,
            )  # fmt: skip
        return
    pen.poly([(-11, 0), (-6, 14), (-6, 46), (6, 46), (6, 14), (12, 0)], bark, shade(bark, -0.4))
    pen.line([(0, 32), (18, 54)], 4.5, bark)
    pen.line([(0, 36), (-18, 56)], 4.5, bark)
    blobs = [(-22, 58, 20), (22, 57, 20), (-14, 80, 20), (16, 80, 20), (0, 66, 24), (1, 92, 15)]
    for x, y, r in blobs:
        pen.oval(x, y, r + 1.5, r + 1.5, edge)
    for x, y, r in blobs:
        pen.oval(x, y, r, r, colour)
    for _ in range(9):
        x, y = rng.uniform(-26, 26), rng.uniform(54, 96)
        pen.oval(x, y, 5, 3.2, rng.choice([dark, light]))


def boat(pen: Pen, colour: Colour, rng: Random) -> None:
    """A sailing boat: a hull, a mast with two pale sails, a flag, small waves."""
    edge = rim(colour)
    pen.line([(-2, 26), (-2, 106)], 4, (120, 82, 50))
    pen.poly([(3, 102), (3, 36), (50, 36)], (252, 250, 240), (120, 116, 110))
    pen.poly([(-7, 92), (-7, 36), (-40, 36)], (240, 234, 214), (120, 116, 110))
    pen.line([(3, 60), (33, 60)], 2, shade(colour, 0.1))
    pen.poly([(-2, 108), (-22, 103), (-2, 97)], colour, edge)
    pen.smooth([(-64, 31), (0, 27), (66, 33), (48, 5), (0, 2), (-48, 5)], colour, edge)
    pen.line([(-60, 25), (60, 26)], 3.2, (250, 250, 246))
    for x in (-28, 0, 28):
        pen.oval(x, 16, 4, 4, (250, 250, 246), edge)
    foam: Colour = (214, 236, 248)
    for x in (-54, -18, 18):
        pen.line([(x, 1), (x + 10, 5), (x + 20, 1), (x + 36, 4)], 3.6, foam, bent=True)


def flower(pen: Pen, colour: Colour, rng: Random) -> None:
    """A flower: round petals about a centre, a stem and two leaves."""
    edge = rim(colour)
    leaf: Colour = (62, 150, 64)
    pen.line([(0, 0), (3, 25), (0, 58)], 5, (54, 132, 58), bent=True)
    pen.smooth([(2, 18), (16, 34), (34, 34), (24, 20)], leaf, shade(leaf, -0.4))
    pen.smooth([(1, 10), (-14, 26), (-32, 24), (-20, 11)], leaf, shade(leaf, -0.4))
    petals = rng.choice([6, 7, 8])
    start = rng.uniform(0, 60)
    for i in range(petals):
        angle = start + i * 360 / petals
        x, y = math.cos(math.radians(angle)) * 19, math.sin(math.radians(angle)) * 19
        pen.oval(x, 70 + y, 15, 9.5, colour if i % 2 else shade(colour, 0.14), edge, angle)
    warm = max(colour) > 220 and colour[2] < 110
    heart: Colour = (110, 66, 30) if warm else (250, 206, 56)
    pen.oval(0, 70, 11, 11, heart, shade(heart, -0.4))
    for dx, dy in ((-4, 2), (3, 4), (1, -4)):
        pen.oval(dx, 70 + dy, 1.6, 1.6, shade(heart, -0.35))


def cup(pen: Pen, colour: Colour, rng: Random) -> None:
    """A cup of coffee with a handle, on a saucer, steaming."""
    edge, light = rim(colour), shade(colour, 0.22)
    pen.oval(0, 7, 50, 8, shade(colour, 0.4), edge)
    handle = [(28, 62), (52, 64), (54, 36), (24, 28)]
    pen.line(handle, 11, edge, bent=True)
    pen.line(handle, 7.5, colour, bent=True)
    pen.smooth([(-36, 74), (-33, 34), (-20, 9), (20, 9), (33, 34), (36, 74), (0, 70)], colour, edge)
    pen.line([(-27, 64), (-24, 34), (-17, 20)], 4.5, light, bent=True)
    pen.oval(0, 74, 36, 9.5, light, edge)
    pen.oval(0, 73.5, 30, 6.5, (92, 54, 30), (60, 34, 18))
    steam: Colour = (232, 234, 238)
    for x in (-11, 9):
        pen.line([(x, 84), (x + 6, 92), (x - 2, 100), (x + 4, 110)], 3.2, steam, bent=True)


def ball(pen: Pen, colour: Colour, rng: Random) -> None:
    """A ball with a white band, a star and a highlight."""
    edge = rim(colour)
    pen.oval(0, 50, 49, 49, colour, edge)
    band: Colour = (250, 250, 248) if sum(colour) < 640 else (120, 124, 134)
    pen.smooth([(-47, 60), (-18, 46), (18, 46), (47, 60), (48, 44), (18, 29), (-18, 29), (-48, 44)],
               band, edge)  # fmt: skip
    points = []
    for i in range(10):
        r = 15 if i % 2 == 0 else 6.4
        angle = math.radians(90 + i * 36)
        points.append((r * math.cos(angle) - 2, 72 + r * math.sin(angle)))
    pen.poly(points, band, edge)
    pen.oval(-24, 76, 9, 6, shade(colour, 0.6), None, 40)
    pen.line([(-26, 13), (0, 7), (26, 13)], 3, shade(colour, -0.25), bent=True)


def sun(pen: Pen, colour: Colour, rng: Random) -> None:
    """A sun with pointed rays; it often smiles."""
    edge = shade(colour, -0.28)
    rays = 12
    start = rng.uniform(0, 30)
    for i in range(rays):
        angle = math.radians(start + i * 360 / rays)
        reach = 50 if i % 2 else 43
        wide = 0.16
        pen.poly(
            [
                (32 * math.cos(angle - wide), 50 + 32 * math.sin(angle - wide)),
                (reach * math.cos(angle), 50 + reach * math.sin(angle)),
                (32 * math.cos(angle + wide), 50 + 32 * math.sin(angle + wide)),
            ],
            shade(colour, 0.05),
            edge,
        )
    pen.oval(0, 50, 28, 28, colour, edge)
    pen.oval(-4, 54, 19, 19, shade(colour, 0.2))
    if rng.random() < 0.7:
        for x in (-9, 9):
            pen.oval(x, 55, 2.6, 3.4, (110, 60, 20))
            pen.oval(x * 1.6, 46, 4, 2.8, mix(colour, (240, 110, 90), 0.5))
        pen.line([(-10, 45), (0, 39), (10, 45)], 2.2, (110, 60, 20), bent=True)
