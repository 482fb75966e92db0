"""The demo's photos as a catalog with vectors, and the truth about what they show."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from engine.catalog import Catalog
from engine.types import FileSeen, PhotoContent, PhotoId
from engine.vision.clip import ClipModel

DEMO = Path(__file__).resolve().parents[3] / "resources" / "demo"


def pixels(path: Path, crop: int) -> np.ndarray:
    """A photo as the model wants it: shortest edge, centre crop."""
    from PIL import ImageOps

    with Image.open(path) as opened:
        picture = ImageOps.exif_transpose(opened).convert("RGB")
    scale = crop / min(picture.size)
    size = (max(crop, round(picture.width * scale)), max(crop, round(picture.height * scale)))
    picture = picture.resize(size, Image.Resampling.BICUBIC)
    left, top = (size[0] - crop) // 2, (size[1] - crop) // 2
    return np.asarray(picture.crop((left, top, left + crop, top + crop)))


def photo_files() -> list[Path]:
    return sorted(
        path for path in (DEMO / "photos").rglob("*") if path.suffix.lower() in (".jpg", ".png")
    )


def make_scenes(path: Path, model: ClipModel) -> None:
    """A catalog of all demo photos with their vectors."""
    files = photo_files()
    shown = np.stack([pixels(file, model.spec.crop) for file in files])
    vectors = np.concatenate(
        [model.image.embed(shown[n : n + 64]) for n in range(0, len(shown), 64)]
    )
    catalog = Catalog.open(path)
    root = catalog.roots.add(DEMO / "photos")
    with catalog.write():
        ids = catalog.photos.add(root.id, [seen(file) for file in files])
        for photo_id, file in zip(ids, files, strict=True):
            facts = seen(file)
            with Image.open(file) as opened:
                content = PhotoContent(_digest(file), *opened.size, "JPEG")
            catalog.photos.set_content(
                photo_id, content, facts.size, facts.mtime_ns, facts.dev, facts.ino, 1
            )
        catalog.embeddings.put(catalog.embeddings.space_id(model.space), ids, vectors)
    catalog.close()


def seen(file: Path) -> FileSeen:
    stat = file.stat()
    relpath = os.fsencode(file.relative_to(DEMO / "photos"))
    return FileSeen(relpath, stat.st_size, stat.st_mtime_ns, stat.st_dev, stat.st_ino)


def _digest(file: Path) -> bytes:
    import hashlib

    return hashlib.blake2b(file.read_bytes(), digest_size=32).digest()


class Scenes:
    """What each photo shows."""

    def __init__(self, catalog: Catalog, truth: Sequence[dict[str, Any]]) -> None:
        by_name = {entry["file"]: entry for entry in truth}
        self.entries: dict[PhotoId, dict[str, Any]] = {}
        self.ids: list[PhotoId] = catalog.photos.ids()
        for photo in catalog.photos.page(self.ids, None):
            entry = by_name.get(str(photo.path.relative_to(DEMO / "photos")))
            if entry is not None:
                self.entries[photo.id] = entry

    def things(self, photo_id: PhotoId) -> set[str]:
        """The labels of what it shows, its place among them."""
        entry = self.entries[photo_id]
        return {thing["label"] for thing in entry["objects"]} | {entry["background"]}

    def showing(self, *labels: str) -> list[PhotoId]:
        """Photos that show any of these."""
        return [i for i in self.entries if self.things(i) & set(labels)]
