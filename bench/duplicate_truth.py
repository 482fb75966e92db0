"""How many copies are found, and how many that are none are called copies: with known truth.

From the real photos of ../shared/data a set is made: every original with some of the edits below,
real bursts (two shots of one thing, each edited, too) and look-alikes that must stay apart. All
of it is indexed and searched as a user would, with the demo's model. Pairs are judged: two photos
of one group, identical or same picture, that come from one original are right, all others wrong.

Compared in the same run, on the same files: imagehash's pHash and imagededup's PHash with their
usual limits of differing bits (pip install imagehash imagededup; without them they are left out).

    python bench/duplicate_truth.py              2,000 pictures and more; ten minutes
    python bench/duplicate_truth.py --originals 40
    python bench/duplicate_truth.py --json       one JSON object on stdout
"""

from __future__ import annotations

import argparse
import importlib
import io
import itertools
import json
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageOps

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from engine import Library
from engine.duplicate_types import DuplicateClass
from engine.jobs import drain
from engine.vision.models import DEMO_MODEL_ID

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
PER_ORIGINAL = 6
BURST_EDITS = ("q60", "resize 50", "crop 15")
EASY = {
    "copy", "metadata", "q30", "q60", "q90", "resize 25", "resize 50", "resize 75", "resize 150",
    "crop 5", "crop 10", "crop 15", "crop 25", "rotate 90", "rotate 180", "mirror", "brighter",
    "darker", "watermark", "png", "webp",
}  # fmt: skip
Picture = Image.Image
Pairs = set[tuple[str, str]]


# ---- the set -------------------------------------------------------------------------------------


def jpeg(quality: int) -> Callable[[Picture, Path], Path]:
    def save(image: Picture, path: Path) -> Path:
        image.save(path.with_suffix(".jpg"), quality=quality)
        return path.with_suffix(".jpg")

    return save


def saved(image: Picture, path: Path, suffix: str = ".jpg", **how: Any) -> Path:
    target = path.with_suffix(suffix)
    image.save(target, **({"quality": 92} if suffix == ".jpg" else {}), **how)
    return target


