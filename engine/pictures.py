"""Single pictures on request: previews for the grid, pixels for the model. Blocks."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.errors import DiskError, PhotoUnreadable, QueryError
from engine.files.decode import DecodeRequest, DecoderPool
from engine.files.thumbnails import ThumbnailCache
from engine.types import Box, InputSpec, Photo


def preview(decoders: DecoderPool, kept: ThumbnailCache, photo: Photo) -> bytes:
    """A JPEG of at most 256 px, from the cache or decoded now, before all queued work.

    Raises:
        PhotoError: with the reason.
    """
    if photo.content_hash is not None:
        found = kept.get(photo.content_hash)
        if found is not None:
            return found
    decoded = decoders.submit(DecodeRequest(photo.path), urgent=True).result()
    if decoded.thumbnail is None:
        raise PhotoUnreadable(photo.path, "no preview could be made")
    with suppress(DiskError):  # shown all the same; indexing says it once
        kept.put(decoded.content.content_hash, decoded.thumbnail)
    return decoded.thumbnail


def model_input(
    decoders: DecoderPool, spec: InputSpec, path: Path, box: Box | None
) -> NDArray[np.uint8]:
    """(crop, crop, 3) uint8 of any picture on the disk, or of a part of it.

    Raises:
        PhotoError: the file cannot be read.
        QueryError: the box lies outside the picture.
    """
    path = Path(os.path.abspath(path))  # noqa: PTH100 - links stay as they are
    request = DecodeRequest(path, spec, thumbnail=False, box=box)
    decoded = decoders.submit(request, urgent=True).result()
    width, height = decoded.content.width, decoded.content.height
    if box is not None and (
        box.left >= width or box.top >= height or box.right <= 0 or box.bottom <= 0
    ):
        asked = ",".join(f"{edge:g}" for edge in box)
        raise QueryError(
            asked, 0, f"The box {asked} lies outside the picture of {width} × {height} pixels."
        )
    if decoded.pixels is None:
        raise PhotoUnreadable(path, "could not be prepared for the model")
    return decoded.pixels
