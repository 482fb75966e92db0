"""Photos per second from file to searchable, against the tutorials' loop and the strongest peer's.

Each side runs in a process of its own, in turns, with the same random-weight ViT-B/32 (right for
speed, useless for search) and the same photos. Ours is the whole path through the door: hash,
metadata, thumbnail, catalog and vector index included, decoder processes counted. What happens
once counts for no side and is told apart: loading, and measuring the engines on photos. Run it on
an idle machine: ours steps back behind whatever else computes, the others do not.

    python bench/indexing.py [--json] [--photos 512] [--large 96] [--rounds 3] [--keep DIR]

Takes 6 minutes on two cores, and 3 GB of memory. `ours` may compute in 8 bits where the engine
agrees on photos, `plain` may not. The peer needs onnx and onnxruntime (requirements-dev.txt).
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from material import CHECKOUT, make_model, make_photos, note

sys.path.insert(0, str(CHECKOUT))

if TYPE_CHECKING:
    from engine import Library

BARS = {
    "small_ratio": 5.0, "large_ratio": 7.0, "small_ratio_no_int8": 3.3, "large_ratio_no_int8": 5.5
}  # fmt: skip
SIDES = ("tutorial", "peer", "ours", "plain")
_TUNING = "tuning"  # not a side: what happens once, before ours can be
KINDS = ("small", "large")
_SHARE = {"tutorial": 4, "peer": 2}  # slow loops run over a part: every fourth, every second photo
_WARM_UP = 16
_ENGINE_PHOTOS = 128  # more than engines are measured on


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--photos", type=int, default=512, help="photos of 500 px")
    parser.add_argument("--large", type=int, default=96, help="photos of 12 megapixels")
    parser.add_argument("--rounds", type=int, default=3, help="how often each side runs")
    parser.add_argument("--keep", type=Path, help="keep model and photos here for the next time")
    parser.add_argument("--side", choices=(*SIDES, _TUNING), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        print(json.dumps(run_here(options.side, options.keep)))
        return 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="photosift-bench-") as temporary:
        place = (options.keep or Path(temporary)).absolute()
        sides = prepare(place, options.photos, options.large)
        result = compare(place, sides, options.rounds)
    result["minutes"] = round((time.monotonic() - began) / 60, 1)
    if options.json:
        print(json.dumps(result))
    else:
        show(result)
    return 0


def prepare(place: Path, photos: int, large: int) -> list[str]:
    """Make model and photos, unless they lie there. Returns the sides that can run."""
    make_model(place / "model")
    make_photos(place / "warm", _WARM_UP, "small", seed=1)
    make_photos(place / "small", photos, "small", seed=2)
    make_photos(place / "large", large, "large", seed=3)
    make_photos(place / "engine", _ENGINE_PHOTOS, "distinct", seed=4)
    if not all(importlib.util.find_spec(name) for name in ("onnx", "onnxruntime")):
        note("onnx or onnxruntime is not installed: without the peer")
        return [side for side in SIDES if side != "peer"]
    if not (place / "peer.onnx").exists():
        note("exporting the peer's graph")
        code = "import sys, pathlib, loops; loops.export_peer(*map(pathlib.Path, sys.argv[1:]))"
        command = [sys.executable, "-c", code, place / "model", place / "peer.onnx"]
        subprocess.run(command, check=True, cwd=CHECKOUT / "bench", stdout=subprocess.DEVNULL)
    return list(SIDES)


# ---- one side, in its own process -----------------------------------------------------------


def run_here(side: str, place: Path) -> dict[str, Any]:
    if side == _TUNING:
        return tuning(place)
    if side in ("ours", "plain"):
        return ours(place, allow_int8=side == "ours")
    import loops

    loop = (
        loops.tutorial(place / "model") if side == "tutorial" else loops.peer(place / "peer.onnx")
    )
    loop(sorted((place / "warm").iterdir()))
    found: dict[str, Any] = {"from": time.time()}
    for kind in KINDS:
        found[kind] = loops.timed(loop, sorted((place / kind).iterdir())[:: _SHARE[side]])
    return {**found, "until": time.time()}


def tuning(place: Path) -> dict[str, Any]:
    """The first photos of a new user: index some, upon which the engines are measured on them."""
    from engine import Library

    with tempfile.TemporaryDirectory(prefix="photosift-bench-") as folder:
        began = time.time()
        library = Library.open(Path(folder))
        library.use_model(str(place / "model"))
        index(library, place / "warm")  # too few to measure engines on
        ready = time.time()
        index(library, place / "engine")
        ended = time.time()
        status = library.model_status()
        library.close()
    engines = {
        entry.name: [round(entry.agreement, 4), round(entry.overlap, 3), entry.accepted]
        for entry in status.measured
    }
    return {"from": began, "until": ended, "first_photos_s": ready - began,
            "seconds": ended - ready, "engines": engines, "note": status.note}  # fmt: skip


def ours(place: Path, *, allow_int8: bool) -> dict[str, Any]:
    """A new library; reconcile and index, with the engine that was chosen before."""
    from steps import Steps

    from engine import Library

    steps = Steps()
    with tempfile.TemporaryDirectory(prefix="photosift-bench-") as folder:
        began = time.perf_counter()
        library = Library.open(Path(folder))
        library.change_settings(replace(library.settings, allow_int8=allow_int8))
        library.use_model(str(place / "model"))
        index(library, place / "warm")
        ready = time.perf_counter() - began
        found: dict[str, Any] = {"from": time.time(), "ready_s": ready, "steps": {}}
        for kind in KINDS:
            steps.begin()
            count, seconds = index(library, place / kind)
            found[kind] = count / seconds
            found["steps"][kind] = steps.end(seconds)
        found["until"] = time.time()
        found["engine"] = library.model_status().engine
        library.close()
    return found


def index(library: Library, photos: Path) -> tuple[int, float]:
    """From files to searchable. Returns: how many photos, in how many seconds."""
    from engine.jobs import drain

    count = sum(1 for _ in photos.iterdir())
    library.add_root(photos)
    started = time.perf_counter()
    drain(library.reconcile())
    report = drain(library.index())
    seconds = time.perf_counter() - started
    if report.embedded != count:
        raise SystemExit(f"{report.embedded} of {count} photos were embedded")
    return count, seconds


# ---- all sides ------------------------------------------------------------------------------


def compare(place: Path, sides: list[str], rounds: int) -> dict[str, Any]:
    """Run the sides in turns, each in a process of its own; medians."""
    found: dict[str, list[dict[str, Any]]] = {side: [] for side in sides}
    tunings: list[dict[str, Any]] = []
    for turn in range(rounds):
        with tempfile.TemporaryDirectory(prefix="photosift-bench-") as home:
            tunings.append(run_side(place, _TUNING, Path(home)))
            note(f"round {turn + 1} of {rounds}: measured {tunings[-1]['engines']}")
            for side, runs in found.items():
                runs.append(run_side(place, side, Path(home)))
                speeds = ", ".join(f"{kind} {runs[-1][kind]:.2f}/s" for kind in KINDS)
                note(f"round {turn + 1} of {rounds}: {side} {speeds} {runs[-1].get('engine', '')}")

    def median(side: str, key: str) -> float:
        return statistics.median(run[key] for run in found[side])

    result: dict[str, Any] = {}
    for kind in KINDS:
        for side in sides:
            result[f"{kind}_{side}"] = round(median(side, kind), 2)
        base = median("tutorial", kind)
        result[f"{kind}_ratio"] = round(median("ours", kind) / base, 2)
        result[f"{kind}_ratio_no_int8"] = round(median("plain", kind) / base, 2)
        if "peer" in sides:
            result[f"{kind}_peer_ps"] = result.pop(f"{kind}_peer")
            result[f"{kind}_peer"] = round(median("ours", kind) / median("peer", kind), 2)
    for side in sides:
        result[f"{side}_peak_mb"] = round(median(side, "peak_mb"))
    result["engine"] = [run["engine"] for run in found["ours"]]
    result["engine_no_int8"] = [run["engine"] for run in found["plain"]]
    result["engines"], result["engine_note"] = tunings[-1]["engines"], tunings[-1]["note"]
    result["ready_s"] = round(median("ours", "ready_s"), 1)
    for key, name in (("seconds", "tuning_s"), ("peak_mb", "tuning_peak_mb")):
        result[name] = round(statistics.median(run[key] for run in tunings), 1)
    middle = {kind: sorted(found["ours"], key=lambda run: run[kind])[rounds // 2] for kind in KINDS}
    result["steps"] = {kind: middle[kind]["steps"][kind] for kind in KINDS}
    result["load_average"] = [round(load, 1) for load in os.getloadavg()]
    return result


def run_side(place: Path, side: str, home: Path) -> dict[str, Any]:
    """One side in its own process and data folder: nothing of the user's is touched."""
    environment = {
        **os.environ, "XDG_DATA_HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"),
        "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(CHECKOUT),
    }  # fmt: skip
    process = subprocess.Popen(
        [sys.executable, __file__, "--side", side, "--keep", str(place)],
        env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    memory = Memory(process.pid)
    out, _ = process.communicate()
    samples = memory.stop()
    if process.returncode:
        raise SystemExit(f"the side {side} failed")
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    inside = [mb for moment, mb in samples if found["from"] <= moment <= found["until"]]
    return {**found, "peak_mb": max(inside, default=0.0)}


class Memory:
    """Samples what a process and its children hold, four times a second."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._samples: list[tuple[float, float]] = []
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> list[tuple[float, float]]:
        self._ended.set()
        self._thread.join()
        return self._samples

    def _watch(self) -> None:
        import psutil

        while not self._ended.wait(0.25):
            try:
                root = psutil.Process(self._pid)
                family = [root, *root.children(recursive=True)]
                held = sum(one.memory_info().rss for one in family)
            except psutil.Error:
                continue  # one of them has just ended
            self._samples.append((time.time(), held / 2**20))


# ---- telling --------------------------------------------------------------------------------


def show(result: dict[str, Any]) -> None:
    print(
        f"{'photos/s':<8}"
        + "".join(f"{name:>12}" for name in ("tutorial", "peer", "ours", "no int8"))
    )
    for kind in KINDS:
        speeds = [result.get(f"{kind}_{key}") for key in ("tutorial", "peer_ps", "ours", "plain")]
        print(f"{kind:<8}" + "".join(f"{'-' if n is None else n:>12}" for n in speeds))
    for key, bar in BARS.items():
        print(f"{key:<22}{result[key]:>6.2f}  (bar {bar})")
    for kind in KINDS:
        if f"{kind}_peer" in result:
            print(f"{kind + '_peer':<22}{result[f'{kind}_peer']:>6.2f}")
    for kind, steps in result["steps"].items():
        print(f"where the time of {kind} goes:")
        for name, value in steps.items():
            print(f"  {name:<36}{value:>9}")
    print(f"engine of each round: {result['engine']}, without int8 {result['engine_no_int8']}; "
          f"ready after {result['ready_s']} s")  # fmt: skip
    print(f"once before: {result['tuning_s']} s for {_ENGINE_PHOTOS} photos and measuring engines, "
          f"{result['tuning_peak_mb']} MB")  # fmt: skip
    for name, (agreement, overlap, accepted) in result["engines"].items():
        verdict = "accepted" if accepted else "refused"
        print(f"  {name:<20}agreement {agreement:.4f}, overlap {overlap:.3f}: {verdict}")
    if result["engine_note"]:
        print(f"  {result['engine_note']}")
    sides = [side for side in SIDES if f"{side}_peak_mb" in result]
    print("peak memory, MB: " + ", ".join(f"{side} {result[f'{side}_peak_mb']}" for side in sides))
    print(f"load average {result['load_average']}; took {result['minutes']} minutes")


if __name__ == "__main__":
    sys.exit(main())
