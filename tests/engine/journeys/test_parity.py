"""Our vectors of real JPEGs against transformers' own, at the real size of ViT-B/32."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from journey import update
from PIL import Image
from tiny_clip import write_checkpoint, write_tiny_tokenizer

from engine import Library
from engine.types import Scope


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    folder = tmp_path / "random-b32"
    folder.mkdir()
    write_checkpoint(folder, write_tiny_tokenizer(folder), text={"num_hidden_layers": 1})
    return folder


@pytest.fixture
def jpegs(tmp_path: Path, shared_data: Path) -> Path:
    """Twenty photos of 500 to 640 px, and three of 12 megapixels grown from them with grain."""
    folder = tmp_path / "jpegs"
    folder.mkdir()
    found = sorted((shared_data / "photos" / "coco").glob("*.jpg"))[:20]
    for path in found:
        shutil.copyfile(path, folder / path.name)
    rng = np.random.default_rng(0)
    for path in found[:3]:
        large = Image.open(path).convert("RGB").resize((4000, 3000), Image.Resampling.BICUBIC)
        grain = rng.normal(0, 6, (3000, 4000, 1)).astype(np.float32)
        pixels = np.clip(np.asarray(large, np.float32) + grain, 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"large_{path.name}", quality=90, subsampling="4:2:0")
    return folder


def test_vectors_of_real_jpegs_agree_with_transformers(
    open_library: Callable[[], Library], checkpoint: Path, jpegs: Path
):
    import torch
    from transformers import CLIPImageProcessorPil, CLIPModel

    library = open_library()
    library.use_model(str(checkpoint))
    library.add_root(jpegs)
    _, report = update(library)
    assert report.embedded == 23
    vectors = library._models.vectors()  # pyright: ignore[reportPrivateUsage]
    assert vectors is not None
    photos = library.photos(library.photo_ids(Scope()))
    ids, held = library._catalog.embeddings.load_all(  # pyright: ignore[reportPrivateUsage]
        vectors.space_id
    )
    by_id = dict(zip(ids.tolist(), held, strict=True))
    ours = np.stack([by_id[photo.id] for photo in photos])

    model: Any = CLIPModel.from_pretrained(checkpoint).eval()
    processor: Any = CLIPImageProcessorPil.from_pretrained(checkpoint)
    theirs: list[Any] = []
    with torch.inference_mode():
        for photo in photos:
            inputs = processor(images=Image.open(photo.path).convert("RGB"), return_tensors="pt")
            told = model.get_image_features(**inputs)
            theirs.append(getattr(told, "pooler_output", told)[0].numpy())
    reference = np.stack(theirs)
    reference /= np.linalg.norm(reference, axis=1, keepdims=True)

    cosines = (ours * reference).sum(1)
    assert cosines.mean() >= 0.99
    middle = reference.mean(0)  # random weights put all photos close together: judge what is left
    a, b = ours - middle, reference - middle
    centred = (a * b).sum(1) / (np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1))
    print(f"\nreal JPEGs: cosine {cosines.mean():.5f}, centred {centred.mean():.5f} "  # noqa: T201
          f"(lowest {centred.min():.5f})")  # fmt: skip
    assert centred.mean() >= 0.99
