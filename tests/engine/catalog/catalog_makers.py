"""Values for the catalog's tests: files as a scan sees them, contents, vectors."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import TypedDict, Unpack

import numpy as np

from engine.catalog import Catalog, KnownFile
from engine.types import (
    Embeddings,
    EmbeddingSpace,
    FileSeen,
    PhotoContent,
    PhotoId,
    PhotoMetadata,
    Root,
)

SECOND = 1_000_000_000
SPACE = EmbeddingSpace("model", "revision", "224", "fp32", 8)


def seen(relpath: str | bytes, size: int = 100, mtime_s: int = 1_000, ino: int = 0) -> FileSeen:
    """A file; its inode follows from its path unless one is given."""
    raw = relpath.encode() if isinstance(relpath, str) else relpath
    number = ino or int.from_bytes(hashlib.blake2b(raw, digest_size=6).digest()) + 1
    return FileSeen(raw, size, mtime_s * SECOND, 1, number)


def moved(file: FileSeen, relpath: str) -> FileSeen:
    return replace(file, relpath=relpath.encode())


def digest(text: str) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=32).digest()


class Facts(TypedDict, total=False):
    width: int
    height: int
    format: str
    metadata: PhotoMetadata
    damaged: str


def content(text: str = "a", **facts: Unpack[Facts]) -> PhotoContent:
    """What reading a file tells; `text` stands for its bytes."""
    return replace(PhotoContent(digest(text), 40, 30, "JPEG"), **facts)


def read(
    catalog: Catalog, photo_id: PhotoId, file: FileSeen, text: str = "a", **facts: Unpack[Facts]
) -> None:
    """Note the content of a file as indexing does."""
    catalog.photos.set_content(
        photo_id,
        content(text, **facts),
        file.size,
        file.mtime_ns,
        file.dev,
        file.ino,
        file.mtime_ns + 60 * SECOND,
    )


def vectors(n: int, dim: int = 8, seed: int = 0) -> Embeddings:
    """Rows of length 1."""
    wide = np.random.default_rng(seed).standard_normal((n, dim)).astype(np.float32)
    return wide / np.linalg.norm(wide, axis=1, keepdims=True)


def fill(path: Path, photos: int = 300) -> None:
    """A catalog that was used for a while."""
    catalog = Catalog.open(path)
    root = catalog.roots.add(path.parent / "photos")
    files = [seen(f"{n % 7}/{n}.jpg") for n in range(photos)]
    with catalog.write():
        ids = catalog.photos.add(root.id, files)
        for photo_id, file in zip(ids, files, strict=True):
            read(catalog, photo_id, file, text=str(photo_id))
        catalog.embeddings.put(catalog.embeddings.space_id(SPACE), ids, vectors(photos))
    catalog.close()  # makes the first backup


def damaged_files(path: Path) -> list[Path]:
    return sorted(path.parent.glob(path.name + ".damaged-*"))


def only(catalog: Catalog, root: Root, photo_id: PhotoId) -> KnownFile:
    return next(row for row in catalog.photos.known(root.id) if row.photo_id == photo_id)
