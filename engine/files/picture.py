"""From a file's bytes to upright pixels. Runs in the decoder processes only."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np
from PIL import (  # noqa: TID253  (only the decoder processes import this module)
    ExifTags,
    Image,
    ImageFile,
    UnidentifiedImageError,
)

from engine.errors import PhotoTooLarge, PhotoUndecodable, PhotoUnsupported
from engine.files import colour, sniff
from engine.files.resample import Picture, Window
from engine.types import Box, InputSpec

FORMATS = ("JPEG", "MPO", "PNG", "WEBP", "TIFF", "GIF", "BMP", "AVIF", "HEIF")
"""What Pillow may try. Never EPS (it runs Ghostscript), never formats nobody keeps photos in."""

MAX_PIXELS = 120_000_000
MAX_PIXELS_JPEG = 1_000_000_000  # `draft` decodes an eighth of each side
MAX_PIXELS_PROGRESSIVE = 300_000_000  # all coefficients of a progressive JPEG are in memory
THUMBNAIL_SIDE = 256

_BOX_GAP = 1.25  # times the target are left after shrinking by boxes
_LARGE = 800
_LEAST_LEFT = 0.015  # of a damaged picture, to be worth showing

_DRAFTABLE = ("JPEG", "MPO")
_UPRIGHT_AFTER_LOADING = ("TIFF", "HEIF")  # Pillow's TIFF reader and libheif turn by themselves
_TRANSPOSE = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

Image.init()  # all formats at once, not in the middle of the first photo
Image.MAX_IMAGE_PIXELS = None  # we check ourselves, with limits by format


class Need(NamedTuple):
    """How large the decoded picture must be at least; 0 means: every pixel there is."""

    short_side: int
    long_side: int


@dataclass
class Decoded:
    """A decoded picture, perhaps smaller than the file's, not yet turned."""

    image: Image.Image
    size: tuple[int, int]  # of the upright original
    stored: tuple[int, int]  # of the original before turning
    orientation: int
    format: str
    damaged: str
    icc: bytes | None

    def upright(self, factor: int = 1, box: Box | None = None) -> Image.Image:
        """The picture, or the part of it in `box`, upright and opaque, in its own colours."""
        image = self.image
        if box is not None:
            image = image.crop(self._stored_box(box))
        image = colour.opaque(colour.reduced(image, factor), self.icc)
        turn = _TRANSPOSE.get(self.orientation)
        return image if turn is None else image.transpose(turn)

    def _stored_box(self, box: Box) -> tuple[int, int, int, int]:
        """A box of the upright original in pixels of `image`, at least one pixel."""
        width, height = self.stored
        corners = [
            _stored_point(self.orientation, x, y, width, height)
            for x, y in ((box.left, box.top), (box.right, box.bottom))
        ]
        (left, right), (top, bottom) = (sorted(axis) for axis in zip(*corners, strict=True))
        scale_x, scale_y = self.image.width / width, self.image.height / height
        left, right = _whole(left * scale_x, right * scale_x, self.image.width)
        top, bottom = _whole(top * scale_y, bottom * scale_y, self.image.height)
        return left, top, right, bottom


def decode(source: BinaryIO, path: Path, need: Need, box: Box | None = None) -> Decoded:
    """Open and decode the first picture of a file.

    Args:
        source: the whole file, seekable.
        path: named in errors only; the content decides what the file is.
        need: a JPEG is decoded at a half, a quarter or an eighth of its size where that suffices.
        box: if given, `need` is meant of this part of the upright photo.

    Raises:
        PhotoUndecodable: no picture, or broken beyond showing anything.
        PhotoUnsupported: a picture of a kind that we cannot read.
        PhotoTooLarge: more pixels than allowed, or more memory.
    """
    try:
        image = opened(source, path)
        stored, format_name = image.size, image.format or "?"
        _check_size(image, path)
        _draft(image, need, box)
        damaged = ""
        try:
            image.load()
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001  ten kinds have been seen; all mean: broken
            image, damaged = _load_damaged(source, path, need, box, error)
    except MemoryError as error:
        raise PhotoTooLarge(path, "needs more memory than one photo is allowed") from error
    orientation = 1 if format_name in _UPRIGHT_AFTER_LOADING else orientation_of(image)
    if format_name in _UPRIGHT_AFTER_LOADING:
        stored = (image.width, image.height)
    icc = image.info.get("icc_profile")
    return Decoded(
        image=image,
        size=(stored[1], stored[0]) if orientation >= 5 else stored,
        stored=stored,
        orientation=orientation,
        format="JPEG" if format_name == "MPO" else format_name,
        damaged=damaged,
        icc=icc if isinstance(icc, bytes) else None,
    )


