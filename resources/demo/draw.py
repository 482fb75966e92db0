"""Draws the demo scenes: pictures with captions and the boxes of what they show."""

from __future__ import annotations

import argparse
import io
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

# The demo is a folder of scripts, no package: its modules stand beside this one.
if str(Path(__file__).resolve().parent) not in sys.path:
    sys.path.insert(0, str(Path(__file__).resolve().parent))

import scene_animals as animals
import scene_things as things
from scene_pen import COLOURS, Colour, Pen, mix, shade
from scene_places import OUTDOORS, horizon_of, paint_place
from scene_words import ITS_COLOURS, LABELS, Item, Scene, full_caption

# Painter, width and height in object units of each label.
_OBJECTS = {
    "cat": (animals.cat, 112, 98), "dog": (animals.dog, 116, 96), "truck": (things.truck, 178, 98),
    "couch": (things.couch, 196, 94), "remote control": (things.remote_control, 50, 112),
    "dress": (things.dress, 94, 114), "shirt": (things.shirt, 124, 101),
    "car": (things.car, 180, 74), "house": (things.house, 120, 107),
    "tree": (things.tree, 84, 107), "boat": (things.boat, 130, 108),
    "flower": (things.flower, 70, 104), "cup": (things.cup, 104, 110),
    "ball": (things.ball, 98, 99), "bird": (animals.bird, 152, 92), "sun": (things.sun, 100, 100),
}  # fmt: skip
_SEATED = ("cat", "dog", "remote control", "ball", "cup", "bird", "shirt", "flower")
SIZES = ((640, 480), (480, 360), (480, 480), (512, 384), (480, 640), (384, 512), (600, 400))


@dataclass
class Drawn:
    """A finished picture, its boxes (one per instance) and, on demand, who covers each pixel."""

    image: Image.Image
    boxes: list[tuple[str, tuple[int, int, int, int]]]
    colours: list[str]
    mask: Image.Image | None = None


def plan_scene(rng: Random) -> Scene:
    """A random scene: about a third show a single object, the rest several."""
    place = rng.choice((*OUTDOORS, "room"))
    night = place != "room" and rng.random() < 0.25
    form = rng.random()

    def item(labels: list[str], count: int = 1) -> Item:
        label = rng.choice(labels)
        if label == "sun":
            count = 1
        return Item(label, rng.choice(ITS_COLOURS[label]), count)

    allowed = [label for label in LABELS if label != "sun" or (place != "room" and not night)]
    if form < 0.37:
        return Scene(place, night, (item(allowed),))
    if form < 0.55:
        countable = [label for label in allowed if label not in ("sun", "couch")]
        return Scene(place, night, (item(countable, rng.choice((2, 2, 3))),))
    if form < 0.70:
        if rng.random() < 0.6:
            place, night = "room", False
        guest = rng.choice(("cat", "cat", "dog", *_SEATED))
        count = rng.choice((1, 1, 2, 2, 3))
        seated = Item(guest, rng.choice(ITS_COLOURS[guest]), count)
        return Scene(place, night, (seated, item(["couch"])), True)
    first = item(allowed, rng.choice((1, 1, 1, 2)))
    second = item([x for x in allowed if x != first.label], rng.choice((1, 1, 1, 2)))
    items = [first, second]
    if form > 0.93:
        known = (first.label, second.label)
        items.append(item([x for x in allowed if x not in known]))
    return Scene(place, night, tuple(items))


def plan_scenes(seed: int) -> Iterator[tuple[Scene, str]]:
    """Endless scenes with captions, distinct in contents and words as far as possible.

    A scene that shows all of another one and more would answer to that one's caption too, so
    such scenes are passed over for as long as others can be found.
    """
    seen: set[tuple[object, ...]] = set()
    captions: set[str] = set()
    by_place: dict[tuple[str, bool], list[frozenset[Item]]] = {}
    index = 0
    while True:
        scene, caption = Scene("meadow", False, ()), ""
        for attempt in range(60):
            rng = Random(f"{seed}:{index}:{attempt}")
            scene = plan_scene(rng)
            caption = full_caption(scene, rng)
            if scene.signature in seen or caption in captions:
                continue
            known = by_place.get((scene.place, scene.night), [])
            mine = frozenset(scene.items)
            if attempt > 30 or not any(mine <= other or other <= mine for other in known):
                break
        seen.add(scene.signature)
        captions.add(caption)
        by_place.setdefault((scene.place, scene.night), []).append(frozenset(scene.items))
        yield scene, caption
        index += 1


@dataclass
class _Spot:
    item: Item
    x: float
    ground: float
    scale: float


