"""The tutorials' figures with the real weights, where both are on this computer.

Nothing is downloaded here: `main.py models download openai/clip-vit-base-patch32` brings the one
model, `google/owlvit-base-patch32` the other. The photo lies in ../shared/data.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import numpy as np
import pytest

from engine.errors import ModelMissing
from engine.files.decode import DecodeRequest, DecoderPool
from engine.vision import known_figures
from engine.vision.models import ModelFiles, ModelStore

PHOTO = Path(__file__).resolve().parents[2].parent / "shared/data/photos/coco/000000039769.png"


@pytest.fixture(scope="module")
def decoders() -> Generator[DecoderPool]:
    pool = DecoderPool(1)
    yield pool
    pool.close()


def _installed(model_id: str) -> ModelFiles:
    if not PHOTO.is_file():
        pytest.skip("the photo of two cats is not beside this checkout")
    try:
        return ModelStore().resolve(model_id, None)
    except ModelMissing:
        pytest.skip(f"the weights of {model_id} are not on this computer")


@pytest.mark.parametrize("model_id", [known_figures.CLASSIC, known_figures.DETECTOR])
def test_the_real_model_says_what_the_tutorials_say(model_id: str, decoders: DecoderPool):
    files = _installed(model_id)
    request = DecodeRequest(PHOTO, files.spec, thumbnail=False)
    pixels = decoders.submit(request).result().pixels
    assert pixels is not None
    checks = known_figures.compare(files, pixels)
    assert all(check.passed for check in checks), checks


def test_the_comparison_itself():
    """Without any weights: figures that are right pass, others do not."""
    cosines = np.array(list(known_figures.COSINES.values()), np.float32)
    image = np.eye(6, dtype=np.float32)[0]
    right = np.zeros((5, 6), np.float32)
    right[:, 0] = cosines
    prompts = {"a {}": right + 0.1, "{}": right}
    check = known_figures.cosine_check(image, prompts)
    assert check.passed
    assert 'with "{}"' in check.detail
    assert not known_figures.cosine_check(image, {"{}": right + 0.01}).passed
    shares = np.array(list(known_figures.SHARES.values()), np.float32)
    assert known_figures.share_check(shares).passed
    assert not known_figures.share_check(shares[::-1]).passed


def test_the_comparison_of_boxes():
    labels = ["cat", "remote", "couch"]
    logits = np.full((len(known_figures.BOXES), 3), -9.0, np.float32)
    boxes = np.zeros((len(logits), 4), np.float32)
    for place, known in enumerate(known_figures.BOXES):
        left, top, right, bottom = known.corners
        centre = (left + right) / 2 / 640, (top + bottom) / 2 / 480
        boxes[place] = *centre, (right - left) / 640, (bottom - top) / 480
        logits[place, labels.index(known.label)] = np.log(known.score / (1 - known.score))
    assert all(check.passed for check in known_figures.box_checks(labels, logits, boxes))
    boxes[1, 0] += 0.02
    failed = [c for c in known_figures.box_checks(labels, logits, boxes) if not c.passed]
    assert [check.name for check in failed] == ["known box of a remote"]
