"""A folder of demo photos with copies of some, edited in every way that proofs tell apart."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageEnhance, ImageOps

Edited = Callable[[Image.Image], Image.Image]


def _half(image: Image.Image) -> Image.Image:
    return image.resize((image.width // 2, image.height // 2), Image.Resampling.LANCZOS)


def _cropped(image: Image.Image) -> Image.Image:
    width, height = image.size
    return image.crop((width // 14, height // 20, width - width // 30, height - height // 14))


def _turned(image: Image.Image) -> Image.Image:
    return image.transpose(Image.Transpose.ROTATE_90)


def _mirrored(image: Image.Image) -> Image.Image:
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def _lighter(image: Image.Image) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(1.25)


def _marked(image: Image.Image) -> Image.Image:
    made = image.copy()
    pen = ImageDraw.Draw(made)
    place = (image.width * 0.56, image.height * 0.88)
    pen.text(place, "© Anna 2024", fill=(255, 255, 255), font_size=image.height // 14)
    return made


EDITS: dict[str, tuple[Edited, int]] = {
    "resized": (_half, 60),
    "cropped": (_cropped, 88),
    "rotated": (_turned, 90),
    "mirrored": (_mirrored, 90),
    "lighter": (_lighter, 88),
    "marked": (_marked, 88),
}
"""What is done to a photo, and the quality it is saved with."""


def make_sample(source: Path, folder: Path, *, copies: int, several: bool = True) -> list[Path]:
    """Copy photos and make duplicates of some.

    Args:
        source: a folder of photos.
        folder: is made.
        copies: so many get an identical copy in "Backup".
        several: copy all of the source; else only those that get a copy or an edit.

    Returns:
        The photos that were copied identically, in the new folder.
    """
    if several:
        shutil.copytree(source, folder)
    photos = sorted(source.rglob("*.jpg"))
    step = max(1, len(photos) // (copies + len(EDITS)))
    chosen = photos[::step]
    backup, sent = folder / "Old phone" / "DCIM", folder / "Sent to Anna"
    for made in (backup, sent):
        made.mkdir(parents=True)
    originals: list[Path] = []
    for path in chosen[:copies]:
        original = folder / path.relative_to(source)
        original.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, original)
        shutil.copy2(path, backup / path.name)
        originals.append(original)
    for path, (name, (edit, quality)) in zip(chosen[copies:], EDITS.items(), strict=False):
        original = folder / path.relative_to(source)
        original.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, original)
        with Image.open(path) as image:
            edit(ImageOps.exif_transpose(image).convert("RGB")).save(
                sent / f"{path.stem}-{name}.jpg", quality=quality
            )
    return originals
