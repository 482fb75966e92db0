"""Copies and other shots of real photos: all edits are known, no burst is ever called a copy."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps

from engine.duplicate_types import Edit
from engine.files.affine import by_way_of
from engine.files.alignment import SIDE, Look
from engine.files.likeness import Hint, compare, turned_round

DATA = Path(__file__).resolve().parents[3].parent / "shared" / "data"
needs_photos = pytest.mark.skipif(
    not (DATA / "near_dup").is_dir(), reason="needs the real photos of ../shared/data"
)


def prepared(image: Image.Image) -> Look:
    size = image.size
    image = image.convert("RGB")
    image.thumbnail((SIDE, SIDE))
    return Look(np.asarray(image), size)


def look(name: str) -> Look:
    return prepared(Image.open(DATA / name))


def groups(*kinds: str) -> list[dict[str, Any]]:
    found = json.loads((DATA / "near_dup" / "groups.json").read_text(encoding="utf-8"))
    return [group for group in found if group["kind"] in kinds]


@needs_photos
def test_no_burst_is_a_copy():
    for group in groups("burst", "lookalike", "hdr_pair"):
        first, second = (look(name) for name in group["files"])
        assert not compare(first, second).same, group["files"]


@needs_photos
def test_a_part_of_a_burst_is_no_part_of_the_other_shot():
    """Nothing of the frame's position helps here: only how exactly the details fit."""
    for group in groups("burst")[:6]:
        one, other = (Image.open(DATA / name) for name in group["files"])
        cut = ImageOps.crop(other, 20)
        assert compare(prepared(other), prepared(cut)).same, group["files"]
        assert not compare(prepared(one), prepared(cut)).same, group["files"]


@needs_photos
def test_every_edit_of_a_real_photo_is_known():
    for group in groups("edits")[3:6]:
        first, *others = group["files"]
        for name in others:
            assert compare(look(first), look(name)).same, name


@needs_photos
def test_where_a_crop_lies_is_told_in_pixels_of_the_larger():
    original = Image.open(DATA / "photos" / "skimage" / "coffee.png").convert("RGB")
    box = (60, 40, 500, 340)
    cut = original.crop(box).resize((220, 150))
    found = compare(prepared(original), prepared(cut))
    assert found.same
    assert {Edit.CROPPED, Edit.RESIZED} <= set(found.edits)
    assert found.part is not None
    assert np.abs(np.array(found.part) - box).max() <= 4
    assert not found.part_in_second
    back = compare(prepared(cut), prepared(original))
    assert back.part_in_second
    assert back.part is not None
    assert np.abs(np.array(back.part) - box).max() <= 4


@needs_photos
def test_turns_and_mirrors_bring_the_second_onto_the_first():
    original = Image.open(DATA / "photos" / "skimage" / "coffee.png").convert("RGB")
    for turns in range(4):
        for mirrored in (False, True):
            # Undo what the proof says: turned back, then mirrored back.
            other = original.rotate(90 * turns, expand=True)
            other = ImageOps.mirror(other) if mirrored else other
            found = compare(prepared(original), prepared(other))
            assert (found.same, found.turns, found.mirrored) == (True, turns, mirrored)
            back = turned_round(found)
            seen = compare(prepared(other), prepared(original))
            assert (seen.turns, seen.mirrored) == (back.turns, back.mirrored)
            assert np.allclose(seen.matrix, back.matrix, atol=0.01)


@needs_photos
def test_two_crops_that_overlap_are_known_by_what_holds_both():
    original = Image.open(DATA / "photos" / "skimage" / "coffee.png").convert("RGB")
    left = prepared(original.crop((0, 0, 420, 400)))
    right = prepared(ImageOps.mirror(original.crop((150, 30, 600, 380))))
    whole = prepared(original)
    assert not compare(left, right).same
    one, two = compare(whole, left), compare(whole, right)
    hint = Hint(*by_way_of(one.matrix, one.mirrored, two.matrix, two.mirrored))
    found = compare(left, right, hint)
    assert (found.same, found.only_by_hint, found.mirrored) == (True, True, True)


def test_pictures_of_nothing_are_never_the_same():
    white, grey = (Image.new("RGB", (400, 300), (n, n, n)) for n in (255, 128))
    assert not compare(prepared(white), prepared(grey)).same
    assert not compare(prepared(white), prepared(white)).same


def test_letters_over_a_plain_picture_are_no_other_picture_whichever_comes_first():
    """Most details of such a picture are the letters; sought from the other side, they are not."""
    chance = np.random.default_rng(3)
    image = Image.linear_gradient("L").resize((512, 384)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for _ in range(9):  # little to see
        x, y = int(chance.integers(20, 480)), int(chance.integers(20, 110))
        draw.rectangle((x, y, x + 16, y + 12), fill=tuple(chance.integers(0, 255, 3).tolist()))
    written = image.copy()
    for line in range(2):
        words = "© Holiday photos 2024"
        ImageDraw.Draw(written).text((30, 180 + 60 * line), words, "white", font_size=40)
    plain, marked = prepared(image), prepared(written)
    for first, second in ((plain, marked), (marked, plain)):
        found = compare(first, second)
        assert found.same
        assert found.part is None
    other = prepared(image.transform(image.size, Image.Transform.AFFINE, (1, 0.02, 3, 0, 1, 4)))
    assert not compare(marked, other).same
    assert not compare(other, marked).same
