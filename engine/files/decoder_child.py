"""The decoder process: reads one photo after another for its parent and never writes a file.

Started by `engine.files.decode.DecoderPool`. Hostile pictures may crash or bloat this process;
the parent notices, says which photo it was, and starts another.
"""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import importlib
import io
import os
import signal
import sys
from pathlib import Path
from time import time_ns
from typing import TYPE_CHECKING, BinaryIO

from engine.errors import PhotoError, PhotoTooLarge, PhotoUndecodable, PhotoUnreadable
from engine.files.disk import reason
from engine.files.frames import (
    Blob,
    Broken,
    Header,
    pack_content,
    receive,
    send,
    unpack_spec,
)
from engine.files.scan import is_raw
from engine.files.source import modified_ns, open_photo
from engine.types import Box, PhotoContent

if TYPE_CHECKING:
    from PIL import Image

    from engine.files import picture

_DRAFT_FACTOR = 2  # decode to at least twice the target: measured cosine 1.0000 to a full decode
_REDUCE_FACTOR = 3  # box-shrink other kinds to at least three times the target
_PR_SET_PDEATHSIG = 1


def main(memory_mb: int, time_limit_s: float) -> None:
    """Answer requests until the parent closes the pipe or is gone."""
    requests, answers = _take_pipes()
    _be_modest(memory_mb)
    importlib.import_module("engine.files.metadata")  # Pillow, before the first photo is waiting

    try:
        send(answers, {"ready": True})
        while True:
            request, _ = receive(requests)
            # The parent enforces the limit; this is for a parent that died meanwhile.
            faulthandler.dump_traceback_later(2 * time_limit_s, exit=True)
            header, blobs = answer(request)
            send(answers, header, blobs)
            blobs.clear()  # a large picture would stay in memory until the next request
            faulthandler.cancel_dump_traceback_later()
    except Broken:
        return


def answer(request: Header) -> tuple[Header, list[Blob]]:
    """Do what one request asks. What is wrong with the photo is part of the answer."""
    path = Path(os.fsdecode(bytes.fromhex(request["path"])))
    try:
        if request["want"] == "picture":
            return _picture(path, request)
        if request["want"] == "orientation":
            return _orientation(path)
        if request["want"] == "beyond":
            return _beyond(path)
        if request["want"] == "sidecar":
            return _sidecar(path)
        return _photo(path, request)
    except PhotoError as error:
        memory = isinstance(error.__cause__, MemoryError)
        return {"error": type(error).__name__, "reason": error.reason, "memory": memory}, []
    except MemoryError:
        why = "needs more memory than one photo is allowed"
        return {"error": PhotoTooLarge.__name__, "reason": why, "memory": True}, []
    except OSError as error:
        return {"error": PhotoUnreadable.__name__, "reason": f"cannot be read: {reason(error)}"}, []
    except Exception as error:  # noqa: BLE001  decoders raise ten kinds, here on odd pixels
        why = f"cannot be decoded ({type(error).__name__}: {str(error)[:100]})"
        return {"error": PhotoUndecodable.__name__, "reason": why}, []


def _photo(path: Path, request: Header) -> tuple[Header, list[Blob]]:
    """All that indexing needs, from one open and one decode."""
    from engine.files import colour, picture, resample
    from engine.files.metadata import gif_packet, read_metadata
    from engine.files.padded import padded

    spec = unpack_spec(request["spec"])
    box = Box(*request["box"]) if request["box"] else None
    opened = open_photo(path, background=not request["urgent"])
    short = spec.resize if spec and not spec.pad else 0
    square = spec.crop if spec and spec.pad else 0  # the longer side fills it
    long = max(square, picture.THUMBNAIL_SIDE if request["thumbnail"] else 0)
    if not short and not long:
        long = picture.THUMBNAIL_SIDE  # content alone: still decode, to know that it can be
    need = picture.Need(_DRAFT_FACTOR * short, _DRAFT_FACTOR * long)
    decoded, exif = _decode(opened.source, path, need, box)

    blobs: list[Blob] = []
    whole = decoded.upright(_factor(decoded.image.size, short if box is None else 0, long))
    source = resample.Picture(whole)
    if spec is not None:
        seen, size = source, decoded.size
        if box is not None:
            size = (int(box.right - box.left), int(box.bottom - box.top))
            seen = resample.Picture(decoded.upright(_factor(size, short, square), box))
        given = padded(seen, square, size) if square else picture.model_input(seen, spec)
        blobs.append(colour.to_srgb(given, decoded.icc).tobytes())
    if request["thumbnail"]:
        blobs.append(picture.thumbnail_jpeg(source, decoded.icc))
    beside = gif_packet(opened.source) if decoded.format == "GIF" else b""
    content = PhotoContent(
        content_hash=opened.content_hash,
        width=decoded.size[0],
        height=decoded.size[1],
        format=decoded.format,
        metadata=read_metadata(decoded.image, exif, beside),
        damaged=decoded.damaged,
    )
    return {"content": pack_content(content), "seen": list(opened.seen)}, blobs


