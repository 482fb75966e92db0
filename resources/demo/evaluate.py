"""Measures the demo model on freshly drawn scenes that no training run has seen."""

from __future__ import annotations

import argparse
import tempfile
from itertools import islice
from pathlib import Path
from random import Random

import draw
import numpy as np
import torch
from PIL import Image
from scene_places import OUTDOORS
from scene_words import ITS_COLOURS, LABELS, Item, Scene
from transformers import CLIPModel, CLIPProcessor

MODEL_FOLDER = Path(__file__).resolve().parent / "model"
SHORT_QUERIES = (
    "a red dress", "two cats on a couch", "cat", "snow", "a dog on the beach", "something blue",
    "a photo of a truck", "night", "puppy", "sofa", "three birds", "a black dog at night",
    "indoors", "a yellow flower", "remote control", "animals", "lorry", "a cup in the living room",
)  # fmt: skip


class Embedder:
    """The model folder as an application loads it: pictures and words to unit vectors."""

    def __init__(self, folder: Path) -> None:
        self.model = CLIPModel.from_pretrained(folder).eval()
        self.processor = CLIPProcessor.from_pretrained(folder)

    @torch.no_grad()
    def images(self, pictures: list[Image.Image]) -> np.ndarray:
        """One unit row per picture."""
        rows = []
        for start in range(0, len(pictures), 64):
            batch = pictures[start : start + 64]
            pixels = self.processor(images=batch, return_tensors="pt")["pixel_values"]
            seen = self.model.vision_model(pixel_values=pixels).pooler_output
            rows.append(self.model.visual_projection(seen))
        return torch.nn.functional.normalize(torch.cat(rows), dim=-1).numpy()

    @torch.no_grad()
    def texts(self, words: list[str]) -> np.ndarray:
        """One unit row per text."""
        coded = self.processor(text=words, padding=True, truncation=True, return_tensors="pt")
        said = self.model.text_model(
            input_ids=coded["input_ids"], attention_mask=coded["attention_mask"]
        ).pooler_output
        rows = self.model.text_projection(said)
        return torch.nn.functional.normalize(rows, dim=-1).numpy()


def retrieval(
    embedder: Embedder, seed: int, count: int = 200, size: tuple[int, int] | None = None
) -> tuple[float, list[tuple[str, str]]]:
    """Recall at 1 from captions to pictures, over written JPEG files; and what went wrong."""
    with tempfile.TemporaryDirectory() as folder:
        entries = draw.draw_run(Path(folder), seed, count, size)
        captions = [str(entry["caption"]) for entry in entries]
        pictures = []
        for entry in entries:
            with Image.open(Path(folder) / str(entry["file"])) as opened:
                pictures.append(opened.convert("RGB"))
        found = (embedder.texts(captions) @ embedder.images(pictures).T).argmax(1)
    wrong = [(captions[i], captions[j]) for i, j in enumerate(found.tolist()) if i != j]
    return float((found == np.arange(count)).mean()), wrong


def single_scenes(seed: int, each: int) -> tuple[list[Image.Image], list[str]]:
    """Pictures of one object each, every label equally often."""
    pictures, labels = [], []
    for label in LABELS:
        for i in range(each):
            rng = Random(f"single:{seed}:{label}:{i}")
            night = label != "sun" and rng.random() < 0.2
            place = rng.choice(OUTDOORS if night or label == "sun" else (*OUTDOORS, "room"))
            scene = Scene(place, night, (Item(label, rng.choice(ITS_COLOURS[label])),))
            pictures.append(draw.render(scene, rng.choice(draw.SIZES), rng).image)
            labels.append(label)
    return pictures, labels


def classification(
    embedder: Embedder, seed: int, each: int = 15
) -> tuple[float, dict[tuple[str, str], int]]:
    """Zero-shot accuracy among the 16 words with the usual template; and the confusions."""
    pictures, labels = single_scenes(seed, each)
    words = embedder.texts([f"a photo of a {label}" for label in LABELS])
    said = [LABELS[i] for i in (embedder.images(pictures) @ words.T).argmax(1)]
    mixed: dict[tuple[str, str], int] = {}
    for label, answer in zip(labels, said, strict=True):
        if label != answer:
            mixed[(label, answer)] = mixed.get((label, answer), 0) + 1
    right = sum(a == b for a, b in zip(labels, said, strict=True))
    return right / len(labels), mixed


def _holds(query: str, scene: Scene) -> bool:
    """Whether a picture of the scene is what somebody who typed the query looks for."""
    items = scene.items

    def has(label: str, colour: str | None = None, count: int | None = None) -> bool:
        return any(
            i.label == label and colour in (None, i.colour) and count in (None, i.count)
            for i in items
        )

    truths = {
        "a red dress": has("dress", "red"),
        "two cats on a couch": scene.seat and has("cat", count=2),
        "cat": has("cat"),
        "snow": scene.place == "snow",
        "a dog on the beach": has("dog") and scene.place == "beach",
        "something blue": any(i.colour == "blue" for i in items),
        "a photo of a truck": has("truck"),
        "night": scene.night,
        "puppy": has("dog"),
        "sofa": has("couch"),
        "three birds": has("bird", count=3),
        "a black dog at night": has("dog", "black") and scene.night,
        "indoors": scene.place == "room",
        "a yellow flower": has("flower", "yellow"),
        "remote control": has("remote control"),
        "animals": has("cat") or has("dog") or has("bird"),
        "lorry": has("truck"),
        "a cup in the living room": has("cup") and scene.place == "room",
    }
    return truths[query]


def short_queries(
    embedder: Embedder, seed: int, count: int = 1500, top: int = 10
) -> dict[str, tuple[float, int]]:
    """Precision among the first `top` (or as many as are true), and how many are true."""
    scenes = [scene for scene, _ in islice(draw.plan_scenes(seed), count)]
    pictures = [draw.draw_scene(seed, i, s, (320, 240)).image for i, s in enumerate(scenes)]
    images = embedder.images(pictures)
    answer = {}
    for query in SHORT_QUERIES:
        true = np.array([_holds(query, scene) for scene in scenes])
        order = np.argsort(-(images @ embedder.texts([query])[0]))
        k = min(top, int(true.sum()))
        answer[query] = (float(true[order[:k]].mean()) if k else 0.0, int(true.sum()))
    return answer


def main() -> None:
    """Reads the command line and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=MODEL_FOLDER)
    parser.add_argument("--seeds", type=int, nargs="+", default=[9001, 9002, 9003])
    parser.add_argument("--verbose", action="store_true", help="also print what went wrong")
    parser.add_argument("--quick", action="store_true", help="leave out sizes and short queries")
    options = parser.parse_args()
    embedder = Embedder(options.model)
    for seed in options.seeds:
        recall, wrong = retrieval(embedder, seed)
        right, mixed = classification(embedder, seed)
        print(f"seed {seed}: R@1 of 200 {recall:.3f}, 16 words {right:.3f}", flush=True)
        if options.verbose:
            print(*(f"  {asked!r} gave {got!r}" for asked, got in wrong), sep="\n")
            print(" ", mixed)
    if options.quick:
        return
    for size in ((640, 480), (480, 640), (320, 240), (960, 640)):
        recall, _ = retrieval(embedder, options.seeds[0] + 100, 200, size)
        print(f"size {size[0]}x{size[1]}: R@1 of 200 {recall:.3f}", flush=True)
    for query, (precision, true) in short_queries(embedder, options.seeds[0] + 200).items():
        print(f"{query!r}: precision at 10 {precision:.2f} ({true} true of 1500)")


if __name__ == "__main__":
    main()
