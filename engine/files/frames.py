"""What the decoder processes and their parent say to each other: JSON and raw bytes, no pickle."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from typing import Any, BinaryIO, Protocol, TypeAlias

from engine.types import InputSpec, PhotoContent, PhotoMetadata

Header: TypeAlias = dict[str, Any]
Blob: TypeAlias = bytes | bytearray | memoryview

_PREFIX = struct.Struct(">4sI")  # mark, bytes of JSON
_MARK = b"PSF1"
_LONGEST_HEADER = 64 << 20


class Readable(Protocol):
    """Where frames come from: a file, or something like it."""

    def readinto(self, view: memoryview, /) -> int | None: ...


class Broken(Exception):
    """The other side closed the pipe, or wrote what is no frame."""


def send(pipe: BinaryIO, header: Header, blobs: Sequence[Blob] = ()) -> None:
    """Write one frame: the header with the lengths of the blobs, then the blobs.

    Raises:
        Broken: nobody reads any more.
    """
    lengths = [memoryview(blob).nbytes for blob in blobs]
    text = json.dumps({**header, "blobs": lengths}).encode()
    try:
        pipe.write(_PREFIX.pack(_MARK, len(text)) + text)
        for blob in blobs:
            pipe.write(blob)
        pipe.flush()
    except (OSError, ValueError) as error:  # ValueError: the pipe was closed on our side
        raise Broken("nobody listens") from error


def receive(pipe: Readable) -> tuple[Header, list[bytearray]]:
    """Read one frame; blocks until it is there.

    Raises:
        Broken: the pipe ended.
    """
    mark, length = _PREFIX.unpack(_exactly(pipe, _PREFIX.size))
    if mark != _MARK or length > _LONGEST_HEADER:
        raise Broken("not a frame")
    try:
        header: Header = json.loads(_exactly(pipe, length))
        return header, [_exactly(pipe, size) for size in header["blobs"]]
    except (ValueError, KeyError, TypeError) as error:
        raise Broken("not a frame") from error


def _exactly(pipe: Readable, size: int) -> bytearray:
    data = bytearray(size)
    view = memoryview(data)
    filled = 0
    while filled < size:
        try:
            count = pipe.readinto(view[filled:])
        except (OSError, ValueError) as error:
            raise Broken("the pipe broke") from error
        if not count:
            raise Broken("the pipe ended")
        filled += count
    return data


def pack_spec(spec: InputSpec | None) -> list[int] | None:
    """An input spec as JSON knows it."""
    return spec and [spec.resize, spec.crop, spec.resample, int(spec.keep_aspect), int(spec.pad)]


def unpack_spec(packed: list[int] | None) -> InputSpec | None:
    """The inverse of `pack_spec`."""
    if packed is None:
        return None
    resize, crop, resample, keep_aspect, pad = packed
    return InputSpec(resize, crop, resample, bool(keep_aspect), bool(pad))


def pack_content(content: PhotoContent) -> Header:
    """What is known of a photo, as JSON knows it."""
    metadata = {
        name: value
        for name in PhotoMetadata.__slots__
        if (value := getattr(content.metadata, name)) not in (None, ())
    }
    return {
        "content_hash": content.content_hash.hex(),
        "width": content.width,
        "height": content.height,
        "format": content.format,
        "damaged": content.damaged,
        "metadata": metadata,
    }


def unpack_content(packed: Header) -> PhotoContent:
    """The inverse of `pack_content`."""
    metadata = dict(packed["metadata"])
    metadata["keywords"] = tuple(metadata.get("keywords", ()))
    return PhotoContent(
        content_hash=bytes.fromhex(packed["content_hash"]),
        width=packed["width"],
        height=packed["height"],
        format=packed["format"],
        damaged=packed["damaged"],
        metadata=PhotoMetadata(**metadata),
    )
