"""Whether every family computes what transformers computes: random weights, its own processors.

For each class and tower: the way of computing, whether all token ids are equal, the least cosine
to transformers after the mean is taken away, and the largest difference of two unit vectors; of a
detector what its patches look like, and their boxes as shares of the picture.

    python bench/parity.py              tiny towers, all ways of this computer; a minute
    python bench/parity.py --full-size  ViT-B/32, Chinese CLIP B/16, SigLIP 2 B/32-256, OWL-ViT
                                        B/32 with random weights; minutes, 3 GB
    python bench/parity.py --json       one JSON list on stdout
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests/engine/vision"))

from tiny_families import FULL, TINY, Theirs, write_family

from engine.types import ModelSlot
from engine.vision import runtime
from engine.vision.engines import EngineFailed
from engine.vision.families import FAMILIES
from engine.vision.models import ModelFiles, ModelStore
from engine.vision.self_test import centred_cosine

TEXTS = [
    "a photo of a cat", "Two CATS on a couch!", "", "naïve café 3.14²", "一只猫在沙发上的照片",
    "日本語の写真", "🐈 cat", "word " * 300, "a red dress", "the sea at night", "İstanbul ß ﬁ",
]  # fmt: skip


def pictures(size: int, count: int = 12) -> NDArray[np.uint8]:
    """Smooth colours with grain, all distinct; (count, size, size, 3) uint8."""
    random = np.random.default_rng(3)
    y, x = np.mgrid[0:size, 0:size] / size
    made: list[NDArray[np.uint8]] = []
    for _ in range(count):
        low, high = random.uniform(0, 255, (2, 3))
        wave = random.uniform(2, 25, 2)
        blend = (0.5 + 0.5 * np.sin(wave[0] * x + wave[1] * y))[..., None]
        grain = random.normal(0, 12, (size, size, 3))
        made.append(np.clip(low * blend + high * (1 - blend) + grain, 0, 255).astype(np.uint8))
    return np.stack(made)


def unit(vectors: NDArray[Any]) -> NDArray[Any]:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def rows(name: str, folder: Path) -> Iterator[dict[str, object]]:
    """One row per tower and way of computing."""
    family = FAMILIES[name]
    files = ModelStore(folder / "store").resolve(str(folder), None)
    theirs = Theirs(name, folder)
    if family.slot is ModelSlot.DETECT:
        yield from detector_rows(name, files, theirs)
        return
    shown = pictures(files.spec.crop)
    answer = theirs.answer(shown, TEXTS)
    ids = family.tokenizer(files).encode(TEXTS)
    for tower, exact in (("image", answer.image_embeds), ("text", answer.text_embeds)):
        for way in runtime.image_ways() if tower == "image" else runtime.text_ways():
            if way.precision == "int8":
                continue  # calibrated on the user's own photos; measured there
            try:
                if tower == "image":
                    ours = runtime.open_image(family.image_plan(files), way)(shown)
                else:
                    engine = runtime.open_text(family.text_plan(files), way)
                    ours = np.concatenate([engine(np.array([row], np.int64)) for row in ids])
            except EngineFailed as error:
                yield {"class": family.class_name, "tower": tower, "way": way.name,
                       "reason": str(error)}  # fmt: skip
                continue
            yield row(family.class_name, tower, way.name, unit(ours), exact.numpy(),
                      same_ids(name, theirs, ids))  # fmt: skip


def row(
    kind: str, tower: str, way: str, ours: NDArray[Any], exact: NDArray[Any], ids: bool
) -> dict[str, object]:
    return {"class": kind, "tower": tower, "way": way, "ids_equal": ids,
            "cosine": centred_cosine(exact, ours),
            "difference": float(np.abs(exact - ours).max())}  # fmt: skip


def same_ids(name: str, theirs: Theirs, ids: list[list[int]]) -> bool:
    """Whether transformers' tokenizer gives these ids, up to the token that is used."""
    found = theirs.words(TEXTS)
    for given, mask, mine in zip(found["input_ids"].tolist(), found["attention_mask"].tolist(), ids,
                                 strict=True):  # fmt: skip
        wanted = given if name == "siglip" else given[: sum(mask)]
        if mine != wanted[: len(mine)] or (name != "clip" and len(mine) != len(wanted)):
            return False
    return True


def detector_rows(name: str, files: ModelFiles, theirs: Theirs) -> Iterator[dict[str, object]]:
    """What patches look like to each of our ways, and the boxes they draw."""
    shown, queries = pictures(files.spec.crop, 2), TEXTS[:3]
    answer = theirs.answer(shown, queries * 2)
    exact = answer.pred_boxes.numpy().reshape(-1, 4)
    looks = unit(answer.class_embeds.numpy()).reshape(-1, files.space.dim)
    kind, dim = FAMILIES[name].class_name, files.space.dim
    for way in runtime.image_ways():
        if way.precision == "int8":
            continue
        try:
            engine = runtime.open_image(FAMILIES[name].image_plan(files), way)
        except EngineFailed as error:
            yield {"class": kind, "tower": "boxes", "way": way.name, "reason": str(error)}
            continue
        columns = engine(shown).reshape(len(exact), -1)
        engine.close()
        yield row(kind, "looks", way.name, unit(columns[:, :dim]), looks, True)
        yield row(kind, "boxes", way.name, columns[:, dim + 2 : dim + 6], exact, True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--full-size", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    names = [name for name in FAMILIES if not (options.full_size and name == "owlv2")]
    found: list[dict[str, object]] = []
    if not options.json:
        print(f"{'class':26} {'tower':6} {'way':14} {'ids':5} {'cosine':>10} {'difference':>11}")
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            write_family(name, Path(folder), sizes=FULL[name] if options.full_size else TINY)
            for entry in rows(name, Path(folder)):
                found.append(entry)
                if not options.json:
                    print(line(entry), flush=True)
    if options.json:
        print(json.dumps(found))


def line(entry: dict[str, Any]) -> str:
    start = f"{entry['class']:26} {entry['tower']:6} {entry['way']:14} "
    if "reason" in entry:
        return start + entry["reason"]
    ids = "equal" if entry["ids_equal"] else "OTHER"
    return f"{start}{ids:5} {entry['cosine']:10.7f} {entry['difference']:11.2e}"


if __name__ == "__main__":
    main()
