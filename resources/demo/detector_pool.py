"""Training scenes for the detector, held in memory: squares, boxes, and who is seen where."""

from __future__ import annotations

import multiprocessing
from dataclasses import dataclass
from pathlib import Path
from random import Random

import draw
import numpy as np
import torch
from PIL import Image
from scene_pen import COLOURS
from scene_places import OUTDOORS
from scene_words import LABELS, Scene
from torch.nn import functional

SIDE, MASK = 176, 88
MOST = 6  # things in one scene
COLOUR_LIST = list(COLOURS)
_SHAPES = ((4, 3), (4, 3), (1, 1), (3, 4), (3, 4), (3, 2), (2, 3), (16, 9))


@dataclass
class Scenes:
    """Drawn scenes, pressed into squares as the detector sees them.

    Attributes:
        pictures: uint8 (n, SIDE, SIDE, 3).
        masks: uint8 (n, MASK, MASK), the thing seen at each place, counted from 1; 0 is none.
        boxes: float32 (n, MOST, 4), left, top, right, bottom as parts of the picture.
        labels: int64 (n, MOST), -1 where there is no thing.
        colours: int64 (n, MOST), -1 where there is no thing.
    """

    pictures: np.ndarray
    masks: np.ndarray
    boxes: np.ndarray
    labels: np.ndarray
    colours: np.ndarray


@dataclass
class Batch:
    """What one training step sees: the fields of `Scenes` after the camera moved.

    Attributes:
        pictures: float32 (b, 3, size, size), 0 to 1.
        cover: float32 (b, MOST, grid * grid), the part of each patch in which a thing is seen.
        boxes: float32 (b, MOST, 4), clipped to the picture.
        labels: int64 (b, MOST), -1 where there is no thing.
        colours: int64 (b, MOST), -1 where there is no thing.
    """

    pictures: torch.Tensor
    cover: torch.Tensor
    boxes: torch.Tensor
    labels: torch.Tensor
    colours: torch.Tensor


