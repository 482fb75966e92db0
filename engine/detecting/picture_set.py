"""The pictures of a data set for training: copies or links, upright as its boxes are."""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

from engine.detection_export import Seen, yolo_pictures
from engine.errors import PhotoError
from engine.jobs import Event, Progress, Skipped

if TYPE_CHECKING:
    from engine.files.decode import DecoderPool

Pictures: TypeAlias = Literal["", "copy", "link"]
"""What a data set has of the pictures: nothing, copies, symbolic links."""

_READ_BY_ALL = {".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp"}
_TURNED_BY_ALL = {".jpg", ".jpeg"}  # readers turn these by their EXIF orientation, no others


def put_pictures(
    decoders: DecoderPool, photos: Sequence[Seen], place: Path, how: Pictures
) -> Generator[Event, None, list[Path]]:
    """Put the photos of a data set where its label files expect them.

    A photo that programs for training cannot read (a RAW, HEIC, GIF), or would not turn, becomes
    an upright JPEG. One that fails is told and left out; its label file then has no picture.

    Returns:
        The files. Raises DiskError: one cannot be written; none was written over.
    """
    files: list[Path] = []
    names: Mapping[str, Path] = yolo_pictures(photos)
    for done, (name, source) in enumerate(names.items(), start=1):
        try:
            files.append(_put(decoders, source, place / name, how))
        except PhotoError as error:
            yield Skipped(error.path, error.reason)
        yield Progress(len(names) + done, 2 * len(names), source.name)
    return files


def _put(decoders: DecoderPool, source: Path, target: Path, how: Pictures) -> Path:
    from engine.files.annotate import save_picture
    from engine.files.new_files import new_copy, new_link

    ending = source.suffix.lower()
    as_it_is = ending in _READ_BY_ALL and (
        ending in _TURNED_BY_ALL or decoders.orientation(source) == 1
    )
    if not as_it_is:
        upright = target.with_suffix(".jpg")
        return save_picture(upright, decoders.picture(source))
    return (new_link if how == "link" else new_copy)(source, target)
