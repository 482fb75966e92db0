"""Training scenes held in memory: small square pictures with masks, drawn by both cores."""

from __future__ import annotations

import multiprocessing
from dataclasses import dataclass
from random import Random

import draw
import numpy as np
import torch
from PIL import Image
from scene_facts import scene_facts
from scene_pen import COLOURS
from scene_places import PLACES
from scene_words import LABELS, Scene
from torch.nn import functional

SIDE = 96
_SHAPES = ((4, 3), (4, 3), (1, 1), (3, 4), (3, 2))
_COLOUR_LIST = list(COLOURS)


@dataclass
class Pool:
    """Scenes with their pictures, per-pixel labels (0 is none) and colours (0 is none)."""

    scenes: list[Scene]
    pictures: torch.Tensor
    label_maps: torch.Tensor
    colour_maps: torch.Tensor
    facts: torch.Tensor
    counts: torch.Tensor
    pairs: torch.Tensor
    places: torch.Tensor
    nights: torch.Tensor


def _one(key: str) -> tuple[Scene, np.ndarray, np.ndarray, np.ndarray]:
    rng = Random(key)
    scene = draw.plan_scene(rng)
    wide, high = rng.choice(_SHAPES)
    # Some are drawn large and made small, as the pictures of a library are.
    side = SIDE if rng.random() < 0.6 else 176
    size = (side * wide // min(wide, high), side * high // min(wide, high))
    drawn = draw.render(scene, size, rng, with_mask=True)
    assert drawn.mask is not None
    left, top = (size[0] - side) // 2, (size[1] - side) // 2
    square = (left, top, left + side, top + side)
    picture, mask = drawn.image.crop(square), drawn.mask.crop(square)
    if side != SIDE:
        picture = picture.resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        mask = mask.resize((SIDE, SIDE), Image.Resampling.NEAREST)
    instances = np.asarray(mask)
    labels = np.array([0, *(LABELS.index(label) + 1 for label, _ in drawn.boxes)], np.uint8)
    colours = np.array([0, *(_COLOUR_LIST.index(c) + 1 for c in drawn.colours)], np.uint8)
    return scene, np.asarray(picture), labels[instances], colours[instances]


def make_pool(seed: int, start: int, count: int, workers: int = 2) -> Pool:
    """Draws scenes `start` to `start + count` of the training run `seed`."""
    keys = [f"train:{seed}:{i}" for i in range(start, start + count)]
    pictures = np.empty((count, SIDE, SIDE, 3), np.uint8)
    label_maps = np.empty((count, SIDE, SIDE), np.uint8)
    colour_maps = np.empty((count, SIDE, SIDE), np.uint8)
    scenes: list[Scene] = []
    with multiprocessing.get_context("fork").Pool(workers) as crew:
        for i, (scene, picture, labels, colours) in enumerate(crew.imap(_one, keys, 64)):
            scenes.append(scene)
            pictures[i], label_maps[i], colour_maps[i] = picture, labels, colours
    counts = torch.zeros(count, len(LABELS), dtype=torch.long)
    pairs = torch.zeros(count, len(LABELS), len(_COLOUR_LIST))
    for i, scene in enumerate(scenes):
        for item in scene.items:
            row = LABELS.index(item.label)
            counts[i, row] = item.count
            pairs[i, row, _COLOUR_LIST.index(item.colour)] = 1
    return Pool(
        scenes,
        torch.from_numpy(pictures),
        torch.from_numpy(label_maps),
        torch.from_numpy(colour_maps),
        torch.from_numpy(np.stack([scene_facts(scene) for scene in scenes])),
        counts,
        pairs,
        torch.tensor([PLACES.index(scene.place) for scene in scenes]),
        torch.tensor([float(scene.night) for scene in scenes]),
    )


def augment(
    pool: Pool, rows: torch.Tensor, size: int, grid: int, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Pictures (0 to 1), moved and relit, with the label and colour of each patch."""
    count = len(rows)
    pictures = pool.pictures[rows].permute(0, 3, 1, 2).float() / 255
    maps = torch.stack([pool.label_maps[rows], pool.colour_maps[rows]], dim=1).float()

    def uniform(low: float, high: float, *shape: int) -> torch.Tensor:
        return torch.rand(count, *shape, generator=generator) * (high - low) + low

    flip = torch.where(torch.rand(count, generator=generator) < 0.5, -1.0, 1.0)
    if torch.rand(1, generator=generator).item() < 0.4:
        flipped = flip[:, None, None, None] < 0
        pictures = torch.where(flipped, pictures.flip(3), pictures)
        maps = torch.where(flipped, maps.flip(3), maps)
        seen = functional.interpolate(
            pictures, (size, size), mode="bicubic", antialias=True, align_corners=False
        )
        near = functional.interpolate(maps, (grid * 4, grid * 4), mode="nearest")
    else:
        zoom = uniform(0.84, 1.04)
        theta = torch.zeros(count, 2, 3)
        theta[:, 0, 0] = zoom * flip * uniform(0.94, 1.06)
        theta[:, 1, 1] = zoom
        theta[:, 0, 2] = uniform(-0.09, 0.09)
        theta[:, 1, 2] = uniform(-0.09, 0.09)
        at = functional.affine_grid(theta, [count, 3, size, size], align_corners=False)
        seen = functional.grid_sample(
            pictures, at, mode="bilinear", padding_mode="reflection", align_corners=False
        )
        at = functional.affine_grid(theta, [count, 2, grid * 4, grid * 4], align_corners=False)
        near = functional.grid_sample(
            maps, at, mode="nearest", padding_mode="zeros", align_corners=False
        )
    if torch.rand(1, generator=generator).item() < 0.25:
        less = int(size * (0.6 + 0.3 * torch.rand(1, generator=generator).item()))
        seen = functional.interpolate(seen, (less, less), mode="bilinear", antialias=True)
        seen = functional.interpolate(seen, (size, size), mode="bilinear")
    gain, lift = uniform(0.82, 1.18, 1, 1, 1), uniform(-0.05, 0.05, 1, 1, 1)
    grain = uniform(0, 0.04, 1, 1, 1)
    noise = torch.randn(count, 1, size, size, generator=generator)
    seen = (seen * gain + lift + noise * grain).clamp(0, 1)
    cells = near.view(count, 2, grid, 4, grid, 4).permute(0, 1, 2, 4, 3, 5)
    cells = cells.reshape(count, 2, grid * grid, 16).long()
    # The thing that covers most of a patch names it, if it covers a quarter at least.
    votes = functional.one_hot(cells[:, 0], len(LABELS) + 1).sum(2).float()
    votes[..., 0] = 3.5
    patch_labels = votes.argmax(-1)
    votes = functional.one_hot(cells[:, 1], len(_COLOUR_LIST) + 1).sum(2).float()
    votes[..., 0] = 3.5
    return seen, patch_labels, votes.argmax(-1)
