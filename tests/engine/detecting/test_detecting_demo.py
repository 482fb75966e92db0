"""Detection with meaning: the embedded detector on the demo's photos, whose boxes are known."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from journey import draw

from engine import Library
from engine.catalog.detection_rows import overlap
from engine.detection_types import Label
from engine.jobs import drain
from engine.types import Box, PhotoId, Scope

CHECKOUT = Path(__file__).resolve().parents[3]
PHOTOS = CHECKOUT / "resources" / "demo" / "photos"
NAMES = ("ball", "bird", "boat", "car", "cat", "couch", "cup", "dog", "dress", "flower", "house",
         "remote control", "shirt", "sun", "tree", "truck")  # fmt: skip
FOLDERS = ("2016 Winter", "2019 Summer")


@pytest.fixture(scope="module")
def truth() -> dict[str, dict[str, Any]]:
    entries = json.loads((PHOTOS.parent / "photos.json").read_text(encoding="utf-8"))
    return {entry["file"]: entry for entry in entries}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Two folders of the demo, looked at for all of its things."""
    if not (PHOTOS.parent / "detector" / "model.safetensors").is_file():
        pytest.skip("the embedded detector is not in this checkout")
    folder = tmp_path_factory.mktemp("demo library")
    (folder / "settings.json").write_text(json.dumps({"model_id": "no/model"}), encoding="utf-8")
    with Library.open(folder) as library:
        for name in FOLDERS:
            library.add_root(PHOTOS / name)
        drain(library.reconcile())
        drain(library.index())
        ids = library.photo_ids(Scope())
        drain(library.detecting.run(ids, [Label(name) for name in NAMES], what="Demo"))
        yield library


def known_boxes(truth: dict[str, dict[str, Any]], path: Path) -> list[tuple[str, Box]]:
    entry = truth[str(path.relative_to(PHOTOS))]
    return [(known["label"], Box(*known["box"])) for known in entry["boxes"]]


def test_the_things_of_the_demo_are_found_where_they_are(
    demo: Library, truth: dict[str, dict[str, Any]]
):
    assert demo.detecting.status().model_id == "photosift/demo-detector"
    photos = demo.photos(demo.photo_ids(Scope()))
    found = demo.detecting.of_photos([photo.id for photo in photos])
    known = there = 0
    for photo in photos:
        for label, box in known_boxes(truth, photo.path):
            known += 1
            there += any(
                seen.label == label and overlap(seen.box, box) >= 0.5 for seen in found[photo.id]
            )
    assert known > 30
    assert there / known > 0.6, f"{there} of {known}"  # its own figures: tests/demo


def test_counts_of_queries_are_mostly_true(demo: Library, truth: dict[str, dict[str, Any]]):
    photos = {photo.id: photo.path for photo in demo.photos(demo.photo_ids(Scope()))}

    def really(photo_id: PhotoId, label: str) -> int:
        return sum(name == label for name, _ in known_boxes(truth, photos[photo_id]))

    having = found = both = 0
    for label in NAMES:
        known = {photo_id for photo_id in photos if really(photo_id, label)}
        hits = {hit.photo_id for hit in demo.search(f'detected:"{label}"').hits}
        having, found, both = having + len(known), found + len(hits), both + len(known & hits)
        assert {hit.photo_id for hit in demo.search(f'count:"{label}">=2').hits} <= hits
        assert {hit.photo_id for hit in demo.search(f'box:"{label}">25%').hits} <= hits
    assert both > 0.6 * having, f"{both} of {having}"
    assert found < 0.2 * len(NAMES) * len(photos)


def test_the_command_finds_them_too(
    truth: dict[str, dict[str, Any]], tmp_path: Path, demo: Library
):
    path = next(
        path
        for name, entry in truth.items()
        if (path := PHOTOS / name).parent.name in FOLDERS
        and [known["label"] for known in entry["boxes"]] == ["car"]
    )
    done = subprocess.run(
        [sys.executable, str(CHECKOUT / "main.py"), "--library", str(tmp_path / "library"),
         "detect", str(path), "--labels", "cat,car", "--json"],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    best = json.loads(done.stdout)[0]
    assert best["label"] == "car"
    assert overlap(Box(*best["box"]), known_boxes(truth, path)[0][1]) > 0.5


def test_two_hundred_photos_take_bounded_memory(
    demo: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("engine.vision.owl_vit.WORTH_TUNING", 1000)  # measured for itself
    root = demo.add_root(draw(tmp_path / "many" / "0.jpg", 1000).parent)
    for seed in range(1, 200):
        draw(root.path / f"{seed}.jpg", 1000 + seed, (160, 120))
    drain(demo.reconcile())
    drain(demo.index())
    ids = demo.photo_ids(Scope(root_id=root.id))
    assert len(ids) == 200
    drain(demo.detecting.run(ids[:8], [Label("cat")], 0.3))  # what is loaded once
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        report = drain(demo.detecting.run(ids, [Label("cat"), Label("car")], 0.3))
        now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    demo.forget_root(root.id)
    assert report.looked == 200
    # All of their pixels and features would be 20 MB. Python's table of names may double: 2 MB.
    assert most - before < 6e6, f"{(most - before) / 1e6:.1f} MB at once"
    assert now - before < 4e6, f"{(now - before) / 1e6:.1f} MB kept"
