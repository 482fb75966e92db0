"""What a file holds beside the picture that is shown. Runs in the decoder processes only.

Two files whose pixels are equal differ in more than metadata where one has further pages, a film,
finer tones or see-through parts: what is compared is the first page, opaque, in 8 bits.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from engine.files import picture, raw_preview
from engine.files.scan import is_raw

if TYPE_CHECKING:
    from PIL import Image

_ONE_PICTURE = ("JPEG", "MPO")  # what follows in the file is compared as bytes
_EIGHT_BITS = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "YCbCr")
_BITS_PER_SAMPLE = 258  # TIFF's tag
_END_OF_JPEG, _START_OF_SCAN = b"\xff\xd9", b"\xda"


def beyond(source: BinaryIO, path: Path) -> tuple[bool, bytes | None]:
    """Tell what a file holds beside its picture.

    Args:
        source: the whole file, seekable.
        path: named in errors only.

    Returns:
        Whether there are further pictures, pages or an animation; and a digest by which two files
        with the same pixels are the same but for metadata, None where nothing can tell that.

    Raises:
        PhotoUndecodable, PhotoUnsupported: no picture.

    Cost: that of reading the file; pictures with transparency are decoded.
    """
    if is_raw(path.name) and raw_preview.is_container(source):
        return False, None
    image = picture.opened(source, path)
    several = image.format not in _ONE_PICTURE and getattr(image, "n_frames", 1) > 1
    if several or _is_deep(image) or _is_transparent(image):
        return several, None
    digest = hashlib.blake2b(image.info.get("icc_profile") or b"", digest_size=32)
    if image.format in _ONE_PICTURE:
        source.seek(0)
        digest.update(b"|" + _trailer(source.read()))
    return False, digest.digest()


def _is_deep(image: Image.Image) -> bool:
    """Whether a picture has, or may have, more than the 8 bits, colours or layers we look at."""
    if image.mode not in _EIGHT_BITS or image.format == "AVIF":  # Pillow does not tell its depth
        return True
    info = image.info
    if info.get("bit_depth", 8) > 8 or info.get("depth_images") or info.get("aux"):
        return True
    if image.format == "TIFF":
        bits = getattr(image, "tag_v2", {}).get(_BITS_PER_SAMPLE, (8,))
        return max(bits) > 8
    return any("16" in str(tile[3]) for tile in getattr(image, "tile", ()))  # a PNG's


def _is_transparent(image: Image.Image) -> bool:
    if "transparency" in image.info:
        return True
    if "A" not in image.getbands():
        return False
    return image.getchannel("A").getextrema() != (255, 255)


def _trailer(jpeg: bytes) -> bytes:
    """What follows a JPEG's own end: a film, a second picture, a gain map."""
    place = 2
    while jpeg[place : place + 1] == b"\xff" and jpeg[place + 1 : place + 2] != _START_OF_SCAN:
        place += 2 + int.from_bytes(jpeg[place + 2 : place + 4])
    end = jpeg.find(_END_OF_JPEG, place)
    return b"" if end < 0 else jpeg[end + 2 :].rstrip(b"\0")