def orientation_of(image: Image.Image) -> int:
    """The EXIF (or XMP) orientation 1–8; nonsense counts as 1."""
    try:
        return known_orientation(image.getexif().get(ExifTags.Base.Orientation))
    except Exception:  # noqa: BLE001  broken EXIF must never cost good pixels
        return 1


def stored_orientation(source: BinaryIO, path: Path) -> int:
    """The orientation of a file's picture, from its head alone.

    HEIF and AVIF are turned by their container, which belongs to decoding: they count as 1.

    Raises:
        PhotoUndecodable, PhotoUnsupported: no picture.
    """
    image = opened(source, path)
    return 1 if image.format in ("HEIF", "AVIF") else orientation_of(image)


def known_orientation(value: object) -> int:
    """The value if it is one of EXIF's eight, else 1."""
    return value if isinstance(value, int) and value in _TRANSPOSE else 1


def model_input(picture: Image.Image | Picture, spec: InputSpec) -> Image.Image:
    """Resize and crop as transformers' `CLIPImageProcessor` does.

    Source: transformers 5.23, image_transforms.get_resize_output_image_size and center_crop.
    """
    crop = spec.crop
    picture = picture if isinstance(picture, Picture) else Picture(picture)
    if not spec.keep_aspect:
        return picture.resized((crop, crop), spec.resample)
    width, height = picture.size
    long_side = int(spec.resize * max(picture.size) / min(picture.size))
    size = (spec.resize, long_side) if width <= height else (long_side, spec.resize)
    if long_side <= 16 * max(spec.resize, crop):
        left, top = (size[0] - crop) // 2, (size[1] - crop) // 2
        if left >= 0 and top >= 0:
            return picture.resized(size, spec.resample, Window(left, top, crop, crop))
        resized = picture.resized(size, spec.resample)
    else:
        # Nobody sees the ends: only resize the middle, or a hair-thin strip needs gigabytes.
        scale, middle = min(picture.size) / spec.resize, max(picture.size) / 2
        low, high = middle - crop * scale / 2, middle + crop * scale / 2
        box = (0.0, low, width, high) if width <= height else (low, 0.0, high, height)
        size = (spec.resize, crop) if width <= height else (crop, spec.resize)
        resized = picture.image.resize(size, Image.Resampling(spec.resample), box=box)
        left, top = (resized.width - crop) // 2, (resized.height - crop) // 2
    return resized.crop((left, top, left + crop, top + crop))  # beyond the edge: black


def shrunk(picture: Image.Image | Picture, max_side: int) -> Image.Image:
    """The picture with its longest edge at most `max_side`; never enlarged."""
    picture = picture if isinstance(picture, Picture) else Picture(picture)
    longest = max(picture.size)
    if longest <= max_side:
        return picture.image
    width, height = (max(1, round(side * max_side / longest)) for side in picture.size)
    factor = int(longest / max_side / _BOX_GAP)
    if factor > 1:  # by boxes first, which costs a tenth
        picture = Picture(colour.reduced(picture.image, factor))
    if max_side > _LARGE:  # Pillow needs less for these, and no second core
        return picture.image.resize((width, height), Image.Resampling.HAMMING)
    return picture.resized((width, height), Image.Resampling.HAMMING)


def thumbnail_jpeg(picture: Image.Image | Picture, icc: bytes | None) -> bytes:
    """A JPEG of at most 256 pixels a side, sRGB, without metadata."""
    file = io.BytesIO()
    small = colour.to_srgb(shrunk(picture, THUMBNAIL_SIDE), icc).copy()
    small.info = {}  # or Pillow would write comments and XMP into the thumbnail
    small.save(file, "JPEG", quality=82, subsampling="4:2:0")
    return file.getvalue()


def opened(source: BinaryIO, path: Path) -> Image.Image:
    """A file's first picture, not decoded yet. Raises PhotoUndecodable, PhotoUnsupported."""
    source.seek(0)
    head = source.read(4096)
    source.seek(0)
    if sniff.is_heif(head) and not sniff.is_avif(head):
        _register_heif(path)
    try:
        return Image.open(source, formats=_formats())
    except UnidentifiedImageError as error:
        raise _no_picture(head, path) from error
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  often only an ancillary chunk; the lenient reader skips it
        pass
    try:
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        source.seek(0)
        return Image.open(source, formats=_formats())
    except MemoryError:
        raise
    except Exception as error:
        raise PhotoUndecodable(path, f"is broken ({_words(error)})") from error
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False


def _formats() -> list[str]:
    """Those of `FORMATS` that this installation has."""
    return [name for name in FORMATS if name in Image.OPEN]


