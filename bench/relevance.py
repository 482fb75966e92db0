"""How honest the cut is: what a search calls matches, against what the photos really show.

Asks the demo library every query of resources/demo/queries.json and judges the matches by
photos.json: precision, recall, and for what is not there, whether the search says so. Half of what
is not there are things in colours, numbers or places that they do not have here; the others are
things that no photo shows.

    python bench/relevance.py                  the demo library; 15 s
    python bench/relevance.py --drawn 31001    also scenes that are drawn anew, 300 of them, and
                                               made-up pairs of words: 40 that are there, 40 not
    python bench/relevance.py --photos DIR     also photos of the world, with a manifest.json:
                                               the demo model knows none of what they show
    python bench/relevance.py --json           one JSON object on stdout
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

CHECKOUT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(CHECKOUT))

if TYPE_CHECKING:
    from engine import Library

DEMO = CHECKOUT / "resources" / "demo"
_PLACES = {
    "snow": "in the snow", "beach": "on the beach", "mountains": "in the mountains",
    "desert": "in the desert", "room": "in the living room", "street": "on the street",
    "meadow": "in a meadow",
}  # fmt: skip
_PAIRS = 40
STRICTNESS = (-1.0, -0.5, 0.0, 0.5, 1.0)


@dataclass(frozen=True, slots=True)
class Judged:
    """One query: how many photos are right, were called matches, and are both."""

    query: str
    known: bool  # whether the demo has words for it
    right: int
    matches: int
    both: int
    note: str

    @property
    def precision(self) -> float:
        return self.both / self.matches if self.matches else 0.0

    @property
    def recall(self) -> float:
        return self.both / self.right if self.right else 0.0


def queries() -> list[dict[str, Any]]:
    return json.loads((DEMO / "queries.json").read_text(encoding="utf-8"))


def pairs(told: Sequence[Mapping[str, Any]], seed: int) -> list[dict[str, Any]]:
    """Things in a colour, a place, a number or beside another: some that are there, some not."""
    labels = sorted({thing["label"] for photo in told for thing in photo["objects"]})
    colours = sorted({thing["colour"] for photo in told for thing in photo["objects"]})
    made: list[dict[str, Any]] = []
    for label in labels:
        one = {"labels": [label]}
        made += [
            {"query": f"{_an(colour)} {label}", "objects": [{**one, "colour": colour}]}
            for colour in colours
        ]
        made += [
            {"query": f"{_an(label)} {where}", "objects": [one], "background": place}
            for place, where in _PLACES.items()
        ]
        made.append({"query": f"{_an(label)} at night", "objects": [one], "night": True})
        many = f"{label}es" if label.endswith("ss") else f"{label}s"
        made += [
            {"query": f"{word} {many}", "objects": [{**one, "count": n}]}
            for n, word in ((2, "two"), (3, "three"))
        ]
        made += [
            {"query": f"{_an(label)} and {_an(other)}", "objects": [one, {"labels": [other]}]}
            for other in labels
            if other != label
        ]
    random.Random(seed).shuffle(made)
    there = [asked for asked in made if any(shows(asked, photo) for photo in told)]
    absent = [asked for asked in made if not any(shows(asked, photo) for photo in told)]
    return there[:_PAIRS] + absent[:_PAIRS]


def _an(words: str) -> str:
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def shows(asked: Mapping[str, Any], photo: Mapping[str, Any]) -> bool:
    """Whether a photo is what somebody who types the query looks for."""
    if not asked.get("known", True):
        return False
    if any(asked[fact] != photo[fact] for fact in ("background", "night") if fact in asked):
        return False
    return all(
        any(
            there["label"] in thing.get("labels", [there["label"]])
            and all(thing[k] == there[k] for k in ("colour", "count") if k in thing)
            for there in photo["objects"]
        )
        for thing in asked.get("objects", [])
    )


def judge(
    library: Library,
    folder: Path,
    told: Sequence[Mapping[str, Any]],
    strictness: float = 0.0,
    asking: Sequence[Mapping[str, Any]] | None = None,
) -> list[Judged]:
    """Ask every query of a library of one folder, whose photos were told of."""
    from engine.types import Band

    found: list[Judged] = []
    for asked in queries() if asking is None else asking:
        right = {entry["file"] for entry in told if shows(asked, entry)}
        answer = library.search(asked["query"], strictness=strictness)
        ids = [hit.photo_id for hit in answer.hits if hit.band is Band.MATCH]
        names = {str(photo.path.relative_to(folder)) for photo in library.photos(ids)}
        found.append(
            Judged(asked["query"], asked.get("known", True), len(right), len(names),
                   len(right & names), answer.note)
        )  # fmt: skip
    return found


def summary(judged: Sequence[Judged]) -> dict[str, float]:
    """Averages over queries; `quiet`: the share of what is not there that is said to be so."""
    there = [one for one in judged if one.right]
    absent = [one for one in judged if not one.right]

    def mean(values: Iterator[float]) -> float:
        every = [*values]
        return round(sum(every) / len(every), 3) if every else 0.0

    return {
        "queries": len(there),
        "precision": mean(one.precision for one in there),
        "recall": mean(one.recall for one in there),
        "found nothing": sum(not one.matches for one in there),
        "absent": len(absent),
        "quiet": mean(float(not one.matches) for one in absent),
        "quiet, known words": mean(float(not one.matches) for one in absent if one.known),
        "quiet, other words": mean(float(not one.matches) for one in absent if not one.known),
    }


def filled(folder: Path, photos: Path) -> Library:
    from engine import Library
    from engine.jobs import drain

    library = Library.open(folder)
    library.add_root(photos)
    drain(library.reconcile())
    drain(library.index())
    return library


def world(library: Library, photos: Path) -> dict[str, float]:
    """Photos of the world by their labels, asked of a model that has never seen the world."""
    from engine.types import Band

    labels: dict[str, set[str]] = {}
    for entry in json.loads((photos / "manifest.json").read_text(encoding="utf-8")):
        for label in entry.get("labels", []):
            labels.setdefault(label, set()).add(entry["file"])
    asked = {label: names for label, names in labels.items() if len(names) >= 2}
    said, right, given = 0, 0, 0
    for label, names in asked.items():
        hits = [h for h in library.search(f"a {label}").hits if h.band is Band.MATCH]
        shown = library.photos([hit.photo_id for hit in hits])
        said += not hits
        given += len(hits)
        right += sum(str(photo.path.relative_to(photos)) in names for photo in shown)
    return {
        "queries": len(asked),
        "quiet": round(said / max(len(asked), 1), 3),
        "matches": given,
        "precision": round(right / max(given, 1), 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--json", action="store_true", help="one JSON object on stdout")
    parser.add_argument("--drawn", type=int, nargs="*", default=[], help="seeds of more scenes")
    parser.add_argument("--photos", type=Path, help="photos of the world, with manifest.json")
    parser.add_argument("--verbose", action="store_true", help="each query")
    options = parser.parse_args()
    result: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="photosift-bench-") as temporary:
        place = Path(temporary)
        os.environ.update(XDG_DATA_HOME=str(place / "home"), HF_HUB_OFFLINE="1")
        told = json.loads((DEMO / "photos.json").read_text(encoding="utf-8"))
        with filled(place / "demo", DEMO / "photos") as library:
            for strictness in STRICTNESS:
                judged = judge(library, DEMO / "photos", told, strictness)
                result[f"demo, strictness {strictness:+.1f}"] = summary(judged)
                if options.verbose and not strictness:
                    result["each"] = [asdict(one) for one in judged]
            made = judge(library, DEMO / "photos", told, asking=pairs(told, 0))
            result["  pairs, demo"] = summary(made)
        for seed in options.drawn:
            scenes = place / f"scenes-{seed}"
            subprocess.run(
                [sys.executable, str(DEMO / "draw.py"), str(scenes), "--seed", str(seed),
                 "--count", "300"], check=True, capture_output=True,
            )  # fmt: skip
            told = json.loads((scenes / "captions.json").read_text(encoding="utf-8"))
            with filled(place / f"library-{seed}", scenes) as library:
                result[f"drawn {seed}"] = summary(judge(library, scenes, told))
                made = pairs(told, seed)
                result[f"  pairs {seed}"] = summary(judge(library, scenes, told, asking=made))
        if options.photos:
            with filled(place / "world", options.photos / "photos") as library:
                result["world"] = world(library, options.photos)
    if options.json:
        print(json.dumps(result, indent=2))
        return
    for name, figures in result.items():
        if name == "each":
            for one in figures:
                print(*one.values(), sep="\t")
        else:
            print(f"{name:<24}" + "  ".join(f"{key} {value}" for key, value in figures.items()))


if __name__ == "__main__":
    main()
