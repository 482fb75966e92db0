"""How long a text query takes to become photos: at rest, and while photos are indexed.

In 10,000 and 100,000 photos, with a ViT-B/32 of real size and random weights. Every query is new:
nothing of it is remembered. Indexing is real, with its decoder processes, in another thread.

    python bench/search_latency.py [--json] [--queries 100] [--keep DIR]

Takes three minutes on two cores, and 1 GB of disk.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import string
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT))

from material import make_model, make_photos, note  # noqa: E402

if TYPE_CHECKING:
    from engine import Library

SIZES = (10_000, 100_000)
BAR_MS = 100.0  # more than at rest, at the 95th percentile
_LETTERS = 7  # each is a token of its own here: nine with both ends, as "a photo of two cats" has
_PAUSE_S = 0.05  # between two queries: a user who types
_ENGINE_PHOTOS = 128
_BUSY_PHOTOS = 768  # indexed meanwhile
_BEST = 200


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--queries", type=int, default=100, help="of each kind")
    parser.add_argument("--photos", type=int, nargs="+", default=SIZES, help="library sizes")
    parser.add_argument("--keep", type=Path, help="keep model and libraries for the next time")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="photosift-bench-") as temporary:
        place = (options.keep or Path(temporary)).absolute()
        home = Path(temporary) / "home"  # engines are to be measured anew
        os.environ.update(XDG_DATA_HOME=str(home), XDG_CACHE_HOME=str(home), HF_HUB_OFFLINE="1")
        make_model(place / "model")
        make_photos(place / "engine", _ENGINE_PHOTOS, "distinct", seed=4)
        make_photos(place / "busy", _BUSY_PHOTOS, "small", seed=6)
        result: dict[str, Any] = {}
        for size in options.photos:
            result[f"{size}"] = measure(place, Path(temporary), size, options.queries)
    worst = max(result[f"{size}"]["more_while_indexing_ms"] for size in options.photos)
    result["more_while_indexing_ms"] = worst
    result["bar_ms"] = BAR_MS
    result["load_average"] = [round(load, 1) for load in os.getloadavg()]
    print(json.dumps(result)) if options.json else show(result)
    return 0


def measure(place: Path, folder: Path, size: int, queries: int) -> dict[str, Any]:
    from shelves import make_library

    from engine import Library

    note(f"making a library of {size} photos")
    shelf = folder / f"library-{size}"
    make_library(shelf, folder / "photos", place / "model", size, files=False)
    with Library.open(shelf) as library:
        library.warm_up()
        library.search("first", _BEST)
        asked = Asked(library)
        result: dict[str, Any] = {"at_rest": asked.times(queries)}
        for name, photos in (("measuring_engines", "engine"), ("indexing", "busy")):
            root = library.add_root(place / photos)
            began = time.perf_counter()
            busy = threading.Thread(target=work, args=(library, root.path))
            busy.start()
            time.sleep(0.5)  # for the decoders to start
            result[f"while_{name}"] = asked.times(queries, busy.is_alive)
            busy.join()
            result[f"{name}_s"] = round(time.perf_counter() - began, 1)
        result["engine"] = library.model_status().engine
    for name in ("indexing", "measuring_engines"):
        more = result[f"while_{name}"]["p95"] - result["at_rest"]["p95"]
        result[f"more_while_{name}_ms"] = round(more, 1)
    return result


def work(library: Library, folder: Path) -> None:
    """Find the photos of a folder, then index them."""
    from engine.jobs import drain
    from engine.types import DirtyFolder

    drain(library.reconcile([DirtyFolder(folder, recursive=True)]))
    drain(library.index())


class Asked:
    """Queries that nobody asked before."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._chance = random.Random(0)

    def times(self, queries: int, going_on: Callable[[], bool] | None = None) -> dict[str, float]:
        """Milliseconds; fewer queries where what goes on ends before."""
        taken: list[float] = []
        while len(taken) < queries:
            time.sleep(_PAUSE_S)
            query = "".join(self._chance.choices(string.ascii_lowercase, k=_LETTERS))
            began = time.perf_counter()
            self._library.search(query, _BEST)
            took = 1e3 * (time.perf_counter() - began)
            if going_on is not None and not going_on():
                break
            taken.append(took)
        if len(taken) < 5:
            raise SystemExit("what was to go on meanwhile ended at once")
        cuts = statistics.quantiles(taken, n=20)
        return {
            "queries": len(taken), "median": round(statistics.median(taken), 1),
            "p95": round(cuts[-1], 1), "max": round(max(taken), 1),
        }  # fmt: skip


def show(result: dict[str, Any]) -> None:
    print(f"{'ms':<32}{'queries':>9}{'median':>9}{'p95':>9}{'max':>9}")
    for size, found in result.items():
        if not size.isdigit():
            continue
        for name in ("at_rest", "while_indexing", "while_measuring_engines"):
            row = found[name]
            what = f"{int(size):,} {name.replace('_', ' ')}"
            print(f"{what:<32}" + "".join(f"{row[key]:>9}" for key in row))
        print(f"  engine of the photos: {found['engine']}")
    print(f"95th percentile above that at rest, worst: {result['more_while_indexing_ms']} ms "
          f"(bar {result['bar_ms']:.0f}); load average {result['load_average']}")  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
