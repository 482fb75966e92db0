"""Pictures made for tests of duplicates: scenes with much detail, and edits of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from engine import Library
from engine.jobs import Skipped, drain


def scene(seed: int, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """A picture full of detail that no other seed shares."""
    chance = np.random.default_rng(seed)
    layers = np.zeros((size[1], size[0], 3))
    for cells in (4, 9, 20, 45):
        rough = chance.integers(0, 256, (cells * 3 // 4 + 1, cells, 3), np.uint8)
        layer = Image.fromarray(rough).resize(size, Image.Resampling.BICUBIC)
        layers += np.asarray(layer, float) / 4
    spots = chance.integers(0, 256, (size[1] // 12, size[0] // 12, 3), np.uint8)
    sharp = Image.fromarray(spots).resize(size, Image.Resampling.NEAREST)
    mixed = layers * 0.75 + np.asarray(sharp, float) * 0.25
    return Image.fromarray(mixed.clip(0, 255).astype(np.uint8))


def another_shot(seed: int, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """The same scene a moment later: what is near has moved against what is far."""
    far = scene(seed, size)
    near = scene(seed + 1000, size)
    across = np.linspace(0, 1, size[0])[None, :, None]
    part = (np.abs(across - 0.5) < 0.22) * np.ones((size[1], 1, 1))
    moved = np.roll(np.asarray(near, float), 5, axis=1)
    shifted = np.roll(np.asarray(far, float), 2, axis=1)
    mixed = shifted * (1 - part) + moved * part
    return Image.fromarray(mixed.astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.4))


def first_shot(seed: int, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """What `another_shot` is the next of."""
    across = np.linspace(0, 1, size[0])[None, :, None]
    part = (np.abs(across - 0.5) < 0.22) * np.ones((size[1], 1, 1))
    near = np.asarray(scene(seed + 1000, size), float)
    far = np.asarray(scene(seed, size), float)
    mixed = far * (1 - part) + near * part
    return Image.fromarray(mixed.astype(np.uint8)).filter(ImageFilter.GaussianBlur(0.4))


def dated(
    path: Path, image: Image.Image, at: str, *, exposure: float = 0.01, sub: str = ""
) -> None:
    """Save as a camera does, with the moment "2024:05:01 12:00:00"."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0110] = "Canon", "Canon EOS 5D"
    shot = exif.get_ifd(0x8769)
    shot[0x9003], shot[0x829A], shot[0x829D], shot[0x8827] = at, exposure, 5.6, 100
    if sub:
        shot[0x9291] = sub
    image.save(path, quality=92, exif=exif)


def look(library: Library, *, index: bool = True) -> list[Skipped]:
    """Take in what is on the disk, then search. Returns what was skipped."""
    drain(library.reconcile())
    if index:
        drain(library.index())
    skipped: list[Skipped] = []
    drain(
        library.duplicates.find(),
        lambda event: skipped.append(event) if isinstance(event, Skipped) else None,
    )
    return skipped