def resized(percent: int) -> Callable[[Picture], Picture]:
    def edit(image: Picture) -> Picture:
        size = (max(8, image.width * percent // 100), max(8, image.height * percent // 100))
        return image.resize(size, Image.Resampling.LANCZOS)

    return edit


def cropped(percent: int, chance: np.random.Generator) -> Callable[[Picture], Picture]:
    """Cut so many percent of the area away, somewhere."""

    def edit(image: Picture) -> Picture:
        side = (1 - percent / 100) ** 0.5
        width, height = int(image.width * side), int(image.height * side)
        left = int(chance.integers(0, image.width - width + 1))
        top = int(chance.integers(0, image.height - height + 1))
        return image.crop((left, top, left + width, top + height))

    return edit


def exposed(stops: float) -> Callable[[Picture], Picture]:
    """Brighter or darker in linear light, as a raw converter does it."""
    linear = (np.arange(256) / 255) ** 2.2 * 2**stops
    table = np.clip(linear, 0, 1) ** (1 / 2.2) * 255
    return lambda image: image.point(list(np.round(table).astype(int)) * 3)


def watermarked(image: Picture) -> Picture:
    copy = image.copy()
    size = max(10, image.width // 14)
    draw = ImageDraw.Draw(copy)
    draw.text((image.width * 0.2, image.height * 0.55), "© Photos 2024", "white", font_size=size)
    return copy


def edits(chance: np.random.Generator) -> dict[str, Callable[[Picture, Path], Path]]:
    """Every edit by its name: how it is made and saved."""
    plain: dict[str, Callable[[Picture], Picture]] = {
        **{f"resize {percent}": resized(percent) for percent in (25, 50, 75, 150)},
        **{f"crop {percent}": cropped(percent, chance) for percent in (5, 10, 15, 25, 40)},
        "rotate 90": lambda image: image.transpose(Image.Transpose.ROTATE_90),
        "rotate 180": lambda image: image.transpose(Image.Transpose.ROTATE_180),
        "mirror": ImageOps.mirror,
        "brighter": exposed(1),
        "darker": exposed(-1),
        "watermark": watermarked,
    }
    made = {name: _plain(edit) for name, edit in plain.items()}
    for quality in (30, 60, 90):
        made[f"q{quality}"] = jpeg(quality)
    made["png"] = lambda image, path: saved(image, path, ".png")
    made["webp"] = lambda image, path: saved(image, path, ".webp", quality=80)
    return made


def _plain(edit: Callable[[Picture], Picture]) -> Callable[[Picture, Path], Path]:
    return lambda image, path: saved(edit(image), path)


def with_metadata(original: Path, target: Path) -> Path:
    """The same pixels with other metadata: a comment is put into the JPEG."""
    data = original.read_bytes()
    note = b"seen"
    target = target.with_suffix(".jpg")
    target.write_bytes(data[:2] + b"\xff\xfe" + (len(note) + 2).to_bytes(2) + note + data[2:])
    return target


def make_set(folder: Path, count: int) -> dict[str, tuple[str, str]]:
    """Write all pictures; by name: the original that each comes from, and the edit."""
    chance = np.random.default_rng(7)
    every = edits(chance)
    names = [*every, "copy", "metadata"]
    truth: dict[str, tuple[str, str]] = {}
    for number, source in enumerate(_sources(count)):
        name = f"{number:04d}"
        image = ImageOps.exif_transpose(Image.open(source)).convert("RGB")
        original = saved(image, folder / name)
        truth[original.name] = (name, "original")
        # Each edit in turn, so that all are as frequent.
        for step in range(PER_ORIGINAL):
            edit = names[(number * PER_ORIGINAL + step) % len(names)]
            path = folder / f"{name} {edit}"
            if edit == "copy":
                made = Path(shutil.copy(original, path.with_suffix(".jpg")))
            elif edit == "metadata":
                made = with_metadata(original, path)
            else:
                made = every[edit](image, path)
            truth[made.name] = (name, edit)
    for kind in ("burst", "lookalike"):
        for source in sorted((SHARED / "near_dup" / kind).glob("*.jpg")):
            name = f"{kind} {source.stem}"
            image = Image.open(source).convert("RGB")
            truth[saved(image, folder / name).name] = (name, "original")
            for edit in BURST_EDITS:
                made = every[edit](image, folder / f"{name} {edit}")
                truth[made.name] = (name, f"{kind}: {edit}")
    return truth


def _sources(count: int) -> Iterator[Path]:
    """Photos of different things; one of those that are there twice."""
    seen: set[bytes] = set()
    found = 0
    for path in sorted((SHARED / "photos").rglob("*")):
        if path.suffix.lower() not in (".jpg", ".jpeg", ".png") or found == count:
            continue
        with Image.open(path) as image:
            small = image.convert("L").resize((12, 12)).tobytes()
            if min(image.size) < 100 or small in seen:
                continue
        seen.add(small)
        found += 1
        yield path


# ---- who answers ---------------------------------------------------------------------------------


def ours(folder: Path, data: Path) -> tuple[Pairs, Pairs, dict[str, float]]:
    """Pairs that are identical or the same picture, those of similar shots, and times."""
    with Library.open(data) as library:
        library.use_model(DEMO_MODEL_ID)
        library.add_root(folder)
        drain(library.reconcile())
        start = time.perf_counter()
        drain(library.index())
        indexed = time.perf_counter() - start
        report = drain(library.duplicates.find())
        groups = library.duplicates.groups()
        again = drain(library.duplicates.find())
    names = [(group.kind, {member.path.name for member in group.members}) for group in groups]
    copies = [held for kind, held in names if kind is DuplicateClass.IDENTICAL]
    same: Pairs = set()
    similar: Pairs = set()
    for kind, held in names:
        # A group shows one of what is identical; all of these belong to it.
        whole = held.union(*(copy for copy in copies if copy & held))
        target = similar if kind is DuplicateClass.SIMILAR else same
        target.update(itertools.combinations(sorted(whole), 2))
    times = {
        "index_s": indexed, "find_s": report.seconds, "again_s": again.seconds,
        "compared": report.compared, "photos": report.photos,
    }  # fmt: skip
    return same, similar, times


def imagehash_pairs(folder: Path, within: int) -> Pairs:
    """Its pHash with the limit that its users take."""
    module: Any = importlib.import_module("imagehash")
    hashes = {path.name: module.phash(Image.open(path)) for path in sorted(folder.iterdir())}
    numbers = {
        name: int(np.packbits(value.hash.ravel()).view(">u8")[0]) for name, value in hashes.items()
    }
    return {
        pair
        for pair in itertools.combinations(sorted(numbers), 2)
        if (numbers[pair[0]] ^ numbers[pair[1]]).bit_count() <= within
    }


def imagededup_pairs(folder: Path, within: int) -> Pairs:
    """Its PHash with its default limit."""
    module: Any = importlib.import_module("imagededup.methods")
    method = module.PHash(verbose=False)
    found: dict[str, list[str]] = method.find_duplicates(
        image_dir=str(folder), max_distance_threshold=within, num_enc_workers=0,
        num_dist_workers=0,
    )  # fmt: skip
    return {(min(a, b), max(a, b)) for a, others in found.items() for b in others}


# ---- the figures ---------------------------------------------------------------------------------


def figures(found: Pairs, truth: dict[str, tuple[str, str]]) -> dict[str, Any]:
    """Precision of all pairs; recall of each edit against its original, and of easy ones."""
    right = sum(truth[a][0] == truth[b][0] for a, b in found)
    originals = {name: path for path, (name, edit) in truth.items() if edit == "original"}
    hit: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for path, (name, edit) in truth.items():
        if edit == "original":
            continue
        total[edit] += 1
        a, b = sorted([path, originals[name]])
        hit[edit] += (a, b) in found
    easy = [edit for edit in total if edit in EASY]
    every = sum(n * (n - 1) // 2 for n in Counter(name for name, _ in truth.values()).values())
    bursts = [pair for pair in found if _one_burst(*pair, truth)]
    alike = [p for p in found if all(truth[x][0].startswith("lookalike") for x in p)]
    return {
        "pairs": len(found),
        "precision": right / len(found) if found else 1.0,
        "recall_to_crop_25": sum(hit[e] for e in easy) / max(1, sum(total[e] for e in easy)),
        "recall_of_all_pairs": right / every,
        "burst_pairs": len(bursts),
        "lookalike_pairs": sum(truth[a][0] != truth[b][0] for a, b in alike),
        "wrong": sorted((truth[a], truth[b]) for a, b in found if truth[a][0] != truth[b][0])[:20],
        "recall": {edit: hit[edit] / total[edit] for edit in sorted(total)},
    }


def _one_burst(a: str, b: str, truth: dict[str, tuple[str, str]]) -> bool:
    one, two = truth[a][0], truth[b][0]
    return one != two and one.startswith("burst") and one[:-1] == two[:-1]


def told(name: str, found: dict[str, Any]) -> Iterator[str]:
    yield (
        f"{name:22} precision {found['precision']:.4f}  recall {found['recall_to_crop_25']:.4f}"
        f" (to crop 25 %)  all pairs {found['recall_of_all_pairs']:.4f}"
        f"  bursts called copies {found['burst_pairs']}  look-alikes {found['lookalike_pairs']}"
    )


def table(results: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Recall by edit, a column for each."""
    by_edit: dict[str, list[str]] = defaultdict(list)
    for found in results.values():
        for edit, recall in found["recall"].items():
            by_edit[edit].append(f"{recall:22.3f}")
    yield f"{'edit':22}" + "".join(f"{name:>22}" for name in results)
    for edit, columns in by_edit.items():
        yield f"{edit:22}" + "".join(columns)


def peers(folder: Path) -> Iterable[tuple[str, Callable[[], Pairs]]]:
    for within in (4, 8):
        yield f"imagehash pHash <= {within}", lambda within=within: imagehash_pairs(folder, within)
    yield "imagededup PHash <= 10", lambda: imagededup_pairs(folder, 10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--originals", type=int, default=260)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if not SHARED.is_dir():
        sys.exit("The real photos (../shared/data) are not here.")
    results: dict[str, dict[str, Any]] = {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "photos"
        folder.mkdir()
        truth = make_set(folder, arguments.originals)
        same, similar, times = ours(folder, Path(temporary) / "library")
        results["Photosift"] = figures(same, truth)
        results["Photosift"]["bursts_shown_as_similar"] = sum(
            _one_burst(*pair, truth) for pair in similar
        )
        for name, ask in peers(folder):
            try:
                results[name] = figures(ask(), truth)
            except ImportError as error:
                print(f"{name}: not installed ({error.name})", file=sys.stderr)
    if arguments.json:
        json.dump({"pictures": len(truth), **times, "results": results}, sys.stdout)
        return
    out = io.StringIO()
    print(f"{len(truth)} pictures, of them {times['photos']:.0f} contents", file=out)
    print({name: round(value, 1) for name, value in times.items()}, file=out)
    for name, found in results.items():
        print(*told(name, found), sep="\n", file=out)
    print(*table(results), sep="\n", file=out)
    print("wrong:", *results["Photosift"]["wrong"], sep="\n  ", file=out)
    print(out.getvalue())


if __name__ == "__main__":
    main()
