"""The sample library: what lies there is what photos.json says."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

LARGEST = 12_000_000


@pytest.fixture(scope="module")
def photos(demo_path: Path) -> Path:
    return demo_path / "photos"


@pytest.fixture(scope="module")
def truth(demo_path: Path) -> list[dict[str, Any]]:
    return json.loads((demo_path / "photos.json").read_text("utf-8"))


def test_every_photo_is_told_of_and_the_other_way_round(
    photos: Path, truth: list[dict[str, Any]]
) -> None:
    lying = {path.relative_to(photos).as_posix() for path in photos.rglob("*") if path.is_file()}
    assert lying == {entry["file"] for entry in truth}
    assert len(truth) >= 140
    assert len({Path(name).parent for name in lying}) >= 5
    assert {Path(name).suffix for name in lying} >= {".jpg", ".png", ".webp"}
    assert sum((photos / name).stat().st_size for name in lying) <= LARGEST


def test_turned_photos_look_upright(photos: Path, truth: list[dict[str, Any]]) -> None:
    turned = [entry for entry in truth if entry["orientation"] != 1]
    assert {entry["orientation"] for entry in turned} == {2, 3, 4, 5, 6, 7, 8}
    for entry in turned:
        with Image.open(photos / entry["file"]) as opened:
            assert opened.getexif()[0x0112] == entry["orientation"]
            stored = opened.size
            seen = ImageOps.exif_transpose(opened).convert("L")
        size = (entry["width"], entry["height"])
        assert seen.size == size
        assert stored == (size if entry["orientation"] < 5 else size[::-1])
        looks = [
            np.asarray(one.resize((6, 6), Image.Resampling.BOX), np.float32).ravel()
            for one in (seen, *(seen.transpose(way) for way in Image.Transpose))
        ]
        off = [float(np.abs(look - entry["look"]).mean()) for look in looks]
        assert off[0] < 2, entry["file"]
        assert off[0] < min(off[1:]), entry["file"]


def test_copies_are_equal_and_edits_are_not(photos: Path, truth: list[dict[str, Any]]) -> None:
    def digest(name: str) -> str:
        return hashlib.sha256((photos / name).read_bytes()).hexdigest()

    changed = [entry for entry in truth if entry["of"]]
    roles = {entry["role"] for entry in changed}
    assert roles == {"copy", "crop", "brightness", "resized", "re-encoded"}
    for entry in changed:
        same = digest(entry["file"]) == digest(entry["of"])
        assert same == (entry["role"] == "copy")


def test_bursts_are_a_second_apart(truth: list[dict[str, Any]]) -> None:
    bursts: dict[str, list[str]] = {}
    for entry in truth:
        if entry["burst"] and entry["role"] == "photo":
            bursts.setdefault(entry["burst"], []).append(entry["taken"])
    assert len(bursts) >= 4
    for stamps in bursts.values():
        seconds = sorted(int(stamp[-2:]) for stamp in stamps)
        assert 3 <= len(stamps) <= 4
        assert len(set(stamps)) == len(stamps)
        assert seconds[-1] - seconds[0] in (len(stamps) - 1, *range(56, 60))


@pytest.mark.parametrize(
    "words", [("two", "cats", "couch"), ("red dress",), ("dog", "beach", "night")]
)
def test_wished_scenes_are_there(truth: list[dict[str, Any]], words: tuple[str, ...]) -> None:
    assert any(all(word in entry["caption"] for word in words) for entry in truth)


def test_boxes_lie_inside(truth: list[dict[str, Any]]) -> None:
    for entry in truth:
        assert entry["boxes"]
        for box in entry["boxes"]:
            left, top, right, bottom = box["box"]
            assert 0 <= left < right <= entry["width"]
            assert 0 <= top < bottom <= entry["height"]
