"""From any Pillow mode to opaque 8-bit sRGB. Runs in the decoder processes only."""

from __future__ import annotations

import functools
import io
import logging
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms  # noqa: TID253  (only the decoder processes import this module)

log = logging.getLogger(__name__)

_REDUCIBLE = frozenset({"L", "LA", "RGB", "RGBA", "RGBX", "CMYK"})
_WITH_ALPHA = frozenset({"LA", "La", "PA", "RGBA", "RGBa"})
_ROWS = 64  # at a time
_SPACES = {"RGB": "RGB", "L": "GRAY", "CMYK": "CMYK"}  # Pillow's mode: ICC colour space


def reduced(image: Image.Image, factor: int) -> Image.Image:
    """Shrink by a whole factor where the mode allows, before costly conversions."""
    if factor < 2 or image.mode not in _REDUCIBLE or "transparency" in image.info:
        return image
    return image.reduce(factor)


def opaque(image: Image.Image, icc: bytes | None) -> Image.Image:
    """An 8-bit picture of mode L, RGB, CMYK (with a profile) or LAB; what shines through is white.

    16-bit and floating point values are scaled, not clipped.
    """
    mode = image.mode
    if mode in _WITH_ALPHA or "transparency" in image.info:
        return _on_white(image)
    if mode in ("L", "RGB", "LAB"):
        return image
    if mode == "CMYK":
        return image if icc else image.convert("RGB")
    if mode == "1":
        return image.convert("L")
    if mode.startswith("I;16"):
        return Image.fromarray(_linear(np.asarray(image), 0.0, 65535.0))
    if mode in ("I", "F"):
        return Image.fromarray(_scaled(np.asarray(image)))
    return image.convert("RGB")


def to_srgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    """RGB as a screen shows it. A broken or unfitting colour profile is left out of account."""
    if icc and image.mode in _SPACES:
        try:
            transform = _transform(icc, image.mode)
            if transform is not None:
                converted = ImageCms.applyTransform(image, transform)
                if converted is not None:
                    return converted
        except Exception as error:  # noqa: BLE001  a bad profile must never cost good pixels
            log.debug("Colour profile left out: %s", error)
    if image.mode == "LAB":
        return _lab_to_srgb(image)
    return image if image.mode == "RGB" else image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    with_alpha = image if image.mode == "RGBA" else image.convert("RGBA")
    alpha = with_alpha.getchannel("A")
    if alpha.getextrema() == (255, 255):
        return with_alpha.convert("RGB")
    white = Image.new("RGB", image.size, (255, 255, 255))
    white.paste(with_alpha, mask=alpha)
    return white


def _scaled(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Grey values of unknown range to 0–255: the range the numbers suggest, else their own."""
    blocks = [values[at : at + _ROWS] for at in range(0, len(values), _ROWS)]
    finite = [block[np.isfinite(block)] for block in blocks]
    low = min((float(block.min()) for block in finite if block.size), default=0.0)
    high = max((float(block.max()) for block in finite if block.size), default=0.0)
    usual = (1.0, 255.0, 65535.0) if values.dtype.kind == "f" else (255.0, 65535.0)
    if low >= 0:
        high = next((top for top in usual if high <= top), high)
        low = 0.0
    return _linear(values, low, high)


def _linear(values: NDArray[Any], low: float, high: float) -> NDArray[np.uint8]:
    """`low` to 0, `high` to 255, NaN to 0; some rows at a time, for 120 megapixels fit no twice."""
    result = np.empty(values.shape, np.uint8)
    factor = 255.0 / max(high - low, 1e-9)
    for at in range(0, len(values), _ROWS):
        block = (values[at : at + _ROWS].astype(np.float32) - low) * factor + 0.5
        result[at : at + _ROWS] = np.nan_to_num(block, nan=0.0).clip(0, 255).astype(np.uint8)
    return result


@functools.lru_cache(maxsize=16)
def _transform(icc: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """The way from a profile to sRGB; None where there is nothing to do. Most photos share one."""
    profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
    core = cast("Any", profile.profile)  # Pillow's stubs lose the type
    if core.xcolor_space.strip() != _SPACES[mode]:
        return None
    if mode == "RGB" and "srgb" in (core.profile_description or "").lower():
        return None
    return ImageCms.buildTransform(profile, _srgb(), mode, "RGB")


@functools.cache
def _srgb() -> ImageCms.ImageCmsProfile:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB"))


def _lab_to_srgb(image: Image.Image) -> Image.Image:
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    transform = ImageCms.buildTransform(lab, _srgb(), "LAB", "RGB")
    converted = ImageCms.applyTransform(image, transform)
    assert converted is not None  # only None when asked to work in place
    return converted
