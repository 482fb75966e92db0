"""Finding things in photos: what a change of labels costs, photos per second, how well it agrees.

The detector of real size has random weights: right for speed and memory. How well shorter
precisions agree is measured on the embedded one, which is trained, over freshly drawn scenes. Every
way of computing runs in a process of its own.

    python bench/detection.py [--photos 200] [--ways fp32,bf16,int8] [--family owlvit|owlv2]
    python bench/detection.py --short   30 photos, 30 scenes, two minutes
    python bench/detection.py --json    one JSON object on stdout
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
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests/engine/vision"))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "resources/demo"))

from material import make_photos, note

from engine.detection_types import Label
from engine.files.decode import DecodeRequest, DecoderPool
from engine.vision import openvino_engine, runtime
from engine.vision.detection_judge import THINGS, likeness, stays
from engine.vision.engines import Engine
from engine.vision.families import FAMILIES
from engine.vision.features import Features, unpack
from engine.vision.models import DEMO_DETECTOR_ID, ModelFiles, ModelStore
from engine.vision.owl_vit import Detector, open_detector
from engine.vision.quantise import Calibration

DEMO = Path(__file__).resolve().parents[1] / "resources/demo"
WAYS = "fp32", "bf16", "int8"
ASKED = "cat", "dog", "cup", "sofa", "tree"
CALIBRATING = 8
_AHEAD = 4


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--photos", type=int, default=200)
    parser.add_argument("--scenes", type=int, default=100)
    parser.add_argument("--ways", default=",".join(WAYS))
    parser.add_argument("--family", default="owlvit", choices=("owlvit", "owlv2"))
    parser.add_argument("--short", action="store_true", help="30 photos, 30 scenes")
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--part", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.short:
        options.photos = options.scenes = 30
    if options.part:
        part, way = options.part
        print(json.dumps(_PARTS[part](options.folder, way, options)))
        return 0
    with tempfile.TemporaryDirectory(prefix="photosift-bench-") as temporary:
        result = measured(Path(temporary), options)
    if options.json:
        print(json.dumps(result))
    else:
        show(result)
    return 0


def measured(folder: Path, options: argparse.Namespace) -> dict[str, Any]:
    note(f"making an {options.family} of real size with random weights")
    able = {way.precision for way in runtime.image_ways() if way.library == "openvino"}
    ways = [way for way in options.ways.split(",") if way in able]
    child(folder, "make", "", options)
    make_photos(folder / "photos", options.photos + CALIBRATING, "small", seed=5)
    result: dict[str, Any] = {"labels": child(folder, "labels", ways[-1], options)}
    result["photos"] = {way: child(folder, "photos", way, options) for way in ways}
    if (DEMO / "detector").is_dir():
        result["embedded"] = {way: child(folder, "embedded", way, options) for way in ways}
    result["load_average"] = [round(load, 1) for load in os.getloadavg()]
    return result


def child(folder: Path, part: str, way: str, options: argparse.Namespace) -> dict[str, Any]:
    command = [sys.executable, __file__, "--part", part, way, "--folder", str(folder),
               "--photos", str(options.photos), "--scenes", str(options.scenes),
               "--family", options.family]  # fmt: skip
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    found = json.loads(done.stdout.splitlines()[-1])
    note(f"{part} {way}: {found}")
    return found


def show(result: dict[str, Any]) -> None:
    for name, value in result["labels"].items():
        print(f"{name:<44}{value:>10}")
    for part in ("photos", "embedded"):
        rows: dict[str, dict[str, Any]] = result.get(part, {})
        if rows:
            columns = list(next(iter(rows.values())))
            print(f"\n{part:<12}" + "".join(f"{column:>20}" for column in columns))
        for way, row in rows.items():
            print(f"{way:<12}" + "".join(f"{value!s:>20}" for value in row.values()))
    print("\nload average:", result["load_average"])


# ---- in a process of its own -----------------------------------------------------------------


def make(folder: Path, _: str, options: argparse.Namespace) -> dict[str, Any]:
    from random_detectors import write_detector
    from tiny_families import FULL

    (folder / "model").mkdir()
    write_detector(options.family, folder / "model", sizes=FULL[options.family])
    return {}


def labels(folder: Path, way: str, _: argparse.Namespace) -> dict[str, Any]:
    """What changing labels costs, against a full pass: ours, and that of transformers."""
    detector, engine = opened(folder, folder / "model", way)
    pixels = prepared(folder, detector, 4)
    columns = engine(pixels[:1])  # both towers are warm
    detector.look(unpack(columns[0], detector.files.space.dim), 640, 480, asked(0))
    seen: list[Features] = []

    def see(photo: NDArray[np.uint8]) -> None:
        seen.append(unpack(engine(photo[None])[0], detector.files.space.dim))

    # the quickest of several: others use this computer too
    image_s, image_core_s = quickest([lambda photo=photo: see(photo) for photo in pixels])
    new_s, new_core_s = quickest(
        [lambda n=n: detector.look(seen[0], 640, 480, asked(n)) for n in range(1, 9)]
    )
    known_s = min(timed(lambda: detector.look(seen[0], 640, 480, asked(1))) for _ in range(9))
    theirs_s = transformers_pass(folder / "model", detector, pixels[0])
    core_ratio = (image_core_s + new_core_s) / new_core_s
    return {
        "full pass of transformers, fp32, s": round(theirs_s, 3),
        f"full pass of ours, {engine.way.name}, s": round(image_s + new_s, 3),
        "five labels never asked before, s": round(new_s, 4),
        "five labels asked before, s": round(known_s, 4),
        "transformers / new labels": round(theirs_s / new_s, 1),
        "ours / new labels": round((image_s + new_s) / new_s, 1),
        "ours / known labels": round((image_s + new_s) / known_s, 1),
        "the same in processor time: new labels": round(core_ratio, 1),
        "processor time of new labels, s": round(new_core_s, 4),
        "features of a photo, KB": round(seen[0].nbytes / 1000),
    }  # fmt: skip


def asked(turn: int) -> list[Label]:
    """Five labels, other ones each turn.

    Every letter is a token of this vocabulary, so these are as long as "a photo of a cat" is.
    """
    return [Label(name, (f"{name} {turn}",)) for name in ASKED]


def transformers_pass(model: Path, detector: Detector, pixels: NDArray[np.uint8]) -> float:
    """The fastest of three whole forward passes, five labels, pictures already prepared."""
    from engine.vision.reference import ReferenceDetector

    theirs = ReferenceDetector(ModelStore(model / "store").resolve(str(model), None))
    words = FAMILIES[detector.files.family].tokenizer(detector.files)
    rows = words.encode([prompt for label in asked(0) for prompt in label.prompts])
    return min(timed(lambda: theirs(pixels[None], rows)) for _ in range(3))


def photos(folder: Path, way: str, options: argparse.Namespace) -> dict[str, Any]:
    """A batch as a run does it: decoded ahead in other processes, looked at, let go."""
    detector, engine = opened(folder, folder / "model", way)
    paths = sorted((folder / "photos").iterdir())[CALIBRATING:][: options.photos]
    with Memory() as memory:
        began = time.perf_counter()
        count = 0
        for photo in decoded(detector, paths):
            features = unpack(engine(photo[None])[0], detector.files.space.dim)
            detector.look(features, 640, 480, asked(0))
            count += 1
            if count == 10:
                memory.mark()
        seconds = time.perf_counter() - began
    return {
        "photos": count,
        "photos/s": round(count / seconds, 2),
        "MB after ten": memory.marked,
        "MB at the end": memory.last,
        "peak MB": memory.peak,
    }


def embedded(folder: Path, way: str, options: argparse.Namespace) -> dict[str, Any]:
    """The trained detector: against its own full precision, and against the truth."""
    from engine.files import picture

    demo, score = (import_module(name) for name in ("evaluate_detector", "detector_score"))
    detector, engine = opened(folder, DEMO / "detector", way)
    exact_engine = opened(folder, DEMO / "detector", "fp32")[1]
    pictures, truth = demo.held_out(424242, options.scenes)
    given = np.stack([np.asarray(picture.model_input(p, detector.spec)) for p in pictures])
    dim = detector.files.space.dim
    ours = [unpack(columns, dim) for columns in engine(given)]
    exact = [unpack(columns, dim) for columns in exact_engine(given)]
    wanted = [Label(name) for name in demo.LABELS]
    found: list[Any] = []
    for features, shown in zip(ours, pictures, strict=True):
        width, height = shown.size
        sight = detector.look(features, width, height, wanted)
        boxes = np.array([d.box for d in sight.detections], np.float32).reshape(-1, 4)
        scores = np.array([d.score for d in sight.detections], np.float32)
        names = np.array([demo.LABELS.index(d.label) for d in sight.detections], np.int64)
        found.append(score.Found(boxes, scores, names))
    texts = detector.texts([detector.prompt(name) for name in demo.LABELS])
    things = detector.texts([detector.prompt(name) for name in THINGS])
    return {
        "scenes": len(pictures),
        "mAP@50": round(score.mean_precision(found, truth, len(demo.LABELS)), 4),
        "looks agree": round(likeness(exact, ours), 5),
        "best boxes stay": round(stays(exact, ours, texts), 4),
        "of other words": round(stays(exact, ours, things), 4),
        "photos/s": round(len(given[:32]) / timed(lambda: engine(given[:32])), 1),
    }


_PARTS: dict[str, Callable[[Path, str, argparse.Namespace], dict[str, Any]]] = {
    "make": make,
    "labels": labels,
    "photos": photos,
    "embedded": embedded,
}


def opened(folder: Path, model: Path, precision: str) -> tuple[Detector, Engine]:
    """A detector, and its image tower computed in one certain way."""
    model_id = DEMO_DETECTOR_ID if model.parent == DEMO else str(model)
    files = ModelStore(folder / "store").resolve(model_id, None)
    way = next(
        way
        for way in runtime.image_ways()
        if (way.library, way.precision) == ("openvino", precision)
    )
    calibration = calibrated(folder, files) if precision == "int8" else None
    detector = open_detector(files)
    return detector, runtime.open_image(FAMILIES[files.family].image_plan(files), way, calibration)


def calibrated(folder: Path, files: ModelFiles) -> Calibration:
    """Of photos that are measured on nowhere else; remembered for the other processes."""
    kept = folder / f"calibration {files.info.title}"
    known = Calibration.from_bytes(kept.read_bytes()) if kept.exists() else None
    if known is None:
        pixels = prepared(folder, open_detector(files), CALIBRATING)
        if files.info.id == DEMO_DETECTOR_ID:
            from engine.files import picture

            scenes = import_module("evaluate_detector").held_out(99, CALIBRATING)[0]
            pixels = np.stack([np.asarray(picture.model_input(p, files.spec)) for p in scenes])
        plan = FAMILIES[files.family].image_plan(files)
        known = Calibration(openvino_engine.observe(plan, pixels, 1, runtime.threads()))
        kept.write_bytes(known.to_bytes())
    return known


def prepared(folder: Path, detector: Detector, count: int) -> NDArray[np.uint8]:
    return np.stack([*decoded(detector, sorted((folder / "photos").iterdir())[:count])])


def decoded(detector: Detector, paths: Sequence[Path]) -> Iterator[NDArray[np.uint8]]:
    """Photos as the detector wants them, some ahead."""
    pool = DecoderPool(2)
    rest = iter(paths)
    try:
        running = deque(
            pool.submit(DecodeRequest(path, detector.spec, thumbnail=False))
            for path in islice(rest, _AHEAD)
        )
        while running:
            photo = running.popleft().result().pixels
            for path in islice(rest, 1):
                running.append(pool.submit(DecodeRequest(path, detector.spec, thumbnail=False)))
            assert photo is not None
            yield photo
    finally:
        pool.close()


def timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def quickest(acts: Sequence[Callable[[], object]]) -> tuple[float, float]:
    """Seconds of the quickest, and the least processor time: load changes that one little."""
    taken: list[tuple[float, float]] = []
    for act in acts:
        busy = time.process_time()
        taken.append((timed(act), time.process_time() - busy))
    return min(wall for wall, _ in taken), min(core for _, core in taken)


class Memory:
    """What this process holds, sampled ten times a second, in MB; decoders are not counted."""

    def __init__(self) -> None:
        import psutil

        self._process = psutil.Process()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self.peak = self.last = self.marked = 0

    def mark(self) -> None:
        self.marked = self._now()

    def _now(self) -> int:
        return self._process.memory_info().rss >> 20

    def _watch(self) -> None:
        while not self._stop.wait(0.1):
            self.peak = max(self.peak, self._now())

    def __enter__(self) -> Memory:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.last = self._now()
        self._stop.set()
        self._thread.join()
        self.peak = max(self.peak, self.last)


if __name__ == "__main__":
    sys.exit(main())