def _picture(path: Path, request: Header) -> tuple[Header, list[Blob]]:
    """The pixels to look at."""
    from engine.files import colour, picture

    max_side: int = request["max_side"] or 0
    opened = open_photo(path, background=False)
    decoded, _ = _decode(opened.source, path, picture.Need(0, max_side), None)
    image = decoded.upright(_factor(decoded.image.size, 0, max_side))
    if max_side:
        image = picture.shrunk(image, max_side)
    image = colour.to_srgb(image, decoded.icc)
    return {"width": image.width, "height": image.height}, [image.tobytes()]


def _orientation(path: Path) -> tuple[Header, list[Blob]]:
    """How the stored picture is turned to become the upright one."""
    from engine.files import picture, raw_preview

    source = open_photo(path, background=True).source
    if is_raw(path.name) and raw_preview.is_container(source):
        decoded, _ = raw_preview.decode_preview(source, path, picture.Need(0, 1), None)
        return {"orientation": decoded.orientation}, []
    return {"orientation": picture.stored_orientation(source, path)}, []


def _beyond(path: Path) -> tuple[Header, list[Blob]]:
    """What the file holds beside its picture."""
    from engine.files.beyond import beyond

    several, rest = beyond(open_photo(path, background=True).source, path)
    return {"several": several, "rest": None if rest is None else rest.hex()}, []


def _sidecar(path: Path) -> tuple[Header, list[Blob]]:
    """What a sidecar tells, or why it cannot be understood."""
    from engine.files.xmp import LONGEST_SIDECAR, XmpPacket
    from engine.files.xmp_facts import facts_of

    info = path.lstat()
    if info.st_size > LONGEST_SIDECAR:
        seen = [info.st_size, modified_ns(info), info.st_dev, info.st_ino, time_ns()]
        why = f"is larger than {LONGEST_SIDECAR >> 20} MB"
        return {"facts": {}, "trouble": why, "seen": seen, "content_hash": ""}, []
    opened = open_photo(path, background=True, in_memory=LONGEST_SIDECAR)
    with opened.source as source:
        packet = XmpPacket(source.read(LONGEST_SIDECAR + 1), LONGEST_SIDECAR)
    return {
        "facts": facts_of(packet),
        "trouble": packet.trouble,
        "seen": list(opened.seen),
        "content_hash": opened.content_hash.hex(),
    }, []


def _decode(
    source: BinaryIO, path: Path, need: picture.Need, box: Box | None
) -> tuple[picture.Decoded, Image.Exif | None]:
    """Decode a picture, or a RAW file's preview together with the EXIF of its container."""
    from engine.files import picture, raw_preview

    if is_raw(path.name) and raw_preview.is_container(source):
        return raw_preview.decode_preview(source, path, need, box)
    return picture.decode(source, path, need, box), None


def _factor(size: tuple[int, int], short: int, long: int) -> int:
    """By how much a picture may be box-shrunk and still be three times what is needed."""
    factors = [min(size) // (_REDUCE_FACTOR * short)] if short else []
    factors += [max(size) // (_REDUCE_FACTOR * long)] if long else []
    return max(1, min(factors, default=1))


def _take_pipes() -> tuple[io.BufferedReader, io.BufferedWriter]:
    """Keep the pipes for us: whatever a library prints must not end up among the answers."""
    requests = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    os.close(nothing)
    return requests, answers


def _be_modest(memory_mb: int) -> None:
    """Step back behind the window, stay within the memory limit, and die with the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent closes us in order
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(5)
    try:
        import resource
    except ImportError:  # Windows
        return
    limit = memory_mb << 20
    with contextlib.suppress(OSError, ValueError):  # macOS knows the limit but may refuse it
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]))
