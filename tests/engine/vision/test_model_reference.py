"""The reference computes what transformers' own loading and forward pass compute."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from plan_in_numpy import unit
from tiny_clip import random_pixels
from tiny_families import SIDE, Theirs, write_family

from engine.errors import ModelInvalid
from engine.types import ModelSlot
from engine.vision.families import FAMILIES
from engine.vision.models import ModelStore
from engine.vision.reference import ReferenceDetector, ReferenceImageTower, ReferenceTextTower

TEXTS = ["a red dog", "cat", "", "一只猫在沙发上的照片", "word " * 100]


@pytest.mark.parametrize("name", FAMILIES)
def test_the_reference_is_transformers_itself(name: str, tmp_path: Path):
    write_family(name, tmp_path)
    theirs = Theirs(name, tmp_path)
    files = ModelStore(tmp_path / "store").resolve(str(tmp_path), None)
    rows = FAMILIES[name].tokenizer(files).encode(TEXTS)
    pixels = random_pixels(3, SIDE)
    if files.info.slot is ModelSlot.SEARCH:
        answer = theirs.answer(pixels, TEXTS)
        images, texts = ReferenceImageTower(files)(pixels), ReferenceTextTower(files)(rows)
        assert np.abs(unit(images) - answer.image_embeds.numpy()).max() < 1e-5
        assert np.abs(unit(texts) - answer.text_embeds.numpy()).max() < 1e-5
        return
    # the processor repeats the queries for each picture; its own resize is tested elsewhere
    answer = theirs.answer(pixels, TEXTS * 3)
    found = ReferenceDetector(files)(pixels, rows)
    assert found.logits.shape == (3, (SIDE // 8) ** 2, len(TEXTS))
    assert np.abs(found.boxes - answer.pred_boxes.numpy()).max() < 1e-5
    assert np.abs(found.logits - answer.logits.numpy()).max() < 1e-4


@pytest.mark.parametrize("name", FAMILIES)
def test_weights_that_are_no_numbers_are_refused(name: str, tmp_path: Path):
    from safetensors.torch import load_file, save_file

    write_family(name, tmp_path)
    path = tmp_path / "model.safetensors"
    weights = load_file(path)
    key = next(key for key in weights if key.endswith("layers.1.mlp.fc1.weight"))
    weights[key] = weights[key] * float("nan")
    save_file(weights, path, {"format": "pt"})
    files = ModelStore(tmp_path / "store").resolve(str(tmp_path), None)
    tower = ReferenceTextTower if key.startswith("text_model") else ReferenceImageTower
    if files.info.slot is ModelSlot.DETECT:
        tower = ReferenceDetector
    with pytest.raises(ModelInvalid, match="is not finite"):
        tower(files)
