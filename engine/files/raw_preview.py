"""The largest JPEG preview that a camera put into its RAW file. Runs in decoder processes only."""

from __future__ import annotations

import dataclasses
import io
import struct
from pathlib import Path
from typing import BinaryIO, NamedTuple

from PIL import ExifTags, Image  # noqa: TID253  (only the decoder processes import this module)

from engine.errors import PhotoError, PhotoUndecodable, PhotoUnsupported
from engine.files import picture, sniff
from engine.types import Box

SMALLEST_SIDE = 160
"""A preview whose longest side is shorter is too poor to stand for the photo."""

_MOST_CANDIDATES = 256
_PLAIN_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM")
_NO_PREVIEW = frozenset({0xD8, 0xD9, 0xDA, 0xC3} | set(range(0xC5, 0xD0)) - {0xC8, 0xCC})
_START_OF_FRAME = frozenset({0xC0, 0xC1, 0xC2})  # baseline, extended, progressive: never lossless


class Preview(NamedTuple):
    """Where a JPEG begins in the file, and its size in pixels."""

    offset: int
    width: int
    height: int


def is_container(source: BinaryIO) -> bool:
    """Whether a file with a RAW name needs this module: some are plain pictures, renamed."""
    source.seek(0)
    head = source.read(256)
    plain = head.startswith(_PLAIN_PICTURES) or head[8:12] == b"WEBP"
    return bool(head) and not plain and not sniff.is_heif(head) and not sniff.is_avif(head)


def decode_preview(
    source: BinaryIO, path: Path, need: picture.Need, box: Box | None
) -> tuple[picture.Decoded, Image.Exif | None]:
    """Decode the best preview. Width, height and boxes are those of the preview.

    Returns:
        The preview, and the EXIF of the RAW file; None where only the preview has one.

    Raises:
        PhotoUnsupported: a RAW file in which nothing can be read.
        PhotoUndecodable: no RAW file at all.
    """
    source.seek(0)
    data = source.read()
    exif = _container_exif(data)
    format_name = path.suffix[1:].upper()
    for preview in previews(data):
        try:
            decoded = picture.decode(io.BytesIO(data[preview.offset :]), path, need, box)
        except PhotoError:
            continue  # chance bytes inside the sensor's data; the next one is smaller
        return _turned(decoded, exif, format_name), exif
    try:
        decoded = picture.decode(io.BytesIO(data), path, need, box)
        if max(decoded.size) >= SMALLEST_SIDE and decoded.image.mode == "RGB":
            return dataclasses.replace(decoded, format=format_name), exif
    except PhotoUnsupported:
        pass
    except PhotoUndecodable as error:
        if sniff.other_kind(data[:4096]) not in (None, "a video"):  # CR3 is built like a video
            raise PhotoUndecodable(path, error.reason) from error
    raise PhotoUnsupported(path, "is a RAW file without a preview that we can read")


def previews(data: bytes) -> list[Preview]:
    """All embedded JPEGs that Pillow may read, the largest first.

    Cost: one search through the file; 50 MB in about 10 ms.
    """
    found: list[Preview] = []
    offset = data.find(b"\xff\xd8\xff")
    while offset >= 0 and len(found) < _MOST_CANDIDATES:
        size = _frame_size(data, offset + 2)
        if size is not None and max(size) >= SMALLEST_SIDE:
            found.append(Preview(offset, *size))
        offset = data.find(b"\xff\xd8\xff", offset + 2)
    return sorted(found, key=lambda preview: -preview.width * preview.height)


def _turned(decoded: picture.Decoded, exif: Image.Exif | None, name: str) -> picture.Decoded:
    """A preview that does not tell its orientation is turned as the RAW file says."""
    own = decoded.image.getexif().get(ExifTags.Base.Orientation)
    if own is not None or exif is None:
        return dataclasses.replace(decoded, format=name)
    orientation = picture.known_orientation(exif.get(ExifTags.Base.Orientation))
    width, height = decoded.stored
    size = (height, width) if orientation >= 5 else (width, height)
    return dataclasses.replace(decoded, orientation=orientation, size=size, format=name)


def _container_exif(data: bytes) -> Image.Exif | None:
    """The RAW file's own EXIF; None where its structure is not that of a TIFF."""
    mark = {b"II": b"II*\0", b"MM": b"MM\0*"}.get(data[:2])
    if mark is None:
        return None
    exif = Image.Exif()
    try:
        exif.load(mark + data[4:])  # Olympus and Panasonic write their own number after II
    except Exception:  # noqa: BLE001  broken EXIF must never cost good pixels
        return None
    return exif


def _frame_size(data: bytes, at: int) -> tuple[int, int] | None:
    """Width and height from a JPEG's frame header; None where it has none or is not 8 bit."""
    for _ in range(64):
        if at + 4 > len(data) or data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        (length,) = struct.unpack_from(">H", data, at + 2)
        if marker in _START_OF_FRAME:
            if at + 9 > len(data) or data[at + 4] != 8:
                return None
            height, width = struct.unpack_from(">HH", data, at + 5)
            return (width, height) if width and height else None
        if marker in _NO_PREVIEW:
            return None
        at += 2 + length
    return None