def _row(rng: Random, row: list[Item], middle: float, side: float, ground: float, tall: float,
         wide: float = 0.96) -> list[_Spot]:  # fmt: skip
    """Things side by side, as tall as they may be, about the middle of the picture."""
    sizes = [_OBJECTS[i.label][1:] for i in row]
    scales = [tall * side / height for _, height in sizes]
    total = sum(w * s for (w, _), s in zip(sizes, scales, strict=True))
    room = wide * side
    if total > room:
        # Wide things give way first: a couch may not shrink a cup beside it to nothing.
        limit = room / len(row) * 1.15
        scales = [min(s, limit / w) for (w, _), s in zip(sizes, scales, strict=True)]
        total = sum(w * s for (w, _), s in zip(sizes, scales, strict=True))
        if total > room:
            scales = [s * room / total for s in scales]
            total = room
    gap = (room - total) / (len(row) + 1)
    x = middle - room / 2 + gap
    spots = []
    for one, (w, _), scale in zip(row, sizes, scales, strict=True):
        shift = rng.uniform(-0.6, 0.6) * gap
        rise = rng.uniform(-0.02, 0.02) * side
        spots.append(_Spot(one, x + w * scale / 2 + shift, ground + rise, scale))
        x += w * scale + gap
    return spots


def _layout(scene: Scene, size: tuple[int, int], rng: Random) -> list[_Spot]:
    width, height = size
    side = min(size)
    middle, top = width / 2, (height - side) / 2
    floor = top + side
    spots: list[_Spot] = []
    standing: list[Item] = []
    for item in scene.items:
        if item.label == "sun" and len(scene.items) > 1:
            scale = side * rng.uniform(0.28, 0.36) / 100
            x = middle + rng.choice((-1, 1)) * side * rng.uniform(0.12, 0.3)
            spots.append(_Spot(item, x, top + side * rng.uniform(0.03, 0.06) + 100 * scale, scale))
        else:
            standing.extend([item] * item.count)
    if scene.seat:
        couch = next(i for i in standing if i.label == "couch")
        guests = [i for i in standing if i.label != "couch"]
        ground = floor - side * rng.uniform(0.08, 0.16)
        scale = side * rng.uniform(0.82, 0.92) / 196
        x = middle + side * rng.uniform(-0.02, 0.02)
        spots.append(_Spot(couch, x, ground, scale))
        tall = rng.uniform(0.36, 0.44) if len(guests) < 3 else rng.uniform(0.3, 0.34)
        seat = ground - 44 * scale
        wide = 138 * scale / side * (1.2 if len(guests) > 1 else 0.9)
        return spots + _row(rng, guests, x, side, seat, tall, wide)
    under_sun = bool(spots)
    if len(standing) == 1:
        one = standing[0]
        tall = rng.uniform(0.42, 0.78)
        if under_sun:
            tall *= 0.8
        w, h = _OBJECTS[one.label][1:]
        scale = min(tall * side / h, rng.uniform(0.62, 0.94) * side / w)
        if one.label == "sun":
            base = top + side * rng.uniform(0.05, 0.3) + h * scale
        else:
            base = max(
                floor - side * rng.uniform(0.06, 0.26),
                horizon_of(scene.place) * height + side * 0.1,
                h * scale + side * 0.02,
            )
        slack = max(0.0, side - w * scale) / 2
        return [*spots, _Spot(one, middle + rng.uniform(-0.8, 0.8) * slack, base, scale)]
    rng.shuffle(standing)
    natural = sum(_OBJECTS[i.label][1] / _OBJECTS[i.label][2] for i in standing) * 0.45
    if len(standing) <= 3 and natural < (1.7 if rng.random() < 0.3 else 1.35):
        tall = rng.uniform(0.42, 0.6) if not under_sun else rng.uniform(0.38, 0.46)
        ground = floor - side * rng.uniform(0.08, 0.22)
        return spots + _row(rng, standing, middle, side, ground, tall)
    half = len(standing) // 2
    tall = rng.uniform(0.36, 0.42) if not under_sun else 0.34
    back = floor - side * rng.uniform(0.46, 0.50)
    front = floor - side * rng.uniform(0.05, 0.08)
    spots += _row(rng, standing[:half], middle, side, back, tall, 0.9)
    return spots + _row(rng, standing[half:], middle, side, front, tall)


def _tint(colour: Colour, rng: Random) -> Colour:
    by = rng.uniform(-0.07, 0.07)
    r, g, b = shade(colour, by)
    return (
        max(0, min(255, r + rng.randint(-7, 7))),
        max(0, min(255, g + rng.randint(-7, 7))),
        max(0, min(255, b + rng.randint(-7, 7))),
    )


