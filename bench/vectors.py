"""How fast the vector index answers, and what it weighs: 10,000 to 1,000,000 photos.

Shows, for clustered unit vectors of 512 numbers: the latency of one query for its best 100, among
all and among 1 % or 10 % of the photos; the time to add, save and load; the memory per photo; and
the gain of searching on several threads.

    python bench/vectors.py            10,000, 100,000 and 1,000,000 vectors; 2 minutes, 4 GB
    python bench/vectors.py --quick    the first two; seconds
    python bench/vectors.py --json     one JSON list on stdout

Run it on an idle machine; medians and the 99th percentile of one query after another are told.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engine.vectors import vector_index
from engine.vectors.vector_index import VectorIndex

DIM = 512
BEST = 100
QUERIES = 60
CHUNK = 50_000


def clustered(n: int, seed: int = 0) -> Iterator[NDArray[np.float32]]:
    """Unit vectors in 1,000 clusters, in chunks, so that the source weighs little."""
    chance = np.random.default_rng(seed)
    centres = chance.standard_normal((1_000, DIM), dtype=np.float32)
    for start in range(0, n, CHUNK):
        rows = min(CHUNK, n - start)
        wide = centres[chance.integers(0, len(centres), rows)]
        wide = wide + 0.6 * chance.standard_normal((rows, DIM), dtype=np.float32)
        yield wide / np.linalg.norm(wide, axis=1, keepdims=True)


def resident_mb() -> float:
    """Memory of this process, as the system counts it; 0 where it does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def latency_ms(search: Callable[[int], object]) -> dict[str, float]:
    search(0)
    taken: list[float] = []
    for number in range(QUERIES):
        start = time.perf_counter()
        search(number)
        taken.append(1e3 * (time.perf_counter() - start))
    return {"median": float(np.median(taken)), "p99": float(np.percentile(taken, 99))}


def seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def write(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def filled(n: int) -> tuple[VectorIndex, float]:
    """An index of n vectors and the seconds spent adding them."""
    index = VectorIndex(DIM)
    added, first = 0.0, 0
    for rows in clustered(n):
        start = time.perf_counter()
        index.add(np.arange(first, first + len(rows)), rows)
        added += time.perf_counter() - start
        first += len(rows)
    return index, added


def measure(n: int, folder: Path) -> dict[str, object]:
    VectorIndex(DIM).add([1], np.ones((1, DIM)))  # imports Faiss
    before = resident_mb()
    index, added = filled(n)
    weight = resident_mb() - before
    queries = next(clustered(QUERIES, seed=1))
    chance = np.random.default_rng(2)
    few, some = (chance.choice(n, n // part, replace=False) for part in (100, 10))
    result: dict[str, object] = {
        "vectors": n,
        "threads": vector_index._THREADS,  # pyright: ignore[reportPrivateUsage]
        "add_s": added,
        "memory_mb": weight,
        "bytes_per_photo": 1e6 * weight / n,
        "all_ms": latency_ms(lambda q: index.search(queries[q], BEST)),
        "within_1_percent_ms": latency_ms(lambda q: index.search(queries[q], BEST, few)),
        "within_10_percent_ms": latency_ms(lambda q: index.search(queries[q], BEST, some)),
        "scores_of_2000_ms": latency_ms(lambda q: index.scores(queries[q], some[:2_000])),
    }
    several = vector_index._THREADS  # pyright: ignore[reportPrivateUsage]
    vector_index._THREADS = 1  # pyright: ignore[reportPrivateUsage]
    result["all_on_one_thread_ms"] = latency_ms(lambda q: index.search(queries[q], BEST))
    vector_index._THREADS = several  # pyright: ignore[reportPrivateUsage]
    path = folder / "space.faiss"
    result["save_s"] = seconds(lambda: index.save(path, "stamp", write))
    result["load_s"] = seconds(lambda: VectorIndex.load(path, DIM, "stamp"))
    result["remove_64_ms"] = 1e3 * seconds(lambda: index.remove(np.arange(0, n, n // 64)))
    path.unlink()
    return result


def table(rows: list[dict[str, object]]) -> str:
    lines: list[str] = []
    for name in rows[0]:
        cells: list[str] = []
        for row in rows:
            value = row[name]
            if isinstance(value, dict):
                cells.append(f"{value['median']:.2f} (p99 {value['p99']:.2f})")
            else:
                cells.append(f"{value:,.2f}" if isinstance(value, float) else f"{value:,}")
        lines.append(f"{name:<24}" + "".join(f"{cell:>24}" for cell in cells))
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="leave out the million")
    parser.add_argument("--json", action="store_true", help="one JSON list on stdout")
    chosen = parser.parse_args()
    sizes = (10_000, 100_000) if chosen.quick else (10_000, 100_000, 1_000_000)
    with tempfile.TemporaryDirectory() as folder:
        rows = [measure(n, Path(folder)) for n in sizes]
    print(json.dumps(rows, indent=2) if chosen.json else table(rows))


if __name__ == "__main__":
    main()
