"""How long the catalog takes with 100,000 photos: what is asked of it, noted in it, and opening.

Fills a catalog in a temporary folder as indexing would (64 photos a transaction, vectors of 512
numbers) and tells the best and the worst of a few runs of each question, in milliseconds.

    python bench/catalog.py            100,000 photos; a minute, 300 MB of disk
    python bench/catalog.py --quick    10,000
    python bench/catalog.py --json     one JSON object on stdout
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engine.catalog import Catalog
from engine.catalog.backup import Backups
from engine.types import (
    EmbeddingSpace,
    FileSeen,
    Filter,
    Order,
    PhotoContent,
    PhotoId,
    PhotoMetadata,
    RootId,
    Scope,
    SpaceId,
)

RUNS = 5
BATCH = 64
FILTERS = (
    ("name", "=", "IMG_0001*"), ("folder", "=", "2004"), ("type", "=", "jpeg"),
    ("type", "=", "raw"), ("camera", "=", "5d"), ("date", "=", "2004"), ("date", ">", "2010-05"),
    ("width", ">", "4001"), ("orientation", "=", "portrait"), ("is", "=", "identical"),
    ("is", "=", "unsearchable"), ("has", "=", "gps"),
)  # fmt: skip


def files(n: int) -> list[FileSeen]:
    """Photos of 25 years in 1,000 folders."""
    return [
        FileSeen(
            relpath=f"{2000 + i % 25}/trip{i % 40:02}/IMG_{i:06}.jpg".encode(),
            size=3_000_000 + i,
            mtime_ns=1_000_000_000_000_000_000 + i * 1_000_000_000,
            dev=1,
            ino=i + 1,
        )
        for i in range(n)
    ]


def content(i: int) -> PhotoContent:
    metadata = PhotoMetadata(
        taken_at=f"{2000 + i % 25}-{1 + i % 12:02}-{1 + i % 28:02}T10:{i % 60:02}:00",
        camera_make="Canon",
        camera_model=f"Canon EOS {i % 7}D",
        exposure_s=0.01,
        iso=100,
        latitude=48.1 if i % 10 == 0 else None,
        longitude=11.5 if i % 10 == 0 else None,
    )
    digest = hashlib.blake2b(str(i // 2 if i < 2_000 else i).encode(), digest_size=32).digest()
    return PhotoContent(digest, 4_000 + i % 3, 3_000, "JPEG", metadata)


def fill(catalog: Catalog, n: int) -> tuple[RootId, SpaceId, list[PhotoId], dict[str, float]]:
    root = catalog.roots.add(Path("/photos"))
    space = catalog.embeddings.space_id(EmbeddingSpace("model", "1", "224", "fp32", 512))
    seen, ids = files(n), list[PhotoId]()
    start = time.perf_counter()
    for first in range(0, n, 1_000):
        ids += catalog.photos.add(root.id, seen[first : first + 1_000])
    added = time.perf_counter()
    chance = np.random.default_rng(0)
    for first in range(0, n, BATCH):
        part = range(first, min(first + BATCH, n))
        vectors = chance.standard_normal((len(part), 512), dtype=np.float32)
        with catalog.write():
            for i in part:
                file = seen[i]
                catalog.photos.set_content(
                    ids[i], content(i), file.size, file.mtime_ns, 1, file.ino, file.mtime_ns
                )
            catalog.embeddings.put(space, [ids[i] for i in part], vectors)
    read = time.perf_counter()
    took = {"add, s": added - start, "read and embedded, s": read - added}
    return root.id, space, ids, took


def best_and_worst_ms(act: Callable[[], object]) -> dict[str, float]:
    taken: list[float] = []
    for _ in range(RUNS):
        start = time.perf_counter()
        act()
        taken.append(1e3 * (time.perf_counter() - start))
    return {"best": min(taken), "worst": max(taken)}


def measure(n: int, folder: Path) -> dict[str, object]:
    path = folder / "catalog.db"
    catalog = Catalog.open(path)
    root, space, ids, took = fill(catalog, n)
    photos = catalog.photos
    questions: dict[str, Callable[[], object]] = {
        "known": lambda: photos.known(root),
        "page of 100": lambda: photos.page(ids[5_000:5_100], space),
        "detail": lambda: photos.detail(ids[5], space),
        "counts": lambda: photos.counts(space),
        "folders": photos.folders,
        "to_read": photos.to_read,
        "to_embed": lambda: photos.to_embed(space),
        "ids of a folder": lambda: photos.ids(Scope(root, b"2004")),
        "load_all": lambda: catalog.embeddings.load_all(space),
        "backup": Backups(path).make,
    }
    for order in Order:
        questions[f"ids by {order.value}"] = lambda order=order: photos.ids(Scope(order=order))
    for name, op, value in FILTERS:
        sign = "" if op == "=" else op
        questions[f"{name}:{sign}{value}"] = lambda name=name, op=op, value=value: photos.matching(
            [Filter(name, op, value)], Scope(), space
        )
    result: dict[str, object] = {"photos": n, **took}
    result |= {name: best_and_worst_ms(act) for name, act in questions.items()}
    catalog.close()
    result["catalog, MB"] = path.stat().st_size / 1e6
    result["a backup, MB"] = Backups(path).all()[0].stat().st_size / 1e6

    def reopen() -> None:
        Catalog.open(path).close()

    result["open and close"] = best_and_worst_ms(reopen)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="10,000 photos")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        result = measure(10_000 if chosen.quick else 100_000, Path(folder))
    if chosen.json:
        print(json.dumps(result, indent=2))
        return
    for name, value in result.items():
        if isinstance(value, dict):
            print(f"{name:<24}{value['best']:>10.1f} ms, at worst {value['worst']:.1f}")
        else:
            print(f"{name:<24}{value:>10,.1f}")


if __name__ == "__main__":
    main()