def _finish(image: Image.Image, rng: Random) -> Image.Image:
    """The camera's share: light, a cast of colour, blur and noise."""
    if rng.random() < 0.3:
        blur = min(image.size) / 480 * rng.uniform(0.3, 1.2)
        image = image.filter(ImageFilter.GaussianBlur(blur))
    light = rng.uniform(0.86, 1.1)
    warm = rng.uniform(-0.035, 0.035)
    gains = np.array([light * (1 + warm), light, light * (1 - warm)], np.float32)
    pixels = np.asarray(image, np.float32) * gains
    grain = rng.uniform(0, 9) if rng.random() < 0.6 else 0.0
    if grain > 0.5:
        noise = np.random.default_rng(rng.getrandbits(32))
        shape = (*pixels.shape[:2], 1)
        pixels += noise.standard_normal(shape, np.float32) * np.float32(grain)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def render(
    scene: Scene,
    size: tuple[int, int],
    rng: Random,
    *,
    with_mask: bool = False,
    shift: tuple[float, float, float] = (0.0, 0.0, 1.0),
) -> Drawn:
    """Draws the scene. `shift` moves (parts of the shorter side) and scales the objects."""
    factor = 2
    canvas = (size[0] * factor, size[1] * factor)
    spots = _layout(scene, canvas, rng)
    # A back row stands on the ground too: the horizon rises behind it.
    grounds = [spot.ground for spot in spots if spot.item.label != "sun"]
    grounds = grounds[:1] if scene.seat else grounds
    horizon = horizon_of(scene.place)
    if grounds:
        horizon = max(0.3, min(horizon, min(grounds) / canvas[1] - 0.05))
    image = paint_place(canvas, scene.place, scene.night, rng, horizon)
    draw = ImageDraw.Draw(image)
    mask = Image.new("L", size, 0) if with_mask else None
    mask_draw = ImageDraw.Draw(mask) if mask else None
    side = min(canvas)
    light = rng.uniform(0.76, 0.9) if scene.night else 1.0
    tints: dict[Item, Colour] = {i: _tint(COLOURS[i.colour], rng) for i in scene.items}
    boxes: list[tuple[str, tuple[int, int, int, int]]] = []
    colours: list[str] = []
    for number, spot in enumerate(spots, start=1):
        painter, wide, _ = _OBJECTS[spot.item.label]
        x, ground = spot.x + shift[0] * side, spot.ground + shift[1] * side
        scale = spot.scale * shift[2]
        if spot.item.label != "sun":
            px, py = min(canvas[0] - 1, max(0, int(x))), min(canvas[1] - 1, max(0, int(ground)))
            under = image.getpixel((px, py))
            assert isinstance(under, tuple)
            base = mix((int(under[0]), int(under[1]), int(under[2])), (20, 20, 30), 0.26)
            half, thick = wide * scale * 0.46, max(2.0, 5.5 * scale)
            draw.ellipse((x - half, ground - thick, x + half, ground + thick), fill=base)
        turn = rng.uniform(-0.06, 0.06)
        if spot.item.label == "remote control":
            turn = rng.uniform(-0.35, 0.35)
        pen = Pen(draw, (x, ground), scale, flip=rng.random() < 0.5, turn=turn, light=light,
                  mask=mask_draw, mask_value=number, mask_scale=1 / factor)  # fmt: skip
        painter(pen, tints[spot.item], rng)
        left, top, right, bottom = pen.box
        box = (
            max(0, int(left / factor)),
            max(0, int(top / factor)),
            min(size[0], int(right / factor) + 1),
            min(size[1], int(bottom / factor) + 1),
        )
        boxes.append((spot.item.label, box))
        colours.append(spot.item.colour)
    return Drawn(_finish(image.reduce(factor), rng), boxes, colours, mask)


def draw_scene(seed: int, index: int, scene: Scene, size: tuple[int, int] | None = None) -> Drawn:
    """The picture of the scene at `index` of a run; the same for the same seed and size."""
    rng = Random(f"{seed}:{index}:picture")
    chosen = rng.choice(SIZES)
    return render(scene, size or chosen, rng)


def describe(name: str, scene: Scene, caption: str, drawn: Drawn) -> dict[str, object]:
    """The captions.json entry of a picture."""
    return {
        "file": name,
        "caption": caption,
        "boxes": [{"label": label, "box": list(box)} for label, box in drawn.boxes],
        "background": scene.place,
        "night": scene.night,
        "objects": [{"label": i.label, "colour": i.colour, "count": i.count} for i in scene.items],
        "width": drawn.image.width,
        "height": drawn.image.height,
    }


def draw_run(
    out: Path, seed: int, count: int, size: tuple[int, int] | None = None
) -> list[dict[str, object]]:
    """Writes `count` pictures and captions.json into `out`; returns the entries."""
    out.mkdir(parents=True, exist_ok=True)
    entries: list[dict[str, object]] = []
    for index, (scene, caption) in zip(range(count), plan_scenes(seed), strict=False):
        drawn = draw_scene(seed, index, scene, size)
        name = f"scene_{index:05d}.jpg"
        buffer = io.BytesIO()
        drawn.image.save(buffer, "JPEG", quality=88)
        (out / name).write_bytes(buffer.getvalue())
        entries.append(describe(name, scene, caption, drawn))
    text = json.dumps(entries, indent=1)
    (out / "captions.json").write_text(text + "\n", encoding="utf-8")
    return entries


def main() -> None:
    """Reads the command line and draws."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="folder for the pictures and captions.json")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--size", help="WIDTHxHEIGHT of every picture, for instance 320x240")
    options = parser.parse_args()
    size = None
    if options.size:
        width, _, height = options.size.partition("x")
        size = (int(width), int(height))
    draw_run(options.out, options.seed, options.count, size)


if __name__ == "__main__":
    main()
