"""How long it takes to find which pairs may be duplicates, and how much memory, as photos grow.

Made-up hashes and vectors of 512 numbers; one photo in twenty is a copy of another (a few bits,
a small angle away, a third of them turned). Told: seconds to propose pairs by hash and by vector
with all of them new, to group what was proposed, the share of the copies that were proposed, and
the most memory that the process ever had. Comparing in pixels comes on top, by the pair: see
duplicate_truth.py.

    python bench/duplicates.py                    10,000 and 100,000
    python bench/duplicates.py 1000000            minutes
    python bench/duplicates.py --json             one JSON object on stdout
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engine.catalog.duplicates import Hashes
from engine.duplicates.candidates import Vectors, candidates
from engine.duplicates.grouping import complete_link
from engine.files import picture_hashes

DIM = 512
SCENES = 200  # vectors lie around so many directions: a library has its subjects


def made(count: int) -> tuple[Hashes, Vectors, NDArray[np.int64]]:
    """Contents, their hashes and vectors; the last twentieth are copies of the first."""
    chance = np.random.default_rng(5)
    copies = count // 20
    shape = chance.integers(0, 1 << 63, count, dtype=np.uint64)
    slope = chance.integers(0, 1 << 63, count, dtype=np.uint64)
    shape[-copies:], slope[-copies:] = shape[:copies], slope[:copies]
    turned = slice(count - copies // 3, count)
    shape[turned], slope[turned] = picture_hashes.turned(shape[turned], slope[turned], 5)
    for _ in range(3):
        bit = np.uint64(1) << chance.integers(0, 63, copies, dtype=np.uint64)
        shape[-copies:] ^= bit
    middles = chance.standard_normal((SCENES, DIM)).astype(np.float32)
    kind: Any = np.float16 if count > 200_000 else np.float32
    rows: NDArray[Any] = np.empty((count, DIM), kind)
    for start in range(0, count, 50_000):
        some = slice(start, min(count, start + 50_000))
        near = middles[chance.integers(0, SCENES, some.stop - start)]
        rows[some] = _long(near + 1.2 * chance.standard_normal(near.shape).astype(np.float32))
    for start in range(0, copies, 50_000):
        some = np.arange(start, min(copies, start + 50_000))
        noise = 0.15 / DIM**0.5 * chance.standard_normal((len(some), DIM)).astype(np.float32)
        rows[count - copies + some] = _long(rows[some].astype(np.float32) + noise)
    names = [number.to_bytes(32) for number in range(count)]
    return Hashes(names, shape, slope), Vectors(names, rows), np.arange(copies)


def _long(rows: NDArray[Any]) -> NDArray[np.float32]:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def measure(count: int) -> dict[str, Any]:
    hashes, vectors, copies = made(count)
    before = _memory()
    start, busy = time.perf_counter(), time.process_time()
    by_hash = candidates(hashes, None, hashes.contents)
    hashed = time.perf_counter()
    both = candidates(Hashes([], hashes.shape[:0], hashes.slope[:0]), vectors, hashes.contents)
    found = time.perf_counter()
    pairs = by_hash.by_hash | {pair for pair, cosine in both.by_vector.items() if cosine > 0.9}
    groups = complete_link(dict.fromkeys(pairs, 1.0), bytes)
    end = time.perf_counter()
    wanted = [(int(n).to_bytes(32), int(count - len(copies) + n).to_bytes(32)) for n in copies]
    return {
        "photos": count,
        "by_hash_s": hashed - start,
        "by_vector_s": found - hashed,
        "grouping_s": end - found,
        "total_s": end - start,
        "processor_s": time.process_time() - busy,
        "pairs_by_hash": len(by_hash.by_hash),
        "pairs_by_vector": len(both.by_vector),
        "groups": len(groups),
        "recall_by_hash": sum(pair in by_hash.by_hash for pair in wanted) / len(wanted),
        "recall_by_vector": sum(pair in both.by_vector for pair in wanted) / len(wanted),
        "memory_mb": _memory(),
        "memory_of_the_data_mb": before,
    }


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photos", nargs="*", type=int, default=[10_000, 100_000])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        json.dump(measure(arguments.one), sys.stdout)
        return
    results: list[dict[str, Any]] = []
    for count in arguments.photos:  # each in a process of its own: memory is the most it ever had
        command = [sys.executable, __file__, "--one", str(count)]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        results.append(json.loads(told))
        if not arguments.json:
            print({k: round(v, 2) for k, v in results[-1].items()}, flush=True)
    if arguments.json:
        json.dump(results, sys.stdout)


if __name__ == "__main__":
    main()
