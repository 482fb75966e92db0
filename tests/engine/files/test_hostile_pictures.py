"""Hundreds of mutilated pictures: each is answered, none crashes or hangs its decoder."""

from __future__ import annotations

import io
import random
from collections import Counter
from concurrent.futures import Future
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.errors import PhotoError
from engine.files.decode import DecodedPhoto, DecodeRequest, DecoderPool
from engine.types import InputSpec

EACH = 60  # mutants of one kind
SPEC = InputSpec(64, 64)


def original(kind: str) -> bytes:
    y, x = np.mgrid[0:90, 0:120]
    image = Image.fromarray(np.dstack([x * 2, y * 2, (x + y)]).astype(np.uint8))
    exif = Image.Exif()
    exif[0x0110] = "A camera"
    exif[0x0112] = 6
    file = io.BytesIO()
    more = {"progressive": True} if kind == "JPEG" else {}
    image.save(file, kind, exif=exif, **more)  # type: ignore[arg-type]
    return file.getvalue()


def mutant(data: bytes, rng: random.Random) -> bytes:
    """One of the ways in which disks, cables and attackers change a file."""
    broken = bytearray(data)
    match rng.randrange(6):
        case 0:
            return bytes(broken[: rng.randrange(len(broken))])
        case 1:
            for _ in range(rng.randrange(1, 20)):
                broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
        case 2:
            at = rng.randrange(len(broken))
            broken[at : at + rng.randrange(1, 600)] = bytes(rng.randrange(1, 600))
        case 3:
            at = rng.randrange(min(200, len(broken)))  # headers are where sizes are told
            broken[at : at + 4] = rng.choice(
                [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff"]
            )
        case 4:
            at, end = sorted(rng.randrange(len(broken)) for _ in range(2))
            broken[at:at] = broken[at:end]
        case _:
            rng.shuffle(chunks := [broken[at : at + 100] for at in range(0, len(broken), 100)])
            return b"".join(chunks)
    return bytes(broken)


def outcome(future: Future[DecodedPhoto]) -> str:
    error = future.exception(timeout=60)
    if error is None:
        return "damaged" if future.result().content.damaged else "fine"
    assert isinstance(error, PhotoError)
    if "crashed" in error.reason:
        return "crashed"
    return "too slow" if "longer than" in error.reason else "refused"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "GIF", "AVIF"])
def test_mutants_are_all_answered(tmp_path: Path, kind: str) -> None:
    rng = random.Random(kind)
    data = original(kind)
    pool = DecoderPool(2, time_limit_s=20)
    try:
        futures: list[Future[DecodedPhoto]] = []
        for number in range(EACH):
            path = tmp_path / f"{number}.{kind.lower()}"
            path.write_bytes(mutant(data, rng))
            futures.append(pool.submit(DecodeRequest(path, SPEC)))
        outcomes = Counter(outcome(future) for future in futures)
    finally:
        pool.close()
    assert sum(outcomes.values()) == EACH
    assert {"crashed", "too slow"}.isdisjoint(outcomes)
    assert outcomes["refused"] > 0
