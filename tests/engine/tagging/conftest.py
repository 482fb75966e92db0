"""A library of the demo's photos with their vectors, made once; each test has a copy."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tagging_scenes import DEMO, Scenes, make_scenes

from engine.catalog import Catalog
from engine.embedding_index import EmbeddingIndex
from engine.switching import InUse
from engine.tagging import Tagging
from engine.vision.clip import ClipModel, open_clip
from engine.vision.models import DEMO_MODEL_ID, ModelStore


@pytest.fixture(scope="session")
def demo_model(tmp_path_factory: pytest.TempPathFactory) -> ClipModel:
    store = ModelStore(tmp_path_factory.mktemp("models"))
    return open_clip(store.resolve(DEMO_MODEL_ID))


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory, demo_model: ClipModel) -> Path:
    """A catalog of the demo photos, and of scenes that fit no category of theirs."""
    folder = tmp_path_factory.mktemp("demo library")
    make_scenes(folder / "catalog.db", demo_model)
    return folder


@pytest.fixture
def catalog(made: Path, tmp_path: Path) -> Iterator[Catalog]:
    shutil.copy(made / "catalog.db", tmp_path / "catalog.db")
    opened = Catalog.open(tmp_path / "catalog.db")
    yield opened
    opened.close()


@pytest.fixture
def tagging(catalog: Catalog, demo_model: ClipModel, tmp_path: Path) -> Iterator[Tagging]:
    index = EmbeddingIndex(catalog, demo_model.space, tmp_path / "vectors")
    door = Tagging(catalog, lambda: InUse(demo_model, index), tmp_path)
    yield door
    door.close()


@pytest.fixture
def scenes(catalog: Catalog) -> Scenes:
    """What the photos show, by their ids."""
    truth = json.loads((DEMO / "photos.json").read_text(encoding="utf-8"))
    return Scenes(catalog, truth)
