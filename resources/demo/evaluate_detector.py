"""Measures the demo's detector on freshly drawn scenes that no training run has seen."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import draw
import numpy as np
import torch
from detector_score import Found, Truth, at_threshold, average_precision, mean_precision, suppress
from detector_texts import forms
from PIL import Image
from scene_pen import COLOURS
from scene_words import LABELS
from transformers import OwlViTForObjectDetection, OwlViTProcessor

MODEL_FOLDER = Path(__file__).resolve().parent / "detector"
TEMPLATE = "a photo of a {}"
LEAST, MOST = 0.01, 40
# None of these words is in a training text.
UNKNOWN = ("pizza", "aeroplane", "squirrel", "refrigerator", "penguin", "trumpet", "volcano",
           "submarine", "strawberry", "necklace")  # fmt: skip


class Detector:
    """The model folder as transformers loads it: pictures and texts to boxes."""

    def __init__(self, folder: Path) -> None:
        self.model = OwlViTForObjectDetection.from_pretrained(folder).eval()
        self.processor = OwlViTProcessor.from_pretrained(folder)

    @torch.no_grad()
    def find(self, pictures: Sequence[Image.Image], texts: list[str]) -> list[Found]:
        """Boxes that score over `LEAST`; texts do not compete with each other."""
        coded = self.processor(text=texts, return_tensors="pt")
        words = self.model.owlvit.get_text_features(**coded)
        words = getattr(words, "pooler_output", words)[None]
        found: list[Found] = []
        for picture in pictures:
            given = self.processor(images=picture, return_tensors="pt")
            grid, _ = self.model.image_embedder(given["pixel_values"])
            logits, _ = self.model.class_predictor(grid.flatten(1, 2), words)
            edges = self.model.box_predictor(grid.flatten(1, 2), grid)[0].numpy()
            scores = logits[0].sigmoid().numpy()
            middle, size = np.split(edges, 2, axis=1)
            corners = np.concatenate([middle - size / 2, middle + size / 2], axis=1).clip(0, 1)
            corners *= np.array([*picture.size, *picture.size], np.float32)
            # Of each text the best places are enough: no scene shows a third as many things.
            least = np.maximum(np.sort(scores, axis=0)[-MOST], LEAST)
            patches, labels = np.nonzero(scores >= least)
            found.append(suppress(Found(corners[patches], scores[patches, labels], labels)))
        return found


def held_out(seed: int, count: int) -> tuple[list[Image.Image], list[Truth]]:
    """Drawn scenes, once written as JPEG, and what is in them."""
    pictures, truth = [], []
    for index, (scene, _) in enumerate(islice(draw.plan_scenes(seed), count)):
        drawn = draw.draw_scene(seed, index, scene)
        buffer = io.BytesIO()
        drawn.image.save(buffer, "JPEG", quality=88)
        pictures.append(Image.open(buffer).convert("RGB"))
        boxes = np.array([box for _, box in drawn.boxes], np.float32).reshape(-1, 4)
        labels = np.array([LABELS.index(label) for label, _ in drawn.boxes])
        truth.append(
            Truth(boxes, labels, np.array([list(COLOURS).index(c) for c in drawn.colours]))
        )
    return pictures, truth


def coco_precision(
    found: Sequence[Found], truth: Sequence[Truth], pictures: Sequence[Image.Image]
) -> float | None:
    """mAP@50 as pycocotools computes it; None where that is not installed."""
    try:
        from pycocotools.coco import COCO
        from pycocotools.cocoeval import COCOeval
    except ImportError:
        return None

    def rows() -> Iterator[dict[str, object]]:
        for image, real in enumerate(truth):
            for (left, top, right, bottom), label in zip(real.boxes, real.labels, strict=True):
                wide, high = float(right - left), float(bottom - top)
                box = [float(left), float(top), wide, high]
                yield {
                    "image_id": image,
                    "category_id": int(label),
                    "iscrowd": 0,
                    "bbox": box,
                    "area": wide * high,
                }

    seen = np.array([
        [image, left, top, right - left, bottom - top, score, label]
        for image, said in enumerate(found)
        for (left, top, right, bottom), score, label in zip(
            said.boxes, said.scores, said.labels, strict=True
        )
    ])  # fmt: skip
    real = COCO()
    real.dataset = {
        "info": {},
        "images": [{"id": i, "width": p.width, "height": p.height} for i, p in enumerate(pictures)],
        "categories": [{"id": i, "name": label} for i, label in enumerate(LABELS)],
        "annotations": [{"id": i, **row} for i, row in enumerate(rows(), start=1)],
    }
    with contextlib.redirect_stdout(io.StringIO()):
        real.createIndex()
        judge = COCOeval(real, real.loadRes(seen), "bbox")
        judge.evaluate()
        judge.accumulate()
    values = judge.eval["precision"][0, :, :, 0, 2]  # IoU .5, all sizes, 100 boxes a picture
    return float(values[values > -1].mean())


def best_threshold(found: Sequence[Found], truth: Sequence[Truth]) -> tuple[float, float]:
    """The threshold with the best balance of recall and precision (F1), and that balance."""
    tried = []
    for at in np.arange(0.05, 0.95, 0.05).tolist():
        recall, precision = at_threshold(found, truth, len(LABELS), at)
        tried.append((2 * recall * precision / max(recall + precision, 1e-9), round(at, 2)))
    balance, at = max(tried)
    return at, balance


def coloured(
    detector: Detector, pictures: Sequence[Image.Image], truth: Sequence[Truth], threshold: float
) -> tuple[float, float, float]:
    """mAP@50, recall and precision when "red dress" must not find the blue one."""
    pairs = sorted(
        {(int(a), int(b)) for t in truth for a, b in zip(t.labels, t.colours, strict=True)}
    )
    colours = list(COLOURS)
    texts = [TEMPLATE.format(f"{colours[colour]} {LABELS[label]}") for label, colour in pairs]
    of_pairs = [
        Truth(t.boxes, np.array([pairs.index((int(a), int(b)))
                                 for a, b in zip(t.labels, t.colours, strict=True)]), t.colours)
        for t in truth
    ]  # fmt: skip
    found = detector.find(pictures, texts)
    return (
        mean_precision(found, of_pairs, len(pairs)),
        *at_threshold(found, of_pairs, len(pairs), threshold),
    )


def wordings(
    detector: Detector, pictures: Sequence[Image.Image], truth: Sequence[Truth]
) -> dict[str, float]:
    """mAP@50 by the form of the question; the last is over every other name of each thing."""
    names = ("cat", "a cat", "a photo of a cat", "cats", "two cats")
    answer: dict[str, float] = {}
    for number, name in enumerate(names):
        found = detector.find(pictures, [forms(label)[number] for label in LABELS])
        answer[name] = mean_precision(found, truth, len(LABELS))
    others = [(i, name) for i, label in enumerate(LABELS) for name in forms(label)[len(names) :]]
    found = detector.find(pictures, [name for _, name in others])
    values: list[float] = []
    for row, (label, _) in enumerate(others):
        mine = [
            Found(f.boxes[f.labels == row], f.scores[f.labels == row], np.full(
                int((f.labels == row).sum()), label))
            for f in found
        ]  # fmt: skip
        value = average_precision(mine, truth, len(LABELS))[label]
        values += [] if value is None else [value]
    answer["kitty, lorry, sofa, ..."] = sum(values) / len(values)
    return answer


def false_alarms(
    detector: Detector, pictures: Sequence[Image.Image], threshold: float
) -> dict[str, float]:
    """For each word it never learned, the part of the pictures in which it finds it anyway."""
    found = detector.find(pictures, [TEMPLATE.format(word) for word in UNKNOWN])
    return {
        word: float(np.mean([bool(((f.labels == i) & (f.scores >= threshold)).any())
                             for f in found]))
        for i, word in enumerate(UNKNOWN)
    }  # fmt: skip


def measure(
    folder: Path, seed: int, count: int, threshold: float, quick: bool
) -> dict[str, object]:
    """All figures of one run of held-out scenes, ready for JSON."""
    detector = Detector(folder)
    pictures, truth = held_out(seed, count)
    found = detector.find(pictures, [TEMPLATE.format(label) for label in LABELS])
    each = average_precision(found, truth, len(LABELS))
    recall, precision = at_threshold(found, truth, len(LABELS), threshold)
    at, balance = best_threshold(found, truth)
    figures: dict[str, object] = {
        "seed": seed,
        "scenes": count,
        "things": sum(len(t.labels) for t in truth),
        "mAP@50": mean_precision(found, truth, len(LABELS)),
        "mAP@50 by pycocotools": coco_precision(found, truth, pictures),
        "AP@50": dict(zip(LABELS, each, strict=True)),
        "threshold": threshold,
        "recall": recall,
        "precision": precision,
        "best threshold": at,
        "F1 there": balance,
    }
    if quick:
        return figures
    value, recall, precision = coloured(detector, pictures, truth, threshold)
    figures["with colours"] = {"mAP@50": value, "recall": recall, "precision": precision}
    figures["by wording"] = wordings(detector, pictures, truth)
    figures["false alarms"] = false_alarms(detector, pictures, threshold)
    return figures


def _print(figures: dict[str, object], indent: str = "") -> None:
    for name, value in figures.items():
        if isinstance(value, dict):
            print(f"{indent}{name}:")
            _print(value, indent + "  ")
        else:
            print(f"{indent}{name}: {f'{value:.3f}' if isinstance(value, float) else value}")


def main() -> None:
    """Reads the command line and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=MODEL_FOLDER)
    parser.add_argument("--seed", type=int, default=9301)
    parser.add_argument("--count", type=int, default=100, help="scenes to draw")
    parser.add_argument("--threshold", type=float, default=0.5)
    parser.add_argument("--quick", action="store_true", help="leave out colours and wordings")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    figures = measure(options.model, options.seed, options.count, options.threshold, options.quick)
    if options.json:
        print(json.dumps(figures, indent=1))
    else:
        _print(figures)


if __name__ == "__main__":
    main()
