"""Photos per second from file to searchable, against the loop that the tutorials teach.

Both sides run in processes of their own, in turns, with the same random-weight ViT-B/32 (right for
speed, useless for search). Ours is the whole path through the door: hash, metadata, thumbnail,
catalog and vector index included. Loading the model counts for neither.

    python bench/indexing.py [--json] [--photos 64] [--large 24] [--rounds 2] [--keep DIR]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

CHECKOUT = Path(__file__).resolve().parents[1]
SHARED = CHECKOUT.parent / "shared" / "data"
LARGE = (4000, 3000)
WARM_UP = 8
BARS = {"small_ratio": 2.5, "large_ratio": 5.0}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--photos", type=int, default=64, help="photos of about 500 px")
    parser.add_argument("--large", type=int, default=24, help="photos of 12 megapixels")
    parser.add_argument("--rounds", type=int, default=2, help="how often each side runs")
    parser.add_argument("--keep", type=Path, help="keep model and photos here for the next time")
    parser.add_argument("--side", choices=("tutorial", "ours"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        measure = tutorial if options.side == "tutorial" else ours
        print(json.dumps(measure(options.keep)))
        return 0
    with tempfile.TemporaryDirectory(prefix="photosift-bench-") as temporary:
        place = options.keep or Path(temporary)
        prepare(place, options.photos, options.large)
        result = compare(place, options.rounds)
    if options.json:
        print(json.dumps(result))
    else:
        show(result)
    return 0


# ---- material -------------------------------------------------------------------------------


def prepare(place: Path, photos: int, large: int) -> None:
    """Make the model and the photos, unless they lie there from the last time."""
    if not (place / "model" / "tokenizer_done").exists():
        note("making a ViT-B/32 checkpoint with random weights")
        make_model(place / "model")
    note(f"making {photos} photos of about 500 px and {large} of 12 megapixels")
    make_photos(place / "warm", WARM_UP, (480, 360), seed=1)
    make_photos(place / "small", photos, None, seed=2)
    make_photos(place / "large", large, LARGE, seed=3)


def make_model(folder: Path) -> None:
    import torch
    from tokenizers.pre_tokenizers import ByteLevel
    from transformers import CLIPConfig, CLIPImageProcessorPil, CLIPModel
    from transformers.utils import logging

    logging.disable_progress_bar()
    torch.manual_seed(0)
    CLIPModel(CLIPConfig()).save_pretrained(folder)
    CLIPImageProcessorPil().save_pretrained(folder)
    letters = sorted(ByteLevel.alphabet())
    words = [*letters, *(f"{letter}</w>" for letter in letters)]
    words += [f"<|unused{n}|>" for n in range(49406 - len(words))]  # the ends where CLIP has them
    words += ["<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({word: n for n, word in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    (folder / "tokenizer_done").touch()


def make_photos(folder: Path, count: int, size: tuple[int, int] | None, seed: int) -> None:
    """Real photos where they lie beside the checkout, else drawn ones; no bytes twice."""
    folder.mkdir(parents=True, exist_ok=True)
    have = {path.name for path in folder.iterdir()}
    wanted = [f"{n:04}.jpg" for n in range(count)]
    for name in have - set(wanted):
        (folder / name).unlink()
    real = sorted((SHARED / "photos" / "coco").glob("*.jpg"))
    random = np.random.default_rng(seed)
    for n, name in enumerate(wanted):
        if name in have:
            continue
        if real:
            with Image.open(real[n % len(real)]) as opened:
                picture = opened.convert("RGB")
        else:
            picture = drawn(random)
        if size is not None:
            picture = picture.resize(size, Image.Resampling.BICUBIC)
        grain = 6 if size == LARGE else 1  # an upscaled photo alone would be too easy to decode
        # 4:2:0, as cameras write them
        grained(picture, random, grain).save(folder / name, quality=90, subsampling=2)


def drawn(random: np.random.Generator) -> Image.Image:
    """Smooth colours with boxes: 500 × 375."""
    y, x = np.mgrid[0:375, 0:500] / 375
    wave, low, high = random.uniform(1, 9, 2), *random.uniform(0, 255, (2, 3))
    blend = 0.5 + 0.5 * np.sin(wave[0] * x + wave[1] * y)[..., None]
    picture = low * blend + high * (1 - blend)
    for _ in range(12):
        left, top, width, height = random.uniform(0.05, 0.6, 4)
        inside = (x > left) & (x < left + width) & (y > top) & (y < top + height)
        picture[inside] = picture[inside] * 0.3 + random.uniform(0, 180, 3)
    return Image.fromarray(picture.clip(0, 255).astype(np.uint8))


def grained(picture: Image.Image, random: np.random.Generator, strength: int) -> Image.Image:
    pixels = np.asarray(picture).astype(np.int16)
    grain = random.integers(-strength, strength + 1, (*pixels.shape[:2], 1), dtype=np.int16)
    return Image.fromarray((pixels + grain).clip(0, 255).astype(np.uint8))


# ---- the two sides --------------------------------------------------------------------------


def tutorial(place: Path) -> dict[str, float]:
    """Open, CLIPProcessor, get_image_features, one photo at a time, fp32, default threads."""
    import torch
    from transformers import CLIPModel, CLIPProcessor
    from transformers.utils import logging

    logging.disable_progress_bar()
    model: Any = CLIPModel.from_pretrained(place / "model").eval()
    processor: Any = CLIPProcessor.from_pretrained(place / "model")

    def run(folder: Path) -> float:
        paths = sorted(folder.iterdir())
        started = time.perf_counter()
        for path in paths:
            inputs = processor(images=Image.open(path).convert("RGB"), return_tensors="pt")
            with torch.no_grad():
                model.get_image_features(**inputs)
        return len(paths) / (time.perf_counter() - started)

    run(place / "warm")
    return {"small": run(place / "small"), "large": run(place / "large"), "mb": peak_mb()}


def ours(place: Path) -> dict[str, float]:
    """The whole path: a new library, reconcile and index, after some warm-up photos."""
    from engine import Library
    from engine.jobs import drain

    with tempfile.TemporaryDirectory(prefix="photosift-bench-") as folder:
        started = time.perf_counter()
        library = Library.open(Path(folder))
        library.use_model(str(place / "model"))

        def run(photos: Path) -> float:
            count = sum(1 for _ in photos.iterdir())
            library.add_root(photos)
            started = time.perf_counter()
            drain(library.reconcile())
            report = drain(library.index())
            seconds = time.perf_counter() - started
            if report.embedded != count:
                raise SystemExit(f"{report.embedded} of {count} photos were embedded")
            return count / seconds

        run(place / "warm")
        ready = time.perf_counter() - started
        small, large = run(place / "small"), run(place / "large")
        status = library.model_status()
        library.close()
    note(f"ours: {status.device} {status.precision}, ready after {ready:.1f} s")
    return {"small": small, "large": large, "mb": peak_mb(), "ready_s": ready}


def peak_mb() -> float:
    """Peak memory of this process plus that of its largest child."""
    unit = 2**20 if sys.platform == "darwin" else 2**10
    who = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(resource.getrusage(which).ru_maxrss for which in who) / unit


def compare(place: Path, rounds: int) -> dict[str, Any]:
    """Run the sides in turns, each in a process of its own."""
    found: dict[str, list[dict[str, float]]] = {"tutorial": [], "ours": []}
    for turn in range(rounds):
        for side, runs in found.items():
            note(f"round {turn + 1} of {rounds}: {side}")
            runs.append(run_side(place, side))
            note("  " + ", ".join(f"{key} {value:.1f}" for key, value in runs[-1].items()))

    def median(side: str, key: str) -> float:
        return round(statistics.median(run[key] for run in found[side]), 2)

    result: dict[str, Any] = {}
    for kind in ("small", "large"):
        result[f"{kind}_tutorial"] = median("tutorial", kind)
        result[f"{kind}_ours"] = median("ours", kind)
        result[f"{kind}_ratio"] = round(median("ours", kind) / median("tutorial", kind), 2)
    result["tutorial_peak_mb"] = median("tutorial", "mb")
    result["ours_peak_mb"] = median("ours", "mb")
    result["ours_ready_s"] = median("ours", "ready_s")
    result["load_average"] = [round(load, 1) for load in os.getloadavg()]
    return result


def run_side(place: Path, side: str) -> dict[str, float]:
    """One side in its own process and data folder: nothing of the user's is touched."""
    with tempfile.TemporaryDirectory(prefix="photosift-bench-") as home:
        environment = {
            **os.environ, "XDG_DATA_HOME": home, "HF_HUB_OFFLINE": "1",
            "PYTHONPATH": str(CHECKOUT),
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, __file__, "--side", side, "--keep", str(place)],
            env=environment, stdout=subprocess.PIPE, text=True, check=True,
        )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])


def show(result: dict[str, Any]) -> None:
    print(f"{'photos/s':<10}{'tutorial':>10}{'ours':>10}{'ratio':>10}{'bar':>10}")
    for kind in ("small", "large"):
        row = [result[f"{kind}_{column}"] for column in ("tutorial", "ours", "ratio")]
        print(f"{kind:<10}" + "".join(f"{n:>10.2f}" for n in (*row, BARS[f"{kind}_ratio"])))
    print(f"peak memory: tutorial {result['tutorial_peak_mb']:.0f} MB, ours "
          f"{result['ours_peak_mb']:.0f} MB; ready after {result['ours_ready_s']:.1f} s; "
          f"load average {result['load_average']}")  # fmt: skip


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
