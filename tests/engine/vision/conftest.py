"""A tiny random CLIP checkpoint for every test here, with transformers' answers to it."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tiny_clip import TINY, load_reference, write_checkpoint, write_tiny_tokenizer

from engine.vision.clip import ClipModel, open_clip
from engine.vision.models import ModelStore


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole checkpoint; look, do not touch."""
    folder = tmp_path_factory.mktemp("models") / "tiny-clip"
    folder.mkdir()
    write_checkpoint(folder, write_tiny_tokenizer(folder), **TINY)
    return folder


@pytest.fixture
def broken_folder(tiny_folder: Path, tmp_path: Path) -> Path:
    """A copy of the checkpoint to damage."""
    return Path(shutil.copytree(tiny_folder, tmp_path / "broken"))


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "store")


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """No 16 bits: what is compared must agree closely."""
    from engine.vision import runtime

    def fp32(device: str) -> str:
        return "fp32"

    monkeypatch.setattr(runtime, "short_precision", fp32)


@pytest.fixture
def tiny(tiny_folder: Path, store: ModelStore) -> ClipModel:
    return open_clip(store.resolve(str(tiny_folder)))


@pytest.fixture(scope="session")
def reference(tiny_folder: Path) -> Callable[[Any, list[str]], Any]:
    """CLIPModel of transformers itself with its own processors, padded to the full length."""
    return load_reference(tiny_folder)
