"""How long a query takes: plain filters, meaning, meaning within a filter, and typing it.

Fills a library with synthetic rows (photos, metadata, tags, albums, detections) and vectors in
clusters, and asks it through the door: real SQLite, real Faiss, a text tower of ViT-B/32's size
with random weights. Then types into the real window, offscreen (`query_window.py`). Milliseconds;
the processor time of one thread beside them, which other programs disturb less. The bar for plain
filters is 50 ms at 100,000 photos.

    python bench/query.py                    10,000 and 100,000 photos; three minutes
    python bench/query.py --photos 1000000   a million: five minutes, 6 GB of disk
    python bench/query.py --only meaning     or filters, or typing
    python bench/query.py --keep DIR         keep model and libraries for the next time
    python bench/query.py --json             one JSON object on stdout
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import statistics
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT))

from material import make_model, note  # noqa: E402
from query_rows import fill  # noqa: E402

from engine import Library  # noqa: E402
from engine.catalog import Catalog  # noqa: E402
from engine.query import parse  # noqa: E402
from engine.types import Order, Scope, SpaceId  # noqa: E402
from engine.vision.models import ModelStore  # noqa: E402

BAR_MS = 50.0
PARTS = ("filters", "meaning", "typing")
_LETTERS = 7  # each is a token of its own here: nine with both ends, as "a photo of two cats" has
_WITHIN = {"all": "", "within 10 %": " album:best", "within 1 %": " album:few"}
QUERIES = (
    "name:IMG_0001*", "name:99", "folder:2004", "folder:trip1?", "type:jpeg", "type:raw", "is:raw",
    "camera:5d", "date:2004", "date:>2010-05", "date:2003..2003-06", "width:>4001",
    "height:2000..3000", "orientation:portrait",
    "rating:>=3", "rating:5", "rating:0", "rating:<3", "is:favourite", "is:picked", "is:rejected",
    "is:untagged", "is:identical", "is:offline", "is:missing", "is:damaged", "is:unsearchable",
    "near:48.5,12,10km", "near:48.5,12,40km", "has:date",
    "has:gps", "has:caption", "has:title", "has:rating", "has:tags", "has:detections",
    "tag:things", "tag:tag7", "tag:things/tag1*", "album:best", "album:trip3", "category:cars",
    "detected:dog", "detected:d*", "count:dog>=2", "count:dog=0", "box:dog>20%",
    "-tag:tag7", "-rating:>=3", "-is:identical", "-has:gps", "-detected:dog", "-name:99",
    "-folder:2004",
    "tag:tag7 or tag:tag8", "tag:tag7 or date:2004", "rating:>=3 or is:raw or has:caption",
    "is:missing or tag:tag7", "not (tag:tag7 or rating:>=3)", "-(camera:5d date:2004)",
    "(tag:things or rating:>=4) -is:rejected date:2000..2010", "tag:tag7 detected:dog rating:>=3",
)  # fmt: skip


Figures = dict[str, float]


def make(place: Path, n: int) -> Path:
    """A library of so many photos; made once where it is kept."""
    folder = place / f"library-{n}"
    if (folder / "done").exists():
        return folder
    note(f"making a library of {n:,} photos")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    fill(folder / "catalog.db", n, ModelStore().resolve(str(place / "model")).space)
    settings = {"model_id": str(place / "model"), "pause_on_battery": False}
    (folder / "settings.json").write_text(json.dumps(settings))
    (folder / "done").touch()
    return folder


def timed(act: Callable[[], int], runs: int) -> Figures:
    """Milliseconds of some runs, and what the last of them found."""
    taken: list[float] = []
    busy: list[float] = []
    found = 0
    for _ in range(runs):
        start, worked = time.perf_counter(), time.thread_time()
        found = act()
        taken.append(1e3 * (time.perf_counter() - start))
        busy.append(1e3 * (time.thread_time() - worked))
    return {
        "photos": found, "median": round(statistics.median(taken), 2),
        "p99": round(quantile(taken, 0.99), 2), "processor": round(min(busy), 2),
    }  # fmt: skip


def quantile(values: Sequence[float], share: float) -> float:
    """The nearest of the values: of fewer than 100 the longest for .99."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def filters(folder: Path, runs: int) -> dict[str, Figures]:
    """Every filter of the language, alone and joined."""
    catalog = Catalog.open(folder / "catalog.db")
    result: dict[str, Figures] = {}
    for query in ("", *QUERIES):
        every = query in ("", "tag:things", "-tag:tag7")
        for order in Order if every else (Order.DATE_NEWEST,):
            where, scope = parse(query).where, Scope(order=order)

            def act() -> int:
                return len(catalog.photos.matching(where, scope, SpaceId(1)))  # noqa: B023

            named = query or "(every photo)"
            if order is not Order.DATE_NEWEST:
                named += f", {order.value}"
            result[named] = timed(act, runs)
    catalog.close()
    return result


