"""Libraries full of vectors for the benchmarks, without the days that embedding would take."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from engine.catalog import Catalog
from engine.files.scan import Excludes, scan
from engine.types import FileSeen, PhotoContent, PhotoMetadata
from engine.vision.models import ModelStore

_BATCH = 1_000


def make_library(folder: Path, photos: Path, model: Path, count: int, *, files: bool) -> None:
    """A library with clustered vectors of a model's size, unless it is there already.

    Args:
        folder: the library's data folder.
        photos: its one root.
        model: the checkpoint that search uses.
        count: how many photos.
        files: make the files too, all of the same small picture, so that the library agrees
            with the disk; without, rows only.
    """
    done = folder / "done"
    if done.exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    photos.mkdir(parents=True, exist_ok=True)
    catalog = Catalog.open(folder / "catalog.db")
    info = photos.stat()
    root = catalog.roots.add(photos, (info.st_dev, info.st_ino))
    resolved = ModelStore().resolve(str(model))
    space = catalog.embeddings.space_id(resolved.space)
    chance = np.random.default_rng(0)
    centres = chance.standard_normal((200, resolved.space.dim), dtype=np.float32)
    seen = _made(photos, count) if files else _imagined(count)
    number = 0
    while batch := [file for _, file in zip(range(_BATCH), seen, strict=False)]:
        ids = catalog.photos.add(root.id, batch)
        near = centres[chance.integers(0, len(centres), len(batch))]
        vectors = 0.6 * chance.standard_normal(near.shape, dtype=np.float32)
        vectors += near
        with catalog.write():
            for photo_id, file in zip(ids, batch, strict=True):
                number += 1
                digest = hashlib.blake2b(str(number).encode(), digest_size=32).digest()
                taken = PhotoMetadata(taken_at=f"{2000 + number % 25}-06-01T10:00:00")
                catalog.photos.set_content(
                    photo_id, PhotoContent(digest, 64, 48, "JPEG", taken), file.size,
                    file.mtime_ns, file.dev, file.ino, file.mtime_ns + 10**12,
                )  # fmt: skip
            catalog.embeddings.put(space, ids, vectors)
    catalog.close()
    settings = {"model_id": str(model), "pause_on_battery": False}
    (folder / "settings.json").write_text(json.dumps(settings))
    done.touch()


def _made(folder: Path, count: int) -> Iterator[FileSeen]:
    picture = folder.with_suffix(".jpg")
    Image.linear_gradient("L").resize((64, 48)).save(picture)
    jpeg = picture.read_bytes()
    for number in range(count):
        path = folder / f"trip{number // 500:03}" / f"IMG_{number:06}.jpg"
        if number % 500 == 0:
            path.parent.mkdir(exist_ok=True)
        path.write_bytes(jpeg)
    return scan(folder, Excludes(()))


def _imagined(count: int) -> Iterator[FileSeen]:
    for number in range(count):
        name = f"{2000 + number % 25}/trip{number % 40:02}/IMG_{number:06}.jpg"
        yield FileSeen(name.encode(), 3_000_000, 10**18 + number * 10**9, 1, number + 1)
