"""Held-out scenes through the door: words find their picture, labels name single things."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from journey import update

from engine import Library
from engine.types import Band

CHECKOUT = Path(__file__).resolve().parents[3]
SEED = 77_001  # no training or tuning saw it


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    """200 scenes as `draw.py` writes them, with what is in them."""
    folder = tmp_path_factory.mktemp("scenes")
    subprocess.run(
        [sys.executable, "resources/demo/draw.py", str(folder), "--seed", str(SEED),
         "--count", "200"], cwd=CHECKOUT, check=True, capture_output=True,
    )  # fmt: skip
    return folder, json.loads((folder / "captions.json").read_text(encoding="utf-8"))


def test_words_find_their_picture_and_labels_name_it(
    open_library: Callable[[], Library], scenes: tuple[Path, list[dict[str, Any]]]
):
    folder, told = scenes
    library = open_library()
    library.add_root(folder)
    _, report = update(library)
    assert report.embedded == 200
    assert len({entry["caption"] for entry in told}) == 200
    first = 0
    for entry in told:
        hits = library.search(entry["caption"], limit=1).hits
        (photo,) = library.photos([hits[0].photo_id])
        first += photo.name == entry["file"]
        assert hits[0].band is Band.MATCH
    assert first / len(told) >= 0.8

    words = sorted({box["label"] for entry in told for box in entry["boxes"]})
    assert len(words) == 16
    single = [entry for entry in told if len(entry["boxes"]) == 1]
    assert len(single) >= 40
    right = 0
    for entry in single:
        scores = library.classify(folder / entry["file"], words)
        assert sum(score.probability for score in scores) == pytest.approx(1, abs=1e-4)
        right += scores[0].label == entry["boxes"][0]["label"]
    assert right / len(single) >= 0.9


@pytest.mark.parametrize("transposed", ["couch", "cat"])
def test_a_part_of_a_picture_finds_that_thing(
    open_library: Callable[[], Library],
    scenes: tuple[Path, list[dict[str, Any]]],
    transposed: str,
):
    from engine.types import Box

    folder, told = scenes
    library = open_library()
    library.add_root(folder)
    update(library)
    entry = next(
        e for e in told
        if len(e["boxes"]) > 1 and any(b["label"] == transposed for b in e["boxes"])
    )  # fmt: skip
    box = next(b["box"] for b in entry["boxes"] if b["label"] == transposed)
    hits = library.similar(folder / entry["file"], Box(*box), limit=5).hits
    by_file = {e["file"]: {b["label"] for b in e["boxes"]} for e in told}
    names = [photo.name for photo in library.photos([hit.photo_id for hit in hits])]
    assert sum(transposed in by_file[name] for name in names) >= 3
