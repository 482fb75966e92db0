"""How fast categories are scored, and what learning from answers brings.

Speed: 100,000 made-up photos of 512 numbers in a real catalog, 50 categories: the first look, a
changed prompt, 10,000 photos tagged by hand, the misfiled audit.

Learning: somebody answers the photos that the review page asks for, 10, 20 and 50 of them; told
is how well the category then sorts photos that were never asked: accuracy and F1 at its cut, and
the mean precision over all cuts (AP), which no cut can flatter. Means over categories and seeds.

- Drawn scenes: fresh ones, their truth from the generator, the demo's model; categories that its
  words say well and some that they do not ("holiday" for beach, mountains and desert).
- Real photos: those of ../shared/data with their labels. The demo's model knows nothing of real
  photos, its words say nothing and its vectors little: what is learned there is the answers' own
  merit, and a model that knows the world starts far higher.

    python bench/tagging.py              both; minutes
    python bench/tagging.py --quick      fewer photos, one seed
    python bench/tagging.py --json       one JSON object on stdout
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "resources" / "demo"))

from engine.catalog import Catalog
from engine.embedding_index import EmbeddingIndex
from engine.jobs import drain
from engine.learning import Floats, Learned, learn
from engine.switching import InUse
from engine.tag_types import Stage
from engine.tagging import Tagging
from engine.tagging.prompts import contrast_texts, ensemble, texts_for
from engine.tagging.review import most_informative
from engine.tagging.scoring import library_cut, merged, two_way
from engine.types import EmbeddingSpace, FileSeen, PhotoContent
from engine.vision.clip import ClipModel, open_clip
from engine.vision.models import DEMO_MODEL_ID, ModelStore

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
ANSWERS = (0, 10, 20, 50)
FIGURES = ("accuracy", "f1", "ap")
Truth = dict[str, tuple[str, NDArray[np.bool_]]]


# ---- learning ------------------------------------------------------------------------------------


@dataclass
class Shelf:
    """Photos with vectors and, per category, the prompt and which photos belong."""

    vectors: NDArray[np.float32]
    truth: Truth


def drawn_scenes(model: ClipModel, count: int) -> Shelf:
    """Scenes that no training saw, seen by the demo's model."""
    from itertools import islice

    import draw  # pyright: ignore[reportMissingImports]
    from PIL import Image

    scenes: list[Any] = [scene for scene, _ in islice(draw.plan_scenes(777), count)]
    crop = model.spec.crop
    pixels = np.empty((count, crop, crop, 3), np.uint8)
    for n, scene in enumerate(scenes):
        picture = draw.draw_scene(777, n, scene, (4 * crop, 3 * crop)).image.convert("RGB")
        small = picture.resize((crop * 4 // 3, crop), Image.Resampling.BICUBIC)
        left = (small.width - crop) // 2
        pixels[n] = np.asarray(small.crop((left, 0, left + crop, crop)))

    def which(fits: Callable[[Any], bool]) -> NDArray[np.bool_]:
        return np.array([fits(scene) for scene in scenes])

    def showing(*labels: str) -> NDArray[np.bool_]:
        return which(lambda scene: any(item.label in labels for item in scene.items))

    truth: Truth = {
        "cat": ("cat", showing("cat")),
        "dog": ("dog", showing("dog")),
        "remote control": ("remote control", showing("remote control")),
        "animal": ("animal", showing("cat", "dog", "bird")),
        "vehicle": ("vehicle", showing("car", "truck", "boat")),
        "something red": (
            "something red",
            which(lambda scene: any(item.colour == "red" for item in scene.items)),
        ),
        "two of a kind": (
            "two of a kind",
            which(lambda scene: any(item.count == 2 for item in scene.items)),
        ),
        "holiday": (
            "holiday",
            which(lambda scene: scene.place in ("beach", "mountains", "desert")),
        ),
    }
    return Shelf(_embedded(model, pixels), truth)


_ANIMALS = re.compile(
    "cat|dog|bird|horse|elephant|bear|zebra|giraffe|cow|sheep|leopards|ant|beaver|butterfly|crab"
    "|crayfish|crocodile|dolphin|dragonfly|emu|flamingo|hedgehog|ibis|kangaroo|llama|lobster"
    "|okapi|octopus|panda|pigeon|platypus|rhino|rooster|scorpion|wild_cat|starfish|dalmatian"
    "|animal|cougar_body|cougar_face"
)
_VEHICLES = re.compile(
    "car|truck|bus|motorcycle|bicycle|boat|airplanes?|train|car_side|motorbikes|ferry|ketch"
    "|helicopter|schooner"
)


def real_photos(model: ClipModel) -> Shelf | None:
    """The labelled photos beside the checkout; None where they are not."""
    if not SHARED.is_dir():
        return None
    from PIL import Image, ImageOps

    crop = model.spec.crop
    pixels: list[NDArray[np.uint8]] = []
    labels: list[set[str]] = []
    for entry in json.loads((SHARED / "manifest.json").read_text(encoding="utf-8")):
        if not entry["file"].startswith("photos/") or not entry.get("labels"):
            continue
        with Image.open(SHARED / entry["file"]) as opened:
            upright = ImageOps.exif_transpose(opened).convert("RGB")
        pixels.append(np.asarray(ImageOps.fit(upright, (crop, crop), Image.Resampling.BICUBIC)))
        labels.append(set(entry["labels"]))

    wanted = {
        "clothes": re.compile("clothes"),
        "dress": re.compile("dress"),
        "fruit": re.compile("fruit"),
        "vegetables": re.compile("vegetable"),
        "person": re.compile("person"),
        "animal": _ANIMALS,
        "vehicle": _VEHICLES,
    }
    truth: Truth = {
        name: (name, np.array([any(map(words.fullmatch, found)) for found in labels]))
        for name, words in wanted.items()
    }
    return Shelf(_embedded(model, np.stack(pixels)), truth)


def _embedded(model: ClipModel, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    return np.concatenate(
        [model.image.embed(pixels[n : n + 256]) for n in range(0, len(pixels), 256)]
    )


def learning(model: ClipModel, shelf: Shelf, seeds: int) -> dict[str, Any]:
    """The table of one shelf: per number of answers the means, and each category's."""
    contrast = merged(
        np.float32(model.logit_scale) * (shelf.vectors @ model.text.embed(contrast_texts(())).T)
    )
    rows: dict[str, list[list[dict[str, float]]]] = {}
    for name, (prompt, truth) in shelf.truth.items():
        point = ensemble(model.text.embed, texts_for(prompt))
        logits = model.logit_scale * (shelf.vectors @ point).astype(np.float64)
        odds = two_way(logits, contrast)
        rows[name] = [_answer(shelf.vectors, odds, truth, seed) for seed in range(seeds)]

    def means(names: Sequence[str]) -> dict[str, dict[str, float]]:
        runs = [run for name in names for run in rows[name]]
        return {
            str(asked): {f: round(float(np.mean([run[n][f] for run in runs])), 3) for f in FIGURES}
            for n, asked in enumerate(ANSWERS)
        }

    every = [run for runs in rows.values() for run in runs]
    changes = [run[n]["ap"] - run[0]["ap"] for run in every for n in (1, 2, 3)]
    return {
        "photos": len(shelf.vectors),
        "categories": len(rows),
        "seeds": seeds,
        "answers": means([*rows]),
        "worst_change_of_ap": round(min(changes), 3),
        "each": {name: means([name]) for name in rows},
    }


def _answer(
    vectors: NDArray[np.float32], odds: Floats, truth: NDArray[np.bool_], seed: int
) -> list[dict[str, float]]:
    """Figures on photos that were never asked, after each number of answers to the others."""
    order = np.random.default_rng(seed).permutation(len(vectors))
    asked, held_out = order[: len(order) // 2], order[len(order) // 2 :]
    cut = library_cut(odds[asked])
    learned = Learned(Stage.PROMPT, 1.0, -cut)
    said: list[int] = []
    figures: list[dict[str, float]] = []
    for count in ANSWERS:
        while len(said) < count:
            free = np.setdiff1d(asked, said)
            chances = learned.chances(learned.scores(odds[free], vectors[free]))
            said += [int(free[n]) for n in most_informative(chances, vectors[free], 10)]
            rest = np.setdiff1d(asked, said)
            others = np.random.default_rng(seed).permutation(rest)[:400]
            learned = learn(
                odds[said], vectors[said], truth[said], cut, (odds[others], vectors[others])
            )
        scores = learned.scores(odds[held_out], vectors[held_out])
        figures.append(_figures(scores, scores >= learned.cut, truth[held_out]))
    return figures


def _figures(scores: Floats, said: NDArray[np.bool_], truth: NDArray[np.bool_]) -> dict[str, float]:
    ranked = truth[np.argsort(-scores, kind="stable")]
    precision = np.cumsum(ranked) / np.arange(1, len(ranked) + 1)
    right = int((said & truth).sum())
    return {
        "accuracy": float((said == truth).mean()),
        "f1": 2 * right / max(1, int(said.sum() + truth.sum())),
        "ap": float(precision[ranked].mean()) if ranked.any() else 0.0,
    }


# ---- speed ---------------------------------------------------------------------------------------


class _Words:
    """Texts to points by chance, so that only the scoring is timed."""

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        rows = np.stack(
            [np.random.default_rng(abs(hash(t)) % 2**32).standard_normal(512) for t in texts]
        ).astype(np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


class _Made:
    """Stands for a model of 512 numbers."""

    text = _Words()
    template = "a photo of a {}"
    logit_scale = 100.0


def speed(photos: int) -> dict[str, float]:
    """Seconds for a library of so many photos and 50 categories."""
    with tempfile.TemporaryDirectory() as folder:
        catalog = Catalog.open(Path(folder) / "catalog.db")
        space = EmbeddingSpace("made up", "", "", "", 512)
        _fill(catalog, space, photos)
        index = EmbeddingIndex(catalog, space, Path(folder))
        in_use: Any = InUse(_Made(), index)  # pyright: ignore[reportArgumentType]
        tagging = Tagging(catalog, lambda: in_use, Path(folder))
        group = tagging.add_set("Set")
        race = tagging.add_set("Exclusive", exclusive=True)
        with catalog.write():
            made = [tagging.add_category(f"thing {n}", set_id=group.id) for n in range(50)]
            for n in range(50):
                tagging.add_category(f"other {n}", set_id=race.id)
        found: dict[str, float] = {"photos": photos, "categories": 50}
        found["read the vectors"] = _timed(lambda: tagging.scores(made[0].id, []))
        found["score 50 categories"] = _timed(lambda: tagging.assign([c.name for c in made]))
        found["score 50 exclusive categories"] = _timed(
            lambda: tagging.assign([c.name for c in tagging.categories(race.id)])
        )
        found["states of 50 categories"] = _timed(lambda: tagging.states(group.id))
        changed = made[0].__class__(made[0].id, group.id, "thing 0", ("another phrase here",))
        found["one changed prompt"] = _timed(lambda: tagging.preview(changed, []))
        found["a page of suggestions"] = _timed(lambda: tagging.suggestions(made[1].id))
        found["estimate"] = _timed(lambda: tagging.estimate(made[1].id))
        ids = catalog.photos.ids()[:10_000]
        found["tag 10,000 photos"] = _timed(lambda: tagging.tag(ids, "By hand"))
        found["misfiled"] = _timed(lambda: drain(tagging.misfiled()))
        tagging.close()
        catalog.close()
    return {name: round(value, 3) for name, value in found.items()}


def _fill(catalog: Catalog, space: EmbeddingSpace, photos: int) -> None:
    chance = np.random.default_rng(0)
    centres = chance.standard_normal((200, 512), dtype=np.float32)
    root = catalog.roots.add(Path("/photos"))
    space_id = catalog.embeddings.space_id(space)
    for start in range(0, photos, 10_000):
        rows = min(10_000, photos - start)
        files = [
            FileSeen(f"{n % 200}/{start + n}.jpg".encode(), 1, 1_000_000_000, 1, start + n + 1)
            for n in range(rows)
        ]
        wide = centres[np.arange(rows) % 200]
        wide += np.float32(1.5) * chance.standard_normal((rows, 512), dtype=np.float32)
        with catalog.write():
            ids = catalog.photos.add(root.id, files)
            for photo_id, file in zip(ids, files, strict=True):
                content = PhotoContent(photo_id.to_bytes(32, "big"), 4, 3, "JPEG")
                catalog.photos.set_content(photo_id, content, 1, file.mtime_ns, 1, file.ino, 1)
            catalog.embeddings.put(space_id, ids, wide)


def _timed(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def main() -> None:
    """Reads the command line and prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", choices=("speed", "learning"))
    options = parser.parse_args()
    seeds = 1 if options.quick else 5
    found: dict[str, Any] = {}
    if options.only != "learning":
        found["speed"] = speed(10_000 if options.quick else 100_000)
    if options.only != "speed":
        model = open_clip(ModelStore().resolve(DEMO_MODEL_ID))
        found["drawn scenes"] = learning(
            model, drawn_scenes(model, 600 if options.quick else 3_000), seeds
        )
        shelf = real_photos(model)
        found["real photos"] = learning(model, shelf, seeds) if shelf else "not beside the checkout"
    if options.json:
        print(json.dumps(found))
        return
    for name, value in found.items():
        print(f"\n{name}")
        if isinstance(value, str) or "answers" not in value:
            print(f"  {value}")
            continue
        print(f"  {value['photos']} photos, {value['seeds']} seeds; accuracy, F1, AP after answers")
        for category, rows in {"mean": value["answers"], **value["each"]}.items():
            cells = [f"{n}: " + " ".join(f"{r[f]:.3f}" for f in FIGURES) for n, r in rows.items()]
            print(f"    {category:16} " + "   ".join(cells))
        print(f"  AP changed by {value['worst_change_of_ap']:+.3f} at worst")


if __name__ == "__main__":
    main()
