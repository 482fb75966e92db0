"""Classifying through the door against transformers' own forward pass, for each family."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tiny_families import SIDE, Theirs, write_family

from engine import Library
from engine.vision import runtime

LABELS = ["cat", "dog", "truck", "a couch"]
TEMPLATES = {"clip": "a photo of a {}", "chinese_clip": "一张{}的照片",
             "siglip": "This is a photo of {}."}  # fmt: skip


@pytest.mark.parametrize("name", TEMPLATES)
def test_probabilities_are_those_of_transformers(
    name: str,
    open_library: Callable[[], Library],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    """In fp32; with the family's own template where the user names none."""
    ways = [way for way in runtime.image_ways() if way.precision == "fp32"]
    words = [way for way in runtime.text_ways() if way.precision == "fp32"]
    monkeypatch.setattr(runtime, "image_ways", lambda: ways)
    monkeypatch.setattr(runtime, "text_ways", lambda: words)
    folder = tmp_path / name
    write_family(name, folder)
    pixels = np.random.default_rng(4).integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(tmp_path / "photo.png")
    library = open_library()
    library.use_model(str(folder))
    theirs = Theirs(name, folder)

    def expected(template: str) -> Any:
        found = theirs.answer([pixels], [template.replace("{}", label) for label in LABELS])
        logits = found.logits_per_image[0]
        return (logits.sigmoid() if name == "siglip" else logits.softmax(0)).numpy()

    for asked, template in (("", TEMPLATES[name]), ("a drawing of {}", "a drawing of {}")):
        scores = library.classify(tmp_path / "photo.png", LABELS, asked)
        assert [s.probability for s in scores] == sorted(s.probability for s in scores)[::-1]
        by_label = {score.label: score.probability for score in scores}
        ours = np.array([by_label[label] for label in LABELS])
        assert np.abs(ours - expected(template)).max() < 1e-4
    assert np.ptp(expected("{}")) > 1e-3  # and not because all is alike
