"""The drawn scenes: the same for the same seed, told apart by their captions, well boxed."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from PIL import Image

SIZE = (320, 240)


@pytest.fixture(scope="module")
def run(draw: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Any]]:
    out = tmp_path_factory.mktemp("scenes")
    draw.draw_run(out, 41, 60, SIZE)
    return out, json.loads((out / "captions.json").read_text("utf-8"))


def test_same_seed_writes_same_bytes(
    draw: ModuleType, run: tuple[Path, list[Any]], tmp_path: Path
) -> None:
    out, entries = run
    # Fewer scenes: a scene hangs on its seed and number only, not on how many follow.
    again = draw.draw_run(tmp_path, 41, 20, SIZE)
    assert again == entries[:20]
    for entry in again:
        assert (tmp_path / entry["file"]).read_bytes() == (out / entry["file"]).read_bytes()


def test_other_seed_draws_other_scenes(draw: ModuleType) -> None:
    one = [caption for _, caption in islice(draw.plan_scenes(1), 50)]
    other = [caption for _, caption in islice(draw.plan_scenes(2), 50)]
    assert len(set(one) & set(other)) < 10


def test_captions_and_contents_are_distinct(draw: ModuleType) -> None:
    planned = list(islice(draw.plan_scenes(7), 1000))
    assert len({caption for _, caption in planned}) == 1000
    assert len({scene.signature for scene, _ in planned}) == 1000


def test_a_third_show_a_single_thing(draw: ModuleType) -> None:
    planned = list(islice(draw.plan_scenes(7), 600))
    single = sum(sum(item.count for item in scene.items) == 1 for scene, _ in planned)
    assert 0.25 < single / 600 < 0.45


def test_boxes_lie_inside_and_match_the_contents(run: tuple[Path, list[Any]]) -> None:
    out, entries = run
    for entry in entries:
        with Image.open(out / entry["file"]) as opened:
            assert opened.size == SIZE
        told = sorted(o["label"] for o in entry["objects"] for _ in range(o["count"]))
        assert sorted(box["label"] for box in entry["boxes"]) == told
        for box in entry["boxes"]:
            left, top, right, bottom = box["box"]
            assert 0 <= left < right <= SIZE[0]
            assert 0 <= top < bottom <= SIZE[1]
            assert (right - left) * (bottom - top) > 150


def test_boxes_are_tight_about_what_is_drawn(draw: ModuleType) -> None:
    checked = 0
    for index, (scene, _) in enumerate(islice(draw.plan_scenes(11), 80)):
        if sum(item.count for item in scene.items) != 1:
            continue
        drawn = draw.render(scene, SIZE, draw.Random(f"tight:{index}"), with_mask=True)
        covered = drawn.mask.getbbox()
        ((_, box),) = drawn.boxes
        assert covered is not None
        # Whiskers and the like are too thin for the mask; the box has them.
        spare = 4 + 0.1 * (box[2] - box[0])
        assert all(abs(a - b) <= spare for a, b in zip(box, covered, strict=True)), (scene, box)
        checked += 1
    assert checked > 15


@pytest.mark.parametrize("size", [(640, 480), (480, 640), (96, 96)])
def test_every_thing_draws_at_every_size(draw: ModuleType, size: tuple[int, int]) -> None:
    for label in draw.LABELS:
        scene = draw.Scene("meadow", False, (draw.Item(label, draw.ITS_COLOURS[label][0]),))
        drawn = draw.render(scene, size, draw.Random(label))
        assert drawn.image.size == size
        assert [name for name, _ in drawn.boxes] == [label]
