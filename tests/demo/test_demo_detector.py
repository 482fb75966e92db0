"""The demo's detector: loads as OWL-ViT does, is small, and boxes what drawn scenes show."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from transformers import OwlViTForObjectDetection

from engine.types import ModelSlot
from engine.vision.models import ModelStore

LARGEST = 10_000_000
PRECISION = 0.6
SEED, SCENES = 7302, 10


@pytest.fixture(scope="module")
def detector_folder(demo_path: Path) -> Path:
    return demo_path / "detector"


@pytest.fixture(scope="module")
def detector(evaluate_detector: ModuleType, detector_folder: Path) -> Any:
    return evaluate_detector.Detector(detector_folder)


def test_the_detector_is_small(detector_folder: Path) -> None:
    assert sum(path.stat().st_size for path in detector_folder.iterdir()) <= LARGEST


def test_the_detector_loads_whole_and_finite(detector_folder: Path) -> None:
    loaded: Any = OwlViTForObjectDetection.from_pretrained(
        detector_folder, output_loading_info=True
    )
    model, told = loaded
    assert not told["missing_keys"]
    assert not told["unexpected_keys"]
    assert not told["mismatched_keys"]
    assert all(bool(torch.isfinite(p).all()) for p in model.parameters())


def test_the_engine_takes_it_for_a_detector(detector_folder: Path) -> None:
    files = ModelStore().resolve(str(detector_folder), ModelSlot.DETECT)
    assert files.family == "owlvit"
    assert files.spec.crop == 160
    assert not files.spec.keep_aspect


def test_boxes_meet_the_things(evaluate_detector: ModuleType, detector: Any) -> None:
    pictures, truth = evaluate_detector.held_out(SEED, SCENES)
    texts = [evaluate_detector.TEMPLATE.format(label) for label in evaluate_detector.LABELS]
    found = detector.find(pictures, texts)
    assert evaluate_detector.mean_precision(found, truth, len(texts)) >= PRECISION
