"""What the benchmarks work on: a checkpoint of real size with random weights, photos, a library.

Random weights are right for speed and useless for search.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

CHECKOUT = Path(__file__).resolve().parents[1]
SHARED = CHECKOUT.parent / "shared" / "data"
LARGE = (4000, 3000)
_REAL = {"coco": ("coco",), "others": ("clothing", "caltech101", "grocery", "azure")}


def note(text: str) -> None:
    """Progress, beside the result on stdout."""
    print(text, file=sys.stderr, flush=True)


def make_model(folder: Path) -> None:
    """A `CLIPModel` of ViT-B/32 size, unless it lies there. Every letter is a token of its own."""
    if (folder / "done").exists():
        return
    import torch
    from tokenizers.pre_tokenizers import ByteLevel
    from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel
    from transformers.utils import logging

    note("making a ViT-B/32 checkpoint with random weights")
    logging.disable_progress_bar()
    torch.manual_seed(0)
    CLIPModel(CLIPConfig()).save_pretrained(folder)
    CLIPImageProcessorPil().save_pretrained(folder)
    letters = sorted(ByteLevel.alphabet())
    words = [*letters, *(f"{letter}</w>" for letter in letters)]
    words += [f"<|unused{n}|>" for n in range(49406 - len(words))]  # the ends where CLIP has them
    words += ["<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({word: n for n, word in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    (folder / "done").touch()


def make_photos(folder: Path, count: int, kind: str, seed: int) -> None:
    """JPEGs in 4:2:0 as cameras write them, no bytes twice; those that lie there are kept.

    Args:
        folder: where to.
        count: how many.
        kind: "small" (longest side 500), "large" (12 megapixels), or "distinct" (500, each of
            another scene: what engines are measured on must not be one photo many times).
        seed: of drawn pictures and of grain.
    """
    folder.mkdir(parents=True, exist_ok=True)
    have = {path.name for path in folder.iterdir()}
    wanted = [f"{n:04}.jpg" for n in range(count)]
    for name in have - set(wanted):
        (folder / name).unlink()
    if have >= set(wanted):
        return
    note(f"making {count} photos, {kind}")
    real = _real("others" if kind == "distinct" else "coco")
    if kind == "distinct":
        real = real[:: max(1, len(real) // count)]  # from all folders
    random = np.random.default_rng(seed)
    for n, name in enumerate(wanted):
        if n < len(real) or (real and kind != "distinct"):
            with Image.open(real[n % len(real)]) as opened:
                picture = opened.convert("RGB")
        else:
            picture = _drawn(random)
        size = LARGE if kind == "large" else _within(picture.size, 500)
        picture = picture.resize(size, Image.Resampling.BICUBIC)
        # an upscaled photo alone would be too easy to decode
        grained = _grained(picture, random, 6 if kind == "large" else 1)
        grained.save(folder / name, quality=90, subsampling=2)


def _real(group: str) -> Sequence[Path]:
    """Real photos, where they lie beside the checkout."""
    folders = [SHARED / "photos" / name for name in _REAL[group]]
    return [path for folder in folders for path in sorted(folder.glob("*.jpg"))]


def _within(size: tuple[int, int], longest: int) -> tuple[int, int]:
    width, height = (max(1, round(side * longest / max(size))) for side in size)
    return width, height


def _drawn(random: np.random.Generator) -> Image.Image:
    """Smooth colours with boxes: 500 × 375."""
    y, x = np.mgrid[0:375, 0:500] / 375
    wave, low, high = random.uniform(1, 9, 2), *random.uniform(0, 255, (2, 3))
    blend = 0.5 + 0.5 * np.sin(wave[0] * x + wave[1] * y)[..., None]
    picture = low * blend + high * (1 - blend)
    for _ in range(12):
        left, top, width, height = random.uniform(0.05, 0.6, 4)
        inside = (x > left) & (x < left + width) & (y > top) & (y < top + height)
        picture[inside] = picture[inside] * 0.3 + random.uniform(0, 180, 3)
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8))


def _grained(picture: Image.Image, random: np.random.Generator, strength: int) -> Image.Image:
    pixels = np.asarray(picture).astype(np.int16)
    grain = random.integers(-strength, strength + 1, (*pixels.shape[:2], 1), dtype=np.int16)
    return Image.fromarray((pixels + grain).clip(0, 255).astype(np.uint8))