def meaning(folder: Path, runs: int) -> dict[str, Figures]:
    """Words that nobody asked before: all of a query, from text to ranked hits."""
    chance = random.Random(0)
    with Library.open(folder) as library:
        began = time.perf_counter()
        library.warm_up()
        note(f"ready after {time.perf_counter() - began:.1f} s")
        library.search("first")
        result: dict[str, Figures] = {}
        for name, within in _WITHIN.items():

            def act() -> int:
                words = "".join(chance.choices(string.ascii_lowercase, k=_LETTERS))
                return len(library.search(words + within).hits)  # noqa: B023

            result[name] = timed(act, runs)

        def again() -> int:
            return len(library.search("first album:best").hits)

        result["the same words again, within 10 %"] = timed(again, runs)
    return result


def typing(folder: Path) -> dict[str, Figures]:
    """In a process of its own: see `query_window.py`."""
    script = Path(__file__).with_name("query_window.py")
    done = subprocess.run(
        [sys.executable, str(script), str(folder)], stdout=subprocess.PIPE, text=True, check=True,
        timeout=600, env={**os.environ, "QT_QPA_PLATFORM": "offscreen",
                          "QT_LOGGING_RULES": "default.warning=false"},
    )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def measure(place: Path, n: int, runs: int, only: Sequence[str]) -> dict[str, dict[str, Figures]]:
    folder = make(place, n)
    result: dict[str, dict[str, Figures]] = {}
    if "filters" in only:
        result["filters"] = filters(folder, runs)
    if "meaning" in only:
        result["meaning"] = meaning(folder, 10 * runs)
    if "typing" in only:
        result["typing"] = typing(folder)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--photos", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--runs", type=int, default=7, help="of each filter; of words ten times")
    parser.add_argument("--only", choices=PARTS, nargs="+", default=PARTS)
    parser.add_argument("--keep", type=Path, help="keep model and libraries for the next time")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    options = parser.parse_args()
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="photosift-bench-") as temporary:
        place = (options.keep or Path(temporary)).absolute()
        home = Path(temporary) / "home"
        os.environ.update(XDG_DATA_HOME=str(home), XDG_CACHE_HOME=str(home),
                          XDG_CONFIG_HOME=str(home), HF_HUB_OFFLINE="1")  # fmt: skip
        make_model(place / "model")
        for n in options.photos:
            results[str(n)] = measure(place, n, options.runs, options.only)
            if not options.keep:
                shutil.rmtree(place / f"library-{n}")
    results["load_average"] = [round(load, 1) for load in os.getloadavg()]
    print(json.dumps(results, indent=2)) if options.json else show(results)


def show(results: dict[str, Any]) -> None:
    for n, parts in results.items():
        if n == "load_average":
            continue
        for part, figures in parts.items():
            columns = [*next(iter(figures.values()))]
            title = f"{int(n):,} photos, {part}"
            print(f"{title:<60}" + "".join(f"{name:>11}" for name in columns) + "  ms")
            for name, told in figures.items():
                slow = part == "filters" and n == "100000" and told["processor"] > BAR_MS
                print(f"{name:<60}" + "".join(f"{told[key]:>11,g}" for key in columns)
                      + ("  over the bar" if slow else ""))  # fmt: skip
    print(f"load average {results['load_average']}")


if __name__ == "__main__":
    main()
