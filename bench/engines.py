"""How fast each engine computes a ViT-B/32 here, what it costs to load, and how well it agrees.

Random weights: right for speed and memory; agreement is that of random weights too. Every engine
runs in a process of its own; speeds are taken in turns, because others use the machine.

    python bench/engines.py [--json] [--rounds 3] [--model FOLDER]
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(CHECKOUT), str(CHECKOUT / "tests" / "engine" / "vision")]

IMAGE = ("transformers fp32", "torch fp32", "torch bf16", "openvino fp32", "openvino bf16",
         "openvino int8")  # fmt: skip
TEXT = ("torch fp32", "openvino fp32")
PHOTOS = 96
QUERY = "a photo of a red dress on a chair"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--model", type=Path, help="a checkpoint; random weights without")
    parser.add_argument("--side", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        print(json.dumps(SIDES[options.side.split(":")[0]](options.model, options.side)))
        return 0
    with tempfile.TemporaryDirectory(prefix="photosift-bench-") as temporary:
        folder = options.model or Path(temporary)
        if options.model is None:
            from indexing import make_model

            make_model(folder)
        result = measured(folder, options.rounds)
    if options.json:
        print(json.dumps(result))
    else:
        show(result)
    return 0


def measured(folder: Path, rounds: int) -> dict[str, Any]:
    found: dict[str, list[dict[str, float]]] = {}
    sides = [f"image:{name}" for name in IMAGE] + [f"text:{name}" for name in TEXT] + ["both:"]
    for turn in range(rounds):
        for side in sides:
            done = subprocess.run(
                [sys.executable, __file__, "--side", side, "--model", str(folder)],
                stdout=subprocess.PIPE, text=True, check=True,
            )  # fmt: skip
            found.setdefault(side, []).append(json.loads(done.stdout.splitlines()[-1]))
            print(turn + 1, side, found[side][-1], file=sys.stderr, flush=True)
    result: dict[str, Any] = {
        side: {key: round(median(run[key] for run in runs), 4) for key in runs[0]}
        for side, runs in found.items()
    }
    result["load_average"] = [round(load, 1) for load in os.getloadavg()]
    return result


def show(result: dict[str, Any]) -> None:
    columns = "photos_per_second", "load_s", "mb", "peak_mb", "agreement", "overlap"
    print(f"{'image tower':<22}" + "".join(f"{c:>19}" for c in columns))
    for name in IMAGE:
        print(f"{name:<22}" + "".join(f"{result[f'image:{name}'][c]:>19}" for c in columns))
    columns = "query_ms", "import_and_load_s", "mb", "peak_mb"
    print(f"{'text tower':<22}" + "".join(f"{c:>19}" for c in columns))
    for name in TEXT:
        print(f"{name:<22}" + "".join(f"{result[f'text:{name}'][c]:>19}" for c in columns))
    print("a query while photos are computed without a pause:", result["both:"])
    print("load average:", result["load_average"])


# ---- in a process of its own -----------------------------------------------------------------


def image(folder: Path, side: str) -> dict[str, float]:
    from planted import real_pixels

    from engine.vision import runtime
    from engine.vision.agreement import agreement, overlap
    from engine.vision.embedding import normalise
    from engine.vision.engines import Way
    from engine.vision.families import FAMILIES
    from engine.vision.openvino_engine import observe
    from engine.vision.quantise import Calibration

    library, precision = side.partition(":")[2].split()
    files = opened(folder)
    pixels = real_pixels(files.spec.crop, PHOTOS + 32)
    if pixels is None:
        shape = (PHOTOS + 32, files.spec.crop, files.spec.crop, 3)
        pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    plan = FAMILIES[files.family].image_plan

    def calibrated() -> Calibration | None:
        if precision != "int8":
            return None
        data = kept.read_bytes() if kept.exists() else b""
        known = Calibration.from_bytes(data)
        if known is None:
            known = Calibration(observe(plan(files), pixels[:32], 2, 2))
            kept.write_bytes(known.to_bytes())
        return known

    kept = folder / "calibration"
    exact_file = folder / "exact.npy"
    if library == "openvino" and not exact_file.exists():
        engine = runtime.open_image(plan(files), Way("openvino", "cpu", "fp32"))
        np.save(exact_file, normalise(engine(pixels[32:])))
        engine.close()
    if precision == "int8" and not kept.exists():  # as the program does: once per model
        calibrated()
        subprocess.run([sys.executable, *sys.argv], check=True)
        raise SystemExit(0)
    began = time.perf_counter()
    if library == "transformers":
        from engine.vision.reference import ReferenceImageTower

        engine: Any = ReferenceImageTower(files)
    else:
        engine = runtime.open_image(plan(files), Way(library, "cpu", precision), calibrated())
    engine(pixels[:16])
    ready = time.perf_counter() - began
    runtime.release_freed_memory()
    best, vectors = 0.0, []
    for start in range(32, len(pixels), 16):
        started = time.perf_counter()
        vectors.append(engine(pixels[start : start + 16]))
        best = max(best, 16 / (time.perf_counter() - started))
    exact = np.load(exact_file) if exact_file.exists() else None
    ours = normalise(np.concatenate(vectors))
    return {
        "photos_per_second": best,
        "load_s": ready,
        "mb": memory_mb(),
        "peak_mb": peak_mb(),
        "agreement": agreement(exact, ours) if exact is not None else -1.0,
        "overlap": overlap(exact, ours) if exact is not None else -1.0,
    }


def text(folder: Path, side: str) -> dict[str, float]:
    began = time.perf_counter()
    from engine.vision import runtime
    from engine.vision.engines import Way
    from engine.vision.families import FAMILIES

    files = opened(folder)
    library, precision = side.partition(":")[2].split()
    family = FAMILIES[files.family]
    engine = runtime.open_text(family.text_plan(files), Way(library, "cpu", precision))
    words = family.tokenizer(files)
    ids = np.array(words.encode([QUERY]), np.int64)[:, -9:]
    engine(ids)
    ready = time.perf_counter() - began
    runtime.release_freed_memory()
    return {
        "query_ms": 1000 * min(timed(lambda: engine(ids)) for _ in range(20)),
        "query_median_ms": 1000 * median(timed(lambda: engine(ids)) for _ in range(30)),
        "import_and_load_s": ready,
        "mb": memory_mb(),
        "peak_mb": peak_mb(),
    }


def both(folder: Path, side: str) -> dict[str, float]:
    """A query idle, and while the image tower works without a pause."""
    from engine.vision.clip import open_clip

    model = open_clip(opened(folder))
    crop = model.spec.crop
    pixels = np.random.default_rng(0).integers(0, 256, (16, crop, crop, 3), dtype=np.uint8)
    model.image.embed(pixels)
    texts = iter(f"{QUERY} {n}"[-20:] for n in range(1000))
    model.text.embed([next(texts)])
    idle = [timed(lambda: model.text.embed([next(texts)])) for _ in range(30)]
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            model.image.embed(pixels)

    thread = threading.Thread(target=work)
    thread.start()
    busy = [timed(lambda: model.text.embed([next(texts)])) for _ in range(60)]
    stop.set()
    thread.join()
    return {
        "idle_ms": 1000 * median(idle),
        "busy_ms": 1000 * median(busy),
        "busy_worst_ms": 1000 * max(busy),
    }


def opened(folder: Path) -> Any:
    from engine.vision.models import ModelStore

    return ModelStore(folder / "store").resolve(str(folder))


def timed(work: Any) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def memory_mb() -> float:
    import psutil

    return psutil.Process().memory_info().rss / 2**20


def peak_mb() -> float:
    """Since the process began; where the system does not tell, what it is now."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 2**10
    except OSError:
        pass
    return memory_mb()


SIDES = {"image": image, "text": text, "both": both}

if __name__ == "__main__":
    sys.exit(main())
