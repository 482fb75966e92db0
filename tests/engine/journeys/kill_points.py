"""Indexes a folder in a forked child and kills it at random points; says what was found.

Run: python tests/engine/journeys/kill_points.py [--photos 300] [--kills 50] [--seed 1]

What every child needs is imported once, before the forks (and never used before them), so that a
kill costs its work and not a second of start-up. After each kill: are the photos untouched, does
the catalog hold, are photo ids, vector ids and Faiss ids the same set? After each round: does an
undisturbed run finish with the same set?
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
import traceback
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(CHECKOUT), str(Path(__file__).resolve().parent)]


def import_heavy() -> None:
    """What each child would import again; nothing of it is used before the forks."""
    for name in ("faiss", "openvino", "tokenizers", "PIL.Image", "engine.vision.clip"):
        importlib.import_module(name)


def index_in_child(library_folder: Path, photos: Path, kill_after_s: float | None) -> bool:
    """Index in a forked child; returns whether it lived to the end."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            from journey import update

            from engine import Library

            with Library.open(library_folder) as library:
                library.add_root(photos)
                update(library)
            code = 0
        except BaseException:  # noqa: BLE001 - the fork must not run on as a second parent
            traceback.print_exc()
        finally:
            os._exit(code)
    if kill_after_s is not None:
        time.sleep(kill_after_s)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.waitstatus_to_exitcode(status) == 0, "the child failed"
    return os.WIFEXITED(status)


def digest(folder: Path) -> str:
    """Names, bytes and times of every file below a folder."""
    total = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        stat = path.stat()
        total.update(f"{path.relative_to(folder)} {stat.st_mtime_ns} {stat.st_size}".encode())
        if path.is_file():
            total.update(path.read_bytes())
    return total.hexdigest()


def ids_of(library_folder: Path) -> tuple[float, set[int], set[int], set[int]]:
    """Reopen and compare: seconds to open, embedded photos, vector rows, Faiss ids.

    In a fork of its own: OpenMP threads that once ran here would be missing, and waited for,
    in every later fork.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.close(reader)
            seconds, *sets = _ids_here(library_folder)
            with os.fdopen(writer, "w") as pipe:
                json.dump([seconds, *(sorted(ids) for ids in sets)], pipe)
            code = 0
        except BaseException:  # noqa: BLE001 - the fork must not run on as a second parent
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, "the library cannot be checked"
    seconds, photos, vectors, faiss_ids = json.loads(text)
    return seconds, set(photos), set(vectors), set(faiss_ids)


def _ids_here(library_folder: Path) -> tuple[float, set[int], set[int], set[int]]:
    from engine import Library

    started = time.monotonic()
    library = Library.open(library_folder)
    index = library._models.vectors()  # pyright: ignore[reportPrivateUsage]
    assert index is not None
    faiss_ids = {int(i) for i in index.ready().ids()}
    seconds = time.monotonic() - started
    library.close()
    with sqlite3.connect(library_folder / "catalog.db") as catalog:
        assert catalog.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert catalog.execute("PRAGMA foreign_key_check").fetchall() == []
        vectors = {row[0] for row in catalog.execute("SELECT photo_id FROM embedding")}
        known = "SELECT id FROM photo WHERE id IN (SELECT photo_id FROM embedding)"
        photos = {row[0] for row in catalog.execute(known)}
    catalog.close()
    return seconds, photos, vectors, faiss_ids


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--photos", type=int, default=300)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--per-round", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()

    import_heavy()
    from journey import draw

    random.seed(options.seed)
    killed, finished_early, slowest_open = 0, 0, 0.0
    with tempfile.TemporaryDirectory() as scratch:
        photos = Path(scratch) / "photos"
        for seed in range(options.photos):
            draw(photos / f"{seed % 7}" / f"IMG_{seed:04}.jpg", seed, (320, 240))
        before = digest(photos)
        undisturbed = Path(scratch) / "undisturbed"
        started = time.monotonic()
        assert index_in_child(undisturbed, photos, None)
        whole_s = time.monotonic() - started
        expected = len(ids_of(undisturbed)[2])
        assert expected == options.photos
        round_number = 0
        while killed < options.kills:
            round_number += 1
            folder = Path(scratch) / f"round{round_number}"
            for _ in range(min(options.per_round, options.kills - killed)):
                delay = random.uniform(0.02, whole_s * 0.6)
                if index_in_child(folder, photos, delay):
                    finished_early += 1
                killed += 1
                assert digest(photos) == before, "a photo was changed"
                if not (folder / "catalog.db").exists():
                    continue
                seconds, known, vectors, faiss_ids = ids_of(folder)
                slowest_open = max(slowest_open, seconds)
                assert known == vectors == faiss_ids, "photo, vector and Faiss ids differ"
            assert index_in_child(folder, photos, None)
            _, known, vectors, faiss_ids = ids_of(folder)
            assert known == vectors == faiss_ids
            assert len(vectors) == expected, f"{len(vectors)} instead of {expected} photos"
    print(
        json.dumps(
            {
                "photos": options.photos,
                "kills": killed,
                "of_these_after_the_end": finished_early,
                "rounds": round_number,
                "undisturbed_s": round(whole_s, 2),
                "slowest_reopen_s": round(slowest_open, 3),
                "lost": 0,
                "orphans": 0,
            }
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