def _one(key: str) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = Random(key)
    scene = draw.plan_scene(rng)
    if rng.random() < 0.03:  # a place with nothing in it
        scene = Scene(rng.choice((*OUTDOORS, "room")), rng.random() < 0.25, ())
    wide, high = rng.choice(_SHAPES)
    side = rng.choice((176, 176, 240))
    size = (side * wide // min(wide, high), side * high // min(wide, high))
    shift = (0.0, 0.0, 1.0)
    if rng.random() < 0.4:
        shift = (rng.uniform(-0.12, 0.12), rng.uniform(-0.08, 0.06), rng.uniform(0.7, 1.15))
    drawn = draw.render(scene, size, rng, with_mask=True, shift=shift)
    assert drawn.mask is not None
    way = rng.choice((Image.Resampling.BICUBIC, Image.Resampling.BILINEAR))
    picture = np.asarray(drawn.image.resize((SIDE, SIDE), way))
    mask = np.asarray(drawn.mask.resize((MASK, MASK), Image.Resampling.NEAREST))
    boxes = np.zeros((MOST, 4), np.float32)
    labels, colours = np.full(MOST, -1), np.full(MOST, -1)
    for i, ((label, box), colour) in enumerate(zip(drawn.boxes, drawn.colours, strict=True)):
        boxes[i] = np.array(box, np.float32) / np.array([*size, *size], np.float32)
        labels[i], colours[i] = LABELS.index(label), COLOUR_LIST.index(colour)
    return picture, mask, boxes, labels, colours


def make_scenes(seed: int, start: int, count: int, workers: int) -> Scenes:
    """Draws scenes `start` to `start + count` of the run `seed`; about 10 ms each and core."""
    keys = [f"detector:{seed}:{i}" for i in range(start, start + count)]
    with multiprocessing.get_context("fork").Pool(workers) as crew:
        columns = [np.stack(rows) for rows in zip(*crew.imap(_one, keys, 64), strict=True)]
    return Scenes(*columns)


def load_scenes(folder: Path, seed: int, count: int, workers: int, part: int = 4000) -> Scenes:
    """The first `count` scenes of a run, from `folder` where they lie there already."""
    folder.mkdir(parents=True, exist_ok=True)
    columns: list[list[np.ndarray]] = []
    for start in range(0, count, part):
        path = folder / f"scenes-{seed}-{start}-{part}.npz"
        if not path.exists():
            made = make_scenes(seed, start, part, workers)
            partial = path.with_suffix(".tmp.npz")
            np.savez(partial, **vars(made))
            partial.replace(path)
        with np.load(path) as stored:
            columns.append([stored[name] for name in Scenes.__dataclass_fields__])
    return Scenes(*(np.concatenate(column)[:count] for column in zip(*columns, strict=True)))


def _window(rng: np.random.Generator) -> tuple[float, float, float, float]:
    """A part of the picture to look at: left, top, width, height."""
    if rng.random() < 0.35:
        return 0.0, 0.0, 1.0, 1.0
    wide, high = rng.uniform(0.72, 1.0, 2)
    return rng.uniform(0, 1 - wide), rng.uniform(0, 1 - high), wide, high


def _light(seen: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    count, _, size, _ = seen.shape

    def uniform(low: float, high: float, channels: int = 1) -> torch.Tensor:
        shape = (count, channels, 1, 1)
        return torch.rand(shape, generator=generator) * (high - low) + low

    if torch.rand(1, generator=generator).item() < 0.2:
        less = int(size * (0.6 + 0.3 * torch.rand(1, generator=generator).item()))
        seen = functional.interpolate(seen, (less, less), mode="bilinear", antialias=True)
        seen = functional.interpolate(seen, (size, size), mode="bilinear")
    noise = torch.randn(count, 1, size, size, generator=generator)
    gain = uniform(0.85, 1.15) * uniform(0.98, 1.02, 3)
    return (seen * gain + uniform(-0.04, 0.04) + noise * uniform(0, 0.03)).clamp(0, 1)


def make_batch(
    scenes: Scenes, rows: np.ndarray, size: int, grid: int, rng: np.random.Generator,
    generator: torch.Generator,
) -> Batch:  # fmt: skip
    """Scenes cropped (all of a batch alike), some mirrored, and relit."""
    left, top, wide, high = _window(rng)
    x, y = round(left * SIDE), round(top * SIDE)
    w, h = max(8, round(wide * SIDE)), max(8, round(high * SIDE))
    crop = scenes.pictures[rows][:, y : y + h, x : x + w]
    seen = torch.from_numpy(np.ascontiguousarray(crop)).permute(0, 3, 1, 2).float() / 255
    seen = functional.interpolate(
        seen, (size, size), mode="bicubic", antialias=True, align_corners=False
    )
    at = (np.arange(grid * 8) + 0.5) / (grid * 8)
    columns = ((x / SIDE + at * w / SIDE) * MASK).astype(int).clip(0, MASK - 1)
    lines = ((y / SIDE + at * h / SIDE) * MASK).astype(int).clip(0, MASK - 1)
    masks = torch.from_numpy(scenes.masks[rows][:, lines][:, :, columns])
    boxes = torch.from_numpy(scenes.boxes[rows].copy())
    move = torch.tensor([x, y, x, y]) / SIDE
    boxes = (boxes - move) / (torch.tensor([w, h, w, h]) / SIDE)
    flip = torch.rand(len(rows), generator=generator) < 0.5
    seen = torch.where(flip[:, None, None, None], seen.flip(3), seen)
    masks = torch.where(flip[:, None, None], masks.flip(2), masks)
    mirrored = torch.stack([1 - boxes[..., 2], boxes[..., 1], 1 - boxes[..., 0], boxes[..., 3]], -1)
    boxes = torch.where(flip[:, None, None], mirrored, boxes).clamp(0, 1)
    things = torch.arange(1, MOST + 1).view(1, MOST, 1, 1)
    cover = functional.avg_pool2d((masks[:, None] == things).float(), 8).flatten(2)
    # A thing that left the picture, or of which hardly anything is seen, is not asked for.
    gone = (cover.sum(2) < 0.4) | (boxes[..., 2] - boxes[..., 0] < 0.02)
    gone |= boxes[..., 3] - boxes[..., 1] < 0.02
    labels = torch.from_numpy(scenes.labels[rows]).masked_fill(gone, -1)
    colours = torch.from_numpy(scenes.colours[rows]).masked_fill(gone, -1)
    cover = cover * (labels >= 0)[:, :, None]
    return Batch(_light(seen, generator), cover, boxes, labels, colours)