def _register_heif(path: Path) -> None:
    if "HEIF" in Image.OPEN:
        return
    try:
        import pillow_heif
    except ImportError as error:
        raise PhotoUnsupported(path, "is HEIC; the package pillow-heif is missing") from error
    pillow_heif.register_heif_opener()
    pillow_heif.options.DECODE_THREADS = 1  # parallel by photo, not within one


def _no_picture(head: bytes, path: Path) -> PhotoUndecodable | PhotoUnsupported:
    if not head:
        return PhotoUndecodable(path, "is empty")
    if sniff.is_avif(head) and "AVIF" not in Image.OPEN:
        return PhotoUnsupported(path, "is AVIF; this Pillow cannot read it")
    picture = sniff.unsupported_picture(head)
    if picture is not None:
        return PhotoUnsupported(path, f"is {picture}, which we cannot read")
    if sniff.is_heif(head) or sniff.is_avif(head):
        return PhotoUndecodable(path, "is broken (its HEIF or AVIF structure cannot be read)")
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\0", b"MM\0*")):
        return PhotoUndecodable(path, "is broken (its header cannot be read)")
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return PhotoUndecodable(path, "is broken (its header cannot be read)")
    kind = sniff.other_kind(head)
    return PhotoUndecodable(
        path, f"is not a picture (it is {kind})" if kind else "is not a picture"
    )


def _check_size(image: Image.Image, path: Path) -> None:
    pixels = image.width * image.height
    limit = MAX_PIXELS
    if image.format in _DRAFTABLE:
        limit = MAX_PIXELS_PROGRESSIVE if "progressive" in image.info else MAX_PIXELS_JPEG
    if pixels > limit:
        raise PhotoTooLarge(
            path,
            f"has {pixels / 1e6:,.0f} megapixels; we read up to {limit // 1_000_000:,} of its kind",
        )
    if pixels == 0:
        raise PhotoUndecodable(path, "has no pixels")


def _draft(image: Image.Image, need: Need, box: Box | None) -> None:
    """Let libjpeg decode at a fraction where that leaves enough pixels."""
    if image.format not in _DRAFTABLE:
        return
    width, height = image.size
    seen = (width, height) if box is None else (box.right - box.left, box.bottom - box.top)
    enough = 8.0 if need.short_side or need.long_side else 1.0
    if need.short_side:
        enough = min(enough, min(seen) / need.short_side)
    if need.long_side:
        enough = min(enough, max(seen) / need.long_side)
    fraction = next((step for step in (8, 4, 2) if step <= enough), 1)
    while fraction < 8 and width * height > MAX_PIXELS * fraction * fraction:
        fraction *= 2  # even "every pixel" has to fit into memory
    if fraction > 1:
        image.draft(None, (width // fraction, height // fraction))


def _load_damaged(
    source: BinaryIO, path: Path, need: Need, box: Box | None, cause: Exception
) -> tuple[Image.Image, str]:
    """Try again, taking what can be had, if that is worth showing."""
    try:
        ImageFile.LOAD_TRUNCATED_IMAGES = True
        source.seek(0)
        image = Image.open(source, formats=_formats())
        _draft(image, need, box)
        image.load()
        left = _share_left(image)
    except MemoryError:
        raise
    except Exception as error:
        raise PhotoUndecodable(path, f"is broken ({_words(cause)})") from error
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
    if left < _LEAST_LEFT:
        raise PhotoUndecodable(path, f"is broken ({_words(cause)})") from cause
    if "truncated" in str(cause):
        return image, "is cut short; a part of the picture is missing"
    return image, f"is damaged ({_words(cause)})"


def _share_left(image: Image.Image) -> float:
    """How much of a picture is more than the one colour that fills what could not be decoded."""
    samples = np.asarray(image.resize((64, 64), Image.Resampling.NEAREST).convert("RGB"))
    return float((samples != samples[-1, -1]).any(axis=2).mean())


def _words(error: Exception) -> str:
    """A decoder's complaint, short and on one line."""
    text = " ".join(str(error).split()) or type(error).__name__
    if isinstance(error, struct.error | IndexError | KeyError | EOFError):
        text = "its data ends too early"
    return text[:120]


def _stored_point(
    orientation: int, x: float, y: float, width: int, height: int
) -> tuple[float, float]:
    """A point of the upright picture in the stored one of (width, height)."""
    match orientation:
        case 2:
            return width - x, y
        case 3:
            return width - x, height - y
        case 4:
            return x, height - y
        case 5:
            return y, x
        case 6:
            return y, height - x
        case 7:
            return width - y, height - x
        case 8:
            return width - y, x
        case _:
            return x, y


def _whole(low: float, high: float, size: int) -> tuple[int, int]:
    """A span in whole pixels within [0, size), at least one wide."""
    start = min(max(round(low), 0), size - 1)
    return start, max(min(round(high), size), start + 1)
