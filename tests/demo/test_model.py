"""The demo model: loads with plain transformers, is small, and finds what captions tell."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import CLIPModel, CLIPProcessor

LARGEST = 8_000_000
RECALL, ACCURACY = 0.8, 0.9


@pytest.fixture(scope="module")
def folder(demo_path: Path) -> Path:
    return demo_path / "model"


@pytest.fixture(scope="module")
def embedder(evaluate: ModuleType, folder: Path) -> Any:
    return evaluate.Embedder(folder)


def test_folder_is_small(folder: Path) -> None:
    assert sum(path.stat().st_size for path in folder.iterdir()) <= LARGEST


def test_loads_whole_and_finite(folder: Path) -> None:
    loaded: Any = CLIPModel.from_pretrained(folder, output_loading_info=True)
    model, told = loaded
    assert not told["missing_keys"]
    assert not told["unexpected_keys"]
    assert not told["mismatched_keys"]
    assert all(bool(torch.isfinite(p).all()) for p in model.parameters())
    assert {p.dtype for p in model.parameters()} == {torch.float32}


def test_padding_changes_no_vector(folder: Path, embedder: Any) -> None:
    processor: Any = CLIPProcessor.from_pretrained(folder)
    short = "a cat"
    ids: Any = processor(text=[short], padding="max_length", return_tensors="pt")
    assert ids["input_ids"].shape[1] == 77
    with torch.no_grad():
        said = embedder.model.get_text_features(**ids)
    row = getattr(said, "pooler_output", said)[0].numpy()
    row = row / np.linalg.norm(row)
    alone = embedder.texts([short])[0]
    beside = embedder.texts([short, "two black cats on a red couch in a room"])[0]
    np.testing.assert_allclose(alone, row, atol=1e-5)
    np.testing.assert_allclose(alone, beside, atol=1e-5)


@pytest.mark.parametrize(
    "text", ["", "xylophone zebra", "élan 猫 😀", "t-shirt, 2 cats!", "a " * 300]
)
def test_any_words_give_a_unit_vector(embedder: Any, text: str) -> None:
    row = embedder.texts([text])[0]
    assert np.isfinite(row).all()
    assert abs(float(np.linalg.norm(row)) - 1) < 1e-4


def test_captions_find_their_pictures(evaluate: ModuleType, embedder: Any) -> None:
    recall, wrong = evaluate.retrieval(embedder, 7001, 200)
    assert recall >= RECALL, wrong


def test_words_name_single_things(evaluate: ModuleType, embedder: Any) -> None:
    accuracy, mixed = evaluate.classification(embedder, 7001, 10)
    assert accuracy >= ACCURACY, mixed


@pytest.fixture(scope="module")
def library(embedder: Any, demo_path: Path) -> tuple[list[dict[str, Any]], Any]:
    """The upright photos of the sample library, and their vectors."""
    truth: list[dict[str, Any]] = json.loads((demo_path / "photos.json").read_text("utf-8"))
    truth = [entry for entry in truth if entry["role"] == "photo" and entry["orientation"] == 1]
    pictures: list[Image.Image] = []
    for entry in truth:
        with Image.open(demo_path / "photos" / entry["file"]) as opened:
            pictures.append(opened.convert("RGB"))
    return truth, embedder.images(pictures)


@pytest.mark.parametrize(
    ("query", "label", "colour", "count"),
    [
        ("two cats on a couch", "cat", None, 2),
        ("a red dress", "dress", "red", 1),
        ("a photo of a truck", "truck", None, None),
        ("three pink flowers", "flower", "pink", 3),
    ],
)
def test_queries_find_photos_of_the_sample_library(
    embedder: Any,
    library: tuple[list[dict[str, Any]], Any],
    query: str,
    label: str,
    colour: str | None,
    count: int | None,
) -> None:
    truth, images = library
    scores = images @ embedder.texts([query])[0]
    shown = truth[int(scores.argmax())]["objects"]
    assert any(
        thing["label"] == label
        and colour in (None, thing["colour"])
        and count in (None, thing["count"])
        for thing in shown
    ), shown
